# SPDX-License-Identifier: MIT
"""packaging/kubernetes: every object is valid by Kubernetes' own schemas, and what it configures is what the program takes."""
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness import PROGRAM
from npm import Missing, obtain_package

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed (python3-yaml)")

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
FILES = sorted((ROOT / "packaging" / "kubernetes").glob("*.yaml"))
VERSION = "5.1.0"
VALIDATE = """
const {kind, apiVersion} = JSON.parse(process.argv[2]);
const model = require(process.argv[1] + '/' + apiVersion + '/' + kind)[kind];
new model(JSON.parse(process.argv[2])).validate();
"""


def objects() -> list[Any]:
    return [document for path in FILES for document in yaml.safe_load_all(path.read_text())]


def of_kind(kind: str) -> Any:
    (found,) = [document for document in objects() if document["kind"] == kind]
    return found


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    try:
        directory = obtain_package("kubernetes-models", VERSION, tmp_path_factory.getbasetemp().parent)
    except Missing as missing:
        pytest.skip(str(missing))
    return str(directory / "node_modules" / "kubernetes-models")


def validate(models: str, document: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["node", "-e", VALIDATE, models, json.dumps(document)], capture_output=True, text=True
    )


@pytest.mark.slow
def test_every_object_is_valid(models: str) -> None:
    kinds = set()
    for document in objects():
        done = validate(models, document)
        assert done.returncode == 0, done.stderr
        kinds.add(document["kind"])
    assert kinds == {"ConfigMap", "Secret", "PersistentVolumeClaim", "Deployment"}


def test_what_is_wrong_is_noticed(models: str) -> None:
    document = of_kind("Deployment")
    document["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0] = {"name": "config"}
    assert "mountPath" in validate(models, document).stderr


def test_its_configuration_passes_check(tmp_path: Path) -> None:
    text = of_kind("ConfigMap")["data"]["dfmode-sync.conf"]
    for name, value in of_kind("Secret")["stringData"].items():
        secret = tmp_path / name
        secret.touch(mode=0o600)
        secret.write_text(value)
    file = tmp_path / "dfmode-sync.conf"
    file.write_text(text.replace("/secrets/", f"{tmp_path}/"))
    done = subprocess.run([PROGRAM, "-c", file, "check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_volumes_and_names_fit_together() -> None:
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in pod["volumes"]}
    directories = {entry["name"]: entry["value"] for entry in container["env"]}
    assert directories == {"STATE_DIRECTORY": mounted["state"], "RUNTIME_DIRECTORY": mounted["run"]}
    assert f"{mounted['config']}/dfmode-sync.conf" in container["args"]
    version = re.search(r"AC_INIT\(\[dfmode-sync\], \[(.+?)\]\)", (ROOT / "configure.ac").read_text())
    assert version and container["image"].endswith(":" + version[1])


def test_the_readme_quotes_the_files() -> None:
    quoted = [line for block in re.findall(r"```yaml\n(.*?)```", README, re.S) for line in block.splitlines()]
    lines = {line for path in FILES for line in path.read_text().splitlines()}
    assert quoted and set(quoted) <= lines, set(quoted) - lines
