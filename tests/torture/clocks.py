# SPDX-License-Identifier: MIT
"""Time that does not pass as it should: the clock is set, the machine sleeps, the process stops."""
import signal
import time
from pathlib import Path
from typing import Callable, Iterator, Optional

from clients import walk
from harness import Api
from life import PHASES, Life, Violation

DAY_S = 86400
JUMPS_S = (3600, -3600, DAY_S, -DAY_S, 10 * 365 * DAY_S, -10 * 365 * DAY_S, 2**31, -(2**31))
SLEEPS_S = (60, 3600, 30 * DAY_S)
STOPS_S = (0.2, 1.5)
WITHIN_S = 8  # an edit must not wait for a clock
WHILE = ("edit", "reconnect", "reject", "rotate", "hangup", "ask")


def jump(life: Life, phase: str, seconds: float) -> None:
    getattr(life, phase)()
    life.page.set_clock(seconds)
    life.converge(WITHIN_S)
    life.edit()
    life.converge(WITHIN_S)
    life.page.set_clock(0)


def sleep(life: Life, phase: str, seconds: float) -> None:
    getattr(life, phase)()
    life.page.sleep(seconds)
    life.converge(WITHIN_S)


def freeze(life: Life, phase: str, seconds: float) -> None:
    if phase == "ask":
        return  # it would wait for an answer
    getattr(life, phase)()
    life.daemon.signal(signal.SIGSTOP)
    time.sleep(seconds)
    life.edit()
    life.daemon.signal(signal.SIGCONT)
    life.converge(WITHIN_S)


def restart(life: Life, seconds: float) -> None:
    """The state was written at a time that is yet to come, or long ago."""
    life.page.set_clock(seconds)
    life.edit()
    life.converge(WITHIN_S)
    life.daemon.stop()
    life.page.set_clock(0)
    life.edit()
    life.start()
    life.converge(WITHIN_S)


def clocks(api: Api, directory: Path, library: str) -> Iterator[tuple[str, Optional[str]]]:
    life = Life(api, directory, library)
    life.suffer("begin", None)
    steps: list[tuple[str, Callable[[], None]]] = []
    ways: tuple[tuple[str, Callable[[Life, str, float], None], tuple[float, ...]], ...]
    ways = (("clock", jump, JUMPS_S), ("suspend", sleep, SLEEPS_S), ("stop", freeze, STOPS_S))
    for phase in WHILE:
        for name, way, amounts in ways:
            for by in amounts:
                steps.append(
                    (f"{phase}: {name} {by} s", lambda w=way, p=phase, b=by: w(life, p, b))
                )
    for by in JUMPS_S:
        steps.append((f"restart: clock {by} s", lambda b=by: restart(life, b)))
    yield from walk(life, steps)
