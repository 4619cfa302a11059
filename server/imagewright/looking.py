"""Looks at a provider for what became of calls whose answer was lost, until it is clear or no look can make it so."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, repeat

import anyio

from imagewright.errors import NotMadeError, Origin, OriginError, facts_of
from imagewright.journal import Journal
from imagewright.line import Line
from imagewright.models import Call, Entry, Look, Money, T, Trace, TracePage
from imagewright.provider import Recovery
from imagewright.recovering import Absent, Evidence, Found, Lost, Unsure, judge, span_of

_PAUSES_SECONDS = (2.0, 3.0, 5.0, 10.0)
_LATER_PAUSE_SECONDS = 20.0
_PATIENCE_SECONDS = 480.0  # longer than any vendor works on a picture, and than it takes to be sure that none came
_PAGES = 10

MATCHED = "matched"  # among the facts of a call's error: its picture was found by the time alone, not by an id


async def sleep(seconds: float) -> None:
    """Wait before the next look."""
    await anyio.sleep(seconds)


def now() -> datetime:
    """Return the time by our clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Looker:
    """Settles in the journal what looks can settle. It never sends anything that costs."""

    journal: Journal

    async def settle(self, line: Line, entry: Entry, *, patient: bool) -> str | None:
        """Find out what became of the unknown calls of a generation, and return what was checked if some stay unknown.

        A patient one looks again and again as long as that may help; otherwise it looks once.
        """
        waited, pauses = 0.0, _pauses()
        while True:
            unsure = await self._look_once(line, entry)
            if not unsure:
                return None
            pause = next(pauses)
            if not patient or not any(one.wait for one in unsure) or waited + pause > _PATIENCE_SECONDS:
                return " ".join(dict.fromkeys(one.why for one in unsure))
            await sleep(pause)
            waited += pause
            entry = await self.journal.entry(entry.generation_id) or entry

    async def _look_once(self, line: Line, entry: Entry) -> list[Unsure]:
        calls = [call for call in entry.calls if call.state == "unknown" and call.provider == line.provider.slug]
        if not calls:
            return []
        recovery = line.provider.recovery
        lost = [_lost(line, entry, call) for call in calls]
        evidence = await self._evidence(line, recovery or Recovery(), entry, lost)
        verdicts = judge(recovery, line.provider.name, lost, evidence)
        unsure: list[Unsure] = []
        for call in calls:
            verdict = verdicts[call.number]
            if isinstance(verdict, Found):
                await self._found(line, entry, call, verdict.trace)
            elif isinstance(verdict, Absent):
                await self._absent(line, entry, call)
            else:
                unsure.append(verdict)
        return unsure

    async def _evidence(self, line: Line, recovery: Recovery, entry: Entry, lost: Sequence[Lost]) -> Evidence:
        slug, sandbox = line.provider.slug, entry.ask.sandbox
        spent_before, _ = await self._spent_since(entry, lost, slug)
        named: dict[str, Trace] = {}
        for trace_id in {one.trace_id for one in lost if one.trace_id}:
            if trace := await _glance(line, recovery.trace(trace_id) if recovery.trace else None):
                named[trace_id] = trace
        traces, reaches_back, ahead = await _listed(line, recovery, lost)
        tally = await _glance(line, recovery.tally)
        moment = now()
        spans = [span_of(recovery, one) for one in lost]
        opens, settles = min(span.opens for span in spans), max(span.settles for span in spans)
        meanwhile = await self.journal.meanwhile(slug, entry.generation_id, opens, settles, sandbox=sandbox)
        # Last: what of the list is a call's that ended since is owned, or its call was a rival a moment ago.
        owned = await self.journal.owned(slug, [one.trace_id for one in traces or ()])
        spent, at_least = await self._spent_since(entry, lost, slug)
        return Evidence(
            looked_at=moment,
            clock_ahead=ahead,
            traces=traces,
            reaches_back=reaches_back,
            named=named,
            tally=tally,
            owned=owned,
            rivals=meanwhile.rivals,
            # What ended while the counter was read may be in it or not.
            spent_meanwhile=spent if spent == spent_before else None,
            spent_at_least=at_least,
        )

    async def _spent_since(self, entry: Entry, lost: Sequence[Lost], slug: str) -> tuple[Decimal | None, Decimal]:
        """Return what our other calls cost since the oldest tally, settled ones of this generation included.

        The second sum leaves out those that were under way then.
        """
        since, until = min(one.sent_at for one in lost), now()
        meanwhile = await self.journal.meanwhile(slug, entry.generation_id, since, until, sandbox=entry.ask.sandbox)
        own = [
            (call, call.reading.cost.amount)
            for call in entry.calls
            if call.reading and call.reading.cost and call.provider == slug and (call.ended_at or until) >= since
        ]
        spent = None if meanwhile.spent is None else meanwhile.spent + sum((cost for _, cost in own), Decimal(0))
        began = (cost for call, cost in own if call.sent_at and call.sent_at >= since)
        return spent, meanwhile.spent_at_least + sum(began, Decimal(0))

    async def _found(self, line: Line, entry: Entry, call: Call, trace: Trace) -> None:
        reading = trace.reading
        if reading and reading.cost is None and call.price is not None:
            reading = replace(reading, cost=Money(call.price, call.unit, estimated=True))
        # Its error stays beside it: the answer was lost all the same.
        error = dict(call.error or {}) | ({} if call.trace_id else {MATCHED: "by time"})
        with line.step("provider.found", generation_id=entry.generation_id, call=call.number) as step:
            await self.journal.settle(
                entry.generation_id, call.number, "done", reading=reading, error=error, trace_id=trace.trace_id
            )
            if reading and reading.cost:
                step.set(cost=reading.cost)

    async def _absent(self, line: Line, entry: Entry, call: Call) -> None:
        error = NotMadeError(
            f"{line.provider.name}'s answer was lost, and a look there showed that nothing was made or charged. "
            f"Call again.",
            Origin(line.provider.slug),
        )
        await self.journal.settle(entry.generation_id, call.number, "refused", error=facts_of(error))


