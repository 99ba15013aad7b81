# SPDX-License-Identifier: MIT
"""What a test controls in the stand-in: its answers, its faults, and the record of requests.

Each request to the API passes through Front. It is recorded, and the oldest script that fits it
(first those for its integration, then those for all) decides its fate; without a script it gets the
API's own answer.

A script is a JSON object, posted to /_control/script alone or in a list:

    id           integration it is for; absent or null: any
    method       "PUT" unless told otherwise
    times        how many requests it serves, 1 unless told otherwise; 0: until the scripts are
                 cleared
    status       the answer's status; absent: the API's own answer
    headers      object or list of pairs; the length is added
    json, text, base64
                 the answer's body
    delay        seconds before the answer
    hold         a name: no answer before /_control/release of that name
    fault        "reset-early" (before the body is read), "reset" (after), "close" (no answer),
                 "stall" (never answers), "cut" (half of the body, then closes), "answer-reset" (the
                 answer, and a reset on its heels)
    apply        true: the API sees the request though its own answer is not used
    apply_after  seconds: the same, that late, whether or not the client still listens

Times are of the monotonic clock, which all processes of one machine share.
"""
import asyncio
import base64
import json
import socket
import struct
import time
from collections import defaultdict
from typing import Any, Callable, Optional

from fastapi import Body, FastAPI
from fastapi.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol


