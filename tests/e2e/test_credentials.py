# SPDX-License-Identifier: MIT
"""New credentials are noticed whatever happens between the edit and the next start."""
import json
import shutil
import signal
from typing import Any

import pytest

from harness import Api, Config, Daemon, until

CRON = "0 6 * * *"


def tokens(api: Api, id: int = 42) -> list[Any]:
    return [request["body"]["token"] for request in api.requests(id=id)]


def set_up(config: Config) -> None:
    config.secret("token", "first-token")
    config.set(42, CRON).save()


def is_on_disk(daemon: Daemon) -> bool:
    state = (daemon.state / "state.json").read_text()
    return '"intended":false' in state and '"accepted_at":null' not in state


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda n: n.name)
@pytest.mark.parametrize("refused", [False, True], ids=["good", "refused"])
def test_saved_just_before_the_end(
    api: Api, config: Config, daemon: Daemon, number: signal.Signals, refused: bool
) -> None:
    set_up(config)
    if not refused:
        config.settings["watch.settle"] = "1h"  # the end comes before the daemon has read it
        config.save()
    daemon.start()
    daemon.accepted(42)
    until(lambda: is_on_disk(daemon), "the state has it as accepted")
    if refused:
        good = config.path.read_text()
        config.path.write_text(good + "integrations = (\n")
        daemon.wait("config-rejected")
    config.secret("token", "second-token")
    assert daemon.process is not None
    daemon.process.send_signal(number)
    daemon.process.wait()
    if refused:
        config.path.write_text(good)
    is_sent = tokens(api)[-1] == "second-token"
    done = daemon.run("plan")
    if not is_sent:
        assert done.returncode == 2, done
        assert "token or password changed since they were accepted" in done.stdout
    mark = daemon.mark()
    daemon.start()
    if not is_sent:
        daemon.accepted(42, after=mark)
    assert tokens(api)[-1] == "second-token"
    daemon.stop()
    assert daemon.run("plan").returncode == 0
    assert "second-token" not in (daemon.state / "state.json").read_text()


def test_apply_notices_them(api: Api, config: Config, daemon: Daemon) -> None:
    set_up(config)
    assert daemon.run("apply").returncode == 0
    config.secret("token", "second-token")
    plan = json.loads(daemon.run("plan", "--json").stdout)
    assert [change["credentials"]["differs"] for change in plan["changes"]] == [True]
    assert daemon.run("apply").stdout.startswith("1 accepted, ")
    assert daemon.run("apply").stdout.startswith("nothing to do: ")
    assert tokens(api) == ["first-token", "second-token"]


@pytest.mark.parametrize("loss", ["gone", "another", "cut", "large"])
def test_lost_key_is_a_warning_and_sends_nothing(
    api: Api, config: Config, daemon: Daemon, loss: str
) -> None:
    set_up(config)
    daemon.start()
    daemon.accepted(42)
    daemon.stop()
    key = daemon.state / "state.key"
    assert key.stat().st_mode & 0o7777 == 0o600 and key.stat().st_size == 16
    if loss == "gone":
        key.unlink()
    else:
        key.write_bytes({"another": b"x" * 16, "cut": b"x" * 15, "large": b"x" * 17}[loss])
    mark = daemon.mark()
    daemon.start()
    record = daemon.wait("state-corrupt", after=mark)
    assert record["PRIORITY"] == 4 and "state.key is lost" in record["MESSAGE"]
    config.set(43, CRON).save()
    daemon.accepted(43, after=mark)
    assert len(api.requests(id=42)) == 1
    daemon.stop()
    config.secret("token", "second-token")
    mark = daemon.mark()
    daemon.start()
    daemon.accepted(42, 43, after=mark)
    assert tokens(api)[-1] == "second-token"


def test_state_of_the_first_release_is_taken_over(
    api: Api, config: Config, daemon: Daemon
) -> None:
    set_up(config)
    entry = (
        f'{{"version":1,"url":"{api.url}","integrations":[\n'
        f'{{"id":42,"accepted_at":1700000000,"intended":false,"indexing_cron":"{CRON}",'
        f'"name":null,"workspace":null}}\n],'
    )
    check = 14695981039346656037
    for byte in entry.encode():
        check = (check ^ byte) * 1099511628211 % 2**64
    (daemon.state / "state.json").write_text(f'{entry}"check":"{check:016x}"}}\n')
    daemon.start()
    config.set(43, CRON).save()
    daemon.accepted(43)
    assert not daemon.all("state-corrupt") and not api.requests(id=42)
    daemon.stop()
    config.secret("token", "second-token")
    daemon.start()
    daemon.accepted(42)
    assert tokens(api) == ["second-token"]


def test_state_without_its_directory_starts_afresh(
    api: Api, config: Config, daemon: Daemon
) -> None:
    set_up(config)
    assert daemon.run("apply").returncode == 0
    for path in daemon.state.iterdir():
        path.unlink()
    shutil.rmtree(daemon.state)
    assert daemon.run("apply").returncode == 0
    assert (daemon.state / "state.key").stat().st_size == 16
