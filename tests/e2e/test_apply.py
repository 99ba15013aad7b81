# SPDX-License-Identifier: MIT
"""`apply`: what differs is sent once, and the exit status, the sum and the terminal tell how it
went."""
import re
import time
from typing import Any, Optional

import pytest
from harness import (
    KEY,
    PASSWORD,
    PATIENCE,
    TOKEN,
    Api,
    Config,
    Daemon,
    until,
)

CRON = "0 6 * * *"
REFUSED = "0 6 ? * mon-fri"


def plant(api: Api, id: int, cron: Optional[str], **others: Any) -> None:
    api.control("PUT", f"integrations/{id}", {"indexing_cron": cron, **others})


def last(text: str) -> str:
    return text.splitlines()[-1]


def several(config: Config, count: int) -> None:
    for id in range(1, count + 1):
        config.set(id, CRON, name=f"Mode: {id}")
    config.save()


def test_all_are_accepted_and_then_there_is_nothing_to_do(
    api: Api, config: Config, daemon: Daemon
) -> None:
    several(config, 5)
    config.set(6, CRON, paused=True).save()
    done = daemon.run("apply")
    assert done.returncode == 0, done
    assert re.fullmatch(r"5 accepted, 0 rejected, 0 unanswered in \S+\n", done.stdout)
    assert api.crons() == {id: CRON for id in range(1, 6)}
    assert sorted(r["id"] for r in api.requests()) == [1, 2, 3, 4, 5]
    assert "integration 3 'Mode: 3': accepted '0 6 * * *'" in done.stderr
    assert "\x1b" not in done.stderr and "\r" not in done.stderr
    done = daemon.run("apply")
    assert done.returncode == 0
    assert done.stdout == "nothing to do: 5 integrations as the file says, 1 paused\n"
    assert len(api.requests()) == 5
    daemon.start()
    until(lambda: "5 of 6 in sync" in daemon.run("status", "--json").stdout, "all in sync")
    assert len(api.requests()) == 5, "a daemon after an apply has nothing to send"


