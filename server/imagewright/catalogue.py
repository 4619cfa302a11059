"""What each provider offers, live where it has a list, and what was learnt of it meanwhile."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

import anyio

from imagewright.choosing import AUTO
from imagewright.doors import Doors
from imagewright.errors import ImagewrightError, RequestError
from imagewright.http import Wire
from imagewright.line import Line
from imagewright.models import ImageRequest, Look, Model, Money, T
from imagewright.provider import Provider, Shelf
from imagewright.text import listing, quote

_FRESH_SECONDS = 10.0  # many agents that ask at once must not use up what a vendor allows for paid calls


class Catalogue:
    """One for a server: keeps the live lists that were asked for."""

    def __init__(self, doors: Doors, wire: Wire, keyed: frozenset[str]) -> None:
        """Keep what is needed; `keyed` are the slugs of the providers that have a key."""
        self._doors = doors
        self._wire = wire
        self._keyed = keyed
        self._live: dict[str, tuple[Model, ...]] = {}
        self._seen: dict[tuple[str, str], tuple[float, Any]] = {}  # by slug and path: when, and what
        self._asking = defaultdict[tuple[str, str], anyio.Lock](anyio.Lock)

    @property
    def live(self) -> Mapping[str, tuple[Model, ...]]:
        """The live lists, by slug."""
        return self._live

    def forget(self, slug: str) -> None:
        """Ask a provider anew: a call there may have changed its balance."""
        for key in [one for one in self._seen if one[0] == slug]:
            del self._seen[key]

    async def shelves(self, provider: str | None = None) -> list[Shelf]:
        """Return what each provider, or the named one, offers; one that does not answer costs only a note.

        Raises:
            RequestError: There is no such provider.
        """
        named = [one for one in self._doors.providers() if provider in {None, AUTO, one.slug}]
        if not named:
            known = listing([one.slug for one in self._doors.providers()])
            raise RequestError(f"There is no provider {quote(provider, 40)}: it is one of {known}.")
        shelves: dict[str, Shelf] = {}

        async def fill(one: Provider) -> None:
            shelves[one.slug] = await self._shelf(one)

        async with anyio.create_task_group() as group:
            for one in named:
                group.start_soon(fill, one)
        return [shelves[one.slug] for one in named]

    async def learn(self, request: ImageRequest, provider: str) -> None:
        """Ask for live catalogues, where only they can tell who has the model that was asked for."""
        rows = [row for one in self._doors.providers() for row in one.models]
        if not request.model or provider != AUTO or any(request.model in {row.model_id, row.alias} for row in rows):
            return
        for one in self._doors.providers():
            if one.models_open and one.slug in self._doors.configured() and one.slug not in self._live:
                await self._shelf(one)

    async def _shelf(self, provider: Provider) -> Shelf:
        keyed = provider.slug in self._keyed
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
        key = provider.slug, look.path
        try:
            async with self._asking[key]:
                at, seen = self._seen.get(key, (-math.inf, None))
                if anyio.current_time() - at < _FRESH_SECONDS:
                    return cast("T", seen)
                door, began = await self._doors.open(provider), anyio.current_time()
                found = await Line(self._wire, provider, door.endpoint).look(look)
                self._seen[key] = began, found
                return found
        except ImagewrightError as error:
            notes.append(f"{error} So {without}.")
            return None
