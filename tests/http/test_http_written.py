"""What the server knows of its answers: which reached a client, and which did not."""

import asyncio
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from imagewright.transports import connections, http
from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import Hosted, hosted
from tests.http.raw import MODERN, request
from tests.http.test_http_clients import PICTURES, draw, paid, structured
from tests.scripted import Answer, Scripted

GUARD_SECONDS = 30  # not reached: it turns a server that hangs into a failure
ENOUGH = 32 * 1024 * 1024  # bytes: more than the buffers of both ends hold
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
}


def call(server: Hosted, tool: str, **arguments: Any) -> bytes:
    """Return a call of a tool as bytes."""
    params = {"name": tool, "arguments": arguments, "_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    headers = MODERN | {"Mcp-Method": "tools/call", "Mcp-Name": tool}
    return request(server, "POST", "/mcp", headers, body)


async def test_an_answer_to_a_client_that_has_gone_is_not_delivered(server: Hosted, heydecks: Scripted) -> None:
    """The same call again gets its picture."""
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    with anyio.fail_after(GUARD_SECONDS):
        _, writer = await server.open()
        writer.write(call(server, "generate_image", prompt="a fox", provider="heydecks"))
        await heydecks.arrived.wait()
        writer.transport.abort()
        async with server.client("2026-07-28") as client:
            await client.call_tool("get_generation", {})  # the server has read that the caller is gone
            heydecks.let_go()
            again = await draw(client, "heydecks")
            for _ in ("the list", "the picture"):
                await server.noted.get()

    assert PICTURES == structured(again)["urls"]
    assert (True, 1, 0) == (structured(again)["replayed"], paid(heydecks), server.noted.qsize())


async def test_an_answer_to_a_bare_client_is_delivered(server: Hosted, heydecks: Scripted) -> None:
    """One that closes its connection with the answer, as proxies do."""
    heydecks.answer(Answer(200, heydecks_done()))
    with anyio.fail_after(GUARD_SECONDS):
        answer = await server.say(call(server, "generate_image", prompt="a fox", provider="heydecks"))
        noted = await server.noted.get()

    assert noted["structuredContent"]["generation_id"].encode() in answer


async def test_a_list_of_tools_is_no_result(server: Hosted) -> None:
    """Though it speaks of generations."""
    async with server.client("2025-11-25") as client:
        await client.list_tools()
        listed = Result(await client.call_tool("list_models", {"provider": "heydecks"}))

    assert not listed.is_error
    assert server.noted.empty()


async def test_a_client_that_takes_nothing_is_given_up(
    server: Hosted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An answer that waits for it would stay for ever."""
    picture, name = kept_picture(tmp_path / "home")
    given_up = asyncio.Event()
    abort = connections.Connection.abort

    def tell_and_abort(connection: connections.Connection) -> None:
        given_up.set()
        abort(connection)

    monkeypatch.setattr(connections, "_STALLED_SECONDS", 0)
    monkeypatch.setattr(connections.Connection, "abort", tell_and_abort)
    with anyio.fail_after(GUARD_SECONDS):
        reader, writer = await server.open()
        writer.write(request(server, path=f"/images/{name}"))
        await given_up.wait()
        came = bytearray()
        with suppress(ConnectionError):
            while part := await reader.read(1_000_000):
                came += part
        writer.close()

    assert len(picture) > len(came) > 0


async def test_a_client_that_still_takes_its_answer_need_not_make_room(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Though nothing is left to be done for it, and others have been idle for less time."""
    picture, name = kept_picture(tmp_path / "home")
    monkeypatch.setattr(http, "most", lambda: 2)
    with anyio.fail_after(GUARD_SECONDS):
        async with hosted(environ) as server:
            reader, writer = await server.open()
            writer.write(request(server, path=f"/images/{name}"))
            head = await reader.readuntil(b"\r\n\r\n")
            crowd = [await server.open() for _ in range(4)]
            for surplus, _ in crowd[:3]:
                await surplus.read()
            came = await reader.read()
            for _, opened in (*crowd, (reader, writer)):
                opened.close()

    assert b"200 OK" in head
    assert len(picture) == len(came)


def kept_picture(home: Path) -> tuple[bytes, str]:
    """Keep a picture that no operating system takes at once, and return it and its name."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(ENOUGH)
    name = hashlib.sha256(picture).hexdigest()
    folder = home / "pictures" / name[:2]
    folder.mkdir(parents=True)
    (folder / f"{name}.png").write_bytes(picture)
    return picture, name
