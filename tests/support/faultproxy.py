# SPDX-License-Identifier: MIT
"""A proxy between the daemon and the stand-in that spoils chosen conversations.

It runs in a thread of the test, so it ends with it. A request is read as a whole and handed to the
stand-in before any of its answer goes back; what is spoiled before that point never arrives.

A fault is a name; those of CUTS come with a point at which the conversation is cut:

    reset       the connection is reset
    stall       nothing more is said, until the client gives up
    half-close  nothing more is written, but the client is still listened to

Points, in order: "accept", "head" (the request's head is read), "half-body" (half of its body),
"request" (all of it, and the stand-in has answered), "half-line" (half of the answer's first line
is sent), "half-head" (half of its head), "body" (half of its body).

The others spoil the answer: see ANSWERS.
"""
import asyncio
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from typing import Any, Callable, Iterator, Optional

CUTS = ("reset", "stall", "half-close")
POINTS = ("accept", "head", "half-body", "request", "half-line", "half-head", "body")

OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STRAY = b'HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 16\r\n\r\n{"detail":"not"}'

# What is sent instead of the stand-in's answer, which is given.
ANSWERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "byte-by-byte": lambda answer: (answer[n : n + 1] for n in range(len(answer))),
    "garbage": lambda answer: iter([bytes(range(256)) * 8]),
    "empty-line": lambda answer: iter([b"\r\n\r\n"]),
    "huge": lambda answer: iter([OK + b"content-length: 1073741824\r\n\r\n"] + [b"x" * 4096] * 64),
    "endless": lambda answer: iter([OK + b"connection: close\r\n\r\n"] + [b"y" * 4096] * 1024),
    "bad-chunking": lambda answer: iter([OK + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"]),
    "cut-chunking": lambda answer: iter([OK + b"transfer-encoding: chunked\r\n\r\nff\r\n{}"]),
    "two-lengths": lambda answer: iter([OK + b"content-length: 2\r\ncontent-length: 9\r\n\r\n{}"]),
    "huge-head": lambda answer: iter([OK] + [b"x-more: " + b"z" * 8000 + b"\r\n"] * 200),
    "only-100": lambda answer: iter([b"HTTP/1.1 100 Continue\r\n\r\n"]),
    "no-status": lambda answer: iter([b"HTTP/1.1 OK\r\n\r\n"]),
    # An answer that nobody asked for must not be taken for that to the next request.
    "stray": lambda answer: iter([answer + STRAY]),
}
# After these the connection goes on, as far as the proxy is concerned.
HARMLESS = ("byte-by-byte", "stray")


class Gone(Exception):
    """The conversation is over."""


def reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class FaultProxy:
    """`contexts`: for each connection by its number from 1 its side of TLS, b"" for plain words
    in the place of a handshake; the last one stays."""

    def __init__(self, upstream: int, contexts: Optional[list[Any]] = None) -> None:
        self.upstream = upstream
        self.contexts = contexts
        self.keep = True
        self.faults: dict[int, list[tuple[str, str]]] = {}
        self.accept_faults: dict[int, str] = {}
        self.connections = 0
        self.records: list[dict[str, Any]] = []
        self.met: Counter[str] = Counter()
        self.tasks: set[Any] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def spoil(self, id: int, fault: str, point: str = "", times: int = 1) -> None:
        """The next requests of that integration."""
        self.faults[id] = [(fault, point)] * times

    def spoil_connection(self, number: int, fault: str) -> None:
        self.accept_faults[number] = fault

    def unmet(self) -> int:
        return len(self.accept_faults) + sum(len(faults) for faults in self.faults.values())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.listener.close()

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.listener.setblocking(False)
        accepting = self.loop.create_task(self.accept())
        self.loop.run_forever()
        accepting.cancel()
        for task in self.tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def accept(self) -> None:
        while True:
            sock, _ = await self.loop.sock_accept(self.listener)
            self.connections += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self.loop.create_task(self.serve(sock, self.connections))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def serve(self, sock: socket.socket, number: int) -> None:
        fault = self.accept_faults.pop(number, None)
        if fault is not None:
            self.met[fault] += 1
        if fault == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            return
        try:
            talk = await self.open(sock, number)
        except (Gone, ConnectionError, ssl.SSLError):
            sock.close()
            return
        try:
            if fault is not None:
                await talk.cut(fault)
            while await talk.exchange():
                pass
        except (Gone, ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            talk.writer.close()

    async def open(self, sock: socket.socket, number: int) -> "Talk":
        context = None
        if self.contexts is not None:
            context = self.contexts[min(number, len(self.contexts)) - 1]
        if context == b"":
            await self.loop.sock_recv(sock, 4096)
            await self.loop.sock_sendall(sock, b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise Gone
        reader = asyncio.StreamReader()
        transport, protocol = await self.loop.connect_accepted_socket(
            lambda: asyncio.StreamReaderProtocol(reader), sock, ssl=context
        )
        writer = asyncio.StreamWriter(transport, protocol, reader, self.loop)
        return Talk(self, reader, writer)


class Talk:
    """One connection of the client's."""

    def __init__(
        self, proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.proxy = proxy
        self.reader = reader
        self.writer = writer
        self.record: Optional[dict[str, Any]] = None

    def end(self) -> None:
        """Stamped before the client can know, so that its next request never seems too early."""
        if self.record is not None and self.record["end"] is None:
            self.record["end"] = time.monotonic()

    async def cut(self, fault: str) -> None:
        if fault == "reset":
            self.end()
            reset(self.writer)
        elif fault == "half-close":
            self.end()
            self.writer.write_eof()
        if fault != "reset":
            while await self.reader.read(65536):
                pass
            self.end()
        raise Gone

    async def pass_point(self, fault: tuple[str, str], point: str) -> None:
        if fault[0] in CUTS and fault[1] == point:
            await self.cut(fault[0])

    async def exchange(self) -> bool:
        """One request and its answer; false if the connection is over."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        id = int(head.split(b" ", 2)[1].rstrip(b"/").rpartition(b"/")[2])
        self.record = {"id": id, "start": time.monotonic(), "end": None}
        self.proxy.records.append(self.record)
        faults = self.proxy.faults.get(id)
        fault = faults.pop() if faults else ("", "")
        self.proxy.met[fault[0]] += 1
        try:
            await self.pass_point(fault, "head")
            length = length_of(head)
            body = await self.reader.readexactly(length // 2)
            await self.pass_point(fault, "half-body")
            body += await self.reader.readexactly(length - length // 2)
            answer_head, answer_body = await self.ask(head + body)
            await self.pass_point(fault, "request")
            return await self.answer(fault, answer_head, answer_body)
        finally:
            self.end()

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy.upstream)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(length_of(head))
        writer.close()
        if not self.proxy.keep:
            head = head[:-2] + b"connection: close\r\n\r\n"
        return head, body

    async def answer(self, fault: tuple[str, str], head: bytes, body: bytes) -> bool:
        if fault[0] in ANSWERS:
            return await self.answer_oddly(fault[0], head + body)
        whole = head + body
        ends = {
            "half-line": head.index(b"\r\n") // 2,
            "half-head": len(head) // 2,
            "body": len(head) + len(body) // 2,
        }
        if fault[1] in ends:
            self.writer.write(whole[: ends[fault[1]]])
            await self.writer.drain()
            await self.pass_point(fault, fault[1])
        self.end()
        self.writer.write(whole)
        await self.writer.drain()
        return self.proxy.keep

    async def answer_oddly(self, fault: str, whole: bytes) -> bool:
        parts = list(ANSWERS[fault](whole))
        if fault not in HARMLESS:
            # The client may have had enough of any of them.
            self.end()
        for part in parts[:-1]:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0)
        self.end()
        self.writer.write(parts[-1])
        await self.writer.drain()
        return fault in HARMLESS and self.proxy.keep


def length_of(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
