"""The commands that read the journal: what was drawn, what it cost, what is not settled yet, and how it is settled."""

import asyncio
import json
import os
import re
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from imagewright import books, cli
from imagewright.budgets import Budget
from imagewright.holding import Draft
from imagewright.journal import Journal
from imagewright.models import LOCAL, Ask, ImageRequest, Plan
from tests.agent import KEYS, Agent, Era
from tests.bodies import DONE
from tests.scripted import Answer, Scripted
from tests.stage import Stage
from tests.terminal import Command, said_by, terminal

LOST = Answer(ending="close")


@pytest.fixture
def era() -> Era:
    """One era: the journal is below the protocol."""
    return "2026-07-28"


@pytest.fixture
def command(agent: Agent, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line with the settings of the agent."""
    return terminal(agent, monkeypatch, capsys)


def home(agent: Agent) -> Path:
    """The data folder of an agent."""
    return Path(agent.environ["IMAGEWRIGHT_HOME"])


def change(agent: Agent, *statements: str) -> None:
    """Change the journal behind everybody's back."""
    with closing(sqlite3.connect(home(agent) / "journal.sqlite3", isolation_level=None)) as db:
        for statement in statements:
            assert db.execute(statement).rowcount, statement


async def lost(agent: Agent, heydecks: Scripted) -> str:
    """Draw at HeyDecks, which takes the call and never answers; return the id."""
    heydecks.answer(LOST)
    generation_id: str = (await agent.draw("heydecks")).error["generation_id"]
    return generation_id


async def test_history_lists_the_newest_first_one_line_each(
    agent: Agent, command: Command, heydecks: Scripted, theo: Scripted
) -> None:
    """Each with id, time, status, provider, pictures, cost or what is at risk, and the first words of the prompt."""
    theo.answer(Answer(200, DONE["theo"]()))
    first = (await agent.draw("theo", prompt="a crane")).structured["generation_id"]
    second = await lost(agent, heydecks)

    said = await command("history")

    (newest, oldest) = said.rows
    assert 0 == said.code
    assert [second, "unknown", "heydecks", "-", "0/1", "at risk: ~8 credits", "a fox"] == [newest[0], *newest[2:]]
    assert [first, "done", "theo", "1/1", "a crane"] == [oldest[0], *oldest[2:4], oldest[5], oldest[7]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", row[1]) for row in said.rows)
    assert newest[0] == (await command("history", "--limit", "1")).rows[-1][0]


async def test_history_speaks_json(agent: Agent, command: Command, heydecks: Scripted) -> None:
    """The same as data, with what is at risk as an amount and a unit."""
    generation_id = await lost(agent, heydecks)

    (one,) = json.loads((await command("history", "--json")).out)["generations"]

    assert (generation_id, "unknown", None) == (one["generation_id"], one["status"], one["cost"])
    assert {"amount": "8", "unit": "credits", "estimated": True, "complete": True} == one["at_risk"]


async def test_history_shows_a_prompt_on_one_line_and_cut(agent: Agent, command: Command, theo: Scripted) -> None:
    """No line break, no colour of the terminal, no more than fits."""
    theo.answer(Answer(200, DONE["theo"]()))
    await agent.draw("theo", prompt="a \x1b[31mred\nfox " + "and another " * 20)

    said = await command("history")

    (row,) = said.rows
    assert row[-1].startswith("a [31mred fox and another")
    assert row[-1].endswith("…")
    assert 48 == len(row[-1])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("history",), "Nothing was generated yet."),
        (("spend",), "Nothing was spent since "),
        (("recover",), "Nothing is unknown or unfinished."),
    ],
)
async def test_what_was_never_used_has_nothing_and_stays_so(
    agent: Agent, command: Command, arguments: tuple[str, ...], told: str
) -> None:
    """A sentence, code 0, and no journal is made to look into."""
    said = await command(*arguments)

    assert (0, "") == (said.code, said.err)
    assert told in said.out
    assert not (home(agent) / "journal.sqlite3").exists()


async def test_history_works_as_a_process_without_a_server(agent: Agent, heydecks: Scripted, tmp_path: Path) -> None:
    """As a person types it; no SDK, no server and no image library is loaded for it."""
    generation_id = await lost(agent, heydecks)
    code = (
        "import sys; from imagewright.cli import main; main(['history']); "
        "sys.exit(sorted({'mcp', 'httpx2', 'PIL', 'starlette'} & sys.modules.keys()) or 0)"
    )

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        env={**os.environ, **agent.environ},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()

    assert (0, "") == (process.returncode, err.decode())
    assert generation_id in out.decode()


