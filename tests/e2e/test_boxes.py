# SPDX-License-Identifier: MIT
"""What stands between: a server that wants a client certificate, a proxy that does not let through."""
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest

from harness import Config, Daemon
from test_boxes_tls import client_certificates, use  # noqa: F401
from test_wire_faults import certificates  # noqa: F401

CRON = "0 6 * * *"


class Box:
    """Accept connections, one at a time, and have each served by `serve`."""

    def __init__(self) -> None:
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.serve(connection)
                except OSError:
                    pass

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class StrictTls(Box):
    """TLS that wants a client certificate of the authority."""

    def __init__(self, directory: Path, version: ssl.TLSVersion) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(directory / "good.pem", directory / "good.key")
        self.context.load_verify_locations(directory / "authority.pem")
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.maximum_version = version
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        tls = self.context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        with tls:
            try:
                tls.do_handshake()
            except ssl.SSLError:
                time.sleep(0.3)  # what is closed at once is reset, and the alert may be lost
                raise
            head = tls.recv(65536)
            body = b"[]" if head.startswith(b"GET") else b"{}"
            tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n" + body)


class HastyTls(StrictTls):
    """Closes at once, with the request unread: the connection is reset, and the alert often lost."""

    def serve(self, connection: socket.socket) -> None:
        with self.context.wrap_socket(connection, server_side=True) as tls:
            head = tls.recv(65536)
            body = b"[]" if head.startswith(b"GET") else b"{}"
            tls.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n" + body)


class StubbornProxy(Box):
    """Answers every request with one status."""

    status = "407 Proxy Authentication Required"

    def serve(self, connection: socket.socket) -> None:
        connection.recv(65536)
        answer = f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        connection.sendall(answer.encode())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("used", ["none", "stranger"])
def test_client_certificate_is_missed(
    config: Config, daemon: Daemon, client_certificates: Path, version: ssl.TLSVersion, used: str
) -> None:
    """A matter of the configuration, and the right certificate opens the gate at once."""
    box = StrictTls(client_certificates, version)
    config.settings["api.url"] = f"https://127.0.0.1:{box.port}"
    config.settings["api.ca_file"] = str(client_certificates / "authority.pem")
    if used != "none":
        use(config, client_certificates, used)
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert gate["DFMODE_CURL_CODE"] in (35, 55, 56), gate  # the list was the first to see it
    assert gate["PRIORITY"] == 3 and "alert" in gate.message, gate.message
    use(config, client_certificates, "client")
    config.save()
    daemon.wait("update-accepted", id=42)
    box.close()


@pytest.mark.parametrize("mode", ["report", "off"])
def test_alert_that_is_lost_with_the_connection(
    config: Config, daemon: Daemon, client_certificates: Path, mode: str
) -> None:
    """Be the list or an update the first to meet it: after one failure it is known what is missing."""
    box = HastyTls(client_certificates, ssl.TLSVersion.TLSv1_3)
    config.settings["drift.mode"] = mode
    config.settings["api.url"] = f"https://127.0.0.1:{box.port}"
    config.settings["api.ca_file"] = str(client_certificates / "authority.pem")
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert gate["PRIORITY"] == 3 and "certificate" in gate.message, gate
    assert gate["DFMODE_CURL_CODE"] in (52, 55, 56)
    assert len(daemon.all("update-failed")) <= 1
    use(config, client_certificates, "client")
    config.save()
    daemon.wait("update-accepted", id=42)
    box.close()


def test_tls_that_is_too_old(config: Config, daemon: Daemon, client_certificates: Path) -> None:
    box = StrictTls(client_certificates, ssl.TLSVersion.TLSv1_1)
    box.context.set_ciphers("ALL:@SECLEVEL=0")
    box.context.verify_mode = ssl.CERT_NONE
    config.settings["api.url"] = f"https://127.0.0.1:{box.port}"
    config.settings["api.ca_file"] = str(client_certificates / "authority.pem")
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert gate["PRIORITY"] == 3 and "protocol version" in gate.message, gate.message
    box.close()


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden"])
def test_proxy_that_does_not_connect_is_named(
    config: Config, daemon: Daemon, status: str
) -> None:
    box = StubbornProxy()
    box.status = status
    config.settings["api.url"] = "https://api.example"
    config.settings["api.proxy"] = f"http://user:CANARY-proxy@127.0.0.1:{box.port}"
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert f"the proxy 127.0.0.1:{box.port} answers {status}" in gate.message
    assert gate["PRIORITY"] == 3
    box.close()


def test_plain_407_names_the_proxy(config: Config, daemon: Daemon) -> None:
    box = StubbornProxy()
    config.settings["api.url"] = "http://api.example"
    config.settings["api.allow_http"] = True
    config.settings["api.proxy"] = f"http://127.0.0.1:{box.port}"
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert f"407 from the proxy 127.0.0.1:{box.port}: " in gate.message
    box.close()
