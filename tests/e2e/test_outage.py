# SPDX-License-Identifier: MIT
"""An hour's outage with 10,000 integrations due, in seconds: the daemon's clock runs fast.

The reconciler's own share of this, in four kinds of outage and to the millisecond, is tests/sim/outage.
"""
import contextlib
import shutil
import socket
import socketserver
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest

from conftest import watched
from harness import PATIENCE, PROGRAM, Config, Daemon, Record, until

SPEED = 600
COUNT = 10_000
HOUR_S = 3600.0
RATE = 5
# What the machine may be late by: each of its milliseconds is many of the daemon's.
QUIET_S = 0.03
# In a probe's interval the half that is jitter may be missing.
BREAKER_FIRST_S, BREAKER_MAX_S = 5.0, 300.0
# Five failures open the breaker; as many as may be under way come with them.
EARLY_MOST = 5 + 4
STAMP = "__REALTIME_TIMESTAMP"


class Service:
    """Answers 503 until it is told to recover, then 200, and keeps when it was asked. The stand-in
    would be too slow for this: a minute of the daemon's takes a tenth of a second here."""

    def __init__(self) -> None:
        self.failed: list[float] = []
        self.served: list[float] = []
        self.ids: set[bytes] = set()
        self.is_out = True
        service = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):
                    service.serve(self.request)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        seen = b""
        while received := connection.recv(65536):
            seen += received
            head, end, body = seen.partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
            if end and len(body) >= int(length or 0):
                seen = body[int(length or 0) :]
                connection.sendall(self.answer(head))

    def answer(self, head: bytes) -> bytes:
        now = time.monotonic()
        if self.is_out:
            self.failed.append(now)
            return b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
        self.served.append(now)
        self.ids.add(head.split(b" ", 2)[1])
        return b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Lateness:
    """How late the machine wakes up who slept, at worst: whoever waits here may be as late, and more than once."""

    def __init__(self) -> None:
        self.worst = 0.0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.measure, daemon=True)
        self.thread.start()

    def measure(self) -> None:
        while not self.is_over.is_set():
            start = time.monotonic()
            time.sleep(0.005)
            self.worst = max(self.worst, time.monotonic() - start - 0.005)

    def slack_s(self) -> float:
        """In the daemon's seconds."""
        return max(QUIET_S, 3 * self.worst) * SPEED

    def close(self) -> None:
        self.is_over.set()
        self.thread.join()


@pytest.fixture
def lateness() -> Iterator[Lateness]:
    lateness = Lateness()
    yield lateness
    lateness.close()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


def fast_clock() -> dict[str, str]:
    """What the faketime command would put into the environment."""
    if shutil.which("faketime") is None:
        pytest.skip("no faketime")
    words = ["faketime", "-m", "-f", f"+0 x{SPEED}", "env"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    lines = [line.partition("=") for line in done.stdout.splitlines()]
    found = {name: value for name, _, value in lines if name in ("LD_PRELOAD", "FAKETIME")}
    if len(found) == 2:
        # A sanitizer, which wants to come before any other library, says no here.
        words = [PROGRAM, "--version"]
        done = subprocess.run(words, env=found, capture_output=True, text=True, timeout=30)
    if len(found) != 2 or done.returncode != 0:
        pytest.skip("faketime cannot be used: " + done.stderr.strip()[:200])
    return found


def most_probes() -> int:
    """The most that the shortest of the breaker's intervals leave room for within the hour."""
    count, at, interval = 0, 0.0, BREAKER_FIRST_S
    while at < HOUR_S:
        at += interval / 2
        interval = min(2 * interval, BREAKER_MAX_S)
        count += 1
    return count


def check_outage(records: list[Record], asked: int, slack_s: float) -> None:
    """`records` of the breaker: the first reports that it opened, each other that a probe failed."""
    probes = len(records) - 1
    least = int((HOUR_S - 2 * BREAKER_MAX_S) / (BREAKER_MAX_S + slack_s))
    assert asked - probes <= EARLY_MOST and least <= probes <= most_probes()
    interval = BREAKER_FIRST_S
    for record in records:
        assert interval / 2 <= record["DFMODE_RETRY_SEC"] <= interval
        interval = min(2 * interval, BREAKER_MAX_S)
    for record, after in zip(records, records[1:]):
        waited = (int(after[STAMP]) - int(record[STAMP])) / 1e6
        assert waited >= record["DFMODE_RETRY_SEC"] - slack_s


@pytest.mark.timeout(240)
@pytest.mark.slow
def test_an_hour_of_outage(tmp_path: Path, service: Service, lateness: Lateness) -> None:
    config = Config(tmp_path, service.url)
    config.settings.update({"api.rate_limit": RATE, "log.level": "notice"})
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    config.settings.update({"api.timeout": "1h", "api.connect_timeout": "1h"})
    config.settings.update({"retry.first": "1s", "retry.max": "5min"})
    for id in range(1, COUNT + 1):
        config.set(id, "0 6 * * *")
    config.save()
    clock = fast_clock()
    with watched(Daemon(tmp_path, config)) as daemon:
        daemon.start(wait=False, **clock)
        daemon.wait("breaker-open")
        start = service.failed[0]
        until(lambda: time.monotonic() >= start + HOUR_S / SPEED, "an hour")
        service.is_out = False
        end = time.monotonic()
        daemon.wait("breaker-closed")
        check_outage(daemon.all("breaker-open"), len(service.failed), lateness.slack_s())
        until(lambda: len(service.ids) == COUNT, "all arrive", 3 * PATIENCE)  # at the speed of a busy machine
        daemon.stop()
    slack_s = lateness.slack_s()
    first, last = service.served[0], service.served[-1]
    assert (first - end) * SPEED <= BREAKER_MAX_S + slack_s
    took, ideal = (last - first) * SPEED, COUNT / RATE
    # How quick it can be at this speed is for the machine; tests/sim/outage.c holds the upper bound.
    assert ideal - 2 - slack_s <= took, (took, ideal)
    assert len(service.served) == COUNT, "none goes twice"
