"""Generations that this server is at work on: the work belongs to the server, and callers only wait for it."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import anyio
from anyio.abc import TaskGroup

from imagewright.admission import Admission, Visit
from imagewright.assembling import Outcome, assemble, outcome_of, risk, status_of
from imagewright.breakers import Breaker
from imagewright.choosing import Choice
from imagewright.doors import Door, Doors
from imagewright.errors import (
    DO_NOT_REPEAT,
    BusyError,
    ImagewrightError,
    InternalError,
    NotSentAfterAllError,
    Origin,
    OutcomeUnknownError,
    SettingsError,
    facts_of,
)
from imagewright.http import Wire
from imagewright.journal import Journal
from imagewright.keeping import Keeper
from imagewright.lanes import Lanes, Turn, end_all
from imagewright.line import Line
from imagewright.looking import MATCHED, Looker
from imagewright.models import Call, Entry, Generation, T
from imagewright.owners import Owner
from imagewright.planning import Planner, choice_of, plan_of
from imagewright.providers import all_providers
from imagewright.sending import Sender
from imagewright.waiting import Drawing, Patience, Wish

_log = logging.getLogger("imagewright")

_ENDED_BEFORE = "The server ended before this part was sent. Nothing was charged for it: ask for it anew."


@dataclass(slots=True)
class Works:
    """One for a server: draws, resumes what a dead server left, and goes on while callers come and go."""

    planner: Planner
    doors: Doors
    wire: Wire
    journal: Journal
    keeper: Keeper
    owner: Owner
    admission: Admission
    ways: Lanes
    _drawings: dict[str, Drawing] = field(default_factory=dict[str, Drawing])
    _senders: dict[str, Sender] = field(default_factory=dict[str, Sender])
    _group: TaskGroup | None = None
    _shields: set[anyio.CancelScope] = field(default_factory=set[anyio.CancelScope])
    _errands: set[anyio.Event] = field(default_factory=set[anyio.Event])
    _stopping: bool = False
    beginning: set[str] = field(default_factory=set[str])  # ids whose rows may be there before their work is
    callers: Patience = field(default_factory=Patience)
    _patience: anyio.CancelScope = field(default_factory=anyio.CancelScope)  # of the drain
    _in_a_hurry: anyio.Event = field(default_factory=anyio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Do the work while the block runs, and at its end bring to an end what is being paid for."""
        try:
            async with anyio.create_task_group() as group, anyio.create_task_group() as copies:
                self._group, self.keeper.tasks = group, copies
                try:
                    yield
                finally:
                    with anyio.CancelScope(shield=True):
                        await self._drain()
                        self._group = self.keeper.tasks = None
                        for shield in self._shields:
                            shield.cancel()
                        copies.cancel_scope.cancel()
        finally:
            self.owner.release()

    def hurry(self, seconds: float) -> None:
        """Send nothing more, and let the end wait so long at most for what is under way."""
        self._patience.deadline = anyio.current_time() + seconds
        self._in_a_hurry.set()
        self.ways.tell()
        for drawing in self._drawings.values():
            drawing.tell()

    @property
    def open(self) -> bool:
        """Whether anything can be begun: not after the end of the server, which a caller may outlive."""
        return self._group is not None

    def at_work(self, generation_id: str) -> Drawing | None:
        """Return a generation that this server is at work on, or None if it is not."""
        return self._drawings.get(generation_id)

    def start(self, entry: Entry, choice: Choice, door: Door, turns: Sequence[Turn], visit: Visit) -> None:
        """Draw a generation that was just begun, with a turn for each of its calls.

        Raises:
            NotSentAfterAllError: The server has ended.
        """

        async def draw(drawing: Drawing) -> Generation:
            try:
                return await self._draw(entry, choice, door, turns, drawing)
            finally:
                visit.leave()

        self._start(entry, draw, turns)
        visit.stay()

    def resume(self, entry: Entry, *, patient: bool) -> None:
        """Bring to an end a generation that this server took over; what may have been sent is never sent again."""
        if self.open:  # otherwise the next server goes on with it
            self._start(entry, lambda drawing: self._resume(entry, drawing, patient=patient))

    async def errand(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something to its end, even if the caller goes away meanwhile, and return what came of it."""
        done, came, failed = anyio.Event(), list[T](), list[Exception]()

        async def run() -> None:
            try:
                came.append(await work())
            except Exception as error:  # noqa: BLE001  # it is the caller's, not the server's
                failed.append(error)
            finally:
                self._errands.discard(done)
                done.set()

        tasks = self._tasks
        self._errands.add(done)
        tasks.start_soon(self._shielded, run)
        await done.wait()
        if failed:
            raise failed[0]
        if not came:
            raise NotSentAfterAllError("The server ended before this was done. See what there is, then call again.")
        return came[0]

    @property
    def _tasks(self) -> TaskGroup:
        if self._group is None:
            raise NotSentAfterAllError("The server has ended, so this was not begun and nothing was sent. Call again.")
        return self._group

    async def _drain(self) -> None:
        self._stopping = True
        with self._patience:
            # What is only looked at goes on at the next start.
            while pending := [one for one in self._drawings.values() if not one.looking]:
                await pending[0].changed()
            for errand in list(self._errands):
                await errand.wait()

    def _start(
        self, entry: Entry, work: Callable[[Drawing], Awaitable[Generation]], turns: Sequence[Turn] = ()
    ) -> None:
        tasks, name = self._tasks, all_providers()[entry.plan.provider].name
        drawing = Drawing(entry.generation_id, name, entry.ask.request.count, self.ways.tell, turns)
        self._drawings[entry.generation_id] = drawing

        async def run() -> None:
            try:
                outcome: Generation | ImagewrightError = await work(drawing)
            except SettingsError as error:
                # The journal failed after something may have been sent: it says so itself before.
                outcome, error.charged, error.generation_id = error, "maybe", entry.generation_id
            except ImagewrightError as error:
                outcome = error
            except Exception as error:  # noqa: BLE001  # the rows must say it, and those who wait
                outcome = _unforeseen(entry, error)
                with suppress(Exception):
                    await self._abandon(entry)
                    await self.journal.finish(entry.generation_id, "unknown", None, facts_of(outcome), None)
            finally:
                del self._drawings[entry.generation_id]
            drawing.end(outcome)

        tasks.start_soon(self._shielded, run)

    async def _shielded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something that goes on where the server is cancelled, and ends with its drain."""
        with anyio.CancelScope(shield=True) as shield:
            self._shields.add(shield)
            try:
                await work()
            finally:
                self._shields.discard(shield)

    async def _draw(
        self, entry: Entry, choice: Choice, door: Door, turns: Sequence[Turn], drawing: Drawing
    ) -> Generation:
        tried: frozenset[str] = frozenset()
        while True:
            seen = await self._send_all(entry, choice, door, turns, drawing)
            checked = None
            if any(one.unknown for one in seen.values()):
                drawing.start_looking()
                checked = await self._look(entry.generation_id, patient=True)
                with suppress(SettingsError):  # without the journal, what was seen is what there is
                    entry = await self.journal.entry(entry.generation_id) or entry
                    # A picture in hand counts, even where its row could not be written.
                    seen |= {call.number: outcome_of(call) for call in entry.calls if _was_unknown(seen, call)}
            outcomes = [seen[number] for number in sorted(seen)]
            try:
                made = await self._assembled(entry, choice, outcomes)
            except ImagewrightError as error:
                tried |= {choice.provider.slug}
                errors = [error, *(one.error for one in outcomes if one.error)]
                try:
                    further = await self._go_on(entry, tried, errors, drawing)
                except ImagewrightError:
                    further = None
                if further is None:
                    raise await self._failed(entry, outcomes, error, checked) from None
                entry, choice, door, turns = further
                continue
            return await self._done(entry, choice, outcomes, made, checked)

    async def _go_on(
        self, entry: Entry, tried: frozenset[str], errors: Sequence[ImagewrightError], drawing: Drawing
    ) -> tuple[Entry, Choice, Door, Sequence[Turn]] | None:
        """Go on with a generation at the next provider that can serve it and has room; None where there is none."""
        while True:
            choice = self.planner.next(entry.ask, tried, errors)
            if choice is None or drawing.unwanted or self._in_a_hurry.is_set():
                return None
            door = await self.doors.open(choice.provider)
            drafts = self.planner.drafts(choice, door.account)
            try:
                turns = self.ways.of(choice.provider).book(entry.ask.principal, len(drafts))
            except BusyError as error:
                tried, errors = tried | {choice.provider.slug}, [*errors, error]
                continue
            try:
                budget, each = self.planner.budget(choice), self.planner.budget_each(choice)
                entry = await self.journal.go_on(entry.generation_id, plan_of(choice), drafts, budget, each)
            except BaseException:
                end_all(turns)
                raise
            drawing.name, drawing.done, drawing.turns = choice.provider.name, 0, turns
            return entry, choice, door, turns

    async def _send_all(
        self, entry: Entry, choice: Choice, door: Door, turns: Sequence[Turn], drawing: Drawing
    ) -> dict[int, Outcome]:
        provider = choice.provider
        calls = [call for call in entry.calls if call.state == "reserved" and call.provider == provider.slug]
        sender = self._senders.setdefault(provider.slug, Sender(self.journal, Breaker(provider)))
        line = Line(self.wire, provider, door.endpoint)
        outcomes: dict[int, Outcome] = {}
        wish = Wish(drawing, self._in_a_hurry)

        async def send(call: Call, turn: Turn) -> None:
            try:
                outcome = await sender.send(line, entry.generation_id, call, choice.request, turn, wish)
            except Exception as error:  # noqa: BLE001  # the other calls are being paid for
                outcome = Outcome(call.count, error=_unforeseen(entry, error))
                with suppress(SettingsError):
                    facts = facts_of(_unforeseen(entry, error))
                    await self.journal.settle(entry.generation_id, call.number, "unknown", error=facts)
            finally:
                turn.end()
            outcomes[call.number] = outcome
            drawing.advance(call.count)

        try:
            async with anyio.create_task_group() as group:
                for call, turn in zip(calls, turns, strict=True):
                    group.start_soon(send, call, turn)
        finally:
            end_all(turns)
        return outcomes

    async def _resume(self, entry: Entry, drawing: Drawing, *, patient: bool) -> Generation:
        await self._abandon(entry)
        drawing.start_looking()
        checked = await self._look(entry.generation_id, patient=patient)
        return await self.conclude(await self.journal.entry(entry.generation_id) or entry, checked)

    async def _abandon(self, entry: Entry) -> None:
        """Note of the calls of a generation that nobody is at work on any more: what was not sent never will be."""
        now = await self.journal.entry(entry.generation_id) or entry
        for call in now.calls:
            if call.state == "reserved":
                never = facts_of(NotSentAfterAllError(_ENDED_BEFORE))
                await self.journal.settle(entry.generation_id, call.number, "refused", error=never)
            elif call.state == "sending":
                await self.journal.settle(entry.generation_id, call.number, "unknown", error=facts_of(_died(call)))

    async def conclude(self, entry: Entry, checked: str | None) -> Generation:
        """Put together what is known of the calls of a generation that no further call will be sent for, and note it.

        Raises:
            ImagewrightError: It brought no picture.
        """
        choice, outcomes = choice_of(entry.plan), _outcomes(entry)
        try:
            made = await self._assembled(entry, choice, outcomes)
        except ImagewrightError as error:
            raise await self._failed(entry, outcomes, error, checked) from None
        return await self._done(entry, choice, outcomes, made, checked)

    async def _look(self, generation_id: str, *, patient: bool) -> str | None:
        try:
            entry = await self.journal.entry(generation_id)
            unknown = [call for call in entry.calls if call.state == "unknown"] if entry else []
            if entry is None or not unknown:
                return None
            provider = all_providers()[unknown[0].provider]
            door = await self.doors.open(provider)
            if any(call.account != door.account for call in unknown):
                return (
                    f"It was sent to {provider.name} with another key, or to another address, than are set now: only "
                    f"with those can it be looked up."
                )
            line = Line(self.wire, provider, door.endpoint)
            return await Looker(self.journal).settle(line, entry, patient=patient and not self._stopping)
        except ImagewrightError as error:
            return f"It could not be looked up: {error}"

    async def _assembled(self, entry: Entry, choice: Choice, outcomes: Sequence[Outcome]) -> Generation:
        trusted, notice = await self.doors.trusted(choice.provider.slug), self.doors.notice(choice.provider)
        return assemble(entry.generation_id, choice, outcomes, trusted, notice)

    async def _done(
        self, entry: Entry, choice: Choice, outcomes: Sequence[Outcome], made: Generation, checked: str | None
    ) -> Generation:
        made = replace(made, warnings=(*made.warnings, *_recovered(entry, choice)))
        if checked:
            made = replace(made, warnings=(*made.warnings, f"{checked} {risk(entry)}"))
        copies, until = self.keeper.plan(made)
        try:
            status = status_of(outcomes, made)
            await self.journal.finish(entry.generation_id, status, made, None, checked, copies, until)
        except SettingsError as error:
            note = f"This generation could not be noted: use its URLs or media_ids, not its generation_id. {error}"
            return replace(made, warnings=(*made.warnings, note))
        self.keeper.begin(made, copies, until)
        await self.keeper.moment(made.generation_id)
        return made

    async def _failed(
        self, entry: Entry, outcomes: Sequence[Outcome], error: ImagewrightError, checked: str | None
    ) -> ImagewrightError:
        """Note that a generation brought no picture, and return the error with what to do next."""
        status = status_of(outcomes, None)
        error.generation_id = entry.generation_id
        if status == "unknown":
            with suppress(SettingsError):
                entry = await self.journal.entry(entry.generation_id) or entry
            error.args = (" ".join(part for part in (str(error), checked, risk(entry)) if part),)
        try:
            await self.journal.finish(entry.generation_id, status, None, facts_of(error), checked)
        except SettingsError as problem:
            _log.error("%s ended as %s. This could not be noted: %s", entry.generation_id, status, problem)
        return error


def _outcomes(entry: Entry) -> list[Outcome]:
    return [outcome_of(call) for call in entry.calls if call.provider == entry.plan.provider]


def _was_unknown(seen: Mapping[int, Outcome], call: Call) -> bool:
    return call.number in seen and seen[call.number].unknown


def _unforeseen(entry: Entry, error: Exception) -> InternalError:
    _log.error("%s failed in a way that nobody foresaw", entry.generation_id, exc_info=error)
    told = InternalError(
        f"imagewright itself failed ({type(error).__name__}); its log on stderr tells more. {DO_NOT_REPEAT}"
    )
    told.generation_id = entry.generation_id
    return told


def _recovered(entry: Entry, choice: Choice) -> list[str]:
    """Say that pictures came by a look, not by an answer."""
    found = [call for call in entry.calls if call.state == "done" and call.error]
    if not found:
        return []
    note = f"{choice.provider.name}'s answer was lost; the picture was found there afterwards"
    if any(call.error and MATCHED in call.error for call in found):
        # Whoever else draws with the account could have left it.
        note += ", by the time of the call alone: check that it shows what was asked for"
    return [f"{note}."]


def _died(call: Call) -> OutcomeUnknownError:
    name = all_providers()[call.provider].name
    return OutcomeUnknownError(
        f"The server ended while {name} was drawing, so its answer is lost.",
        Origin(call.provider, job_id=call.trace_id),
    )
