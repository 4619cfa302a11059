"""What a call will cost is learnt from what earlier ones did, where that is more than the published price."""

from dataclasses import replace
from decimal import Decimal

import pytest

from imagewright.budgets import Budget
from imagewright.holding import Draft
from imagewright.journal import Journal
from tests.entries import ASK, DAY, at, begun, draft, leaves_exactly, lets_in, reading

pytestmark = pytest.mark.usefixtures("noon")

LARGE = replace(draft(None), size="2K")


@pytest.mark.parametrize("budget", [DAY, None], ids=["with a budget", "without"])
async def test_a_cost_that_was_never_told_teaches_no_price(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, budget: Budget | None
) -> None:
    """What was held for it is neither a price that no budget could pay twice, nor nothing."""
    await begun(journal, "gen_0", ASK, draft(None), budget=budget)
    await journal.settle("gen_0", 0, "done", reading=reading())
    at(monkeypatch, "2026-04-11T12:00:00+00:00")

    assert await lets_in(journal, draft(None, count=2))
    assert not await lets_in(journal, draft(None))


async def test_a_call_that_cost_nothing_teaches_no_price(journal: Journal) -> None:
    """Such as one that brought no picture: the next may well cost something."""
    await begun(journal, "gen_0", ASK, draft(None), budget=DAY)
    await journal.settle("gen_0", 0, "done", reading=reading("0"))

    assert await lets_in(journal, draft(None))
    assert not await lets_in(journal, draft("0.000001", model="other"))


@pytest.mark.parametrize(
    ("earlier", "cost", "later", "left"),
    [
        (draft("1"), "3", draft("1"), "4"),
        (draft("1", count=2), "6", draft("1"), "-2"),
        (draft("1"), "3", draft("3", count=3), "-2"),
        (draft("1"), "3", draft("5"), "2"),
        (draft(None), "3", draft(None), "4"),
        (draft("1"), "0.5", draft("1"), "8.5"),
        (draft("1"), "3", draft("1", model="other"), "6"),
        (draft(None, model=None), "3", draft(None, model=None), "4"),
        (draft("1", count=3), "1", draft(None), "8"),
        (LARGE, "3", LARGE, "4"),
        (LARGE, "3", draft("1"), "6"),
    ],
)
async def test_what_earlier_calls_cost_teaches_the_price(
    journal: Journal, earlier: Draft, cost: str, later: Draft, left: str
) -> None:
    """A picture of that model and size is held at the most that one delivered cost, where that is over its price."""
    await begun(journal, "gen_0", ASK, earlier, budget=DAY)
    await journal.settle("gen_0", 0, "done", reading=reading(cost))

    fits = await lets_in(journal, later)

    assert (Decimal(left) >= 0) == fits
    assert not fits or await leaves_exactly(journal, left)


@pytest.mark.parametrize("later", [LARGE, replace(LARGE, size="4K")])
async def test_one_size_teaches_nothing_about_another(journal: Journal, later: Draft) -> None:
    """What it costs stays unknown, so that it holds all that is left."""
    await begun(journal, "gen_0", ASK, replace(LARGE, size=None), budget=DAY)
    await journal.settle("gen_0", 0, "done", reading=reading("3"))

    assert await lets_in(journal, later)
    assert not await lets_in(journal, draft("0.000001", model="other"))


@pytest.mark.parametrize(
    ("day", "sandbox", "held"),
    [
        ("2026-04-11", False, "3"),
        ("2026-06-09", False, "3"),
        ("2026-06-10", False, "1"),
        ("2026-04-11", True, "1"),
    ],
)
async def test_a_learnt_price_is_of_sixty_days_and_one_world(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, day: str, sandbox: bool, held: str
) -> None:
    """Prices change, and those of the sandbox are play money."""
    await begun(journal, "gen_0")
    await journal.settle("gen_0", 0, "done", reading=reading("3"))
    at(monkeypatch, f"{day}T12:00:00+00:00")

    budget = Budget(Decimal(held), "day")

    too_little = replace(budget, amount=budget.amount - Decimal("0.000001"))
    assert not await lets_in(journal, draft("1"), budget=too_little, sandbox=sandbox)
    assert await lets_in(journal, draft("1"), budget=budget, sandbox=sandbox)
