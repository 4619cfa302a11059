"""What the tests of kept pictures share: providers that draw given files, and what the data folder has then."""

import base64
import hashlib
import json
import random
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mcp import Client
from mcp.types import BlobResourceContents, TextResourceContents

from imagewright.album import Album
from imagewright.journal import Journal
from imagewright.library import Files, Library
from imagewright.locks import Locks
from tests.agent import Agent, Result
from tests.bodies import depicta_done
from tests.desk import noise
from tests.scripted import Answer, Scripted

ALIVE = "2099-01-31T09:00:00Z"
_TURNS = 400  # looks at a generation, each of which lets the background go on


def sha256_of(data: bytes) -> str:
    """The hash of the bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def noisy(number: int, edge: int = 300) -> bytes:
    """A PNG that no other number has and that does not compress: 300 pixels a side are 270 KB."""
    colours = bytes(random.Random(number).randrange(256) for _ in range(3))  # noqa: S311  # a picture, not a secret
    plain = noise("PNG", (edge, edge))
    return plain[:-12] + chunk(b"tEXt", b"number\0" + str(number).encode() + colours.hex().encode()) + plain[-12:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def bomb(width: int, height: int, *more: bytes) -> bytes:
    """A PNG of a few hundred bytes that says it is of this size."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body + chunk(b"IEND", b"")


BIG = [noisy(number) for number in range(5)]  # of 270 KB each


def draws(heydecks: Scripted, *files: Answer | bytes) -> list[str]:
    """Let HeyDecks draw pictures in one call, each with its answer to whoever fetches it, and return their URLs.

    Their URLs live for ever, and it names no hash.
    """
    offset = heydecks.connections * 100 + len(heydecks.seen)
    paths = [f"/pictures/{offset}-{number}.png" for number in range(len(files))]
    for path, file in zip(paths, files, strict=True):
        serves(heydecks, path, file)
    heydecks.answer(Answer(200, {"images": [{"url": heydecks.url + path} for path in paths]}))
    return [heydecks.url + path for path in paths]


def depicta_draws(
    depicta: Scripted, files: Mapping[str, Answer | bytes], expires_at: str = ALIVE, **claims: str
) -> None:
    """Let Depicta draw one picture in these formats; `claims` are the hashes it names where they are not the true."""
    body = depicta_done()
    del body["image_url"], body["image_hash"]
    body["formats"] = {}
    for name, file in files.items():
        data = file.payload if isinstance(file, Answer) else file
        serves(depicta, f"/kept/{name}?sig=abc", file)
        body["formats"][name] = {
            "url": f"{depicta.url}/kept/{name}?sig=abc",
            "format": name,
            "hash": claims.get(name, sha256_of(data)),
            "size_bytes": len(data),
            "expires_at": expires_at,
        }
    depicta.answer(Answer(200, body))


def serves(script: Scripted, path: str, *files: Answer | bytes) -> str:
    """Let a path bring these files, one after the other, and return its URL."""
    script.answer(
        *(one if isinstance(one, Answer) else Answer(200, one, {"Content-Type": "image/png"}) for one in files),
        path=path,
    )
    return script.url + path


def fetched(script: Scripted) -> list[str]:
    """The paths of pictures that were asked for, in order of arrival within those with a script and those without."""
    return [one.path for one in (*script.seen, *script.looked) if one.headers.get("accept") == "image/*"]


def on_disk(agent: Agent) -> list[str]:
    """The names of all files under the folder of pictures, whatever they are."""
    folder = Path(agent.environ["IMAGEWRIGHT_HOME"]) / "pictures"
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


async def call(client: Client, tool: str, **arguments: Any) -> Result:
    """Call a tool."""
    return Result(await client.call_tool(tool, arguments))


async def drawn(client: Client, provider: str = "heydecks", **arguments: Any) -> Result:
    """Draw, which must succeed."""
    result = await call(client, "generate_image", **{"prompt": "a fox", "provider": provider, **arguments})
    assert not result.is_error, result.text
    return result


async def settled(
    client: Client,
    made: Result,
    until: Callable[[Result], bool] = lambda found: "waiting" not in found.text and "still being" not in found.text,
) -> Result:
    """Look a generation up until nothing of it waits any more."""
    found = made
    for _ in range(_TURNS):
        found = await call(client, "get_generation", generation_id=made.structured["generation_id"])
        if until(found):
            return found
    raise AssertionError(found.text)


def names(files: Sequence[bytes]) -> list[str]:
    """The names of PNG files in the library."""
    return sorted(f"{sha256_of(one)}.png" for one in files)


async def draw_in_turn(client: Client, heydecks: Scripted, files: Sequence[bytes]) -> list[Result]:
    """Draw pictures one after the other, each in a generation of its own."""
    made: list[Result] = []
    for one in files:
        draws(heydecks, one)
        made.append(await drawn(client, prompt=f"a fox {len(made)} {len(heydecks.seen)}"))
    return made


async def shelf(home: Path, most_bytes: int) -> tuple[Library, Journal]:
    """A library without a server, for what takes days."""
    journal = Journal(home)
    return Library(Files(home), Album(journal), Locks(home / "locks"), most_bytes), journal


async def read(client: Client, uri: str) -> tuple[bytes, str | None, dict[str, Any]]:
    """Read a resource: its bytes, its content type, and the whole result."""
    result = await client.read_resource(uri, cache_mode="bypass")
    (content,) = result.contents
    if isinstance(content, TextResourceContents):
        return content.text.encode(), content.mime_type, result.model_dump(mode="json", by_alias=True)
    assert isinstance(content, BlobResourceContents)
    return base64.b64decode(content.blob), content.mime_type, result.model_dump(mode="json", by_alias=True)


async def facts_of(client: Client, generation_id: str) -> dict[str, Any]:
    """Read the resource of a generation."""
    data, _, _ = await read(client, f"imagewright://generation/{generation_id}")
    facts: dict[str, Any] = json.loads(data)
    return facts
