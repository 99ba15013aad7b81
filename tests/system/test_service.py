# SPDX-License-Identifier: MIT
"""Start, edit, reload, stop, restart: what an operator does with systemctl."""
import json
import re
import time

from harness import Api
from machine import Config, Machine, Service


def spoil(config: Config) -> None:
    text = config.text()
    config.save(re.sub(r'indexing_cron = "\S+ \S+', 'indexing_cron = "0 25', text, count=1))


def test_started_means_loaded_and_the_values_go_out(service: Service, api: Api) -> None:
    service.start()
    assert service.show("ActiveState") == "active"
    assert service.show("Type") == "notify"
    assert service.records("config-loaded"), "READY came before the file was loaded"
    api.wait(2, status=200)
    assert api.crons() == {42: "0 6 * * *", 43: "30 7 * * mon"}
    service.wait_for("StatusText", "2 of 2 in sync")


def test_started_while_the_server_is_down(service: Service, shared_api: Api) -> None:
    shared_api.stop()
    try:
        service.start()
        assert service.show("ActiveState") == "active"
        service.wait("update-failed")
    finally:
        shared_api.start()
    shared_api.wait(2, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")


def test_saved_with_vim(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    edit = ("-es", "-c", "%s/0 6 /0 8 /", "-c", "wq")
    service.machine.run("vim.tiny", *edit, "/etc/dfmode-sync.conf")
    api.wait(3, status=200)
    assert api.crons() == {42: "0 8 * * *", 43: "30 7 * * mon"}


def test_reload_of_a_good_file(service: Service, api: Api) -> None:
    service.config.settings["watch.settle"] = "1h"
    service.config.settings["watch.sweep"] = "1h"
    service.config.save()
    service.start()
    api.wait(2, status=200)
    service.config.set(42, "0 9 * * *").save()
    mark = service.mark()
    service.systemctl("reload")
    api.wait(3, status=200)
    assert len(service.records("config-loaded", mark)) == 1, "one signal, not two"
    logged = service.machine.run("journalctl", "-u", service.unit, mark).stdout
    assert "at 09:00" not in logged, "a table of all that is good is no record"
    assert api.crons()[42] == "0 9 * * *"
    assert service.show("ActiveState") == "active"


def test_reload_of_a_bad_file_fails_at_once_and_changes_nothing(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    spoil(service.config)
    start = time.monotonic()
    done = service.machine.run("systemctl", "reload", service.unit, check=False)
    took = time.monotonic() - start
    assert done.returncode != 0
    assert took < 1, f"it took {took:.3f} s"
    assert service.show("ActiveState") == "active"
    service.wait("config-rejected")
    lead = "the file has faults and is not in force; "
    service.wait_for("StatusText", lead + "2 of 2 in sync")
    status = service.status()
    assert f'Status: "{lead}2 of 2 in sync"' in status
    assert "indexing_cron: hour 25 is outside 0-23" in status
    # Its correction is seen without a command.
    service.config.set(43, "0 1 * * *").save()
    requests = api.wait(3, status=200)
    assert [request["id"] for request in requests[2:]] == [43]
    service.wait_for("StatusText", "2 of 2 in sync")


def test_bad_file_at_start_fails_once(service: Service, api: Api) -> None:
    service.drop_in("[Service]\nRestartSec=10ms\n")
    spoil(service.config)
    done = service.machine.run("systemctl", "start", service.unit, check=False)
    assert done.returncode != 0
    service.wait_for("ActiveState", "failed")
    assert service.show("ExecMainStatus") == "78"
    assert service.show("Result") == "exit-code"
    assert service.show("NRestarts") == "0"
    record = service.wait("config-rejected")
    assert record["CONFIG_FILE"] == "/etc/dfmode-sync.conf"
    assert record["CONFIG_LINE"] == str(service.config.line(42, "indexing_cron"))
    assert api.requests() == []


def test_second_instance_by_hand(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    words = ("runuser", "-u", "dfmode-sync", "--", "dfmode-sync", "run")
    done = service.machine.run(*words, check=False)
    assert done.returncode == 75
    assert "already running as process " in done.stderr
    assert service.show("ActiveState") == "active"


def test_instances_of_the_template_beside_the_service(
    service: Service, machine: Machine, api: Api
) -> None:
    config = Config(machine, api.url, "/etc/dfmode-sync/emea.conf")
    config.set(77, "15 5 * * *").save()
    instance = Service(machine, config, "dfmode-sync@emea.service")
    service.start()
    instance.start()
    api.wait(3, status=200)
    assert api.crons()[77] == "15 5 * * *"
    instance.wait_for("StatusText", "1 of 1 in sync")
    assert machine.path("/var/lib/dfmode-sync-emea/state.json").exists()
    # Its status is asked for by its file; another's by the file of the other.
    done = machine.run("dfmode-sync", "-c", "/etc/dfmode-sync/emea.conf", "status")
    assert "15 5 * * *" in done.stdout and "0 6 * * *" not in done.stdout
    inside = "cd /etc/dfmode-sync && exec dfmode-sync -c emea.conf status"
    again = machine.run("sh", "-c", inside)
    assert "15 5 * * *" in again.stdout and "0 6 * * *" not in again.stdout
    assert "/etc/dfmode-sync/emea.conf to " in again.stdout
    assert "0 6 * * *" in machine.run("dfmode-sync", "status").stdout
    # What the one leaves behind is not the other's.
    service.stop()
    machine.run("test", "-e", "/run/dfmode-sync-emea/control")
    config.set(77, "15 6 * * *").save()
    instance.systemctl("reload")
    api.wait(2, id=77, status=200)
    spoil(config)
    assert machine.run("systemctl", "reload", instance.unit, check=False).returncode != 0


def test_restart_sends_nothing(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")
    for _ in range(3):
        service.systemctl("restart")
    service.wait_for("StatusText", "2 of 2 in sync")
    # A request after these restarts would come before the one that an edit makes now.
    service.config.set(43, "0 2 * * *").save()
    requests = api.wait(3)
    assert [request["id"] for request in requests[2:]] == [43]


def test_stop_waits_for_the_answer_that_comes(service: Service, api: Api) -> None:
    api.script(id=42, hold="answer")
    service.start()
    api.wait(1, id=42)
    service.systemctl("stop", "--no-block")
    service.wait("stopping")
    assert service.show("ActiveState") == "deactivating"
    api.release("answer")
    service.wait_for("ActiveState", "inactive")
    assert service.show("Result") == "success"
    service.start()
    service.wait_for("StatusText", "2 of 2 in sync")
    assert len(api.requests(id=42)) == 1


def test_stop_ends_within_its_limit_and_nothing_is_lost(service: Service, api: Api) -> None:
    api.script(id=42, fault="stall")
    service.start()
    api.wait(1, id=42)
    start = time.monotonic()
    service.stop()
    took = time.monotonic() - start
    assert 4 < took < 8, f"it took {took:.1f} s"
    assert service.show("Result") == "success"
    assert service.show("ExecMainStatus") == "0"
    message = service.wait("stopping")["MESSAGE"]
    assert message == "stopping on SIGTERM, 1 request in flight"
    service.start()
    api.wait(1, id=42, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")


def test_status_after_a_reload_knows_what_the_server_will_say(service: Service, api: Api) -> None:
    """Right after the reload: the edit is on its way or rejected, and never "in sync"."""
    service.start()
    api.wait(2, status=200)
    api.script(id=42, status=422, times=0)
    service.config.set(42, "0 9 * * *").save()
    service.systemctl("reload")
    for _ in range(20):
        status = json.loads(service.machine.run("dfmode-sync", "status", "--json", check=False).stdout)
        states = {row["id"]: row["state"] for row in status["integrations"]}
        assert states[42] in ("due", "in-flight", "rejected"), states
    done = service.machine.run("dfmode-sync", "wait", "42", check=False)
    assert done.returncode == 1 and "422" in done.stdout + done.stderr


def test_reload_with_a_missing_credential_fails(service: Service, api: Api) -> None:
    service.start()
    api.wait(2, status=200)
    service.config.settings["api.key_file"] = None
    service.config.settings["api.key_credential"] = "not-there"
    service.config.save()
    done = service.machine.run("systemctl", "reload", service.unit, check=False)
    assert done.returncode != 0
    assert service.show("ActiveState") == "active"
    service.wait("config-rejected")


def test_anybody_may_ask_for_the_status(service: Service, api: Api) -> None:
    """Also under PrivateUsers=, where the daemon sees every other user as 65534."""
    service.start()
    api.wait(2, status=200)
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
    done = service.machine.run(*nobody, "dfmode-sync", "status", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    done = service.machine.run(*nobody, "dfmode-sync", "reload", check=False)
    assert done.returncode == 77
