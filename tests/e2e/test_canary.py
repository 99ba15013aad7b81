# SPDX-License-Identifier: MIT
"""No secret is in anything that the program says or keeps, whatever the server makes of it.

Every secret begins and ends with a word of its own, and has between them what each way of escaping
writes differently: so a spelling that is not known leaves one of the words behind.
"""
import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple
from urllib.parse import quote

import pytest

from harness import Api, Config, Daemon, Record, is_sanitized, literal, until

CRON = "0 6 * * *"
HEAD, TAIL = "CANARY", "YRANAC"
BETWEEN = "\"'\\/% +&<{x}>"


def secret(name: str) -> str:
    return f"{HEAD}-{name}-{BETWEEN}-{name}-{TAIL}"


KEY, TOKEN, PASSWORD = secret("key"), secret("token"), secret("password")


class Source(NamedTuple):
    """How the secrets are given."""

    key: str  # inline, file, credential, environment, or the credential of the usual name
    others: str  # inline, file, credential
    own: bool  # the integration's own, not those of `defaults`

    @property
    def name(self) -> str:
        return f"key-{self.key}-{self.others}-{'own' if self.own else 'defaults'}"


SOURCES = [
    Source("inline", "inline", False),
    Source("file", "file", False),
    Source("credential", "credential", False),
    Source("environment", "inline", True),
    Source("usual-credential", "file", True),
    Source("file", "credential", True),
]


class Vault:
    """The configuration with its secrets in their places, and the environment that they want."""

    def __init__(self, config: Config, source: Source) -> None:
        self.config = config
        self.source = source
        self.credentials = config.secrets / "credentials"
        self.credentials.mkdir()
        self.environment = {"CREDENTIALS_DIRECTORY": str(self.credentials)}
        for key in ("api.key_file", "defaults.token_file", "defaults.password_file"):
            config.settings[key] = None
        self.place_key()
        given: dict[str, str] = {}
        for key, value in (("token", TOKEN), ("password", PASSWORD)):
            name, text = self.place(key, source.others, value)
            given[name] = text
        if not source.own:
            config.settings.update({f"defaults.{name}": text for name, text in given.items()})
        config.settings["log.level"] = "debug"
        config.settings["retry.first"] = config.settings["retry.max"] = "1ms"
        config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1ms"
        config.set(42, CRON, name="Mode: Finance", **(given if source.own else {}))

    def place(self, key: str, kind: str, value: str) -> tuple[str, str]:
        """The key and its value in the file."""
        if kind == "inline":
            return key, value
        if kind == "file":
            return key + "_file", self.config.secret(key + ".secret", value)
        (self.credentials / f"{key}.secret").write_text(value)
        return key + "_credential", f"{key}.secret"

    def place_key(self) -> None:
        if self.source.key == "environment":
            self.environment["DATAFOLD_API_KEY"] = KEY
        elif self.source.key == "usual-credential":
            (self.credentials / "datafold-api-key").write_text(KEY)
        else:
            name, text = self.place("key", self.source.key, KEY)
            self.config.settings["api." + name] = text


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda text: json.dumps(text)[1:-1],
    "json-slash": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "percent": lambda text: quote(text, safe=""),
    "percent-small": lambda text: re.sub("%..", lambda m: m[0].lower(), quote(text, safe="")),
    "percent-all": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "unicode-all": lambda text: "".join(f"\\u{byte:04x}" for byte in text.encode()),
    "python-repr": lambda text: repr(text)[1:-1],
    "python-dict": lambda text: str({"token": text, "more": [text]}),
    "run-together": lambda text: f"x{text}{text}y",
}


def echoes(words: str) -> Iterator[dict[str, Any]]:
    """Answers that hold the words in each place where a server could put them."""
    where = {"loc": ["body", words, 3], "msg": words, "type": words}
    far = {"loc": ["body", "token"], "msg": "bad", "type": "t", "input": words, "ctx": {"e": words}}
    html = {"Content-Type": "text/html"}
    yield {"status": 422, "json": {"detail": [where, far]}}
    yield {"status": 422, "json": {"detail": words, words: words}}
    yield {"status": 422, "json": {"detail": {words: words}}}
    yield {"status": 400, "json": {words: words}}
    yield {"status": 404, "text": words}
    yield {"status": 409, "text": f"<html><body>{words}</body></html>", "headers": html}
    yield {"status": 415, "text": '{"detail": [{"msg": "' + words}
    yield {"status": 500, "text": f"Traceback: {words}"}
    yield {"status": 503, "json": {"detail": words}, "headers": {"X-Echo": words}}
    yield {"status": 429, "text": words, "headers": {"Retry-After": words}}
    yield {"status": 200, "json": {"token": words}}


def closing(words: str) -> Iterator[dict[str, Any]]:
    """Those that close a gate: the operator has to open it."""
    yield {"status": 307, "text": words, "headers": {"Location": "https://elsewhere/" + words}}
    yield {"status": 401, "json": {"detail": words}}
    yield {"status": 403, "text": words}


