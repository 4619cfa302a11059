"""What was asked for, sent, charged and brought: one file that every server of a user shares.

Nothing is sent before its row is there, and no answer goes out before it is written down. A key is never in it. Another
store, such as one that replicas share, can stand behind the same methods.
"""

import json
import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from imagewright.budgets import Budget
from imagewright.errors import SettingsError
from imagewright.holding import Draft, hold
from imagewright.models import (
    Ask,
    CallState,
    Copy,
    Entry,
    EntryStatus,
    Generation,
    Picture,
    Plan,
    Reading,
    Spent,
    T,
    Tally,
)
from imagewright.queries import (
    Meanwhile,
    Remains,
    Standing,
    entry_in,
    hashes,
    link,
    meanwhile,
    remains_of,
    repeated,
    spent_since,
    standing,
    want,
)
from imagewright.rows import (
    MIGRATIONS,
    BrokenRowError,
    dump,
    facts,
    fingerprint,
    millionths,
    stamp,
)
from imagewright.steps import journal_span
from imagewright.storage import Storage

_ANSWER_BYTES = 65_536  # of an answer that could not be read, kept for people


class Journal:
    """Keeps generations, calls and imports under a data folder; the file is made by the first use.

    Every method raises SettingsError where the file cannot be used.
    """

    def __init__(self, home: Path) -> None:
        """Remember where; nothing is opened yet."""
        self._path = home / "journal.sqlite3"
        self._storage = Storage(self._path, MIGRATIONS)

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._path.exists()

    async def aclose(self) -> None:
        """Close the file."""
        await self._storage.aclose()

    async def find(self, ask: Ask) -> Entry | None:
        """Return the generation that an asking is a repetition of, or None if it is a new order.

        With a request_id that is the one of this id. Without, it is the newest equal one that is at work, unknown, or
        ended and never delivered; one that cost nothing is never it.

        Raises:
            RequestIdError: The request_id was given to other arguments.
        """
        return await self.read(lambda db: repeated(db, ask))

    async def begin(
        self,
        generation_id: str,
        ask: Ask,
        plan: Plan,
        drafts: Sequence[Draft],
        budget: Budget | None,
        owner: str,
        each: Budget | None = None,
    ) -> tuple[Entry, bool]:
        """Note a new generation with its calls, their cost held in the budget of all and in that of `each` principal;
        return it and True.

        If the asking is a repetition after all (another process was quicker), return that generation and False.

        Raises:
            RequestIdError: The request_id was given to other arguments.
            BudgetError: The calls would pass one of the budgets; nothing is noted.
        """
        now = datetime.now(UTC)

        def work(db: sqlite3.Connection) -> tuple[Entry, bool]:
            if earlier := repeated(db, ask):
                return earlier, False
            db.execute(
                "INSERT INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, NULL, NULL, NULL, NULL)",
                (
                    generation_id,
                    stamp(now),
                    ask.principal,
                    ask.sandbox,
                    ask.request_id,
                    fingerprint(ask),
                    dump(ask),
                    dump(plan),
                    owner,
                ),
            )
            hold(db, generation_id, ask, drafts, budget, each, now)
            return entry_in(db, generation_id), True

        return await self.write(work)

    async def go_on(
        self,
        generation_id: str,
        plan: Plan,
        drafts: Sequence[Draft],
        budget: Budget | None,
        each: Budget | None = None,
    ) -> Entry:
        """Go on with a generation by another plan, with calls of its own.

        Raises:
            BudgetError: The calls would pass one of the budgets; nothing is noted.
        """
        now = datetime.now(UTC)

        def work(db: sqlite3.Connection) -> Entry:
            db.execute("UPDATE generations SET plan = ? WHERE generation_id = ?", (dump(plan), generation_id))
            hold(db, generation_id, entry_in(db, generation_id).ask, drafts, budget, each, now)
            return entry_in(db, generation_id)

        return await self.write(work)

    async def sending(self, generation_id: str, number: int, tally: Tally | None) -> None:
        """Note that a call is about to leave; `tally` is what the provider's counter showed before."""
        values = (stamp(datetime.now(UTC)), dump(tally) if tally else None, generation_id, number)
        await self._set(
            "state = 'sending', sent_at = ?, tally = coalesce(?, tally), status = NULL, trace_id = NULL", values
        )

    async def waits(self, generation_id: str, number: int) -> None:
        """Note that a call that certainly did not run is to be sent again, later."""
        await self._set("state = 'reserved'", (generation_id, number))

    async def heard(self, generation_id: str, number: int, status: int, trace_id: str | None) -> None:
        """Note the head of an answer, as soon as it is there."""
        await self._set("status = ?, trace_id = coalesce(?, trace_id)", (status, trace_id, generation_id, number))

    async def settle(
        self,
        generation_id: str,
        number: int,
        state: CallState,
        *,
        reading: Reading | None = None,
        error: Mapping[str, object] | None = None,
        answer: bytes = b"",
        trace_id: str | None = None,
    ) -> None:
        """Note what became of a call, and with it what it weighs in the budget: nothing if it was refused, its true
        cost once that is told, otherwise what was held."""
        cost = reading.cost if reading else None
        held = 0 if state == "refused" else millionths(cost.amount) if cost else None
        values = (
            state,
            held,
            stamp(datetime.now(UTC)),
            dump(reading) if reading else None,
            facts(error),
            answer[:_ANSWER_BYTES] or None,
            trace_id,
            generation_id,
            number,
        )
        await self._set(
            "state = ?, held = coalesce(?, held), ended_at = coalesce(ended_at, ?), reading = ?, error = ?, "
            "answer = coalesce(?, answer), trace_id = coalesce(?, trace_id)",
            values,
        )

    async def finish(
        self,
        generation_id: str,
        status: EntryStatus,
        result: Generation | None,
        error: Mapping[str, object] | None,
        checked: str | None,
        copies: Sequence[Copy] = (),
        until: datetime | None = None,
    ) -> None:
        """Note how a generation ended; nobody is at work on it any more.

        `copies` of its pictures are to be kept; the caller is at work on them `until` then.
        """

        def work(db: sqlite3.Connection) -> None:
            db.execute(
                "UPDATE generations SET status = ?, owner = NULL, result = ?, error = ?, checked = ? "
                "WHERE generation_id = ?",
                (status, dump(result) if result else None, facts(error), checked, generation_id),
            )
            link(db, generation_id, result.pictures if result else ())
            want(db, generation_id, copies, until or datetime.now(UTC))

        await self.write(work)

    async def delivered(self, generation_id: str) -> None:
        """Note that the outcome of a generation went out to a client; one that is at work has none."""
        query = (
            "UPDATE generations SET delivered_at = coalesce(delivered_at, ?) "
            "WHERE generation_id = ? AND status NOT IN ('running', 'unknown')"
        )
        values = (stamp(datetime.now(UTC)), generation_id)
        await self._change(query, values)

    async def adopt(self, generation_id: str, owner: str | None, heir: str) -> bool:
        """Take over the work on a generation from its owner; False if somebody else was quicker."""
        query = (
            "UPDATE generations SET owner = ?, status = 'running', delivered_at = NULL "
            "WHERE generation_id = ? AND owner IS ? AND status IN ('running', 'unknown')"
        )
        values = (heir, generation_id, owner)
        return await self._change(query, values) == 1

    async def entry(self, generation_id: str, principal: str | None = None) -> Entry | None:
        """Return a generation, or None if there is none of that id, of one principal or of anybody."""
        query = "SELECT 1 FROM generations WHERE generation_id = ? AND ? IN (principal, '')"

        def work(db: sqlite3.Connection) -> Entry | None:
            found = db.execute(query, (generation_id, principal or "")).fetchone()
            return entry_in(db, generation_id) if found else None

        return await self.read(work)

    async def remains(self, generation_id: str) -> dict[int, Remains]:
        """Return by number what is kept of the calls of a generation for people: what it holds, an unread answer."""
        return await self.read(lambda db: remains_of(db, generation_id))

    async def newest(self, limit: int, principal: str | None = None) -> list[Entry]:
        """Return the newest generations, newest first, of one principal or of all."""
        query = "SELECT generation_id FROM generations WHERE ? IN (principal, '') ORDER BY at DESC, rowid DESC LIMIT ?"
        values = (principal or "", limit)
        return await self.read(lambda db: [entry_in(db, one) for (one,) in db.execute(query, values).fetchall()])

    async def open_entries(self) -> list[Entry]:
        """Return every generation that is at work or unknown, oldest first."""
        query = "SELECT generation_id FROM generations WHERE status IN ('running', 'unknown') ORDER BY at"
        return await self.read(lambda db: [entry_in(db, one) for (one,) in db.execute(query).fetchall()])

    async def standing(self, *, sandbox: bool) -> Standing:
        """Return how much is open, of all servers of this user."""
        return await self.read(lambda db: standing(db, sandbox=sandbox))

    async def owned(self, provider: str, trace_ids: Iterable[str]) -> frozenset[str]:
        """Return those of a provider's jobs or pictures that belong to a call or an import of ours already."""
        wanted = json.dumps(list(trace_ids))
        query = (
            "SELECT trace_id FROM calls WHERE provider = ? AND trace_id IN (SELECT value FROM json_each(?)) "
            "UNION SELECT media_id FROM imports WHERE media_id IN (SELECT value FROM json_each(?))"
        )
        values = (provider, wanted, wanted)
        return await self.read(lambda db: frozenset(one for (one,) in db.execute(query, values)))

    async def meanwhile(
        self, provider: str, generation_id: str, since: datetime, until: datetime, *, sandbox: bool
    ) -> Meanwhile:
        """Return what else was under way at a provider in a span of time."""
        return await self.read(lambda db: meanwhile(db, provider, generation_id, since, until, sandbox=sandbox))

    async def spend(self, first_day: date, principal: str | None = None) -> list[Spent]:
        """Return what was spent since a day, by one principal or by all: a row for each day, provider and model, newest
        day first."""
        return await self.read(lambda db: spent_since(db, first_day, principal or ""))

    async def pictures(
        self, generation_id: str, principal: str | None = None
    ) -> tuple[str, tuple[Picture, ...]] | None:
        """Return the provider and the pictures of a generation, or None if there is none of that id, of one principal
        or of anybody.

        Their sha256 is that of the file in the library, where there is one.
        """
        entry = await self.entry(generation_id, principal)
        if entry is None:
            return None
        kept = await self.read(lambda db: hashes(db, generation_id))
        pictures = enumerate(entry.result.pictures if entry.result else (), 1)
        found = tuple(replace(one, sha256=kept.get(position, one.sha256)) for position, one in pictures)
        return entry.plan.provider, found

    async def hash_of(self, url: str, principal: str) -> str | None:
        """Return the sha256 of the kept picture that a generation of a principal returned under a URL, None if there
        is none."""
        query = "SELECT generation_id FROM links JOIN generations USING (generation_id) WHERE url = ? AND principal = ?"
        found = await self.read(lambda db: db.execute(query, (url, principal)).fetchone())
        _, pictures = await self.pictures(found[0]) or ("", ()) if found else ("", ())
        named = (one for one in pictures if url in {one.url, *(variant.url for variant in one.variants)})
        return next((one.sha256 for one in named), None)

    async def imported(self, library: str, sha256: str) -> str | None:
        """Return the media_id under which a picture is in a provider's library already."""

        def work(db: sqlite3.Connection) -> str | None:
            found = db.execute("SELECT media_id FROM imports WHERE library = ? AND sha256 = ?", (library, sha256))
            row: tuple[str] | None = found.fetchone()
            return row and row[0]

        return await self.read(work)

    async def import_of(self, library: str, media_id: str) -> str | None:
        """Return the sha256 of the picture that came into a provider's library under a media_id, None if none did."""
        query = "SELECT sha256 FROM imports WHERE library = ? AND media_id = ?"
        found = await self.read(lambda db: db.execute(query, (library, media_id)).fetchone()) if self.exists else None
        return found and found[0]

    async def note_import(self, library: str, sha256: str, media_id: str) -> None:
        """Note that a picture is in a provider's library; a newer media_id takes the place of an older one."""
        row = (library, sha256, media_id, stamp(datetime.now(UTC)))
        await self._change("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", row)

    async def _set(self, what: str, values: Sequence[object]) -> None:
        query = f"UPDATE calls SET {what} WHERE generation_id = ? AND number = ?"  # noqa: S608  # our own words
        await self._change(query, values)

    async def _change(self, query: str, values: Sequence[object]) -> int:
        return await self.write(lambda db: db.execute(query, values).rowcount)

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` reads, for the tables that lie beside; see `Storage.read`."""
        with journal_span("read", work), self._explained():
            return await self._storage.read(work)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns once all it wrote is on the disk; see `Storage.write`."""
        with journal_span("write", work), self._explained():
            return await self._storage.write(work)

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except BrokenRowError:
            raise SettingsError(
                f"{self._path} cannot be used (an entry is broken). Set IMAGEWRIGHT_HOME to a folder that can be "
                f"written; if the file is broken, move it away."
            ) from None
