"""The library has a size: the oldest pictures make room, but never those on posts that have still to go out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imagewright.library import Library
from imagewright.models import KeptFile
from tests.agent import Agent, Era
from tests.desk import (
    ACCOUNTS,
    BY_URL,
    FIRST,
    LATER,
    LINKEDIN,
    POST,
    POSTS,
    SECOND,
    Desk,
    accounts,
    by_url,
    media,
    post,
    said,
    takes_posts,
)
from tests.kept import BIG, draw_in_turn, drawn, draws, names, noisy, on_disk, settled, shelf
from tests.scripted import Scripted


@pytest.fixture
def era() -> Era:
    """One era: files lie below the protocol."""
    return "2026-07-28"


async def test_the_oldest_make_room(agent: Agent, heydecks: Scripted) -> None:
    """Past the size that the user set, the first kept goes first, and its answer says so."""
    agent.environ["IMAGEWRIGHT_LIBRARY_MAX"] = "1 MB"
    async with agent.connect() as client:
        made = await draw_in_turn(client, heydecks, BIG)
        first = await settled(client, made[0])
        last = await settled(client, made[-1])

    assert 1_000_000 > sum(len(one) for one in BIG[2:]) > 1_000_000 - len(BIG[0])
    assert names(BIG[2:]) == on_disk(agent)
    assert "gone" == first.structured["images"][0]["kept"]
    assert "Picture 1 is not kept here: it made room for newer ones." in first.text
    assert "path" in last.structured["images"][0]


async def test_a_picture_larger_than_the_library_is_kept_alone(agent: Agent, heydecks: Scripted) -> None:
    """The newest stays whatever the limit, even where nothing else has room beside it."""
    agent.environ["IMAGEWRIGHT_LIBRARY_MAX"] = "1 MB"
    huge = noisy(9, 700)
    async with agent.connect() as client:
        await draw_in_turn(client, heydecks, [BIG[0], huge])

    assert len(huge) > 1_000_000
    assert names([huge]) == on_disk(agent)


async def test_a_picture_that_comes_again_is_new_again(agent: Agent, heydecks: Scripted) -> None:
    """What was just brought does not go for being known of old."""
    agent.environ["IMAGEWRIGHT_LIBRARY_MAX"] = "1 MB"
    async with agent.connect() as client:
        await draw_in_turn(client, heydecks, [*BIG[:3], BIG[0], BIG[3]])

    assert names([BIG[0], BIG[2], BIG[3]]) == on_disk(agent)


async def test_a_picture_that_goes_at_once_is_said_to_be_gone(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server makes room at its cost before it is noted as kept here: the answer does not claim a file."""
    real = Library.keep

    async def keep(self: Library, data: bytes, claimed: str | None = None) -> KeptFile:
        facts = await real(self, data, claimed)
        await self.files.remove(facts.sha256)
        await self.album.gone([facts.sha256])
        return facts

    monkeypatch.setattr(Library, "keep", keep)
    draws(heydecks, BIG[0])
    async with agent.connect() as client:
        made = await drawn(client)

    assert "gone" == made.structured["images"][0]["kept"]
    assert "Picture 1 is not kept here: it made room for newer ones." in made.text


async def test_what_is_on_a_draft_stays(desk: Desk) -> None:
    """A post that has still to go out keeps its pictures here, however old; newer ones make room instead."""
    desk.agent.environ["IMAGEWRIGHT_LIBRARY_MAX"] = "1 MB"
    async with desk.agent.connect() as client:
        (made,) = await draw_in_turn(client, desk.elsewhere, BIG[:1])
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    takes_posts(desk, FIRST)
    await desk.attach(made.structured["generation_id"])
    async with desk.agent.connect() as client:
        await draw_in_turn(client, desk.elsewhere, BIG[1:])

    assert names([BIG[0], BIG[3], BIG[4]]) == on_disk(desk.agent)


