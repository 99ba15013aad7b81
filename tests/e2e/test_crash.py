# SPDX-License-Identifier: MIT
"""kill -9: at random moments of a sync, and at each call that writes the state.

DFMODE_CRASH_ROUNDS  how many random kills (default 10)
DFMODE_CRASH_SEED    replays what a failed run printed
"""
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from harness import Api, Config, Daemon, until

ROUNDS = int(os.environ.get("DFMODE_CRASH_ROUNDS", "10"))
IDS = range(1, 51)
# Few, so that an edit often takes back the one before.
CRONS = ("1 1 * * *", "2 2 * * *", "3 3 * * *")
BEFORE, AFTER = CRONS[:2]
STATE = "state.json"


def wanted(config: Config) -> dict[int, Any]:
    return {id: given["indexing_cron"] for id, given in config.integrations.items()}


def converges(api: Api, config: Config, daemon: Daemon) -> None:
    until(lambda: api.crons() == wanted(config) or not daemon.running(), "the server has the file")
    assert daemon.running(), daemon.story("it ended")


def remembered(daemon: Daemon) -> dict[int, Any]:
    text = (daemon.state / STATE).read_text()
    return {entry["id"]: entry for entry in json.loads(text)["integrations"]}


def state_is_whole(daemon: Daemon) -> None:
    path = daemon.state / STATE
    if path.exists():
        json.loads(path.read_text())
    assert not daemon.all("state-corrupt")
    assert not list(daemon.state.glob("*.corrupt-*"))


class Server:
    """The values that the server took, told apart by the crash that they came after."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.seen = 0
        self.last: dict[int, str] = {}
        self.repeated: list[dict[int, int]] = []

    def count(self) -> None:
        """Call after a crash, or at the end: what came since the crash before it is counted."""
        records = self.api.requests(after=self.seen)
        self.seen += len(records)
        repeated: dict[int, int] = {}
        for record in records:
            if record["applied"] is None:
                continue
            id, value = record["id"], record["raw"]
            if self.last.get(id) == value:
                repeated[id] = repeated.get(id, 0) + 1
            self.last[id] = value
        self.repeated.append(repeated)

    def check(self) -> None:
        assert not self.repeated[0], "repeated without a crash"
        for number, repeated in enumerate(self.repeated):
            assert all(count <= 1 for count in repeated.values()), (number, repeated)


def edit(config: Config, dice: random.Random) -> None:
    for id in dice.sample(IDS, dice.randint(1, len(IDS))):
        config.set(id, dice.choice(CRONS))
    config.save()


@pytest.mark.slow
@pytest.mark.timeout(60 + 5 * ROUNDS)
def test_killed_at_random_moments(api: Api, config: Config, daemon: Daemon) -> None:
    seed = int(os.environ.get("DFMODE_CRASH_SEED", random.randrange(1 << 32)))
    print(f"DFMODE_CRASH_SEED={seed} DFMODE_CRASH_ROUNDS={ROUNDS}")
    dice = random.Random(seed)
    # Wide enough that a kill meets requests in flight as often as a write of the state.
    api.script(times=0, delay=0.002)
    config.settings["watch.settle"] = "5ms"
    for id in IDS:
        config.set(id, BEFORE)
    config.save()
    server = Server(api)
    daemon.start()
    for _ in range(ROUNDS):
        for _ in range(dice.randint(1, 3)):
            edit(config, dice)
            time.sleep(dice.uniform(0, 0.12))
        daemon.kill()
        server.count()
        state_is_whole(daemon)
        if dice.random() < 0.5:
            edit(config, dice)
        daemon.start()
        if dice.random() < 0.7:
            converges(api, config, daemon)
    converges(api, config, daemon)
    # The server may have it all before what carries a mark has been sent again.
    until(lambda: not any(e["intended"] for e in remembered(daemon).values()), "no mark is left")
    daemon.stop()
    server.count()
    server.check()
    rest(api, config, daemon)
    total = sum(sum(repeated.values()) for repeated in server.repeated)
    print(f"{ROUNDS} kills, {server.seen} PUTs, {total} of them repeated")


def rest(api: Api, config: Config, daemon: Daemon) -> None:
    """After all that a restart sends nothing: what it would send goes before what is added."""
    before = len(api.requests())
    mark = daemon.mark()
    daemon.start()
    config.set(99, BEFORE).save()
    daemon.accepted(99, after=mark)
    assert len(api.requests()) == before + 1


# ---- At each call.


def strace(daemon: Daemon, paths: list[str], inject: str) -> list[str]:
    """The tracer stands aside (-D), so that the daemon stays the child of the test. Calls are
    counted by thread, so there may be only one that writes."""
    words = ["strace", "-D", "-f", "-qq", "-o", str(daemon.directory / "trace")]
    for path in paths:
        words += ["-P", path]
    call = inject.partition(":")[0]
    return words + ["-e", f"trace={call}", "-e", f"inject={inject}"]


# As the daemon does: from then on only root's tracer can tell which files its calls are about.
PROBE = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
try:
    os.write(fd, b"x")
except OSError as error:
    print(error.strerror)
"""


