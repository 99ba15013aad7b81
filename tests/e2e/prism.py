# SPDX-License-Identifier: MIT
"""Prism, which turns an OpenAPI file into a server that refuses what the file does not allow.

It is taken from PATH, or else brought once by npm into the build directory; without either, what
needs it is skipped.
"""
import http.client
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Optional

from npm import obtain_package

from harness import PATIENCE, STANDIN, die_with_parent, until

PACKAGE, VERSION = "@stoplight/prism-cli", "5.14.2"
CONTRACT = Path(STANDIN).with_name("datafold.openapi.json")
ENTRY = Path("node_modules/@stoplight/prism-cli/dist/index.js")


def obtain(scratch: Path) -> list[str]:
    """The command that runs it."""
    if found := shutil.which("prism"):
        return [found]
    return ["node", str(obtain_package(PACKAGE, VERSION, scratch) / ENTRY)]


class Prism:
    """A mock of the API that answers 422 to a request which the contract does not allow."""

    def __init__(self, command: list[str], directory: Path, contract: Any) -> None:
        self.contract = directory / "contract.json"
        self.contract.write_text(json.dumps(contract))
        self.log = directory / "prism.log"
        self.forgotten = 0
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

    def forget(self) -> "Prism":
        """What was logged until now is another test's."""
        self.forgotten = len(self.log.read_text())
        return self

    def logged(self) -> str:
        return self.log.read_text()[self.forgotten :]

    def refusals(self) -> list[str]:
        return re.findall(r"(?:error|warning) +(.*)", self.logged())

    def passed(self) -> int:
        return self.logged().count("The request passed the validation rules")
