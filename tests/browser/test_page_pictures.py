"""The gallery in a real browser: the pictures as a grid, found again by words, and one of them large."""

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Locator, Page, expect

from imagewright.models import Ask, EntryStatus, ImageRequest, Picture
from tests.browser.watch import Watch
from tests.entries import ask, at, begun, ended, made, opened
from tests.galleries import DRAWN, HOSTILE, Gallery

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = 11
IN_GRID = "#grid .card"


async def look(page: Page, gallery: Gallery, hash_: str = "") -> Locator:
    """Open a gallery and return its cards, once the first is there."""
    await page.goto(gallery.url + hash_)
    cards = page.locator(IN_GRID)
    await expect(cards.first).to_be_visible()
    return cards


async def drawn_whole(page: Page) -> list[bool]:
    """Whether each picture of the grid was decoded; lazy ones are made to load."""
    found: list[bool] = await page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('#grid img')].map(async (image) => {
            image.loading = 'eager';
            try { await image.decode(); return image.naturalWidth > 0; } catch { return false; }
        }))"""
    )
    return found


async def fact(page: Page, name: str) -> str:
    """What the large view says under a heading."""
    return await page.locator(f"dt:text-is('{name}') + dd > :first-child").inner_text()


async def test_the_newest_pictures_come_first(page: Page, gallery: Gallery) -> None:
    """A card for each picture, with its prompt, provider, model and cost; all that have a copy are really drawn."""
    cards = await look(page, gallery)

    await expect(cards).to_have_count(PICTURES)
    first = [await cards.first.locator(one).inner_text() for one in (".prompt", ".row >> nth=0", ".row >> nth=1")]
    assert (DRAWN[-1][0], "HeyDecks") == (first[0], first[1].strip())
    assert "≈ 8 credits" in first[2]
    assert [True] * (PICTURES - 1) == await drawn_whole(page)


async def test_nothing_is_asked_of_anybody_else(page: Page, gallery: Gallery, watch: Watch) -> None:
    """Through grid, large view and spending, every request goes to the page's own origin, under its secret path."""
    cards = await look(page, gallery)
    await drawn_whole(page)
    await cards.first.get_by_role("button").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Spending").click()
    await expect(page.locator("figure").first).to_be_visible()

    assert [] == watch.elsewhere(gallery.url.rstrip("/"))
    assert 3 < len(watch.requests)


async def test_a_prompt_that_is_html_stays_text(page: Page, gallery: Gallery) -> None:
    """A prompt with tags, scripts and quotes is shown letter for letter, in the grid and large, and does nothing."""
    cards = await look(page, gallery)
    card = cards.filter(has_text="a castle")
    shown = await card.locator(".prompt").text_content()
    await card.get_by_role("button").click()
    large = await fact(page, "Prompt")

    assert (HOSTILE, HOSTILE) == (shown, large)
    assert "Your pictures · imagewright" == await page.title()
    assert 0 == await page.locator("#grid script, #grid [onerror], #grid img[src=x], dialog script").count()


async def test_hostile_answers_stay_text(page: Page, own: Gallery) -> None:
    """An address that is a script or not https is no link, and names with tags in them stay names."""
    hostile = Picture("javascript:alert(1)", media_id="<b>m</b>", prompt_used="<img src=x onerror=alert(1)>")
    async with opened(own.home) as journal:
        await begun(journal, "gen_hostile")
        await journal.finish(
            "gen_hostile", "done", made("gen_hostile", hostile, Picture("http://127.0.0.1/a")), None, None
        )
    cards = await look(page, own)
    await cards.first.get_by_role("button").click()

    assert "javascript:alert(1)" == await fact(page, "URL")
    assert ("<b>m</b>", "<img src=x onerror=alert(1)>") == (
        await fact(page, "media_id"),
        await fact(page, "Prompt as it was used"),
    )
    assert 0 == await page.locator("dialog a").count()
    await page.keyboard.press("ArrowRight")
    assert "http://127.0.0.1/a" == await fact(page, "URL")
    assert 0 == await page.locator("dialog a").count()


