# SPDX-License-Identifier: MIT
"""What the lints share: where the sources are, and one line of TAP for each check."""

import os
import pathlib

ROOT = pathlib.Path(os.environ.get("srcdir") or pathlib.Path(__file__).parents[2]).resolve()

C_PLACES = ("src", "tests/unit", "tests/support", "tests/fuzz", "tests/sim", "tests/bench", "tests/torture")


def sources(*patterns: str, places: tuple[str, ...] = C_PLACES) -> list[pathlib.Path]:
    """The files of these places that match; never what a build puts beside them."""
    found: set[pathlib.Path] = set()
    for place in places:
        for pattern in patterns:
            found.update((ROOT / place).rglob(pattern))
    return sorted(found)


def name(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


class Report:
    """Checks as they are made; a complaint is a comment under its check."""

    def __init__(self) -> None:
        self.count = 0
        self.failed = 0

    def check(self, title: str, complaints: list[str]) -> None:
        self.count += 1
        self.failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {self.count} - {title}")
        for complaint in complaints:
            print(f"# {complaint}")

    def skip(self, title: str, reason: str) -> None:
        self.count += 1
        print(f"ok {self.count} - {title} # SKIP {reason}")

    def end(self) -> int:
        """Print the plan; the exit status."""
        print(f"1..{self.count}")
        return 1 if self.failed else 0
