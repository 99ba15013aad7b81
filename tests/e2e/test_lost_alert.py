# SPDX-License-Identifier: MIT
"""A TLS server that ends each connection with the request unread, its alert lost with it: if it asked for a client
certificate, that is what it wants; if not, it is a failure like any other."""
import select
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Iterator

import pytest

from harness import Config, Daemon
from test_wire_faults import certificates  # noqa: F401

CRON = "0 6 * * *"


class Resetting:
    """Shakes hands, waits for the request, and resets the connection."""

    def __init__(self, made: Path, asks: bool) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_3
        self.context.num_tickets = 0  # as of a server that refuses: none is resumed without being asked again
        self.context.load_cert_chain(made / "good.pem", made / "good.key")
        if asks:
            self.context.verify_mode = ssl.CERT_OPTIONAL
            self.context.load_verify_locations(made / "authority.pem")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    select.select([connection], [], [], 5)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                plain.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def server(request: pytest.FixtureRequest, certificates: Path, config: Config) -> Iterator[Resetting]:  # noqa: F811
    resetting = Resetting(certificates, request.param)
    config.settings["api.url"] = f"https://127.0.0.1:{resetting.port}"
    config.settings["api.ca_file"] = str(certificates / "authority.pem")
    config.settings["retry.first"] = "100ms"
    yield resetting
    resetting.close()


@pytest.mark.parametrize("server", [True], indirect=True)
def test_certificate_that_was_asked_for_is_what_is_missing(config: Config, daemon: Daemon, server: Resetting) -> None:
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert "the server asks for a client certificate, and ends the connection (api.client_cert_file)" in gate.message
    assert len(daemon.all("update-failed")) <= 1


@pytest.mark.parametrize("server", [False], indirect=True)
def test_no_certificate_is_missing_that_nobody_asked_for(config: Config, daemon: Daemon, server: Resetting) -> None:
    config.set(42, CRON).save()
    daemon.start()
    mark = daemon.mark()
    for _ in range(3):
        daemon.wait("update-failed", after=mark)
        mark = daemon.mark()
    assert not daemon.all("config-gate")
