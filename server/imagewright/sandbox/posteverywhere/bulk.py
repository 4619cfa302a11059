"""Many posts in one request: POST /posts/bulk, and the older POST /posts/bulk-schedule."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, planning, store, times, workspace
from imagewright.sandbox.posteverywhere.envelope import invalid, succeed
from imagewright.sandbox.posteverywhere.planning import Desk
from imagewright.sandbox.posteverywhere.posts import created, is_later
from imagewright.sandbox.vendor import Refused, Reply

_MOST = 50  # /bulk-operations, 2026-06
_MOST_ROWS = 100  # /api/bulk-schedule-posts
_MULTI_STATUS, _UNPROCESSABLE, _CREATED = 207, 422, 201
_ROW = ("date", "time", "content", "platforms", "media")


def create_posts(call: Call) -> Reply:
    """POST /posts/bulk: in order, each like POST /posts; one request for the rate limit, one post each."""
    body = call.json_object(("posts",))
    return _create(call, _items(body, _MOST))


def schedule_posts(call: Call) -> Reply:
    """POST /posts/bulk-schedule. Its answer stands on no page seen: that of /posts/bulk stands in."""
    body = call.json_object(("posts", "timezone", "dryRun", "accountMapping"))
    timezone = fields.timezone(body)
    if timezone is None:
        raise invalid("timezone is required.")
    mapping: object = body.get("accountMapping") or {}
    if not isinstance(mapping, dict):
        raise invalid("accountMapping must be an object of platform to account id.")
    with call.world.transaction() as tx:
        files = {one["filename"]: one["media_id"] for one in store.files(tx, call.account.fingerprint)}
    accounts = cast("dict[str, Any]", mapping)
    rows = [_from_row(item, timezone, accounts, files) for item in _items(body, _MOST_ROWS)]
    if fields.flag(body, "dryRun"):
        summary = {"total": len(rows), "succeeded": len(rows), "failed": 0}
        return succeed(call, {"summary": summary, "results": [], "dryRun": True})
    return _create(call, rows)


def _items(body: fields.Body, most: int) -> Sequence[object]:
    found = fields.objects(body, "posts")
    if not found:
        raise invalid("posts is required and must be a non-empty array.")
    if len(found) > most:
        raise Refused(400, "bulk_limit_exceeded", f"At most {most} posts in one request, not {len(found)}.")
    return found


def _create(call: Call, items: Sequence[object]) -> Reply:
    switches = Desk.switches_of(call)
    results = list(_each(call, items, switches))
    succeeded = sum(one["ok"] is True for one in results)
    failed = len(results) - succeeded
    status = _CREATED if not failed else _UNPROCESSABLE if not succeeded else _MULTI_STATUS
    summary = {"total": len(results), "succeeded": succeeded, "failed": failed}
    # Whatever the status, `error` stays null (posteverywhere-python, 2026-09).
    return succeed(call, {"summary": summary, "results": results}, status)


def _each(call: Call, items: Sequence[object], switches: dict[str, str]) -> Iterator[dict[str, Any]]:
    owner = call.account.fingerprint
    for index, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise invalid("Each post must be an object.")
            body = cast("dict[str, Any]", item)
            workspace.limit_posts(call, in_future=is_later(body))
            with call.world.transaction() as tx:
                post = planning.create(Desk.of(tx, owner, switches), body)
            yield {"index": index, "ok": True, "post": created(post)}
        except Refused as refused:
            error = {"code": refused.code, "message": refused.message, "status": refused.status}
            if refused.details is not None:
                error["details"] = refused.details
            yield {"index": index, "ok": False, "error": error}


def _from_row(item: object, timezone: str, mapping: dict[str, Any], files: dict[str, str]) -> dict[str, Any]:
    """Return the body of POST /posts for a row: local date and time, `instagram+2280`, the name of a file."""
    if not isinstance(item, dict):
        raise invalid("Each post must be an object.")
    row = cast("dict[str, Any]", item)
    if strange := [name for name in row if name not in _ROW]:
        raise invalid(f"Unknown field: {', '.join(strange)}. Known: {', '.join(_ROW)}.")
    zone = times.zone(timezone)
    try:
        at = datetime.strptime(f"{row.get('date')} {row.get('time')}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)
    except ValueError as failure:
        raise invalid("date must be YYYY-MM-DD and time HH:MM.") from failure
    body: dict[str, Any] = {
        "content": row.get("content"),
        "account_ids": [_account_id(one, mapping) for one in str(row.get("platforms") or "").split(",")],
        "scheduled_for": at.isoformat(),
        "timezone": timezone,
    }
    if row.get("media") is not None:
        if row["media"] not in files:
            raise invalid(f"Unknown media: {row['media']}.")
        body["media_ids"] = [files[row["media"]]]
    return body


def _account_id(text: str, mapping: dict[str, Any]) -> object:
    platform, plus, account_id = text.strip().partition("+")
    if plus and account_id.isdecimal():
        return int(account_id)
    if platform in mapping:
        return mapping[platform]
    raise invalid('platforms must name accounts, for example "instagram+2280".')
