"""The gallery of the server over HTTP in a real browser, which shows the token once."""

from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.http.hosted import TOKEN
from tests.http.processes import started

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_link_on_another_site_opens_the_gallery(page: Page, tmp_path: Path) -> None:
    """A chat in the browser may show the address."""

    async def other_site(route: Route) -> None:
        await route.fulfill(content_type="text/html", body='<link rel="icon" href="data:,">')

    await page.route("http://chat.example/**", other_site)
    async with started({"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1"}) as server:
        await page.goto("http://chat.example/")
        await page.evaluate("url => { location.href = url }", f"{server.url}/?token={TOKEN}")
        await expect(page.get_by_text("No pictures yet")).to_be_visible()
        address = page.url

    assert f"{server.url}/" == address


async def test_a_browser_shows_the_token_once(page: Page, tmp_path: Path) -> None:
    """The page and its data come, the address has no token any more, and no script can read the cookie."""
    async with started({"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1"}) as server:
        await page.goto(f"{server.url}/?token={TOKEN}")
        await expect(page.get_by_text("No pictures yet")).to_be_visible()
        address, readable = page.url, await page.evaluate("document.cookie")
        await page.goto(f"{server.url}/")
        await expect(page.get_by_text("No pictures yet")).to_be_visible()

    assert (f"{server.url}/", "") == (address, readable)
