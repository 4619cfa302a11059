"""What became of generations: followed to their end whoever is at work on them, looked up again, settled by people."""

import logging
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import anyio

from imagewright.doors import Doors
from imagewright.drawing import Works
from imagewright.errors import ImagewrightError, RequestError, SettingsError, facts_of, settled
from imagewright.journal import Journal
from imagewright.library import Library
from imagewright.models import LOCAL, Call, CallState, Entry, Generation
from imagewright.owners import Owner
from imagewright.progress import Report, no_report
from imagewright.providers import all_providers
from imagewright.reporting import about_copies, outcome_of_entry, still_running, without_pictures
from imagewright.text import quote
from imagewright.waiting import PROGRESS_SECONDS, Drawing, Teller, whole

_log = logging.getLogger("imagewright")

RECENT = 10  # generations that a list shows
_RESUME_AFTER_SECONDS = 0.5  # the first answers come first
_POLL_SECONDS = 0.25  # how often work of another server is looked at
_LOOK_SECONDS = 30.0
_FREEING_SECONDS = 2.0  # a caller who needs the room waits no longer
_LOOKS_END = timedelta(minutes=10)  # after it, looking again has never told anything new


@dataclass(slots=True)
class Generations:
    """One for a server. `principal` is whose generations there are to be found: None for everybody's."""

    journal: Journal
    library: Library
    works: Works
    owner: Owner
    doors: Doors
    _left_open: set[str] = field(default_factory=set[str])

    async def look_up(
        self, generation_id: str, *, principal: str | None, wait_seconds: float = 0.0, report: Report = no_report
    ) -> Generation:
        """Return how a generation stands; where its outcome is not known, the provider is asked again first.

        Raises:
            RequestError: There is no such generation.
        """
        entry = await self._entry(generation_id, principal)
        left = await whole(self.take_over(entry, patient=wait_seconds > 0))
        outcome = None if left else outcome_of_entry(entry)
        if outcome is None:
            # A look of our own is worth its moment; what another draws is waited for as long as the caller says.
            seconds = max(wait_seconds, _LOOK_SECONDS if left else 0.0)
            with self.works.callers.until(anyio.current_time() + seconds):
                outcome = await self.end_of(entry, report, wanted=False)
        if outcome is None:
            return self.still_running(entry)
        if isinstance(outcome, ImagewrightError):
            return without_pictures(await self._entry(generation_id), outcome, self._notice(entry))
        return await self.with_copies(outcome)

    async def stored(self, generation_id: str, *, principal: str | None) -> tuple[Entry, Generation]:
        """Return a generation and how it stands by what the journal has; nobody is asked anything.

        Raises:
            RequestError: There is no such generation.
        """
        entry = await self._entry(generation_id, principal)
        outcome = outcome_of_entry(entry)
        if outcome is None:
            return entry, self.still_running(entry)
        if isinstance(outcome, ImagewrightError):
            return entry, without_pictures(entry, outcome, self._notice(entry))
        return entry, await self.with_copies(outcome)

    async def with_copies(self, made: Generation) -> Generation:
        """Return a generation with what the library has of its pictures by now, and what that means for its URLs."""
        if not any(picture.url for picture in made.pictures):
            return made
        try:
            copies = await self.library.copies(made.generation_id)
        except SettingsError as error:
            _log.warning("What is kept of %s cannot be told: %s", made.generation_id, error)
            copies = ()
        url_life = all_providers()[made.provider].url_life
        warnings, next_step = about_copies(made, copies, url_life)
        return replace(
            made,
            copies=copies,
            warnings=(*made.warnings, *warnings),
            next_step=f"{made.next_step} {next_step}".strip(),
        )

    async def delivered(self, generation_id: str) -> None:
        """Note that the outcome of a generation went out to a client; what cannot be noted is delivered again."""
        try:
            if self.journal.exists:
                await self.journal.delivered(generation_id)
        except SettingsError as error:
            _log.warning("That %s was delivered could not be noted: %s", generation_id, error)

    async def recent(self, *, principal: str | None, limit: int = RECENT) -> list[Entry]:
        """Return the newest generations, newest first."""
        return await self.journal.newest(limit, principal) if self.journal.exists else []

    async def settling_question(self, generation_id: str, *, principal: str | None) -> str | None:
        """Return what only the user can tell about a generation, after a look at the provider; None for nothing.

        The money is the user's, and so is the dashboard: nobody else is asked.
        """
        if principal not in {None, LOCAL}:
            return None
        entry = await self.journal.entry(generation_id, principal) if self.journal.exists else None
        if entry is None or entry.status != "unknown" or generation_id in self._left_open:
            return None
        await self.look_up(generation_id, principal=principal)
        entry = await self._entry(generation_id)
        unknown = [call for call in entry.calls if call.state == "unknown"]
        if not unknown or not _is_for_people(unknown):
            return None
        name = all_providers()[unknown[0].provider].name
        prompt = quote(entry.ask.request.prompt, 80)
        return f"{name} never answered for {prompt}. {entry.checked or ''} Does its dashboard show that it was charged?"

    def leave_open(self, generation_id: str) -> None:
        """Do not ask the user about a generation again."""
        self._left_open.add(generation_id)

    async def settle(self, generation_id: str, *, charged: bool, principal: str | None) -> Generation:
        """Settle the unknown calls of a generation by what a person found out.

        Raises:
            RequestError: There is no such generation, or nothing about it is unknown.
        """
        return await whole(self._settle(await self._entry(generation_id, principal), charged=charged))

    async def recover(self) -> list[Generation]:
        """Look up whatever is unknown, or was left unfinished by a server that is no more; return how each stands."""
        if not self.journal.exists:
            return []
        entries = [one for one in await self.journal.open_entries() if one.ask.sandbox == self.doors.sandboxed]
        return [await self.look_up(entry.generation_id, principal=None) for entry in entries]

    def still_running(self, entry: Entry) -> Generation:
        """Return a generation that is still under way."""
        drawing = self.works.at_work(entry.generation_id)
        if drawing is None:
            return still_running(entry, self._notice(entry))
        waits = drawing.waits and not drawing.done
        return still_running(entry, self._notice(entry), looking=drawing.looking, waits=waits)

    async def _entry(self, generation_id: str, principal: str | None = None) -> Entry:
        entry = await self.journal.entry(generation_id, principal) if self.journal.exists else None
        if entry is None:
            raise RequestError(
                f"There is no generation {quote(generation_id, 60)}. Use an id that generate_image returned, or call "
                f"get_generation without one for the newest."
            )
        return entry

    async def _settle(self, entry: Entry, *, charged: bool) -> Generation:
        generation_id = entry.generation_id
        if entry.status == "running" and await self.take_over(entry, patient=False):
            await self.end_of(entry, no_report, wanted=False)
            entry = await self._entry(generation_id)
        if entry.status == "running":
            raise RequestError(f"{generation_id} is still being drawn by a running server: wait for its end.")
        if entry.status != "unknown":
            raise RequestError(f"{generation_id} is {entry.status}: there is nothing to settle.")
        if not await self.journal.adopt(generation_id, entry.owner, await self.owner.token()):
            raise RequestError(f"Another server is looking {generation_id} up. Call again in a moment.")
        entry = await self._entry(generation_id)  # another server may have found some of its calls just before
        state: CallState = "lost" if charged else "refused"
        for call in entry.calls:
            if call.state == "unknown":
                error = settled(all_providers()[call.provider].name, charged=charged)
                await self.journal.settle(generation_id, call.number, state, error=facts_of(error))
        try:
            return await self.with_copies(await self.works.conclude(await self._entry(generation_id), None))
        except ImagewrightError as error:
            return without_pictures(await self._entry(generation_id), error, self._notice(entry))

    async def end_of(self, entry: Entry, report: Report, *, wanted: bool) -> Generation | ImagewrightError:
        """Wait for the outcome of a generation, whoever is at work on it."""
        name = all_providers()[entry.plan.provider].name
        elsewhere = Teller(Drawing(entry.generation_id, name, entry.ask.request.count), report)
        told = time.monotonic()
        while True:
            if drawing := self.works.at_work(entry.generation_id):
                with drawing.wanted() if wanted else nullcontext():
                    return await drawing.wait(report)
            entry = await self._entry(entry.generation_id)
            if (outcome := outcome_of_entry(entry)) is not None:
                return outcome
            if not self.works.open:  # the next server goes on with it
                return self.still_running(entry)
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                await elsewhere.tell()
            await anyio.sleep(_POLL_SECONDS)
            await whole(self.take_over(entry, patient=True))

    async def take_over(self, entry: Entry, *, patient: bool) -> bool:
        """Go on with a generation that is unknown or that its server left; False if there is nothing to go on with."""
        if entry.status not in {"running", "unknown"} or entry.ask.sandbox != self.doors.sandboxed:
            return False
        if not self.works.open or self.works.at_work(entry.generation_id):
            return False  # what is at work here may be noted as unknown already, while copies are fetched
        if entry.status == "running" and not await self._is_left(entry):
            return False
        generation_id = entry.generation_id
        if generation_id in self.works.beginning:
            return False
        self.works.beginning.add(generation_id)
        try:
            if not await self.journal.adopt(generation_id, entry.owner, await self.owner.token()):
                return False
            self.works.resume(await self._entry(generation_id), patient=patient)
            return True
        finally:
            self.works.beginning.discard(generation_id)

    async def free(self, slug: str) -> bool:
        """Go on with what dead servers left at a provider, and wait a moment for the end; False if they left nothing.

        What they held in its budget for calls that were never sent is free then.
        """
        entries = [one for one in await self.journal.open_entries() if one.status == "running"]
        there = [one for one in entries if any(call.provider == slug for call in one.calls)]
        left = [one for one in there if await self.take_over(one, patient=True)]
        with anyio.move_on_after(_FREEING_SECONDS):
            for entry in left:
                await self.end_of(entry, no_report, wanted=False)
        return bool(left)

    async def _is_left(self, entry: Entry) -> bool:
        """Whether nobody is at work on a generation: its server is no more, or ours could not note its end."""
        if self.owner.is_me(entry.owner):
            return self.works.at_work(entry.generation_id) is None and entry.generation_id not in self.works.beginning
        return not await self.owner.is_alive(entry.owner)

    async def resume_what_was_left(self) -> None:
        """Go on with what servers that are no more left unfinished."""
        await anyio.sleep(_RESUME_AFTER_SECONDS)
        if not self.journal.exists:
            return
        try:
            for entry in await self.journal.open_entries():
                if entry.status == "running":
                    await whole(self.take_over(entry, patient=True))
        except SettingsError as error:
            _log.warning("What an earlier server left unfinished cannot be looked up: %s", error)

    def _notice(self, entry: Entry) -> str | None:
        return self.doors.notice(all_providers()[entry.plan.provider]) if entry.ask.sandbox else None


def _is_for_people(calls: Sequence[Call]) -> bool:
    """Whether no look will ever tell what became of calls: their vendor shows nothing, or it is long ago."""
    ago = datetime.now(UTC) - _LOOKS_END
    recovery = all_providers()[calls[0].provider].recovery
    return recovery is None or recovery.traces is None or all((call.ended_at or ago) <= ago for call in calls)
