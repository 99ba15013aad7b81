# SPDX-License-Identifier: MIT
"""Each way in which people, editors and tools save a file: none is lost, none counts twice.

Every way is taken DFMODE_SAVE_ROUNDS times (2), with DFMODE_SAVE_SETTLE as the settle time (20ms),
and once more with inotify switched off. If DFMODE_SAVE_FIGURES names a file, a line for each save
is added to it: the way, the milliseconds until its PUT arrived, what made the daemon look.

A way that leaves a moment without a whole file may be refused in that moment; what must not be is
that anything is done about it. The others must not even be refused.
"""
import ctypes
import json
import mmap
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import pytest

from harness import PATIENCE, TOKEN, Api, Config, Daemon, until

ROUNDS = int(os.environ.get("DFMODE_SAVE_ROUNDS", "2"))
SETTLE = os.environ.get("DFMODE_SAVE_SETTLE", "20ms")
FIGURES = os.environ.get("DFMODE_SAVE_FIGURES")
FENCE = 900


class Edit:
    """One save: the file, what it is to hold, and a place beside it to work in."""

    def __init__(self, path: Path, text: str, minutes: tuple[int, int], scratch: Path) -> None:
        self.path = path
        self.text = text
        self.old, self.new = (f'"{minute} 6 ' for minute in minutes)
        self.scratch = scratch
        self.saved: Optional[float] = None

    def prepare(self, path: Optional[Path] = None) -> Path:
        """Write the new text somewhere else."""
        path = path or self.scratch / "prepared.conf"
        path.write_text(self.text)
        return path

    def rename(self, old: Path, new: Optional[Path] = None) -> None:
        self.saved = time.monotonic()
        old.rename(new or self.path)

    def moment(self) -> float:
        """When it was saved; the stamp of the file is as fine as the kernel's tick."""
        if self.saved is None:
            self.saved = self.path.stat().st_ctime - (time.time() - time.monotonic())
        return self.saved


class Way(NamedTuple):
    save: Callable[[Edit], None]
    program: Optional[str]
    has_gap: bool
    arrange: Optional[Callable[[Path], None]]

    @property
    def name(self) -> str:
        return self.save.__name__


WAYS: list[Way] = []


def way(
    program: Optional[str] = None,
    gap: bool = False,
    arrange: Optional[Callable[[Path], None]] = None,
) -> Callable[[Callable[[Edit], None]], Callable[[Edit], None]]:
    """Enter a way of saving; `arrange` prepares the file's surroundings before the first start."""

    def enter(save: Callable[[Edit], None]) -> Callable[[Edit], None]:
        WAYS.append(Way(save, program, gap, arrange))
        return save

    return enter


def call(*words: object, given: str = "", at: Optional[Path] = None) -> None:
    subprocess.run(
        [str(word) for word in words],
        cwd=at,
        input=given,
        text=True,
        capture_output=True,
        check=True,
        timeout=PATIENCE,
    )


def vim(edit: Edit, *settings: str, program: str = "vim") -> None:
    commands = ["-c", f"%s/{edit.old}/{edit.new}/", "-c", "wq"]
    before = [word for setting in settings for word in ("-c", "set " + setting)]
    call(program, "-N", "-u", "NONE", "-i", "NONE", "-es", *before, *commands, edit.path)


@way("vim", gap=True)
def vim_as_it_comes(edit: Edit) -> None:
    vim(edit)


@way("vim", gap=True)
def vim_backupcopy_yes(edit: Edit) -> None:
    vim(edit, "backupcopy=yes")


@way("vim", gap=True)
def vim_backupcopy_no(edit: Edit) -> None:
    vim(edit, "backupcopy=no", "writebackup")


@way("vim", gap=True)
def vim_that_keeps_a_backup(edit: Edit) -> None:
    vim(edit, "backup", "backupcopy=auto")


@way("vim", gap=True)
def vim_without_writebackup(edit: Edit) -> None:
    vim(edit, "nobackup", "nowritebackup")


@way("ex", gap=True)
def ex(edit: Edit) -> None:
    vim(edit, program="ex")


