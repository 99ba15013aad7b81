# SPDX-License-Identifier: MIT
"""The first start beside a server: what it has already is not sent, by the daemon, plan and apply."""
import json
import time
from typing import Any

import pytest

from harness import Api, Config, Daemon, until

SIX, SEVEN = "0 6 * * *", "0 7 * * *"


def plant(api: Api, id: int, cron: Any, **others: Any) -> None:
    api.control("PUT", f"integrations/{id}", {"indexing_cron": cron, **others})


def all_in_sync(daemon: Daemon, count: int) -> None:
    summary = f"{count} of {count} in sync"
    until(lambda: summary in daemon.run("status", "--json").stdout, "all in sync")


@pytest.mark.slow
def test_nothing_is_sent_beside_a_server_that_has_it_all(
    api: Api, config: Config, daemon: Daemon
) -> None:
    for id in range(1, 21):
        plant(api, id, "0 06 * * *", name=f"Mode: {id}")
        config.set(id, SIX, name=f"Mode: {id}")
    config.save()
    done = daemon.run("plan")
    assert done.returncode == 0 and done.stdout.endswith("nothing to do: 20 equal\n"), done
    daemon.start()
    all_in_sync(daemon, 20)
    adopted = daemon.all("integration-adopted")
    assert [record.get("DFMODE_INTEGRATION_ID") for record in adopted] == [*range(1, 21), None]
    assert {record["PRIORITY"] for record in adopted} == {6}
    assert "credentials count as equal" in adopted[-1].message
    daemon.stop()
    mark = daemon.mark()
    daemon.start()
    config.set(21, SIX).save()
    daemon.accepted(21, after=mark)
    assert [request["id"] for request in api.requests()] == [21]
    assert len(daemon.all("integration-adopted")) == 21


def test_only_what_is_shown_and_equal_is_adopted(
    api: Api, config: Config, daemon: Daemon
) -> None:
    plant(api, 1, SIX)
    plant(api, 2, SEVEN)
    plant(api, 3, SIX, name="trimmed")
    plant(api, 4, SIX)
    config.set(1, SIX).set(2, SIX).set(3, SIX, name="untrimmed").set(5, SIX).save()
    plan = json.loads(daemon.run("plan", "--json").stdout)
    planned = [change["id"] for change in plan["changes"] if change["by_daemon"]]
    daemon.start()
    daemon.accepted(2, 3, 5)
    all_in_sync(daemon, 4)
    assert sorted(request["id"] for request in api.requests()) == planned == [2, 3, 5]
    assert daemon.run("plan").returncode in (0, 2)


def test_drift_off_asks_for_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.mode"] = "off"
    plant(api, 1, SIX)
    config.set(1, SIX).save()
    assert daemon.run("plan").returncode == 2
    mark = len(api.requests("GET"))
    daemon.start()
    daemon.accepted(1)
    assert len(api.requests("GET")) == mark and len(api.requests()) == 1


def test_corrupt_state_is_no_first_start(api: Api, config: Config, daemon: Daemon) -> None:
    plant(api, 1, SIX)
    config.set(1, SIX).save()
    (daemon.state / "state.json").write_text("{")
    daemon.start()
    daemon.accepted(1)
    assert not daemon.all("integration-adopted")


@pytest.mark.parametrize(
    "answer",
    [{"status": 403}, {"status": 404}, {"status": 500}, {"status": 200, "text": "<html>"}],
    ids=["403", "404", "500", "html"],
)
def test_an_answer_without_a_list_ends_the_asking(
    answer: dict[str, Any], api: Api, config: Config, daemon: Daemon
) -> None:
    plant(api, 1, SIX)
    config.set(1, SIX).save()
    api.script(**{"method": "GET", "times": 0, "json": {"detail": "no"}, **answer})
    daemon.start()
    daemon.accepted(1)
    assert len(api.requests()) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"fault": "close"}], ids=str)
def test_a_server_that_cannot_be_reached_is_asked_again(
    fault: dict[str, Any], api: Api, config: Config, daemon: Daemon
) -> None:
    plant(api, 1, SIX)
    config.set(1, SIX).save()
    api.script(method="GET", times=0, **fault)
    daemon.start()
    failed = daemon.wait("update-failed")
    assert "nothing is sent before a list is had: " in failed.message
    time.sleep(0.5)
    assert not api.requests()
    daemon.stop()
    daemon.start()
    api.clear_scripts()
    daemon.wait("integration-adopted", id=1)
    assert not api.requests()


def test_adopted_ones_are_pushed_and_edited_as_usual(
    api: Api, config: Config, daemon: Daemon
) -> None:
    plant(api, 1, SIX)
    config.set(1, SIX).save()
    daemon.start()
    daemon.wait("integration-adopted", id=1)
    assert daemon.run("push", "1").returncode == 0
    assert len(api.requests(id=1)) == 1
    mark = daemon.mark()
    config.secret("token", "another-token")
    daemon.accepted(1, after=mark)
    assert api.requests(id=1)[-1]["body"]["token"] == "another-token"
