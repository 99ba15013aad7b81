# SPDX-License-Identifier: MIT
"""What is sent, against the published contract: a mock made of it refuses what it does not allow. It takes its time to
start, so one process runs all of these, with one mock for each contract."""
import copy
import json
from pathlib import Path
from typing import Any, Iterator

import pytest
from conftest import watched
from harness import KEY, PASSWORD, TOKEN, Config, Daemon
from npm import Missing
from prism import CONTRACT, Prism, obtain

CRON = "0 6 * * mon-fri"
PUT = "/api/v1/lineage/bi/mode/42/"
JSON = {"Content_Type": "application/json", "Authorization": f"Key {KEY}"}
GOOD = {"indexing_cron": CRON, "token": TOKEN, "password": PASSWORD}

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("contract")]


@pytest.fixture(scope="session")
def prism_command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    try:
        return obtain(tmp_path_factory.getbasetemp().parent)
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def contract() -> Any:
    return json.loads(CONTRACT.read_text())


@pytest.fixture(scope="session")
def published(
    prism_command: list[str], tmp_path_factory: pytest.TempPathFactory, contract: Any
) -> Iterator[Prism]:
    prism = Prism(prism_command, tmp_path_factory.mktemp("published"), contract)
    yield prism
    prism.stop()


@pytest.fixture
def prism(published: Prism) -> Prism:
    return published.forget()


@pytest.fixture
def mocked(prism: Prism, tmp_path: Path) -> Iterator[Daemon]:
    with watched(Daemon(tmp_path, Config(tmp_path, prism.url))) as daemon:
        yield daemon


def every_shape(config: Config) -> list[int]:
    """An integration of each shape that a body can have, up to what libconfig can write."""
    config.set(1, CRON)
    config.set(2, False)
    config.set(3, CRON, name="Mode: Finance")
    config.set(4, CRON, workspace="acme")
    config.set(5, False, name="", workspace="")
    config.set(6, CRON, name="Ünïcödé — 日本語 🜁", workspace="äöü")
    config.set(7, CRON, name='quotes " and \\ and / and %s')
    config.set(8, "@daily", name="an extension")
    config.set(9, "0 0 1-7,15 */2 sun")
    config.set(2**63 - 1, "*/5 * * * *", name="x" * 1024)
    return list(config.integrations)


def test_every_body_passes(prism: Prism, mocked: Daemon) -> None:
    ids = every_shape(mocked.config)
    mocked.config.save()
    mocked.start()
    mocked.accepted(*ids)
    mocked.config.set(1, "5 5 * * *").set(3, False, name="Mode: Finance")
    mark = mocked.mark()
    mocked.config.save()
    mocked.accepted(1, 3, after=mark)
    for record in mocked.all("update-accepted"):
        assert record["DFMODE_HTTP_STATUS"] == 200
    assert not mocked.all("update-rejected") and not mocked.all("update-failed")
    assert prism.refusals() == []


@pytest.fixture(scope="session")
def with_list(
    prism_command: list[str], tmp_path_factory: pytest.TempPathFactory, contract: Any
) -> Iterator[Prism]:
    """The contract leaves open what a list is; this one has two integrations."""
    listed = copy.deepcopy(contract)
    (operation,) = listed["paths"]["/api/v1/lineage/bi/"].values()
    content = operation["responses"]["200"] = copy.deepcopy(
        listed["components"]["responses"]["Anything"]
    )
    content["content"]["application/json"]["example"] = [
        {"id": 1, "type": "mode", "indexing_cron": CRON},
        {"id": 2, "type": "mode", "indexing_cron": CRON},
    ]
    prism = Prism(prism_command, tmp_path_factory.mktemp("listing"), listed)
    yield prism
    prism.stop()


@pytest.fixture
def listing(with_list: Prism) -> Prism:
    return with_list.forget()


def test_plan_asks_for_the_list_and_sends_nothing(listing: Prism, tmp_path: Path) -> None:
    with watched(Daemon(tmp_path, Config(tmp_path, listing.url))) as daemon:
        daemon.config.set(1, CRON).set(2, False).save()
        done = daemon.run("plan")
        assert done.returncode == 2, done
        assert "~ 2  0 6 * * mon-fri -> no schedule" in done.stdout
        assert "1 to change, 1 equal; nothing was sent" in done.stdout
        assert listing.refusals() == []
        assert listing.passed() == 1


