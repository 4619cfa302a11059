"""The use cases: generate pictures and list models. It chooses, checks, sends, keeps, and hands back one shape."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

import anyio

from imagewright.assembling import Outcome, assemble
from imagewright.attaching import Desk
from imagewright.choosing import AUTO, Choice, check, choose, estimate, parts
from imagewright.doors import Door, Doors, SandboxDoor
from imagewright.errors import DownloadError, ImagewrightError, RequestError, SettingsError
from imagewright.http import Wire
from imagewright.image_files import kind_of
from imagewright.journal import Journal
from imagewright.library import Library
from imagewright.line import Line
from imagewright.models import Generation, ImageRequest, Look, Model, Money, Picture, T
from imagewright.progress import Report, no_report
from imagewright.provider import Provider, Shelf
from imagewright.providers import all_providers
from imagewright.settings import Settings
from imagewright.text import listing, quote
from imagewright.transfer import Transfer

_log = logging.getLogger("imagewright")

_PROGRESS_SECONDS = 5.0
_COPY_SECONDS = 3.0


class Studio:
    """One for a server: holds the settings, the wire and what was learnt of the providers' catalogues."""

    def __init__(self, settings: Settings, open_sandbox: Callable[[], Awaitable[SandboxDoor]]) -> None:
        """Keep what is needed; nothing is opened, read or started before the first call that needs it."""
        self._settings = settings
        self._doors = Doors(settings, open_sandbox)
        self._wire = Wire()
        self._transfer = Transfer()
        self._live: dict[str, tuple[Model, ...]] = {}
        self._limits: dict[str, anyio.CapacityLimiter] = {}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()
        await self._transfer.aclose()

    @cached_property
    def desk(self) -> Desk:
        """Where pictures are attached to posts."""
        locks = self._settings.home / "locks"
        return Desk(self._doors, self._wire, self._transfer, self._journal, self._library, locks)

    @property
    def publishes_unasked(self) -> bool:
        """Whether the user allows publishing without being asked each time."""
        return self._settings.publish

    @cached_property
    def _journal(self) -> Journal:
        return Journal(self._settings.home)

    @cached_property
    def _library(self) -> Library:
        return Library(self._settings.home)

    async def generate(
        self, request: ImageRequest, provider: str = AUTO, *, dry_run: bool = False, report: Report = no_report
    ) -> Generation:
        """Generate pictures at the named provider, or at the one that `auto` finds; a dry run sends nothing at all.

        Raises:
            RequestError: Nobody, or not the named provider, can serve the request; nothing was sent.
            OriginError: No picture came; `charged` says what that means for the money.
        """
        check(request)
        if not dry_run:
            await self._learn(request, provider)
        choice = choose(provider, request, self._doors.providers(), self._doors.configured(), self._live)
        generation_id = f"gen_{secrets.token_hex(16)}"
        counts = parts(choice.request.count, choice.provider.max_count)
        if dry_run:
            return self._planned(generation_id, choice, len(counts))
        door = await self._doors.open(choice.provider)
        line = Line(self._wire, choice.provider, door.endpoint)
        outcomes = await self._send_all(choice, line, counts, report)
        made = assemble(generation_id, choice, outcomes, door.trusted_origins, self._doors.notice(choice.provider))
        return await self._kept(made, door)

    async def list_models(self, provider: str | None = None) -> list[Shelf]:
        """Return what each provider, or the named one, offers; one that does not answer costs only a note.

        Raises:
            RequestError: There is no such provider.
        """
        named = [one for one in self._doors.providers() if provider in {None, AUTO, one.slug}]
        if not named:
            raise RequestError(
                f"There is no provider {quote(provider, 40)}: it is one of {listing(list(all_providers()))}."
            )
        shelves: dict[str, Shelf] = {}

        async def fill(one: Provider) -> None:
            shelves[one.slug] = await self._shelf(one)

        async with anyio.create_task_group() as group:
            for one in named:
                group.start_soon(fill, one)
        return [shelves[one.slug] for one in named]

    @property
    def sandboxed(self) -> bool:
        """Whether calls go to the built-in sandbox."""
        return self._doors.sandboxed

    async def _kept(self, made: Generation, door: Door) -> Generation:
        """Note a generation, so that its pictures can be used by its id, and copy those whose URLs will die."""
        provider = all_providers()[made.provider]
        try:
            await self._journal.keep(made)
            if provider.url_life != "permanent":
                pictures = await self._copied(made.pictures, door)
                if pictures != made.pictures:
                    await self._journal.keep(replace(made, pictures=pictures))
        except SettingsError as error:
            note = f"This generation was not noted: use its URLs or media_ids, not its generation_id. {error}"
            return replace(made, warnings=(*made.warnings, note))
        return made

    async def _copied(self, pictures: Sequence[Picture], door: Door) -> tuple[Picture, ...]:
        """Return the pictures with the hash of the copy that was kept of each; the answer waits a moment at most."""
        copied = dict(enumerate(pictures))

        async def copy(number: int, url: str) -> None:
            # Without a copy its URL is all there is; the picture itself is paid for and must not be lost with it.
            with suppress(DownloadError, SettingsError):
                data = await self._transfer.download(url, door.trusted_origins)
                if kind_of(data):
                    copied[number] = replace(copied[number], sha256=await self._library.keep(data))

        with anyio.move_on_after(_COPY_SECONDS):
            async with anyio.create_task_group() as group:
                for number, picture in enumerate(pictures):
                    if picture.url:
                        group.start_soon(copy, number, picture.url)
        return tuple(copied[number] for number in range(len(pictures)))

    async def _learn(self, request: ImageRequest, provider: str) -> None:
        """Ask for live catalogues, where only they can tell who has the model that was asked for."""
        rows = [row for one in self._doors.providers() for row in one.models]
        if not request.model or provider != AUTO or any(request.model in {row.model_id, row.alias} for row in rows):
            return
        for one in self._doors.providers():
            if one.models_open and one.slug in self._doors.configured() and one.slug not in self._live:
                await self._shelf(one)

    def _planned(self, generation_id: str, choice: Choice, calls: int) -> Generation:
        provider, request = choice.provider, choice.request
        return Generation(
            generation_id=generation_id,
            status="planned",
            provider=provider.slug,
            provider_name=provider.name,
            model=request.model,
            requested=request.count,
            calls=calls,
            why=choice.why,
            cost=estimate(provider, request.model, request.count, self._live),
            warnings=choice.warnings,
            next_step="Nothing was sent. Call again without dry_run to generate.",
            sandbox_notice=self._doors.notice(provider),
        )

    async def _send_all(self, choice: Choice, line: Line, counts: Sequence[int], report: Report) -> list[Outcome]:
        outcomes: dict[int, Outcome] = {}
        total, started, told = choice.request.count, time.monotonic(), -1.0
        limit = self._limits.setdefault(choice.provider.slug, anyio.CapacityLimiter(choice.provider.max_parallel))

        async def tell() -> None:
            nonlocal told
            done = sum(outcome.count for outcome in outcomes.values())
            seconds = time.monotonic() - started
            # What runs counts for less than one picture, so that the figure grows with every report and never lies.
            running = 0.0 if done == total else round(seconds / (seconds + 10), 3)
            of_many = f" ({done} of {total} pictures)" if total > 1 else ""
            doing = "is done" if done == total else "is drawing"
            if done + running > told:
                told = done + running
                # A client that has gone must not cost the picture that is being paid for.
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await report(told, total, f"{choice.provider.name} {doing}{of_many}, {seconds:.0f} s")

        async def send(number: int, count: int) -> None:
            async with limit:
                outcomes[number] = await self._send(choice, line, count)
            await tell()

        async def keep_telling() -> None:
            while True:
                await tell()
                await anyio.sleep(_PROGRESS_SECONDS)

        async with anyio.create_task_group() as watch:
            watch.start_soon(keep_telling)
            async with anyio.create_task_group() as calls:
                for number, count in enumerate(counts):
                    calls.start_soon(send, number, count)
            watch.cancel_scope.cancel()
        return [outcomes[number] for number in sorted(outcomes)]

    async def _send(self, choice: Choice, line: Line, count: int) -> Outcome:
        provider = choice.provider
        order = provider.write(replace(choice.request, count=count))
        try:
            return Outcome(count, await line.send(order, provider.read))
        except anyio.get_cancelled_exc_class():
            _log.warning("The client gave up a call to %s that was under way: it may have been charged.", provider.name)
            raise
        except ImagewrightError as error:
            return Outcome(count, error=error)

    async def _shelf(self, provider: Provider) -> Shelf:
        keyed = provider.slug in self._settings.keys
        if provider.slug not in self._doors.configured():
            return Shelf(provider, provider.models, keyed)
        notes: list[str] = []
        models: tuple[Model, ...] | None = None
        balance: Money | None = None

        async def ask_for_models() -> None:
            nonlocal models
            models = await self._look(provider, provider.catalogue, notes, "its static list is shown")

        async def ask_for_the_balance() -> None:
            nonlocal balance
            balance = await self._look(provider, provider.purse, notes, "its balance is not known")

        async with anyio.create_task_group() as group:
            group.start_soon(ask_for_models)
            group.start_soon(ask_for_the_balance)
        if models:
            self._live[provider.slug] = models
        return Shelf(provider, models or provider.models, keyed, balance=balance, notes=tuple(notes))

    async def _look(self, provider: Provider, look: Look[T] | None, notes: list[str], without: str) -> T | None:
        if look is None:
            return None
        try:
            door = await self._doors.open(provider)
            return await Line(self._wire, provider, door.endpoint).look(look)
        except ImagewrightError as error:
            notes.append(f"{error} So {without}.")
            return None
