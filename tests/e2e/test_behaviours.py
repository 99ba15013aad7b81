# SPDX-License-Identifier: MIT
"""What servers and what stands before them may answer, and how each answer is taken and worded.

Each row is an integration whose first request gets that answer; between any two of them stands one that
is served well, so that no row is affected by the one before. All rows of a kind run at once, in the
order of the table, backwards, and from its middle on.
"""
from typing import Any, NamedTuple, Optional

import pytest

from harness import Api, Config, Daemon

CRON = "0 6 * * *"
PLAIN, HTML, PROBLEM = "text/plain", "text/html; charset=utf-8", "application/problem+json"


COMPRESSED = "the answer is compressed (gzip), which was not asked for"


class Row(NamedTuple):
    status: int
    words: str  # the message begins with these, behind "integration N: "
    text: str = ""
    type: Optional[str] = None
    headers: dict[str, str] = {}


def entry(where: str, message: str, kind: str) -> str:
    return f'{{"loc":{where},"msg":"{message}","type":"{kind}"}}'


REJECTED = [
    Row(422, "422 body.indexing_cron: bad (value)", f'{{"detail":[{entry("""["body","indexing_cron"]""", "bad", "value")}]}}'),
    Row(422, "422 body.8: m (t)", f'{{"detail":[{entry("""["body",8]""", "m", "t")}]}}'),
    Row(422, "422 bad cron", '{"detail":"bad cron"}'),
    Row(422, "422 bad cron", '{"detail":["bad cron"]}'),
    Row(422, "422 indexing_cron: bad", '{"detail":{"indexing_cron":["bad"]}}'),
    Row(422, "422 indexing_cron: bad", '{"detail":{"indexing_cron":"bad"}}'),
    Row(422, "422 indexing_cron: bad", '{"indexing_cron":["bad"]}'),
    Row(422, "422 name: long", '{"errors":{"name":[{"message":"long"}]}}'),
    Row(422, "422 indexing_cron: no", '{"title":"T","detail":"d","errors":[{"detail":"no","pointer":"#/indexing_cron"}]}', PROBLEM),
    Row(422, "422 d", '{"type":"about:blank","title":"T","detail":"d"}', PROBLEM),
    Row(422, "422 T (about:blank)", '{"type":"about:blank","title":"T"}', PROBLEM),
    Row(422, "422 m", '{"error":{"code":7,"message":"m"}}'),
    Row(422, "422 m", '{"message":"m"}'),
    Row(422, "422 m", '["m"]'),
    Row(422, "422 m", '"m"'),
    Row(422, "422 m", '\ufeff{"detail":"m"}'),
    Row(422, "422 The cron is bad", "The cron is bad\nsecond line", PLAIN),
    Row(422, "422 m", '{"detail":"m"}', PLAIN),
    Row(422, "422 the answer has no body"),
    Row(422, "422 the answer has no detail", "{}"),
    Row(422, "422 the answer has no detail", '{"indexing_cron":"0 6 * * *","name":"echo"}'),
    Row(422, "422 the answer is incomplete JSON", '{"detail":"m'),
    Row(422, "422 the answer is not JSON (text/html)", "<html>", HTML),
    Row(422, f"422 {COMPRESSED}", "\x1f\x8b", None, {"Content-Encoding": "gzip"}),
    Row(400, "400 Bad Request (text/html)", "<html>", HTML),
    Row(400, "400 There was an error", '{"detail":"There was an error"}'),
    Row(402, "402 pay", '{"detail":"pay"}'),
    Row(404, "404 Not Found", '{"detail":"Not Found"}'),
    Row(404, "404 Not Found (text/html)", "<html>", HTML),
    Row(405, "405 Method Not Allowed (text/html)", "<html>", HTML),
    Row(406, "406 no", "no", PLAIN),
    Row(409, "409 taken", '{"message":"taken"}'),
    Row(410, "410 gone", '{"error":"gone"}'),
    Row(411, "411 the answer has no body"),
    Row(413, "413 Content Too Large (text/html)", "<html>", HTML),
    Row(414, "414 the answer is not JSON (text/html)", "<html>", HTML),
    Row(415, "415 json, please", '{"detail":"json, please"}'),
    Row(418, "418 teapot", "teapot", PLAIN),
    Row(421, "421 Misdirected Request (text/html)", "<html>", HTML),
    Row(423, "423 locked", '{"title":"locked"}'),
    Row(424, "424 the answer has no body"),
    Row(428, "428 the answer has no body"),
    Row(431, "431 the answer has no body"),
    Row(451, "451 law", '{"detail":"law"}'),
    Row(499, "499 the answer has no body"),
]
TRANSIENT = [
    Row(408, "408 Request Timeout (text/html)", "<html>", HTML),
    Row(425, "425 early", '{"detail":"early"}'),
    Row(500, "500 Internal Server Error", "Internal Server Error", PLAIN),
    Row(500, "500 Internal Server Error (text/html)", "<html>", HTML),
    Row(500, "500 d", '{"detail":"d"}'),
    Row(501, "501 the answer has no body"),
    Row(502, "502 Bad Gateway (text/html)", "<html>", HTML),
    Row(503, "503 Service Unavailable (text/html)", "<html>", HTML),
    Row(503, f"503 {COMPRESSED}", "\x1f\x8b", HTML, {"Content-Encoding": "gzip"}),
    Row(503, "503 busy; its Retry-After is no time", '{"detail":"busy"}', None, {"Retry-After": "1795703719"}),
    Row(503, "503 busy; its Retry-After is no time", '{"detail":"busy"}', None, {"Retry-After": "9" * 24}),
    Row(503, "503 busy", '{"detail":"busy"}', None, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    Row(504, "504 Gateway Timeout (text/html)", "<html>", HTML),
    Row(507, "507 full", "full", PLAIN),
    Row(520, "520 the answer is not JSON (text/html)", "<html>", HTML),
    Row(599, "599 the answer has no body"),
]
ACCEPTED = [
    Row(200, f"accepted '{CRON}'", "{}"),
    Row(200, f"accepted '{CRON}'"),
    Row(200, f"accepted '{CRON}'", "null"),
    Row(200, f"accepted '{CRON}'", f'{{"indexing_cron":"{CRON}","success":true,"error":null}}'),
    Row(201, f"accepted '{CRON}'", "[]"),
    Row(202, f"accepted '{CRON}', but the answer is an error: queued", '{"detail":"queued"}'),
    Row(200, f"accepted '{CRON}', but the answer is an error: m", '{"error":{"message":"m"}}'),
    Row(200, f"accepted '{CRON}', but the answer is an error: the", '{"success":false}'),
    Row(200, f"accepted '{CRON}', but the answer is not JSON (text/html)", "<html>login</html>", HTML),
    Row(200, f"accepted '{CRON}', but OK", "OK", PLAIN),
    Row(200, f"accepted '{CRON}', but {COMPRESSED}", "\x1f\x8b", None, {"Content-Encoding": "gzip"}),
]
TABLES = {"update-rejected": REJECTED, "update-failed": TRANSIENT, "update-accepted": ACCEPTED}
POSITIONS = {
    "forwards": lambda rows: rows,
    "backwards": lambda rows: rows[::-1],
    "middle": lambda rows: rows[len(rows) // 2 :] + rows[: len(rows) // 2],
}


def script(row: Row, id: int) -> dict[str, Any]:
    headers = dict(row.headers)
    headers["Content-Type"] = row.type or "application/json"
    return {"id": id, "times": 1, "status": row.status, "text": row.text, "headers": headers}


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("event", TABLES)
def test_behaviour(api: Api, config: Config, daemon: Daemon, event: str, position: str) -> None:
    rows = {2 * n + 1: row for n, row in enumerate(POSITIONS[position](TABLES[event]))}
    api.script(*(script(row, id) for id, row in rows.items()))
    for id in rows:
        config.set(id, CRON).set(id + 1, CRON)
    config.settings["api.max_in_flight"] = 1
    config.save()
    daemon.start()
    daemon.accepted(*rows, *(id + 1 for id in rows))
    for id, row in rows.items():
        told = daemon.wait(event, id=id)
        words = told.message.removeprefix(f"integration {id}: ")
        assert words.startswith(row.words), (row, told.message)
        assert told["DFMODE_HTTP_STATUS"] == row.status
        if event == "update-rejected":
            points_at_line = f"{config.path}:" in told.message
            assert points_at_line == (row.type != HTML), told.message
        if event == "update-accepted":
            assert (told["PRIORITY"] == 4) == (", but " in row.words), told.message
    if event != "update-accepted":
        assert not daemon.all("update-rejected" if event == "update-failed" else "update-failed")
    assert not daemon.all("auth-gate") and not daemon.all("config-gate")
