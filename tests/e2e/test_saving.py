# SPDX-License-Identifier: MIT
"""Every way of saving the file, and what must not be taken for one."""
import os
import signal
from pathlib import Path

import pytest

from harness import KEY, PASSWORD, TOKEN, Api, Config, Daemon

BEFORE, AFTER = "0 6 * * *", "30 7 * * mon-fri"


@pytest.fixture
def settled(api: Api, config: Config, daemon: Daemon) -> Daemon:
    """Two integrations that the server has accepted."""
    config.set(42, BEFORE, name="Mode: Finance").set(43, False, name="Mode: Growth").save()
    daemon.start()
    daemon.accepted(42, 43)
    return daemon


def shows_edit(api: Api, daemon: Daemon, mark: int) -> None:
    """42 got its new schedule by one PUT, and 43 was left alone."""
    record = daemon.wait("update-accepted", id=42, after=mark)
    assert (record["DFMODE_CRON"], record["DFMODE_CRON_OLD"]) == (AFTER, BEFORE)
    assert api.crons() == {42: AFTER, 43: None}
    assert [request["id"] for request in api.requests()[2:]] == [42]
    assert len(daemon.all("config-loaded", after=mark)) == 1


def test_first_start_sends_all(api: Api, settled: Daemon) -> None:
    found = {id: (kept["name"], kept["indexing_cron"]) for id, kept in api.integrations().items()}
    assert found == {42: ("Mode: Finance", BEFORE), 43: ("Mode: Growth", None)}
    assert len(api.requests()) == 2
    assert all(request["headers"]["authorization"] == "Key " + KEY for request in api.requests())
    assert settled.all("started")


