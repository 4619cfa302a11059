"""What goes over the wire for a post: documented fields only, by their documented names."""

import pytest

from tests.agent import Agent, Era
from tests.desk import (
    ACCOUNTS,
    FIRST,
    INSTAGRAM,
    LINKEDIN,
    ONE_X,
    OTHER_X,
    POST,
    POSTS,
    SECOND,
    THIRD,
    Desk,
    accounts,
    post,
    said,
)

RELEASE = f"{POSTS}/{POST}/schedule"
NOON = "2099-01-31T12:00:00Z"


@pytest.fixture
def era() -> Era:
    """One era: what goes to a provider is below the protocol."""
    return "2026-07-28"


async def test_a_new_post_is_a_draft(desk: Desk) -> None:
    """Without a time and without publish_now: `draft` is true, and nothing else is said about time."""
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, "id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(FIRST, content="A fox")

    assert [f"GET /api/v1/media/{FIRST}", f"POST {POSTS}", f"GET {POSTS}/{POST}"] == desk.sent
    assert [{"content": "A fox", "media_ids": [FIRST], "draft": True}] == desk.changes
    assert (POST, "draft", [FIRST]) == tuple(result.structured[name] for name in ("post_id", "status", "media_ids"))


async def test_a_scheduled_post_says_its_moment_in_utc(desk: Desk) -> None:
    """Every field by its documented name; the zone is for display, and `draft` is absent."""
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM, LINKEDIN, ONE_X), path=ACCOUNTS)
    desk.makes_posts(said({"post_id": POST, "status": "scheduled"}, 201))
    desk.has_post(post(FIRST, status="scheduled", scheduled_for="2099-01-31T11:00:00.000Z"))
    per_platform = {"instagram": {"contentType": "Post", "settings": {"altText": "A fox"}}}

    result = await desk.attach(
        FIRST,
        content="A fox",
        accounts=["instagram", "My Brand Inc."],
        scheduled_for="2099-01-31T12:00:00",
        timezone="Europe/Berlin",
        platform_content=per_platform,
    )

    assert [
        {
            "content": "A fox",
            "account_ids": [2280, 2285],
            "media_ids": [FIRST],
            "scheduled_for": "2099-01-31T11:00:00Z",
            "timezone": "Europe/Berlin",
            "platform_content": per_platform,
        }
    ] == desk.changes
    assert ("scheduled", "2099-01-31T11:00:00.000Z") == (
        result.structured["status"],
        result.structured["scheduled_for"],
    )


async def test_publishing_now_says_neither_draft_nor_a_time(desk: Desk) -> None:
    """POST /posts knows no `publish_now`: its absence of a time is what publishes."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.makes_posts(said({"post_id": POST, "status": "publishing"}, 201))
    desk.has_post(post(FIRST, status="publishing"))

    result = await desk.attach(FIRST, content="A fox", accounts=["instagram"], publish_now=True)

    assert [{"content": "A fox", "account_ids": [2280], "media_ids": [FIRST]}] == desk.changes
    assert "publishing" == result.structured["status"]


async def test_a_post_without_words_is_sent_without_words(desk: Desk) -> None:
    """Content may be empty where pictures are there; the person's own text is not invented."""
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST, content=""))

    await desk.attach(FIRST)

    assert [{"content": "", "media_ids": [FIRST], "draft": True}] == desk.changes


async def test_appending_sends_the_whole_list(desk: Desk) -> None:
    """PATCH replaces the set: what was there goes along, in its order, before what is new; nothing else is touched."""
    desk.has_media(THIRD)
    desk.has_post(post(SECOND, FIRST), post(SECOND, FIRST), post(SECOND, FIRST, THIRD), post(SECOND, FIRST, THIRD))

    result = await desk.attach(THIRD, post_id=POST)

    assert [{"media_ids": [SECOND, FIRST, THIRD]}] == desk.changes
    assert [SECOND, FIRST, THIRD] == result.structured["media_ids"]
    assert 1 == len(desk.orders(f"{POSTS}/{POST}", "PATCH"))


async def test_a_picture_that_is_on_the_post_is_not_put_on_it_twice(desk: Desk) -> None:
    """A repeated call changes nothing."""
    desk.has_media(FIRST)
    desk.has_post(*[post(FIRST, SECOND)] * 4)

    result = await desk.attach(FIRST, post_id=POST)

    assert [FIRST, SECOND] == result.structured["media_ids"]
    assert [{"media_ids": [FIRST, SECOND]}] == desk.changes


