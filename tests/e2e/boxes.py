# SPDX-License-Identifier: MIT
"""The real parts that stand between a daemon and its server, each in a process of its own on a free port of loopback."""
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Optional

import pytest

from harness import die_with_parent, until

# Where packages put what is not for everybody's PATH.
WHERE = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


def program(name: str) -> str:
    found = shutil.which(name, path=WHERE)
    if found is None:
        pytest.skip(f"no {name}")
    return found


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


class Real:
    """A box that runs in the foreground, with its files in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir()
        self.port = free_port()
        self.process: Optional["subprocess.Popen[bytes]"] = None

    def start(self, *words: str) -> "Real":
        self.process = subprocess.Popen(
            words,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=open(self.directory / "output", "ab"),
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )
        until(lambda: self.is_up(), f"{words[0]} listens")
        return self

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.directory / "output").read_text()
        return listens(self.port)

    def stop(self) -> None:
        """With all its children; one that cannot clean up within seconds is killed."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)


def nginx(directory: Path, server: str) -> Real:
    """`server` is what stands in the server block, but for its port."""
    path = program("nginx")
    box = Real(directory)
    kept = " ".join(f"{kind}_temp_path {directory};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    own = "user root;" if os.geteuid() == 0 else ""
    text = f"""daemon off; master_process off; {own} pid {directory}/pid; error_log {directory}/error.log;
        events {{ }}
        http {{ access_log off; {kept} server {{ listen 127.0.0.1:{box.port} {server} }} }}"""
    return box.start(path, "-c", box.write("nginx.conf", text), "-p", str(directory))  # type: ignore[return-value]


def haproxy(directory: Path, bind: str, backend: str) -> Real:
    path = program("haproxy")
    box = Real(directory)
    text = f"""
defaults
    mode http
    timeout connect 2s
    timeout client 10s
    timeout server 10s
frontend in
    bind 127.0.0.1:{box.port} {bind}
    default_backend out
backend out
    {backend}
"""
    return box.start(path, "-db", "-f", box.write("haproxy.cfg", text))


def stunnel(directory: Path, options: str, port: int) -> Real:
    """TLS in front of `port`."""
    path = program("stunnel4")
    box = Real(directory)
    text = f"""
foreground = yes
pid =
debug = 5
[service]
accept = 127.0.0.1:{box.port}
connect = 127.0.0.1:{port}
{options}
"""
    return box.start(path, box.write("stunnel.conf", text))


def squid(directory: Path, rules: str) -> Real:
    path = program("squid")
    box = Real(directory)
    text = f"""
http_port 127.0.0.1:{box.port}
pid_filename none
cache_log /dev/null
access_log none
cache deny all
coredump_dir /tmp
pinger_enable off
shutdown_lifetime 0 seconds
netdb_filename none
{rules}
"""
    if os.geteuid() == 0:  # which it refuses to run as
        text += "cache_effective_user proxy\n"
    return box.start(path, "-N", "-n", f"dfmode{box.port}", "-f", box.write("squid.conf", text))