def test_edit_in_place(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    config.set(42, AFTER, name="Mode: Finance").save_in_place()
    shows_edit(api, settled, mark)


def test_edit_by_rename(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    config.set(42, AFTER, name="Mode: Finance").save()
    shows_edit(api, settled, mark)
    mark = settled.mark()
    config.set(42, BEFORE, name="Mode: Finance").save()
    settled.wait("update-accepted", id=42, after=mark)
    assert api.crons()[42] == BEFORE


def test_edit_by_delete_and_recreate(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    text = config.set(42, AFTER, name="Mode: Finance").text()
    config.path.unlink()
    settled.wait("config-rejected", after=mark)
    mark = settled.mark()
    config.save_in_place(text)
    shows_edit(api, settled, mark)


def test_edit_behind_a_symlink_that_is_repointed(
    api: Api, config: Config, daemon: Daemon, tmp_path: Path
) -> None:
    config.set(42, BEFORE).set(43, False)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "real.conf").write_text(config.text())
    (tmp_path / "current").symlink_to("one")
    config.path.symlink_to("current/real.conf")
    daemon.start()
    daemon.accepted(42, 43)
    mark = daemon.mark()
    (tmp_path / "two" / "real.conf").write_text(config.set(42, AFTER).text())
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").rename(tmp_path / "current")
    shows_edit(api, daemon, mark)


def test_five_quick_edits_are_one_reload(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["watch.settle"] = "400ms"
    config.set(42, BEFORE).set(43, False).save()
    daemon.start()
    daemon.accepted(42, 43)
    mark = daemon.mark()
    for minute in range(1, 5):
        config.set(42, f"{minute} 7 * * *").save()
    config.set(42, AFTER).save()
    shows_edit(api, daemon, mark)


def test_untouched_content_is_no_reload(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    config.save()
    os.utime(config.path)
    config.path.chmod(0o640)
    # The reload that must not have come would have come before this one.
    config.set(44, AFTER).save()
    settled.accepted(44)
    assert len(settled.all("config-loaded", after=mark)) == 1
    assert [request["id"] for request in api.requests()[2:]] == [44]


def test_equal_schedules_send_nothing(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    config.settings["log.level"] = "debug"
    config.save("# a remark\n" + config.text())
    settled.wait("config-loaded", after=mark)
    config.set(44, AFTER).save()
    settled.accepted(44)
    assert [request["id"] for request in api.requests()[2:]] == [44]


def test_hangup_reloads_and_sends_nothing(api: Api, config: Config, settled: Daemon) -> None:
    mark = settled.mark()
    settled.signal(signal.SIGHUP)
    config.set(44, AFTER).save()
    settled.accepted(44)
    assert settled.all("config-loaded", after=mark)
    assert len(api.requests()) == 3


def test_bad_edit_keeps_what_is_in_force(api: Api, config: Config, settled: Daemon) -> None:
    good = config.text()
    mark = settled.mark()
    config.set(42, AFTER, name="Mode: Finance")
    config.save(config.text() + "garbage here\n")
    record = settled.wait("config-rejected", after=mark)
    last = config.text().count("\n") + 1
    assert record["CONFIG_FILE"] == str(config.path)
    assert record["CONFIG_LINE"] in (last, last + 1)
    assert record.message.startswith(f"{config.path}:{record['CONFIG_LINE']}:")
    mark = settled.mark()
    config.save(good)
    config.set(44, AFTER).set(42, BEFORE, name="Mode: Finance").save()
    settled.accepted(44)
    assert len(api.requests()) == 3, "the refused file must have sent nothing"


@pytest.mark.parametrize("text", ["", "# nothing\n"], ids=["empty", "comment"])
def test_emptied_file_is_refused(api: Api, config: Config, settled: Daemon, text: str) -> None:
    mark = settled.mark()
    config.save_in_place(text)
    settled.wait("config-rejected", after=mark)
    mark = settled.mark()
    config.set(42, AFTER, name="Mode: Finance").save()
    shows_edit(api, settled, mark)
    assert not settled.all("integration-removed")


def test_last_integrations_leave_only_when_that_is_meant(
    api: Api, config: Config, settled: Daemon
) -> None:
    mark = settled.mark()
    config.integrations.clear()
    config.save()
    settled.wait("config-rejected", after=mark)
    assert not settled.all("integration-removed")
    config.settings["allow_empty"] = True
    config.save()
    settled.wait("integration-removed", id=42)
    settled.wait("integration-removed", id=43)
    assert len(api.requests()) == 2


def test_removed_integration_is_left_alone(api: Api, config: Config, settled: Daemon) -> None:
    del config.integrations[42]
    config.set(44, AFTER).save()
    settled.wait("integration-removed", id=42)
    settled.wait("integration-added", id=44)
    settled.accepted(44)
    assert [request["id"] for request in api.requests()[2:]] == [44]
    assert api.crons()[42] == BEFORE


def test_paused_integration_is_never_sent(api: Api, config: Config, settled: Daemon) -> None:
    config.set(42, AFTER, name="Mode: Finance", paused=True).set(44, AFTER).save()
    settled.accepted(44)
    assert [request["id"] for request in api.requests()[2:]] == [44]
    mark = settled.mark()
    config.set(42, AFTER, name="Mode: Finance").save()
    settled.accepted(42, after=mark)
    assert api.crons()[42] == AFTER


def test_new_secrets_are_sent_at_once(api: Api, config: Config, settled: Daemon) -> None:
    config.secret("token", TOKEN + "-new")
    requests = api.wait(4)
    assert {request["body"]["token"] for request in requests[2:]} == {TOKEN + "-new"}
    assert {request["body"]["password"] for request in requests} == {PASSWORD}


def test_drop_in_joins(api: Api, config: Config, settled: Daemon) -> None:
    directory = Path(str(config.path) + ".d")
    directory.mkdir()
    more = f'integrations = ( {{ id = 50; indexing_cron = "{AFTER}"; }} );\n'
    (directory / "more.conf").write_text(more)
    settled.accepted(50)
    assert api.crons() == {42: BEFORE, 43: None, 50: AFTER}
    (directory / "more.conf").unlink()
    settled.wait("integration-removed", id=50)


def test_include_is_watched(api: Api, config: Config, daemon: Daemon, tmp_path: Path) -> None:
    part = tmp_path / "parts" / "finance.conf"
    part.parent.mkdir()
    part.write_text(f'{{ id = 42; indexing_cron = "{BEFORE}"; }}\n')
    config.set(43, False)
    start = "integrations = (\n"
    config.save(config.text().replace(start, start + '@include "parts/finance.conf"\n,\n'))
    daemon.start()
    daemon.accepted(42, 43)
    mark = daemon.mark()
    part.write_text(f'{{ id = 42; indexing_cron = "{AFTER}"; }}\n')
    shows_edit(api, daemon, mark)
