"""Says what became of paid calls whose answers were lost, from what their vendor shows: no I/O and no clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, takewhile

from imagewright.models import Tally, Trace
from imagewright.provider import Recovery
from imagewright.text import listing

# Both clocks may be read in whole seconds: ours against a Date header, the vendor's in created_at.
_SLACK = timedelta(seconds=2)
# A request leaves once it has a connection, for which http.py waits so long.
_CONNECTING = timedelta(seconds=5)
# A list may lag behind the work, and a request may sit in a gateway after its sender has gone.
_LAG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Lost:
    """One paid call whose answer was lost. Times are our clock, UTC; `ended_at` is when waiting for the answer ended.

    `price` is for the whole call, in the provider's unit; `model` is an id, not an alias; `trace_id` is there if the
    answer's headers came; `tally` was taken before it was sent.
    """

    number: int
    sent_at: datetime
    ended_at: datetime
    count: int
    model: str | None
    price: Decimal | None
    trace_id: str | None
    tally: Tally | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a vendor showed afterwards. `looked_at` is our clock, when its last answer came.

    `clock_ahead` is the vendor's clock minus ours, zero if that is not known. `traces` is newest first, and None where
    the list was not read; `reaches_back` says that it shows something older than `span_of` opens, or all there is.
    `named` holds the traces that were read by the ids of the lost calls. `owned` are the ids whose call or import of
    ours is known. `rivals` counts calls of ours at this account, of other generations, that have no outcome and no
    trace id, and whose spans overlap. `spent_meanwhile` is what our other calls cost since the oldest tally, None where
    that is not all known; `spent_at_least` leaves out those that were under way then, for they may have been counted.
    """

    looked_at: datetime
    clock_ahead: timedelta
    traces: tuple[Trace, ...] | None
    reaches_back: bool
    named: Mapping[str, Trace]
    tally: Tally | None
    owned: frozenset[str]
    rivals: int
    spent_meanwhile: Decimal | None
    spent_at_least: Decimal


@dataclass(frozen=True, slots=True)
class Span:
    """When a call can have left its trace: from `opens` to `closes`; what nobody sees by `settles` is not there."""

    opens: datetime
    closes: datetime
    settles: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """It was done, and this is what it brought."""

    trace: Trace


@dataclass(frozen=True, slots=True)
class Absent:
    """It was not done, or it failed, and either costs nothing."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody can tell. `why` is for a person; `wait` says that looking again later may settle it."""

    why: str
    wait: bool


Verdict = Found | Absent | Unsure


def judge(recovery: Recovery | None, name: str, lost: Sequence[Lost], evidence: Evidence) -> dict[int, Verdict]:
    """Return by number what became of the lost calls of one generation at the provider called `name`."""
    if recovery is None:
        return _each(lost, Unsure(f"{name} has no way to look a call up.", wait=False))
    named = {call.number: _named(name, call.trace_id, evidence) for call in lost if call.trace_id is not None}
    rest = tuple(sorted((call for call in lost if call.trace_id is None), key=lambda call: (call.sent_at, call.number)))
    if not rest:
        return named
    if recovery.traces is None:
        return named | _each(rest, Unsure(_hint(name, rest, evidence), wait=False))
    taken = evidence.owned.union(call.trace_id for call in lost if call.trace_id is not None)
    return named | _listed(recovery, name, rest, evidence, taken)


def span_of(recovery: Recovery, lost: Lost, clock_ahead: timedelta = timedelta()) -> Span:
    """Return when a call can have left its trace, by a clock that is ahead of ours by so much."""
    sent = lost.sent_at + clock_ahead
    # Where our process died with the call, ended_at is no later than sent_at.
    done = max(lost.ended_at + clock_ahead, sent + timedelta(seconds=recovery.unseen_seconds))
    return Span(sent - _SLACK, max(done, sent + _CONNECTING) + _SLACK, done + _LAG)


def _named(name: str, trace_id: str, evidence: Evidence) -> Verdict:
    trace = evidence.named.get(trace_id)
    if trace is None or (trace.state == "done" and trace.reading is None):
        return Unsure(f"{name} did not tell what became of {trace_id}.", wait=True)
    if trace.state == "running":
        return Unsure(f"{name} is still working on {trace_id}.", wait=True)
    # A generation that fails is not charged: depicta.ai/docs/concepts/credits
    return Found(trace) if trace.state == "done" else Absent()


