"""What the command line does: a client of our own server over stdio, which saves what the server's tools return."""

import hashlib
import json
import math
import os
import re
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import CallToolResult, ElicitRequestFormParams, ElicitRequestParams, ElicitResult, TextContent

from imagewright.addresses import origin
from imagewright.errors import DO_NOT_REPEAT, DownloadError, ImagewrightError
from imagewright.image_files import extension_of, kind_of
from imagewright.library import Files
from imagewright.settings import Settings
from imagewright.transfer import Transfer
from imagewright_tools._edge import ERROR_META_KEY

GIVEN_UP = (
    f"Given up. {DO_NOT_REPEAT} The server goes on with a call that was sent only as long as it lives: "
    "`imagewright get` tells how the call stands, and `imagewright recover` looks up what became of it."
)
DONE, NOTHING, WRONG, PARTIAL, CHARGED, NOT_SAVED = 0, 1, 2, 3, 4, 5

_WRONG_USE = frozenset(
    {"invalid_arguments", "invalid_request", "provider_limit", "not_configured", "request_id_taken", "settings"}
)
_TRIES = 3
_BETWEEN_TRIES_SECONDS = 0.3
_ASK_SECONDS = 30
_ENDED_BADLY = frozenset({"unknown", "failed"})
_HINTS = {"charged": "[y/n, Enter leaves it open]"}  # of questions to which no answer is one as well


async def generate(settings: Settings, arguments: Mapping[str, Any], folder: Path, as_json: bool) -> int:
    """Call `generate_image`, wait for its end, save the pictures into `folder`, and return the exit code."""
    if problem := _unwritable(folder):
        # Better now than when the pictures are paid for.
        print(f"imagewright: {problem} Name another folder with --out. Nothing was sent.", file=sys.stderr)
        return WRONG
    # The sandbox lives in the server: the files must be fetched before the client closes it.
    async with _server() as client:
        sent = partial(client.call_tool, "generate_image", dict(arguments), progress_callback=_show_progress)
        handed_over = False

        async def drawn() -> CallToolResult | None:
            try:
                return await followed()
            except MCPError as error:
                print(f"imagewright: The server ended before its answer ({error.message}).", file=sys.stderr)
                return None

        async def followed() -> CallToolResult:
            nonlocal handed_over
            result = await sent()
            if handed_over := _status(result) == "running":
                named = _facts(result)["generation_id"]
                print(f"{named} goes on, and is waited for. `imagewright get` tells how it stands.", file=sys.stderr)
            return await _ended(client, result, math.inf)

        result = await (sent() if arguments.get("dry_run") else _patiently(drawn))
        if result is None:
            print(f"imagewright: {GIVEN_UP}", file=sys.stderr)
            return CHARGED
        if result.is_error:
            code = _failed(result, as_json=as_json)
            return CHARGED if handed_over else code
        if _status(result) in _ENDED_BADLY:
            _print(result, as_json=as_json, to=sys.stdout if as_json else sys.stderr)
            return _code(result)
        return await _saved(settings, result, _stem(str(arguments["prompt"])), folder, as_json=as_json)


async def get(
    settings: Settings, generation_id: str | None, wait_seconds: int, folder: Path | None, as_json: bool
) -> int:
    """Call `get_generation` for one, or the newest, until it has ended or the time is over; print how it stands, save
    its pictures if there is a `folder`, and return the exit code."""
    if folder and (problem := _unwritable(folder)):
        print(f"imagewright: {problem} Name another folder with --out.", file=sys.stderr)
        return WRONG
    ends = anyio.current_time() + wait_seconds
    async with _server() as client:
        result = await client.call_tool("get_generation", {"generation_id": generation_id or ""})
        if not generation_id and not result.is_error:
            recent: list[dict[str, Any]] = _facts(result)["generations"]
            if not recent:
                print("imagewright: Nothing was generated yet.", file=sys.stderr)
                return WRONG
            result = await client.call_tool("get_generation", {"generation_id": recent[0]["generation_id"]})
        result = await _ended(client, result, ends)
        if result.is_error:
            return _failed(result, as_json=as_json)
        if folder is None or _status(result) in _ENDED_BADLY | {"running"}:
            _print(result, as_json=as_json, to=sys.stdout)
            return _code(result)
        if _facts(result).get("sandbox"):
            await client.call_tool("list_models", {})  # starts it: without it nothing serves its URLs
        return await _saved(settings, result, "picture", folder, as_json=as_json)


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