@pytest.fixture(scope="session")
def tracer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Find out whether calls can be made to fail by the file they are about."""
    if shutil.which("strace") is None:
        pytest.skip("no strace")
    path = str(tmp_path_factory.mktemp("probe") / "file")
    words = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", path]
    words += ["-e", "trace=write", "-e", "inject=write:error=ENOSPC:when=1..2"]
    words += [sys.executable, "-c", PROBE, path]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    if done.stdout != os.strerror(errno.ENOSPC) + "\n":
        why = done.stderr.strip()[:200] or "not of a process that is not dumpable, but as root"
        pytest.skip("strace cannot make calls fail here: " + why)


def settle(api: Api, config: Config, daemon: Daemon) -> None:
    """42 and 43 have been accepted, that is on disk, and nobody runs."""
    config.set(42, BEFORE).set(43, BEFORE).save()
    daemon.start()
    daemon.accepted(42, 43)
    daemon.stop()


def is_remembered(daemon: Daemon, cron: str) -> bool:
    """The last write that an accepted edit of 42 causes has been made."""
    entry = remembered(daemon)[42]
    return entry["indexing_cron"] == cron and not entry["intended"]


# The least number of such calls on the way from an edit to its being remembered: the mark, and what
# was accepted. The four of openat are of the start already.
LEAST = {"openat": 4, "write": 2, "fsync": 4, "renameat": 2, "fchmod": 2, "unlinkat": 2}


def live_under(daemon: Daemon, config: Config, inject: str, cron: str) -> bool:
    """Start, edit, stop, and either be killed on the way or survive; False if it was killed."""
    path = str(daemon.state)
    daemon.wrapper = strace(daemon, [path, f"{path}/.{STATE}.tmp"], inject)
    mark = daemon.mark()
    daemon.start(wait=False, UV_THREADPOOL_SIZE="1")
    daemon.wrapper = []
    until(lambda: daemon.all("config-loaded", after=mark) or not daemon.running(), "it starts")
    config.set(42, cron).save()
    until(lambda: is_remembered(daemon, cron) or not daemon.running(), "it remembers")
    if daemon.running():
        daemon.signal(signal.SIGTERM)
    status = daemon.end()
    assert status in (0, -signal.SIGKILL), daemon.story("it ended otherwise")
    return status == 0


@pytest.mark.slow
@pytest.mark.parametrize("then", ["stays", "taken-back"])
@pytest.mark.parametrize("call", LEAST)
def test_killed_at_each_call_that_writes_the_state(
    tracer: None, api: Api, config: Config, daemon: Daemon, call: str, then: str
) -> None:
    settle(api, config, daemon)
    server = Server(api)
    server.count()
    killed = 0
    while not live_under(daemon, config, f"{call}:signal=KILL:when={killed + 1}", AFTER):
        killed += 1
        assert killed < 40, "it never survives"
        server.count()
        state_is_whole(daemon)
        if then == "taken-back":
            config.set(42, BEFORE).save()
        finish(api, config, daemon)
        if then == "stays":
            config.set(42, BEFORE).save()
            finish(api, config, daemon)
    assert killed >= LEAST[call], f"it made only {killed} calls of {call}"
    state_is_whole(daemon)
    server.count()
    server.check()


def finish(api: Api, config: Config, daemon: Daemon) -> None:
    daemon.start()
    converges(api, config, daemon)
    until(lambda: is_remembered(daemon, wanted(config)[42]), "it remembers")
    daemon.stop()


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS"])
@pytest.mark.parametrize("call", ["openat", "write", "fsync", "renameat"])
def test_write_of_the_state_that_fails(
    tracer: None, api: Api, config: Config, daemon: Daemon, call: str, error: str
) -> None:
    settle(api, config, daemon)
    path = daemon.state / STATE
    old = path.read_bytes()
    name = f".{STATE}.tmp"
    inject = f"{call}:error={error}:when=1..2"
    daemon.wrapper = strace(daemon, [name, str(daemon.state / name)], inject)
    daemon.start(UV_THREADPOOL_SIZE="1")
    for id in (42, 43):
        mark = daemon.mark()
        config.set(id, AFTER).save()
        daemon.accepted(id, after=mark)
        assert path.read_bytes() == old and not (daemon.state / name).exists()
    (told,) = daemon.all("state-write-failed")
    assert told["PRIORITY"] == 4 and os.strerror(getattr(errno, error)) in told.message
    mark = daemon.mark()
    config.set(42, CRONS[2]).save()
    again = daemon.wait("state-write-failed", after=mark)
    assert again["PRIORITY"] == 5 and "written again" in again.message
    daemon.accepted(42, after=mark)
    daemon.kill()
    daemon.wrapper = []
    assert len(daemon.all("state-write-failed")) == 2
    state_is_whole(daemon)
    server = Server(api)
    server.count()
    daemon.start()
    until(lambda: is_remembered(daemon, CRONS[2]), "it remembers")
    daemon.stop()
    server.count()
    server.check()
    rest(api, config, daemon)


def test_killed_while_the_disk_is_full(
    tracer: None, api: Api, config: Config, daemon: Daemon
) -> None:
    """Nothing of the edit is on disk; the file still has it, so it goes once more."""
    settle(api, config, daemon)
    daemon.wrapper = strace(daemon, [str(daemon.state / f".{STATE}.tmp")], "write:error=ENOSPC")
    daemon.start()
    config.set(42, AFTER).save()
    daemon.wait("update-accepted", id=42, where=lambda record: record["DFMODE_CRON"] == AFTER)
    daemon.kill()
    daemon.wrapper = []
    state_is_whole(daemon)
    mark = daemon.mark()
    daemon.start()
    daemon.accepted(42, after=mark)
    daemon.stop()
    rest(api, config, daemon)
    assert [request["body"]["indexing_cron"] for request in api.requests(id=42)] == [
        BEFORE,
        AFTER,
        AFTER,
    ]
