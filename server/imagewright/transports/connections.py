"""HTTP/1.1 connections as uvicorn serves them, with bounds that it has not, and ears for what went out."""

import asyncio
import socket
from contextlib import suppress
from typing import Any, Final, cast

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from imagewright.transports.crowd import Crowd

MOST: Final = 512
"""How many there may be; past that the one that has been idle for longest makes room."""
_HEAD_SECONDS: Final = 10.0  # from the first byte of a request, or a connection, to the end of its headers
_STALLED_SECONDS: Final = 60.0  # in which a client takes not one byte of what was sent to it
_EXTENSION: Final = "imagewright.connection"


def most() -> int:
    """Return how many connections there may be: `MOST`, or fewer where the system gives a process few files."""
    with suppress(ImportError):  # Windows has no such limit
        import resource  # noqa: PLC0415  # see above

        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return min(MOST, files // 2) if files > 0 else MOST
    return MOST


def of_one_server(most: int) -> type["Connection"]:
    """Return the class of a server's connections, of which there may be `most`."""

    class Ours(Connection):
        crowd = Crowd(most)

    return Ours


class Connection(H11Protocol):
    """One connection. It ends where its client sends no request in time, takes no answer, or has to make room."""

    crowd: Crowd  # of its server

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._application = self.app
        self.app = self._call
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._broken = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin, if need be in the room of the connection that has been idle for longest."""
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Whatever the operating system does not take at once pauses: so it is known when all is with it.
        transport.set_write_buffer_limits(0)
        super().connection_made(transport)
        self._expect_a_request()
        self.crowd.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._broken = self._broken or exc is not None
        for timer in (self._deadline, self._stalled):
            if timer is not None:
                timer.cancel()
        self.crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        super().data_received(data)
        if not self.is_idle:
            self.crowd.work(self)
            if self._deadline is not None:
                self._deadline.cancel()
                self._deadline = None
        elif self._deadline is None:
            # Half of the next request, or the rest of one that was answered before it was all there.
            self._expect_a_request()

    def on_response_complete(self) -> None:
        """Be idle, unless the next request is here already."""
        super().on_response_complete()
        self._rest()

    def pause_writing(self) -> None:
        """Wait for the client to take what was sent, but not for ever."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()
        self._rest()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first
        return cycle is None or cycle.response_complete

    @property
    def is_open(self) -> bool:
        """Whether the client has not gone, as far as the operating system has told."""
        return not (self._broken or self.transport.is_closing())

    async def written(self) -> bool:
        """Wait until the operating system has all that was sent, and return whether it took it all."""
        await self.flow.drain()
        return not self._broken

    def abort(self) -> None:
        """End at once; what was not taken yet is dropped."""
        self._broken = True
        self.crowd.leave(self)
        self.transport.abort()

    def _rest(self) -> None:
        # Nor is a connection idle whose client has not taken all of its answer.
        if self.is_idle and not self.flow.write_paused:
            self.crowd.rest(self)

    def _expect_a_request(self) -> None:
        self._deadline = self.loop.call_later(_HEAD_SECONDS, self._end_if_idle)

    def _end_if_idle(self) -> None:
        self._deadline = None
        if self.is_idle:
            self.abort()

    def _watch(self, waiting: int) -> None:
        self._stalled = self.loop.call_later(_STALLED_SECONDS, self._end_if_stalled, waiting)

    def _end_if_stalled(self, waiting: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left < waiting:
            self._watch(left)
        else:
            self.abort()

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**(scope.get("extensions") or {}), _EXTENSION: self}
        await self._application(scope, receive, send)


def connection_of(scope: Scope) -> Connection | None:
    """Return the connection that a request came by; None under another server than ours."""
    extensions = cast("dict[str, object]", scope.get("extensions") or {})
    found = extensions.get(_EXTENSION)
    return found if isinstance(found, Connection) else None
