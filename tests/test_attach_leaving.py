"""A caller who goes away while pictures are attached leaves nothing half done: the work belongs to the server."""

import asyncio

import pytest

from tests.agent import Era
from tests.desk import BY_URL, FIRST, POST, POSTS, SECOND, Desk, by_url, picture, post, said


@pytest.fixture
def era() -> Era:
    """One era: the work is below the protocol."""
    return "2026-07-28"


async def left(desk: Desk, attaching: "asyncio.Task[object]") -> None:
    """Go away with the first request on its way to the vendor, and wait for the end of the server."""
    await desk.vendor.arrived.wait()
    attaching.cancel()
    desk.vendor.let_go()
    with pytest.raises(asyncio.CancelledError):
        await attaching


async def test_a_new_post_is_made_to_the_end(desk: Desk) -> None:
    """From the import of the picture to the look at the post."""
    url = desk.serves("/a.png", picture())
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))
    desk.vendor.hold()

    await left(desk, asyncio.create_task(desk.attach(url, content="A fox")))

    assert [f"POST {BY_URL}", f"POST {POSTS}", f"GET {POSTS}/{POST}"] == desk.sent
    assert [[FIRST]] == [change["media_ids"] for change in desk.changes]


async def test_an_existing_post_is_changed_to_the_end(desk: Desk) -> None:
    """It has the new picture beside the old one, and was read again."""
    desk.has_media(SECOND)
    desk.has_post(*[post(FIRST)] * 2, *[post(FIRST, SECOND)] * 2)
    desk.vendor.hold()

    await left(desk, asyncio.create_task(desk.attach(SECOND, post_id=POST)))

    assert [[FIRST, SECOND]] == [change["media_ids"] for change in desk.changes]
    assert f"GET {POSTS}/{POST}" == desk.sent[-1]
