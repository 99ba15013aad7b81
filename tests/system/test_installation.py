# SPDX-License-Identifier: MIT
"""What `make install` leaves on a machine."""
import os
import stat
from pathlib import Path

import pytest

from machine import Machine, Service


def owner(machine: Machine, path: str) -> tuple[int, int, int]:
    found = machine.path(path).stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


def test_what_holds_secrets_is_for_root_to_write_and_the_daemon_to_read(service: Service) -> None:
    machine = service.machine
    service.config.path.unlink()
    machine.install(os.environ["SYSTEM_BUILD"])
    machine.run("systemd-tmpfiles", "--create", "dfmode-sync.conf")
    group = machine.group()
    assert owner(machine, "/etc/dfmode-sync") == (0o750, 0, group)
    assert owner(machine, "/etc/dfmode-sync.conf") == (0o640, 0, group)
    sample = Path(__file__).parents[2] / "etc" / "dfmode-sync.conf"
    assert machine.path("/etc/dfmode-sync.conf").read_bytes() == sample.read_bytes()


def test_installing_again_keeps_the_edited_file(service: Service) -> None:
    before = service.config.path.read_text()
    service.machine.install(os.environ["SYSTEM_BUILD"])
    assert service.config.path.read_text() == before


@pytest.mark.parametrize("unit", ["dfmode-sync.service", "dfmode-sync@one.service"])
def test_systemd_has_nothing_to_say_about_the_unit(machine: Machine, unit: str) -> None:
    done = machine.run("systemd-analyze", "verify", "--man=no", unit)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", ["dfmode-sync.service", "dfmode-sync@.service"])
def test_exposure_is_at_most_1_2(machine: Machine, unit: str) -> None:
    path = next(
        f"{prefix}/lib/systemd/system/{unit}"
        for prefix in ("/usr", "/usr/local")
        if machine.path(f"{prefix}/lib/systemd/system/{unit}").exists()
    )
    options = ("--offline=true", "--threshold=12", "--no-pager")
    done = machine.run("systemd-analyze", "security", *options, path)
    print(done.stdout.splitlines()[-1])
