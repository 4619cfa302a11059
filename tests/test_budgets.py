"""What the user allows to be spent: how it is written, when a period begins, and how a wrong value is refused."""

import asyncio
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from imagewright import generations, looking
from imagewright.budgets import Budget, amount, budget
from imagewright.doors import Door
from imagewright.errors import SettingsError
from imagewright.holding import Draft
from imagewright.models import Ask, Endpoint, ImageRequest, Plan
from imagewright.owners import Owner
from imagewright.providers import all_providers
from imagewright.settings import load
from tests.agent import KEYS, Agent, Era
from tests.bodies import DONE
from tests.entries import opened
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


@pytest.mark.parametrize(("size", "further"), [("1K", False), ("2K", True)])
async def test_a_size_without_a_published_price_holds_all_that_is_left(
    agent: Agent, depicta: Scripted, size: str, further: bool
) -> None:
    """Until it is told what it cost, it may have cost any of it."""
    agent.environ["IMAGEWRIGHT_DEPICTA_BUDGET"] = "5/day"
    depicta.answer(Answer(ending="close"), *[Answer(200, DONE["depicta"]())] * (not further))

    unknown = await agent.draw("depicta", size=size)
    other = await agent.draw("depicta", prompt="a hare")

    assert "maybe" == unknown.error["charged"], unknown.text
    assert ("over_budget" if further else None) == other.error.get("code"), other.text


async def left_by(owner: str, agent: Agent, slug: str = "heydecks", *, sent: bool) -> str:
    """Leave a call that fills a provider's budget, as one of a server that draws, or was killed; return its id."""
    agent.environ[f"IMAGEWRIGHT_{slug.upper()}_BUDGET"] = "8/day"
    provider = all_providers()[slug]
    door = Door(Endpoint(agent.scripts[slug].url, KEYS[slug]), frozenset())
    request = ImageRequest("a hare")
    draft = Draft(slug, None, 1, Decimal(8), provider.unit, account=door.account)
    async with opened(Path(agent.environ["IMAGEWRIGHT_HOME"])) as journal:
        plan = Plan(slug, request, (), "It was named.")
        await journal.begin("gen_left", Ask(request, slug), plan, [draft], None, owner)
        if sent:
            await journal.sending("gen_left", 0, None)
    return "gen_left"


@pytest.fixture
def no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server long after its start, when it looks for nothing that others left by itself."""
    monkeypatch.setattr(generations, "_RESUME_AFTER_SECONDS", 3600)


@pytest.mark.usefixtures("no_start")
@pytest.mark.parametrize("provider", ["heydecks", "auto"])
async def test_what_a_killed_server_held_is_free_for_the_next_call(
    agent: Agent, heydecks: Scripted, provider: str
) -> None:
    """It sent nothing of it: whoever needs the room gets it, before another provider is asked."""
    generation_id = await left_by("a dead one", agent, sent=False)
    heydecks.answer(Answer(200, DONE["heydecks"]()))

    drawn = await agent.draw(provider)
    left = await agent.call("get_generation", generation_id=generation_id)

    assert ("done", "heydecks") == (drawn.structured.get("status"), drawn.structured.get("provider")), drawn.text
    assert ("failed", "no") == (left.structured["status"], left.structured["failures"][0]["charged"])
    assert 1 == agent.sent


@pytest.mark.usefixtures("no_start")
async def test_what_a_killed_server_sent_stays_in_the_budget(agent: Agent) -> None:
    """It may have been charged; that it is looked up is all that the next call does for it."""
    generation_id = await left_by("a dead one", agent, sent=True)

    refused = await agent.draw("heydecks")
    left = await agent.call("get_generation", generation_id=generation_id)

    assert ("over_budget", "unknown") == (refused.error.get("code"), left.structured["status"]), refused.text
    assert 0 == agent.sent


@pytest.mark.usefixtures("no_start")
async def test_a_call_waits_a_moment_only_for_what_a_killed_server_left(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Depicta may have to be asked for minutes; who needs the room is told that there is none."""

    async def sleep(_: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(looking, "sleep", sleep)
    monkeypatch.setattr(generations, "_FREEING_SECONDS", 0.05)
    await left_by("a dead one", agent, "depicta", sent=True)

    async with asyncio.timeout(20):
        refused = await agent.draw("depicta")

    assert "over_budget" == refused.error.get("code"), refused.text


@pytest.mark.usefixtures("no_start")
async def test_what_a_living_server_holds_is_not_free(agent: Agent) -> None:
    """It is about to send it."""
    owner = Owner(Path(agent.environ["IMAGEWRIGHT_HOME"]) / "locks")
    generation_id = await left_by(await owner.token(), agent, sent=False)

    refused = await agent.draw("heydecks")
    left = await agent.call("get_generation", generation_id=generation_id)

    assert ("over_budget", "running") == (refused.error.get("code"), left.structured["status"]), refused.text
    owner.release()


async def test_a_call_whose_outcome_is_unknown_stays_in_the_budget(agent: Agent, heydecks: Scripted) -> None:
    """It may have been charged: a further one could pass the budget."""
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "8/day"
    heydecks.answer(Answer(ending="close"))

    unknown = await agent.draw("heydecks")
    further = await agent.draw("heydecks", prompt="a hare")

    assert "maybe" == unknown.error["charged"], unknown.text
    assert "over_budget" == further.error["code"], further.text
    assert 1 == len(heydecks.seen)
