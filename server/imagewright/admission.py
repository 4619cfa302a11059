"""Who may have something done now: so many generations at once, in all and for each principal, and not too often."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from imagewright.errors import BusyError, RateError
from imagewright.estimates import Typical, come_again
from imagewright.lanes import now
from imagewright.models import LOCAL
from imagewright.rates import Meter, Rate
from imagewright.settings import Settings

OTHERS_RATE = Rate(120, "minute")  # of a principal other than the user of this machine, where the settings say nothing


@dataclass(slots=True, eq=False)
class Visit:
    """One order that was let in. A block that ends without `stay` gives back what it took; who stays has to `leave`."""

    admission: "Admission"
    principal: str
    came: float
    stays: bool = False

    def __enter__(self) -> Self:
        """Begin what may come to nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give back what was taken for nothing."""
        if not self.stays:
            self.admission.undo(self)

    def stay(self) -> None:
        """Note that a generation was begun."""
        self.stays = True

    def leave(self) -> None:
        """Note that it has ended."""
        self.admission.ended(self)


@dataclass(slots=True)
class Admission:
    """One for a server. What it refuses was not sent, and a repetition of what is under way is never asked here."""

    settings: Settings
    _meter: Meter = field(default_factory=lambda: Meter(now))
    _inside: Counter[str] = field(default_factory=Counter[str])
    _typical: Typical = field(default_factory=Typical)  # of a generation

    def visit(self, principal: str) -> Visit:
        """Let a principal place an order for pictures.

        Raises:
            BusyError: As many generations are under way as may be; for a RateError, it has placed too many lately.
        """
        settings, all_of_them, own = self.settings, self._inside.total(), self._inside[principal]
        if all_of_them >= settings.max_calls:
            raise self._busy(f"This server is busy: {all_of_them} generations are under way.")
        if own >= settings.max_calls_each:
            raise self._busy(f"{own} generations of yours are under way, and no more may be.")
        self.pace(principal)
        self._inside[principal] += 1
        return Visit(self, principal, now())

    def pace(self, principal: str) -> None:
        """Count an order of a principal.

        Raises:
            RateError: It has placed as many lately as it may.
        """
        rate = self._rate(principal)
        if rate and (wait := self._meter.take(principal, rate)):
            seconds = float(math.ceil(wait))
            raise RateError(
                f"You have placed as many orders as you may: {rate.count} a {rate.period}. Nothing was sent or "
                f"charged. Call again in {seconds:g} s, or have the user raise IMAGEWRIGHT_RATE_EACH.",
                seconds,
            )

    def undo(self, visit: Visit) -> None:
        """Forget an order of which nothing came."""
        self._leave(visit.principal)
        if rate := self._rate(visit.principal):
            self._meter.give_back(visit.principal, rate)

    def ended(self, visit: Visit) -> None:
        """Note that a generation has ended, and how long it took."""
        self._leave(visit.principal)
        self._typical.learn(now() - visit.came)

    def _leave(self, principal: str) -> None:
        self._inside[principal] -= 1
        if not self._inside[principal]:
            del self._inside[principal]

    def _rate(self, principal: str) -> Rate | None:
        return self.settings.rate_each or (None if principal == LOCAL else OTHERS_RATE)

    def _busy(self, why: str) -> BusyError:
        seconds = come_again(self._typical.seconds)
        return BusyError(f"{why} Nothing was sent or charged. Call again in {seconds:g} s.", seconds)