@dataclass(frozen=True, slots=True)
class _Case:
    """Lost calls without a trace id, oldest first, and what of the list may be theirs."""

    name: str
    lost: tuple[Lost, ...]
    evidence: Evidence
    spans: Mapping[int, Span]  # by number, on the vendor's clock
    fitting: tuple[tuple[datetime, Trace], ...]  # oldest first
    late: tuple[Trace, ...]  # after the calls closed and before they settle
    undated: tuple[Trace, ...]

    def is_early(self, number: int) -> bool:
        """Whether this call's trace may still appear."""
        return self.evidence.looked_at + self.evidence.clock_ahead < self.spans[number].settles

    @property
    def told(self) -> str:
        """The ids of what fits, for a sentence."""
        return _ids(trace for _, trace in self.fitting)

    @property
    def moving(self) -> bool:
        """Whether the list may still change in what matters here."""
        running = any(trace.state == "running" for trace in self.late)
        return running or self.evidence.rivals > 0 or any(map(self.is_early, self.spans))


def _listed(
    recovery: Recovery, name: str, lost: tuple[Lost, ...], evidence: Evidence, taken: frozenset[str]
) -> dict[int, Verdict]:
    if evidence.traces is None:
        return _each(lost, Unsure(f"{name} did not show what was drawn.", wait=True))
    case = _case(recovery, name, lost, evidence, taken)
    doubts = chain(_doubts_about_list(case), _doubts_about_tally(case) if recovery.tally_proves else ())
    if doubt := next(doubts, None):
        return _each(lost, doubt)
    found = _matched(case)
    if found is None:
        return _each(lost, Unsure(f"Looked at what {name} drew: {case.told} fits none of the calls.", case.moving))
    return {call.number: Found(found[call.number]) if call.number in found else _missed(case, call) for call in lost}


def _case(recovery: Recovery, name: str, lost: tuple[Lost, ...], evidence: Evidence, taken: frozenset[str]) -> _Case:
    spans = {call.number: span_of(recovery, call, evidence.clock_ahead) for call in lost}
    opens = min(span.opens for span in spans.values())
    closes = max(span.closes for span in spans.values())
    settles = max(span.settles for span in spans.values())
    # A picture that comes while the list is read moves the others on, so that one can stand on two pages.
    traces = list({trace.trace_id: trace for trace in evidence.traces or ()}.values())
    free = [trace for trace in reversed(traces) if trace.trace_id not in taken and trace.state != "failed"]
    dated = [(trace.created_at, trace) for trace in free if trace.created_at]
    recent = takewhile(lambda trace: trace.created_at is None or trace.created_at >= opens, traces)
    unplaced = {trace.trace_id for trace in recent if trace.created_at is None}
    fitting = sorted((one for one in dated if opens <= one[0] <= closes), key=lambda one: one[0])
    late = tuple(trace for moment, trace in dated if closes < moment <= settles)
    undated = tuple(trace for trace in free if trace.trace_id in unplaced)
    return _Case(name, lost, evidence, spans, tuple(fitting), late, undated)


def _doubts_about_list(case: _Case) -> Iterator[Unsure]:
    """Yield why the list settles nothing, if that is so."""
    name, evidence = case.name, case.evidence
    traces = [trace for _, trace in case.fitting]
    if not evidence.reaches_back:
        yield Unsure(f"{name}'s list does not reach back to the time of the call.", wait=False)
    if case.undated:
        yield Unsure(f"{name} does not say when it drew {_ids(case.undated)}.", case.moving)
    if traces and evidence.rivals:
        others = "another call" if evidence.rivals == 1 else f"{evidence.rivals} other calls"
        yield Unsure(f"Looked at what {name} drew: {case.told} may belong to {others} without an answer.", wait=True)
    if running := [trace for trace in traces if trace.state == "running"]:
        yield Unsure(f"{name} is still working on {_ids(running)}, which may be this call.", wait=True)
    if len(traces) > len(case.lost):
        calls = "one call" if len(case.lost) == 1 else f"{len(case.lost)} calls"
        yield Unsure(f"Looked at what {name} drew: {len(traces)} fit {calls}, {case.told}.", case.moving)
    if empty := [trace for trace in traces if trace.reading is None or not trace.reading.pictures]:
        yield Unsure(f"{name} lists {_ids(empty)}, but no picture of it that can be read.", case.moving)
    asked = {call.model for call in case.lost if call.model}
    if other := [trace for trace in traces if asked and (_models(trace) - asked)]:
        # It may be what an alias stands for: only a person knows.
        models = listing(sorted(frozenset[str]().union(*map(_models, other)) - asked))
        yield Unsure(f"{name} drew {_ids(other)} with {models}, not with {listing(sorted(asked))}.", wait=False)


