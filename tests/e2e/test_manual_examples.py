# SPDX-License-Identifier: MIT
"""Every `$ dfmode-sync …` in README.md and the manual pages is run, and prints what stands there.

Times, spans and the number of the process differ from run to run and are compared as such; so is the address of the
server, and where the file is. An example that is not told here how to come about fails the test.
"""
import re
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from harness import PROGRAM, Api, Config, Daemon

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("README.md", "man/dfmode-sync.8", "man/dfmode-sync.conf.5")
FILE, SERVER = "/etc/dfmode-sync.conf", "https://app.datafold.com"


def readme_blocks(text: str) -> Iterator[list[str]]:
    """The blocks of code that are indented by four."""
    block: list[str] = []
    for line in [*text.splitlines(), "end"]:
        if line.startswith("    ") or (block and not line.strip()):
            block.append(line[4:])
        elif block:
            yield block
            block = []


def mdoc_blocks(text: str) -> Iterator[list[str]]:
    for body in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", text, re.M | re.S):
        yield body.replace("\\e", "\\").replace("\\&", "").replace("\\-", "-").splitlines()


def examples(page: str) -> Iterator[tuple[str, str]]:
    """Each command of a page, and what stands below it."""
    text = (ROOT / page).read_text()
    for block in (readme_blocks if page.endswith(".md") else mdoc_blocks)(text):
        command, output = "", []
        for line in [*block, "$ "]:
            if line.startswith("$ "):
                if "dfmode-sync" in command.split("|")[0].split()[:1]:
                    yield command, "\n".join(output).strip() + "\n"
                command, output = line[2:], []
            else:
                output.append(line)


DAY = r"\b\w{3} (\d{4}-\d\d-)?\d\d\b"
SPAN = r"\d+(\.\d+)?(ms|s|min|h|d)( \d+(ms|s|min|h))?"


def normal(text: str) -> str:
    """What may differ from run to run, as what it is."""
    text = re.sub(r"\w{3} \d{4}-\d\d-\d\d \d\d:\d\d", "<time>", text)
    text = re.sub(r"\w{3} \d\d-\d\d \d\d:\d\d", "<time>", text)
    text = re.sub(rf"\b({SPAN} ago|just now)", "<ago>", text)
    text = re.sub(rf"\bin {SPAN}|\btry now\b", "in <span>", text)
    text = re.sub(rf"\bunanswered in .*", "unanswered in <span>", text)
    text = re.sub(rf"\b(for|up) {SPAN}", r"\1 <span>", text)
    text = re.sub(r"process \d+", "process <n>", text)
    text = re.sub(r"attempt \d+", "attempt <n>", text)
    text = re.sub(r"CES?T", "CET", text)
    lines = [re.sub(r"  +", "  ", line.rstrip()) for line in text.splitlines()]
    return "\n".join(lines).strip() + "\n"


class Scene:
    """The README's own file, a server, and a shell in which `dfmode-sync` is the program."""

    def __init__(self, api: Api, config: Config, daemon: Daemon) -> None:
        self.api, self.config, self.daemon = api, config, daemon
        self.sample = next(
            "\n".join(block).rstrip() + "\n"
            for block in readme_blocks((ROOT / "README.md").read_text())
            if block[0].startswith("api = {")
        )
        assert self.sample.count("\n") == 13, self.sample
        bin = daemon.directory / "bin"
        bin.mkdir()
        (bin / "dfmode-sync").write_text(
            f'#!/bin/sh\ncase " $* " in *" -c "*) exec {PROGRAM} "$@" ;; esac\n'
            f'exec {PROGRAM} -c {config.path} "$@"\n'
        )
        (bin / "dfmode-sync").chmod(0o755)
        (bin / "vi").write_text("#!/bin/sh\nsed -i 's/0 6 [*] [*]/30 7 * */' \"$1\"\n")
        (bin / "vi").chmod(0o755)
        self.environment = daemon.environment(TZ="Europe/Berlin", EDITOR="vi", TERM="xterm", NO_COLOR="1")
        self.environment["PATH"] = f"{bin}:{self.environment['PATH']}"

    def here(self, text: str) -> str:
        """A text of the pages, with the names that things have here."""
        for name in ("api-key", "mode-token", "mode-password"):
            file = {"mode-token": "token", "mode-password": "password"}.get(name, name)
            text = text.replace(f"/etc/dfmode-sync/{name}", str(self.config.secrets / file))
        return text.replace(SERVER, self.api.url).replace(FILE, str(self.config.path))

    def save(self, *changes: tuple[str, str]) -> None:
        text = self.here(self.sample)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        self.config.save(text)

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", f"( {command} ) 2>&1"],
            env=self.environment,
            cwd=self.daemon.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        return done.stdout

    def run_on_terminal(self, command: str, answers: list[tuple[str, str]]) -> str:
        pexpect = pytest.importorskip("pexpect", reason="needs python3-pexpect")
        child: Any = pexpect.spawn(
            "sh", ["-c", command], env=self.environment, cwd=str(self.daemon.directory),
            timeout=60, encoding="utf-8", dimensions=(50, 200),
        )
        shown = ""
        for pattern, answer in answers:
            child.expect(pattern)
            shown += child.before + child.after
            child.sendline(answer)
        child.expect(pexpect.EOF)
        shown += child.before
        # The line that shows how far it is has been wiped again.
        return re.sub(r"[^\n]*\x1b\[K", "", shown.replace("\r\n", "\n"))

    def start(self) -> None:
        self.save()
        self.daemon.start()
        self.daemon.accepted(42, 43)


