"""What is asked for, sent, charged and brought is in the journal step by step, and whose turn it is."""

import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from imagewright.journal import Journal
from imagewright.models import Call, CallState, Entry, EntryStatus, Tally
from tests.entries import ASK, OWNER, PLAN, ask, at, begun, draft, ended, error_of, found, made, opened, reading

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TALLY = Tally(Decimal("1.5"), "cents", 7)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clock that stands at noon of 10 April until it is set."""
    at(monkeypatch, NOON)
    return monkeypatch


async def the_call(journal: Journal) -> Call:
    """The only call of gen_1."""
    (call,) = (await found(journal, "gen_1")).calls
    return call


async def test_nothing_exists_before_the_first_use(tmp_path: Path) -> None:
    """A question that needs no file makes none."""
    async with opened(tmp_path / "home") as journal:
        before = journal.exists
        await begun(journal, "gen_1")

        assert (False, True) == (before, journal.exists)


async def test_a_generation_is_noted_before_anything_is_sent(journal: Journal) -> None:
    """With all that was asked, how it is put, and its calls in order."""
    calls = draft("4", count=3, margin="1.25"), draft(None, model=None)

    entry = await begun(journal, "gen_1", replace(ASK, request_id="mine"), *calls)

    first = Call(0, "theo", "theo-1-create", 3, "reserved", Decimal(4), "cents")
    second = Call(1, "theo", None, 1, "reserved", None, "cents")
    asked = replace(ASK, request_id="mine")
    assert Entry("gen_1", NOON, "running", asked, PLAN, (first, second), OWNER) == entry
    assert entry == await found(journal, "gen_1")


async def test_a_call_is_noted_before_it_leaves(journal: Journal, clock: pytest.MonkeyPatch) -> None:
    """When, and what the counter showed; where it is sent again unread, what it showed at first."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, TALLY)
    first = await the_call(journal)
    at(clock, NOON + MINUTE)
    await journal.sending("gen_1", 0, None)
    again = await the_call(journal)

    assert ("sending", NOON, TALLY) == (first.state, first.sent_at, first.tally)
    assert replace(first, sent_at=NOON + MINUTE) == again


async def test_the_head_of_an_answer_is_noted_at_once(journal: Journal) -> None:
    """The id of its job counts from then on; a head without one takes none away."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, None)
    await journal.heard("gen_1", 0, 200, "job-1")
    await journal.heard("gen_1", 0, 503, None)

    call = await the_call(journal)

    assert ("sending", "job-1") == (call.state, call.trace_id)


@pytest.mark.parametrize(
    ("state", "charged"), [("done", None), ("refused", "no"), ("unknown", "maybe"), ("lost", "yes")]
)
async def test_what_became_of_a_call_is_noted(
    journal: Journal, clock: pytest.MonkeyPatch, state: CallState, charged: str | None
) -> None:
    """All that was read, or all that is known of the error, and when."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, None)
    brought, error = (None, error_of(charged)) if charged else (reading("0.045"), None)
    at(clock, NOON + MINUTE)
    await journal.settle("gen_1", 0, state, reading=brought, error=error, trace_id="job-1")

    call = await the_call(journal)

    assert (state, brought, error) == (call.state, call.reading, call.error)
    assert (NOON + MINUTE, "job-1") == (call.ended_at, call.trace_id)


