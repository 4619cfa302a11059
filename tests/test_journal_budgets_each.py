"""What one principal may spend: a budget for each beside the one of all, and neither is ever passed."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from imagewright.budgets import Budget
from imagewright.errors import BudgetError
from imagewright.holding import Draft
from imagewright.journal import Journal
from imagewright.models import LOCAL
from imagewright.rows import MIGRATIONS
from tests.agent import Agent, Era
from tests.bodies import DONE
from tests.entries import ASK, DAY, MONTH, OWNER, PLAN, ask, draft, error_of, opened, reading
from tests.journal_worker import BUDGET, EACH, at_once
from tests.scripted import Answer, Scripted

pytestmark = pytest.mark.usefixtures("noon")

SMALL = Budget(Decimal(4), "day")


@pytest.fixture
def era() -> Era:
    """One era: budgets are below the protocol."""
    return "2026-07-28"


async def lets_in(
    journal: Journal, principal: str, *drafts: Draft, budget: Budget | None = None, each: Budget | None = SMALL
) -> bool:
    """Whether these calls of a principal are let in as one generation; they hold what they cost from then on."""
    number = len(await journal.newest(99))
    asked = replace(ask(f"number {number}"), principal=principal)
    try:
        await journal.begin(f"gen_{number}", asked, PLAN, drafts, budget, OWNER, each)
    except BudgetError:
        return False
    return True


async def test_each_principal_has_a_budget_of_its_own(journal: Journal) -> None:
    """One that has used it up leaves that of another whole, to the millionth."""
    assert await lets_in(journal, "ann", draft("4"))
    assert not await lets_in(journal, "ann", draft("0.000001", model="small"))
    assert not await lets_in(journal, "bob", draft("2"), draft("2.000001"))
    assert await lets_in(journal, "bob", draft("2"), draft("2"))


async def test_both_budgets_hold(journal: Journal) -> None:
    """Ten for all, four for each."""
    let_in = [await lets_in(journal, name, draft("3"), budget=DAY) for name in ("ann", "ann", "bob", "cid", "dan")]
    last = await lets_in(journal, "dan", draft("1", model="small"), budget=DAY)

    assert [True, False, True, True, False] == let_in
    assert last


@pytest.mark.parametrize(
    ("spent_by_others", "principal", "message"),
    [
        (
            "0",
            "ann",
            (
                "This needs about 2 cents, and 1 of your budget of 4 cents a day is left. 3 are held for calls without "
                "an outcome: see `imagewright recover`. Nothing was sent. Ask for less, wait for the next day (UTC), "
                "or raise IMAGEWRIGHT_THEO_BUDGET_EACH and start the server again."
            ),
        ),
        (
            "6",
            "ann",
            (
                "This would pass what may be spent there in a month, by all together. Nothing was sent. Ask for less, "
                "use another provider, or wait for the next month (UTC)."
            ),
        ),
        (
            "6",
            LOCAL,
            (
                "This needs about 2 cents, and 1 of the budget of 10 cents a month is left. 9 are held for calls "
                "without an outcome: see `imagewright recover`. Nothing was sent. Ask for less, wait for the next "
                "month (UTC), or raise IMAGEWRIGHT_THEO_BUDGET and start the server again."
            ),
        ),
    ],
)
async def test_a_refusal_names_the_budget_that_is_passed(
    journal: Journal, spent_by_others: str, principal: str, message: str
) -> None:
    """And what to set; where both are, that of all, of which only the owner is told amounts."""
    await lets_in(journal, "bob", draft(spent_by_others), each=None)
    await lets_in(journal, principal, draft("3"))

    with pytest.raises(BudgetError) as caught:
        await journal.begin("gen_9", replace(ask("more"), principal=principal), PLAN, [draft("2")], MONTH, OWNER, SMALL)

    assert message == str(caught.value)
    assert await journal.entry("gen_9") is None


async def test_what_a_call_did_cost_counts_for_its_principal(journal: Journal) -> None:
    """Nothing if it was refused, and what it was told to cost once it is told."""
    await lets_in(journal, "ann", draft("2"), draft("2"))
    await journal.settle("gen_0", 0, "refused", error=error_of("no"))
    await journal.settle("gen_0", 1, "done", reading=reading("1.5"))

    assert not await lets_in(journal, "ann", draft("2.500001", model="x"))
    assert await lets_in(journal, "ann", draft("2.5", model="x"))


async def test_a_price_that_nobody_knows_holds_what_is_left_of_both(journal: Journal) -> None:
    """It may cost any of it: neither the same principal nor another is let in beside it."""
    assert await lets_in(journal, "ann", draft(None, model="new"), budget=DAY)

    assert not await lets_in(journal, "ann", draft("0.000001", model="x"))
    assert not await lets_in(journal, "bob", draft("0.000001", model="x"), budget=DAY)
    assert await lets_in(journal, "bob", draft("4", model="x"))  # where there is only one for each


async def test_a_further_provider_is_held_to_its_own_budget_for_each(journal: Journal) -> None:
    """Going on reserves as beginning does, or changes nothing."""
    await lets_in(journal, "ann", draft("1"))
    await journal.settle("gen_0", 0, "refused", error=error_of("no"))
    further, there = replace(PLAN, provider="depicta"), replace(draft("3"), provider="depicta", unit="EUR")

    with pytest.raises(BudgetError, match=r"your budget of 4 EUR.*IMAGEWRIGHT_DEPICTA_BUDGET_EACH"):
        await journal.go_on("gen_0", further, [there] * 2, None, SMALL)
    entry = await journal.go_on("gen_0", further, [there], None, SMALL)

    assert ["refused", "reserved"] == [call.state for call in entry.calls]
    with pytest.raises(BudgetError):
        await journal.go_on("gen_0", further, [there], None, SMALL)


async def test_eight_processes_pass_neither_budget(tmp_path: Path) -> None:
    """Three principals at the same time: together they use up that of all, and nobody more than the own one."""
    let_in = await asyncio.wait_for(at_once("reserve_each", tmp_path, 8), timeout=60)

    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        held = dict(db.execute("SELECT principal, sum(held) / 1000000 FROM calls GROUP BY principal").fetchall())
    assert BUDGET.amount == sum(let_in) == sum(held.values())
    assert all(spent <= EACH.amount for spent in held.values())


def test_what_a_principal_spent_is_read_from_an_index(tmp_path: Path) -> None:
    """Only its own rows of the period: neither all calls of all time, nor those of the others."""
    queries: list[str] = []

    async def spend() -> None:
        async with opened(tmp_path) as journal:
            await journal.write(lambda db: db.set_trace_callback(queries.append))
            await lets_in(journal, "ann", draft("1"), budget=DAY)

    asyncio.run(spend())
    (query,) = [one for one in queries if "sum(held)" in one and "principal" in one]

    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as db:
        ((*_, plan),) = db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    covering = "USING COVERING INDEX calls_by_principal (sandbox=? AND provider=? AND principal=? AND day>?)"
    assert f"SEARCH calls {covering}" == plan


def test_what_was_spent_before_there_were_principals_is_the_users_own(tmp_path: Path) -> None:
    """A journal of an earlier version keeps for each call whose it was."""
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)) as db:
        for number, script in enumerate(MIGRATIONS[:4], 1):
            for statement in script.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        for name in ("local", "ann"):
            db.execute(
                "INSERT INTO generations (generation_id, at, principal, sandbox, fingerprint, ask, plan, status) "
                "VALUES (?, '2026-04-10', ?, 0, ?, '{}', '{}', 'done')",
                (name, name, name),
            )
            db.execute(
                "INSERT INTO calls (generation_id, number, day, sandbox, provider, count, state, unit, held, account) "
                "VALUES (?, 0, '2026-04-10', 0, 'theo', 1, 'done', 'cents', 3000000, '')",
                (name,),
            )

    async def let_in() -> list[bool]:
        async with opened(tmp_path) as journal:
            query = "SELECT principal FROM calls ORDER BY principal"
            assert [("ann",), ("local",)] == await journal.read(lambda db: db.execute(query).fetchall())
            return [await _fits(journal, name) for name in ("local", "ann", "bob")]

    assert [False, False, True] == asyncio.run(let_in())


async def _fits(journal: Journal, principal: str) -> bool:
    asked = replace(ASK, principal=principal)
    try:
        await journal.begin(f"gen_{principal}", asked, PLAN, [draft("2")], None, OWNER, SMALL)
    except BudgetError:
        return False
    return True


async def test_a_call_over_the_own_budget_is_not_sent(agent: Agent, heydecks: Scripted) -> None:
    """The answer says so; the budget of all has room."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "100/day"
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET_EACH"] = "20/month"
    heydecks.answer(Answer(200, DONE["heydecks"](2)))

    first = await agent.draw("heydecks", count=2)
    second = await agent.draw("heydecks", count=2)

    assert not first.is_error, first.text
    assert ("over_budget", "no") == (second.error["code"], second.error["charged"])
    assert "4 of your budget of 20 credits a month is left." in second.text
    assert "raise IMAGEWRIGHT_HEYDECKS_BUDGET_EACH and start" in second.text
    assert 1 == len(heydecks.seen)