def search(place: str, text: str) -> None:
    for word in (HEAD, TAIL):
        assert word not in text, f"{place}: {text[max(0, text.index(word) - 300) :][:700]}"


def search_all(daemon: Daemon) -> None:
    """What was said, and every file that was written, temporary ones included."""
    assert daemon.process is not None
    search("stderr", "".join(daemon.output))
    for record in daemon.records:
        search("a record", " ".join(str(value) for value in record.values()))
    for directory in (daemon.state, daemon.runtime):
        for path in directory.rglob("*"):
            if path.is_file():
                search(str(path), path.read_bytes().decode("utf-8", "backslashreplace"))
    search("cmdline", Path(f"/proc/{daemon.process.pid}/cmdline").read_text())


def wait_status(daemon: Daemon, code: int, vault: Vault) -> None:
    """Whatever it shows on the way is searched as well."""

    def look() -> bool:
        done = daemon.run("status", **vault.environment)
        search("status", done.stdout + done.stderr)
        return done.returncode == code

    until(look, f"status ends with {code}")


COMMANDS = [["check"], ["check", "--json"], ["status"], ["status", "--json"], ["next", "42"]]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_echoed_secrets_are_nowhere(
    api: Api, config: Config, daemon: Daemon, source: Source
) -> None:
    config.settings["api.rate_limit"] = 10000  # what is rejected has a fifth of it
    vault = Vault(config, source)
    config.save()
    words = [spell(f"{KEY} {TOKEN} {PASSWORD}") for spell in SPELLINGS.values()]
    words += [spell(text) for spell in SPELLINGS.values() for text in (KEY, TOKEN, PASSWORD)]
    open_ones = [answer for text in words for answer in echoes(text)]
    # Only the last 2xx ends it, and ten failures in a row would close the breaker.
    scripts = [answer for answer in open_ones if answer["status"] not in (200, 500, 503, 429)]
    api.script(*({"id": 42, **answer} for answer in scripts))
    daemon.start(**vault.environment)
    daemon.accepted(42)
    (first, *_) = api.requests()
    assert first["headers"]["authorization"] == "Key " + KEY
    assert (first["body"]["token"], first["body"]["password"]) == (TOKEN, PASSWORD)
    assert len(api.requests()) == len(scripts) + 1
    refused = daemon.all("update-rejected", id=42)
    assert len(refused) > len(scripts)
    # Of those with the words where a person looks for them, none but says that they were there.
    shown = [record for record in refused if "[redacted]" in record["DFMODE_REASON"]]
    assert len(shown) >= len(words)
    search_all(daemon)
    wait_status(daemon, 0, vault)
    for command in COMMANDS:
        done = daemon.run(*command, **vault.environment)
        search(" ".join(command), done.stdout + done.stderr)
        assert done.returncode == 0, (command, done)
        assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secrets_in_what_is_transient_or_closes_a_gate(
    api: Api, config: Config, daemon: Daemon, spelling: str
) -> None:
    """The words that wait in the status file until the next answer are searched each time."""
    vault = Vault(config, Source("file", "file", False))
    # What is rejected is so until the reload, however long it takes to search.
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.save()
    words = SPELLINGS[spelling](f"{KEY} {TOKEN} {PASSWORD}")
    kinds = [answer for answer in echoes(words) if answer["status"] in (200, 429, 500, 503)]
    daemon.start(**vault.environment)
    daemon.accepted(42)
    for number, answer in enumerate(kinds + list(closing(words))):
        mark = daemon.mark()
        api.script(id=42, **answer)
        config.set(42, f"{number} 7 * * *", name="Mode: Finance").save()
        if answer["status"] in (307, 401, 403):
            daemon.wait("update-rejected", after=mark)
            wait_status(daemon, 1, vault)
            search_all(daemon)
            daemon.signal(signal.SIGHUP)
        daemon.accepted(42, after=mark)
        search_all(daemon)


def spoil(text: str) -> Iterator[str]:
    """Ways of getting a file with secrets in it wrong, at and around them."""
    for word in (KEY, TOKEN, PASSWORD):
        quoted = literal(word)
        before, after = text.split(quoted, 1)
        yield before + quoted[:-1] + after
        yield before + quoted[1:] + after
        yield before + quoted + " " + quoted + after
        yield before + f"[ {quoted} ]" + after
        yield before + f"{{ x = {quoted}; }}" + after
        yield before + quoted + '"' + after
        yield before + quoted + "\x01" + after
        yield before + quoted[:-1] + '\x07"' + after
        yield before + quoted[:-1] + '\xe9"' + after
        yield before + quoted + "; bogus = 1" + after
        yield before + quoted + " /* " + after
        yield before + quoted + f"; keyy = {quoted}" + after
        yield before + "\n" + quoted + "\n}" + after
        yield before.rstrip("= ") + "n = " + quoted + after
        yield before + quoted + after.replace(CRON, "61 6 * * *")
        yield quoted + text
        yield text + quoted
        yield text.replace("api = {", "api = {" + quoted)
        yield text.replace("integrations = (", "integrations = (" + quoted)
        yield text.replace("id = 42;", "id = 42;\n" + quoted)
        yield before + quoted


