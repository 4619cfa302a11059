"""The library of pictures: files by the hash of their content, whole or not there."""

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from imagewright.errors import SettingsError
from imagewright.library import Files
from tests.agent import Agent, Era
from tests.desk import picture
from tests.kept import BIG, draw_in_turn, drawn, draws, names, on_disk, read, serves, settled, sha256_of, shelf
from tests.scripted import Scripted


@pytest.fixture
def era() -> Era:
    """One era: files lie below the protocol."""
    return "2026-07-28"


async def test_a_file_is_named_by_its_content(agent: Agent, heydecks: Scripted) -> None:
    """The bytes are there as they came, under their hash, with the usual end of such a name."""
    files = {"png": picture(), "jpg": picture("JPEG"), "webp": picture("WEBP"), "avif": picture("AVIF")}
    draws(heydecks, *files.values())
    async with agent.connect() as client:
        await drawn(client, count=4)

    assert sorted(f"{sha256_of(data)}.{end}" for end, data in files.items()) == on_disk(agent)
    folder = Path(agent.environ["IMAGEWRIGHT_HOME"]) / "pictures"
    for end, data in files.items():
        assert data == (folder / sha256_of(data)[:2] / f"{sha256_of(data)}.{end}").read_bytes()


async def test_the_same_picture_is_one_file(agent: Agent, heydecks: Scripted) -> None:
    """Two generations that bring the same bytes share them."""
    async with agent.connect() as client:
        one, two = await draw_in_turn(client, heydecks, [BIG[0], BIG[0]])

    assert one.structured["images"][0]["path"] == two.structured["images"][0]["path"]
    assert names(BIG[:1]) == on_disk(agent)


async def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    """Servers that keep the same picture at the same moment do not disturb each other."""
    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(Files(tmp_path).keep, BIG[0], "png")

    assert names(BIG[:1]) == [one.name for one in tmp_path.rglob("*") if one.is_file()]
    assert BIG[0] == await Files(tmp_path).read(sha256_of(BIG[0]))


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.fsync", "pathlib.Path.replace"])
async def test_a_full_disk_leaves_nothing_half_written(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whichever step of a write fails, the answer comes and no file is left; once there is room, the picture is."""

    def full(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    (url,) = draws(heydecks, picture())
    with monkeypatch.context() as disk:
        disk.setattr(step, full)
        async with agent.connect() as client:
            made = await drawn(client)
        left = on_disk(agent)
    serves(heydecks, url.removeprefix(heydecks.url), picture())
    monkeypatch.setattr("imagewright.keeping.now", lambda: datetime.now(UTC) + timedelta(minutes=1))
    monkeypatch.setattr("imagewright.keeping._FIRST_ANSWERS_SECONDS", 0.0)
    async with agent.connect() as client:
        await settled(client, made)

    assert [] == left
    assert ["waiting"] == [one["kept"] for one in made.structured["images"]]
    assert names([picture()]) == on_disk(agent)


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error says which folder, why, and what to set."""
    (tmp_path / "pictures").write_bytes(b"a file is in the way")

    with pytest.raises(SettingsError, match=r"pictures cannot be written .*IMAGEWRIGHT_HOME"):
        await Files(tmp_path).keep(picture(), "png")


async def test_a_killed_writer_leaves_no_picture(tmp_path: Path) -> None:
    """What a process was killed in the middle of is not there, and what it left is swept up by the next write."""
    work = (
        "import anyio, os, signal, sys, pathlib; from imagewright import library\n"
        "library.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "data = pathlib.Path(sys.argv[2]).read_bytes()\n"
        "anyio.run(library.Files(pathlib.Path(sys.argv[1])).keep, data, 'png')"
    )
    (tmp_path / "data").write_bytes(BIG[0])
    command = [sys.executable, "-c", work, str(tmp_path / "home"), str(tmp_path / "data")]
    done = await anyio.run_process(command, check=False, stdin=subprocess.DEVNULL)
    kept, journal = await shelf(tmp_path / "home", 10_000_000)
    left = await kept.read(sha256_of(BIG[0])), await kept.files.path(sha256_of(BIG[0]))
    await kept.keep(BIG[1])
    await journal.aclose()

    assert done.returncode == -signal.SIGKILL
    assert (None, None) == left
    assert names(BIG[1:2]) == [one.name for one in (tmp_path / "home" / "pictures").rglob("*") if one.is_file()]


async def test_a_changed_file_is_not_handed_out(agent: Agent, heydecks: Scripted) -> None:
    """A file is what its name says or it is not there; fetching it again mends it."""
    async with agent.connect() as client:
        (made,) = await draw_in_turn(client, heydecks, BIG[:1])
        (image,) = made.structured["images"]
        Path(image["path"]).write_bytes(BIG[1])
        with pytest.raises(Exception, match="not kept here"):
            await client.read_resource(image["resource"], cache_mode="bypass")
        await draw_in_turn(client, heydecks, BIG[:1])
        data, _, _ = await read(client, image["resource"])

    assert BIG[0] == data


async def test_a_file_that_somebody_removed_is_gone(agent: Agent, heydecks: Scripted) -> None:
    """The answer does not name a path where nothing is."""
    async with agent.connect() as client:
        (made,) = await draw_in_turn(client, heydecks, BIG[:1])
        Path(made.structured["images"][0]["path"]).unlink()
        found = await settled(client, made)

    assert {"url", "kept"} == set(found.structured["images"][0])
    assert "Picture 1 is not kept here: its file was removed." in found.text


async def test_a_wrong_hash_keeps_nothing(tmp_path: Path) -> None:
    """Neither a file nor a note of one."""
    kept, journal = await shelf(tmp_path, 10_000_000)
    with pytest.raises(ValueError, match="its sha256 differs"):
        await kept.keep(BIG[0], sha256_of(BIG[1]))
    await kept.keep(BIG[0], sha256_of(BIG[0]).upper())
    files = [one.name for one in (tmp_path / "pictures").rglob("*") if one.is_file()]
    await journal.aclose()

    assert names(BIG[:1]) == files
