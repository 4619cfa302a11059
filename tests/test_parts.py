"""Many pictures: parallel calls that keep what came, tell what did not, and add up to the true cost; and dry runs."""

import asyncio
from contextlib import suppress

import pytest

from imagewright.choosing import MAX_COUNT, parts
from imagewright.providers import all_providers
from tests.agent import Agent, Result
from tests.bodies import DONE, depicta_done, heydecks_done, posteverywhere_done
from tests.scripted import Answer, Scripted

REFUSED = Answer(402, {"error": {"code": "insufficient_credits", "message": "Empty."}})
FAILED = Answer(500, {"error": {"code": "internal_error", "message": "Boom."}})


@pytest.mark.parametrize(
    ("slug", "count", "calls"),
    [("heydecks", 12, 2), ("theo", 8, 2), ("posteverywhere", 4, 4), ("depicta", 8, 8)],
)
async def test_calls_run_side_by_side(agent: Agent, slug: str, count: int, calls: int) -> None:
    """No call is answered before all have arrived: one after the other, this would never end."""
    agent.scripts[slug].answer(*[Answer(200, DONE[slug]())] * calls)
    agent.scripts[slug].hold_until(calls)

    async with asyncio.timeout(20):
        result = await agent.draw(slug, count=count)

    assert calls == result.structured["calls"] == len(agent.scripts[slug].seen)


