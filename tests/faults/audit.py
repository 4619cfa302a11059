"""Holds a journal against the ledger of the bank: what is written here must be what happened there."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.faults.fault import Fault
from tests.faults.ledger import Charge
from tests.faults.vault import Meeting, parts_of

_OPEN = {"unknown", "lost"}  # states of a call that may have been charged, and has no picture
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A call as the journal has it; `cost` None: not told. `held` is in millionths. `recovered`: found by a look.

    One that was `sent`, refused, and waits to be sent again is reserved as at first.
    """

    generation_id: str
    number: int
    provider: str
    state: str
    held: int
    cost: Decimal | None
    reading: str
    recovered: bool
    sent: bool

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others."""
        return self.generation_id, self.number


@dataclass(frozen=True, slots=True)
class Order:
    """A generation as the journal has it."""

    generation_id: str
    request_id: str | None
    fingerprint: str
    status: str
    delivered: bool


def rows_in(file: Path) -> list[Row]:
    """Return all calls."""
    query = "SELECT generation_id, number, provider, state, held, reading, error, sent_at FROM calls ORDER BY rowid"
    return [
        Row(
            generation_id=generation_id,
            number=number,
            provider=provider,
            state=state,
            held=held,
            cost=_cost(reading),
            reading=reading or "",
            recovered=bool(reading and error),
            sent=sent_at is not None,
        )
        for generation_id, number, provider, state, held, reading, error, sent_at in _read(file, query)
    ]


def orders_in(file: Path) -> list[Order]:
    """Return all generations, oldest first."""
    query = "SELECT generation_id, request_id, fingerprint, status, delivered_at FROM generations ORDER BY rowid"
    return [
        Order(generation_id, request_id, fingerprint, status, delivered_at is not None)
        for generation_id, request_id, fingerprint, status, delivered_at in _read(file, query)
    ]


def complaints(
    charges: Sequence[Charge], meetings: Sequence[Meeting], rows: Sequence[Row], *, at_rest: bool
) -> Iterator[str]:
    """Yield what does not fit; `at_rest` says that nothing is under way, so that every charge must be accounted for."""
    known = {row.key: row for row in rows}
    for key, number in Counter(map(call_of, charges)).items():
        if key not in known:
            yield f"{key} was charged and is in no journal"
        if number > 1:
            yield f"charged {number} times: {known.get(key)}"
    for generation_id in {row.generation_id for row in rows}:
        paid = [charge for charge in charges if call_of(charge)[0] == generation_id]
        yield from _about_generation(paid, [row for row in rows if row.generation_id == generation_id], at_rest=at_rest)
    for meeting in meetings:
        row = known.get((meeting.generation_id, meeting.number))
        if row is None or not row.sent:
            yield f"{meeting} was not noted before it was sent: {row}"
    yield from _about_resends(meetings)


def charged_twice(charges: Iterable[Charge], orders: Sequence[Order]) -> Iterator[str]:
    """Yield each request_id under which more than one generation was charged."""
    charged = {call_of(charge)[0] for charge in charges}
    paid = Counter(order.request_id for order in orders if order.request_id and order.generation_id in charged)
    yield from (f"request_id {one} was charged for {number} generations" for one, number in paid.items() if number > 1)


def over(charges: Iterable[Charge], rows: Sequence[Row], budgets: Mapping[str, Decimal]) -> Iterator[str]:
    """Yield each provider that took more than the journal holds for it, or for which it holds more than the budget."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for charge in charges:
        spent[charge.provider] += charge.amount
    for slug, most in budgets.items():
        held = Decimal(sum(row.held for row in rows if row.provider == slug)) / _MILLION
        if not spent[slug] <= held <= most:
            yield f"{slug} took {spent[slug]}, {held} is held, the budget is {most}"


def call_of(charge: Charge) -> tuple[str, int]:
    """Return the call that was charged."""
    generation_id, number, _ = parts_of(charge.idempotency_key or "")
    return generation_id, number


def _about_generation(charges: Sequence[Charge], rows: Sequence[Row], *, at_rest: bool) -> Iterator[str]:
    """Yield what does not fit in one generation.

    Its lost calls to one vendor are alike: which of them a picture that was found there goes to is all the same.
    """
    left = {call_of(charge): charge for charge in charges}
    for row in sorted(rows, key=lambda row: row.recovered):
        if row.state == "refused" and row.held:
            yield f"{row} holds something of the budget"
        if at_rest and row.state in {"reserved", "sending"}:
            yield f"{row} is at work, but nobody is"
        if row.state == "done":
            theirs = [one for one in left.values() if all(picture in row.reading for picture in one.picture_ids)]
            charge = theirs[0] if theirs and row.recovered else left.get(row.key)
            if charge not in theirs:
                yield f"{row} is done, but was not what was charged: {charge}"
            elif row.cost is not None and row.cost != charge.amount:
                yield f"{charge} is told as {row.cost}"
            if charge:
                del left[call_of(charge)]
    open_ = _OPEN if at_rest else _OPEN | {"sending"}
    unsure = Counter(row.provider for row in rows if row.state in open_)
    for slug, number in Counter(charge.provider for charge in left.values()).items():
        if number > unsure[slug]:
            yield f"{[one for one in left.values() if one.provider == slug]} is explained by none of {rows}"


def _about_resends(meetings: Sequence[Meeting]) -> Iterator[str]:
    by_call: dict[tuple[str, int], list[Fault]] = defaultdict(list)
    firsts: Counter[tuple[int, str]] = Counter()
    resends: Counter[tuple[int, str]] = Counter()
    for meeting in meetings:
        met = by_call[meeting.generation_id, meeting.number]
        (resends if met else firsts)[meeting.life, meeting.provider] += 1
        if met and len(met) >= _most(meeting.provider, met[-1]):
            yield f"{meeting} was sent {len(met) + 1} times, last after {met[-1]}"
        met.append(meeting.fault)
    for whose, number in resends.items():
        if number > 10 + 0.2 * firsts[whose]:
            yield f"{number} resends to {whose} beside {firsts[whose]} calls"


def _most(slug: str, fault: Fault) -> int:
    """Return how often a call may be sent in all that has just met this: sections 19, 20, 23 and 25 of the table."""
    own_time = fault.code is not None and "Retry-After" in fault.headers
    failed_free = slug == "heydecks" and fault.code == "generation_failed"
    if fault.status == 429:
        return 3
    return 2 if fault.status == 425 or failed_free or (fault.status == 503 and own_time) else 1


def _cost(reading: str | None) -> Decimal | None:
    told = json.loads(reading).get("cost") if reading else None
    return Decimal(told["amount"]) if told else None


def _read(file: Path, query: str) -> list[tuple[Any, ...]]:
    if not file.exists():
        return []
    with closing(sqlite3.connect(file, timeout=30)) as db:
        made = db.execute("PRAGMA user_version").fetchone()[0]
        return db.execute(query).fetchall() if made else []
