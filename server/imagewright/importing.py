"""Brings a picture into a post provider's library: by URL where that can reach it, otherwise by its bytes, and once."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace

import anyio
import anyio.to_thread

from imagewright.addresses import flaw, origin
from imagewright.doors import Door
from imagewright.errors import (
    DownloadError,
    ImagewrightError,
    NotFoundError,
    OriginError,
    ProviderError,
    RequestError,
    SettingsError,
    WireError,
)
from imagewright.image_files import ImageFile, fit, inspect
from imagewright.journal import Journal
from imagewright.library import Library
from imagewright.line import Line
from imagewright.models import LOCAL, Order, Reply, T
from imagewright.posts import FileFacts, MediaItem
from imagewright.provider import Posting
from imagewright.sources import Source
from imagewright.text import clean
from imagewright.transfer import Transfer

# A minute in all, and few questions: PostEverywhere counts them against its 60 requests a minute.
_POLL_SECONDS = (1.0, 2.0, 3.0, 4.0, *[5.0] * 10)


Pin = Callable[[str], Awaitable[None]]


async def sleep(seconds: float) -> None:
    """Wait before the next look."""
    await anyio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Imported:
    """A picture in the library: how the caller named it, how it came there, and what was changed on the way."""

    label: str
    item: MediaItem
    how: str
    change: str | None = None
    sha256: str | None = None  # of the file that came here, None where the library had the picture already


class Importer:
    """Brings pictures into the library of one provider's account."""

    def __init__(
        self,
        posting: Posting,
        door: Door,
        line: Line,
        transfer: Transfer,
        journal: Journal,
        library: Library,
        lock: Callable[[str], AbstractAsyncContextManager[object]],
        pin: Pin,
        principal: str,
    ) -> None:
        """Keep what is needed; `lock` holds a name against every other task and process of this user.

        `pin` sees to it that a file stays in our own library until the post is made.
        """
        self._posting = posting
        self._door = door
        self._line = line
        self._transfer = transfer
        self._provider = line.provider
        self._journal = journal
        self._library = library
        self._lock = lock
        self._pin = pin
        self._principal = principal
        account = hashlib.sha256(line.endpoint.key.encode()).hexdigest()[:16]
        self._account = f"{line.provider.slug} {account}"

    async def bring(self, source: Source) -> Imported:
        """Return the picture as the library has it, ready to be attached.

        Raises:
            ImagewrightError: It is not there, no picture, cannot be fetched, or is not taken; it names the picture.
        """
        try:
            if source.media_id and source.owner in {None, self._provider.slug}:
                sha256 = await self._journal.import_of(self._account, source.media_id)
                item = await self._ready(source.media_id)
                return Imported(source.label, item, "already in the library", sha256=sha256)
            return await self._carry(source)
        except ImagewrightError as error:
            error.args = (f"Picture {clean(source.label, 120)}: {error} No post was changed.",)
            raise

    async def _carry(self, source: Source) -> Imported:
        data = await self._bytes(source)
        try:
            file = await anyio.to_thread.run_sync(inspect, data)
        except ValueError as error:
            raise RequestError(f"It cannot be attached: {error}.") from None
        sha256 = hashlib.sha256(data).hexdigest()
        # What others name by its URL must not push out what was paid for.
        if source.is_drawn or self._principal == LOCAL:
            # A full disk keeps no copy, and need not keep the picture from its post.
            with suppress(SettingsError, RequestError, ValueError):
                await self._pin(sha256)
                await self._library.keep(data)
        # Whoever brings the same picture at the same moment waits here and finds it imported.
        async with self._lock(f"import-{sha256[:4]}"):
            known = await self._journal.imported(self._account, sha256)
            if known and (item := await self._still_there(known)):
                return Imported(source.label, item, "imported before", sha256=sha256)
            imported = replace(await self._import(source, file, sha256), sha256=sha256)
            await self._journal.note_import(self._account, sha256, imported.item.media_id)
            return imported

    async def _bytes(self, source: Source) -> bytes:
        kept = await self._library.read(source.sha256) if source.sha256 else None
        if kept:
            return kept
        if source.url is None:
            raise RequestError("There is no kept copy of it. Name its URL, or generate it again.")
        try:
            return await self._transfer.download(source.url, self._door.trusted_origins)
        except DownloadError as error:
            sha256 = await self._journal.hash_of(source.url, self._principal)
            if sha256 and (kept := await self._library.read(sha256)):
                return kept
            raise RequestError(f"{error} If the URL has expired, there is no kept copy.") from None

    async def _still_there(self, media_id: str) -> MediaItem | None:
        try:
            return await self._ready(media_id)
        except (NotFoundError, RequestError):
            return None

    async def _import(self, source: Source, file: ImageFile, sha256: str) -> Imported:
        posting = self._posting
        name = f"{sha256[:16]}.{file.extension}"
        if source.url and self._can_reach(source.url) and self._takes(file, posting.max_url_bytes):
            try:
                item = await self._done(posting.import_url(source.url, name), posting.read_media)
                return Imported(source.label, await self._settled(item), "imported by its URL")
            except (ProviderError, WireError, RequestError):
                pass  # it could not fetch or did not like the URL; the bytes are here
        try:
            fitted = await anyio.to_thread.run_sync(fit, file, posting.content_types, posting.max_upload_bytes)
        except ValueError as error:
            raise RequestError(f"{self._provider.name} does not take it: {error}.") from None
        return Imported(source.label, await self._upload(fitted, sha256), "uploaded", fitted.change)

    async def _upload(self, file: ImageFile, sha256: str) -> MediaItem:
        posting = self._posting
        name = f"{sha256[:16]}.{file.extension}"
        facts = FileFacts(name, file.content_type, len(file.data), file.width, file.height)
        target = await self._done(posting.declare(facts), posting.read_target)
        await self._transfer.upload(target, facts, file.data, self._door.trusted_origins)
        return await self._settled(await self._done(posting.complete(target.media_id), posting.read_media))

    def _can_reach(self, url: str) -> bool:
        # What is private is out of reach for a vendor out there, but not for one that runs in here: the sandbox.
        in_here = flaw(self._line.endpoint.base_url) is not None
        return flaw(url) is None or (in_here and origin(url) in self._door.trusted_origins)

    def _takes(self, file: ImageFile, max_bytes: int) -> bool:
        return file.content_type in self._posting.content_types and len(file.data) <= max_bytes

    async def _done(self, order: Order, read: Callable[[Reply], T]) -> T:
        try:
            return await self._line.send(order, read)
        except OriginError as error:
            if error.charged != "no":
                # Importing is free, and what it leaves behind is an unused file at most: it can be done again.
                status = error.origin.status
                failed = f"failed with status {status}" if status else "did not answer"
                error.args = (f"{self._provider.name} {failed} while the picture was imported. Call again.",)
                error.charged = "no"
            raise

    async def _ready(self, media_id: str) -> MediaItem:
        try:
            item = await self._line.look(self._posting.media(media_id))
        except NotFoundError:
            raise RequestError(
                f"{self._provider.name} has no such picture in its library. Name a media_id that it returned."
            ) from None
        return await self._settled(item)

    async def _settled(self, item: MediaItem) -> MediaItem:
        for seconds in _POLL_SECONDS:
            if item.state != "processing":
                break
            await sleep(seconds)
            item = await self._line.look(self._posting.media(item.media_id))
        if item.state == "ready":
            return item
        if item.state == "failed":
            raise RequestError(f"{self._provider.name} could not process it. Name another picture.")
        raise RequestError(
            f"{self._provider.name} is still processing it. Call again later with the media_id {item.media_id}."
        )
