# SPDX-License-Identifier: MIT
"""A life of the daemon in which calls fail, and what must hold of it all the same.

Whatever failed, and whether or not it died of it: when the fault is over, and after a restart if it
died, the server has what the files say, within 30 seconds; no PUT ever carried anything but what
the files said at the time; and what an operator must know is in a record.
"""
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable, Optional

from faults import FOR_EVER, Fault, Page
from harness import KEY, PASSWORD, PROGRAM, TOKEN, Api, Config, Daemon, is_sanitized

HANG_S = 30
NOTABLE_S = 5  # what takes longer once the fault is over must be explained by a record
SPAN_S = 1  # how long a fault "for a while" lasts
OUT_OF_MEMORY = "dfmode-sync: out of memory\n"
# What the daemon may end with at a start that fails: a failure, or to be tried again. Never 78,
# after which systemd leaves it off, and never 2, by which libconfig ends a process.
START_FAILURES = (1, 75)
CRONS = ("1 1 * * *", "2 2 * * *", "3 3 * * *", "4 4 * * *", "5 5 * * *")
IDS = (1, 2, 3)
REJECTION = {"detail": [{"loc": ["body", "indexing_cron"], "msg": "bad", "type": "value_error"}]}


class Violation(Exception):
    pass


def aborts_libuv(fault: Optional[Fault]) -> bool:
    """os/loop asks for what libuv needs; what is gone a moment later makes libuv abort."""
    return fault is not None and fault.kind in ("thread", "pipe") and fault.count != FOR_EVER


