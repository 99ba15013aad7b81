# SPDX-License-Identifier: MIT
"""Edits that meet requests: the newest value wins, and one integration never has two requests.

That none of one integration overlap is looked at after every test (conftest.inspect).
"""
import time

from harness import Api, Config, Daemon, gaps

FIRST, SECOND, THIRD = "1 1 * * *", "2 2 * * *", "3 3 * * *"


def test_newer_edit_beats_a_retry(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings.update({"retry.first": "1h", "retry.max": "1h"})
    api.script(id=42, status=500)
    config.set(42, FIRST).save()
    daemon.start()
    daemon.wait("update-failed", id=42)
    config.set(42, SECOND).save()
    accepted = daemon.wait("update-accepted", id=42)
    assert (accepted["DFMODE_CRON"], accepted["DFMODE_ATTEMPT"]) == (SECOND, 1)
    assert [request["body"]["indexing_cron"] for request in api.requests()] == [FIRST, SECOND]


def test_edit_in_flight_goes_after_the_answer(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    for cron in (SECOND, THIRD):
        mark = daemon.mark()
        config.set(42, cron).save()
        daemon.wait("config-loaded", after=mark)
    assert len(api.requests()) == 1
    api.release("first")
    daemon.wait("update-accepted", id=42, count=2)
    assert [record["DFMODE_CRON"] for record in daemon.all("update-accepted")] == [FIRST, THIRD]
    assert api.crons() == {42: THIRD}
    assert [request["body"]["indexing_cron"] for request in api.requests()] == [FIRST, THIRD]


def test_edit_in_flight_goes_after_a_refusal_too(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings.update({"retry.rejected_first": "1h", "retry.rejected_max": "1h"})
    api.script(id=42, hold="first", status=422, json={"detail": "no"})
    config.set(42, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    mark = daemon.mark()
    config.set(42, SECOND).save()
    daemon.wait("config-loaded", after=mark)
    api.release("first")
    daemon.wait("update-accepted", id=42, where=lambda r: r["DFMODE_CRON"] == SECOND)
    assert gaps(api.requests())[0] < 10


def test_edit_in_flight_that_is_taken_back(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, FIRST).save()
    daemon.start()
    daemon.accepted(42)
    api.script(id=42, hold="second")
    config.set(42, SECOND).save()
    api.wait(2, id=42)
    mark = daemon.mark()
    config.set(42, FIRST).save()
    daemon.wait("config-loaded", after=mark)
    api.release("second")
    api.wait(3, id=42, done=True)
    assert api.crons() == {42: FIRST}


def test_removed_in_flight_is_let_finish(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, FIRST).set(43, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    del config.integrations[42]
    config.save()
    daemon.wait("integration-removed", id=42)
    api.release("first")
    config.set(44, FIRST).save()
    daemon.accepted(44)
    api.wait(1, id=42, done=True)
    assert len(api.requests(id=42)) == 1


def test_removed_in_flight_and_back_again(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="first")
    config.set(42, FIRST).set(43, FIRST).save()
    daemon.start()
    api.wait(1, id=42)
    del config.integrations[42]
    config.save()
    daemon.wait("integration-removed", id=42)
    config.set(42, SECOND).save()
    daemon.wait("integration-added", id=42)
    assert len(api.requests(id=42)) == 1
    api.release("first")
    assert [r["body"]["indexing_cron"] for r in api.wait(2, id=42, done=True)] == [FIRST, SECOND]
    assert api.crons()[42] == SECOND


def test_slow_answer_holds_up_nobody(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=42, hold="never")
    for id in range(40, 50):
        config.set(id, FIRST)
    config.save()
    daemon.start()
    daemon.accepted(*(id for id in range(40, 50) if id != 42))
    api.release("never")
    daemon.accepted(42)


def test_no_more_at_once_than_allowed(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["api.max_in_flight"] = 3
    api.script(hold="all", times=0)
    for id in range(1, 11):
        config.set(id, FIRST)
    config.save()
    daemon.start()
    api.wait(1)
    api.release("all")
    daemon.accepted(*range(1, 11))
    edges = [(r["start"], 1) for r in api.requests()] + [(r["end"], -1) for r in api.requests()]
    under_way = most = 0
    for _, step in sorted(edges):
        under_way += step
        most = max(most, under_way)
    assert most <= 3


def test_rate_limit_spreads_a_burst(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["api.rate_limit"] = 10
    for id in range(1, 31):
        config.set(id, FIRST)
    config.save()
    before = time.monotonic()
    daemon.start()
    daemon.accepted(*range(1, 31))
    # A burst of twenty, and ten more at ten a second. Not from the first request on, which a busy machine sees late.
    assert max(request["start"] for request in api.requests()) - before >= 0.9
