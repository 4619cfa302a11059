"""Clients of three generations of the protocol at one server: each gets pictures, and gets a cancel right."""

import asyncio
import hashlib
from contextlib import AsyncExitStack, suppress
from typing import Any

import anyio
from mcp import Client
from mcp.types import CallToolResult

from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import KINDS, Hosted, Kind
from tests.scripted import Answer, Scripted

PICTURES = [heydecks_done()["images"][0]["url"]]
GUARD_SECONDS = 30  # not reached: it turns a server that hangs into a failure


async def draw(client: Client, provider: str, prompt: str = "a fox") -> Result:
    """Call `generate_image`."""
    return Result(await client.call_tool("generate_image", {"prompt": prompt, "provider": provider}))


async def draw_and_cancel(client: Client, heydecks: Scripted) -> None:
    """Call `generate_image`, and cancel the call when the provider has it."""
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    calling = asyncio.create_task(draw(client, "heydecks"))
    await heydecks.arrived.wait()
    calling.cancel()
    with suppress(asyncio.CancelledError):
        await calling


def paid(provider: Scripted) -> int:
    """How many calls a provider was paid for."""
    return len([one for one in provider.seen if one.method == "POST"])


def structured(result: Result) -> dict[str, Any]:
    """The structured content, wherever the client's revision has it."""
    found: dict[str, Any] = result.structured or (result.raw.meta or {}).get("imagewright/result", {})
    return found


async def test_clients_of_all_generations_cancel_at_once(server: Hosted, heydecks: Scripted) -> None:
    """Each one's picture is paid for once, and is there when the same client asks for it again."""
    heydecks.answer(*[Answer(200, heydecks_done())] * len(KINDS))
    heydecks.hold()
    with anyio.fail_after(GUARD_SECONDS):
        async with AsyncExitStack() as stack:
            clients = {kind: await stack.enter_async_context(server.client(kind)) for kind in KINDS}
            calling = [asyncio.create_task(draw(client, "heydecks", kind)) for kind, client in clients.items()]
            while paid(heydecks) < len(KINDS):  # noqa: ASYNC110  # what a script has seen has no event
                await asyncio.sleep(0)
            for one in calling:
                one.cancel()
            cancelled = await asyncio.gather(*calling, return_exceptions=True)
            heydecks.let_go()
            again = [await draw(client, "heydecks", kind) for kind, client in clients.items()]

    assert [asyncio.CancelledError] * len(KINDS) == [type(one) for one in cancelled]
    assert [PICTURES] * len(KINDS) == [structured(one)["urls"] for one in again]
    assert len(KINDS) == paid(heydecks)


async def test_clients_of_all_generations_draw_at_once(sandboxed: Hosted) -> None:
    """Each gets its picture, which the server hands out over HTTP too; it is at work once, not once a client."""
    found: dict[Kind, Result] = {}
    versions: dict[Kind, str] = {}

    async def work(kind: Kind) -> None:
        async with sandboxed.client(kind) as client:
            versions[kind] = client.protocol_version
            arrived.append(kind)
            if len(arrived) == len(KINDS):
                all_here.set()
            await all_here.wait()
            found[kind] = await draw(client, "theo", f"a fox for {kind}")

    arrived: list[Kind] = []
    all_here = anyio.Event()
    with anyio.fail_after(GUARD_SECONDS):
        async with anyio.create_task_group() as group:
            for kind in KINDS:
                group.start_soon(work, kind)
        async with sandboxed.http() as http:
            for result in found.values():
                (image,) = structured(result)["images"]
                data = (await http.get(image["local_url"])).content

                assert image["sha256"] == hashlib.sha256(data).hexdigest()
                assert f"{sandboxed.url}/images/{image['sha256']}" == image["local_url"]
                assert f"Kept: {image['local_url']}" in result.text
                assert "path" not in image

    assert {"2024-11-05 sse": "2024-11-05", "2025-11-25": "2025-11-25", "2026-07-28": "2026-07-28"} == versions
    assert 1 == sandboxed.lifespans


async def test_the_picture_of_a_cancelled_call_can_be_had(server: Hosted, heydecks: Scripted, kind: Kind) -> None:
    """What was sent is being paid for: it goes on, and `get_generation` brings its picture."""
    with anyio.fail_after(GUARD_SECONDS):
        async with server.client(kind) as client:
            await draw_and_cancel(client, heydecks)
            listed = Result(await client.call_tool("get_generation", {}))
            generation_id = listed.text.partition(":")[0]
            heydecks.let_go()
            waited = await client.call_tool("get_generation", {"generation_id": generation_id, "wait_seconds": 45})

    assert f"{generation_id}: running" in listed.text
    assert PICTURES == structured(Result(waited))["urls"]
    assert 1 == paid(heydecks)


async def test_a_cancelled_call_was_not_delivered(server: Hosted, heydecks: Scripted, kind: Kind) -> None:
    """So the same call again gets its picture and sends nothing."""
    with anyio.fail_after(GUARD_SECONDS):
        async with server.client(kind) as client:
            await draw_and_cancel(client, heydecks)
            await client.call_tool("get_generation", {})  # the server has read that the caller is gone
            heydecks.let_go()
            again = await draw(client, "heydecks")

    assert PICTURES == structured(again)["urls"]
    assert 1 == paid(heydecks)


async def test_the_first_revision_is_spoken_as_it_was(server: Hosted, heydecks: Scripted) -> None:
    """No field that its clients may refuse: neither in the list of tools nor in a result."""
    heydecks.answer(Answer(200, heydecks_done()))
    with anyio.fail_after(GUARD_SECONDS):
        async with server.client("2024-11-05 sse") as client:
            tools = (await client.list_tools()).tools
            resources = (await client.list_resource_templates()).resource_templates
            result = await draw(client, "heydecks")
            info = client.server_info
            assert info

    assert {"name", "description", "input_schema"} == set().union(*(one.model_fields_set for one in tools))
    assert not any(one.title for one in resources)
    assert ("imagewright", None) == (info.name, info.title)
    assert result.raw.structured_content is None
    assert structured(result)["generation_id"] in result.text


async def test_an_answer_that_arrived_is_delivered(server: Hosted, heydecks: Scripted, kind: Kind) -> None:
    """So the same call again is a new order."""
    heydecks.answer(Answer(200, heydecks_done()), Answer(200, heydecks_done()))
    with anyio.fail_after(GUARD_SECONDS):
        async with server.client(kind) as client:
            first = await draw(client, "heydecks")
            noted = await server.noted.get()
            second = await draw(client, "heydecks")

    assert (
        structured(first)["generation_id"] == structured(Result(CallToolResult.model_validate(noted)))["generation_id"]
    )
    assert structured(first)["generation_id"] != structured(second)["generation_id"]
    assert 2 == paid(heydecks)
