"""Small pictures beside the text: for whom, how large, and that a result stays within what clients take."""

import base64
import io
import json
import random
from collections.abc import Sequence
from typing import Any, cast

import pytest
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.types import ImageContent, Implementation
from PIL import Image

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Agent, Result
from tests.bodies import depicta_done
from tests.desk import noise, picture, see_through
from tests.kept import ALIVE, call, drawn, draws, noisy, serves, settled, sha256_of
from tests.scripted import Answer, Scripted

LARGEST_RESULT = 900_000  # bytes
MOST_TOKENS = 2000


def shown(result: Result) -> list[Image.Image]:
    """The pictures in a result, each of which must be a JPEG."""
    found = [Image.open(io.BytesIO(base64.b64decode(one.data))) for one in blocks(result)]
    assert {"JPEG"} >= {one.format for one in found}
    return list(found)


def blocks(result: Result) -> list[ImageContent]:
    """The blocks that hold pictures."""
    return [one for one in result.raw.content if isinstance(one, ImageContent)]


def named(agent: Agent, name: str, extensions: Sequence[ClientExtension] | None = None) -> Client:
    """A client that calls itself so."""
    server = build_server(load(agent.environ))
    return Client(server, mode=agent.era, client_info=Implementation(name=name, version="1"), extensions=extensions)


async def test_a_preview_follows_the_text(agent: Agent, heydecks: Scripted) -> None:
    """The text stays first, since some clients pass on nothing else; then a small JPEG of each picture in order."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    draws(heydecks, picture(size=(2000, 1000)), picture("WEBP", size=(500, 1500)))
    async with agent.connect() as client:
        made = await drawn(client, count=2)
        found = await settled(client, made)

    for result in (made, found):
        assert ["text", "image", "image"] == [one.type for one in result.raw.content]
        assert ["image/jpeg"] * 2 == [one.mime_type for one in blocks(result)]
        assert [(1024, 512), (341, 1024)] == [one.size for one in shown(result)]


async def test_a_small_picture_is_not_made_larger(agent: Agent, heydecks: Scripted) -> None:
    """A preview has no pixels that the picture has not."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    draws(heydecks, picture(size=(60, 40)))
    async with agent.connect() as client:
        made = await drawn(client)

    assert [(60, 40)] == [one.size for one in shown(made)]


async def test_a_preview_looks_like_the_picture(agent: Agent, heydecks: Scripted) -> None:
    """Its colour is the same; what can be seen through is white, not black."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    draws(heydecks, see_through())
    async with agent.connect() as client:
        (image,) = shown(await drawn(client))

    assert is_near((255, 255, 255), image.getpixel((50, 50)))
    assert is_near((0, 128, 128), image.getpixel((300, 300)))


def is_near(wanted: tuple[int, int, int], found: object) -> bool:
    """Whether a colour is the same but for what JPEG does to it."""
    red, green, blue = cast("tuple[int, int, int]", found)
    return all(abs(one - other) <= 6 for one, other in zip(wanted, (red, green, blue), strict=True))


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("claude-ai", True),
        ("Claude Desktop", True),
        ("Visual Studio Code", True),
        ("cursor-vscode", True),
        ("goose", True),
        ("openai-ChatGPT", True),
        ("mcp-inspector", True),
        ("mcp", False),
        ("claude-code", False),
        ("langchain", False),
        ("codex-mcp-client", False),
        ("", False),
    ],
)
async def test_who_is_known_to_show_pictures_gets_them(
    agent: Agent, heydecks: Scripted, name: str, *, sees: bool
) -> None:
    """Others are frameworks, which hand base64 to a model as text, and terminals: these get none by themselves."""
    draws(heydecks, picture())
    async with named(agent, name) as client:
        made = await drawn(client)

    assert sees == (1 == len(blocks(made)))


class Apps(ClientExtension):
    """What a client announces that draws pages."""

    identifier = "io.modelcontextprotocol/ui"

    def settings(self) -> dict[str, Any]:
        """Which pages it draws."""
        return {"mimeTypes": ["text/html;profile=mcp-app"]}


async def test_a_client_with_apps_gets_previews(agent: Agent, heydecks: Scripted) -> None:
    """Who draws pages shows pictures, whatever it is called."""
    draws(heydecks, picture())
    async with named(agent, "somebody", [Apps()]) as client:
        made = await drawn(client)

    assert 1 == len(blocks(made))


@pytest.mark.parametrize(("setting", "sees"), [("off", 0), ("0", 0), ("on", 1), ("auto", 1)])
async def test_the_user_decides(agent: Agent, heydecks: Scripted, setting: str, sees: int) -> None:
    """IMAGEWRIGHT_PREVIEW goes before what is known of a client."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = setting
    draws(heydecks, picture())
    async with named(agent, "claude-ai") as client:
        made = await drawn(client)

    assert sees == len(blocks(made))


