# SPDX-License-Identifier: MIT
"""A network namespace with a dnsmasq of its own: a name with a dead address before a good one, and a name that moves."""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator, Optional

import pytest

from boxes import program
from harness import Config, Daemon, die_with_parent, until

CRON, NAME, PORT = "0 6 * * *", "api.example", 8042
# getaddrinfo(3) puts 127.0.0.1 first, whatever dnsmasq's order is: the way there is from that address.
DEAD, ABSENT, OLD, NEW = "127.0.0.1", "127.0.0.9", "127.0.0.2", "127.0.0.3"

# In the namespace: servers at two addresses, which note who was asked, and a listener that swallows every SYN.
SERVERS = f"""
import http.server, socket, subprocess, sys, threading
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["mount", "--bind", sys.argv[1] + "/resolv.conf", "/etc/resolv.conf"], check=True)
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1] + "/asked", "a") as asked:
            asked.write(self.server.server_address[0] + chr(10))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(bytes([123, 125]))
    def log_message(self, *words):
        pass
for address in {(OLD, NEW)!r}:
    server = http.server.ThreadingHTTPServer((address, {PORT}), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
dead = socket.socket()
dead.bind(({DEAD!r}, {PORT}))
dead.listen(0)
waiting = [socket.socket() for _ in range(4)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(({DEAD!r}, {PORT}))
open(sys.argv[1] + "/ready", "w").close()
threading.Event().wait()
"""


class Names:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        (directory / "asked").touch()
        (directory / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1\n")
        self.resolver: Optional["subprocess.Popen[bytes]"] = None
        self.servers = self.spawn(["unshare", "--net", "--mount", sys.executable, "-c", SERVERS, str(directory)])

    def spawn(self, words: list[str]) -> "subprocess.Popen[bytes]":
        output = open(self.directory / "output", "ab")
        return subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)

    def inside(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.servers.pid}/ns/net", f"--mount=/proc/{self.servers.pid}/ns/mnt", "--"]

    def output(self) -> str:
        return (self.directory / "output").read_text()

    def start(self) -> None:
        until(lambda: (self.directory / "ready").exists() or self.servers.poll() is not None, "the servers listen")
        if self.servers.poll() is not None:
            pytest.skip("no network namespace: " + self.output().strip()[-200:])
        self.point(OLD)
        options = ["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"]
        options += [f"--addn-hosts={self.directory}/hosts", "--listen-address=127.0.0.1", "--bind-interfaces"]
        self.resolver = self.spawn([*self.inside(), program("dnsmasq"), *options, "--pid-file="])
        until(lambda: self.look_up() == [OLD], "dnsmasq answers")

    def look_up(self) -> list[str]:
        ask = f"import socket; print(*(a[4][0] for a in socket.getaddrinfo('{NAME}', 1, type=socket.SOCK_STREAM)))"
        done = subprocess.run([*self.inside(), sys.executable, "-c", ask], capture_output=True, text=True)
        return done.stdout.split()

    def point(self, *addresses: str) -> None:
        """Have the name mean these."""
        new = self.directory / "hosts.new"
        new.write_text("".join(f"{address} {NAME}\n" for address in addresses))
        new.rename(self.directory / "hosts")
        if self.resolver is not None:
            self.resolver.send_signal(signal.SIGHUP)
            until(lambda: sorted(self.look_up()) == sorted(addresses), "dnsmasq has read it")

    def asked(self) -> list[str]:
        return (self.directory / "asked").read_text().split()

    def stop(self) -> None:
        for process in (self.resolver, self.servers):
            if process is not None:
                process.kill()
                process.wait()


@pytest.fixture
def names(config: Config, daemon: Daemon, tmp_path: Path) -> Iterator[Names]:
    if os.geteuid() != 0:
        pytest.skip("only root may make a network namespace")
    for name in ("unshare", "nsenter", "ip", "mount", "dnsmasq"):
        program(name)
    names = Names(tmp_path / "names")
    names.start()
    daemon.wrapper = names.inside()
    config.settings["api.url"] = f"http://{NAME}:{PORT}"
    config.settings["api.allow_http"] = True
    config.settings["drift.mode"] = "off"  # so that no list is asked for
    config.set(42, CRON)
    yield names
    names.stop()


def test_dead_address_before_a_good_one(config: Config, daemon: Daemon, names: Names) -> None:
    names.point(DEAD, OLD)
    assert names.look_up() == [DEAD, OLD], "the dead one is tried first"
    config.settings.update({"api.connect_timeout": "4s", "api.timeout": "10s"})
    config.save()
    daemon.start()
    daemon.accepted(42)
    assert not daemon.all("update-failed") and names.asked() == [OLD]


def test_name_that_moves_while_nobody_answers(config: Config, daemon: Daemon, names: Names) -> None:
    """A failed connection has it looked up again, whatever the cache says."""
    names.point(ABSENT)
    config.settings.update({"retry.first": "100ms", "retry.max": "100ms"})
    config.save()
    daemon.start()
    daemon.wait("update-failed", id=42)
    began = time.monotonic()
    names.point(NEW)
    daemon.accepted(42)
    assert time.monotonic() - began < 9 and names.asked() == [NEW]


@pytest.mark.slow
def test_name_that_moves_while_the_old_server_goes_on(config: Config, daemon: Daemon, names: Names) -> None:
    """Within the ten seconds that it is kept."""
    config.save()
    daemon.start()
    daemon.accepted(42)
    names.point(NEW)
    began = time.monotonic()
    for minute in range(60):
        config.set(42, f"{minute} 7 * * *").save()
        daemon.wait("update-accepted", id=42, count=minute + 2)
        if NEW in names.asked():
            break
        time.sleep(0.5)
    assert NEW in names.asked() and time.monotonic() - began < 20
    assert not daemon.all("update-failed")
