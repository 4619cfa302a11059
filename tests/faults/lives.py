"""Servers in this process, each with a client before it, that can be ended gently or killed at once."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from itertools import count
from pathlib import Path
from sqlite3 import Connection
from typing import Any, TypeVar

import pytest
from mcp import Client

from imagewright.app import build_server
from imagewright.settings import load
from imagewright.storage import Storage
from tests.agent import Era, Result

T = TypeVar("T")

_LIFE: "ContextVar[Life | None]" = ContextVar("life", default=None)
_numbers = count(1)


class Life:
    """One server and its client, from start to end."""

    def __init__(self, environ: Mapping[str, str], era: Era) -> None:
        """Start nothing yet."""
        self.number = next(_numbers)
        self.over = False  # told to end, or dead
        self.dead = False
        self.storages: set[Storage] = set()
        self._home = Path(environ["IMAGEWRIGHT_HOME"])
        self._client = Client(build_server(load(environ)), mode=era)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending = asyncio.Event()
        self._context = copy_context()
        self._context.run(_LIFE.set, self)
        self._living: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start, and return once it takes calls."""
        up = asyncio.Event()

        async def live() -> None:
            async with self._client:
                up.set()
                await self._ending.wait()

        self._living = self.spawn(live())
        await up.wait()

    def call(self, tool: str, arguments: Mapping[str, Any]) -> asyncio.Task[Result]:
        """Let the client call a tool."""

        async def ask() -> Result:
            return Result(await self._client.call_tool(tool, dict(arguments)))

        return self.spawn(ask())

    async def end(self) -> None:
        """Let it bring to an end what is being paid for, and wait for it."""
        self.over = True
        self._ending.set()
        if self._living:
            await self._living

    async def kill(self) -> None:
        """Stop it where it stands, as SIGKILL does: nothing more is noted, connections break, its lock is free."""
        self.over = self.dead = True
        locks = list((self._home / "locks").glob("owner-*"))
        while left := [task for task in self._tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=0.01)
        for storage in self.storages:
            await storage.aclose()
        for lock in locks:
            lock.touch()  # a process that dies does not tidy up

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something as part of this server's process."""
        return asyncio.get_running_loop().create_task(work, context=self._context.copy())

    def own(self, task: asyncio.Task[Any]) -> None:
        """Note a task of this server."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def serving() -> int:
    """Return the number of the server that the running task belongs to, 0 for none."""
    life = _LIFE.get()
    return life.number if life else 0


def adopt(task: asyncio.Task[Any], context: Context | None) -> None:
    """Note whose task it is; the event loop tells of each that begins."""
    if life := context.get(_LIFE) if context else _LIFE.get():
        life.own(task)


@contextmanager
def watched(check: Callable[[Connection], None]) -> Generator[None]:
    """Look at the journal after every single change while the block runs, and let the dead change nothing."""
    usual_write, usual_read = Storage.write, Storage.read

    async def write(storage: Storage, work: Callable[[Connection], T]) -> T:
        def checked(db: Connection) -> T:
            made = work(db)
            check(db)
            return made

        await _alive(storage)
        return await usual_write(storage, checked)

    async def read(storage: Storage, work: Callable[[Connection], T]) -> T:
        await _alive(storage)
        return await usual_read(storage, work)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Storage, "write", write)
        patch.setattr(Storage, "read", read)
        yield


async def _alive(storage: Storage) -> None:
    if life := _LIFE.get():
        life.storages.add(storage)
        if life.dead:
            await asyncio.get_running_loop().create_future()
