# SPDX-License-Identifier: MIT
"""`edit` on a pseudo-terminal, with editors that behave and editors that do not."""
import os
import re
import resource
import shutil
import signal
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from harness import PROGRAM, Api, Config, Daemon, until

pexpect = pytest.importorskip("pexpect", reason="needs python3-pexpect")

CRON, OTHER, REFUSED = "0 6 * * *", "30 7 * * *", "0 6 ? * mon-fri"
SAVE = r"save\? \(y\)es, \(e\)dit again, \(q\)uit without saving:"
FAULTY = r"\(e\)dit again, \(q\)uit without saving\?"


class Session:
    """A `dfmode-sync edit` on a terminal of its own; editors are small programs of the shell."""

    def __init__(self, daemon: Daemon, editor: str, *words: str, **environment: str) -> None:
        self.daemon = daemon
        self.drafts = daemon.directory / "tmp"
        self.drafts.mkdir(exist_ok=True)
        program = daemon.directory / "an editor"
        program.write_text(f"#!/bin/sh\n{editor}\n")
        program.chmod(0o755)
        variables = daemon.environment(TERM="xterm", TMPDIR=str(self.drafts), **environment)
        variables.setdefault("EDITOR", f"'{program}'")
        self.child: Any = pexpect.spawn(
            PROGRAM,
            ["-c", str(daemon.config.path), "edit", *words],
            env=variables,
            cwd=str(daemon.directory),
            timeout=30,
            encoding="utf-8",
            dimensions=(24, 200),
            # Whoever runs the tests may ignore it (nohup).
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )

    def expect(self, pattern: str) -> str:
        self.child.expect(pattern)
        return str(self.child.before)

    def answer(self, text: str) -> None:
        self.child.sendline(text)

    def end(self) -> tuple[int, str]:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, str(self.child.before)

    def left(self) -> list[Path]:
        return [path for path in self.drafts.rglob("*") if path.is_file()]


def replaces(old: str, new: str) -> str:
    pattern = old.replace("*", "[*]")
    return f"""sed -i 's|"{pattern}"|"{new}"|' "$1" """


def beside(config: Config) -> list[str]:
    """What is left in the file's directory that a save may have made there."""
    return [path.name for path in config.path.parent.glob(".dfmode-sync.conf*")]


def test_a_good_edit_is_planned_saved_and_waited_for(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON, name="Mode: Finance").save()
    daemon.start()
    daemon.accepted(42)
    session = Session(daemon, replaces(CRON, OTHER))
    plan = session.expect(SAVE)
    assert "~ 42 'Mode: Finance'  0 6 * * * -> 30 7 * * *" in plan
    session.answer("y")
    status, rest = session.end()
    assert status == 0 and f"saved {config.path}" in rest and "in sync" in rest
    assert api.crons()[42] == OTHER and session.left() == [] and beside(config) == []


