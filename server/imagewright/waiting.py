"""What those who wait for a generation see of it, and how they wait: with progress, and free to leave."""

import math
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from weakref import WeakSet

import anyio

from imagewright.errors import ImagewrightError
from imagewright.lanes import Turn
from imagewright.models import Generation, T
from imagewright.progress import Report

PROGRESS_SECONDS = 5.0


async def whole(work: Awaitable[T]) -> T:
    """Await something to its end, even where the caller is cancelled meanwhile: half of it would be worse."""
    with anyio.CancelScope(shield=True):
        return await work
    raise AssertionError("a shielded scope is never cancelled")


@dataclass(slots=True)
class Patience:
    """How long callers wait for generations: each until a time of its own, or until the server sends all away."""

    _scopes: WeakSet[anyio.CancelScope] = field(default_factory=WeakSet[anyio.CancelScope])
    _over: bool = False

    def until(self, deadline: float) -> anyio.CancelScope:
        """Return a scope to wait in, which ends at this time by the event loop's clock, or when nobody may wait."""
        scope = anyio.CancelScope(deadline=-math.inf if self._over else deadline)
        self._scopes.add(scope)
        return scope

    def end(self) -> None:
        """Wait no more."""
        self._over = True
        for scope in list(self._scopes):
            scope.cancel()


def nobody() -> None:
    """Be told, and do nothing."""


@dataclass(slots=True)
class Drawing:
    """A generation that this server is at work on. `outcome` is there once it has ended."""

    generation_id: str
    name: str
    total: int
    given_up: Callable[[], None] = nobody  # called once nobody wants it
    turns: Sequence[Turn] = ()  # of its calls at the provider that is asked now
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    looking: bool = False  # nothing is being sent any more: only looks at the provider go on
    promised: bool = False  # its id was handed out: it is wanted whoever goes away
    unwanted: bool = False  # everybody who waited went away: what is not sent yet shall not be
    outcome: Generation | ImagewrightError | None = None
    _waiting: int = 0
    _changed: anyio.Event = field(default_factory=anyio.Event)

    def advance(self, pictures: int) -> None:
        """Note that a call for so many pictures has ended."""
        self.done += pictures
        self.tell()

    def start_looking(self) -> None:
        """Note that every call has ended, and that it is not clear how."""
        self.looking = True
        self.tell()

    def promise(self) -> None:
        """Note that its id was handed out: whoever went away, it is wanted, and all of it."""
        self.promised, self.unwanted = True, False
        self.tell()

    def end(self, outcome: Generation | ImagewrightError) -> None:
        """Note how it ended."""
        self.outcome = outcome
        self.tell()

    async def changed(self) -> None:
        """Return once anything has changed."""
        await self._changed.wait()

    @contextmanager
    def wanted(self) -> Generator[None]:
        """Want it while the block runs; if the last one who does is cancelled, nothing further is sent for it."""
        self._waiting += 1
        self.unwanted = False
        self.tell()
        try:
            yield
        except anyio.get_cancelled_exc_class():
            self.unwanted = self._waiting == 1 and not self.promised
            if self.unwanted:
                self.given_up()
            raise
        finally:
            self._waiting -= 1

    async def wait(self, report: Report) -> Generation | ImagewrightError:
        """Wait until it has ended, report how far it is, and return the outcome."""
        teller = Teller(self, report)
        while True:
            await teller.tell()
            if self.outcome:
                return self.outcome
            with anyio.move_on_after(PROGRESS_SECONDS):
                await self.changed()

    @property
    def under_way(self) -> bool:
        """Whether a part of it is being drawn."""
        return any(turn.state == "running" for turn in self.turns)

    @property
    def progress(self) -> float:
        """How many pictures are done; what runs counts for less than one, so that the figure grows and never lies."""
        seconds = time.monotonic() - self.started
        running = round(seconds / (seconds + 10), 3)
        return self.total if self.outcome else min(self.done, self.total - 1) + running

    @property
    def message(self) -> str:
        """How far it is, for people."""
        of_many = f" ({self.done} of {self.total} pictures)" if self.total > 1 else ""
        return f"{self.name} {self._doing}{of_many}, {time.monotonic() - self.started:.0f} s"

    @property
    def waits(self) -> bool:
        """Whether all that is left of it waits for its turn."""
        return not self.under_way and any(turn.state != "over" for turn in self.turns)

    @property
    def _doing(self) -> str:
        if self.outcome:
            return "is done"
        if self.looking:
            return "is asked what became of a lost answer"
        return "is busy with other calls" if self.waits else "is drawing"

    def tell(self) -> None:
        """Have everybody who waits for a change look."""
        self._changed.set()
        self._changed = anyio.Event()


@dataclass(frozen=True, slots=True)
class Wish:
    """Whether what a generation has not sent yet is wanted: by its callers, and `over` once the server must end."""

    drawing: Drawing
    over: anyio.Event

    def is_there(self) -> bool:
        """Return whether it is wanted now."""
        return not (self.drawing.unwanted or self.over.is_set())

    async def is_there_again(self) -> bool:
        """Wait for the same call once more while a part is being drawn, which it would get as well; return whether."""
        while self.drawing.unwanted and not self.over.is_set() and self.drawing.under_way:
            await self.drawing.changed()
        return self.is_there()


@dataclass(slots=True)
class Teller:
    """Reports how far a drawing is to one of those who wait for it; each report is above the one before."""

    drawing: Drawing
    report: Report
    _told: float = -1.0

    async def tell(self) -> None:
        """Report, if there is anything new."""
        progress = self.drawing.progress
        if progress > self._told:
            self._told = progress
            # A client that has gone must not cost the picture that is being paid for.
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await self.report(progress, self.drawing.total, self.drawing.message)
