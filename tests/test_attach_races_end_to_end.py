"""Two servers at once, and servers that are processes of their own: no picture is lost and none is imported twice."""

import os
import sys
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.agent import Result
from tests.stage import Stage

ROUNDS = 3


async def at_once(stage: Stage, *calls: dict[str, Any]) -> list[Result]:
    """Attach from as many servers, all at the same time."""
    results: dict[int, Result] = {}

    async def attach(number: int, arguments: dict[str, Any]) -> None:
        results[number] = await stage.call("attach_to_post", **arguments)

    async with anyio.create_task_group() as group:
        for number, arguments in enumerate(calls):
            group.start_soon(attach, number, arguments)
    return [results[number] for number in range(len(calls))]


async def in_a_process(stage: Stage, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool of a server that is started for this call, as most clients do."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "imagewright"], env={**os.environ, **stage.environ}
    )
    async with Client(server, mode=stage.era) as client:
        result = Result(await client.call_tool(tool, arguments))
    assert not result.is_error, result.text
    return result.structured


@pytest.mark.parametrize("provider", ["depicta", "posteverywhere"])
async def test_what_one_process_drew_another_attaches(stage: Stage, provider: str) -> None:
    """Nothing but the data folder is left of the process that drew, and its generation_id is good."""
    generation = await in_a_process(stage, "generate_image", prompt="a fox", provider=provider)
    facts = await in_a_process(stage, "attach_to_post", images=[generation["generation_id"]])

    assert "draft" == facts["status"]
    assert facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]


async def test_two_attachments_at_once_lose_nothing(stage: Stage) -> None:
    """Two servers of one user put pictures onto the same post: it has those of both, round after round."""
    post_id = stage.library.draft()
    media_ids = stage.uploads(2 * ROUNDS)
    for number in range(ROUNDS):
        pair = media_ids[2 * number : 2 * number + 2]
        results = await at_once(stage, *({"images": [one], "post_id": post_id} for one in pair))

        assert [False, False] == [one.is_error for one in results]
        assert set(media_ids[: 2 * number + 2]) == set(stage.post(post_id)["media_ids"])
    assert 2 * ROUNDS == len(stage.post(post_id)["media_ids"])


async def test_one_picture_for_two_posts_at_once_is_imported_once(stage: Stage) -> None:
    """The second server waits for the import of the first and uses it."""
    generation_id = (await stage.drawn("depicta"))["generation_id"]
    results = await at_once(stage, {"images": [generation_id]}, {"images": [generation_id]})

    first, second = (one.structured for one in results)
    assert first["media_ids"] == second["media_ids"]
    assert first["post_id"] != second["post_id"]
    assert 1 == stage.imports


async def test_two_appends_of_one_picture_leave_it_once(stage: Stage) -> None:
    """A call that is sent twice at the same moment puts its picture onto the post once."""
    post_id = stage.library.draft(media_ids=stage.uploads(1))
    generation_id = (await stage.drawn("heydecks"))["generation_id"]
    twice = {"images": [generation_id], "post_id": post_id}
    results = await at_once(stage, twice, twice)

    assert [False, False] == [one.is_error for one in results]
    assert 2 == len(stage.post(post_id)["media_ids"])


async def test_many_pictures_are_brought_side_by_side_and_stay_in_order(stage: Stage) -> None:
    """Four URLs in one call are four imports, and the post has them in the order in which they were named."""
    urls = [(await stage.drawn("heydecks", prompt=f"{number} foxes"))["urls"][0] for number in range(4)]
    facts = await stage.attached(*reversed(urls))
    alone = [(await stage.attached(url))["media_ids"][0] for url in reversed(urls)]

    assert alone == facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]
    assert 4 == stage.imports
