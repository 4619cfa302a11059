"""All processes of a user share one journal: none loses what another wrote, and no picture is lost for its sake."""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from imagewright.errors import SettingsError
from imagewright.journal import _MIGRATIONS, Journal  # pyright: ignore[reportPrivateUsage]  # no public name is private
from imagewright.models import Generation, Picture
from tests.agent import KEYS, Era
from tests.bodies import DONE
from tests.desk import BY_URL, FIRST, POST, Desk, by_url, picture, post, said
from tests.scripted import Answer

_WRITER = """
import asyncio, sys
from pathlib import Path
from imagewright.journal import Journal
from imagewright.models import Generation, Picture

async def write(journal, name):
    for number in range(10):
        pictures = (Picture(url=f"https://example.com/{name}/{number}.png"),)
        await journal.keep(Generation(f"gen_{name}{number}", "done", "theo", "Theo", None, 1, 1, "", pictures))
        await journal.note_import("library", f"{name}{number}", f"media-{name}{number}")

asyncio.run(write(Journal(Path(sys.argv[1])), sys.argv[2]))
"""


@pytest.fixture
def era() -> Era:
    """One era: the journal is below the protocol."""
    return "2026-07-28"


def generation(generation_id: str) -> Generation:
    """A generation of one picture."""
    return Generation(
        generation_id, "done", "theo", "Theo", None, 1, 1, "", (Picture(url="https://example.com/a.png"),)
    )


def draws(desk: Desk) -> None:
    """Let a picture be drawn."""
    made = DONE["heydecks"]()
    made["images"][0]["url"] = f"{desk.elsewhere.url}/a.png"
    desk.elsewhere.answer(Answer(200, made))


async def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Eight of them make the file and write into it: every entry is there."""
    names = "abcdefgh"

    writers = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", _WRITER, str(tmp_path / "home"), name)
        for name in names
    ]
    ended = await asyncio.gather(*[writer.wait() for writer in writers])

    journal = Journal(tmp_path / "home")
    kept = [await journal.pictures(f"gen_{name}{number}") for name in names for number in range(10)]
    noted = [await journal.imported("library", f"{name}{number}") for name in names for number in range(10)]
    assert [0] * 8 == ended
    assert [f"https://example.com/{name}/{number}.png" for name in names for number in range(10)] == [
        one[1][0].url for one in kept if one
    ]
    assert [f"media-{name}{number}" for name in names for number in range(10)] == noted


async def test_the_newest_id_of_an_import_counts(tmp_path: Path) -> None:
    """Per library and picture, one id."""
    journal = Journal(tmp_path)

    await journal.note_import("one", "sha", "old")
    await journal.note_import("two", "sha", "other")
    await journal.note_import("one", "sha", "new")

    assert ("new", "other", None) == tuple([await journal.imported(name, "sha") for name in ("one", "two", "three")])


async def test_an_unknown_generation_is_none(tmp_path: Path) -> None:
    """Not an error: the caller says what it means."""
    assert await Journal(tmp_path).pictures("gen_1") is None


def migrated(path: Path, upto: int, then: str = "") -> None:
    """Make a journal as an imagewright of an earlier, or a later, day left it."""
    with sqlite3.connect(path) as db:
        for script in _MIGRATIONS[:upto]:
            db.executescript(script)
        db.executescript(then)
        db.execute(f"PRAGMA user_version = {upto}")
    db.close()


@pytest.mark.parametrize("upto", range(len(_MIGRATIONS) + 1))
async def test_an_older_file_is_brought_up_to_date(tmp_path: Path, upto: int) -> None:
    """From every version there ever was, an empty file included; what is in it stays."""
    migrated(tmp_path / "journal.sqlite3", upto)

    await Journal(tmp_path).keep(generation("gen_1"))

    with sqlite3.connect(tmp_path / "journal.sqlite3") as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    assert await Journal(tmp_path).pictures("gen_1") is not None
    assert len(_MIGRATIONS) == version


async def test_an_old_file_keeps_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration of a later day is applied once, to a file with entries."""
    await Journal(tmp_path).keep(generation("gen_1"))
    later = "ALTER TABLE imports ADD COLUMN note TEXT; CREATE TABLE more (at TEXT) STRICT;"
    monkeypatch.setattr("imagewright.journal._MIGRATIONS", (*_MIGRATIONS, later))

    await Journal(tmp_path).keep(generation("gen_2"))
    await Journal(tmp_path).keep(generation("gen_3"))

    assert all([await Journal(tmp_path).pictures(f"gen_{number}") for number in (1, 2, 3)])


