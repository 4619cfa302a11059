"""How generations and their calls lie in SQLite: the tables, and the way from values to rows and back."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any

from pydantic import TypeAdapter

from imagewright.models import Ask, Call, Entry, Generation, Plan, Reading, T, Tally

# Applied in order, each once: `user_version` counts them. Never change one that has been released; add another.
MIGRATIONS: Sequence[str] = (
    """
    CREATE TABLE generations (
        generation_id TEXT PRIMARY KEY, at TEXT NOT NULL, provider TEXT NOT NULL, pictures TEXT NOT NULL) STRICT;
    CREATE INDEX generations_by_time ON generations (at);
    CREATE TABLE imports (
        library TEXT NOT NULL, sha256 TEXT NOT NULL, media_id TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (library, sha256)) STRICT;
    """,
    # Calls are noted one by one, before they are sent. `held` is what a call weighs in the budget, in millionths.
    """
    ALTER TABLE generations RENAME TO older;
    DROP INDEX generations_by_time;
    CREATE TABLE generations (
        generation_id TEXT PRIMARY KEY, at TEXT NOT NULL, principal TEXT NOT NULL, sandbox INTEGER NOT NULL,
        request_id TEXT, fingerprint TEXT NOT NULL, ask TEXT NOT NULL, plan TEXT NOT NULL, status TEXT NOT NULL,
        owner TEXT, delivered_at TEXT, result TEXT, error TEXT, checked TEXT) STRICT;
    CREATE INDEX generations_by_time ON generations (at);
    CREATE INDEX generations_by_fingerprint ON generations (fingerprint);
    CREATE INDEX generations_at_work ON generations (status) WHERE status IN ('running', 'unknown');
    CREATE UNIQUE INDEX generations_by_request_id ON generations (principal, sandbox, request_id)
        WHERE request_id IS NOT NULL AND status <> 'refused';
    CREATE TABLE calls (
        generation_id TEXT NOT NULL REFERENCES generations, number INTEGER NOT NULL, day TEXT NOT NULL,
        sandbox INTEGER NOT NULL, provider TEXT NOT NULL, model TEXT, count INTEGER NOT NULL, state TEXT NOT NULL,
        price TEXT, unit TEXT NOT NULL, held INTEGER NOT NULL, sent_at TEXT, ended_at TEXT, status INTEGER,
        trace_id TEXT, tally TEXT, reading TEXT, error TEXT, answer BLOB, account TEXT NOT NULL,
        PRIMARY KEY (generation_id, number)) STRICT;
    CREATE INDEX calls_by_day ON calls (sandbox, provider, day, state, model, count, held, price);
    CREATE INDEX calls_by_trace ON calls (provider, trace_id) WHERE trace_id IS NOT NULL;
    CREATE TABLE links (
        url TEXT NOT NULL, generation_id TEXT NOT NULL REFERENCES generations, PRIMARY KEY (url, generation_id)
        ) STRICT, WITHOUT ROWID;
    INSERT INTO generations
        SELECT generation_id, at, 'local', 0, NULL, generation_id,
            json_object('request', json_object('prompt', ''), 'provider', provider),
            json_object('provider', provider, 'request', json_object('prompt', ''), 'warnings', json('[]'), 'why', ''),
            'done', NULL, at,
            json_object('generation_id', generation_id, 'status', 'done', 'provider', provider,
                'provider_name', provider, 'model', NULL, 'requested', json_array_length(pictures), 'calls', 1,
                'why', '', 'pictures', json(pictures)),
            NULL, NULL
        FROM older;
    INSERT OR IGNORE INTO links
        SELECT part.value, generation_id FROM older, json_tree(older.pictures) AS part WHERE part.key = 'url'
            AND part.value IS NOT NULL;
    DROP TABLE older;
    """,
    # A size that was asked for has a price of its own.
    "ALTER TABLE calls ADD COLUMN size TEXT;",
    # Picture files that are kept, those that are wanted, and those that are on posts which have still to go out.
    """
    CREATE TABLE files (
        sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL, content_type TEXT NOT NULL, width INTEGER, height INTEGER,
        c2pa INTEGER NOT NULL, kept_at TEXT NOT NULL) STRICT;
    CREATE INDEX files_by_age ON files (kept_at);
    CREATE TABLE copies (
        generation_id TEXT NOT NULL REFERENCES generations, url TEXT NOT NULL, picture INTEGER NOT NULL,
        format TEXT NOT NULL, claimed TEXT, expires_at TEXT, state TEXT NOT NULL, next_at TEXT,
        tries INTEGER NOT NULL DEFAULT 0, problem TEXT, sha256 TEXT, PRIMARY KEY (generation_id, url)) STRICT;
    CREATE INDEX copies_waiting ON copies (next_at) WHERE state = 'waiting';
    CREATE INDEX copies_by_file ON copies (sha256) WHERE sha256 IS NOT NULL;
    CREATE TABLE posted (
        post TEXT NOT NULL, sha256 TEXT NOT NULL, until TEXT, PRIMARY KEY (post, sha256)) STRICT, WITHOUT ROWID;
    CREATE INDEX posted_files ON posted (sha256);
    """,
    # What each principal spends is summed up before each call: joined with `generations`, a busy month takes 0.2 s.
    """
    ALTER TABLE calls ADD COLUMN principal TEXT NOT NULL DEFAULT 'local';
    UPDATE calls SET principal = (SELECT principal FROM generations AS of_it
        WHERE of_it.generation_id = calls.generation_id);
    CREATE INDEX calls_by_principal ON calls (sandbox, provider, principal, day, state, held);
    """,
)

ENTRY = "generation_id, at, status, ask, plan, owner, delivered_at, result, error, checked"
CALL = "number, provider, model, count, state, price, unit, sent_at, ended_at, trace_id, tally, reading, error, account"
_MILLION = 1_000_000
_UNREADABLE = (ValueError, ArithmeticError)  # of pydantic, json and datetime; of Decimal


class BrokenRowError(Exception):
    """A row holds what nobody wrote there."""


def fingerprint(ask: Ask) -> str:
    """Return what tells an asking from every other, its request_id aside."""
    asked = [ask.principal, ask.sandbox, ask.provider, json.loads(dump(ask.request))]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def entry_of(row: Sequence[Any], calls: Sequence[Call]) -> Entry:
    """Return the generation in a row of the columns `ENTRY`.

    Raises:
        BrokenRowError: It holds something else.
    """
    generation_id, at, status, ask, plan, owner, delivered_at, result, error, checked = row
    try:
        return Entry(
            generation_id=generation_id,
            at=datetime.fromisoformat(at),
            status=status,
            ask=load(Ask, ask),
            plan=load(Plan, plan),
            calls=tuple(calls),
            owner=owner,
            delivered=delivered_at is not None,
            result=load(Generation, result) if result is not None else None,
            error=json.loads(error) if error is not None else None,
            checked=checked,
        )
    except _UNREADABLE as problem:
        raise BrokenRowError from problem


def calls_of(db: sqlite3.Connection, generation_id: str) -> list[Call]:
    """Return the calls of a generation in order."""
    rows = db.execute(f"SELECT {CALL} FROM calls WHERE generation_id = ? ORDER BY number", (generation_id,))  # noqa: S608  # our own column names
    return [call_of(row) for row in rows]


def call_of(row: Sequence[Any]) -> Call:
    """Return the call in a row of the columns `CALL`.

    Raises:
        BrokenRowError: It holds something else.
    """
    number, provider, model, count, state, price, unit, sent_at, ended_at, trace_id, tally, reading, error, account = (
        row
    )
    try:
        return Call(
            number=number,
            provider=provider,
            model=model,
            count=count,
            state=state,
            price=Decimal(price) if price is not None else None,
            unit=unit,
            sent_at=datetime.fromisoformat(sent_at) if sent_at is not None else None,
            ended_at=datetime.fromisoformat(ended_at) if ended_at is not None else None,
            trace_id=trace_id,
            tally=load(Tally, tally) if tally is not None else None,
            reading=load(Reading, reading) if reading is not None else None,
            error=json.loads(error) if error is not None else None,
            account=account,
        )
    except _UNREADABLE as problem:
        raise BrokenRowError from problem


def dump(value: object) -> str:
    """Return a value of `models` as JSON."""
    return _adapter(type(value)).dump_json(value, exclude_defaults=True).decode()


def load(kind: type[T], text: str) -> T:
    """Return the value that `dump` wrote.

    Raises:
        pydantic.ValidationError: It holds something else.
    """
    return _adapter(kind).validate_json(text)


def facts(error: Mapping[str, object] | None) -> str | None:
    """Return the facts of an error as JSON."""
    return json.dumps(error) if error else None


def millionths(amount: Decimal) -> int:
    """Return an amount of money as a whole number that a budget can be summed up from; never less than it is."""
    return int((amount * _MILLION).to_integral_value(ROUND_CEILING))


def from_millionths(number: int) -> Decimal:
    """Return the amount that `millionths` wrote, without zeros at its end."""
    amount = (Decimal(number) / _MILLION).normalize()
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


def stamp(moment: datetime) -> str:
    """Return a moment as the journal writes it: UTC, sortable as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    # Made with the first use: together they take longer than the way to the first answer may.
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
