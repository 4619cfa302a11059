"""Connected social accounts: GET /accounts, one of them, its health; and the platforms' rules."""

from datetime import timedelta

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import store, times
from imagewright.sandbox.posteverywhere.connections import can_post, connected
from imagewright.sandbox.posteverywhere.envelope import missing, succeed
from imagewright.sandbox.posteverywhere.facts import MB, PLATFORMS, Platform
from imagewright.sandbox.posteverywhere.records import Account
from imagewright.sandbox.vendor import Reply

_TOKEN_DAYS = 60


def view(account: Account, identifier: str) -> dict[str, object]:
    """Return an account as GET /accounts shows it (/api/list-accounts, 2026-04)."""
    account_id = account["account_id"]
    ids: dict[str, dict[str, object]] = {
        "id": {"id": account_id},
        "account_id": {"account_id": account_id},
        "id_string": {"id": str(account_id)},
    }
    return {
        **ids.get(identifier, {"id": account_id, "account_id": account_id}),
        "platform": account["platform"],
        "account_name": account["account_name"],
        "avatar_url": None,
        "is_active": account["is_active"],
        "created_at": account["connected_at"],
        "health": {"status": "healthy" if can_post(account) else "expired", "can_post": can_post(account)},
    }


def list_accounts(call: Call) -> Reply:
    """GET /accounts."""
    identifier = call.switch("account_identifier")
    with call.world.transaction() as tx:
        found = connected(tx, call.account.fingerprint)
    return succeed(
        call,
        {"accounts": [view(one, identifier) for one in found.values()], "account_ids": list(found)},
    )


def get_account(call: Call) -> Reply:
    """GET /accounts/{account_id}."""
    account = _asked(call)
    shown = view(account, call.switch("account_identifier"))
    if account["platform"] == "pinterest":
        # posteverywhere/claude-plugin says that boards are listed here; the shape stands nowhere.
        shown["boards"] = [{"id": "9001", "name": "Launches"}, {"id": "9002", "name": "Inspiration"}]
    return succeed(call, shown)


def get_health(call: Call) -> Reply:
    """GET /accounts/{account_id}/health (/account-health, 2026-06)."""
    account = _asked(call)
    with call.world.transaction() as tx:
        now = tx.now()
        posts = store.posts(tx, call.account.fingerprint)
    good = can_post(account)
    seen = [one for post in posts for one in post["destinations"] if one["account_id"] == account["account_id"]]
    published = [one["published_at"] for one in seen if one["published_at"]]
    failed = sum(one["status"] == "failed" for one in seen)
    expires = now + timedelta(days=_TOKEN_DAYS if good else -1)
    report: dict[str, object] = {
        "account_id": account["account_id"],
        "platform": account["platform"],
        "account_name": account["account_name"],
        "platform_account_id": account["platform_account_id"],
        "status": "healthy" if good else "broken",
        "can_post": good,
        "reasons": [] if good else ["needs_reconnection", "token_expired"],
        "is_active": account["is_active"],
        "needs_reconnection": account["needs_reconnection"],
        "needs_reconnection_since": None if good else times.stamp(expires),
        "token": {
            "expires_at": times.stamp(expires),
            "last_refresh": account["connected_at"],
            "expired": not good,
            "expiring_soon": False,
        },
        "activity": {
            "last_published_at": max(published, default=None),
            "failures_last_7d": failed,
            "permanent_failures_last_7d": failed,
            "queued_count": sum(one["status"] == "queued" for one in seen),
        },
        "connected_at": account["connected_at"],
    }
    return succeed(call, report)


def _asked(call: Call) -> Account:
    asked = call.parameters["account_id"]
    with call.world.transaction() as tx:
        found = connected(tx, call.account.fingerprint)
    account = next((one for account_id, one in found.items() if str(account_id) == asked), None)
    if account is None:
        raise missing("Account")
    return account


def platform_rules(call: Call) -> Reply:
    """GET /platform-rules: names of posteverywhere/mcp 1.7.0; what image and video hold stands nowhere."""
    return succeed(call, {"platforms": {name: _rules(facts) for name, facts in PLATFORMS.items()}})


def _rules(facts: Platform) -> dict[str, object]:
    image = None if facts.image_limit_mb is None else {"maxBytes": facts.image_limit_mb * MB}
    if image is not None:
        for name, pair in (("min", facts.least_pixels), ("max", facts.most_pixels)):
            if pair is not None:
                image |= {f"{name}Width": pair[0], f"{name}Height": pair[1]}
    video = None if facts.video_limit_mb is None else {"maxBytes": facts.video_limit_mb * MB}
    return {
        "characterLimit": facts.text_limit,
        "media": {"video": video, "image": image},
        "features": list(facts.features),
    }
