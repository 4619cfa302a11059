"""Corners below a paid call: rows that cannot be written, parts that fail unforeseen, what a dead server left."""

import signal
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from imagewright.app import compose
from imagewright.assembling import Outcome
from imagewright.errors import SettingsError
from imagewright.journal import Journal
from imagewright.lanes import Turn
from imagewright.line import Line
from imagewright.models import Call, CallState, EntryStatus, ImageRequest
from imagewright.sending import Demand, Sender
from imagewright.settings import load
from imagewright.studio import Studio
from tests.agent import KEYS
from tests.faults.bank import Bank
from tests.faults.customer import Customer, draw, generation_of, meaning, shows
from tests.faults.fault import Fault
from tests.faults.rpc import server

FULL = SettingsError("the disk is full for a moment")


@pytest.mark.parametrize("failing", [0, 1])
async def test_a_part_that_fails_unforeseen_leaves_the_pictures_of_the_others(
    failing: int, bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven pictures are two calls: the pictures of one come, and the other is unknown, in the rows as well."""
    usual = Sender.send

    async def send(
        sender: Sender, line: Line, generation_id: str, call: Call, request: ImageRequest, turn: Turn, demand: Demand
    ) -> Outcome:
        if call.number == failing:
            raise RuntimeError("nobody foresaw it")
        return await usual(sender, line, generation_id, call, request, turn, demand)

    monkeypatch.setattr(Sender, "send", send)

    result = await customer.draw("heydecks", count=7)

    (charge,) = bank.ledger.charged("heydecks")
    assert ("partial", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent("heydecks")), result.text
    states = sorted([(failing, "unknown"), (1 - failing, "done")])
    assert states == _rows(customer, "SELECT number, state FROM calls ORDER BY number")


async def test_a_picture_in_hand_whose_row_could_not_be_written_survives_beside_an_unknown_one(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read again after a look; what only the memory knows is not lost by that."""
    usual = Journal.settle

    async def settle(journal: Journal, generation_id: str, number: int, state: CallState, **facts: object) -> None:
        if state == "done":
            raise FULL
        await usual(journal, generation_id, number, state, **facts)  # type: ignore[arg-type]  # passed on as they came

    bank.arm("heydecks", Fault(), Fault(ending="silent"))
    monkeypatch.setattr(Journal, "settle", settle)

    result = await customer.draw("heydecks", count=7)

    came, _ = bank.ledger.charged("heydecks")
    assert ("partial", True, 2) == (meaning(result), shows(result, came), bank.ledger.sent("heydecks")), result.text


async def test_what_came_of_a_body_that_broke_off_is_kept_without_the_key(bank: Bank, customer: Customer) -> None:
    """A person may make something of it; the key that the vendor quoted is not in it."""
    page = (
        f'{{"images": [{{"url": "https://pub-0.example/1.png"}}], "key": "{KEYS["heydecks"]}", "pad": "{"x" * 400}"}}'
    )
    bank.arm("heydecks", Fault(200, page=page, ending="half", charged=True))

    result = await customer.draw("heydecks")

    ((state, answer),) = _rows(customer, "SELECT state, answer FROM calls")
    assert ("maybe", "unknown") == (meaning(result), state), result.text
    assert b"https://pub-0.example/1.png" in answer
    assert b'"pad": "x' in answer
    assert KEYS["heydecks"].encode() not in answer


@pytest.mark.parametrize("charged", [True, False])
async def test_what_a_killed_server_left_is_settled_without_a_recovery_before(
    *, charged: bool, bank: Bank, customer: Customer
) -> None:
    """A person looked at the dashboard of HeyDecks: what they say is noted, and what it held in the budget follows."""
    pause = bank.pause("heydecks", "charged")
    async with server(customer.environ) as doomed:
        call = doomed.draw("heydecks")
        await pause.reached_by(call.answer)
        doomed.signal(signal.SIGKILL)
        await doomed.ended()
    pause.go.set()

    async with _working(customer) as studio:
        (left,) = await studio.generations.recent(principal=None)
        made = await studio.generations.settle(left.generation_id, charged=charged, principal=None)
        (entry,) = await studio.generations.recent(principal=None)

    assert ("running", "lost" if charged else "refused") == (left.status, entry.calls[0].state)
    assert (("failed" if charged else "refused"), "failed") == (entry.status, made.status)
    assert [(8_000_000 if charged else 0,)] == _rows(customer, "SELECT held FROM calls")
    assert 1 == bank.ledger.sent("heydecks")


async def test_a_generation_whose_end_could_not_be_noted_is_had_again_in_the_same_server(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row says that it runs, and nobody is at work on it: the same call ends it from its calls, free of charge."""
    usual, failures = Journal.finish, [FULL]

    async def finish(journal: Journal, generation_id: str, status: EntryStatus, *outcome: object) -> None:
        if failures:
            raise failures.pop()
        await usual(journal, generation_id, status, *outcome)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(Journal, "finish", finish)
    customer.environ["IMAGEWRIGHT_HANDOVER_SECONDS"] = "5"  # were it never ended, this would not wait for ever

    async with customer.connect() as client:
        first = await draw(client, "heydecks")
        second = await draw(client, "heydecks")

    (charge,) = bank.ledger.charged("heydecks")
    assert [("done", True)] * 2 == [(meaning(one), shows(one, charge)) for one in (first, second)], second.text
    assert (generation_of(first), 1) == (generation_of(second), bank.ledger.sent("heydecks"))
    assert "could not be noted" in first.text
    assert [("done", str(Decimal(8)))] == _rows(customer, "SELECT status, (SELECT price FROM calls) FROM generations")


def _rows(customer: Customer, query: str) -> list[tuple[Any, ...]]:
    """Read the journal past the server."""
    with closing(sqlite3.connect(Path(customer.environ["IMAGEWRIGHT_HOME"]) / "journal.sqlite3")) as db:
        return db.execute(query).fetchall()


@asynccontextmanager
async def _working(customer: Customer) -> AsyncGenerator[Studio]:
    """What a server works with, at work; it goes on with nothing by itself."""
    _, studio = compose(load(customer.environ))
    async with studio.running(resume=False):
        yield studio
