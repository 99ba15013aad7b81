# SPDX-License-Identifier: MIT
import contextlib
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

from harness import Api, Config, Daemon, overlaps
from saving import Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one process runs by itself starts first, then what takes several seconds."""
    for marker in ("slow", "xdist_group"):
        items.sort(key=lambda item: item.get_closest_marker(marker) is None)


@pytest.fixture(scope="session")
def shared_api() -> Iterator[Api]:
    api = Api(sys.executable).start()
    yield api
    api.close()


@pytest.fixture
def api(shared_api: Api) -> Iterator[Api]:
    shared_api.reset()
    yield shared_api
    inspect(shared_api.requests())


@pytest.fixture
def absent_api() -> Iterator[Api]:
    """A stand-in of the test's own, which does not listen until its start()."""
    api = Api(sys.executable)
    yield api
    api.close()


def inspect(requests: list[dict[str, Any]]) -> None:
    """What holds of the requests of every test, whatever it was about."""
    assert not overlaps(requests), requests
    for request in requests:
        headers = request["headers"]
        assert request["path"] == f"/api/v1/lineage/bi/mode/{request['id']}/"
        assert headers["content-type"] == "application/json"
        assert headers["authorization"].startswith("Key ")
        assert "expect" not in headers and "transfer-encoding" not in headers
        if request["body"] is not None:
            always = {"indexing_cron", "token", "password"}
            assert always <= set(request["body"]) <= always | {"name", "workspace"}


@pytest.fixture
def config(api: Api, tmp_path: Path) -> Config:
    return Config(tmp_path, api.url)


@pytest.fixture
def daemon(config: Config, tmp_path: Path) -> Iterator[Daemon]:
    """The daemon on `config`, not yet started; stopped and inspected when the test is over."""
    with watched(Daemon(tmp_path, config)) as daemon:
        yield daemon


@pytest.fixture
def absent(absent_api: Api, tmp_path: Path) -> Iterator[Daemon]:
    """The same on a configuration whose API does not listen yet."""
    with watched(Daemon(tmp_path, Config(tmp_path, absent_api.url))) as daemon:
        yield daemon


@contextlib.contextmanager
def watched(daemon: Daemon) -> Iterator[Daemon]:
    try:
        yield daemon
        daemon.stop()
    finally:
        if daemon.running():
            daemon.kill()
    daemon.inspect()


@pytest.fixture
def site(api: Api, config: Config, daemon: Daemon, tmp_path: Path) -> Site:
    return Site(api, config, daemon, tmp_path)
