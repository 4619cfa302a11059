"""One clock for servers and vendors in this process: whoever waits on purpose moves it on, and takes no time."""

import asyncio
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Any, TypeVarTuple

import anyio
import anyio.to_thread
import pytest

from imagewright import drawing, lanes, looking, sending
from imagewright.breakers import Breaker
from imagewright.storage import Storage

Ts = TypeVarTuple("Ts")

_BEGIN = datetime(2030, 1, 2, tzinfo=UTC)  # far from the end of a month, in which budgets may be counted
_TURNS = 20  # in which what is on its way gets there, before time goes on
_STILL_SECONDS, _STILL_TIMES = 0.001, 4

_Ts = TypeVarTuple("_Ts")


class Clock:
    """Runs as the real one does, and is moved on beside, in the thread that made it.

    In others run servers of other tests: one that went to sleep in a time that was moved on would not wake up again.
    """

    def __init__(self) -> None:
        """Begin at the same moment always."""
        self._thread = threading.get_ident()
        self._real = time.monotonic
        self._began = self._real()
        self._moved = 0.0

    def monotonic(self) -> float:
        """Stand in for `time.monotonic`."""
        return self._real() + (self._moved if threading.get_ident() == self._thread else 0)

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return _BEGIN + timedelta(seconds=self.monotonic() - self._began)

    def move(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._moved += seconds

    async def sleep(self, seconds: float) -> None:
        """Stand in for a wait; those who wait at the same time share it."""
        until = self.monotonic() + seconds
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._moved += max(0.0, until - self.monotonic())

    async def rest(self, seconds: float, _: anyio.Event) -> None:
        """Stand in for the pause of a lane."""
        await self.sleep(seconds)


@contextmanager
def ruling(clock: Clock) -> Generator[None]:
    """Let everything in this process go by a clock while the block runs: time-outs, breakers, stamps and waits."""
    dated = _dated(clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock.monotonic)  # the event loop and its time-outs go by it
        for name, module in list(sys.modules.items()):
            if name.startswith("imagewright.") and vars(module).get("datetime") is datetime:
                patch.setattr(module, "datetime", dated)
        patch.setattr(drawing, "Breaker", partial(Breaker, clock=clock.monotonic))
        patch.setattr(sending, "sleep", clock.sleep)
        patch.setattr(looking, "sleep", clock.sleep)
        patch.setattr(lanes, "rest", clock.rest)
        yield


class Loop(asyncio.SelectorEventLoop):
    """An event loop that tells of each task that begins, and knows when nothing goes on by itself any more."""

    def __init__(self, on_task: Callable[[asyncio.Task[Any], Context | None], None]) -> None:
        """Begin; `on_task` gets each task, and the context that it was given."""
        self.moves = 0
        self.elsewhere = 0  # what other threads are at work on
        self._on_task = on_task
        super().__init__()

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """Tell of it, and do as any loop."""
        task: asyncio.Task[Any] = super().create_task(coro, **options)
        self._on_task(task, options.get("context"))
        return task

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Count, and do as any loop."""
        self.moves += 1
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Count, and do as any loop."""
        self.moves += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


async def quiet() -> None:
    """Return once everybody waits: for time to pass, or for a vendor that is held."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    still = 0
    while still < _STILL_TIMES:
        before = loop.moves
        await asyncio.sleep(_STILL_SECONDS)
        still = still + 1 if loop.moves - before <= _OWN_MOVES and not loop.elsewhere else 0


_OWN_MOVES = 2  # of the sleep between two looks


@contextmanager
def threads_seen() -> Generator[None]:
    """Let the loop know of work in other threads while the block runs."""
    usual_write, usual_read, usual_run = Storage.write, Storage.read, anyio.to_thread.run_sync

    def seen(usual: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def go(*args: Any, **options: Any) -> Any:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, Loop)
            loop.elsewhere += 1
            try:
                return await usual(*args, **options)
            finally:
                loop.elsewhere -= 1

        return go

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Storage, "write", seen(usual_write))
        patch.setattr(Storage, "read", seen(usual_read))
        patch.setattr(anyio.to_thread, "run_sync", seen(usual_run))
        yield


def _dated(clock: Clock) -> type[datetime]:
    class Dated(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one will do
            return clock.now().astimezone(tz)

    return Dated