def emacs(edit: Edit, setting: str = "t") -> None:
    lisp = (
        f'(progn {setting} (find-file "{edit.path}")'
        f" (search-forward {json.dumps(edit.old)}) (replace-match {json.dumps(edit.new)} t t)"
        " (save-buffer))"
    )
    call("emacs", "-Q", "--batch", "--eval", lisp)


@way("emacs", gap=True)
def emacs_as_it_comes(edit: Edit) -> None:
    emacs(edit)


@way("emacs", gap=True)
def emacs_backup_by_copying(edit: Edit) -> None:
    emacs(edit, "(setq backup-by-copying t)")


@way("emacs")
def emacs_file_precious(edit: Edit) -> None:
    emacs(edit, "(setq-default file-precious-flag t)")


@way("nano", gap=True)
def nano(edit: Edit) -> None:
    """On a terminal, with the keys that a person presses."""
    lines = edit.path.read_text().splitlines()
    line = next(number for number, text in enumerate(lines) if edit.old in text)
    column = lines[line].index(edit.old) + 2
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm"
        place = f"+{line + 1},{column}"
        os.execvp("nano", ["nano", "--ignorercfiles", place, str(edit.path)])
    heard = b""
    # Its bottom line is there once it listens; ^D deletes forward, ^O Enter saves, ^X leaves.
    # nano 7 asks "File Name to Write:", nano 8 "Write to File:".
    keys = [(b"Exit", b"\x04\x04" + edit.new[1:3].encode() + b"\x0f")]
    keys += [(b"to (Write|File):", b"\r"), (b"Wrote", b"\x18")]
    try:
        for word, answer in keys:
            while not re.search(word, heard):
                assert select.select([terminal], [], [], PATIENCE)[0], heard
                heard += os.read(terminal, 65536)
            heard = b""
            os.write(terminal, answer)
        until(lambda: os.waitpid(child, os.WNOHANG)[0], "the end of nano")
    finally:
        os.close(terminal)


@way("ed", gap=True)
def ed(edit: Edit) -> None:
    call("ed", "-s", edit.path, given=f",s/{edit.old}/{edit.new}/\nw\nq\n")


@way("sed")
def sed_in_place(edit: Edit) -> None:
    call("sed", "-i", f"s/{edit.old}/{edit.new}/", edit.path)


@way("sed", gap=True)
def sed_in_place_with_backup(edit: Edit) -> None:
    call("sed", "-i.bak", f"s/{edit.old}/{edit.new}/", edit.path)


@way("perl", gap=True)
def perl_in_place(edit: Edit) -> None:
    call("perl", "-pi", "-e", f"s/{edit.old}/{edit.new}/", edit.path)


@way("cp", gap=True)
def cp(edit: Edit) -> None:
    call("cp", edit.prepare(), edit.path)


@way("cp", gap=True)
def cp_remove_destination(edit: Edit) -> None:
    call("cp", "--remove-destination", edit.prepare(), edit.path)


@way("mv")
def mv(edit: Edit) -> None:
    call("mv", edit.prepare(), edit.path)


@way("mv", gap=True)
def mv_from_another_file_system(edit: Edit) -> None:
    other = Path(f"/dev/shm/dfmode-{os.getpid()}.conf")
    if other.parent.stat().st_dev == edit.path.stat().st_dev:
        pytest.skip("/dev/shm is the same file system")
    call("mv", edit.prepare(other), edit.path)


@way("tee", gap=True)
def tee(edit: Edit) -> None:
    call("tee", edit.path, given=edit.text)


@way(gap=True)
def shell_redirection(edit: Edit) -> None:
    call("sh", "-c", 'cat "$1" >"$2"', "sh", edit.prepare(), edit.path)


@way("dd", gap=True)
def dd(edit: Edit) -> None:
    call("dd", "bs=64", f"if={edit.prepare()}", f"of={edit.path}")


@way("dd", gap=True)
def dd_over_what_is_there(edit: Edit) -> None:
    call("dd", "conv=notrunc", f"if={edit.prepare()}", f"of={edit.path}")


