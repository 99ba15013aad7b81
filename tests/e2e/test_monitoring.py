# SPDX-License-Identifier: MIT
"""etc/monitoring as an operator uses it: the alerts by promtool, the dashboard by a Prometheus that scrapes a
node_exporter that reads what the daemon writes."""
import json
import re
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Iterator

import pytest

from harness import Api, Config, Daemon, until

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "etc" / "monitoring"
EXPORTER = "prometheus-node-exporter"


def needs(*tools: str) -> None:
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


@pytest.fixture
def textfiles(config: Config, tmp_path: Path) -> Path:
    directory = tmp_path / "textfiles"
    directory.mkdir()
    config.settings["metrics_file"] = str(directory / "dfmode-sync.prom")
    return directory


@pytest.fixture
def prometheus(textfiles: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Prometheus that scrapes a node_exporter with our file once a second."""
    needs("prometheus", EXPORTER)
    exporter, server = free_port(), free_port()
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(
        "global: {scrape_interval: 1s}\n"
        f"rule_files: [{json.dumps(str(MONITORING / 'dfmode-sync.rules.yml'))}]\n"
        f"scrape_configs: [{{job_name: node, static_configs: [{{targets: ['127.0.0.1:{exporter}']}}]}}]\n"
    )
    commands = [
        [EXPORTER, "--collector.disable-defaults", "--collector.textfile",
         f"--collector.textfile.directory={textfiles}", f"--web.listen-address=127.0.0.1:{exporter}"],
        ["prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
         f"--web.listen-address=127.0.0.1:{server}", "--log.level=warn"],
    ]  # fmt: skip
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    try:
        address = f"http://127.0.0.1:{server}"
        until(lambda: get(address + "/-/ready"), "Prometheus is ready")
        yield address
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def queries() -> list[str]:
    """Every query of the dashboard, its variables replaced as Grafana does it."""
    dashboard = json.loads((MONITORING / "dfmode-sync.dashboard.json").read_text())
    found = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    variables = {"$config": ".*", "$__rate_interval": "4s"}
    for name, value in variables.items():
        found = [query.replace(name, value) for query in found]
    assert len(found) > 15 and not any("$" in query for query in found)
    return found


def ask(address: str, query: str) -> list[Any]:
    answer = get(f"{address}/api/v1/query?query={urllib.parse.quote(query)}")
    return json.loads(answer)["data"]["result"] if answer else []


def test_every_alert_is_tested_and_right() -> None:
    needs("promtool")
    tests = ROOT / "tests" / "monitoring" / "alerts_test.yml"
    done = subprocess.run(["promtool", "test", "rules", tests], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    alerts = re.findall(r"- alert: (\w+)", (MONITORING / "dfmode-sync.rules.yml").read_text())
    assert len(alerts) == 8
    fired = re.findall(r"alertname: (\w+)\n\s+exp_alerts", tests.read_text())
    assert set(fired) == set(alerts)


def test_every_query_of_the_dashboard_has_data(
    api: Api, config: Config, daemon: Daemon, prometheus: str
) -> None:
    config.set(42, "0 6 * * *").set(43, "0 6 ? * *").save()
    daemon.start()
    daemon.accepted(42)
    empty = set(queries())

    def all_answer() -> bool:
        empty.difference_update([query for query in empty if ask(prometheus, query)])
        return not empty

    try:
        until(all_answer, "every query has data")
    except AssertionError:
        pytest.fail(f"no data: {sorted(empty)}")


def test_prometheus_takes_the_rules(daemon: Daemon, config: Config, prometheus: str) -> None:
    config.set(42, "0 6 * * *").save()
    daemon.start()
    answer = json.loads(get(f"{prometheus}/api/v1/rules"))
    rules = answer["data"]["groups"][0]["rules"]
    assert len(rules) == 8
