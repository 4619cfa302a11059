"""What the headers of an answer say of when to come back: how many requests are left, and until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from imagewright.models import Reply

_LONGEST_FIELD = 2_000  # characters
_FEW = 1  # requests that are left: the last one is for whoever has to look something up
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
# One policy of the IETF draft since its eighth edition, such as "day";r=50;t=30, of which a field may hold several.
_POLICY = re.compile(r'(?:"[^"]{0,200}"|[A-Za-z*][^\s;,="]{0,200})((?:\s*;\s*[a-z][a-z0-9_-]*=[^;,]{1,200})+)')
_PARAMETER = re.compile(r"([a-z]+)\s*=\s*([0-9]{1,12})(?![^\s;,])")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in which a vendor counts requests: how many are left in it, and when it begins anew."""

    remaining: int | None
    reset_seconds: float | None  # from now; never negative


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one answer says. A header that cannot be read counts as absent."""

    retry_after_seconds: float | None = None
    windows: tuple[Window, ...] = ()

    @property
    def told_seconds(self) -> float | None:
        """How long to wait after a refusal: `Retry-After`, otherwise the reset of a window that may be used up."""
        if self.retry_after_seconds is not None:
            return self.retry_after_seconds
        used_up = [one for one in self.windows if one.remaining is None or one.remaining <= _FEW]
        return max(
            (one.reset_seconds for one in used_up or self.windows if one.reset_seconds is not None), default=None
        )

    def spent_seconds(self, in_flight: int = 0) -> float | None:
        """How long a window stays all but used up; None where none is. Requests in flight may not be counted yet."""
        few = max(_FEW, in_flight)
        used_up = [one for one in self.windows if one.remaining is not None and one.remaining <= few]
        return max((one.reset_seconds for one in used_up if one.reset_seconds is not None), default=None)


def allowance(reply: Reply) -> Allowance:
    """Return what the headers of a reply say, in any of the forms that vendors write them."""
    headers = reply.headers
    # A reset as a time of day is held against the clock of its sender.
    now = date_in(headers.get("date", "")) or reply.received_at
    return Allowance(_retry_after(headers, now), tuple(_windows(headers, now)))


def date_in(text: str) -> datetime | None:
    """Return the moment that an HTTP date names, or None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # OverflowError: a year of eleven digits
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    text = headers.get("retry-after", "")
    if (seconds := _number(text)) is not None:
        return seconds
    moment = date_in(text)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def _windows(headers: Mapping[str, str], now: datetime) -> list[Window]:
    def get(name: str) -> float | None:
        return _number(headers.get(name, ""))

    unix = get("x-ratelimit-reset")
    pairs = [
        # Theo: seconds with an s behind them (docs.hitheo.ai/security/rate-limiting).
        (
            get("x-ratelimit-remaining-requests"),
            _number(headers.get("x-ratelimit-reset-requests", "").strip().removesuffix("s")),
        ),
        # PostEverywhere: unix seconds (developers.posteverywhere.ai/rate-limits).
        (get("x-ratelimit-remaining"), None if unix is None else max(0.0, unix - now.timestamp())),
        # draft-ietf-httpapi-ratelimit-headers up to its sixth edition: seconds from now.
        (get("ratelimit-remaining"), get("ratelimit-reset")),
        *_policies(headers.get("ratelimit", "")[:_LONGEST_FIELD]),
    ]
    return [
        Window(None if remaining is None else int(remaining), reset)
        for remaining, reset in pairs
        if remaining is not None or reset is not None
    ]


def _policies(text: str) -> list[tuple[float | None, float | None]]:
    """Return what a `RateLimit` field says: a list of policies since the eighth edition, one of three keys before."""
    listed = [dict(_PARAMETER.findall(parameters)) for parameters in _POLICY.findall(text)]
    older = dict(_PARAMETER.findall(text))
    found = [(one.get("r"), one.get("t")) for one in listed] or [(older.get("remaining"), older.get("reset"))]
    return [(_number(remaining or ""), _number(reset or "")) for remaining, reset in found]


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text.strip()) else None
