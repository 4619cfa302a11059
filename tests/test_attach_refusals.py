"""Every no of the vendor, and what makes no sense: a clear error that says what to do, and nothing is changed."""

from typing import Any

import pytest

from tests.agent import KEYS, Era
from tests.desk import (
    ACCOUNTS,
    BROKEN,
    BY_URL,
    FIRST,
    INSTAGRAM,
    LATER,
    ONE_X,
    POST,
    POSTS,
    UPLOAD,
    Desk,
    accounts,
    assert_says_no,
    media,
    picture,
    post,
    refused,
    said,
    target,
)
from tests.scripted import Answer
from tests.test_hostile import BAD_URLS


@pytest.fixture
def era() -> Era:
    """One era: refusals are below the protocol."""
    return "2026-07-28"


CLASSES = [
    (400, "validation_error", "rejected_request"),
    (400, "invalid_json", "rejected_request"),
    (400, "invalid_field_name", "rejected_request"),
    (400, "content_too_long", "rejected_request"),
    (401, "unauthorized", "key_refused"),
    (402, "no_subscription", "insufficient_credits"),
    (403, "forbidden", "access_denied"),
    (413, "too_large", "rejected_request"),
    (415, "unsupported_media_type", "rejected_request"),
    (422, "permanent_failure_circuit_breaker", "rejected_request"),
    (429, "rate_limit_exceeded", "rate_limited"),
    (429, "rate_limited", "rate_limited"),
    (500, "internal_error", "provider_failure"),
    (503, "service_unavailable", "provider_failure"),
]
each_class = pytest.mark.parametrize(("status", "code", "ours"), CLASSES, ids=[f"{one[0]} {one[1]}" for one in CLASSES])


@each_class
@pytest.mark.parametrize("step", ["media", "declare", "complete"])
async def test_each_no_on_the_way_into_the_library(desk: Desk, step: str, status: int, code: str, ours: str) -> None:
    """Looking at the media, declaring a file, completing it: the picture is named, and no post was changed."""
    no = refused(status, code, f"No, with {KEYS['posteverywhere']}.")
    kept = desk.keeps(picture())
    desk.vendor.answer(no if step == "media" else media(FIRST), path=f"/api/v1/media/{FIRST}")
    upload = f"{desk.elsewhere.url}/put?sig=abc"
    desk.vendor.answer(no if step == "declare" else target(upload, FIRST), path=UPLOAD)
    desk.elsewhere.answer(Answer(200))
    desk.vendor.answer(no, path=f"/api/v1/media/{FIRST}/complete")
    name = FIRST if step == "media" else kept

    result = await desk.attach(name)

    assert result.text.startswith(f"Error: Picture {name}: ")
    assert_says_no(desk, ours, result)
    assert any(
        way in result.text
        for way in ("call again", "Call again", "Try again", "Change what", "Set ", "Top it", "Check")
    )


@each_class
async def test_each_no_to_the_list_of_accounts(desk: Desk, status: int, code: str, ours: str) -> None:
    """Nothing was imported, nothing was changed."""
    desk.vendor.answer(refused(status, code), path=ACCOUNTS)

    result = await desk.attach(FIRST, accounts=["instagram"])

    assert_says_no(desk, ours, result, of_picture=False)
    assert [f"GET {ACCOUNTS}"] == desk.sent


@each_class
async def test_each_no_to_a_look_at_the_post(desk: Desk, status: int, code: str, ours: str) -> None:
    """The first thing that is asked; nothing else was."""
    desk.has_post(refused(status, code))

    result = await desk.attach(FIRST, post_id=POST)

    assert_says_no(desk, ours, result, of_picture=False)
    assert [f"GET {POSTS}/{POST}"] == desk.sent


@each_class
async def test_each_no_to_an_import_by_url_sends_the_bytes(desk: Desk, status: int, code: str, ours: str) -> None:
    """Whatever the vendor has against the URL: the bytes are here."""
    url = desk.serves("/a.png", picture())
    desk.vendor.answer(refused(status, code), path=BY_URL)
    desk.takes_uploads(FIRST)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(url)

    assert "uploaded" == result.structured["attached"][0]["how"], ours
    assert [FIRST] == result.structured["media_ids"]


@pytest.mark.parametrize(
    "answer", [Answer(403, b"expired"), Answer(500), Answer(307, b"", {"Location": "/b"}), Answer(ending="close")]
)
async def test_a_place_for_uploads_that_does_not_take_them(desk: Desk, answer: Answer) -> None:
    """Its host is named without the signature, and nothing is completed."""
    kept = desk.keeps(picture())
    desk.vendor.answer(target(f"{desk.elsewhere.url}/put?sig=abc", FIRST), path=UPLOAD)
    desk.elsewhere.answer(answer)

    result = await desk.attach(kept)

    assert_says_no(desk, "wire_error", result)
    assert "127.0.0.1 did not take the picture" in result.text
    assert "Call again." in result.text
    assert 1 == len(desk.elsewhere.seen)


