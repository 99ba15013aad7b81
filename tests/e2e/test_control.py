# SPDX-License-Identifier: MIT
"""The control socket: what clients may ask, whatever else they send, and how slowly they read."""
import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from harness import PATIENCE, Api, Config, Daemon, is_sanitized, until

CRON, OTHER = "1 1 * * *", "2 2 * * *"


def connect(daemon: Daemon) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(PATIENCE)
    until(lambda: client.connect_ex(str(daemon.runtime / "control")) == 0, "the daemon listens")
    return client


def read_line(client: socket.socket) -> str:
    with client.makefile("r", encoding="utf-8") as file:
        return file.readline()


def ask(daemon: Daemon, request: str, **members: Any) -> dict[str, Any]:
    with connect(daemon) as client:
        client.sendall(json.dumps({"request": request, **members}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(read_line(client))
    return answer


def states(answer: dict[str, Any]) -> dict[int, str]:
    return {row["id"]: row["state"] for row in answer["integrations"]}


def start(config: Config, daemon: Daemon, *ids: int) -> None:
    for id in ids:
        config.set(id, CRON)
    config.save()
    daemon.start()
    daemon.accepted(*ids)


def test_reload_answers_when_the_files_are_in_force(
    api: Api, config: Config, daemon: Daemon
) -> None:
    start(config, daemon, 42)
    config.set(43, CRON).save()
    assert ask(daemon, "reload") == {"result": "in-force"}
    assert set(states(ask(daemon, "status"))) == {42, 43}
    config.save(config.text() + "nonsense")
    answer = ask(daemon, "reload")
    assert (answer["result"], answer["errors"]) == ("refused", 1)
    last = len(config.text().splitlines()) + 1
    assert answer["faults"][0]["line"] == last and answer["faults"][0]["severity"] == "error"
    status = ask(daemon, "status")
    assert status["config"]["state"] == "refused" and set(states(status)) == {42, 43}
    config.save()
    assert ask(daemon, "reload") == {"result": "in-force"}


def test_wait_takes_the_files_up_and_ends_when_they_are_settled(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    start(config, daemon, 42, 43)
    api.script(id=43, status=422)
    config.set(42, OTHER).set(43, OTHER).save()
    answer = ask(daemon, "wait", ids=[42, 43, 7])
    assert answer["result"] == "settled"
    assert states(answer) == {42: "in-sync", 43: "rejected", 7: "unknown"}
    assert states(ask(daemon, "wait")) == {43: "rejected"}
    api.script(id=42, hold="here")
    config.set(42, CRON).save()
    answer = ask(daemon, "wait", ids=[42], timeout_ms=100)
    assert answer["result"] == "timeout" and states(answer) == {42: "in-flight"}
    api.release("here")
    config.save("nonsense")
    assert ask(daemon, "wait")["result"] == "refused"


def test_push_sends_whatever_is_believed(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(43, CRON, paused=True)
    start(config, daemon, 42)
    answer = ask(daemon, "push", ids=[42, 43])
    assert {row["id"]: row["accepted"] for row in answer["integrations"]} == {42: True, 43: False}
    assert len(api.requests(id=42)) == 2 and not api.requests(id=43)


@pytest.mark.parametrize(
    "sent",
    [b"", b"\n", b"garbage\n", b"{", b'{"request":"wait"', b"\x00" * 60000, b"[" * 5000 + b"\n"],
    ids=["nothing", "blank", "garbage", "half", "half-request", "zeros", "deep"],
)
def test_garbage_is_harmless(api: Api, config: Config, daemon: Daemon, sent: bytes) -> None:
    start(config, daemon, 42)
    for _ in range(20):
        with connect(daemon) as client:
            client.sendall(sent)
    assert ask(daemon, "summary")["counts"]["in-sync"] == 1


def test_the_seventeenth_client_has_no_place(api: Api, config: Config, daemon: Daemon) -> None:
    start(config, daemon, 42)
    clients = [connect(daemon) for _ in range(16)]
    for client in clients:
        client.sendall(b'{"request":"summary"}\n')
        assert "counts" in json.loads(read_line(client))
    with connect(daemon) as late:
        assert json.loads(read_line(late)) == {"error": "too many clients", "code": 75}
    clients.pop().close()
    until(lambda: "counts" in ask(daemon, "summary"), "a place is free")
    for client in clients:
        client.close()


def test_slow_readers_hold_nothing_up(api: Api, config: Config, daemon: Daemon) -> None:
    for id in range(1, 3001):
        config.set(id, CRON, paused=True)
    start(config, daemon, 5000)
    slow = [connect(daemon) for _ in range(8)]
    for client in slow:
        client.sendall(b'{"request":"status"}\n' * 3)
    begun = time.monotonic()
    config.set(5000, OTHER).save()
    assert states(ask(daemon, "wait", ids=[5000])) == {5000: "in-sync"}
    assert time.monotonic() - begun < PATIENCE / 3
    for client in slow:
        assert len(json.loads(read_line(client))["integrations"]) == 3001
        client.close()


def test_a_client_that_hangs_up_frees_its_place(api: Api, config: Config, daemon: Daemon) -> None:
    start(config, daemon, 42)
    api.script(id=42, hold="here")
    config.set(42, OTHER).save()
    api.wait(1, id=42, done=False)
    for _ in range(40):
        with connect(daemon) as client:
            client.sendall(b'{"request":"wait"}\n')
    api.release("here")
    until(lambda: states(ask(daemon, "wait", ids=[42])) == {42: "in-sync"}, "it goes on")


def ask_as(daemon: Daemon, uid: int, request: str) -> dict[str, Any]:
    script = (
        "import socket,sys; c=socket.socket(socket.AF_UNIX); c.connect(sys.argv[1]);"
        "c.sendall(sys.argv[2].encode()+b'\\n'); print(c.makefile().readline())"
    )
    done = subprocess.run(
        ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--", "/usr/bin/python3"]
        + ["-c", script, str(daemon.runtime / "control"), json.dumps({"request": request})],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become other users")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv(1)")
@pytest.mark.parametrize("uid", [4711, 65534])
def test_others_may_look_and_not_act(
    api: Api, config: Config, daemon: Daemon, uid: int
) -> None:
    start(config, daemon, 42)
    config.save(config.text() + "nonsense")
    assert ask(daemon, "reload")["faults"][0]["excerpt"] is not None
    for directory in daemon.runtime.parents:
        if directory.stat().st_mode & 1 == 0:
            directory.chmod(directory.stat().st_mode | 1)
    status = ask_as(daemon, uid, "status")
    assert states(status) == {42: "in-sync"}
    assert "excerpt" not in status["config"]["faults"][0]
    for request in ("reload", "wait"):
        answer = ask_as(daemon, uid, request)
        assert answer == {"error": "this is for root and the user of the service", "code": 77}


def test_a_stop_answers_who_waits(api: Api, config: Config, daemon: Daemon) -> None:
    start(config, daemon, 42)
    api.script(id=42, hold="here")
    config.set(42, OTHER).save()
    api.wait(2, id=42)
    with connect(daemon) as client:
        client.sendall(b'{"request":"wait"}\n')
        time.sleep(0.2)
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGTERM)
        answer = json.loads(read_line(client))
    assert answer == {"error": "the daemon is stopping", "code": 75}
    api.release("here")
    assert daemon.end() == 0


def limit_files(daemon: Daemon, count: int) -> None:
    assert daemon.process is not None
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (count, 1024))


@pytest.mark.skipif(is_sanitized(), reason="the sanitizer needs descriptors itself")
def test_what_cannot_be_read_is_neither_bad_nor_empty(
    api: Api, config: Config, daemon: Daemon
) -> None:
    start(config, daemon, 42)
    limit_files(daemon, 3)
    config.set(42, OTHER).save()
    record = daemon.wait("config-unread")
    assert record["DFMODE_RETRY_SEC"] == 1 and "Too many open files" in record.message
    limit_files(daemon, 1024)
    daemon.accepted(42, after=daemon.records.index(record))
    assert not daemon.all("config-rejected") and not daemon.all("integration-removed")
    assert ask(daemon, "status")["config"]["state"] == "in-force"


@pytest.mark.skipif(is_sanitized(), reason="the sanitizer needs descriptors itself")
def test_a_daemon_that_cannot_take_a_client_runs(
    api: Api, config: Config, daemon: Daemon
) -> None:
    start(config, daemon, 42)
    limit = 32  # how many it has open is in /proc, but for root alone
    limit_files(daemon, limit)
    while limit > 3 and daemon.run("status").returncode == 0:
        limit -= 1
        limit_files(daemon, limit)
    for word, code in {"reload": 75, "status": 1, "wait": 1}.items():
        done = daemon.run(word)
        assert done.returncode == code and "out of file descriptors" in done.stderr, done
    limit_files(daemon, 1024)
    (record,) = daemon.all("control-failed")
    assert "Too many open files" in record.message
    assert daemon.run("status").returncode == 0


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["fifo", "directory"])
def test_another_kind_of_file_is_noticed(
    api: Api, config: Config, daemon: Daemon, make: Any
) -> None:
    start(config, daemon, 42)
    config.path.unlink()
    make(config.path)
    daemon.wait("config-rejected", where=lambda r: "not a regular file" in r.message)
    shutil.rmtree(config.path) if config.path.is_dir() else config.path.unlink()
    config.set(42, OTHER).save()
    assert states(ask(daemon, "wait", ids=[42])) == {42: "in-sync"}


class Gate:
    """The kernel asks us before it opens the file, and we do not answer (fanotify(7))."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.fanotify_init(4, 0)  # FAN_CLASS_CONTENT
        mark = libc.fanotify_mark
        mark.argtypes = [ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p]
        # FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD
        if self.fd < 0 or mark(self.fd, 1, 0x10000, -100, bytes(path)) != 0:
            pytest.skip("needs fanotify: " + os.strerror(ctypes.get_errno()))

    def close(self) -> None:
        os.close(self.fd)


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_a_load_that_hangs_keeps_no_stop_waiting(
    api: Api, config: Config, daemon: Daemon, first: bool
) -> None:
    if first:
        config.set(42, CRON).save()
    else:
        start(config, daemon, 42)
        config.set(42, OTHER)
        config.path.write_text(config.text())
    gate = Gate(config.path)
    try:
        if first:
            daemon.start(wait=False)
        else:
            daemon.signal(signal.SIGHUP)
        time.sleep(1)
        begun = time.monotonic()
        daemon.signal(signal.SIGTERM)
        assert daemon.end() == 0
        assert 1 < time.monotonic() - begun < 10
    finally:
        gate.close()
