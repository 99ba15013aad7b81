# SPDX-License-Identifier: MIT
"""nginx, haproxy and stunnel, each wanting a client certificate: one that is missing, expired or of a stranger is a
matter of the configuration, at once, and the right file opens the gate at once."""
import shutil
from pathlib import Path
from typing import Iterator

import pytest

from boxes import Real, haproxy, nginx, stunnel
from harness import Api, Config, Daemon
from test_wire_faults import certificates, openssl  # noqa: F401

CRON = "0 6 * * *"
AUTHORITY = """[ca]
default_ca = own
[own]
database = {directory}/index.txt
serial = {directory}/serial
new_certs_dir = {directory}
certificate = {directory}/authority.pem
private_key = {directory}/authority.key
default_md = sha256
policy = any
[any]
commonName = supplied
"""


@pytest.fixture(scope="session")
def client_certificates(certificates: Path) -> Path:  # noqa: F811
    """One of the authority, one of its own that nobody knows, and one whose time is over."""
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
    (certificates / "index.txt").touch()
    (certificates / "serial").write_text("01\n")
    (certificates / "ca.conf").write_text(AUTHORITY.format(directory=certificates))
    openssl("req", "-new", "-key", f"{certificates}/client.key", "-subj", "/CN=expired",
            "-out", f"{certificates}/expired.csr")  # fmt: skip
    openssl("ca", "-batch", "-notext", "-config", f"{certificates}/ca.conf",
            "-startdate", "200101000000Z", "-enddate", "200102000000Z",
            "-in", f"{certificates}/expired.csr", "-out", f"{certificates}/expired.pem")  # fmt: skip
    shutil.copy(certificates / "client.key", certificates / "expired.key")
    both = (certificates / "good.pem").read_text() + (certificates / "good.key").read_text()
    (certificates / "both.pem").write_text(both)
    return certificates


def use(config: Config, certificates: Path, name: str) -> None:  # noqa: F811
    for kind, suffix in (("cert", "pem"), ("key", "key")):
        target = config.path.parent / f"client.{suffix}"
        new = target.with_suffix(".new")
        shutil.copy(certificates / f"{name}.{suffix}", new)
        new.rename(target)
        config.settings[f"api.client_{kind}_file"] = str(target)


def start(kind: str, version: str, directory: Path, made: Path, api: Api) -> Real:
    if kind == "nginx":
        return nginx(
            directory,
            f"""ssl; ssl_protocols TLSv{version}; ssl_verify_client on;
            ssl_certificate {made}/good.pem; ssl_certificate_key {made}/good.key;
            ssl_client_certificate {made}/authority.pem; location / {{ proxy_pass {api.url}; }}""",
        )
    if kind == "haproxy":
        tls = f"ssl crt {made}/both.pem ca-file {made}/authority.pem verify required"
        tls += f" ssl-min-ver TLSv{version} ssl-max-ver TLSv{version}"
        return haproxy(directory, tls, f"server api 127.0.0.1:{api.port}")
    options = f"cert = {made}/good.pem\nkey = {made}/good.key\nCAfile = {made}/authority.pem\n"
    return stunnel(directory, options + f"verifyChain = yes\nsslVersion = TLSv{version}\n", api.port)


@pytest.fixture(params=[f"{kind}-{version}" for kind in ("nginx", "haproxy", "stunnel") for version in ("1.2", "1.3")])
def box(
    request: pytest.FixtureRequest, api: Api, client_certificates: Path, tmp_path: Path
) -> Iterator[Real]:
    kind, _, version = request.param.partition("-")
    real = start(kind, version, tmp_path / "box", client_certificates, api)
    yield real
    real.stop()


@pytest.mark.parametrize("used", ["none", "expired", "stranger"])
def test_client_certificate_that_is_not_accepted(
    config: Config, daemon: Daemon, client_certificates: Path, box: Real, used: str
) -> None:
    config.settings["api.url"] = f"https://127.0.0.1:{box.port}"
    config.settings["api.ca_file"] = str(client_certificates / "authority.pem")
    if used != "none":
        use(config, client_certificates, used)
    config.set(42, CRON).save()
    daemon.start()
    gate = daemon.wait("config-gate")
    assert gate["PRIORITY"] == 3 and "certificate" in gate.message or "alert" in gate.message, gate
    assert gate.get("DFMODE_HTTP_STATUS") == 400 or gate["DFMODE_CURL_CODE"] in (35, 52, 55, 56, 60)
    assert len(daemon.all("update-failed")) <= 1, "a lost alert needs a second look"
    use(config, client_certificates, "client")
    config.save()
    daemon.accepted(42)
    assert not daemon.all("update-rejected")
