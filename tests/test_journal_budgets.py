"""A budget is kept by what is held before a call is sent: whatever becomes of calls, it is never passed."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imagewright.errors import BudgetError
from imagewright.journal import Journal
from imagewright.models import CallState
from tests.entries import (
    ASK,
    DAY,
    MONTH,
    OWNER,
    PLAN,
    ask,
    at,
    begun,
    draft,
    error_of,
    leaves_exactly,
    lets_in,
    reading,
)
from tests.journal_worker import BUDGET, at_once

pytestmark = pytest.mark.usefixtures("noon")


async def test_a_call_that_reaches_the_limit_exactly_is_let_in(journal: Journal) -> None:
    """And then not a millionth more."""
    assert await lets_in(journal, draft("9.999999"))
    assert not await lets_in(journal, draft("0.000002", model="small"))
    assert await lets_in(journal, draft("0.000001", model="small"))
    assert not await lets_in(journal, draft("0.000001", model="small"))


async def test_a_call_over_the_budget_is_refused_before_anything_is_noted(journal: Journal) -> None:
    """The message says what it needs, what is left, when there is more, and what to set."""
    await begun(journal, "gen_1", ASK, draft("7.5"), budget=DAY)

    with pytest.raises(BudgetError) as caught:
        await journal.begin("gen_2", ask("another"), PLAN, [draft("2", model="a"), draft("1", model="b")], DAY, OWNER)

    assert (
        "This needs about 3 cents, and 2.5 of the budget of 10 cents a day is left. 7.5 are held for calls without an "
        "outcome: see `imagewright recover`. Nothing was sent. Ask for less, wait for the next day (UTC), or raise "
        "IMAGEWRIGHT_THEO_BUDGET and start the server again."
    ) == str(caught.value)
    assert await journal.entry("gen_2") is None
    assert ["gen_1"] == [entry.generation_id for entry in await journal.newest(9)]


async def test_nothing_is_left_once_it_cost_more_than_the_budget(journal: Journal) -> None:
    """Not a negative amount in the message, and not even a call that costs nothing."""
    await begun(journal, "gen_1", budget=DAY)
    await journal.settle("gen_1", 0, "done", reading=reading("11"))

    with pytest.raises(BudgetError, match=r"about 0\.5 cents, and 0 of the budget of 10 cents a month is left"):
        await journal.begin("gen_2", ask("another"), PLAN, [draft("0.5", model="x")], MONTH, OWNER)

    assert not await lets_in(journal, draft("0", model="x"))


async def test_the_calls_of_a_generation_count_together(journal: Journal) -> None:
    """Half of a generation is not let in."""
    assert not await lets_in(journal, draft("6"), draft("6"))
    assert await leaves_exactly(journal, "10")


@pytest.mark.parametrize(
    ("state", "cost", "left"),
    [
        ("reserved", None, "6"),
        ("sending", None, "6"),
        ("unknown", None, "6"),
        ("lost", None, "6"),
        ("done", None, "6"),
        ("done", "2.5", "7.5"),
        ("done", "4", "6"),
        ("done", "8.25", "1.75"),
        ("refused", None, "10"),
    ],
)
async def test_a_call_weighs_what_it_may_have_cost(
    journal: Journal, state: CallState, cost: str | None, left: str
) -> None:
    """What is held until the true cost is told, and nothing once it certainly cost nothing."""
    await begun(journal, "gen_0", ASK, draft("4"), budget=DAY)
    if state != "reserved":
        await journal.sending("gen_0", 0, None)
    if state not in {"reserved", "sending"}:
        await journal.settle("gen_0", 0, state, reading=reading(cost) if cost else None)

    assert await leaves_exactly(journal, left)


@pytest.mark.parametrize(("state", "cost", "left"), [("refused", None, "10"), ("done", "2.5", "7.5")])
async def test_an_unknown_call_weighs_less_once_it_is_known(
    journal: Journal, state: CallState, cost: str | None, left: str
) -> None:
    """A look that finds the picture, or proves that there is none, releases the rest."""
    await begun(journal, "gen_0", ASK, draft("4"), budget=DAY)
    await journal.settle("gen_0", 0, "unknown", error=error_of("maybe"))
    await journal.settle("gen_0", 0, state, reading=reading(cost) if cost else None)

    assert await leaves_exactly(journal, left)


async def test_a_fraction_of_a_millionth_counts_as_a_whole_one(journal: Journal) -> None:
    """Rounded the other way, a million of them would pass the budget."""
    await begun(journal, "gen_0", ASK, draft("0.0000001"), budget=DAY)

    assert await leaves_exactly(journal, "9.999999")


async def test_a_price_that_nobody_knows_holds_all_that_is_left(journal: Journal) -> None:
    """No call is let in beside it, neither one with a price nor another without."""
    assert await lets_in(journal, draft("4"))
    assert await lets_in(journal, draft(None, model="new"))

    assert not await lets_in(journal, draft("0.000001", model="other"))
    with pytest.raises(BudgetError, match=r"This has no known price, and 0 of the budget of 10 cents a day is left"):
        await journal.begin("gen_9", ask("another"), PLAN, [draft(None, model="new")], DAY, OWNER)


@pytest.mark.parametrize("calls", [1, 2, 3, 6, 7])
async def test_several_calls_without_a_price_leave_no_crumb(journal: Journal, calls: int) -> None:
    """A millionth that cannot be divided would let one more in, at any price."""
    assert await lets_in(journal, *[draft(None, model="new")] * calls)

    assert not await lets_in(journal, draft(None, model="new"))


async def test_a_price_that_was_not_known_weighs_what_it_was(journal: Journal) -> None:
    """Once the answer tells it."""
    await begun(journal, "gen_0", ASK, draft(None), budget=DAY)
    await journal.settle("gen_0", 0, "done", reading=reading("3"))

    assert await leaves_exactly(journal, "7")


async def test_an_approximate_price_is_held_with_its_margin(journal: Journal) -> None:
    """Until the true cost is told."""
    await begun(journal, "gen_0", ASK, draft("4", margin="1.25"), budget=DAY)

    assert not await lets_in(journal, draft("5.000001", model="other"))
    await journal.settle("gen_0", 0, "done", reading=reading("4"))
    assert await leaves_exactly(journal, "6")


@pytest.mark.parametrize(
    ("spent_at", "now", "of_day", "of_month"),
    [
        ("2026-01-30T00:00:00+00:00", "2026-01-31T23:59:59.999+00:00", True, False),
        ("2026-01-31T00:00:00+00:00", "2026-01-31T23:59:59.999+00:00", False, False),
        ("2026-01-31T23:59:59.999+00:00", "2026-02-01T00:00:00+00:00", True, True),
        ("2026-01-01T00:00:00+00:00", "2026-01-31T12:00:00+00:00", True, False),
        ("2025-01-31T12:00:00+00:00", "2026-01-31T12:00:00+00:00", True, True),
        ("2026-02-01T09:00:00+10:00", "2026-02-01T11:00:00+10:00", True, True),  # in UTC January, then February
    ],
)
async def test_days_and_months_are_those_of_utc(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, spent_at: str, now: str, of_day: bool, of_month: bool
) -> None:
    """A budget is whole again when its day or month has ended there, not on this machine."""
    at(monkeypatch, spent_at)
    await begun(journal, "gen_0", ASK, draft("10"))
    at(monkeypatch, now)

    assert of_month == await lets_in(journal, draft("1", model="x"), budget=MONTH)
    assert of_day == await lets_in(journal, draft("9", model="y"), budget=DAY)


async def test_a_call_counts_for_the_day_on_which_it_was_let_in(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its answer comes on the next."""
    at(monkeypatch, "2026-04-10T23:59:59+00:00")
    await begun(journal, "gen_0", ASK, draft("10"), budget=DAY)
    at(monkeypatch, "2026-04-11T00:00:01+00:00")
    await journal.settle("gen_0", 0, "done", reading=reading("10"))

    assert await lets_in(journal, draft("10"))


