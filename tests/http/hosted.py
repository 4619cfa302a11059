"""A server over HTTP inside the test, and its clients of three generations of the protocol."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import httpx2
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCRequest

from imagewright.app import compose, note_delivery
from imagewright.settings import load
from imagewright.transports.front import Front, Names
from imagewright.transports.http import HttpServer, Served

TOKEN = "test-token_test-token"  # noqa: S105  # of a server that lives as long as the test
Kind = Literal["2024-11-05 sse", "2025-11-25", "2026-07-28"]
KINDS: tuple[Kind, ...] = ("2024-11-05 sse", "2025-11-25", "2026-07-28")


@dataclass(slots=True)
class Hosted:
    """A running server. `noted` has every result of which the server knows that it reached its client."""

    names: Names
    noted: "asyncio.Queue[Mapping[str, Any]]" = field(default_factory=asyncio.Queue[Mapping[str, Any]])
    lifespans: int = 0
    end: Callable[[], None] = field(default=lambda: None)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return self.names.base_url

    def client(self, kind: Kind, token: str = TOKEN) -> Client:
        """Return a client of this generation."""
        return client_of(self.url, kind, token)

    def http(self, **headers: str) -> httpx2.AsyncClient:
        """Return a plain HTTP client that shows the token, and these headers."""
        return httpx2.AsyncClient(base_url=self.url, headers=bearer() | headers, timeout=30)

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a bare connection."""
        return await asyncio.open_connection("127.0.0.1", self.names.port)

    async def say(self, request: bytes) -> bytes:
        """Return all that a bare connection answers to these bytes until the server closes it."""
        reader, writer = await self.open()
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return answer


def bearer(token: str = TOKEN) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def client_of(url: str, kind: Kind, token: str = TOKEN) -> Client:
    """Return a client of this generation for a server anywhere."""
    if kind == "2024-11-05 sse":
        return Client(_older(sse_client(f"{url}/sse", headers=bearer(token))), mode="legacy")
    transport = streamable(f"{url}/mcp", token)
    return Client(transport, mode="legacy" if kind == "2025-11-25" else kind)


@asynccontextmanager
async def streamable(url: str, token: str) -> AsyncGenerator[Any]:
    """Speak to an address as clients since 2025-03-26 do."""
    async with (
        httpx2.AsyncClient(headers=bearer(token), timeout=30) as http,
        streamable_http_client(url, http_client=http) as streams,
    ):
        yield streams


@asynccontextmanager
async def _older(transport: Any) -> AsyncGenerator[Any]:
    """Have a client of today ask for the first revision."""
    async with transport as (read, write):
        yield read, _FirstRevision(write)


class _FirstRevision:
    """A stream to the server, in which the handshake asks for the first revision."""

    def __init__(self, write: Any) -> None:
        self._write = write

    async def send(self, envelope: SessionMessage) -> None:
        message = envelope.message
        if isinstance(message, JSONRPCRequest) and message.method == "initialize":
            params = {**(message.params or {}), "protocolVersion": "2024-11-05"}
            envelope = SessionMessage(message.model_copy(update={"params": params}), envelope.metadata)
        await self._write.send(envelope)

    async def aclose(self) -> None:
        await self._write.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._write, name)


@asynccontextmanager
async def hosted(environ: Mapping[str, str], front: Front | None = None) -> AsyncGenerator[Hosted]:
    """Serve on a free port while the block runs."""
    front = front or Front(port=0)
    listening = front.listen()
    settings = load(environ)
    mcp, studio = compose(settings)
    running = Hosted(front.names(listening))
    begin = studio.running

    @asynccontextmanager
    async def counted(**options: bool) -> AsyncGenerator[None]:
        running.lifespans += 1
        async with begin(**options):
            yield

    async def note(result: Mapping[str, Any]) -> None:
        await note_delivery(studio, result)
        running.noted.put_nowait(result)

    studio.running = counted  # type: ignore[method-assign]  # pyright: ignore[reportAttributeAccessIssue]  # a listener in its place
    server = HttpServer(Served(mcp, studio, note, running.names, TOKEN if front.auth else None, settings.oauth))
    running.end = server.end
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield running
    finally:
        server.end()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
