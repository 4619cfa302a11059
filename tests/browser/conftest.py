"""A real browser for these tests: the system's own Chromium, without a window and without a network of its own."""

import os
import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from imagewright.sandbox.server import BackgroundSandbox
from tests.browser.watch import Watch
from tests.galleries import Gallery, served, served_with_everything
from tests.sandbox.rig import flat_sandbox
from tests.stage import Stage, staged

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # in a container Chromium cannot make one; it sees our own pages only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_MISSING = "There is no Chromium here: install the system's own, such as with `apt-get install chromium`."


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """One browser for all tests; without one they are skipped, unless IMAGEWRIGHT_REQUIRE_BROWSER is set."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None and os.environ.get("IMAGEWRIGHT_REQUIRE_BROWSER"):
        pytest.fail(_MISSING)
    if path is None:
        pytest.skip(_MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield browser
        await browser.close()


@pytest.fixture
def watch() -> Watch:
    """What goes wrong in the page, and what it reaches for."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, watch: Watch) -> AsyncGenerator[Page]:
    """A page in a profile of its own, watched: whatever the test does, no error may show on its console."""
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="light", locale="en-GB", timezone_id="Europe/Berlin"
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    watch.on(page)
    yield page
    await context.close()
    assert [] == watch.errors


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Generator[Gallery]:
    """A gallery of everything that `DRAWN` names, drawn in the sandbox by a real client; no test changes it."""
    with served_with_everything(tmp_path_factory.mktemp("drawn")) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Generator[Gallery]:
    """A gallery of the test's own, with nothing in it."""
    with served(tmp_path / "home") as running:
        yield running


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Generator[BackgroundSandbox]:
    """A running sandbox whose pictures are flat."""
    with flat_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def providers(playing: BackgroundSandbox, tmp_path: Path) -> Generator[Stage]:
    """Accounts at all four providers, with nothing in them."""
    with staged("2026-07-28", playing.url, str(tmp_path / "home")) as ready:
        yield ready
