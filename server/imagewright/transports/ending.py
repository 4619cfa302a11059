"""The end of the HTTP server: open calls are answered as far as they can be, then streams end, then connections."""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import anyio
from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.types import INTERNAL_ERROR
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagewright.gallery.routes import refusal
from imagewright.principals import principal

_log = logging.getLogger("imagewright")

DRAIN_SECONDS: Final = 3.0
"""How long after a signal what is being paid for is waited for; the rest is the journal's."""
ANSWERS_SECONDS: Final = 1.5  # in which open calls may still be answered with their pictures
HAND_OVER_SECONDS: Final = 0.5  # in which the others are answered that they go on
LINGER_SECONDS: Final = 0.5  # in which clients may ask what they need to read their answer
MOST_CALLS: Final = 1000  # that are answered at once; most of them wait for a generation
MOST_CALLS_EACH: Final = 400  # of each principal
LAST_ANSWERS_SECONDS: Final = 0.5  # in which what was answered goes out


class Ending:
    """One for a server: knows the calls that are open, and ends what would not end by itself."""

    def __init__(self, hand_over: Callable[[], None]) -> None:
        """Remember what makes those who wait for a generation get its id instead."""
        self._hand_over = hand_over
        self._open_calls, self._posts = Counter[str](), 0
        self._none_open, self._no_posts = anyio.Event(), anyio.Event()
        self.begun = False
        self._cut = anyio.Event()
        self.over = anyio.Event()
        """Set once nothing more is answered: a stream that is open then ends by itself."""

    async def count(self, ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
        """Count the open calls, as a middleware of the MCP server, and refuse one too many.

        Raises:
            MCPError: As many are open as may be, of all principals or of this one.
        """
        if ctx.method != "tools/call":
            return await call_next(ctx)
        whose = principal()
        if self._open_calls.total() >= MOST_CALLS or self._open_calls[whose] >= MOST_CALLS_EACH:
            raise MCPError(INTERNAL_ERROR, "The server is busy: too many calls are open. Call again in a few seconds.")
        self._open_calls[whose] += 1
        try:
            return await call_next(ctx)
        finally:
            self._open_calls[whose] -= 1
            self._open_calls += Counter()  # forgets who has none
            if self.begun and not self._open_calls:
                self._none_open.set()

    def begin(self) -> None:
        """Note that the server is to end."""
        self.begun = True
        if not self._open_calls:
            self._none_open.set()
        if not self._posts:
            self._no_posts.set()

    async def come(self) -> None:
        """Return once every call is answered, or as many as can be in time."""
        linger = LINGER_SECONDS if self._open_calls else 0
        with anyio.move_on_after(ANSWERS_SECONDS):
            await self._none_open.wait()
        self._hand_over()
        with anyio.move_on_after(HAND_OVER_SECONDS):
            await self._none_open.wait()
        # The SDK's clients ask for the list of tools before they hand a result on.
        await anyio.sleep(linger)
        self.over.set()
        # A call that has returned is not answered yet: its answer is on its way through the SDK.
        with anyio.move_on_after(LAST_ANSWERS_SECONDS):
            await self._no_posts.wait()
        self._cut.set()

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application with an end: late requests are refused."""

        async def ending(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and self.over.is_set():
                await ended()(scope, receive, send)
                return
            try:
                await app(scope, receive, send)
            except Exception:
                _log.exception("%s failed in a way that nobody foresaw", scope.get("path", "the server"))
                raise

        return ending

    def cutting(self, app: ASGIApp) -> ASGIApp:
        """Return an application whose streams would never end, with an end: its clients seem to have gone then."""

        async def cut(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] != "POST":
                await _until(self.over, app, scope, receive, send)
                return
            self._posts += 1
            try:
                await _until(self._cut, app, scope, receive, send)
            finally:
                self._posts -= 1
                if self.begun and not self._posts:
                    self._no_posts.set()

        return cut


async def _until(end: anyio.Event, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    started = False

    async def note_and_send(message: Message) -> None:
        nonlocal started
        started = True
        await send(message)

    async def receive_or_end() -> Message:
        heard: Message = {"type": "http.disconnect"}
        async with anyio.create_task_group() as group:

            async def leave() -> None:
                await end.wait()
                group.cancel_scope.cancel()

            group.start_soon(leave)
            heard = await receive()
            group.cancel_scope.cancel()
        return heard

    await app(scope, receive_or_end, note_and_send)
    if end.is_set() and not started:
        await ended()(scope, receive, send)


def ended() -> Response:
    """Return the answer to requests that come too late."""
    return refusal(503, "The server is ending. Try again in a moment.", {"Connection": "close", "Retry-After": "5"})
