"""Posts: POST, GET, PATCH and DELETE of /posts, and how a post is shown."""

from collections.abc import Callable, Mapping
from typing import Any

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, library, planning, store, times, workspace
from imagewright.sandbox.posteverywhere.envelope import conflict, invalid, succeed
from imagewright.sandbox.posteverywhere.facts import PLATFORMS
from imagewright.sandbox.posteverywhere.planning import Desk
from imagewright.sandbox.posteverywhere.records import Destination, Media, Post, post_url, status_of
from imagewright.sandbox.vendor import Refused, Reply

_STATUSES = ("scheduled", "publishing", "published", "partially_failed", "failed", "draft")
_SORTS = ("created_at", "scheduled_for", "published_at", "updated_at")
_RANGES = (
    "created_after", "created_before", "scheduled_after", "scheduled_before", "published_after", "published_before",
    "updated_after",
)  # fmt: skip
_FILTERS = ("status", "platform", "account_id", "campaign_id", *_RANGES, "search", "sort", "order", "limit", "offset")


def create_post(call: Call) -> Reply:
    """POST /posts: publish now, schedule, queue or draft."""
    body = call.json_object(None)
    workspace.limit_posts(call, in_future=is_later(body))
    switches = Desk.switches_of(call)
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        post = planning.create(Desk.of(tx, owner, switches), body)
    return succeed(call, created(post), 201)


def is_later(body: Mapping[str, Any]) -> bool:
    """Tell whether a post is not published at once: the window of a minute is not for it."""
    return any(body.get(name) for name in ("scheduled_for", "scheduled_at", "draft", "use_queue"))


def created(post: Post) -> dict[str, object]:
    """Return the answer to a new post (/api/schemas/createpostresponse, 2026-04)."""
    status = status_of(post)
    count = len(post["destinations"])
    messages = {
        "draft": "Draft saved.",
        "scheduled": f"Post scheduled for {post['scheduled_for']}.",
    }
    shown = {
        **identity(post),
        "post_status": status,  # posteverywhere-python README, 2026-09
        "accounts_count": count,
        "destinations": [destination_view(one, post) for one in post["destinations"]],
        "message": messages.get(status, f"Publishing to {count} account(s)."),
        "results": [] if status != "publishing" else [_outcome(one) for one in post["destinations"]],
    }
    if post["draft"]:
        # posteverywhere/mcp: an object of strings; its names stand nowhere.
        shown["next_steps"] = {"publish": f"POST /v1/posts/{post['post_id']}/schedule"}
    return shown


def _outcome(destination: Destination) -> dict[str, object]:
    return {name: destination[name] for name in ("account_id", "platform", "status")}


def identity(post: Post) -> dict[str, object]:
    """Return what every form of a post has: the names of the request come back with their meaning (2026-04-12)."""
    return {
        "post_id": post["post_id"],
        "id": post["post_id"],
        "status": status_of(post),
        "content": post["content"],
        "account_ids": post["account_ids"],
        "scheduled_for": post["scheduled_for"],
        "timezone": post["timezone"],
        "media_ids": post["media_ids"],
        "platform_content": post["platform_content"],
        "campaign_id": post["campaign_id"],
        "created_at": post["created_at"],
        "updated_at": post["updated_at"],
    }


def destination_view(destination: Destination, post: Post) -> dict[str, object]:
    """Return a destination as a post shows it (/api/schemas/post)."""
    return {
        "id": destination["destination_id"],
        "platform": destination["platform"],
        "status": destination["status"],
        "account_name": destination["account_name"],
        "account_id": destination["account_id"],
        "scheduled_for": destination["due_at"] or post["scheduled_for"],
        "published_at": destination["published_at"],
        "platform_post_id": destination["platform_post_id"],
        "platform_post_url": post_url(destination),
        "error": destination["error"],
        "attempts": destination["attempts"],
    }


def shown(call: Call, post: Post, media: Mapping[str, Media]) -> dict[str, object]:
    """Return a post as GET /posts and GET /posts/{post_id} show it."""
    with_url = call.switch("media_url") == "shown"
    return {
        **identity(post),
        "media": [_media_view(call, media[one], with_url=with_url) for one in post["media_ids"] if one in media],
        "destinations": [destination_view(one, post) for one in post["destinations"]],
    }


def _media_view(call: Call, media: Media, *, with_url: bool) -> dict[str, object]:
    seen: dict[str, object] = {"media_id": media["media_id"], "id": media["media_id"], "type": media["type"]}
    if with_url:  # the sample of /api/list-posts has one, the newer one of /api/get-post has none
        seen["url"] = library.address(call, media)
    return seen | {"width": media["width"], "height": media["height"], "duration": media["duration"]}


