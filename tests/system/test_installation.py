# SPDX-License-Identifier: MIT
"""What the package, or `make install`, leaves on a machine."""
import os
import stat
from pathlib import Path

import pytest

from machine import Machine, Service, make_install

SAMPLE = Path(__file__).parents[2] / "etc" / "dfmode-sync.conf"


def test_there_is_a_package() -> None:
    if os.environ["SYSTEM_REASON"]:
        pytest.skip(os.environ["SYSTEM_REASON"])
    assert os.environ["SYSTEM_PACKAGE"]


def test_it_is_there_and_does_not_run(machine: Machine) -> None:
    assert machine.fresh["enabled"] == ["disabled", "disabled"]
    assert machine.fresh["active"] == "inactive"


def test_what_holds_secrets_is_for_root_to_write_and_the_daemon_to_read(machine: Machine) -> None:
    name, _, _, _, _, home, shell = machine.fresh["user"].split(":")
    assert (name, home) == ("dfmode-sync", "/var/lib/dfmode-sync") and shell.endswith("nologin")
    assert machine.fresh["/etc/dfmode-sync"] == (0o750, "root:dfmode-sync")
    assert machine.fresh["/etc/dfmode-sync.conf"] == (0o640, "root:dfmode-sync")
    assert machine.fresh["sample"] == SAMPLE.read_bytes()


def test_owner_that_an_operator_has_chosen_stays(service: Service) -> None:
    """The next boot goes over what tmpfiles.d has."""
    machine = service.machine
    try:
        machine.run("chown", "root:daemon", "/etc/dfmode-sync")
        if machine.package:
            machine.run("chown", "root:daemon", "/etc/dfmode-sync.conf")
        machine.run("chmod", "0700", "/etc/dfmode-sync")
        machine.run("systemd-tmpfiles", "--create")
        assert machine.owner("/etc/dfmode-sync") == (0o700, "root:daemon")
        group = "daemon" if machine.package else "dfmode-sync"
        assert machine.owner("/etc/dfmode-sync.conf") == (0o640, f"root:{group}")
    finally:
        machine.run("chown", "root:dfmode-sync", "/etc/dfmode-sync")
        machine.run("chmod", "0750", "/etc/dfmode-sync")


def test_make_install_leaves_the_sample_s_group_to_tmpfiles(
    service: Service, tmp_path: Path
) -> None:
    """It comes before the user, whose group the file is to have."""
    machine = service.machine
    make_install(tmp_path)
    (rules,) = tmp_path.rglob("tmpfiles.d/dfmode-sync.conf")
    copy = machine.path("/root/installed.conf")
    copy.write_text(rules.read_text())
    machine.run("chown", "root:root", "/etc/dfmode-sync.conf")
    machine.run("systemd-tmpfiles", "--create", "/root/installed.conf")
    copy.unlink()
    assert machine.owner("/etc/dfmode-sync.conf") == (0o640, "root:dfmode-sync")


def test_make_install_keeps_the_edited_file(tmp_path: Path) -> None:
    make_install(tmp_path)
    config = tmp_path / "etc" / "dfmode-sync.conf"
    assert config.read_bytes() == SAMPLE.read_bytes()
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    config.write_text("# edited\n")
    make_install(tmp_path)
    assert config.read_text() == "# edited\n"


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
