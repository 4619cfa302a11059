"""What is asked of the journal's tables: plain functions of a connection, inside a transaction of the caller's."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from imagewright.errors import RequestIdError
from imagewright.models import Ask, Copy, Entry, Picture, Spent
from imagewright.rows import CALL, ENTRY, call_of, calls_of, entry_of, fingerprint, from_millionths, stamp
from imagewright.text import quote


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What else went on at a provider while the calls of one generation were under way."""

    rivals: int  # unresolved calls of other generations, without a trace of their own
    spent: Decimal | None  # by calls of other generations; None if some of it is not known
    spent_at_least: Decimal  # of that, by calls that began in the span


@dataclass(frozen=True, slots=True)
class Remains:
    """What is kept of a call beside its outcome: what it weighs in the budget, and an answer that could not be read."""

    held: Decimal  # in the provider's unit
    answer: bytes  # as it came; empty for none


@dataclass(frozen=True, slots=True)
class Standing:
    """How much is open: generations at work and of unknown outcome, and copies of pictures that are to be fetched."""

    running: int
    unknown: int
    copies_waiting: int


def standing(db: sqlite3.Connection, *, sandbox: bool) -> Standing:
    """Return how much is open, in the sandbox or at the real providers; partial indices answer it."""
    query = "SELECT status, count(*) FROM generations WHERE status IN ('running', 'unknown') AND sandbox = ? GROUP BY 1"
    found: dict[str, int] = dict(db.execute(query, (sandbox,)).fetchall())
    query = "SELECT count(*) FROM copies JOIN generations USING (generation_id) WHERE state = 'waiting' AND sandbox = ?"
    (waiting,) = db.execute(query, (sandbox,)).fetchone()
    return Standing(found.get("running", 0), found.get("unknown", 0), waiting)


def repeated(db: sqlite3.Connection, ask: Ask) -> Entry | None:
    """Return the generation that an asking is a repetition of; see `Journal.find`.

    Raises:
        RequestIdError: The request_id was given to other arguments.
    """
    mark = fingerprint(ask)
    if ask.request_id:
        query = (
            "SELECT generation_id, fingerprint FROM generations "
            "WHERE principal = ? AND sandbox = ? AND request_id = ? AND status <> 'refused'"
        )
        found = db.execute(query, (ask.principal, ask.sandbox, ask.request_id)).fetchone()
        if found and found[1] != mark:
            raise RequestIdError(
                f"request_id {quote(ask.request_id, 128)} belongs to a call with other arguments ({found[0]}). "
                f"Nothing was sent. Repeat that call as it was, or choose another request_id."
            )
    else:
        query = (
            "SELECT generation_id FROM generations WHERE fingerprint = ? AND status <> 'refused' "
            "AND (status IN ('running', 'unknown') OR delivered_at IS NULL) ORDER BY at DESC, rowid DESC LIMIT 1"
        )
        found = db.execute(query, (mark,)).fetchone()
    return entry_in(db, found[0]) if found else None


def entry_in(db: sqlite3.Connection, generation_id: str) -> Entry:
    """Return a generation that is there, with its calls."""
    row = db.execute(f"SELECT {ENTRY} FROM generations WHERE generation_id = ?", (generation_id,)).fetchone()  # noqa: S608  # our own column names
    return entry_of(row, calls_of(db, generation_id))


def remains_of(db: sqlite3.Connection, generation_id: str) -> dict[int, Remains]:
    """Return by number what is kept of the calls of a generation."""
    query = "SELECT number, held, answer FROM calls WHERE generation_id = ?"
    rows = db.execute(query, (generation_id,)).fetchall()
    return {number: Remains(from_millionths(held), answer or b"") for number, held, answer in rows}


def link(db: sqlite3.Connection, generation_id: str, pictures: Sequence[Picture]) -> None:
    """Note under which URLs a generation's pictures were returned."""
    for picture in pictures:
        for url in {picture.url, *(variant.url for variant in picture.variants)} - {None}:
            db.execute("INSERT OR IGNORE INTO links VALUES (?, ?)", (url, generation_id))


def want(db: sqlite3.Connection, generation_id: str, copies: Sequence[Copy], until: datetime) -> None:
    """Note copies that are to be kept; until then, whoever notes this is at work on them."""
    # What was found later may stand before what was known: the place of a picture can change, its URL does not.
    query = (
        "INSERT INTO copies (generation_id, url, picture, format, claimed, expires_at, state, next_at) "
        "VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?) ON CONFLICT DO UPDATE SET picture = excluded.picture"
    )
    rows = [
        (generation_id, one.url, one.position, one.format, one.claimed, one.expires_at, stamp(until)) for one in copies
    ]
    db.executemany(query, rows)


def hashes(db: sqlite3.Connection, generation_id: str) -> dict[int, str]:
    """Return the file that the library has of each picture of a generation, by its place from 1."""
    query = "SELECT picture, sha256 FROM copies WHERE generation_id = ? AND sha256 IS NOT NULL ORDER BY rowid DESC"
    return dict(db.execute(query, (generation_id,)).fetchall())


def meanwhile(
    db: sqlite3.Connection, provider: str, generation_id: str, since: datetime, until: datetime, *, sandbox: bool
) -> Meanwhile:
    """Return what other generations had under way at a provider in a span of time."""
    first_day = stamp(since - timedelta(days=1))[:10]
    query = (
        f"SELECT {CALL} FROM calls WHERE sandbox = ? AND provider = ? AND day >= ? AND generation_id <> ? "  # noqa: S608  # our own column names
        "AND sent_at IS NOT NULL AND sent_at <= ? AND coalesce(ended_at, '9') >= ?"
    )
    values = (sandbox, provider, first_day, generation_id, stamp(until), stamp(since))
    calls = [call_of(row) for row in db.execute(query, values)]
    rivals = sum(1 for call in calls if call.state in {"sending", "unknown"} and not call.trace_id)
    counted = [call for call in calls if call.state != "refused"]
    costs = [(call, call.reading.cost.amount) for call in counted if call.reading and call.reading.cost]
    spent = sum((cost for _, cost in costs), Decimal(0)) if len(costs) == len(counted) else None
    began = (cost for call, cost in costs if call.sent_at and call.sent_at >= since)
    return Meanwhile(rivals, spent, sum(began, Decimal(0)))


def spent_since(db: sqlite3.Connection, first_day: date, principal: str) -> list[Spent]:
    """Return a row for each day, provider and model, newest day first, of one principal or, with "", of all."""
    query = (
        "SELECT day, provider, model, unit, sandbox, count(*), sum(count), group_concat(price), "
        "sum(CASE WHEN state IN ('done', 'lost') THEN held ELSE 0 END), "
        "sum(CASE WHEN state IN ('reserved', 'sending', 'unknown') THEN held ELSE 0 END) "
        "FROM calls WHERE day >= ? AND state <> 'refused' AND ? IN ('', principal) "
        "GROUP BY day, provider, model, unit, sandbox ORDER BY day DESC, provider, model"
    )
    rows = db.execute(query, (first_day.isoformat(), principal)).fetchall()
    return [
        Spent(
            day=day,
            provider=provider,
            model=model,
            unit=unit,
            calls=calls,
            pictures=pictures,
            estimated=sum((Decimal(one) for one in (prices or "").split(",") if one), Decimal(0)),
            paid=from_millionths(paid),
            held=from_millionths(held),
            sandbox=bool(sandbox),
        )
        for day, provider, model, unit, sandbox, calls, pictures, prices, paid, held in rows
    ]
