"""What paid calls hold in the user's budgets from before they are sent until their cost is known."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from imagewright.budgets import Budget
from imagewright.errors import BudgetError
from imagewright.rows import from_millionths, millionths, stamp

_PRICE_DAYS = timedelta(days=60)  # how far back the prices of earlier calls tell something


@dataclass(frozen=True, slots=True)
class Draft:
    """A paid call that is about to be reserved; `price` is None where no source says what it costs, and is held in the
    budget `margin` times."""

    provider: str
    model: str | None
    count: int
    price: Decimal | None
    unit: str
    margin: Decimal = Decimal(1)
    account: str = ""  # whose money it is, as `Door.account` marks it
    size: str | None = None  # as it is asked for; None is the vendor's default


def hold(
    db: sqlite3.Connection,
    generation_id: str,
    sandbox: bool,
    drafts: Sequence[Draft],
    budget: Budget | None,
    now: datetime,
) -> None:
    """Note calls with what each holds in the budget.

    Raises:
        BudgetError: Together they would pass it.
    """
    prices = [_price(db, sandbox, draft, now) if budget else _listed(draft) for draft in drafts]
    if budget:
        left = millionths(budget.amount) - _weight(db, sandbox, drafts[0].provider, budget, now)
        if None in prices:
            # Nobody knows what it will cost: it holds all that is left, so that no other call is let in beside it.
            share, rest = divmod(max(left, 0), len(prices))
            prices = [share + (number < rest) for number in range(len(prices))]
        asked = sum(price or 0 for price in prices)
        if asked > left or left <= 0:
            raise _over(budget, drafts[0], asked, left, _open(db, sandbox, drafts[0].provider, budget, now))
    (first,) = db.execute("SELECT count(*) FROM calls WHERE generation_id = ?", (generation_id,)).fetchone()
    for number, (draft, price) in enumerate(zip(drafts, prices, strict=True), first):
        db.execute(
            "INSERT INTO calls (generation_id, number, day, sandbox, provider, model, count, state, price, unit, held, "
            "account, size) VALUES (?, ?, ?, ?, ?, ?, ?, 'reserved', ?, ?, ?, ?, ?)",
            (
                generation_id,
                number,
                stamp(now)[:10],
                sandbox,
                draft.provider,
                draft.model,
                draft.count,
                str(draft.price) if draft.price is not None else None,
                draft.unit,
                price or 0,
                draft.account,
                draft.size,
            ),
        )


def _price(db: sqlite3.Connection, sandbox: bool, draft: Draft, now: datetime) -> int | None:
    """Return what a call is to hold: its price, or more where an earlier call of that kind cost more."""
    # One without a price whose cost was never told still weighs all that was left then, which is no price.
    # What counts is the price of a picture that was delivered: fewer than asked for may have cost less together.
    query = (
        "SELECT max((held + brought - 1) / brought) FROM ("
        "SELECT held, coalesce(nullif(json_array_length(reading, '$.pictures'), 0), count) AS brought FROM calls "
        "WHERE sandbox = ? AND provider = ? AND day >= ? AND state = 'done' AND model IS ? AND size IS ? "
        "AND held > 0 "
        "AND (price IS NOT NULL OR json_extract(reading, '$.cost') IS NOT NULL) "
        "ORDER BY day DESC LIMIT 200)"
    )
    values = (sandbox, draft.provider, stamp(now - _PRICE_DAYS)[:10], draft.model, draft.size)
    (dearest,) = db.execute(query, values).fetchone()
    known = [price for price in (_listed(draft), dearest * draft.count if dearest else None) if price is not None]
    return max(known, default=None)


def _listed(draft: Draft) -> int | None:
    return None if draft.price is None else millionths(draft.price * draft.margin)


def _weight(db: sqlite3.Connection, sandbox: bool, provider: str, budget: Budget, now: datetime) -> int:
    query = "SELECT coalesce(sum(held), 0) FROM calls WHERE sandbox = ? AND provider = ? AND day >= ?"
    first_day = budget.first_day(now.date()).isoformat()
    (weight,) = db.execute(query, (sandbox, provider, first_day)).fetchone()
    return int(weight)


def _open(db: sqlite3.Connection, sandbox: bool, provider: str, budget: Budget, now: datetime) -> int:
    query = (
        "SELECT coalesce(sum(held), 0) FROM calls WHERE sandbox = ? AND provider = ? AND day >= ? "
        "AND state IN ('reserved', 'sending', 'unknown')"
    )
    (held,) = db.execute(query, (sandbox, provider, budget.first_day(now.date()).isoformat())).fetchone()
    return int(held)


def _over(budget: Budget, draft: Draft, asked: int, left: int, held: int) -> BudgetError:
    kept = (
        f" {from_millionths(held):f} are held for calls without an outcome: see `imagewright recover`." if held else ""
    )
    costs = f"needs about {from_millionths(asked):f} {draft.unit}, and" if asked else "has no known price, and"
    return BudgetError(
        f"This {costs} {from_millionths(max(left, 0)):f} of the budget of {budget.amount:f} {draft.unit} a "
        f"{budget.period} is left.{kept} Nothing was sent. Ask for less, wait for the next {budget.period} (UTC), or "
        f"raise IMAGEWRIGHT_{draft.provider.upper()}_BUDGET and start the server again."
    )
