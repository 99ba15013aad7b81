# SPDX-License-Identifier: MIT
"""A walk through dfmode-sync's daily work, against a stand-in of the API: `./bootstrap demo`.

Each step says what it does, does it, waits until it has happened, and shows what the daemon logs
and the requests that the server saw. At the end the server's schedules stand beside the file's.
"""
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Optional

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "e2e"))

import harness  # noqa: E402  (found only now)

SAMPLE = HERE.parent.parent / "etc" / "dfmode-sync.conf"
SECRETS = {"api-key": "demo-api-key", "mode-token": "demo-token", "mode-password": "demo-password"}
# Half a minute until a rejected one is sent again and an hour until the next drift check are fine
# for a service; nobody wants to watch them.
HASTE = """
# For the demo only: 30s and 1h otherwise.
retry = { rejected_first = "3s"; };
drift = { mode = "report"; interval = "1s"; };
"""


CHANGED = "30 7 * * mon-fri"


class Paint:
    """Colour on a terminal, unless NO_COLOR says otherwise."""

    def __init__(self) -> None:
        self.on = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text


PAINT = Paint()


def say(text: str = "") -> None:
    print(text, flush=True)


class Sample:
    """A copy of the sample file that talks to the stand-in and has its secrets beside it."""

    def __init__(self, directory: Path, url: str) -> None:
        self.path = directory / "dfmode-sync.conf"
        for name, secret in SECRETS.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(secret + "\n")
        text = SAMPLE.read_text().replace("/etc/dfmode-sync/", f"{directory}/")
        text, count = re.subn(r'"https://app\.datafold\.com";', f'"{url}";', text, count=1)
        assert count == 1, f"{SAMPLE} no longer names the default server"
        self.path.write_text(text + HASTE)

    def schedules(self) -> dict[int, Optional[str]]:
        entry = re.compile(r'^ *\{ id = (\d+);.*indexing_cron = (?:"([^"]*)"|false);', re.M)
        return {int(id): cron or None for id, cron in entry.findall(self.path.read_text())}