@pytest.mark.slow
def test_no_diagnostic_quotes_a_secret(api: Api, config: Config, daemon: Daemon) -> None:
    vault = Vault(config, Source("inline", "inline", True))
    text = config.text()
    faulty = 0
    for bad in spoil(text):
        config.path.write_text(bad)
        for command in (["check"], ["check", "--json"]):
            done = daemon.run(*command, **vault.environment)
            search(f"{command} of {bad!r}", done.stdout + done.stderr)
            # Two strings side by side are one, and what follows a comment may be missed.
            assert done.returncode in (0, 78), (bad, done)
            faulty += done.returncode == 78
    assert faulty > 80


def is_last(record: Record) -> bool:
    return record.message.endswith("the configuration in force stays")


def test_no_half_of_a_file_shows_a_secret(api: Api, config: Config, daemon: Daemon) -> None:
    """Cut anywhere, as a reader in the midst of a write would see it; the log of the daemon too."""
    vault = Vault(config, Source("inline", "inline", False))
    config.settings["watch.settle"] = "1ms"
    text = config.text()
    config.save(text)
    daemon.start(**vault.environment)
    daemon.accepted(42)
    for number, end in enumerate(range(1, text.rindex(")"), 9), 1):
        config.save(text[:end])
        daemon.wait("config-rejected", where=is_last, count=number)
    search_all(daemon)
    assert len(api.requests()) == 1


@pytest.fixture
def cores(tmp_path: Path) -> Iterator[Path]:
    """A directory in which a process that is aborted leaves a core."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("no process may leave a core here (ulimit -Hc)")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    control = tmp_path / "control"
    control.mkdir()
    subprocess.run([sys.executable, "-c", "import os; os.abort()"], cwd=control, stderr=-3)
    try:
        if not any(control.iterdir()):
            pytest.skip("even an ordinary process leaves no core here (core_pattern)")
        for path in control.iterdir():
            path.unlink()
        yield tmp_path
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_abort_leaves_no_core(api: Api, config: Config, daemon: Daemon, cores: Path) -> None:
    if is_sanitized():
        pytest.skip("a sanitized build stays dumpable, as its leak checker looks into it")
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    before = {path.name for path in cores.iterdir()}
    daemon.signal(signal.SIGABRT)
    assert daemon.end() == -signal.SIGABRT
    after = {path.name for path in cores.iterdir()}
    assert after == before, after - before


def test_memory_is_nobody_elses(api: Api, config: Config, daemon: Daemon) -> None:
    """What is not dumpable belongs to root in /proc, so that the same user cannot look inside."""
    if is_sanitized():
        pytest.skip("a sanitized build stays dumpable, as its leak checker looks into it")
    if os.geteuid() == 0:
        pytest.skip("for root it makes no difference who owns it")
    config.set(42, CRON).save()
    daemon.start()
    assert daemon.process is not None
    assert os.stat(f"/proc/{daemon.process.pid}/mem").st_uid == 0


def memory_of(pid: int) -> bytes:
    """All that a process may write to, once."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if rights.startswith("rw") and "[v" not in line:
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of the daemon")
def test_old_secrets_leave_the_memory(api: Api, config: Config, daemon: Daemon) -> None:
    """One that was replaced is still known, to be struck out; once replaced again it is nowhere."""
    if is_sanitized():
        pytest.skip("the sanitizer keeps what was freed")
    secrets = [f"{HEAD}-rotation-{number}-{'x' * 20}" for number in range(3)]
    config.secret("token", secrets[0])
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    for count, secret in enumerate(secrets[1:], 2):
        config.secret("token", secret)
        daemon.wait("update-accepted", id=42, count=count)
    memory = memory_of(daemon.process.pid)
    assert secrets[2].encode() in memory, "the one in force is there, so this looks at the right place"
    where = [memory[at.start() - 60 : at.end() + 20] for at in re.finditer(secrets[0].encode(), memory)]
    assert not where


def test_old_secrets_are_struck_out_after_a_rotation(api: Api, config: Config, daemon: Daemon) -> None:
    """A server may still echo what it was sent before."""
    old = f"{HEAD}-before-{'y' * 20}"
    config.secret("token", old)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    api.script(id=42, status=422, json={"detail": f"the token was {old}"})
    config.secret("token", f"{HEAD}-after-{'z' * 20}")
    told = daemon.wait("update-rejected", id=42)
    assert "the token was [redacted]" in told.message