async def test_spend_adds_up_by_day_provider_and_model(
    agent: Agent, command: Command, heydecks: Scripted, depicta: Scripted
) -> None:
    """A row for each with calls, pictures, estimated, paid and held; a refused call is in none; sums are below."""
    heydecks.answer(*[Answer(200, DONE["heydecks"]())] * 2, Answer(400, {}), LOST)
    depicta.answer(Answer(200, DONE["depicta"]()))
    for prompt in ("one", "two", "three", "four"):
        await agent.draw("heydecks", prompt=prompt)
    await agent.draw("depicta")

    said = await command("spend")

    assert 0 == said.code
    assert ["heydecks", "-", "3", "3", "24", "16", "8", "credits"] == said.rows[1][1:]
    assert ["depicta", "gemini-2.5-flash-image", "1", "1"] == said.rows[0][1:5]
    assert re.search(r"^heydecks +3 +3 +24 +16 +8  credits$", said.out, re.MULTILINE)
    assert re.search(r"^depicta +1 +1 +0.048 +0.045 +0  EUR$", said.out, re.MULTILINE)


@pytest.mark.parametrize("days", [1, 30])
async def test_spend_tells_what_is_left_of_a_budget_of_this_month(
    agent: Agent, command: Command, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Counted from the first of the month, whatever days are shown: the days before it are not its concern."""
    heydecks.answer(*[Answer(200, DONE["heydecks"]())] * 3)
    for day in ("2026-04-30", "2026-05-01", "2026-05-20"):
        await agent.draw("heydecks", prompt=day)
        change(agent, f"UPDATE calls SET day = '{day}' WHERE day > '2026-05-20'")  # noqa: S608  # our own words
    monkeypatch.setattr(books, "today", lambda: date(2026, 5, 20))

    said = await command("spend", "--days", str(days), IMAGEWRIGHT_HEYDECKS_BUDGET="20/month")

    assert {1: ["2026-05-20"], 30: ["2026-05-20", "2026-05-01", "2026-04-30"]}[days] == [row[0] for row in said.rows]
    assert "Budget of heydecks: 4 of 20 credits a month left." == said.out.splitlines()[-1]


async def test_the_budget_that_spend_shows_is_the_one_that_lets_calls_in(
    agent: Agent, command: Command, heydecks: Scripted
) -> None:
    """What is held for an unknown call is not left; the next call that needs more is refused with the same figure."""
    await lost(agent, heydecks)
    agent.environ["IMAGEWRIGHT_HEYDECKS_BUDGET"] = "12/day"

    (left,) = json.loads((await command("spend", "--json")).out)["budgets"]
    refused = await agent.draw("heydecks", prompt="another")

    assert ("4", "12", "day", "credits") == (left["left"], left["amount"], left["period"], left["unit"])
    assert "4 of the budget of 12 credits a day is left" in refused.text


async def test_spend_keeps_the_sandbox_apart(agent: Agent, command: Command, heydecks: Scripted) -> None:
    """Its rows are marked, and no sum of real money counts them."""
    heydecks.answer(Answer(200, DONE["heydecks"]()))
    await agent.draw("heydecks")
    agent.environ["IMAGEWRIGHT_SANDBOX"] = "1"
    await agent.draw("heydecks", count=2)

    said = await command("spend")
    facts = json.loads((await command("spend", "--json")).out)

    assert [("heydecks", "1"), ("heydecks (sandbox)", "2")] == [(row[1], row[4]) for row in said.rows]
    assert [("heydecks", 1, "8")] == [(one["provider"], one["pictures"], one["paid"]) for one in facts["totals"]]
    assert [False, True] == [row["sandbox"] for row in facts["rows"]]


@pytest.mark.parametrize(
    ("outcome", "status", "spent"), [("charged", "failed", ["8", "0"]), ("not-charged", "refused", [])]
)
async def test_settle_ends_what_no_look_could(
    agent: Agent, command: Command, heydecks: Scripted, outcome: str, status: str, spent: list[str]
) -> None:
    """How it stands is printed, and the money is counted as paid or let go."""
    generation_id = await lost(agent, heydecks)

    said = await command("settle", generation_id, outcome)

    (row,) = said.rows
    assert (0, generation_id, status) == (said.code, row[0], row[2])
    assert spent == [cell for row in (await command("spend")).rows for cell in row[6:8]]


@pytest.mark.parametrize(
    ("which", "told"), [("gen_1", "There is no generation"), ("done", "there is nothing to settle")]
)
async def test_what_cannot_be_settled_is_one_line(
    agent: Agent, command: Command, theo: Scripted, which: str, told: str
) -> None:
    """An id that is none, or of a generation that has ended: code 2, and nothing on stdout."""
    theo.answer(Answer(200, DONE["theo"]()))
    done = (await agent.draw("theo")).structured["generation_id"]

    said = await command("settle", done if which == "done" else which, "charged")

    assert (2, "", 1) == (said.code, said.out, len(said.err.splitlines()))
    assert told in said.err


async def test_recover_tells_what_stays_unknown(agent: Agent, command: Command, heydecks: Scripted) -> None:
    """Code 4, what is at risk, and the command that settles it; nothing is sent."""
    generation_id = await lost(agent, heydecks)

    said = await command("recover")

    assert 4 == said.code
    assert [generation_id, "unknown"] == [said.rows[0][0], said.rows[0][2]]
    assert f"{generation_id} is still unknown." in said.out
    assert f"`imagewright settle {generation_id} not-charged`" in said.out
    assert ["/v1/images"] == heydecks.paths


async def test_recover_finds_what_a_killed_server_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The server died after the head of the answer: the job is looked up, and its picture can be had."""
    agent = Agent(stage.era, {}, stage.environ)
    made = await stage.drawn("depicta")
    change(
        agent,
        "UPDATE calls SET state = 'sending', reading = NULL, ended_at = NULL",
        "UPDATE generations SET status = 'running', owner = 'dead', result = NULL, delivered_at = NULL",
    )
    for name, value in stage.environ.items():
        monkeypatch.setenv(name, value)

    code = await asyncio.to_thread(cli.main, ["recover"])
    again = await stage.drawn("depicta")

    said = said_by(code, capsys)
    assert (0, "done") == (said.code, said.rows[0][2])
    assert (made["generation_id"], made["urls"], True) == (
        again["generation_id"],
        again["urls"],
        again["replayed"],
    )


async def test_recover_says_that_the_sandbox_has_some_as_well(
    agent: Agent, command: Command, heydecks: Scripted
) -> None:
    """With keys set it looks at real providers only."""
    await lost(agent, heydecks)
    change(agent, "UPDATE generations SET ask = json_set(ask, '$.sandbox', json('true'))")

    said = await command("recover")

    assert (0, "Nothing is unknown or unfinished.\n") == (said.code, said.out)
    assert "1 more, of the sandbox: recover with IMAGEWRIGHT_SANDBOX=1 to look." in said.err


async def test_no_command_prints_a_key(agent: Agent, command: Command, heydecks: Scripted) -> None:
    """Not in any form of what they print, on either stream."""
    generation_id = await lost(agent, heydecks)
    commands = [
        ("history", "--json"),
        ("spend", "--json"),
        ("recover", "--json"),
        ("settle", generation_id, "charged"),
        ("history",),
        ("history", generation_id),
        ("history", generation_id, "--json"),
        ("spend",),
    ]

    said = "".join([str(await command(*one)) for one in commands])

    assert [] == [key for key in KEYS.values() if key in said]


def plans_of(db: sqlite3.Connection, question: str) -> list[str]:
    """How SQLite goes about a query, step by step."""
    return [str(step) for *_, step in db.execute(f"EXPLAIN QUERY PLAN {question}")]


async def test_what_people_wait_for_uses_an_index(tmp_path: Path) -> None:
    """The newest, and every question that is asked before a call with a budget is let in, on its way to a big file."""
    journal, asked = Journal(tmp_path), list[str]()
    storage = journal._storage  # pyright: ignore[reportPrivateUsage]  # the queries themselves are what is tested
    await storage.read(lambda db: db.set_trace_callback(asked.append))
    ask, plan = Ask(ImageRequest("a fox"), "theo"), Plan("theo", ImageRequest("a fox"), (), "")
    draft = Draft("theo", "a model", 1, Decimal(4), "cents")
    budget = Budget(Decimal(100), "month")

    await journal.newest(20)
    await journal.find(ask)
    await journal.find(replace(ask, request_id="one"))
    await journal.begin("gen_1", ask, plan, [draft], budget, "me")
    await journal.newest(20)
    await journal.open_entries()
    await journal.hash_of("https://example.com/a.png", LOCAL)
    questions = {one for one in asked if one.startswith("SELECT")}
    plans = await storage.read(lambda db: [plan for one in questions for plan in plans_of(db, one)])
    await journal.aclose()

    assert {"sum(held)", "ORDER BY at DESC", "max((held"} == {
        words for words in ("sum(held)", "ORDER BY at DESC", "max((held") if any(words in one for one in questions)
    }
    assert [] == [one for one in plans if one.startswith("SCAN") and "USING" not in one]
    assert "SCAN generations USING INDEX generations_by_time" in plans  # in its order, and only as far as the limit
    assert any(one.startswith("SEARCH calls USING COVERING INDEX calls_by_day") for one in plans)


@pytest.mark.parametrize(
    "arguments",
    [("history", "--limit", "0"), ("spend", "--days", "many"), ("get", "--wait", "-1"), ("settle", "gen_1", "perhaps")],
)
async def test_a_wrong_figure_or_word_is_refused(command: Command, arguments: tuple[str, ...]) -> None:
    """As every wrong use: code 2."""
    with pytest.raises(SystemExit) as ended:
        await command(*arguments)

    assert 2 == ended.value.code
