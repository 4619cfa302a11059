"""How often something may be done: so many times a minute or an hour, and as many at once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

Period = Literal["minute", "hour"]

_RATE = re.compile(r"([1-9][0-9]{0,5})\s*/\s*(minute|hour)")
_SECONDS: Mapping[Period, float] = {"minute": 60.0, "hour": 3600.0}
_ROUNDING_SECONDS = 1e-6  # of sums of fractions
_FORGET_ABOVE = 1_000  # names that are kept in mind before those are forgotten whose allowance is whole again


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in each `period`, which come back one by one as it passes: after a rest, as many at once."""

    count: int
    period: Period

    @property
    def seconds_each(self) -> float:
        """After how long one comes back."""
        return _SECONDS[self.period] / self.count


def rate(text: str) -> Rate | None:
    """Return the rate that a text such as "120/minute" or "500/hour" names, or None if it names none."""
    found = _RATE.fullmatch(text.strip().lower())
    return Rate(int(found[1]), cast("Period", found[2])) if found else None


@dataclass(slots=True)
class Meter:
    """Holds each of many names to a rate of its own, by the generic cell rate algorithm (GCRA).

    `clock` returns seconds that only ever grow.
    """

    clock: Callable[[], float]
    _full_at: dict[str, float] = field(default_factory=dict[str, float])  # when the allowance of a name is whole again

    def __len__(self) -> int:
        """How many names it has in mind."""
        return len(self._full_at)

    def take(self, name: str, rate: Rate) -> float:
        """Take one from the allowance of a name and return 0, or return after how many seconds there is one."""
        now = self.clock()
        full_at = max(self._full_at.get(name, now), now) + rate.seconds_each
        wait = full_at - now - rate.seconds_each * rate.count
        if wait > _ROUNDING_SECONDS:
            return wait
        self._full_at[name] = full_at
        self._forget(now)
        return 0.0

    def give_back(self, name: str, rate: Rate) -> None:
        """Give back one that was taken for nothing."""
        if name in self._full_at:
            self._full_at[name] -= rate.seconds_each

    def _forget(self, now: float) -> None:
        if len(self._full_at) > _FORGET_ABOVE:
            self._full_at = {name: at for name, at in self._full_at.items() if at > now}
