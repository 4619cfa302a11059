"""What the command line does: a client of our own server over stdio, which saves what the server's tools return."""

import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from imagewright.addresses import origin
from imagewright.errors import ImagewrightError
from imagewright.http import Wire
from imagewright.settings import Settings
from imagewright_tools._edge import ERROR_META_KEY

DONE, NOTHING, PARTIAL, CHARGED = 0, 1, 3, 4

# The first bytes of a file, not its name or what a server calls it, say what it is.
_KINDS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "avif"),
    (re.compile(rb"GIF8[79]a"), "gif"),
)


async def generate(settings: Settings, arguments: Mapping[str, Any], folder: Path, as_json: bool) -> int:
    """Call `generate_image`, save the pictures into `folder`, print what came, and return the exit code."""
    # The sandbox lives in the server: the files must be fetched before the client closes it.
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(_server())
        result = await client.call_tool("generate_image", dict(arguments), progress_callback=_show_progress)
        facts: dict[str, Any] = result.structured_content or {}
        if result.is_error:
            return _failed(result, as_json=as_json)
        files, lost = await _save(settings, facts, str(arguments["prompt"]), folder)
    if as_json:
        print(json.dumps({**facts, "files": [str(file) for file in files]}, ensure_ascii=False, indent=2))
    else:
        print(_text(result))
        for file in files:
            print(f"Saved {file}")
    for message in lost:
        print(f"imagewright: {message}", file=sys.stderr)
    if lost:
        return CHARGED
    return PARTIAL if facts["status"] == "partial" else DONE


async def models(provider: str | None, as_json: bool) -> int:
    """Call `list_models`, print what came, and return the exit code."""
    async with _server() as client:
        result = await client.call_tool("list_models", {"provider": provider})
    facts: dict[str, Any] = result.structured_content or {}
    if result.is_error:
        return _failed(result, as_json=as_json)
    print(json.dumps(facts, ensure_ascii=False, indent=2) if as_json else _text(result))
    return DONE


def _server() -> Client:
    # The whole environment: the SDK would pass on a few variables only, and no key.
    server = StdioServerParameters(command=sys.executable, args=["-m", "imagewright"], env=dict(os.environ))
    return Client(server)


async def _show_progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001  # the SDK names them
    print(message or "", file=sys.stderr)


async def _save(
    settings: Settings, facts: Mapping[str, Any], prompt: str, folder: Path
) -> tuple[list[Path], list[str]]:
    urls: list[str] = facts["urls"]
    trusted = settings.trusted_origins
    if facts.get("sandbox"):
        # Our own server says that its own sandbox, on this machine, drew them.
        trusted |= {origin(url) for url in urls if urlsplit(url).hostname == "127.0.0.1"}
    stem = f"{re.sub(r'[^a-z0-9]+', '-', prompt.lower())[:48].strip('-') or 'picture'}-{facts['generation_id'][4:12]}"
    files: list[Path] = []
    lost: list[str] = []
    wire = Wire()
    for number, url in enumerate(urls, 1):
        try:
            picture = await wire.download(url, trusted)
            files.append(_write(folder, f"{stem}-{number}", picture))
        except (ImagewrightError, OSError, ValueError) as error:
            lost.append(f"Picture {number} is paid for but not saved: {error} Its URL: {url}")
    await wire.aclose()
    return files, lost


def _write(folder: Path, stem: str, picture: bytes) -> Path:
    kind = next((kind for pattern, kind in _KINDS if pattern.match(picture)), None)
    if kind is None:
        raise ValueError("What came is no picture.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.{kind}"
    part = path.with_suffix(".part")
    part.write_bytes(picture)
    part.replace(path)
    return path


def _failed(result: CallToolResult, *, as_json: bool) -> int:
    error: dict[str, Any] = (result.meta or {}).get(ERROR_META_KEY, {})
    if as_json:
        print(json.dumps({"error": error}, ensure_ascii=False, indent=2))
    print(f"imagewright: {_text(result).removeprefix('Error: ')}", file=sys.stderr)
    return NOTHING if error.get("charged", "no") == "no" else CHARGED


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
