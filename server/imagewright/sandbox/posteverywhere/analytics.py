"""GET /analytics/summary: what a workspace published in a period."""

from datetime import datetime, timedelta
from decimal import Decimal

from imagewright.sandbox.accounts import LEDGER
from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, store, times
from imagewright.sandbox.posteverywhere.envelope import invalid, succeed
from imagewright.sandbox.posteverywhere.facts import BONUS_CREDITS
from imagewright.sandbox.posteverywhere.records import Post, status_of
from imagewright.sandbox.vendor import Reply

_PERIODS = ("today", "week", "month", "all", "custom")
_DAYS = {"week": 7, "month": 30}
_METRICS = ("views", "likes", "comments", "shares", "impressions", "clicks")
_STATUSES = ("scheduled", "publishing", "published", "partially_failed", "failed", "draft")


def get_summary(call: Call) -> Reply:
    """GET /analytics/summary (posteverywhere/mcp 1.3.0). Nobody looks at the sandbox's posts: all metrics are 0."""
    asked = fields.query(call, ("period", "from", "to"))
    period = fields.word(asked, "period", _PERIODS, "month") or ""
    start, end = fields.instant(asked, "from"), fields.instant(asked, "to")
    if period == "custom" and (start is None or end is None):
        raise invalid("from and to are required when period is custom.")
    with call.world.transaction() as tx:
        now = tx.now()
        posts = store.posts(tx, call.account.fingerprint)
        booked = tx.find(LEDGER, owner=call.vendor.slug)
    if period != "custom":
        start, end = _start(period, now), now
    since, until = times.stamp(start) if start else "", times.stamp(end or now)
    inside = [one for one in posts if since <= one["created_at"] <= until]
    spent = [
        Decimal(one["amount"])
        for one in booked
        if one["fingerprint"] == call.account.fingerprint
        and one["reason"].startswith("generate")
        and since <= times.stamp(datetime.fromisoformat(one["at"])) <= until
    ]
    data = {
        "period": period,
        "from": since or None,
        "to": until,
        "posts": {name: sum(status_of(one) == name for one in inside) for name in _STATUSES},
        "by_platform": _by_platform(inside),
        "metrics": dict.fromkeys(_METRICS, 0),
        "ai_credits": {"used_this_period": -int(sum(spent)), "bonus": BONUS_CREDITS},
    }
    return succeed(call, data)


def _start(period: str, now: datetime) -> datetime | None:
    if period == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now - timedelta(days=_DAYS[period]) if period in _DAYS else None


def _by_platform(posts: list[Post]) -> list[dict[str, object]]:
    seen = [one for post in posts for one in post["destinations"]]
    return [
        {
            "platform": platform,
            "published": sum(one["platform"] == platform and one["status"] == "published" for one in seen),
            "failed": sum(one["platform"] == platform and one["status"] == "failed" for one in seen),
        }
        for platform in dict.fromkeys(one["platform"] for one in seen)
    ]
