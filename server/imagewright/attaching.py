"""The use case of attaching: pictures from anywhere go onto a new or an existing post."""

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import anyio

from imagewright.accounts import chosen_accounts, described
from imagewright.doors import Doors
from imagewright.editing import change, create, open_post, release
from imagewright.errors import ImagewrightError, NotConfiguredError, RequestError, SettingsError
from imagewright.http import Wire
from imagewright.importing import Imported, Importer, Pin
from imagewright.journal import Journal
from imagewright.library import Library
from imagewright.line import Line
from imagewright.locks import Locks
from imagewright.models import LOCAL
from imagewright.posts import Account, AttachMode, NewPost, Post, PostChange, PostMode
from imagewright.progress import Report, no_report
from imagewright.provider import Posting, Provider
from imagewright.rules import complaints
from imagewright.sources import Source, sources_of
from imagewright.text import identifier, listing, quote
from imagewright.times import moment, zone_of
from imagewright.transfer import Transfer

MAX_IMAGES = 24
_IMPORTS_AT_ONCE = 3
_ALL_IMPORTS_AT_ONCE = 6  # of all calls: each holds a picture in memory
_OUT = frozenset({"published", "publishing"})  # nothing more will be asked of its pictures
_DRAFT = timedelta(days=90)  # how long an untouched draft keeps its pictures: nobody tells when it is thrown away
_ATTACHING = timedelta(hours=1)  # longer than it takes, if its server dies
_PUBLISHING = timedelta(days=1)  # what a platform may take, and a person who looks at what went wrong


@dataclass(frozen=True, slots=True)
class AttachRequest:
    """What the caller wants, as it was said; `scheduled_for` is still text."""

    images: tuple[str, ...]
    post_id: str | None = None
    content: str | None = None
    accounts: tuple[str, ...] = ()
    scheduled_for: str | None = None
    timezone: str | None = None
    publish_now: bool = False
    mode: AttachMode = "append"
    platform_content: Mapping[str, object] | None = None
    principal: str = LOCAL  # whose pictures may be named


@dataclass(frozen=True, slots=True)
class Attachment:
    """What was done: the post as it is now, and how each picture came to it."""

    provider: Provider
    post: Post
    media_ids: tuple[str, ...]
    imported: tuple[Imported, ...]
    warnings: tuple[str, ...]
    next_step: str
    sandbox_notice: str | None


