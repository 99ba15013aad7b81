# SPDX-License-Identifier: MIT
"""metrics_file: what it counts, when it is written, and that Prometheus' own tools take it."""
import os
import re
import shutil
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import Callable, Optional

import pytest

from harness import Api, Config, Daemon, until
from test_outage import fast_clock

CRON, OTHER, REFUSED = "0 6 * * *", "0 7 * * *", "0 6 ? * mon-fri"
MANUAL = Path(__file__).parent.parent.parent / "man" / "dfmode-sync.8"

Samples = dict[str, float]


def parse(text: str) -> Samples:
    """Each sample by its name and labels, but for the configuration's; the format is held strictly."""
    samples: Samples = {}
    types: dict[str, str] = {}
    lines = text.splitlines()
    assert text.endswith("\n# EOF\n"), f"cut off: {text[-200:]!r}"
    for line in lines[:-1]:
        head = re.fullmatch(r"# (HELP|TYPE) (\w+) (.+)", line)
        if head:
            assert head[1] == "HELP" or head[3] in ("gauge", "counter"), line
            types[head[2]] = head[3]
            continue
        found = re.fullmatch(r'(\w+)\{config="((?:[^"\\]|\\.)+)"(?:,(.*))?\} (\d+(?:\.\d+)?)', line)
        assert found, line
        name = found[1] + (f"{{{found[3]}}}" if found[3] else "")
        assert found[1] in types and name not in samples, line
        assert found[1].endswith("_total") == (types[found[1]] == "counter"), line
        samples[name] = float(found[4])
    return samples


def wait_for(path: Path, holds: Callable[[Samples], bool]) -> Samples:
    def look() -> Optional[Samples]:
        try:
            samples = parse(path.read_text())
        except FileNotFoundError:
            return None
        return samples if holds(samples) else None

    return until(look, f"{path.name} tells of it")


def has(**wanted: float) -> Callable[[Samples], bool]:
    """Of these names, without the prefix and with their labels in full, these values."""
    named = {"dfmode_sync_" + key: value for key, value in wanted.items()}
    return lambda samples: named.items() <= samples.items()


def requests(kind: str, code: str) -> str:
    return f'requests_total{{class="{kind}",code="{code}"}}'


def integrations(state: str) -> str:
    return f'integrations{{state="{state}"}}'


def promtool(*words: str, given: str = "") -> None:
    if not shutil.which("promtool"):
        pytest.skip("no promtool")
    done = subprocess.run(["promtool", *words], input=given, capture_output=True, text=True)
    assert done.returncode == 0 and "error" not in done.stderr, done.stdout + done.stderr


@pytest.fixture
def metrics(config: Config, tmp_path: Path) -> Path:
    (tmp_path / "textfile").mkdir()
    path = tmp_path / "textfile" / "dfmode-sync.prom"
    config.settings["metrics_file"] = str(path)
    return path


