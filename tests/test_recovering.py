"""What became of lost calls, judged from evidence: nothing is adopted or written off that is not certain."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from imagewright.models import Tally, Trace
from imagewright.recovering import Span, span_of
from tests.lookups import NOON
from tests.losses import JOBS, LATER, at, call, evidence, jobs, library, short, spent, trace

# Calls whose job is known.


@pytest.mark.parametrize(
    ("named", "verdict"),
    [
        (trace("j1"), "j1"),
        (trace("j1", created=None, model="m2"), "j1"),
        (trace("j1", state="failed"), "absent"),
        (trace("j1", state="running"), "wait"),
        (trace("j1", readable=False), "wait"),
        (None, "wait"),
    ],
)
@pytest.mark.parametrize("looked", [1, LATER])
def test_a_call_whose_job_is_known_is_what_the_job_says(named: Trace | None, verdict: str, looked: float) -> None:
    """Whatever the list shows, and at any time; a job that cannot be read is read again."""
    seen = evidence(trace("j2"), looked=looked, named={"j1": named} if named else {}, rivals=3, reaches_back=False)

    assert {0: verdict} == short(jobs(call(trace_id="j1"), seen))


def test_the_job_of_one_call_is_never_that_of_another() -> None:
    """What a header named is no candidate for the call beside it."""
    seen = evidence(trace("j1"), named={"j1": trace("j1")})

    assert {0: "absent", 1: "j1"} == short(jobs((call(0), call(1, trace_id="j1")), seen))


# Calls that only the list can tell of.


@pytest.mark.parametrize(
    ("traces", "verdict"),
    [
        ((), "absent"),
        ((trace("a"),), "a"),
        ((trace("a", model=None),), "a"),
        ((trace("a", state="running"),), "wait"),
        ((trace("a", state="failed"),), "absent"),
        ((trace("a"), trace("b", state="failed")), "a"),
        ((trace("a"), trace("b")), "stop"),
        ((trace("a", model="m2"),), "stop"),
        ((trace("a", readable=False),), "stop"),
        ((trace("mine"),), "absent"),
        ((trace("a"), trace("mine")), "a"),
        # The same on two pages, since another came while the list was read.
        ((trace("a"), trace("a")), "a"),
        ((trace("a", state="running"), trace("a")), "a"),
        # Two seconds of clocks, on either side; and what takes five seconds to connect.
        ((trace("a", -2),), "a"),
        ((trace("a", -2.1),), "absent"),
        ((trace("a", 12),), "a"),
        # Too late for this call, and too early to be another's for certain.
        ((trace("a", 12.1),), "stop"),
        ((trace("a", 12.1, "running"),), "wait"),
        ((trace("a", 12.1, "failed"),), "absent"),
        ((trace("a", 12.1), trace("b", 3)), "b"),
        ((trace("a", 70.1),), "absent"),
        # Without a time it could be anything, unless something older stands above it.
        ((trace("a", None),), "stop"),
        ((trace("a", None), trace("b")), "stop"),
        ((trace("a", None, "failed"),), "absent"),
        ((trace("b"), trace("old", -500), trace("a", None)), "b"),
        ((trace("old", -500), trace("a", None)), "absent"),
        # The order of a list is not relied on for what has a time.
        ((trace("old", -500), trace("a")), "a"),
    ],
)
def test_a_call_is_found_by_the_time_of_what_it_left(traces: tuple[Trace, ...], verdict: str) -> None:
    """One that fits is it, none is proof, and anything else is doubt."""
    seen = evidence(*traces, owned=frozenset({"mine"}))

    assert {0: verdict} == short(jobs(call(), seen))


@pytest.mark.parametrize(("looked", "verdict"), [(0, "wait"), (69.9, "wait"), (70, "absent"), (LATER, "absent")])
def test_absence_is_certain_a_minute_after_the_wait_ended(looked: float, verdict: str) -> None:
    """Depicta lists a job from the start; before that minute the answer is to wait."""
    assert {0: verdict} == short(jobs(call(), evidence(looked=looked)))


@pytest.mark.parametrize(("looked", "verdict"), [(59, "wait"), (60, "absent")])
@pytest.mark.parametrize("ended", [0, -5])
def test_a_call_that_died_with_its_process_is_absent_a_minute_after_it_was_sent(
    looked: float, verdict: str, ended: float
) -> None:
    """Its end may be unknown, or older than its start."""
    assert {0: verdict} == short(jobs(call(ended=ended), evidence(looked=looked)))


@pytest.mark.parametrize(("created", "verdict"), [(6.9, "a"), (7.1, "stop"), (60.1, "absent")])
def test_a_call_that_died_with_its_process_had_five_seconds_to_connect(created: float, verdict: str) -> None:
    """It may have been written down just before the connection was made."""
    assert {0: verdict} == short(jobs(call(ended=0), evidence(trace("a", created))))


@pytest.mark.parametrize(("looked", "verdict"), [(179, "wait"), (180, "absent")])
@pytest.mark.parametrize("ended", [0, 20, 120])
def test_posteverywhere_may_work_two_minutes_unseen(looked: float, verdict: str, ended: float) -> None:
    """Its library shows a picture only when it is done, however early we stopped waiting."""
    lost = call(ended=ended, tally=spent(100))

    assert {0: verdict} == short(library(lost, evidence(looked=looked, tally=spent(100))))


@pytest.mark.parametrize("ahead", [-3600.0, -1.5, 0.0, 7.0, 86_400.0])
@pytest.mark.parametrize(("created", "verdict"), [(5, "a"), (-5, "absent"), (30, "stop")])
def test_a_vendors_clock_may_be_wrong(ahead: float, created: float, verdict: str) -> None:
    """Its times are compared with ours after the difference is taken out."""
    assert {0: verdict} == short(jobs(call(), evidence(trace("a", created + ahead), ahead=ahead)))


def test_a_wrong_clock_does_not_hasten_absence() -> None:
    """The minute is one of our clock."""
    assert {0: "wait"} == short(jobs(call(), evidence(looked=69, ahead=3600)))
    assert {0: "absent"} == short(jobs(call(), evidence(looked=70, ahead=-3600)))


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"traces": None}, "wait"),
        ({"traces": None, "reaches_back": False}, "wait"),
        ({"reaches_back": False}, "stop"),
        ({"traces": (trace("a"),), "reaches_back": False}, "stop"),
        ({"rivals": 2}, "absent"),
        ({"traces": (trace("a"),), "rivals": 1}, "wait"),
        ({"traces": (trace("a", 12.1),), "rivals": 1}, "wait"),
    ],
)
def test_a_list_that_does_not_show_enough_settles_nothing(more: dict[str, Any], verdict: str) -> None:
    """Not read, too short, or shared with other calls of ours; what shows nothing at all is nobody's."""
    assert {0: verdict} == short(jobs(call(), evidence(**more)))


