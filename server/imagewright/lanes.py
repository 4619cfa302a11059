"""The way to each provider: so many calls at once, a bounded and fair queue, and rests that the vendor asks for."""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import anyio

from imagewright.allowances import allowance
from imagewright.errors import BusyError
from imagewright.estimates import Typical, come_again
from imagewright.models import Reply
from imagewright.provider import Provider

QUEUE_CALLS = 50  # that wait for their turn at a provider; more are refused at once
OWN_CALLS = 4  # that each principal may have there even so
QUEUE_SECONDS = 120.0  # after which a call that still waits is never sent

_LONGEST_PAUSE_SECONDS = 120.0
_WIDEN_AFTER = 10  # calls done in a row
_TOO_MANY_REQUESTS = 429

Wanted = Callable[[], bool]


def now() -> float:
    """Return the seconds of a clock that only ever grows: that of the event loop, as its time-outs are."""
    return anyio.current_time()


async def rest(seconds: float, changed: anyio.Event) -> None:
    """Wait until a pause is over, or until there is something new."""
    with anyio.move_on_after(seconds):
        await changed.wait()


@dataclass(frozen=True, slots=True)
class LaneState:
    """How a lane stands: calls that are under way and that wait, and how long none begins, 0 for no pause."""

    provider: str
    width: int
    running: int
    waiting: int
    paused_seconds: float


@dataclass(slots=True, eq=False)
class Turn:
    """A call's place in a lane: in its queue, under way, or left. Whoever has one leaves it with `end`."""

    lane: "Lane"
    principal: str
    deadline: float
    state: Literal["waiting", "running", "aside", "over"] = "waiting"
    began: float = 0.0

    async def come(self, wanted: Wanted) -> bool:
        """Wait for the turn and return True, or False once the call is not `wanted` any more.

        Raises:
            BusyError: It did not come in time; the call must not be sent.
        """
        while wanted():
            self.lane.deal()
            if self.state == "running":
                return True
            left = self.deadline - now()
            if self.state == "over" or left <= 0:
                raise self.lane.too_late(self)
            await self.lane.wait(left)
        return False

    def step_aside(self) -> None:
        """Let others go on, while this call waits for something else."""
        self.lane.leave(self, "aside")

    def come_back(self, seconds: float | None = None) -> None:
        """Be the next to have a turn, if one comes in so many seconds, or by the time that was set before."""
        self.deadline = self.deadline if seconds is None else now() + seconds
        self.lane.come_back(self)

    def done(self) -> None:
        """Note that the call was done."""
        self.lane.done(now() - self.began)

    def end(self) -> None:
        """Leave the lane, wherever in it; once is enough."""
        self.lane.leave(self, "over")


def end_all(turns: Iterable[Turn]) -> None:
    """Leave the lane with all of these."""
    for turn in turns:
        turn.end()


