"""PostEverywhere's media library, accounts and posts: the requests it takes and how its answers read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, cast

from imagewright.addresses import flaw
from imagewright.answers import (
    JsonObject,
    address,
    as_object,
    body_of,
    child,
    ident,
    members,
    objects,
    text,
    unreadable,
    whole,
)
from imagewright.models import Look, Order, Reply
from imagewright.posts import (
    Account,
    Destination,
    FileFacts,
    MediaItem,
    MediaState,
    NewPost,
    PlatformRule,
    Post,
    PostChange,
    UploadTarget,
)
from imagewright.provider import Posting
from imagewright.text import identifier, model_name

_NAME = "PostEverywhere"
_SECONDS = 120.0  # what the vendor's own Python client waits
_MIB = 1024 * 1024


def _order(method: Literal["POST", "PATCH"], path: str, body: Mapping[str, object]) -> Order:
    sent = {name: value for name, value in body.items() if value is not None}
    return Order(f"/api/v1{path}", sent, 0, _SECONDS, method)


def _import_url(url: str, filename: str) -> Order:
    return _order("POST", "/media/upload-from-url", {"url": url, "filename": filename})


def _declare(file: FileFacts) -> Order:
    # `size`, not the Node SDK's `file_size`: every other source agrees.
    body = {
        "filename": file.filename,
        "content_type": file.content_type,
        "size": file.size_bytes,
        "width": file.width,
        "height": file.height,
    }
    return _order("POST", "/media/upload", body)


def _complete(media_id: str) -> Order:
    return _order("POST", f"/media/{media_id}/complete", {})


def _create(post: NewPost) -> Order:
    body = {
        "content": post.content,
        "account_ids": list(post.account_ids) or None,
        "media_ids": list(post.media_ids),
        "scheduled_for": _utc(post.scheduled_for),
        "timezone": post.timezone,
        "platform_content": post.platform_content,
        # Without it and without a time, the post is published at once.
        "draft": True if post.mode == "draft" else None,
    }
    return _order("POST", "/posts", body)


def _change(post_id: str, change: PostChange) -> Order:
    body = {
        "media_ids": None if change.media_ids is None else list(change.media_ids),
        "content": change.content,
        "account_ids": None if change.account_ids is None else list(change.account_ids),
        "scheduled_for": _utc(change.scheduled_for),
        "timezone": change.timezone,
        "platform_content": change.platform_content,
    }
    return _order("PATCH", f"/posts/{post_id}", body)


def _release(post_id: str, moment: datetime | None) -> Order:
    body = {"scheduled_for": _utc(moment)} if moment else {"publish_now": True}
    return _order("POST", f"/posts/{post_id}/schedule", body)


def _utc(moment: datetime | None) -> str | None:
    # A value without offset is read as UTC (N8N README, 2026-09): it is sent as UTC and says so.
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_accounts(reply: Reply) -> tuple[Account, ...]:
    return tuple(found for row in _rows(reply, "accounts") if (found := _account(row)))


def _account(row: JsonObject) -> Account | None:
    # `id` as an integer (PY, N8N), `account_id` (docs), `id` as a text (older docs).
    written = ident(row, "id", "account_id")
    platform = ident(row, "platform")
    if written is None or not written.isdigit() or platform is None:
        return None
    health = child(row, "health")
    can_post = health.get("can_post") is not False and row.get("is_active") is not False
    return Account(int(written), platform, text(row, "account_name", 120) or written, can_post, ident(health, "status"))


def _read_media(reply: Reply) -> MediaItem:
    item = media_item(child(body_of(reply, _NAME), "data"))
    if item is None:
        raise unreadable(reply, _NAME, "it holds no media_id")
    return item


def media_item(row: JsonObject) -> MediaItem | None:
    """Return a file of the library, in any of the three spellings of its fields; None where it has no id."""
    media_id = ident(row, "media_id", "id")
    if media_id is None:
        return None
    # Three names for one thing: docs, the vendor's Python client, its Node types.
    state = text(row, "status") or text(row, "media_status") or text(row, "upload_status") or "ready"
    dimensions = child(row, "dimensions")
    return MediaItem(
        media_id,
        _STATES.get(state, "processing"),
        text(row, "type", 40),
        text(row, "content_type", 80) or text(row, "mime_type", 80),
        whole(row, "size") or whole(row, "file_size"),
        whole(row, "width") or whole(dimensions, "width"),
        whole(row, "height") or whole(dimensions, "height"),
    )


_STATES: Mapping[str, MediaState] = {"ready": "ready", "failed": "failed"}


def _read_target(reply: Reply) -> UploadTarget:
    data = child(body_of(reply, _NAME), "data")
    media_id, url = ident(data, "media_id", "id"), address(data, "upload_url")
    if media_id is None or url is None:
        raise unreadable(reply, _NAME, "it holds no place to upload to")
    method = child(data, "upload_method")
    headers = {name: value for name, value in child(method, "headers").items() if isinstance(value, str)}
    verb: Literal["POST", "PUT"] = "PUT" if text(method, "method") == "PUT" else "POST"
    return UploadTarget(media_id, url, verb, text(method, "field_name", 40) or "file", headers)


def _read_post(reply: Reply) -> Post:
    post = _post(child(body_of(reply, _NAME), "data"))
    if post is None:
        raise unreadable(reply, _NAME, "it holds no post")
    return post


def _read_posts(reply: Reply) -> tuple[Post, ...]:
    return tuple(found for row in _rows(reply, "posts") if (found := _post(row)))


def _rows(reply: Reply, name: str) -> list[JsonObject]:
    rows = child(body_of(reply, _NAME), "data").get(name)
    if not isinstance(rows, list):
        raise unreadable(reply, _NAME, f"it holds no list of {name}")
    return objects(cast("list[object]", rows))


def _post(row: JsonObject) -> Post | None:
    post_id = ident(row, "post_id", "id")
    if post_id is None:
        return None
    return Post(
        post_id,
        ident(row, "status", "post_status") or "unknown",
        text(row, "content", 5000),
        _account_ids(row),
        _media_ids(row),
        model_name(row.get("scheduled_for")),
        model_name(row.get("timezone")),
        model_name(row.get("created_at")),
        tuple(_destination(one) for one in (*objects(row.get("destinations")), *objects(row.get("results")))),
    )


def _account_ids(row: JsonObject) -> tuple[int, ...]:
    listed = members(row.get("account_ids")) or [one.get("account_id") for one in objects(row.get("destinations"))]
    # A number, or in older answers a text of digits.
    return tuple(int(found) for one in listed if (found := identifier(one)) and found.isdigit())


def _media_ids(row: JsonObject) -> tuple[str, ...] | None:
    if isinstance(row.get("media_ids"), list):
        return tuple(found for one in members(row["media_ids"]) if (found := identifier(one)))
    if isinstance(row.get("media"), list):
        return tuple(found for one in objects(row["media"]) if (found := ident(one, "media_id", "id")))
    return None


def _destination(row: JsonObject) -> Destination:
    error = row.get("error")
    inner = as_object(error)
    url = address(row, "platform_post_url")
    return Destination(
        whole(row, "account_id"),
        ident(row, "platform"),
        ident(row, "status"),
        text(row, "account_name", 120),
        None if flaw(url) else url,
        text(inner, "message") if inner else text(row, "error"),
    )


POSTING = Posting(
    accounts=Look("/api/v1/accounts", _read_accounts),
    recent=Look("/api/v1/posts?limit=20&sort=created_at&order=desc", _read_posts),
    post=lambda post_id: Look(f"/api/v1/posts/{post_id}", _read_post),
    media=lambda media_id: Look(f"/api/v1/media/{media_id}", _read_media),
    import_url=_import_url,
    declare=_declare,
    complete=_complete,
    create=_create,
    change=_change,
    release=_release,
    read_media=_read_media,
    read_target=_read_target,
    read_post=_read_post,
    # developers.posteverywhere.ai/api/upload-media
    content_types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif"}),
    max_upload_bytes=20 * _MIB,
    max_url_bytes=25 * _MIB,  # developers.posteverywhere.ai/api/upload-media-from-url
    open_statuses=frozenset({"draft", "scheduled"}),
    # developers.posteverywhere.ai/media-requirements for pictures, the vendor's Claude plugin for texts; bytes by the
    # smaller megabyte. How many pictures a post takes is documented for Instagram only.
    rules={
        "instagram": PlatformRule(8_000_000, 10, 2200, 320, 320, needs_media=True),
        "x": PlatformRule(5_000_000, None, 280, 200, 200),
        "linkedin": PlatformRule(20_000_000, None, 3000, 552, 368),
        "facebook": PlatformRule(4_000_000, None, 63_206, 200, 200),
        "tiktok": PlatformRule(2_000_000, None, 4000, 720, 1280, needs_media=True),
        "youtube": PlatformRule(None, 0, 5000, needs_media=True),  # a post is one video
        "threads": PlatformRule(8_000_000, None, 500, 320, 320),
        "pinterest": PlatformRule(20_000_000, None, 500, 200, 200, needs_media=True),
        "bluesky": PlatformRule(max_characters=300),
        "telegram": PlatformRule(max_characters=4096),
        "discord": PlatformRule(max_characters=2000),
    },
)
