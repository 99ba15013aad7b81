# SPDX-License-Identifier: MIT
"""What the server may answer, what is told of it, and when the request comes again."""
import email.utils
import signal
import time
from typing import Any, Callable

import pytest

from harness import KEY, PASSWORD, TOKEN, Api, Config, Daemon, Record, gaps

CRON = "0 6 * * *"
# The daemon takes it as an extension that the server may know; croniter does not.
REFUSED = "0 6 ? * mon-fri"


def test_422_is_told_field_by_field_retried_and_mended(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, REFUSED, name="Mode: Finance").save()
    daemon.start()
    first = daemon.wait("update-rejected", id=42)
    assert first["DFMODE_INTEGRATION_NAME"] == "Mode: Finance"
    assert first["DFMODE_HTTP_STATUS"] == 422
    assert first["DFMODE_FIELD"] == "body.indexing_cron"
    assert first["DFMODE_REASON"] == "invalid cron expression"
    assert first["DFMODE_ERROR_TYPE"] == "value_error"
    assert first["DFMODE_CRON"] == REFUSED
    assert first["DFMODE_ATTEMPT"] == 1
    assert first["CONFIG_FILE"] == str(config.path)
    assert first["CONFIG_LINE"] == config.line(42, "indexing_cron")
    assert first["PRIORITY"] == 3
    assert first.message.startswith(
        "integration 42 'Mode: Finance': 422 body.indexing_cron: invalid cron expression "
        f"(value_error), {config.path}:{config.line(42, 'indexing_cron')}; attempt 1, again in "
    )
    third = daemon.wait("update-rejected", id=42, count=3)
    assert third["DFMODE_ATTEMPT"] == 3
    assert len(daemon.all("update-rejected")) <= len(api.requests(done=True))
    mark = daemon.mark()
    config.set(42, CRON, name="Mode: Finance").save()
    accepted = daemon.wait("update-accepted", id=42, after=mark)
    assert accepted["DFMODE_ATTEMPT"] == 1
    assert api.crons() == {42: CRON}


def test_mend_of_a_refusal_waits_for_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["retry.rejected_first"] = "1h"
    config.settings["retry.rejected_max"] = "1h"
    config.set(42, REFUSED).save()
    daemon.start()
    record = daemon.wait("update-rejected", id=42)
    assert 1800 <= record["DFMODE_RETRY_SEC"] <= 3600
    config.set(42, CRON).save()
    daemon.accepted(42)
    assert len(api.requests()) == 2


def test_each_complaint_is_a_record_of_its_own(api: Api, config: Config, daemon: Daemon) -> None:
    detail = [
        {"loc": ["body", "indexing_cron"], "msg": "too often", "type": "value_error.often"},
        {"loc": ["body", "name"], "msg": "too long", "type": "value_error.long"},
        {"loc": ["body", "token"], "msg": "expired", "type": "value_error.token"},
    ]
    api.script(id=42, times=2, status=422, json={"detail": detail})
    config.set(42, CRON, name="N").save()
    daemon.start()
    daemon.accepted(42)
    told = daemon.all("update-rejected")
    assert [(r["DFMODE_ATTEMPT"], r["DFMODE_FIELD"], r["DFMODE_REASON"]) for r in told] == [
        (attempt, "body." + entry["loc"][1], entry["msg"]) for attempt in (1, 2) for entry in detail
    ]
    lines = [r["CONFIG_LINE"] for r in told[:3]]
    text = config.path.read_text()
    token = text[: text.index("token_file")].count("\n") + 1
    assert lines == [config.line(42, "indexing_cron"), config.line(42, "name"), token]


def one(**fields: Any) -> Callable[[list[Record]], bool]:
    def fits(records: list[Record]) -> bool:
        return len(records) == 1 and all(records[0].get(k) == v for k, v in fields.items())

    return fits


def detail(*entries: Any, **others: Any) -> dict[str, Any]:
    return {"json": {"detail": list(entries)}, **others}


