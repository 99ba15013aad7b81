# SPDX-License-Identifier: MIT
"""A wrong command line ends with 64 and says what is wrong with it; output that does not arrive is a failure."""
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
        ("help nonsense", "help: no such command: 'nonsense'; see dfmode-sync help --help"),
        ("wait --timeout=25h", "wait: --timeout takes at most 1d; see dfmode-sync wait --help"),
        ("status --watch", "status: --watch needs a terminal; see dfmode-sync status --help"),
        ("status --watch --json", "status: --watch and --json exclude each other; see dfmode-sync status --help"),
        ("edit", "edit: needs a terminal; see dfmode-sync edit --help"),
        ("check --watch", "check has no option --watch; see dfmode-sync check --help"),
        ("push", "push: an argument is missing; usage: dfmode-sync push ID..."),
    ],
)
def test_wrong_usage_is_named(line: str, error: str) -> None:
    done = run(line, subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", f"dfmode-sync: {error}\n")


@pytest.mark.parametrize("line", ["--help", "--version", "help", "help plan", "check --help", "next @daily"])
def test_output_that_does_not_arrive_is_a_failure(line: str) -> None:
    with open("/dev/full", "w") as full:
        assert run(line, full).returncode == 74
