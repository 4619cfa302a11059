"""Fetches the pictures of generations into the library before their URLs die, in the background of every answer."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import anyio
from anyio.abc import TaskGroup

from imagewright.album import Due
from imagewright.errors import DownloadError, ImagewrightError, SettingsError
from imagewright.library import Library
from imagewright.models import Copy, Generation, Picture, Variant
from imagewright.transfer import Transfer

_log = logging.getLogger("imagewright")

MOMENT_SECONDS = 3.0  # how long an answer waits for the copies of its pictures
_LEASE = timedelta(seconds=180)  # longer than a download may take: one that lapsed is queued, or its server is no more
_FIRST_ANSWERS_SECONDS = 0.5  # they come first
_PAUSES_SECONDS = (2.0, 10.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
_TRIES = 80  # three days, where a URL's death is not known
_LAST_TRY = timedelta(seconds=60)  # before a URL dies
_LOOK_AGAIN_SECONDS = 600.0
_AT_ONCE = 2  # downloads; each may hold its limit in memory
_CLAIMED = 20


async def sleep(seconds: float) -> None:
    """Wait before the next try."""
    await anyio.sleep(seconds)


def now() -> datetime:
    """Return the time by our clock."""
    return datetime.now(UTC)


def wanted(pictures: Sequence[Picture], only: str | None) -> tuple[Copy, ...]:
    """Return the files to keep of pictures: all that are offered, or of each the format `only` if it is offered."""
    return tuple(
        Copy(position, one.format, one.url, claimed=one.sha256, expires_at=one.expires_at or picture.expires_at)
        for position, picture in enumerate(pictures, 1)
        for one in _chosen(picture, only)
    )


def _chosen(picture: Picture, only: str | None) -> list[Variant]:
    offered = sorted(picture.variants, key=lambda one: one.url != picture.url)
    if picture.url and not any(one.url == picture.url for one in offered):
        offered.insert(0, Variant("image", picture.url, None if offered else picture.sha256))
    named = [one for one in offered if one.format == only]
    return named or (offered[:1] if only else offered)


@dataclass(slots=True)
class Keeper:
    """One for a server. `trust` tells at which origins a provider's pictures may be, though they are not public."""

    library: Library
    transfer: Transfer
    trust: Callable[[str], Awaitable[frozenset[str]]]
    only: str | None
    sandbox: bool
    _limit: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_AT_ONCE))
    _open: Counter[str] = field(default_factory=Counter[str])  # copies under way, by generation
    _changed: anyio.Event = field(default_factory=anyio.Event)
    _begun: anyio.Event = field(default_factory=anyio.Event)
    tasks: TaskGroup | None = None  # of the server while it runs; its end hands back what is under way

    def plan(self, made: Generation) -> tuple[tuple[Copy, ...], datetime]:
        """Return what is to be kept of a generation, and until when that is this server's to fetch."""
        return wanted(made.pictures, self.only), now() + _LEASE

    def begin(self, made: Generation, copies: Sequence[Copy], until: datetime) -> None:
        """Fetch the copies that were just noted, with what `plan` returned."""
        self._begun.set()
        for one in copies:
            self._start(Due(made.generation_id, made.provider, one, 0, until))

    async def moment(self, generation_id: str) -> None:
        """Wait until all copies of a generation are there or put off, but no longer than an answer may wait."""
        with anyio.move_on_after(MOMENT_SECONDS):
            while self._open[generation_id]:
                await self._changed.wait()

    async def run(self) -> None:
        """Fetch again what failed, and what other servers left, whenever it is due."""
        await sleep(_FIRST_ANSWERS_SECONDS)
        if self.sandbox:
            await self._begun.wait()  # an earlier sandbox is gone, and what it drew is no reason to start one
        while True:
            changed = self._changed
            try:
                pause = await self._begin_due() if self.library.album.journal.exists else _LOOK_AGAIN_SECONDS
            except SettingsError as error:
                _log.warning("Pictures that are still to be kept cannot be looked up: %s", error)
                pause = _LOOK_AGAIN_SECONDS
            # What another server leaves when it is killed tells nobody.
            with anyio.move_on_after(min(pause, _LOOK_AGAIN_SECONDS)):
                await changed.wait()

    async def _begin_due(self) -> float:
        """Start what is due, and return after how many seconds to look again."""
        album = self.library.album
        soonest = await album.next_due(sandbox=self.sandbox)
        if soonest and soonest <= now():
            for due in await album.claim(now(), now() + _LEASE, _CLAIMED, sandbox=self.sandbox):
                self._start(due)
            soonest = await album.next_due(sandbox=self.sandbox)
        return max(0.0, (soonest - now()).total_seconds()) if soonest else _LOOK_AGAIN_SECONDS

    def _start(self, due: Due) -> None:
        if self.tasks:  # otherwise the next server goes on with it
            self._open[due.generation_id] += 1
            self.tasks.start_soon(self._fetch, due)

    async def _fetch(self, due: Due) -> None:
        try:
            async with self._limit:
                # Its turn may come after its lease has lapsed: then another task or server may have begun with it.
                if await self.library.album.renew(due, now() + _LEASE):
                    await self._try(due)
        except SettingsError as error:
            _log.warning("A picture of %s could not be noted as kept: %s", due.generation_id, error)
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await self._hand_back(due)
            raise
        finally:
            self._open -= Counter([due.generation_id])
            self._changed.set()
            self._changed = anyio.Event()

    async def _try(self, due: Due) -> None:
        try:
            data = await self.transfer.download(due.copy.url, await self.trust(due.provider))
            file = await self.library.keep(data, due.copy.claimed)
        except (ImagewrightError, ValueError) as error:
            await self._put_off(due, error)
        except Exception as error:  # noqa: BLE001  # it must not end the server
            # Whatever a picture can do to a decoder: the other copies go on.
            _log.error("A picture of %s could not be kept", due.generation_id, exc_info=error)
            await self._put_off(due, error)
        else:
            await self.library.album.kept(due, file)

    async def _put_off(self, due: Due, error: Exception) -> None:
        if isinstance(error, SettingsError):
            # Nothing is wrong with the URL, and the log alone tells where this server's files are.
            _log.warning("Picture %d of %s cannot be kept: %s", due.copy.position, due.generation_id, error)
            again = _next_try(replace(due, tries=min(due.tries, _TRIES - 1)))
            await self.library.album.put_off(due, "the data folder cannot be written.", again)
            return
        again = None if isinstance(error, DownloadError) and error.for_good else _next_try(due)
        problem = str(error) if isinstance(error, ImagewrightError | ValueError) else type(error).__name__
        if again is None:
            _log.warning("Picture %d of %s was not kept: %s", due.copy.position, due.generation_id, problem)
        await self.library.album.put_off(due, problem, again)

    async def _hand_back(self, due: Due) -> None:
        try:
            await self.library.album.hand_back(due, now())
        except SettingsError as error:
            _log.warning("A picture of %s is left to be kept: %s", due.generation_id, error)


def _next_try(due: Due) -> datetime | None:
    """Return when to try again; None where the URL has died by then, or after enough tries.

    The last try is shortly before its death, however long the pause would be.
    """
    if due.tries >= _TRIES:
        return None
    pause = timedelta(seconds=_PAUSES_SECONDS[min(due.tries, len(_PAUSES_SECONDS) - 1)])
    soon, dies = now() + timedelta(seconds=_PAUSES_SECONDS[0]), _dies(due.copy)
    again = min(now() + pause, max(soon, dies - _LAST_TRY))
    return again if again <= dies else None


def _dies(copy: Copy) -> datetime:
    """Return when a copy's URL dies by the vendor's clock, as far as it tells."""
    with suppress(ValueError):
        read = datetime.fromisoformat(copy.expires_at) if copy.expires_at else None
        if read and read.tzinfo:
            return read
    return datetime.max.replace(tzinfo=UTC)
