# SPDX-License-Identifier: MIT
"""Clients of the control socket that mean harm: half requests, floods, readers that do not read.

Meanwhile an edit arrives at the server, and a client that means well is answered; afterwards no
descriptor is left open.
"""
import random
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator, Optional

from harness import Api
from life import HANG_S, Life, Violation

ROUNDS = 4
CLIENTS = 60
REQUESTS = (b'{"request":"status"}\n', b'{"request":"wait","ids":[1]}\n', b'{"request":"reload"}\n')


def half(client: socket.socket, chance: random.Random) -> None:
    request = chance.choice(REQUESTS)
    client.send(request[: chance.randrange(len(request))])


def flood(client: socket.socket, chance: random.Random) -> None:
    client.send(chance.choice(REQUESTS) * chance.randrange(1, 4000))


def noise(client: socket.socket, chance: random.Random) -> None:
    client.send(chance.randbytes(chance.randrange(1, 100_000)))


def slow(client: socket.socket, chance: random.Random) -> None:
    client.send(chance.choice(REQUESTS) * 3)
    client.settimeout(0.01)
    client.recv(1)


def deaf(client: socket.socket, chance: random.Random) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    client.send(REQUESTS[0] * 100)


def deaf_ear(client: socket.socket, chance: random.Random) -> None:
    client.send(chance.choice(REQUESTS))
    client.shutdown(chance.choice((socket.SHUT_RD, socket.SHUT_WR, socket.SHUT_RDWR)))


WAYS: tuple[Callable[[socket.socket, random.Random], None], ...]
WAYS = (half, flood, noise, slow, deaf, deaf_ear)


def attack(path: Path, chance: random.Random) -> list[socket.socket]:
    """So many clients, of which half hang up at once."""
    left = []
    for _ in range(CLIENTS):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.setblocking(False)
            chance.choice(WAYS)(client, chance)
        except OSError:
            pass  # refused, full, or hung up on: as it may
        if chance.random() < 0.5:
            client.close()
        else:
            left.append(client)
    return left


def settle(life: Life, before: int) -> None:
    end = time.monotonic() + HANG_S
    while life.descriptors() > before:
        if time.monotonic() > end:
            raise Violation(f"{life.descriptors()} descriptors are open, {before} before")
        time.sleep(0.05)


def one_round(life: Life, chance: random.Random) -> None:
    before = life.descriptors()
    clients = attack(life.daemon.runtime / "control", chance)
    life.edit()
    life.converge(5)
    for client in clients:
        client.close()
    for words in (("status",), ("reload",)):
        done = life.daemon.run(*words)
        if done.returncode not in (0, 1):
            raise Violation(f"{words[0]}: {done.returncode}: {done.stderr}")
    settle(life, before + 2)  # connections to the server come and go


def limit(life: Life, descriptors: int) -> None:
    assert life.daemon.process is not None
    resource.prlimit(life.daemon.process.pid, resource.RLIMIT_NOFILE, (descriptors, 4096))


def knock(life: Life) -> list[socket.socket]:
    clients = [socket.socket(socket.AF_UNIX) for _ in range(5)]
    for client in clients:
        client.settimeout(HANG_S)
        client.connect(str(life.daemon.runtime / "control"))
        client.send(REQUESTS[0])
    return clients


def starve(life: Life) -> None:
    """Fewer descriptors than are open: clients wait, costing nothing, and are answered later."""
    limit(life, 3)
    waiting = knock(life)
    tried = life.page.calls()["accept"]
    time.sleep(1)
    if life.page.calls()["accept"] - tried > 100:
        raise Violation("it spins while it cannot accept")
    limit(life, 1024)
    for client in waiting:
        if not client.recv(1):
            raise Violation("a client that had to wait was hung up on")
        client.close()
    life.edit()
    life.converge(5)


def end_starved(life: Life) -> None:
    limit(life, 3)
    waiting = knock(life)
    life.daemon.signal(signal.SIGTERM)
    life.daemon.end()
    for client in waiting:
        client.close()


def clients(
    api: Api, directory: Path, library: str, seed: int
) -> Iterator[tuple[str, Optional[str]]]:
    chance = random.Random(seed)
    life = Life(api, directory, library)
    life.suffer("begin", None)
    steps: list[tuple[str, Callable[[], None]]]
    steps = [(f"clients: round {n} of {seed}", lambda: one_round(life, chance)) for n in range(ROUNDS)]
    steps.append(("clients: no descriptors left", lambda: starve(life)))
    steps.append(("clients: SIGTERM with no descriptors left", lambda: end_starved(life)))
    yield from walk(life, steps)


def walk(
    life: Life, steps: list[tuple[str, Callable[[], None]]]
) -> Iterator[tuple[str, Optional[str]]]:
    """Each step is a case; after the first violation there is no more of this life."""
    for title, step in steps:
        try:
            step()
            yield title, None
        except (Violation, AssertionError, OSError, subprocess.TimeoutExpired) as violation:
            yield title, f"{violation!r}\n{life.story()}"
            if life.daemon.running():
                life.daemon.kill()
            return
    life.end()
