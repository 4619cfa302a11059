"""All processes of a user share one file, whichever version wrote it; none loses what another wrote."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from imagewright.errors import SettingsError
from imagewright.journal import Journal
from imagewright.models import LOCAL, Ask, ImageRequest, Picture, Plan, Variant
from imagewright.rows import MIGRATIONS
from tests.entries import ASK, OWNER, PLAN, URL, begun, draft, ended, found, opened
from tests.journal_worker import ROWS_EACH, at_once

FIRST_SCHEMA = 1
OLD = "gen_0123456789abcdef0123456789abcdef"
OLD_AT = "2026-01-02T03:04:05.678+00:00"
OLD_PICTURES = [
    {"url": URL, "sha256": "one", "width": 1024},
    {"media_id": "media-1", "model": "first"},
    {"url": "https://example.com/b.png", "variants": [
        {"format": "webp", "url": "https://example.com/b.webp", "sha256": "two"},
        {"format": "png", "url": "https://example.com/b.png", "sha256": "three"},
    ]},
]  # fmt: skip


Use = Callable[[Journal], Awaitable[object]]
USES: Mapping[str, Use] = {
    "newest": lambda journal: journal.newest(1),
    "begin": lambda journal: journal.begin("gen_2", ASK, PLAN, [draft()], None, OWNER),
    "note_import": lambda journal: journal.note_import("library", "sha", "media-1"),
    "hash_of": lambda journal: journal.hash_of(URL, LOCAL),
}


def left_by(home: Path, version: int, then: str = "") -> Path:
    """Make a journal as an imagewright of an earlier, or a later, day left it."""
    home.mkdir(exist_ok=True)
    path = home / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as db:
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        db.executescript(f"{then}; PRAGMA user_version = {version}")
    return path


def left_by_the_first(home: Path) -> None:
    """Make a journal of the first schema: a generation of three pictures, an older one, and an import."""
    path = left_by(home, FIRST_SCHEMA)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        generation = "INSERT INTO generations VALUES (?, ?, ?, ?)"
        db.execute(generation, (OLD, OLD_AT, "depicta", json.dumps(OLD_PICTURES)))
        db.execute(generation, ("gen_1", "2026-01-01T00:00:00.000+00:00", "theo", "[]"))
        db.execute("INSERT INTO imports VALUES ('library', 'sha', 'media-9', ?)", (OLD_AT,))


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another connection finds in a file."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


async def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Eight of them make the file and write into it: every entry is there."""
    written = await asyncio.wait_for(at_once("note", tmp_path / "home", 8), timeout=60)

    names = [f"{name}{number}" for name in "abcdefgh" for number in range(ROWS_EACH)]
    async with opened(tmp_path / "home") as journal:
        kept = [await journal.pictures(f"gen_{name}") for name in names]
        noted = [await journal.imported("library", name) for name in names]
    assert [ROWS_EACH] * 8 == written
    assert [f"https://example.com/{name[0]}/{name[1:]}.png" for name in names] == [one[1][0].url for one in kept if one]
    assert [f"media-{name}" for name in names] == noted


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
async def test_an_older_file_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    """From every version there ever was, an empty file included."""
    path = left_by(tmp_path, version)

    async with opened(tmp_path) as journal:
        await begun(journal, "gen_1")
        await ended(journal, "gen_1", "done")

        assert await journal.pictures("gen_1") is not None
    assert [(len(MIGRATIONS),)] == asked(path, "PRAGMA user_version")


async def test_what_the_first_schema_held_is_still_there(tmp_path: Path) -> None:
    """Every generation with its pictures and their addresses, done and delivered, and every import."""
    left_by_the_first(tmp_path)
    pictures = (
        Picture(URL, sha256="one", width=1024),
        Picture(media_id="media-1", model="first"),
        Picture("https://example.com/b.png", variants=(
            Variant("webp", "https://example.com/b.webp", "two"), Variant("png", "https://example.com/b.png", "three"),
        )),
    )  # fmt: skip

    async with opened(tmp_path) as journal:
        entry = await found(journal, OLD)
        urls = [URL, "https://example.com/b.png", "https://example.com/b.webp", "https://example.com/c.png"]
        hashes = [await journal.hash_of(url, LOCAL) for url in urls]

        assert ("depicta", pictures) == await journal.pictures(OLD)
        assert ("theo", ()) == await journal.pictures("gen_1")
        assert "media-9" == await journal.imported("library", "sha")
        assert [OLD, "gen_1"] == [one.generation_id for one in await journal.newest(9)]
        assert [] == await journal.open_entries()
    assert ["one", None, None, None] == hashes
    assert ("done", OLD_AT, True, None, ()) == (
        entry.status, entry.at.isoformat(timespec="milliseconds"), entry.delivered, entry.owner, entry.calls,
    )  # fmt: skip
    assert (Ask(ImageRequest(""), "depicta"), Plan("depicta", ImageRequest(""), (), "")) == (entry.ask, entry.plan)
    assert entry.result is not None
    assert (OLD, "done", 3, pictures) == (
        entry.result.generation_id, entry.result.status, entry.result.requested, entry.result.pictures,
    )  # fmt: skip


async def test_what_the_first_schema_held_is_no_repetition(tmp_path: Path) -> None:
    """Nobody knows any more what was asked for then."""
    left_by_the_first(tmp_path)

    async with opened(tmp_path) as journal:
        assert await journal.find(Ask(ImageRequest(""), "depicta")) is None
        await begun(journal, "gen_2", Ask(ImageRequest(""), "depicta"))


@pytest.mark.parametrize("use", list(USES.values()), ids=list(USES))
async def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path, use: Use) -> None:
    """Two versions of imagewright on one machine: the older one says which is to be updated, and writes nothing."""
    path = left_by(tmp_path, len(MIGRATIONS), "CREATE TABLE more (at TEXT) STRICT")
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()

    async with opened(tmp_path) as journal:
        with pytest.raises(SettingsError) as caught:
            await use(journal)

    assert f"{path} was written by a newer imagewright and is left as it is. Update this one." == str(caught.value)
    assert before == path.read_bytes()