async def test_an_https_address_is_a_link_that_tells_nobody(page: Page, own: Gallery) -> None:
    """It opens in another tab, which learns nothing of the page it came from."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1")
        await ended(journal, "gen_1", "done")
    cards = await look(page, own)
    await cards.first.get_by_role("button").click()
    link = page.locator("dialog a")

    assert ("https://example.com/a.png", "noopener noreferrer", "_blank") == (
        await link.get_attribute("href"),
        await link.get_attribute("rel"),
        await link.get_attribute("target"),
    )


@pytest.mark.parametrize(
    ("words", "provider", "found"),
    [
        ("CRANE", "", 2),
        ("über nachtmarkt", "", 1),
        ("theo-1-create", "", 4),
        ("posteverywhere", "", 1),
        ("", "theo", 4),
        ("persimmons", "theo", 1),
        ("persimmons", "depicta", 0),
        ("%", "", 0),
    ],
)
async def test_pictures_are_found_by_words_and_provider(
    page: Page, gallery: Gallery, words: str, provider: str, found: int
) -> None:
    """All words count, in any case, in prompt, model and provider; what matches nothing says so and has a way back."""
    cards = await look(page, gallery)
    await page.get_by_label("Provider", exact=True).select_option(provider)
    await page.get_by_label("Search prompts").fill(words)

    await expect(page.get_by_role("status")).to_have_text(f"{found} pictures found")
    await expect(cards).to_have_count(found)
    if not found:
        await page.get_by_role("button", name="Show all pictures").click()
        await expect(cards).to_have_count(PICTURES)


async def test_more_are_loaded_on_demand(page: Page, own: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty generations come in three pages, none twice, and the focus goes to the first of those that came."""
    async with opened(own.home) as journal:
        for number in range(60):
            at(monkeypatch, datetime(2026, 4, 10, 12, number, tzinfo=UTC))
            await begun(journal, f"gen_{number}", ask(f"number {number}"))
            await ended(journal, f"gen_{number}", "done")
    cards = await look(page, own)
    more = page.get_by_role("button", name="More", exact=True)

    await expect(cards).to_have_count(24)
    await more.click()
    await expect(cards).to_have_count(48)
    await expect(cards.nth(24).get_by_role("button")).to_be_focused()
    await more.click()
    await expect(cards).to_have_count(60)
    await expect(more).to_be_hidden()
    assert [f"number {number}" for number in reversed(range(60))] == await page.locator(".prompt").all_inner_texts()


async def test_what_is_drawn_meanwhile_appears(page: Page, own: Gallery) -> None:
    """A generation that runs is shown as such, and as done once it is, without a reload; the focus stays."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_old", ask("an old one"))
        await ended(journal, "gen_old", "done")
        await begun(journal, "gen_new", ask("a new one"))
        await journal.sending("gen_new", 0, None)
        await page.clock.install()
        cards = await look(page, own)
        await expect(cards.first).to_contain_text("Still being drawn")
        await cards.nth(1).get_by_role("button").focus()
        await journal.finish("gen_new", "done", made("gen_new"), None, None)
        await page.clock.run_for(5000)

    await expect(cards.first).not_to_contain_text("Still being drawn")
    await expect(cards.nth(1).get_by_role("button")).to_be_focused()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("running", "Still being drawn"),
        ("unknown", "Outcome not known: it may have been charged"),
        ("failed", "Failed, and was charged"),
        ("refused", "Not drawn, nothing was charged"),
        ("partial", "Partly done: 1 of 2 came"),
    ],
)
async def test_every_state_is_said_in_words(page: Page, own: Gallery, status: EntryStatus, said: str) -> None:
    """On the card and in the large view."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1", Ask(ImageRequest("a fox", count=2), "theo"))
        await ended(journal, "gen_1", status)
    cards = await look(page, own)

    await expect(cards.first).to_contain_text(said)
    await cards.first.get_by_role("button").click()
    assert said == await fact(page, "State")


async def test_a_picture_in_a_library_elsewhere_is_a_card_that_says_so(page: Page, gallery: Gallery) -> None:
    """PostEverywhere gives a media_id and no file: the card names the library and the id, and both can be copied."""
    cards = await look(page, gallery)
    card = cards.filter(has_text="old fisherman")

    await expect(card.locator(".tile")).to_contain_text(re.compile(r"In the library of PostEverywhere\s*media_id .{8}"))
    await card.get_by_role("button").click()
    await expect(page.get_by_role("button", name="Copy media_id")).to_be_visible()


async def test_a_file_that_cannot_be_drawn_is_a_card_that_says_so(page: Page, gallery: Gallery) -> None:
    """A copy that is no picture any more leaves words, not a broken image, and the card can be opened all the same."""
    await page.route("**/previews/*", lambda route: route.fulfill(body=b"no picture", content_type="image/jpeg"))
    cards = await look(page, gallery)
    opener = cards.first.get_by_role("button")

    await expect(opener).to_have_accessible_name(re.compile("The copy cannot be shown"))
    await opener.click()
    await expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()


async def test_an_empty_gallery_says_how_to_draw(page: Page, own: Gallery) -> None:
    """The command is there to be copied, and nothing was written into the data folder by looking."""
    await page.goto(own.url)

    await expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    await expect(page.get_by_role("button", name="Copy command")).to_be_visible()
    await expect(page.get_by_text('imagewright generate "a red fox')).to_be_visible()
    assert not own.home.exists()


async def test_a_gallery_that_has_ended_says_so(page: Page, gallery: Gallery, watch: Watch) -> None:
    """What cannot be loaded is told with the remedy, and what was shown stays."""
    cards = await look(page, gallery)
    await page.route("**/gallery.json*", lambda route: route.abort())
    await page.get_by_label("Search prompts").fill("fox")

    await expect(page.get_by_text("start it again with imagewright gallery").first).to_be_visible()
    await expect(cards).to_have_count(PICTURES)
    watch.errors.clear()  # the browser notes the connection that failed
