# SPDX-License-Identifier: MIT
"""What the end-to-end tests hold in their hands: a stand-in of the API, a file, and the daemon.

Everything waits on conditions: a record in the log, a request at the server, the end of a process.
PATIENCE is how long any of them may take before the test fails; it is never slept away.
"""
import ctypes
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Union

PATIENCE = float(os.environ.get("E2E_PATIENCE", "30"))
PROGRAM = os.environ.get("DFMODE_SYNC", "dfmode-sync")
STANDIN = os.environ.get("STANDIN", str(Path(__file__).parent.parent / "support" / "fake_datafold.py"))

# Every secret of every test holds this word, so that one search of all output finds any of them.
CANARY = "CANARY"
KEY = "CANARY-key-4a1f"
TOKEN = "CANARY-token-93c2"
PASSWORD = "CANARY-password-d07e"


class Api:
    """A stand-in of Datafold's API in a process of its own (tests/support)."""

    def __init__(self, python: str = "/usr/bin/python3") -> None:
        self.python = python
        self.process: Optional[subprocess.Popen[str]] = None
        # Bound and not listening: nobody else gets the port, and connecting to it is refused until
        # start().
        self.holder = socket.socket()
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.port = self.holder.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> "Api":
        command = [self.python, STANDIN, "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line == f"listening on 127.0.0.1:{self.port}\n", line
        return self

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.stop()
        self.holder.close()

    def control(self, method: str, path: str, given: Any = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * PATIENCE)
        body = None if given is None else json.dumps(given)
        connection.request(method, "/_control/" + path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, (path, answer.status, text)
        return json.loads(text)

    def reset(self) -> None:
        self.control("POST", "reset")

    def script(self, *scripts: dict[str, Any], **script: Any) -> None:
        self.control("POST", "script", list(scripts) or script)

    def clear_scripts(self, id: Optional[int] = None) -> None:
        self.control("DELETE", "script" + ("" if id is None else f"?id={id}"))

    def release(self, hold: str) -> None:
        self.control("POST", "release", {"hold": hold})

    def drop_connections(self) -> None:
        self.control("POST", "drop")

    def options(self, **given: Any) -> None:
        self.control("PUT", "options", given)

    def integrations(self) -> dict[int, dict[str, Any]]:
        return {int(key): value for key, value in self.control("GET", "integrations").items()}

    def crons(self) -> dict[int, Optional[str]]:
        return {key: value["indexing_cron"] for key, value in self.integrations().items()}

    def requests(self, method: str = "PUT", **chosen: Any) -> list[dict[str, Any]]:
        return self.control("GET", "requests?" + query(method=method, **chosen))

    def wait(self, count: int, **chosen: Any) -> list[dict[str, Any]]:
        """Wait for that many requests (of an id, with a status, done …); return all there are."""
        answer = self.control("GET", f"wait?count={count}&timeout={PATIENCE}&" + query(**chosen))
        requests = answer["requests"]
        assert answer["enough"], f"{len(requests)} of {count} requests came: {requests}"
        return requests


def until(holds: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait for what nothing tells of, and give what was found. It is looked at often, and less so the longer it takes:
    to look may be the start of a program."""
    start = time.monotonic()
    while not (found := holds()):
        waited = time.monotonic() - start
        assert waited < patience, f"{what}: not within {patience} s"
        time.sleep(min(max(0.01, waited / 10), 0.1))
    return found


def query(**chosen: Any) -> str:
    return "&".join(f"{key}={value}" for key, value in chosen.items())


def overlaps(requests: list[dict[str, Any]]) -> list[tuple[int, float]]:
    """Pairs of requests of one integration that were under way at once."""
    found = []
    ends: dict[int, float] = {}
    for request in sorted(requests, key=lambda r: r["start"]):
        before = ends.get(request["id"], 0.0)
        if request["start"] < before:
            found.append((request["id"], before - request["start"]))
        end = request["end"] if request["end"] is not None else float("inf")
        ends[request["id"]] = max(before, end)
    return found


def gaps(requests: list[dict[str, Any]]) -> list[float]:
    """Seconds between the end of each request and the start of the next."""
    return [b["start"] - a["end"] for a, b in zip(requests, requests[1:])]


class Raw(str):
    """A value that stands in the file as it is."""


def literal(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


class Config:
    """The file: settings by "group.key", integrations by id; each value on a line of its own."""

    def __init__(self, directory: Path, url: str) -> None:
        self.path = directory / "dfmode-sync.conf"
        self.secrets = directory / "secrets"
        self.secrets.mkdir()
        self.settings: dict[str, Any] = {
            "api.url": url,
            "api.key_file": self.secret("api-key", KEY),
            "api.rate_limit": 0,
            "defaults.token_file": self.secret("token", TOKEN),
            "defaults.password_file": self.secret("password", PASSWORD),
            "retry.first": "20ms",
            "retry.max": "200ms",
            "retry.rejected_first": "20ms",
            "retry.rejected_max": "200ms",
            "watch.settle": "20ms",
        }
        self.integrations: dict[int, dict[str, Any]] = {}

    def secret(self, name: str, value: str) -> str:
        path = self.secrets / name
        new = self.secrets / (name + ".new")
        new.touch(mode=0o600)
        new.write_text(value + "\n")
        new.rename(path)
        return str(path)

    def set(self, id: int, cron: Union[str, bool], **others: Any) -> "Config":
        self.integrations[id] = {"indexing_cron": cron, **others}
        return self

    def text(self) -> str:
        groups: dict[str, list[str]] = {}
        lines = []
        for path, value in self.settings.items():
            group, _, key = path.rpartition(".")
            if value is not None:
                groups.setdefault(group, []).append(f"{key} = {literal(value)};")
        lines += groups.pop("", [])
        for group, entries in groups.items():
            lines += [f"{group} = {{"] + ["    " + entry for entry in entries] + ["};"]
        lines.append("integrations = (")
        for number, (id, values) in enumerate(self.integrations.items()):
            lines += ["    {", f"        id = {id};"]
            lines += [f"        {key} = {literal(value)};" for key, value in values.items()]
            lines.append("    }," if number < len(self.integrations) - 1 else "    }")
        lines.append(");")
        return "\n".join(lines) + "\n"

    def save(self, text: Optional[str] = None) -> None:
        """As vim, sed -i and ansible do: a new file renamed over the old one."""
        new = self.path.with_suffix(".new")
        new.write_text(self.text() if text is None else text)
        new.rename(self.path)

    def save_in_place(self, text: Optional[str] = None) -> None:
        with open(self.path, "r+" if self.path.exists() else "w") as file:
            file.write(self.text() if text is None else text)
            file.truncate()

    def line(self, id: int, key: str = "id") -> int:
        """The number of the line that an integration's key stands on, in the file as it is now."""
        inside = False
        for number, line in enumerate(self.path.read_text().splitlines(), 1):
            if re.match(r"\s*id = ", line):
                inside = line.strip() == f"id = {id};"
            if inside and re.match(rf"\s*{key} = ", line):
                return number
        raise KeyError((id, key))

    def lines(self, id: int) -> range:
        first = self.line(id)
        return range(first - 1, first + len(self.integrations[id]) + 2)


class Record(dict[str, Any]):
    """One record of the daemon's log; SPEC's field names are its keys."""

    @property
    def event(self) -> Optional[str]:
        return self.get("DFMODE_EVENT")

    @property
    def message(self) -> str:
        return self["MESSAGE"]


PRCTL = ctypes.CDLL(None).prctl


def usual_file() -> Path:
    """The file that the program reads when it is given none: /etc/dfmode-sync.conf, or where configure put it."""
    done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
    match = re.search(r"--config=FILE +the configuration \((.+?)\)", done.stdout)
    assert match is not None, done.stdout
    return Path(match[1])


def is_sanitized() -> bool:
    """Whether the program was built with AddressSanitizer."""
    return b"__asan_init" in Path(PROGRAM).read_bytes()


def die_with_parent() -> None:
    """Between fork and exec: the kernel kills the child when the test that started it is gone."""
    PRCTL(1, signal.SIGKILL, 0, 0, 0)


class Daemon:
    """The program under test, and everything it said."""

    def __init__(self, directory: Path, config: Any) -> None:
        """Of `config` only the path counts here."""
        self.directory = directory
        self.config = config
        self.state = directory / "state"
        self.runtime = directory / "runtime"
        self.state.mkdir()
        self.runtime.mkdir()
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.reader: Optional[threading.Thread] = None
        self.records: list[Record] = []
        self.junk: list[str] = []
        self.output: list[str] = []
        self.arguments: list[str] = []
        # Words before the program's own, of a tracer that stands aside of it (strace -D).
        self.wrapper: list[str] = []
        self.news = threading.Condition()

    def environment(self, **extra: str) -> dict[str, str]:
        sanitizer = f"log_path={self.directory}/sanitizer:exitcode=99"
        if self.wrapper:
            sanitizer += ":detect_leaks=0"  # which is a tracer too, and there can be only one
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "TZ": "UTC",
            "STATE_DIRECTORY": str(self.state),
            "RUNTIME_DIRECTORY": str(self.runtime),
            "ASAN_OPTIONS": sanitizer + ":detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": sanitizer + ":print_stacktrace=1",
            "TSAN_OPTIONS": sanitizer,
            **extra,
        }

    def start(
        self, wait: bool = True, options: tuple[str, ...] = (), **environment: str
    ) -> "Daemon":
        command = [*self.wrapper, PROGRAM, "-c", str(self.config.path), "--log=json"]
        command += [*options, "run"]
        mark = self.mark()
        self.process = subprocess.Popen(
            command,
            env=self.environment(**environment),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=open(self.directory / "stdout", "ab"),
            stderr=subprocess.PIPE,
            preexec_fn=die_with_parent,
        )
        self.reader = threading.Thread(target=self.read, args=(self.process,), daemon=True)
        self.reader.start()
        if wait:
            self.wait("config-loaded", after=mark)
            self.arguments.append(Path(f"/proc/{self.process.pid}/cmdline").read_text())
        return self

    def read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        for raw in process.stderr:
            line = raw.decode("utf-8", "backslashreplace")
            with self.news:
                self.output.append(line)
                try:
                    self.records.append(Record(json.loads(line)))
                except ValueError:
                    self.junk.append(line)
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def mark(self) -> int:
        """This moment, for wait() and all(): only what comes after it counts."""
        with self.news:
            return len(self.records)

    def chosen(
        self, event: str, id: Optional[int], where: Optional[Callable[[Record], bool]], after: int
    ) -> Iterator[Record]:
        for record in self.records[after:]:
            if id is not None and record.get("DFMODE_INTEGRATION_ID") != id:
                continue
            if record.event == event and (where is None or where(record)):
                yield record

    def all(
        self,
        event: str,
        id: Optional[int] = None,
        where: Optional[Callable[[Record], bool]] = None,
        after: int = 0,
    ) -> list[Record]:
        with self.news:
            return list(self.chosen(event, id, where, after))

    def wait(
        self,
        event: str,
        id: Optional[int] = None,
        where: Optional[Callable[[Record], bool]] = None,
        after: int = 0,
        count: int = 1,
    ) -> Record:
        """Wait for the count-th such record and return it."""
        end = time.monotonic() + PATIENCE
        with self.news:
            while True:
                found = list(self.chosen(event, id, where, after))
                if len(found) >= count:
                    return found[count - 1]
                left = end - time.monotonic()
                if left <= 0 or not self.alive():
                    raise AssertionError(self.story(f"{len(found)} of {count} {event} of {id}"))
                self.news.wait(min(left, 0.5))

    def alive(self) -> bool:
        assert self.process is not None and self.reader is not None
        return self.process.poll() is None or self.reader.is_alive()

    def story(self, what: str) -> str:
        assert self.process is not None
        return f"{what}; exit status {self.process.poll()}; the log:\n" + "".join(self.output[-40:])

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the end and give the exit status."""
        assert self.process is not None and self.reader is not None
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return status

    def stop(self) -> None:
        if self.running():
            assert self.process is not None
            self.arguments.append(Path(f"/proc/{self.process.pid}/cmdline").read_text())
            self.signal(signal.SIGTERM)
            status = self.end()
            assert status == 0, self.story("not stopped cleanly")

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.end()

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def accepted(self, *ids: int, after: int = 0) -> None:
        for id in ids:
            self.wait("update-accepted", id=id, after=after)

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run the program to its end with other words; what it says is searched for secrets too."""
        done = subprocess.run(
            [PROGRAM, "-c", str(self.config.path), *words],
            env=self.environment(**environment),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=PATIENCE,
        )
        self.output += [done.stdout, done.stderr]
        return done

    def inspect(self) -> None:
        """What holds after every test, whatever it was about."""
        reports = [path.read_text() for path in self.directory.glob("sanitizer.*")]
        assert not reports, "\n".join(reports)
        assert not self.junk, "not JSON: " + "".join(self.junk)
        said = {"the log": "".join(self.output), "the arguments": "".join(self.arguments)}
        for directory in (self.state, self.runtime):
            for path in directory.rglob("*"):
                if path.is_file():
                    said[str(path)] = path.read_bytes().decode("utf-8", "backslashreplace")
        stdout = self.directory / "stdout"
        said["stdout"] = stdout.read_text() if stdout.exists() else ""
        for where, text in said.items():
            assert CANARY not in text, f"a secret is in {where}: {text}"
        for record in self.records:
            assert not re.search(r"[\x00-\x1f\x7f]", record.message), f"control bytes: {record}"
            if record.event is not None:
                assert re.fullmatch(r"[0-9a-f]{32}", record["MESSAGE_ID"]), record
                assert record["PRIORITY"] in range(3, 8), record
