"""The use cases: generate pictures, look a generation up, list models. What the tools and the command line call."""

import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from weakref import WeakValueDictionary

import anyio
import anyio.to_thread

from imagewright.admission import Admission, Visit
from imagewright.album import Album
from imagewright.attaching import Attachment, AttachRequest, Desk
from imagewright.catalogue import Catalogue
from imagewright.choosing import AUTO, Choice, check
from imagewright.doors import Doors, SandboxDoor
from imagewright.drawing import Works
from imagewright.errors import (
    BudgetError,
    BusyError,
    ConfirmationError,
    ImagewrightError,
    NotSentAfterAllError,
)
from imagewright.generations import Generations
from imagewright.http import Wire
from imagewright.journal import Journal
from imagewright.keeping import Keeper
from imagewright.lanes import Lanes, LaneState, end_all
from imagewright.library import Files, Library
from imagewright.locks import Locks
from imagewright.models import LOCAL, Ask, Entry, Generation, ImageRequest, Reply
from imagewright.owners import Owner
from imagewright.planning import Planner, plan_of
from imagewright.progress import Report, no_report
from imagewright.provider import Provider, Shelf
from imagewright.settings import PreviewMode, Settings
from imagewright.steps import Steps
from imagewright.transfer import Transfer
from imagewright.waiting import whole

_HURRY_SECONDS = 10.0


