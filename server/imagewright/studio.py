"""The use cases: generate pictures and list models. It chooses, checks, sends, and hands back one shape."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

import anyio

from imagewright.assembling import Outcome, assemble
from imagewright.choosing import AUTO, Choice, check, choose, estimate, parts
from imagewright.errors import ImagewrightError, NotConfiguredError, RequestError
from imagewright.http import Wire
from imagewright.models import Endpoint, Generation, ImageRequest, Look, Model, Money, Provider, Shelf, T
from imagewright.providers import all_providers
from imagewright.refusals import refuse_unless_done
from imagewright.settings import Settings
from imagewright.text import listing, quote

_PROGRESS_SECONDS = 5.0


class Report(Protocol):
    """Takes progress: how much of how much is done, and a short message for people."""

    async def __call__(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Report; `progress` grows with every call."""


@dataclass(frozen=True, slots=True)
class SandboxDoor:
    """Where a running sandbox is called, and the origins of the picture URLs that it hands out."""

    url: str
    origins: frozenset[str]


async def no_report(progress: float, total: float | None = None, message: str | None = None) -> None:
    """Take progress and do nothing with it."""


class Studio:
    """One for a server: holds the settings, the wire and what was learnt of the providers' catalogues."""

    def __init__(self, settings: Settings, open_sandbox: Callable[[], Awaitable[SandboxDoor]]) -> None:
        """Keep what is needed; nothing is opened, read or started before the first call that needs it."""
        self._settings = settings
        self._open_sandbox = open_sandbox
        self._wire = Wire()
        self._live: dict[str, tuple[Model, ...]] = {}
        self._limits: dict[str, anyio.CapacityLimiter] = {}

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

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
        choice = choose(provider, request, self._candidates(), self._configured(), self._live)
        generation_id = f"gen_{secrets.token_hex(16)}"
        counts = parts(choice.request.count, choice.provider.max_count)
        if dry_run:
            return self._planned(generation_id, choice, len(counts))
        endpoint, origins = await self._endpoint(choice.provider)
        outcomes = await self._send_all(choice, endpoint, counts, report)
        return assemble(generation_id, choice, outcomes, origins, self._notice(choice.provider))

    async def list_models(self, provider: str | None = None) -> list[Shelf]:
        """Return what each provider, or the named one, offers; one that does not answer costs only a note.

        Raises:
            RequestError: There is no such provider.
        """
        named = [one for one in self._candidates() if provider in {None, AUTO, one.slug}]
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
        return self._settings.sandbox

    def _candidates(self) -> list[Provider]:
        known = all_providers()
        return [known[slug] for slug in dict.fromkeys((*self._settings.order, *known))]

    def _configured(self) -> frozenset[str]:
        return frozenset(all_providers() if self._settings.sandbox else self._settings.keys)

    async def _endpoint(self, provider: Provider) -> tuple[Endpoint, frozenset[str]]:
        if self._settings.sandbox:
            door = await self._open_sandbox()
            return Endpoint(f"{door.url}/{provider.slug}", provider.sandbox_key), door.origins
        endpoint = self._settings.endpoint(provider)
        if endpoint is None:
            raise NotConfiguredError(f"{provider.name} is not configured. Set {provider.key_env}.")
        return endpoint, self._settings.trusted_origins

    def _notice(self, provider: Provider) -> str | None:
        if not self._settings.sandbox:
            return None
        remedies = [] if provider.slug in self._settings.keys else [f"set {provider.key_env}"]
        remedies += ["unset IMAGEWRIGHT_SANDBOX"] if self._settings.keys else []
        return (
            f"This is imagewright's built-in sandbox, not {provider.name}: no money is spent, and its URLs work "
            f"while imagewright runs. For real pictures, {listing(remedies)} and start the server again."
        )

    async def _learn(self, request: ImageRequest, provider: str) -> None:
        """Ask for live catalogues, where only they can tell who has the model that was asked for."""
        rows = [row for one in self._candidates() for row in one.models]
        if not request.model or provider != AUTO or any(request.model in {row.model_id, row.alias} for row in rows):
            return
        for one in self._candidates():
            if one.models_open and one.slug in self._configured() and one.slug not in self._live:
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
            sandbox_notice=self._notice(provider),
        )

    async def _send_all(
        self, choice: Choice, endpoint: Endpoint, counts: Sequence[int], report: Report
    ) -> list[Outcome]:
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
            doing = "has answered" if done == total else "is drawing"
            if done + running > told:
                told = done + running
                # A client that has gone must not cost the picture that is being paid for.
                with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                    await report(told, total, f"{choice.provider.name} {doing}{of_many}, {seconds:.0f} s")

        async def send(number: int, count: int) -> None:
            async with limit:
                outcomes[number] = await self._send(choice, endpoint, count)
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

    async def _send(self, choice: Choice, endpoint: Endpoint, count: int) -> Outcome:
        provider = choice.provider
        order = provider.write(replace(choice.request, count=count))
        try:
            reply = await self._wire.send(provider, endpoint, order)
            refuse_unless_done(provider, reply)
            return Outcome(count, provider.read(reply))
        except ImagewrightError as error:
            return Outcome(count, error=error)

    async def _shelf(self, provider: Provider) -> Shelf:
        if provider.slug not in self._configured():
            return Shelf(provider, provider.models, configured=False)
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
        return Shelf(provider, models or provider.models, configured=True, balance=balance, notes=tuple(notes))

    async def _look(self, provider: Provider, look: Look[T] | None, notes: list[str], without: str) -> T | None:
        if look is None:
            return None
        try:
            endpoint, _ = await self._endpoint(provider)
            reply = await self._wire.look(provider, endpoint, look.path)
            refuse_unless_done(provider, reply)
            return look.read(reply)
        except ImagewrightError as error:
            # What a failure may have cost, and what to do about it, is about paid calls: this one was free.
            told = (
                str(error) if error.charged == "no" else f"{provider.name} did not answer a free look-up as documented."
            )
            notes.append(f"{told} So {without}.")
            return None
