"""Which answers the stdio server knows to have gone out: processes and pipes are real."""

import sys

import pytest

from tests.ends_client import META, MORE_THAN_A_PIPE_HOLDS, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


async def test_an_answer_is_written_when_its_bytes_have_left_and_not_before() -> None:
    """While the pipe is full the answer is not told as written, though other calls run; once it is read, it is."""
    async with running() as server:
        await server.call(1, "quick", text="big", size=MORE_THAN_A_PIPE_HOLDS)
        await server.until("big returns")
        await server.call(2, "quick", text="small")
        await server.until("small returns")
        before = list(server.events)
        await server.answer()
        await server.until("big is written")

    assert ["lifespan begins", "big returns", "small returns"] == before
    assert server.text(1).startswith("big")


async def test_of_many_answers_in_flight_each_is_told_once_and_after_its_own_bytes() -> None:
    """When one is told as written, what the client can read already holds it."""
    texts = [f"t{number}" for number in range(50)]
    missing: list[str] = []
    async with running() as server:
        for number, text in enumerate(texts):
            await server.call(number, "quick", text=text)
        told: list[str] = []
        while len(told) < len(texts):
            event = await server.event()
            if event.endswith(" is written"):
                told.append(event.removesuffix(" is written"))
                if not server.lies_in_the_pipe(f'"{told[-1]}"'):
                    missing.append(told[-1])

    assert sorted(texts) == sorted(told)
    assert [] == missing


async def test_what_is_no_tool_call_is_not_told_as_written() -> None:
    """A list, a ping and an error are no pictures."""
    async with running() as server:
        await server.say({"id": 1, "method": "tools/list", "params": {"_meta": META}})
        await server.say({"id": 2, "method": "no/such", "params": {"_meta": META}})
        await server.call(3, "quick", text="done")
        await server.until("done is noted")
        await server.close_stdin()
        await server.rest()
        code = await server.end()

    assert {1, 2, 3} == set(server.answers)
    assert (0, ["lifespan begins", "done returns", "done is written", "done is noted", "lifespan ends"]) == (
        code,
        server.events,
    )


@pytest.mark.parametrize("named", [3, "3"])
async def test_a_cancelled_call_is_not_told_as_written(named: int | str) -> None:
    """Nobody got its answer, whether the client names the call by a number or by a text; nothing waits for it."""
    async with running() as server:
        await server.call(3, "slow")
        await server.until("slow begins")
        await server.say({"method": "notifications/cancelled", "params": {"requestId": named}})
        await server.until("slow is cancelled")
        await server.close_stdin()
        await server.rest()
        code = await server.end()

    assert 0 == code
    assert {} == server.answers
    assert ["lifespan begins", "slow begins", "slow is cancelled", "lifespan ends"] == server.events


async def test_a_call_goes_on_when_the_client_has_closed_its_end() -> None:
    """A failed write is not told as written, and what runs is run to its end, though stdin stays open."""
    async with running() as server:
        await server.call(1, "slow")
        await server.until("slow begins")
        server.close_stdout()
        await server.call(2, "quick", text="lost")
        await server.until("a write failed")
        server.release()
        code = await server.end()

    assert 0 == code
    assert [
        "lifespan begins", "slow begins", "lost returns", "a write failed",
        "slow returns", "a write failed", "lifespan ends",
    ] == server.events  # fmt: skip


async def test_an_answer_that_cannot_be_noted_ends_nothing() -> None:
    """The hook fails: the client has its answer, the next call is served, and the end does not wait."""
    async with running() as server:
        await server.call(1, "quick", text="cursed")
        await server.answer()
        await server.call(2, "quick", text="alive")
        await server.answer()
        await server.close_stdin()
        code = await server.end()

    assert ("cursed", "alive", 0) == (server.text(1), server.text(2), code)
    assert any("OSError: the disk is full" in event for event in server.events)
