"""The endpoints of MCP over HTTP: `/mcp` for both eras, `/sse` and `/messages` for clients from before 2025-03-26."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
from mcp.server import Server
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, authorization_context
from mcp.server.mcpserver import MCPServer
from mcp.server.runner import serve_dual_era_loop
from mcp.server.sse import SseServerTransport
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types.version import MODERN_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from imagewright.gallery.routes import refusal
from imagewright.models import LOCAL
from imagewright.principals import principal
from imagewright.studio import Studio
from imagewright.transports.bodies import MOST_BYTES, Bodies
from imagewright.transports.delivery import Delivery, Note
from imagewright.transports.ending import Ending

MOST_SESSIONS: Final = 200  # of each kind; a client has one
MOST_SESSIONS_EACH: Final = 40  # of each kind, for everybody but the owner
_IDLE_SECONDS: Final = 30 * 60.0


class Endpoints:
    """One for a server. Its routes answer while `running`."""

    def __init__(self, mcp: MCPServer[Studio], studio: Studio, note: Note, ending: Ending) -> None:
        """`note` is awaited with each result of a tool that went out."""
        # The SDK keeps its `Server` private; nothing public serves SSE without entering its lifespan anew (mcp 2.3).
        server: Server[Studio] = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
        # No security settings: whom a request may name is the gate's to say, before anything else.
        self._manager = StreamableHTTPSessionManager(
            server,
            max_request_body_size=MOST_BYTES,
            max_sessions=MOST_SESSIONS,
            session_idle_timeout=_IDLE_SECONDS,
        )
        sse = self._sse = _Sse(server, studio, ending.over)

        def route(path: str, app: ASGIApp) -> Route:
            return Route(path, Bodies(Delivery(app, note)))

        self.routes = [
            route("/mcp", ending.cutting(self._mcp)),
            route("/sse", sse.stream),
            route("/messages", sse.messages),
        ]

    @property
    def sessions(self) -> int:
        """How many sessions are open at `/mcp`."""
        # The SDK bounds them, and tells nobody how many there are (mcp 2.3).
        return len(self._manager._server_instances)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above

    @property
    def streams(self) -> int:
        """How many streams are open at `/sse`."""
        return self._sse.streams.total()

    async def _mcp(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the SDK, unless it would open one session too many of its principal."""
        user, headers = scope.get("user"), Headers(scope=scope)
        is_stateless = headers.get("mcp-protocol-version") in MODERN_PROTOCOL_VERSIONS
        opens = "mcp-session-id" not in headers and not is_stateless
        if opens and scope["method"] == "POST" and isinstance(user, AuthenticatedUser):
            # The SDK knows who opened which, for a reason of its own, and tells nobody (mcp 2.3).
            owners = self._manager._session_owners.values()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
            if sum(one == authorization_context(user) for one in owners) >= MOST_SESSIONS_EACH:
                await _too_many()(scope, receive, send)
                return
        await self._manager.handle_request(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Answer while the block runs. The lifespan of the MCP server is entered here, once, for all transports."""
        async with self._manager.run():
            yield


class _Sse:
    """The HTTP+SSE transport of 2024-11-05: a stream of events, and a place to post messages to."""

    def __init__(self, server: Server[Studio], studio: Studio, over: anyio.Event) -> None:
        self._server = server
        self._studio = studio
        self._over = over
        self._transport = SseServerTransport("/messages", max_request_body_size=MOST_BYTES)
        self.streams = Counter[str]()

    async def stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET with events until the client goes or the server ends."""
        if scope["method"] != "GET":
            await refusal(405, "This is a stream of events: GET.", {"Allow": "GET"})(scope, receive, send)
            return
        whose = principal()
        if self.streams.total() >= MOST_SESSIONS or (whose != LOCAL and self.streams[whose] >= MOST_SESSIONS_EACH):
            await _too_many()(scope, receive, send)
            return
        self.streams[whose] += 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self.streams[whose] -= 1
            self.streams += Counter()  # forgets who has none

    async def messages(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a message that a client posts."""
        await self._transport.handle_post_message(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        options: Any = self._server.create_initialization_options()
        async with (
            self._transport.connect_sse(scope, receive, send) as (incoming, outgoing),
            anyio.create_task_group() as group,
        ):

            async def end() -> None:
                await self._over.wait()
                await incoming.aclose()  # what is on its way out still goes out

            group.start_soon(end)
            await serve_dual_era_loop(
                self._server, incoming, outgoing, lifespan_state=self._studio, init_options=options
            )
            group.cancel_scope.cancel()


def _too_many() -> Response:
    return refusal(503, "Too many clients are connected. Try again later.")
