# SPDX-License-Identifier: MIT
"""Each way in which people, editors and tools save a file: none is lost, none counts twice.

Every way is taken DFMODE_SAVE_ROUNDS times (2), with DFMODE_SAVE_SETTLE as the settle time (20ms),
and once more with inotify switched off. If DFMODE_SAVE_FIGURES names a file, a line for each save
is added to it: the way, the milliseconds until its PUT arrived, what made the daemon look.

A way that leaves a moment without a whole file may be refused in that moment; what must not be is
that anything is done about it. The others must not even be refused.
"""
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Callable

import pytest

from harness import until
from saving import ROUNDS, Site, fresh, note
from ways import UNSEEN, WAYS, Way


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