def _doubts_about_tally(case: _Case) -> Iterator[Unsure]:
    """Yield why the vendor's exact counter does not confirm what the list shows, if that is so."""
    name, count, evidence = case.name, len(case.fitting), case.evidence
    before, now, elsewhere = case.lost[0].tally, evidence.tally, evidence.spent_meanwhile
    if before is None:
        yield Unsure(f"{name}'s counter was not read before the call, so that nothing confirms its list.", wait=False)
    elif now is None:
        yield Unsure(f"{name} did not show its counter, so that nothing confirms its list.", wait=True)
    elif now.unit != before.unit or now.spent < before.spent:
        yield Unsure(f"{name}'s counter fell since before the call, as at the start of a month.", wait=False)
    elif now.spent == before.spent and not count and not elsewhere:
        return  # nothing was spent, whoever else called
    elif elsewhere is None:
        yield Unsure(f"{name}'s counter rose, but what other calls cost meanwhile is not all known.", wait=True)
    elif (expected := _expected(case.lost, count)) is None:
        yield Unsure(f"{name}'s counter cannot confirm its list, since the price of the call is not known.", wait=False)
    elif expected not in _unexplained(now.spent - before.spent, evidence, elsewhere, count):
        shown = f"{case.told}, worth {expected:f}" if count else "nothing new"
        spent = f"{now.spent - before.spent - elsewhere:f} {now.unit} spent besides our other calls"
        yield Unsure(f"{name}'s counter shows {spent}, but its list shows {shown}.", case.moving)


def _unexplained(rise: Decimal, evidence: Evidence, elsewhere: Decimal, count: int) -> set[Decimal]:
    """Return what the lost calls may have cost.

    Where nothing was found, all that may be theirs is taken for theirs: only if that is nothing were they not made.
    """
    most = rise - evidence.spent_at_least
    return {most, rise - elsewhere} if count else {most}


def _expected(lost: tuple[Lost, ...], count: int) -> Decimal | None:
    prices = {call.price for call in lost}
    price = (prices.pop() if len(prices) == 1 else None) if count else Decimal(0)
    return None if price is None else price * count


def _matched(case: _Case) -> dict[int, Trace] | None:
    """Return the traces by the number of the call: the oldest goes to the oldest; None where one goes to no call."""
    found: dict[int, Trace] = {}
    for moment, trace in case.fitting:
        free = (call.number for call in case.lost if call.number not in found)
        number = next((one for one in free if case.spans[one].opens <= moment <= case.spans[one].closes), None)
        if number is None:
            return None
        found[number] = trace
    return found


def _missed(case: _Case, call: Lost) -> Verdict:
    if case.late:
        why = f"Looked at what {case.name} drew: {_ids(case.late)} came later than this call should have."
        return Unsure(why, case.moving)
    if case.is_early(call.number):
        settles = case.spans[call.number].settles - case.evidence.clock_ahead
        return Unsure(f"Looked too early: what {case.name} draws may show until {settles:%H:%M:%S} UTC.", wait=True)
    return Absent()


def _hint(name: str, lost: tuple[Lost, ...], evidence: Evidence) -> str:
    """Return in words what a counter that proves nothing showed."""
    before, now, others = lost[0].tally, evidence.tally, evidence.spent_meanwhile
    if before is None or now is None:
        when = "before the call" if before is None else "now"
        return f"{name} has no list of what it drew, and its usage counter could not be read {when}."
    it_was, counter = "it was" if len(lost) == 1 else "they were", f"{name}'s usage counter"
    since = "since before the call" if len(lost) == 1 else "since before the calls"
    rise = now.spent - before.spent
    moved = [f"from {before.spent:f} to {now.spent:f} {now.unit}"] if rise else []
    if before.calls != now.calls and None not in {before.calls, now.calls}:
        moved.insert(0, f"from {before.calls} to {now.calls} requests")
    if not moved:
        return f"{counter} did not move {since}, which suggests that {it_was} not charged."
    if rise < 0:
        return f"{counter} fell {since}, as at the start of a month, which says nothing."
    told = f"{counter} rose {' and '.join(moved)} {since}"
    if others is None:
        return f"{told}, but other calls may be in that."
    if rise <= others:
        return f"{told}, no more than other calls cost, which suggests that {it_was} not charged."
    theirs = f" Other calls of ours cost {others:f} {now.unit} of that." if others else ""
    return f"{told}, which suggests that {it_was} charged.{theirs}"


def _each(lost: Iterable[Lost], verdict: Verdict) -> dict[int, Verdict]:
    return {call.number: verdict for call in lost}


def _models(trace: Trace) -> frozenset[str]:
    reading = trace.reading
    told = () if reading is None else (reading.model, *(picture.model for picture in reading.pictures))
    return frozenset(model for model in told if model)


def _ids(traces: Iterable[Trace]) -> str:
    return listing((trace.trace_id for trace in traces), limit=5)
