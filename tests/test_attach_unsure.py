"""Making a post is not idempotent: whatever breaks, it is sent once, and then looked for."""

import asyncio
import json
from typing import Any

import pytest

from tests.agent import Era
from tests.desk import (
    FIRST,
    LATER,
    LONG_AGO,
    MADE,
    POST,
    POSTS,
    RECENT,
    SECOND,
    Desk,
    breaks,
    newest,
    post,
    post_of,
    refused,
    said,
)
from tests.scripted import Answer


@pytest.fixture
def era() -> Era:
    """One era: what breaks is below the protocol."""
    return "legacy"


@breaks
async def test_a_post_that_was_made_all_the_same_is_found(desk: Desk, broken: Answer) -> None:
    """It is among the newest, with the same words and pictures: success, and the text says how it was told."""
    desk.has_media(FIRST)
    desk.makes_posts(broken)
    desk.vendor.answer(newest(post_of(SECOND, post_id="other"), post_of(FIRST)), path=RECENT)
    desk.has_post(post(FIRST))

    result = await desk.attach(FIRST, content="A fox")

    assert (POST, [FIRST]) == (result.structured["post_id"], result.structured["media_ids"])
    assert "it was made once" in result.text
    assert 1 == len(desk.orders(POSTS))


@breaks
async def test_a_post_that_is_not_there_is_not_made_again(desk: Desk, broken: Answer) -> None:
    """Sent once; the text says what was looked at and what to do before the next call."""
    desk.has_media(FIRST)
    desk.makes_posts(broken)
    desk.vendor.answer(newest(), path=RECENT)

    result = await desk.attach(FIRST, content="A fox")

    assert result.is_error
    assert "No such post is among its newest." in result.text
    assert "before you call again" in result.text
    assert 1 == len(desk.orders(POSTS))
    assert "maybe" == result.error["charged"]


@pytest.mark.parametrize(
    "down",
    [
        Answer(ending="close"),
        refused(500, "internal_error"),
        refused(429, "rate_limit_exceeded"),
        said({}),
        Answer(200),
    ],
    ids=["closed", "500", "429", "no list", "empty"],
)
async def test_where_the_list_is_down_nothing_is_claimed(desk: Desk, down: Answer) -> None:
    """A list that did not come is not a list without the post."""
    desk.has_media(FIRST)
    desk.makes_posts(Answer(ending="close"))
    desk.vendor.answer(down, path=RECENT)

    result = await desk.attach(FIRST, content="A fox")

    assert result.is_error
    assert "its posts cannot be listed" in result.text
    assert "among its newest" not in result.text
    assert 1 == len(desk.orders(POSTS))


@pytest.mark.parametrize(
    "other",
    [
        {"content": "Another fox"},
        {"media_ids": [SECOND]},
        {"media_ids": [FIRST, SECOND]},
        {"media_ids": []},
        {"created_at": LONG_AGO},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"status": "published"},
    ],
    ids=lambda other: json.dumps(other)[:40],
)
async def test_a_post_that_only_resembles_is_not_taken_for_ours(desk: Desk, other: dict[str, Any]) -> None:
    """Other words, other pictures, older, or not a draft."""
    desk.has_media(FIRST)
    desk.makes_posts(Answer(ending="close"))
    desk.vendor.answer(newest(post_of(FIRST, **other)), path=RECENT)

    result = await desk.attach(FIRST, content="A fox")

    assert result.is_error
    assert "No such post is among its newest." in result.text


@pytest.mark.parametrize(("has", "found"), [(FIRST, True), (SECOND, False)])
async def test_a_list_without_pictures_is_not_enough_to_know_a_post(desk: Desk, has: str, found: bool) -> None:
    """The same words alone prove nothing: the post itself is read."""
    row = post_of()
    del row["media_ids"]
    desk.has_media(FIRST)
    desk.makes_posts(Answer(ending="close"))
    desk.vendor.answer(newest(row), path=RECENT)
    desk.has_post(*[post(has)] * (2 if found else 1))

    result = await desk.attach(FIRST, content="A fox")

    assert found == (not result.is_error)


async def test_the_older_form_of_the_list_is_read_as_well(desk: Desk) -> None:
    """`media` with ids instead of `media_ids`, and `id` instead of `post_id`."""
    row = {"id": POST, "content": "A fox", "status": "draft", "created_at": LATER, "media": [{"id": FIRST}]}
    desk.has_media(FIRST)
    desk.makes_posts(Answer(ending="close"))
    desk.vendor.answer(newest(row), path=RECENT)
    desk.has_post(post(FIRST))

    result = await desk.attach(FIRST, content="A fox")

    assert POST == result.structured["post_id"]


async def test_a_drip_ends_with_the_deadline_and_is_looked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes pass at once: the clock of the event loop is moved, and nothing sleeps."""
    loop = asyncio.get_running_loop()
    desk.has_media(FIRST)
    desk.makes_posts(Answer(201, MADE, ending="drip"))
    desk.vendor.answer(newest(post_of(FIRST)), path=RECENT)
    desk.has_post(post(FIRST))

    attaching = asyncio.create_task(desk.attach(FIRST, content="A fox"))
    await desk.vendor.dripping.wait()
    for _ in range(100):
        await asyncio.sleep(0)  # what was sent is read
    later = loop.time() + 120
    monkeypatch.setattr(loop, "time", lambda: later)
    result = await attaching

    assert "it was made once" in result.text
    assert 1 == len(desk.orders(POSTS))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "validation_error"),
        (400, "past_schedule_time"),
        (400, "post_creation_failed"),
        (409, "media_not_ready"),
        (402, "insufficient_credits"),
        (429, "rate_limit_exceeded"),
        (422, "permanent_failure_circuit_breaker"),
    ],
)
async def test_a_plain_refusal_is_no_reason_to_look(desk: Desk, status: int, code: str) -> None:
    """The vendor says no: the text says so, and that no post was made."""
    desk.has_media(FIRST)
    desk.makes_posts(refused(status, code))

    result = await desk.attach(FIRST, content="A fox")

    assert "No post was made." in result.text
    assert "“Their words.”" in result.text
    assert ("no", 1, 0) == (result.error["charged"], len(desk.orders(POSTS)), len(desk.orders(RECENT, "GET")))


async def test_a_post_that_cannot_be_read_again_is_still_made(desk: Desk) -> None:
    """The answer to its making is enough: no error may tempt anybody to make it again."""
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(Answer(ending="close"))

    result = await desk.attach(FIRST)

    assert (POST, "draft", [FIRST]) == tuple(result.structured[name] for name in ("post_id", "status", "media_ids"))


async def test_a_picture_that_the_vendor_dropped_is_named(desk: Desk) -> None:
    """The answer shows what is on the post, not what was asked for."""
    desk.has_media(FIRST, SECOND)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(FIRST, SECOND)

    assert [FIRST] == result.structured["media_ids"]
    assert [f"Not on the post, against what was asked: {SECOND}."] == result.structured["warnings"]
