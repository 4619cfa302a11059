"""A journal that cannot be used lets nothing be sent, and costs no picture that was paid for already."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from imagewright.errors import SettingsError
from imagewright.journal import Journal
from imagewright.models import Picture
from imagewright.rows import MIGRATIONS
from tests.agent import KEYS, Era, Result
from tests.bodies import DONE
from tests.desk import BY_URL, FIRST, POST, Desk, by_url, picture, post, said
from tests.entries import ASK, OWNER, PLAN, ask, begun, draft, ended, error_of, found, made, opened
from tests.scripted import Answer

USES: Mapping[str, Callable[[Journal], Awaitable[object]]] = {
    "find": lambda journal: journal.find(ASK),
    "begin": lambda journal: journal.begin("gen_2", ASK, PLAN, [draft()], None, OWNER),
    "newest": lambda journal: journal.newest(1),
}


@pytest.fixture
def era() -> Era:
    """One era: the journal is below the protocol."""
    return "2026-07-28"


def changed(desk: Desk, change: str, *values: object) -> None:
    """Write into the journal as nothing of ours would."""
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute(change, values)


def draws(desk: Desk) -> None:
    """Let a picture be drawn."""
    body = DONE["heydecks"]()
    body["images"][0]["url"] = f"{desk.elsewhere.url}/a.png"
    desk.elsewhere.answer(Answer(200, body), path="/v1/images")


def assert_nothing_was_sent(desk: Desk, result: Result, *remedies: str) -> None:
    """Hold an answer against what every one has whose call could not be noted."""
    assert ("settings", "no") == (result.error["code"], result.error["charged"]), result.text
    assert [] == [remedy for remedy in remedies if remedy not in result.text]
    assert [] == desk.elsewhere.seen


async def test_a_newer_file_lets_nothing_be_sent(desk: Desk) -> None:
    """What could not be noted is not paid for."""
    async with opened(desk.home) as journal:
        await begun(journal, "gen_1")
    changed(desk, f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    assert_nothing_was_sent(desk, await desk.agent.draw("heydecks"), "Update this one.")


@pytest.mark.parametrize("junk", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_a_broken_file_lets_nothing_be_sent(desk: Desk, junk: bytes) -> None:
    """A paid call that cannot be noted could not be found again: the answer says what to do about the file."""
    desk.home.mkdir()
    (desk.home / "journal.sqlite3").write_bytes(junk)

    result = await desk.agent.draw("heydecks")

    assert_nothing_was_sent(desk, result, "journal.sqlite3 cannot be used", "if the file is broken, move it away.")
    assert junk == (desk.home / "journal.sqlite3").read_bytes()


async def test_a_home_that_cannot_be_written_lets_nothing_be_sent(desk: Desk, tmp_path: Path) -> None:
    """The answer names the variable."""
    (tmp_path / "file").write_bytes(b"")
    desk.agent.environ["IMAGEWRIGHT_HOME"] = str(tmp_path / "file" / "home")

    assert_nothing_was_sent(desk, await desk.agent.draw("heydecks"), "Set IMAGEWRIGHT_HOME to a folder")


async def test_a_file_that_breaks_while_a_picture_is_drawn_costs_no_picture(desk: Desk) -> None:
    """It is drawn and paid for: it is returned, and the warning says what to do about the file."""
    draws(desk)
    desk.elsewhere.hold()
    drawing = asyncio.create_task(desk.agent.draw("heydecks"))
    await desk.elsewhere.arrived.wait()
    (desk.home / "journal.sqlite3").write_bytes(b"this is no database" * 100)
    desk.elsewhere.let_go()
    result = await drawing

    warning = result.structured["warnings"][-1]
    assert [f"{desk.elsewhere.url}/a.png"] == result.structured["urls"], result.text
    assert warning.startswith("This generation could not be noted: use its URLs or media_ids, not its generation_id.")
    assert "if the file is broken, move it away." in warning
    assert warning in result.text


async def test_a_full_disk_costs_no_picture(desk: Desk) -> None:
    """The journal can be written, the folder of copies cannot: what was paid for is returned."""
    desk.agent.configure("posteverywhere", "theo")
    theo = desk.agent.scripts["theo"]
    body = DONE["theo"]()
    body["images"][0]["url"] = f"{theo.url}/a.png"
    theo.answer(Answer(200, body))
    theo.answer(Answer(200, picture()), path="/a.png")
    desk.home.mkdir()
    (desk.home / "pictures").write_bytes(b"in the way")

    result = await desk.agent.draw("theo")

    assert [f"{theo.url}/a.png"] == result.structured["urls"], result.text


BROKEN = ["no json", "[{}, 7]", '{"pictures": [{"url": 7}]}', "", "null"]


@pytest.mark.parametrize("result", BROKEN)
async def test_a_broken_entry_is_an_error_of_ours(desk: Desk, result: str) -> None:
    """Not a complaint about the caller's arguments, and no crash."""
    async with opened(desk.home) as journal:
        await begun(journal, "gen_1")
        await ended(journal, "gen_1", "done")
    changed(desk, "UPDATE generations SET result = ?", result)

    by_id = await desk.attach("gen_1")
    looked_up = await desk.agent.call("get_generation", generation_id="gen_1")

    assert ["settings"] * 2 == [by_id.error["code"], looked_up.error["code"]], by_id.text
    assert "an entry is broken" in by_id.text
    assert "an entry is broken" in looked_up.text
    assert [] == desk.changes


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE generations SET ask = '{}'",
        "UPDATE generations SET plan = ''",
        "UPDATE generations SET at = 'noon'",
        "UPDATE generations SET error = '{'",
        "UPDATE calls SET price = 'much'",
        "UPDATE calls SET sent_at = ''",
        "UPDATE calls SET tally = '7'",
        "UPDATE calls SET reading = 'null'",
        "UPDATE calls SET error = ''",
    ],
)
@pytest.mark.parametrize("use", list(USES))
async def test_whatever_is_broken_in_it_the_message_is_the_same(desk: Desk, change: str, use: str) -> None:
    """In every column that is more than a word, where a call reads and where it writes."""
    async with opened(desk.home) as journal:
        await begun(journal, "gen_1")
        changed(desk, change)

        with pytest.raises(SettingsError, match=r"journal\.sqlite3 cannot be used \(an entry is broken\)\. Set"):
            await USES[use](journal)