class Desk:
    """Attaches pictures to posts, at the first configured provider that can post."""

    def __init__(
        self, doors: Doors, wire: Wire, transfer: Transfer, journal: Journal, library: Library, locks: Locks
    ) -> None:
        """Keep what is needed; `locks` hold between processes."""
        self._doors = doors
        self._wire = wire
        self._transfer = transfer
        self._journal = journal
        self._library = library
        self._locks = locks
        self._imports = anyio.CapacityLimiter(_ALL_IMPORTS_AT_ONCE)

    async def attach(self, request: AttachRequest, report: Report = no_report) -> Attachment:
        """Put the pictures onto the post.

        Raises:
            RequestError: What was asked makes no sense or cannot be done; no post was changed.
            OriginError: The provider refused, or what became of the post is not known; the message says which.
        """
        async with self._pinned() as pin:
            return await self._attach(request, report, pin)

    async def _attach(self, request: AttachRequest, report: Report, pin: Pin) -> Attachment:
        when = _check(request)
        provider, posting = self._post_provider()
        door = await self._doors.open(provider)
        line = Line(self._wire, provider, door.endpoint)
        before = await open_post(line, posting, request.post_id) if request.post_id else None
        if before and request.publish_now and before.status != "draft":
            raise RequestError(
                f"Post {before.post_id} is {before.status}, and only a draft can be published at once. "
                f"Name a scheduled_for that is soon instead."
            )
        accounts = await _accounts(line, posting, request, before)
        sources = await sources_of(request.images, request.principal, self._library.album, door.trusted_origins)
        hold = self._locks.hold
        importer = Importer(
            posting, door, line, self._transfer, self._journal, self._library, hold, pin, request.principal
        )
        imported = await _bring(sources, importer, self._imports, report)
        media_ids = tuple(dict.fromkeys(one.item.media_id for one in imported))
        # Before anything goes out: what its platforms would not take.
        unfit = _unfit(request, posting, before, accounts, imported)
        note: str | None = None
        if before:
            rest = _change(request, accounts, when)
            # First: whatever becomes of the call, they may be on it.
            await self._note_pictures(f"{provider.slug} {before.post_id}", imported, _DRAFT, instead=False)
            async with self._locks.hold(f"post-{before.post_id}"):
                post, note = await change(line, posting, before.post_id, media_ids, request.mode, rest)
            if when or request.publish_now:
                post, unread = await release(line, posting, post, when)
                note = note or unread
        else:
            post, note = await create(line, posting, _new_post(request, accounts, media_ids, when))
        on_it = media_ids if post.media_ids is None else post.media_ids
        await self._keep_its_pictures(post, provider, imported, when, instead=request.mode == "replace")
        return Attachment(
            provider=provider,
            post=post,
            media_ids=on_it,
            imported=tuple(imported),
            warnings=(*_warnings(request, post, accounts, imported, on_it, note), *unfit),
            next_step=_next_step(provider, post),
            sandbox_notice=self._doors.notice(provider),
        )

    @asynccontextmanager
    async def _pinned(self) -> AsyncGenerator[Pin]:
        """Keep files in the library while the block runs: the first must not make room for the last of one post."""
        album, name = self._library.album, f"attaching {secrets.token_hex(8)}"
        until = datetime.now(UTC) + _ATTACHING

        async def pin(sha256: str) -> None:
            await album.note_post(name, [sha256], until, instead=False)

        try:
            yield pin
        finally:
            with anyio.CancelScope(shield=True), suppress(SettingsError):
                if album.journal.exists:
                    await album.forget_post(name)

    async def _keep_its_pictures(
        self, post: Post, provider: Provider, imported: list[Imported], when: datetime | None, *, instead: bool
    ) -> None:
        """See to it that the library makes no room at the cost of a post that has still to go out."""
        name = f"{provider.slug} {post.post_id}"
        if post.status in _OUT:
            with suppress(SettingsError):
                await self._library.album.forget_post(name)
        else:
            life = when + _PUBLISHING - datetime.now(UTC) if when and post.status == "scheduled" else _DRAFT
            await self._note_pictures(name, imported, life, instead=instead)

    async def _note_pictures(self, name: str, imported: list[Imported], life: timedelta, *, instead: bool) -> None:
        files = [one.sha256 for one in imported if one.sha256]
        # A full disk must not take the answer from a post that was made.
        with suppress(SettingsError):
            await self._library.album.note_post(name, files, datetime.now(UTC) + life, instead=instead)

    def _post_provider(self) -> tuple[Provider, Posting]:
        able = [(one, one.posting) for one in self._doors.providers() if one.posting]
        configured = self._doors.configured()
        found = next(((one, posting) for one, posting in able if one.slug in configured), None)
        if found is None:
            keys = listing([one.key_env for one, _ in able])
            raise NotConfiguredError(
                f"No provider that publishes posts is configured. Set {keys} and start the server again."
            )
        return found


def _check(request: AttachRequest) -> datetime | None:
    """Refuse what makes no sense, and return the moment at which the post is to go out, if one was named."""
    if not request.images:
        raise RequestError("images is empty. Name at least one: a media_id, a generation_id or an https URL.")
    if request.publish_now and request.scheduled_for:
        raise RequestError("publish_now and scheduled_for exclude each other. Name one of them.")
    if request.timezone:
        zone_of(request.timezone)
    if request.post_id and not identifier(request.post_id):
        raise RequestError(f"post_id takes an id that attach_to_post returned, not {quote(request.post_id, 60)}.")
    if not request.post_id and request.mode == "replace":
        raise RequestError("mode replace is for a post that is there: name its post_id.")
    return moment(request.scheduled_for, request.timezone, datetime.now(UTC)) if request.scheduled_for else None


async def _accounts(line: Line, posting: Posting, request: AttachRequest, before: Post | None) -> list[Account]:
    goes_out = request.publish_now or request.scheduled_for
    if not (request.accounts or goes_out or (before and before.account_ids)):
        return []
    known = await line.look(posting.accounts)
    if request.accounts:
        chosen = chosen_accounts(request.accounts, known)
    else:
        chosen = [account for account in known if before and account.account_id in before.account_ids]
    if goes_out and not chosen:
        there = listing([described(account) for account in known]) if known else "none are connected"
        raise RequestError(f"A post that goes out needs accounts. There are: {there}.")
    broken = [account for account in chosen if not account.can_post]
    if broken and request.publish_now:
        raise RequestError(" ".join([*(_broken(account) for account in broken), "Nothing was published."]))
    return chosen


