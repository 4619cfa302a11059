"""What the tests of the journal share: what is asked for, what a call brings, and a clock that they set."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from imagewright.budgets import Budget
from imagewright.errors import BudgetError, OriginError, OutcomeUnknownError, facts_of
from imagewright.errors import Origin as CameFrom
from imagewright.holding import Draft
from imagewright.journal import Journal
from imagewright.models import (
    Ask,
    CallState,
    Entry,
    EntryStatus,
    Generation,
    ImageRequest,
    Money,
    Picture,
    Plan,
    Reading,
)

OWNER = "this server"
ASK = Ask(ImageRequest("a fox"), "theo")
PLAN = Plan("theo", ImageRequest("a fox", "theo-1-create"), ("a warning",), "It was named.")
DAY, MONTH = Budget(Decimal(10), "day"), Budget(Decimal(10), "month")
URL = "https://example.com/a.png"


class Clock(datetime):
    """A clock that stands still until it is set."""

    set_to: ClassVar[datetime] = datetime(2026, 4, 10, 12, tzinfo=UTC)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Clock":
        """Return what it is set to."""
        return cls.fromtimestamp(cls.set_to.timestamp(), tz)


def at(patch: pytest.MonkeyPatch, moment: datetime | str) -> None:
    """Let it be this moment for the journal; as a text it is ISO 8601 with an offset."""
    patch.setattr("imagewright.journal.datetime", Clock)
    patch.setattr(Clock, "set_to", datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


@asynccontextmanager
async def opened(home: Path) -> AsyncGenerator[Journal]:
    """A journal, closed in the end."""
    journal = Journal(home)
    try:
        yield journal
    finally:
        await journal.aclose()


def ask(prompt: str) -> Ask:
    """Something else that is asked for."""
    return Ask(ImageRequest(prompt), "theo")


def draft(price: str | None = "1", count: int = 1, model: str | None = "theo-1-create", margin: str = "1") -> Draft:
    """A call that is to be reserved."""
    return Draft("theo", model, count, Decimal(price) if price else None, "cents", Decimal(margin))


def reading(cost: str | None = None, url: str = URL) -> Reading:
    """What a call brought: one picture."""
    return Reading((Picture(url),), "theo-1-create", Money(Decimal(cost), "cents") if cost else None)


def made(generation_id: str, *pictures: Picture) -> Generation:
    """A generation that is done."""
    return Generation(
        generation_id, "done", "theo", "Theo", None, 1, 1, "It was named.", pictures or (Picture(URL, sha256="sha"),)
    )


def error_of(charged: str) -> dict[str, object]:
    """The facts of an error that says this of the money."""
    error: OriginError = OutcomeUnknownError("Silence.", CameFrom("theo"))
    return {**facts_of(error), "charged": charged}


async def begun(
    journal: Journal, generation_id: str, asked: Ask = ASK, *drafts: Draft, budget: Budget | None = None
) -> Entry:
    """Begin a generation that must be a new order."""
    entry, is_new = await journal.begin(generation_id, asked, PLAN, drafts or (draft(),), budget, OWNER)
    assert is_new
    return entry


async def ended(journal: Journal, generation_id: str, status: EntryStatus, *, delivered: bool = False) -> None:
    """Bring the only call of a generation, and with it the generation, to an end."""
    states: dict[EntryStatus, CallState] = {"unknown": "unknown", "failed": "lost", "refused": "refused"}
    if status != "running":
        result = made(generation_id) if status in {"done", "partial"} else None
        error = None if result else error_of({"unknown": "maybe", "failed": "yes"}.get(status, "no"))
        await journal.sending(generation_id, 0, None)
        await journal.settle(
            generation_id, 0, states.get(status, "done"), reading=reading() if result else None, error=error
        )
        await journal.finish(generation_id, status, result, error, None)
    if delivered:
        await journal.delivered(generation_id)


async def found(journal: Journal, generation_id: str) -> Entry:
    """A generation that must be there."""
    entry = await journal.entry(generation_id)
    assert entry is not None
    return entry


async def lets_in(journal: Journal, *drafts: Draft, budget: Budget = DAY, sandbox: bool = False) -> bool:
    """Whether these calls are let in as one generation; they hold what they cost from then on."""
    number = len(await journal.newest(99))
    asked = replace(ask(f"number {number}"), sandbox=sandbox)
    try:
        await begun(journal, f"gen_more{number}", asked, *drafts, budget=budget)
    except BudgetError:
        return False
    return True


async def leaves_exactly(journal: Journal, amount: str) -> bool:
    """Whether so much is left of the day's budget, to the millionth."""
    more = draft(str(Decimal(amount) + Decimal("0.000001")), model="to try")
    return (not await lets_in(journal, more)) and await lets_in(journal, draft(amount, model="to try"))
