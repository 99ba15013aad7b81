# SPDX-License-Identifier: MIT
"""squid and haproxy in front of a server: what they say themselves is told from what the server says."""
from pathlib import Path
from typing import Iterator

import pytest

from boxes import Real, free_port, haproxy, squid
from harness import Api, Config, Daemon

CRON = "0 6 * * *"
# Credentials are asked for, and none are good.
ASKS = """auth_param basic program /bin/false
auth_param basic children 1 startup=0 idle=1
auth_param basic realm none
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[list[Real]]:
    boxes: list[Real] = []
    yield boxes
    for box in boxes:
        box.stop()


def behind(config: Config, box: Real, url: str) -> None:
    config.settings["api.url"] = url
    config.settings["api.proxy"] = f"http://127.0.0.1:{box.port}"
    config.settings["api.allow_http"] = True
    config.set(42, CRON).save()


@pytest.mark.parametrize(
    "rules, status",
    [(ASKS, "407 Proxy Authentication Required"), ("http_access deny all", "403 Forbidden")],
    ids=["407", "403"],
)
def test_squid_that_does_not_connect(
    config: Config, daemon: Daemon, tmp_path: Path, start: list[Real], rules: str, status: str
) -> None:
    start.append(box := squid(tmp_path / "squid", rules))
    behind(config, box, "https://api.example")
    daemon.start()
    gate = daemon.wait("config-gate")
    assert f"the proxy 127.0.0.1:{box.port} answers {status}" in gate.message
    assert gate["PRIORITY"] == 3 and gate["DFMODE_CURL_CODE"] == 56
    assert not daemon.all("update-failed")


def test_squid_that_asks_for_credentials(
    api: Api, config: Config, daemon: Daemon, tmp_path: Path, start: list[Real]
) -> None:
    """In clear text it is squid's answer to the request; without it the request goes through."""
    start.append(box := squid(tmp_path / "squid", ASKS))
    behind(config, box, api.url)
    daemon.start()
    gate = daemon.wait("config-gate")
    assert f"407 from the proxy 127.0.0.1:{box.port}: Proxy Authentication Required (text/html)" in gate.message
    assert gate["PRIORITY"] == 3 and gate["DFMODE_HTTP_STATUS"] == 407
    assert not api.requests()
    config.settings["api.proxy"] = ""
    config.save()
    daemon.accepted(42)


def test_squid_that_lets_through(
    api: Api, config: Config, daemon: Daemon, tmp_path: Path, start: list[Real]
) -> None:
    start.append(box := squid(tmp_path / "squid", "http_access allow all"))
    behind(config, box, api.url)
    daemon.start()
    daemon.accepted(42)
    assert "via" in api.requests()[0]["headers"]


def test_haproxy_without_a_backend(
    api: Api, config: Config, daemon: Daemon, tmp_path: Path, start: list[Real]
) -> None:
    """A page that says 503 is not about a line of the file, and passes by itself."""
    config.settings["drift.mode"] = "off"
    start.append(box := haproxy(tmp_path / "haproxy", "", f"server api 127.0.0.1:{free_port()}"))
    config.settings["api.url"] = f"http://127.0.0.1:{box.port}"
    config.set(42, CRON).save()
    daemon.start()
    failed = daemon.wait("update-failed", id=42)
    assert failed.message.startswith("integration 42: 503 Service Unavailable (text/html)"), failed
    assert "CONFIG_LINE" not in failed and failed["DFMODE_HTTP_STATUS"] == 503
    config.settings["api.url"] = api.url
    config.save()
    daemon.accepted(42)