def _broken(account: Account) -> str:
    state = f" (its state is {account.health})" if account.health else ""
    return f"Account {described(account)} cannot post now{state}: connect it again at the provider."


async def _bring(
    sources: list[Source], importer: Importer, everybodys: anyio.CapacityLimiter, report: Report
) -> list[Imported]:
    if len(sources) > MAX_IMAGES:
        raise RequestError(f"A call attaches at most {MAX_IMAGES} pictures, not {len(sources)}.")
    done: dict[int, Imported] = {}
    told = 0
    errors: dict[int, ImagewrightError] = {}
    limit = anyio.CapacityLimiter(_IMPORTS_AT_ONCE)

    async def bring(number: int) -> None:
        nonlocal told
        async with limit, everybodys:
            try:
                done[number] = await importer.bring(sources[number])
            except ImagewrightError as error:
                errors[number] = error
                return
        if len(done) > told:
            told = len(done)
            # A client that has gone must not leave half of the work behind.
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await report(told, len(sources), f"{told} of {len(sources)} pictures are in the library")

    async with anyio.create_task_group() as group:
        for number in range(len(sources)):
            group.start_soon(bring, number)
    if errors:
        raise errors[min(errors)]
    return [done[number] for number in sorted(done)]


def _new_post(
    request: AttachRequest, accounts: list[Account], media_ids: tuple[str, ...], when: datetime | None
) -> NewPost:
    mode: PostMode = "now" if request.publish_now else "scheduled" if when else "draft"
    return NewPost(
        mode=mode,
        content=request.content or "",
        account_ids=tuple(account.account_id for account in accounts),
        media_ids=media_ids,
        scheduled_for=when,
        timezone=request.timezone,
        platform_content=request.platform_content,
    )


def _change(request: AttachRequest, accounts: list[Account], when: datetime | None) -> PostChange:
    return PostChange(
        content=request.content,
        account_ids=tuple(account.account_id for account in accounts) if request.accounts else None,
        scheduled_for=when,
        timezone=request.timezone,
        platform_content=request.platform_content,
    )


def _warnings(
    request: AttachRequest,
    post: Post,
    accounts: list[Account],
    imported: list[Imported],
    on_it: tuple[str, ...],
    note: str | None,
) -> list[str]:
    items = {one.item.media_id: one.item for one in imported}
    warnings = [note] if note else []
    if missing := [media_id for media_id in items if media_id not in on_it]:
        warnings.append(f"Not on the post, against what was asked: {listing(missing, limit=MAX_IMAGES)}.")
    is_to_wait = not (request.post_id or request.publish_now or request.scheduled_for)
    if is_to_wait and post.status != "draft":
        # Asked for as a draft; a vendor that passed over the field would have published it.
        warnings.append(f"It was to be a draft and is {quote(post.status, 40)}: look at it at once.")
    warnings += [_broken(account) for account in accounts if not account.can_post]
    if len(items) < len(imported):
        warnings.append(f"{len(imported) - len(items)} of the pictures were named twice and are attached once.")
    return warnings + [f"Picture {one.label} was {one.change}." for one in imported if one.change]


def _unfit(
    request: AttachRequest, posting: Posting, before: Post | None, accounts: list[Account], imported: list[Imported]
) -> list[str]:
    content = before.content if before and request.content is None else request.content
    items = {one.item.media_id: one.item for one in imported}
    kept = before.media_ids or () if before and request.mode == "append" else ()
    own = request.platform_content or {}
    return complaints(posting.rules, accounts, content or "", own, list(items.values()), len({*kept, *items}))


def _next_step(provider: Provider, post: Post) -> str:
    if post.status == "draft":
        return f"Have the user review the draft at {provider.name}, or call again with this post_id and scheduled_for."
    if post.status == "scheduled":
        return "It goes out by itself. Until then this post_id can be changed."
    return f"Tell the user what became of it; {provider.name} shows details."
