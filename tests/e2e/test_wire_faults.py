# SPDX-License-Identifier: MIT
"""Twelve integrations behind a proxy that spoils the conversation about one of them.

Whatever it does, all twelve get there in the end, none ever has two requests at once, an outcome
that nobody knows is confirmed, and the log says what happened.
"""
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence, Union

import pytest

from conftest import inspect, watched
from harness import STANDIN, Api, Config, Daemon, overlaps, until

sys.path.insert(0, str(Path(STANDIN).parent))
from faultproxy import ANSWERS, CUTS, POINTS, FaultProxy  # noqa: E402

IDS = range(1, 13)
POSITIONS = {"first": 1, "middle": 6, "last": 12}
CRON = "0 6 * * *"
TIMEOUTS = {"stall": "1s"}


# What is unknown is confirmed after twice the timeout, and nothing else takes long here. So one process runs all cases of
# a position, and this many that come later are begun before a case waits for its end.
AHEAD = 16


class Case:
    """A daemon behind a proxy of its own, and twelve integrations that no other case has."""

    def __init__(self, api: Api, directory: Path, number: int, position: str) -> None:
        self.api = api
        self.ids = range(100 * number + 1, 100 * number + len(IDS) + 1)
        self.id = self.ids[POSITIONS[position] - 1]
        self.proxy = FaultProxy(api.port)
        self.config = Config(directory, f"http://127.0.0.1:{self.proxy.port}")
        self.config.settings["drift.mode"] = "off"  # so that no list is asked for first
        self.daemon = Daemon(directory, self.config)

    def start(self, timeout: str = "10s") -> None:
        """Until it has met the fault."""
        set_up(self.config, self.ids, timeout)
        self.daemon.start()
        until(lambda: self.proxy.met.keys() - {""}, "the fault is met")

    def arrive(self) -> None:
        arrive(self.api, self.daemon, self.proxy, self.ids)

    def close(self) -> None:
        if self.daemon.running():
            self.daemon.kill()
        self.proxy.close()


def begin_cut(case: Case, cut: str, point: str, position: str) -> None:
    """Once more than libcurl itself repeats a request that dies without any answer on a connection
    that was used before: five times (CONN_MAX_RETRIES)."""
    case.proxy.spoil(case.id, cut, point, times=1 if cut == "stall" else 6)
    case.start(TIMEOUTS.get(cut, "10s"))


def begin_cut_on_accept(case: Case, cut: str, position: str) -> None:
    case.proxy.keep = False
    case.proxy.spoil_connection(POSITIONS[position], cut)
    case.config.settings["api.max_in_flight"] = 1
    case.start(TIMEOUTS.get(cut, "10s"))


def begin_odd_answer(case: Case, answer: str, position: str) -> None:
    case.proxy.spoil(case.id, answer)
    case.start()


class Cases:
    """Those of one position, which are begun in the order in which they are asked for."""

    def __init__(self, api: Api, directory: Path, items: list[pytest.Item]) -> None:
        self.api = api
        self.directory = directory
        self.items = items
        self.begun: dict[str, Union[Case, Exception]] = {}

    def take(self, item: pytest.Item) -> Case:
        for number, ahead in enumerate(self.items[: self.items.index(item) + AHEAD + 1]):
            if ahead.nodeid not in self.begun:
                try:
                    self.begun[ahead.nodeid] = self.begin(ahead, number)
                except Exception as error:
                    self.begun[ahead.nodeid] = error
        case = self.begun[item.nodeid]
        if isinstance(case, Exception):
            raise case
        return case

    def begin(self, item: Any, number: int) -> Case:
        directory = self.directory / str(number)
        directory.mkdir()
        case = Case(self.api, directory, number, item.callspec.params["position"])
        try:
            BEGIN[item.originalname](case, **item.callspec.params)
        except BaseException:
            case.close()
            raise
        return case

    def close(self) -> None:
        for case in self.begun.values():
            if isinstance(case, Case):
                case.close()


