# SPDX-License-Identifier: MIT
"""What the daemon shows of itself over its socket, and the command that asks it."""
import fcntl
import json
import os
import pty
import re
import signal
import socket
import stat
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional

from harness import CANARY, KEY, PROGRAM, Api, Config, Daemon, until, usual_file

CRON, REFUSED = "0 6 * * *", "0 6 ? * mon-fri"


def shown(daemon: Daemon) -> dict[str, Any]:
    """The document of `status --json`, by the socket itself, which is quicker."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(daemon.runtime / "control"))
        client.sendall(b'{"request":"status"}\n')
        with client.makefile("rb") as stream:
            return json.loads(stream.readline())


def wait_shown(daemon: Daemon, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    def look() -> Optional[dict[str, Any]]:
        status = shown(daemon)
        return status if holds(status) else None

    return until(look, "the status says so")


def states(status: dict[str, Any]) -> dict[int, str]:
    return {entry["id"]: entry["state"] for entry in status["integrations"]}


def wait_states(daemon: Daemon, **wanted: str) -> dict[str, Any]:
    expected = {int(key.lstrip("i")): state for key, state in wanted.items()}
    return wait_shown(daemon, lambda status: states(status) == expected)


def row(table: str, id: int) -> str:
    (line,) = [line for line in table.splitlines() if line.startswith(f"{id} ")]
    return line


def test_many_are_streamed_whole_while_the_files_change(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """The answer is put together in pieces; a reload may come between any two of them."""
    many = range(1, 12_002)
    for id in many:
        config.set(id, CRON, paused=True)
    config.save()
    daemon.start()
    wait_shown(daemon, lambda status: set(states(status).values()) == {"paused"})
    for gone in range(1, 6):
        del config.integrations[gone * 2000]
        config.set(many[-1] + gone, CRON, paused=gone < 5)
        config.save()
        time.sleep(0.05 * gone)  # the pieces of the one before are made now, or are not
    daemon.accepted(many[-1] + 5)
    expected = {id: "paused" for id in sorted(config.integrations)}
    expected[many[-1] + 5] = "in-sync"
    status = wait_shown(daemon, lambda status: states(status) == expected)
    assert status["counts"]["paused"] == len(expected) - 1
    assert [entry["id"] for entry in status["integrations"]] == sorted(expected)


def test_all_in_sync_is_zero(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON, name="Mode: Finance").set(43, False).set(44, CRON, paused=True).save()
    daemon.start()
    daemon.accepted(42, 43)
    status = wait_states(daemon, i42="in-sync", i43="in-sync", i44="paused")
    assert daemon.process is not None
    assert status["pid"] == daemon.process.pid and status["config"]["file"] == str(config.path)
    assert status["url"] == api.url and status["gate"]["state"] == "open"
    assert status["config"]["state"] == "in-force" and not status["state_failing"] and not status["stopping"]
    assert abs(status["written_at"] - time.time()) < 60
    first, second, third = status["integrations"]
    assert first["accepted_cron"] == CRON and abs(first["accepted_at"] - time.time()) < 60
    assert second["accepted_cron"] is None and second["accepted_at"] is not None
    assert third["accepted_at"] is None
    done = daemon.run("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"; process {daemon.process.pid}, up " in done.stdout
    assert "2 of 3 in sync, 1 paused (44)" in done.stdout
    line = row(done.stdout, 42)
    run = r"\w{3} \d\d-\d\d 06:00"
    assert re.match(rf"42  Mode: Finance  0 6 \* \* \*  {run}  in-sync  (just now|.* ago)$", line)
    assert re.match(r"44  - +0 6 \* \* \*  - +paused   never$", row(done.stdout, 44))
    assert "\x1b" not in done.stdout
    done = daemon.run("status", "--json")
    assert done.returncode == 0 and states(json.loads(done.stdout)) == states(status)


def test_ready_means_that_the_socket_answers(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    path = daemon.directory / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(30)
        daemon.start(wait=False, NOTIFY_SOCKET=str(path))
        while b"READY=1" not in manager.recv(4096):
            pass
        assert 42 in states(shown(daemon))


def test_rejected_and_waiting_are_told_with_what_is_next(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.settings["retry.first"] = config.settings["retry.max"] = "30min"
    api.script(id=43, times=9, status=503)
    config.set(42, REFUSED).set(43, CRON).set(44, CRON).save()
    daemon.start()
    status = wait_states(daemon, i42="rejected", i43="waiting", i44="in-sync")
    rejected, waiting, _ = status["integrations"]
    assert rejected["field"] == "indexing_cron" and rejected["attempts"] == 1
    assert rejected["last_error"].startswith("422 body.indexing_cron: invalid cron expression")
    assert 1790 <= rejected["next_at"] - time.time() <= 3600
    assert waiting["field"] is None and waiting["last_error"].startswith("503 ")
    assert 890 <= waiting["next_at"] - time.time() <= 1800
    assert status["counts"]["rejected"] == status["counts"]["waiting"] == 1
    done = daemon.run("status")
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 of 3 in sync, 1 rejected (42 indexing_cron), 1 waiting (43)" in done.stdout
    assert re.search(r"  rejected  never +in \d+min( \d+s)?$", row(done.stdout, 42))
    assert re.search(r"  waiting   never +in \d+min( \d+s)?$", row(done.stdout, 43))
    place = f"{config.path}:{config.line(42, 'indexing_cron')}"
    reason = r"422 body\.indexing_cron: invalid cron expression \(\w+\)"
    later = r"; attempt 1, next try in \d+min( \d+s)?$"
    assert re.search(rf"^{place}: integration 42 is rejected: {reason}{later}", done.stdout, re.M)
    assert re.search(rf"^{config.path}:\d+: integration 43 is waiting: 503 .*{later}", done.stdout, re.M)
    some = daemon.run("status", "44")
    assert some.returncode == 0 and "integration 4" not in some.stdout
    assert daemon.run("status", "42", "44").returncode == 1
    assert states(json.loads(daemon.run("status", "--json", "44", "43").stdout)).keys() == {43, 44}
    missing = daemon.run("status", "44", "45")
    assert missing.returncode == 1
    assert missing.stderr == "integration 45 is not in the configuration in force\n"
    config.set(42, CRON).save()
    wait_states(daemon, i42="in-sync", i43="waiting", i44="in-sync")


def test_parked_waits_for_a_change(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["retry.rejected_limit"] = 1
    config.set(42, REFUSED).save()
    daemon.start()
    status = wait_states(daemon, i42="parked")
    assert status["integrations"][0]["next_at"] is None
    done = daemon.run("status")
    assert done.returncode == 1
    assert "  after a change" in row(done.stdout, 42)
    assert re.search(r"422 body.indexing_cron.*; attempt 1, next try after a change$", done.stdout, re.M)


def test_closed_gate_tells_of_its_probe(api: Api, config: Config, daemon: Daemon) -> None:
    api.script({"times": 9, "status": 401}, {"method": "GET", "times": 9, "status": 401})
    config.set(42, CRON).save()
    daemon.start()
    status = wait_shown(daemon, lambda status: status["gate"]["state"] == "auth")
    assert 0 < status["gate"]["next_probe_at"] - time.time() <= 61
    done = daemon.run("status")
    assert done.returncode == 1
    assert "; the API key is refused\n" in done.stdout
    probes = r"^nothing is sent but probes: the next goes in [\dmins ]+, 0 failed$"
    assert re.search(probes, done.stdout, re.M)
    assert row(done.stdout, 42).endswith("  after the probe")
    assert re.search(r"42 is \w+: 401 .*next try after the probe$", done.stdout, re.M)
    api.clear_scripts()
    config.secret("api-key", KEY + "-new")
    status = wait_states(daemon, i42="in-sync")
    gate = status["gate"]
    assert gate["state"] == "open" and gate["next_probe_at"] is None


def test_refused_file_is_shown_until_it_is_corrected(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    daemon.start()
    wait_states(daemon, i42="in-sync")
    good = config.text()
    config.save(good.replace('"0 6 * * *"', '"0 25 * * *"').replace("rate_limit", "rate_limt"))
    status = wait_shown(daemon, lambda status: status["config"]["state"] == "refused")
    assert status["config"]["errors"] == 2
    first = status["config"]["faults"][0]
    assert first["file"] == str(config.path) and first["message"].startswith("api.rate_limt: unknown")
    done = daemon.run("status")
    assert done.returncode == 1
    assert "the files have changed and are refused, 2 errors; what was loaded before" in done.stdout
    assert f"\n  {config.path}:{first['line']}:{first['column']}: api.rate_limt: " in done.stdout
    assert "  in-sync  " in row(done.stdout, 42)
    config.save(good)
    wait_shown(daemon, lambda status: status["config"]["state"] == "in-force")
    assert daemon.run("status").returncode == 0


def test_files_that_are_touched_or_read_again_change_nothing(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """Whenever one asks: while a rescan finds what was only touched, is quiet for it, and reads it."""
    config.settings["watch.settle"] = "50ms"
    config.settings["watch.sweep"] = "50ms"
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    wait_states(daemon, i42="in-sync")
    ended = threading.Event()

    def touch() -> None:
        while not ended.wait(0.1):
            os.utime(config.path)

    toucher = threading.Thread(target=touch)
    toucher.start()
    try:
        codes = {daemon.run("status").returncode for _ in range(60)}
    finally:
        ended.set()
        toucher.join()
    assert codes == {0}


def test_a_change_that_is_not_loaded_yet_is_shown(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["watch.settle"] = "20s"
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    config.set(42, "30 7 * * *").save()
    done = daemon.run("status")
    assert done.returncode == 1
    assert "the files have changed and are not in force yet\n" in done.stdout


def test_not_running_after_stop(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    assert daemon.run("status").returncode == 3
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    assert not list(daemon.runtime.iterdir())
    for words in (("status",), ("status", "--json")):
        done = daemon.run(*words)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith("not running: ")


def test_an_instance_is_named_by_its_file(daemon: Daemon) -> None:
    """Where the service manager says nothing of directories, as in an operator's shell."""
    by_hand = {"STATE_DIRECTORY": "", "RUNTIME_DIRECTORY": ""}
    done = daemon.run("-c", f"{usual_file().with_suffix('')}/not-here.conf", "status", **by_hand)
    assert done.returncode == 3
    assert " /run/dfmode-sync-not-here/control: " in done.stderr, done.stderr


