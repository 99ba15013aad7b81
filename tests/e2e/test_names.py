# SPDX-License-Identifier: MIT
"""A server that trims names: what is accepted twice, and listed otherwise each time, is sent no more, and said once."""
from harness import TOKEN, Api, Config, Daemon

CRON = "0 6 * * *"


def test_trimmed_name_is_sent_twice(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON, name="Mode: Finance  ", workspace=" acme").save()
    shown = [{"id": 42, "type": "mode", "indexing_cron": CRON, "name": "Mode: Finance", "workspace": "acme"}]
    done = daemon.run("apply")
    assert done.returncode == 0 and len(api.requests()) == 1
    api.script(method="GET", times=0, status=200, json=shown)
    assert daemon.run("plan").returncode == 2
    assert daemon.run("apply").returncode == 0 and len(api.requests()) == 2
    assert daemon.run("plan").returncode == 0
    done = daemon.run("apply")
    assert done.returncode == 0 and len(api.requests()) == 2
    words = "the server has name 'Mode: Finance' and workspace 'acme', though it accepted that of the file twice"
    assert words in done.stderr
    for _ in range(2):
        done = daemon.run("apply")
        assert words not in done.stderr and "nothing to do" in done.stdout
        assert daemon.run("plan").returncode == 0
    assert len(api.requests()) == 2
    # Another name is sent, and has two tries of its own; and another schedule is never left.
    config.set(42, CRON, name="Mode: Growth ", workspace=" acme").save()
    assert daemon.run("apply").returncode == 0 and len(api.requests()) == 3
    shown[0]["indexing_cron"] = "0 5 * * *"
    api.clear_scripts()
    api.script(method="GET", times=0, status=200, json=shown)
    for count in range(4, 7):
        assert daemon.run("apply").returncode == 0 and len(api.requests()) == count


def test_secret_in_place_of_a_name_is_redacted(api: Api, config: Config, daemon: Daemon) -> None:
    config.set(42, CRON, name="Mode").save()
    shown = [{"id": 42, "type": "mode", "indexing_cron": CRON, "name": f"x {TOKEN}"}]
    daemon.run("apply")
    api.script(method="GET", times=0, status=200, json=shown)
    daemon.run("apply")
    assert "the server has name 'x [redacted]'" in daemon.run("apply").stderr