def faulty(scene: Scene) -> None:
    scene.save(('"0 6 * * mon-fri"', '"0 25 * * *"'), ("workspace ", "workspce  "))


def in_sync(scene: Scene) -> None:
    scene.start()


def edited(scene: Scene) -> None:
    scene.start()
    scene.daemon.stop()
    scene.save(("0 6 * * mon-fri", "30 7 * * mon-fri"))


def rejected(scene: Scene) -> None:
    scene.start()
    scene.save(("0 6 * * mon-fri", "0 6 ? * mon-fri"))


def rejected_and_waited(scene: Scene) -> None:
    rejected(scene)
    scene.run("dfmode-sync wait")


def drifted(scene: Scene) -> None:
    scene.start()


def new(scene: Scene) -> None:
    scene.save()


def new_rejected(scene: Scene) -> None:
    scene.save(("0 6 * * mon-fri", "0 6 ? * mon-fri"))


def refused(scene: Scene) -> None:
    scene.start()
    scene.save(("0 6 * * mon-fri", "0 25 * * mon-fri"))


# How each example comes about; several of one command come in the order of the pages.
SCENES: dict[str, list[Callable[[Scene], None]]] = {
    "dfmode-sync check": [faulty],
    "dfmode-sync plan": [edited],
    "dfmode-sync status": [in_sync, rejected_and_waited],
    "dfmode-sync wait": [rejected, rejected],
    "dfmode-sync edit": [in_sync],
    "dfmode-sync push 42": [drifted],
    "dfmode-sync reload": [refused],
    "dfmode-sync apply 2>apply.log": [new_rejected],
    "dfmode-sync next -n 2 '*/20 6-8 * * mon-fri'": [new],
    "dfmode-sync next --week '*/20 6-8 * * mon-fri'": [new],
    "dfmode-sync next -n 3 '0 6 1 * mon'": [new],
}


def all_examples() -> list[tuple[str, str, str, int]]:
    """Page, command, what it prints, and the how-manieth of that command it is."""
    found: list[tuple[str, str, str, int]] = []
    for page in PAGES:
        for command, output in examples(page):
            found.append((page, command, output, sum(c == command for _, c, _, _ in found)))
    return found


@pytest.mark.parametrize(
    "page, command, output, index",
    [pytest.param(*example, id=f"{example[0]}: {example[1]} ({example[3]})") for example in all_examples()],
)
def test_example(
    page: str, command: str, output: str, index: int, api: Api, config: Config, daemon: Daemon
) -> None:
    assert command in SCENES and index < len(SCENES[command]), f"{command}: how does it come about?"
    scene = Scene(api, config, daemon)
    SCENES[command][index](scene)
    if command == "dfmode-sync edit":
        shown = scene.run_on_terminal(command, [(r"save\?.*: ", "y")])
    else:
        shown = scene.run(command)
    told, found = normal(scene.here(output)), normal(shown)
    if "--week" in command:  # which begins today
        told, found = (re.sub(DAY, "<day>", text) for text in (told, found))
        told, found = ("\n".join(sorted(text.splitlines())) for text in (told, found))
    assert found == told


def test_the_rejection_of_the_readme_is_what_the_log_has(
    api: Api, config: Config, daemon: Daemon
) -> None:
    scene = Scene(api, config, daemon)
    rejected(scene)
    shown = re.search(r"^    (integration 42 'Mode: Finance': 422 .*)$", (ROOT / "README.md").read_text(), re.M)
    assert shown is not None
    record = daemon.wait("update-rejected", id=42)
    assert normal(record.message) == normal(scene.here(shown[1]))


def test_no_scene_is_left_over() -> None:
    known = {(command, i) for command, scenes in SCENES.items() for i in range(len(scenes))}
    assert known == {(command, index) for _, command, _, index in all_examples()}
