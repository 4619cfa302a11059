"""The values of posting: accounts, media in a post provider's library, posts. Frozen, without behaviour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MediaState = Literal["ready", "processing", "failed"]
PostMode = Literal["draft", "scheduled", "now"]
AttachMode = Literal["append", "replace"]


@dataclass(frozen=True, slots=True)
class Account:
    """A social account that the post provider can publish to. `account_id` is as the provider writes it."""

    account_id: int
    platform: str
    name: str
    can_post: bool = True
    health: str | None = None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """A file in the post provider's library; width and height are pixels."""

    media_id: str
    state: MediaState
    kind: str | None = None
    content_type: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """Where the bytes of a declared file go: a form field by POST, or raw by PUT with `headers`."""

    media_id: str
    url: str
    method: Literal["POST", "PUT"]
    field_name: str = "file"
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is, as it is declared before its bytes are sent."""

    filename: str
    content_type: str
    size_bytes: int
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be made. `scheduled_for` has an offset; `timezone` is for display only."""

    mode: PostMode
    content: str
    account_ids: tuple[int, ...]
    media_ids: tuple[str, ...]
    scheduled_for: datetime | None = None
    timezone: str | None = None
    platform_content: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class PostChange:
    """What is to be different about a post; None leaves it as it is. `media_ids` is the whole set."""

    media_ids: tuple[str, ...] | None = None
    content: str | None = None
    account_ids: tuple[int, ...] | None = None
    scheduled_for: datetime | None = None
    timezone: str | None = None
    platform_content: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """What became of a post at one account; `error` is the provider's own text."""

    account_id: int | None
    platform: str | None
    status: str | None
    name: str | None = None
    url: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the provider tells it. `media_ids` is None where the answer does not say."""

    post_id: str
    status: str
    content: str | None = None
    account_ids: tuple[int, ...] = ()
    media_ids: tuple[str, ...] | None = None
    scheduled_for: str | None = None
    timezone: str | None = None
    created_at: str | None = None
    destinations: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformRule:
    """What a social platform takes in one post: bytes and pixels of a picture, number of pictures, characters."""

    max_bytes: int | None = None
    max_images: int | None = None
    max_characters: int | None = None
    min_width: int | None = None
    min_height: int | None = None
    needs_media: bool = False
