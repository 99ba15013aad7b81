# SPDX-License-Identifier: MIT
"""`check` and `plan` by root judge what the file names as the service's user would."""
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness import PROGRAM

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who alone can become another user")

USER = GROUP = 61234  # of no entry in /etc/passwd, as DynamicUser= has them
FILE = """
api = {{ url = "http://127.0.0.1:9"; key_file = "{key}"; }};
defaults = {{ token = "mode-token"; password = "mode-password"; }};
integrations = ( {{ id = 42; indexing_cron = "0 6 * * *"; }} );
"""


class Installation:
    """A file that only root can read, the key that it names, and a state directory of the service's user."""

    def __init__(self, path: Path) -> None:
        # pytest's own directories are shut to others.
        for directory in (path, *path.parents):
            if directory.stat().st_uid == 0 and directory != Path("/"):
                directory.chmod(directory.stat().st_mode | 0o011)
        self.state = path / "state"
        self.state.mkdir()
        os.chown(self.state, USER, GROUP)
        self.key = path / "key"
        self.file = path / "x.conf"
        self.file.touch(mode=0o600)
        self.file.write_text(FILE.format(key=self.key))

    def write_key(self, mode: int, group: int) -> None:
        self.key.write_text("k")
        os.chown(self.key, 0, group)
        self.key.chmod(mode)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        environment = {"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(self.state)}
        command = [PROGRAM, "-c", self.file, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)

    def document(self) -> Any:
        return json.loads(self.run("check", "--json").stdout)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_key_that_only_root_can_read_is_a_fault(installation: Installation, command: str) -> None:
    installation.write_key(0o600, 0)
    done = installation.run(command)
    assert done.returncode == 78
    assert f"'{installation.key}' cannot be opened by user {USER}: Permission denied" in done.stderr


def test_a_key_of_the_services_group_is_good(installation: Installation) -> None:
    installation.write_key(0o640, GROUP)
    done = installation.run("check")
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"{installation.file}: warning: user {USER} cannot read this file\n1 warning\n"
    assert installation.document()["user"] == str(USER)
    assert installation.run("plan").returncode == 2  # past the file: nobody listens, nothing was sent yet


def test_the_directory_above_counts(installation: Installation) -> None:
    shut = installation.key.parent / "shut"
    shut.mkdir(mode=0o700)
    installation.key = shut / "key"
    installation.file.write_text(FILE.format(key=installation.key))
    installation.write_key(0o644, 0)
    assert installation.run("check").returncode == 78


def test_roots_own_service_reads_all(installation: Installation) -> None:
    os.chown(installation.state, 0, 0)
    installation.write_key(0o600, 0)
    done = installation.run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert installation.document()["user"] is None
