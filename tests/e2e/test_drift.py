# SPDX-License-Identifier: MIT
"""Somebody changes schedules on the server itself: what the daemon sees, tells, and sends over it."""
import json
import signal
import time
from typing import Any, Optional

import pytest

from harness import KEY, PASSWORD, TOKEN, Api, Config, Daemon, until

CRON = "0 6 * * *"
OTHER = "0 5 * * *"


@pytest.fixture(autouse=True)
def looks_often(config: Config) -> None:
    config.settings["drift.interval"] = "100ms"


def meddle(api: Api, id: int, cron: Optional[str], **others: Any) -> None:
    api.control("PUT", f"integrations/{id}", {"indexing_cron": cron, **others})


def more_looks(api: Api, count: int = 3) -> None:
    """Wait for looks that began from now on to end."""
    api.wait(len(api.requests("GET")) + count, method="GET", done=True)


def status_of(daemon: Daemon, id: int) -> Any:
    done = daemon.run("status", "--json")
    return next(i for i in json.loads(done.stdout)["integrations"] if i["id"] == id)


def know(api: Api, config: Config, daemon: Daemon) -> int:
    """Have the daemon know the server, so that its next start asks for no list first; the number of
    lists so far."""
    config.set(99, CRON).save()
    daemon.start()
    daemon.accepted(99)
    daemon.stop()
    return len(api.requests("GET"))


def test_report_tells_once_per_change(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON, name="Mode: Finance").set(43, CRON).save()
    daemon.start()
    daemon.accepted(42, 43)
    meddle(api, 42, OTHER)
    found = daemon.wait("drift-found", id=42)
    assert found["PRIORITY"] == 4
    assert found["DFMODE_CRON"] == CRON and found["DFMODE_CRON_OLD"] == OTHER
    assert found.message == (
        f"integration 42 'Mode: Finance': the server has '{OTHER}' instead of '{CRON}'"
    )
    more_looks(api)
    assert len(daemon.all("drift-found")) == 1
    until(lambda: status_of(daemon, 42)["state"] == "drifted", "the status shows it")
    assert status_of(daemon, 42)["last_error"] == f"the server has '{OTHER}'"
    done = daemon.run("status")
    assert done.returncode == 1
    assert "1 of 2 in sync, 1 drifted (42)" in done.stdout
    meddle(api, 42, None)
    assert "DFMODE_CRON_OLD" not in daemon.wait("drift-found", id=42, count=2)
    # Taken back: that is no drift, and the next change is one.
    meddle(api, 42, "00 6 * * 0-6")
    until(lambda: daemon.run("status").returncode == 0, "the status forgets it")
    meddle(api, 42, OTHER)
    daemon.wait("drift-found", id=42, count=3)
    assert len(api.requests()) == 2


