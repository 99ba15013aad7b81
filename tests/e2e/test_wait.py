# SPDX-License-Identifier: MIT
"""`wait`, `reload` and `push`: what the running daemon answers to those that act."""
import os
import re
import subprocess
import threading

import pytest

from harness import PROGRAM, Api, Config, Daemon, until

CRON, OTHER, REFUSED = "0 6 * * *", "30 7 * * *", "0 6 ? * mon-fri"


def slow_retries(config: Config) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    config.settings["retry.first"] = config.settings["retry.max"] = "1h"


def test_wait_sends_what_was_edited_and_says_so(api: Api, config: Config, daemon: Daemon) -> None:
    # The daemon alone would take it up much later: `wait` has it done now.
    config.settings["watch.settle"] = "20s"
    config.set(42, CRON).set(43, CRON, paused=True).save()
    daemon.start()
    config.set(42, OTHER).save()
    done = daemon.run("wait")
    assert (done.returncode, done.stdout, done.stderr) == (0, "in sync\n", "")
    assert api.crons()[42] == OTHER
    assert daemon.run("wait", "43").returncode == 0
    assert daemon.run("status").returncode == 0


def test_wait_is_never_in_sync_for_an_edit_that_is_rejected(
    api: Api, config: Config, daemon: Daemon
) -> None:
    slow_retries(config)
    config.set(42, CRON).set(43, CRON).save()
    daemon.start()
    for round in range(5):
        config.set(42, f"{round} 6 ? * mon-fri").save()
        done = daemon.run("wait")
        assert done.returncode == 1
        place = f"{config.path}:{config.line(42, 'indexing_cron')}"
        assert done.stdout.startswith(f"{place}: integration 42 is rejected: 422 body.indexing_cron: ")
        assert done.stdout.endswith("\n1 not in sync\n")
        assert daemon.run("status").returncode == 1
    assert daemon.run("wait", "43").returncode == 0
    config.set(42, CRON).save()
    assert daemon.run("wait", "42").returncode == 0


