# SPDX-License-Identifier: MIT
"""Retry-After is obeyed by every command: of the list that it begins with, and by the updates that follow."""
import pytest

from harness import Api, Config, Daemon

CRON = "0 6 * * *"


def busy(api: Api, method: str, seconds: object, **others: object) -> None:
    headers = {"Retry-After": str(seconds)}
    api.script(method=method, status=503, json={"detail": "busy"}, headers=headers, **others)


@pytest.mark.parametrize("command", ["plan", "apply", "import"])
def test_a_short_time_is_waited_for(api: Api, config: Config, daemon: Daemon, command: str) -> None:
    """And then the command does what it would have done."""
    api.control("PUT", "integrations/42", {"indexing_cron": "0 5 * * *"})
    config.set(42, CRON).save()
    busy(api, "GET", 1, times=1)
    done = daemon.run(command)
    assert done.returncode == {"plan": 2, "apply": 0, "import": 0}[command], done
    assert "busy" not in done.stderr
    first, second = api.requests("GET")
    assert second["start"] - first["end"] >= 0.999
    if command == "plan":
        assert "0 5 * * * -> 0 6 * * *" in done.stdout
    assert len(api.requests()) == (command == "apply")


@pytest.mark.parametrize("seconds", [3600, 999999])
def test_a_long_time_is_reported(api: Api, config: Config, daemon: Daemon, seconds: int) -> None:
    """Nothing else is sent meanwhile; six hours are the most."""
    config.set(42, CRON).save()
    busy(api, "GET", seconds, times=0)
    shown = "1h" if seconds == 3600 else "6h"
    done = daemon.run("plan")
    assert done.returncode == 2 and f"503 busy; it asks to wait for {shown}" in done.stderr
    done = daemon.run("import")
    assert done.returncode == 1 and f"503 busy; it asks to wait for {shown}" in done.stderr
    done = daemon.run("apply", "--timeout=2s")
    assert done.returncode == 1, done
    assert f"the server asks to wait for {shown}: 503 busy" in done.stderr
    assert "is too late for --timeout=2s" in done.stderr
    assert not api.requests()
    assert len(api.requests("GET")) == 3


def test_updates_wait_as_the_list_was_asked_to(api: Api, config: Config, daemon: Daemon) -> None:
    """Longer than a request may take, but not than apply may."""
    config.settings["api.timeout"] = "1s"
    config.set(42, CRON).save()
    busy(api, "GET", 2, times=1)
    done = daemon.run("apply")
    assert done.returncode == 0, done
    (look,) = api.requests("GET")
    (update,) = api.requests()
    assert update["start"] - look["end"] >= 1.9


@pytest.mark.parametrize("value", ["1795703719", "9" * 24, "soon"])
def test_what_is_no_time_is_ignored_with_a_word(
    api: Api, config: Config, daemon: Daemon, value: str
) -> None:
    config.set(42, CRON).save()
    busy(api, "GET", value, times=1)
    done = daemon.run("apply")
    assert done.returncode == 0, done
    assert "its Retry-After is no time to wait for, and is ignored" in done.stderr
    assert len(api.requests()) == 1


def test_a_synchronisation_is_not_repeated(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    busy(api, "GET", 1, times=0)
    done = daemon.run("resync", "42")
    assert done.returncode == 1 and "503 busy; it asks to wait for 1s" in done.stdout
    assert len(api.requests("GET")) == 1
