# SPDX-License-Identifier: MIT
"""Memory that cannot be had: the N-th malloc, calloc or realloc of a command gives NULL.

The command ends by the deliberate abort, or it ends as if nothing had been; never with another
exit status, which would be a bad file that is taken for a good one, or libconfig's own exit(2).
"""
import signal
import subprocess
from pathlib import Path
from typing import Iterator, Optional

from faults import FOR_EVER, Fault, Page
from harness import CANARY, PROGRAM, Api, Config
from life import HANG_S, OUT_OF_MEMORY

COMMANDS = {"check": ("check",), "check-bad": ("check",), "plan": ("plan",)}


class Command:
    """One command on a file of its own; of a bad one the faults must be found."""

    def __init__(self, api: Api, directory: Path, library: str, name: str) -> None:
        directory.mkdir()
        self.directory = directory
        self.words = COMMANDS[name]
        self.page = Page(directory / "page")
        self.library = library
        config = Config(directory, api.url)
        for id in (42, 43):
            config.set(id, "0 6 * * mon-fri", name=f"Mode: {id}")
        text = config.text()
        config.save(text.replace("id = 43", "id = 42") if name == "check-bad" else text)
        self.path = config.path
        self.usual = self.run(None)
        self.total = self.page.calls()["memory"]

    def run(self, fault: Optional[Fault]) -> "subprocess.CompletedProcess[str]":
        self.page.reset()
        if fault is not None:
            self.page.arm(fault)
        environment = self.page.environment(self.library)
        environment.update(PATH="/usr/bin:/bin", TZ="UTC", STATE_DIRECTORY=str(self.directory))
        return subprocess.run(
            [PROGRAM, "-c", str(self.path), *self.words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_S,
        )

    def fail(self, number: int, count: int) -> Optional[str]:
        done = self.run(Fault("memory", "ENOMEM", number, count))
        if CANARY in done.stdout + done.stderr:
            return "a secret in " + done.stdout + done.stderr
        if done.returncode == -signal.SIGABRT and done.stderr.endswith(OUT_OF_MEMORY):
            return None
        if done.returncode == self.usual.returncode and not self.page.injected():
            return None
        if (done.returncode, done.stdout) == (self.usual.returncode, self.usual.stdout):
            return None
        return f"status {done.returncode}, usually {self.usual.returncode}:\n{done.stderr}"


def allocations(
    api: Api, directory: Path, library: str, name: str, part: int, parts: int
) -> Iterator[tuple[str, Optional[str]]]:
    """Every N of `check` and `plan`, in so many parts."""
    command = Command(api, directory, library, name)
    for number in range(1 + part, command.total + 1, parts):
        yield f"{name}: memory {number} ENOMEM once", command.fail(number, 1)
    yield f"{name}: memory {part} ENOMEM for ever", command.fail(part, FOR_EVER)
