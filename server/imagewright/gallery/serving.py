"""The command `imagewright gallery`: serves the gallery to this machine's browser, under a path nobody can guess."""

import logging
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from imagewright.album import Album
from imagewright.gallery.routes import gallery_routes, refusal
from imagewright.journal import Journal
from imagewright.library import Files, Library
from imagewright.locks import Locks
from imagewright.settings import Settings

_HOST: Final = "127.0.0.1"
_TOKEN_BYTES: Final = 32
_GRACE_SECONDS: Final = 1
_SILENT: Final = logging.CRITICAL + 1  # the path that nobody may know would be in the log
_NOWHERE: Final = "Nothing is here. Open the address that `imagewright gallery` printed."


def run(settings: Settings, port: int, announce: Callable[[str], None], *, open_browser: bool) -> None:
    """Serve the gallery of the user's data folder until Ctrl-C; `announce` is called with its address once it is open.

    Raises OSError where the port is taken.
    """
    gallery = Serving(settings, port)
    announce(gallery.url)
    if open_browser:
        # In a thread: some browsers keep their caller waiting. What connects before the server runs is queued.
        threading.Thread(target=webbrowser.open, args=(gallery.url,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        gallery.run()


class Serving:
    """A gallery on loopback: it takes connections once made, and answers them while it runs."""

    def __init__(self, settings: Settings, port: int = 0) -> None:
        """Open the port, 0 for a free one. Raises OSError where it is taken."""
        self._listening = _listen(port)
        port = self._listening.getsockname()[1]
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.url = f"http://{_HOST}:{port}/{token}/"
        app = gallery_app(settings, token, (f"{_HOST}:{port}", f"localhost:{port}"))
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level=_SILENT,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )

    def run(self) -> None:
        """Answer until Ctrl-C or `stop`."""
        try:
            self._server.run([self._listening])
        finally:
            self.close()

    def close(self) -> None:
        """Give the port back, where `run` was not called."""
        self._listening.close()

    def stop(self) -> None:
        """End `run`, which another thread is in."""
        self._server.should_exit = True


def gallery_app(settings: Settings, token: str, hosts: Collection[str]) -> ASGIApp:
    """Return the application that answers under `/<token>/` only, and only to these values of the header Host."""
    home = settings.home
    journal = Journal(home)
    library = Library(Files(home), Album(journal), Locks(home / "locks"), settings.library_bytes)

    @asynccontextmanager
    async def open_journal(_: Starlette) -> AsyncGenerator[None]:
        async with aclosing(journal):
            yield

    routes = [Mount("/{token}", routes=gallery_routes(journal, library, whose=lambda: ""))]  # the door knows which
    app = Starlette(routes=routes, exception_handlers={404: _nowhere}, lifespan=open_journal)
    app.router.redirect_slashes = False
    return _Door(app, token, hosts)


async def _nowhere(_: Request, __: Exception) -> Response:
    return refusal(404, _NOWHERE)


class _Door:
    """Lets in who knows the path. A foreign Host is a web page that had its own name lead to this machine."""

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str]) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = frozenset(host.encode() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            named = [value.lower() for name, value in scope["headers"] if name == b"host"]
            said = scope["path"].removeprefix("/").partition("/")[0]
            if len(named) != 1 or named[0] not in self._hosts:
                app = refusal(421, "This address is served to this machine only.")
            elif not secrets.compare_digest(said.encode(errors="replace"), self._token):
                app = refusal(404, _NOWHERE)
        await app(scope, receive, send)


def _listen(port: int) -> socket.socket:
    # With its protocol named, asyncio switches Nagle's delay off for what it accepts.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two listen on one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((_HOST, port))
        listening.listen()
    except BaseException:
        listening.close()
        raise
    return listening