@pytest.mark.parametrize(
    ("traces", "verdicts"),
    [
        ((trace("b", 3), trace("a", 2)), {0: "a", 1: "b"}),
        ((trace("a", 2),), {0: "a", 1: "absent"}),
        # The first was over before this one came.
        ((trace("a", 105),), {0: "absent", 1: "a"}),
        ((trace("b", 105), trace("a", 2)), {0: "a", 1: "b"}),
        ((trace("c", 106), trace("b", 105), trace("a", 2)), {0: "stop", 1: "stop"}),
        # Between the two, when neither was under way.
        ((trace("a", 50),), {0: "stop", 1: "stop"}),
        ((trace("b", 105), trace("a", 2, "running")), {0: "wait", 1: "wait"}),
        ((), {0: "absent", 1: "absent"}),
        ((trace("a", 130),), {0: "stop", 1: "stop"}),
    ],
)
def test_two_calls_of_one_generation_share_what_fits(traces: tuple[Trace, ...], verdicts: dict[int, str]) -> None:
    """Matched in order of time, each to a call that was under way."""
    second = 100 if any((found.created_at or NOON) > at(20) for found in traces) else 1
    lost = (call(1, sent=second, ended=second + 10), call(0))

    assert verdicts == short(jobs(lost, evidence(*traces)))


def test_the_call_that_was_sent_first_comes_first() -> None:
    """Whatever its number."""
    found = jobs((call(0, sent=1), call(1)), evidence(trace("a", 2)))

    assert {0: "absent", 1: "a"} == short(found)


def test_of_two_in_the_same_second_the_lower_in_the_list_is_older() -> None:
    """The list is newest first, and so finer than its times."""
    found = jobs((call(0), call(1, sent=1)), evidence(trace("second"), trace("first")))

    assert {0: "first", 1: "second"} == short(found)


# Calls that the list and an exact counter must both tell of.


