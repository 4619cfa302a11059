"""Publishing, emulated: what the clock alone does to a post and to an import in the background."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from imagewright.sandbox.posteverywhere import times
from imagewright.sandbox.posteverywhere.facts import FAILED_ATTEMPTS, PLATFORMS, PUBLISH_SECONDS
from imagewright.sandbox.posteverywhere.records import Account, Destination, Media, Post


def settled(post: Post, now: datetime, accounts: Mapping[int, Account]) -> Post:
    """Return `post` as it stands at `now`: due destinations start, and end PUBLISH_SECONDS later."""
    if post["draft"]:
        return post
    destinations = [_moved(one, now, accounts.get(one["account_id"])) for one in post["destinations"]]
    if destinations == post["destinations"]:
        return post
    moments = [one["ended_at"] or one["due_at"] or "" for one in destinations]
    return {**post, "destinations": destinations, "updated_at": max(post["updated_at"], *moments)}


def settled_media(media: Media, now: datetime) -> Media:
    """Return `media` as it stands at `now`: one that has been worked on long enough is ready, or has failed."""
    ready_at = times.read(media["ready_at"] or "")
    if ready_at is None or now < ready_at:
        return media
    return {**media, "status": "failed" if media["error_message"] else "ready", "ready_at": None}


def _moved(destination: Destination, now: datetime, account: Account | None) -> Destination:
    due = times.read(destination["due_at"] or "")
    if due is None or now < due or destination["status"] in {"published", "failed"}:
        return destination
    done = due + timedelta(seconds=PUBLISH_SECONDS)
    if now < done:
        return {**destination, "status": "publishing"}
    if account is None or not account["is_active"] or account["needs_reconnection"]:
        name = PLATFORMS[destination["platform"]].name
        return {
            **destination,
            "status": "failed",
            "due_at": None,
            "ended_at": times.stamp(done),
            # The words and the three attempts of the failed sample of /api/get-post-results.
            "error": f"Token expired. Please reconnect your {name} account.",
            "attempts": destination["attempts"] + 1 if destination["attempts"] else FAILED_ATTEMPTS,
        }
    digest = hashlib.sha256(destination["destination_id"].encode()).digest()
    return {
        **destination,
        "status": "published",
        "due_at": None,
        "ended_at": times.stamp(done),
        "published_at": times.stamp(done),
        "platform_post_id": str(10**16 + int.from_bytes(digest[:8]) % 10**16),
        "error": None,
        "attempts": destination["attempts"] + 1,
    }
