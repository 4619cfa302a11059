"""What a person can do in the gallery as an MCP App: attach, draw another, copy, open; and what each does."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.apps import FOXES, chat_at
from tests.browser.chat import ADDRESS, EVERYTHING
from tests.browser.watch import Watch
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_picture_is_attached_to_a_new_draft(page: Page, watch: Watch, providers: Stage) -> None:
    """The second picture, with a text: it is on a draft at PostEverywhere, and the answer is shown in words."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        card = chat.app.locator(".card").nth(1)
        await card.get_by_role("button", name="Attach to a post").click()
        await expect(card.get_by_label("Text of the post")).to_be_focused()
        await card.get_by_label("Text of the post").fill("Good morning, foxes")
        await card.get_by_role("button", name="Attach", exact=True).click()
        await expect(card.get_by_role("status")).to_contain_text("draft, at PostEverywhere")
        outcome = await card.get_by_role("status").inner_text()

        post = providers.post(outcome.split()[1].rstrip(":"))
        assert ("draft", "Good morning, foxes", 1) == (post["status"], post["content"], len(post["media_ids"]))
        generation_id = made["structuredContent"]["generation_id"]
        assert [{"images": [f"{generation_id}/2"], "content": "Good morning, foxes"}] == chat.calls("attach_to_post")
        told = [params["content"][0]["text"] for method, params in chat.asked if method == "ui/update-model-context"]
        assert [outcome] == told


async def test_a_picture_is_attached_to_a_scheduled_post(page: Page, watch: Watch, providers: Stage) -> None:
    """The time is that of the person's own zone."""
    async with chat_at(providers, page, watch, timeZone="Europe/Berlin") as chat:
        await chat.call("generate_image", prompt="a fox", provider="posteverywhere")
        await chat.app.get_by_role("button", name="Attach to a post").click()
        await chat.app.get_by_label("Text of the post").fill("Later")
        await chat.app.get_by_label("Accounts").fill("x, ")
        await chat.app.get_by_label("a scheduled post").check()
        await chat.app.get_by_role("button", name="Attach", exact=True).click()
        await expect(chat.app.locator(".ask").get_by_role("status")).to_have_text("Say when it is to go out.")
        await chat.app.get_by_label("When (Europe/Berlin)").fill("2099-01-31T09:00")
        await chat.app.get_by_role("button", name="Attach", exact=True).click()
        await expect(chat.app.locator(".ask").get_by_role("status")).to_contain_text("scheduled")
        outcome = await chat.app.locator(".ask").get_by_role("status").inner_text()

        post = providers.post(outcome.split()[1].rstrip(":"))
        assert ("scheduled", "2099-01-31T08:00:00.000Z") == (post["status"], post["scheduled_for"])
        assert [2281] == post["account_ids"]


async def test_a_refused_attachment_says_why_and_can_be_mended(page: Page, watch: Watch, providers: Stage) -> None:
    """The server's words, and the form as it was filled in."""
    async with chat_at(providers, page, watch) as chat:
        await chat.call("generate_image", prompt="a fox", provider="posteverywhere")
        await chat.app.get_by_role("button", name="Attach to a post").click()
        await chat.app.get_by_label("Text of the post").fill("Hello")
        await chat.app.get_by_label("Accounts").fill("nobody")
        await chat.app.get_by_role("button", name="Attach", exact=True).click()
        await expect(chat.app.locator(".ask .bad")).to_contain_text("nobody")
        assert 0 == providers.posts
        await chat.app.get_by_label("Accounts").fill("")
        await chat.app.get_by_role("button", name="Attach", exact=True).click()
        await expect(chat.app.locator(".ask").get_by_role("status")).to_contain_text("draft")

        assert 1 == providers.posts


