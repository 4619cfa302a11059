"""A post that is there is changed once, read again, and loses no picture, whatever breaks and whoever else is at it."""

from typing import Any

import pytest

from tests.agent import Era
from tests.desk import (
    ACCOUNTS,
    BREAKS,
    FIRST,
    INSTAGRAM,
    POST,
    POSTS,
    SECOND,
    THIRD,
    Desk,
    accounts,
    assert_no_secret_in,
    breaks,
    post,
    post_of,
    refused,
    said,
)
from tests.scripted import Answer

RELEASE = f"{POSTS}/{POST}/schedule"


@pytest.fixture
def era() -> Era:
    """One era: what breaks is below the protocol."""
    return "legacy"


@pytest.mark.parametrize("broken", [one for one in BREAKS.values() if one.status != 409])
async def test_a_change_that_came_through_is_success(desk: Desk, broken: Answer) -> None:
    """PATCH breaks, the post has the pictures: sent once, and the result is what the post shows."""
    desk.has_media(THIRD)
    desk.has_post(*[post(FIRST, SECOND)] * 2, broken, post(FIRST, SECOND, THIRD))

    result = await desk.attach(THIRD, post_id=POST)

    assert [FIRST, SECOND, THIRD] == result.structured["media_ids"]
    assert 1 == len(desk.changes)


@breaks
async def test_a_change_that_did_not_come_through_is_told(desk: Desk, broken: Answer) -> None:
    """PATCH breaks, the post is as it was: sent once, and the text says so."""
    desk.has_media(THIRD)
    desk.has_post(*[post(FIRST, SECOND)] * 2, broken, post(FIRST, SECOND))

    result = await desk.attach(THIRD, post_id=POST)

    assert result.is_error
    assert f"post {POST}" in result.text
    assert 1 == len(desk.changes)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"content": "New words"}, {"content": "A fox"}),
        ({"scheduled_for": "2099-01-31T12:00:00Z"}, {"scheduled_for": "2099-01-31T11:00:00.000Z"}),
        ({"accounts": ["2280"]}, {"account_ids": [2281]}),
    ],
    ids=["words", "time", "accounts"],
)
async def test_pictures_that_were_there_before_do_not_prove_the_change(
    desk: Desk, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    """PATCH breaks, the picture was on the post already, and what else was asked for is not."""
    there = post(FIRST, status="scheduled", **{"account_ids": [2280], **shown})
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.has_post(there, there, Answer(ending="close"), there)

    result = await desk.attach(FIRST, post_id=POST, **asked)

    assert result.is_error
    assert f"Not all of the change is on post {POST}." in result.text


async def test_a_change_is_accepted_by_what_the_post_shows(desk: Desk) -> None:
    """Words, time and accounts all arrived, though the answer broke off: written in the vendor's own ways."""
    before = post(status="scheduled", account_ids=[2281])
    after = post(
        FIRST, status="scheduled", content="New words", account_ids=[2280], scheduled_for="2099-01-31T12:00:00.000Z"
    )
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.has_post(before, before, Answer(ending="close"), after)

    result = await desk.attach(
        FIRST, post_id=POST, content="New  words", accounts=["2280"], scheduled_for="2099-01-31T13:00:00+01:00"
    )

    assert not result.is_error, result.text


async def test_pictures_of_somebody_else_are_merged(desk: Desk) -> None:
    """Between our write and our look somebody replaced the set: both sets end up on the post."""
    desk.has_media(THIRD)
    desk.has_post(
        post(FIRST),
        post(FIRST),
        post(FIRST, THIRD),
        post(FIRST, SECOND),  # read back: ours is gone, another one is there
        post(FIRST, SECOND),
        post(FIRST, SECOND, THIRD),
        post(FIRST, SECOND, THIRD),
    )

    result = await desk.attach(THIRD, post_id=POST)

    assert [[FIRST, THIRD], [FIRST, SECOND, THIRD]] == [one["media_ids"] for one in desk.changes]
    assert [FIRST, SECOND, THIRD] == result.structured["media_ids"]


async def test_what_was_added_before_our_write_is_kept(desk: Desk) -> None:
    """The post is read again just before the write, after the import that may take minutes."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST, SECOND), *[post(FIRST, SECOND, THIRD)] * 2)

    await desk.attach(THIRD, post_id=POST)

    assert [[FIRST, SECOND, THIRD]] == [one["media_ids"] for one in desk.changes]


async def test_merging_has_an_end(desk: Desk) -> None:
    """Somebody who always wins is named as the reason, and the call does not run for ever."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), *[post(FIRST)] * 3 * 4)

    result = await desk.attach(THIRD, post_id=POST)

    assert "by somebody else again and again" in result.text
    assert 4 == len(desk.changes)


async def test_a_post_whose_pictures_are_not_told_is_not_appended_to(desk: Desk) -> None:
    """Without the old list the new one would be all there is."""
    row = post_of()
    del row["media_ids"]
    desk.has_media(FIRST)
    desk.has_post(said(row), said(row))

    result = await desk.attach(FIRST, post_id=POST)

    assert "none can be added without losing them" in result.text
    assert [] == desk.changes


@pytest.mark.parametrize("status", ["published", "publishing", "failed", "partially_failed"])
async def test_a_post_that_goes_out_meanwhile_is_said_to_be_out(desk: Desk, status: str) -> None:
    """Open when we looked, 409 when we wrote."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST), refused(409, "post_already_published"), post(FIRST, status=status))

    result = await desk.attach(THIRD, post_id=POST)

    assert f"Post {POST} is {status}: its pictures cannot change any more." in result.text
    assert "no" == result.error["charged"]
    assert 1 == len(desk.changes)


async def test_a_post_that_is_deleted_meanwhile_is_said_to_be_gone(desk: Desk) -> None:
    """There when we looked, 404 when we wrote."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST), *[refused(404, "not_found")] * 2)

    result = await desk.attach(THIRD, post_id=POST)

    assert f"has no post {POST}" in result.text


async def test_a_change_that_cannot_be_read_again_is_no_error(desk: Desk) -> None:
    """The vendor said yes; only the check is missing, and that is said."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST), post(FIRST, THIRD), Answer(ending="close"))

    result = await desk.attach(THIRD, post_id=POST)

    assert [FIRST, THIRD] == result.structured["media_ids"]
    assert [f"Post {POST} was changed, but could not be read again to check it."] == result.structured["warnings"]


async def test_a_change_of_which_nothing_is_known_says_so(desk: Desk) -> None:
    """Neither PATCH nor the look after it is answered: one PATCH, and no claim."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST), *[Answer(ending="close")] * 2)

    result = await desk.attach(THIRD, post_id=POST)

    assert f"what became of the post is not sure. Nor can post {POST} be read again." in result.text
    assert "maybe" == result.error["charged"]
    assert 1 == len(desk.changes)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 422, 429])
