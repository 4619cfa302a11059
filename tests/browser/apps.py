"""The app in a chat before a real server, whose providers the sandbox plays; and what a test looks at in it."""

import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client
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
async def chat_at(providers: Stage, page: Page, watch: Watch, **more: Any) -> AsyncGenerator[Chat]:
    """A chat with the app in it, before a real server; nothing may leave the page, whatever happens in it."""
    async with Client(build_server(load(providers.environ))) as client, chatting(page, client, **more) as chat:
        chat.answers["resources/read"] = reader(providers)
        yield chat
    assert [] == watch.elsewhere(ADDRESS.rstrip("/"))


def reader(providers: Stage) -> Any:
    """Return what answers a look at a kept picture from the server's own library."""

    async def read(params: dict[str, Any]) -> dict[str, Any]:
        uri: str = params["uri"]
        data = await Files(Path(providers.environ["IMAGEWRIGHT_HOME"])).read(uri.removeprefix("imagewright://image/"))
        assert data is not None
        blob = base64.b64encode(data).decode()
        return {"contents": [{"uri": uri, "mimeType": "image/png", "blob": blob}]}

    return read


async def kept(providers: Stage, made: dict[str, Any]) -> list[str]:
    """Return the library's copies of the pictures of a generation, in base64."""
    files = Files(Path(providers.environ["IMAGEWRIGHT_HOME"]))
    found = [await files.read(image["sha256"]) for image in made["structuredContent"]["images"]]
    return [base64.b64encode(data or b"").decode() for data in found]


def block(size: int = 8, kind: str = "image/png") -> dict[str, str]:
    """An image block of so many pixels."""
    data = FlatPainter().encode(FlatPainter().paint("x", width=size, height=size), "PNG", prompt="x")
    return {"type": "image", "mimeType": kind, "data": base64.b64encode(data).decode()}


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
