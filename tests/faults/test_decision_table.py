"""Every row of the decision table at every provider: how often it sends, what is charged, and what it says of both."""

import asyncio

import pytest

from tests.agent import Result
from tests.faults.bank import Bank
from tests.faults.conftest import Waits
from tests.faults.customer import Customer, generation_of, meaning, shows
from tests.faults.matrix import ALL, CASES, Case

TABLE = [pytest.param(case, slug, id=f"{case.row}: {case.name} at {slug}") for case in CASES for slug in case.at]


@pytest.mark.parametrize(("case", "slug"), TABLE)
async def test_a_fault_means_what_the_table_says(
    case: Case, slug: str, bank: Bank, customer: Customer, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent as often as the table allows, charged as the bank says, the answer fits both, and unknown stays unsent."""
    bank.arm(slug, *case.armed(slug))
    if always := case.for_ever(slug):
        bank.always(slug, always)

    drawing = asyncio.create_task(customer.draw(slug, **case.arguments))
    if case.past_deadline:
        await _pass_deadline(drawing, bank, slug, monkeypatch)
    result = await drawing

    ledger = bank.ledger
    assert case.expected(slug) == meaning(result), result.text
    assert (case.sends, case.charges) == (ledger.sent(slug), len(ledger.charged(slug)))
    assert case.waits == len(waits.resends)
    assert not result.is_error or result.error["message"]
    if not result.is_error:
        assert all(shows(result, charge) for charge in ledger.charged(slug))
    if not result.is_error and case.outcome == "unknown":
        assert result.structured["warnings"], "it does not say that the answer was lost and found"
    if meaning(result) == "maybe":
        again = await customer.draw(slug, **case.arguments)

        assert ("maybe", generation_of(result)) == (meaning(again), generation_of(again))
        assert generation_of(result)
        assert case.sends == ledger.sent(slug)


async def _pass_deadline(drawing: asyncio.Task[Result], bank: Bank, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the clock of the event loop on by ten minutes once the request is being worked on; nothing sleeps."""
    pause = bank.pause(slug, "charged")
    await pause.reached_by(drawing)
    pause.go.set()
    loop = asyncio.get_running_loop()
    usual = loop.time
    monkeypatch.setattr(loop, "time", lambda: usual() + 600)


def test_the_table_is_whole() -> None:
    """No row is left out at any provider: those that need more than an answer have tests of their own."""
    elsewhere = {2, 3, 7, 8, 28}
    by_vendor = {23}  # HeyDecks alone documents it; at the others it is row 24

    for row in set(range(1, 29)) - elsewhere - by_vendor:
        assert set(ALL) == {slug for case in CASES if case.row == row for slug in case.at}, row
    assert elsewhere.isdisjoint(case.row for case in CASES)
    assert 28 * 4 <= len(TABLE)
