"""What a person is told of a lost call that nobody can settle for them."""

from decimal import Decimal
from typing import Any

import pytest

from imagewright.models import Tally
from imagewright.recovering import Unsure, Verdict, judge
from tests.lookups import recovery
from tests.losses import call, evidence, jobs, library, spent, trace, why


@pytest.mark.parametrize(
    ("before", "now", "meanwhile", "told"),
    [
        (
            spent(40, 12, "cents"),
            spent(44, 13, "cents"),
            0,
            (
                "Theo's usage counter rose from 12 to 13 requests and from 40 to 44 cents since before the call, "
                "which suggests that it was charged."
            ),
        ),
        (
            spent("0.04", None, "cents"),
            spent("0.12", None, "cents"),
            "0.04",
            (
                "Theo's usage counter rose from 0.04 to 0.12 cents since before the call, which suggests that it was "
                "charged. Other calls of ours cost 0.04 cents of that."
            ),
        ),
        (
            spent(40, 12, "cents"),
            spent(40, 12, "cents"),
            None,
            "Theo's usage counter did not move since before the call, which suggests that it was not charged.",
        ),
        (
            spent(40, 12, "cents"),
            spent(44, 13, "cents"),
            4,
            (
                "Theo's usage counter rose from 12 to 13 requests and from 40 to 44 cents since before the call, "
                "no more than other calls cost, which suggests that it was not charged."
            ),
        ),
        (
            spent(40, 12, "cents"),
            spent(44, 13, "cents"),
            None,
            (
                "Theo's usage counter rose from 12 to 13 requests and from 40 to 44 cents since before the call, "
                "but other calls may be in that."
            ),
        ),
        (
            spent(40, 12, "cents"),
            spent(0, 0, "cents"),
            0,
            "Theo's usage counter fell since before the call, as at the start of a month, which says nothing.",
        ),
        (
            None,
            spent(0, 0, "cents"),
            0,
            "Theo has no list of what it drew, and its usage counter could not be read before the call.",
        ),
        (
            spent(0, 0, "cents"),
            None,
            0,
            "Theo has no list of what it drew, and its usage counter could not be read now.",
        ),
    ],
)
def test_a_hint_is_told_and_settles_nothing(before: Tally | None, now: Tally | None, meanwhile: Any, told: str) -> None:
    """What the counter showed, for the person who settles the call; looking again shows no more."""
    seen = evidence(tally=now, spent_meanwhile=None if meanwhile is None else Decimal(meanwhile), traces=None)

    verdicts = judge(recovery("theo"), "Theo", [call(tally=before)], seen)

    assert {0: Unsure(told, wait=False)} == verdicts


def test_a_hint_about_two_calls_speaks_of_both() -> None:
    """They share one counter."""
    lost = [call(0, tally=spent(40, 12, "cents")), call(1, sent=1, tally=spent(40, 12, "cents"))]

    told = why(judge(recovery("theo"), "Theo", lost, evidence(traces=None, tally=spent(44, 13, "cents"))))

    assert told.endswith("since before the calls, which suggests that they were charged.")


def test_a_vendor_without_a_look_up_leaves_it_to_a_person() -> None:
    """For good, and whatever is asked."""
    verdicts = judge(None, "HeyDecks", [call(0), call(1, trace_id="j1")], evidence(traces=None))

    assert verdicts == dict.fromkeys((0, 1), Unsure("HeyDecks has no way to look a call up.", wait=False))


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (
            jobs(call(), evidence(*(trace(f"j{number}", number) for number in range(7, 0, -1)))),
            "Looked at what Depicta drew: 7 fit one call, j1, j2, j3, j4, j5 and 2 more.",
        ),
        (
            jobs((call(0), call(1)), evidence(trace("a"), trace("b"), trace("c"))),
            "Looked at what Depicta drew: 3 fit 2 calls, c, b and a.",
        ),
        (jobs(call(), evidence(trace("a", model="m2"))), "Depicta drew a with m2, not with m1."),
        (jobs(call(), evidence(trace("a", state="running"))), "Depicta is still working on a, which may be this call."),
        (
            jobs(call(), evidence(trace("a"), rivals=1)),
            "Looked at what Depicta drew: a may belong to another call without an answer.",
        ),
        (
            jobs(call(), evidence(trace("a"), rivals=3)),
            "Looked at what Depicta drew: a may belong to 3 other calls without an answer.",
        ),
        (jobs(call(), evidence(trace("a", None))), "Depicta does not say when it drew a."),
        (jobs(call(), evidence(trace("a", readable=False))), "Depicta lists a, but no picture of it that can be read."),
        (jobs(call(), evidence(traces=None)), "Depicta did not show what was drawn."),
        (jobs(call(), evidence(reaches_back=False)), "Depicta's list does not reach back to the time of the call."),
        (
            jobs(call(), evidence(looked=20, ahead=3600)),
            "Looked too early: what Depicta draws may show until 12:01:10 UTC.",
        ),
        (
            jobs(call(), evidence(trace("a", 20))),
            "Looked at what Depicta drew: a came later than this call should have.",
        ),
        (
            jobs((call(0), call(1, sent=100, ended=110)), evidence(trace("a", 50))),
            "Looked at what Depicta drew: a fits none of the calls.",
        ),
        (jobs(call(trace_id="j1"), evidence()), "Depicta did not tell what became of j1."),
        (
            jobs(call(trace_id="j1"), evidence(named={"j1": trace("j1", state="running")})),
            "Depicta is still working on j1.",
        ),
        (
            library(call(tally=spent(100)), evidence(tally=spent(115))),
            "PostEverywhere's counter shows 15 credits spent besides our other calls, but its list shows nothing new.",
        ),
        (
            library(call(tally=spent(100)), evidence(trace("a"), tally=spent(100))),
            "PostEverywhere's counter shows 0 credits spent besides our other calls, but its list shows a, worth 15.",
        ),
        (
            library(call(tally=spent(100)), evidence(tally=spent(0))),
            "PostEverywhere's counter fell since before the call, as at the start of a month.",
        ),
    ],
)
def test_a_doubt_is_told_in_a_sentence(verdicts: dict[int, Verdict], told: str) -> None:
    """What was looked at and what it showed, with the ids to look for."""
    assert told == why(verdicts)