LONG = "x" * 5000
SHAPES = {
    "string": ({"json": {"detail": "Invalid cron"}}, one(DFMODE_REASON="Invalid cron")),
    "no-detail": ({"json": {"error": "no"}}, one(DFMODE_FIELD=None)),
    "null-detail": ({"json": {"detail": None}}, one(DFMODE_FIELD=None)),
    "empty-detail": ({"json": {"detail": []}}, one(DFMODE_FIELD=None)),
    "integers-in-loc": (
        detail({"loc": ["body", 8, "x", -1], "msg": "m", "type": "t"}),
        one(DFMODE_FIELD="body.8.x.-1", DFMODE_REASON="m", DFMODE_ERROR_TYPE="t"),
    ),
    "no-loc": (detail({"msg": "m"}), one(DFMODE_REASON="m", DFMODE_FIELD=None)),
    "odd-entries": (detail(7, None, {"loc": "body", "msg": 3, "type": []}, ["x"]), bool),
    "ninety": (
        detail(*({"loc": ["body", n], "msg": "m", "type": "t"} for n in range(90))),
        lambda records: 1 < len(records) <= 9,
    ),
    "long-words": (
        detail({"loc": ["body", LONG], "msg": LONG, "type": LONG}),
        lambda records: len(records[0].message) < 2000,
    ),
    "control-bytes": (detail({"loc": ["body"], "msg": "a\n\x1b[31mb\x00c", "type": "t"}), bool),
    "not-json": ({"text": "Unprocessable"}, one(DFMODE_FIELD=None)),
    "html": (
        {"text": "<html><body>nginx</body></html>", "headers": {"Content-Type": "text/html"}},
        lambda records: "<html>" not in records[0].message,
    ),
    "empty": ({"text": ""}, one(DFMODE_FIELD=None)),
    "deep": ({"text": "[" * 20000}, bool),
    "invalid-utf8": ({"base64": "eyJkZXRhaWwiOiAi/4AifQ=="}, bool),
    "huge": ({"json": {"detail": "m", "more": "y" * 300_000}}, one(DFMODE_HTTP_STATUS=422)),
    "huge-not-json": ({"text": "z" * 5_000_000}, one(DFMODE_HTTP_STATUS=422)),
    "cut": (detail("half of this arrives", fault="cut"), one(DFMODE_HTTP_STATUS=422)),
    "reset-on-its-heels": (detail("d", fault="answer-reset"), one(DFMODE_HTTP_STATUS=422)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_422_in_any_shape_is_a_refusal(
    api: Api, config: Config, daemon: Daemon, shape: str
) -> None:
    answer, fits = SHAPES[shape]
    api.script(id=42, status=422, **answer)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    records = daemon.all("update-rejected", id=42)
    assert fits(records), records
    for record in records:
        assert record["DFMODE_HTTP_STATUS"] == 422 and record["DFMODE_ATTEMPT"] == 1
        assert record["DFMODE_REASON"]
        # A page of something in between is not about a line of the file.
        assert ("CONFIG_LINE" in record) == (shape != "html")
        assert record.get("CONFIG_LINE") in (None, *config.lines(42))
    assert not daemon.all("update-failed")
    assert len(api.requests()) == 2


@pytest.mark.slow
def test_secrets_that_the_server_echoes_are_nowhere(
    api: Api, config: Config, daemon: Daemon
) -> None:
    """daemon.inspect() looks for them in all that the program said and wrote."""
    api.options(pydantic=2)
    words = f"{PASSWORD} and {TOKEN} of {KEY}"
    echo = {"detail": [{"loc": ["body", TOKEN], "msg": words, "type": TOKEN}]}
    config.settings["retry.first"] = config.settings["retry.max"] = "20ms"
    api.script(
        {"id": 43, "status": 422, "json": echo},
        {"id": 43, "status": 400, "json": {"detail": f"bad {TOKEN}"}},
        {"id": 43, "status": 500, "text": f"Traceback: {TOKEN} {PASSWORD}"},
        {"id": 43, "status": 503, "json": {"detail": KEY}},
        {"id": 43, "status": 422, "json": {"detail": f"Key {KEY}", "x": KEY}},
        {"id": 43, "status": 200, "json": {"token": TOKEN}},
    )
    config.settings["log.level"] = "debug"
    config.set(42, REFUSED).set(43, CRON, name="N").save()
    daemon.start()
    daemon.accepted(43)
    first = daemon.wait("update-rejected", id=43)
    assert "[redacted]" in first["DFMODE_REASON"] and "[redacted]" in first["DFMODE_FIELD"]
    assert daemon.wait("update-rejected", id=42)["DFMODE_FIELD"] == "body.indexing_cron"


@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 413, 415])
def test_other_refusals_are_rejections(
    api: Api, config: Config, daemon: Daemon, status: int
) -> None:
    config.settings["retry.first"] = config.settings["retry.max"] = "1h"
    api.script(id=42, status=status, json={"detail": "Not so"})
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    (record,) = daemon.all("update-rejected")
    assert (record["DFMODE_HTTP_STATUS"], record["DFMODE_REASON"]) == (status, "Not so")
    assert record["CONFIG_LINE"] in config.lines(42)