def test_repair_sends_once_and_tells(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.mode"] = "repair"
    config.set(42, CRON).set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    for count, (id, cron) in enumerate([(42, OTHER), (43, OTHER), (42, None)], 1):
        meddle(api, id, cron)
        repaired = daemon.wait("drift-repaired", count=count)
        assert repaired["PRIORITY"] == 5
        assert repaired["DFMODE_INTEGRATION_ID"] == id
        assert repaired.get("DFMODE_CRON_OLD") == cron
        more_looks(api)
    assert api.crons() == {42: CRON, 43: None}
    assert len(api.requests()) == 5
    # What was accepted before is the same, and not worth a word.
    assert [r.message for r in daemon.all("update-accepted", id=43)] == [
        "integration 43: accepted no schedule"
    ] * 2
    assert len(daemon.all("drift-found")) == 3
    assert daemon.run("status").returncode == 0


def test_a_restart_sends_nothing_and_finds_what_changed_meanwhile(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    meddle(api, 42, OTHER)
    daemon.start()
    daemon.wait("drift-found", id=42)
    assert len(api.requests()) == 1


def test_the_first_look_waits_for_what_is_due(api: Api, config: Config, daemon: Daemon) -> None:
    seen = know(api, config, daemon)
    config.settings["drift.interval"] = "1ms"
    for id in range(1, 41):
        config.set(id, CRON)
    config.settings["api.max_in_flight"] = 1
    api.script(hold="first", id=1)
    config.save()
    daemon.start()
    api.wait(1, id=1)
    time.sleep(0.3)  # nothing tells of what does not come
    assert len(api.requests("GET")) == seen
    api.release("first")
    daemon.accepted(*range(1, 41))
    api.wait(seen + 1, method="GET")


def test_a_look_that_hangs_delays_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    seen = know(api, config, daemon)
    config.settings["api.max_in_flight"] = 1
    api.script(method="GET", hold="list", times=0)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    api.wait(seen + 1, method="GET")
    for hour in range(7, 12):
        mark = daemon.mark()
        config.set(42, f"0 {hour} * * *").save()
        daemon.accepted(42, after=mark)
    assert len(api.requests("GET")) == seen + 1
    api.release("list")
    api.wait(seen + 2, method="GET")
    assert not daemon.all("drift-found")


def test_a_look_that_hangs_keeps_no_connection_from_a_retry(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """Without a reload, which would open others."""
    seen = know(api, config, daemon)
    config.settings.update({"api.max_in_flight": 1, "retry.first": "1s", "retry.max": "1s"})
    api.script(id=42, status=500)
    api.script(method="GET", hold="list", times=0)
    config.set(42, CRON).save()
    daemon.start()
    daemon.wait("update-failed", id=42)
    api.wait(seen + 1, method="GET")
    daemon.accepted(42)
    assert [request["end"] for request in api.requests("GET")[seen:]] == [None]


@pytest.mark.parametrize(
    "answer",
    [
        {"json": [{"id": 42, "name": "Mode"}]},
        {"json": []},
        {"json": {"data_sources": [{"id": 42, "indexing_cron": 7}]}},
        {"json": {}},
        {"text": "<html>sign in</html>"},
        {"status": 404, "json": {"detail": "Not Found"}},
        {"status": 403, "json": {"detail": "Forbidden"}},
        {"status": 422, "json": {"detail": []}},
        {"status": 302, "headers": {"Location": "https://example.com/"}},
    ],
    ids=["lacks", "empty", "number", "object", "html", "404", "403", "422", "302"],
)
def test_what_cannot_be_seen_is_told_once(
    api: Api, config: Config, daemon: Daemon, answer: dict[str, Any]
) -> None:
    config.settings["drift.mode"] = "repair"
    config.set(42, CRON).save()
    api.script({"method": "GET", "times": 0, "status": 200, **answer})
    daemon.start()
    daemon.accepted(42)
    unknown = daemon.wait("drift-unknown")
    assert unknown["PRIORITY"] == 5
    more_looks(api)
    assert len(daemon.all("drift-unknown")) == 1
    assert not daemon.all("drift-found") and len(api.requests()) == 1
    # It stands in nobody's way.
    mark = daemon.mark()
    config.set(42, OTHER).save()
    daemon.accepted(42, after=mark)
    assert not daemon.all("auth-gate") and not daemon.all("config-gate")


def test_a_list_in_an_object_is_seen(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    item = {"bi_datasource_id": "42", "config": {"indexing_cron": OTHER}}
    api.script(method="GET", times=0, status=200, json={"results": [item]})
    daemon.start()
    assert daemon.wait("drift-found", id=42)["DFMODE_CRON_OLD"] == OTHER


def test_retry_after_of_a_look_is_for_the_whole_host(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    api.script(method="GET", status=429, headers={"Retry-After": "1"})
    daemon.start()
    daemon.accepted(42)
    look = api.wait(1, method="GET", done=True)[0]
    config.set(42, OTHER).save()
    daemon.wait("update-accepted", id=42, count=2)
    assert api.requests()[1]["start"] - look["end"] > 0.9
    assert not daemon.all("drift-unknown")


def test_an_answer_that_differs_is_told_at_once(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.interval"] = "1h"
    config.set(42, CRON).save()
    answer = {"id": 42, "type": "mode", "indexing_cron": OTHER}
    api.script(status=200, json=answer)
    daemon.start()
    daemon.accepted(42)
    assert daemon.wait("drift-found", id=42)["DFMODE_CRON_OLD"] == OTHER
    mark = daemon.mark()
    # Another spelling is the same schedule.
    api.script(status=200, json={**answer, "indexing_cron": "0 07 * * SUN-SAT"})
    config.set(42, "0 7 * * *").save()
    daemon.accepted(42, after=mark)
    daemon.stop()
    assert not daemon.all("drift-found", after=mark)


@pytest.mark.parametrize("echo", [True, False])
def test_a_server_that_accepts_and_forgets_is_left_alone(
    api: Api, config: Config, daemon: Daemon, echo: bool
) -> None:
    """Whatever it answers to the update, its list has the last word; two repairs in vain are enough."""
    config.settings.update({"drift.mode": "repair", "drift.interval": "10ms"})
    config.set(42, CRON).save()
    api.script(method="GET", times=0, status=200, json=[{"id": 42, "indexing_cron": OTHER}])
    if not echo:
        api.script(times=0, status=200, json={})
    daemon.start()
    in_vain = daemon.wait("drift-found", id=42, where=lambda r: "accepted that twice" in r.message)
    assert in_vain["PRIORITY"] == 4 and in_vain["DFMODE_CRON_OLD"] == OTHER
    more_looks(api, 10)
    assert len(api.requests()) == 3
    assert len(daemon.all("drift-found")) == 2
    assert status_of(daemon, 42)["state"] == "drifted"
    daemon.signal(signal.SIGHUP)
    daemon.wait("drift-found", id=42, where=lambda r: "accepted that twice" in r.message, count=2)
    assert len(api.requests()) == 5
    assert not daemon.all("drift-repaired")


def test_a_repair_counts_when_the_list_shows_it(api: Api, config: Config, daemon: Daemon) -> None:
    """However late that is, and with one more PUT at most."""
    config.settings.update({"drift.mode": "repair", "retry.rejected_first": "1h", "retry.rejected_max": "1h"})
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    api.script(method="GET", times=0, status=200, json=[{"id": 42, "indexing_cron": OTHER}])
    daemon.wait("update-accepted", id=42, count=2)
    more_looks(api)
    assert not daemon.all("drift-repaired")
    api.clear_scripts()
    assert daemon.wait("drift-repaired", id=42)["DFMODE_CRON_OLD"] == OTHER
    assert len(api.requests()) == 2


def test_off_does_not_look(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.mode"] = "off"
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    meddle(api, 42, OTHER)
    time.sleep(0.5)  # nothing tells of what does not come
    assert not api.requests("GET")
    config.settings["drift.mode"] = "repair"
    config.save()
    daemon.wait("drift-repaired", id=42)
    assert api.crons() == {42: CRON}


def test_secrets_that_the_list_echoes_are_struck_out(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).save()
    item = {"id": 42, "name": TOKEN, "indexing_cron": f"{KEY} {TOKEN} {PASSWORD}\n\x1b[31m"}
    api.script(method="GET", times=0, status=200, json=[item])
    daemon.start()
    found = daemon.wait("drift-found", id=42)
    assert "[redacted] [redacted] [redacted]\\n\\x1b[31m" in found.message
    until(lambda: status_of(daemon, 42)["last_error"], "the status shows it")
    daemon.run("status")


def test_stopping_waits_for_no_look(api: Api, config: Config, daemon: Daemon) -> None:
    seen = know(api, config, daemon)
    config.set(42, CRON).save()
    api.script(method="GET", hold="never", times=0)
    daemon.start()
    daemon.accepted(42)
    api.wait(seen + 1, method="GET")
    start = time.monotonic()
    daemon.stop()
    assert time.monotonic() - start < 2
