"""Rate limits: sliding windows in the world's time, shared by all processes; and requests at once, in this one."""

import math
import threading
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from imagewright.sandbox.world import Transaction


@dataclass(frozen=True, slots=True)
class Window:
    """So many requests (or tokens) in so many seconds."""

    limit: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a bucket stands in one of its windows."""

    window: Window
    used: int
    reset_seconds: float  # until everything that counts now is forgotten
    wait_seconds: float  # until what was asked for fits; 0 where it did
    resets_at: float  # unix seconds

    @property
    def refused(self) -> bool:
        """Whether this window is why the request does not go through."""
        return self.wait_seconds > 0

    @property
    def remaining(self) -> int:
        """What still fits."""
        return max(0, self.window.limit - self.used)

    @property
    def retry_after(self) -> int:
        """Whole seconds to wait, at least 1."""
        return max(1, math.ceil(self.wait_seconds))


def take(tx: Transaction, bucket: str, windows: Sequence[Window], weight: int = 1) -> list[Reading]:
    """Count a request of `weight` against a bucket where every window has room; a refused one does not count.

    Returns where each window stands then, in their order. `weight` 0 only looks.
    """
    now = tx.now().timestamp()
    longest = max(window.seconds for window in windows)
    hits = tx.hits_since(bucket, now - longest)
    readings = [_read(window, hits, now, weight) for window in windows]
    if weight and not any(reading.refused for reading in readings):
        tx.hit(bucket, weight)
        tx.forget_hits(bucket, now - longest)
        hits.append((now, weight))
        readings = [_read(window, hits, now, 0) for window in windows]
    return readings


def _read(window: Window, hits: list[tuple[float, int]], now: float, weight: int) -> Reading:
    counted = [(at, part) for at, part in hits if at > now - window.seconds]
    used = sum(part for _, part in counted)
    reset_seconds = counted[-1][0] + window.seconds - now if counted else 0.0
    wait_seconds, excess = 0.0, used + weight - window.limit if weight else 0
    for at, part in counted:
        if excess <= 0:
            break
        excess -= part
        wait_seconds = at + window.seconds - now
    if excess > 0:  # more than the window ever holds
        wait_seconds = window.seconds
    return Reading(window, used, reset_seconds, wait_seconds, now + reset_seconds)


class BusyError(Exception):
    """As many requests as a bucket may have at once are being worked on."""


class Slots:
    """How many requests each bucket has at once. Each process counts its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = Counter[str]()

    @contextmanager
    def hold(self, bucket: str, limit: int) -> Generator[None]:
        """Hold one of a bucket's `limit` slots for what happens inside. Raises BusyError where none is free."""
        with self._lock:
            if self._held[bucket] >= limit:
                raise BusyError
            self._held[bucket] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[bucket] -= 1
