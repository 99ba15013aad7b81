# SPDX-License-Identifier: MIT
"""plan: against the list, against the state, and never a request but GETs."""
import json
import os
import pty
import re
import subprocess
import time
from typing import Any

import pytest

from harness import KEY, PROGRAM, Api, Config, Daemon, until

SIX, SEVEN = "0 6 * * *", "0 7 * * mon-fri"
NAME = 'Mode: "Money" \\ é'


def lists(api: Api, items: Any) -> None:
    api.script(method="GET", times=0, status=200, json=items)


def mode(id: Any, cron: Any, **others: Any) -> dict[str, Any]:
    return {"id": id, "type": "mode", "indexing_cron": cron, **others}


def only_gets(api: Api) -> None:
    requests = api.requests(method="*")
    assert requests and {request["method"] for request in requests} == {"GET"}
    assert {request["path"] for request in requests} == {"/api/v1/lineage/bi/"}


def test_drift_is_shown_and_nothing_is_sent(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SEVEN, name="Mode: Money").set(43, "0 6 * * mon").set(44, False, paused=True)
    config.set(45, SIX).save()
    old = mode(42, SIX, name="Mode: Finance", workspace="acme")
    lists(api, [old, mode("43", "0 6 * * 1"), mode(46, None), mode(47, None, type="tableau")])
    done = daemon.run("plan")
    assert (done.returncode, done.stderr) == (2, "")
    first, _, change, words, runs, name, *_ = done.stdout.splitlines()
    assert first == f"against {api.url}, which lists 4 integrations"
    assert change == f"~ 42 'Mode: Money'  {SIX} -> {SEVEN}"
    assert words == "    at 06:00, every day -> at 07:00, Monday to Friday"
    assert runs.startswith("    next run (UTC) ") and runs.count(" 06:00 -> ") == 1
    assert name == "    name 'Mode: Finance' -> 'Mode: Money'"
    assert f"\n? 45  {SIX}\n" in done.stdout and "\x1b" not in done.stdout
    counts = "1 to change, 1 unknown to the server, 1 equal, 1 paused; nothing was sent\n"
    assert done.stdout.endswith(
        counts + "1 more on the server is not in the file; see dfmode-sync import\n"
    )
    only_gets(api)
    assert not list(daemon.state.iterdir())


def test_document(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SEVEN, name=NAME).set(43, SIX).save()
    lists(api, {"count": 2, "results": [mode(42, SIX), {"id": 43}]})
    done = daemon.run("plan", "--json")
    assert (done.returncode, done.stderr) == (2, "")
    plan = json.loads(done.stdout)
    assert (plan["version"], plan["against"], plan["listed"]) == (1, "server", 2)
    change, unknown = plan["changes"]
    assert change["fields"]["indexing_cron"] == {
        "differs": True, "known": True, "old": SIX, "new": SEVEN
    }  # fmt: skip
    assert change["name"] == NAME
    assert change["line"] == config.line(42, "indexing_cron")
    assert unknown["action"] == "add" and not unknown["fields"]["indexing_cron"]["known"]
    assert plan["summary"]["to_send"] == 2 and plan["summary"]["not_shown"] == 1
    only_gets(api)


def test_nothing_to_do_is_zero(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SIX, name="Mode: Finance").set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    # Its marks leave the disk a moment later.
    until(lambda: daemon.run("plan").returncode == 0, "nothing to do while it runs")
    daemon.stop()
    done = daemon.run("plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n\nnothing to do: 2 equal\n")
    before = {path.name: path.read_bytes() for path in daemon.state.iterdir()}
    config.integrations.pop(43)
    config.save()
    done = daemon.run("plan")
    assert done.returncode == 0 and "\n- 43  no schedule\n" in done.stdout
    assert {path.name: path.read_bytes() for path in daemon.state.iterdir()} == before


