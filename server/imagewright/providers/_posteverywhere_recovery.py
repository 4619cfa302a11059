"""PostEverywhere's two witnesses of a lost call: the pictures of its library and its counter of credits."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from imagewright.answers import (
    JsonObject,
    address,
    amount,
    body_of,
    child,
    members,
    moment,
    objects,
    text,
    unreadable,
    whole,
)
from imagewright.models import Look, Picture, Reading, Reply, Tally, Trace, TracePage
from imagewright.posts import MediaState
from imagewright.provider import Recovery
from imagewright.providers._posteverywhere_posts import media_item

_NAME = "PostEverywhere"
_PAGE = 100  # the most: developers.posteverywhere.ai/api/list-media
_STATES: Mapping[MediaState, Literal["done", "running", "failed"]] = {
    "ready": "done",
    "processing": "running",
    "failed": "failed",
}


def read_used(reply: Reply) -> Tally:
    """Return how many AI credits were used, less the bought ones that are left.

    It rises by the price of a call whichever of the two pays for it; that calls on bought credits raise `used`, no
    page says.

    Raises:
        UnreadableAnswerError: The answer holds no credits.
    """
    quota = child(child(child(body_of(reply, _NAME), "data"), "quota"), "ai_credits")
    used = amount(quota, "used")
    if used is None:
        raise unreadable(reply, _NAME, "it holds no credits")
    return Tally(used - (amount(quota, "bonus") or 0), "credits")


def read_pictures(offset: int, reply: Reply) -> TracePage:
    """Return a page of the library that starts at `offset`; it is called `media`, or since April 2026 `items`.

    Raises:
        UnreadableAnswerError: The answer holds no list, or the list something that has no id.
    """
    data = child(body_of(reply, _NAME), "data")
    rows = next((data[name] for name in ("media", "items") if isinstance(data.get(name), list)), None)
    found = tuple(trace for row in objects(rows) if (trace := _trace(row)))
    # A row that were passed over could be the one that was paid for.
    if rows is None or len(members(rows)) != len(found):
        raise unreadable(reply, _NAME, "it holds no list of pictures")
    return TracePage(found, _total(child(data, "pagination"), offset + len(found)))


def _trace(row: JsonObject) -> Trace | None:
    item = media_item(row)
    if item is None:
        return None
    state = _STATES[item.state]
    # One source says that a URL is never told, another that it always is: contracts of 2026-04 and 2026-09.
    picture = Picture(url=address(row, "url"), media_id=item.media_id, width=item.width, height=item.height)
    return Trace(
        item.media_id,
        state,
        moment(row, "created_at"),
        Reading((picture,), created_at=text(row, "created_at", 40)) if state == "done" else None,
        text(row, "error_message") if state == "failed" else None,
    )


def _total(pagination: JsonObject, seen: int) -> int | None:
    # `total` and `has_more` are there since 2026-06. One that contradicts the other, or the rows, tells nothing.
    total, more = whole(pagination, "total"), pagination.get("has_more")
    if total is None:
        return seen if more is False else None
    ends = total <= seen
    return None if total < seen or (isinstance(more, bool) and more == ends) else total


RECOVERY = Recovery(
    traces=lambda offset: Look(
        f"/api/v1/media?type=image&limit={_PAGE}&offset={offset}", partial(read_pictures, offset)
    ),
    tally=Look("/api/v1/me", read_used),
    tally_proves=True,
    unseen_seconds=120.0,  # what the vendor's own Python client waits; a picture is in the library when it is done
)
