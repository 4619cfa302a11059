"""A hundred identical calls from eight server processes on one data folder: one request, one charge, one answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.agent import Era, Result
from tests.faults.bank import Bank
from tests.faults.bank import bank as running_bank
from tests.faults.customer import generation_of, meaning
from tests.faults.fault import Fault
from tests.faults.rpc import Process, server

pytestmark = pytest.mark.asyncio(loop_scope="module")  # the servers are shared

SERVERS, CALLS = 8, 100


@dataclass(frozen=True, slots=True)
class Crowd:
    """The vendors, and the servers between which the calls are spread; each test has a vendor of its own."""

    bank: Bank
    servers: list[Process]

    async def all_draw(self, slug: str, **arguments: str) -> list[Result]:
        """Ask for the same a hundred times at once, and return all answers."""
        return await self._all("generate_image", prompt="a fox", provider=slug, **arguments)

    async def all_look(self, result: Result) -> list[Result]:
        """Ask a hundred times at once for the generation that an answer named, and return its end."""
        return await self._all("get_generation", generation_id=generation_of(result), wait_seconds=45)

    async def _all(self, tool: str, **arguments: Any) -> list[Result]:
        calls = [self.servers[number % SERVERS].call(tool, **arguments) for number in range(CALLS)]
        results = [await call.result() for call in calls]
        return [result for result in results if result]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Crowd]:
    """Eight servers, half of them in each era of the protocol, on a data folder that none has used.

    They hand over soon, so that each call has told which generation it belongs to while the vendor still draws.
    """
    home = tmp_path_factory.mktemp("home")
    eras: list[Era] = ["2026-07-28", "legacy"]
    async with running_bank() as bank, AsyncExitStack() as stack:
        environ = {"IMAGEWRIGHT_HOME": str(home), "IMAGEWRIGHT_HANDOVER_SECONDS": "1", **bank.environ()}
        starting = (stack.enter_async_context(server(environ, eras[number % 2])) for number in range(SERVERS))
        yield Crowd(bank, await asyncio.gather(*starting))


async def test_a_hundred_calls_are_one(crowd: Crowd) -> None:
    """While it is drawn they are all told the same id, under which they all get the same picture afterwards."""
    pause = crowd.bank.pause("heydecks", "charged")

    first = await crowd.all_draw("heydecks")
    pause.go.set()
    last = await crowd.all_look(first[0])

    assert [("running", generation_of(first[0]))] * CALLS == [(meaning(one), generation_of(one)) for one in first]
    assert [_told(last[0])] * CALLS == [_told(one) for one in last]
    assert ("done", 1) == (meaning(last[0]), crowd.bank.ledger.sent("heydecks"))


async def test_a_hundred_calls_with_one_request_id_are_one_for_ever(crowd: Crowd) -> None:
    """While it is drawn, and after it was delivered: the same call gets the same picture."""
    pause = crowd.bank.pause("posteverywhere", "charged")

    first = await crowd.all_draw("posteverywhere", request_id="order-1")
    pause.go.set()
    await crowd.all_look(first[0])
    last = await crowd.all_draw("posteverywhere", request_id="order-1")

    assert {"running"} == {meaning(one) for one in first}
    assert [_told(last[0])] * CALLS == [_told(one) for one in last]
    assert ("done", 1) == (meaning(last[0]), crowd.bank.ledger.sent("posteverywhere"))


async def test_a_hundred_calls_whose_answer_is_lost_send_no_second(crowd: Crowd) -> None:
    """The one request got no answer: all hundred are told the same unknown, and nobody sends again."""
    crowd.bank.always("theo", Fault(ending="silent"))
    pause = crowd.bank.pause("theo", "charged")

    first = await crowd.all_draw("theo")
    pause.go.set()
    looked = await crowd.all_look(first[0])
    last = await crowd.all_draw("theo")

    assert {"running"} == {meaning(one) for one in first}
    assert {"unknown"} == {meaning(one) for one in looked}
    assert [("maybe", generation_of(first[0]))] * CALLS == [(meaning(one), generation_of(one)) for one in last]
    assert 1 == crowd.bank.ledger.sent("theo")


def _told(result: Result) -> tuple[object, ...]:
    """Return what a client would compare."""
    said = result.structured
    return (said["status"], said["generation_id"], said["urls"], said["media_ids"], said["cost"])
