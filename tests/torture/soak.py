# SPDX-License-Identifier: MIT
"""A long life: an edit every 50 ms, and all the while faults, hangups and a server that drifts.

Memory and descriptors do not grow, no value is sent that no file held, and what is sent is hardly
more than what changed: 1.02 PUTs for each.
"""
import random
import signal
import time
from pathlib import Path
from typing import Any, Iterator, Optional

from calls import BURST
from faults import KINDS, Fault
from harness import Api
from life import CRONS, HANG_S, Life, Violation

EDIT_S = 0.05
COUNT = 200  # integrations
FAULT_S, HANGUP_S, DRIFT_S, LOOK_S = 10.0, 3.0, 2.0, 2.0
PUTS_PER_CHANGE = 1.02
GROWTH_KIB = 2048
GROWTH_DESCRIPTORS = 8
HARMLESS = [kind for kind in KINDS if kind not in ("memory", "accept", "listen", "lock", "thread")]
HISTORY = 200  # values that a late PUT of an integration may still carry


class Soak(Life):
    def __init__(self, api: Api, directory: Path, library: str, seed: int) -> None:
        super().__init__(api, directory, library)
        self.chance = random.Random(seed)
        self.config.settings.update({"drift.mode": "repair", "drift.interval": "1s"})
        self.config.settings["api.max_in_flight"] = 8
        for id in range(1, COUNT + 1):
            self.config.set(id, CRONS[0])
        self.config.save()
        self.values = {id: [CRONS[0]] for id in self.config.integrations}
        self.changes = len(self.values)
        self.puts = 0
        self.sizes: list[tuple[float, int, int]] = []
        self.due = {"fault": 0.0, "hangup": 0.0, "drift": 0.0, "look": 0.0}

    def collect(self) -> None:
        records = self.api.requests(after=self.seen)
        for record in records:
            self.puts += 1
            body = record["body"]
            if body is not None and body["indexing_cron"] not in self.values[record["id"]]:
                raise Violation(f"a PUT that no file asked for: {record['id']} {body}")
        self.seen += len(records)

    def converge(self, within: float = HANG_S) -> None:
        end = time.monotonic() + within
        wanted = {id: given["indexing_cron"] for id, given in self.config.integrations.items()}
        while self.api.crons() != wanted:
            if time.monotonic() > end:
                raise Violation(f"not equal within {within} s")
            time.sleep(0.1)
        self.collect()

    def edit(self) -> None:
        id = self.chance.randrange(COUNT) + 1
        old = self.config.integrations[id]["indexing_cron"]
        new = self.chance.choice([cron for cron in CRONS if cron != old])
        self.values[id] = self.values[id][-HISTORY:] + [new]
        self.changes += 1
        self.config.set(id, new).save()

    def drift(self) -> None:
        id = self.chance.randrange(COUNT) + 1
        self.changes += 1
        self.api.control("PUT", f"integrations/{id}", {"indexing_cron": "9 9 * * *"})

    def fault(self) -> None:
        kind = self.chance.choice(HARMLESS)
        self.page.arm(Fault(kind, self.chance.choice(KINDS[kind]), 1, BURST))

    def hangup(self) -> None:
        self.daemon.signal(signal.SIGHUP)

    def look(self) -> None:
        self.collect()
        self.sizes.append((time.monotonic(), self.memory(), self.descriptors()))

    def memory(self) -> int:
        assert self.daemon.process is not None
        status = Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0])

    def live(self, seconds: float) -> None:
        intervals = {"fault": FAULT_S, "hangup": HANGUP_S, "drift": DRIFT_S, "look": LOOK_S}
        begun = time.monotonic()
        while (now := time.monotonic()) < begun + seconds:
            if not self.daemon.running():
                raise Violation("it died")
            self.edit()
            for name, interval in intervals.items():
                if now >= self.due[name]:
                    self.due[name] = now + interval
                    getattr(self, name)()
            time.sleep(max(0.0, EDIT_S - (time.monotonic() - now)))
        self.page.disarm()

    def growth(self, column: int) -> int:
        """Of the largest of the last quarter over that of the second: it had warmed up by then."""
        quarter = max(1, len(self.sizes) // 4)
        values = [size[column] for size in self.sizes]
        return max(values[-quarter:]) - max(values[quarter : 2 * quarter])


def soak(
    api: Api, directory: Path, library: str, seconds: float, seed: int
) -> Iterator[tuple[str, Optional[str]]]:
    life = Soak(api, directory, library, seed)
    life.start()
    try:
        life.live(seconds)
        life.converge()
        life.end()
    except (Violation, AssertionError) as violation:
        if life.daemon.running():
            life.daemon.kill()
        yield "soak: the server has the files", f"{violation}\n{life.story()}"
        return
    yield "soak: the server has the files", None
    memory, descriptors = life.growth(1), life.growth(2)
    ratio = life.puts / life.changes
    yield f"soak: memory grew by {memory} KiB", fails(memory > GROWTH_KIB, life.sizes)
    yield f"soak: descriptors grew by {descriptors}", fails(
        descriptors > GROWTH_DESCRIPTORS, life.sizes
    )
    yield f"soak: {life.puts} PUTs of {life.changes} changes", fails(ratio > PUTS_PER_CHANGE, ratio)


def fails(is_failed: bool, why: Any) -> Optional[str]:
    return str(why) if is_failed else None
