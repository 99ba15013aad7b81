# SPDX-License-Identifier: MIT
"""Who asks the running service, from where; and what root's check and plan see of its credentials."""
import pytest

from harness import Api
from machine import Service

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
ELSEWHERE = (
    "mkdir -p /tmp/elsewhere/run && mount --bind /run/dfmode-sync /tmp/elsewhere/run && "
    "mount -t tmpfs none /run && RUNTIME_DIRECTORY=/tmp/elsewhere/run dfmode-sync {words}"
)


def unit(user: str) -> tuple[str, ...]:
    """A service of another kind, in a user namespace of its own."""
    options = ("--quiet", "--wait", "--pipe", "-p", "PrivateUsers=yes", "-p", f"User={user}")
    return ("systemd-run", *options)


@pytest.fixture
def running(service: Service, api: Api) -> Service:
    service.start()
    api.wait(2, status=200)
    service.machine.run("dfmode-sync", "wait")
    return service


@pytest.mark.parametrize("before", [(), NOBODY, unit("root"), unit("nobody"), unit("dfmode-sync")])
def test_anybody_may_ask_for_the_status(running: Service, before: tuple[str, ...]) -> None:
    done = running.machine.run(*before, "dfmode-sync", "status")
    assert done.stdout.startswith("2 of 2 in sync\n") and done.stderr == ""


@pytest.mark.parametrize("before", [NOBODY, unit("nobody")])
@pytest.mark.parametrize("words", [("push", "42"), ("wait",), ("reload",)])
def test_others_may_not_act(
    running: Service, api: Api, before: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = running.machine.run(*before, "dfmode-sync", *words, check=False)
    assert (done.returncode, done.stdout) == (77, "")
    assert done.stderr == "this is for root and the user of the service\n"
    assert len(api.requests()) == 2


@pytest.mark.parametrize("before", [(), unit("root"), unit("dfmode-sync")])
def test_root_and_the_own_user_may_act(running: Service, before: tuple[str, ...]) -> None:
    done = running.machine.run(*before, "dfmode-sync", "push", "42")
    assert done.stdout == "integration 42 'Mode: Finance': accepted\n"


def test_the_socket_works_from_another_mount_namespace(running: Service) -> None:
    """As it is with a container that has the runtime directory mounted."""
    for words in ("status", "push 42"):
        done = running.machine.run("unshare", "-m", "sh", "-c", ELSEWHERE.format(words=words))
        assert done.stdout and done.stderr == ""


HIDDEN = "credential 'token' is not checked: only the service can read it"


def with_credentials(service: Service, *names: str) -> None:
    lines = [f"LoadCredential={name}:/etc/dfmode-sync/{path}" for name, path in (name.split(":") for name in names)]
    service.drop_in("[Service]\n" + "\n".join(lines) + "\n")


def test_credentials_are_found_while_the_unit_runs(service: Service, api: Api) -> None:
    machine = service.machine
    with_credentials(service, "token:mode-token")
    service.config.settings["defaults.token_file"] = None
    service.config.settings["defaults.token_credential"] = "token"
    service.config.save()
    service.start()
    api.wait(2, status=200)
    machine.run("dfmode-sync", "wait")
    assert machine.run("dfmode-sync", "check").stderr == ""
    done = machine.run("dfmode-sync", "plan")
    assert done.stderr == "" and done.stdout.endswith("\nnothing to do: 2 equal\n")
    service.stop()
    assert HIDDEN in machine.run("dfmode-sync", "check").stderr
    done = machine.run("dfmode-sync", "plan")
    assert done.stdout.endswith("\nnothing to do: 2 equal\n")
    assert done.stderr == "note: credentials that only the service can read count as unchanged\n"


def test_without_the_key_plan_goes_by_what_was_accepted(service: Service, api: Api) -> None:
    machine = service.machine
    with_credentials(service, "datafold-api-key:api-key")
    service.config.settings["api.key_file"] = None
    service.config.save()
    service.start()
    api.wait(2, status=200)
    machine.run("dfmode-sync", "wait")
    assert machine.run("dfmode-sync", "plan").stderr == ""
    service.stop()
    service.config.set(42, "5 6 * * *", name="Mode: Finance").save()
    asked = len(api.requests("GET"))
    done = machine.run("dfmode-sync", "plan", check=False)
    assert done.returncode == 2 and "\n~ 42 'Mode: Finance'  0 6 * * * -> 5 6 * * *\n" in done.stdout
    assert "the API key is a credential that only the service can read" in done.stderr
    assert len(api.requests("GET")) == asked
