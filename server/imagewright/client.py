"""What the command line does: a client of our own server over stdio, which saves what the server's tools return."""

import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent

from imagewright.addresses import origin
from imagewright.errors import DO_NOT_REPEAT, DownloadError, ImagewrightError
from imagewright.image_files import extension_of, kind_of
from imagewright.settings import Settings
from imagewright.transfer import Transfer
from imagewright_tools._edge import ERROR_META_KEY

GIVEN_UP = f"Given up. {DO_NOT_REPEAT}"
DONE, NOTHING, WRONG, PARTIAL, CHARGED, NOT_SAVED = 0, 1, 2, 3, 4, 5

_WRONG_USE = frozenset({"invalid_arguments", "invalid_request", "provider_limit", "not_configured", "settings"})
_TRIES = 3
_BETWEEN_TRIES_SECONDS = 0.3


async def generate(settings: Settings, arguments: Mapping[str, Any], folder: Path, as_json: bool) -> int:
    """Call `generate_image`, save the pictures into `folder`, print what came, and return the exit code."""
    if problem := _unwritable(folder):
        # Better now than when the pictures are paid for.
        print(f"imagewright: {problem} Name another folder with --out. Nothing was sent.", file=sys.stderr)
        return WRONG
    # The sandbox lives in the server: the files must be fetched before the client closes it.
    async with _server() as client:
        call = partial(client.call_tool, "generate_image", dict(arguments), progress_callback=_show_progress)
        result = await (call() if arguments.get("dry_run") else _patiently(call))
        if result is None:
            print(f"imagewright: {GIVEN_UP}", file=sys.stderr)
            return CHARGED
        facts: dict[str, Any] = result.structured_content or {}
        if result.is_error:
            return _failed(result, as_json=as_json)
        files, lost = await _save(settings, facts, str(arguments["prompt"]), folder)
    if as_json:
        saved = {"files": [str(file) for file in files], "not_saved": lost}
        print(json.dumps({**facts, **saved}, ensure_ascii=False, indent=2))
    else:
        print(_text(result))
        for file in files:
            print(f"Saved {file}")
    for message in lost:
        print(f"imagewright: {message}", file=sys.stderr)
    if lost:
        return NOT_SAVED
    return PARTIAL if facts["status"] == "partial" else DONE


async def models(provider: str | None, as_json: bool) -> int:
    """Call `list_models`, print what came, and return the exit code."""
    async with _server() as client:
        result = await client.call_tool("list_models", {"provider": provider})
    return _told(result, as_json=as_json)


async def attach(arguments: Mapping[str, Any], as_json: bool) -> int:
    """Call `attach_to_post`, print what came, and return the exit code."""
    async with _server() as client:
        result = await client.call_tool("attach_to_post", dict(arguments), progress_callback=_show_progress)
    return _told(result, as_json=as_json)


def _server() -> Client:
    # -P: a file of the current folder must not be imported, least of all with keys around. And the whole environment:
    # the SDK would pass on a few variables only, and no key.
    server = StdioServerParameters(command=sys.executable, args=["-P", "-m", "imagewright"], env=dict(os.environ))
    return Client(server, elicitation_callback=_ask if sys.stdin.isatty() else None)


async def _patiently(call: Callable[[], Awaitable[CallToolResult]]) -> CallToolResult | None:
    """Wait for a paid call through one Ctrl-C; a second one gives it up and returns None."""
    result: CallToolResult | None = None
    async with anyio.create_task_group() as group:

        async def listen() -> None:
            with suppress(NotImplementedError), anyio.open_signal_receiver(signal.SIGINT) as interrupts:
                waits = False
                async for _ in interrupts:
                    if waits:
                        group.cancel_scope.cancel()
                    waits = True
                    print(
                        "A call that costs money is running: waiting for it. Ctrl-C again gives it up.", file=sys.stderr
                    )

        group.start_soon(listen)
        result = await call()
        group.cancel_scope.cancel()
    return result


async def _ask(context: object, params: ElicitRequestParams) -> ElicitResult:  # noqa: ARG001  # the SDK names them
    """Put a yes-or-no question of the server to the person at the terminal."""
    print(f"{params.message} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = await anyio.to_thread.run_sync(sys.stdin.readline)
    if answer.strip().lower() not in {"y", "yes"}:
        return ElicitResult(action="decline")
    return ElicitResult(action="accept", content={"publish": True})


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
    transfer = Transfer()
    for number, url in enumerate(urls, 1):
        try:
            picture = await _fetched(transfer, url, trusted)
            files.append(_write(folder, f"{stem}-{number}", picture))
        except (ImagewrightError, OSError, ValueError) as error:
            lost.append(f"Picture {number} is drawn but not saved: {error} Its URL: {url}")
    await transfer.aclose()
    return files, lost


async def _fetched(transfer: Transfer, url: str, trusted: frozenset[str]) -> bytes:
    for _ in range(_TRIES - 1):
        with suppress(DownloadError):
            return await transfer.download(url, trusted)
        await anyio.sleep(_BETWEEN_TRIES_SECONDS)
    return await transfer.download(url, trusted)


def _unwritable(folder: Path) -> str | None:
    try:
        # What is not there yet is made with the first file: a dry run, or a media_id, leaves no empty folder behind.
        there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), folder)
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return f"Nothing can be saved in {folder} ({error.strerror})."


def _write(folder: Path, stem: str, picture: bytes) -> Path:
    kind = kind_of(picture)
    if kind is None:
        raise ValueError("What came is no picture.")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.{extension_of(kind)}"
    part = path.with_suffix(".part")
    part.write_bytes(picture)
    part.replace(path)
    return path


def _told(result: CallToolResult, *, as_json: bool) -> int:
    if result.is_error:
        return _failed(result, as_json=as_json)
    print(json.dumps(result.structured_content, ensure_ascii=False, indent=2) if as_json else _text(result))
    return DONE


def _failed(result: CallToolResult, *, as_json: bool) -> int:
    error: dict[str, Any] = (result.meta or {}).get(ERROR_META_KEY, {})
    if as_json:
        print(json.dumps({"error": error}, ensure_ascii=False, indent=2))
    print(f"imagewright: {_text(result).removeprefix('Error: ')}", file=sys.stderr)
    if error.get("code") in _WRONG_USE:
        return WRONG
    return NOTHING if error.get("charged", "no") == "no" else CHARGED


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
