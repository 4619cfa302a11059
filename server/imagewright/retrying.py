"""Decides whether a paid call may be sent again by itself: only where it certainly did not run, and not often."""

from imagewright.errors import GenerationFailedError, NotSentError, OriginError, RateLimitError

_LONGEST_WAIT_SECONDS = 120.0
_FIRST_BACKOFF_SECONDS = 0.5
_LONGEST_BACKOFF_SECONDS = 8.0
_UNAVAILABLE, _TOO_EARLY = 503, 425


class Quota:
    """What all calls to one provider may send again together: in an outage a crowd must not make it worse.

    It starts with ten, each resend takes one, and each call that is done gives a fifth back.
    """

    def __init__(self) -> None:
        """Begin with a full one."""
        self._left = _FULL

    def take(self) -> bool:
        """Take one, if there is one."""
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """Note a call that was done."""
        self._left = min(_FULL, self._left + _GIVEN_BACK)


_FULL, _GIVEN_BACK = 10.0, 0.2


def wait_before_resend(error: OriginError, sent: int, chance: float) -> float | None:
    """Return after how many seconds a call that was sent `sent` times may be sent again, or None if it must not.

    `chance` is a random number below one: many callers that failed together must not come back together.
    """
    if error.charged != "no" or sent >= _most(error):
        return None
    if isinstance(error, NotSentError):
        return chance * min(_FIRST_BACKOFF_SECONDS * 2.0**sent, _LONGEST_BACKOFF_SECONDS)
    told = error.origin.retry_after_seconds or 0.0
    return told + chance * _FIRST_BACKOFF_SECONDS if told <= _LONGEST_WAIT_SECONDS else None


def _most(error: OriginError) -> int:
    """Return how often a call that ends in this error may be sent in all."""
    if isinstance(error, NotSentError):
        return 3 if error.passing else 1
    if isinstance(error, RateLimitError):
        return 3
    once_more = isinstance(error, GenerationFailedError) or error.origin.status in {_UNAVAILABLE, _TOO_EARLY}
    return 2 if once_more else 1