@pytest.mark.parametrize("slug", list(all_providers()))
async def test_no_more_run_at_once_than_the_vendor_bears(agent: Agent, slug: str) -> None:
    """24 pictures are many calls, but bounded; and every one is sent."""
    provider = all_providers()[slug]
    calls = -(-24 // provider.max_count)
    at_once = min(calls, provider.max_parallel)
    agent.scripts[slug].answer(*[Answer(200, DONE[slug]())] * calls)
    agent.scripts[slug].hold_until(at_once)

    await agent.draw(slug, count=24)

    assert (at_once, calls) == (agent.scripts[slug].most_at_once, len(agent.scripts[slug].seen))


async def test_two_calls_share_what_the_vendor_bears(agent: Agent, depicta: Scripted) -> None:
    """The bound is of the server, not of one call."""
    depicta.answer(*[Answer(200, depicta_done())] * 12)
    depicta.hold_until(8)
    both = [{"prompt": prompt, "provider": "depicta", "count": 6} for prompt in ("a fox", "a hare")]

    async with agent.connect() as client, asyncio.timeout(20):
        await asyncio.gather(*[client.call_tool("generate_image", one) for one in both])

    assert (8, 12) == (depicta.most_at_once, len(depicta.seen))


@pytest.mark.parametrize("slug", list(all_providers()))
def test_the_parts_add_up(slug: str) -> None:
    """Every count is split into the fewest calls, none above the limit, the largest and smallest one apart at most."""
    limit = all_providers()[slug].max_count

    for count in range(1, MAX_COUNT + 1):
        split = parts(count, limit)

        assert (count, -(-count // limit)) == (sum(split), len(split))
        assert max(split) <= limit
        assert max(split) - min(split) <= 1


async def test_a_part_that_fails_leaves_the_others(agent: Agent, posteverywhere: Scripted) -> None:
    """Two pictures and one refusal: partial, the failure beside them, and the cost of two."""
    done = [Answer(201, posteverywhere_done(f"media-{number}")) for number in range(2)]
    posteverywhere.answer(done[0], REFUSED, done[1])
    posteverywhere.hold_until(3)

    result = await agent.draw("posteverywhere", count=3)

    assert not result.is_error
    assert ("partial", 3) == (result.structured["status"], result.structured["calls"])
    assert ["media-0", "media-1"] == sorted(result.structured["media_ids"])
    assert {"amount": "30", "unit": "credits"} == result.structured["cost"]
    (failure,) = result.structured["failures"]
    assert ("insufficient_credits", 1, "no") == (failure["code"], failure["images"], failure["charged"])
    assert "2 of 3 pictures" in result.text
    assert "Missing 1 (charged: no): The PostEverywhere account has too little credit." in result.text
    assert result.structured["next_step"].endswith("see failures before you ask for the rest.")
    assert 3 == len(posteverywhere.seen)


@pytest.mark.parametrize("ending", ["close", "cut"])
async def test_a_part_with_an_open_outcome_is_told_as_such(agent: Agent, heydecks: Scripted, ending: str) -> None:
    """The money of the lost part is "maybe"; the cost counts what came."""
    lost = Answer(200, heydecks_done(1), ending="close" if ending == "close" else "cut")
    heydecks.answer(Answer(200, heydecks_done(4)), lost)

    result = await agent.draw("heydecks", count=8)

    assert {"amount": "32", "unit": "credits", "estimated": True} == result.structured["cost"]
    assert [(4, "maybe")] == [(one["images"], one["charged"]) for one in result.structured["failures"]]
    assert "Missing 4 (charged: maybe)" in result.text


async def test_when_all_parts_fail_the_gravest_is_the_error(agent: Agent, posteverywhere: Scripted) -> None:
    """Two refused and one perhaps paid: the error is the one that touches the money."""
    posteverywhere.answer(REFUSED, FAILED, REFUSED)
    posteverywhere.hold_until(3)

    result = await agent.draw("posteverywhere", count=3)

    assert ("provider_failure", "maybe") == (result.error["code"], result.error["charged"])
    assert result.text.startswith("Error: None of 3 calls brought a picture. PostEverywhere answered with status 500")
    assert "Another call" not in result.text


async def test_every_part_that_may_have_been_charged_is_told(agent: Agent, depicta: Scripted) -> None:
    """Two answers broke off and one call was refused: both jobs can be looked up, the refused one costs nothing."""
    cut = [Answer(200, depicta_done(), {"X-Depicta-Job-Id": f"job-{number}"}, ending="cut") for number in range(2)]
    depicta.answer(*cut, Answer(402, {"error": "insufficient_credits", "message": "Low."}))
    depicta.hold_until(3)

    result = await agent.draw("depicta", count=3)

    assert ("unreadable_answer", "maybe") == (result.error["code"], result.error["charged"])
    assert all(f"job-{number}" in result.text for number in range(2))
    assert 1 == result.text.count("Another call (charged: maybe, job ")
    assert "too little credit" not in result.text


async def test_a_failure_beside_pictures_names_its_job_and_request(agent: Agent, depicta: Scripted) -> None:
    """What a call that brought nothing is called at the vendor stands in its failure, whatever became of it."""
    lost = Answer(503, {"error": "unavailable", "message": "No."}, {"X-Depicta-Job-Id": "job-1", "X-Request-Id": "r-1"})
    empty = Answer(200, {"id": "x", "cost_eur": "0.045"}, {"X-Depicta-Job-Id": "job-2"})
    depicta.answer(Answer(200, depicta_done()), lost, empty)

    result = await agent.draw("depicta", count=3)

    assert "partial" == result.structured["status"]
    assert [("provider_failure", "job-1", "r-1"), ("fewer_pictures", "job-2", None)] == sorted(
        ((one["code"], one["job_id"], one.get("request_id")) for one in result.structured["failures"]), reverse=True
    )


async def test_only_a_cost_of_nothing_everywhere_reads_as_nothing(agent: Agent, depicta: Scripted) -> None:
    """Zero told by every call is free; told by one, while the other is silent on money, it is not."""
    free, silent = {"id": "free", "cost_eur": "0"}, {"image_url": "javascript:alert(1)"}
    depicta.answer(*[Answer(200, free)] * 2)
    all_free = await agent.draw("depicta", count=2)
    depicta.answer(Answer(200, free), Answer(200, silent))

    half_told = await agent.draw("depicta", count=2)

    assert ("generation_failed", "no") == (all_free.error["code"], all_free.error["charged"])
    assert "Depicta drew no picture and charged nothing." in all_free.text
    assert ("unreadable_answer", "yes") == (half_told.error["code"], half_told.error["charged"])
    assert "charged nothing" not in half_told.text


async def test_an_empty_answer_that_was_paid_weighs_more_than_a_refusal(agent: Agent, heydecks: Scripted) -> None:
    """One call refused for free, one paid without a usable picture: charged is "yes"."""
    heydecks.answer(Answer(200, {"images": [{"url": "javascript:alert(1)"}]}), REFUSED)
    heydecks.hold_until(2)

    result = await agent.draw("heydecks", count=7)

    assert ("unreadable_answer", "yes") == (result.error["code"], result.error["charged"])
    assert "charged 8 credits" in result.text


async def test_a_cost_that_one_part_does_not_tell_is_said_to_be_higher(agent: Agent, depicta: Scripted) -> None:
    """The sum of what is known is too low, and the result says so."""
    silent = depicta_done()
    del silent["cost_eur"]
    depicta.answer(Answer(200, depicta_done()), Answer(200, silent))

    result = await agent.draw("depicta", count=2)

    assert depicta_done()["cost_eur"] == result.structured["cost"]["amount"]
    assert "1 of 2 calls told no cost: the true cost is higher" in result.text


@pytest.mark.parametrize("count", [0, -1, 25, 1000])
async def test_a_count_out_of_range_buys_nothing(agent: Agent, count: int) -> None:
    """One to twenty-four: a slip of a key must not buy hundreds."""
    result = await agent.draw("heydecks", count=count)

    assert "invalid_arguments" == result.error["code"]
    assert "count" in result.text
    assert 0 == agent.sent


@pytest.mark.parametrize(
    ("slug", "arguments", "calls", "cost"),
    [
        ("heydecks", {"count": 7}, 2, {"amount": "56", "unit": "credits", "estimated": True}),
        ("posteverywhere", {"count": 3}, 3, {"amount": "45", "unit": "credits", "estimated": True}),
        ("posteverywhere", {"model": "flux-schnell"}, 1, {"amount": "1", "unit": "credits", "estimated": True}),
        ("depicta", {"count": 2}, 2, {"amount": "0.096", "unit": "EUR", "estimated": True}),
        ("depicta", {"model": "flux"}, 1, None),
        ("theo", {"count": 5}, 2, None),
    ],
)
async def test_a_dry_run_says_provider_calls_and_cost_and_sends_nothing(
    agent: Agent, slug: str, arguments: dict[str, object], calls: int, cost: dict[str, object] | None
) -> None:
    """What it would do, adapted as it would be; a price that nobody publishes is left out."""
    result = await agent.draw(slug, **arguments, dry_run=True)

    assert ("planned", slug, calls) == tuple(result.structured[name] for name in ("status", "provider", "calls"))
    assert cost == result.structured.get("cost")
    assert ([], [], []) == tuple(result.structured[name] for name in ("images", "urls", "media_ids"))
    assert result.text.startswith("Dry run: ")
    assert 0 == agent.sent


async def test_a_dry_run_meets_the_same_limits(agent: Agent) -> None:
    """What would be refused is refused, and what would be adapted is told."""
    refused = await agent.draw("heydecks", size="2K", dry_run=True)
    adapted = await agent.draw("heydecks", style="oil", dry_run=True)

    assert "provider_limit" == refused.error["code"]
    assert "HeyDecks has no style field: the style was added to the prompt." in adapted.structured["warnings"]


async def test_a_call_that_its_client_gives_up_is_finished_and_kept(agent: Agent, theo: Scripted) -> None:
    """The picture is paid for: the server waits for it, and the same call again gets it and sends nothing."""
    theo.answer(Answer(200, DONE["theo"]()))
    theo.hold()
    arguments = {"prompt": "a fox", "provider": "theo"}

    async with asyncio.timeout(20), agent.connect() as client:
        calling = asyncio.create_task(client.call_tool("generate_image", arguments))
        await theo.arrived.wait()
        calling.cancel()
        with suppress(asyncio.CancelledError):
            await calling
        await client.call_tool("list_models", {"provider": "heydecks"})  # the server has read that the caller is gone
        theo.let_go()
    again = await agent.draw("theo")

    assert DONE["theo"]()["images"][0]["url"] in again.structured["urls"]
    assert again.structured["replayed"]
    assert 1 == len(theo.seen)


async def test_progress_grows_and_ends_at_the_total(agent: Agent, posteverywhere: Scripted) -> None:
    """Every report is above the one before, names the provider, and the last says that all is done."""
    posteverywhere.answer(*[Answer(201, posteverywhere_done())] * 3)
    reports: list[tuple[float, float | None, str | None]] = []
    finished = asyncio.Event()

    async def note(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))
        if progress == total:
            finished.set()

    async with agent.connect() as client:
        arguments = {"prompt": "a fox", "provider": "posteverywhere", "count": 3}
        result = Result(await client.call_tool("generate_image", arguments, progress_callback=note))
        async with asyncio.timeout(20):
            await finished.wait()

    assert not result.is_error
    steps = [step for step, _, _ in reports]
    assert sorted(set(steps)) == steps
    assert (3.0, {3.0}) == (steps[-1], {total for _, total, _ in reports})
    messages = [message or "" for _, _, message in reports]
    assert messages[0].startswith("PostEverywhere is drawing")
    assert messages[-1].startswith("PostEverywhere is done (3 of 3 pictures), ")
    assert not any("is done" in message for message in messages[:-1])
