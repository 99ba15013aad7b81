# SPDX-License-Identifier: MIT
"""What is sent: exactly the published body, with the types that it asks for, and the key."""
import json

import pytest

from harness import KEY, PASSWORD, TOKEN, Api, Config, Daemon

CRON = "*/15 6-18 * * mon-fri"


def sent(api: Api, config: Config, daemon: Daemon) -> dict[str, object]:
    config.save()
    daemon.start()
    daemon.accepted(42)
    (request,) = api.requests(id=42)
    return json.loads(request["raw"])


def test_only_what_is_given_is_sent(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON)
    body = sent(api, config, daemon)
    assert body == {"indexing_cron": CRON, "token": TOKEN, "password": PASSWORD}


def test_false_is_null(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, False, name="N", workspace="acme")
    assert sent(api, config, daemon) == {
        "indexing_cron": None,
        "name": "N",
        "workspace": "acme",
        "token": TOKEN,
        "password": PASSWORD,
    }


def test_default_workspace_is_sent(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["defaults.workspace"] = "acme"
    config.set(42, CRON)
    assert sent(api, config, daemon)["workspace"] == "acme"


def test_own_value_beats_the_default(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["defaults.workspace"] = "acme"
    config.set(42, CRON, workspace="other", token="CANARY-own")
    body = sent(api, config, daemon)
    assert (body["workspace"], body["token"], body["password"]) == ("other", "CANARY-own", PASSWORD)


def test_name_with_any_letters_arrives_as_it_is(api: Api, config: Config, daemon: Daemon) -> None:
    name = 'Finanças "Q3" \\ 財務 🗓 / </script>'
    config.set(42, CRON, name=name)
    assert sent(api, config, daemon)["name"] == name
    assert daemon.wait("update-accepted")["DFMODE_INTEGRATION_NAME"] == name


def test_largest_id(api: Api, config: Config, daemon: Daemon) -> None:
    id = 2**63 - 1
    config.set(id, CRON).save()
    daemon.start()
    daemon.accepted(id)
    assert api.requests()[0]["path"].endswith(f"/{id}/")


@pytest.mark.parametrize(
    "where", ["inline", "file", "credential", "well-known credential", "environment"]
)
def test_key_from(api: Api, config: Config, daemon: Daemon, where: str) -> None:
    environment = {}
    config.settings["api.key_file"] = None
    if where == "inline":
        config.settings["api.key"] = KEY
    elif where == "file":
        config.settings["api.key_file"] = str(config.secrets / "api-key")
    elif where == "environment":
        environment["DATAFOLD_API_KEY"] = KEY
    else:
        environment["CREDENTIALS_DIRECTORY"] = str(config.secrets)
        name = "api-key" if where == "credential" else "datafold-api-key"
        config.secret(name, KEY)
        config.settings["api.key_credential"] = name if where == "credential" else None
    config.set(42, CRON).save()
    api.options(keys=[KEY])
    daemon.start(**environment)
    daemon.accepted(42)


def test_key_of_the_file_beats_the_environment(api: Api, config: Config, daemon: Daemon) -> None:
    api.options(keys=[KEY])
    config.set(42, CRON).save()
    daemon.start(DATAFOLD_API_KEY="CANARY-other")
    daemon.accepted(42)


def test_proxy_of_the_environment_is_not_used(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON).save()
    daemon.start(http_proxy="http://127.0.0.1:1", all_proxy="http://127.0.0.1:1")
    daemon.accepted(42)
