# SPDX-License-Identifier: MIT
"""Prism, which turns an OpenAPI file into a server that refuses what the file does not allow.

It is taken from PATH, or else brought once by npm into the build directory; without either, what
needs it is skipped.
"""
import fcntl
import http.client
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Optional

from harness import PATIENCE, STANDIN, die_with_parent, until

VERSION = "5.14.2"
BEFORE = "2026-11-01"  # what it depends on is as it was on that day
CONTRACT = Path(STANDIN).with_name("datafold.openapi.json")
ENTRY = Path("node_modules/@stoplight/prism-cli/dist/index.js")
INSTALL_SECONDS = 80


class Missing(Exception):
    """Why there is none."""


def install(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(directory), f"--before={BEFORE}"]
    command += ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"]
    command += ["--fetch-retries=1", "--fetch-timeout=20000", "--loglevel=error"]
    try:
        done = subprocess.run(
            [*command, f"@stoplight/prism-cli@{VERSION}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"npm did not bring it within {INSTALL_SECONDS} s") from None
    if done.returncode != 0:
        raise Missing(f"npm does not bring it: {done.stderr.strip()[:500]}")


def obtain(scratch: Path) -> list[str]:
    """The command that runs it. Tests that run at once wait for one of them to bring it, and
    believe that one if it could not."""
    if found := shutil.which("prism"):
        return [found]
    if not shutil.which("npm") or not shutil.which("node"):
        raise Missing("no prism, and no npm to bring it")
    directory = Path(os.environ.get("builddir", scratch)) / "prism" / VERSION
    failure = scratch / "prism-is-missing"
    with open(scratch / "prism-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if failure.exists():
            raise Missing(failure.read_text())
        if not (directory / "complete").exists():
            try:
                install(directory)
            except Missing as missing:
                failure.write_text(str(missing))
                raise
            (directory / "complete").touch()
    return ["node", str(directory / ENTRY)]


class Prism:
    """A mock of the API that answers 422 to a request which the contract does not allow."""

    def __init__(self, command: list[str], directory: Path, contract: Any) -> None:
        self.contract = directory / "contract.json"
        self.contract.write_text(json.dumps(contract))
        self.log = directory / "prism.log"
        self.process = subprocess.Popen(
            [*command, "mock", "--errors", "--host=127.0.0.1", "--port=0", str(self.contract)],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=open(self.log, "wb"),
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        self.port = int(until(self.listens, "prism listens"))
        self.url = f"http://127.0.0.1:{self.port}"

    def listens(self) -> Optional[str]:
        text = self.log.read_text()
        assert self.process.poll() is None, text
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", text)
        return found[1] if found else None

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def ask(self, method: str, path: str, given: Any = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        body = None if given is None else json.dumps(given)
        given_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, given_headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def refusals(self) -> list[str]:
        return re.findall(r"(?:error|warning) +(.*)", self.log.read_text())

    def passed(self) -> int:
        return self.log.read_text().count("The request passed the validation rules")
