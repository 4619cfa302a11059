"""What the tests of lost calls share: calls, what they left, what was seen of it, and verdicts in a word."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from imagewright.models import Picture, Reading, Tally, Trace
from imagewright.recovering import Absent, Evidence, Found, Lost, Unsure, Verdict, judge
from tests.lookups import NOON, recovery

JOBS, LIBRARY = recovery("depicta"), recovery("posteverywhere")
LATER = 1000  # seconds after noon, when everything has settled


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def spent(amount: object, calls: int | None = None, unit: str = "credits") -> Tally:
    """What a counter shows."""
    return Tally(Decimal(str(amount)), unit, calls)


def call(number: int = 0, sent: float = 0, ended: float = 10, **more: Any) -> Lost:
    """A lost call; times are seconds after noon."""
    facts: dict[str, Any] = {"count": 1, "model": "m1", "price": Decimal(15), "trace_id": None, "tally": None, **more}
    return Lost(number, at(sent), at(ended), **facts)


def trace(
    trace_id: str,
    created: float | None = 1,
    state: Literal["running", "done", "failed"] = "done",
    model: str | None = "m1",
    *,
    readable: bool = True,
) -> Trace:
    """What a call left, so many seconds after noon."""
    reading = Reading((Picture(media_id=trace_id),), model=model) if state == "done" and readable else None
    return Trace(trace_id, state, None if created is None else at(created), reading)


def evidence(*traces: Trace, looked: float = LATER, ahead: float = 0, **more: Any) -> Evidence:
    """What was seen: by default a list that reaches back, and no call beside."""
    facts: dict[str, Any] = {
        "traces": traces,
        "reaches_back": True,
        "named": {},
        "tally": None,
        "owned": frozenset[str](),
        "rivals": 0,
        "spent_meanwhile": Decimal(0),
        "spent_at_least": more.get("spent_meanwhile") or Decimal(0),
        **more,
    }
    return Evidence(looked_at=at(looked), clock_ahead=timedelta(seconds=ahead), **facts)


def jobs(lost: Lost | tuple[Lost, ...], seen: Evidence) -> dict[int, Verdict]:
    """The verdicts where the list alone decides."""
    return judge(JOBS, "Depicta", lost if isinstance(lost, tuple) else (lost,), seen)


def library(lost: Lost | tuple[Lost, ...], seen: Evidence) -> dict[int, Verdict]:
    """The verdicts where an exact counter must agree with the list."""
    return judge(LIBRARY, "PostEverywhere", lost if isinstance(lost, tuple) else (lost,), seen)


def short(verdicts: Mapping[int, Verdict]) -> dict[int, str]:
    """Verdicts in a word: the id of what was found, absent, wait or stop."""
    return {number: _word(verdict) for number, verdict in verdicts.items()}


def _word(verdict: Verdict) -> str:
    match verdict:
        case Found(found):
            return found.trace_id
        case Absent():
            return "absent"
        case Unsure(_, wait):
            return "wait" if wait else "stop"


def why(verdicts: Mapping[int, Verdict]) -> str:
    """The reason of the only verdict, which must be doubt."""
    (verdict,) = set(verdicts.values())
    assert isinstance(verdict, Unsure)
    return verdict.why
