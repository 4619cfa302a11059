"""The app in a chat before a real server, whose providers the sandbox plays; and what a test looks at in it."""

import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.client.extension import advertise
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from playwright.async_api import Page, expect

from imagewright.app import build_server
from imagewright.library import Files
from imagewright.settings import load
from tests.browser.chat import ADDRESS, Chat, chatting
from tests.browser.watch import Watch
from tests.sandbox.rig import FlatPainter
from tests.stage import Stage

FOXES: dict[str, Any] = {"prompt": "two red foxes in the snow", "provider": "depicta", "count": 2}


@asynccontextmanager
async def chat_at(
    providers: Stage, page: Page, watch: Watch, *, previews: bool = True, **more: Any
) -> AsyncGenerator[Chat]:
    """A chat with the app in it, before a real server; nothing may leave the page, whatever happens in it.

    Without `previews` the server does not know that its client draws apps, and sends no pictures with its results.
    """
    able = [advertise(EXTENSION_ID, {"mimeTypes": [APP_MIME_TYPE]})] if previews else None
    server = build_server(load(providers.environ))
    async with Client(server, extensions=able) as client, chatting(page, client, **more) as chat:
        yield chat
    assert [] == watch.elsewhere(ADDRESS.rstrip("/"))


async def kept(providers: Stage, made: dict[str, Any]) -> list[str]:
    """Return the library's copies of the pictures of a generation, in base64."""
    files = Files(Path(providers.environ["IMAGEWRIGHT_HOME"]))
    found = [await files.read(image["sha256"]) for image in made["structuredContent"]["images"]]
    return [base64.b64encode(data or b"").decode() for data in found]


def block(size: int, position: int | None = None) -> dict[str, Any]:
    """An image block of so many pixels, which may say whose picture it is."""
    data = FlatPainter().encode(FlatPainter().paint("x", width=size, height=size), "PNG", prompt="x")
    told = {"_meta": {"imagewright/position": position}} if position else {}
    return {"type": "image", "mimeType": "image/png", "data": base64.b64encode(data).decode(), **told}


async def widths(chat: Chat) -> list[int]:
    """The widths of the pictures that are drawn, in order; 0 for one that is not."""
    await expect(chat.app.locator(".card img").first).to_be_visible()
    found: list[int] = await chat.app.locator(".card img").evaluate_all(
        """(images) => Promise.all(images.map(async (image) => {
            image.loading = 'eager';
            try { await image.decode(); } catch { /* it has no width then */ }
            return image.naturalWidth;
        }))"""
    )
    return found