async def _patiently(call: Callable[[], Awaitable[CallToolResult | None]]) -> CallToolResult | None:
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
    """Put a yes-or-no question of the server to the person at the terminal; what is neither leaves it open."""
    if not isinstance(params, ElicitRequestFormParams):
        return ElicitResult(action="decline")
    properties: dict[str, dict[str, Any]] = params.requested_schema.get("properties", {})
    names = [name for name, one in properties.items() if one.get("type") == "boolean"]
    hint = next((_HINTS[name] for name in names if name in _HINTS), "[y/N]")
    print(f"{params.message} {hint} ", end="", file=sys.stderr, flush=True)
    said = (await anyio.to_thread.run_sync(sys.stdin.readline)).strip().lower()
    if said not in _ANSWERS:
        return ElicitResult(action="decline")
    return ElicitResult(action="accept", content=dict.fromkeys(names, _ANSWERS[said]))


_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


async def _ended(client: Client, result: CallToolResult, ends: float) -> CallToolResult:
    """Keep asking how a generation stands while it runs, until `ends` on anyio's clock; return the last answer."""
    while _status(result) == "running" and (left := ends - anyio.current_time()) > 0:
        asked = {"generation_id": _facts(result)["generation_id"], "wait_seconds": math.ceil(min(left, _ASK_SECONDS))}
        result = await client.call_tool("get_generation", asked, progress_callback=_show_progress)
    return result


async def _show_progress(progress: float, total: float | None, message: str | None) -> None:  # noqa: ARG001  # the SDK names them
    print(message or "", file=sys.stderr)


async def _saved(settings: Settings, result: CallToolResult, stem: str, folder: Path, *, as_json: bool) -> int:
    """Save the pictures of a result, print it with the files, and return the exit code."""
    facts = _facts(result)
    files, lost = await _save(settings, facts, f"{stem}-{facts['generation_id'][4:12]}", folder)
    _print(result, as_json=as_json, to=sys.stdout, files=[str(file) for file in files], not_saved=lost)
    if not as_json:
        for file in files:
            print(f"Saved {file}")
    for message in lost:
        print(f"imagewright: {message}", file=sys.stderr)
    return NOT_SAVED if lost else _code(result)


async def _save(settings: Settings, facts: Mapping[str, Any], stem: str, folder: Path) -> tuple[list[Path], list[str]]:
    images: list[dict[str, Any]] = [one for one in facts["images"] if one.get("url")]
    trusted = settings.trusted_origins
    if facts.get("sandbox"):
        # Our own server says that its own sandbox, on this machine, drew them.
        urls: list[str] = [one["url"] for one in images]
        trusted |= {origin(url) for url in urls if urlsplit(url).hostname == "127.0.0.1"}
    files: list[Path] = []
    lost: list[str] = []
    transfer, library = Transfer(), Files(settings.home)
    for number, image in enumerate(images, 1):
        url: str = image["url"]
        try:
            # A copy that was kept is there after the URL has died.
            kept = await library.read(image["sha256"]) if image.get("sha256") else None
            picture = kept or _checked(await _fetched(transfer, url, trusted), image.get("sha256"))
            files.append(_write(folder, f"{stem}-{number}", picture))
        except (ImagewrightError, OSError, ValueError) as error:
            lost.append(f"Picture {number} is drawn but not saved: {error} Its URL: {url}")
    await transfer.aclose()
    return files, lost


def _checked(picture: bytes, sha256: str | None) -> bytes:
    """Return a picture that is what its provider named, if it named a hash."""
    if sha256 and hashlib.sha256(picture).hexdigest() != sha256:
        raise ValueError("What came is not the file that the provider named: its sha256 differs.")
    return picture


def _stem(prompt: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", prompt.lower())[:48].strip("-") or "picture"


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
    _print(result, as_json=as_json, to=sys.stdout)
    return DONE


def _print(result: CallToolResult, *, as_json: bool, to: TextIO, **more: object) -> None:
    if as_json:
        print(json.dumps({**_facts(result), **more}, ensure_ascii=False, indent=2), file=to)
    else:
        print(_text(result), file=to)


def _failed(result: CallToolResult, *, as_json: bool) -> int:
    error: dict[str, Any] = (result.meta or {}).get(ERROR_META_KEY, {})
    if as_json:
        print(json.dumps({"error": error}, ensure_ascii=False, indent=2))
    print(f"imagewright: {_text(result).removeprefix('Error: ')}", file=sys.stderr)
    if error.get("code") in _WRONG_USE:
        return WRONG
    return NOTHING if error.get("charged", "no") == "no" else CHARGED


def _code(result: CallToolResult) -> int:
    """Return the exit code for a generation as it stands."""
    if _status(result) == "failed":
        failures: list[dict[str, Any]] = _facts(result).get("failures", [])
        return CHARGED if any(one["charged"] != "no" for one in failures) else NOTHING
    return {"partial": PARTIAL, "unknown": CHARGED, "running": CHARGED}.get(_status(result), DONE)


def _facts(result: CallToolResult) -> dict[str, Any]:
    return result.structured_content or {}


def _status(result: CallToolResult) -> str:
    return str(_facts(result).get("status", ""))


def _text(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))
