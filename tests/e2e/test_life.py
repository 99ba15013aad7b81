# SPDX-License-Identifier: MIT
"""Starts, stops, crashes, and what is remembered."""
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from harness import PATIENCE, PROGRAM, Api, Config, Daemon, is_sanitized

FIRST, SECOND = "1 1 * * *", "2 2 * * *"


def test_restart_sends_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    daemon.stop()
    assert daemon.all("stopping")
    mark = daemon.mark()
    daemon.start()
    # Whatever the restart would send goes before what is added after it.
    config.set(44, FIRST).save()
    daemon.accepted(44, after=mark)
    assert len(api.requests()) == 3
    json.loads((daemon.state / "state.json").read_text())


def test_refused_edit_taken_back_while_stopped_is_quiet(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    config.set(42, "0 6 ? * mon-fri").save()
    daemon.wait("update-rejected", id=42)
    daemon.stop()
    config.set(42, FIRST).save()
    daemon.start()
    # Whatever the restart would send goes before what is added after it.
    config.set(44, FIRST).save()
    daemon.accepted(44)
    assert [request["id"] for request in api.requests()] == [42, 42, 44]


def test_edit_while_stopped_is_sent_at_start(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    daemon.stop()
    mark = daemon.mark()
    config.set(42, SECOND).save()
    daemon.start()
    daemon.accepted(42, after=mark)
    assert [request["id"] for request in api.requests()[2:]] == [42]


def test_kill_after_acceptance_repeats_at_most_once(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, FIRST).set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    daemon.kill()
    mark = daemon.mark()
    daemon.start()
    config.set(44, FIRST).save()
    daemon.accepted(44, after=mark)
    assert len(api.requests(id=42)) <= 2 and len(api.requests(id=43)) <= 2


def test_kill_in_flight_is_sent_again(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    daemon.kill()
    api.wait(1, id=42, done=True)
    mark = daemon.mark()
    daemon.start()
    daemon.accepted(42, after=mark)
    assert len(api.requests()) == 2


def test_kill_in_flight_then_taken_back_in_the_file(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """The state equals the file again, yet the server has the value whose answer never came."""
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    api.script(id=42, fault="stall", apply_after=0)
    config.set(42, SECOND).save()
    daemon.start()
    api.wait(2, id=42)
    daemon.kill()
    api.wait(2, id=42, done=True)
    assert api.crons() == {42: SECOND}
    mark = daemon.mark()
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42, after=mark)
    assert api.crons() == {42: FIRST}


def test_terminate_lets_a_request_finish(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, FIRST).set(43, FIRST).save()
    daemon.start()
    daemon.accepted(43)
    api.wait(1, id=42)
    daemon.signal(signal.SIGTERM)
    daemon.wait("stopping")
    api.release("first")
    assert daemon.end() == 0
    assert api.crons() == {42: FIRST, 43: FIRST}
    mark = daemon.mark()
    daemon.start()
    config.set(44, FIRST).save()
    daemon.accepted(44, after=mark)
    assert len(api.requests()) == 3, "the answer that came after SIGTERM must have been remembered"


def test_terminate_does_not_wait_for_ever(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, fault="stall")
    config.set(42, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    daemon.signal(signal.SIGTERM)
    assert daemon.end() == 0
    (request,) = api.wait(1, id=42, done=True)
    assert request["fate"] == "disconnected"
    mark = daemon.mark()
    daemon.start()
    daemon.accepted(42, after=mark)


def test_terminate_starts_nothing_new(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["api.max_in_flight"] = 1
    api.script(hold="first")
    for id in range(1, 6):
        config.set(id, FIRST)
    config.save()
    daemon.start()
    api.wait(1)
    daemon.signal(signal.SIGTERM)
    daemon.wait("stopping")
    api.release("first")
    assert daemon.end() == 0
    assert len(api.requests()) == 1


def test_interrupt_stops_too(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    daemon.signal(signal.SIGINT)
    assert daemon.end() == 0


def test_second_instance_stays_out(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    second = daemon.run("run")
    assert second.returncode == 75
    assert str(daemon.process.pid) in second.stderr or "running" in second.stderr
    assert len(api.requests()) == 1


def test_state_that_is_too_large_is_set_aside(api: Api, config: Config, daemon: Daemon) -> None:
    state = daemon.state / "state.json"
    with state.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    config.set(42, "0 6 * * *").save()
    daemon.start()
    record = daemon.wait("state-corrupt")
    assert f"'{state}' is larger than" in record["MESSAGE"]
    daemon.accepted(42)
    assert len(list(daemon.state.glob("state.json.corrupt-*"))) == 1


@pytest.mark.skipif(is_sanitized(), reason="the sanitizer needs descriptors itself")
@pytest.mark.parametrize("command", ["run", "apply", "plan"])
def test_without_descriptors_nothing_starts(
    api: Api, config: Config, daemon: Daemon, command: str
) -> None:
    config.set(42, FIRST).save()
    done = subprocess.run(
        [PROGRAM, "-c", str(config.path), command],
        env=daemon.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "error: cannot start the event loop: too many open files\n" in done.stderr
    assert not api.requests("*")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open the memory of one that is not dumpable")
def test_file_that_cannot_be_read_at_the_start_is_for_the_next_start(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """systemd starts it again after 75, and not after 78."""
    config.set(42, FIRST).save()
    config.path.unlink()
    config.path.symlink_to("/proc/self/mem")
    done = daemon.run("run")
    assert done.returncode == 75
    assert "cannot be read: Input/output error" in done.stderr
    assert not api.requests("*")


def test_second_instance_stays_out_of_a_directory_made_again(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, "0 6 * * *").save()
    daemon.start()
    daemon.accepted(42)
    shutil.rmtree(daemon.state)
    daemon.state.mkdir()
    for command in ("run", "apply"):
        done = daemon.run(command)
        assert done.returncode == 75, done
        assert daemon.process is not None
        assert f"already running as process {daemon.process.pid}" in done.stderr
    assert len(api.requests(id=42)) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version":99}', "\x00\x01", '{"version":1,"integrations":7}']
)
def test_corrupt_state_is_set_aside_and_all_sent_again(
    api: Api, config: Config, daemon: Daemon, text: str
) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    (daemon.state / "state.json").write_text(text)
    mark = daemon.mark()
    daemon.start()
    daemon.wait("state-corrupt", after=mark)
    daemon.accepted(42, after=mark)
    aside = list(daemon.state.glob("state.json.corrupt-*"))
    assert [path.read_text() for path in aside] == [text]
    assert len(api.requests()) == 2


def test_other_server_knows_nothing_yet(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    mark = daemon.mark()
    config.settings["api.url"] = api.url.replace("127.0.0.1", "localhost")
    config.save()
    daemon.accepted(42, after=mark)
    assert len(api.requests()) == 2


def test_files_are_private(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    assert (daemon.state / "state.json").stat().st_mode & 0o077 == 0


PENDING = (
    "import os, signal, sys; number = int(sys.argv[1]); signal.pthread_sigmask(signal.SIG_BLOCK, [number]);"
    "os.kill(os.getpid(), number); os.execv(sys.argv[2], sys.argv[2:])"
)


def start_with_pending(daemon: Daemon, number: int, **environment: str) -> None:
    """A signal waits from before the first line of the program on."""
    daemon.wrapper = [sys.executable, "-c", PENDING, str(number)]
    daemon.start(wait=False, **environment)


def test_hangup_during_the_first_load_is_a_reload_after_it(
    config: Config, daemon: Daemon, tmp_path: Path
) -> None:
    config.settings["api.url"] = "http://127.0.0.1:1"
    config.set(42, FIRST).save()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        start_with_pending(daemon, signal.SIGHUP, NOTIFY_SOCKET=str(tmp_path / "notify"))
        messages = b""
        while b"RELOADING=1" not in messages:
            messages += manager.recv(4096)
    assert messages.index(b"READY=1") < messages.index(b"RELOADING=1")
    daemon.stop()


def test_term_during_the_first_load_is_a_stop_after_it(config: Config, daemon: Daemon) -> None:
    config.settings["api.url"] = "http://127.0.0.1:1"
    config.set(42, FIRST).save()
    start_with_pending(daemon, signal.SIGTERM)
    assert daemon.end() == 0
    assert daemon.all("stopping")


def test_signals_are_blocked_before_any_file_is_read(config: Config, daemon: Daemon, tmp_path: Path) -> None:
    if is_sanitized() or not shutil.which("strace"):
        pytest.skip("no strace, or a sanitized program, which it slows down too much")
    config.set(42, FIRST).save()
    trace = tmp_path / "trace"
    calls = ["strace", "-o", str(trace), "-e", "trace=rt_sigprocmask,openat"]
    done = subprocess.run(
        [*calls, PROGRAM, "-c", str(config.path), "run", "--no-such-option"], capture_output=True
    )
    assert done.returncode == 64  # main's first lines are enough
    lines = trace.read_text().splitlines()
    blocked = next(i for i, line in enumerate(lines) if re.search(r"SIG_BLOCK, \[HUP.* TERM\]", line))
    opened = [line for line in lines[:blocked] if "openat" in line and not re.search(r"\.so|ld\.so|/proc|/sys", line)]
    assert opened == []