"""A bank whose ledger knows the truth, a customer before a real server, and no waiting."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imagewright import looking, sending
from tests.agent import Era
from tests.faults.bank import Bank
from tests.faults.bank import bank as running_bank
from tests.faults.customer import Customer


@dataclass(slots=True)
class Waits:
    """How long the server would have waited; `before_resend` happens instead of the first wait of that kind."""

    resends: list[float] = field(default_factory=list[float])
    looks: list[float] = field(default_factory=list[float])
    before_resend: Callable[[], Awaitable[object]] | None = None


@pytest.fixture
def era() -> Era:
    """One era: what happens below the tools is the same in both. A test may ask for the other."""
    return "2026-07-28"


@pytest.fixture
async def bank() -> AsyncGenerator[Bank]:
    """The four vendors."""
    async with running_bank() as running:
        yield running


@pytest.fixture
def waits(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Let every wait be over at once, and time have passed for those that look."""
    waits = Waits()

    async def resend(seconds: float) -> None:
        waits.resends.append(seconds)
        if waits.before_resend:
            await waits.before_resend()

    async def look(seconds: float) -> None:
        waits.looks.append(seconds)
        bank.ledger.skipped += timedelta(seconds=seconds)

    monkeypatch.setattr(sending, "sleep", resend)
    monkeypatch.setattr(looking, "sleep", look)
    monkeypatch.setattr(looking, "now", lambda: datetime.now(UTC) + bank.ledger.skipped)
    return waits


@pytest.fixture
def customer(era: Era, bank: Bank, waits: Waits, tmp_path: Path) -> Customer:
    """A customer of all four vendors whose client never gives up."""
    del waits  # asked for so that no test waits
    environ = {"IMAGEWRIGHT_HOME": str(tmp_path / "home"), "IMAGEWRIGHT_HANDOVER_SECONDS": "3600"}
    return Customer(era, environ | bank.environ())
