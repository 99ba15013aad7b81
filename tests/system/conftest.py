# SPDX-License-Identifier: MIT
import os
import sys
from typing import Iterator

import pytest

from harness import CANARY, Api
from machine import Config, Machine, Service, forget

# What the README says after `make install`.
SET_UP = (
    ("systemd-sysusers",),
    ("systemd-tmpfiles", "--create", "dfmode-sync.conf"),
    ("journalctl", "--update-catalog"),
    ("systemctl", "daemon-reload"),
)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    machine = Machine(os.environ["SYSTEM_TREE"], os.environ["SYSTEM_SCRATCH"])
    machine.mount()
    machine.install(os.environ["SYSTEM_BUILD"])
    places = [machine.path(place + "/lib/systemd/system") for place in ("/usr", "/usr/local")]
    if not any((place / "dfmode-sync.service").exists() for place in places):
        pytest.skip("the prefix is not one where systemd looks for units")
    machine.boot()
    for command in SET_UP:
        machine.run(*command)
    yield machine
    said = machine.run("journalctl", "-q", "-a", "-o", "export").stdout
    assert CANARY not in said, "a secret is in the journal"


@pytest.fixture(scope="session")
def shared_api(machine: Machine) -> Iterator[Api]:
    """Started after the machine is up: its loopback device is ours."""
    api = Api(sys.executable).start()
    yield api
    api.close()


@pytest.fixture
def api(shared_api: Api) -> Api:
    shared_api.reset()
    return shared_api


@pytest.fixture
def service(machine: Machine, api: Api) -> Iterator[Service]:
    """The service, not yet started, with a file of two integrations."""
    forget(machine)
    config = Config(machine, api.url)
    config.set(42, "0 6 * * *", name="Mode: Finance").set(43, "30 7 * * mon").save()
    yield Service(machine, config)
    for path in machine.path("/var/lib").glob("dfmode-sync*/*"):
        assert CANARY not in path.read_text(), f"a secret is in {path}"
