# SPDX-License-Identifier: MIT
"""Bad files: each fault with file, line and column, before anything is sent."""
import os
import re
from pathlib import Path
from typing import Optional

import pytest

from harness import CANARY, KEY, Api, Config, Daemon

CRON = "0 6 * * *"

# What is put in place of a line of a good file; the place the fault must name, as a text on that
# line (None: any column); and words that must be told.
FAULTS = {
    "unknown-key": (
        'workspace = "w";',
        'workspce = "w";',
        "workspce",
        "workspce: unknown key; did you mean 'workspace'?",
    ),
    "unknown-group": (
        "defaults = {",
        "default = {",
        "default",
        "default: unknown key; did you mean 'defaults'?",
    ),
    "wrong-type": (f'indexing_cron = "{CRON}";', "indexing_cron = 5;", None, "indexing_cron: "),
    "wrong-type-id": ("id = 42;", 'id = "42";', None, "id: "),
    "overflow": ("id = 42;", "id = 99999999999999999999;", None, "id"),
    "overflow-by-one": ("id = 42;", "id = 9223372036854775808;", None, "id"),
    "overflow-32": ("max_in_flight = 4;", "max_in_flight = 4294967297;", None, "max_in_flight"),
    "zero-id": ("id = 42;", "id = 0;", None, "id"),
    "negative-id": ("id = 42;", "id = -1;", None, "id"),
    "duplicate-id": ("id = 43;", "id = 42;", None, "id: already used at"),
    "cron": (
        f'indexing_cron = "{CRON}";',
        'indexing_cron = "0 25 * * *";',
        None,
        "indexing_cron: hour 25 is outside 0-23",
    ),
    "true-cron": (f'indexing_cron = "{CRON}";', "indexing_cron = true;", None, "indexing_cron"),
    "syntax": ("id = 42;", "id = = 42;", None, ""),
    "unterminated-string": ('workspace = "w";', 'workspace = "w;', None, ""),
    "unterminated-comment": ('workspace = "w";', "/* workspace", "/*", "comment"),
    "missing-id": ("id = 42;", "", None, "id"),
    "two-sources": ("max_in_flight = 4;", f'key = "{KEY}";', None, "key"),
    "twice": ("max_in_flight = 4;", "timeout = 5; timeout = 6;", None, "timeout"),
    "span": ("max_in_flight = 4;", 'timeout = "5 lightyears";', None, "timeout"),
    "first-above-max": ("max_in_flight = 4;", "};\nretry = { first = 2; max = 1;", None, "first"),
    "url": ('url = "URL";', 'url = "http://datafold.example";', None, "url"),
    "secret-missing": ('token_file = "TOKEN";', 'token_file = "/absent";', None, "/absent"),
    "secret-is-directory": ('token_file = "TOKEN";', 'token_file = "/";', None, "token_file"),
    "include-missing": ("max_in_flight = 4;", '@include "absent.conf"', None, "absent.conf"),
    "include-directory": ("max_in_flight = 4;", '@include "/"', None, "/"),
}

GOOD = f"""api = {{
    url = "URL";
    key_file = "KEY";
    max_in_flight = 4;
}};
defaults = {{
    workspace = "w";
    token_file = "TOKEN";
    password_file = "PASSWORD";
}};
integrations = (
    {{
        id = 42;
        indexing_cron = "{CRON}";
    }},
    {{
        id = 43;
        indexing_cron = "1 1 * * *";
    }}
);
"""


def good(config: Config) -> str:
    return filled(GOOD, config)


def filled(text: str, config: Config) -> str:
    text = text.replace("URL", str(config.settings["api.url"]))
    for word, name in (("KEY", "api-key"), ("TOKEN", "token"), ("PASSWORD", "password")):
        text = text.replace(f'"{word}"', f'"{config.secrets / name}"')
    return text


def broken(config: Config, fault: str) -> tuple[str, int, Optional[int], str]:
    """The text, the line of the fault, its column if that counts, and the words to be told."""
    old, new, mark, words = FAULTS[fault]
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    line = GOOD[: GOOD.index(old)].count("\n") + 1 + new.count("\n")
    column = text.splitlines()[line - 1].index(mark) + 1 if mark is not None else None
    return filled(text, config), line, column, words


