# SPDX-License-Identifier: MIT
"""The life of the package: upgraded, removed, purged."""
import os
import shutil
import subprocess
from typing import Iterator

import pytest

from harness import Api, until
from machine import PACKAGES, Config, Machine, Service

METRICS = "/var/lib/node_exporter"
INSTALLED = f"{PACKAGES}/dfmode-sync.deb"


@pytest.fixture(autouse=True)
def again(machine: Machine) -> Iterator[None]:
    """Afterwards the package is there again, whatever a test did with it."""
    if not machine.package:
        pytest.skip(os.environ["SYSTEM_REASON"])
    before = state_of(machine)
    yield
    if state_of(machine) != before:
        machine.run("dpkg", "-i", "--force-downgrade,confmiss,confold", INSTALLED)


def newer(machine: Machine, sample: str = "") -> str:
    """The package with a higher version, and with more in its sample if that is given."""
    tree, package = f"{PACKAGES}/newer", f"{PACKAGES}/newer.deb"
    machine.run("rm", "-rf", tree)
    machine.run("dpkg-deb", "-R", INSTALLED, tree)
    control = machine.path(f"{tree}/DEBIAN/control")
    lines = control.read_text().splitlines()
    version = next(line for line in lines if line.startswith("Version: "))
    control.write_text("\n".join(lines).replace(version, version + "+1") + "\n")
    if sample:
        with open(machine.path(f"{tree}/etc/dfmode-sync.conf"), "a") as file:
            file.write(sample)
    machine.run("dpkg-deb", "-Znone", "-b", tree, package)
    machine.run("rm", "-rf", tree)
    return package


def state_of(machine: Machine) -> str:
    words = ("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", "dfmode-sync")
    return machine.run(*words, check=False).stdout


def instance(service: Service, api: Api) -> Service:
    config = Config(service.machine, api.url, "/etc/dfmode-sync/emea.conf")
    config.set(77, "15 5 * * *").save()
    return Service(service.machine, config, "dfmode-sync@emea.service")


def test_lintian_has_nothing_to_say(machine: Machine) -> None:
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    if "SYSTEM_UNITS" in os.environ:
        pytest.skip("this machine's lintian is not that of the package's Debian")
    words = ["lintian", "--fail-on", "error,warning", "--allow-root", machine.package]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert "\nW: " not in "\n" + done.stdout and "\nE: " not in "\n" + done.stdout, done.stdout