def test_rejected_ones_are_named_with_their_place(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(41, CRON).set(42, REFUSED, name="Mode: Finance").set(43, CRON).save()
    done = daemon.run("apply")
    assert done.returncode == 1
    first, summary = done.stdout.splitlines()
    assert first == (
        f"{config.path}:{config.line(42, 'indexing_cron')}: integration 42 'Mode: Finance': "
        "422 body.indexing_cron: invalid cron expression (value_error)"
    )
    assert summary.startswith("2 accepted, 1 rejected, 0 unanswered in ")
    assert "waiting" not in done.stderr, "a command does not wait"
    assert f"not tried again; see {config.path}:{config.line(42, 'indexing_cron')}" in done.stderr
    assert len(api.requests(id=42)) == 1, "a refusal is final"


def test_failures_are_retried_until_they_pass(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=2, status=503, times=3, text="busy")
    several(config, 3)
    done = daemon.run("apply")
    assert done.returncode == 0, done
    assert done.stdout.startswith("3 accepted, 0 rejected, 0 unanswered in ")
    assert len(api.requests(id=2)) == 4
    assert "integration 2 'Mode: 2': 503 " in done.stderr and "again in" in done.stderr


def test_gives_up_when_nothing_more_is_settled(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(id=2, status=500, times=0, text="broken")
    several(config, 3)
    start = time.monotonic()
    done = daemon.run("apply", "--timeout=2s")
    assert time.monotonic() - start < PATIENCE
    assert done.returncode == 1
    named, summary = done.stdout.splitlines()
    assert named.startswith(f"{config.path}:{config.line(2)}: integration 2 'Mode: 2': 500 ")
    assert summary.startswith("2 accepted, 0 rejected, 1 unanswered in ")
    assert re.search(r"error: gives up: .* --timeout=2s\n", done.stderr)
    api.clear_scripts()
    assert daemon.run("apply").stdout.startswith("1 accepted, 0 rejected, 0 unanswered in ")


def test_gives_up_at_once_if_the_server_asks_for_more_patience(
    api: Api, config: Config, daemon: Daemon
) -> None:
    api.script(id=1, status=503, times=0, headers={"Retry-After": "600"})
    config.set(1, CRON).save()
    done = daemon.run("apply", "--timeout=5min")
    assert done.returncode == 1
    assert re.search(r"gives up: the next try, in \S+min.*, is too late for --timeout=5min", done.stderr)
    assert last(done.stdout).startswith("0 accepted, 0 rejected, 1 unanswered in ")


def test_server_that_hangs(api: Api, config: Config, daemon: Daemon) -> None:
    api.script({"id": 2, "fault": "stall", "times": 0})
    several(config, 3)
    done = daemon.run("apply", "--timeout", "2s")
    assert done.returncode == 1, done
    assert last(done.stdout).startswith("2 accepted, 0 rejected, 1 unanswered in ")
    assert "integration 2 'Mode: 2': no answer: " in done.stdout
    assert all(request["fate"] == "disconnected" for request in api.wait(1, id=2, done=True))


def test_unknown_outcome_is_confirmed_or_left_to_the_next(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["api.timeout"] = "200ms"
    api.script(id=42, fault="stall")
    config.set(42, CRON).save()
    done = daemon.run("apply")
    assert done.returncode == 0 and done.stdout.startswith("1 accepted, 0 rejected, 0 un"), done
    assert "confirmed" in done.stderr and "to be confirmed" not in done.stdout
    assert len(api.requests(id=42)) == 3, "lost, accepted, confirmed"
    api.script(id=42, fault="reset", apply=True)
    config.settings["api.timeout"] = "20s"
    config.set(42, "1 1 * * *").save()
    done = daemon.run("apply", "--timeout=2s")
    assert done.returncode == 0, done
    assert "; 1 of those accepted is to be confirmed, by the daemon or the next" in done.stdout
    count = len(api.requests())
    config.settings["api.timeout"] = "100ms"
    config.save()
    assert daemon.run("apply").returncode == 0
    assert len(api.requests()) > count, "the mark was kept"
    assert daemon.run("apply").stdout.startswith("nothing to do")


def test_unreachable_server(absent: Daemon) -> None:
    absent.config.settings |= {"retry.first": "10min", "retry.max": "10min"}
    absent.config.set(42, CRON).save()
    done = absent.run("apply")
    assert done.returncode == 69
    assert re.search(r"gives up: the next try, in \S+min.*, is too late for --timeout=", done.stderr)
    assert last(done.stdout).startswith("0 accepted, 0 rejected, 1 unanswered in ")
    assert "integration 42: no answer: " in done.stdout


def test_unreachable_server_and_nothing_to_do(
    api: Api, config: Config, daemon: Daemon, absent_api: Api
) -> None:
    config.set(42, CRON).save()
    assert daemon.run("apply").returncode == 0
    api.script(method="GET", fault="close", times=0)
    done = daemon.run("apply")
    assert (done.returncode, done.stdout) == (69, "")
    assert "the server does not say what it has: no answer: " in done.stderr


@pytest.mark.parametrize("status", [401, 403, 307])
def test_what_works_for_the_list_is_not_blamed(
    api: Api, config: Config, daemon: Daemon, status: int
) -> None:
    """Of a key, and of an address, that the list works with only each integration can be rejected."""
    api.script(method="PUT", status=status, times=0, json={"detail": f"no {KEY}"})
    several(config, 3)
    done = daemon.run("apply")
    assert done.returncode == 1
    assert last(done.stdout).startswith("0 accepted, 3 rejected, 0 unanswered")
    assert "the API key is refused" not in done.stderr


def test_key_that_is_refused(api: Api, config: Config, daemon: Daemon) -> None:
    api.options(keys=["another"])
    several(config, 2)
    done = daemon.run("apply")
    assert (done.returncode, done.stdout) == (77, "")
    assert "the API key is refused: 401 Invalid API key; nothing is sent" in done.stderr
    assert not api.requests()


def test_forbidden_list_leaves_the_state(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(method="GET", status=403, times=0, json={"detail": "no lists"})
    several(config, 2)
    assert daemon.run("plan").returncode == 2
    done = daemon.run("apply")
    assert done.returncode == 0 and done.stdout.startswith("2 accepted, "), done
    assert "403 no lists; going by what it accepted last" in done.stderr
    done = daemon.run("plan")
    assert done.returncode == 0 and "forbids its list to this key" in done.stdout
    assert daemon.run("apply").stdout.startswith("nothing to do: ")


def test_running_daemon_is_left_alone(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start()
    daemon.accepted(42)
    done = daemon.run("apply")
    assert daemon.process is not None
    assert (done.returncode, done.stdout) == (75, "")
    assert done.stderr == (
        f"error: already running as process {daemon.process.pid}, which holds "
        f"{daemon.state}/lock: another apply, or the daemon, which applies the file by itself: "
        "`dfmode-sync wait` waits until it has, `dfmode-sync push ID` has it send one again\n"
    )
    mark = daemon.mark()
    config.set(42, "5 5 * * *").save()
    daemon.accepted(42, after=mark)


def test_what_the_server_has_beats_what_it_accepted(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.set(1, CRON).set(2, CRON, name="two").set(3, CRON).save()
    assert daemon.run("apply").returncode == 0
    plant(api, 2, "9 9 * * *", name="two")
    done = daemon.run("apply")
    assert done.stdout.startswith("1 accepted, "), done
    assert "accepted '0 6 * * *', was '9 9 * * *'" in done.stderr
    assert [r["id"] for r in api.requests()][3:] == [2]


def test_what_is_there_is_not_sent(api: Api, config: Config, daemon: Daemon) -> None:
    plant(api, 1, "0 06 * * *")
    plant(api, 2, CRON)
    config.set(1, CRON).set(2, CRON).set(3, CRON).save()
    done = daemon.run("apply")
    assert done.returncode == 0 and done.stdout.startswith("1 accepted, ")
    assert [r["id"] for r in api.requests()] == [3]
    daemon.start()
    until(lambda: "3 of 3 in sync" in daemon.run("status", "--json").stdout, "all in sync")
    assert len(api.requests()) == 1


def test_server_that_does_not_do_as_it_says_is_told(
    api: Api, config: Config, daemon: Daemon
) -> None:
    config.settings["drift.mode"] = "repair"
    api.script(id=42, status=200, json={"id": 42, "indexing_cron": "9 9 * * *"})
    config.set(42, CRON).save()
    done = daemon.run("apply")
    assert done.returncode == 0 and done.stdout.startswith("1 accepted, ")
    assert "'9 9 * * *' instead of '0 6 * * *'" in done.stderr
    assert len(api.requests()) == 1


def test_server_without_a_list(api: Api, config: Config, daemon: Daemon) -> None:
    api.script(method="GET", status=404, times=0, json={"detail": "Not Found"})
    several(config, 2)
    done = daemon.run("apply")
    assert done.returncode == 0 and done.stdout.startswith("2 accepted, ")
    assert "warning: the server does not say what it has: 404 Not Found, asked for " in done.stderr
    assert daemon.run("apply").stdout == (
        "nothing to do: 2 integrations accepted as the file says\n"
    )


def test_bad_file_and_wrong_usage(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, "0 25 * * *").save()
    done = daemon.run("apply")
    assert (done.returncode, done.stdout) == (78, "")
    assert "indexing_cron: hour 25 is outside 0-23" in done.stderr
    assert "1 error; nothing is sent" in done.stderr
    config.set(42, CRON).save()
    for words in (["--timeout=soon"], ["--timeout=0"], ["--timeout=-1s"], ["42"]):
        done = daemon.run("apply", *words)
        assert (done.returncode, done.stdout) == (64, "") and "--help" in done.stderr, words
    assert not api.requests("*")


def test_emptied_file_is_refused(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    assert daemon.run("apply").returncode == 0
    del config.integrations[42]
    config.save()
    done = daemon.run("apply")
    assert done.returncode == 78 and "none are left of 1; set allow_empty" in done.stderr
    config.settings["allow_empty"] = True
    config.save()
    assert daemon.run("apply").stdout == "nothing to do: 0 integrations as the file says\n"


def test_secrets_are_nowhere(api: Api, config: Config, daemon: Daemon) -> None:
    words = f"{PASSWORD} and {TOKEN} of {KEY}"
    echo = {"detail": [{"loc": ["body", TOKEN], "msg": words, "type": TOKEN}]}
    api.script(
        {"id": 1, "status": 422, "json": echo},
        {"id": 2, "status": 500, "text": words, "times": 0},
        {"method": "GET", "status": 500, "json": {"detail": words}},
    )
    several(config, 2)
    done = daemon.run("-v", "apply", "--timeout=300ms")
    assert done.returncode == 1
    assert "[redacted]" in done.stdout and "[redacted]" in done.stderr
