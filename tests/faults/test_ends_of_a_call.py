"""A call is cancelled, given up, cut off or killed, at any moment of it: what was charged is known, and can be had."""

import asyncio
import signal
from typing import Literal

import pytest
from mcp import Client

from tests.agent import Result
from tests.faults.bank import Bank
from tests.faults.customer import Customer, draw, generation_of, meaning, shows
from tests.faults.fault import Moment
from tests.faults.matrix import ALL, SEEING
from tests.faults.rpc import Process, Waiting, server

MOMENTS: list[Moment] = ["arrived", "charged", "head", "half", "answered"]
EVERYWHERE = pytest.mark.parametrize("slug", ALL)
BOTH_ERAS = pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
ANY_MOMENT = pytest.mark.parametrize("moment", MOMENTS)

End = Literal["cancel", "cancel, then the end of stdin", "end of stdin", "SIGTERM", "SIGINT"]


@BOTH_ERAS
@ANY_MOMENT
async def test_a_client_that_gives_up_loses_nothing(moment: Moment, bank: Bank, customer: Customer) -> None:
    """Its deadline of a minute passes: the call goes on, and the same request again gets its picture, charged once."""
    loop = asyncio.get_running_loop()
    pause, usual = bank.pause("heydecks", moment), loop.time

    async with customer.connect() as client:
        asked = {"prompt": "a fox", "provider": "heydecks"}
        calling = asyncio.create_task(client.call_tool("generate_image", asked, read_timeout_seconds=60))
        await pause.reached_by(calling)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "time", lambda: usual() + 61)
            (gave_up,) = await asyncio.gather(calling, return_exceptions=True)
            pause.go.set()
            result = await draw(client, "heydecks")

    (charge,) = bank.ledger.charged("heydecks")
    assert isinstance(gave_up, Exception) or moment == "answered"
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent("heydecks"))


@BOTH_ERAS
@ANY_MOMENT
@pytest.mark.parametrize("end", ["cancel", "cancel, then the end of stdin", "end of stdin", "SIGTERM", "SIGINT"])
async def test_a_gentle_end_keeps_the_picture(end: End, moment: Moment, bank: Bank, customer: Customer) -> None:
    """The server drains: the vendor's answer is in the journal when it ends, and is had without another charge."""
    pause = bank.pause("theo", moment)

    async with server(customer.environ, customer.era) as ending:
        call = ending.draw("theo")
        await pause.reached_by(call.answer)
        _end(ending, call, end)
        pause.go.set()
        if end == "cancel":
            told = await ending.draw("theo").result()
        else:
            told = await call.result()
            await ending.ended()

    await _had_once(told, "theo", bank, customer)


@ANY_MOMENT
@EVERYWHERE
async def test_a_kill_leaves_every_charge_known(slug: str, moment: Moment, bank: Bank, customer: Customer) -> None:
    """Nothing drains: what the vendor took is found, or told as unknown, and the next server sends nothing again."""
    pause = bank.pause(slug, moment)

    async with server(customer.environ) as killed:
        call = killed.draw(slug)
        await pause.reached_by(call.answer)
        killed.signal(signal.SIGKILL)
        told = await call.result()
    pause.go.set()
    await pause.over.wait()

    if told is None:
        result = await customer.draw(slug)

        (charge,) = bank.ledger.charged(slug)
        known = shows(result, charge) or (slug not in SEEING and meaning(result) == "maybe")
        assert known, result.text
        assert generation_of(result)
    assert 1 == bank.ledger.sent(slug)


@BOTH_ERAS
async def test_a_client_that_gives_up_after_a_minute_never_meets_a_vendor_that_takes_five(
    bank: Bank, customer: Customer
) -> None:
    """Handed over after 45 s, waited for again and again, and had after 300: no wait is longer than a client's."""
    del customer.environ["IMAGEWRIGHT_HANDOVER_SECONDS"]
    loop = asyncio.get_running_loop()
    pause, usual, passed = bank.pause("depicta", "charged"), loop.time, 0.0
    told: list[str] = []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "time", lambda: usual() + passed)
        async with customer.connect() as client:
            waiting = await _call(client, "generate_image", prompt="a fox", provider="depicta")
            await pause.reached_by(waiting)  # time passes for a request that has arrived, not for one on its way
            while passed < 300:
                passed += 46
                result = await waiting
                told.append(meaning(result))
                asked = {"generation_id": generation_of(result), "wait_seconds": 45}
                waiting = await _call(client, "get_generation", **asked)
            pause.go.set()
            result = await waiting

    (charge,) = bank.ledger.charged("depicta")
    assert {"running"} == set(told)
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent("depicta"))


def _end(process: Process, call: Waiting, end: End) -> None:
    if end.startswith("cancel"):
        process.cancel(call)
    if end.endswith("end of stdin"):
        process.end_stdin()
    if end == "SIGTERM":
        process.signal(signal.SIGTERM)
    if end == "SIGINT":
        process.signal(signal.SIGINT)


async def _had_once(told: Result | None, slug: str, bank: Bank, customer: Customer) -> None:
    """The client has the picture, or gets it by the same request again; one request, one charge."""
    result = told or await customer.draw(slug)

    (charge,) = bank.ledger.charged(slug)
    assert ("done", True) == (meaning(result), shows(result, charge)), result.text
    assert 1 == bank.ledger.sent(slug)


async def _call(client: Client, tool: str, **arguments: object) -> asyncio.Task[Result]:
    """Call a tool as a client that gives up after a minute, and return once the server says that it waits."""
    waits = asyncio.Event()

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        del progress, total, message
        waits.set()

    async def call() -> Result:
        asked = client.call_tool(tool, arguments, read_timeout_seconds=60, progress_callback=tell)
        try:
            return Result(await asked)
        finally:
            waits.set()

    calling = asyncio.create_task(call())
    await waits.wait()
    return calling
