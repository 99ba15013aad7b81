# SPDX-License-Identifier: MIT
import sys
from typing import Iterator

import pytest

from harness import CANARY, Api
from machine import Config, Machine, Service, forget

@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    machine = Machine()
    machine.mount()
    machine.boot()
    machine.install()
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
        assert CANARY.encode() not in path.read_bytes(), f"a secret is in {path}"