def test_the_good_file_is_good(api: Api, config: Config, daemon: Daemon) -> None:
    config.save(good(config))
    daemon.start()
    daemon.accepted(42, 43)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_stops_the_start(api: Api, config: Config, daemon: Daemon, fault: str) -> None:
    text, line, column, words = broken(config, fault)
    config.save(text)
    done = daemon.run("--log=text", "run")
    assert done.returncode == 78, done.stderr
    place = rf"{re.escape(str(config.path))}:(\d+):(\d+): (.*)$"
    places = re.findall(place, done.stderr, re.M)
    assert places, done.stderr
    # What is missing is told of the integration, which begins a line earlier.
    near = (line - 1, line) if fault == "missing-id" else (line,)
    told = [place for place in places if int(place[0]) in near and words in place[2]]
    assert told, done.stderr
    assert column is None or int(told[0][1]) == column, done.stderr
    assert not api.requests("*")


def test_duplicate_id_names_both_places(api: Api, config: Config, daemon: Daemon) -> None:
    config.save(good(config).replace("id = 43", "id = 42"))
    done = daemon.run("--log=text", "run")
    assert f"{config.path}:17:" in done.stderr and f"{config.path}:13" in done.stderr, done.stderr


def test_all_faults_are_told_in_one_pass(api: Api, config: Config, daemon: Daemon) -> None:
    text = good(config).replace("max_in_flight = 4;", "max_in_flght = 4;")
    text = text.replace("id = 43;", "id = -43;").replace(f'"{CRON}"', '"99 6 * * *"')
    config.save(text)
    done = daemon.run("--log=text", "run")
    assert done.returncode == 78
    for line in (4, 14, 17):
        assert f"{config.path}:{line}:" in done.stderr, done.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_while_running_changes_nothing(
    api: Api, config: Config, daemon: Daemon, fault: str
) -> None:
    config.save(good(config))
    daemon.start()
    daemon.accepted(42, 43)
    mark = daemon.mark()
    config.save(broken(config, fault)[0])
    daemon.wait("config-rejected", after=mark)
    mark = daemon.mark()
    config.save(good(config).replace("1 1 * * *", "2 2 * * *"))
    daemon.accepted(43, after=mark)
    assert len(api.requests()) == 3


def test_missing_file(api: Api, config: Config, daemon: Daemon) -> None:
    done = daemon.run("run")
    assert done.returncode == 78
    assert str(config.path) in done.stderr


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_file_that_is_none(api: Api, config: Config, daemon: Daemon, kind: str) -> None:
    if kind == "directory":
        config.path.mkdir()
    else:
        os.mkfifo(config.path)
    done = daemon.run("run")
    assert done.returncode == 78
    assert str(config.path) in done.stderr


@pytest.mark.parametrize("command", ["run", "check"])
def test_fault_beside_an_inline_secret_does_not_show_it(
    api: Api, config: Config, daemon: Daemon, command: str
) -> None:
    """A diagnostic quotes its line; a secret on that line must not be quoted with it."""
    config.settings["api.key_file"] = None
    config.set(42, CRON)
    line = f'api = {{ keyy = "{KEY}"; key = "{KEY}" "{KEY}"; bogus = 1;'
    config.save(config.text().replace("api = {", line))
    done = daemon.run(command)
    assert done.returncode == 78
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a b ", b"a\x01b", "kéy".encode(), b"x" * 100_000, b"two\nlines\n"]
)
def test_secret_file_that_holds_none(
    api: Api, config: Config, daemon: Daemon, content: bytes
) -> None:
    (config.secrets / "api-key").write_bytes(content)
    config.set(42, CRON).save()
    done = daemon.run("run")
    assert done.returncode == 78
    assert re.search(rf"{re.escape(str(config.path))}:\d+:\d+: ", done.stderr), done.stderr


def test_secret_with_crlf_is_stripped(api: Api, config: Config, daemon: Daemon) -> None:
    (config.secrets / "api-key").write_bytes(KEY.encode() + b"\r\n")
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    assert api.requests()[0]["headers"]["authorization"] == "Key " + KEY


def test_check_needs_no_network(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON, name="Mode: Finance").save()
    done = daemon.run("check")
    assert done.returncode == 0, done.stderr
    assert "42" in done.stdout and "Mode: Finance" in done.stdout
    assert not api.requests("*")


def test_check_finds_what_run_finds(api: Api, config: Config, daemon: Daemon) -> None:
    text, line, column, words = broken(config, "unknown-key")
    config.save(text)
    done = daemon.run("check")
    assert done.returncode == 78
    assert f"{config.path}:{line}:{column}: error: defaults.{words}\n" in done.stderr


def test_group_readable_secret_is_a_warning(api: Api, config: Config, daemon: Daemon) -> None:
    Path(config.secrets / "token").chmod(0o644)
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    assert any("token" in record.message for record in daemon.all("config-warning"))
