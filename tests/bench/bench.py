# SPDX-License-Identifier: MIT
"""What the benches share: nginx with and without TLS, the daemon under test, what it takes of the machine, and bounds
that are met or missed."""
import collections
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterable, Optional

TICK = os.sysconf("SC_CLK_TCK")
WAIT_S = 120
IN_FLIGHT = 8

NGINX = """
daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 512; }}
http {{
    log_format times '$msec $request_method $uri';
    access_log {dir}/access.log times buffer=256k flush=20ms;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
    keepalive_requests 10000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} {options};
        location / {{ return 200 '{{"id":1,"indexing_cron":null}}'; }}
    }}
}}
"""
TLS = """ssl;
        ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; ssl_session_cache shared:all:1m"""


def find(name: str) -> Optional[str]:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def await_true(condition: Callable[[], bool], what: str) -> None:
    """The pauses are long, as looking takes time from what is measured; times come from the log."""
    end = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: {what}: not within {WAIT_S} s")
        time.sleep(0.05)


def die_with_parent() -> None:
    """Children must not outlive a bench that was killed."""
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Nginx:
    """A server of our own, and its log of when each request was answered."""

    def __init__(self, directory: Path, tls: bool = False) -> None:
        directory.mkdir()
        self.port = free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.authority = make_certificate(directory) if tls else None
        self.log = directory / "access.log"
        config = directory / "nginx.conf"
        options = TLS.format(dir=directory) if tls else ""
        config.write_text(NGINX.format(dir=directory, port=self.port, options=options))
        command = [find("nginx"), "-p", str(directory), "-c", str(config), "-e", str(directory / "error.log")]
        self.process = subprocess.Popen(command, preexec_fn=die_with_parent)
        await_true(self.answers, "nginx")
        self.seen = 0

    def answers(self) -> bool:
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def forget(self) -> None:
        """Count from here on."""
        self.seen = self.log.stat().st_size

    def times(self) -> list[float]:
        with self.log.open("rb") as log:
            log.seek(self.seen)
            return [float(line.split()[0]) for line in log if line.endswith(b"\n")]

    def count(self) -> int:
        with self.log.open("rb") as log:
            log.seek(self.seen)
            return sum(block.count(b"\n") for block in iter(lambda: log.read(1 << 20), b""))

    def await_count(self, count: int) -> list[float]:
        await_true(lambda: self.count() >= count, f"{count} requests")
        times = self.times()
        if len(times) != count:
            raise SystemExit(f"bench: {len(times)} requests instead of {count}")
        return times

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def make_certificate(directory: Path) -> Path:
    """One that is its own authority."""
    certificate = directory / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
         "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(directory / "key.pem"),
         "-out", str(certificate)], check=True, stderr=subprocess.DEVNULL)
    return certificate


