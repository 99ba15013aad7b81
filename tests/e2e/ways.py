# SPDX-License-Identifier: MIT
"""The ways in which people, editors and tools save a file.

A way that leaves a moment without a whole file has a gap: it may be refused in that moment.
"""
import ctypes
import json
import mmap
import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Callable, NamedTuple, Optional

import pytest

from harness import PATIENCE, until
from saving import Edit, fresh


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
