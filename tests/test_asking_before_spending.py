"""What costs more than the user lets pass unasked: a person says yes, or nothing is sent."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from mcp import Client
from mcp.types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Agent, Result
from tests.bodies import DONE
from tests.scripted import Answer, Scripted


@dataclass(slots=True)
class Person:
    """Answers what the server asks, and remembers the questions."""

    answer: ElicitResult
    questions: list[str] = field(default_factory=list[str])

    async def __call__(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """Answer as this person does, whatever the `context`."""
        del context
        assert isinstance(params, ElicitRequestFormParams)
        self.questions.append(params.message)
        return self.answer


YES = ElicitResult(action="accept", content={"draw": True})
NOES = {
    "no": ElicitResult(action="accept", content={"draw": False}),
    "decline": ElicitResult(action="decline"),
    "cancel": ElicitResult(action="cancel"),
}


async def draw(agent: Agent, person: Person | None, provider: str = "heydecks", **arguments: Any) -> Result:
    """Draw with a client that can ask the person, if there is one."""
    async with Client(build_server(load(agent.environ)), mode=agent.era, elicitation_callback=person) as client:
        asked = {"prompt": "a fox", "provider": provider, **arguments}
        return Result(await client.call_tool("generate_image", asked))


@pytest.fixture(autouse=True)
def limit(agent: Agent) -> None:
    """One picture of HeyDecks costs 8 credits and passes; two do not."""
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"] = "8"


async def test_a_person_is_asked_what_it_costs_and_a_yes_draws(agent: Agent, heydecks: Scripted) -> None:
    """The question names pictures, provider, price and prompt, and is put once."""
    heydecks.answer(Answer(200, DONE["heydecks"](2)))
    person = Person(YES)

    result = await draw(agent, person, count=2)

    assert "done" == result.structured["status"]
    assert ["Draw 2 pictures with HeyDecks for about 16 credits? The prompt: “a fox”"] == person.questions


@pytest.mark.parametrize("said", list(NOES))
async def test_any_other_answer_sends_nothing(agent: Agent, said: str) -> None:
    """No, no answer, or away: it cost nothing, and the text names what the user would change."""
    result = await draw(agent, Person(NOES[said]), count=2)

    assert ("not_confirmed", "no") == (result.error["code"], result.error["charged"])
    assert "raise IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS" in result.text
    assert 0 == agent.sent


async def test_a_client_that_cannot_ask_is_refused(agent: Agent) -> None:
    """Silence is no yes."""
    result = await draw(agent, None, count=2)

    assert "not_confirmed" == result.error["code"]
    assert "Draw 2 pictures with HeyDecks for about 16 credits?" in result.text
    assert 0 == agent.sent


async def test_what_costs_no_more_than_the_limit_is_not_asked_about(agent: Agent, heydecks: Scripted) -> None:
    """The limit itself passes."""
    heydecks.answer(Answer(200, DONE["heydecks"]()))
    person = Person(NOES["no"])

    result = await draw(agent, person)

    assert ("done", []) == (result.structured["status"], person.questions)


async def test_a_price_that_nobody_publishes_is_asked_about(agent: Agent, theo: Scripted) -> None:
    """It may be above any limit."""
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_THEO"] = "1000"
    theo.answer(Answer(200, DONE["theo"]()))
    person = Person(YES)

    await draw(agent, person, "theo")

    assert ["Draw 1 picture with Theo for an amount in cents that it does not publish? The prompt: “a fox”"] == (
        person.questions
    )


@pytest.mark.parametrize(
    ("size", "questions"),
    [
        ("1K", []),
        ("2K", ["Draw 1 picture with Depicta for an amount in EUR that it does not publish? The prompt: “a fox”"]),
    ],
)
async def test_a_size_whose_price_nobody_publishes_is_asked_about(
    agent: Agent, depicta: Scripted, size: str, questions: list[str]
) -> None:
    """The price of the default size says nothing of a larger one."""
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_DEPICTA"] = "1000"
    depicta.answer(Answer(200, DONE["depicta"]()))
    person = Person(YES)

    result = await draw(agent, person, "depicta", size=size)

    assert ("done", questions) == (result.structured["status"], person.questions)


async def test_a_dry_run_is_not_asked_about(agent: Agent) -> None:
    """It costs nothing."""
    person = Person(NOES["no"])

    result = await draw(agent, person, count=2, dry_run=True)

    assert ("planned", []) == (result.structured["status"], person.questions)


async def test_a_repetition_that_costs_nothing_new_is_not_asked_about(agent: Agent, heydecks: Scripted) -> None:
    """The picture of the same request_id is handed out again."""
    heydecks.answer(Answer(200, DONE["heydecks"](2)))
    person = Person(YES)

    first = await draw(agent, person, count=2, request_id="order-1")
    again = await draw(agent, person, count=2, request_id="order-1")

    assert first.structured["generation_id"] == again.structured["generation_id"]
    assert 1 == len(person.questions)
    assert 1 == agent.sent


async def test_auto_goes_on_to_nobody_who_would_need_a_question(
    agent: Agent, heydecks: Scripted, theo: Scripted
) -> None:
    """The person was asked about another price: the failure is told, and the one below its limit is taken instead."""
    del agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"]
    agent.configure("heydecks", "theo", "posteverywhere")
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_THEO"] = "0"
    heydecks.answer(Answer(402, {"error": {"code": "insufficient_credits", "message": "Empty."}}))
    agent.scripts["posteverywhere"].answer(Answer(201, DONE["posteverywhere"]()))

    result = await draw(agent, None, "auto")

    assert "posteverywhere" == result.structured["provider"]
    assert [] == theo.seen
