"""What was spent, in a real browser: a plot for each unit, and the same as a table."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect

from imagewright.holding import Draft
from imagewright.models import Ask, ImageRequest
from tests.entries import Clock, at, begun, ended, opened
from tests.galleries import Gallery

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY = datetime(2026, 4, 30, 12, tzinfo=UTC)
# Days ago, provider, unit, price, what became of it.
SPENT = (
    (0, "theo", "cents", "4", "done"),
    (0, "heydecks", "credits", "8", "done"),
    (3, "heydecks", "credits", "16", "done"),
    (3, "posteverywhere", "credits", "15", "done"),
    (29, "heydecks", "credits", "8", "unknown"),
    (30, "heydecks", "credits", "800", "done"),
)


@pytest.fixture
async def spent(own: Gallery, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    """A gallery of a month in which this was spent."""
    async with opened(own.home) as journal:
        for number, (ago, provider, unit, price, status) in enumerate(SPENT):
            at(monkeypatch, TODAY - timedelta(days=ago))
            draft = Draft(provider, "a model", 1, Decimal(price), unit, Decimal(1))
            await begun(journal, f"gen_{number}", Ask(ImageRequest(f"number {number}"), provider), draft)
            await ended(journal, f"gen_{number}", "done" if status == "done" else "unknown")
    monkeypatch.setattr(Clock, "set_to", TODAY)
    monkeypatch.setattr("imagewright.gallery.routes.datetime", Clock)
    return own


async def test_each_unit_has_a_plot_of_its_own(page: Page, spent: Gallery) -> None:
    """Credits and cents are never added; each sum is told, what is held apart, and older days are left out."""
    await page.goto(f"{spent.url}#spending")
    figures = page.locator("figure")

    await expect(figures).to_have_count(2)
    assert ["Cents · 4 cents", "Credits · 39 credits, and 8 held back"] == await page.locator("h3").all_inner_texts()


async def test_the_bars_are_as_high_as_what_was_spent(page: Page, spent: Gallery) -> None:
    """A column for each day with a bar for each provider, in proportion; what is held back is drawn paler."""
    await page.goto(f"{spent.url}#spending")
    bars = page.locator("figure").nth(1).locator("rect")
    await expect(bars).to_have_count(4)
    heights = [float(await bar.get_attribute("height") or 0) for bar in await bars.all()]
    held = [("held" in (await bar.get_attribute("class") or "")) for bar in await bars.all()]
    tops = [float(await bar.get_attribute("y") or 0) for bar in await bars.all()]

    assert [8, 16, 15, 8] == pytest.approx([height * 50 / 100 for height in heights])
    assert [True, False, False, False] == held
    assert heights[1] + heights[2] == pytest.approx(100 - tops[2])
    assert {"50", "25", "0"} == set(await page.locator("figure").nth(1).locator(".scale span").all_inner_texts())


async def test_the_plot_is_a_table_for_who_cannot_see_it(page: Page, spent: Gallery) -> None:
    """The plot has a name with its numbers, and the table has every row, with heads."""
    await page.goto(f"{spent.url}#spending")
    plot = page.get_by_role("img", name="Credits a day over 30 days, 39 credits, and 8 held back, at most 31 a day.")
    await expect(plot).to_be_visible()
    figure = page.locator("figure").nth(1)
    await figure.get_by_text("As a table").click()

    await expect(figure.get_by_role("columnheader")).to_have_text(
        ["Day", "Provider", "Model", "Calls", "Pictures", "Paid", "Held"]
    )
    assert [
        "2026-04-30\tHeyDecks\ta model\t1\t1\t8 credits\t0 credits",
        "2026-04-27\tHeyDecks\ta model\t1\t1\t16 credits\t0 credits",
        "2026-04-27\tPostEverywhere\ta model\t1\t1\t15 credits\t0 credits",
        "2026-04-01\tHeyDecks\ta model\t1\t1\t0 credits\t8 credits",
    ] == await figure.locator("tbody tr").all_inner_texts()


async def test_what_the_sandbox_drew_is_no_money(page: Page, gallery: Gallery) -> None:
    """Its plots say so, and stand apart."""
    await page.goto(f"{gallery.url}#spending")
    await expect(page.locator("figure")).to_have_count(3)
    heads = await page.locator("h3").all_inner_texts()

    assert all("of the sandbox: nothing was paid" in head for head in heads)


async def test_the_way_between_the_views(page: Page, gallery: Gallery) -> None:
    """Links that the browser's back button knows, and the current one is marked."""
    await page.goto(gallery.url)
    await page.get_by_role("link", name="Spending").click()
    await expect(page.get_by_role("heading", name="What was spent")).to_be_visible()
    await expect(page.get_by_role("link", name="Spending")).to_have_attribute("aria-current", "page")
    await page.go_back()

    await expect(page.locator("#grid .card").first).to_be_visible()
    await expect(page.get_by_role("link", name="Spending")).not_to_have_attribute("aria-current", "page")


async def test_without_spending_there_is_a_sentence(page: Page, own: Gallery) -> None:
    """No empty axes."""
    await page.goto(f"{own.url}#spending")

    await expect(page.get_by_text("Nothing was spent in the last 30 days.")).to_be_visible()
