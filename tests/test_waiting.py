"""Whether anybody still wants a generation: what is wanted is sent to its end, whoever goes away meanwhile."""

import asyncio

import pytest

from imagewright.waiting import Drawing


@pytest.fixture
def drawing() -> Drawing:
    """A generation under way, for which nobody waits."""
    return Drawing("gen_1", "HeyDecks", 4)


async def comes(drawing: Drawing) -> "asyncio.Task[None]":
    """Let somebody begin to wait."""
    there = asyncio.Event()

    async def wait() -> None:
        with drawing.wanted():
            there.set()
            await asyncio.Event().wait()

    waiter = asyncio.create_task(wait())
    await there.wait()
    return waiter


async def goes(waiter: "asyncio.Task[None]") -> None:
    """Let somebody who waits go away."""
    waiter.cancel()
    await asyncio.wait([waiter])


async def test_what_the_last_one_leaves_is_not_wanted(drawing: Drawing) -> None:
    """As long as another waits, it is."""
    first, last = await comes(drawing), await comes(drawing)

    await goes(first)
    wanted_by_one = not drawing.unwanted
    await goes(last)

    assert (True, True) == (wanted_by_one, drawing.unwanted)


async def test_what_was_promised_is_wanted_even_if_the_last_one_leaves(drawing: Drawing) -> None:
    """Its id was handed out: whoever has it may come back for all of it."""
    last = await comes(drawing)

    drawing.promise()
    await goes(last)

    assert not drawing.unwanted


async def test_what_is_promised_after_the_last_one_left_is_wanted_again(drawing: Drawing) -> None:
    """What was not sent by then is sent after all."""
    await goes(await comes(drawing))
    left = drawing.unwanted

    drawing.promise()

    assert (True, False) == (left, drawing.unwanted)


async def test_whoever_comes_back_wants_it_again(drawing: Drawing) -> None:
    """The same call once more."""
    await goes(await comes(drawing))

    again = await comes(drawing)

    assert not drawing.unwanted
    await goes(again)


async def test_who_has_waited_to_the_end_takes_nothing_back(drawing: Drawing) -> None:
    """Only whoever is cancelled wants it no more."""
    with drawing.wanted():
        pass

    assert not drawing.unwanted