def list_posts(call: Call) -> Reply:
    """GET /posts with the filters of 2026-06."""
    asked = fields.query(call, _FILTERS)
    limit, offset = fields.page(asked)
    keep = _filter(asked)
    sort = fields.word(asked, "sort", _SORTS, "created_at") or ""
    descending = fields.word(asked, "order", ("asc", "desc"), "desc") == "desc"
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        found = [one for one in store.posts(tx, owner) if keep(one)]
        media = {one["media_id"]: one for one in store.files(tx, owner)}
    # Newest first is how they came; a stable sort keeps that among equals, and posts without the time come last.
    dated = [one for one in found if _moment(one, sort)]
    dated.sort(key=lambda one: _moment(one, sort) or "", reverse=descending)
    ordered = dated + [one for one in found if not _moment(one, sort)]
    page = [shown(call, one, media) for one in ordered[offset : offset + limit]]
    return succeed(call, {"posts": page, "pagination": fields.pagination(limit, offset, len(ordered))})


def _filter(asked: fields.Body) -> Callable[[Post], bool]:
    statuses = _words(asked, "status", _STATUSES)
    platforms = _words(asked, "platform", tuple(PLATFORMS))
    bounds = [(name.rpartition("_"), fields.instant(asked, name)) for name in _RANGES]
    stamps = [(f"{field}_at", side, times.stamp(at)) for (field, _, side), at in bounds if at is not None]
    account_id, campaign_id, search = asked.get("account_id"), asked.get("campaign_id"), asked.get("search", "")

    def keep(post: Post) -> bool:
        targets = post["destinations"]
        return (
            (not statuses or status_of(post) in statuses)
            and (not platforms or any(one["platform"] in platforms for one in targets))
            and (account_id is None or any(one["account_id"] == account_id for one in targets))
            and (campaign_id is None or post["campaign_id"] == campaign_id)
            and search.casefold() in post["content"].casefold()
            and all(_inside(_moment(post, field), side, at) for field, side, at in stamps)
        )

    return keep


def _inside(moment: str | None, side: str, at: str) -> bool:
    return moment is not None and (moment >= at if side == "after" else moment <= at)


def _moment(post: Post, field: str) -> str | None:
    if field == "published_at":
        return max((one["published_at"] for one in post["destinations"] if one["published_at"]), default=None)
    if field in {"scheduled_for", "scheduled_at"}:
        return post["scheduled_for"]
    return post["created_at"] if field == "created_at" else post["updated_at"]


def _words(asked: fields.Body, name: str, known: tuple[str, ...]) -> set[str]:
    found = {word.strip() for word in asked.get(name, "").split(",") if word.strip()}
    if found - set(known):
        raise invalid(f"Invalid {name}. Must be among: {', '.join(known)}")
    return found


def get_post(call: Call) -> Reply:
    """GET /posts/{post_id}."""
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        post = store.post(tx, owner, call.parameters["post_id"])
        media = {one["media_id"]: one for one in store.files(tx, owner)}
    return succeed(call, shown(call, post, media))


def update_post(call: Call) -> Reply:
    """PATCH /posts/{post_id}: scheduled and draft posts; media_ids replaces the whole set (2026-04)."""
    body = call.json_object(None)
    open_to = {"scheduled", "draft"}
    if call.switch("update_failed_posts") == "taken":
        open_to |= {"failed", "partially_failed"}
    switches = Desk.switches_of(call)
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        post = store.post(tx, owner, call.parameters["post_id"])
        status = status_of(post)
        if status == "published":
            raise Refused(409, "post_already_published", "Cannot update a post that has already been published.")
        if status not in open_to:
            raise conflict(f"Cannot update a post that is {status}. Only scheduled and draft posts can be updated.")
        post = planning.update(Desk.of(tx, owner, switches), post, body)
        media = {one["media_id"]: one for one in store.files(tx, owner)}
    return succeed(call, shown(call, post, media))


def delete_post(call: Call) -> Reply:
    """DELETE /posts/{post_id}; published copies stay live unless `delete_on_platforms=x` (2026-09)."""
    platforms = fields.query(call, ("delete_on_platforms",)).get("delete_on_platforms", "x")
    if platforms != "x":
        raise invalid("delete_on_platforms supports: x")
    refuses = call.switch("delete_published") == "refused"
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        post = store.post(tx, owner, call.parameters["post_id"])
        if refuses and status_of(post) in {"published", "partially_failed"}:
            # The words of /api/delete-post, 2026-04.
            raise Refused(
                409,
                "post_already_published",
                "Cannot delete a post that has already been published. Delete it from the platform directly.",
            )
        store.remove_post(tx, owner, post["post_id"])
    return succeed(call, {"post_id": post["post_id"], "id": post["post_id"], "deleted": True})
