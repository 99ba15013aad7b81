# SPDX-License-Identifier: MIT
"""A wrong command line ends with 64 and says what is wrong with it, help is given to who asks for it, and output that
does not arrive is a failure."""
import subprocess
from typing import IO, Union

import pytest
from harness import PROGRAM


def run(line: str, output: Union[int, IO[str]]) -> "subprocess.CompletedProcess[str]":
    words = [PROGRAM, *line.split()]
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True, timeout=20
    )


@pytest.mark.parametrize(
    "line, error",
    [
        ("nonsense", "unknown command: 'nonsense'; see dfmode-sync --help"),
        ("--bogus", "unknown or ambiguous option: '--bogus'; see dfmode-sync --help"),
        ("run more", "run: takes no such argument: 'more'; see dfmode-sync run --help"),
        ("run --json", "run has no option --json; see dfmode-sync run --help"),
        ("--watch check", "check has no option --watch; see dfmode-sync check --help"),
        ("status --timeout=1s", "status has no option --timeout; see dfmode-sync status --help"),
        ("help nonsense", "help: no such command: 'nonsense'; see dfmode-sync help --help"),
        ("wait --timeout=25h", "wait: --timeout takes at most 1d; see dfmode-sync wait --help"),
        ("status --watch", "status: --watch needs a terminal; see dfmode-sync status --help"),
        ("status --watch --json", "status: --watch and --json exclude each other; see dfmode-sync status --help"),
        ("edit", "edit: needs a terminal; see dfmode-sync edit --help"),
        ("push", "push: an argument is missing; usage: dfmode-sync push ID..."),
        ("resync", "resync: an argument is missing; usage: dfmode-sync resync ID... [--json]"),
    ],
)
def test_wrong_usage_is_named(line: str, error: str) -> None:
    done = run(line, subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", f"dfmode-sync: {error}\n")


@pytest.mark.parametrize(
    "line, start",
    [
        ("--help", "Usage: dfmode-sync [-v] [-c FILE] [--log=FORM] [COMMAND]\n"),
        ("--version", "dfmode-sync "),
        ("check --help", "Usage: dfmode-sync [OPTION...] check [--json]\n"),
        ("--help resync", "Usage: dfmode-sync [OPTION...] resync ID... [--json]\n"),
        ("help status", "Usage: dfmode-sync [OPTION...] status [ID...] [--json | --watch]\n"),
    ],
)
def test_who_asks_for_help_has_it(line: str, start: str) -> None:
    done = run(line, subprocess.PIPE)
    assert (done.returncode, done.stdout[: len(start)], done.stderr) == (0, start, "")


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "--version",
        "help",
        "help plan",
        "check --help",
        "next @daily",
        "next @daily -n 1000",  # more than stdio keeps for later
    ],
)
def test_output_that_does_not_arrive_is_a_failure(line: str) -> None:
    with open("/dev/full", "w") as full:
        assert run(line, full).returncode == 74
