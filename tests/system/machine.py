# SPDX-License-Identifier: MIT
"""What the tests of the service work with: a booted Debian, and the service on it.

The machine is a systemd-nspawn container on an overlay of a Debian that is kept from run to run;
what it writes is in memory and gone with it. The program comes as a package, or, where that could
not be built, by `make install` as the README has it. Files of the machine are reached under `root` from outside, its
programs by nsenter. Everything waits on conditions, as in tests/e2e.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Optional

import harness
from harness import KEY, PASSWORD, PATIENCE, TOKEN, until

UNIT = "dfmode-sync.service"
PACKAGES = "/var/tmp/packages"
# What the README says after `make install`.
SET_UP = (
    ("systemd-sysusers",),
    ("systemd-tmpfiles", "--create", "dfmode-sync.conf"),
    ("journalctl", "--update-catalog"),
    ("systemctl", "daemon-reload"),
)
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    def __init__(self) -> None:
        self.scratch = Path(os.environ["SYSTEM_SCRATCH"])
        self.memory = self.scratch / "memory"
        self.root = self.memory / "root"
        self.package = os.environ["SYSTEM_PACKAGE"]
        self.leader = 0
        self.process: Optional[subprocess.Popen[bytes]] = None
        # As it was before anything of ours was on it, and right after.
        self.bare: set[str] = set()
        self.fresh: dict[str, Any] = {}

    def mount(self) -> None:
        self.memory.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.memory], check=True)
        upper, work = self.memory / "upper", self.memory / "work"
        for directory in (self.root, upper, work):
            directory.mkdir()
        tree = os.environ["SYSTEM_TREE"]
        layers = f"lowerdir={tree},upperdir={upper},workdir={work}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, self.root], check=True)

    def install(self) -> None:
        """As an operator does; and remember how it looked before and after."""
        if self.package:
            self.path(PACKAGES).mkdir()
            shutil.copy(self.package, self.path(PACKAGES) / "dfmode-sync.deb")
            self.bare = self.survey()
            self.run("dpkg", "-i", f"{PACKAGES}/dfmode-sync.deb")
        else:
            make_install(self.root)
            for command in SET_UP:
                self.run(*command)
        words = ("systemctl", "is-enabled", UNIT, "dfmode-sync@one.service")
        self.fresh = {
            "enabled": self.run(*words, check=False).stdout.split(),
            "active": self.run("systemctl", "is-active", UNIT, check=False).stdout.strip(),
            "user": self.run("getent", "passwd", "dfmode-sync").stdout.strip(),
            "/etc/dfmode-sync": self.owner("/etc/dfmode-sync"),
            "/etc/dfmode-sync.conf": self.owner("/etc/dfmode-sync.conf"),
            "sample": self.path("/etc/dfmode-sync.conf").read_bytes(),
        }

    def survey(self) -> set[str]:
        """All that is on its disk, with type, mode and owner."""
        found = self.run("find", "/", "-xdev", "-printf", "%y %m %u:%g %p\n").stdout
        return set(found.splitlines())

    def owner(self, path: str) -> tuple[int, str]:
        mode, owner = self.run("stat", "-c", "%a %U:%G", path).stdout.split()
        return int(mode, 8), owner

    def boot(self) -> None:
        for group in os.environ["SYSTEM_GROUPS"].split():
            (Path(group) / "cgroup.procs").write_text(str(os.getpid()))
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        options = ["--quiet", "--register=no", "--keep-unit", "--console=pipe", "--link-journal=no"]
        options += ["--machine=dfmode", "--resolv-conf=off", "--timezone=off"]
        console = self.scratch / "console"
        self.process = subprocess.Popen(
            ["systemd-nspawn", "-b", *options, "-D", self.root],
            stdin=subprocess.DEVNULL,
            stdout=open(console, "wb"),
            stderr=subprocess.STDOUT,
        )
        try:
            until(self.is_running, "the machine runs")
        except AssertionError:
            raise AssertionError("it does not boot: " + console.read_text("utf-8", "replace"))

    def is_running(self) -> bool:
        assert self.process is not None and self.process.poll() is None, "systemd-nspawn ended"
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        if not children:
            return False
        self.leader = int(children.split()[0])
        return self.run("systemctl", "is-system-running", check=False).stdout == "running\n"

    def run(
        self, *command: str, check: bool = True, given: Optional[str] = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command on the machine, as its root."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.leader), "-a", "--", *command],
            env={"PATH": PATHS, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"},
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            timeout=PATIENCE,
        )
        if check:
            assert done.returncode == 0, (command, done.returncode, done.stdout + done.stderr)
        return done

    def path(self, path: str) -> Path:
        """From outside, of what is on its disk (not /run)."""
        return self.root / path.lstrip("/")

    def group(self) -> int:
        for line in self.path("/etc/group").read_text().splitlines():
            if line.startswith("dfmode-sync:"):
                return int(line.split(":")[2])
        raise KeyError("dfmode-sync")

    def journal(self, *chosen: str) -> list[dict[str, Any]]:
        text = self.run("journalctl", "-q", "-a", "-o", "json", *chosen).stdout
        return [json.loads(line) for line in text.splitlines()]


def make_install(root: Path) -> None:
    build = os.environ["SYSTEM_BUILD"]
    command = ["make", "-s", "-C", build, "install", f"DESTDIR={root}", "sysconfdir=/etc"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


class Config(harness.Config):
    """The file of the service, or of an instance: root's, and readable by the daemon."""

    def __init__(self, machine: Machine, url: str, path: str = "/etc/dfmode-sync.conf") -> None:
        self.machine = machine
        self.path = machine.path(path)
        self.secrets = machine.path("/etc/dfmode-sync")
        self.settings: dict[str, Any] = {
            "api.url": url,
            "api.key_file": self.secret("api-key", KEY),
            "defaults.token_file": self.secret("mode-token", TOKEN),
            "defaults.password_file": self.secret("mode-password", PASSWORD),
            "retry.first": "100ms",
            "retry.max": "500ms",
        }
        self.integrations: dict[int, dict[str, Any]] = {}

    def put(self, path: Path, text: str) -> None:
        new = path.with_name(path.name + ".new")
        new.write_text(text)
        os.chown(new, 0, self.machine.group())
        new.chmod(0o640)
        new.rename(path)

    def secret(self, name: str, value: str) -> str:
        self.put(self.secrets / name, value + "\n")
        return f"/etc/dfmode-sync/{name}"

    def save(self, text: Optional[str] = None) -> None:
        self.put(self.path, self.text() if text is None else text)