@pytest.mark.parametrize("kilobytes", [None, 1, 40, 600])
async def test_all_previews_of_a_result_share_the_room(agent: Agent, heydecks: Scripted, kilobytes: int | None) -> None:
    """350 KB of base64, or what IMAGEWRIGHT_PREVIEW_KB says, hold for all of them together."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    if kilobytes:
        agent.environ["IMAGEWRIGHT_PREVIEW_KB"] = str(kilobytes)
    draws(heydecks, *(noisy(number, 900) for number in range(3)))
    async with agent.connect() as client:
        made = await drawn(client, count=3)

    sizes = [len(one.data) for one in blocks(made)]
    assert sum(sizes) <= (kilobytes or 350) * 1000
    assert (0 if kilobytes == 1 else 3) == len(sizes)
    assert kilobytes == 1 or sum(sizes) > (kilobytes or 350) * 1000 // 3  # and the room is used


async def test_a_picture_without_a_preview_leaves_the_others(agent: Agent, heydecks: Scripted) -> None:
    """One that cannot be decoded or was not kept has none, and the rest keep their order."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    broken = bytearray(noise("PNG", (50, 50)))
    broken[200:1200] = bytes(1000)
    draws(heydecks, bytes(broken), picture(size=(30, 20)), b"<html>", picture(size=(20, 30)))
    async with agent.connect() as client:
        made = await drawn(client, count=4)

    assert [(30, 20), (20, 30)] == [one.size for one in shown(made)]


async def test_a_dry_run_shows_nothing(agent: Agent) -> None:
    """Nothing was drawn."""
    agent.environ["IMAGEWRIGHT_PREVIEW"] = "on"
    async with agent.connect() as client:
        planned = await call(client, "generate_image", prompt="a fox", dry_run=True)

    assert ["text"] == [one.type for one in planned.raw.content]


def tokens(text: str) -> float:
    """About how many tokens a text has, a tenth too many: signatures and hashes make one of every 1.5 characters."""
    return sum(_of_word(word) for word in text.split())


def _of_word(word: str) -> float:
    is_random = len(word) > 20 and any(char.isdigit() for char in word)
    return len(word) / 1.5 if is_random else max(1.3, len(word) / 4)


def size(result: Result) -> int:
    """The bytes of a result on the wire."""
    return len(json.dumps(result.raw.model_dump(mode="json", by_alias=True, exclude_none=True)).encode())


def _signature(of: str, characters: int) -> str:
    """What looks like the signature of a cloud's storage."""
    return base64.urlsafe_b64encode(random.Random(of).randbytes(characters)).decode()[:characters]  # noqa: S311  # no secret


def many(depicta: Scripted, count: int, file: Answer | bytes, url_characters: int) -> None:
    """Let Depicta draw so many pictures, each in a call of its own and in three formats, with URLs of this length."""
    for number in range(count):
        body = depicta_done()
        del body["image_url"], body["image_hash"]
        body["id"] = f"{number:08d}-e5f6-7890-abcd-ef1234567890"
        body["formats"] = {}
        for name in ("png", "jpeg", "webp"):
            path = f"/kept/{number}.{name}?sig="
            path += _signature(path, url_characters - len(depicta.url + path))
            url = serves(depicta, path, file)
            data = file.payload if isinstance(file, Answer) else file
            body["formats"][name] = {
                "url": url,
                "format": name,
                "hash": sha256_of(data),
                "size_bytes": len(data),
                "expires_at": ALIVE,
            }
        depicta.answer(Answer(200, body))


@pytest.fixture
def fetching(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer waits for all its copies, and what fails is given up at once."""
    monkeypatch.setattr("imagewright.keeping.MOMENT_SECONDS", 30.0)
    monkeypatch.setattr("imagewright.keeping._TRIES", 0)


@pytest.mark.usefixtures("fetching")
@pytest.mark.parametrize(
    ("file", "url_characters", "kilobytes"), [("kept", 4000, 350), ("kept", 900, 600), ("failed", 900, 350)]
)
async def test_the_largest_result_is_bounded(
    agent: Agent, depicta: Scripted, file: str, url_characters: int, kilobytes: int
) -> None:
    """24 pictures in three formats with long signed URLs, all kept with previews, or all failed."""
    agent.environ.update({"IMAGEWRIGHT_PREVIEW": "on", "IMAGEWRIGHT_PREVIEW_KB": str(kilobytes)})
    many(depicta, 24, noise("JPEG", (500, 500), quality=95) if file == "kept" else Answer(503, b""), url_characters)
    async with agent.connect() as client:
        made = await drawn(client, "depicta", count=24)
        found = await call(client, "get_generation", generation_id=made.structured["generation_id"])

    for result in (made, found):
        assert 24 == len(result.structured["images"]) == len(result.structured["urls"])
        assert size(result) < LARGEST_RESULT
        assert (24 if file == "kept" else 0) == len(blocks(result))
        assert sum(len(one.data) for one in blocks(result)) <= kilobytes * 1000
        assert made.structured["generation_id"] in result.text
        assert "more pictures: attach_to_post takes gen_" in result.text
        assert made.structured["next_step"] in result.text


@pytest.mark.usefixtures("fetching")
@pytest.mark.parametrize("file", [picture(), Answer(503, b"")], ids=["kept", "failed"])
async def test_the_largest_text_is_bounded(agent: Agent, depicta: Scripted, file: Answer | bytes) -> None:
    """The text of 24 pictures with signed URLs stays below 2,000 tokens."""
    many(depicta, 24, file, 900)
    async with agent.connect() as client:
        made = await drawn(client, "depicta", count=24)

    assert tokens(made.text) < MOST_TOKENS


async def test_short_urls_are_all_in_the_text(agent: Agent, heydecks: Scripted) -> None:
    """Where there is room, a client that shows only text has every URL."""
    urls = draws(heydecks, *(picture(size=(20 + number, 20)) for number in range(6)))
    async with agent.connect() as client:
        made = await drawn(client, count=6)

    assert urls == [line.removeprefix("URL: ") for line in made.text.splitlines() if line.startswith("URL: ")]
    assert 6 == made.text.count("\nFile: ")
