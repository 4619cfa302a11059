"""How long something takes here, learnt from how long it took, and when to come again."""

import math
from dataclasses import dataclass
from typing import Final

_LEARNING: Final = 0.2  # the share of the newest one
_LONGEST_RETRY_SECONDS: Final = 120.0


@dataclass(slots=True)
class Typical:
    """How many seconds a picture takes: a guess, until it is seen what it takes here."""

    seconds: float = 10.0

    def learn(self, seconds: float) -> None:
        """Note how long one took."""
        self.seconds += _LEARNING * (seconds - self.seconds)


def come_again(seconds: float) -> float:
    """Return a wait that somebody can be told: whole seconds, at least one and at most two minutes."""
    return float(math.ceil(min(max(seconds, 1.0), _LONGEST_RETRY_SECONDS)))