@pytest.mark.parametrize("url", [*BAD_URLS, "ftp://example.com/a"])
async def test_an_upload_address_that_leads_elsewhere_gets_nothing(desk: Desk, url: str) -> None:
    """The vendor's answer is data: the picture goes to public https hosts only."""
    kept = desk.keeps(picture())
    desk.vendor.answer(target(url, FIRST), path=UPLOAD)

    result = await desk.attach(kept)

    assert_says_no(desk, "wire_error", result)
    assert [f"POST {UPLOAD}"] == desk.sent


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "é\u202e", "\x00"])
async def test_a_header_that_cannot_be_sent_is_an_error_of_ours(desk: Desk, value: str) -> None:
    """No exception of a library gets out, and no header is smuggled in."""
    kept = desk.keeps(picture())
    desk.vendor.answer(target(f"{desk.elsewhere.url}/put", FIRST, method="PUT", headers={"X-A": value}), path=UPLOAD)

    result = await desk.attach(kept)

    assert_says_no(desk, "wire_error", result)
    assert [] == desk.elsewhere.seen


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"data": null}',
        b'{"data": {"media_id": "m-1"}}',
        b'{"data": {"upload_url": "https://a.b"}}',
    ],
)
async def test_a_place_for_uploads_that_cannot_be_read(desk: Desk, body: bytes) -> None:
    """A yes that says nothing: nothing is sent anywhere, and it costs nothing to call again."""
    kept = desk.keeps(picture())
    desk.vendor.answer(Answer(201, body), path=UPLOAD)

    result = await desk.attach(kept)

    assert_says_no(desk, "unreadable_answer", result)
    assert "Call again." in result.text


async def test_a_media_id_that_nobody_knows(desk: Desk) -> None:
    """Deleted, mistyped, or of another account."""
    desk.vendor.answer(refused(404, "not_found", "Media not found."), path=f"/api/v1/media/{FIRST}")

    result = await desk.attach(FIRST)

    assert f"Picture {FIRST}: PostEverywhere has no such picture in its library." in result.text
    assert_says_no(desk, "invalid_request", result)


async def test_one_bad_picture_among_good_ones_makes_no_post(desk: Desk) -> None:
    """All or nothing; the bad one is named."""
    desk.has_media(FIRST)
    desk.vendor.answer(refused(404, "not_found"), path="/api/v1/media/gone")

    result = await desk.attach(FIRST, "gone")

    assert "Picture gone: " in result.text
    assert_says_no(desk, "invalid_request", result)


async def test_a_post_that_nobody_knows(desk: Desk) -> None:
    """And how to make a new one."""
    desk.has_post(refused(404, "not_found", "Post not found."))

    result = await desk.attach(FIRST, post_id=POST)

    assert f"has no post {POST}. Leave post_id out to make a new one." in result.text
    assert_says_no(desk, "invalid_request", result, of_picture=False)


@pytest.mark.parametrize("status", ["published", "publishing", "partially_failed", "failed", "archived"])
async def test_a_post_that_is_out_takes_no_pictures(desk: Desk, status: str) -> None:
    """Before anything is imported, and with what to do instead."""
    desk.has_post(post(status=status))

    result = await desk.attach(FIRST, post_id=POST)

    assert f"Post {POST} is {status}: its pictures cannot change any more. Make a new post" in result.text
    assert [f"GET {POSTS}/{POST}"] == desk.sent


async def test_a_scheduled_post_is_not_published_now(desk: Desk) -> None:
    """The vendor publishes drafts only: said before anything is changed."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    desk.has_post(post(status="scheduled"))

    result = await desk.attach(FIRST, post_id=POST, publish_now=True)

    assert "scheduled_for" in result.text
    assert_says_no(desk, "invalid_request", result, of_picture=False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"scheduled_for": "2001-01-01T00:00:00Z"}, "is in the past"),
        ({"scheduled_for": "tomorrow"}, "scheduled_for takes ISO 8601"),
        ({"scheduled_for": "2099-01-01T00:00:00"}, "needs an offset"),
        ({"scheduled_for": LATER, "timezone": "Mars/Olympus"}, "timezone takes an IANA name"),
        ({"timezone": "../../etc/passwd"}, "timezone takes an IANA name"),
        ({"mode": "replace"}, "name its post_id"),
        ({"scheduled_for": LATER, "publish_now": True}, "exclude each other"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_anything_is_sent(
    desk: Desk, arguments: dict[str, Any], says: str
) -> None:
    """Not even a look."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"

    result = await desk.attach(FIRST, **arguments)

    assert says in result.text
    assert [] == desk.sent


async def test_publishing_without_a_yes_changes_nothing(desk: Desk) -> None:
    """This client cannot ask: the remedy is in the refusal."""
    result = await desk.attach(FIRST, publish_now=True)

    assert "IMAGEWRIGHT_PUBLISH=allow" in result.text
    assert [] == desk.sent


@pytest.mark.parametrize("goes_out", [{"publish_now": True}, {"scheduled_for": LATER}])
async def test_a_post_that_goes_out_needs_accounts(desk: Desk, goes_out: dict[str, Any]) -> None:
    """Which there are is in the answer."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    desk.vendor.answer(accounts(INSTAGRAM, ONE_X), path=ACCOUNTS)

    result = await desk.attach(FIRST, **goes_out)

    assert "2280 (instagram “@mybrand”) and 2300 (x “@mybrand”)" in result.text
    assert [] == desk.changes


async def test_an_account_that_cannot_post_is_not_published_to(desk: Desk) -> None:
    """The vendor would take it and fail later."""
    desk.agent.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    desk.vendor.answer(accounts(BROKEN), path=ACCOUNTS)

    result = await desk.attach(FIRST, accounts=["facebook"], publish_now=True)

    assert "Account 2290 (facebook “My Page”) cannot post now (its state is expired)" in result.text
    assert "Nothing was published." in result.text
    assert [] == desk.changes
