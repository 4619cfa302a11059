"""Bounds on the work, through a real client: what waits, what is refused at once, and what is never sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from imagewright import lanes
from imagewright.app import compose
from imagewright.attaching import AttachRequest
from imagewright.errors import BudgetError, BusyError, ImagewrightError, RateError
from imagewright.journal import Journal
from imagewright.lanes import QUEUE_CALLS, LaneState
from imagewright.models import Ask, Entry, ImageRequest
from imagewright.providers import all_providers
from imagewright.settings import load
from imagewright.studio import Studio
from tests.agent import Agent, Era, Result
from tests.bodies import DONE, refusal
from tests.entries import opened
from tests.looks import DEPICTA_MODELS, PROFILE
from tests.scripted import Answer, Scripted

WIDTH = all_providers()["depicta"].max_parallel


@pytest.fixture
def era() -> Era:
    """One era: bounds are below the protocol."""
    return "2026-07-28"


def done(slug: str, times: int = 1) -> list[Answer]:
    """So many pictures, one an answer."""
    return [Answer(200, DONE[slug]())] * times


async def draw(client: Client, provider: str, prompt: str = "a fox", **arguments: Any) -> Result:
    """Draw at a server that others use as well."""
    asked = {"prompt": prompt, "provider": provider, **arguments}
    return Result(await client.call_tool("generate_image", asked))


async def noted(agent: Agent) -> list[Entry]:
    """All that is in the journal, newest first."""
    async with opened(Path(agent.environ["IMAGEWRIGHT_HOME"])) as journal:
        return await journal.newest(99)


async def until(happened: Callable[[], bool]) -> None:
    """Wait until something has happened, which must."""
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110  # what a script has seen has no event
            await asyncio.sleep(0)


@asynccontextmanager
async def at_work(agent: Agent) -> AsyncGenerator[Studio]:
    """A studio at work, below its tools."""
    _, studio = compose(load(agent.environ))
    async with asyncio.timeout(60), studio.running():
        yield studio


@asynccontextmanager
async def crowded(agent: Agent, depicta: Scripted, rooms: int) -> AsyncGenerator[Client]:
    """A server with so many rooms left in the queue of Depicta, which answers nobody before the block ends."""
    calls = WIDTH + QUEUE_CALLS - rooms
    depicta.answer(*done("depicta", calls))
    depicta.hold()
    async with asyncio.timeout(60), agent.connect() as client:
        counts = [24, 24, calls - 48]
        drawing = [
            asyncio.create_task(draw(client, "depicta", f"crowd {number}", count=count))
            for number, count in enumerate(counts)
        ]
        await until(lambda: len(depicta.seen) == WIDTH)
        while len(await noted(agent)) < len(counts):
            pass
        yield client
        depicta.let_go()
        await asyncio.gather(*drawing)


async def test_a_429_is_learnt_by_those_who_come_after(agent: Agent, theo: Scripted, pauses: list[float]) -> None:
    """One is refused and says for how long; the next one waits as long, and is not refused."""
    limited = Answer(429, refusal("theo", "rate_limit_exceeded"), {"Retry-After": "30"})
    theo.answer(limited, limited, limited, *done("theo"))

    async with agent.connect() as client:
        refused = await draw(client, "theo")
        drawn = await draw(client, "theo", "a hare")

    assert ("rate_limited", 30) == (refused.error["code"], refused.error["retry_after_seconds"])
    assert "done" == drawn.structured["status"]
    assert [30, 30, 30] == [round(seconds + 0.4) for seconds in pauses]  # twice before a resend, and for the next one


@pytest.mark.parametrize(
    ("slug", "headers", "seconds"),
    [
        ("theo", {"X-Ratelimit-Remaining-Requests": "1", "X-Ratelimit-Reset-Requests": "58s"}, 58),
        (
            "heydecks",
            {"Date": "Fri, 10 Apr 2026 12:00:00 GMT", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1775822432"},
            32,
        ),
        ("depicta", {"RateLimit": '"default";r=0;t=3600'}, 120),
        ("depicta", {"RateLimit": '"default";r=0;t=soon'}, None),
        ("depicta", {"RateLimit-Remaining": "2", "RateLimit-Reset": "9"}, None),
    ],
)
async def test_when_few_are_left_the_next_one_waits_for_the_reset(
    agent: Agent, pauses: list[float], slug: str, headers: Mapping[str, str], seconds: float | None
) -> None:
    """Nobody has to be refused for it."""
    agent.scripts[slug].answer(Answer(200, DONE[slug](), headers), *done(slug))

    async with agent.connect() as client:
        results = [await draw(client, slug, prompt) for prompt in ("a fox", "a hare")]

    assert ["done", "done"] == [result.structured["status"] for result in results]
    assert [seconds] * (seconds is not None) == [round(pause + 0.4) for pause in pauses]


@pytest.mark.parametrize(
    ("answer", "paused"),
    [
        (Answer(404, {}, {"RateLimit-Remaining": "0", "RateLimit-Reset": "9"}), 1),
        (Answer(429, {}, {"Retry-After": "9"}), 1),
        (Answer(429, {}), 0),
        (Answer(500, {}), 0),
    ],
)
async def test_what_a_free_look_says_counts_as_well(
    agent: Agent, depicta: Scripted, pauses: list[float], answer: Answer, paused: int
) -> None:
    """It is the same key that is counted; a look that is refused without a word is no reason to wait."""
    depicta.answer(answer, answer, *done("depicta"))

    async with agent.connect() as client:
        await client.call_tool("list_models", {"provider": "depicta"})
        drawn = await draw(client, "depicta")

    assert ("done", paused) == (drawn.structured["status"], len(pauses))


async def test_no_more_looks_at_once_than_the_vendor_bears_beside_the_calls(agent: Agent, depicta: Scripted) -> None:
    """Depicta counts ten requests in flight, whatever they are for; eight are left to paid calls."""
    depicta.answer(*[Answer(404, {})] * 8)
    depicta.hold_until(2)

    async with asyncio.timeout(20), agent.connect() as client:
        await asyncio.gather(*[client.call_tool("list_models", {"provider": "depicta"}) for _ in range(4)])

    assert (2, 8) == (depicta.most_at_once, len(depicta.seen))


async def test_where_there_is_no_room_a_call_is_refused_before_it_is_noted(agent: Agent, depicta: Scripted) -> None:
    """In one message that says when to come back."""
    async with crowded(agent, depicta, rooms=1) as client:
        refused = await draw(client, "depicta", count=2)
        entries, sent = await noted(agent), len(depicta.seen)

    seconds = refused.error["retry_after_seconds"]
    assert ("busy", "no") == (refused.error["code"], refused.error["charged"])
    assert (
        f"Error: Depicta is busy: 49 calls wait for their turn there. Nothing was sent or charged. Call again in "
        f"{seconds:g} s, or use another provider."
    ) == refused.text
    assert 1 < seconds <= 120
    assert (3, WIDTH) == (len(entries), sent)


async def test_who_waits_for_a_turn_is_told_so(agent: Agent, depicta: Scripted) -> None:
    """Progress does not say that it is being drawn before it is."""
    depicta.answer(*done("depicta"))
    told: list[str] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001  # the SDK names them
        told.append(message or "")

    async with crowded(agent, depicta, rooms=1) as client:
        arguments = {"prompt": "a stag", "provider": "depicta"}
        waiting = asyncio.create_task(client.call_tool("generate_image", arguments, progress_callback=note))
        await until(lambda: bool(told))
    await waiting

    assert told[0].startswith("Depicta is busy with other calls, ")


async def test_of_two_that_see_the_last_room_one_gets_it(agent: Agent, depicta: Scripted) -> None:
    """The other is refused, however close they are."""
    depicta.answer(*done("depicta"))
    async with crowded(agent, depicta, rooms=1) as client:
        both = [asyncio.create_task(draw(client, "depicta", prompt)) for prompt in ("a fox", "a hare")]
        first_done, still = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        while len(entries := await noted(agent)) < 4:
            pass

    (refused,), (drawn,) = [one.result() for one in first_done], [await one for one in still]
    assert ("busy", "done") == (refused.error["code"], drawn.structured["status"])
    assert 4 == len(entries)


async def test_auto_goes_on_to_a_provider_that_has_room(agent: Agent, depicta: Scripted, heydecks: Scripted) -> None:
    """And says why."""
    agent.environ["IMAGEWRIGHT_PROVIDERS"] = "depicta,heydecks"
    heydecks.answer(*done("heydecks"))

    async with crowded(agent, depicta, rooms=0) as client:
        drawn = await draw(client, "auto")

    assert ("done", "heydecks") == (drawn.structured["status"], drawn.structured["provider"])
    assert drawn.structured["why"].startswith(
        "auto went on to HeyDecks, because Depicta could not: Depicta is busy: 50 calls wait for their turn there."
    )


async def test_a_call_that_failed_goes_on_past_a_provider_without_room(
    agent: Agent, depicta: Scripted, heydecks: Scripted, theo: Scripted
) -> None:
    """To the one after it."""
    agent.environ["IMAGEWRIGHT_PROVIDERS"] = "heydecks,depicta,theo"
    heydecks.answer(Answer(402, refusal("heydecks", "insufficient_credits")))
    theo.answer(*done("theo"))

    async with crowded(agent, depicta, rooms=0) as client:
        drawn = await draw(client, "auto")

    assert ("done", "theo") == (drawn.structured["status"], drawn.structured["provider"])
    assert "HeyDecks and Depicta could not" in drawn.structured["why"]


async def test_an_order_past_its_deadline_is_never_sent(
    agent: Agent, theo: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call is settled as refused, and it held nothing in the end."""
    monkeypatch.setattr(lanes, "QUEUE_SECONDS", 60.0)
    agent.environ["IMAGEWRIGHT_THEO_BUDGET"] = "10/day"
    theo.answer(Answer(200, DONE["theo"](), {"RateLimit-Remaining": "0", "RateLimit-Reset": "100"}), *done("theo"))

    async with agent.connect() as client:
        await draw(client, "theo")
        late = await draw(client, "theo", "a hare")
        further = await draw(client, "theo", "a hare")

    assert ("busy", "no") == (late.error["code"], late.error["charged"])
    assert "this part waited 60 s for its turn and was not sent. Nothing was charged for it. Call again in" in late.text
    assert "done" == further.structured["status"]
    assert ["a fox", "a hare"] == [one.json["prompt"] for one in theo.seen]
    _, refused, _ = await noted(agent)
    assert ("refused", "refused", None) == (refused.status, refused.calls[0].state, refused.calls[0].sent_at)


