# SPDX-License-Identifier: MIT
"""The catalogues of mutants beside this file (tests/mutants/run says what stands in them)."""

import os
import pathlib
import re
import tomllib
from typing import NamedTuple

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("srcdir") or HERE.parents[1]).resolve()


class Mutant(NamedTuple):
    catalogue: str
    file: str
    number: int  # among those of its file
    name: str
    before: str
    after: str
    test: str

    def source(self) -> str:
        """The text of the file with this one thing broken."""
        text = (SOURCE / "src" / self.file).read_text(encoding="utf-8")
        words = self.before.split()
        mutated, count = re.subn(r"\s+".join(map(re.escape, words)), lambda _: self.after, text)
        if count != 1:
            raise ValueError(f"{self.file} has '{' '.join(words)}' {count} times: correct {self.catalogue}.toml")
        return mutated


def read(path: pathlib.Path) -> list[Mutant]:
    return [
        Mutant(path.stem, file, number, row[0], row[1], row[2], row[3] if len(row) > 3 else module["test"])
        for file, module in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for number, row in enumerate(module["mutants"], 1)
    ]


def read_all(names: list[str]) -> list[Mutant]:
    """Those of these catalogues; of all when none is named."""
    paths = [HERE / f"{name}.toml" for name in names] or sorted(HERE.glob("*.toml"))
    return [mutant for path in paths for mutant in read(path)]
