"""The HTTP transport: one application under uvicorn with MCP, the pictures and the gallery, safe enough to leave on."""

import logging
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from imagewright import __version__
from imagewright.gallery.routes import gallery_routes, refusal
from imagewright.principals import principal
from imagewright.settings import OAuth
from imagewright.studio import Studio
from imagewright.transports.connections import most, of_one_server
from imagewright.transports.delivery import Note
from imagewright.transports.discretion import discreet
from imagewright.transports.ending import DRAIN_SECONDS, Ending, ended
from imagewright.transports.endpoints import Endpoints
from imagewright.transports.front import Names
from imagewright.transports.gate import OPEN_PATH, Gate
from imagewright.transports.issuer_keys import IssuerKeys
from imagewright.transports.metrics import PATH as METRICS_PATH
from imagewright.transports.metrics import Metrics
from imagewright.transports.oauth import ENDPOINTS, Verifier, metadata_path
from imagewright.transports.signals import ending_signals
from imagewright_tools import TOOLS

_HEAD_BYTES: Final = 16 * 1024
_KEEP_ALIVE_SECONDS: Final = 30  # between two requests of a client
LAST_BYTES_SECONDS: Final = 1  # for what is still being sent when everything has been answered
_AT_ONCE: Final = 128  # that are taken in one turn of the loop; the first must be heard before they need its room
_WAITING: Final = 1024  # that wait to be taken; more are not heard, and try again after a second
_SILENT: Final = logging.CRITICAL + 1


@dataclass(frozen=True, slots=True)
class Served:
    """What is served over HTTP; with `token` None nobody needs one."""

    mcp: MCPServer[Studio]
    studio: Studio
    note: Note  # awaited with each result of a tool that went out
    names: Names
    token: str | None
    oauth: OAuth | None = None


async def serve(served: Served, listening: socket.socket) -> int:
    """Serve on a socket that listens, and return the exit code: 128 and the number of the signal that came, or 0.

    The first SIGTERM or SIGINT ends it within five seconds. Nothing more is sent to a provider; calls that are open
    are answered with their pictures if those come in 1.5 seconds, otherwise with their generation_id; what is being
    paid for after that is left to the journal, and the next server goes on with it. A second signal ends the process
    at once.
    """
    # It logs a message that it cannot read with what is in it.
    logging.getLogger("mcp.server.sse").setLevel(logging.CRITICAL)
    server = HttpServer(served)
    with ending_signals(server.end) as received:
        await server.serve([listening])
    return 128 + received[0] if received else 0


class HttpServer(uvicorn.Server):
    """uvicorn's server, which leaves the signals to us and lets open calls be answered before it ends."""

    def __init__(self, served: Served) -> None:
        self._studio = served.studio
        self._ending = Ending(served.studio.hand_over)
        metrics = Metrics(served.studio, [tool.name for tool in TOOLS])
        super().__init__(_config(_application(served, self._ending, metrics)))
        connections = self.server_state.connections
        metrics.watch("http_connections", "Open connections.", lambda: len(connections))

    def end(self) -> None:
        """End `serve`, as soon as what is open has been answered."""
        self._studio.hurry(DRAIN_SECONDS)
        self._ending.begin()
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave them alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; asyncio takes one number for how many connections may wait, and for how many it takes in one go."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_WAITING)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer, and then end."""
        await self._ending.come()
        await super().shutdown(sockets)


def _application(served: Served, ending: Ending, metrics: Metrics) -> ASGIApp:
    served.studio.pictures_url = served.names.base_url
    served.mcp.middleware.extend([ending.count, discreet(served.studio.home)])
    endpoints = Endpoints(served.mcp, served.studio, served.note, ending)
    oauth = served.oauth
    keys = IssuerKeys(oauth.issuer, oauth.jwks_url) if oauth else None
    verifier = Verifier(oauth, served.names.base_url, keys) if oauth and keys else None
    metrics.watch("http_sessions", "Open sessions at /mcp.", lambda: endpoints.sessions)
    metrics.watch("http_streams", "Open streams at /sse.", lambda: endpoints.streams)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with endpoints.running():
            yield
        if keys:
            await keys.aclose()

    async def health(_: Request) -> Response:
        if ending.begun:
            return ended()
        return JSONResponse({"name": "imagewright", "version": __version__}, headers={"Cache-Control": "no-store"})

    routes = [
        Route(OPEN_PATH, health, methods=["GET"]),
        Route(METRICS_PATH, metrics.answer, methods=["GET"]),
        *endpoints.routes,
        *gallery_routes(served.studio.journal, served.studio.library, principal),
        *(_metadata_routes(verifier) if verifier else ()),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _nowhere, 405: _not_so}, lifespan=lifespan)
    app.router.redirect_slashes = False
    # What the gate finds out is handed on to the tools.
    gate = Gate(AuthContextMiddleware(app), served.names, served.token, verifier)
    return metrics.around(ending.around(gate))


def _metadata_routes(verifier: Verifier) -> list[Route]:
    def route(endpoint: str) -> Route:
        async def tell(_: Request) -> Response:
            return JSONResponse(verifier.metadata(endpoint), headers={"Cache-Control": "max-age=3600"})

        return Route(metadata_path(endpoint), tell, methods=["GET"])

    return [route(endpoint) for endpoint in ENDPOINTS]


async def _nowhere(_: Request, __: Exception) -> Response:
    return refusal(404, "Nothing is here. MCP is at /mcp, for old clients at /sse; the gallery is at /.")


async def _not_so(_: Request, __: Exception) -> Response:
    return refusal(405, "This address is for reading: GET or HEAD.", {"Allow": "GET, HEAD"})


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=of_one_server(most()),
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level=_SILENT,  # what fails in the application is logged by `Ending`
        access_log=False,  # it would have the token of a browser's first request
        server_header=False,
        # What a request finds out (whose it is) must not reach the next one on its connection, as asyncio lets it.
        reset_contextvars=True,
        proxy_headers=False,  # nothing here depends on who the client says that it is
        backlog=_AT_ONCE,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=LAST_BYTES_SECONDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