async def test_one_broken_entry_does_not_stand_in_the_way_of_others(desk: Desk) -> None:
    """What it is not about is drawn, noted and found."""
    async with opened(desk.home) as journal:
        await begun(journal, "gen_1")
        await journal.finish("gen_1", "done", made("gen_1"), error_of("no"), None)
        changed(desk, "UPDATE generations SET result = 'no json'")
        await begun(journal, "gen_2", ask("another"))

        assert "gen_2" == (await found(journal, "gen_2")).generation_id


async def test_a_broken_entry_beside_an_expired_url_is_an_error_of_ours(desk: Desk) -> None:
    """The same, found on the way from a URL to its kept copy."""
    url = f"{desk.elsewhere.url}/a.png"
    async with opened(desk.home) as journal:
        await begun(journal, "gen_1")
        await journal.finish("gen_1", "done", made("gen_1", Picture(url)), None, None)
    changed(desk, "UPDATE generations SET result = ?", json.dumps({"pictures": [{"url": url, "width": "wide"}]}))
    desk.elsewhere.answer(Answer(403), path="/a.png")

    result = await desk.attach(url)

    assert "settings" == result.error["code"], result.text


@pytest.mark.parametrize("in_the_way", ["journal.sqlite3", "locks"])
async def test_a_home_that_cannot_be_used_attaches_no_new_picture(desk: Desk, in_the_way: str) -> None:
    """Attaching needs it: a clear error before any post is made."""
    if in_the_way == "journal.sqlite3":
        (desk.home / in_the_way).mkdir(parents=True)
    else:
        desk.home.mkdir()
        (desk.home / in_the_way).write_bytes(b"")
    url = desk.serves("/a.png", picture())

    result = await desk.attach(url)

    assert ("settings", "no") == (result.error["code"], result.error["charged"]), result.text
    assert "IMAGEWRIGHT_HOME" in result.text
    assert "No post was changed." in result.text
    assert [] == desk.changes


async def test_a_server_that_cannot_hold_its_lock_sends_nothing(desk: Desk) -> None:
    """Without it, another server would take it for dead and go on with its work."""
    desk.home.mkdir()
    (desk.home / "locks").write_bytes(b"")

    assert_nothing_was_sent(desk, await desk.agent.draw("heydecks"), "locks cannot be used", "IMAGEWRIGHT_HOME")


async def test_a_post_is_not_changed_without_its_lock(desk: Desk) -> None:
    """Where the lock cannot be had, nothing guards against a lost picture."""
    desk.home.mkdir()
    (desk.home / "locks").write_bytes(b"")
    desk.has_media(FIRST)
    desk.has_post(post())

    result = await desk.attach(FIRST, post_id=POST)

    assert "settings" == result.error["code"]
    assert [] == desk.changes


async def test_no_key_is_in_the_data_folder(desk: Desk) -> None:
    """Neither after a picture was drawn nor after one was attached; an account is known by a hash of its key."""
    draws(desk)
    url = desk.serves("/a.png", picture())
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    drawn = await desk.agent.draw("heydecks")
    attached = await desk.attach(url)

    files = [path for path in desk.home.rglob("*") if path.is_file()]
    assert (False, False) == (drawn.is_error, attached.is_error), attached.text
    assert desk.home / "journal.sqlite3" in files
    assert not [path for path in files for key in KEYS.values() if key.encode() in path.read_bytes()]
