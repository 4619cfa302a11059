"""What no client may take more of than its share: bytes, time, connections, sessions."""

import asyncio
import json
from contextlib import suppress

import anyio
import pytest
from mcp import MCPError

from imagewright.transports import bodies, connections, ending, endpoints, http
from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import Hosted, bearer, hosted
from tests.http.issuer import issuing
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


async def test_open_calls_are_bounded(
    environ: dict[str, str], heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those that only wait: one too many is told to come again, and others go on."""
    monkeypatch.setattr(ending, "MOST_CALLS_EACH", 1)
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    async with hosted(environ) as server, server.client("2025-11-25") as one, server.client("2026-07-28") as other:
        drawing = asyncio.create_task(one.call_tool("generate_image", {"prompt": "a fox", "provider": "heydecks"}))
        await heydecks.arrived.wait()
        with pytest.raises(MCPError, match="too many calls are open"):
            await other.call_tool("get_generation", {})
        listed = await other.list_tools()
        heydecks.let_go()
        drawn = Result(await drawing)
        after = Result(await other.call_tool("get_generation", {}))

    assert listed.tools
    assert (False, False) == (drawn.is_error, after.is_error)


async def test_sessions_of_one_principal_leave_room_for_others(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of both kinds; the owner has all the room that there is."""
    monkeypatch.setattr(endpoints, "MOST_SESSIONS_EACH", 1)
    opening = JSON | {"MCP-Protocol-Version": "2025-11-25"}
    async with issuing() as issuer, hosted(environ | issuer.environ) as server:
        issuer.publish()
        shown = [bearer(issuer.token({"sub": name})) for name in ("ann", "ann", "bob")] + [bearer(), bearer()]
        opened = [heard(await server.say(request(server, "POST", "/mcp", opening | one, INITIALIZE))) for one in shown]
        streams = [await server.open() for _ in shown]
        heads: list[bytes] = []
        for (reader, writer), one in zip(streams, shown, strict=True):
            writer.write(request(server, path="/sse", headers=one))
            heads.append(await reader.readuntil(b"\r\n\r\n"))
        for _, writer in streams:
            writer.close()

    assert [200, 503, 200, 200, 200] == [one.status for one in opened]
    assert [200, 503, 200, 200, 200] == [heard(one).status for one in heads]


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
