"""What the gallery shows as an MCP App: inside a chat in a real browser, before a real server."""

import pytest
from playwright.async_api import Page, expect

from tests.agent import Result
from tests.browser.apps import FOXES, block, chat_at, kept, widths
from tests.browser.watch import Watch
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_real_result_is_drawn(page: Page, watch: Watch, providers: Stage) -> None:
    """Both pictures of a generation stand in a grid, under the prompt, provider, model and cost; nothing is refused."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        drawn = await widths(chat)
        sources = await chat.app.locator(".card img").evaluate_all("(all) => all.map((one) => one.src)")
        heading = await chat.app.locator("section .head + div").inner_text()

        assert all(drawn)
        assert [f"data:image/png;base64,{data}" for data in await kept(providers, made)] == sources
        assert FOXES["prompt"] in heading
        assert "depicta · gemini-2.5-flash-image · 0.096 EUR" in heading
        await expect(chat.app.get_by_role("heading", level=2)).to_have_text("Your 2 pictures")


async def test_image_blocks_are_drawn_where_they_belong(page: Page, watch: Watch, providers: Stage) -> None:
    """Block n is picture n; only what has no block is read from the server."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.client.call_tool("generate_image", {**FOXES, "count": 3})
        result = made.model_dump(mode="json", by_alias=True, exclude_none=True)
        texts = [one for one in result["content"] if one["type"] == "text"]
        result["content"] = [*texts, block(8), block(9)]
        await chat.show({**FOXES, "count": 3}, result)
        await expect(chat.app.locator(".card img")).to_have_count(3)
        third = result["structuredContent"]["images"][2]

        assert [8, 9, True] == [width if width < 10 else True for width in await widths(chat)]
        assert [{"uri": f"imagewright://image/{third['sha256']}"}] == [
            params for method, params in chat.asked if method == "resources/read"
        ]


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
