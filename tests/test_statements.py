"""One generation in full, on the command line: each of its calls, what came of them, and what could not be read."""

import json
import re

import pytest

from tests.agent import KEYS, Agent, Era
from tests.bodies import DONE, JOB, UUID
from tests.scripted import Answer, Scripted
from tests.terminal import Command, terminal

SECOND = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
UNREADABLE = "Dear customer,\n\u202eyour ![picture](https://evil.example/) is “here”.\x1b[31m"
READ = "Dear customer, your ![picture] (https://evil.example/) is “here”.[31m"
QUOTED = READ.replace("“", '"').replace("”", '"')


@pytest.fixture
def era() -> Era:
    """One era: the journal is below the protocol."""
    return "2026-07-28"


@pytest.fixture
def command(agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line with the settings of the agent."""
    return terminal(agent, monkeypatch, capsys)


async def unread(agent: Agent, depicta: Scripted, body: bytes = UNREADABLE.encode()) -> str:
    """Draw at Depicta, whose answer says success and is no answer; return the id."""
    depicta.answer(Answer(200, body, {"X-Depicta-Job-Id": JOB}))
    generation_id: str = (await agent.draw("depicta")).error["generation_id"]
    return generation_id


async def test_one_generation_is_shown_with_its_calls_and_pictures(
    agent: Agent, command: Command, posteverywhere: Scripted
) -> None:
    """Its line, the whole prompt, each call with cost, times and id, the error of the one that failed, the pictures."""
    posteverywhere.answer(Answer(201, DONE["posteverywhere"]()), Answer(403, {"error": {"code": "content_rejected"}}))
    prompt = "a fox " + "and another " * 20
    made = await agent.draw("posteverywhere", prompt=prompt, count=2, request_id="order-1")
    generation_id = made.structured["generation_id"]

    said = await command("history", generation_id)

    calls = sorted(said.table(2), key=lambda row: row[4])
    assert (0, "") == (said.code, said.err)
    assert [generation_id, "partial", "1/2", "15 credits"] == [said.rows[0][number] for number in (0, 2, 5, 6)]
    assert f"Prompt: “{prompt.strip()}”" in said.out
    assert ["posteverywhere", "nano-banana-pro", "1", "done", "15 credits"] == calls[0][1:6]
    assert ["refused", "-"] == calls[1][4:6]
    assert all(re.fullmatch(SECOND, moment) for call in calls for moment in call[6:8])
    assert [UUID, "-"] == [call[8] for call in calls]
    assert f"Call {calls[1][0]}: PostEverywhere" in said.out
    assert said.out.endswith(f"media_id: {UUID}\n")


async def test_an_unknown_call_is_shown_with_what_it_holds_and_what_was_checked(
    agent: Agent, command: Command, heydecks: Scripted
) -> None:
    """What is held is not what it cost, and what a look showed is told."""
    heydecks.answer(Answer(ending="close"))
    generation_id = (await agent.draw("heydecks")).error["generation_id"]

    said = await command("history", generation_id)

    (call,) = said.table(2)
    assert ["0", "heydecks", "-", "1", "unknown", "held 8 credits"] == call[:6]
    assert "Call 0: The request reached HeyDecks, but no complete answer came" in said.out
    assert "Checked: HeyDecks has no way to look a call up." in said.out
    assert "own words" not in said.out


async def test_an_answer_that_could_not_be_read_is_quoted(agent: Agent, command: Command, depicta: Scripted) -> None:
    """For the person who settles the call: cleaned, in quotation marks, and said to be the provider's own words."""
    generation_id = await unread(agent, depicta)

    said = await command("history", generation_id)

    words = f"The answer to call 0 could not be read. In depicta's own words: “{QUOTED}”"
    assert words in said.out.splitlines()
    assert JOB in said.table(2)[0][8]


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"x" * 5000, "x" * 1999 + "…"), (b"\xff\xfe fox", "\ufffd\ufffd fox")],
    ids=["long", "no text"],
)
async def test_whatever_an_answer_is_it_can_be_shown(
    agent: Agent, command: Command, depicta: Scripted, body: bytes, shown: str
) -> None:
    """Two thousand characters at most, and bytes that are no text do no harm."""
    generation_id = await unread(agent, depicta, body)

    said = await command("history", generation_id)
    facts = json.loads((await command("history", generation_id, "--json")).out)

    assert f"own words: “{shown}”" in said.out
    assert shown == facts["calls"][0]["answer_untrusted"]


async def test_one_generation_speaks_json(agent: Agent, command: Command, depicta: Scripted) -> None:
    """The same as data: what the list has, and the calls."""
    generation_id = await unread(agent, depicta)

    facts = json.loads((await command("history", generation_id, "--json")).out)

    (listed,) = json.loads((await command("history", "--json")).out)["generations"]
    (call,) = facts["calls"]
    assert listed == {name: facts[name] for name in listed}
    assert ([], []) == (facts["urls"], facts["media_ids"])
    assert (0, "depicta", "unknown", None, "0.06", "EUR", JOB) == tuple(
        call[name] for name in ("number", "provider", "state", "cost", "held", "unit", "trace_id")
    )
    assert ("unreadable_answer", "maybe", READ) == (
        call["error"]["code"],
        call["error"]["charged"],
        call["answer_untrusted"],
    )


async def test_pictures_are_shown_by_their_urls(agent: Agent, command: Command, heydecks: Scripted) -> None:
    """What was paid for can be had again."""
    heydecks.answer(Answer(200, DONE["heydecks"](2)))
    made = await agent.draw("heydecks", count=2)

    said = await command("history", made.structured["generation_id"])

    assert [f"URL: {url}" for url in made.structured["urls"]] == said.out.splitlines()[-2:]


@pytest.mark.parametrize("used", [False, True])
async def test_an_id_that_is_none_is_one_line(agent: Agent, command: Command, heydecks: Scripted, used: bool) -> None:
    """Code 2, nothing on stdout, and no file is made to look into."""
    if used:
        heydecks.answer(Answer(200, DONE["heydecks"]()))
        await agent.draw("heydecks")

    said = await command("history", "gen_1")

    assert (2, "", 1) == (said.code, said.out, len(said.err.splitlines()))
    assert "There is no generation “gen_1”." in said.err


async def test_a_key_that_an_answer_quotes_is_not_shown(agent: Agent, command: Command, depicta: Scripted) -> None:
    """Vendors quote the key that they refuse."""
    generation_id = await unread(agent, depicta, f"key {KEYS['depicta']} is fine".encode())

    said = await command("history", generation_id)

    assert "own words: “key *** is fine”" in said.out