def test_not_running_after_kill(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    wait_states(daemon, i42="in-sync")
    daemon.kill()
    assert (daemon.runtime / "control").is_socket()
    done = daemon.run("status")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("not running: nothing listens at ")
    daemon.start()
    wait_shown(daemon, lambda status: status["pid"] == daemon.process.pid)
    wait_states(daemon, i42="in-sync")
    assert daemon.run("status").returncode == 0


def test_stopping_is_shown(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, CRON).save()
    daemon.start()
    api.wait(1, id=42)
    daemon.signal(signal.SIGTERM)
    wait_shown(daemon, lambda status: status["stopping"])
    assert ", stopping\n" in daemon.run("status").stdout
    api.release("first")
    assert daemon.end() == 0


def test_others_may_ask_and_no_secret_is_in_it(
    api: Api, config: Config, daemon: Daemon
) -> None:
    echo = {"detail": [{"loc": ["body", "token"], "msg": "$BODY " + KEY, "type": "t"}]}
    api.script(id=42, times=9, status=422, json=echo)
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.set(42, CRON).save()
    daemon.start()
    wait_states(daemon, i42="rejected")
    path = daemon.runtime / "control"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    table, document = daemon.run("status"), daemon.run("status", "--json")
    for text in (table.stdout, document.stdout):
        assert CANARY not in text and "[redacted]" in text


def test_no_directory_for_the_socket_ends_the_start(config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    directory = str(daemon.directory / "file" / "below")
    (daemon.directory / "file").touch()
    daemon.start(wait=False, RUNTIME_DIRECTORY=directory)
    assert daemon.end() == 1
    assert daemon.records[-1].message == (
        f"cannot create '{directory}': Not a directory; $RUNTIME_DIRECTORY names another directory"
    )


def test_a_long_path_of_the_socket_ends_the_start(config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    directory = str(daemon.directory / ("x" * 100))
    daemon.start(wait=False, RUNTIME_DIRECTORY=directory)
    assert daemon.end() == 1
    assert "is longer than 107 bytes" in daemon.records[-1].message


def test_missing_directory_is_made(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.runtime.rmdir()
    daemon.start()
    daemon.accepted(42)
    wait_states(daemon, i42="in-sync")


def on_terminal(daemon: Daemon, **environment: str) -> str:
    """What the command prints on a terminal of 100 columns."""
    near, far = pty.openpty()
    done = subprocess.run(
        [PROGRAM, "status"],
        env=daemon.environment(TERM="xterm", COLUMNS="100", **environment),
        stdin=subprocess.DEVNULL,
        stdout=far,
        stderr=subprocess.PIPE,
    )
    os.close(far)
    text = b""
    try:
        while more := os.read(near, 65536):
            text += more
    except OSError:
        pass
    os.close(near)
    assert done.stderr == b""
    return text.decode().replace("\r\n", "\n")


def test_terminal_gets_colour_and_a_table_that_fits(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    api.script(id=42, times=9, status=422, json={"detail": "x" * 200})
    config.set(42, CRON, name="n" * 90).save()
    daemon.start()
    wait_states(daemon, i42="rejected")
    assert "\x1b[31mrejected\x1b[0m" in row(on_terminal(daemon), 42)
    plain = on_terminal(daemon, NO_COLOR="1")
    assert "\x1b" not in plain and len(row(plain, 42)) <= 100 and "n…" in row(plain, 42)
    assert "x" * 200 in plain


class Terminal:
    """`status --watch` on a terminal of our own, and all that it drew so far."""

    def __init__(self, daemon: Daemon, lines: int, columns: int) -> None:
        self.near, far = pty.openpty()
        self.resize(lines, columns)
        self.before = termios.tcgetattr(far)
        self.drawn = b""
        self.process = subprocess.Popen(
            [PROGRAM, "-c", str(daemon.config.path), "status", "--watch"],
            env=daemon.environment(TERM="xterm"),
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.far = far
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        try:
            while more := os.read(self.near, 65536):
                self.drawn += more
        except OSError:
            pass

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.near, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def pictures(self) -> list[list[str]]:
        """The lines of each picture that is whole, without colours."""
        parts = re.findall(r"\x1b\[H(.*?)\x1b\[J", self.drawn.decode(), re.S)
        return [re.sub(r"\x1b\[[0-9]*[mK]", "", part).split("\r\n") for part in parts]

    def wait(self, holds: Callable[[list[str]], Any]) -> list[str]:
        def look() -> Optional[list[str]]:
            last = self.pictures()[-1:]
            return last[0] if last and holds(last[0]) else None

        return until(look, "the terminal shows it")

    def end(self) -> int:
        """Wait for the end; what the terminal was set to is set again."""
        status = self.process.wait(30)
        assert termios.tcgetattr(self.far) == self.before
        os.close(self.far)
        self.reader.join(30)
        os.close(self.near)
        assert self.drawn.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l")
        return status


def test_watch_draws_what_fits_and_goes_on(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    for id in range(1, 31):
        config.set(id, REFUSED if id in (20, 30) else CRON)
    config.save()
    daemon.start()
    wait_shown(daemon, lambda s: s["counts"]["in-sync"] == 28 and s["counts"]["rejected"] == 2)
    terminal = Terminal(daemon, 12, 100)
    lines = terminal.wait(lambda lines: len(lines) == 12)
    assert [line.split()[0] for line in lines[3:8]] == ["ID", "20", "30", "1", "2"]
    assert lines[8] == "… and 26 more, all in sync"
    assert "integration 20 is rejected: 422" in lines[10]
    assert "integration 30 is rejected: 422" in lines[11]
    assert all(len(line) <= 100 for line in lines[3:9])
    terminal.resize(50, 100)
    lines = terminal.wait(lambda lines: len(lines) > 12)
    assert [line.split()[0] for line in lines[4:34]] == [str(id) for id in range(1, 31)]
    for id in (20, 30):
        config.set(id, CRON)
    config.save()
    terminal.wait(lambda lines: "30 of 30 in sync" in lines[0])
    daemon.stop()
    terminal.wait(lambda lines: lines[0].startswith("not running: "))
    os.write(terminal.near, b"\x03")
    assert terminal.end() == 0


def test_watch_gives_the_terminal_back_while_it_is_stopped(
    config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    terminal = Terminal(daemon, 24, 80)
    terminal.wait(lambda lines: lines)
    terminal.process.send_signal(signal.SIGTSTP)
    stat = Path(f"/proc/{terminal.process.pid}/stat")
    until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T", "it is stopped")
    until(lambda: terminal.drawn.endswith(b"\x1b[?1049l"), "the screen is the shell's")
    assert termios.tcgetattr(terminal.far) == terminal.before
    count = len(terminal.pictures())
    terminal.process.send_signal(signal.SIGCONT)
    until(lambda: len(terminal.pictures()) > count, "it is drawn again")
    assert terminal.drawn.count(b"\x1b[?1049h") == 2
    assert termios.tcgetattr(terminal.far) != terminal.before
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 0


def test_watch_ends_with_a_signal(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start()
    terminal = Terminal(daemon, 24, 80)
    terminal.wait(lambda lines: lines)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 0


def test_watch_needs_a_terminal(api: Api, config: Config, daemon: Daemon) -> None:
    for words in (("--watch",), ("--watch", "--json")):
        done = daemon.run("status", *words)
        assert (done.returncode, done.stdout) == (64, "")
        assert done.stderr.startswith("dfmode-sync: status: --watch ")