class Protocol(H11Protocol):
    """Hands its transport on, so that a script can do to it what HTTP has no words for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope["standin.transport"] = self.transport
            await inner(scope, receive, send)

        self.app = app


def reset(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN: lingering for no time at all says so."""
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Stage:
    def __init__(self, keys: Optional[list[str]], pydantic: int) -> None:
        self.options: dict[str, Any] = {"keys": keys, "known": None, "pydantic": pydantic}
        self.integrations: dict[int, dict[str, Any]] = {}
        self.records: list[dict[str, Any]] = []
        self.scripts: list[dict[str, Any]] = []
        self.transports: dict[int, asyncio.Transport] = {}
        self.holds: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.news = asyncio.Event()

    def changed(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    async def until(self, holds: Callable[[], bool], timeout: float) -> bool:
        end = time.monotonic() + timeout
        while not holds():
            try:
                await asyncio.wait_for(self.news.wait(), end - time.monotonic())
            except asyncio.TimeoutError:
                return holds()
        return True

    def take_script(self, method: str, key: Optional[int]) -> dict[str, Any]:
        fits = [
            s
            for s in self.scripts
            if s.get("method", "PUT") == method and s.get("id") in (None, key)
        ]
        fits.sort(key=lambda s: s.get("id") is None)
        if not fits:
            return {}
        script = fits[0]
        if script["times"] == 1:
            self.scripts.remove(script)
        elif script["times"] > 1:
            script["times"] -= 1
        return script

    def chosen(
        self, key: Optional[int], method: str, after: int, status: int, done: bool
    ) -> list[dict[str, Any]]:
        chosen = [
            r
            for r in self.records
            if (key is None or r["id"] == key)
            and (method == "*" or r["method"] == method)
            and (not status or r["status"] == status)
            and (not done or r["end"] is not None)
        ]
        return chosen[after:]


def integration_of(path: str) -> Optional[int]:
    parts = [part for part in path.split("/") if part.isdigit()]
    return int(parts[-1]) if parts else None


def new_record(number: int, scope: Any) -> dict[str, Any]:
    return {
        "number": number,
        "id": integration_of(scope["path"]),
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1"),
        "headers": {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
        "port": scope["client"][1],
        "start": time.monotonic(),
        "raw": None,
        "body": None,
        "status": None,
        "answer": None,
        "fate": None,
        "applied": None,
        "end": None,
    }


class Front:
    """The application uvicorn sees."""

    def __init__(self, stage: Stage, api: Any) -> None:
        self.stage = stage
        self.api = api
        self.control = make_control(stage)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/_control/"):
            await self.control(scope, receive, send)
            return
        record = new_record(len(self.stage.records), scope)
        self.stage.records.append(record)
        self.stage.transports[scope["client"][1]] = scope["standin.transport"]
        script = self.stage.take_script(record["method"], record["id"])
        try:
            await Exchange(self, scope, receive, send, record, script).run()
        finally:
            if record["end"] is None:
                record["end"] = time.monotonic()
            self.stage.changed()


class Exchange:
    """One request, from its record to its end."""

    def __init__(
        self, front: Front, scope: Any, receive: Any, send: Any, record: Any, script: Any
    ) -> None:
        self.stage = front.stage
        self.api = front.api
        self.scope = scope
        self.receive = receive
        self.send = send
        self.record = record
        self.script = script
        self.transport = scope["standin.transport"]

    async def run(self) -> None:
        if self.script.get("fault") == "reset-early":
            self.finish("reset")
            reset(self.transport)
            await self.until_gone()
            return
        if not await self.read():
            self.finish("disconnected")
            return
        self.stage.changed()
        if "apply_after" in self.script:
            asyncio.get_running_loop().create_task(self.apply_late())
        gone = asyncio.ensure_future(self.until_gone())
        turn = asyncio.ensure_future(self.until_due())
        await asyncio.wait((gone, turn), return_when=asyncio.FIRST_COMPLETED)
        if turn.done():
            await self.answer()
            if self.transport.is_closing():
                await gone
        else:
            self.finish("disconnected")
        for task in (gone, turn):
            task.cancel()

    async def read(self) -> bool:
        raw = b""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                return False
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.raw = raw
        self.record["raw"] = raw.decode("utf-8", "backslashreplace")
        try:
            self.record["body"] = json.loads(raw)
        except ValueError:
            pass
        return True

    async def until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def until_due(self) -> None:
        if "hold" in self.script:
            await self.stage.holds[self.script["hold"]].wait()
        if self.script.get("delay"):
            await asyncio.sleep(self.script["delay"])
        if self.script.get("fault") == "stall":
            await asyncio.Event().wait()

    async def apply_late(self) -> None:
        await asyncio.sleep(self.script["apply_after"])
        await self.ask_api()
        self.stage.changed()

    async def answer(self) -> None:
        fault = self.script.get("fault")
        status, headers, body = await self.decide()
        if fault == "reset":
            self.finish("reset")
            reset(self.transport)
        elif fault == "close":
            self.finish("closed")
            self.transport.close()
        else:
            # Stamped before the last byte leaves, so that a client's next request never seems to
            # overlap this one.
            self.record["answer"] = body[:2000].decode("utf-8", "backslashreplace")
            self.finish("answered", status)
            await self.write(status, headers, body, fault == "cut")
            if fault == "answer-reset":
                reset(self.transport)

    async def decide(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        own = "status" not in self.script and not self.script.get("fault") in ("reset", "close")
        if own or self.script.get("apply"):
            answer = await self.ask_api()
            if own:
                return answer
        headers = self.script.get("headers", {})
        pairs = headers.items() if isinstance(headers, dict) else headers
        return (
            self.script.get("status", 0),
            [(str(k).lower().encode("latin-1"), str(v).encode("latin-1")) for k, v in pairs],
            scripted_body(self.script),
        )

    async def ask_api(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Run the API on the recorded body, and keep its answer here."""
        sent: list[Any] = []
        unread = [{"type": "http.request", "body": self.raw, "more_body": False}]

        async def receive() -> Any:
            return unread.pop() if unread else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.api(dict(self.scope), receive, send)
        status = sent[0]["status"]
        if 200 <= status < 300 and self.record["method"] == "PUT":
            self.record["applied"] = time.monotonic()
        headers = [(k, v) for k, v in sent[0]["headers"] if k.lower() != b"content-length"]
        return status, headers, b"".join(message.get("body", b"") for message in sent[1:])

    async def write(
        self, status: int, headers: list[tuple[bytes, bytes]], body: bytes, cut: bool
    ) -> None:
        if status not in (204, 304):
            headers = headers + [(b"content-length", str(len(body)).encode())]
        else:
            body = b""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        end = len(body) // 2 if cut else len(body)
        await self.send({"type": "http.response.body", "body": body[:end], "more_body": cut})
        if cut:
            self.transport.close()

    def finish(self, fate: str, status: Optional[int] = None) -> None:
        self.record["fate"] = fate
        self.record["status"] = status
        self.record["end"] = time.monotonic()
        self.stage.changed()


def scripted_body(script: dict[str, Any]) -> bytes:
    if "json" in script:
        return json.dumps(script["json"]).encode()
    if "base64" in script:
        return base64.b64decode(script["base64"])
    return script.get("text", "").encode()


def make_control(stage: Stage) -> FastAPI:
    """What answers at length does so itself: FastAPI would check and copy each value of each request."""
    control = FastAPI()

    @control.get("/_control/requests")
    async def requests(
        id: Optional[int] = None,
        method: str = "PUT",
        after: int = 0,
        status: int = 0,
        done: bool = False,
    ) -> JSONResponse:
        return JSONResponse(stage.chosen(id, method, after, status, done))

    @control.get("/_control/wait")
    async def wait(
        count: int,
        timeout: float = 10,
        id: Optional[int] = None,
        method: str = "PUT",
        after: int = 0,
        status: int = 0,
        done: bool = False,
    ) -> JSONResponse:
        def chosen() -> list[dict[str, Any]]:
            return stage.chosen(id, method, after, status, done)

        enough = await stage.until(lambda: len(chosen()) >= count, timeout)
        return JSONResponse({"enough": enough, "requests": chosen()})

    @control.post("/_control/script")
    async def script(scripts: Any = Body(...)) -> None:
        for entry in scripts if isinstance(scripts, list) else [scripts]:
            stage.scripts.append({"times": 1, **entry})

    @control.delete("/_control/script")
    async def clear(id: Optional[int] = None) -> None:
        stage.scripts = [s for s in stage.scripts if id is not None and s.get("id") != id]

    @control.post("/_control/release")
    async def release(hold: str = Body(..., embed=True)) -> None:
        stage.holds[hold].set()

    @control.post("/_control/drop")
    async def drop() -> None:
        """Reset every connection that ever carried a request of the API and is still open."""
        for transport in stage.transports.values():
            if not transport.is_closing():
                reset(transport)
        stage.transports.clear()

    @control.post("/_control/reset")
    async def forget() -> None:
        """Begin anew, for the next test: no records, no scripts, no integrations, any key."""
        await drop()
        stage.records.clear()
        stage.scripts.clear()
        stage.integrations.clear()
        stage.holds.clear()
        stage.options.update(keys=None, known=None, pydantic=1)

    @control.put("/_control/options")
    async def options(given: dict[str, Any] = Body(...)) -> dict[str, Any]:
        stage.options.update(given)
        return stage.options

    @control.get("/_control/integrations")
    async def integrations() -> JSONResponse:
        return JSONResponse(stage.integrations)

    @control.put("/_control/integrations/{id}")
    async def plant(id: int, given: dict[str, Any] = Body(...)) -> None:
        stage.integrations[id] = {"id": id, "type": "mode", "name": None, "workspace": "", **given}

    @control.delete("/_control/integrations/{id}")
    async def uproot(id: int) -> None:
        stage.integrations.pop(id, None)

    return control