@pytest.fixture(scope="module")
def cases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Cases]]:
    """By position."""
    api = Api(sys.executable).start()
    of: dict[str, list[pytest.Item]] = {}
    for item in request.session.items:
        if getattr(item, "originalname", None) in BEGIN:
            of.setdefault(item.callspec.params["position"], []).append(item)
    cases = {where: Cases(api, tmp_path_factory.mktemp(where), items) for where, items in of.items()}
    yield cases
    for some in cases.values():
        some.close()
    api.close()


@pytest.fixture
def case(request: pytest.FixtureRequest, cases: dict[str, Cases], position: str) -> Iterator[Case]:
    case = cases[position].take(request.node)
    with watched(case.daemon):
        yield case
    inspect([request for request in case.api.requests() if request["id"] in case.ids])


together = pytest.mark.parametrize(
    "position", [pytest.param(name, marks=pytest.mark.xdist_group(f"wire_{name}")) for name in POSITIONS]
)


def set_up(config: Config, ids: Sequence[int], timeout: str = "10s") -> None:
    """The timeout is short only where it is what ends a request; elsewhere a machine that is busy
    itself must not reach it."""
    config.settings.update({"api.timeout": timeout, "retry.first": "20ms", "retry.max": "100ms"})
    for id in ids:
        config.set(id, CRON)
    config.save()


def arrive(api: Api, daemon: Daemon, proxy: FaultProxy, ids: Sequence[int]) -> None:
    """All are accepted, and what was in doubt is confirmed."""
    daemon.accepted(*ids)
    for id in {r["DFMODE_INTEGRATION_ID"] for r in daemon.all("update-failed") if in_doubt(r)}:
        daemon.wait("update-accepted", id=id, where=lambda r: ": confirmed " in r.message)
        assert len({request["raw"] for request in api.requests(id=id)}) == 1
    assert {id: cron for id, cron in api.crons().items() if id in ids} == {id: CRON for id in ids}
    assert not overlaps(proxy.records), proxy.records
    assert proxy.unmet() == 0, "the fault was never met"
    assert not daemon.all("update-rejected")


def in_doubt(record: dict[str, Any]) -> bool:
    return "may have been applied" in record["MESSAGE"]


# ---- A conversation that is cut.


@pytest.mark.timeout(180)
@together
@pytest.mark.parametrize("point", POINTS[1:])
@pytest.mark.parametrize("cut", CUTS)
def test_cut(case: Case, cut: str, point: str, position: str) -> None:
    daemon, id = case.daemon, case.id
    if point in ("half-head", "body"):
        # The status has come; what follows it decides nothing.
        daemon.accepted(id)
        assert len(case.proxy.faults.pop(id)) == (0 if cut == "stall" else 5)
        case.arrive()
        assert not daemon.all("update-failed", id=id)
        return
    failed = daemon.wait("update-failed", id=id)
    assert in_doubt(failed) and "DFMODE_HTTP_STATUS" not in failed
    codes = {"reset": (52, 55, 56), "stall": (28,), "half-close": (1, 52, 56)}
    assert failed["DFMODE_CURL_CODE"] in codes[cut], failed
    assert failed["DFMODE_RETRY_SEC"] <= 0.1 and failed["DFMODE_REASON"].startswith("no answer: ")
    case.arrive()


@pytest.mark.timeout(180)
@together
@pytest.mark.parametrize("cut", CUTS)
def test_cut_on_accept(case: Case, cut: str, position: str) -> None:
    case.daemon.wait("update-failed")
    case.arrive()


# ---- An answer that is none.

# Those whose status counts, whatever comes after it.
DECIDED = (
    "byte-by-byte", "stray", "huge", "endless", "bad-chunking", "cut-chunking", "two-lengths",
    "huge-head",
)  # fmt: skip