async def test_a_newer_file_is_used_and_not_turned_back(tmp_path: Path) -> None:
    """Two versions of imagewright on one machine: the older one must not make the newer one migrate again."""
    migrated(tmp_path / "journal.sqlite3", len(_MIGRATIONS), "CREATE TABLE more (at TEXT) STRICT;")
    with sqlite3.connect(tmp_path / "journal.sqlite3") as db:
        db.execute(f"PRAGMA user_version = {len(_MIGRATIONS) + 1}")
    db.close()

    await Journal(tmp_path).keep(generation("gen_1"))

    with sqlite3.connect(tmp_path / "journal.sqlite3") as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    assert len(_MIGRATIONS) + 1 == version
    assert await Journal(tmp_path).pictures("gen_1") is not None


async def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it or nothing."""
    await Journal(tmp_path).keep(generation("gen_1"))
    broken = "CREATE TABLE more (at TEXT) STRICT; CREATE TABLE imports (at TEXT)"
    with monkeypatch.context() as patched:
        patched.setattr("imagewright.journal._MIGRATIONS", (*_MIGRATIONS, broken))
        with pytest.raises(SettingsError, match="imports already exists"):
            await Journal(tmp_path).pictures("gen_1")

    assert await Journal(tmp_path).pictures("gen_1") is not None


@pytest.mark.parametrize("junk", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_a_broken_file_costs_no_picture(desk: Desk, junk: bytes) -> None:
    """It was drawn and paid for: it is returned, and the warning says what to do about the file."""
    desk.home.mkdir()
    (desk.home / "journal.sqlite3").write_bytes(junk)
    draws(desk)

    result = await desk.agent.draw("heydecks")

    warning = result.structured["warnings"][-1]
    assert [f"{desk.elsewhere.url}/a.png"] == result.structured["urls"]
    assert warning.startswith("This generation was not noted: use its URLs or media_ids, not its generation_id.")
    assert "if the file is broken, move it away." in warning
    assert warning in result.text


@pytest.mark.parametrize("pictures", ["no json", "[{}, 7]", '[{"url": 7}]', "", "null"])
async def test_a_broken_entry_is_an_error_of_ours(desk: Desk, pictures: str) -> None:
    """Not a complaint about the caller's arguments, and no crash."""
    await Journal(desk.home).keep(generation("gen_1"))
    with sqlite3.connect(desk.home / "journal.sqlite3") as db:
        db.execute("UPDATE generations SET pictures = ?", (pictures,))
    db.close()

    by_id = await desk.attach("gen_1")

    assert "settings" == by_id.error["code"], by_id.text
    assert "an entry is broken" in by_id.text
    assert [] == desk.changes


async def test_a_broken_entry_beside_an_expired_url_is_an_error_of_ours(desk: Desk) -> None:
    """The same, found on the way from a URL to its kept copy."""
    url = f"{desk.elsewhere.url}/a.png"
    await Journal(desk.home).keep(generation("gen_1"))
    with sqlite3.connect(desk.home / "journal.sqlite3") as db:
        db.execute("UPDATE generations SET pictures = ?", (json.dumps([{"url": url, "width": "wide"}]),))
    db.close()
    desk.elsewhere.answer(Answer(403), path="/a.png")

    result = await desk.attach(url)

    assert "settings" == result.error["code"], result.text


async def test_a_home_that_cannot_be_written_costs_no_picture(desk: Desk, tmp_path: Path) -> None:
    """Drawn, paid for, returned; the warning names the variable."""
    (tmp_path / "file").write_bytes(b"")
    desk.agent.environ["IMAGEWRIGHT_HOME"] = str(tmp_path / "file" / "home")
    draws(desk)

    result = await desk.agent.draw("heydecks")

    warning = result.structured["warnings"][-1]
    assert [f"{desk.elsewhere.url}/a.png"] == result.structured["urls"]
    assert "This generation was not noted" in warning
    assert "IMAGEWRIGHT_HOME" in warning


async def test_a_full_disk_costs_no_picture(desk: Desk) -> None:
    """The journal can be written, the folder of copies cannot: what was paid for is returned."""
    desk.agent.configure("posteverywhere", "theo")
    theo = desk.agent.scripts["theo"]
    made = DONE["theo"]()
    made["images"][0]["url"] = f"{theo.url}/a.png"
    theo.answer(Answer(200, made))
    theo.answer(Answer(200, picture()), path="/a.png")
    desk.home.mkdir()
    (desk.home / "pictures").write_bytes(b"in the way")

    result = await desk.agent.draw("theo")

    assert [f"{theo.url}/a.png"] == result.structured["urls"], result.text


@pytest.mark.parametrize("in_the_way", ["pictures", "journal.sqlite3", "locks"])
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
    """The library of an account is known by a hash of its key."""
    url = desk.serves("/a.png", picture())
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    await desk.attach(url)

    files = [path for path in desk.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files for key in KEYS.values() if key.encode() in path.read_bytes()]
