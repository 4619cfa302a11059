"""Serving: `run` in the foreground for the command line, `BackgroundSandbox` inside another process."""

import asyncio
import logging
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from imagewright.sandbox.app import create_app
from imagewright.sandbox.door import CUT
from imagewright.sandbox.port import PublicPort
from imagewright.sandbox.world import World

_HOST: Final = "127.0.0.1"
_THREAD: Final = "imagewright-sandbox"
_SILENT: Final = logging.CRITICAL + 1
_KEEP_ALIVE_SECONDS: Final = 75  # longer than a client keeps an idle connection, so that it is the client who closes it
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 10.0
_GRACE_SECONDS: Final = 1  # for requests that are still worked on when the server stops
_POLL_SECONDS: Final = 0.1


def run(host: str, port: int, home: Path | None, seed: int) -> None:
    """Serve the world of `home` on `host`:`port` until Ctrl-C; one line to stderr says where.

    Raises OSError where the port is taken.
    """
    world = World(home, seed)
    try:
        with socket.create_server((host, port)) as listening:
            place = f"[{host}]" if ":" in host else host
            sys.stderr.write(f"imagewright sandbox: http://{place}:{listening.getsockname()[1]} (Ctrl-C ends it)\n")
            sys.stderr.flush()
            with suppress(KeyboardInterrupt):
                uvicorn.Server(_config(create_app(world), log_level=_SILENT)).run([listening])
    finally:
        world.close()


class BackgroundSandbox:
    """A sandbox in a thread of this process, on loopback. Made by `start`."""

    def __init__(self, home: Path | None, seed: int) -> None:
        self._world = World(home, seed)
        self._config = _config(create_app(self._world, self._claimed_public_url))
        logging.getLogger("uvicorn.error").addFilter(_elsewhere)
        try:
            self._port = PublicPort(self._world, _HOST)
        except BaseException:
            self._world.close()
            raise
        self._servers: list[_Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name=_THREAD, daemon=True)

    @classmethod
    def start(cls, home: Path | None, seed: int = 1) -> Self:
        """Serve the world of `home` (with None: one that goes away with it) and return once it answers.

        Raises OSError where no port can be had, RuntimeError where the server does not come up.
        """
        sandbox = cls(home, seed)
        sandbox._thread.start()
        if not sandbox._ready.wait(_START_SECONDS):
            sandbox.stop()
            raise RuntimeError(f"The sandbox was not up after {_START_SECONDS:g} s. Set a provider's key instead.")
        return sandbox

    @property
    def url(self) -> str:
        """This process's own base, e.g. `http://127.0.0.1:41233`."""
        return f"http://{_HOST}:{self._port.own}"

    @property
    def public_url(self) -> str:
        """The base that picture URLs are built on: the same for every process of the home."""
        return f"http://{_HOST}:{self._port.public}"

    def stop(self) -> None:
        """Stop serving and close the world. May be called again."""
        if not self._stopped.is_set():
            self._stopped.set()
            if self._loop is not None:
                with suppress(RuntimeError):  # the loop may be closed already
                    self._loop.call_soon_threadsafe(self._end)
        self._thread.join(_STOP_SECONDS)
        self._world.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._listen(self._port.first)
        watching = asyncio.create_task(self._watch())
        while self._tasks:
            await asyncio.wait(self._tasks)
        watching.cancel()

    def _listen(self, listening: socket.socket) -> None:
        if self._stopped.is_set():
            listening.close()
            return
        server = _Server(self._config, self._ready.set)
        self._servers.append(server)
        task = asyncio.create_task(server.serve([listening]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self) -> None:
        for server in self._servers:
            server.should_exit = True

    async def _watch(self) -> None:
        """Take the public port over when the process that served it is gone."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            self._claim()

    def _claimed_public_url(self) -> str:
        """The public base, after a look that somebody serves it: the URL built on it is fetched at once."""
        self._claim()
        return self.public_url

    def _claim(self) -> None:
        listening = self._port.claim()
        if listening is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._listen, listening)


class _Server(uvicorn.Server):
    """Says when it listens. In a thread that is not the main one uvicorn leaves the signals alone by itself."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._started()


class _Protocol(H11Protocol):
    """uvicorn's own HTTP/1.1, with a way for the application to cut the connection, which ASGI has not."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        # asyncio does this only for sockets that name their protocol, which socket.create_server's do not; without it
        # the body waits 40 ms behind its headers.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self.app = _cuttable(self.app, transport)


def _cuttable(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def cuttable(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**(scope.get("extensions") or {}), CUT: transport.close}
        await app(scope, receive, send)

    return cuttable


def _elsewhere(record: logging.LogRecord) -> bool:
    """Let through what another server of this process logs; the sandbox in the background says nothing."""
    return record.threadName != _THREAD


def _config(app: ASGIApp, log_level: int | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level=log_level,
        access_log=False,
        server_header=False,
        date_header=False,  # door.py says the world's
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
