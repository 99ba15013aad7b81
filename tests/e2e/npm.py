# SPDX-License-Identifier: MIT
"""Packages of the npm registry that tests run: brought once into the build directory, at one version."""
import fcntl
import os
import shutil
import subprocess
from pathlib import Path

BEFORE = "2026-11-01"  # what they depend on is as it was on that day
INSTALL_SECONDS = 80


class Missing(Exception):
    """Why there is none."""


def install(package: str, version: str, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(directory), f"--before={BEFORE}"]
    command += ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"]
    command += ["--fetch-retries=1", "--fetch-timeout=20000", "--loglevel=error"]
    try:
        done = subprocess.run(
            [*command, f"{package}@{version}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"npm did not bring it within {INSTALL_SECONDS} s") from None
    if done.returncode != 0:
        raise Missing(f"npm does not bring it: {done.stderr.strip()[:500]}")


def obtain_package(package: str, version: str, scratch: Path) -> Path:
    """The directory that has its node_modules. Tests that run at once wait for one of them to bring
    it, and believe that one if it could not."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise Missing(f"no npm to bring {package}")
    name = package.rpartition("/")[2]
    directory = Path(os.environ.get("builddir", scratch)).resolve() / "npm" / f"{name}-{version}"
    failure = scratch / f"{name}-is-missing"
    with open(scratch / f"{name}-lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if failure.exists():
            raise Missing(failure.read_text())
        if not (directory / "complete").exists():
            try:
                install(package, version, directory)
            except Missing as missing:
                failure.write_text(str(missing))
                raise
            (directory / "complete").touch()
    return directory
