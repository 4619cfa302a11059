"""The command line and what is being paid for: pictures are waited for, fetched again, and never lost in silence."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import httpx2
import pytest

from tests.agent import KEYS
from tests.sandbox.posteverywhere_client import picture
from tests.scripted import Answer, Scripted

no_ctrl_c = pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")


async def start(home: Path, heydecks: Scripted, *arguments: str) -> Process:
    """Start `imagewright generate` in a process group of its own, as a shell does."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    environ = {"HEYDECKS_API_KEY": KEYS["heydecks"], "IMAGEWRIGHT_HEYDECKS_BASE_URL": heydecks.url}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "imagewright", "generate", "a fox", *arguments),
        env={**bare, "IMAGEWRIGHT_HOME": str(home / "home"), **environ},
        cwd=home,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )


async def hears(process: Process, words: str) -> None:
    """Wait until it says this on stderr."""
    assert process.stderr
    while words not in (line := (await process.stderr.readline()).decode()):
        assert line, f"it ended without saying {words!r}"


def press_ctrl_c(process: Process) -> None:
    """Interrupt it as a terminal does: every process of its group."""
    os.killpg(process.pid, signal.SIGINT)


def draws(heydecks: Scripted, *names: str) -> None:
    """Let the next call bring pictures at these paths of the same server."""
    heydecks.answer(Answer(200, {"images": [{"url": f"{heydecks.url}/{name}"} for name in names]}), path="/v1/images")


@no_ctrl_c
async def test_one_ctrl_c_waits_for_the_paid_call(tmp_path: Path, heydecks: Scripted) -> None:
    """The call is under way: its picture still comes, is saved, and the command ends well."""
    draws(heydecks, "fox.png")
    heydecks.answer(Answer(200, picture()), path="/fox.png")
    heydecks.answer(Answer(200), path="/go-on")
    heydecks.hold_until(2)

    async with asyncio.timeout(60):
        process = await start(tmp_path, heydecks)
        await hears(process, "HeyDecks is drawing")
        press_ctrl_c(process)
        await hears(process, "waiting for it. Ctrl-C again gives it up.")
        async with httpx2.AsyncClient() as http:
            await http.get(f"{heydecks.url}/go-on")
        await process.communicate()

    assert 0 == process.returncode
    assert [picture()] == [file.read_bytes() for file in tmp_path.glob("a-fox-*.png")]


@no_ctrl_c
async def test_a_second_ctrl_c_gives_the_call_up_and_says_what_that_means(tmp_path: Path, heydecks: Scripted) -> None:
    """The provider has the order and has not answered: exit code 4, and the advice not to repeat it."""
    heydecks.answer(Answer(200, ending="drip_head"))

    async with asyncio.timeout(60):
        process = await start(tmp_path, heydecks)
        await heydecks.dripping.wait()
        press_ctrl_c(process)
        await hears(process, "Ctrl-C again gives it up.")
        press_ctrl_c(process)
        stdout, stderr = await process.communicate()

    assert (4, b"") == (process.returncode, stdout)
    assert "imagewright: Given up. Do not repeat the call before checking the provider's dashboard" in stderr.decode()
    assert "Traceback" not in stderr.decode()
    assert ["/v1/images"] == heydecks.paths


async def test_a_picture_that_does_not_come_at_once_is_fetched_again(tmp_path: Path, heydecks: Scripted) -> None:
    """It is paid for: two failures of a file server do not lose it."""
    draws(heydecks, "fox.png")
    heydecks.answer(Answer(503), Answer(ending="close"), Answer(200, picture()), path="/fox.png")

    process = await start(tmp_path, heydecks)
    await process.communicate()

    assert 0 == process.returncode
    assert ["/v1/images", *["/fox.png"] * 3] == heydecks.paths
    assert 1 == len(list(tmp_path.glob("a-fox-*.png")))


async def test_a_picture_that_cannot_be_saved_is_told_with_its_url(tmp_path: Path, heydecks: Scripted) -> None:
    """Exit code 5, and in JSON what was saved beside what was not; the call itself is not repeated."""
    draws(heydecks, "fox.png", "gone.png")
    heydecks.answer(Answer(200, picture()), path="/fox.png")
    heydecks.answer(*[Answer(404)] * 3, path="/gone.png")

    process = await start(tmp_path, heydecks, "--count", "2", "--json")
    stdout, stderr = await process.communicate()

    facts = json.loads(stdout)
    (told,) = facts["not_saved"]
    assert 5 == process.returncode
    assert [True] == [(tmp_path / file).exists() for file in facts["files"]]
    assert told.startswith("Picture 2 is drawn but not saved: ")
    assert told.endswith(f" Its URL: {heydecks.url}/gone.png")
    assert f"imagewright: {told}" in stderr.decode()
    assert 1 == heydecks.paths.count("/v1/images")


async def test_what_is_no_picture_is_not_saved_as_one(tmp_path: Path, heydecks: Scripted) -> None:
    """An error page with status 200: exit code 5, and no file."""
    draws(heydecks, "fox.png")
    heydecks.answer(Answer(200, b"<html>soon</html>"), path="/fox.png")

    process = await start(tmp_path, heydecks, "--out", "pictures")
    _, stderr = await process.communicate()

    assert 5 == process.returncode
    assert "What came is no picture." in stderr.decode()
    assert not (tmp_path / "pictures").exists()