async def test_parts_that_came_too_late_leave_those_that_were_in_time(
    agent: Agent, theo: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight calls at a vendor that bears four, and rests after the first ones."""
    monkeypatch.setattr(lanes, "QUEUE_SECONDS", 60.0)
    few = {"RateLimit-Remaining": "0", "RateLimit-Reset": "100"}
    theo.answer(*[Answer(200, DONE["theo"](4), few)] * 4)
    theo.hold_until(4)

    result = await agent.draw("theo", count=24)

    assert ("partial", 16) == (result.structured["status"], len(result.structured["urls"]))
    assert [("busy", 4, "no")] * 2 == [
        (failure["code"], failure["images"], failure["charged"]) for failure in result.structured["failures"]
    ]
    assert 4 == len(theo.seen)


async def test_a_call_that_is_cancelled_while_it_waits_is_never_sent(agent: Agent, depicta: Scripted) -> None:
    """Its caller went away: the room is free at once, though nobody was answered."""
    depicta.answer(*done("depicta"))
    async with crowded(agent, depicta, rooms=1) as client:
        leaving = asyncio.create_task(draw(client, "depicta", "a fox"))
        while len(await noted(agent)) < 4:
            pass
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving
        while (await noted(agent))[0].status == "running":
            pass
        staying = asyncio.create_task(draw(client, "depicta", "a hare"))
        while len(await noted(agent)) < 5:
            pass

    assert "done" == (await staying).structured["status"]
    assert "a fox" not in {one.json["prompt"] for one in depicta.seen}


async def test_what_waits_is_dropped_when_the_server_is_told_to_end(agent: Agent, depicta: Scripted) -> None:
    """At once, while what was sent is waited for."""
    depicta.answer(*done("depicta", WIDTH))
    depicta.hold()

    async with at_work(agent) as studio:
        drawing = asyncio.create_task(studio.generate(ImageRequest("a fox", count=WIDTH + 1), "depicta"))
        await until(lambda: len(depicta.seen) == WIDTH)
        before = studio.lanes()
        studio.hurry()
        await until(lambda: studio.lanes() != before)
        after = studio.lanes()
        depicta.let_go()
        made = await drawing

    assert [LaneState("depicta", WIDTH, WIDTH, 1, 0)] == before
    assert [LaneState("depicta", WIDTH, WIDTH, 0, 0)] == after
    assert ("partial", ["not_sent_after_all"]) == (made.status, [failure.code for failure in made.failures])


async def test_what_is_refused_for_another_reason_leaves_its_room(agent: Agent) -> None:
    """However often: over the budget stays over the budget, and who may draw one at once still may."""
    agent.environ.update({"IMAGEWRIGHT_DEPICTA_BUDGET": "0/day", "IMAGEWRIGHT_MAX_CALLS_EACH": "1"})

    async with at_work(agent) as studio:
        for number in range(4):
            with pytest.raises(BudgetError):
                await studio.generate(ImageRequest(f"a fox {number}", count=24), "depicta")
        state = studio.lanes()

    assert [LaneState("depicta", WIDTH, 0, 0, 0)] == state


async def test_going_on_to_a_provider_whose_budget_is_used_up_leaves_its_room(agent: Agent, heydecks: Scripted) -> None:
    """The call of the next one was booked before its budget was asked."""
    agent.environ.update({"IMAGEWRIGHT_PROVIDERS": "heydecks,depicta", "IMAGEWRIGHT_DEPICTA_BUDGET": "0/day"})
    heydecks.answer(Answer(402, refusal("heydecks", "insufficient_credits")))

    async with at_work(agent) as studio:
        with pytest.raises(ImagewrightError):
            await studio.generate(ImageRequest("a fox"), "auto")
        states = {state.provider: state for state in studio.lanes()}

    assert all(state.running == state.waiting == 0 for state in states.values())


async def test_a_call_that_waits_to_be_sent_again_is_not_under_way(
    agent: Agent, theo: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was refused: a server that ends meanwhile leaves nothing that may have been charged."""
    theo.answer(Answer(429, refusal("theo", "rate_limit_exceeded")), *done("theo"))
    meanwhile: list[str] = []

    async def look(_: float) -> None:
        meanwhile.extend(call.state for entry in await noted(agent) for call in entry.calls)

    monkeypatch.setattr("imagewright.sending.sleep", look)
    async with agent.connect() as client:
        drawn = await draw(client, "theo")

    assert (["reserved"], "done") == (meanwhile, drawn.structured["status"])


async def test_looks_of_many_agents_are_one(agent: Agent, depicta: Scripted) -> None:
    """What a vendor allows is for paid calls; after one of those its balance is asked for anew."""
    depicta.answer(*[Answer(200, DEPICTA_MODELS)] * 9, path="/v1/models")
    depicta.answer(*[Answer(200, PROFILE)] * 9, path="/v1/account/profile")
    depicta.answer(*done("depicta"))

    def looks() -> int:
        return len([one for one in depicta.seen if one.method == "GET"])

    async with agent.connect() as client:
        for _ in range(3):
            await asyncio.gather(*[client.call_tool("list_models", {"provider": "depicta"}) for _ in range(3)])
        before = looks()
        await draw(client, "depicta")
        await client.call_tool("list_models", {"provider": "depicta"})

    assert (2, 4) == (before, looks())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("IMAGEWRIGHT_MAX_CALLS", "This server is busy: 1 generations are under way. Nothing was sent or charged."),
        ("IMAGEWRIGHT_MAX_CALLS_EACH", "1 generations of yours are under way, and no more may be. Nothing was sent"),
    ],
)
async def test_only_so_many_generations_are_drawn_at_once(
    agent: Agent, theo: Scripted, name: str, message: str
) -> None:
    """Whoever repeats one of them waits for it with the others, and when one has ended there is room again."""
    agent.environ[name] = "1"
    theo.answer(*done("theo", 2))
    theo.hold()

    async with asyncio.timeout(20), agent.connect() as client:
        drawing = asyncio.create_task(draw(client, "theo"))
        await theo.arrived.wait()
        refused = [await draw(client, provider, "a hare") for provider in ("theo", "auto")]
        again = asyncio.create_task(draw(client, "theo"))
        theo.let_go()
        same = [await drawing, await again]
        further = await draw(client, "theo", "a hare")

    assert [("busy", "no", 10)] * 2 == [
        (one.error["code"], one.error["charged"], one.error["retry_after_seconds"]) for one in refused
    ]
    assert message in refused[0].text
    assert 1 == len({one.structured["generation_id"] for one in same})
    assert "done" == further.structured["status"]
    assert 2 == agent.sent