def test_a_404_names_what_was_asked_for(api: Api, config: Config, daemon: Daemon) -> None:
    """So a path too many in api.url is seen, of which `check` warns as well."""
    api.script(id=42, status=404, json={"detail": "Not Found"}, times=0)
    url = config.settings["api.url"]
    config.set(42, CRON).save()
    daemon.start()
    record = daemon.wait("update-rejected", id=42)
    asked = f"404 Not Found, asked for {url}/api/v1/lineage/bi/mode/42/, {config.path}:"
    assert asked in record.message
    assert record["DFMODE_REASON"] == "Not Found"
    daemon.stop()
    config.settings["api.url"] = f"{url}/api/v1"
    config.save()
    done = daemon.run("check")
    assert "api.url: the program adds /api/v1/... itself; is the path meant?" in done.stdout + done.stderr


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 520])
def test_transient_statuses_are_retried_soon(
    api: Api, config: Config, daemon: Daemon, status: int
) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    api.script(id=42, status=status, times=2, text="busy")
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    failed = daemon.all("update-failed", id=42)
    assert [record["DFMODE_HTTP_STATUS"] for record in failed] == [status, status]
    assert [record["DFMODE_ATTEMPT"] for record in failed] == [1, 2]
    assert not daemon.all("update-rejected")


def in_seconds(seconds: int) -> str:
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "status, header, least, most",
    [
        (503, lambda: "1", 1.0, 3.0),
        (429, lambda: "1", 1.0, 3.0),
        (500, lambda: "1", 1.0, 3.0),
        (503, lambda: in_seconds(3), 1.0, 5.0),
        (503, lambda: in_seconds(-100000), 0.01, 0.9),
        (503, lambda: "soon", 0.01, 0.9),
        (503, lambda: "-5", 0.01, 0.9),
    ],
    ids=["503", "429", "500", "date", "past", "words", "negative"],
)
def test_retry_after_is_obeyed(
    api: Api,
    config: Config,
    daemon: Daemon,
    status: int,
    header: Callable[[], str],
    least: float,
    most: float,
) -> None:
    api.script(id=42, status=status, headers={"Retry-After": header()})
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    (gap,) = gaps(api.requests())
    told = daemon.wait("update-failed", id=42)["DFMODE_RETRY_SEC"]
    assert least - 0.01 <= told <= most
    # A busy machine may be late, but never early; the clock of the loop has whole milliseconds.
    assert max(least, told) - 0.001 <= gap <= told + 5


