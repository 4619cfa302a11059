"""What the user allows to be spent: how it is written, when a period begins, and how a wrong value is refused."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from imagewright.budgets import Budget, amount, budget
from imagewright.errors import SettingsError
from imagewright.settings import load
from tests.agent import KEYS, Agent, Era
from tests.bodies import DONE
from tests.scripted import Answer, Scripted

BUDGETS: Mapping[str, Budget | None] = {
    "5/day": Budget(Decimal(5), "day"),
    "5.00/day": Budget(Decimal(5), "day"),
    "200/month": Budget(Decimal(200), "month"),
    " 0.5 / Month ": Budget(Decimal("0.5"), "month"),
    "0/day": Budget(Decimal(0), "day"),
    "0.000001/day": Budget(Decimal("0.000001"), "day"),
    "999999999999/day": Budget(Decimal(999_999_999_999), "day"),
    "": None,
    "5": None,
    "/day": None,
    "5/": None,
    "5/week": None,
    "5/days": None,
    "5 day": None,
    "-5/day": None,
    "+5/day": None,
    "5,00/day": None,
    ".5/day": None,
    "5./day": None,
    "1e3/day": None,
    "0.0000001/day": None,
    "1000000000000/day": None,
    "inf/day": None,
    "nan/day": None,
    "5 EUR/day": None,
    "5/day/day": None,
    "5/day\n6/day": None,
}


@pytest.fixture
def era() -> Era:
    """One era: budgets are below the protocol."""
    return "2026-07-28"


@pytest.mark.parametrize("text", list(BUDGETS))
def test_a_budget_is_an_amount_a_day_or_a_month(text: str) -> None:
    """Nothing else: a budget that is guessed at protects nobody."""
    assert BUDGETS[text] == budget(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.50", "2.5"),
        (" 3 ", "3"),
        ("0", "0"),
        ("", None),
        ("-1", None),
        ("1e3", None),
        ("2,5", None),
        ("2/day", None),
    ],
)
def test_an_amount_is_a_plain_number(text: str, expected: str | None) -> None:
    """As people write money."""
    assert (Decimal(expected) if expected else None) == amount(text)


@pytest.mark.parametrize(
    ("today", "of_day", "of_month"),
    [
        (date(2026, 2, 28), date(2026, 2, 28), date(2026, 2, 1)),
        (date(2026, 3, 1), date(2026, 3, 1), date(2026, 3, 1)),
        (date(2025, 12, 31), date(2025, 12, 31), date(2025, 12, 1)),
    ],
)
def test_a_period_begins_with_its_first_day(today: date, of_day: date, of_month: date) -> None:
    """A month is the calendar's, not thirty days."""
    assert of_day == Budget(Decimal(1), "day").first_day(today)
    assert of_month == Budget(Decimal(1), "month").first_day(today)


def test_each_provider_has_its_own_budget() -> None:
    """In its own unit; the empty ones set none."""
    environ = {"HEYDECKS_API_KEY": KEYS["heydecks"], "IMAGEWRIGHT_HEYDECKS_BUDGET": "80/day"}
    environ |= {"IMAGEWRIGHT_DEPICTA_BUDGET": "2.50/month", "IMAGEWRIGHT_THEO_BUDGET": " "}
    environ |= {"IMAGEWRIGHT_CONFIRM_ABOVE_DEPICTA": "0.10", "IMAGEWRIGHT_CONFIRM_ABOVE_THEO": "${theo}"}

    settings = load(environ)

    assert {"heydecks": Budget(Decimal(80), "day"), "depicta": Budget(Decimal("2.50"), "month")} == settings.budgets
    assert {"depicta": Decimal("0.10")} == settings.confirm_above


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "IMAGEWRIGHT_DEPICTA_BUDGET",
            "5",
            "IMAGEWRIGHT_DEPICTA_BUDGET takes an amount a day or a month, such as 5.00/day, in Depicta's unit (EUR).",
        ),
        (
            "IMAGEWRIGHT_CONFIRM_ABOVE_THEO",
            "5/day",
            "IMAGEWRIGHT_CONFIRM_ABOVE_THEO takes an amount, such as 2.50, in Theo's unit (cents).",
        ),
    ],
)
def test_a_wrong_amount_is_refused_with_its_variable_and_unit(name: str, value: str, message: str) -> None:
    """At the start, not when the money is spent."""
    with pytest.raises(SettingsError) as caught:
        load({name: value})

    assert message == str(caught.value)


async def test_a_call_over_the_budget_is_not_sent(agent: Agent, heydecks: Scripted) -> None:
    """The answer says what is left, when there is more, and what the user would set; it cost nothing."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "20/month"
    heydecks.answer(Answer(200, DONE["heydecks"](2)))

    first = await agent.draw("heydecks", count=2)
    second = await agent.draw("heydecks", count=2)

    assert not first.is_error, first.text
    assert ("over_budget", "no") == (second.error["code"], second.error["charged"])
    assert (
        "This needs about 16 credits, and 4 of the budget of 20 credits a month is left. Nothing was sent. Ask for "
        "less, wait for the next month (UTC), or raise IMAGEWRIGHT_HEYDECKS_BUDGET and start the server again."
    ) in second.text
    assert 1 == len(heydecks.seen)


async def test_a_budget_of_nothing_lets_nothing_be_sent(agent: Agent) -> None:
    """It is a limit, not the lack of one."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "0/day"

    result = await agent.draw("heydecks")

    assert "over_budget" == result.error["code"], result.text
    assert 0 == agent.sent


async def test_a_call_that_was_refused_leaves_the_budget_whole(agent: Agent, heydecks: Scripted) -> None:
    """The vendor took nothing for it, so the next one may."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "8/day"
    heydecks.answer(Answer(400, {"error": {"code": "invalid_request", "message": "No."}}))
    heydecks.answer(Answer(200, DONE["heydecks"]()))

    refused = await agent.draw("heydecks")
    drawn = await agent.draw("heydecks")

    assert (True, False) == (refused.is_error, drawn.is_error), drawn.text
    assert 2 == len(heydecks.seen)


async def test_a_call_whose_outcome_is_unknown_stays_in_the_budget(agent: Agent, heydecks: Scripted) -> None:
    """It may have been charged: a further one could pass the budget."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "8/day"
    heydecks.answer(Answer(ending="close"))

    unknown = await agent.draw("heydecks")
    further = await agent.draw("heydecks", prompt="a hare")

    assert "maybe" == unknown.error["charged"], unknown.text
    assert "over_budget" == further.error["code"], further.text
    assert 1 == len(heydecks.seen)
