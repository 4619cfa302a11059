"""A vendor that takes longer than its client waits: nobody times out on it, and whoever repeats pays nothing more."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from tests.agent import Result
from tests.faults.bank import Bank, Pause
from tests.faults.clock import Clock, ruling
from tests.faults.customer import Customer, generation_of, meaning, shows

BOTH_ERAS = pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
NAMED = pytest.mark.parametrize("request_id", ["", "order-1"])
PATIENCE_SECONDS = 60  # of the TypeScript SDK and of most desktop clients


@BOTH_ERAS
@pytest.mark.parametrize("over", ["memory", "stdio"])
async def test_a_slow_vendor_is_handed_over_and_had_later(over: str, bank: Bank, customer: Customer) -> None:
    """Told to run, told so again, and given when it is there: one request, one charge, and no time-out."""
    customer.environ["IMAGEWRIGHT_HANDOVER_SECONDS"] = "1"
    pause = bank.pause("depicta", "charged")

    async with _connected(customer, over) as client:
        first = await _call(client, "generate_image", prompt="a fox", provider="depicta")
        wait = {"generation_id": generation_of(first), "wait_seconds": 1}
        second = await _call(client, "get_generation", **wait)
        pause.go.set()
        third = await _call(client, "get_generation", **{**wait, "wait_seconds": 45})

    (charge,) = bank.ledger.charged("depicta")
    assert ["running", "running", "done"] == [meaning(one) for one in (first, second, third)]
    assert "get_generation" in first.text
    assert (True, 1) == (shows(third, charge), bank.ledger.sent("depicta"))


@BOTH_ERAS
@NAMED
async def test_clients_that_give_up_after_five_seconds_and_repeat_get_the_running_one(
    request_id: str, bank: Bank, customer: Customer
) -> None:
    """As openai-agents and adk do: each repetition joins what runs, also at a second server; the last has it."""
    clock, pause = Clock(), bank.pause("theo", "charged")

    with ruling(clock):
        async with customer.connect() as one, customer.connect() as other:
            gave_up = [await _give_up(client, clock, pause, request_id=request_id) for client in (one, one, other, one)]
            joined = asyncio.Event()
            calling = _begin(one, joined, request_id=request_id)
            await joined.wait()
            pause.go.set()
            result = Result(await calling)

    (charge,) = bank.ledger.charged("theo")
    assert [True] * 4 == gave_up
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent("theo"))


@BOTH_ERAS
@NAMED
async def test_a_picture_that_came_when_nobody_waited_is_given_to_the_repetition(
    request_id: str, bank: Bank, customer: Customer
) -> None:
    """It is there at once and costs nothing; only what was given out already may be ordered anew."""
    clock, pause = Clock(), bank.pause("theo", "charged")

    with ruling(clock):
        async with customer.connect() as client:
            await _give_up(client, clock, pause, request_id=request_id)
            pause.go.set()
        repeated = await customer.draw("theo", request_id=request_id)
        charges = list(bank.ledger.charges)
        again = await customer.draw("theo", request_id=request_id)

    assert ("done", True, 1) == (meaning(repeated), shows(repeated, charges[0]), len(charges))
    assert 1 + (not request_id) == bank.ledger.sent("theo")
    assert bool(request_id) == (generation_of(again) == generation_of(repeated))


async def test_a_repetition_wants_all_that_the_first_one_wanted(bank: Bank, customer: Customer) -> None:
    """Of six calls four were sent when the first client left: the other two are sent for the second one."""
    clock = Clock()
    pauses = [bank.pause("posteverywhere", "charged") for _ in range(4)]

    with ruling(clock):
        async with customer.connect() as client:
            joined = asyncio.Event()
            calling = _begin(client, joined, provider="posteverywhere", count=6)
            for pause in pauses:
                await pause.reached.wait()
            clock.move(6)
            (gave_up,) = await asyncio.gather(calling, return_exceptions=True)
            joined.clear()
            calling = _begin(client, joined, provider="posteverywhere", count=6)
            await joined.wait()
            for pause in pauses:
                pause.go.set()
            result = Result(await calling)

    charges = bank.ledger.charged("posteverywhere")
    assert isinstance(gave_up, Exception)
    assert ("done", 6, 6) == (meaning(result), len(charges), bank.ledger.sent("posteverywhere"))
    assert all(shows(result, charge) for charge in charges)


@asynccontextmanager
async def _connected(customer: Customer, over: str) -> AsyncGenerator[Client]:
    """Connect the SDK's client to a server in this process, or in one of its own."""
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-m", "imagewright"],
        env={**os.environ, **customer.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    client = customer.connect() if over == "memory" else Client(parameters, mode=customer.era)
    async with client:
        yield client


async def _call(client: Client, tool: str, **arguments: object) -> Result:
    return Result(await client.call_tool(tool, arguments, read_timeout_seconds=PATIENCE_SECONDS))


async def _give_up(client: Client, clock: Clock, pause: Pause, **arguments: object) -> bool:
    """Ask, let five seconds pass bit by bit once the vendor draws, and return whether the client gave up."""
    calling = _begin(client, asyncio.Event(), **arguments)
    await pause.reached.wait()
    while not calling.done():
        for _ in range(100):  # turns in which everybody gets on
            await asyncio.sleep(0)
        clock.move(0.1)
    return isinstance(calling.exception(), Exception)


def _begin(client: Client, joined: asyncio.Event, **arguments: object) -> asyncio.Task[CallToolResult]:
    """Ask with five seconds of patience; `joined` is set once the server waits for the picture."""

    async def report(progress: float, total: float | None, message: str | None) -> None:
        del progress, total, message
        joined.set()

    asked = {"prompt": "a fox", "provider": "theo", **arguments}
    call = client.call_tool("generate_image", asked, read_timeout_seconds=5, progress_callback=report)
    return asyncio.create_task(call)
