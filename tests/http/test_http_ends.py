"""How the server over HTTP ends: what is open is answered, what is being paid for is never lost."""

import asyncio
import json
import signal
import sys
from contextlib import suppress

import anyio
import httpx2
import pytest
from mcp import MCPError

from imagewright.transports import ending, http
from tests.agent import Result
from tests.bodies import heydecks_done, theo_done
from tests.http.hosted import Hosted, Kind, bearer, client_of
from tests.http.processes import started
from tests.http.test_http_clients import PICTURES, draw, paid, structured
from tests.scripted import Answer, Scripted

GUARD_SECONDS = 30  # not reached: it turns a server that hangs into a failure
ENDS_SECONDS = 5  # the promise, to which the interpreter's own end belongs

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def test_the_end_takes_no_longer_than_is_promised() -> None:
    """All that is waited for, one after the other, with half a second to spare; paid work is waited for beside it."""
    waits = (
        ending.ANSWERS_SECONDS,
        ending.HAND_OVER_SECONDS,
        ending.LINGER_SECONDS,
        ending.LAST_ANSWERS_SECONDS,
        http.LAST_BYTES_SECONDS,
    )

    assert ENDS_SECONDS >= sum(waits) + 0.5
    assert ENDS_SECONDS >= ending.DRAIN_SECONDS + 0.5


@posix
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("transport", ["http", "streamable-http", "sse"])
async def test_a_signal_ends_the_server(
    environ: dict[str, str], number: signal.Signals, exit_code: int, transport: str
) -> None:
    """In silence, whatever name of the transport was used, and though clients are connected."""
    async with started(environ, "--transport", transport) as server, httpx2.AsyncClient(headers=bearer()) as client:
        await client.get(f"{server.url}/health")
        async with client.stream("GET", f"{server.url}/sse") as stream:
            before = server.stderr
            server.process.send_signal(number)
            code = await server.end()
            async for _ in stream.aiter_bytes():
                pass

    assert (exit_code, before) == (code, server.stderr)
    assert 1 == len(server.stderr.splitlines())


@posix
async def test_what_is_still_drawn_at_the_end_is_handed_over(
    environ: dict[str, str], heydecks: Scripted, kind: Kind
) -> None:
    """The call is answered with its generation_id; the next server knows that its outcome is unknown."""
    heydecks.hold()
    results: list[Result] = []
    async with started(environ) as server:
        with suppress(BaseExceptionGroup, MCPError):  # how a client takes the end of its server is its own matter
            async with client_of(server.url, kind) as client:
                calling = asyncio.create_task(draw(client, "heydecks"))
                await heydecks.arrived.wait()
                server.process.terminate()
                results.append(await calling)
        await server.end()
    (told,) = map(structured, results)
    generation_id = told["generation_id"]
    async with started(environ) as after, client_of(after.url, "2026-07-28") as client:
        looked = Result(await client.call_tool("get_generation", {"generation_id": generation_id, "wait_seconds": 1}))

    assert ("running", 143) == (told["status"], server.process.returncode)
    assert "unknown" == looked.structured["status"]
    assert 1 == paid(heydecks)


async def test_a_picture_that_comes_in_time_is_still_answered(server: Hosted, heydecks: Scripted, kind: Kind) -> None:
    """The end waits for it; who watches over the server is told meanwhile."""
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    with anyio.fail_after(GUARD_SECONDS):
        async with server.http() as plain, server.client(kind) as client:
            calling = asyncio.create_task(draw(client, "heydecks"))
            await plain.get("/health")
            await heydecks.arrived.wait()
            server.end()
            late = await plain.get("/health")
            heydecks.let_go()
            result = await calling
            noted = await server.noted.get()

    assert PICTURES == structured(result)["urls"]
    assert (503, "The server is ending. Try again in a moment.\n") == (late.status_code, late.text)
    assert "content" in noted


@posix
async def test_a_server_that_is_killed_loses_nothing_that_was_paid(
    environ: dict[str, str], heydecks: Scripted, theo: Scripted
) -> None:
    """The next one has the pictures of before, and does not draw again what may have been drawn."""
    theo.answer(Answer(200, theo_done()))
    heydecks.hold()
    befores: list[str] = []
    with suppress(BaseExceptionGroup):  # how a client takes the death of its server is its own matter
        async with started(environ) as server, client_of(server.url, "2026-07-28") as client:
            befores.append(structured(await draw(client, "theo"))["generation_id"])
            calling = asyncio.create_task(draw(client, "heydecks"))
            await heydecks.arrived.wait()
            server.process.kill()
            with suppress(MCPError):
                await calling
    (before,) = befores
    async with started(environ) as server, client_of(server.url, "2026-07-28") as client:
        kept = Result(await client.call_tool("get_generation", {"generation_id": before}))
        listed = Result(await client.call_tool("get_generation", {}))
        again = await draw(client, "heydecks")

    assert [theo_done()["images"][0]["url"]] == kept.structured["urls"]
    assert before in listed.text
    assert ("maybe", 1) == (again.error["charged"], paid(heydecks))


async def test_a_token_is_shown_once(environ: dict[str, str]) -> None:
    """When it is made, as an entry that a client can use; the next start says where it is kept."""
    async with started(environ, token="") as server:
        entry = json.loads(server.stderr.splitlines()[2])["mcpServers"]["imagewright"]
        token = entry["headers"]["Authorization"].removeprefix("Bearer ")
        address = server.stderr.splitlines()[4].strip()
        async with httpx2.AsyncClient() as browser:
            reached = await browser.get(f"{server.url}/gallery.json", headers=entry["headers"])
            opened = await browser.get(address)
            gallery = await browser.get(f"{server.url}/")  # with the cookie
    async with started(environ, token="") as second:
        said = second.stderr

    assert (200, 303, 200) == (reached.status_code, opened.status_code, gallery.status_code)
    assert f"{server.url}/mcp" == entry["url"]
    assert 2 == server.stderr.count(token)
    assert token not in said
    assert "http-token" in said
