"""What holds of every verdict on a lost call, whatever was seen."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from imagewright.recovering import Absent, Evidence, Found, Lost, Unsure, judge, span_of
from tests.lookups import recovery
from tests.losses import JOBS, at, call, spent, trace

SECONDS = st.integers(-10, 200)
TRACES = st.builds(
    trace,
    st.sampled_from([f"t{number}" for number in range(8)]),
    st.none() | SECONDS,
    st.sampled_from(["running", "done", "failed"]),
    st.sampled_from(["m1", "m2", None]),
    readable=st.booleans(),
)
TALLIES = st.none() | st.integers(85, 160).map(spent)
CALLS = st.lists(
    st.builds(
        call,
        sent=SECONDS,
        ended=SECONDS,
        trace_id=st.sampled_from([None, None, "t0", "t1"]),
        tally=TALLIES,
        price=st.sampled_from([None, Decimal(15)]),
    ),
    min_size=1,
    max_size=4,
).map(lambda made: [replace(one, number=number) for number, one in enumerate(made)])
EVIDENCE = st.builds(
    Evidence,
    looked_at=st.integers(0, 500).map(at),
    clock_ahead=st.integers(-5, 5).map(lambda seconds: timedelta(seconds=seconds)),
    traces=st.none() | st.lists(TRACES, max_size=6).map(tuple),
    reaches_back=st.sampled_from([True, True, False]),
    named=st.dictionaries(st.sampled_from(["t0", "t1"]), TRACES, max_size=2).map(
        lambda found: {name: replace(one, trace_id=name) for name, one in found.items()}
    ),
    tally=TALLIES,
    owned=st.frozensets(st.sampled_from(["t2", "t3"])),
    rivals=st.sampled_from([0, 0, 0, 1]),
    spent_meanwhile=st.sampled_from([None, Decimal(0), Decimal(0), Decimal(15)]),
    spent_at_least=st.sampled_from([Decimal(0), Decimal(0), Decimal(15)]),
)


@settings(max_examples=400, derandomize=True, database=None, deadline=None)
@given(provider=st.sampled_from(["depicta", "posteverywhere", "theo"]), lost=CALLS, seen=EVIDENCE)
def test_nothing_is_taken_twice_or_from_another(provider: str, lost: list[Lost], seen: Evidence) -> None:
    """Every call gets one verdict; what is adopted is done, readable, in time, unowned, and adopted once."""
    lookup = recovery(provider)
    verdicts = judge(lookup, provider, lost, seen)

    assert {one.number for one in lost} == set(verdicts)
    listed = {number: verdict for number, verdict in verdicts.items() if lost[number].trace_id is None}
    found = [verdict.trace for verdict in listed.values() if isinstance(verdict, Found)]
    assert len(found) == len({one.trace_id for one in found})
    assert not {one.trace_id for one in found} & (seen.owned | {one.trace_id for one in lost})
    for number, verdict in listed.items():
        match verdict:
            case Found(adopted):
                span = span_of(lookup, lost[number], seen.clock_ahead)
                assert adopted in (seen.traces or ())
                assert adopted.reading is not None
                assert adopted.created_at is not None
                assert span.opens <= adopted.created_at <= span.closes
                assert not seen.rivals
            case Absent():
                assert seen.reaches_back
                assert seen.looked_at >= span_of(lookup, lost[number]).settles
            case Unsure(reason, _):
                assert reason.startswith((provider, "Looked "))


@settings(max_examples=400, derandomize=True, database=None, deadline=None)
@given(lost=CALLS, seen=EVIDENCE)
def test_every_paid_picture_in_time_is_adopted_or_in_doubt(lost: list[Lost], seen: Evidence) -> None:
    """Where any call of a generation is written off, no done picture that could be its is left over."""
    verdicts = judge(JOBS, "Depicta", lost, seen)
    taken = {one.trace_id for one in lost} | {
        verdict.trace.trace_id for verdict in verdicts.values() if isinstance(verdict, Found)
    }
    left = {one.trace_id: one for one in seen.traces or () if one.trace_id not in taken | seen.owned}
    for one in lost:
        if one.trace_id is None and verdicts[one.number] == Absent():
            span = span_of(JOBS, one, seen.clock_ahead)
            assert not [
                other
                for other in left.values()
                if other.state != "failed" and other.created_at and span.opens <= other.created_at <= span.settles
            ]