async def test_replacing_sends_only_what_is_new(desk: Desk) -> None:
    """The old pictures go because the caller said so."""
    desk.has_media(THIRD)
    desk.has_post(post(FIRST, SECOND), post(FIRST, SECOND), post(THIRD), post(THIRD))

    result = await desk.attach(THIRD, post_id=POST, mode="replace")

    assert [{"media_ids": [THIRD]}] == desk.changes
    assert [THIRD] == result.structured["media_ids"]


async def test_a_draft_is_changed_and_then_sent_on_its_way(desk: Desk) -> None:
    """PATCH takes every field; /schedule gives the draft its moment."""
    desk.has_media(SECOND)
    desk.vendor.answer(accounts(INSTAGRAM, LINKEDIN), path=ACCOUNTS)
    desk.has_post(*[post(FIRST)] * 2, *[post(FIRST, SECOND)] * 2, post(FIRST, SECOND, status="scheduled"))
    desk.vendor.answer(said({"post_id": POST, "status": "scheduled"}), path=RELEASE)

    result = await desk.attach(
        SECOND,
        post_id=POST,
        content="Two foxes",
        accounts=["2285"],
        scheduled_for=NOON,
        timezone="Asia/Tokyo",
        platform_content={"linkedin": {"content": "Foxes"}},
    )

    change, release = desk.changes
    assert {
        "media_ids": [FIRST, SECOND],
        "content": "Two foxes",
        "account_ids": [2285],
        "scheduled_for": NOON,
        "timezone": "Asia/Tokyo",
        "platform_content": {"linkedin": {"content": "Foxes"}},
    } == change
    assert {"scheduled_for": NOON} == release
    assert "scheduled" == result.structured["status"]


async def test_a_draft_is_published_through_its_own_endpoint(desk: Desk) -> None:
    """There is no POST /publish: /schedule with publish_now."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.has_post(
        *[post(account_ids=[2280])] * 2, *[post(FIRST, account_ids=[2280])] * 2, post(FIRST, status="publishing")
    )
    desk.vendor.answer(said({"post_id": POST, "status": "publishing"}), path=RELEASE)

    result = await desk.attach(FIRST, post_id=POST, publish_now=True)

    assert [{"media_ids": [FIRST]}, {"publish_now": True}] == desk.changes
    assert "publishing" == result.structured["status"]


async def test_a_scheduled_post_gets_its_new_moment_with_the_change(desk: Desk) -> None:
    """/schedule is for drafts: PATCH is enough."""
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    there = post(FIRST, status="scheduled", account_ids=[2280], scheduled_for=NOON)
    desk.has_post(*[post(status="scheduled", account_ids=[2280])] * 2, there, there)

    await desk.attach(FIRST, post_id=POST, scheduled_for=NOON)

    assert [{"media_ids": [FIRST], "scheduled_for": NOON}] == desk.changes


@pytest.mark.parametrize("post_id", ["../media/1", "a/b", "a?b=c", "a#b", "a b", "%2e%2e", "é", "x" * 200])
async def test_what_is_no_post_id_reaches_no_address(desk: Desk, post_id: str) -> None:
    """An id becomes part of a path: what could lead elsewhere is refused before anything is sent."""
    result = await desk.attach(FIRST, post_id=post_id)

    assert result.is_error
    assert "post_id" in result.text
    assert [] == desk.sent


@pytest.mark.parametrize("post_id", ["", " ", "auto"])
async def test_no_choice_of_a_post_is_a_new_post(desk: Desk, post_id: str) -> None:
    """What clients send for a field left open."""
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(FIRST, post_id=post_id)

    assert "draft" == result.structured["status"]
    assert 1 == len(desk.orders(POSTS))


@pytest.mark.parametrize(
    "named", [["x"], ["twitter"], ["@mybrand"], ["mybrand"]], ids=["platform", "old name", "handle", "bare handle"]
)
async def test_a_name_of_two_accounts_is_not_guessed(desk: Desk, named: list[str]) -> None:
    """Both are named in the answer, and nothing is made."""
    desk.vendor.answer(accounts(INSTAGRAM, ONE_X, OTHER_X), path=ACCOUNTS)

    result = await desk.attach(FIRST, accounts=named)

    assert result.is_error
    assert "means more than one account" in result.text
    assert "2300 (x “@mybrand”)" in result.text
    assert [] == desk.changes


async def test_only_the_post_provider_is_asked_for_posts(agent: Agent) -> None:
    """Without its key the tool says which variable to set, and calls nobody."""
    agent.configure("heydecks", "depicta")

    result = await agent.call("attach_to_post", images=[FIRST])

    assert "not_configured" == result.error["code"]
    assert "POSTEVERYWHERE_API_KEY" in result.text
    assert 0 == agent.sent
