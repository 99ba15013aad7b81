# SPDX-License-Identifier: MIT
"""resync: by hand, once for each id, and never again by itself."""
from harness import KEY, Api, Config, Daemon


def asked(api: Api) -> list[str]:
    return [f"{r['method']} {r['path']}" for r in api.requests(method="*")]


def path(id: int) -> str:
    return f"GET /api/v1/lineage/bi/{id}/sync/"


def test_each_is_asked_once_in_order(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, False, name="Mode: Finance").save()
    api.script(method="GET", times=0, status=200, json={})
    done = daemon.run("resync", "43", "42", "43", "042")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "integration 43: synchronisation started\n"
        "integration 42 'Mode: Finance': synchronisation started\n"
    )
    assert asked(api) == [path(43), path(42)]


def test_failures_are_told_and_not_retried(api: Api, config: Config, daemon: Daemon) -> None:
    config.save()
    api.script(method="GET", id=42, times=0, status=503, headers={"Retry-After": "1"}, json={})
    api.script(method="GET", id=43, times=0, fault="close")
    api.script(method="GET", id=44, times=0, status=200, json={})
    done = daemon.run("resync", "44", "43", "42", "45")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "integration 44: synchronisation started"
    assert lines[1] == "integration 43: no answer: Empty reply from server"
    assert lines[2].startswith("integration 42: 503 ")
    assert lines[3] == f"integration 45: 404 BI data source not found, asked for {api.url}{path(45).split()[1]}"
    assert asked(api) == [path(44), path(43), path(42), path(45)]
    assert daemon.run("resync", "43").returncode == 69


def test_refused_key_stops_there(api: Api, config: Config, daemon: Daemon) -> None:
    config.save()
    api.script(method="GET", times=0, status=403, json={"detail": KEY})
    done = daemon.run("resync", "42", "43", "44")
    assert done.returncode == 77
    assert done.stdout == "integration 42: 403 [redacted]\nthe key is refused: 2 not asked\n"
    assert asked(api) == [path(42)]


def test_nobody_there(absent: Daemon) -> None:
    absent.config.save()
    done = absent.run("resync", "42", "43")
    assert done.returncode == 69 and done.stdout.count("no answer: Failed to connect") == 2


def test_wrong_words_ask_nothing(api: Api, config: Config, daemon: Daemon) -> None:
    config.save()
    for words in ((), ("42", "x\x1b"), ("0",), ("42", "9223372036854775808"), ("4.2",)):
        done = daemon.run("resync", *words)
        assert (done.returncode, done.stdout) == (64, "") and "\x1b" not in done.stderr
    config.save("api = {")
    assert daemon.run("resync", "42").returncode == 78
    assert not asked(api)