async def _listed(
    line: Line, recovery: Recovery, lost: Sequence[Lost]
) -> tuple[tuple[Trace, ...] | None, bool, timedelta]:
    """Return the newest traces, whether they reach back to before the first lost call, and the clock's lead."""
    if recovery.traces is None or all(one.trace_id for one in lost):
        return None, False, timedelta(0)
    found: list[Trace] = []
    ahead = timedelta(0)
    for _ in range(_PAGES):
        try:
            page, ahead = await line.look_and_compare_clocks(recovery.traces(len(found)))
        except OriginError:
            return None, False, ahead
        known = {one.trace_id for one in found}
        found += [one for one in page.traces if one.trace_id not in known]
        oldest = min((one.created_at for one in page.traces if one.created_at), default=None)
        opens = min(span_of(recovery, one, ahead).opens for one in lost)
        if _all_of_them(page, found) or (oldest and oldest < opens):
            return tuple(found), True, ahead
    return tuple(found), False, ahead


def _all_of_them(page: TracePage, found: Sequence[Trace]) -> bool:
    return not page.traces or (page.total is not None and len(found) >= page.total)


async def _glance(line: Line, look: Look[T] | None) -> T | None:
    if look:
        with suppress(OriginError):
            return await line.look(look)
    return None


def _lost(line: Line, entry: Entry, call: Call) -> Lost:
    sent_at = call.sent_at or entry.at
    # A call that died with its server was noted much later: nobody worked on it for longer than its deadline.
    longest = line.provider.write(replace(entry.plan.request, count=call.count)).deadline_seconds
    ended_at = min(call.ended_at or sent_at, sent_at + timedelta(seconds=longest))
    return Lost(
        number=call.number,
        sent_at=sent_at,
        ended_at=ended_at,
        count=call.count,
        model=call.model,
        price=call.price,
        trace_id=call.trace_id,
        tally=call.tally,
    )


def _pauses() -> Iterator[float]:
    return chain(_PAUSES_SECONDS, repeat(_LATER_PAUSE_SECONDS))