def test_retry_after_of_one_counts_for_the_whole_host(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["api.max_in_flight"] = 1
    api.script(status=503, headers={"Retry-After": "1"})
    for id in range(1, 5):
        config.set(id, CRON)
    config.save()
    daemon.start()
    daemon.accepted(1, 2, 3, 4)
    assert gaps(api.requests())[0] >= 0.999


def test_retries_double_up_to_their_limit(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings.update({"retry.first": "80ms", "retry.max": "320ms"})
    api.script(id=42, status=500, times=5)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    told = [record["DFMODE_RETRY_SEC"] for record in daemon.all("update-failed")]
    assert len(told) == 5
    for seconds, gap, full in zip(told, gaps(api.requests()), [0.08, 0.16, 0.32, 0.32, 0.32]):
        assert full / 2 <= seconds <= full
        assert seconds - 0.001 <= gap


def test_rejections_have_back_offs_of_their_own(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings.update({"retry.rejected_first": "80ms", "retry.rejected_max": "160ms"})
    api.script(id=42, status=422, times=3, json={"detail": "no"})
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    told = [record["DFMODE_RETRY_SEC"] for record in daemon.all("update-rejected")]
    assert len(told) == 3
    for seconds, full in zip(told, [0.08, 0.16, 0.16]):
        assert full / 2 <= seconds <= full


def test_a_rejection_has_the_schedule_that_stays_in_force(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).set(43, REFUSED).save()
    daemon.start()
    daemon.accepted(42)
    assert "DFMODE_CRON_OLD" not in daemon.wait("update-rejected", id=43)
    config.set(42, REFUSED).save()
    record = daemon.wait("update-rejected", id=42)
    assert (record["DFMODE_CRON"], record["DFMODE_CRON_OLD"]) == (REFUSED, CRON)


def test_rejected_limit_stops_until_a_change(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["retry.rejected_limit"] = 2
    config.set(42, REFUSED).set(43, CRON).save()
    daemon.start()
    last = daemon.wait("update-rejected", id=42, where=lambda r: r["DFMODE_ATTEMPT"] == 2)
    line = config.line(42, "indexing_cron")
    assert last.message.endswith(f"waiting for a change of {config.path}:{line}")
    assert "DFMODE_RETRY_SEC" not in last
    config.set(42, CRON).save()
    daemon.accepted(42)
    assert len(api.requests(id=42)) == 3


def test_one_refused_delays_none_of_the_others(api: Api, config: Config, daemon: Daemon) -> None:
    for id in range(1, 21):
        config.set(id, REFUSED if id == 7 else CRON)
    config.save()
    daemon.start()
    others = [id for id in range(1, 21) if id != 7]
    daemon.accepted(*others)
    daemon.wait("update-rejected", id=7, count=3)
    assert api.crons() == {id: CRON for id in others}
    assert all(len(api.requests(id=id)) == 1 for id in others)
    assert not daemon.all("breaker-open")


def test_refused_connection_is_retried(absent_api: Api, absent: Daemon) -> None:
    absent.config.settings["drift.mode"] = "off"  # so that no list is asked for first
    absent.config.set(42, CRON).save()
    absent.start()
    failed = absent.wait("update-failed", id=42, count=2)
    assert failed["DFMODE_CURL_CODE"] == 7 and "DFMODE_HTTP_STATUS" not in failed
    absent_api.start()
    absent.accepted(42)
    assert absent_api.crons() == {42: CRON}
    assert len(absent_api.requests()) == 1, "what never arrived needs no second look"


def test_time_out_is_retried_and_confirmed(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["api.timeout"] = "300ms"
    api.script(id=42, fault="stall")
    config.set(42, CRON).save()
    daemon.start()
    failed = daemon.wait("update-failed", id=42)
    assert failed["DFMODE_CURL_CODE"] == 28
    daemon.wait("update-accepted", id=42, count=2)
    requests = api.wait(3, id=42, done=True)
    assert [request["fate"] for request in requests] == ["disconnected", "answered", "answered"]
    assert len({request["raw"] for request in requests}) == 1


def test_value_applied_late_does_not_stay(api: Api, config: Config, daemon: Daemon) -> None:
    """The first PUT times out here, yet the server applies it after the newer one."""
    config.settings["api.timeout"] = "400ms"
    api.script(id=42, fault="stall", apply_after=0.6)
    config.set(42, "1 1 * * *").save()
    daemon.start()
    api.wait(1)
    config.set(42, CRON).save()
    daemon.wait("update-accepted", id=42, count=2)
    first, *others = api.wait(3, id=42, done=True)
    assert first["applied"] is not None and first["applied"] > others[0]["applied"]
    assert api.crons() == {42: CRON}


@pytest.mark.parametrize("fault", ["reset-early", "reset", "close"])
def test_lost_connection_is_retried(api: Api, config: Config, daemon: Daemon, fault: str) -> None:
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    api.script(id=42, fault=fault)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    failed = daemon.wait("update-failed", id=42)
    assert failed["DFMODE_CURL_CODE"] in (52, 55, 56)
    assert api.crons() == {42: CRON}


def test_connection_that_died_idle_is_replaced(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    api.drop_connections()
    mark = daemon.mark()
    config.set(42, "5 5 * * *").save()
    daemon.accepted(42, after=mark)
    assert api.crons() == {42: "5 5 * * *"}


def refuse(api: Api, **answer: Any) -> None:
    """Every update, and the list, which would be a witness that the key and the URL are good."""
    api.script({"times": 0, **answer}, {"times": 0, "method": "GET", **answer})


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_stops_all_until_a_new_one(
    api: Api, config: Config, daemon: Daemon, status: int
) -> None:
    config.settings["api.max_in_flight"] = 1
    refuse(api, status=status, json={"detail": f"Invalid API key {KEY}"})
    for id in range(1, 6):
        config.set(id, CRON)
    config.save()
    daemon.start()
    gate = daemon.wait("auth-gate")
    assert gate["DFMODE_HTTP_STATUS"] == status and gate["PRIORITY"] == 3
    assert 30 <= gate["DFMODE_RETRY_SEC"] <= 60
    assert len(api.requests()) == 4, "the first, and three that might have been witnesses"
    assert len(api.requests("GET")) == 2  # at first, and as a witness
    api.clear_scripts()
    api.options(keys=["CANARY-key-new"])
    config.secret("api-key", "CANARY-key-new")
    daemon.accepted(1, 2, 3, 4, 5)
    assert {r["headers"]["authorization"] for r in api.requests()[4:]} == {"Key CANARY-key-new"}
    assert not daemon.all("update-rejected")


def test_redirect_is_not_followed(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    config.settings["api.max_in_flight"] = 1
    refuse(api, status=307, headers={"Location": f"{api.url}/elsewhere/"})
    config.set(42, CRON).set(43, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert gate["DFMODE_HTTP_STATUS"] == 307
    assert f"{api.url}/elsewhere/" in gate.message
    assert len(api.requests("*")) == 3, "two updates and the list"
    api.clear_scripts()
    daemon.signal(signal.SIGHUP)
    daemon.accepted(42, 43)
    assert len(api.requests("*")) == 5


def test_unreachable_server_is_probed_by_one(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(status=503, times=0)
    for id in range(1, 11):
        config.set(id, CRON)
    config.save()
    daemon.start()
    opened = daemon.wait("breaker-open")
    assert 2.5 <= opened["DFMODE_RETRY_SEC"] <= 5
    before = len(api.requests())
    api.clear_scripts()
    daemon.wait("breaker-closed")
    daemon.accepted(*range(1, 11))
    assert before <= 5 + 4, "five failures in a row, and what was in flight with the last of them"


@pytest.mark.parametrize(
    "answer", [{"status": 204}, {"status": 201, "text": "not JSON"}, {"status": 200, "text": ""}]
)
def test_any_2xx_is_an_acceptance(
    api: Api, config: Config, daemon: Daemon, answer: dict[str, Any]
) -> None:
    api.script(id=42, **answer)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    assert len(api.requests()) == 1