def test_plan_makes_do_with_an_answer_that_is_no_list(prism: Prism, mocked: Daemon) -> None:
    mocked.config.set(1, CRON).save()
    done = mocked.run("plan")
    assert done.returncode == 2, done
    assert "1 new; nothing was sent" in done.stdout
    assert prism.refusals() == []


def test_import_of_the_contract_s_list(listing: Prism, tmp_path: Path) -> None:
    with watched(Daemon(tmp_path, Config(tmp_path, listing.url))) as daemon:
        daemon.config.save()
        done = daemon.run("import")
        assert done.returncode == 0, done
        assert done.stdout.count(f'indexing_cron = "{CRON}";') == 2
        assert listing.refusals() == []
        assert listing.passed() == 1


def test_resync_is_the_request_of_the_contract(prism: Prism, mocked: Daemon) -> None:
    mocked.config.set(42, CRON).save()
    done = mocked.run("resync", "42")
    assert done.returncode == 0, done
    assert done.stdout == "integration 42: synchronisation started\n"
    assert prism.refusals() == []
    assert prism.passed() == 1


def test_apply_sends_what_the_list_does_not_show(listing: Prism, tmp_path: Path) -> None:
    with watched(Daemon(tmp_path, Config(tmp_path, listing.url))) as daemon:
        every_shape(daemon.config)
        daemon.config.save()
        done = daemon.run("apply")
        assert done.returncode == 0, done
        assert done.stdout.startswith("9 accepted, 0 rejected, 0 unanswered in "), done
        assert "integration 1: accepted" not in done.stderr
        assert "integration 2: accepted no schedule" in done.stderr
        assert listing.refusals() == []
        assert listing.passed() == 10


BROKEN = {
    "no token": {"given": {"indexing_cron": CRON, "password": PASSWORD}},
    "no password": {"given": {"indexing_cron": CRON, "token": TOKEN}},
    "a null token": {"given": {**GOOD, "token": None}},
    "a number for a schedule": {"given": {**GOOD, "indexing_cron": 5}},
    "a list for a name": {"given": {**GOOD, "name": ["x"]}},
    "a null workspace": {"given": {**GOOD, "workspace": None}},
    "a list for a body": {"given": [GOOD]},
    "a word for an id": {"path": "/api/v1/lineage/bi/mode/finance/"},
    "no body": {"given": None},
    "no key": {"headers": {"Content_Type": "application/json"}, "status": 401},
    "no slash at the end": {"path": PUT.rstrip("/"), "status": 404},
    "another method": {"method": "POST", "status": 405},
    "another type": {"headers": {**JSON, "Content_Type": "text/plain"}},
}


def test_mock_refuses_what_the_contract_does_not_allow(prism: Prism) -> None:
    assert prism.ask("PUT", PUT, GOOD, **JSON) == 200
    for what, broken in BROKEN.items():
        method, path = broken.get("method", "PUT"), broken.get("path", PUT)
        status = prism.ask(method, path, broken.get("given", GOOD), **broken.get("headers", JSON))
        assert status == broken.get("status", 422), what


def test_complaint_of_the_contract_s_own_shape_is_told(
    prism_command: list[str], tmp_path: Path, contract: Any
) -> None:
    """A stricter contract refuses what we send, with a body made of the published schema."""
    strict = copy.deepcopy(contract)
    properties = strict["components"]["schemas"]["ModeDataSourceConfig"]["properties"]
    properties["indexing_cron"] = {"type": "string", "pattern": "^@"}
    strict["components"]["responses"]["Refused"]["content"]["application/json"]["example"] = {
        "detail": [{"loc": ["body", "indexing_cron"], "msg": "is no alias", "type": "value_error"}]
    }
    prism = Prism(prism_command, tmp_path, strict)
    with watched(Daemon(tmp_path, Config(tmp_path, prism.url))) as daemon:
        daemon.config.set(42, CRON).set(43, "@daily").save()
        daemon.start()
        daemon.accepted(43)
        record = daemon.wait("update-rejected", id=42)
        assert record["DFMODE_HTTP_STATUS"] == 422
        assert record["DFMODE_FIELD"] == "body.indexing_cron"
        assert record["DFMODE_REASON"] == "is no alias"
        assert record["CONFIG_LINE"] == daemon.config.line(42, "indexing_cron")
    prism.stop()
