# SPDX-License-Identifier: MIT
"""Tells pytest's results as TAP (`pytest -p no:terminal -p tap_lines`), for automake's TAP driver.

One line a test as soon as it is known, the plan at the end. Where tests run in several processes
only the one that collects the results writes.
"""
import io
import re
import sys
from typing import Any, Optional

import pytest
from _pytest._io import TerminalWriter


class TapLines:
    def __init__(self) -> None:
        self.count = 0

    def line(self, ok: bool, name: str, directive: str = "", diagnostics: str = "") -> None:
        self.count += 1
        word = "ok" if ok else "not ok"
        tail = f" # {directive}" if directive else ""
        # A '#' in a name would begin a directive.
        print(f"{word} {self.count} - {name.replace('#', '_')}{tail}")
        for text in diagnostics.splitlines():
            print("# " + text)
        sys.stdout.flush()

    def pytest_runtest_logreport(self, report: Any) -> None:
        # Without the group of tests that xdist keeps in one process.
        name = re.sub(r"@\w+$", "", report.nodeid.rpartition("/")[2])
        if report.failed:
            where = "" if report.when == "call" else f" ({report.when})"
            self.line(False, name + where, diagnostics=everything(report))
        elif report.skipped:
            self.line(True, name, directive="SKIP " + why_skipped(report))
        elif report.when == "call":
            self.line(True, name)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.line(False, f"{report.nodeid} (collection)", diagnostics=everything(report))
        elif report.skipped:  # a file as a whole
            self.line(True, report.nodeid.rpartition("/")[2], directive="SKIP " + why_skipped(report))

    def pytest_internalerror(self, excrepr: Any) -> None:
        print("Bail out! pytest failed: " + str(excrepr).strip().splitlines()[-1], flush=True)

    def pytest_sessionfinish(self) -> None:
        print(f"1..{self.count}", flush=True)


class NoTerminal:
    """In place of the terminal plugin, which is off: from pytest 8 on, what explains a failed comparison asks it for
    colours."""

    def __init__(self) -> None:
        self._tw = TerminalWriter(io.StringIO())


def everything(report: Any) -> str:
    sections = [f"{title}:\n{text}" for title, text in report.sections]
    return "\n".join([report.longreprtext] + sections)


def why_skipped(report: Any) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


def pytest_addoption(parser: Any) -> None:
    # The terminal plugin, which is off, defines it; what explains a failed assertion reads it.
    parser.addoption("--verbose", dest="verbose", type=int, default=0)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: Any) -> Optional[Any]:
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        config.pluginmanager.register(TapLines(), "tap_lines_reporter")
    if is_worker or not config.getoption("numprocesses", None):
        config.pluginmanager.register(NoTerminal(), "terminalreporter")
