"""How a picture comes into the library: by URL or by bytes, waited for, once, and from a copy where its URL died."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator

import pytest

from tests.agent import KEYS, Era
from tests.bodies import DONE
from tests.desk import (
    BY_URL,
    FIRST,
    POSTS,
    SECOND,
    UPLOAD,
    Desk,
    by_url,
    media,
    picture,
    refused,
    said,
    takes_posts,
    target,
    uploaded,
)
from tests.scripted import Answer, Scripted

COMPLETE = f"/api/v1/media/{FIRST}/complete"


@pytest.fixture
def era() -> Era:
    """One era: pictures travel below the protocol."""
    return "2026-07-28"


@pytest.fixture
async def minutes(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    """Let time fly: each turn of the event loop takes two milliseconds of its clock, and it never waits."""
    loop = asyncio.get_running_loop()
    now = loop.time()

    async def turn() -> None:
        nonlocal now
        while True:
            await asyncio.sleep(0)
            now += 0.002

    monkeypatch.setattr(loop, "time", lambda: now)
    turning = asyncio.create_task(turn())
    yield
    turning.cancel()


@pytest.mark.parametrize(
    "answer",
    [
        refused(400, "validation_error"),
        refused(415, "unsupported_media_type"),
        refused(500, "internal_error"),
        Answer(ending="close"),
        Answer(201, b"<html>"),
        by_url(SECOND, media_status="failed"),
    ],
    ids=["400", "415", "500", "closed", "html", "failed"],
)
async def test_an_import_by_url_that_fails_falls_back_to_bytes(desk: Desk, answer: Answer) -> None:
    """Asked once, and then the bytes, which are here, go up."""
    data = picture()
    url = desk.serves("/a.png", data)
    desk.vendor.answer(answer, path=BY_URL)
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(url)

    assert 1 == len(desk.orders(BY_URL))
    assert data == uploaded(desk)[1]
    assert [FIRST] == result.structured["media_ids"]


@pytest.mark.usefixtures("minutes")
@pytest.mark.parametrize("name", ["status", "media_status", "upload_status"])
async def test_processing_is_waited_for(desk: Desk, name: str) -> None:
    """Under any of the three names, after the upload and until the library says ready."""
    row = {"media_id": FIRST, "type": "image"}
    desk.vendor.answer(target(f"{desk.elsewhere.url}/put", FIRST), path=UPLOAD)
    desk.elsewhere.answer(Answer(200))
    desk.vendor.answer(said(row | {name: "processing"}), path=COMPLETE)
    states = ("processing", "uploading", "ready")
    desk.vendor.answer(*[said(row | {name: state}) for state in states], path=f"/api/v1/media/{FIRST}")
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(picture()))

    assert 3 == len(desk.orders(f"/api/v1/media/{FIRST}", "GET"))
    assert [FIRST] == result.structured["media_ids"]


@pytest.mark.usefixtures("minutes")
async def test_waiting_has_an_end(desk: Desk) -> None:
    """After a minute the text says how to go on, and no post was changed."""
    desk.vendor.answer(*[media(FIRST, "processing")] * 100, path=f"/api/v1/media/{FIRST}")

    result = await desk.attach(FIRST)

    assert f"is still processing it. Call again later with the media_id {FIRST}." in result.text
    assert "No post was changed." in result.text
    assert len(desk.vendor.seen) <= 61


async def test_what_the_library_could_not_process_is_not_attached(desk: Desk) -> None:
    """Failed is final."""
    desk.vendor.answer(media(FIRST, "failed"), path=f"/api/v1/media/{FIRST}")

    result = await desk.attach(FIRST)

    assert "could not process it" in result.text
    assert [] == desk.changes


async def test_the_same_picture_is_imported_once(desk: Desk) -> None:
    """By its content, whatever it is called and whichever process asks: the library is only asked for it."""
    data = picture()
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)
    takes_posts(desk, FIRST)
    desk.has_media(FIRST)
    await desk.attach(desk.keeps(data))
    url = desk.serves("/same.png", data)

    result = await desk.attach(url)

    assert (1, 0) == (len(desk.orders(UPLOAD)), len(desk.orders(BY_URL)))
    assert ("imported before", FIRST) == tuple(result.structured["attached"][0][name] for name in ("how", "media_id"))


@pytest.mark.parametrize("gone", [refused(404, "not_found"), media(FIRST, "failed")], ids=["deleted", "failed"])
async def test_a_remembered_picture_that_is_gone_is_imported_again(desk: Desk, gone: Answer) -> None:
    """And the new id is remembered from then on."""
    kept = desk.keeps(picture())
    desk.takes_uploads(FIRST)
    desk.vendor.answer(gone, path=f"/api/v1/media/{FIRST}")
    desk.takes_uploads(SECOND)
    desk.has_media(SECOND)
    for media_id in (FIRST, SECOND, SECOND):
        takes_posts(desk, media_id)

    results = [await desk.attach(kept) for _ in range(3)]

    assert [[FIRST], [SECOND], [SECOND]] == [result.structured["media_ids"] for result in results]
    assert ["uploaded", "uploaded", "imported before"] == [one.structured["attached"][0]["how"] for one in results]


async def test_another_account_is_another_library(desk: Desk) -> None:
    """The same data folder with another key: what was imported there is not here."""
    kept = desk.keeps(picture())
    desk.takes_uploads(FIRST)
    desk.takes_uploads(SECOND)
    takes_posts(desk, FIRST)
    takes_posts(desk, SECOND)
    await desk.attach(kept)
    desk.agent.environ["POSTEVERYWHERE_API_KEY"] = KEYS["posteverywhere"].replace("0", "9")

    result = await desk.attach(kept)

    assert [SECOND] == result.structured["media_ids"]
    assert 2 == len(desk.orders(UPLOAD))


async def test_the_same_picture_under_two_names_in_one_call_is_imported_once(desk: Desk) -> None:
    """Side by side, one waits for the other; on the post it is once."""
    data = picture()
    desk.takes_uploads(FIRST)
    desk.has_media(FIRST)
    takes_posts(desk, FIRST)
    url = desk.serves("/a.png", data)
    desk.vendor.answer(refused(400, "validation_error"), path=BY_URL)

    result = await desk.attach(desk.keeps(data), url)

    assert 1 == len(desk.orders(UPLOAD))
    assert [FIRST] == desk.changes[0]["media_ids"]
    assert {"imported before"} < {one["how"] for one in result.structured["attached"]}
    assert "1 of the pictures were named twice and are attached once." in result.structured["warnings"]


async def test_an_expired_url_of_a_generation_is_replaced_by_the_kept_copy(desk: Desk, theo: Scripted) -> None:
    """By the id of the generation, and by the URL itself: the copy was made while the URL was good."""
    desk.agent.configure("posteverywhere", "heydecks", "theo")
    data = picture()
    made = DONE["theo"]()
    made["images"][0]["url"] = url = f"{theo.url}/a.png"
    theo.answer(Answer(200, made))
    theo.answer(Answer(200, data), Answer(403, b"expired"), path="/a.png")
    generation_id = (await desk.agent.draw("theo")).structured["generation_id"]
    desk.vendor.answer(refused(400, "validation_error", "The URL answered 403."), path=BY_URL)
    desk.takes_uploads(FIRST)
    desk.has_media(FIRST)
    takes_posts(desk, FIRST)
    takes_posts(desk, FIRST)

    by_id = await desk.attach(generation_id)
    as_it_was_named = await desk.attach(url)

    assert [FIRST] == by_id.structured["media_ids"] == as_it_was_named.structured["media_ids"]
    assert data == uploaded(desk)[1]


@pytest.mark.parametrize("body", [b"<html>Expired</html>", b""])
async def test_what_is_no_picture_is_not_kept_as_one(desk: Desk, theo: Scripted, body: bytes) -> None:
    """A page under the URL of a fresh picture, which comes a moment later: the URL is asked again."""
    desk.agent.configure("posteverywhere", "heydecks", "theo")
    made = DONE["theo"]()
    made["images"][0]["url"] = f"{theo.url}/a.png"
    theo.answer(Answer(200, made))
    theo.answer(Answer(200, body), Answer(200, picture()), path="/a.png")
    generation_id = (await desk.agent.draw("theo")).structured["generation_id"]
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    takes_posts(desk, FIRST)

    result = await desk.attach(generation_id)

    assert not result.is_error, result.text


async def test_what_was_fetched_once_outlives_its_url(desk: Desk) -> None:
    """A copy is kept under its hash, as the resource of that name."""
    data = picture()
    url = desk.serves("/a.png", data)
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.has_media(FIRST)
    takes_posts(desk, FIRST)
    takes_posts(desk, FIRST)
    await desk.attach(url)

    result = await desk.attach(f"imagewright://image/{hashlib.sha256(data).hexdigest()}")

    assert "imported before" == result.structured["attached"][0]["how"]


async def test_a_copy_that_broke_is_kept_anew(desk: Desk) -> None:
    """A file cut by a full disk or a lost power line does not stay there for ever."""
    data = picture()
    kept = desk.keeps(data)
    (file,) = (path for path in (desk.home / "pictures").rglob("*") if path.is_file())
    file.write_bytes(data[:50])
    url = desk.serves("/a.png", data)
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.has_media(FIRST)
    takes_posts(desk, FIRST)
    takes_posts(desk, FIRST)

    await desk.attach(url)
    again = await desk.attach(kept)

    assert not again.is_error, again.text


async def test_the_library_is_not_flooded(desk: Desk) -> None:
    """Ten pictures, at most three on the way at once."""
    kept = [desk.keeps(picture(size=(400 + number, 400))) for number in range(10)]
    uploads = [target(f"{desk.elsewhere.url}/put", f"media-{number}") for number in range(10)]
    desk.vendor.answer(*uploads, path=UPLOAD)
    desk.elsewhere.answer(*[Answer(200)] * 10, path="/put")
    for number in range(10):
        desk.vendor.answer(media(f"media-{number}"), path=f"/api/v1/media/media-{number}/complete")
    takes_posts(desk, *[f"media-{number}" for number in range(10)])
    desk.vendor.hold_until(3)

    result = await desk.attach(*kept)

    assert 3 == desk.vendor.most_at_once
    assert 10 == len(result.structured["media_ids"])
    assert 1 == len(desk.orders(POSTS))
