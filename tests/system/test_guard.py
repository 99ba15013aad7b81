# SPDX-License-Identifier: MIT
"""The walls around the daemon, its secrets, and what brings it back."""
from harness import CANARY, KEY, Api
from machine import Service

QUICK = "[Service]\nRestartSec=50ms\n"
NEW_KEY = f"{CANARY}-key-renewed"


def from_credentials(service: Service) -> None:
    config = service.config
    for name in ("api.key", "defaults.token", "defaults.password"):
        config.settings[name + "_file"] = None
        config.settings[name + "_credential"] = name.replace(".", "-")
    config.save()


LOAD = (
    "[Service]\n"
    "LoadCredential=api-key:/etc/dfmode-sync/api-key\n"
    "LoadCredential=defaults-token:/etc/dfmode-sync/mode-token\n"
    "LoadCredential=defaults-password:/etc/dfmode-sync/mode-password\n"
)


def test_secrets_from_credentials(service: Service, api: Api) -> None:
    """Kept from the daemon itself; a new one arrives with a restart, which sends nothing more."""
    from_credentials(service)
    service.drop_in(LOAD)
    for path in service.config.secrets.iterdir():
        path.chmod(0o600)
    api.options(keys=[KEY])
    service.start()
    api.wait(2, status=200)
    service.systemctl("reload")
    api.options(keys=[NEW_KEY])
    service.config.secret("api-key", NEW_KEY)
    service.systemctl("restart")
    service.config.set(42, "0 1 * * *").save()
    requests = api.wait(3, done=True)
    assert [(request["id"], request["status"]) for request in requests[2:]] == [(42, 200)]


def test_key_from_an_encrypted_credential(service: Service, api: Api) -> None:
    service.config.settings["api.key_file"] = None
    service.config.save()
    service.machine.run("systemd-creds", "setup")
    service.machine.run(
        "systemd-creds", "encrypt", "--with-key=host", "--name=datafold-api-key",
        "/etc/dfmode-sync/api-key", "/etc/dfmode-sync/api-key.cred",
    )
    service.drop_in(
        "[Service]\nLoadCredentialEncrypted=datafold-api-key:/etc/dfmode-sync/api-key.cred\n"
    )
    api.options(keys=[KEY])
    service.start()
    api.wait(2, status=200)
    service.systemctl("reload")


def test_renewed_key_file_is_taken_up(service: Service, api: Api) -> None:
    """Root's file, readable by the daemon's group: also through PrivateUsers=."""
    assert service.show("PrivateUsers") == "yes"
    api.options(keys=[KEY])
    service.start()
    api.wait(2, status=200)
    api.options(keys=[NEW_KEY])
    service.config.set(42, "0 1 * * *").save()
    api.wait(1, id=42, status=401)
    service.wait("update-rejected")
    service.config.secret("api-key", NEW_KEY)
    api.wait(2, id=42, status=200)
    service.wait_for("StatusText", "2 of 2 in sync")


def test_frozen_daemon_is_replaced(service: Service, api: Api) -> None:
    service.drop_in(QUICK + "WatchdogSec=1s\n")
    service.start()
    api.wait(2, status=200)
    pid = service.main_pid()
    service.kill("STOP")
    service.config.set(42, "0 1 * * *").save()
    service.wait_for("NRestarts", "1")
    api.wait(3, status=200)
    assert api.crons()[42] == "0 1 * * *"
    assert service.main_pid() != pid
    logged = service.machine.run("journalctl", "-u", service.unit, service.since)
    assert "Watchdog timeout" in logged.stdout
    # One that is well is left alone.
    pid = service.main_pid()
    service.machine.run("sleep", "2.5")
    assert service.main_pid() == pid


def test_killed_daemon_loses_nothing(service: Service, api: Api) -> None:
    service.drop_in(QUICK)
    service.start()
    api.wait(2, status=200)
    api.script(id=42, hold="dark", apply=True)
    service.config.set(42, "0 1 * * *").save()
    api.wait(2, id=42)
    service.kill("KILL")
    service.wait_for("NRestarts", "1")
    api.wait(2, id=42, status=200)
    assert api.crons() == {42: "0 1 * * *", 43: "30 7 * * mon"}
    assert len(api.requests(id=43)) == 1
    service.wait_for("StatusText", "2 of 2 in sync")


def test_no_system_call_that_is_refused_is_needed(service: Service, api: Api) -> None:
    """Where the unit has them fail, here they kill: a day of the daemon, without any."""
    service.drop_in(QUICK + "SystemCallErrorNumber=kill\n")
    service.start()
    api.wait(2, status=200)
    service.config.save("nonsense\n")
    service.wait("config-rejected")
    api.script({"id": 42, "status": 503}, {"id": 43, "fault": "reset"})
    service.config.set(42, "0 1 * * *").set(43, "0 2 * * *").save()
    api.wait(2, id=42, status=200)
    api.wait(2, id=43, status=200)
    service.systemctl("reload")
    service.wait_for("StatusText", "2 of 2 in sync")
    service.stop()
    assert service.show("Result") == "success"
    assert service.show("NRestarts") == "0"