def test_refused_files_are_78_with_their_faults(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    config.save(config.text().replace('"0 6 * * *"', '"0 25 * * *"'))
    line = config.path.read_text().splitlines().index('        indexing_cron = "0 25 * * *";') + 1
    for command in ("reload", "wait"):
        done = daemon.run(command)
        assert (done.returncode, done.stdout) == (78, "")
        assert re.match(
            rf"{config.path}:{line}:\d+: error: indexing_cron: hour 25 is outside 0-23\n"
            rf" +{line} \| .*\n +\| +\^~\n1 error\n",
            done.stderr,
        )
        assert "stays in force" in done.stderr
    config.save()
    assert daemon.run("reload").returncode == 0
    config.path.with_suffix(".missing").write_text("")
    config.settings["api.key_file"] = str(config.secrets / "nothing-here")
    config.save()
    done = daemon.run("reload")
    assert done.returncode == 78 and "nothing-here" in done.stderr


def test_wait_gives_up_in_time_with_the_reason(api: Api, config: Config, daemon: Daemon) -> None:
    slow_retries(config)
    api.script(id=42, times=99, status=503)
    config.set(42, CRON).save()
    daemon.start()
    done = daemon.run("wait", "--timeout=300ms")
    assert done.returncode == 1
    assert re.search(r"integration 42 is waiting: 503 .*; .*next try in ", done.stdout)
    assert done.stdout.endswith("not settled within 300ms\n")
    unknown = daemon.run("wait", "42", "99", "--timeout=300ms")
    assert unknown.returncode == 1 and "integration 99 is unknown" in unknown.stdout


@pytest.mark.parametrize("words", [["wait"], ["reload"], ["push", "42"], ["status"]])
def test_without_a_daemon_it_is_3(config: Config, daemon: Daemon, words: list[str]) -> None:
    config.set(42, CRON).save()
    done = daemon.run(*words)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("not running: nothing listens at ")


def test_reload_retries_what_waits(api: Api, config: Config, daemon: Daemon) -> None:
    slow_retries(config)
    api.script(id=42, times=1, status=503)
    config.set(42, CRON).save()
    daemon.start()
    daemon.wait("update-failed", id=42)
    done = daemon.run("reload")
    assert (done.returncode, done.stdout) == (0, "the files are in force\n")
    daemon.accepted(42)


def test_push_after_drift_that_is_only_reported(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["drift.mode"] = "report"
    config.settings["drift.interval"] = "100ms"
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    api.control("PUT", "integrations/42", {"indexing_cron": OTHER})
    daemon.wait("drift-found", id=42)
    assert daemon.run("wait", "42").returncode == 1
    done = daemon.run("push", "42")
    assert (done.returncode, done.stdout) == (0, "integration 42: accepted\n"), done
    assert api.crons()[42] == CRON
    assert daemon.run("wait", "42").returncode == 0


def test_push_of_what_cannot_go_is_answered_at_once(
    api: Api, config: Config, daemon: Daemon
) -> None:
    slow_retries(config)
    config.set(41, CRON, paused=True).set(42, CRON).set(43, CRON, paused=True).save()
    daemon.start()
    daemon.accepted(42)
    done = daemon.run("push", "43")
    assert done.returncode == 1 and "integration 43 is paused" in done.stdout
    done = daemon.run("push", "43", "42", "41")
    assert done.returncode == 1
    assert "integration 43 is paused" in done.stdout and "42: accepted" in done.stdout
    assert len(api.requests(id=42)) == 2
    api.script(times=99, status=401)
    done = daemon.run("push", "42")
    assert done.returncode == 1 and "401" in done.stdout


def test_push_while_the_server_asks_to_wait_ends_at_once(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(42, CRON).set(43, CRON).save()
    daemon.start()
    daemon.accepted(42, 43)
    api.script(id=42, method="PUT", status=429, headers={"Retry-After": "600"})
    config.set(42, OTHER).save()
    daemon.wait("host-paused")
    sent = len(api.requests(id=43))
    done = daemon.run("push", "43")
    assert done.returncode == 1
    said = r"integration 43 is due: not sent: the server asked to wait for another (10min|9min \d+s)"
    assert re.search(said + r"; next try in (10min|9min \d+s)\n", done.stdout), done.stdout
    assert len(api.requests(id=43)) == sent
    # And what the wait says of the first is the same time.
    assert re.search(r"next try in (10min|9min \d+s)\n", daemon.run("wait", "--timeout=1ms", "42").stdout)


def test_others_may_not_act(api: Api, config: Config, daemon: Daemon) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to be another user")
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    for path in (daemon.directory, *daemon.directory.parents):
        if path.owner() == "root" and str(path) != "/":
            path.chmod(path.stat().st_mode | 0o005)

    def by_another(*words: str) -> int:
        return subprocess.run(
            [PROGRAM, "-c", str(config.path), *words],
            env=daemon.environment(),
            cwd="/",
            user=4711,
            group=4711,
            capture_output=True,
        ).returncode

    # The change of modes may be looked at just now.
    until(lambda: by_another("status") == 0, "another may ask for the status")
    for words in (["wait"], ["reload"], ["push", "42"]):
        assert by_another(*words) == 77, words


def test_an_edit_during_the_wait_is_waited_for_too(
    api: Api, config: Config, daemon: Daemon
) -> None:
    api.script(id=42, hold="first")
    config.set(42, CRON).save()
    daemon.start()
    api.wait(1, id=42)
    done = []
    waiter = threading.Thread(target=lambda: done.append(daemon.run("wait", "42")))
    waiter.start()
    until(lambda: waiter.is_alive(), "the wait has begun")
    config.set(42, OTHER).save()
    api.release("first")
    waiter.join(30)
    assert done[0].returncode == 0 and api.crons()[42] in (CRON, OTHER)
