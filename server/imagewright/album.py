"""What the journal says of picture files: which copies are wanted, which the library has, and which must stay."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imagewright.journal import Journal
from imagewright.models import LOCAL, Copy, KeptFile
from imagewright.rows import stamp

MADE_ROOM = "it made room for newer ones."  # why a copy is gone

_COPY = (
    "copies.picture, copies.format, copies.url, copies.state, copies.claimed, copies.expires_at, copies.problem, "
    "files.sha256, files.bytes, files.content_type, files.width, files.height, files.c2pa"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A copy that is to be fetched by whoever holds this, `until` then; `tries` is how often that failed before."""

    generation_id: str
    provider: str
    copy: Copy
    tries: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Album:
    """The tables of files and copies, beside the journal's own. Each method raises SettingsError as those do."""

    journal: Journal

    async def copies(self, generation_id: str) -> tuple[Copy, ...]:
        """Return the copies of a generation's pictures, in the order of the pictures."""
        query = (
            f"SELECT {_COPY} FROM copies LEFT JOIN files USING (sha256) "  # noqa: S608  # our own column names
            "WHERE generation_id = ? ORDER BY picture, copies.rowid"
        )
        return await self.journal.read(lambda db: tuple(_copy(row) for row in db.execute(query, (generation_id,))))

    async def claim(self, now: datetime, until: datetime, limit: int, *, sandbox: bool) -> list[Due]:
        """Return waiting copies that nobody is at work on, the soonest to expire first; until then they are ours."""
        query = (
            f"SELECT copies.generation_id, json_extract(generations.plan, '$.provider'), tries, {_COPY} "  # noqa: S608  # see above
            "FROM copies JOIN generations USING (generation_id) LEFT JOIN files USING (sha256) "
            "WHERE state = 'waiting' AND next_at <= ? AND sandbox = ? "
            "ORDER BY coalesce(copies.expires_at, '9'), next_at LIMIT ?"
        )

        def work(db: sqlite3.Connection) -> list[Due]:
            rows = db.execute(query, (stamp(now), sandbox, limit)).fetchall()
            found = [Due(row[0], row[1], _copy(row[3:]), row[2], until) for row in rows]
            for one in found:
                _set(db, one, "next_at = ?", stamp(until))
            return found

        return await self.journal.write(work)

    async def renew(self, due: Due, until: datetime) -> bool:
        """Hold a copy until a later moment; False if it is somebody else's by now, or done."""
        query = (
            "UPDATE copies SET next_at = ? WHERE generation_id = ? AND url = ? AND state = 'waiting' AND next_at = ?"
        )
        values = (stamp(until), due.generation_id, due.copy.url, stamp(due.until))
        return await self.journal.write(lambda db: db.execute(query, values).rowcount) == 1

    async def next_due(self, *, sandbox: bool) -> datetime | None:
        """Return when the next copy is to be fetched, None if none is wanted."""
        query = (
            "SELECT min(next_at) FROM copies JOIN generations USING (generation_id) "
            "WHERE state = 'waiting' AND sandbox = ?"
        )
        found = await self.journal.read(lambda db: db.execute(query, (sandbox,)).fetchone())
        return datetime.fromisoformat(found[0]) if found[0] else None

    async def kept(self, due: Due, file: KeptFile) -> None:
        """Note that the library has a copy."""
        await self.journal.write(lambda db: _set(db, due, "state = 'kept', problem = NULL, sha256 = ?", file.sha256))

    async def put_off(self, due: Due, problem: str, until: datetime | None) -> None:
        """Note that a copy could not be fetched; None: it is not tried again."""
        state = "waiting" if until else "failed"
        await self.journal.write(
            lambda db: _set(
                db,
                due,
                "tries = tries + 1, problem = ?, state = ?, next_at = ?",
                problem,
                state,
                until and stamp(until),
            )
        )

    async def hand_back(self, due: Due, now: datetime) -> None:
        """Let others fetch a copy: this server ends."""
        await self.journal.write(lambda db: _set(db, due, "next_at = ?", stamp(now)))

    async def belongs(self, sha256: str, principal: str) -> bool:
        """Return whether a file is a picture that a principal had drawn; what nobody had is its owner's."""
        if not self.journal.exists:
            return principal == LOCAL
        query = "SELECT max(principal = ?) FROM copies JOIN generations USING (generation_id) WHERE copies.sha256 = ?"
        (found,) = await self.journal.read(lambda db: db.execute(query, (principal, sha256)).fetchone())
        return bool(found) if found is not None else principal == LOCAL

    async def note_file(self, file: KeptFile, now: datetime) -> None:
        """Note that the library has a file; one that it had before is as new as any."""
        values = (file.sha256, file.size_bytes, file.content_type, file.width, file.height, file.has_c2pa, stamp(now))
        query = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)"
        await self.journal.write(lambda db: db.execute(query, values).rowcount)

    async def note_post(self, post: str, files: Sequence[str], until: datetime | None, *, instead: bool) -> None:
        """Note which files are on a post that has still to go out, `instead` of what was or beside it.

        They stay until then; None: for as long as nothing else is noted.
        """
        ends = until and stamp(until)

        def work(db: sqlite3.Connection) -> None:
            if instead:
                db.execute("DELETE FROM posted WHERE post = ?", (post,))
            db.execute("UPDATE posted SET until = ? WHERE post = ?", (ends, post))
            db.executemany("INSERT OR REPLACE INTO posted VALUES (?, ?, ?)", [(post, one, ends) for one in files])

        await self.journal.write(work)

    async def forget_post(self, post: str) -> None:
        """Note that a post went out: its files are like all others."""
        await self.journal.write(lambda db: db.execute("DELETE FROM posted WHERE post = ?", (post,)).rowcount)

    async def too_many(self, most_bytes: int, now: datetime) -> list[str]:
        """Return the files that must go, oldest first, so that the rest fits; never the newest, or one on a post."""
        query = (
            "SELECT sha256, bytes FROM files AS one WHERE sha256 <> (SELECT sha256 FROM files ORDER BY kept_at DESC, "
            "rowid DESC LIMIT 1) AND NOT EXISTS (SELECT 1 FROM posted WHERE posted.sha256 = one.sha256 "
            "AND coalesce(until, '9') > ?) ORDER BY kept_at, rowid"
        )

        def work(db: sqlite3.Connection) -> list[str]:
            (total,) = db.execute("SELECT coalesce(sum(bytes), 0) FROM files").fetchone()
            going: list[str] = []
            for sha256, size in db.execute(query, (stamp(now),)) if total > most_bytes else ():
                if total <= most_bytes:
                    break
                going.append(sha256)
                total -= size
            return going

        return await self.journal.read(work)

    async def gone(self, files: Iterable[str]) -> None:
        """Note that files were removed from the library."""
        rows = [(one,) for one in files]
        told = [(MADE_ROOM, one) for (one,) in rows]

        def work(db: sqlite3.Connection) -> None:
            db.executemany("UPDATE copies SET state = 'gone', sha256 = NULL, problem = ? WHERE sha256 = ?", told)
            db.executemany("DELETE FROM files WHERE sha256 = ?", rows)

        await self.journal.write(work)


def _set(db: sqlite3.Connection, due: Due, what: str, *values: object) -> None:
    query = f"UPDATE copies SET {what} WHERE generation_id = ? AND url = ?"  # noqa: S608  # our own words
    db.execute(query, (*values, due.generation_id, due.copy.url))


def _copy(row: Sequence[Any]) -> Copy:
    position, form, url, state, claimed, expires_at, problem, *file = row
    return Copy(position, form, url, state, claimed, expires_at, _file(file) if file[0] else None, problem)


def _file(row: Sequence[Any]) -> KeptFile:
    sha256, size_bytes, content_type, width, height, has_c2pa = row
    return KeptFile(sha256, size_bytes, content_type, width, height, bool(has_c2pa))
