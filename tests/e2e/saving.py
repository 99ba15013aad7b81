# SPDX-License-Identifier: MIT
"""What the tests of saving share: one save, and a daemon on a file in a directory of its own."""
import json
import os
import time
from pathlib import Path
from typing import Optional

from harness import Api, Config, Daemon

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


def fresh(path: Path) -> Path:
    """A name beside it that is not in use."""
    names = (path.with_name(f"{path.name}.{number}") for number in range(1000))
    return next(name for name in names if not os.path.lexists(name))


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


def note(name: str, latency: float, causes: list[str]) -> None:
    if FIGURES:
        with open(FIGURES, "a") as file:
            file.write(f"{json.dumps([name, round(1000 * latency, 2), causes])}\n")