class Life:
    def __init__(self, api: Api, directory: Path, library: str) -> None:
        self.api = api
        api.reset()
        directory.mkdir()
        self.page = Page(directory / "page")
        self.library = library
        self.config = Config(directory, f"http://datafold.test:{api.port}")
        self.config.settings["api.allow_http"] = True
        self.config.settings["api.timeout"] = "2s"
        self.config.settings["api.connect_timeout"] = "1s"
        self.config.settings["watch.sweep"] = "500ms"
        self.secrets = {"token": TOKEN, "password": PASSWORD, "key": KEY}
        self.turn = 0
        for id in IDS:
            self.config.set(id, CRONS[0])
        self.config.save()
        self.daemon = Daemon(directory, self.config)
        self.seen = 0
        self.last: dict[int, Any] = {}  # what the server took last, by id
        self.allowed: list[dict[int, Any]] = []  # what the files said since they agreed
        self.deaths: list[str] = []
        self.note()

    # What the files say, and what the server has.

    def desired(self) -> dict[int, Any]:
        secrets = {"token": self.secrets["token"], "password": self.secrets["password"]}
        return {
            id: {"indexing_cron": given["indexing_cron"], **secrets}
            for id, given in self.config.integrations.items()
        }

    def note(self) -> None:
        self.allowed.append(self.desired())

    def collect(self) -> None:
        """Take up the requests since the last time; each must have been what the files said."""
        records = self.api.requests(after=self.seen)
        open_from = next((i for i, r in enumerate(records) if r["end"] is None), len(records))
        for record in records[:open_from]:
            if record["body"] is None:
                continue
            said = [state.get(record["id"]) for state in self.allowed]
            pairs = [
                body
                for one in said
                for two in said
                if one and two
                for body in [{**one, "indexing_cron": two["indexing_cron"]}]
            ]
            if record["body"] not in pairs:
                raise Violation(f"a PUT that no file asked for: {record['id']} {record['body']}")
            if record["headers"]["authorization"] != "Key " + self.secrets["key"]:
                raise Violation("a PUT with another key")
            if record["applied"] is not None:
                self.last[record["id"]] = record["body"]
        self.seen += open_from

    def converge(self, within: float = HANG_S) -> None:
        end = time.monotonic() + within
        while True:
            self.collect()
            if self.last == self.desired() and self.is_saved():
                self.allowed = [self.desired()]
                return
            if not self.daemon.running():
                raise Violation("it died afterwards")
            if time.monotonic() > end:
                raise Violation(f"not equal within {within} s: {self.last} != {self.desired()}")
            time.sleep(0.01)

    def is_saved(self) -> bool:
        """Whether the state on disk is whole again: a crash before that would be a second fault."""
        for record in reversed(self.daemon.records):
            if record.get("DFMODE_EVENT") == "state-write-failed":
                return record["PRIORITY"] > 4
            if record.get("DFMODE_EVENT") == "started":
                break
        return True

    # What is done to it.

    def start(self, wait: bool = True) -> None:
        self.daemon.start(wait=wait, **self.page.environment(self.library))

    def next_cron(self) -> str:
        self.turn += 1
        return CRONS[self.turn % len(CRONS)]

    def set(self, id: int, cron: str) -> None:
        self.config.set(id, cron)
        self.note()
        self.config.save()

    def edit(self) -> None:
        self.set(1, self.next_cron())

    def reconnect(self) -> None:
        self.api.drop_connections()
        self.set(1, self.next_cron())

    def reject(self) -> None:
        self.api.script(id=2, status=422, json=REJECTION, times=2)
        self.set(2, self.next_cron())

    def rotate(self) -> None:
        self.turn += 1
        self.secrets["token"] = f"{TOKEN}-{self.turn}"
        self.note()
        self.config.secret("token", self.secrets["token"])

    def hangup(self) -> None:
        self.set(3, self.next_cron())
        self.daemon.signal(signal.SIGHUP)

    def ask(self) -> None:
        """Requests to the control socket; a fault may deny them, and hold none up."""
        self.set(3, self.next_cron())
        for words in (("reload",), ("status", "--json"), ("wait", "--timeout=500ms")):
            try:
                self.daemon.run(*words)
            except subprocess.TimeoutExpired:
                raise Violation(f"{words[0]} hangs")

    def stop(self) -> None:
        self.set(1, self.next_cron())
        self.daemon.signal(signal.SIGTERM)
        try:
            self.daemon.end()
        except subprocess.TimeoutExpired:
            raise Violation("SIGTERM did not end it")

    def begin(self) -> None:
        """From nothing to a first synchronisation."""
        self.set(1, self.next_cron())
        self.start(wait=False)

    # Whether it may end, and how.

    def judge_death(self, fault: Optional[Fault], is_starting: bool, is_stopping: bool) -> None:
        status = self.daemon.end()
        killed = fault is not None and fault.how == "KILL"
        memory = fault is not None and fault.kind == "memory"
        self.deaths.append(str(status))
        if status == -signal.SIGKILL and killed:
            return
        if status == -signal.SIGABRT and memory and OUT_OF_MEMORY in self.daemon.junk:
            self.daemon.junk.remove(OUT_OF_MEMORY)
            return
        if status == 0 and is_stopping:
            return
        if status in START_FAILURES and is_starting:
            return
        if status == -signal.SIGABRT and is_starting and aborts_libuv(fault):
            return
        raise Violation(f"ended with status {status}")

    def explained(self, mark: int) -> bool:
        return any(record["PRIORITY"] <= 4 for record in self.daemon.records[mark:])

    def suffer(self, phase: str, fault: Optional[Fault]) -> int:
        """One phase with one fault, then what must hold; how many calls were made to fail."""
        is_starting, is_stopping = phase == "begin", phase == "stop"
        mark = self.daemon.mark()
        span = threading.Timer(SPAN_S, self.page.disarm)
        if fault is not None:
            self.page.arm(fault)
            span.start()
        getattr(self, phase)()
        self.outlast(fault)
        span.cancel()
        self.page.disarm()
        self.await_death(fault)
        begun = time.monotonic()
        injected = self.page.injected() if fault is not None else 0
        died = not self.daemon.running()
        if died:
            self.judge_death(fault, is_starting, is_stopping)
            self.start()
        if fault is None or not injected:
            self.converge()
            return injected
        try:
            self.converge()
        except Violation as violation:
            if self.daemon.running() or died:
                raise
            self.judge_death(fault, is_starting, is_stopping)
            died = True
            self.start()
            self.converge()
        slow = time.monotonic() - begun > NOTABLE_S
        is_silent = fault.how == "KILL" or fault.kind in ("memory", "log") or aborts_libuv(fault)
        if (slow or died and not is_stopping) and not is_silent and not self.explained(mark):
            raise Violation("no record says what happened")
        return injected

    def outlast(self, fault: Optional[Fault]) -> None:
        """While it is armed: until it has struck, or there was nothing to strike."""
        end = time.monotonic() + SPAN_S
        while self.daemon.running() and time.monotonic() < end:
            self.collect()
            if fault is None or fault.count != FOR_EVER and self.page.injected() >= fault.count:
                return
            if fault.count != FOR_EVER and self.last == self.desired():
                return
            time.sleep(0.01)

    def descriptors(self) -> int:
        """How many are open: of a process that cannot be dumped only root sees it, so 0 for others."""
        assert self.daemon.process is not None
        try:
            return len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))
        except PermissionError:
            return 0

    def await_death(self, fault: Optional[Fault]) -> None:
        """What kills has been counted a moment before it does."""
        if fault is not None and (fault.how == "KILL" or fault.kind == "memory"):
            if self.page.injected() and self.daemon.running():
                self.daemon.end()

    def end(self) -> None:
        """A clean end, and no secret anywhere."""
        self.daemon.stop()
        self.daemon.inspect()

    def story(self) -> str:
        return "".join(self.daemon.output[-30:])


PHASES = ("begin", "edit", "reconnect", "reject", "rotate", "hangup", "ask", "stop")