class Demo:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.api = harness.Api(sys.executable).start()
        self.sample = Sample(directory, self.api.url)
        self.daemon = harness.Daemon(directory, self.sample)
        self.steps = 0
        self.shown_records = 0
        self.shown_requests = 0

    def close(self) -> None:
        if self.daemon.running():
            self.daemon.kill()
        self.api.close()

    def step(self, text: str) -> None:
        self.steps += 1
        say()
        say(PAINT("1", f"{self.steps}. {text}"))

    def edit(self, id: int, cron: str) -> None:
        """Let sed do it, which writes a new file and renames it over the old one."""
        self.command("sed", "-i", rule_for(id, cron), str(self.sample.path))

    def command(self, *words: str, status: int = 0) -> None:
        """Run it as an operator would, and show both."""
        shown = [word.replace(f"{self.directory}/", "") for word in words]
        shown[0] = Path(words[0]).name
        say(PAINT("36", f"   $ {shlex.join(shown)}"))
        done = subprocess.run(
            words,
            env=self.daemon.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=harness.PATIENCE,
        )
        for line in done.stdout.replace(f"{self.directory}/", "").splitlines():
            say("   " + line)
        if done.returncode != status:
            raise AssertionError(f"{shlex.join(shown)} ended with {done.returncode}")

    def program(self, *words: str, status: int = 0) -> None:
        self.command(harness.PROGRAM, "-c", str(self.sample.path), *words, status=status)

    def show(self) -> None:
        """What the daemon said and the server saw since the last time."""
        mark = self.daemon.mark()
        for record in self.daemon.records[self.shown_records : mark]:
            colour = {3: "31", 4: "33"}.get(record["PRIORITY"], "0")
            text = record.message.replace(str(self.directory) + "/", "")
            say("   daemon  " + PAINT(colour, text))
        self.shown_records = mark
        requests = self.api.requests(done=True)
        for request in requests[self.shown_requests :]:
            say(f"   server  {request['method']} {request['path']} -> {request['status']}")
            say("           " + without_secrets(request["body"]))
        self.shown_requests = len(requests)

    def first_requests(self) -> None:
        self.step(
            "The daemon starts on the sample file. The server has none of its integrations yet,\n"
            "   so each gets one PUT. `false` in the file is no schedule: null."
        )
        for line in self.sample.path.read_text().splitlines():
            if re.match(r" *\{ id = ", line):
                say("   file    " + line.strip())
        self.daemon.start()
        self.daemon.accepted(*self.sample.schedules())
        self.show()

    def plan(self) -> None:
        self.step(
            "What would an edit change? `plan` asks the server what it has, and sends nothing.\n"
            "   It is tried on a copy, as the daemon would send it at once."
        )
        state = self.daemon.state / "state.json"
        harness.until(lambda: '"intended":true' not in state.read_text(), "the state is at rest")
        copy = self.directory / "draft.conf"
        copy.write_text(self.sample.path.read_text())
        subprocess.run(["sed", "-i", rule_for(42, CHANGED), str(copy)], check=True)
        self.command(harness.PROGRAM, "-c", str(copy), "plan", status=2)

    def edit_by_rename(self) -> None:
        self.step(
            "Somebody edits the schedule of 42. One save is one reload and one PUT; `wait` says\n"
            "   when the server has accepted it."
        )
        self.edit(42, CHANGED)
        self.program("wait")
        self.show()

    def rejection(self) -> None:
        self.step(
            "A schedule that the server does not take. The file is fine (some schedulers know\n"
            "   `?`), but the answer is a 422: field, reason and the line to correct are named, and\n"
            "   it is sent again later, in case it was the server that was wrong."
        )
        mark = self.daemon.mark()
        self.edit(42, "0 7 ? * mon-fri")
        self.program("wait", status=1)
        self.show()
        self.program("status", status=1)
        say("   (in some seconds it comes again, unless somebody is quicker)")
        self.daemon.wait("update-rejected", id=42, after=mark, count=2)
        self.show()

    def correction(self) -> None:
        self.step("The line is corrected. An edit waits for no back-off: it is accepted at once.")
        self.edit(42, "0 7 * * mon-fri")
        self.program("wait")
        self.show()

    def drift(self) -> None:
        self.step(
            "Somebody changes it on the server itself. The next drift check finds and reports it;\n"
            "   `push` sends the file's schedule again. (drift.mode = \"repair\" does so by itself.)"
        )
        mark = self.daemon.mark()
        mine = {**self.api.integrations()[42], "indexing_cron": "0 0 * * *"}
        self.api.control("PUT", "integrations/42", mine)
        say(f"   server  42 has {word(self.api.crons(), 42)} now, by somebody else")
        self.daemon.wait("drift-found", id=42, after=mark)
        self.show()
        self.program("wait", status=1)
        self.program("push", "42")
        self.program("status")
        self.show()

    def restart(self) -> None:
        self.step("A restart. What the server accepted is remembered, so nothing is sent.")
        before = len(self.api.requests())
        self.daemon.stop()
        self.daemon.start()
        came = self.api.control("GET", f"wait?count={before + 1}&timeout=2")["enough"]
        self.show()
        if came:
            raise AssertionError("the restart sent something")
        say("   server  no request for two seconds")

    def compare(self) -> bool:
        self.step("The server's schedules beside the file's:")
        wanted, found = self.sample.schedules(), self.api.crons()
        say(f"   {'id':>6}  {'file':<24}  {'server':<24}")
        for id in sorted(wanted.keys() | found.keys()):
            file, server = word(wanted, id), word(found, id)
            verdict = PAINT("32", "equal") if file == server else PAINT("31", "DIFFERENT")
            say(f"   {id:>6}  {file:<24}  {server:<24}  {verdict}")
        return wanted == found

    def run(self) -> bool:
        say("dfmode-sync keeps the schedules of Datafold's Mode integrations equal to a file.")
        say(f"Datafold is played by {self.api.url}; nothing leaves this machine.")
        self.first_requests()
        self.plan()
        self.edit_by_rename()
        self.rejection()
        self.correction()
        self.drift()
        self.restart()
        equal = self.compare()
        self.daemon.stop()
        return equal


def rule_for(id: int, cron: str) -> str:
    return f'/id = {id};/s/indexing_cron = "[^"]*"/indexing_cron = "{cron}"/'


def without_secrets(body: Any) -> str:
    if isinstance(body, dict):
        body = {key: "…" if key in ("token", "password") else body[key] for key in body}
    return json.dumps(body, ensure_ascii=False)


def word(schedules: dict[int, Optional[str]], id: int) -> str:
    return schedules[id] or "no schedule" if id in schedules else "(not there)"


def interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


def main() -> int:
    harness.PROGRAM = str(Path(sys.argv[1]).resolve())
    signal.signal(signal.SIGTERM, interrupted)
    with tempfile.TemporaryDirectory(prefix="dfmode-demo.") as directory:
        demo = None
        try:
            demo = Demo(Path(directory))
            equal = demo.run()
        except KeyboardInterrupt:
            say("\ninterrupted")
            return 130
        except (AssertionError, OSError) as trouble:
            say(PAINT("31", f"\nthe demo failed: {trouble}"))
            return 1
        finally:
            if demo is not None:
                demo.close()
    say()
    say(PAINT("32", "All as the file says.") if equal else PAINT("31", "The server differs."))
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
