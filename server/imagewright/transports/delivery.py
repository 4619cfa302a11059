"""Which results of tools reached their clients, told from what goes out over HTTP."""

import json
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagewright.transports.connections import Connection, connection_of

_logger = logging.getLogger("imagewright")

_MARK: Final = b'"generation_id"'  # what is not about a generation is not read
_DATA: Final = b"data: "

Note = Callable[[Mapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """In front of the application; `note` is awaited with each result of a tool that went out.

    A result went out once the operating system has taken the last byte of its message from a connection that was open
    when that byte was sent. A proxy in front may still lose it, and so may a client that goes at that moment.
    """

    app: ASGIApp
    note: Note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        connection = connection_of(scope) if scope["type"] == "http" else None
        if connection is None:
            await self.app(scope, receive, send)
            return
        ear = _Ear()

        async def send_and_note(message: Message) -> None:
            was_open = connection.is_open
            await send(message)
            if was_open and (results := ear.results(message)):
                # The SDK ends an exchange by cancelling it, and many clients by closing the connection.
                with anyio.CancelScope(shield=True):
                    await self._note(results, connection)

        await self.app(scope, receive, send_and_note)

    async def _note(self, results: list[Mapping[str, Any]], connection: Connection) -> None:
        if not await connection.written():
            return
        for result in results:
            try:
                await self.note(result)
            except Exception:
                # The answer went out, and others are on their way.
                _logger.exception("an answer went out, but that could not be noted")


@dataclass(slots=True)
class _Ear:
    """Reads the messages of one response: a JSON body, or a stream of events of which each comes in one part."""

    _kind: bytes = b""
    _body: bytearray = field(default_factory=bytearray)

    def results(self, message: Message) -> list[Mapping[str, Any]]:
        """Return the results that are complete with this part of the response."""
        if message["type"] == "http.response.start":
            found = [value for name, value in message["headers"] if name.lower() == b"content-type"]
            self._kind = found[0].partition(b";")[0].strip() if found else b""
        elif message["type"] == "http.response.body":
            part: bytes = message.get("body", b"")
            if self._kind == b"text/event-stream":
                return list(_events(part)) if _MARK in part else []
            if self._kind == b"application/json":
                self._body += part
                if not message.get("more_body"):
                    return list(_result(bytes(self._body))) if _MARK in self._body else []
        return []


def _events(part: bytes) -> Generator[Mapping[str, Any]]:
    for line in part.splitlines():
        if line.startswith(_DATA):
            yield from _result(line.removeprefix(_DATA))


def _result(text: bytes) -> Generator[Mapping[str, Any]]:
    said: object = json.loads(text)
    result: object = cast("dict[str, object]", said).get("result") if isinstance(said, dict) else None
    if isinstance(result, dict) and "content" in result:  # a tool's
        yield cast("dict[str, Any]", result)
