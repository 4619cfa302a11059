"""The workspace behind a key: how it starts, what the key may do, how often; and GET /me."""

from datetime import timedelta
from decimal import Decimal

from imagewright.sandbox.accounts import Opening
from imagewright.sandbox.call import Call
from imagewright.sandbox.limits import Reading, Window, take
from imagewright.sandbox.posteverywhere import connections, store, times
from imagewright.sandbox.posteverywhere.envelope import succeed
from imagewright.sandbox.posteverywhere.facts import (
    BONUS_CREDITS,
    PLAN,
    PLAN_ACCOUNTS,
    PLAN_CREDITS,
    PLAN_SEATS,
    PLAN_STORAGE,
)
from imagewright.sandbox.vendor import Refused, Reply
from imagewright.sandbox.world import Transaction

_IDENTITY = "posteverywhere.identity"
_ALL_SCOPES = ("read", "write", "ai")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

# Keys are hexadecimal, so are the marks: the first four digits after pe_live_.
MARKS = {
    "0401": "revoked: every request answers 401",
    "0402": "no subscription: every request but GET /me answers 402",
    "0403": "no ai scope",
    "0405": "read scope only",
    "0000": "no AI credits",
    "0003": "3 AI credits, as in the documented 402",
    "0429": "5 requests a minute",
}

# posteverywhere/sdk README (2026-04) and posteverywhere/mcp README (2026-08).
_HOURLY = Window(1000, _HOUR)
_AI_WINDOWS = (Window(60, _HOUR),)
_POST_WINDOWS = (Window(60, _MINUTE), Window(200, _HOUR), Window(1000, _DAY))


def opening(key: str) -> Opening:
    """Return how the workspace of a key starts; the MARKS make poor ones."""
    mark = key.removeprefix("pe_live_")[:4]
    balance = {"0000": 0, "0003": 3}.get(mark, PLAN_CREDITS + BONUS_CREDITS)
    scopes = {"0403": ("read", "write"), "0405": ("read",)}.get(mark, _ALL_SCOPES)
    return Opening(
        Decimal(balance),
        "credits",
        {
            "revoked": mark == "0401",
            "subscription_status": "canceled" if mark == "0402" else "active",
            "scopes": list(scopes),
            "requests_per_minute": 5 if mark == "0429" else 60,
            "ai_requests_per_hour": _AI_WINDOWS[0].limit,
            "key_prefix": key[:12],
        },
    )


def arrive(call: Call) -> None:
    """Put the rate headers on every answer, also on those that no key belongs to."""
    if call.path.startswith("/api/"):
        _show(call, Reading(Window(60, _MINUTE), 0, _MINUTE, 0, call.world.now().timestamp() + _MINUTE))


def admit(call: Call) -> None:
    """Refuse what the key may not do.

    Raises:
        Refused: Too many requests, no subscription, or a scope is missing.
    """
    account, path = call.account, call.path
    general = (Window(account.facts["requests_per_minute"], _MINUTE), _HOURLY)
    limit(call, "requests", general, show=True)
    if path != "/api/v1/me" and account.facts["subscription_status"] not in {"active", "trialing"}:
        # posteverywhere-python README, 2026-09; the code stands on no page seen.
        raise Refused(402, "payment_required", "No active subscription. Subscribe at posteverywhere.ai.")
    scope = "ai" if path.startswith("/api/v1/ai/") else "read" if call.method == "GET" else "write"
    if scope not in account.facts["scopes"]:
        status = int(call.switch("missing_scope_status"))
        code = "unauthorized" if status == 401 else "forbidden"  # noqa: PLR2004  # the switch's own words
        raise Refused(status, code, f'This API key lacks the "{scope}" scope.')
    if scope == "ai":
        limit(call, "ai", (Window(account.facts["ai_requests_per_hour"], _HOUR),))


def limit_posts(call: Call, *, in_future: bool) -> None:
    """Count a post; one that is scheduled passes by the window of a minute (posteverywhere/sdk README)."""
    limit(call, "posts", _POST_WINDOWS[1:] if in_future else _POST_WINDOWS)


def limit(call: Call, bucket: str, windows: tuple[Window, ...], *, show: bool = False) -> None:
    """Count this request against a bucket of the key.

    Raises:
        Refused: One of the windows is full.
    """
    code = call.switch("rate_limit_code")
    with call.world.transaction() as tx:
        readings = take(tx, f"posteverywhere:{bucket}:{call.account.fingerprint}", windows)
    # Which window the headers describe is not documented; the sample shows the limit of a minute.
    if show:
        _show(call, readings[0])
    full = next((reading for reading in readings if reading.refused), None)
    if full is not None:
        _show(call, full)
        wait = full.retry_after
        raise Refused(
            429, code, f"Rate limit exceeded. Retry after {wait} seconds.", headers={"Retry-After": str(wait)}
        )


def _show(call: Call, reading: Reading) -> None:
    call.reply_headers["X-RateLimit-Limit"] = str(reading.window.limit)
    call.reply_headers["X-RateLimit-Remaining"] = str(reading.remaining)
    call.reply_headers["X-RateLimit-Reset"] = str(int(reading.resets_at))


def me(call: Call) -> Reply:
    """GET /me: developers.posteverywhere.ai/introspection, 2026-06."""
    account = call.account
    with call.world.transaction() as tx:
        now = tx.now()
        posts = store.posts(tx, account.fingerprint)
        stored = sum(one["size"] for one in store.files(tx, account.fingerprint))
        connected = len(connections.connected(tx, account.fingerprint))
        ids = _identity(tx, account.fingerprint)
    month_ago = times.stamp(now - timedelta(days=30))
    left = int(account.balance)
    used = min(max(PLAN_CREDITS + BONUS_CREDITS - left, 0), PLAN_CREDITS)
    status = account.facts["subscription_status"]
    return succeed(
        call,
        {
            "api_key": {
                "id": ids["key"],
                "key_prefix": account.facts["key_prefix"],
                "name": "Sandbox key",
                "scopes": account.facts["scopes"],
                "last_used_at": times.stamp(now),
                "created_at": "2026-01-15T10:00:00.000Z",
                "expires_at": None,
            },
            "scopes": account.facts["scopes"],
            "user": {"id": 8476, "email": "sandbox@example.com", "name": "Sandbox"},
            "organization": {
                "id": ids["organization"],
                "name": "Sandbox",
                "subscription_plan": PLAN,
                "subscription_status": status,
                "subscription_source": "stripe",
                "trial_end": None,
                "current_period_end": times.stamp(times.next_month(now)),
                "cancel_at_period_end": False,
                "entitled": status in {"active", "trialing"},
            },
            "workspace": {"id": ids["workspace"], "name": "Sandbox"},
            "quota": {
                "accounts": {"used": connected, "limit": PLAN_ACCOUNTS},
                "ai_credits": {"used": used, "limit": PLAN_CREDITS, "bonus": left - (PLAN_CREDITS - used)},
                "storage_bytes": {"used": stored, "limit": PLAN_STORAGE},
                "team_seats": {"limit": PLAN_SEATS},
            },
            "stats": {"posts_last_30d": sum(one["created_at"] > month_ago for one in posts), "total_posts": len(posts)},
        },
    )


def _identity(tx: Transaction, owner: str) -> dict[str, str]:
    kept = tx.get(_IDENTITY, owner)
    if kept is None:
        kept = {name: tx.uuid(_IDENTITY) for name in ("key", "organization", "workspace")}
        tx.put(_IDENTITY, owner, kept, owner=owner)
    return kept
