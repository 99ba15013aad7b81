# SPDX-License-Identifier: MIT
"""`apply` among people: its line on a terminal, signals, a kill in the middle, and its document."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from harness import PATIENCE, PROGRAM, Api, Config, Daemon, die_with_parent, until
from test_apply import CRON, several


class Terminal:
    """The program on a terminal of its own, and what a person sees there."""

    def __init__(self, daemon: Daemon, *words: str, columns: int = 100, **env: str) -> None:
        self.daemon = daemon
        self.master, slave = pty.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.columns = columns
        self.text = ""
        self.process = subprocess.Popen(
            [PROGRAM, "-c", str(daemon.config.path), *words],
            env=daemon.environment(TERM="xterm", **env),
            cwd=daemon.directory,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=die_with_parent,
        )
        os.close(slave)

    def read(self, until_seen: str = "") -> str:
        """All until the text is seen, or until the end."""
        end = time.monotonic() + PATIENCE
        while not until_seen or until_seen not in self.text:
            assert time.monotonic() < end, self.text
            if not select.select([self.master], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                break
            self.text += piece.decode("utf-8", "replace")
        return self.text

    def end(self) -> int:
        self.read()
        os.close(self.master)
        self.daemon.output.append(self.text)
        return self.process.wait(PATIENCE)

    def screen(self) -> list[str]:
        """What is left standing when all is drawn."""
        lines, column = [""], 0
        for part in re.findall(r"\r|\n|\x1b\[K|[^\r\n\x1b]", self.text):
            if part == "\r":
                column = 0
            elif part == "\n":
                lines.append("")
            elif part == "\x1b[K":
                lines[-1] = lines[-1][:column]
            else:
                lines[-1] = lines[-1][:column] + part + lines[-1][column + 1 :]
                column += 1
                assert column < self.columns or not self.drawn_by_us(lines[-1]), lines[-1]
        return lines

    @staticmethod
    def drawn_by_us(line: str) -> bool:
        return re.match(r"\d+/\d+ done", line) is not None


def test_terminal_shows_one_line_and_leaves_nothing(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.first"] = config.settings["retry.max"] = "300ms"
    api.script(id=3, status=503, times=2, json={"detail": "busy"})
    api.script(id=4, status=422, json={"detail": "no"})
    several(config, 5)
    terminal = Terminal(daemon, "apply")
    assert terminal.end() == 1
    drawn = re.findall(r"\r(\d+/\d+ done[^\r\x1b]*)\x1b\[K", terminal.text)
    assert any(
        re.fullmatch(
            r"4/5 done, 1 rejected, gives up in 2min, retrying 1 in \S+ \(integration 3: 503 busy\)",
            line,
        )
        for line in drawn
    ), drawn
    screen = terminal.screen()
    assert not any("done" in line for line in screen), screen
    assert screen[-1] == "" and screen[-2].startswith("4 accepted, 1 rejected, 0 unanswered in ")
    assert not any("accepted '" in line for line in screen), "what went well is no line there"
    assert any(re.match(r"\d\d:\d\d:\d\d error: integration 4 ", line) for line in screen)
    assert any(re.match(r"\d\d:\d\d:\d\d warning: integration 3 ", line) for line in screen)


@pytest.mark.parametrize("env", [{}, {"COLUMNS": "200"}], ids=["alone", "beside-COLUMNS"])
def test_narrow_terminal_is_not_overrun(
    api: Api, config: Config, daemon: Daemon, env: dict[str, str]
) -> None:
    config.settings["retry.first"] = config.settings["retry.max"] = "200ms"
    api.script(id=1, status=503, times=2, json={"detail": "日本語 " * 20})
    several(config, 3)
    terminal = Terminal(daemon, "apply", columns=24, **env)
    assert terminal.end() == 0
    drawn = re.findall(r"\r(\d+/\d+ done[^\r\x1b]*)\x1b\[K", terminal.text)
    assert drawn and all(len(line) < 24 for line in drawn)
    assert any(line.endswith("…") for line in drawn), drawn
    assert not any("done" in line for line in terminal.screen())


@pytest.mark.parametrize("words, env", [(["--log=json"], {}), ([], {"TERM": "dumb"})])
def test_no_line_where_none_is_wanted(
    api: Api, config: Config, daemon: Daemon, words: list[str], env: dict[str, str]
) -> None:
    several(config, 3)
    terminal = Terminal(daemon, *words, "apply")
    if env:
        terminal.end()
        config.set(1, "1 1 * * *").save()
        environment = {**daemon.environment(), **env}
        master, slave = pty.openpty()
        done = subprocess.run(
            [PROGRAM, "-c", str(config.path), "apply"],
            env=environment, stdin=slave, stdout=slave, stderr=slave, timeout=PATIENCE,
        )  # fmt: skip
        os.close(slave)
        text = os.read(master, 65536).decode()
        os.close(master)
        assert done.returncode == 0
    else:
        assert terminal.end() == 0
        text = terminal.text
    assert "\x1b" not in text
    assert "accepted '" in text, "a plain line each instead"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_it_in_order(
    api: Api, config: Config, daemon: Daemon, number: signal.Signals
) -> None:
    config.settings["api.max_in_flight"] = 2
    api.script(hold="gate", times=0)
    several(config, 5)
    terminal = Terminal(daemon, "apply")
    api.wait(2)
    terminal.process.send_signal(number)
    terminal.read(f"stopping on {number.name}, 2 requests in flight")
    api.release("gate")
    assert terminal.end() == 1
    assert "2 accepted, 0 rejected, 0 unanswered, 3 not sent in " in terminal.text
    assert len(api.requests()) == 2
    api.clear_scripts()
    done = daemon.run("apply")
    assert done.stdout.startswith("3 accepted, "), done


def test_second_signal_waits_for_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=1, fault="stall", times=0)
    config.set(1, CRON).save()
    terminal = Terminal(daemon, "apply")
    api.wait(1)
    start = time.monotonic()
    terminal.process.send_signal(signal.SIGINT)
    terminal.read("stopping on SIGINT")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 1
    assert time.monotonic() - start < 4
    assert "0 accepted, 0 rejected, 1 unanswered in " in terminal.text
    api.clear_scripts()
    assert daemon.run("apply").stdout.startswith("1 accepted, ")


def test_what_hangs_after_a_signal_is_given_up(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=1, fault="stall", times=0)
    config.settings["api.timeout"] = "5min"
    config.set(1, CRON).save()
    terminal = Terminal(daemon, "apply", "--timeout=10min")
    api.wait(1)
    start = time.monotonic()
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 1
    assert 5 <= time.monotonic() - start < PATIENCE
    assert "stopping on SIGINT, 1 request in flight" in terminal.text
    assert "0 accepted, 0 rejected, 1 unanswered in " in terminal.text


@pytest.mark.parametrize("heir", ["apply", "daemon"])
def test_kill_in_the_middle_loses_nothing(
    api: Api, config: Config, daemon: Daemon, heir: str
) -> None:
    api.script(id=3, hold="gate")
    several(config, 5)
    terminal = Terminal(daemon, "apply")
    api.wait(1, id=3)
    terminal.process.kill()
    terminal.end()
    api.release("gate")
    if heir == "apply":
        assert daemon.run("apply").returncode == 0
    else:
        daemon.start()
        daemon.accepted(3)
        until(lambda: "5 of 5 in sync" in daemon.run("status", "--json").stdout, "all in sync")
    assert api.crons() == {id: CRON for id in range(1, 6)}
    assert all(len(api.requests(id=id)) <= 2 for id in range(1, 6))


def test_state_of_root_is_the_daemon_s(api: Api, config: Config, daemon: Daemon) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(daemon.state, 12345, 12345)
    config.set(42, CRON).save()
    assert daemon.run("apply").returncode == 0
    assert {path.name: path.stat().st_uid for path in Path(daemon.state).iterdir()} == {
        "lock": 12345,
        "state.json": 12345,
        "state.key": 12345,
    }


def test_json_is_one_document(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, "0 6 * * *", name="Mode: Finance").set(43, "0 6 ? * mon-fri").save()
    done = daemon.run("apply", "--json", "--timeout=5s")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert (document["accepted"], document["rejected"], document["unanswered"]) == (1, 1, 0)
    first, second = document["integrations"]
    assert (first["id"], first["name"], first["outcome"]) == (42, "Mode: Finance", "accepted")
    assert first["error"] is None and second["outcome"] == "rejected"
    assert second["error"].startswith("422 body.indexing_cron") and second["file"] == str(config.path)
    assert second["line"] == config.line(43, "indexing_cron")
    config.integrations.pop(43)
    config.save()
    done = daemon.run("apply", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["integrations"] == []