async def test_a_budget_is_of_one_provider_and_one_world(journal: Journal) -> None:
    """What another provider cost, or the sandbox, does not count."""
    await begun(journal, "gen_0", ASK, replace(draft("10"), provider="depicta", unit="EUR"))
    await begun(journal, "gen_1", replace(ASK, sandbox=True), draft("10"), budget=DAY)

    assert await leaves_exactly(journal, "10")


async def test_a_budget_is_of_all_who_share_the_journal(journal: Journal) -> None:
    """Whoever asks."""
    await begun(journal, "gen_0", replace(ASK, principal="somebody"), draft("10"), budget=DAY)

    assert not await lets_in(journal, draft("1"))


async def test_a_further_provider_is_held_to_its_own_budget(journal: Journal) -> None:
    """Going on to it reserves as beginning does, or changes nothing."""
    await begun(journal, "gen_0", ASK, draft("1"), budget=DAY)
    await journal.settle("gen_0", 0, "refused", error=error_of("no"))
    further = replace(PLAN, provider="depicta")
    there = replace(draft("3", model="m"), provider="depicta", unit="EUR")

    with pytest.raises(BudgetError, match=r"needs about 12 EUR.*IMAGEWRIGHT_DEPICTA_BUDGET"):
        await journal.go_on("gen_0", further, [there] * 4, DAY)
    refused = await journal.entry("gen_0")
    entry = await journal.go_on("gen_0", further, [there] * 3, DAY)

    assert refused is not None
    assert ("theo", [0]) == (refused.plan.provider, [call.number for call in refused.calls])
    assert ("depicta", [(0, "refused"), (1, "reserved"), (2, "reserved"), (3, "reserved")]) == (
        entry.plan.provider,
        [(call.number, call.state) for call in entry.calls],
    )
    with pytest.raises(BudgetError, match=r"needs about 3 EUR, and 1 of the budget of 10 EUR"):
        await journal.go_on("gen_0", further, [there], DAY)


async def test_eight_processes_never_pass_a_budget(tmp_path: Path) -> None:
    """Each reserves for as long as it is let in, all at the same time: together they use it up, and no more."""
    let_in = await asyncio.wait_for(at_once("reserve", tmp_path, 8), timeout=60)

    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        (held, calls) = db.execute("SELECT sum(held), count(*) FROM calls").fetchone()
    assert 8 == len(let_in)
    assert BUDGET.amount == sum(let_in) == calls
    assert 1_000_000 * BUDGET.amount == held
    assert 1 < len([one for one in let_in if one])  # they did run side by side
