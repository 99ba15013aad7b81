# SPDX-License-Identifier: MIT
"""Names: a resolver that hangs holds up nothing but the request that asked it; of several addresses one that is dead
is passed over, and one that has become wrong is looked up again."""
import os
import shlex
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Callable, Iterator, Union

import pytest

from harness import Api, Config, Daemon, until

FIRST, SECOND = "1 1 * * *", "2 2 * * *"
# As long as the resolver hangs; what is done at once takes a small part of that.
HANGS_S, AT_ONCE_S = 60, 3

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The addresses that stand in a file now, in that order. */
static int list(int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **),
                const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	FILE *file = fopen(getenv("SHIM_ADDRESSES"), "r");
	struct addrinfo **last = found;
	char address[64];
	int result = 0;

	while (result == 0 && fscanf(file, "%63s", address) == 1) {
		result = next(address, service, hints, last);
		while (result == 0 && *last != NULL)
			last = &(*last)->ai_next;
	}
	fclose(file);
	return result;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (node != NULL && strcmp(node, "hangs.example") == 0) {
		close(open(getenv("SHIM_ASKED"), O_WRONLY | O_CREAT, 0600));
		sleep(HANGS_S);
		return EAI_AGAIN;
	}
	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node != NULL && strcmp(node, "listed.example") == 0)
		return list(next, service, hints, found);
	return next(node, service, hints, found);
}
"""


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shim")
    (directory / "shim.c").write_text(SHIM.replace("HANGS_S", str(HANGS_S)))
    words = shlex.split(os.environ.get("CC", "cc"))
    words += ["-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"]
    try:
        done = subprocess.run(words, cwd=directory, capture_output=True, text=True, timeout=60)
    except OSError as error:
        pytest.skip(f"no compiler: {error}")
    if done.returncode != 0:
        pytest.skip("no shim: " + done.stderr.strip()[:200])
    return directory / "shim.so"


def ask(daemon: Daemon, api: Api, shim: Path, timeout: str) -> None:
    """Start, with a request that waits for the resolver."""
    daemon.config.settings.update(
        {
            "api.url": f"http://hangs.example:{api.port}",
            "api.allow_http": True,
            "api.connect_timeout": timeout,
            "api.timeout": "40s",
            "api.max_in_flight": 1,
        }
    )
    daemon.config.set(42, FIRST).save()
    asked = daemon.directory / "asked"
    # A sanitizer wants to come before any other library; the shim may come first.
    sanitizer = daemon.environment()["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
    daemon.start(LD_PRELOAD=str(shim), SHIM_ASKED=str(asked), ASAN_OPTIONS=sanitizer)
    until(lambda: asked.exists(), "the resolver is asked")


@pytest.fixture
def hanging(api: Api, config: Config, daemon: Daemon, shim: Path) -> Daemon:
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    ask(daemon, api, shim, "30s")
    return daemon


def quickly(done: Callable[[], object]) -> None:
    start = time.monotonic()
    done()
    took = time.monotonic() - start
    assert took < AT_ONCE_S, f"it took {took:.2f} s"


def test_reload_is_done_at_once(api: Api, config: Config, hanging: Daemon) -> None:
    def reload(save: Union[None, Callable[[], None]]) -> None:
        mark = hanging.mark()
        if save is not None:
            save()
        else:
            hanging.signal(signal.SIGHUP)
        hanging.wait("config-loaded", after=mark)

    config.set(43, SECOND)
    quickly(lambda: reload(config.save))
    # From here on an edit alone would wait for longer than that.
    config.settings["watch.settle"] = "20s"
    quickly(lambda: reload(config.save))
    config.set(44, SECOND).save()
    quickly(lambda: reload(None))


def test_what_hangs_keeps_its_place_and_no_more(
    api: Api, config: Config, hanging: Daemon
) -> None:
    """With room for one more, all others go to another server while 42 still hangs."""
    config.settings.update({"api.url": api.url, "api.max_in_flight": 2})
    for id in range(50, 60):
        config.set(id, SECOND)
    config.save()
    quickly(lambda: hanging.accepted(*range(50, 60)))
    assert api.crons() == {id: SECOND for id in range(50, 60)}


def test_terminate_is_heard_at_once(hanging: Daemon) -> None:
    """What is in flight has its five seconds; a second signal cuts them short."""
    hanging.signal(signal.SIGTERM)
    quickly(lambda: hanging.wait("stopping"))
    hanging.signal(signal.SIGTERM)
    quickly(lambda: hanging.end())
    assert hanging.end() == 0


def test_connect_time_out_is_kept(
    api: Api, config: Config, daemon: Daemon, shim: Path
) -> None:
    """The request ends by our clock, not by the resolver's, and its place is free again."""
    config.settings["drift.mode"] = "off"  # so that no list is asked for first
    quickly(lambda: ask(daemon, api, shim, "200ms"))
    quickly(lambda: daemon.wait("update-failed", id=42, count=2))
    for record in daemon.all("update-failed"):
        assert record["DFMODE_CURL_CODE"] == 28
        assert "may have been applied" not in record.message, "nothing was sent"
    config.settings["api.url"] = api.url
    config.save()
    quickly(lambda: daemon.accepted(42))
    assert len(api.requests()) == 1


@pytest.fixture
def dead_port(api: Api) -> Iterator[None]:
    """The API's port on 127.0.0.2, where connections are never made: the queue of a listener is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.2", api.port))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        waiting.append(socket.socket())
        waiting[-1].setblocking(False)
        waiting[-1].connect_ex(("127.0.0.2", api.port))
    yield
    for one in [listener, *waiting]:
        one.close()


def start_listed(daemon: Daemon, api: Api, shim: Path, addresses: str, **settings: str) -> Path:
    file = daemon.directory / "addresses"
    file.write_text(addresses)
    daemon.config.settings.update({"api.url": f"http://listed.example:{api.port}", "api.allow_http": True})
    daemon.config.settings.update({f"api.{key}": value for key, value in settings.items()})
    daemon.config.set(42, FIRST).save()
    sanitizer = daemon.environment()["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
    daemon.start(LD_PRELOAD=str(shim), SHIM_ADDRESSES=str(file), ASAN_OPTIONS=sanitizer)
    return file


def test_dead_address_is_passed_over(api: Api, daemon: Daemon, shim: Path, dead_port: None) -> None:
    start_listed(daemon, api, shim, "127.0.0.2 127.0.0.1", connect_timeout="4s", timeout="10s")
    daemon.wait("update-accepted", id=42)
    assert not daemon.all("update-failed")


def test_dead_address_alone_is_a_time_out(api: Api, daemon: Daemon, shim: Path, dead_port: None) -> None:
    """And when the name has moved, it is looked up again at once, not when the cache forgets it."""
    daemon.config.settings["drift.mode"] = "off"  # so that no list is asked for first
    file = start_listed(daemon, api, shim, "127.0.0.2", connect_timeout="500ms")
    failed = daemon.wait("update-failed", id=42)
    assert "no answer: " in failed.message
    file.write_text("127.0.0.1")
    began = time.monotonic()
    daemon.wait("update-accepted", id=42)
    assert time.monotonic() - began < 8


def test_moved_server_is_found(api: Api, daemon: Daemon, shim: Path) -> None:
    """A refused connection has the name looked up again."""
    daemon.config.settings["drift.mode"] = "off"  # so that no list is asked for first
    file = start_listed(daemon, api, shim, "127.0.0.2")
    daemon.wait("update-failed", id=42)
    file.write_text("127.0.0.1")
    began = time.monotonic()
    daemon.wait("update-accepted", id=42)
    assert time.monotonic() - began < 8