@dataclass(slots=True, eq=False)
class Lane:
    """One for a provider. It belongs to the event loop: between two awaits nobody sees it half changed."""

    provider: Provider
    width: int = field(init=False)
    running: int = 0
    _back: deque[Turn] = field(default_factory=deque[Turn])  # calls that are to be sent again: they come first
    _queues: dict[str, deque[Turn]] = field(default_factory=dict[str, deque[Turn]])  # in the order of the principals
    _paused_until: float = -math.inf
    _narrow_until: float = -math.inf  # who is refused before belongs to the same crowd
    _done_in_a_row: int = 0
    _typical: Typical = field(default_factory=Typical)
    _changed: anyio.Event = field(default_factory=anyio.Event)

    def __post_init__(self) -> None:
        """Be as wide as the vendor bears."""
        self.width = self.provider.max_parallel

    @property
    def state(self) -> LaneState:
        """How it stands."""
        return LaneState(self.provider.slug, self.width, self.running, self.waiting, self.paused_seconds)

    @property
    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return len(self._back) + sum(map(len, self._queues.values()))

    @property
    def paused_seconds(self) -> float:
        """For how long no call begins; 0 for no pause."""
        return max(0.0, self._paused_until - now())

    def book(self, principal: str, calls: int) -> list[Turn]:
        """Return a turn for each call of a principal: all or none.

        Raises:
            BusyError: So many would have to wait that there is no room for them.
        """
        free = 0 if self.paused_seconds else max(0, self.width - self.running)
        own = len(self._queues.get(principal, ()))
        # However many wait for others, a principal that has few there is let in.
        if self.waiting + calls - free > QUEUE_CALLS and own + calls > OWN_CALLS:
            seconds = self.retry_after_seconds
            raise BusyError(
                f"{self.provider.name} is busy: {self.waiting} calls wait for their turn there. Nothing was sent or "
                f"charged. Call again in {seconds:g} s, or use another provider.",
                seconds,
            )
        deadline = now() + QUEUE_SECONDS
        turns = [Turn(self, principal, deadline) for _ in range(calls)]
        self._queues.setdefault(principal, deque()).extend(turns)
        self.deal()
        return turns

    def too_late(self, turn: Turn) -> BusyError:
        """Return the error of a call whose turn did not come in time."""
        self.leave(turn, "over")
        seconds = self.retry_after_seconds
        return BusyError(
            f"{self.provider.name} is busy: this part waited {QUEUE_SECONDS:g} s for its turn and was not sent. "
            f"Nothing was charged for it. Call again in {seconds:g} s, or use another provider.",
            seconds,
        )

    @property
    def retry_after_seconds(self) -> float:
        """In how many whole seconds there should be room: those of the pause, and those that the queue should take."""
        return come_again(self.paused_seconds + self.waiting / self.width * self._typical.seconds)

    async def wait(self, seconds: float) -> None:
        """Wait at most so long for something to change that those who wait for a turn must know."""
        changed = self._changed
        if pause := self.paused_seconds:
            await rest(min(pause, seconds), changed)
        else:
            with anyio.move_on_after(seconds):
                await changed.wait()

    def deal(self) -> None:
        """Begin as many turns as there may be."""
        begun = False
        while self.running < self.width and not self.paused_seconds and (turn := self._next()):
            begun = True
            if turn.deadline <= now():
                turn.state = "over"
            else:
                turn.state, turn.began = "running", now()
                self.running += 1
        if begun:
            self.tell()

    def leave(self, turn: Turn, state: Literal["aside", "over"]) -> None:
        """Take a turn out of the queue, or end it; the next one begins."""
        before, turn.state = turn.state, state
        if before == "running":
            self.running -= 1
            self.deal()
        elif before == "waiting":
            self._forget(turn)

    def come_back(self, turn: Turn) -> None:
        """Put a turn that stepped aside before all others."""
        turn.state = "waiting"
        self._back.append(turn)
        self.deal()

    def done(self, seconds: float) -> None:
        """Note that a call was done, and how long it took; a narrow lane becomes wider again after some."""
        self._typical.learn(seconds)
        self._done_in_a_row += 1
        if self._done_in_a_row >= _WIDEN_AFTER and self.width < self.provider.max_parallel:
            self._done_in_a_row = 0
            self.width += 1
            self.deal()

    def heed(self, reply: Reply, *, is_order: bool) -> None:
        """Learn from an answer: from the headers of any, and from an order that was refused as one too many."""
        told = allowance(reply)
        if reply.status == _TOO_MANY_REQUESTS:
            seconds = told.told_seconds
            if is_order:
                self._narrow(self.provider.retry_after_seconds if seconds is None else seconds)
        else:
            seconds = told.spent_seconds(self.running - 1)
        if seconds:
            self._pause(seconds)

    def tell(self) -> None:
        """Have everybody who waits look again."""
        self._changed.set()
        self._changed = anyio.Event()

    def _narrow(self, seconds: float) -> None:
        self._done_in_a_row = 0
        if now() >= self._narrow_until:
            self.width = max(1, self.width // 2)
        self._pause(seconds)
        # Where it says "at once", the rest of the crowd is still on its way.
        self._narrow_until = max(self._paused_until, now() + self.provider.retry_after_seconds)

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, now() + min(seconds, _LONGEST_PAUSE_SECONDS))
        self.tell()

    def _next(self) -> Turn | None:
        if self._back:
            return self._back.popleft()
        for principal, queue in self._queues.items():
            turn = queue.popleft()
            # The others' turns come before the next one of the same.
            del self._queues[principal]
            if queue:
                self._queues[principal] = queue
            return turn
        return None

    def _forget(self, turn: Turn) -> None:
        if turn in self._back:
            self._back.remove(turn)
            return
        queue = self._queues[turn.principal]
        queue.remove(turn)
        if not queue:
            del self._queues[turn.principal]


@dataclass(slots=True)
class Lanes:
    """One for a server: a lane for each provider that is used."""

    _lanes: dict[str, Lane] = field(default_factory=dict[str, Lane])

    def of(self, provider: Provider) -> Lane:
        """Return the lane to a provider."""
        if provider.slug not in self._lanes:
            self._lanes[provider.slug] = Lane(provider)
        return self._lanes[provider.slug]

    def heed(self, provider: Provider, reply: Reply, is_order: bool) -> None:
        """Learn from an answer of a provider."""
        self.of(provider).heed(reply, is_order=is_order)

    def tell(self) -> None:
        """Have everybody who waits for a turn look again whether it is wanted."""
        for lane in self._lanes.values():
            lane.tell()

    def states(self) -> list[LaneState]:
        """Return how each lane stands."""
        return [lane.state for lane in self._lanes.values()]
