"""What no client may take more of than its share: bytes, time, connections, sessions."""

import asyncio
import json
from contextlib import suppress

import anyio
import pytest

from imagewright.transports import bodies, connections, endpoints, http
from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import Hosted, hosted
from tests.http.raw import JSON, MODERN, Heard, chunked, heard, request
from tests.scripted import Answer, Scripted

GUARD_SECONDS = 30  # not reached: it turns a server that hangs into a failure
TOO_LARGE = (413, "A request body may have 4 MiB.\n")
KEPT = {"Connection": ""}
INITIALIZE = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "0"},
        },
    }
).encode()


async def answer_on(reader: asyncio.StreamReader) -> Heard:
    """Read one answer on a connection that stays open."""
    with anyio.fail_after(GUARD_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(heard(head).headers["content-length"])
        return heard(head + await reader.readexactly(length))


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the server has closed a connection, and return whether it said nothing before."""
    with anyio.fail_after(GUARD_SECONDS), suppress(ConnectionError):
        return await reader.read() == b""
    return True


@pytest.mark.parametrize("path", ["/mcp", "/messages?session_id=" + "0" * 32])
async def test_a_body_that_does_not_tell_its_length_is_counted(server: Hosted, path: str) -> None:
    """It is refused when it passes the bound, and its client can read that."""
    reader, writer = await server.open()
    body = chunked(b" " * (bodies.MOST_BYTES + 1))
    writer.write(request(server, "POST", path, MODERN | KEPT | {"Transfer-Encoding": "chunked"}, body, framed=False))
    answer = await answer_on(reader)
    writer.close()

    assert TOO_LARGE == (answer.status, answer.body)


async def test_a_body_as_large_as_may_be_is_read(server: Hosted) -> None:
    """White space around JSON is JSON."""
    reader, writer = await server.open()
    writer.write(request(server, "POST", "/mcp", JSON | KEPT, INITIALIZE.ljust(bodies.MOST_BYTES)))
    with anyio.fail_after(GUARD_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
    writer.close()

    assert 200 == heard(head).status


async def test_a_body_that_does_not_come_is_not_waited_for(server: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte by byte it would hold a connection for ever."""
    monkeypatch.setattr(bodies, "_SECONDS", 0)
    reader, writer = await server.open()
    writer.write(request(server, "POST", "/mcp", MODERN | KEPT | {"Content-Length": "100"}, b"{", framed=False))
    answer = await answer_on(reader)
    writer.close()

    assert (408, "The body did not come within 0 seconds.\n") == (answer.status, answer.body)


@pytest.mark.parametrize("begun", [b"", b"G", b"GET /mcp HTTP/1.1\r\nHost: 127"])
async def test_a_request_that_does_not_come_is_not_waited_for(
    server: Hosted, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """Nor the rest of one."""
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0)
    reader, writer = await server.open()
    writer.write(begun)

    assert await ended(reader)
    writer.close()


async def test_half_of_a_second_request_is_not_waited_for(server: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first one that was in order earns no more time."""
    reader, writer = await server.open()
    writer.write(request(server, path="/health", headers=KEPT))
    first = await answer_on(reader)
    monkeypatch.setattr(connections, "_HEAD_SECONDS", 0)
    writer.write(b"GET /hea")

    assert (200, True) == (first.status, await ended(reader))
    writer.close()


async def test_headers_without_an_end_are_refused(server: Hosted) -> None:
    """Nobody needs so many."""
    reader, writer = await server.open()
    writer.write(b"GET /mcp HTTP/1.1\r\nX: " + b"x" * 64 * 1024)
    with anyio.fail_after(GUARD_SECONDS):
        first = await reader.readline()
    writer.close()

    assert b"HTTP/1.1 400 Bad Request\r\n" == first


async def test_idle_connections_make_room_for_those_that_work(
    environ: dict[str, str], heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many somebody opens: a call that is being answered keeps its connection, and a new client gets one."""
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    monkeypatch.setattr(http, "most", lambda: 8)
    with anyio.fail_after(GUARD_SECONDS):
        async with hosted(environ) as server, server.client("2026-07-28") as client:
            arguments = {"prompt": "a fox", "provider": "heydecks"}
            calling = asyncio.create_task(client.call_tool("generate_image", arguments))
            await heydecks.arrived.wait()
            crowd = [await server.open() for _ in range(40)]
            oldest = [await ended(reader) for reader, _ in crowd[:32]]
            answer = heard(await server.say(request(server, path="/health")))
            heydecks.let_go()
            result = Result(await calling)
            for _, writer in crowd:
                writer.close()

    assert [True] * 32 == oldest
    assert 200 == answer.status
    assert heydecks_done()["images"][0]["url"] in result.text


async def test_sessions_are_bounded(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of both kinds that have any; the room of a client that goes is free again."""
    monkeypatch.setattr(endpoints, "MOST_SESSIONS", 1)
    opening = JSON | {"MCP-Protocol-Version": "2025-11-25"}
    async with hosted(environ) as server:
        reader, writer = await server.open()
        writer.write(request(server, path="/sse"))
        first = await reader.readuntil(b"\r\n\r\n")
        second = heard(await server.say(request(server, path="/sse")))
        opened = heard(await server.say(request(server, "POST", "/mcp", opening, INITIALIZE)))
        refused = heard(await server.say(request(server, "POST", "/mcp", opening, INITIALIZE)))
        ending = opening | {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        await server.say(request(server, "DELETE", "/mcp", ending))
        again = heard(await server.say(request(server, "POST", "/mcp", opening, INITIALIZE)))
        writer.close()

    assert 200 == heard(first).status
    assert (503, "Too many clients are connected. Try again later.\n") == (second.status, second.body)
    assert (200, 503, 200) == (opened.status, refused.status, again.status)
    assert "Too many open sessions" in refused.body
