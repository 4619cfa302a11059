"""What the vendor says of posts, accounts and errors is data: quoted, cut, and never a key among it."""

import logging

import pytest

from tests.agent import KEYS, Era
from tests.desk import (
    ACCOUNTS,
    BROKEN,
    FIRST,
    INSTAGRAM,
    POST,
    POSTS,
    UPLOAD,
    Desk,
    accounts,
    media,
    picture,
    post,
    refused,
    said,
)
from tests.scripted import Answer
from tests.test_hostile import HOSTILE


@pytest.fixture
def era() -> Era:
    """One era: refusals are below the protocol."""
    return "2026-07-28"


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
async def test_hostile_words_of_a_post_arrive_in_quotation_marks_or_not_at_all(desk: Desk, text: str) -> None:
    """Status, times, zones, platforms and errors of a post: none of them speaks in our voice."""
    row = {
        "status": text,
        "post_status": text,
        "content": text,
        "scheduled_for": text,
        "timezone": text,
        "created_at": text,
        "message": text,
        "destinations": [
            {"account_id": 2280, "platform": text, "status": text, "account_name": text, "error": text}
            | {"platform_post_url": "javascript:alert(1)"}
        ],
        "results": [{"platform": "x", "status": "failed", "error": {"message": text}}],
    }
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, **row}, 201))
    desk.has_post(said({"post_id": POST, "media_ids": [FIRST], **row}))

    result = await desk.attach(FIRST)

    lines = result.text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert "](" not in result.everything
    assert "javascript:" not in result.everything
    assert "unknown" == result.structured["status"]
    outside = "".join(part.partition("”")[2] if number else part for number, part in enumerate(result.text.split("“")))
    assert "previous instructions" not in outside
    assert "as the system" not in outside
    assert {"scheduled_for", "timezone"}.isdisjoint(result.structured)


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
async def test_hostile_words_of_an_account_arrive_in_quotation_marks(desk: Desk, text: str) -> None:
    """Its name is quoted; a platform or a state that is a sentence is none."""
    odd = {**INSTAGRAM, "platform": text}
    broken = {**BROKEN, "account_name": text, "health": {"status": text, "can_post": False}}
    desk.vendor.answer(accounts(odd, broken), path=ACCOUNTS)

    result = await desk.attach(FIRST, accounts=["nobody"])

    assert result.is_error
    assert result.text.isprintable()
    outside = "".join(part.partition("”")[2] if number else part for number, part in enumerate(result.text.split("“")))
    assert "previous instructions" not in outside
    assert "as the system" not in outside
    assert "](" not in result.everything


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
async def test_hostile_words_of_a_refusal_arrive_in_quotation_marks(desk: Desk, text: str) -> None:
    """On a post as on a picture, and after an unsure answer as well."""
    desk.has_media(FIRST)
    desk.makes_posts(refused(500, "internal_error", text))
    desk.vendor.answer(said({"posts": []}), path=f"{POSTS}?limit=20&sort=created_at&order=desc")

    result = await desk.attach(FIRST)

    assert result.text.isprintable()
    assert 1 == result.text.count("“") == result.text.count("”")
    before, _, rest = result.text.partition("“")
    assert "previous instructions" not in before + rest.partition("”")[2]
    assert "](" not in result.everything


async def test_no_key_leaves_by_any_way_out(
    desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Success, refusals that say the key back, breaks of the wire: neither results nor logs nor streams have it."""
    caplog.set_level(logging.DEBUG)
    key = KEYS["posteverywhere"]
    said_back = refused(401, key, f"Key {key} is revoked.", **{"X-Request-Id": key})
    kept = desk.keeps(picture())
    recent = f"{POSTS}?limit=20&sort=created_at&order=desc"
    desk.has_media(FIRST)
    desk.takes_uploads(FIRST)
    desk.vendor.answer(said_back, Answer(201, f"your key is {key}".encode()), path=UPLOAD)
    desk.vendor.answer(*[media(FIRST)] * 3, path=f"/api/v1/media/{FIRST}")
    desk.makes_posts(said({"post_id": POST, "status": "draft", "message": key}, 201))
    desk.makes_posts(said_back, Answer(500, key.encode()), Answer(201, key.encode(), ending="cut"))
    desk.vendor.answer(said({"posts": [], "message": key}), said_back, path=recent)
    desk.has_post(post(FIRST, content=key), said_back)

    results = [
        await desk.attach(kept),
        await desk.attach(desk.keeps(picture(size=(9, 9)))),
        await desk.attach(desk.keeps(picture(size=(8, 8)))),
        *[await desk.attach(FIRST) for _ in range(3)],
        await desk.attach(FIRST, post_id=POST),
    ]

    captured = capfd.readouterr()
    for text in (*[result.everything for result in results], caplog.text, captured.out, captured.err):
        assert [] == [slug for slug, secret in KEYS.items() if secret in text or secret[-12:] in text]
        assert "sig=abc" not in text  # a place for uploads is a secret as well
    assert [False, *[True] * 6] == [result.is_error for result in results]
    assert "" == captured.out