async def test_the_first_picture_of_a_post_makes_no_room_for_its_last(desk: Desk) -> None:
    """Both come here with one call, and the library has room for neither."""
    desk.agent.environ["IMAGEWRIGHT_LIBRARY_MAX"] = "0 MB"
    urls = [desk.serves(f"/{number}.png", BIG[number]) for number in (0, 1)]
    desk.vendor.answer(by_url(FIRST), by_url(SECOND), path=BY_URL)
    takes_posts(desk, FIRST, SECOND)

    await desk.attach(*urls)

    assert names(BIG[:2]) == on_disk(desk.agent)


async def test_what_was_published_makes_room_again(desk: Desk) -> None:
    """Once the draft is out, its pictures are like all others."""
    desk.agent.environ.update({"IMAGEWRIGHT_LIBRARY_MAX": "1 MB", "IMAGEWRIGHT_PUBLISH": "allow"})
    async with desk.agent.connect() as client:
        (made,) = await draw_in_turn(client, desk.elsewhere, BIG[:1])
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    takes_posts(desk, FIRST)
    await desk.attach(made.structured["generation_id"])
    await publish(desk)
    async with desk.agent.connect() as client:
        await draw_in_turn(client, desk.elsewhere, BIG[1:])

    assert names(BIG[2:]) == on_disk(desk.agent)


async def publish(desk: Desk) -> None:
    """Publish the draft."""
    out = post(FIRST, status="published", account_ids=[LINKEDIN["id"]])
    desk.vendor.answer(accounts(LINKEDIN), path=ACCOUNTS)
    desk.vendor.answer(media(FIRST), path=f"/api/v1/media/{FIRST}")
    before = post(FIRST, account_ids=[LINKEDIN["id"]])
    desk.has_post(before, before, before, before, out)
    desk.vendor.answer(said({"post_id": POST, "status": "published"}), path=f"{POSTS}/{POST}/schedule")
    result = await desk.attach(FIRST, post_id=POST, publish_now=True)
    assert "published" == result.structured.get("status"), result.text


async def test_a_scheduled_post_keeps_its_pictures_until_a_day_after(tmp_path: Path) -> None:
    """Until its time, and a while for the platform; then they may go without anybody telling that it went out."""
    kept, journal = await shelf(tmp_path, 10_000_000)
    first = await kept.keep(BIG[0])
    await kept.keep(BIG[1])
    goes_out = datetime.fromisoformat(LATER)
    await kept.album.note_post("p 1", [first.sha256], goes_out, instead=False)
    before, after = [await kept.album.too_many(1, goes_out + timedelta(seconds=seconds)) for seconds in (-1, 1)]
    await journal.aclose()

    assert ([], [first.sha256]) == (before, after)


async def test_a_picture_on_two_posts_stays_for_the_longer(tmp_path: Path) -> None:
    """One post that went out does not take a picture from another that has not."""
    kept, journal = await shelf(tmp_path, 10_000_000)
    first = await kept.keep(BIG[0])
    await kept.keep(BIG[1])
    for name in ("p 1", "p 2"):
        await kept.album.note_post(name, [first.sha256], None, instead=False)
    await kept.album.forget_post("p 1")
    held = await kept.album.too_many(1, datetime.now(UTC))
    await kept.album.note_post("p 2", [], None, instead=True)  # replaced by others
    free = await kept.album.too_many(1, datetime.now(UTC))
    await journal.aclose()

    assert ([], [first.sha256]) == (held, free)


async def test_a_draft_that_gets_a_date_keeps_what_it_had(tmp_path: Path) -> None:
    """Appending with a schedule gives the pictures that were on it before the new end too."""
    kept, journal = await shelf(tmp_path, 10_000_000)
    files = [await kept.keep(one) for one in BIG[:3]]
    now = datetime.now(UTC)
    await kept.album.note_post("p 1", [files[0].sha256], None, instead=False)
    await kept.album.note_post("p 1", [files[1].sha256], now + timedelta(hours=1), instead=False)
    before, after = [await kept.album.too_many(1, now + timedelta(hours=hours)) for hours in (0, 2)]
    await journal.aclose()

    assert ([], [files[0].sha256, files[1].sha256]) == (before, after)
