# SPDX-License-Identifier: MIT
"""The list of the server in the shapes that it may have: pages, kinds, parts; and never a wrong fact of it."""
from typing import Any

import pytest

from harness import Api, Config, Daemon

CRON, OTHER = "0 6 * * *", "0 5 * * *"
LIST = "/api/v1/lineage/bi/"


@pytest.fixture(autouse=True)
def looks_soon(config: Config) -> None:
    config.settings["drift.interval"] = "100ms"
    config.settings["defaults.workspace"] = "acme"


def lists(api: Api, items: Any, **others: Any) -> None:
    api.script(method="GET", times=0, status=200, json=items, **others)


def test_another_kind_is_named_and_is_no_drift(api: Api, config: Config, daemon: Daemon) -> None:
    lists(api, {"tableau": [{"id": 42, "indexing_cron": OTHER}], "mode": [{"id": 43, "indexing_cron": OTHER}]})
    config.set(42, CRON).set(43, CRON).save()
    daemon.start()
    daemon.accepted(42, 43)
    unknown = daemon.wait("drift-unknown")
    assert "does not show the schedule of integration 42, which it has as 'tableau';" in unknown.message
    assert daemon.wait("drift-found", id=43)["DFMODE_CRON_OLD"] == OTHER
    assert not [record for record in daemon.all("drift-found") if record["DFMODE_INTEGRATION_ID"] == 42]


def test_pages_are_followed(api: Api, config: Config, daemon: Daemon) -> None:
    page = {"results": [{"id": 7}], "next": f"http://127.0.0.1:{api.port}{LIST}?page=2", "count": 2}
    last = {"results": [{"id": 42, "indexing_cron": OTHER}], "next": None, "count": 2}
    api.script(*({"method": "GET", "times": 1, "status": 200, "json": each} for each in [page, last] * 20))
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    assert daemon.wait("drift-found", id=42)["DFMODE_CRON_OLD"] == OTHER
    assert not daemon.all("drift-unknown")


@pytest.mark.parametrize(
    "beside, words",
    [
        ({"next": "http://elsewhere.example/?page=2"}, "; it has a next page at another address;"),
        ({"next_cursor": "abc"}, "; it has further pages, which cannot be followed;"),
        ({"total": 9}, "; it has fewer entries than it says;"),
    ],
)
def test_part_of_a_list_says_so(
    api: Api, config: Config, daemon: Daemon, beside: dict[str, Any], words: str
) -> None:
    lists(api, {"results": [{"id": 7, "indexing_cron": CRON}], **beside})
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    assert words in daemon.wait("drift-unknown").message
    done = daemon.run("import")
    assert done.returncode == 1 and done.stdout == ""
    assert "nothing is written" in done.stderr


@pytest.mark.parametrize("mode", ["report", "repair"])
def test_what_a_whole_list_has_no_more_is_gone(
    api: Api, config: Config, daemon: Daemon, mode: str
) -> None:
    both = [{"id": id, "indexing_cron": CRON} for id in (42, 43)]
    config.settings["drift.mode"] = mode
    config.set(42, CRON, name="Mode: Finance").set(43, CRON).save()
    lists(api, both)
    daemon.start()
    daemon.accepted(42, 43)
    api.wait(len(api.requests("GET")) + 2, method="GET", done=True)
    assert daemon.run("wait").returncode == 0
    api.clear_scripts()
    lists(api, both[1:])
    found = daemon.wait("drift-found", id=42)
    assert found.message == "integration 42 'Mode: Finance': the server does not list it any more"
    done = daemon.run("status")
    assert done.returncode == 1 and "1 of 2 in sync, 1 gone (42)" in done.stdout
    place = f"{config.path}:{config.line(42)}"
    reason = f"{place}: integration 42 'Mode: Finance' is gone: the server does not list it any more\n"
    assert reason in done.stdout
    done = daemon.run("wait")
    assert (done.returncode, done.stdout) == (1, f"{reason}1 not in sync\n")
    assert daemon.run("wait", "43").returncode == 0
    done = daemon.run("plan")
    assert done.returncode == 0
    assert "accepted before; the server does not list it any more" in done.stdout
    # Once, and nothing is sent.
    api.wait(len(api.requests("GET")) + 3, method="GET", done=True)
    assert len(daemon.all("drift-found")) == 1 and len(api.requests()) == 2
    api.clear_scripts()
    lists(api, both)
    api.wait(len(api.requests("GET")) + 2, method="GET", done=True)
    assert daemon.run("status").returncode == 0
