"""The social accounts of a workspace as they are kept: the sandbox's own, and those connected since."""

from typing import cast

from imagewright.sandbox.posteverywhere.records import Account
from imagewright.sandbox.world import Json, Transaction

ACCOUNT = "posteverywhere.social_account"
_CONNECTED_AT = "2026-01-15T10:00:00.000Z"
_FIRST_ID = 2280  # the samples' Instagram account

# One account on each platform, and one whose token has run out: a post to it is taken and then fails.
_SEEDS = (
    ("instagram", "@mybrand"),
    ("x", "@mybrand"),
    ("facebook", "My Brand"),
    ("tiktok", "@mybrand"),
    ("youtube", "My Brand"),
    ("linkedin", "My Brand Inc."),
    ("threads", "@mybrand"),
    ("pinterest", "mybrand"),
    ("bluesky", "mybrand.bsky.social"),
    ("telegram", "@mybrand_news"),
    ("discord", "#announcements"),
    ("wordpress", "My Brand Blog"),
)
_EXPIRED = ("facebook", "My Old Page")


def connected(tx: Transaction, owner: str) -> dict[int, Account]:
    """Return the accounts of a workspace by their id; the first look connects the sandbox's own."""
    if not tx.count(ACCOUNT, owner=owner):
        for platform, name in _SEEDS:
            add(tx, owner, platform, name, connected_at=_CONNECTED_AT)
        add(tx, owner, *_EXPIRED, connected_at=_CONNECTED_AT, needs_reconnection=True)
    found = [cast("Account", one) for one in tx.find(ACCOUNT, owner=owner)]
    return {one["account_id"]: one for one in found}


def add(
    tx: Transaction, owner: str, platform: str, name: str, *, connected_at: str, needs_reconnection: bool = False
) -> Account:
    """Connect an account."""
    account_id = _FIRST_ID + tx.count(ACCOUNT, owner=owner)
    account = Account(
        account_id=account_id,
        platform=platform,
        account_name=name,
        platform_account_id=str(17_841_400_000_000_000 + account_id),
        is_active=True,
        needs_reconnection=needs_reconnection,
        connected_at=connected_at,
    )
    save(tx, owner, account)
    return account


def save(tx: Transaction, owner: str, account: Account) -> None:
    """Write an account down."""
    tx.put(ACCOUNT, f"{owner}:{account['account_id']}", cast("Json", account), owner=owner)


def can_post(account: Account) -> bool:
    """Tell whether a post to the account would be published."""
    return account["is_active"] and not account["needs_reconnection"]
