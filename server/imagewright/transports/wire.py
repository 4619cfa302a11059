"""The wire: stdin and stdout of the process, taken for the protocol alone, a line at a time."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

_STDIN, _STDOUT, _STDERR = 0, 1, 2

T = TypeVar("T")


class Wire:
    """Lines from the client and to it; for the rest of the process nobody else reads or writes them.

    Whatever else reads stdin finds it empty, and what a stray print says goes to stderr.
    """

    def __init__(self) -> None:
        null = os.open(os.devnull, os.O_RDWR)
        # closefd: a thread may still read when this object is gone, and the number must not become another file's.
        self._source = os.fdopen(_taken(_STDIN, null), "rb", closefd=False)
        self._target = _taken(_STDOUT, null if sys.stderr is None else _STDERR)
        os.close(null)
        self._reader = _Worker("stdin")
        self._writer = _Worker("stdout")
        self._reading: asyncio.Future[bytes] | None = None
        self._ended = False
        self._broken = False

    async def readline(self) -> str:
        """Return the next line with its end, or an empty text once the client or `end` has ended the reading."""
        if self._ended:
            return ""
        self._reading = self._reader.submit(self._source.readline)
        try:
            return (await self._reading).decode(errors="replace")
        except OSError:  # the client is gone in a way that is no end of file, such as a terminal that hung up
            return ""

    def end(self) -> None:
        """Read no more: the `readline` under way and all later ones find the end."""
        self._ended = True
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(b"")

    async def write(self, line: str) -> bool:
        """Hand the line to the operating system; return whether all of it was.

        Once the client has closed its end nothing is written any more, and since nobody reads, `end` is called.
        """
        if self._broken:
            return False
        try:
            await self._writer.submit(partial(_write_all, self._target, line.encode()))
        except OSError:
            self._broken = True
            self.end()
        return not self._broken


def _taken(standard: int, stand_in: int) -> int:
    """Return a private duplicate of a standard stream, whose own number leads to `stand_in` from now on."""
    private = os.dup(standard)
    os.dup2(stand_in, standard)
    return private


def _write_all(target: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]


class _Worker:
    """Runs jobs that may block for ever, one after the other, in a daemon thread.

    The interpreter waits at its end for the worker threads of anyio and asyncio, and so for the client's next line.
    """

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]]] = SimpleQueue()
        threading.Thread(target=self._work, name=f"imagewright {name}", daemon=True).start()

    def submit(self, job: Callable[[], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put((job, future))
        return future

    def _work(self) -> None:
        while True:
            job, future = self._jobs.get()
            try:
                settle = partial(_succeed, future, job())
            except Exception as error:  # noqa: BLE001  # it is raised where the job is awaited
                settle = partial(_fail, future, error)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                future.get_loop().call_soon_threadsafe(settle)


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