@pytest.mark.timeout(180)
@together
@pytest.mark.parametrize("answer", ANSWERS)
def test_odd_answer(case: Case, answer: str, position: str) -> None:
    case.arrive()
    failed = case.daemon.all("update-failed", id=case.id)
    assert bool(failed) == (answer not in DECIDED), failed
    assert all(in_doubt(record) for record in failed)


BEGIN: dict[str, Callable[..., None]] = {
    "test_cut": begin_cut, "test_cut_on_accept": begin_cut_on_accept, "test_odd_answer": begin_odd_answer
}  # fmt: skip


# ---- TLS that is refused.

REFUSALS = ("self-signed", "wrong-host", "plain-text", "no-common-version")


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, and certificates: one as it must be, one for another host, one of its own."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    directory = tmp_path_factory.mktemp("tls")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    def make(name: str, subject: str, names: str, issuer: Optional[str]) -> None:
        words = ["req", "-x509", *key, "-days", "2", "-subj", f"/CN={subject}"]
        words += ["-keyout", f"{directory}/{name}.key", "-out", f"{directory}/{name}.pem"]
        if names:
            words += ["-addext", f"subjectAltName={names}"]
        openssl(*words)
        if issuer is not None:
            request = f"{directory}/{name}.csr"
            extensions = directory / f"{name}.ext"
            extensions.write_text(f"subjectAltName={names}\n")
            openssl("req", "-new", "-key", f"{directory}/{name}.key", "-subj", f"/CN={subject}",
                    "-out", request)  # fmt: skip
            openssl("x509", "-req", "-in", request, "-days", "2", "-CAcreateserial",
                    "-CA", f"{directory}/{issuer}.pem", "-CAkey", f"{directory}/{issuer}.key",
                    "-extfile", str(extensions), "-out", f"{directory}/{name}.pem")  # fmt: skip

    make("authority", "Authority", "", None)
    make("good", "good", "IP:127.0.0.1", "authority")
    make("wrong-host", "elsewhere", "DNS:elsewhere.example", "authority")
    make("self-signed", "own", "IP:127.0.0.1", None)
    return directory


def server_side(certificates: Path, name: str) -> Any:
    if name == "plain-text":
        return b""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if name == "no-common-version":
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        name = "good"
    context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
    return context


@pytest.fixture
def tls_proxy(api: Api, certificates: Path) -> Iterator[FaultProxy]:
    proxy = FaultProxy(api.port, contexts=[server_side(certificates, "good")])
    proxy.keep = False
    yield proxy
    proxy.close()


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("refusal", REFUSALS)
def test_tls_that_is_refused(
    api: Api,
    config: Config,
    daemon: Daemon,
    certificates: Path,
    tls_proxy: FaultProxy,
    refusal: str,
    position: str,
) -> None:
    number = POSITIONS[position]
    good, bad = server_side(certificates, "good"), server_side(certificates, refusal)
    tls_proxy.contexts = [good] * (number - 1) + [bad, good]
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    config.settings["api.ca_file"] = str(certificates / "authority.pem")
    config.settings["api.max_in_flight"] = 1
    config.settings["api.url"] = f"https://127.0.0.1:{tls_proxy.port}"
    set_up(config, IDS)
    daemon.start()
    if refusal in ("self-signed", "wrong-host"):
        gate = daemon.wait("config-gate")
        assert gate["DFMODE_CURL_CODE"] == 60 and gate["PRIORITY"] == 3
        assert 30 <= gate["DFMODE_RETRY_SEC"] <= 60
        assert tls_proxy.connections == number, "a closed gate sends nothing"
        daemon.signal(signal.SIGHUP)
    else:
        # Of the alert that says why, the connection's end may be all that arrives.
        failed = until(lambda: daemon.all("update-failed") or daemon.all("config-gate"), "a failure")[0]
        assert failed["DFMODE_CURL_CODE"] == 35 and not in_doubt(failed)
        daemon.signal(signal.SIGHUP)
    arrive(api, daemon, tls_proxy, IDS)
    assert len(api.requests()) == len(IDS), "what was refused in the handshake was never sent"
