"""Leaves a provider alone for a while where every further call would fail as the last ones did."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from imagewright.errors import AccessError, CreditsError, KeyRefusedError, NotSentError, OriginError, PausedError
from imagewright.provider import Provider

_REFUSED_SECONDS = 60.0  # after a refused key or an empty purse
_FAILING_SECONDS = 30.0
_FAILURES = 5  # within _FAILING_SECONDS
_SERVER_ERRORS = 500


@dataclass(slots=True)
class Breaker:
    """One for a provider and the key that is used there; `clock` returns seconds that only ever grow."""

    provider: Provider
    clock: Callable[[], float] = time.monotonic
    _until: float = 0.0
    _because: OriginError | None = None
    _dearest: Decimal | None = None  # what the purse was too empty for
    _failures: deque[float] = field(default_factory=lambda: deque(maxlen=_FAILURES))

    def check(self, price: Decimal | None) -> None:
        """Let a call of that price pass.

        Raises:
            OriginError: It would fail; nothing was sent.
        """
        because, left = self._because, self._until - self.clock()
        if because is None or left <= 0:
            return
        if isinstance(because, CreditsError) and price is not None and (self._dearest or price) > price:
            return  # what was too dear says nothing of what is cheaper
        again = f"It was not asked again; imagewright asks it again in {math.ceil(left)} s."
        error = type(because)(f"{because} {again}", because.origin, "no")
        raise error

    @property
    def wants_probe(self) -> bool:
        """Whether a pause has just ended, so that a free look should show first whether the provider is back."""
        return isinstance(self._because, PausedError) and self.clock() >= self._until

    def done(self) -> None:
        """Note that the provider answered as it should."""
        self._because = None
        self._failures.clear()

    def failed(self, error: OriginError, price: Decimal | None) -> None:
        """Note an error, and leave the provider alone if the next call would end in the same."""
        now = self.clock()
        if isinstance(error, KeyRefusedError | AccessError | CreditsError):
            self._because, self._until, self._dearest = error, now + _REFUSED_SECONDS, price
        elif isinstance(error, NotSentError) or (error.origin.status or 0) >= _SERVER_ERRORS:
            self._failures.append(now)
            if len(self._failures) == _FAILURES and now - self._failures[0] <= _FAILING_SECONDS:
                self._pause(error, now)

    def still_failing(self, error: OriginError) -> None:
        """Note that a probe failed as well."""
        self._pause(error, self.clock())

    def _pause(self, error: OriginError, now: float) -> None:
        name = self.provider.name
        self._because = PausedError(
            f"{name} failed {_FAILURES} times in a row, so nothing was sent. Use another provider, or wait.",
            error.origin,
        )
        self._until = now + _FAILING_SECONDS
