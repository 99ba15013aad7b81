#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stand-in for Datafold's BI lineage API, for the tests and the demo.

The endpoints, the schema and the shape of the errors follow the published OpenAPI page, and the
framework is the one whose errors that page describes, so a 422 here is a real one. What the page
leaves open is answered in the plainest way: a PUT to an unknown id creates it, unless the test said
which ids are known. A cron expression is judged by croniter, which is another implementation than
the daemon's own.

Everything a test may ask of the server beyond the API (scripted answers, faults, the record of
requests) is in stage.py and is reached under /_control/ on the same port.
"""
import argparse
import ctypes
import os
import signal
import socket
from typing import Any, Optional

import uvicorn
from croniter import croniter
from fastapi import Body, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, validator

from stage import Front, Protocol, Stage


class ModeDataSourceConfig(BaseModel):
    indexing_cron: Optional[str] = Field(None, title="Indexing Cron")
    name: Optional[str] = Field(None, title="Name")
    password: str = Field(..., title="Password", format="password", writeOnly=True)
    token: str = Field(..., title="Token", format="password", writeOnly=True)
    workspace: str = Field("", title="Workspace")

    @validator("indexing_cron")
    def cron_must_parse(cls, value: Optional[str]) -> Optional[str]:
        if value is not None and not accepts(value):
            raise ValueError("invalid cron expression")
        return value


def accepts(cron: str) -> bool:
    """Ask croniter; some malformed expressions make it raise instead of answering no. Of `?` its
    versions think differently; here it is refused."""
    try:
        return "?" not in cron and croniter.is_valid(cron)
    except Exception:
        return False


def make_api(stage: Stage) -> FastAPI:
    api = FastAPI(title="Datafold stand-in")

    @api.put("/api/v1/lineage/bi/mode/{bi_datasource_id}/")
    async def update_mode(
        bi_datasource_id: int, config: ModeDataSourceConfig = Body(...)
    ) -> dict[str, Any]:
        require(stage, bi_datasource_id)
        kept = stage.integrations.setdefault(bi_datasource_id, blank(bi_datasource_id))
        kept["indexing_cron"] = config.indexing_cron
        if config.name is not None:
            kept["name"] = config.name
        if "workspace" in config.__fields_set__:
            kept["workspace"] = config.workspace
        return kept

    @api.get("/api/v1/lineage/bi/")
    async def list_all() -> list[dict[str, Any]]:
        return [stage.integrations[key] for key in sorted(stage.integrations)]

    @api.get("/api/v1/lineage/bi/{bi_datasource_id}/")
    async def get_one(bi_datasource_id: int) -> dict[str, Any]:
        return found(stage, bi_datasource_id)

    @api.get("/api/v1/lineage/bi/{bi_datasource_id}/sync/")
    async def start_sync(bi_datasource_id: int) -> dict[str, Any]:
        found(stage, bi_datasource_id)
        return {}

    @api.exception_handler(RequestValidationError)
    async def refuse(_request: Request, error: RequestValidationError) -> JSONResponse:
        entries = [as_pydantic_1(entry) for entry in error.errors()]
        if stage.options["pydantic"] == 2:
            entries = [as_pydantic_2(entry, error.body) for entry in entries]
        return JSONResponse({"detail": entries}, status_code=422)

    return api


def blank(key: int) -> dict[str, Any]:
    return {"id": key, "type": "mode", "name": None, "workspace": "", "indexing_cron": None}


def require(stage: Stage, key: int) -> None:
    known = stage.options["known"]
    if known is not None and key not in known:
        raise HTTPException(404, "BI data source not found")


def found(stage: Stage, key: int) -> dict[str, Any]:
    if key not in stage.integrations:
        raise HTTPException(404, "BI data source not found")
    return stage.integrations[key]


# Type and message as pydantic 1 has them, and as pydantic 2 does.
SAID = (
    ("value_error.missing", "field required", "missing", "Field required"),
    ("value_error.jsondecode", "Expecting value", "json_invalid", "JSON decode error"),
    ("type_error.str", "str type expected", "string_type", "Input should be a valid string"),
    ("type_error.none.not_allowed", "none is not an allowed value", "string_type",
     "Input should be a valid string"),
    ("type_error.integer", "value is not a valid integer", "int_parsing",
     "Input should be a valid integer"),
    ("type_error.dict", "value is not a valid dict", "model_attributes_type",
     "Input should be a valid dictionary"),
)  # fmt: skip
PYDANTIC_1 = {newer: (kind, said) for kind, said, newer, _ in reversed(SAID)}
PYDANTIC_2 = {kind: (newer, said) for kind, _, newer, said in SAID}


def as_pydantic_1(entry: dict[str, Any]) -> dict[str, Any]:
    """Say the same as pydantic 1 does, whichever it is that runs here."""
    if "input" not in entry:
        return entry
    own = (entry["type"], entry["msg"].removeprefix("Value error, "))
    kind, message = PYDANTIC_1.get(entry["type"], own)
    if kind == "type_error.str" and entry["input"] is None:
        kind, message = "type_error.none.not_allowed", "none is not an allowed value"
    return {"loc": entry["loc"], "msg": message, "type": kind}


def as_pydantic_2(entry: dict[str, Any], body: Any) -> dict[str, Any]:
    """Say the same as pydantic 2 does, which repeats what it was given, secrets included."""
    kind, message = PYDANTIC_2.get(entry["type"], (entry["type"], "Value error, " + entry["msg"]))
    return {
        "type": kind,
        "loc": entry["loc"],
        "msg": message,
        "input": body,
        "ctx": {"error": entry["msg"], "body": body},
        "url": "https://errors.pydantic.dev/2/v/" + kind,
    }


class KeyCheck:
    """Refuses a request without an accepted key, before anything reads its body."""

    def __init__(self, api: FastAPI, stage: Stage) -> None:
        self.api = api
        self.stage = stage

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or self.accepted(dict(scope["headers"])):
            await self.api(scope, receive, send)
        else:
            answer = JSONResponse({"detail": "Invalid API key"}, status_code=401)
            await answer(scope, receive, send)

    def accepted(self, headers: dict[bytes, bytes]) -> bool:
        keys = self.stage.options["keys"]
        scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        return scheme == "Key" and bool(key) and (keys is None or key in keys)


class Server(uvicorn.Server):
    """Announces its port, and stops at once: what is under way when a test ends is no loss."""

    def __init__(self, config: uvicorn.Config, port: int) -> None:
        super().__init__(config)
        self.port = port

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        print(f"listening on 127.0.0.1:{self.port}", flush=True)

    def install_signal_handlers(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(0))


def die_with_parent() -> None:
    """Ask for SIGKILL at the parent's death; the second look closes the gap before that."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def listen(port: int) -> socket.socket:
    # Only of a socket that says it is TCP does asyncio switch off Nagle's algorithm, which costs
    # 40 ms an answer on a connection that is used again.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port:
        # A test may hold the port with a bound socket that does not listen, so that nobody else
        # takes it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A stand-in for Datafold's BI lineage API.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--key", action="append", help="accepted API key; any key when not given")
    parser.add_argument("--pydantic", type=int, choices=(1, 2), default=1, help="style of 422s")
    parser.add_argument(
        "--outlive-parent", action="store_true", help="keep running when the parent dies"
    )
    return parser.parse_args()


def main() -> None:
    given = options()
    if not given.outlive_parent:
        die_with_parent()
    stage = Stage(keys=given.key, pydantic=given.pydantic)
    listener = listen(given.port)
    config = uvicorn.Config(
        Front(stage, KeyCheck(make_api(stage), stage)),
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_level="error",
        access_log=False,
    )
    Server(config, listener.getsockname()[1]).run(sockets=[listener])


if __name__ == "__main__":
    main()
