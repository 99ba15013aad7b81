# SPDX-License-Identifier: MIT
"""System calls that fail: which there are, and a worker that makes them fail in lives of a daemon."""
import random
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, Optional

from faults import FOR_EVER, KINDS, Fault
from harness import Api
from life import PHASES, Life, Violation

BURST = 5
LIFE_CASES = 40  # a life ends after so many, and all that it said is searched for secrets
STAT_STEP = 7  # there are very many of them, in a loop over the same paths


class Case(NamedTuple):
    phase: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.phase}: {self.fault}"


def count_calls(api: Api, directory: Path, library: str) -> dict[str, dict[str, int]]:
    """By phase and kind, in a life in which nothing fails."""
    life = Life(api, directory, library)
    counts = {}
    for phase in PHASES:
        before = {kind: 0 for kind in KINDS} if phase in ("begin", "stop") else life.page.calls()
        if phase == "stop":
            before = life.page.calls()
        life.suffer(phase, None)
        counts[phase] = {kind: n - before[kind] for kind, n in life.page.calls().items()}
    life.end()
    return counts


def numbers(kind: str, count: int) -> range:
    step = {"stat": STAT_STEP, "memory": 1 + count // 50}.get(kind, 1)
    return range(1, count + 1, step)


def all_cases(counts: dict[str, dict[str, int]]) -> Iterator[Case]:
    for phase, kinds in counts.items():
        for kind, count in kinds.items():
            for first in numbers(kind, count):
                yield Case(phase, Fault(kind, "KILL", first))
                for how in KINDS[kind]:
                    yield Case(phase, Fault(kind, how, first))
                    if kind != "memory":
                        yield Case(phase, Fault(kind, how, first, BURST))
            if count > 0 and kind != "memory":
                for how in KINDS[kind]:
                    if how != "EINTR":  # which is an invitation to try again at once
                        yield Case(phase, Fault(kind, how, 1, FOR_EVER))


class Lives:
    """One after the other, each for some cases; a violation ends one."""

    def __init__(self, api: Api, directory: Path, library: str) -> None:
        self.api = api
        self.directory = directory
        self.library = library
        self.number = 0
        self.cases = 0
        self.injected = 0
        self.life: Optional[Life] = None

    def suffer(self, case: Case) -> Optional[str]:
        """None, or what was violated and the log of it."""
        try:
            self.cases += 1
            if self.life is not None and (case.phase == "begin" or self.cases > LIFE_CASES):
                why = self.leave()
                if why is not None:
                    return why
            life = self.life
            if life is None:
                self.number += 1
                self.cases = 1
                life = self.life = Life(self.api, self.directory / str(self.number), self.library)
                if case.phase != "begin":
                    life.suffer("begin", None)
            self.injected += life.suffer(case.phase, case.fault)
            return None
        except (Violation, AssertionError) as violation:
            return self.abandon(str(violation))
        except Exception as error:  # what the runner did not foresee is a failure too
            return self.abandon(repr(error))

    def abandon(self, why: str) -> str:
        life, self.life = self.life, None
        if life is None:
            return why
        if life.daemon.running():
            life.daemon.kill()
        return why[:2000] + "\n" + life.story()

    def leave(self) -> Optional[str]:
        """End the life, and see that nothing secret was said in it."""
        life, self.life = self.life, None
        try:
            if life is not None:
                life.end()
            return None
        except AssertionError as violation:
            return str(violation)[:2000]


def sample(cases: list[Case], count: int, seed: int) -> list[Case]:
    return random.Random(seed).sample(cases, min(count, len(cases)))