def test_upgrade_keeps_the_file_and_restarts_what_runs(service: Service, api: Api) -> None:
    machine = service.machine
    other = instance(service, api)
    service.start()
    other.start()
    api.wait(3, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")
    other.wait_for("StatusText", "1 of 1 in sync")
    machine.run("chmod", "0440", "/etc/dfmode-sync.conf")
    before = service.config.path.read_text()
    pids = service.main_pid(), other.main_pid()
    machine.run("dpkg", "-i", newer(machine))
    assert state_of(machine).endswith("+1")
    assert service.config.path.read_text() == before
    assert machine.owner("/etc/dfmode-sync.conf") == (0o440, "root:dfmode-sync")
    service.wait_for("StatusText", "2 of 2 in sync")
    other.wait_for("StatusText", "1 of 1 in sync")
    assert service.main_pid() != pids[0] and other.main_pid() != pids[1]
    assert service.show("ActiveState") == other.show("ActiveState") == "active"
    # A request after the restart would come before the one that an edit makes now.
    service.config.set(43, "0 2 * * *").save()
    assert [request["id"] for request in api.wait(4)[3:]] == [43]


def test_upgrade_over_a_faulty_file_leaves_the_old_process_running(service: Service, api: Api) -> None:
    machine = service.machine
    other = instance(service, api)
    service.start()
    other.start()
    api.wait(3, status=200)
    pids = service.main_pid(), other.main_pid()
    other.config.save(other.config.text().replace("15 5 * * *", "15 25 * * *"))
    line = other.config.line(77, "indexing_cron")
    done = machine.run("dpkg", "-i", newer(machine))
    assert state_of(machine).startswith("ii ") and state_of(machine).endswith("+1")
    assert service.main_pid() != pids[0] and other.main_pid() == pids[1]
    assert other.show("ActiveState") == "active"
    assert f"/etc/dfmode-sync/emea.conf:{line}:" in done.stderr and "hour 25 is outside 0-23" in done.stderr
    assert "dfmode-sync@emea.service is not restarted" in done.stderr
    assert "dfmode-sync.service is not restarted" not in done.stderr
    # What is said to do then does it.
    other.config.save(other.config.text())
    other.systemctl("restart")
    assert other.main_pid() != pids[1]


def test_upgrade_over_a_secret_that_is_gone_leaves_the_old_process_running(
    service: Service, api: Api
) -> None:
    service.start()
    api.wait(2, status=200)
    pid = service.main_pid()
    (service.config.secrets / "mode-token").unlink()
    done = service.machine.run("dpkg", "-i", newer(service.machine))
    assert service.main_pid() == pid and service.show("ActiveState") == "active"
    assert "/etc/dfmode-sync/mode-token" in done.stderr


def test_upgrade_finds_the_credentials_of_what_runs(service: Service, api: Api) -> None:
    """They are where systemd has put them for the unit, and nowhere else."""
    service.drop_in("[Service]\nLoadCredential=key:/etc/dfmode-sync/api-key\n")
    service.config.settings["api.key_file"] = None
    service.config.settings["api.key_credential"] = "key"
    service.config.save()
    service.start()
    api.wait(2, status=200)
    pid = service.main_pid()
    done = service.machine.run("dpkg", "-i", newer(service.machine))
    assert service.main_pid() != pid and "not restarted" not in done.stderr


def test_upgrade_starts_nothing(service: Service) -> None:
    service.machine.run("dpkg", "-i", newer(service.machine))
    assert service.show("ActiveState") == "inactive"
    done = service.machine.run("systemctl", "is-enabled", service.unit, check=False)
    assert done.stdout.strip() == "disabled"


def test_upgrade_keeps_an_enabled_service_enabled(service: Service) -> None:
    service.machine.run("systemctl", "enable", service.unit)
    try:
        service.machine.run("dpkg", "-i", newer(service.machine))
        done = service.machine.run("systemctl", "is-enabled", service.unit, check=False)
        assert done.stdout.strip() == "enabled"
    finally:
        service.machine.run("systemctl", "disable", service.unit)


def test_upgrade_with_a_new_sample_beside_an_edited_file(service: Service) -> None:
    machine = service.machine
    before = service.config.path.read_text()
    machine.run("dpkg", "-i", "--force-confold", newer(machine, sample="# new\n"))
    assert service.config.path.read_text() == before
    assert machine.owner("/etc/dfmode-sync.conf") == (0o640, "root:dfmode-sync")
    assert machine.path("/etc/dfmode-sync.conf.dpkg-dist").read_text().endswith("# new\n")
    machine.run("rm", "/etc/dfmode-sync.conf.dpkg-dist")


def test_removed_it_stops_and_the_file_and_the_state_stay(service: Service, api: Api) -> None:
    machine = service.machine
    other = instance(service, api)
    service.start()
    other.start()
    api.wait(3, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")
    other.wait_for("StatusText", "1 of 1 in sync")
    before = service.config.path.read_text()
    machine.run("dpkg", "-r", "dfmode-sync")
    assert state_of(machine).startswith("rc ")
    assert machine.run("pgrep", "-x", "dfmode-sync", check=False).stdout == ""
    assert not machine.path("/usr/bin/dfmode-sync").exists()
    assert service.config.path.read_text() == before
    for path in ("dfmode-sync/state.json", "dfmode-sync-emea/state.json"):
        assert machine.path(f"/var/lib/{path}").exists()
    # And put back it knows what was accepted.
    machine.run("dpkg", "-i", INSTALLED)
    assert service.show("ActiveState") == "inactive"
    service.start()
    service.wait_for("StatusText", "2 of 2 in sync")
    assert len(api.requests()) == 3


# What dpkg, the journal and the machine's own services write all the time, and the user: Debian lets a
# package's user stay, so that its number does not become another's.
LEFT = (
    "/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-", "/etc/.pwd.lock",
    "/var/log/", "/var/lib/dpkg/", "/var/cache/", "/var/lib/systemd/", PACKAGES,
)


def strange(difference: set[str]) -> list[str]:
    paths = [line.split(" ", 3)[3] for line in difference]
    ours = [path for path in paths if "dfmode-sync" in path and not path.startswith(PACKAGES)]
    return ours + [path for path in paths if not path.startswith(LEFT)]


def test_purged_it_leaves_nothing(service: Service, api: Api) -> None:
    """Nor an instance that is still enabled, or metrics of a daemon that is no more."""
    machine = service.machine
    other = instance(service, api)
    machine.run("systemctl", "enable", service.unit, other.unit)
    machine.run("install", "-d", "-g", "dfmode-sync", "-m", "2775", METRICS)
    service.drop_in(f"[Service]\nReadWritePaths={METRICS}\n")
    service.config.settings["metrics_file"] = f"{METRICS}/dfmode.prom"
    service.config.save()
    service.start()
    other.start()
    api.wait(3, status=200)
    until(machine.path(f"{METRICS}/dfmode.prom").exists, "metrics")
    machine.path(f"{METRICS}/other.prom").write_text("other_up{} 0\n")
    shutil.rmtree(machine.path("/etc/systemd/system/dfmode-sync.service.d"))
    for path in machine.path("/etc/dfmode-sync").iterdir():
        path.unlink()
    machine.run("dpkg", "-P", "dfmode-sync")
    assert [path.name for path in machine.path(METRICS).iterdir()] == ["other.prom"]
    machine.run("rm", "-rf", PACKAGES + "/newer.deb", METRICS)
    assert state_of(machine) == ""
    try:
        # The private /tmp of a service goes some time after it.
        until(lambda: not strange(machine.survey() - machine.bare), "nothing is left")
    except AssertionError:
        raise AssertionError(strange(machine.survey() - machine.bare))
    assert strange(machine.bare - machine.survey()) == []
    assert "dfmode-sync" in machine.run("getent", "passwd", "dfmode-sync").stdout
    assert "dfmode-sync" not in machine.run("journalctl", "--list-catalog").stdout
