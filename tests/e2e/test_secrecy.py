# SPDX-License-Identifier: MIT
"""No typo in a file with inline secrets lets one out of a running daemon: not into its log, not into
its status, as a table or as JSON, nor into the answer of a reload (SPEC §3).

One daemon is fed files that are damaged at random places, one to three times. SECRECY_DAEMON_COUNT
and SECRECY_SEED in the environment choose how many, and which. tests/unit/config/test_typos does the same
with what `check` prints, many more times.
"""
import json
import os
import random
import string
import time
from typing import Any, Iterator

import pytest

from harness import Config, Daemon
from test_control import ask

COUNT = int(os.environ.get("SECRECY_DAEMON_COUNT", "300"))
SEED = int(os.environ.get("SECRECY_SEED", str(time.time_ns())))
LEAK = 7  # bytes of a secret in a row
LATEST = 3  # files of which a record may be that is read now
URL = "http://127.0.0.1:9"  # nobody listens

ALPHABETS = [
    string.ascii_letters + string.digits,
    "0123456789abcdef",
    string.ascii_letters + string.digits + "+/",
    string.ascii_letters + string.digits + "-_.~",
    "abcdefghijkmnopqrstuvwxyz0123456789!#$%&'()*+,-./:;<=>?@[]^_`{|}~ ",
]
LIKELY = "\"\"\"\"''\\\\;;==::,,{}{}()[]##//**@$. \n\n\t%0aKe"

LINES = """# The server
api = {
    url = "%(url)s"; // the default
    timeout = "30s";
    key = "%(0)s"; # of the service account
};
defaults = {
    workspace = "acme";
    token = "%(1)s";
    password = "%(2)s"; /* rotated in May */
};
watch = { settle = "1ms"; };
integrations = (
    {
        id = 42;
        name = "Mode: Finance";
        indexing_cron = "0 6 * * mon-fri";
        token = "%(3)s";
        password = "%(4)s";
    },
    { id = 43; indexing_cron = false; }
);
# key = "%(5)s"
"""
ONE_LINE_EACH = """watch = { settle = "1ms"; };
api = { url = "%(url)s"; key = "%(0)s"; rate_limit = 5; };
defaults = { workspace = "acme"; token = "%(1)s"; password = "%(2)s"; };
drift = { mode = "report"; interval = "1h 30min"; };
integrations = (
  { id = 42; name = "Mode: Finance"; indexing_cron = "0 6 * * *"; },
  { id = 43; token = "%(3)s"; name = "Growth"; indexing_cron = "5 4 * * *"; password = "%(4)s"; paused = true; },
  { id = 44; indexing_cron = false; } # key = "%(5)s"
);
"""
LOOSE = """watch:{settle=1}
api : {url = "%(url)s" max_in_flight=4 key:"%(0)s"}
defaults: { token =
    "%(1)s", password
    = "%(2)s",
    workspace="acme" }
retry = {first=1, max = "5min"}
integrations : ( {id:42,name:"Mode",indexing_cron:"@daily",token:"%(3)s"},
{ password="%(4)s" /* x */ id = 0x2b indexing_cron = false
token = "%(5)s"
name = "Growth" } )
"""


class Variants:
    """Damaged files, each with secrets of its own."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def secret(self) -> str:
        length = self.random.randint(12, 38)
        text = "".join(self.random.choices(self.random.choice(ALPHABETS), k=length))
        return "x" + text[1:-1] + "x"

    def damage(self, text: str) -> str:
        at = self.random.randrange(len(text))
        any_byte = chr(self.random.randint(32, 126))
        byte = self.random.choice(LIKELY) if self.random.random() < 0.67 else any_byte
        taken, given = self.random.choice([(0, byte), (1, ""), (1, byte)])
        return text[:at] + given + text[at + taken :]

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        while True:
            secrets = [self.secret() for _ in range(6)]
            values = {str(i): secret for i, secret in enumerate(secrets)}
            text = self.random.choice([LINES, ONE_LINE_EACH, LOOSE]) % {"url": URL, **values}
            for _ in range(self.random.randint(1, 3)):
                text = self.damage(text)
            yield text, secrets


def parts(secret: str) -> set[str]:
    return {secret[i : i + LEAK] for i in range(len(secret) - LEAK + 1)}


def strings(value: Any) -> Iterator[str]:
    """All the text in a JSON document: times and other numbers are none of the file's."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def find_leak(said: str, secrets: list[set[str]]) -> list[str]:
    found = {said[i : i + LEAK] for i in range(len(said) - LEAK + 1)}
    return sorted(part for secret in secrets for part in secret & found)


@pytest.mark.slow
@pytest.mark.timeout(90 + COUNT // 10)
def test_no_typo_lets_a_secret_out_of_the_daemon(config: Config, daemon: Daemon) -> None:
    print(f"SECRECY_SEED={SEED}")
    config.settings.update({"api.url": URL, "watch.settle": "1ms"})
    config.save()
    config.path.chmod(0o600)
    daemon.start()
    latest: list[tuple[str, list[set[str]]]] = []
    read = daemon.mark()
    refused = 0
    for number, (text, secrets) in zip(range(COUNT), Variants(SEED)):
        config.save(text)
        latest = [*latest, (text, [parts(secret) for secret in secrets])][-LATEST:]
        answer = ask(daemon, "reload")
        refused += answer["result"] != "in-force"
        said = [*strings(answer), *strings(ask(daemon, "status"))]
        if number % 25 == 0:
            said += [daemon.run("status").stdout, *strings(json.loads(daemon.run("status", "--json").stdout))]
        said += [text for record in daemon.records[read:] for text in strings(record)]
        read = daemon.mark()
        leaks = find_leak("\n".join(said), [part for _, all in latest for part in all])
        assert not leaks, "\n".join([f"SECRECY_SEED={SEED}", str(leaks), *(t for t, _ in latest), *said])
    assert refused > COUNT / 2, "the damage does little"
    assert daemon.alive()
