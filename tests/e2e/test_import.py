# SPDX-License-Identifier: MIT
"""import: what the server has as a file that check takes once it is filled in, and plan agrees with."""
import re
from typing import Any

import pytest

from harness import KEY, Api, Config, Daemon, usual_file

NASTY = 'a "b" \\ \\n # no comment /* nor this é 漢 */ ); @include "x"'


def mode(id: Any, cron: Any, **others: Any) -> dict[str, Any]:
    return {"id": id, "type": "Mode", "indexing_cron": cron, **others}


def lists(api: Api, items: Any) -> None:
    api.script(method="GET", times=0, status=200, json=items)


def filled_in(config: Config, text: str) -> str:
    names = {"key_file": "api-key", "token_file": "token", "password_file": "password"}
    for key, name in names.items():
        text, count = re.subn(rf'{key} = ""; # FILL IN.*', f'{key} = "{config.secrets}/{name}";', text)
        assert count == 1, text
    return text


def test_filled_in_it_is_what_the_server_has(api: Api, config: Config, daemon: Daemon) -> None:
    config.integrations.clear()
    config.save()
    lists(api, {"items": [
        mode(43, None, name=NASTY, workspace="acme"),
        mode("42", "0 6 * * mon-fri", name="Mode: Finance", workspace=""),
        mode(9223372036854775807, "@daily"),
        mode(44, "0 7 * * *", name="x\u0001\n y", workspace="w" * 2000),
        {"id": 45, "indexing_cron": "5 * * * *"},
        mode(46, "0 7 * * *", name="is " + KEY),
        {"id": 47, "type": "tableau", "indexing_cron": "5 * * * *"},
    ]})  # fmt: skip
    done = daemon.run("import")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"# What {api.url} listed at 20" in done.stdout
    assert ": 6 integrations of Mode; left out: 1 of another type.\n" in done.stdout
    assert "# name: 'x\\x01\\n y' there, which no file may hold" in done.stdout
    assert "# name: 'is [redacted]' there, which" in done.stdout
    assert "does not say whether it is Mode's\n        indexing_cron = \"5 " in done.stdout
    config.save(done.stdout)
    refused = daemon.run("check")
    assert refused.returncode == 78 and "3 errors" in refused.stderr
    config.save(filled_in(config, done.stdout))
    assert daemon.run("check").returncode == 0
    plan = daemon.run("plan")
    assert (plan.returncode, plan.stderr) == (0, "")
    assert plan.stdout.endswith("\n\nnothing to do: 6 equal\n")
    assert {r["method"] for r in api.requests(method="*")} == {"GET"}


def test_what_is_not_known_is_not_guessed(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(99, False).save()
    lists(api, [mode(42, "at six \u001b"), {"id": 43, "type": "mode"}, mode(44, None), mode(44, "")])
    done = daemon.run("import")
    assert "# the server has 'at six \\x1b', which is no schedule\n" in done.stdout
    assert done.stdout.count("# the server does not show the schedule\n") == 2
    assert done.stdout.count('indexing_cron = ""; # FILL IN') == 3
    config.save(filled_in(config, done.stdout))
    refused = daemon.run("check")
    assert refused.returncode == 78 and refused.stderr.count("error: indexing_cron: ") == 3


def test_needs_the_api_only(api: Api, config: Config, daemon: Daemon) -> None:
    lists(api, [])
    config.save(f'api = {{ url = "{api.url}"; key = "{KEY}"; }};\n')
    done = daemon.run("import")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("integrations = (\n);\n")
    config.save(f'api = {{ url = "{api.url}"; }};\n')
    assert daemon.run("import", DATAFOLD_API_KEY=KEY).returncode == 0
    done = daemon.run("import")
    assert (done.returncode, done.stdout) == (78, "")
    config.save('api = { url = "x"; };\n')
    assert daemon.run("import", DATAFOLD_API_KEY=KEY).returncode == 78
    config.path.unlink()
    assert daemon.run("import", DATAFOLD_API_KEY=KEY).returncode == 78


@pytest.mark.skipif(usual_file().exists(), reason="there is a configuration")
def test_without_any_file_the_key_is_what_is_missing(daemon: Daemon) -> None:
    daemon.config.path = usual_file()
    done = daemon.run("import")
    assert (done.returncode, done.stdout) == (78, "") and "DATAFOLD_API_KEY" in done.stderr


def test_failures(api: Api, config: Config, daemon: Daemon) -> None:
    config.save()
    api.script(method="GET", status=401, json={"detail": KEY})
    done = daemon.run("import")
    assert (done.returncode, done.stdout) == (77, "")
    assert done.stderr == f"error: {api.url}: 401 [redacted]\n"
    api.script(method="GET", status=200, text="<html>")
    assert daemon.run("import").returncode == 1


def test_nobody_there(absent: Daemon) -> None:
    absent.config.save()
    assert absent.run("import").returncode == 69
