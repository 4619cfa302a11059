"""What was generated and what was imported where, in one SQLite file that every server of this user shares."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import anyio.to_thread
from pydantic import TypeAdapter, ValidationError

from imagewright.errors import SettingsError
from imagewright.models import Generation, Picture, T

_LOCK_WAIT_SECONDS = 30.0

# Applied in order, each once: `user_version` counts them. Never change one that has been released; add another.
_MIGRATIONS: Sequence[str] = (
    """
    CREATE TABLE generations (
        generation_id TEXT PRIMARY KEY, at TEXT NOT NULL, provider TEXT NOT NULL, pictures TEXT NOT NULL) STRICT;
    CREATE INDEX generations_by_time ON generations (at);
    CREATE TABLE imports (
        library TEXT NOT NULL, sha256 TEXT NOT NULL, media_id TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (library, sha256)) STRICT;
    """,
)


class Journal:
    """Keeps generations and imports under a data folder; the file is made by the first use."""

    def __init__(self, home: Path) -> None:
        """Remember where; nothing is opened yet."""
        self._path = home / "journal.sqlite3"

    async def keep(self, generation: Generation) -> None:
        """Keep what a generation brought, so that another process can use its pictures by id.

        Raises:
            SettingsError: The file cannot be used, here as in every method.
        """
        pictures = _pictures().dump_json(generation.pictures).decode()
        row = (generation.generation_id, _now(), generation.provider, pictures)
        await self._do(lambda db: db.execute("INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?)", row))

    async def pictures(self, generation_id: str) -> tuple[str, tuple[Picture, ...]] | None:
        """Return the provider and the pictures of a generation, or None if this user has none of that id."""

        def find(db: sqlite3.Connection) -> tuple[str, str] | None:
            found = db.execute("SELECT provider, pictures FROM generations WHERE generation_id = ?", (generation_id,))
            row: tuple[str, str] | None = found.fetchone()
            return row

        row = await self._do(find)
        return row and (row[0], self._read(row[1]))

    async def hash_of(self, url: str) -> str | None:
        """Return the sha256 of the picture that a generation returned under a URL, or None if none did."""

        def find(db: sqlite3.Connection) -> str | None:
            query = "SELECT pictures FROM generations, json_tree(pictures) AS part WHERE part.key = 'url' AND value = ?"
            found = db.execute(query, (url,))
            row: tuple[str] | None = found.fetchone()
            return row and row[0]

        kept = await self._do(find)
        pictures = self._read(kept) if kept else ()
        named = (one for one in pictures if url in {one.url, *(variant.url for variant in one.variants)})
        return next((one.sha256 for one in named), None)

    async def imported(self, library: str, sha256: str) -> str | None:
        """Return the media_id under which a picture is in a provider's library already."""

        def find(db: sqlite3.Connection) -> str | None:
            found = db.execute("SELECT media_id FROM imports WHERE library = ? AND sha256 = ?", (library, sha256))
            row: tuple[str] | None = found.fetchone()
            return row and row[0]

        return await self._do(find)

    async def note_import(self, library: str, sha256: str, media_id: str) -> None:
        """Note that a picture is in a provider's library; a newer media_id takes the place of an older one."""
        row = (library, sha256, media_id, _now())
        await self._do(lambda db: db.execute("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", row))

    def _read(self, pictures: str) -> tuple[Picture, ...]:
        try:
            return _pictures().validate_json(pictures)
        except ValidationError:
            raise self._unusable("an entry is broken") from None

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await anyio.to_thread.run_sync(self._inside, work)

    def _inside(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                _migrate(db)
                return work(db)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def _unusable(self, reason: object) -> SettingsError:
        return SettingsError(
            f"{self._path} cannot be used ({reason}). Set IMAGEWRIGHT_HOME to a folder that can be written; "
            f"if the file is broken, move it away."
        )


def _migrate(db: sqlite3.Connection) -> None:
    if _version(db) >= len(_MIGRATIONS):  # more than ours: a newer imagewright shares the file
        return
    db.execute("BEGIN IMMEDIATE")
    # Another process may have been quicker.
    for number in range(_version(db), len(_MIGRATIONS)):
        for statement in _MIGRATIONS[number].split(";"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {number + 1}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)


@cache
def _pictures() -> TypeAdapter[tuple[Picture, ...]]:
    return TypeAdapter(tuple[Picture, ...])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
