"""How the gallery looks and feels in a real browser: light, dark, narrow, by keyboard, and to a screen reader."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.test_page_pictures import look
from tests.galleries import Gallery

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Of each text that can be seen: its colour, what is behind it, and its size, as the browser computed them.
TEXTS = """() => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const behind = (node) => {
        for (let at = node; at; at = at.parentElement) {
            const [red, green, blue, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
            if (alpha === 1) return [red, green, blue];
        }
        return [255, 255, 255];
    };
    const found = [];
    for (const node of document.querySelectorAll('body *')) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        if (!own || !node.checkVisibility() || node.matches('.away, :disabled, script, style, noscript *')) continue;
        const ink = numbers(getComputedStyle(node).color).slice(0, 3);
        found.push([node.textContent.trim().slice(0, 40), ink, behind(node)]);
    }
    return found;
}"""


def luminance(colour: list[float]) -> float:
    """The relative luminance of a colour, as WCAG 2 defines it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours, as WCAG 2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out(page: Page, gallery: Gallery, scheme: str) -> None:
    """In both schemes, through all views, each text has the contrast of WCAG AA: 4.5 to 1."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    cards = await look(page, gallery)
    found: list[tuple[str, list[float], list[float]]] = await page.evaluate(TEXTS)
    await cards.first.get_by_role("button").click()
    found += await page.evaluate(TEXTS)
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Spending").click()
    await page.get_by_text("As a table").first.click()
    found += await page.evaluate(TEXTS)

    assert [] == [(text, round(contrast(ink, ground), 2)) for text, ink, ground in found if contrast(ink, ground) < 4.5]
    assert 60 < len(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_bars_and_borders_stand_out(page: Page, gallery: Gallery, scheme: str) -> None:
    """What is no text and says something has 3 to 1: the bars, the borders of fields, the mark of the focus."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await look(page, gallery)
    colours: dict[str, list[float]] = await page.evaluate(
        """() => Object.fromEntries(['paper', 'card', 'edge', 'accent', 'p0', 'p1', 'p2', 'p3', 'p4'].map((name) => {
            const probe = document.createElement('i');
            probe.style.color = `var(--${name})`;
            document.body.append(probe);
            const colour = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
            probe.remove();
            return [name, colour];
        }))"""
    )
    grounds = [colours.pop("paper"), colours.pop("card")]

    assert [] == [name for name, colour in colours.items() if min(contrast(colour, one) for one in grounds) < 3]


@pytest.mark.parametrize("width", [320, 360, 768])
async def test_a_narrow_window_scrolls_one_way_only(page: Page, gallery: Gallery, width: int) -> None:
    """From the width of a phone on, no view is wider than the window, and a picture is still large."""
    await page.set_viewport_size({"width": width, "height": 700})
    cards = await look(page, gallery)
    wide = "document.documentElement.scrollWidth"
    widths = [await page.evaluate(wide)]
    await cards.first.get_by_role("button").click()
    widths.append(await page.evaluate(wide))
    stage = await page.locator("#stage").bounding_box()
    facts = await page.evaluate("[facts.scrollWidth, facts.clientWidth]")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Spending").click()
    await expect(page.locator("figure").first).to_be_visible()
    widths.append(await page.evaluate(wide))

    assert [width] * 3 == widths
    assert facts[0] <= facts[1]
    assert stage is not None
    assert (stage["width"], True) == (min(width, stage["width"]), stage["height"] >= 200)


async def test_everything_has_a_name(page: Page, gallery: Gallery) -> None:
    """Every picture has its prompt as its text, every button, field and link a name, and there is one main heading."""
    cards = await look(page, gallery)
    await cards.first.get_by_role("button").click()
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll('button, a, input, select, textarea, summary')].filter((one) => {
            const image = one.querySelector('img');
            const label = one.id && document.querySelector(`label[for=${one.id}]`);
            const name = one.getAttribute('aria-label') || one.textContent.trim() || (label && label.textContent)
                || (image && image.alt);
            return !name;
        }).map((one) => one.outerHTML)"""
    )
    alts = await page.locator("img").evaluate_all("(images) => images.map((one) => one.alt)")
    levels = await page.locator("h1:visible, h2:visible").evaluate_all("(heads) => heads.map((one) => one.tagName)")

    assert [] == nameless
    assert all(alts)
    assert "Picture 2 of 3: a lighthouse in a storm, waves over the rocks, oil on canvas, the lamp just lit" in alts
    assert 1 == levels.count("H1")
    assert "en" == await page.locator("html").get_attribute("lang")


async def test_the_focus_can_be_seen(page: Page, gallery: Gallery) -> None:
    """Along the whole page, whatever Tab reaches has an outline of at least two pixels."""
    await look(page, gallery)
    seen: list[str] = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        outline: str = await page.evaluate(
            """() => {
                const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement);
                return `${outlineStyle} ${outlineWidth}`;
            }"""
        )
        seen.append(outline)

    assert [] == [one for one in seen if not re.fullmatch(r"solid [2-9]px", one)]


async def test_who_wants_no_motion_gets_none(page: Page, gallery: Gallery) -> None:
    """No transition and no animation, if the system says so."""
    await page.emulate_media(reduced_motion="reduce")
    await look(page, gallery)
    moving = await page.evaluate(
        """() => [...document.querySelectorAll('*')].filter((one) => {
            const {transitionDuration, animationName} = getComputedStyle(one);
            return parseFloat(transitionDuration) > 0 || animationName !== 'none';
        }).length"""
    )

    assert 0 == moving


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_scheme_has_its_own_ground(page: Page, gallery: Gallery, scheme: str) -> None:
    """The page follows the system: light paper, or dark."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await look(page, gallery)
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    ground = await page.evaluate(f"{colour}.match(/\\d+/g).map(Number)")

    assert (luminance(ground) > 0.5) == (scheme == "light")