class Studio:
    """One for a server: holds the settings, the wire, the journal, and the work that is under way."""

    def __init__(self, settings: Settings, open_sandbox: Callable[[], Awaitable[SandboxDoor]]) -> None:
        """Keep what is needed; nothing is opened, read or started before the first call that needs it."""
        self.pictures_url: str | None = None
        """Where clients fetch kept pictures, set before the first call; None where they see this machine's disk."""
        self._settings = settings
        self._doors = Doors(settings, open_sandbox)
        self.steps = Steps()
        """Tells of every tool call, provider call and download of this server."""
        self._lanes = Lanes()
        self._wire = Wire(self.steps, self._heed)
        self._transfer = Transfer(self.steps)
        self._catalogue = Catalogue(self._doors, self._wire, frozenset(settings.keys))
        self._planner = Planner(settings, self._doors, self._catalogue)
        self._admission = Admission(settings)
        self._equal = WeakValueDictionary[Ask, anyio.Lock]()

    @asynccontextmanager
    async def running(self, *, resume: bool = True) -> AsyncGenerator[None]:
        """Be at work while the block runs; at its end, what is being paid for is brought to an end first.

        With `resume` it goes on by itself with what a dead server left unfinished.
        """
        try:
            async with self._works.running(), anyio.create_task_group() as group:
                if resume:
                    group.start_soon(self.generations.resume_what_was_left)
                    group.start_soon(self._keeper.run)
                yield
                group.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._wire.aclose()
                await self._transfer.aclose()
                await self.journal.aclose()

    def hurry(self, seconds: float = _HURRY_SECONDS) -> None:
        """Send nothing more: the server is told to end, and what is under way has so long."""
        self._works.hurry(seconds)

    def hand_over(self) -> None:
        """Let nobody wait any more: open calls are answered with their generation_id, whatever is still under way."""
        self._works.callers.end()

    @property
    def publishes_unasked(self) -> bool:
        """Whether the user allows publishing without being asked each time."""
        return self._settings.publish

    @property
    def previews(self) -> PreviewMode:
        """Whether results carry small pictures."""
        return self._settings.preview

    @property
    def preview_bytes(self) -> int:
        """How many bytes of base64 the small pictures of a result may have together."""
        return self._settings.preview_bytes

    async def preview(self, sha256: str, edge: int, max_bytes: int) -> bytes | None:
        """Return a JPEG of a kept picture, at most `edge` pixels a side; None where there is none to show."""
        from imagewright.previews import preview  # noqa: PLC0415  # most calls need none

        data = await self.library.read(sha256)
        return await anyio.to_thread.run_sync(preview, data, edge, max_bytes, abandon_on_cancel=True) if data else None

    @property
    def home(self) -> Path:
        """The data folder."""
        return self._settings.home

    @property
    def sandboxed(self) -> bool:
        """Whether calls go to the built-in sandbox."""
        return self._doors.sandboxed

    def lanes(self) -> list[LaneState]:
        """Return how the lane to each provider stands, of those that were used."""
        return self._lanes.states()

    @cached_property
    def journal(self) -> Journal:
        """What was asked for, sent, charged and brought."""
        return Journal(self._settings.home)

    @cached_property
    def library(self) -> Library:
        """The pictures that are kept."""
        settings = self._settings
        return Library(
            Files(settings.home), Album(self.journal), self._locks, settings.library_bytes, self.pictures_url
        )

    async def list_models(self, provider: str | None = None) -> list[Shelf]:
        """Return what each provider, or the named one, offers; one that does not answer costs only a note.

        Raises:
            RequestError: There is no such provider.
        """
        return await self._catalogue.shelves(provider)

    async def attach(self, request: AttachRequest, report: Report = no_report) -> Attachment:
        """Put pictures onto a post, to the end: a caller who goes away meanwhile leaves nothing half done.

        Raises:
            RateError: The principal has placed as many orders lately as it may; nothing was done.
            ImagewrightError: As `Desk.attach` does.
        """
        self._admission.pace(request.principal)
        return await self._works.errand(lambda: self._desk.attach(request, report))

    async def question(
        self,
        request: ImageRequest,
        provider: str = AUTO,
        request_id: str | None = None,
        *,
        principal: str = LOCAL,
    ) -> str | None:
        """Return what the user wants to be asked before this is drawn; None where it costs nothing new, or little.

        A request that cannot be served raises nothing here: drawing it tells why.
        """
        if not self._settings.confirm_above:
            return None
        try:
            check(request)
            ask = self._ask(request, provider, request_id, principal)
            if self.journal.exists and await self.journal.find(ask):
                return None
            return self._planner.question(await self._planner.first(ask))
        except ImagewrightError:
            return None

    async def plan(self, request: ImageRequest, provider: str = AUTO) -> Generation:
        """Return what a request would come to; nothing is sent at all.

        Raises:
            RequestError: Nobody, or not the named provider, can serve the request.
        """
        check(request)
        ask = self._ask(request, provider)
        choice = self._planner.choose(ask)
        return Generation(
            generation_id=_new_id(),
            status="planned",
            provider=choice.provider.slug,
            provider_name=choice.provider.name,
            model=choice.request.model,
            requested=choice.request.count,
            calls=len(self._planner.drafts(choice)),
            why=choice.why,
            cost=self._planner.cost(choice),
            warnings=choice.warnings,
            next_step="Nothing was sent. Call again without dry_run to generate.",
            sandbox_notice=self._doors.notice(choice.provider),
        )

    async def generate(
        self,
        request: ImageRequest,
        provider: str = AUTO,
        *,
        request_id: str | None = None,
        confirmed: bool = False,
        principal: str = LOCAL,
        report: Report = no_report,
    ) -> Generation:
        """Generate pictures at the named provider, or at the one that `auto` finds.

        A repetition of an earlier request gets what that one brought. After as long as clients bear, a generation that
        is still under way is returned as it stands, with status "running".

        Raises:
            RequestError: Nobody, or not the named provider, can serve the request; nothing was sent.
            ImagewrightError: No picture came; `charged` says what that means for the money.
        """
        check(request)
        ask = self._ask(request, provider, request_id, principal)
        ends = anyio.current_time() + self._settings.handover_seconds
        found = await self.journal.find(ask) if self.journal.exists else None
        left = found is not None and await whole(self.generations.take_over(found, patient=True))
        entry = await self._new(ask, confirmed=confirmed) if found is None else found
        is_new = found is None
        with self._works.callers.until(ends):
            outcome = await self.generations.end_of(entry, report, wanted=True)
            if left and isinstance(outcome, ImagewrightError) and outcome.charged == "no":
                # Nothing had come of what was unknown or left by a dead server, so this is a new order.
                entry, is_new = await self._new(ask, confirmed=confirmed), True
                outcome = await self.generations.end_of(entry, report, wanted=True)
            if isinstance(outcome, ImagewrightError):
                raise outcome
            return replace(await self.generations.with_copies(outcome), replayed=not is_new)
        if drawing := self._works.at_work(entry.generation_id):
            drawing.promise()
        return self.generations.still_running(entry)

    @cached_property
    def generations(self) -> Generations:
        """What became of generations."""
        return Generations(self.journal, self.library, self._works, self._owner, self._doors)

    @cached_property
    def _owner(self) -> Owner:
        return Owner(self._settings.home / "locks")

    @cached_property
    def _locks(self) -> Locks:
        return Locks(self._settings.home / "locks")

    @cached_property
    def _keeper(self) -> Keeper:
        settings = self._settings
        return Keeper(self.library, self._transfer, self._doors.trusted, settings.keep_only, self.sandboxed)

    @cached_property
    def _works(self) -> Works:
        return Works(
            self._planner,
            self._doors,
            self._wire,
            self.journal,
            self._keeper,
            self._owner,
            self._admission,
            self._lanes,
        )

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self._doors, self._wire, self._transfer, self.journal, self.library, self._locks)

    def _ask(self, request: ImageRequest, provider: str, request_id: str | None = None, principal: str = LOCAL) -> Ask:
        return Ask(request, provider, request_id, principal, sandbox=self.sandboxed)

    def _heed(self, provider: Provider, reply: Reply, is_order: bool) -> None:
        self._lanes.heed(provider, reply, is_order)
        if is_order:
            self._catalogue.forget(provider.slug)

    async def _new(self, ask: Ask, *, confirmed: bool) -> Entry:
        # A provider may be slow to tell its models: as long as none is chosen, nothing has to be brought to an end.
        choice = await self._planner.first(ask)
        return await whole(self._begin(ask, choice, confirmed=confirmed))

    async def _begin(self, ask: Ask, choice: Choice, *, confirmed: bool) -> Entry:
        # One of equal calls after the other: the first may take the last room, which no repetition of it needs.
        equal = self._equal.setdefault(ask, anyio.Lock())
        may_repeat = equal.locked()
        async with equal:
            try:
                with self._admission.visit(ask.principal) as visit:
                    return await self._order(ask, choice, visit, confirmed=confirmed)
            except BusyError:
                if may_repeat and (found := await self.journal.find(ask)):
                    return found
                raise

    async def _order(self, ask: Ask, choice: Choice, visit: Visit, *, confirmed: bool) -> Entry:
        tried, freed = frozenset[str](), set[str]()
        while True:
            question = self._planner.question(choice)
            if question and not confirmed:
                raise _not_confirmed(choice, question)
            if not self._works.open:
                raise NotSentAfterAllError("The server has ended, so nothing was sent. Call again.")
            try:
                return await self._order_of(choice, ask, visit)
            except (BudgetError, BusyError) as error:
                slug = choice.provider.slug
                if slug not in freed and isinstance(error, BudgetError):
                    freed.add(slug)
                    if await self.generations.free(slug):
                        continue
                tried |= {slug}
                further = self._planner.next(ask, tried, [error])
                if further is None:
                    raise
                choice = further

    async def _order_of(self, choice: Choice, ask: Ask, visit: Visit) -> Entry:
        """Begin a generation at a provider that has room for it, or return the one that this is a repetition of."""
        door, owner = await self._doors.open(choice.provider), await self._owner.token()
        drafts, budget = self._planner.drafts(choice, door.account), self._planner.budget(choice)
        generation_id = _new_id()
        # From here on the room is taken: of two that saw the last one, the second is refused before it is noted.
        turns = self._lanes.of(choice.provider).book(ask.principal, len(drafts))
        self._works.beginning.add(generation_id)
        try:
            entry, is_new = await self.journal.begin(
                generation_id, ask, plan_of(choice), drafts, budget, owner, self._planner.budget_each(choice)
            )
            if is_new:
                self._works.start(entry, choice, door, turns, visit)
        finally:
            self._works.beginning.discard(generation_id)
            if not visit.stays:
                end_all(turns)
        return entry


def _new_id() -> str:
    return f"gen_{secrets.token_hex(16)}"


def _not_confirmed(choice: Choice, question: str) -> ConfirmationError:
    name = f"IMAGEWRIGHT_CONFIRM_ABOVE_{choice.provider.slug.upper()}"
    return ConfirmationError(
        f"The user wants to be asked before this, and this client could not put the question or the answer was no: "
        f"{question} Nothing was sent. Ask for less, or have the user raise {name} and start the server again."
    )
