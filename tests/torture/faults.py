# SPDX-License-Identifier: MIT
"""The kinds of calls that can be made to fail, and the page that arms the preloaded library."""
import errno
import mmap
from pathlib import Path
from typing import NamedTuple

WORDS = 64
KIND, ACTION, ERROR, FIRST, COUNT, INJECTED, CLOCK_NS, SLEPT_NS = range(8)
CALLS = 16
FAIL, SHORT, KILL = range(3)
FOR_EVER = 1 << 40

# Each kind (enum fault_kind of page.h, in its order) and how it fails; SHORT: one byte is read or
# written. Only errors that say nothing about the file: EACCES or ENOENT would rightly be a fault.
KINDS = {
    "open": ("EIO", "EMFILE", "ENFILE", "ENOMEM"),
    "read": ("EIO", "SHORT", "EINTR", "ESTALE"),
    "write": ("ENOSPC", "EIO", "SHORT", "EINTR", "EDQUOT"),
    "log": ("EAGAIN", "ENOSPC", "SHORT", "EINTR"),
    "close": ("EIO", "ENOSPC"),
    "rename": ("EIO", "ENOSPC", "EROFS"),
    "sync": ("EIO", "ENOSPC"),
    "stat": ("EIO", "ENOMEM", "ESTALE"),
    "directory": ("EIO", "EMFILE"),
    "unlink": ("EIO", "EROFS"),
    "mode": ("EIO", "EPERM"),
    "lock": ("EIO", "ENOLCK"),
    "socket": ("EMFILE", "ENOBUFS"),
    "connect": ("ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL", "ETIMEDOUT"),
    "send": ("ECONNRESET", "EPIPE", "ENOBUFS"),
    "receive": ("ECONNRESET", "ETIMEDOUT", "ENOMEM"),
    "accept": ("EMFILE", "ECONNABORTED", "ENFILE", "EPERM"),
    "listen": ("EADDRINUSE", "ENOMEM"),
    "option": ("ENOBUFS", "EINVAL"),
    "lookup": ("EMFILE", "EIO"),
    "inotify": ("EMFILE", "ENOSPC", "ENOMEM"),
    "pipe": ("EMFILE", "ENFILE"),
    "thread": ("EAGAIN",),
    "random": ("ENOSYS", "EIO"),
    "memory": ("ENOMEM",),
}
NUMBERS = {name: number for number, name in enumerate(KINDS, 1)}


class Fault(NamedTuple):
    """The calls `first` to `first + count - 1` of a kind, counted from when it is armed."""

    kind: str
    how: str  # the name of an errno, SHORT or KILL
    first: int
    count: int = 1

    def __str__(self) -> str:
        times = {1: "once", FOR_EVER: "for a while"}.get(self.count, f"{self.count} times")
        return f"{self.kind} {self.first} {self.how} {times}"


class Page:
    """Mapped by the library too; its numbers stand as long as the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with open(path, "w+b") as file:
            file.truncate(8 * WORDS)
            self.map = mmap.mmap(file.fileno(), 8 * WORDS)
        self.words = memoryview(self.map).cast("q")

    def calls(self) -> dict[str, int]:
        return {name: self.words[CALLS + number] for name, number in NUMBERS.items()}

    def arm(self, fault: Fault) -> None:
        number = NUMBERS[fault.kind]
        self.disarm()
        self.words[INJECTED] = 0
        self.words[ACTION] = {"SHORT": SHORT, "KILL": KILL}.get(fault.how, FAIL)
        self.words[ERROR] = getattr(errno, fault.how, 0)
        self.words[COUNT] = fault.count
        self.words[FIRST] = self.words[CALLS + number] + fault.first
        self.words[KIND] = number

    def reset(self) -> None:
        for word in range(WORDS):
            self.words[word] = 0

    def disarm(self) -> None:
        self.words[KIND] = 0

    def injected(self) -> int:
        return self.words[INJECTED]

    def set_clock(self, seconds: float) -> None:
        self.words[CLOCK_NS] = int(seconds * 1e9)

    def sleep(self, seconds: float) -> None:
        self.words[SLEPT_NS] = int(seconds * 1e9)

    def environment(self, library: str) -> dict[str, str]:
        return {"LD_PRELOAD": library, "TORTURE_PAGE": str(self.path)}