@pytest.mark.parametrize(
    ("rise", "meanwhile", "traces", "verdict"),
    [
        (0, 0, (), "absent"),
        (0, None, (), "absent"),  # nothing was spent, whoever else called
        (15, 0, (trace("a"),), "a"),
        (23, 8, (trace("a"),), "a"),
        (8, 8, (), "absent"),
        (8, 0, (), "stop"),
        (15, 0, (), "stop"),
        (0, 0, (trace("a"),), "stop"),  # an upload: it cost nothing
        (15, 0, (trace("a"), trace("b")), "stop"),
        (30, 0, (trace("a"), trace("b")), "stop"),  # both paid, and only one of them ours
        (30, 0, (trace("a"),), "stop"),
        (5, 0, (trace("a"),), "stop"),
        (15, None, (trace("a"),), "wait"),
        (15, None, (), "wait"),
        (0, 15, (), "stop"),  # it should have moved
        (-100, 0, (), "stop"),
        (-100, 0, (trace("a"),), "stop"),
        (15, 0, (trace("a", state="failed"),), "stop"),
        (0, 0, (trace("a", state="failed"),), "absent"),
        (15, 0, (trace("a", 121),), "a"),  # we had stopped waiting long before
        (0, 0, (trace("a", 123),), "stop"),
        (0, 0, (trace("a", 183),), "absent"),
    ],
)
def test_an_exact_counter_must_agree_with_the_list(
    rise: int, meanwhile: int | None, traces: tuple[Trace, ...], verdict: str
) -> None:
    """Its rise, less what our other calls cost, is the price of what was found: then only is it ours."""
    seen = evidence(*traces, tally=spent(100 + rise), spent_meanwhile=None if meanwhile is None else Decimal(meanwhile))

    assert {0: verdict} == short(library(call(tally=spent(100)), seen))


@pytest.mark.parametrize(
    ("rise", "traces", "verdict"),
    [
        (0, (), "absent"),  # it was counted before
        (15, (), "stop"),  # it was counted since, or the lost call was, and does not show
        (30, (), "stop"),
        (15, (trace("a"),), "a"),
        (30, (trace("a"),), "a"),
        (45, (trace("a"),), "stop"),
        (0, (trace("a"),), "stop"),
        (8, (trace("a"),), "stop"),
    ],
)
def test_a_call_that_ran_when_the_counter_was_read_may_be_in_it_or_not(
    rise: int, traces: tuple[Trace, ...], verdict: str
) -> None:
    """A picture is found either way; that nothing was drawn is certain only if nothing was spent that could be it."""
    seen = evidence(*traces, tally=spent(100 + rise), spent_meanwhile=Decimal(15), spent_at_least=Decimal(0))

    assert {0: verdict} == short(library(call(tally=spent(100)), seen))


@pytest.mark.parametrize("looked", [15, 179])
def test_a_counter_ahead_of_the_list_is_looked_at_again(looked: float) -> None:
    """The picture may show a moment later; when it should have, that is over."""
    lost, seen = call(tally=spent(100)), evidence(looked=looked, tally=spent(115))

    assert {0: "wait"} == short(library(lost, seen))


@pytest.mark.parametrize(
    ("before", "now", "price", "verdict"),
    [
        (None, spent(115), 15, "stop"),
        (spent(100), None, 15, "wait"),
        (spent(100), spent(115), None, "stop"),
        (spent(100), spent(115, unit="cents"), 15, "stop"),
    ],
)
def test_a_counter_that_cannot_be_compared_confirms_nothing(
    before: Tally | None, now: Tally | None, price: int | None, verdict: str
) -> None:
    """Not read before, not read now, of another unit, or for a call of unknown price."""
    lost = call(tally=before, price=None if price is None else Decimal(price))

    assert {0: verdict} == short(library(lost, evidence(trace("a"), tally=now)))


@pytest.mark.parametrize(
    ("rise", "traces", "verdicts"),
    [
        (30, (trace("b", 5), trace("a", 3)), {0: "a", 1: "b"}),
        (15, (trace("a", 3),), {0: "a", 1: "absent"}),
        (30, (trace("a", 3),), {0: "stop", 1: "stop"}),
        (0, (), {0: "absent", 1: "absent"}),
    ],
)
def test_a_counter_confirms_two_calls_at_once(rise: int, traces: tuple[Trace, ...], verdicts: dict[int, str]) -> None:
    """Counted from the older one's reading, which may lie before the other's charge."""
    lost = (call(1, sent=2, tally=spent(115)), call(0, tally=spent(100)))

    assert verdicts == short(library(lost, evidence(*traces, tally=spent(100 + rise))))


@pytest.mark.parametrize("rise", [8, 15])
def test_two_prices_are_none(rise: int) -> None:
    """Which of the two a picture cost, nobody can tell."""
    lost = (call(0, tally=spent(100)), call(1, price=Decimal(8), tally=spent(100)))

    assert {0: "stop", 1: "stop"} == short(library(lost, evidence(trace("a"), tally=spent(100 + rise))))


def test_the_span_of_a_call_is_the_same_on_the_clock_of_the_vendor() -> None:
    """Moved by what that clock is ahead."""
    ours, theirs = span_of(JOBS, call()), span_of(JOBS, call(), timedelta(seconds=3))

    assert Span(at(-2), at(12), at(70)) == ours
    assert Span(at(1), at(15), at(73)) == theirs
