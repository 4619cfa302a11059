"""Has one paid call made: noted before it is sent, as its answer begins, and when its outcome is known."""

import logging
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import anyio

from imagewright.assembling import Outcome
from imagewright.breakers import Breaker
from imagewright.errors import BusyError, ImagewrightError, NotSentAfterAllError, OriginError, SettingsError, facts_of
from imagewright.journal import Journal
from imagewright.lanes import Turn
from imagewright.line import Line
from imagewright.models import Call, CallState, ImageRequest, Order, Reading, Tally
from imagewright.refusals import in_doubt
from imagewright.retrying import Quota, wait_before_resend

_log = logging.getLogger("imagewright")

_UNAVAILABLE = 503
_SLACK = timedelta(seconds=2)  # clocks may be read in whole seconds

_NOT_WANTED = (
    "This part was not sent, because its caller went away or the server was told to end. Nothing was charged for it: "
    "ask for it anew if it is still wanted."
)


async def sleep(seconds: float) -> None:
    """Wait before a call is sent again."""
    await anyio.sleep(seconds)


class Demand(Protocol):
    """Whether anybody wants a call that is not sent yet."""

    def is_there(self) -> bool:
        """Return whether somebody does now."""
        raise NotImplementedError

    async def is_there_again(self) -> bool:
        """Return whether somebody does once more, as long as it may be hoped for."""
        raise NotImplementedError


@dataclass(slots=True)
class Sender:
    """Sends the paid calls of one provider; keeps in mind how it fared there."""

    journal: Journal
    breaker: Breaker
    quota: Quota = field(default_factory=Quota)

    async def send(
        self, line: Line, generation_id: str, call: Call, request: ImageRequest, turn: Turn, demand: Demand
    ) -> Outcome:
        """Make a call that is reserved in the journal once its turn has come, and return what it brought.

        It is sent again only where it certainly did not run, and never where there is no `demand` for it any more.
        An outcome that cannot be noted any more is still returned: the picture is paid for.
        """
        order = line.provider.write(replace(request, count=call.count))
        slip = _Slip(self.journal, generation_id, call.number)
        try:
            await _come(turn, demand)
            await self._check(line, call)
            reading = await self._patiently(line, order, call, slip, turn, demand)
        except ImagewrightError as error:
            state: CallState = "refused" if error.charged == "no" else "unknown"
            answer = error.answer if isinstance(error, OriginError) else b""
            await slip.settle(state, error=error, answer=answer)
            return Outcome(call.count, error=error)
        trace_id = reading.job_id or next((one.media_id for one in reading.pictures if one.media_id), None)
        await slip.settle("done", reading=reading, trace_id=trace_id)
        self.quota.give_back()
        self.breaker.done()
        turn.done()
        return Outcome(call.count, reading)

    async def _check(self, line: Line, call: Call) -> None:
        self.breaker.check(call.price)
        if self.breaker.wants_probe and (error := await _probed(line)):
            self.breaker.still_failing(error)
            self.breaker.check(call.price)

    async def _patiently(
        self, line: Line, order: Order, call: Call, slip: "_Slip", turn: Turn, demand: Demand
    ) -> Reading:
        ends, began = time.monotonic() + order.deadline_seconds, datetime.now(UTC)
        tally = await _tally(line)
        sent = 0
        while True:
            if not demand.is_there():  # any more, after the looks before
                raise NotSentAfterAllError(_NOT_WANTED)
            await slip.sending(tally)
            sent += 1
            try:
                return await line.send(
                    order,
                    line.provider.read,
                    slip.heard,
                    slip.key,
                    kind="paid",
                    generation_id=slip.generation_id,
                    call=slip.number,
                    model=call.model or "",
                )
            except OriginError as error:
                self.breaker.failed(error, call.price)
                turned_away = error.charged == "no" and error.origin.status == _UNAVAILABLE
                if turned_away and await _left_a_trace(line, began):
                    raise in_doubt(line.provider, error) from None
                wait = wait_before_resend(error, sent, random.random())  # noqa: S311  # spreads callers; no secret
                if wait is None or time.monotonic() + wait > ends or not self.quota.take():
                    raise
                refusal = error
            # Whoever waits must not keep the others from going on, least of all where the vendor asked all to wait.
            turn.step_aside()
            await slip.waits()
            await sleep(wait)
            turn.come_back(ends - time.monotonic())
            try:
                await _come(turn, demand)
            except BusyError:
                raise refusal from None


async def _come(turn: Turn, demand: Demand) -> None:
    while not await turn.come(demand.is_there):
        turn.step_aside()  # its room is for those who are wanted
        if not await demand.is_there_again():
            raise NotSentAfterAllError(_NOT_WANTED)
        turn.come_back()


async def _left_a_trace(line: Line, began: datetime) -> bool:
    """Whether a provider that keeps a list of its work shows something begun since, or does not show it."""
    traces = line.provider.recovery.traces if line.provider.recovery else None
    if traces is None:
        return False
    try:
        page, ahead = await line.look_and_compare_clocks(traces(0))
    except OriginError:
        return True
    return any(one.created_at is None or one.created_at >= began + ahead - _SLACK for one in page.traces)


@dataclass(slots=True)
class _Slip:
    """One call's rows in the journal."""

    journal: Journal
    generation_id: str
    number: int

    @property
    def key(self) -> str:
        return f"{self.generation_id}-{self.number}"

    async def sending(self, tally: Tally | None) -> None:
        # What cannot be noted is not sent: its SettingsError ends the call.
        await self.journal.sending(self.generation_id, self.number, tally)

    async def waits(self) -> None:
        """Note that nothing is on its way: a server that ends now leaves a call that cost nothing."""
        try:
            await self.journal.waits(self.generation_id, self.number)
        except SettingsError as error:
            self._lament("waits to be sent again", error)

    async def heard(self, status: int, job_id: str | None) -> None:
        try:
            await self.journal.heard(self.generation_id, self.number, status, job_id)
        except SettingsError as error:
            self._lament(f"answered {status}, job {job_id}", error)

    async def settle(
        self,
        state: CallState,
        *,
        reading: Reading | None = None,
        error: ImagewrightError | None = None,
        answer: bytes = b"",
        trace_id: str | None = None,
    ) -> None:
        facts = facts_of(error) if error else None
        try:
            await self.journal.settle(
                self.generation_id,
                self.number,
                state,
                reading=reading,
                error=facts,
                answer=answer,
                trace_id=trace_id,
            )
        except SettingsError as problem:
            self._lament(state, problem)

    def _lament(self, what: str, error: SettingsError) -> None:
        _log.error("Call %s: %s. This could not be noted: %s", self.key, what, error)


async def _tally(line: Line) -> Tally | None:
    """Return what the provider's counter shows before a call; without it the call is made all the same."""
    look = line.provider.recovery.tally if line.provider.recovery else None
    if look:
        with suppress(OriginError):
            return await line.look(look)
    return None


async def _probed(line: Line) -> OriginError | None:
    """Return what a free look at a provider ended in: nothing, or its error."""
    try:
        if line.provider.purse:
            await line.look(line.provider.purse)
        elif line.provider.catalogue:
            await line.look(line.provider.catalogue)
    except OriginError as error:
        return error
    return None
