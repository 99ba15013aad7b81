# SPDX-License-Identifier: MIT
"""Saves of what belongs to the configuration beside its file: includes, drop-ins and secrets."""
import shutil
from pathlib import Path
from typing import Callable, NamedTuple

import pytest

from harness import TOKEN
from saving import ROUNDS, Site, fresh
from ways import call


class Part(NamedTuple):
    """A file beside the main one, with an integration of its own."""

    path: Path
    id: int

    def text(self, cron: str) -> str:
        return f'{{ id = {self.id}; indexing_cron = "{cron}"; }}\n'

    def save(self, cron: str, in_place: bool) -> None:
        if in_place:
            self.path.write_text(self.text(cron))
        else:
            new = self.path.with_suffix(".new")
            new.write_text(self.text(cron))
            new.rename(self.path)


START = "integrations = (\n"


def with_include(site: Site, name: str) -> str:
    return site.config.text().replace(START, f'{START}@include "{name}"\n,\n')


@pytest.mark.parametrize("in_place", [False, True], ids=["rename", "in-place"])
def test_include_changed(site: Site, tmp_path: Path, in_place: bool) -> None:
    part = Part(tmp_path / "parts" / "finance.conf", 50)
    part.path.parent.mkdir()
    part.save("0 1 * * *", in_place)
    site.config.save(with_include(site, "../parts/finance.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for number in range(ROUNDS):
        part.save(f"{number} 2 * * *", in_place)
        site.expect(50)
    site.finish(has_gap=in_place)


@pytest.mark.parametrize("in_place", [False, True], ids=["rename", "in-place"])
def test_nested_include_changed(site: Site, tmp_path: Path, in_place: bool) -> None:
    part = Part(tmp_path / "parts" / "deep" / "finance.conf", 50)
    part.path.parent.mkdir(parents=True)
    part.save("0 1 * * *", in_place)
    (tmp_path / "parts" / "all.conf").write_text('@include "deep/finance.conf"\n')
    site.config.save(with_include(site, "../parts/all.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for number in range(ROUNDS):
        part.save(f"{number} 2 * * *", in_place)
        site.expect(50)
    site.finish(has_gap=in_place)


def test_include_grows_by_appending(site: Site, tmp_path: Path) -> None:
    part = Part(tmp_path / "parts.conf", 50)
    part.save("0 1 * * *", False)
    site.config.save(with_include(site, "../parts.conf"))
    site.start()
    site.api.wait(3, done=True)
    site.sent = site.ids()
    for id in range(51, 51 + ROUNDS):
        more = f', {{ id = {id}; indexing_cron = "{id - 50} 3 * * *"; }}'
        call("sh", "-c", 'echo "$1" >>"$2"', "sh", more, part.path)
        site.expect(id)
    site.finish()


def test_remark_is_appended(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        call("sh", "-c", 'echo "# $1" >>"$2"', "sh", number, site.config.path)
        site.expect()
    site.finish()


def test_missing_include_appears(site: Site, tmp_path: Path) -> None:
    """In a directory that is not there either, when the file that wants it is saved."""
    site.start()
    for number in range(ROUNDS):
        part = Part(tmp_path / f"late{number}" / "parts" / "finance.conf", 50 + number)
        refused = len(site.daemon.all("config-rejected"))
        site.config.save(with_include(site, f"../late{number}/parts/finance.conf"))
        site.daemon.wait("config-rejected", count=refused + 1)
        part.path.parent.mkdir(parents=True)
        part.save(f"{number} 1 * * *", False)
        site.expect(part.id)
        site.config.save()
        site.expect()
        site.daemon.wait("integration-removed", id=part.id)
    assert site.api.crons()[42] == site.cron()


def test_drop_in_added_changed_and_removed(site: Site) -> None:
    site.start()
    added = Path(str(site.config.path) + ".d") / "more.conf"
    for number in range(ROUNDS):
        site.drop_in("more.conf", 50, f"{number} 1 * * *")
        site.expect(50)
        site.drop_in("more.conf", 50, f"{number} 2 * * *")
        site.expect(50)
        if number % 2:
            added.unlink()
        else:
            added.rename(added.with_suffix(".disabled"))
        site.expect()
        site.daemon.wait("integration-removed", id=50, count=number + 1)


def test_drop_in_directory_removed_and_made_anew(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        site.drop_in("more.conf", 50, f"{number} 1 * * *")
        site.expect(50)
        shutil.rmtree(str(site.config.path) + ".d")
        site.expect()
        site.daemon.wait("integration-removed", id=50, count=number + 1)


def secret_by_rename(path: Path, value: str) -> None:
    path.with_suffix(".new").write_text(value)
    path.with_suffix(".new").rename(path)


def secret_in_place(path: Path, value: str) -> None:
    path.write_text(value)


def secret_deleted_and_recreated(path: Path, value: str) -> None:
    path.unlink()
    path.write_text(value)


def secret_behind_a_link(path: Path, value: str) -> None:
    target = fresh(path)
    target.write_text(value)
    path.with_suffix(".link").symlink_to(target.name)
    path.with_suffix(".link").rename(path)


SECRETS = [secret_by_rename, secret_in_place, secret_deleted_and_recreated, secret_behind_a_link]


@pytest.mark.parametrize("save", SECRETS, ids=lambda save: save.__name__)
def test_secret_changed(site: Site, save: Callable[[Path, str], None]) -> None:
    site.start()
    for number in range(ROUNDS):
        save(site.config.secrets / "token", f"{TOKEN}-{number}\n")
        requests = site.expect(42, 43)
        assert {request["body"]["token"] for request in requests} == {f"{TOKEN}-{number}"}
    site.finish(save in (secret_in_place, secret_deleted_and_recreated))


def test_api_key_changed_sends_nothing(site: Site) -> None:
    site.start()
    for number in range(ROUNDS):
        secret_by_rename(site.config.secrets / "api-key", f"CANARY-key-{number}\n")
        site.expect()
    site.finish()
    assert site.api.requests()[-1]["headers"]["authorization"] == f"Key CANARY-key-{ROUNDS - 1}"