def test_updates_are_counted(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.settings["retry.rejected_first"] = config.settings["retry.rejected_max"] = "1h"
    api.script(id=44, times=2, status=503)
    config.set(42, CRON).set(43, REFUSED).set(44, CRON).set(45, CRON, paused=True).save()
    started = time.time()
    daemon.start()
    samples = wait_for(metrics, has(**{integrations("in-sync"): 2, integrations("rejected"): 1}))
    assert has(
        **{
            "up": 1,
            requests("accepted", "200"): 2,
            requests("rejected", "422"): 1,
            requests("transient", "503"): 2,
            "request_retries_total": 2,
            "requests_in_flight": 0,
            integrations("paused"): 1,
            integrations("waiting"): 0,
            "config_last_reload_successful": 1,
            'config_reloads_total{result="good"}': 0,
            'config_reloads_total{result="bad"}': 0,
            'gate_closed{gate="auth"}': 0,
            "state_write_failures_total": 0,
            "log_records_dropped_total": 0,
        }
    )(samples), samples
    for name in (
        "start_time_seconds",
        "config_last_reload_success_timestamp_seconds",
        "last_accepted_timestamp_seconds",
    ):
        assert started - 2 < samples["dfmode_sync_" + name] < time.time() + 2
    assert stat.S_IMODE(metrics.stat().st_mode) == 0o644
    assert f'dfmode_sync_up{{config="{config.path}"}} 1\n' in metrics.read_text()


def test_promtool_takes_it(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    api.script(id=43, times=1, status=503)
    config.set(42, REFUSED).set(43, CRON).save()
    daemon.start()
    wait_for(metrics, has(**{integrations("in-sync"): 1, requests("transient", "503"): 1}))
    promtool("check", "metrics", given=metrics.read_text())
    daemon.stop()
    promtool("check", "metrics", given=metrics.read_text())


def test_alerts_and_dashboard_name_what_the_manual_lists() -> None:
    page = MANUAL.read_text()
    listed = set(re.findall(r"^\.It Va (dfmode_sync_\w+)", page, re.M))
    monitoring = MANUAL.parents[1] / "etc" / "monitoring"
    rules = (monitoring / "dfmode-sync.rules.yml").read_text()
    used = set(re.findall(r"dfmode_sync_\w+", rules + (monitoring / "dfmode-sync.dashboard.json").read_text()))
    assert used and used <= listed
    alerts = re.findall(r"- alert: (\w+)", rules)
    assert alerts == re.findall(r"^\.It Sy (DfmodeSync\w+)", page, re.M)


def test_it_is_there_before_ready(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.set(42, CRON).save()
    api.script(id=42, hold="first")
    daemon.start()
    daemon.wait("config-loaded")
    wait_for(metrics, has(requests_in_flight=1, **{integrations("in-flight"): 1}))
    api.release("first")
    wait_for(metrics, has(requests_in_flight=0, **{requests("accepted", "200"): 1}))


@pytest.mark.slow
def test_loads_are_counted(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.set(42, CRON).save()
    daemon.start()
    first = wait_for(metrics, has(**{requests("accepted", "200"): 1}))
    good = config.text()
    config.save(good.replace("rate_limit", "rate_limt"))
    bad = {'config_reloads_total{result="bad"}': 1, "config_last_reload_successful": 0}
    wait_for(metrics, has(**{'config_reloads_total{result="good"}': 0}, **bad))
    config.save(good)
    wait_for(metrics, has(config_last_reload_successful=1))
    config.set(42, OTHER).save()
    wait_for(metrics, has(**{requests("accepted", "200"): 2}))
    # What was asked for counts, equal or not.
    daemon.signal(signal.SIGHUP)
    last = wait_for(metrics, has(**{'config_reloads_total{result="good"}': 3}))
    name = "dfmode_sync_config_last_reload_success_timestamp_seconds"
    assert last[name] >= first[name] and last['dfmode_sync_config_reloads_total{result="bad"}'] == 1


def test_gate_is_shown(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    api.script({"times": 9, "status": 401}, {"method": "GET", "times": 9, "status": 401})
    config.set(42, CRON).save()
    daemon.start()
    closed = {'gate_closed{gate="auth"}': 1, 'gate_closures_total{gate="auth"}': 1}
    wait_for(metrics, has(**{requests("denied", "401"): 1}, **closed))
    api.clear_scripts()
    daemon.signal(signal.SIGHUP)
    wait_for(metrics, has(**{'gate_closed{gate="auth"}': 0, 'gate_closures_total{gate="auth"}': 1}))


def test_drift_is_counted(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.settings["drift.interval"] = "100ms"
    config.set(42, CRON).set(43, CRON).save()
    daemon.start()
    daemon.accepted(42, 43)
    api.control("PUT", "integrations/42", {"indexing_cron": OTHER})
    found = {integrations("drifted"): 1, integrations("in-sync"): 1}
    wait_for(metrics, has(drift_found_total=1, drift_repaired_total=0, **found))
    config.settings["drift.mode"] = "repair"
    config.save()
    mended = {integrations("drifted"): 0, integrations("in-sync"): 2}
    wait_for(metrics, has(drift_repaired_total=1, drift_unknown_total=0, **mended))


def test_restart_counts_anew_and_keeps_the_time(
    api: Api, config: Config, daemon: Daemon, metrics: Path
) -> None:
    config.set(42, CRON).save()
    daemon.start()
    first = wait_for(metrics, has(**{requests("accepted", "200"): 1}))
    daemon.stop()
    assert parse(metrics.read_text()) == {"dfmode_sync_up": 0}
    daemon.start()
    again = wait_for(metrics, has(up=1, **{integrations("in-sync"): 1}))
    assert not [name for name in again if name.startswith("dfmode_sync_requests_total")]
    name = "dfmode_sync_last_accepted_timestamp_seconds"
    assert again[name] == first[name]


def test_no_reader_sees_a_part(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.set(42, CRON).save()
    daemon.start()
    over = threading.Event()
    broken: list[str] = []
    inodes: set[int] = set()
    names: set[str] = set()

    def read() -> None:
        while not over.is_set():
            try:
                with open(metrics) as file:
                    inodes.add(os.fstat(file.fileno()).st_ino)
                    parse(file.read())
                names.update(os.listdir(metrics.parent))
            except (AssertionError, OSError) as error:
                broken.append(str(error))
                return

    reader = threading.Thread(target=read)
    wait_for(metrics, has(**{requests("accepted", "200"): 1}))
    reader.start()
    try:
        for turn in range(3):
            config.set(42, f"{turn + 1} 6 * * *").save()
            wait_for(metrics, has(**{requests("accepted", "200"): turn + 2}))
    finally:
        over.set()
        reader.join()
    assert not broken and len(inodes) > 1
    # The collector takes what ends with .prom for a whole file.
    assert [name for name in names if name.endswith(".prom")] == [metrics.name]


def test_other_path_and_none(api: Api, config: Config, daemon: Daemon, metrics: Path) -> None:
    config.set(42, CRON).save()
    daemon.start()
    wait_for(metrics, has(**{requests("accepted", "200"): 1}))
    other = metrics.with_name("other.prom")
    config.settings["metrics_file"] = str(other)
    config.save()
    wait_for(other, has(**{'config_reloads_total{result="good"}': 1}))
    until(lambda: os.listdir(metrics.parent) == ["other.prom"], "the first is removed")
    del config.settings["metrics_file"]
    config.save()
    until(lambda: not os.listdir(metrics.parent), "the second is removed")
    daemon.stop()
    assert not os.listdir(metrics.parent)


def test_no_place_for_it_is_told_once(
    api: Api, config: Config, daemon: Daemon, metrics: Path
) -> None:
    config.set(42, CRON).save()
    metrics.parent.rmdir()
    daemon.start()
    daemon.accepted(42)
    for cron in (OTHER, CRON):
        mark = daemon.mark()
        config.set(42, cron).save()
        daemon.accepted(42, after=mark)
    told = [r for r in daemon.records if "metrics are not written" in r.message]
    assert [r["PRIORITY"] for r in told] == [4]
    assert told[0].message.startswith(f"cannot open '{metrics.parent}': No such file")
    # It comes by itself once there is a place.
    metrics.parent.mkdir()
    config.set(42, OTHER).save()
    wait_for(metrics, has(**{requests("accepted", "200"): 4}))


def test_relative_path_is_beside_the_file(api: Api, config: Config, daemon: Daemon) -> None:
    config.settings["metrics_file"] = "beside.prom"
    config.set(42, CRON).save()
    daemon.start()
    wait_for(config.path.with_name("beside.prom"), has(**{requests("accepted", "200"): 1}))


def test_its_age_tells_that_the_daemon_lives(
    api: Api, config: Config, daemon: Daemon, metrics: Path
) -> None:
    """Nothing changes, and yet it is new every minute; which is short where the clock runs fast."""
    config.settings.update({"api.timeout": "1h", "api.connect_timeout": "1h", "watch.sweep": "30s"})
    config.set(42, CRON).save()
    daemon.start(**fast_clock())
    wait_for(metrics, has(**{requests("accepted", "200"): 1}))
    inodes: list[int] = []

    def is_new() -> bool:
        inode = metrics.stat().st_ino
        if inode not in inodes[-1:]:
            inodes.append(inode)
        return len(inodes) > 5

    until(is_new, "it is written again and again")
    daemon.kill()
    assert parse(metrics.read_text())["dfmode_sync_up"] == 1
