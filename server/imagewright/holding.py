"""What paid calls hold in the user's budgets from before they are sent until their cost is known."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from imagewright.budgets import Budget
from imagewright.errors import BudgetError
from imagewright.models import LOCAL, Ask
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


@dataclass(frozen=True, slots=True)
class _Cap:
    """A budget that holds for a call: of all at a provider, or of one principal there."""

    budget: Budget
    principal: str | None
    left: int  # millionths; below 0 where calls cost more than they held


def hold(
    db: sqlite3.Connection,
    generation_id: str,
    ask: Ask,
    drafts: Sequence[Draft],
    budget: Budget | None,
    each: Budget | None,
    now: datetime,
) -> None:
    """Note calls with what each holds in the budget of all, and in the one that `each` principal has.

    Raises:
        BudgetError: Together they would pass one of them.
    """
    budgets = [(one, principal) for one, principal in ((budget, None), (each, ask.principal)) if one]
    caps = [_Cap(one, principal, _left(db, ask, drafts[0].provider, one, principal, now)) for one, principal in budgets]
    prices = [_price(db, ask.sandbox, draft, now) if caps else _listed(draft) for draft in drafts]
    if caps:
        if None in prices:
            # Nobody knows what it will cost: it holds all that is left, so that no other call is let in beside it.
            share, rest = divmod(max(0, *(cap.left for cap in caps)), len(prices))
            held: list[int | None] = [share + (number < rest) for number in range(len(prices))]
            asked = 0
        else:
            held, asked = prices, sum(price or 0 for price in prices)
        for cap in caps:
            if asked > cap.left or cap.left <= 0:
                if cap.principal is None and ask.principal != LOCAL:
                    raise _over_of_all(cap.budget)  # what the others spend is not for everybody to know
                raise _over(cap, drafts[0], asked, _open(db, ask, drafts[0].provider, cap, now))
        prices = held
    (first,) = db.execute("SELECT count(*) FROM calls WHERE generation_id = ?", (generation_id,)).fetchone()
    for number, (draft, price) in enumerate(zip(drafts, prices, strict=True), first):
        db.execute(
            "INSERT INTO calls (generation_id, number, day, sandbox, provider, model, count, state, price, unit, held, "
            "account, size, principal) VALUES (?, ?, ?, ?, ?, ?, ?, 'reserved', ?, ?, ?, ?, ?, ?)",
            (
                generation_id,
                number,
                stamp(now)[:10],
                ask.sandbox,
                draft.provider,
                draft.model,
                draft.count,
                str(draft.price) if draft.price is not None else None,
                draft.unit,
                price or 0,
                draft.account,
                draft.size,
                ask.principal,
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


def _left(db: sqlite3.Connection, ask: Ask, provider: str, budget: Budget, principal: str | None, now: datetime) -> int:
    return millionths(budget.amount) - _held(db, ask, provider, budget, principal, now, "")


def _open(db: sqlite3.Connection, ask: Ask, provider: str, cap: _Cap, now: datetime) -> int:
    is_open = "AND state IN ('reserved', 'sending', 'unknown')"
    return _held(db, ask, provider, cap.budget, cap.principal, now, is_open)


def _held(
    db: sqlite3.Connection,
    ask: Ask,
    provider: str,
    budget: Budget,
    principal: str | None,
    now: datetime,
    further: str,
) -> int:
    values = [ask.sandbox, provider, budget.first_day(now.date()).isoformat()]
    query = f"SELECT coalesce(sum(held), 0) FROM calls WHERE sandbox = ? AND provider = ? AND day >= ? {further}"  # noqa: S608  # our own words
    if principal is not None:
        query, values = f"{query} AND principal = ?", [*values, principal]
    (held,) = db.execute(query, values).fetchone()
    return int(held)


def _over_of_all(budget: Budget) -> BudgetError:
    return BudgetError(
        f"This would pass what may be spent there in a {budget.period}, by all together. Nothing was sent. Ask for "
        f"less, use another provider, or wait for the next {budget.period} (UTC)."
    )


def _over(cap: _Cap, draft: Draft, asked: int, held: int) -> BudgetError:
    name = f"IMAGEWRIGHT_{draft.provider.upper()}_BUDGET"
    of_whom, name = ("your", f"{name}_EACH") if cap.principal is not None else ("the", name)
    kept = (
        f" {from_millionths(held):f} are held for calls without an outcome: see `imagewright recover`." if held else ""
    )
    costs = f"needs about {from_millionths(asked):f} {draft.unit}, and" if asked else "has no known price, and"
    budget, left = cap.budget, from_millionths(max(cap.left, 0))
    return BudgetError(
        f"This {costs} {left:f} of {of_whom} budget of {budget.amount:f} {draft.unit} a {budget.period} is left.{kept} "
        f"Nothing was sent. Ask for less, wait for the next {budget.period} (UTC), or raise {name} and start the "
        f"server again."
    )
