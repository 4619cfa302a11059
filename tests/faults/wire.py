"""Raw HTTP/1.1, so that it can be broken at any byte: reads requests, writes answers, ends connections."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime

from tests.faults.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Head:
    """The first part of a request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is written; the body is sent as it is."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take over a connection that was accepted."""
        self._reader = reader
        self._writer = writer

    async def head(self) -> Head | None:
        """Read the head of the next request; None once the client is gone, or speaks no HTTP."""
        try:
            start = await self._reader.readexactly(1)
            if not start.isalpha():
                await self.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
                return None
            text = (start + await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
            method, target, _ = first.split(" ")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            return None
        path, _, query = target.partition("?")
        headers = {name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
        return Head(method, path, query, headers)

    async def body(self, head: Head) -> bytes:
        """Read the body that belongs to a head.

        Raises:
            asyncio.IncompleteReadError: The client went away before it had sent it.
        """
        return await self._reader.readexactly(int(head.headers.get("content-length", "0")))

    async def write(self, data: bytes) -> None:
        """Send bytes; a client that has gone does not matter."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def until_gone(self) -> None:
        """Wait until the client closes."""
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(65_536):
                pass

    def close(self, *, reset: bool = False) -> None:
        """End the connection, with RST if asked; it may be closed already."""
        if reset:
            found: socket.socket | None = self._writer.get_extra_info("socket")
            if found is not None:
                with contextlib.suppress(OSError):
                    # No lingering: what close does then is RST, not FIN.
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()
        else:
            self._writer.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._writer.transport.abort()


def head_of(answer: Answer, ledger: Ledger) -> bytes:
    """Return the head of an answer as it goes over the wire."""
    headers = {
        "Date": format_datetime(ledger.clock(), usegmt=True),
        "Content-Type": "application/json",
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Bank\r\n{lines}\r\n".encode("latin-1")


def json_answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer whose body is JSON."""
    return Answer(status, json.dumps(body).encode(), headers or {})
