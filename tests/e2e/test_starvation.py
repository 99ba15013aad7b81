# SPDX-License-Identifier: MIT
"""Some integrations fail for ever, each in its way: the others are served all the same, by the daemon
and by `apply`. The reconciler's own share, for every kind and number, is tests/sim/starvation."""
import threading
import time
from typing import Any, Iterator

import pytest
from harness import Api, Config, Daemon

CRON = "0 6 * * *"
EDITED = "0 7 * * *"
HEALTHY = range(101, 121)
RATE = 20
TIMEOUT_S = 1.0
SLACK_S = 1.0  # of the machine

FAILURES: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "403": {"status": 403},
    "302": {"status": 302, "headers": {"Location": "/elsewhere"}},
    "hanging": {"fault": "stall"},
}


def fail(api: Api, count: int, kind: str) -> None:
    for id in range(1, count + 1):
        api.script(id=id, times=0, **FAILURES[kind])


def configure(config: Config, count: int) -> None:
    config.settings.update({"api.rate_limit": RATE, "api.timeout": f"{int(TIMEOUT_S)}s"})
    config.settings.update({"retry.first": "1s", "retry.max": "5min"})
    config.settings.update({"retry.rejected_first": "30s", "retry.rejected_max": "1h"})
    for id in [*range(1, count + 1), *HEALTHY]:
        config.set(id, CRON)


class Pulse:
    """How long the stand-in takes to answer somebody else than the daemon: it may stand still, with the machine."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.asked = self.worst = 0.0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.ask, daemon=True)
        self.thread.start()

    def ask(self) -> None:
        while not self.is_over.wait(0.05):
            self.asked = time.monotonic()
            self.api.control("GET", "integrations")
            self.worst, self.asked = max(self.worst, time.monotonic() - self.asked), 0.0

    def is_regular(self) -> bool:
        asked = self.asked
        waiting = time.monotonic() - asked if asked > 0 else 0.0
        return max(self.worst, waiting) < SLACK_S / 2

    def close(self) -> None:
        self.is_over.set()
        self.thread.join()


@pytest.fixture
def pulse(api: Api) -> Iterator[Pulse]:
    pulse = Pulse(api)
    yield pulse
    pulse.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("count", [1, 10])
def test_the_edit_of_a_healthy_one_goes_at_once(
    api: Api, config: Config, daemon: Daemon, pulse: Pulse, count: int, kind: str
) -> None:
    """If nobody is answered for longer than a time-out, healthy ones fail too, and the breaker opens: then it is asked
    anew, with the next one."""
    fail(api, count, kind)
    configure(config, count)
    config.save()
    daemon.start()
    bound = 2 * TIMEOUT_S if kind == "hanging" else 2 + 1 / RATE
    measured = 0
    for id in HEALTHY:
        mark = daemon.mark()
        pulse.worst = 0.0
        start = time.monotonic()
        config.set(id, EDITED).save()
        daemon.wait("update-accepted", id, lambda r: r["DFMODE_CRON"] == EDITED, mark)
        took = time.monotonic() - start
        if pulse.is_regular():
            assert took < bound + SLACK_S, daemon.story(f"integration {id} took {took:.2f} s")
            measured += 1
        if measured == 3:
            break
        time.sleep(TIMEOUT_S)
    assert measured == 3, daemon.story("the stand-in does not answer in time")
    daemon.accepted(*HEALTHY)
    assert not daemon.all("auth-gate") and not daemon.all("config-gate")


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAILURES)
def test_apply_sends_the_healthy_ones(
    api: Api, config: Config, daemon: Daemon, kind: str
) -> None:
    fail(api, 10, kind)
    configure(config, 10)
    config.save()
    done = daemon.run("apply", "--timeout=12s")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("20 accepted, "), done.stdout
    assert "the API key is refused" not in done.stderr
    assert {id: cron for id, cron in api.crons().items() if id > 100} == dict.fromkeys(HEALTHY, CRON)
