"""One picture large, by mouse and by keyboard: what it shows, where it leads, and what can be copied from it."""

import hashlib
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_page_pictures import PICTURES, fact, look
from tests.entries import ask, begun, ended, opened
from tests.galleries import DRAWN, Gallery

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_click_shows_the_original_and_its_facts(page: Page, gallery: Gallery) -> None:
    """The file itself, not the preview, with everything that is known of it."""
    cards = await look(page, gallery)
    await cards.filter(has_text="snowy forest").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    image = dialog.get_by_role("img")
    sha256 = await fact(page, "sha256")
    bytes_ = await page.evaluate(
        "async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())]", f"images/{sha256}"
    )

    assert f"images/{sha256}" == await image.get_attribute("src")
    assert sha256 == hashlib.sha256(bytes(bytes_)).hexdigest()
    assert [DRAWN[0][0], "Depicta, played by the sandbox"] == [await fact(page, one) for one in ("Prompt", "Provider")]
    assert re.fullmatch(r"0\.048 EUR", await fact(page, "Cost"))
    assert re.fullmatch(r"\d+ . \d+ pixels, \d+ kB, (PNG|WEBP|JPEG)", await fact(page, "Size"))
    assert "None in this file" == await fact(page, "Content credentials (C2PA)")
    assert await fact(page, "URL expires")
    assert re.fullmatch(r"gen_[0-9a-f]{32}", await fact(page, "generation_id"))
    assert 2 <= await dialog.get_by_role("link", name=re.compile("^Save ")).count()


async def test_enter_opens_arrows_turn_and_escape_closes(page: Page, gallery: Gallery) -> None:
    """The keyboard is enough, and the focus comes back to the picture that was last looked at."""
    cards = await look(page, gallery)
    await cards.first.get_by_role("button").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("ArrowLeft")  # there is none before it
    seen = [await fact(page, "Prompt")]
    for _ in range(2):
        await page.keyboard.press("ArrowRight")
        seen.append(await fact(page, "Prompt"))
    await page.keyboard.press("ArrowLeft")
    seen.append(await fact(page, "Prompt"))
    await page.keyboard.press("Escape")

    last = [prompt for prompt, _, _ in reversed(DRAWN)]
    assert [last[0], last[1], last[2], last[1]] == seen
    await expect(dialog).to_be_hidden()
    await expect(cards.nth(1).get_by_role("button")).to_be_focused()


async def test_the_buttons_turn_to_the_last_and_stop(page: Page, gallery: Gallery) -> None:
    """The next button leads through every picture and is off at the end, as the other is at the beginning."""
    cards = await look(page, gallery)
    await cards.first.get_by_role("button").click()
    onward = page.get_by_role("button", name="Next picture")
    await expect(page.get_by_role("button", name="Previous picture")).to_be_disabled()
    for _ in range(PICTURES - 1):
        await onward.click()

    await expect(onward).to_be_disabled()
    assert DRAWN[0][0] == await fact(page, "Prompt")


async def test_the_focus_stays_inside(page: Page, gallery: Gallery) -> None:
    """Tab goes round within the large view and never to what is behind it."""
    cards = await look(page, gallery)
    await cards.first.get_by_role("button").click()
    inside: list[bool] = []
    for _ in range(14):
        await page.keyboard.press("Tab")
        inside.append(
            await page.evaluate(
                "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
            )
        )

    assert [True] * 14 == inside


@pytest.mark.parametrize("what", ["URL", "prompt", "generation_id"])
async def test_copy_buttons_copy(page: Page, gallery: Gallery, what: str) -> None:
    """What is beside the button is on the clipboard, and a message says so."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=gallery.origin)
    cards = await look(page, gallery)
    await cards.filter(has_text="snowy forest").get_by_role("button").click()
    await page.get_by_role("button", name=f"Copy {what}").click()

    await expect(page.get_by_role("status")).to_have_text(f"{what} copied")
    name = "Prompt" if what == "prompt" else what
    assert await fact(page, name) == await page.evaluate("navigator.clipboard.readText()")


async def test_turning_past_the_last_loads_more(page: Page, own: Gallery) -> None:
    """What is not in the grid yet is fetched when the large view gets there."""
    async with opened(own.home) as journal:
        for number in range(30):
            await begun(journal, f"gen_{number}", ask(f"number {number}"))
            await ended(journal, f"gen_{number}", "done")
    cards = await look(page, own)
    await cards.last.get_by_role("button").click()
    await page.keyboard.press("ArrowRight")

    await expect(page.locator("dt:text-is('Prompt') + dd")).to_contain_text("number 5")
    await expect(cards).to_have_count(30)