async def test_a_call_ended_when_its_answer_was_lost(journal: Journal, clock: pytest.MonkeyPatch) -> None:
    """Not when a look found what became of it; what was known of it stays unless there is better."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, TALLY)
    await journal.heard("gen_1", 0, 200, "job-1")
    await journal.settle("gen_1", 0, "unknown", error=error_of("maybe"), answer=b"half an answ")
    at(clock, NOON + MINUTE)
    await journal.settle("gen_1", 0, "done", reading=reading("1"))

    call = await the_call(journal)

    assert ("done", NOON, "job-1", TALLY, None) == (call.state, call.ended_at, call.trace_id, call.tally, call.error)


async def test_an_answer_that_could_not_be_read_is_kept(journal: Journal, tmp_path: Path) -> None:
    """The beginning of it, for people: 64 KiB, also after the call was settled."""
    await begun(journal, "gen_1")
    await journal.settle("gen_1", 0, "unknown", answer=b"x" * 65_536 + b"y")
    await journal.settle("gen_1", 0, "lost")

    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        assert [(b"x" * 65_536,)] == db.execute("SELECT answer FROM calls").fetchall()


async def test_a_call_is_settled_alone(journal: Journal) -> None:
    """Neither its neighbour nor the same number elsewhere."""
    await begun(journal, "gen_1", ASK, draft(), draft())
    await begun(journal, "gen_2", ask("another"), draft(), draft())
    await journal.settle("gen_1", 1, "refused")

    states = {name: [call.state for call in (await found(journal, name)).calls] for name in ("gen_1", "gen_2")}

    assert {"gen_1": ["reserved", "refused"], "gen_2": ["reserved", "reserved"]} == states


async def test_a_finished_generation_is_nobodys(journal: Journal) -> None:
    """What it brought is there, and no server is at work on it."""
    await begun(journal, "gen_1")
    await journal.settle("gen_1", 0, "done", reading=reading("1"))
    await journal.finish("gen_1", "done", made("gen_1"), None, None)

    entry = await found(journal, "gen_1")

    assert ("done", None, made("gen_1"), None, None, False) == (
        entry.status, entry.owner, entry.result, entry.error, entry.checked, entry.delivered,
    )  # fmt: skip


async def test_a_generation_without_pictures_keeps_its_error(journal: Journal) -> None:
    """And what the last look showed."""
    await begun(journal, "gen_1")
    await journal.finish("gen_1", "unknown", None, error_of("maybe"), "Looked too early.")

    entry = await found(journal, "gen_1")

    assert ("unknown", None, error_of("maybe"), "Looked too early.") == (
        entry.status, entry.result, entry.error, entry.checked,
    )  # fmt: skip


async def test_a_generation_at_work_has_nothing_to_deliver(journal: Journal) -> None:
    """The answer that it is running is not the picture."""
    await begun(journal, "gen_1")
    await journal.delivered("gen_1")
    before = await found(journal, "gen_1")
    await ended(journal, "gen_1", "done")
    await journal.delivered("gen_1")

    assert (False, True) == (before.delivered, (await found(journal, "gen_1")).delivered)


async def test_what_was_delivered_once_stays_so(journal: Journal, tmp_path: Path, clock: pytest.MonkeyPatch) -> None:
    """With the time of the first."""
    await begun(journal, "gen_1")
    await ended(journal, "gen_1", "done", delivered=True)
    at(clock, NOON + MINUTE)
    await journal.delivered("gen_1")

    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        assert [("2026-04-10T12:00:00.000+00:00",)] == db.execute("SELECT delivered_at FROM generations").fetchall()


@pytest.mark.parametrize("status", ["running", "unknown"])
async def test_an_heir_takes_over_from_the_owner_it_saw(journal: Journal, status: EntryStatus) -> None:
    """It is at work then, and what it will find was not delivered."""
    await begun(journal, "gen_1")
    await ended(journal, "gen_1", status, delivered=True)
    seen = await found(journal, "gen_1")

    took_over = await journal.adopt("gen_1", seen.owner, "heir")

    entry = await found(journal, "gen_1")
    assert took_over
    assert ("heir", "running", False) == (entry.owner, entry.status, entry.delivered)


@pytest.mark.parametrize(
    ("status", "owner"),
    [
        ("running", "another"),
        ("running", None),
        ("unknown", OWNER),
        ("done", None),
        ("partial", None),
        ("failed", None),
        ("refused", None),
    ],
)
async def test_nothing_is_taken_from_somebody_else(journal: Journal, status: EntryStatus, owner: str | None) -> None:
    """Nor what has ended: whoever saw it at work was too late."""
    await begun(journal, "gen_1")
    await ended(journal, "gen_1", status, delivered=True)
    before = await found(journal, "gen_1")

    took_over = await journal.adopt("gen_1", owner, "heir")

    assert not took_over
    assert before == await found(journal, "gen_1")


async def test_of_many_heirs_one_takes_over(tmp_path: Path) -> None:
    """Twenty servers that saw the same dead owner."""
    async with AsyncExitStack() as stack:
        journals = [await stack.enter_async_context(opened(tmp_path)) for _ in range(20)]
        await begun(journals[0], "gen_1")

        took_over = await asyncio.gather(*[one.adopt("gen_1", OWNER, f"heir {n}") for n, one in enumerate(journals)])
        entry = await found(journals[0], "gen_1")

    assert [f"heir {took_over.index(True)}"] == [entry.owner] * took_over.count(True)
