"""From the body of a request to a post: every check of POST /posts and PATCH /posts/{post_id}."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import campaigns, checks, connections, fields, store, times
from imagewright.sandbox.posteverywhere.envelope import invalid
from imagewright.sandbox.posteverywhere.facts import LONGEST_CONTENT
from imagewright.sandbox.posteverywhere.records import Account, Destination, Media, Post, status_of
from imagewright.sandbox.vendor import Refused
from imagewright.sandbox.world import Transaction

_UPDATED = (
    "content", "account_ids", "scheduled_for", "scheduled_at", "timezone", "media_ids", "platform_content",
    "campaign_id",
)  # fmt: skip
_CREATED = (*_UPDATED, "draft", "use_queue", "cover_photo")
_WRONG_NAMES = ("media", "media_id", "mediaId", "attachments", "url")  # /api/create-post, /api/upload-media
_QUEUE_HOURS = (9, 13, 17)  # ours, UTC: what the service's own slots are is a setting of its app
_READ = (
    "missing_account_ids", "past_schedule_time", "post_failed_status", "media_not_ready_status", "first_comment",
    "empty_media_ids", "platform_content_update", "unknown_fields",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """What planning needs of a workspace, inside one transaction."""

    tx: Transaction
    owner: str
    now: datetime
    accounts: Mapping[int, Account]
    switches: Mapping[str, str]

    @staticmethod
    def switches_of(call: Call) -> dict[str, str]:
        """Read, before the transaction begins, how the switches of planning are set."""
        return {name: call.switch(name) for name in _READ}

    @staticmethod
    def of(tx: Transaction, owner: str, switches: Mapping[str, str]) -> "Desk":
        """Sit down at the desk of a workspace."""
        return Desk(tx, owner, tx.now(), connections.connected(tx, owner), switches)


def known_fields(body: fields.Body, desk: Desk, *, update: bool = False) -> fields.Body:
    """Return the fields that are known.

    Raises:
        Refused: A field has one of the wrong names for media_ids, or none that is known.
    """
    known = _UPDATED if update else _CREATED
    for name in _WRONG_NAMES:
        if name in body:
            raise Refused(400, "invalid_field_name", f'Unknown field "{name}". Did you mean "media_ids"?')
    strange = [name for name in body if name not in known]
    if strange and desk.switches["unknown_fields"] == "reject":
        # The Node SDK's README sends publish_now; the schema has it for /schedule alone.
        hint = " Omit scheduled_for to publish now." if "publish_now" in strange else ""
        raise invalid(f"Unknown field: {', '.join(strange)}. Known: {', '.join(known)}.{hint}")
    return {name: value for name, value in body.items() if name in known}


def create(desk: Desk, body: fields.Body) -> Post:
    """Return the post that a body asks for, saved.

    Raises:
        Refused: The body is not accepted; nothing is saved then.
    """
    body = known_fields(body, desk)
    draft, queued = fields.flag(body, "draft"), fields.flag(body, "use_queue")
    if body.get("cover_photo") is not None and not isinstance(body["cover_photo"], dict):
        raise invalid("cover_photo must be an object.")
    content = _content(body)
    media_ids = fields.strings(body, "media_ids") or []
    if not content and not media_ids and not body.get("platform_content"):  # n8n node, 2026-09
        raise invalid("content is required unless media_ids or platform_content is given.")
    account_ids = _account_ids(desk, body, draft=draft)
    at = when(desk, body)
    if queued and at is not None:
        raise invalid("Send scheduled_for or use_queue, not both.")
    if queued and not draft:
        at = _next_slot(desk)
    moment = times.stamp(desk.now)
    post = Post(
        post_id=desk.tx.uuid("posteverywhere.post"),
        draft=draft,
        content=content,
        account_ids=account_ids,
        scheduled_for=None if at is None else times.stamp(at),
        timezone=fields.timezone(body) or "UTC",
        media_ids=media_ids,
        platform_content=cast("dict[str, object] | None", body.get("platform_content")),
        campaign_id=_campaign(desk, body),
        destinations=destinations(desk, account_ids),
        retries=0,
        created_at=moment,
        updated_at=moment,
    )
    return launched(desk, checked(desk, post), at)


def update(desk: Desk, post: Post, body: fields.Body) -> Post:
    """Return `post` with the fields of `body` changed, saved; omitted fields stay as they are."""
    body = known_fields(body, desk, update=True)
    if not body:
        raise invalid("Send at least one field to update.")
    changed: Post = {**post, "updated_at": times.stamp(desk.now)}
    if "content" in body:
        changed["content"] = _content(body)
    if "media_ids" in body:
        changed["media_ids"] = fields.strings(body, "media_ids") or []
        if not changed["media_ids"] and desk.switches["empty_media_ids"] == "refused":
            raise invalid("media_ids must not be empty.")
    if "platform_content" in body:
        changed["platform_content"] = _merged(desk, post["platform_content"], body["platform_content"])
    if "campaign_id" in body:
        changed["campaign_id"] = _campaign(desk, body)
    changed["timezone"] = fields.timezone(body) or post["timezone"]
    if "account_ids" in body:
        changed["account_ids"] = _account_ids(desk, body, draft=post["draft"])
        changed["destinations"] = destinations(desk, changed["account_ids"], kept=post["destinations"])
    timed = body.get("scheduled_for") is not None or body.get("scheduled_at") is not None
    at = when(desk, body) if timed else times.read(post["scheduled_for"] or "")
    changed["scheduled_for"] = None if at is None else times.stamp(at)
    return launched(desk, checked(desk, changed), at)


def checked(desk: Desk, post: Post) -> Post:
    """Return `post` where its media and its platforms allow it.

    Raises:
        Refused: A file is unknown or not ready, the platform content is malformed, or a platform does not take it.
    """
    read = checks.overrides(post["platform_content"], first_comment=desk.switches["first_comment"] == "taken")
    media = [_file(desk, media_id) for media_id in post["media_ids"]]
    if post["draft"]:
        return post
    if not post["account_ids"]:
        raise invalid("account_ids is required: choose at least one account.")
    platforms = [desk.accounts[one]["platform"] for one in post["account_ids"]]
    if found := checks.problems(platforms, post["content"], media, read):
        message = f"Post creation failed: {found[0]['message']}"
        status = int(desk.switches["post_failed_status"])
        raise Refused(status, "post_creation_failed", message, details={"validation_errors": found})
    return post


def launched(desk: Desk, post: Post, at: datetime | None) -> Post:
    """Return `post` saved and, unless it is a draft, with its destinations due at `at` (None: now)."""
    if not post["draft"]:
        due = times.stamp(at or desk.now)
        waiting = [{**one, "due_at": due} if one["status"] == "queued" else one for one in post["destinations"]]
        post = {**post, "destinations": cast("list[Destination]", waiting)}
    store.save_post(desk.tx, desk.owner, post)
    return store.post(desk.tx, desk.owner, post["post_id"])


def destinations(desk: Desk, account_ids: Sequence[int], kept: Sequence[Destination] = ()) -> list[Destination]:
    """Return a destination for each account, the `kept` ones as they are."""
    there = {one["account_id"]: one for one in kept}
    return [
        there.get(account_id)
        or Destination(
            destination_id=desk.tx.uuid("posteverywhere.destination"),
            account_id=account_id,
            account_name=desk.accounts[account_id]["account_name"],
            platform=desk.accounts[account_id]["platform"],
            status="queued",
            due_at=None,
            ended_at=None,
            published_at=None,
            platform_post_id=None,
            error=None,
            attempts=0,
        )
        for account_id in account_ids
    ]


def when(desk: Desk, body: fields.Body) -> datetime | None:
    """Return when a post is to be published, None for now. `scheduled_at` is the old name of `scheduled_for`."""
    name = "scheduled_for" if body.get("scheduled_for") is not None else "scheduled_at"
    at = fields.instant(body, name)
    if at is None or at > desk.now:
        return at
    reading = desk.switches["past_schedule_time"]
    if reading == "publishes":
        return None
    raise Refused(400, reading, "scheduled_for must be in the future")


def owned_accounts(desk: Desk, account_ids: Sequence[int]) -> list[int]:
    """Return the ids. Raises Refused where the workspace has no such account."""
    strange = [str(one) for one in account_ids if one not in desk.accounts]
    if strange:
        raise invalid(f"Unknown account_ids: {', '.join(strange)}. List them with GET /v1/accounts.")
    return list(account_ids)


def _account_ids(desk: Desk, body: fields.Body, *, draft: bool) -> list[int]:
    account_ids = fields.integers(body, "account_ids")
    if not account_ids and not draft:
        if account_ids is None and desk.switches["missing_account_ids"] == "all":
            return [one["account_id"] for one in desk.accounts.values() if connections.can_post(one)]
        raise invalid("account_ids is required: choose at least one account.")
    return owned_accounts(desk, account_ids or [])


def _content(body: fields.Body) -> str:
    content = fields.text(body, "content") or ""
    if len(content) > LONGEST_CONTENT:
        raise Refused(400, "content_too_long", f"content must be at most {LONGEST_CONTENT} characters.")
    return content


def _file(desk: Desk, media_id: str) -> Media:
    media = store.file(desk.tx, desk.owner, media_id)
    if media is None:
        raise invalid(f"Unknown media_ids: {media_id}. List them with GET /v1/media.")
    if media["status"] != "ready":
        status = int(desk.switches["media_not_ready_status"])
        raise Refused(status, "media_not_ready", f"Media {media_id} is {media['status']}, not ready.")
    return media


def _campaign(desk: Desk, body: fields.Body) -> int | None:
    campaign_id = fields.whole(body, "campaign_id")
    if campaign_id is not None and campaigns.find(desk.tx, desk.owner, campaign_id) is None:
        raise invalid(f"Unknown campaign_id: {campaign_id}.")
    return campaign_id


def _merged(desk: Desk, old: Mapping[str, object] | None, new: Any) -> dict[str, object] | None:
    # "Settings merge into the post" (posteverywhere/mcp 1.7.0).
    if not isinstance(new, dict) or desk.switches["platform_content_update"] == "replaces":
        return cast("dict[str, object] | None", new)
    merged = dict(old or {})
    for platform, members in cast("dict[str, object]", new).items():
        there = merged.get(platform)
        if not isinstance(there, dict) or not isinstance(members, dict):
            merged[platform] = members
            continue
        before, now = cast("dict[str, object]", there), cast("dict[str, object]", members)
        merged[platform] = before | now
        if isinstance(before.get("settings"), dict) and isinstance(now.get("settings"), dict):
            settings = cast("dict[str, object]", before["settings"]) | cast("dict[str, object]", now["settings"])
            merged[platform] = before | now | {"settings": settings}
    return merged


def _next_slot(desk: Desk) -> datetime:
    taken = {one["scheduled_for"] for one in store.posts(desk.tx, desk.owner) if status_of(one) == "scheduled"}
    day = desk.now.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        for hour in _QUEUE_HOURS:
            slot = day.replace(hour=hour)
            if slot > desk.now and times.stamp(slot) not in taken:
                return slot
        day += timedelta(days=1)
