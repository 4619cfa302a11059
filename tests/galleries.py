"""A gallery to look at: what a real client drew in the sandbox, served over real HTTP on loopback."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client

from imagewright.app import build_server
from imagewright.gallery.serving import Serving
from imagewright.sandbox import pictures
from imagewright.settings import load
from tests.agent import Result
from tests.sandbox.rig import FlatPainter

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    "\"' onmouseover='document.title=1' </title> ]]> a castle"
)
# Prompt, provider, further arguments: eleven pictures of eight generations.
DRAWN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("a red fox in a snowy forest at dawn", "depicta", {"aspect_ratio": "16:9"}),
    ("a lighthouse in a storm, waves over the rocks, oil on canvas, the lamp just lit", "theo", {"count": 3}),
    ("a paper crane on a windowsill", "heydecks", {"count": 2}),
    ("portrait of an old fisherman", "posteverywhere", {}),
    (HOSTILE, "heydecks", {}),
    ("NACHTMARKT nach dem Regen, ÜBER den Dächern", "depicta", {"aspect_ratio": "9:16"}),
    ("a bowl of ripe persimmons", "theo", {}),
    ("mountains above the clouds", "heydecks", {"aspect_ratio": "1:1"}),
)


@dataclass(frozen=True, slots=True)
class Gallery:
    """A running gallery: `url` is its secret address, which ends with a slash."""

    url: str
    home: Path

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.url.split("/")[:3])

    @property
    def token(self) -> str:
        """The path that nobody can guess."""
        return self.url.split("/")[3]


async def draw_all(home: Path) -> list[dict[str, Any]]:
    """Draw everything of `DRAWN` in the sandbox of a data folder, and return what the tool answered, in order."""
    environ = {"IMAGEWRIGHT_HOME": str(home), "IMAGEWRIGHT_SANDBOX": "1"}
    made: list[dict[str, Any]] = []
    async with Client(build_server(load(environ))) as client:
        for prompt, provider, more in DRAWN:
            result = Result(await client.call_tool("generate_image", {"prompt": prompt, "provider": provider, **more}))
            assert not result.is_error, result.text
            made.append(result.structured)
    return made


@contextmanager
def served_with_everything(home: Path) -> Generator[Gallery]:
    """Serve a gallery of everything that `DRAWN` names; the sandbox paints it flat, which takes a tenth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "load_painter", FlatPainter)
        anyio.run(draw_all, home)
    with served(home) as running:
        yield running


@contextmanager
def served(home: Path) -> Generator[Gallery]:
    """Serve the gallery of a data folder while the block runs."""
    serving = Serving(load({"IMAGEWRIGHT_HOME": str(home)}))
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        yield Gallery(serving.url, home)
    finally:
        serving.stop()
        thread.join()


def get(gallery: Gallery, path: str = "", **headers: str) -> httpx2.Response:
    """What a gallery answers to a GET below its secret path."""
    return httpx2.get(gallery.url + path, headers=headers)


def told(gallery: Gallery, query: str = "") -> list[dict[str, Any]]:
    """The generations of a page of a gallery."""
    found: list[dict[str, Any]] = get(gallery, f"gallery.json{query}").json()["generations"]
    return found