class Service:
    """One unit. What it asks systemd for it waits for, as systemctl does."""

    def __init__(self, machine: Machine, config: Config, unit: str = UNIT) -> None:
        self.machine = machine
        self.config = config
        self.unit = unit
        self.since = self.mark()

    def systemctl(self, verb: str, *more: str) -> None:
        self.machine.run("systemctl", verb, self.unit, *more)

    def start(self) -> None:
        self.systemctl("start")

    def stop(self) -> None:
        self.systemctl("stop")

    def drop_in(self, text: str, name: str = "test") -> None:
        directory = self.machine.path(f"/etc/systemd/system/{self.unit}.d")
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{name}.conf").write_text(text)
        self.machine.run("systemctl", "daemon-reload")

    def show(self, name: str) -> str:
        words = ("systemctl", "show", "--value", "-p", name, self.unit)
        return self.machine.run(*words).stdout.strip()

    def wait_for(self, name: str, value: str) -> None:
        def reached() -> bool:
            return self.show(name) == value

        try:
            until(reached, name)
        except AssertionError:
            raise AssertionError(f"{name} is {self.show(name)!r}, not {value!r}: {self.status()}")

    def main_pid(self) -> int:
        return int(self.show("MainPID"))

    def kill(self, name: str) -> None:
        self.systemctl("kill", "--kill-whom=main", "-s", name)

    def status(self) -> str:
        words = ("systemctl", "status", "-l", "-n", "20", self.unit)
        return self.machine.run(*words, check=False).stdout

    def mark(self) -> str:
        """This moment, for journalctl: only what comes after it counts.

        Not a cursor: together with a match, --after-cursor leaves out the first that fits.
        """
        last = int(self.machine.journal("-n", "1")[0]["__REALTIME_TIMESTAMP"]) + 1
        return f"--since=@{last // 1000000}.{last % 1000000:06}"

    def records(
        self, event: str, after: Optional[str] = None, **fields: str
    ) -> list[dict[str, Any]]:
        chosen = [f"DFMODE_EVENT={event}"] + [f"{name}={value}" for name, value in fields.items()]
        return self.machine.journal("-u", self.unit, after or self.since, *chosen)

    def wait(self, event: str, after: Optional[str] = None, **fields: str) -> dict[str, Any]:
        return until(lambda: self.records(event, after, **fields), f"{event} {fields}")[0]


def forget(machine: Machine) -> None:
    """Back to the machine as it was before any test: nothing runs, nothing is remembered."""
    units = ("dfmode-sync.service", "dfmode-sync@*.service")
    machine.run("systemctl", "stop", *units)
    machine.run("systemctl", "reset-failed", *units, check=False)
    drop_ins = list(machine.path("/etc/systemd/system").glob("dfmode-sync*.d"))
    for directory in drop_ins:
        shutil.rmtree(directory)
    if drop_ins:
        machine.run("systemctl", "daemon-reload")
    for directory in machine.path("/var/lib").glob("dfmode-sync*"):
        shutil.rmtree(directory)
    for path in machine.path("/etc/dfmode-sync").iterdir():
        path.unlink()