def test_faults_are_shown_and_edited_away(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    before = config.path.read_text()
    twice = f"""if grep -q 'hour' "$1.seen" 2>/dev/null; then sed -i 's/0 25/30 7/' "$1"; rm "$1.seen"
else echo hour >"$1.seen"; sed -i 's/0 6/0 25/' "$1"; fi"""
    session = Session(daemon, twice, NO_COLOR="1")
    shown = session.expect(FAULTY)
    assert re.search(rf"{config.path}:\d+:\d+: error: indexing_cron: hour 25 is outside 0-23", shown)
    assert "^~" in shown
    session.answer("e")
    session.expect(SAVE)
    assert config.path.read_text() == before
    session.answer("y")
    status, rest = session.end()
    assert status == 0 and "no daemon is running" in rest
    assert config.path.read_text() == before.replace(CRON, OTHER)


def test_a_rejected_edit_is_reported_and_stays_saved(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    session = Session(daemon, replaces(CRON, REFUSED))
    session.expect(SAVE)
    session.answer("y")
    status, rest = session.end()
    assert status == 0 and "integration 42 is rejected: 422 body.indexing_cron" in rest
    assert REFUSED in config.path.read_text()


@pytest.mark.parametrize("answer", ["q", "n", "\x04"])
def test_giving_up_changes_nothing_and_keeps_the_draft(
    api: Api, config: Config, daemon: Daemon, answer: str
) -> None:
    config.set(42, CRON).save()
    before = (config.path.read_text(), config.path.stat().st_ino)
    session = Session(daemon, replaces(CRON, OTHER))
    session.expect(SAVE)
    session.child.sendeof() if answer == "\x04" else session.answer(answer)
    status, rest = session.end()
    (draft,) = session.left()
    assert status == 1 and f"the draft is kept: {draft}" in rest
    assert OTHER in draft.read_text()
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600
    assert stat.S_IMODE(draft.parent.stat().st_mode) == 0o700
    assert (config.path.read_text(), config.path.stat().st_ino) == before


@pytest.mark.parametrize(
    "editor, message",
    [
        ("exit 3", "ended with 3"),
        ("kill -9 $$", "was killed by signal 9"),
        ('rm "$1"', "does not exist"),
        ('rm "$1"; mkfifo "$1"', "not a regular file|is a FIFO|is not a"),
    ],
)
def test_an_editor_that_fails_changes_nothing(
    api: Api, config: Config, daemon: Daemon, editor: str, message: str
) -> None:
    config.set(42, CRON).save()
    before = config.path.read_text()
    session = Session(daemon, editor)
    status, rest = session.end()
    assert status == 1 and re.search(message, rest), rest
    assert "not saved" in rest and "kept" not in rest
    assert config.path.read_text() == before


def test_an_editor_that_fails_after_writing_leaves_the_draft(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    session = Session(daemon, replaces(CRON, OTHER) + "; exit 1")
    status, rest = session.end()
    (draft,) = session.left()
    assert status == 1 and f"the draft is kept: {draft}" in rest and OTHER in draft.read_text()


def test_no_editor_and_one_with_arguments(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    status, rest = Session(daemon, "", EDITOR="/nonexistent/vi -e").end()
    assert status == 1 and "was not found" in rest
    session = Session(daemon, "", EDITOR="sed -i -e 's/0 6/30 7/'", VISUAL="", SUDO_EDITOR="")
    session.expect(SAVE)
    session.answer("y")
    assert session.end()[0] == 0 and OTHER in config.path.read_text()


def test_unchanged_is_0_and_leaves_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    inode = config.path.stat().st_ino
    session = Session(daemon, "true")
    status, rest = session.end()
    assert status == 0 and "unchanged" in rest
    assert session.left() == [] and config.path.stat().st_ino == inode


def test_two_at_once_never_overwrite_each_other(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).set(43, CRON).save()
    first = Session(daemon, replaces(CRON, OTHER))
    first.expect(SAVE)
    config.set(43, False).save()  # as a second editor, or ansible, would
    between = config.path.read_text()
    first.answer("y")
    status, rest = first.end()
    (draft,) = first.left()
    assert status == 1 and "was changed meanwhile" in rest and str(draft) in rest
    assert config.path.read_text() == between and beside(config) == []


def test_every_save_is_one_or_the_other_whole(api: Api, config: Config, daemon: Daemon) -> None:
    """While somebody else saves all the time, no save of theirs is lost for one of ours."""
    config.set(42, CRON).save()
    done = threading.Event()
    saved: list[str] = []

    def others() -> None:
        while not done.is_set():
            text = config.text() + f"# {len(saved)}\n"
            saved.append(text)
            config.save(text)
            done.wait(0.002)

    thread = threading.Thread(target=others)
    thread.start()
    for _ in range(3):
        session = Session(daemon, replaces(CRON, OTHER))
        session.expect(SAVE)
        session.answer("y")
        session.end()
    done.set()
    thread.join()
    assert config.path.read_text() == saved[-1]


def test_owner_mode_and_links_are_kept(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    real = daemon.directory / "real" / "the.conf"
    real.parent.mkdir()
    shutil.move(config.path, real)
    real.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(real, 4711, 4712)
    hop = daemon.directory / "hop"
    hop.symlink_to("real/the.conf")
    config.path.symlink_to(hop)
    before = real.stat()
    session = Session(daemon, replaces(CRON, OTHER))
    session.expect(SAVE)
    session.answer("y")
    assert session.end()[0] == 0
    after = real.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert config.path.is_symlink() and hop.is_symlink() and OTHER in real.read_text()


def test_drop_ins_and_includes_by_name(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    drop_ins = Path(f"{config.path}.d")
    drop_ins.mkdir()
    (drop_ins / "more.conf").write_text('integrations = ({ id = 43; indexing_cron = "0 6 * * *"; });\n')
    session = Session(daemon, "sed -i 's/0 6/0 25/' \"$1\"", "--file=more.conf")
    shown = session.expect(FAULTY)
    assert f"{drop_ins}/more.conf:1:" in shown
    session.answer("q")
    assert session.end()[0] == 1
    session = Session(daemon, replaces(CRON, OTHER), f"--file={drop_ins}/more.conf")
    session.expect(SAVE)
    session.answer("y")
    assert session.end()[0] == 0 and OTHER in (drop_ins / "more.conf").read_text()
    (daemon.directory / "stranger").write_text("")
    status, rest = Session(daemon, "true", "--file=stranger").end()
    assert status == 1 and "is no part of the configuration" in rest


def test_a_hard_link_a_missing_file_and_a_directory_are_not_edited(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    link = daemon.directory / "link"
    link.hardlink_to(config.path)
    status, rest = Session(daemon, "true").end()
    assert status == 1 and "hard links" in rest
    link.unlink()
    for name in ("missing.conf", "tmp/"):
        status, rest = Session(daemon, "true", f"--file={name}").end()
        assert status == 1 and "unchanged" not in rest


def test_without_a_terminal_it_is_64(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    done = daemon.run("edit", EDITOR="true")
    assert done.returncode == 64 and "needs a terminal" in done.stderr


def test_a_terminal_that_goes_away_leaves_file_and_draft(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    before = config.path.read_text()
    session = Session(daemon, replaces(CRON, OTHER))
    session.expect(SAVE)
    session.child.kill(signal.SIGHUP)
    until(lambda: not session.child.isalive(), "it ends")
    (draft,) = session.left()
    assert OTHER in draft.read_text() and config.path.read_text() == before


def test_a_full_disk_changes_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    """RLIMIT_FSIZE stands for it: the draft fits, the padded new file does not."""
    config.set(42, CRON).save()
    before = config.path.read_text()
    grows = f"{replaces(CRON, OTHER)}; head -c 9000 /dev/zero | tr '\\0' '#' >>\"$1\"; echo >>\"$1\""
    session = Session(daemon, grows)
    session.expect(SAVE)
    resource.prlimit(session.child.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    session.answer("y")
    status, rest = session.end()
    assert config.path.read_text() == before and beside(config) == [] or status is None
    assert OTHER in session.left()[0].read_text()
