# SPDX-License-Identifier: MIT
"""What stands between: a server that wants a client certificate, a proxy that does not let through."""
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest

from harness import Api, Config, Daemon, until
from test_wire_faults import certificates, openssl  # noqa: F401

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


class StubbornProxy(Box):
    """Answers every request with one status."""

    status = "407 Proxy Authentication Required"

    def serve(self, connection: socket.socket) -> None:
        connection.recv(65536)
        answer = f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        connection.sendall(answer.encode())


@pytest.fixture
def client_certificates(certificates: Path) -> Path:  # noqa: F811
    """One of the authority, and one of its own that nobody knows."""
    for name, issuer in (("client", "authority"), ("stranger", None)):
        words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        words += ["-days", "2", "-subj", f"/CN={name}", "-keyout", f"{certificates}/{name}.key"]
        words += ["-out", f"{certificates}/{name}.pem"]
        openssl(*words)
        if issuer is not None:
            openssl("req", "-new", "-key", f"{certificates}/{name}.key", "-subj", f"/CN={name}",
                    "-out", f"{certificates}/{name}.csr")  # fmt: skip
            openssl("x509", "-req", "-in", f"{certificates}/{name}.csr", "-days", "2",
                    "-CAcreateserial", "-CA", f"{certificates}/{issuer}.pem",
                    "-CAkey", f"{certificates}/{issuer}.key",
                    "-out", f"{certificates}/{name}.pem")  # fmt: skip
    return certificates


def use(config: Config, certificates: Path, name: str) -> None:  # noqa: F811
    for kind, suffix in (("cert", "pem"), ("key", "key")):
        target = config.path.parent / f"client.{suffix}"
        new = target.with_suffix(".new")
        shutil.copy(certificates / f"{name}.{suffix}", new)
        new.rename(target)
        config.settings[f"api.client_{kind}_file"] = str(target)


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


@pytest.fixture
def nginx(api: Api, client_certificates: Path, tmp_path: Path) -> Iterator[int]:
    if shutil.which("nginx") is None:
        pytest.skip("no nginx")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    directory = tmp_path / "nginx"
    directory.mkdir()
    (directory / "nginx.conf").write_text(
        f"""daemon off; worker_processes 1; pid {directory}/pid; error_log {directory}/error.log;
        events {{ }}
        http {{
            access_log off; client_body_temp_path {directory}; proxy_temp_path {directory};
            fastcgi_temp_path {directory}; uwsgi_temp_path {directory}; scgi_temp_path {directory};
            server {{
                listen 127.0.0.1:{port} ssl;
                ssl_certificate {client_certificates}/good.pem;
                ssl_certificate_key {client_certificates}/good.key;
                ssl_client_certificate {client_certificates}/authority.pem;
                ssl_verify_client on;
                location / {{ proxy_pass {api.url}; }}
            }}
        }}"""
    )
    process = subprocess.Popen(["nginx", "-c", str(directory / "nginx.conf"), "-p", str(directory)])

    def listens() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    until(listens, "nginx listens")
    yield port
    process.terminate()
    process.wait()


@pytest.mark.parametrize("used", ["none", "stranger"])
def test_page_of_nginx_about_the_client_certificate(
    config: Config, daemon: Daemon, client_certificates: Path, nginx: int, used: str
) -> None:
    config.settings["api.url"] = f"https://127.0.0.1:{nginx}"
    config.settings["api.ca_file"] = str(client_certificates / "authority.pem")
    if used != "none":
        use(config, client_certificates, used)
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert "does not accept the client certificate" in gate.message
    use(config, client_certificates, "client")
    config.save()
    daemon.accepted(42)