class Daemon:
    """dfmode-sync with a directory, and so a state, of its own."""

    def __init__(self, program: str, directory: Path, server: Nginx, count: int, settle_ms: int = 1,
                 *options: str) -> None:
        directory.mkdir()
        self.program, self.server = program, server
        self.count, self.settle_ms, self.options = count, settle_ms, options
        # As in a service, what the daemon writes is not in a directory of the file's path: all of these are watched.
        self.variable = directory / "var"
        for made in directory / "etc", self.variable:
            made.mkdir()
        self.file, self.log = directory / "etc" / "dfmode-sync.conf", self.variable / "log"
        self.hour = 0
        self.odd: Optional[int] = None  # the hour of the first integration, if it is another
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.seen = 0

    def text(self) -> str:
        authority = f'ca_file = "{self.server.authority}"; ' if self.server.authority else ""
        head = (f'api = {{ url = "{self.server.url}"; key = "bench-key"; {authority}rate_limit = 0; '
                f'max_in_flight = {IN_FLIGHT}; }};\n'
                'defaults = { workspace = "acme"; token = "mode-token"; password = "mode-password"; };\n'
                f'watch = {{ settle = "{self.settle_ms}ms"; }};\ndrift = {{ mode = "off"; }};\nintegrations = (\n')
        hours = (self.hour if number > 1 or self.odd is None else self.odd for number in range(1, self.count + 1))
        items = (f'  {{ id = {n}; name = "Mode: Team {n}"; indexing_cron = "{n % 60} {hour} * * *"; }}'
                 for n, hour in enumerate(hours, 1))
        return head + ",\n".join(items) + "\n);\n"

    def save(self) -> float:
        """As editors do it; the moment at which the file was renamed into place."""
        new = self.file.with_suffix(".new")
        new.write_text(self.text())
        new.chmod(0o600)
        time.sleep(0.1)
        new.rename(self.file)
        return self.file.stat().st_ctime_ns / 1e9

    def start(self) -> float:
        """The seconds until READY, as systemd hears it."""
        path = str(self.variable / "notify")
        Path(path).unlink(missing_ok=True)
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": path, "GNUTLS_NO_IMPLICIT_INIT": "1",
                       "STATE_DIRECTORY": str(self.variable), "RUNTIME_DIRECTORY": str(self.variable)}
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with manager, self.log.open("ab") as log:
            manager.bind(path)
            manager.settimeout(WAIT_S)
            began = time.monotonic()
            self.process = subprocess.Popen([self.program, *self.options, "-c", str(self.file), "--log=text", "run"],
                                            env=environment, stderr=log, preexec_fn=die_with_parent)
            while b"READY=1" not in manager.recv(65536):
                pass
            return time.monotonic() - began

    def command(self, *words: str) -> None:
        environment = {"PATH": os.environ["PATH"], "RUNTIME_DIRECTORY": str(self.variable),
                       "STATE_DIRECTORY": str(self.variable)}
        subprocess.run([self.program, "-c", str(self.file), *words], env=environment, check=True,
                       stdout=subprocess.DEVNULL)

    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def quiet(self) -> None:
        """Until it has used no time for a while: the state and the status are written."""
        used, since = -1.0, time.monotonic()
        while time.monotonic() - since < 1.0:
            time.sleep(0.05)
            now = cpu_of(self.pid())
            if now != used:
                used, since = now, time.monotonic()

    def pauses(self) -> list[int]:
        """Those of the loop that it has logged since the last call, in ms."""
        with self.log.open("rb") as log:
            log.seek(self.seen)
            text = log.read()
            self.seen = log.tell()
        return [int(ms) for ms in re.findall(rb"the loop paused for (\d+) ms", text)]

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait()


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_of(pid: int) -> dict[str, float]:
    """In MiB: RssAnon is its own, Pss has its share of what others use too. Pss is for root to read; VmHWM was the
    most. Of a process that has just ended nothing is left but its status."""
    text = Path(f"/proc/{pid}/status").read_text()
    try:
        text += Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (PermissionError, ProcessLookupError):
        pass
    return {name: int(kib) / 1024 for name, kib in re.findall(r"^(RssAnon|Pss|VmHWM):\s+(\d+) kB", text, re.M)}


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Print it as Markdown; the first column is text, numbers are aligned to the right."""
    heads, cells = list(heads), [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print()
    for row in (heads, rule, *cells):
        first, *others = (cell.ljust(width) if not at else cell.rjust(width)
                          for at, (cell, width) in enumerate(zip(row, widths)))
        print("| " + " | ".join([first, *others]) + " |")
    print(flush=True)


class Bounds:
    """Those of the contract. Where benches are repeated, each holds when nine of ten have met it."""

    def __init__(self) -> None:
        self.of: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
        self.met: dict[tuple[str, str], int] = collections.Counter()

    def judge(self, what: str, value: float, at_least: float) -> None:
        self.add(what, value, f"at least {at_least:g}", value >= at_least)

    def limit(self, what: str, value: float, at_most: float) -> None:
        self.add(what, value, f"at most {at_most:g}", value <= at_most)

    def add(self, what: str, value: float, bound: str, met: bool) -> None:
        self.of[what, bound].append(value)
        self.met[what, bound] += met

    def report(self) -> bool:
        rows, fine = [], True
        for (what, bound), values in self.of.items():
            met, count = self.met[what, bound], len(values)
            fine &= 10 * met >= 9 * count
            least, most = min(values), max(values)
            value = f"{least:.2f}" if count == 1 else f"{least:.2f} to {most:.2f}"
            rows.append((what, value, bound, "yes" if met == count else f"in {met} of {count}"))
        table(("bound", "measured", "contract", "met"), rows)
        return fine
