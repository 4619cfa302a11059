"""The sandbox's memory: one SQLite file of documents, counters and a clock, shared by every process of a home."""

import json
import secrets
import shutil
import sqlite3
import tempfile
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

_FORMAT: Final = 1  # of the tables below; play data of another format is thrown away, not migrated
_TABLES: Final = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, document_id TEXT NOT NULL, owner TEXT NOT NULL,
    body TEXT NOT NULL, UNIQUE (kind, document_id));
CREATE INDEX documents_by_owner ON documents (kind, owner, sequence);
CREATE TABLE hits (bucket TEXT NOT NULL, at REAL NOT NULL, weight INTEGER NOT NULL);
CREATE INDEX hits_by_bucket ON hits (bucket, at);
"""
_LOCK_WAIT_SECONDS: Final = 30.0
LOWER_AND_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"

Json = dict[str, Any]


class World:
    """Everything the sandbox remembers. Safe to use from any thread, and from several processes with one home."""

    def __init__(self, home: Path | None = None, seed: int = 1) -> None:
        """Remember under `home`/sandbox, or in a folder that goes away with this object. Opened by the first use.

        `seed` decides every id and number of a new world; a world that is already there keeps its own.
        """
        self._remove = None
        if home is None:
            folder = Path(tempfile.mkdtemp(prefix="imagewright-sandbox-"))
            self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        else:
            folder = home / "sandbox"
        self.folder: Final = folder
        self._seed = seed
        self._lock = threading.Lock()  # threads queue here, which is fairer than SQLite's own polling
        self._inside = threading.local()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    @contextmanager
    def transaction(self) -> Generator["Transaction"]:
        """Everything inside happens at once or, when it raises, not at all. Write through what this gives.

        Raises RuntimeError where the thread is in a transaction already (pass that one on), or the world is closed.
        """
        if getattr(self._inside, "yes", False):
            raise RuntimeError("This thread is in a transaction of the sandbox already. Pass that one on.")
        self._inside.yes = True
        try:
            with self._lock:
                connection = self._open()
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    yield Transaction(connection)
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
        finally:
            self._inside.yes = False

    def now(self) -> datetime:
        """The world's time, UTC: the real one unless a test froze or moved it."""
        with self.transaction() as tx:
            return tx.now()

    def identity(self) -> str:
        """What tells this home's world from any other."""
        with self.transaction() as tx:
            return tx.setting("identity") or ""

    def close(self) -> None:
        """Give the files back; a world without a home goes away."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._remove is not None:
                self._remove()

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        if self._closed:
            raise RuntimeError("This world is closed.")
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "sandbox.sqlite3"
        connection = sqlite3.connect(file, _LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, self._seed)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


class Transaction:
    """One look at the world, in which nobody else writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    # Documents: a kind (`<provider>.<noun>`), an id, an owner (an account's fingerprint or nothing), a JSON object.

    def get(self, kind: str, document_id: str) -> Json | None:
        """The document, or None."""
        row = self._row("SELECT body FROM documents WHERE kind = ? AND document_id = ?", kind, document_id)
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, document_id: str, body: Json, *, owner: str = "") -> None:
        """Write a document; one that is there keeps its place in the order, and its owner unless one is given."""
        self._connection.execute(
            "INSERT INTO documents (kind, document_id, owner, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (kind, document_id) DO UPDATE SET body = excluded.body, "
            "owner = CASE excluded.owner WHEN '' THEN owner ELSE excluded.owner END",
            (kind, document_id, owner, json.dumps(body)),
        )

    def remove(self, kind: str, document_id: str | None = None) -> int:
        """Remove a document, or all of a kind; return how many there were."""
        if document_id is None:
            return self._connection.execute("DELETE FROM documents WHERE kind = ?", (kind,)).rowcount
        cursor = self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND document_id = ?", (kind, document_id)
        )
        return cursor.rowcount

    def find(
        self, kind: str, *, owner: str | None = None, newest_first: bool = False, limit: int = -1, offset: int = 0
    ) -> list[Json]:
        """The documents of a kind (and owner) in the order in which they were made."""
        direction = "DESC" if newest_first else "ASC"
        rows = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND (? IS NULL OR owner = ?) "  # noqa: S608  # one of two words
            f"ORDER BY sequence {direction} LIMIT ? OFFSET ?",
            (kind, owner, owner, limit, offset),
        )
        return [json.loads(body) for (body,) in rows]

    def count(self, kind: str, *, owner: str | None = None) -> int:
        """How many documents of a kind (and owner) there are."""
        row = self._row(
            "SELECT count(*) FROM documents WHERE kind = ? AND (? IS NULL OR owner = ?)", kind, owner, owner
        )
        return 0 if row is None else row[0]

    def keep_newest(self, kind: str, count: int) -> None:
        """Remove all but the newest `count` documents of a kind."""
        self._connection.execute(
            "DELETE FROM documents WHERE kind = ? AND sequence NOT IN "
            "(SELECT sequence FROM documents WHERE kind = ? ORDER BY sequence DESC LIMIT ?)",
            (kind, kind, count),
        )

    # Ids and numbers: the same in every world of the same seed to which the same happened.

    def number(self, purpose: str) -> int:
        """1, 2, 3 ... for each purpose."""
        row = self._row(
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            purpose,
        )
        return 0 if row is None else row[0]

    def token(self, purpose: str, length: int, alphabet: str = LOWER_AND_DIGITS) -> str:
        """The next id of a purpose, at most 40 characters of an alphabet."""
        value = int.from_bytes(self._digest(f"{purpose} {self.number(purpose)}"))
        letters = ""
        while len(letters) < length:
            value, place = divmod(value, len(alphabet))
            letters += alphabet[place]
        return letters

    def uuid(self, purpose: str) -> str:
        """The next id of a purpose in the form of a random (version 4) UUID."""
        digits = self._digest(f"{purpose} {self.number(purpose)}").hex()
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    def secret(self, purpose: str) -> bytes:
        """The world's own key for a purpose, 32 bytes, always the same."""
        return self._digest(f"secret {purpose}")

    # The clock.

    def now(self) -> datetime:
        """The world's time, UTC."""
        frozen = self.setting("clock.frozen")
        if frozen is not None:
            return datetime.fromisoformat(frozen)
        return datetime.now(UTC) + timedelta(seconds=float(self.setting("clock.offset_seconds") or 0))

    # Rate limits: what counted against a bucket, and when. See limits.py.

    def hit(self, bucket: str, weight: int = 1) -> None:
        """Count a request (or so many tokens) against a bucket, now."""
        self._connection.execute("INSERT INTO hits VALUES (?, ?, ?)", (bucket, self.now().timestamp(), weight))

    def hits_since(self, bucket: str, since: float) -> list[tuple[float, int]]:
        """When and how much counted against a bucket after `since` (unix seconds), oldest first."""
        return self._connection.execute(
            "SELECT at, weight FROM hits WHERE bucket = ? AND at > ? ORDER BY at", (bucket, since)
        ).fetchall()

    def forget_hits(self, bucket: str, before: float) -> None:
        """Forget what counted against a bucket up to a moment (unix seconds)."""
        self._connection.execute("DELETE FROM hits WHERE bucket = ? AND at <= ?", (bucket, before))

    def forget_hits_to_come(self) -> None:
        """Forget what counted at a time that is yet to come: somebody turned the clock back."""
        self._connection.execute("DELETE FROM hits WHERE at > ?", (self.now().timestamp(),))

    # Settings: single words of text.

    def setting(self, name: str) -> str | None:
        """A setting, or None."""
        row = self._row("SELECT value FROM settings WHERE name = ?", name)
        return None if row is None else row[0]

    def set_setting(self, name: str, value: str | None) -> None:
        """Set a setting, or with None take it back."""
        if value is None:
            self._connection.execute("DELETE FROM settings WHERE name = ?", (name,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def reset(self, seed: int | None = None) -> None:
        """Forget everything but who this world is and (unless another is given) its seed."""
        for table in ("documents", "counters", "hits"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # one of three words
        self._connection.execute("DELETE FROM settings WHERE name NOT IN ('identity', 'seed')")
        if seed is not None:
            self.set_setting("seed", str(seed))

    def _digest(self, text: str) -> bytes:
        return sha256(f"{self.setting('seed')} {text}".encode()).digest()

    def _row(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
        return row


def _prepare(connection: sqlite3.Connection, seed: int) -> None:
    """Make the file ready, whoever else is doing the same right now."""
    _write_ahead(connection)
    # Not every write waits for the disk: a power cut may cost the last of play money, never the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall():
                connection.execute(f'DROP TABLE "{table}"')
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            first = {"identity": secrets.token_hex(8), "seed": str(seed)}
            connection.executemany("INSERT INTO settings VALUES (?, ?)", first.items())
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log. SQLite does not wait for other processes here, so we do."""
    give_up = time.monotonic() + _LOCK_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return