@way("install", gap=True)
def install(edit: Edit) -> None:
    call("install", "-m", "0640", edit.prepare(), edit.path)


@way()
def as_dpkg_does(edit: Edit) -> None:
    new = edit.prepare(edit.path.with_name(edit.path.name + ".dpkg-new"))
    old = edit.path.with_name(edit.path.name + ".dpkg-old")
    old.unlink(missing_ok=True)
    os.link(edit.path, old)
    edit.rename(new)


@way()
def as_ansible_does(edit: Edit) -> None:
    """Made elsewhere, owner and mode set first, then one rename."""
    new = edit.prepare()
    os.chown(new, os.getuid(), os.getgid())
    new.chmod(0o640)
    edit.rename(new)


@way(gap=True)
def as_ansible_does_without_atomic_moves(edit: Edit) -> None:
    new = edit.prepare(edit.path.with_name(".ansible_tmp8x1z.conf"))
    shutil.copyfile(new, edit.path)
    shutil.copystat(new, edit.path)
    edit.path.chmod(0o600)
    new.unlink()


@way()
def as_rsync_does(edit: Edit) -> None:
    """Of the same size, and with the old one's time: only the inode is another."""
    stamp = edit.path.stat()
    new = edit.prepare(edit.path.with_name("." + edit.path.name + ".Xa81Ze"))
    os.utime(new, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    new.chmod(stamp.st_mode & 0o777)
    edit.rename(new)


@way(gap=True)
def in_place_with_the_time_put_back(edit: Edit) -> None:
    stamp = edit.path.stat()
    edit.path.write_text(edit.text)
    os.utime(edit.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


@way()
def in_place_by_two_bytes(edit: Edit) -> None:
    with open(edit.path, "r+b", buffering=0) as file:
        file.seek(edit.text.index(edit.new) + 1)
        file.write(edit.new[1:3].encode())


@way(gap=True)
def deleted_and_recreated(edit: Edit) -> None:
    edit.path.unlink()
    edit.path.write_text(edit.text)


@way(gap=True)
def deleted_and_recreated_later(edit: Edit) -> None:
    edit.path.unlink()
    time.sleep(0.1)
    edit.path.write_text(edit.text)


@way(gap=True)
def moved_aside_and_recreated(edit: Edit) -> None:
    edit.path.rename(edit.path.with_suffix(".orig"))
    edit.path.write_text(edit.text)


@way(gap=True)
def hard_link_replaced(edit: Edit) -> None:
    other = edit.prepare(edit.path.with_suffix(".other"))
    call("ln", "-f", other, edit.path)
    other.unlink()


@way()
def exchanged_with_another(edit: Edit) -> None:
    """renameat2(2) with RENAME_EXCHANGE."""
    new = edit.prepare(edit.path.with_suffix(".next"))
    edit.saved = time.monotonic()
    names = (os.fsencode(new), os.fsencode(edit.path))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.renameat2(-100, names[0], -100, names[1], 2) == 0, ctypes.get_errno()


def behind_one_link(path: Path) -> None:
    path.rename(path.with_suffix(".0"))
    path.symlink_to(path.with_suffix(".0").name)


def repoint(edit: Edit, link: Path, target: str) -> None:
    new = link.with_name(link.name + ".new")
    new.symlink_to(target)
    edit.rename(new, link)


def fresh(path: Path) -> Path:
    """A name beside it that is not in use."""
    names = (path.with_name(f"{path.name}.{number}") for number in range(1000))
    return next(name for name in names if not os.path.lexists(name))


@way(arrange=behind_one_link)
def link_repointed(edit: Edit) -> None:
    target = edit.prepare(fresh(edit.path))
    repoint(edit, edit.path, target.name)


@way(arrange=behind_one_link, gap=True)
def link_removed_and_made_anew(edit: Edit) -> None:
    target = edit.prepare(fresh(edit.path))
    edit.path.unlink()
    edit.path.symlink_to(target.name)


@way(arrange=behind_one_link, gap=True)
def behind_a_link_in_place(edit: Edit) -> None:
    edit.path.write_text(edit.text)


@way(arrange=behind_one_link)
def behind_a_link_by_rename(edit: Edit) -> None:
    target = edit.path.resolve()
    edit.rename(edit.prepare(target.with_suffix(".tmp")), target)


@way(arrange=behind_one_link)
def link_replaced_by_a_file(edit: Edit) -> None:
    edit.rename(edit.prepare())


def behind_two_links(path: Path) -> None:
    """file -> ../current/file; current -> version.0, each in a directory of its own."""
    versions = path.parent.parent / "versions"
    (versions / "1").mkdir(parents=True)
    path.rename(versions / "1" / path.name)
    (path.parent.parent / "current").symlink_to("versions/1")
    path.symlink_to(f"../current/{path.name}")


@way(arrange=behind_two_links)
def second_hop_repointed(edit: Edit) -> None:
    directory = fresh(edit.path.parent.parent / "versions" / "1")
    directory.mkdir()
    edit.prepare(directory / edit.path.name)
    repoint(edit, edit.path.parent.parent / "current", f"versions/{directory.name}")


@way(arrange=behind_two_links)
def first_hop_repointed(edit: Edit) -> None:
    directory = fresh(edit.path.parent.parent / "versions" / "1")
    directory.mkdir()
    edit.prepare(directory / edit.path.name)
    repoint(edit, edit.path, f"../versions/{directory.name}/{edit.path.name}")


def as_a_config_map(path: Path) -> None:
    """file -> ..data/file; ..data -> ..2024_1."""
    data = path.parent / "..2024_1"
    data.mkdir()
    path.rename(data / path.name)
    (path.parent / "..data").symlink_to(data.name)
    path.symlink_to(f"..data/{path.name}")


@way(arrange=as_a_config_map)
def config_map_swap(edit: Edit) -> None:
    old = edit.path.parent / os.readlink(edit.path.parent / "..data")
    new = fresh(edit.path.parent / "..2024")
    new.mkdir()
    edit.prepare(new / edit.path.name)
    link = edit.path.parent / "..data_tmp"
    link.symlink_to(new.name)
    edit.rename(link, edit.path.parent / "..data")
    shutil.rmtree(old)


@way(gap=True)
def directory_renamed_away_and_recreated(edit: Edit) -> None:
    directory = edit.path.parent
    directory.rename(fresh(directory))
    directory.mkdir()
    edit.path.write_text(edit.text)


@way(gap=True)
def directory_replaced_by_another(edit: Edit) -> None:
    directory = edit.path.parent
    new = fresh(directory)
    new.mkdir()
    edit.prepare(new / edit.path.name)
    directory.rename(fresh(directory))
    edit.rename(new, directory)


@way(gap=True)
def directory_deleted_and_recreated(edit: Edit) -> None:
    directory = edit.path.parent
    shutil.rmtree(directory)
    directory.mkdir()
    edit.path.write_text(edit.text)


# What inotify does not tell of, or not where we listen: the sweep finds it.
UNSEEN: list[Way] = []


def unseen(arrange: Optional[Callable[[Path], None]] = None, gap: bool = False) -> Callable:
    def enter(save: Callable[[Edit], None]) -> Callable[[Edit], None]:
        UNSEEN.append(Way(save, None, gap, arrange))
        return save

    return enter


@unseen()
def mapped_memory(edit: Edit) -> None:
    with open(edit.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        at = edit.text.index(edit.new)
        memory[at : at + len(edit.new)] = edit.new.encode()
        memory.flush()


def linked_from_afar(path: Path) -> None:
    os.link(path, path.parent.parent / "other-name.conf")


@unseen(arrange=linked_from_afar)
def through_a_hard_link_elsewhere(edit: Edit) -> None:
    with open(edit.path.parent.parent / "other-name.conf", "r+") as file:
        file.write(edit.text)


def linked_beside(path: Path) -> None:
    os.link(path, path.with_name("other-name.conf"))


@unseen(arrange=linked_beside)
def through_a_hard_link_beside(edit: Edit) -> None:
    """The events bear the name that was written through."""
    with open(edit.path.with_name("other-name.conf"), "r+") as file:
        file.write(edit.text)


def deep_down(path: Path) -> None:
    """The file is reached through directories that stand far above it."""
    home = path.parent.parent / "a"
    (home / "b" / "c").mkdir(parents=True)
    path.rename(home / "b" / "c" / path.name)
    path.symlink_to("../a/b/c/" + path.name)


@unseen(arrange=deep_down, gap=True)
def tree_replaced_far_above(edit: Edit) -> None:
    home = edit.path.parent.parent / "a"
    new = fresh(home)
    (new / "b" / "c").mkdir(parents=True)
    edit.prepare(new / "b" / "c" / edit.path.name)
    home.rename(fresh(home))
    new.rename(home)


class Site:
    """The daemon on a file in a directory of its own: 42 is what is edited, 43 what is not."""

    def __init__(self, api: Api, config: Config, daemon: Daemon, tmp_path: Path) -> None:
        self.api = api
        self.config = config
        self.daemon = daemon
        self.scratch = tmp_path / "scratch"
        self.minute = 10
        self.sent: list[int] = []
        self.loads = 0
        self.mark = 0
        self.scratch.mkdir()
        config.path = tmp_path / "etc" / "dfmode-sync.conf"
        config.path.parent.mkdir()
        config.settings.update({"watch.settle": SETTLE, "log.level": "debug"})
        config.set(42, self.cron()).set(43, False).save()

    def cron(self) -> str:
        return f"{self.minute} 6 1 2 *"

    def start(self, **environment: str) -> None:
        self.daemon.start(**environment)
        self.daemon.accepted(*self.config.integrations)
        self.sent += self.ids()
        self.mark = self.daemon.mark()

    def ids(self) -> list[int]:
        return [request["id"] for request in self.api.requests()]

    def expect(self, *ids: int) -> list[dict]:
        """One reload and these PUTs have come; what else came will be found by finish()."""
        self.loads += 1
        self.daemon.wait("config-loaded", after=self.mark, count=self.loads)
        self.sent += ids
        self.api.wait(len(self.sent), done=True)
        assert sorted(self.ids()) == sorted(self.sent)
        return self.api.requests()[-len(ids) :] if ids else []

    def edit(self) -> Edit:
        old = self.minute
        self.minute = 10 + (self.minute - 9) % 50
        self.config.set(42, self.cron())
        return Edit(self.config.path, self.config.text(), (old, self.minute), self.scratch)

    def drop_in(self, name: str, id: int, cron: str) -> None:
        directory = Path(str(self.config.path) + ".d")
        directory.mkdir(exist_ok=True)
        new = directory / (name + ".new")
        new.write_text(f'integrations = ( {{ id = {id}; indexing_cron = "{cron}"; }} );\n')
        new.rename(directory / name)

    def finish(self, has_gap: bool = False, is_equal: bool = False) -> None:
        """What should not have come would have come before a last change of another kind."""
        self.drop_in("fence.conf", FENCE, "0 1 * * *")
        self.expect(FENCE)
        refused = self.daemon.all("config-rejected", after=self.mark)
        assert has_gap or not refused, refused
        # After a refusal an equal file counts, as it is in force again.
        loaded = len(self.daemon.all("config-loaded", after=self.mark))
        again = sum(record.message.endswith("in force stays") for record in refused)
        assert loaded == self.loads or (is_equal and self.loads < loaded <= self.loads + again)
        assert not self.daemon.all("integration-removed", after=self.mark)
        assert self.api.crons()[42] == self.cron()

    def causes(self) -> list[str]:
        """What made the daemon look at the files, each time."""
        said = [record.message for record in self.daemon.records[self.mark :]]
        return [line.split("(")[1][:-1] for line in said if line.startswith("the files may have")]


@pytest.fixture
def site(api: Api, config: Config, daemon: Daemon, tmp_path: Path) -> Site:
    return Site(api, config, daemon, tmp_path)


def note(name: str, latency: float, causes: list[str]) -> None:
    if FIGURES:
        with open(FIGURES, "a") as file:
            file.write(f"{json.dumps([name, round(1000 * latency, 2), causes])}\n")


def take(site: Site, way: Way, rounds: int, **environment: str) -> None:
    if way.program and not shutil.which(way.program):
        pytest.skip(f"{way.program} is not installed")
    if way.arrange:
        way.arrange(site.config.path)
    site.start(**environment)
    for _ in range(rounds):
        edit = site.edit()
        looks = len(site.causes())
        way.save(edit)
        (request,) = site.expect(42)
        assert request["body"]["indexing_cron"] == site.cron()
        note(way.name, request["start"] - edit.moment(), site.causes()[looks:])
    site.finish(way.has_gap)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_way_of_saving(site: Site, way: Way) -> None:
    take(site, way, ROUNDS)
    assert set(site.causes()) == {"event"}


@pytest.mark.parametrize("way", WAYS + UNSEEN, ids=lambda way: way.name)
def test_way_without_inotify(site: Site, way: Way) -> None:
    site.config.settings["watch.sweep"] = "50ms"
    site.config.save()
    take(site, way, 1, DFMODE_NO_INOTIFY="1")
    assert set(site.causes()) == {"rescan"}


@pytest.mark.parametrize("way", UNSEEN, ids=lambda way: way.name)
def test_way_that_inotify_misses(site: Site, way: Way) -> None:
    site.config.settings["watch.sweep"] = "50ms"
    site.config.save()
    take(site, way, ROUNDS)


def test_overflow_of_inotify_is_found_by_the_sweep(site: Site) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 100000:
        pytest.skip(f"{limit} events are too many to make")
    site.config.settings["watch.sweep"] = "200ms"
    site.config.save()
    site.start()
    names = [site.config.path.with_name(name) for name in ("flip", "flop")]
    names[0].touch()
    for _ in range(ROUNDS):
        edit = site.edit()
        site.daemon.signal(signal.SIGSTOP)
        # Each makes two events, and no two in a row are alike.
        for _ in range(limit // 4 + 1):
            names[0].rename(names[1])
            names[1].rename(names[0])
        edit.rename(edit.prepare())
        site.daemon.signal(signal.SIGCONT)
        site.expect(42)
    assert set(site.causes()) == {"rescan"}
    site.finish()


def chmod_only(path: Path) -> None:
    path.chmod(0o640 if path.stat().st_mode & 0o777 == 0o600 else 0o600)


def chown_only(path: Path) -> None:
    os.chown(path, os.getuid(), os.getgid())


def rewrite_equal(path: Path) -> None:
    path.write_text(path.read_text())


def rename_equal_over(path: Path) -> None:
    shutil.copyfile(path, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def away_and_back(path: Path) -> None:
    path.rename(path.with_suffix(".away"))
    path.with_suffix(".away").rename(path)


def swap_and_backup_files(path: Path) -> None:
    for name in (f".{path.name}.swp", "4913", f"{path.name}~", f"#{path.name}#"):
        (path.parent / name).write_text("not ours\n")
        (path.parent / name).unlink()


def neighbour(path: Path) -> None:
    (path.parent / "neighbour.conf").write_text("garbage here\n")


def drop_in_of_another_kind(path: Path) -> None:
    directory = Path(str(path) + ".d")
    directory.mkdir(exist_ok=True)
    fresh(directory / "README").write_text("garbage here\n")
    fresh(directory / "new.conf.dpkg-dist").write_text("garbage here\n")


def secret_rewritten_equal(path: Path) -> None:
    secret = path.parent.parent / "secrets" / "token"
    secret.write_text(secret.read_text())


# What makes the daemon look and see that nothing is new, and what does not even concern it.
LOOKED_AT = [chmod_only, chown_only, Path.touch, rewrite_equal, rename_equal_over, away_and_back]
LOOKED_AT += [drop_in_of_another_kind, secret_rewritten_equal]
NO_CONCERN = [Path.read_text, swap_and_backup_files, neighbour]


@pytest.mark.parametrize("act", LOOKED_AT + NO_CONCERN, ids=lambda act: act.__name__)
@pytest.mark.parametrize("blind", [False, True], ids=["inotify", "rescan"])
def test_not_a_save(site: Site, act: Callable[[Path], None], blind: bool) -> None:
    site.config.settings["watch.sweep"] = "30ms"
    site.config.save()
    site.start(**({"DFMODE_NO_INOTIFY": "1"} if blind else {}))
    for _ in range(ROUNDS):
        before = len(site.causes())
        act(site.config.path)
        if act in LOOKED_AT:
            until(lambda: len(site.causes()) > before, "a look")
    if act in NO_CONCERN:
        assert not site.causes()
    site.finish(act in (rewrite_equal, away_and_back, secret_rewritten_equal), is_equal=True)


def test_slow_halves_are_not_acted_on(site: Site) -> None:
    """A writer that pauses for longer than the settle time, in the midst of the list."""
    site.start()
    for _ in range(ROUNDS):
        edit = site.edit()
        half = edit.text.index("id = 43")
        refused = len(site.daemon.all("config-rejected"))
        with open(edit.path, "w") as file:
            file.write(edit.text[:half])
            file.flush()
            site.daemon.wait("config-rejected", count=refused + 1)
            assert site.ids() == site.sent
            file.write(edit.text[half:])
        site.expect(42)
    site.finish(has_gap=True)


def test_half_without_the_list_is_not_acted_on(site: Site) -> None:
    """Cut before the list it is good libconfig; that nothing is managed is not what it says."""
    site.config.settings["allow_empty"] = True
    site.config.save()
    site.start()
    for _ in range(ROUNDS):
        edit = site.edit()
        half = edit.text.index("integrations = (")
        refused = len(site.daemon.all("config-rejected"))
        with open(edit.path, "w") as file:
            file.write(edit.text[:half])
            file.flush()
            record = site.daemon.wait("config-rejected", count=refused + 1)
            assert "integrations: missing" in record.message
            file.write(edit.text[half:])
        site.expect(42)
    site.finish(has_gap=True)


def test_writer_that_never_pauses_for_long_is_let_finish(site: Site) -> None:
    """Every piece comes within the settle time: nothing but the whole is ever looked at."""
    site.config.settings["watch.settle"] = "400ms"
    site.config.save()
    site.start()
    edit = site.edit()
    with open(edit.path, "w", buffering=1) as file:
        for line in edit.text.splitlines(keepends=True):
            file.write(line)
            time.sleep(0.02)
    site.expect(42)
    site.finish()
    assert len(site.causes()) == 2


class Part(NamedTuple):
    """A file beside the main one, with an integration of its own."""

    path: Path
    id: int

    def text(self, cron: str) -> str:
        return f'{{ id = {self.id}; indexing_cron = "{cron}"; }}\n'

    def save(self, cron: str, in_place: bool) -> None:
        if in_place:
            self.path.write_text(self.text(cron))
        else:
            new = self.path.with_suffix(".new")
            new.write_text(self.text(cron))
            new.rename(self.path)


START = "integrations = (\n"


def with_include(site: Site, name: str) -> str:
    return site.config.text().replace(START, f'{START}@include "{name}"\n,\n')


@pytest.mark.parametrize("in_place", [False, True], ids=["rename", "in-place"])
def test_include_changed(site: Site, tmp_path: Path, in_place: bool) -> None:
    part = Part(tmp_path / "parts" / "finance.conf", 50)
    part.path.parent.mkdir()
    part.save("0 1 * * *", in_place)
    site.config.save(with_include(site, "../parts/finance.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for number in range(ROUNDS):
        part.save(f"{number} 2 * * *", in_place)
        site.expect(50)
    site.finish(has_gap=in_place)


@pytest.mark.parametrize("in_place", [False, True], ids=["rename", "in-place"])
def test_nested_include_changed(site: Site, tmp_path: Path, in_place: bool) -> None:
    part = Part(tmp_path / "parts" / "deep" / "finance.conf", 50)
    part.path.parent.mkdir(parents=True)
    part.save("0 1 * * *", in_place)
    (tmp_path / "parts" / "all.conf").write_text('@include "deep/finance.conf"\n')
    site.config.save(with_include(site, "../parts/all.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for number in range(ROUNDS):
        part.save(f"{number} 2 * * *", in_place)
        site.expect(50)
    site.finish(has_gap=in_place)


def test_include_grows_by_appending(site: Site, tmp_path: Path) -> None:
    part = Part(tmp_path / "parts.conf", 50)
    part.save("0 1 * * *", False)
    site.config.save(with_include(site, "../parts.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for id in range(51, 51 + ROUNDS):
        more = f', {{ id = {id}; indexing_cron = "{id - 50} 3 * * *"; }}'
        call("sh", "-c", 'echo "$1" >>"$2"', "sh", more, part.path)
        site.expect(id)
    site.finish()


def test_remark_is_appended(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        call("sh", "-c", 'echo "# $1" >>"$2"', "sh", number, site.config.path)
        site.expect()
    site.finish()


def test_missing_include_appears(site: Site, tmp_path: Path) -> None:
    """In a directory that is not there either, when the file that wants it is saved."""
    site.start()
    for number in range(ROUNDS):
        part = Part(tmp_path / f"late{number}" / "parts" / "finance.conf", 50 + number)
        refused = len(site.daemon.all("config-rejected"))
        site.config.save(with_include(site, f"../late{number}/parts/finance.conf"))
        site.daemon.wait("config-rejected", count=refused + 1)
        part.path.parent.mkdir(parents=True)
        part.save(f"{number} 1 * * *", False)
        site.expect(part.id)
        site.config.save()
        site.expect()
        site.daemon.wait("integration-removed", id=part.id)
    assert site.api.crons()[42] == site.cron()


def test_drop_in_added_changed_and_removed(site: Site) -> None:
    site.start()
    added = Path(str(site.config.path) + ".d") / "more.conf"
    for number in range(ROUNDS):
        site.drop_in("more.conf", 50, f"{number} 1 * * *")
        site.expect(50)
        site.drop_in("more.conf", 50, f"{number} 2 * * *")
        site.expect(50)
        if number % 2:
            added.unlink()
        else:
            added.rename(added.with_suffix(".disabled"))
        site.expect()
        site.daemon.wait("integration-removed", id=50, count=number + 1)


def test_drop_in_directory_removed_and_made_anew(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        site.drop_in("more.conf", 50, f"{number} 1 * * *")
        site.expect(50)
        shutil.rmtree(str(site.config.path) + ".d")
        site.expect()
        site.daemon.wait("integration-removed", id=50, count=number + 1)


def secret_by_rename(path: Path, value: str) -> None:
    path.with_suffix(".new").write_text(value)
    path.with_suffix(".new").rename(path)


def secret_in_place(path: Path, value: str) -> None:
    path.write_text(value)


def secret_deleted_and_recreated(path: Path, value: str) -> None:
    path.unlink()
    path.write_text(value)


def secret_behind_a_link(path: Path, value: str) -> None:
    target = fresh(path)
    target.write_text(value)
    path.with_suffix(".link").symlink_to(target.name)
    path.with_suffix(".link").rename(path)


SECRETS = [secret_by_rename, secret_in_place, secret_deleted_and_recreated, secret_behind_a_link]


@pytest.mark.parametrize("save", SECRETS, ids=lambda save: save.__name__)
def test_secret_changed(site: Site, save: Callable[[Path, str], None]) -> None:
    site.start()
    for number in range(ROUNDS):
        save(site.config.secrets / "token", f"{TOKEN}-{number}\n")
        requests = site.expect(42, 43)
        assert {request["body"]["token"] for request in requests} == {f"{TOKEN}-{number}"}
    site.finish(save in (secret_in_place, secret_deleted_and_recreated))


def test_api_key_changed_sends_nothing(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        secret_by_rename(site.config.secrets / "api-key", f"CANARY-key-{number}\n")
        site.expect()
    site.finish()
    assert site.api.requests()[-1]["headers"]["authorization"] == f"Key CANARY-key-{ROUNDS - 1}"