async def test_another_is_drawn_only_after_a_yes(page: Page, watch: Watch, providers: Stage) -> None:
    """The question says what the last one cost; no sends nothing, yes draws with the same arguments, under a new id."""
    async with chat_at(providers, page, watch) as chat:
        await chat.call("generate_image", **FOXES, request_id="once")
        another = chat.app.get_by_role("button", name="Make another")
        await another.click()
        await expect(chat.app.get_by_text("The last one cost 0.096 EUR.")).to_be_visible()
        await chat.app.get_by_role("button", name="No", exact=True).click()
        await expect(another).to_be_focused()
        assert [] == chat.calls("generate_image")
        await another.click()
        await chat.app.get_by_role("button", name="Yes, draw it").click()
        await expect(chat.app.locator(".card img")).to_have_count(4)

        assert [FOXES] == chat.calls("generate_image")
        assert 4 == len(providers.rig.ledger())
        ids = await chat.app.locator("section").count()
        assert 2 == ids


async def test_what_may_have_been_charged_is_not_drawn_again(page: Page, watch: Watch, providers: Stage) -> None:
    """After a lost answer the button is gone, and the words of the server say why."""
    async with chat_at(providers, page, watch) as chat:
        await chat.call("generate_image", prompt="a fox", provider="heydecks")
        providers.rig.fault("drop_after_charge", provider="heydecks")
        await chat.app.get_by_role("button", name="Make another").click()
        await chat.app.get_by_role("button", name="Yes, draw it").click()
        await expect(chat.app.locator(".notes.bad")).to_be_visible()

        await expect(chat.app.get_by_role("button", name="Make another")).to_have_count(0)
        assert 2 == len(providers.rig.ledger())


async def test_a_host_that_lets_no_tools_be_called_shows_no_buttons_for_them(
    page: Page, watch: Watch, providers: Stage
) -> None:
    """What cannot work is not offered."""
    able: dict[str, Any] = {name: {} for name in EVERYTHING if name != "serverTools"}
    async with chat_at(providers, page, watch, abilities=able) as chat:
        await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)

        await expect(chat.app.get_by_role("button", name="Attach")).to_have_count(0)
        await expect(chat.app.get_by_role("button", name="Make another")).to_have_count(0)


async def test_a_url_is_opened_by_the_host_if_it_is_https(page: Page, watch: Watch, providers: Stage) -> None:
    """The app leaves its frame by the host's door only; an address that is a script has no button."""
    async with chat_at(providers, page, watch) as chat:
        result = await chat.client.call_tool("generate_image", FOXES)
        shown = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        first, second = shown["structuredContent"]["images"]
        first["url"], second["url"] = "https://pictures.example/a.png", "javascript:alert(1)"
        await chat.show(FOXES, shown)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        await chat.app.get_by_role("button", name="Open URL").click()

        assert [("ui/open-link", {"url": "https://pictures.example/a.png"})] == [
            one for one in chat.asked if one[0] == "ui/open-link"
        ]


async def test_copying_works_where_the_frame_may_not(page: Page, watch: Watch, providers: Stage) -> None:
    """A host that grants no clipboard: the old way does it."""
    await page.context.grant_permissions(["clipboard-read"], origin=ADDRESS.rstrip("/"))
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", prompt="a fox", provider="posteverywhere")
        await chat.app.get_by_role("button", name="Copy media_id").click()
        await expect(chat.app.locator("#said")).to_have_text("media_id copied")
        await page.bring_to_front()

        copied = await page.evaluate("(window.focus(), navigator.clipboard.readText())")
        assert made["structuredContent"]["media_ids"] == [copied]


async def test_one_picture_is_shown_large_inside_the_frame(page: Page, watch: Watch, providers: Stage) -> None:
    """By keyboard, with its facts, in a frame that grows for it."""
    async with chat_at(providers, page, watch) as chat:
        made = await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        await chat.app.locator(".card .open").first.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowRight")

        await expect(chat.app.get_by_role("dialog")).to_contain_text("Picture 2 of 2")
        assert await page.frames[1].evaluate("large.offsetHeight") <= 620
        await expect(chat.app.get_by_role("dialog")).to_contain_text(made["structuredContent"]["generation_id"])
        await page.wait_for_function("document.getElementById('app').clientHeight >= 600")