async def test_a_refused_change_says_that_the_pictures_are_not_on_the_post(desk: Desk, status: int) -> None:
    """And why, in the vendor's words, marked as theirs."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST), post(FIRST), refused(status, "whatever"))

    result = await desk.attach(THIRD, post_id=POST)

    assert f"The pictures were not put on post {POST}." in result.text
    assert "“Their words.”" in result.text
    assert "no" == result.error["charged"]


def sets_out(desk: Desk, *answers: Answer) -> None:
    """A draft that gets its picture and is then to go out; `answers` are what GET says after /schedule."""
    row: dict[str, Any] = {"account_ids": [2280]}
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.has_post(*[post(**row)] * 2, *[post(FIRST, **row)] * 2, *answers)


@breaks
async def test_a_draft_that_went_out_all_the_same_is_success(desk: Desk, broken: Answer) -> None:
    """/schedule breaks, and the post is scheduled: sent once."""
    sets_out(desk, post(FIRST, status="scheduled"))
    desk.vendor.answer(broken, path=RELEASE)

    result = await desk.attach(FIRST, post_id=POST, scheduled_for="2099-01-31T12:00:00Z")

    assert "scheduled" == result.structured["status"]
    assert 1 == len(desk.orders(RELEASE))


@breaks
async def test_a_draft_that_stays_one_is_told(desk: Desk, broken: Answer) -> None:
    """/schedule breaks, and the post is a draft: sent once, and the text says what is done and what is not."""
    sets_out(desk, post(FIRST))
    desk.vendor.answer(broken, path=RELEASE)

    result = await desk.attach(FIRST, post_id=POST, scheduled_for="2099-01-31T12:00:00Z")

    assert result.is_error
    assert f"The pictures are on post {POST}, which is still a draft." in result.text
    assert 1 == len(desk.orders(RELEASE))


async def test_a_draft_of_which_nothing_is_known_says_so(desk: Desk) -> None:
    """Neither /schedule nor the look after it is answered."""
    sets_out(desk, Answer(ending="close"))
    desk.vendor.answer(Answer(ending="close"), path=RELEASE)

    result = await desk.attach(FIRST, post_id=POST, scheduled_for="2099-01-31T12:00:00Z")

    assert f"Nor can post {POST} be read again." in result.text
    assert 1 == len(desk.orders(RELEASE))


async def test_a_refused_release_says_that_the_pictures_are_on_the_draft(desk: Desk) -> None:
    """Half is done: which half."""
    sets_out(desk)
    desk.vendor.answer(refused(400, "past_schedule_time"), path=RELEASE)

    result = await desk.attach(FIRST, post_id=POST, scheduled_for="2099-01-31T12:00:00Z")

    assert f"The pictures are on post {POST}, which is still a draft." in result.text
    assert_no_secret_in(result)
