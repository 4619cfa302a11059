"""A provider that does as it is told: a raw HTTP server on loopback, which answers from a script and records."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

# How an answer ends: whole; "cut" sends half the body and closes; "close" sends nothing and closes; "drip" sends the
# head and one byte and then waits for the client to go away; "drip_head" sends one byte and waits.
Ending = Literal["whole", "cut", "close", "drip", "drip_head"]


_NEVER = 1_000_000  # requests
_WITNESSES = ("/v1/jobs", "/api/v1/me", "/api/v1/media?", "/api/v1/usage")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came over the wire; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request gets; a body that is not bytes is sent as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ending: Ending = "whole"

    @property
    def payload(self) -> bytes:
        """The body as it goes over the wire."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(slots=True)
class Scripted:
    """The running server: `url` is its base, `seen` every request in the order of arrival.

    What looks for the traces of a lost call, what counts before a paid one, and what fetches a picture to keep it, is
    not in `seen` but in `looked`, and finds nothing unless a script for its path says otherwise. With
    `gives_pictures`, pictures come from any script.
    """

    url: str
    seen: list[Seen] = field(default_factory=list[Seen])
    looked: list[Seen] = field(default_factory=list[Seen])
    connections: int = 0
    unscripted: int = 0
    gives_pictures: bool = False
    most_at_once: int = 0
    dripping: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _at_once: int = 0
    _scripts: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _gate: int = 0
    _gate_open: asyncio.Event = field(default_factory=asyncio.Event)

    def answer(self, *answers: Answer, path: str = "") -> None:
        """Give the next requests these answers, in this order: requests to `path`, or to any path without a script."""
        self._scripts[path].extend(answers)

    def hold_until(self, arrived: int) -> None:
        """Answer nobody before this many requests have arrived: the proof that they run side by side."""
        self._gate = arrived

    def hold(self) -> None:
        """Answer nobody before `let_go`; `arrived` is set with the first request."""
        self.hold_until(_NEVER)

    def let_go(self) -> None:
        """Answer whoever was held."""
        self._gate = 0
        self._gate_open.set()

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in the order of arrival."""
        return [one.path for one in self.seen]

    @property
    def only(self) -> Seen:
        """The one request that came."""
        (one,) = self.seen
        return one

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection as the script says, for as long as it stays open."""
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # the client went away, or speaks no HTTP (a TLS greeting)
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        seen = await _request(reader)
        is_picture = seen.headers.get("accept") == "image/*"
        is_aside = seen.method == "GET" and (is_picture or any(one in seen.path for one in _WITNESSES))
        if is_aside and not (self._scripts.get(seen.path) or (is_picture and self.gives_pictures)):
            self.looked.append(seen)
            await self._answer(Answer(404, {}), reader, writer)
            return seen.headers.get("connection") != "close"
        self.seen.append(seen)
        self.arrived.set()
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        if len(self.seen) >= self._gate:
            # Whoever else is on the way arrives meanwhile, and shows in `most_at_once`.
            for _ in range(300 if self._gate else 0):
                await asyncio.sleep(0)
            self.let_go()
        await self._gate_open.wait()
        answer = self._next(seen.path)
        await self._answer(answer, reader, writer)
        self._at_once -= 1
        return answer.ending == "whole" and seen.headers.get("connection") != "close"

    def _next(self, path: str) -> Answer:
        script = self._scripts.get(path) or self._scripts[""]
        if script:
            return script.popleft()
        self.unscripted += 1
        return Answer(599, b"the script has no answer for this request")

    async def _answer(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer.ending == "close":
            return
        payload = answer.payload
        length = len(payload)
        headers = {"Content-Type": "application/json", "Content-Length": str(length), **answer.headers}
        head = f"HTTP/1.1 {answer.status} Scripted\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n"
        whole = head.encode("latin-1") + payload
        kept = {"whole": len(whole), "cut": len(whole) - length + length // 2, "drip_head": 1}
        writer.write(whole[: kept.get(answer.ending, len(whole) - length + 1)])
        await writer.drain()
        if answer.ending in {"drip", "drip_head"}:
            self.dripping.set()
            await reader.read()  # returns when the client closes


async def _request(reader: asyncio.StreamReader) -> Seen:
    first = await reader.readexactly(1)
    if not first.isalpha():
        raise ValueError("a TLS greeting, not HTTP")
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in head[1:]) if name
    }
    return Seen(method, path, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def scripted() -> AsyncGenerator[Scripted]:
    """Run a server on a free port of loopback while the block runs."""
    running = Scripted("")
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        await server.wait_closed()