async def test_equal_calls_at_the_same_moment_need_one_room(
    agent: Agent, theo: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that comes second is a repetition, though the first was not noted yet when there was no room."""
    agent.environ["IMAGEWRIGHT_MAX_CALLS"] = "1"
    theo.answer(*done("theo"))
    usual, asked = Journal.find, 0

    async def find(journal: Journal, ask: Ask) -> Entry | None:
        nonlocal asked
        asked += 1
        if asked <= 2:
            await until(lambda: asked >= 2)  # both see that there is no such generation
            return None
        return await usual(journal, ask)

    monkeypatch.setattr(Journal, "find", find)
    async with at_work(agent) as studio:
        await studio.journal.newest(1)  # now there is a journal
        both = await asyncio.gather(*[studio.generate(ImageRequest("a fox"), "theo") for _ in range(2)])

    assert 1 == len({one.generation_id for one in both})
    assert (1, 1) == (agent.sent, len(await noted(agent)))


async def test_each_principal_has_rooms_of_its_own(agent: Agent, theo: Scripted) -> None:
    """One that has used up its own leaves those of another."""
    agent.environ["IMAGEWRIGHT_MAX_CALLS_EACH"] = "1"
    theo.answer(*done("theo", 2))
    theo.hold()

    async with at_work(agent) as studio:
        drawing = [asyncio.create_task(drawn_for(studio, name, "a fox")) for name in ("ann", "bob")]
        await until(lambda: len(theo.seen) == 2)
        with pytest.raises(BusyError):
            await drawn_for(studio, "ann", "a hare")
        theo.let_go()
        made = await asyncio.gather(*drawing)

    assert 2 == len(set(made))


async def drawn_for(studio: Studio, principal: str, prompt: str) -> str:
    """Draw for a principal; return the id."""
    return (await studio.generate(ImageRequest(prompt), "theo", principal=principal)).generation_id


async def test_new_orders_are_counted_by_the_minute(agent: Agent, theo: Scripted) -> None:
    """Neither a repetition nor what was refused for another reason counts; to attach does."""
    agent.environ.update({"IMAGEWRIGHT_RATE_EACH": "2/minute", "IMAGEWRIGHT_DEPICTA_BUDGET": "0/day"})
    theo.answer(*done("theo", 2))

    async with agent.connect() as client:
        drawn = [await draw(client, "theo", request_id="one") for _ in range(3)]
        refused = await draw(client, "depicta")
        second = await draw(client, "theo", "a hare")
        over = await draw(client, "theo", "a stag")
        attached = Result(await client.call_tool("attach_to_post", {"images": ["media-1"]}))

    assert [None, True, True] == [one.structured.get("replayed") for one in drawn]
    assert ("over_budget", "done") == (refused.error["code"], second.structured["status"])
    assert [("over_rate", 30), ("over_rate", 30)] == [
        (one.error["code"], one.error["retry_after_seconds"]) for one in (over, attached)
    ]
    assert (
        "Error: You have placed as many orders as you may: 2 a minute. Nothing was sent or charged. Call again in 30 "
        "s, or have the user raise IMAGEWRIGHT_RATE_EACH."
    ) == over.text
    assert 2 == agent.sent


async def test_others_than_the_user_have_a_rate_by_themselves(agent: Agent) -> None:
    """120 a minute; whoever uses this machine has none."""
    agent.configure("posteverywhere")

    async def orders(studio: Studio, principal: str) -> list[type[ImagewrightError]]:
        ended: list[type[ImagewrightError]] = []
        for _ in range(121):
            with pytest.raises(ImagewrightError) as caught:
                await studio.attach(AttachRequest((), principal=principal))
            ended.append(caught.type)
        return ended

    async with at_work(agent) as studio:
        told = {principal: (await orders(studio, principal)).count(RateError) for principal in ("local", "ann", "bob")}

    assert {"local": 0, "ann": 1, "bob": 1} == told
