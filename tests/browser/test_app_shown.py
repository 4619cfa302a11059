"""What the gallery shows as an MCP App: inside a chat in a real browser, before a real server."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.agent import Result
from tests.browser.apps import FOXES, block, chat_at, kept, widths
from tests.browser.chat import Chat
from tests.browser.watch import Watch
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def sources(chat: Chat) -> list[str]:
    """What the pictures of the grid are drawn from, once all are."""
    assert all(await widths(chat))
    found: list[str] = await chat.app.locator(".card img").evaluate_all("(images) => images.map((image) => image.src)")
    return found


def read_by(chat: Chat) -> list[dict[str, Any]]:
    """What the app asked the server to read."""
    return [params for method, params in chat.asked if method == "resources/read"]


async def test_a_real_result_is_drawn(page: Page, watch: Watch, providers: Stage) -> None:
    """Both pictures stand in a grid, drawn from the result itself, under the prompt, provider, model and cost."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        blocks = [one["data"] for one in made["content"] if one["type"] == "image"]
        heading = await chat.app.locator("section .head + div").inner_text()

        assert [f"data:image/jpeg;base64,{data}" for data in blocks] == await sources(chat)
        assert [] == read_by(chat)
        assert FOXES["prompt"] in heading
        assert "depicta · gemini-2.5-flash-image · 0.096 EUR" in heading
        await expect(chat.app.get_by_role("heading", level=2)).to_have_text("Your 2 pictures")


async def test_what_the_result_does_not_carry_is_read_from_the_server(
    page: Page, watch: Watch, providers: Stage
) -> None:
    """A result of text alone: the app reads the kept files themselves."""
    async with chat_at(providers, page, watch, previews=False) as chat:
        made = await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)

        assert ["text"] == [one["type"] for one in made["content"]]
        assert [f"data:image/png;base64,{data}" for data in await kept(providers, made)] == await sources(chat)
        assert [{"uri": image["resource"]} for image in made["structuredContent"]["images"]] == read_by(chat)


@pytest.mark.parametrize(
    ("blocks", "drawn"),
    [
        ([block(8), block(9), block(10)], [8, 9, 10]),
        ([block(8, 3), block(9, 1)], [9, 0, 8]),
        ([block(8), block(9)], [0, 0, 0]),  # whose they are cannot be told: none is shown at a wrong place
        ([block(8, 7)], [0, 0, 0]),
        ([], [0, 0, 0]),
    ],
)
async def test_a_block_is_drawn_where_it_belongs(
    page: Page, watch: Watch, providers: Stage, blocks: list[dict[str, Any]], drawn: list[int]
) -> None:
    """By the position that it tells, or in order where there is one for each; the others are read from the server."""
    arguments = {**FOXES, "count": 3}
    async with chat_at(providers, page, watch, previews=False) as chat:
        made = await chat.client.call_tool("generate_image", arguments)
        result = made.model_dump(mode="json", by_alias=True, exclude_none=True)
        result["content"] += blocks
        await chat.show(arguments, result)
        await expect(chat.app.locator(".card img")).to_have_count(3)

        assert drawn == [width if width <= 10 else 0 for width in await widths(chat)]
        assert drawn.count(0) == len(read_by(chat))


async def test_a_block_of_a_picture_that_alone_is_kept_is_its_own(page: Page, watch: Watch, providers: Stage) -> None:
    """Where only the second picture is kept, the only block shows it."""
    async with chat_at(providers, page, watch, previews=False) as chat:
        made = await chat.client.call_tool("generate_image", FOXES)
        result = made.model_dump(mode="json", by_alias=True, exclude_none=True)
        del result["structuredContent"]["images"][0]["resource"]
        result["structuredContent"]["images"][0]["kept"] = "failed"
        result["content"].append(block(8))
        await chat.show(FOXES, result)

        await expect(chat.app.locator(".card").first).to_contain_text("Could not be fetched")
        await expect(chat.app.locator(".card").nth(1).locator("img")).to_be_visible()
        assert [8] == await widths(chat)


async def test_without_pictures_the_card_says_where_they_are(page: Page, watch: Watch, providers: Stage) -> None:
    """A host that passes on neither blocks nor resources: the words, and buttons that copy the way to it."""
    async with chat_at(providers, page, watch, abilities={}) as chat:
        made = await chat.call("generate_image", prompt="a fox", provider="posteverywhere")
        media_id = made["structuredContent"]["media_ids"][0]

        await expect(chat.app.locator(".tile")).to_contain_text(f"media_id {media_id}")
        names = await chat.app.locator(".actions button").all_inner_texts()
        assert ["Copy media_id", "Copy generation_id", "Copy prompt"] == names


async def test_an_error_is_shown_in_words(page: Page, watch: Watch, providers: Stage) -> None:
    """What the model reads, the person reads."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", prompt="a fox", provider="bing")

        assert made["isError"]
        await expect(chat.app.locator(".notes.bad")).to_have_text(made["content"][0]["text"])


async def test_a_plan_is_shown_as_one(page: Page, watch: Watch, providers: Stage) -> None:
    """A dry run shows its cost, and can be drawn from here."""
    async with chat_at(providers, page, watch) as chat:
        await chat.call("generate_image", **FOXES, dry_run=True)
        await expect(chat.app.get_by_role("heading", level=2)).to_have_text("A plan: nothing was sent")
        await chat.app.get_by_role("button", name="Draw it …").click()
        await expect(chat.app.get_by_text("It would cost")).to_be_visible()
        await chat.app.get_by_role("button", name="Yes, draw it").click()
        await expect(chat.app.locator(".card img")).to_have_count(2)

        assert [FOXES] == chat.calls("generate_image")


async def test_a_list_of_generations_leads_to_each(page: Page, watch: Watch, providers: Stage) -> None:
    """get_generation without an id lists the newest, and each can be shown."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.client.call_tool("generate_image", FOXES)
        await chat.call("get_generation")
        await chat.app.get_by_role("button", name="Show").click()
        await expect(chat.app.locator(".card img")).to_have_count(2)

        generation_id = Result(made).structured["generation_id"]
        assert [{"generation_id": generation_id}] == chat.calls("get_generation")


async def test_a_running_generation_is_followed_to_its_end(page: Page, watch: Watch, providers: Stage) -> None:
    """Status "running" is shown as such, and its picture once it is there, without a click."""
    providers.rig.fault("delay", provider="heydecks", seconds=2.0)
    providers.environ["IMAGEWRIGHT_HANDOVER_SECONDS"] = "1"
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", prompt="a slow fox", provider="heydecks")
        await expect(chat.app.get_by_role("heading", level=2)).to_have_text("Being drawn")
        await expect(chat.app.get_by_role("heading", level=2)).to_have_text("Your picture")

        generation_id = made["structuredContent"]["generation_id"]
        assert "running" == made["structuredContent"]["status"]
        assert {generation_id} == {one["generation_id"] for one in chat.calls("get_generation")}
        assert 1 == len(providers.rig.ledger())
