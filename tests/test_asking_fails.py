"""A client that says it can ask and then fails to: the answer is the one for a client that cannot, and can be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp.types import ElicitRequestParams, ElicitResult, ErrorData

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Agent, Era, Result
from tests.bodies import DONE
from tests.desk import FIRST, Desk
from tests.scripted import Answer, Scripted

Said = ElicitResult | ErrorData
REFUSAL = ErrorData(code=-32603, message="no window to show it in")
WAYS: Mapping[str, Said] = {
    "an error": REFUSAL,
    "a yes to nothing": ElicitResult(action="accept"),
    "something else": ElicitResult(action="accept", content={"weather": "fine"}),
}
# In the newer era a client that cannot answer does not call again: the server hears nothing of it.
FAILURES = [("legacy", way) for way in WAYS] + [("2026-07-28", way) for way in WAYS if WAYS[way] is not REFUSAL]


@dataclass(slots=True)
class Helpless:
    """A client's part that is to put questions, and how it fails."""

    said: Said
    questions: list[ElicitRequestParams] = field(default_factory=list[ElicitRequestParams])

    async def __call__(self, context: object, params: ElicitRequestParams) -> Said:
        """Fail, whatever the `context`."""
        del context
        self.questions.append(params)
        return self.said


def connect(agent: Agent, helpless: Helpless) -> Client:
    """Return a client that fails to ask."""
    return Client(build_server(load(agent.environ)), mode=agent.era, elicitation_callback=helpless)


async def call(client: Client, tool: str, **arguments: Any) -> Result:
    """Call a tool."""
    return Result(await client.call_tool(tool, arguments))


@pytest.mark.parametrize(("era", "way"), FAILURES)
async def test_what_nobody_could_be_asked_about_is_not_drawn(era: Era, way: str, agent: Agent) -> None:
    """It cost nothing, and the text names what the user would change."""
    del era
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"] = "8"
    helpless = Helpless(WAYS[way])

    async with connect(agent, helpless) as client:
        result = await call(client, "generate_image", prompt="a fox", provider="heydecks", count=2)

    assert ("not_confirmed", "no") == (result.error.get("code"), result.error.get("charged")), result.text
    assert "this client could not put the question" in result.text
    assert "raise IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS" in result.text
    assert (1, 0) == (len(helpless.questions), agent.sent)


@pytest.mark.parametrize("era", ["2026-07-28"])
async def test_a_newer_client_that_fails_to_ask_has_sent_nothing(era: Era, agent: Agent) -> None:
    """It never comes back with an answer, and without one nothing leaves."""
    del era
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"] = "8"

    async with connect(agent, Helpless(REFUSAL)) as client:
        with pytest.raises(MCPError, match=REFUSAL.message):
            await call(client, "generate_image", prompt="a fox", provider="heydecks", count=2)

    assert 0 == agent.sent


@pytest.mark.parametrize(("era", "way"), FAILURES)
async def test_what_nobody_could_be_asked_about_is_not_published(era: Era, way: str, desk: Desk) -> None:
    """Nothing was changed, and the text says how to publish without asking."""
    del era
    helpless = Helpless(WAYS[way])

    async with connect(desk.agent, helpless) as client:
        result = await call(client, "attach_to_post", images=[FIRST], publish_now=True)

    assert ("not_confirmed", "no") == (result.error.get("code"), result.error.get("charged")), result.text
    assert "this client could not put the question" in result.text
    assert "set IMAGEWRIGHT_PUBLISH=allow" in result.text
    assert (1, []) == (len(helpless.questions), desk.sent)


@pytest.mark.parametrize(("era", "way"), FAILURES)
async def test_what_nobody_could_be_asked_about_stays_open(
    era: Era, way: str, agent: Agent, heydecks: Scripted
) -> None:
    """How it stands is told all the same, nothing is settled, and the question is not put again."""
    del era
    heydecks.answer(Answer(ending="close"))
    generation_id = (await agent.draw("heydecks")).error["generation_id"]
    helpless = Helpless(WAYS[way])

    async with connect(agent, helpless) as client:
        results = [await call(client, "get_generation", generation_id=generation_id) for _ in range(2)]

    assert [(False, "unknown")] * 2 == [(one.is_error, one.structured.get("status")) for one in results]
    assert 1 == len(helpless.questions)


@pytest.mark.parametrize("era", ["legacy"])
async def test_a_failed_question_says_nothing_of_the_next_call(era: Era, agent: Agent, heydecks: Scripted) -> None:
    """A client that can ask again is asked again."""
    del era
    agent.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"] = "8"
    heydecks.answer(Answer(200, DONE["heydecks"](2)))
    helpless = Helpless(REFUSAL)
    asked: dict[str, Any] = {"prompt": "a fox", "provider": "heydecks", "count": 2}

    async with connect(agent, helpless) as client:
        failed = await call(client, "generate_image", **asked)
        helpless.said = ElicitResult(action="accept", content={"draw": True})
        drawn = await call(client, "generate_image", **asked)

    assert ("not_confirmed", "done") == (failed.error.get("code"), drawn.structured.get("status")), drawn.text
    assert 2 == len(helpless.questions)