ANSWERS = {
    "garbage": {"text": "<html>"},
    "no list": {"json": {"detail": "fine"}},
    "500": {"status": 500, "json": {"detail": f"$BODY {KEY}"}},
    "cut": {"json": [mode(42, SIX)], "fault": "cut"},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
def test_no_list_falls_back_to_the_state(
    answer: dict[str, Any], api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, SIX).save()
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    api.script(**{"method": "GET", "times": 0, "status": 200, **answer})
    done = daemon.run("plan")
    assert done.returncode == 0
    assert done.stderr.startswith(f"warning: {api.url} does not say what it has: ")
    where = f"against what was accepted last ({daemon.state}/state.json), as {api.url} "
    assert done.stdout == where + "does not say what it has\n\nnothing to do: 1 equal\n"
    config.set(42, SEVEN).save()
    assert daemon.run("plan").returncode == 2


def test_refused_key(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SIX).save()
    api.script(method="GET", times=0, status=401, json={"detail": f"not {KEY}"})
    done = daemon.run("plan")
    assert done.returncode == 77
    assert done.stderr == f"error: {api.url} refuses the key: 401 not [redacted]\n"
    assert f"\n+ 42  {SIX}\n" in done.stdout
    plan = json.loads(daemon.run("plan", "--json").stdout)
    assert plan["against"] == "state" and plan["reason"] == "401 not [redacted]"


def test_hanging_server_is_given_up(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["api.timeout"] = "200ms"
    config.set(42, SIX).save()
    api.script(method="GET", times=0, fault="stall")
    done = daemon.run("plan")
    assert done.returncode == 2
    assert done.stderr.startswith(f"warning: {api.url}: no answer: Operation timed out")


def test_nobody_there(absent: Daemon) -> None:
    absent.config.set(42, SIX).save()
    done = absent.run("plan")
    assert done.returncode == 2
    assert "no answer: Failed to connect" in done.stderr and "does not answer\n" in done.stdout
    (absent.state / "state.json").write_text("{")
    done = absent.run("plan")
    assert (done.returncode, done.stdout) == (69, "")
    assert "state.json' cannot be used: " in done.stderr
    assert [path.name for path in absent.state.iterdir()] == ["state.json"]


def test_bad_file(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, "0 25 * * *").save()
    done = daemon.run("plan")
    assert (done.returncode, done.stdout) == (78, "")
    assert "hour 25 is outside 0-23" in done.stderr and not api.requests(method="*")


def on_terminal(daemon: Daemon, **environment: str) -> str:
    near, far = pty.openpty()
    subprocess.run(
        [PROGRAM, "-c", str(daemon.config.path), "plan"],
        env=daemon.environment(TERM="xterm", **environment),
        stdin=subprocess.DEVNULL,
        stdout=far,
    )
    os.close(far)
    text = os.read(near, 65536).decode()
    os.close(near)
    return text


def test_colour_on_a_terminal_only(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SEVEN).save()
    lists(api, [mode(42, SIX)])
    assert f"\x1b[33m~ 42  {SIX} -> {SEVEN}\x1b[0m" in on_terminal(daemon)
    assert "\x1b" not in on_terminal(daemon, NO_COLOR="1")


def test_many(api: Api, config: Config, daemon: Daemon) -> None:
    for id in range(1, 2001):
        config.set(id, SEVEN)
    config.save()
    lists(api, [mode(id, SIX) for id in range(1, 2001)])
    plan = json.loads(daemon.run("plan", "--json").stdout)
    assert plan["summary"]["change"] == len(plan["changes"]) == 2000


def test_what_the_daemon_sent_a_moment_ago_is_done(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, "0 6 * * *").set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    done = daemon.run("plan")
    assert done.returncode == 0, done
    api.script(method="PUT", status=422, times=0, json={"detail": "no"})
    config.set(42, "0 7 * * *").save()
    daemon.wait("update-rejected", id=42)
    # What is still to be sent stays so, however long one waits: so nobody does.
    start = time.monotonic()
    done = daemon.run("plan")
    assert time.monotonic() - start < 2
    assert done.returncode == 2, done
    assert re.findall(r"^[~+] (\d+)", done.stdout, re.M) == ["42"]


def test_what_wait_waited_for_is_done(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, "0 6 * * *").set(43, False).save()
    daemon.start()
    for minute in range(10):
        config.set(42, f"{minute} 7 * * *", name=f"N{minute}").save()
        assert daemon.run("wait").returncode == 0
        start = time.monotonic()
        done = daemon.run("plan")
        assert time.monotonic() - start < 1.5
        assert done.returncode == 0, done


def test_what_hangs_is_still_to_be_sent(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, "0 6 * * *").set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    api.script(method="PUT", hold="it", times=1)
    config.set(42, "0 7 * * *").save()
    api.wait(3)
    start = time.monotonic()
    done = daemon.run("plan")
    assert time.monotonic() - start < 2
    assert done.returncode == 2, done
    api.release("it")
    assert daemon.run("wait").returncode == 0
    assert daemon.run("plan").returncode == 0


def test_empty_text_is_no_schedule(api: Api, config: Config, daemon: Daemon) -> None:
    lists(api, [{"id": 42, "indexing_cron": ""}, {"id": 43, "indexing_cron": ""}])
    config.set(42, False).set(43, SIX).save()
    done = daemon.run("plan")
    assert done.returncode == 2, done
    assert "~ 43" in done.stdout and "1 to change, 1 equal" in done.stdout


def test_only_the_ids_that_are_named(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, SEVEN).set(43, SIX).set(44, SEVEN).save()
    lists(api, [mode(42, SIX), mode(43, SIX), mode(44, SIX), mode(45, SIX)])
    done = daemon.run("plan", "44", "43")
    assert done.returncode == 2 and "~ 44" in done.stdout and "~ 42" not in done.stdout
    assert "1 to change, 1 equal" in done.stdout
    assert daemon.run("plan", "43").returncode == 0
    document = json.loads(daemon.run("plan", "--json", "42").stdout)
    assert [change["id"] for change in document["changes"]] == [42]
    done = daemon.run("plan", "42", "99")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: integration 99 is not in the file\n"
