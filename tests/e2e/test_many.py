# SPDX-License-Identifier: MIT
"""A hundred integrations, one of which the server always refuses: nobody else waits for it."""
from pathlib import Path

import pytest

from harness import Api, Config, Daemon, is_sanitized

IDS = range(1, 101)
BAD = 50
GOOD, FIRST, SECOND = "0 6 * * *", "1 1 * * *", "2 2 * * *"
# The daemon takes it as an extension that the server may know; croniter does not.
REFUSED = "0 6 ? * mon-fri"
TROUBLES = {
    "rejected": {"status": 422, "json": {"detail": "never"}},
    "transient": {"status": 500, "text": "never"},
}


def spread(api: Api, config: Config, daemon: Daemon, cron: str) -> float:
    """Edit all, and give the seconds from the first request to the end of the last of the 99."""
    seen = len(api.requests())
    mark = daemon.mark()
    for id in IDS:
        config.set(id, cron)
    config.save()
    daemon.accepted(*(id for id in IDS if id != BAD), after=mark)
    requests = [request for request in api.requests(after=seen) if request["status"] == 200]
    return max(r["end"] for r in requests if r["id"] != BAD) - min(r["start"] for r in requests)


@pytest.mark.parametrize("trouble", TROUBLES)
def test_one_that_always_fails_delays_no_other(
    api: Api, config: Config, daemon: Daemon, trouble: str
) -> None:
    """The server is slow, so that each of its tries is one that another could have had."""
    slow = {"times": 0, "delay": 0.02}
    api.script(**slow)
    config.settings.update(
        {
            "retry.first": "20ms",
            "retry.max": "5s",
            "retry.rejected_first": "20ms",
            "retry.rejected_max": "5s",
        }
    )
    for id in IDS:
        config.set(id, GOOD)
    config.save()
    daemon.start()
    daemon.accepted(*IDS)
    measured = []
    # What a busy machine adds is another time another; what one of them holds up is held up each time.
    for round in range(4):
        without = spread(api, config, daemon, f"{round} 1 * * *")
        daemon.accepted(BAD)
        mark = daemon.mark()
        api.script(id=BAD, **slow, **TROUBLES[trouble])
        seen = len(api.requests(id=BAD))
        held_up = spread(api, config, daemon, f"{round} 2 * * *")
        assert len(api.requests(id=BAD)) > seen
        measured.append((held_up, without))
        if held_up <= 1.3 * without:
            return
        api.clear_scripts(BAD)
        daemon.accepted(BAD, after=mark)
    raise AssertionError(measured)


def test_edit_lands_although_the_old_value_waits(api: Api, config: Config, daemon: Daemon) -> None:
    """One waits an hour for its refusal, another for its failure; both are mended at once."""
    waits = {"first": "1h", "max": "1h", "rejected_first": "1h", "rejected_max": "1h"}
    config.settings.update({f"retry.{key}": value for key, value in waits.items()})
    api.script(id=1, status=500)
    for id in IDS:
        config.set(id, GOOD)
    config.set(BAD, REFUSED).save()
    daemon.start()
    daemon.accepted(*(id for id in IDS if id not in (1, BAD)))
    assert daemon.wait("update-rejected", id=BAD)["DFMODE_RETRY_SEC"] >= 1800
    assert daemon.wait("update-failed", id=1)["DFMODE_RETRY_SEC"] >= 1800
    config.set(1, FIRST).set(BAD, SECOND).save()
    daemon.accepted(1, BAD)
    assert (api.crons()[1], api.crons()[BAD]) == (FIRST, SECOND)
    sent = [request["id"] for request in api.requests()[len(IDS) :]]
    assert sorted(sent) == [1, BAD], "nobody else is sent again"


def private_kib(daemon: Daemon) -> int:
    assert daemon.process is not None
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:"))


def test_few_need_little_memory(api: Api, config: Config, daemon: Daemon) -> None:
    """Of its own; the pages of libraries are the kernel's business."""
    if is_sanitized():
        pytest.skip("a sanitized build keeps a shadow of its memory")
    for id in range(1, 11):
        config.set(id, FIRST)
    config.save()
    daemon.start()
    daemon.accepted(*range(1, 11))
    assert private_kib(daemon) <= 2.5 * 1024
    mark = daemon.mark()
    config.set(1, SECOND).save()
    daemon.accepted(1, after=mark)
    assert private_kib(daemon) <= 2.5 * 1024
