"""How the gallery as an MCP App behaves towards its host, and towards what is hostile."""

import base64

import pytest
from playwright.async_api import Page, expect

from imagewright.gallery.page import page_html
from tests.browser.apps import FOXES, chat_at, widths
from tests.browser.watch import Watch
from tests.galleries import HOSTILE
from tests.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_app_follows_the_theme_of_its_host(page: Page, watch: Watch, providers: Stage) -> None:
    """From the greeting on, and when it changes, whatever the system prefers."""
    async with chat_at(providers, page, watch, theme="dark") as chat:
        ground = "getComputedStyle(document.documentElement).backgroundColor"
        frame = page.frames[1]
        dark = await frame.evaluate(ground)
        await chat.notify("ui/notifications/host-context-changed", {"theme": "light"})
        await page.wait_for_timeout(0)
        light = await frame.evaluate(ground)

        assert ("rgb(19, 19, 22)", "rgb(246, 244, 240)") == (dark, light)


async def test_the_app_says_how_large_it_is(page: Page, watch: Watch, providers: Stage) -> None:
    """A host that obeys shows all of it, with nothing to scroll inside."""
    async with chat_at(providers, page, watch) as chat:
        await chat.call("generate_image", **FOXES)
        await expect(chat.app.locator(".card img")).to_have_count(2)
        await widths(chat)
        frame = page.frames[1]
        await frame.wait_for_function("document.documentElement.scrollHeight <= innerHeight && innerHeight > 300")

        last = (await chat.heard("ui/notifications/size-changed"))[-1]
        assert {"width", "height"} == set(last)


async def test_the_app_answers_its_host(page: Page, watch: Watch, providers: Stage) -> None:
    """A ping and the end get an answer, an unknown method an error."""
    async with chat_at(providers, page, watch) as chat:
        greeting = chat.asked[0]

        assert ("ui/initialize", "2026-01-26") == (greeting[0], greeting[1]["protocolVersion"])
        assert {"appInfo", "appCapabilities", "protocolVersion"} == set(greeting[1])
        assert {} == (await chat.request("ping"))["result"]
        assert {} == (await chat.request("ui/resource-teardown"))["result"]
        assert -32601 == (await chat.request("ui/unheard-of"))["error"]["code"]


async def test_only_the_host_is_listened_to(page: Page, watch: Watch, providers: Stage) -> None:
    """A message of any other window, even a well-formed one, changes nothing."""
    async with chat_at(providers, page, watch) as chat:
        forged = {
            "jsonrpc": "2.0",
            "method": "ui/notifications/tool-result",
            "params": {"isError": True},
        }
        await page.frames[1].evaluate("(forged) => window.postMessage(forged, '*')", forged)
        await page.frames[1].evaluate("() => new Promise((done) => setTimeout(done))")

        await expect(chat.app.locator("section")).to_have_count(0)


async def test_hostile_results_stay_text(page: Page, watch: Watch, providers: Stage) -> None:
    """Prompts, warnings, names, types and data that are HTML are shown as they are, or not at all."""
    async with chat_at(providers, page, watch) as chat:
        result = await chat.client.call_tool("generate_image", FOXES)
        shown = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        shown["structuredContent"] |= {"warnings": [HOSTILE], "provider": "<b>bold</b>"}
        for image in shown["structuredContent"]["images"]:
            image["resource"] = "imagewright://image/../../etc/passwd"
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
        hostile = {"type": "image", "mimeType": "image/png", "data": 'x" onerror="alert(1)'}
        shown["content"] = [{"type": "image", "mimeType": "image/svg+xml", "data": svg}, hostile]
        await chat.show({"prompt": HOSTILE}, shown)
        await expect(chat.app.locator(".card")).to_have_count(2)
        said = await chat.app.locator("section").inner_text()

        assert 0 == await chat.app.locator("section img, section script, section b").count()
        assert "<b>bold</b>" in said
        assert HOSTILE in said
        assert "imagewright" == await page.frames[1].title()
        assert [] == [one for one in chat.asked if one[0] == "resources/read"]


@pytest.mark.parametrize("source", ["URL.createObjectURL(new Blob([data]))", "'https://pictures.example/a.png'"])
async def test_a_host_refuses_every_other_way_to_draw(page: Page, watch: Watch, providers: Stage, source: str) -> None:
    """The proof that this host is strict: the same app with blob: or https: addresses shows no picture."""
    html = page_html().replace("`data:${mimeType};base64,${data}`", source)
    assert html != page_html()
    async with chat_at(providers, page, watch, html=html) as chat:
        await chat.call("generate_image", **FOXES)
        await expect(chat.app.get_by_text("The copy cannot be shown")).to_have_count(2)
        refused = {error.rpartition("violates")[2].strip() for error in watch.errors}
        watch.errors.clear()
        watch.requests.clear()

    assert 1 == len(refused)
    assert refused.pop().startswith("the following Content Security Policy directive: \"img-src 'self' data:\"")
