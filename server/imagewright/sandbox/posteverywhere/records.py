"""What the library and the planner keep: the stored form of a file, a post and its destinations."""

from typing import TypedDict

from imagewright.sandbox.posteverywhere.facts import PLATFORMS


class Media(TypedDict):
    """A file of the library. `status` is uploading, processing, ready or failed."""

    media_id: str
    status: str
    type: str
    filename: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    duration: float | None
    picture_id: str | None  # where the bytes are; None before they arrive
    ready_at: str | None  # what goes on in the background has ended then
    error_message: str | None  # why it fails then
    created_at: str


class Account(TypedDict):
    """A connected social account. One with `needs_reconnection` takes posts and fails to publish them."""

    account_id: int
    platform: str
    account_name: str
    platform_account_id: str
    is_active: bool
    needs_reconnection: bool
    connected_at: str


class Destination(TypedDict):
    """One account a post goes to. Internal: `due_at`, when the next attempt starts; `ended_at`, when the last ended."""

    destination_id: str
    account_id: int
    account_name: str
    platform: str
    status: str
    due_at: str | None
    ended_at: str | None
    published_at: str | None
    platform_post_id: str | None
    error: str | None
    attempts: int


class Post(TypedDict):
    """A post in any state; its own status follows from its destinations."""

    post_id: str
    draft: bool
    content: str
    account_ids: list[int]
    scheduled_for: str | None
    timezone: str
    media_ids: list[str]
    platform_content: dict[str, object] | None
    campaign_id: int | None
    destinations: list[Destination]
    retries: int
    created_at: str
    updated_at: str


def status_of(post: Post) -> str:
    """Return the aggregate status. /api/schemas/post: publishing while any destination is in flight."""
    if post["draft"]:
        return "draft"
    seen = {one["status"] for one in post["destinations"]}
    if seen == {"queued"} and not any(one["attempts"] for one in post["destinations"]):
        return "scheduled"
    if seen & {"queued", "publishing"}:
        return "publishing"
    if seen == {"failed"}:
        return "failed"
    return "partially_failed" if "failed" in seen else "published"


def post_url(destination: Destination) -> str | None:
    """Return where the published copy would be seen, None before it is published."""
    post = destination["platform_post_id"]
    return PLATFORMS[destination["platform"]].post_url.format(post=post) if post else None
