# SPDX-License-Identifier: MIT
"""What journalctl shows, and what becomes of the daemon when nobody listens."""
import re

from harness import Api, until
from machine import Service

JOURNALD = (
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
    "systemd-journald.service",
)


def refuse(api: Api, reason: str) -> None:
    entry = {"loc": ["body", "indexing_cron"], "msg": reason, "type": "value_error"}
    api.script(id=42, status=422, times=0, json={"detail": [entry]})


def test_refusal_read_back(service: Service, api: Api) -> None:
    """The server's cron knows less than ours."""
    service.config.set(42, "0 6 L * *", name="Mode: Finance").save()
    refuse(api, "invalid cron expression")
    service.start()
    service.wait("update-rejected")
    history = service.machine.journal(service.since, "DFMODE_INTEGRATION_ID=42")
    record = next(r for r in history if r["DFMODE_EVENT"] == "update-rejected")
    line = service.config.line(42, "indexing_cron")
    for name, value in {
        "PRIORITY": "3",
        "MESSAGE_ID": "a76cf8f3de04404abec0a7294edd745d",
        "SYSLOG_IDENTIFIER": "dfmode-sync",
        "DFMODE_EVENT": "update-rejected",
        "DFMODE_INTEGRATION_ID": "42",
        "DFMODE_INTEGRATION_NAME": "Mode: Finance",
        "DFMODE_CRON": "0 6 L * *",
        "DFMODE_GENERATION": "1",
        "DFMODE_ATTEMPT": "1",
        "DFMODE_HTTP_STATUS": "422",
        "DFMODE_FIELD": "body.indexing_cron",
        "DFMODE_REASON": "invalid cron expression",
        "DFMODE_ERROR_TYPE": "value_error",
        "CONFIG_FILE": "/etc/dfmode-sync.conf",
        "CONFIG_LINE": str(line),
    }.items():
        assert record.get(name) == value, (name, record)
    assert 10 <= float(record["DFMODE_RETRY_SEC"]) <= 60, record
    assert re.fullmatch(
        rf"integration 42 'Mode: Finance': 422 body\.indexing_cron: invalid cron expression "
        rf"\(value_error\), /etc/dfmode-sync\.conf:{line}; attempt 1, again in \d+s",
        record["MESSAGE"],
    ), record["MESSAGE"]
    service.wait_for("StatusText", "1 of 2 in sync, 1 rejected (42 indexing_cron)")


def test_refusal_explained(service: Service, api: Api) -> None:
    refuse(api, "not on a holiday")
    service.start()
    service.wait("update-rejected")
    text = service.machine.run(
        "journalctl", "-x", "-u", service.unit, service.since
    ).stdout
    line = service.config.line(42, "indexing_cron")
    for expected in (
        "Subject: The server rejected the update of integration 42",
        f"422 body.indexing_cron: not on a holiday (value_error), /etc/dfmode-sync.conf:{line};",
        "Correct what the message points at, and save the file.",
    ):
        assert expected in text, text
    assert not re.search(r"@[A-Z_]+@", text), text


def test_journald_frozen(service: Service, api: Api) -> None:
    """Its queue fills, the loop goes on, and what was held back is logged afterwards."""
    service.config.settings["log.level"] = "debug"
    service.config.settings["api.rate_limit"] = 0
    service.config.save()
    service.start()
    until(lambda: len(service.records("update-accepted")) == 2, "both are logged")
    mark = service.mark()
    service.machine.run("systemctl", "kill", "-s", "STOP", "systemd-journald.service")
    try:
        for key in range(100, 700):
            service.config.set(key, "0 3 * * *")
        service.config.save()
        api.wait(602, status=200)
        service.config.set(42, "0 4 * * *").save()
        api.wait(603, status=200)
    finally:
        service.machine.run("systemctl", "kill", "-s", "CONT", "systemd-journald.service")
    service.wait("update-accepted", mark, DFMODE_INTEGRATION_ID="42")
    assert len(service.records("update-accepted", mark)) == 601
    assert service.records("log-dropped", mark) == []


def test_journald_gone_for_a_while(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    pid = service.main_pid()
    service.machine.run("systemctl", "stop", *JOURNALD)
    try:
        service.config.set(42, "0 4 * * *").save()
        api.wait(3, status=200)
        service.config.set(42, "0 5 * * *").save()
        api.wait(4, status=200)
    finally:
        service.machine.run("systemctl", "start", *JOURNALD)

    def reported() -> bool:
        """Systemd 257 keeps the stream of standard error, where the text goes meanwhile."""
        text = service.machine.run("journalctl", "-u", service.unit, service.since).stdout
        return "accepted '0 5 * * *'" in text or bool(service.records("log-dropped"))

    until(reported, "what was lost, or all of it")
    for record in service.records("log-dropped"):
        assert re.fullmatch(r"\d+ log records? dropped: .*", record["MESSAGE"]), record
    mark = service.mark()
    service.config.set(42, "0 6 * * *").save()
    service.wait("update-accepted", mark, DFMODE_INTEGRATION_ID="42")
    assert service.main_pid() == pid
