# SPDX-License-Identifier: MIT
"""A state that was damaged while nothing ran: each byte changed, each truncation, other versions.

The server has other values than the files, so that a damaged state that is believed shows: the
daemon would take a value for accepted that the server never had.
"""
import shutil
from pathlib import Path
from typing import Iterator, Optional

from harness import Api, Config, Daemon
from life import HANG_S, Violation

# One turns each digit into one that could stand there too: '1' into '2', the accepted cron of the
# state into the one of the files; the other leaves no character what it was.
CHANGES = (3, 0x80)
BEFORE, AFTER = "1 1 * * *", "2 1 * * *"
IDS = (1, 2)
FILES = ("state.json", "state.key")


class Damage:
    def __init__(self, api: Api, directory: Path) -> None:
        directory.mkdir()
        self.api = api
        api.reset()
        self.directory = directory
        self.config = Config(directory, api.url)
        self.config.settings["drift.mode"] = "off"
        self.daemon = Daemon(directory, self.config)
        for id in IDS:
            self.config.set(id, BEFORE)
        self.config.save()
        self.daemon.start()
        self.daemon.accepted(*IDS)
        self.daemon.stop()
        self.files = {name: (self.daemon.state / name).read_bytes() for name in FILES}
        self.server = api.integrations()
        self.config.set(1, AFTER).save()

    def start_on(self, name: str, content: bytes) -> Optional[str]:
        """A start on a state that was damaged so: the server must get what the files say."""
        shutil.rmtree(self.daemon.state)
        self.daemon.state.mkdir()
        for other, bytes_ in {**self.files, name: content}.items():
            (self.daemon.state / other).write_bytes(bytes_)
        self.api.reset()
        for id, values in self.server.items():
            self.api.control("PUT", f"integrations/{id}", values)
        try:
            self.daemon.start()
            self.api.wait(1, id=1, status=200)
            if self.api.crons() != {1: AFTER, 2: BEFORE}:
                raise Violation(f"the server has {self.api.crons()}")
            self.daemon.kill()
            return None
        except (Violation, AssertionError) as violation:
            if self.daemon.running():
                self.daemon.kill()
            return f"{violation}\n" + "".join(self.daemon.output[-10:])

    def cases(self) -> Iterator[tuple[str, str, bytes]]:
        for name, content in self.files.items():
            for at in range(len(content)):
                for change in CHANGES:
                    damaged = bytes([content[at] ^ change])
                    title = f"{name}: byte {at} changed by {change}"
                    yield title, name, content[:at] + damaged + content[at + 1 :]
                yield f"{name}: cut after {at} bytes", name, content[:at]
            yield f"{name}: twice", name, content + content
            yield f"{name}: zeros", name, bytes(len(content))
        for version in (b"0", b"1", b"2", b"4", b"99", b"-1", b"18446744073709551618", b'"2"', b"null"):
            content = self.files["state.json"].replace(b'"version":3', b'"version":' + version)
            yield f"state.json: version {version.decode()}", "state.json", content


def damages(
    api: Api, directory: Path, part: int, parts: int
) -> Iterator[tuple[str, Optional[str]]]:
    damage = Damage(api, directory)
    for title, name, content in list(damage.cases())[part::parts]:
        yield title, damage.start_on(name, content)
