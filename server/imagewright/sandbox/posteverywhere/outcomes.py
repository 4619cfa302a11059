"""What becomes of a post: its schedule, its results, its retries."""

from collections.abc import Callable

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, planning, store, times
from imagewright.sandbox.posteverywhere.envelope import conflict, invalid, succeed
from imagewright.sandbox.posteverywhere.facts import PLATFORMS, RETRIES_BEFORE_BREAKER
from imagewright.sandbox.posteverywhere.planning import Desk
from imagewright.sandbox.posteverywhere.records import Destination, Post, post_url, status_of
from imagewright.sandbox.vendor import Refused, Reply
from imagewright.sandbox.world import Transaction

_MOST_POSTS = 200
_MOST_ATTEMPTS = 10
_RETRY_FILTERS = ("post_ids", "account_id", "platform", "failed_after", "failed_before", "max_attempts")


def schedule_post(call: Call) -> Reply:
    """POST /posts/{post_id}/schedule: a draft becomes a scheduled or a published post (posteverywhere/mcp 1.4.0)."""
    body = call.json_object(("scheduled_for", "publish_now", "account_ids", "timezone"))
    publish_now = fields.flag(body, "publish_now")
    account_ids = fields.integers(body, "account_ids")
    if publish_now == (body.get("scheduled_for") is not None):
        raise invalid("Send scheduled_for or publish_now: true, one of the two.")
    switches = Desk.switches_of(call)
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        desk = Desk.of(tx, owner, switches)
        post = store.post(tx, owner, call.parameters["post_id"])
        if not post["draft"]:
            raise conflict(
                f"Only drafts can be scheduled; this post is {status_of(post)}. Use PATCH to change its time."
            )
        at = planning.when(desk, body)
        if account_ids is not None:
            post["account_ids"] = planning.owned_accounts(desk, account_ids)
            post["destinations"] = planning.destinations(desk, account_ids, kept=post["destinations"])
        post["draft"] = False
        post["scheduled_for"] = None if at is None else times.stamp(at)
        post["timezone"] = fields.timezone(body) or post["timezone"]
        post["updated_at"] = times.stamp(desk.now)
        post = planning.launched(desk, planning.checked(desk, post), at)
    status = status_of(post)
    data = {
        "post_id": post["post_id"],
        "id": post["post_id"],
        "status": status,
        "scheduled_for": post["scheduled_for"],
        "publish_now": publish_now,
        "destinations": [
            {name: one[name] for name in ("account_id", "platform", "status")} for one in post["destinations"]
        ],
        "message": f"Post scheduled for {post['scheduled_for']}." if status == "scheduled" else "Post is publishing.",
    }
    return succeed(call, data, int(call.switch("schedule_status")))


def get_results(call: Call) -> Reply:
    """GET /posts/{post_id}/results."""
    with call.world.transaction() as tx:
        post = store.post(tx, call.account.fingerprint, call.parameters["post_id"])
    results = [{"id": one["destination_id"], **_outcome(one), "next_retry_at": None} for one in post["destinations"]]
    return succeed(call, {"post_id": post["post_id"], "post_status": status_of(post), "results": results})


def _outcome(destination: Destination) -> dict[str, object]:
    return {
        "account_id": destination["account_id"],
        "account_name": destination["account_name"],
        "platform": destination["platform"],
        "status": destination["status"],
        "published_at": destination["published_at"],
        "platform_post_id": destination["platform_post_id"],
        "platform_post_url": post_url(destination),
        "error": destination["error"],
        "attempts": destination["attempts"],
    }


def retry_post(call: Call) -> Reply:
    """POST /posts/{post_id}/retry: failed destinations are queued once more (/api/retry-failed-post)."""
    body = call.json_object(("account_ids",), optional=True)
    account_ids = fields.integers(body, "account_ids")
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        post = store.post(tx, owner, call.parameters["post_id"])
        queued = _requeue(tx, owner, post, lambda one: account_ids is None or one["account_id"] in account_ids)
    destinations = [_queued(one) for one in queued]
    data = {
        "post_id": post["post_id"],
        "retried_count": len(queued),
        "destinations": destinations,
        "next_step": f"Poll GET /v1/posts/{post['post_id']}/results for the outcome.",
    }
    return succeed(call, data)


def _queued(destination: Destination) -> dict[str, object]:
    # The page shows the whole destination; the MCP server's types have id and new_status.
    return {"id": destination["destination_id"], "new_status": "queued", **_outcome(destination)}


def retry_failed(call: Call) -> Reply:
    """POST /posts/retry-failed: every failed destination that a filter meets (/bulk-operations, 2026-06)."""
    body = call.json_object(_RETRY_FILTERS)
    if not body:
        raise invalid(f"Send at least one filter: {', '.join(_RETRY_FILTERS)}")
    post_ids = fields.strings(body, "post_ids")
    if post_ids is not None and not 1 <= len(post_ids) <= _MOST_POSTS:
        raise invalid(f"post_ids must hold 1 to {_MOST_POSTS} ids.")
    keep = _destinations_met(body)
    owner = call.account.fingerprint
    found: list[dict[str, str]] = []
    with call.world.transaction() as tx:
        for post in store.posts(tx, owner):
            if post_ids is not None and post["post_id"] not in post_ids:
                continue
            queued = _requeue(tx, owner, post, keep)
            found += [
                {
                    "destination_id": one["destination_id"],
                    "post_id": post["post_id"],
                    "platform": one["platform"],
                    "new_status": "queued",
                }
                for one in queued
            ]
    message = f"{len(found)} destination(s) queued for another attempt."
    return succeed(call, {"retried_count": len(found), "destinations": found, "message": message})


def _destinations_met(body: fields.Body) -> Callable[[Destination], bool]:
    account_id = fields.whole(body, "account_id")
    platform = fields.word(body, "platform", (*PLATFORMS, "twitter"))
    platform = "x" if platform == "twitter" else platform
    most = fields.whole(body, "max_attempts", least=1, most=_MOST_ATTEMPTS)
    after, before = fields.instant(body, "failed_after"), fields.instant(body, "failed_before")
    since, until = times.stamp(after) if after else "", times.stamp(before) if before else "~"

    def keep(one: Destination) -> bool:
        return (
            account_id in {None, one["account_id"]}
            and platform in {None, one["platform"]}
            and (most is None or one["attempts"] < most)
            and since <= (one["ended_at"] or "") <= until
        )

    return keep


def _requeue(tx: Transaction, owner: str, post: Post, keep: Callable[[Destination], bool]) -> list[Destination]:
    """Queue the failed destinations of a post that `keep` holds.

    Raises:
        Refused: Posts of the same content have been retried too often (posteverywhere/sdk README).
    """
    chosen = {one["destination_id"] for one in post["destinations"] if one["status"] == "failed" and keep(one)}
    if not chosen:
        return []
    same = [one["retries"] for one in store.posts(tx, owner) if one["content"] == post["content"]]
    if sum(same) >= RETRIES_BEFORE_BREAKER:
        raise Refused(
            422,
            "permanent_failure_circuit_breaker",
            "This content has failed repeatedly. Change it, or fix the account, before you try again.",
        )
    now = times.stamp(tx.now())
    destinations: list[Destination] = [
        {**one, "status": "queued", "due_at": now, "ended_at": None, "error": None}
        if one["destination_id"] in chosen
        else one
        for one in post["destinations"]
    ]
    changed: Post = {**post, "destinations": destinations, "retries": post["retries"] + 1, "updated_at": now}
    store.save_post(tx, owner, changed)
    return [one for one in destinations if one["destination_id"] in chosen]
