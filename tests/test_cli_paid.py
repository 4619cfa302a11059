"""The command line and what is being paid for: pictures are waited for, fetched again, and never lost in silence."""

import asyncio
import io
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import httpx2
import pytest
from mcp.types import ElicitRequestFormParams

from imagewright import client
from tests.agent import KEYS
from tests.sandbox.posteverywhere_client import picture
from tests.scripted import Answer, Scripted

no_ctrl_c = pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")


async def start(home: Path, heydecks: Scripted, *arguments: str, **environ: str) -> Process:
    """Start `imagewright generate` in a process group of its own, as a shell does."""
    return await run(home, heydecks, "generate", "a fox", *arguments, **environ)


async def run(home: Path, heydecks: Scripted, *arguments: str, **environ: str) -> Process:
    """Start `imagewright` with these arguments, in the same way."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    access = {"HEYDECKS_API_KEY": KEYS["heydecks"], "IMAGEWRIGHT_HEYDECKS_BASE_URL": heydecks.url}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "imagewright", *arguments),
        env={**bare, "IMAGEWRIGHT_HOME": str(home / "home"), **access, **environ},
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
    assert "`imagewright get` tells how the call stands, and `imagewright recover` looks up" in stderr.decode()
    assert "Traceback" not in stderr.decode()
    assert ["/v1/images"] == heydecks.paths


@pytest.mark.skipif(sys.platform != "linux", reason="the server's process is found in /proc")
async def test_a_server_that_dies_leaves_the_call_to_recover(tmp_path: Path, heydecks: Scripted) -> None:
    """Killed while the provider draws: code 4 with the way back, and the journal knows what is at risk."""
    heydecks.answer(Answer(200, ending="drip_head"))

    async with asyncio.timeout(60):
        process = await start(tmp_path, heydecks)
        await heydecks.dripping.wait()
        (server,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
        os.kill(int(server), signal.SIGKILL)
        _, stderr = await process.communicate()
        recover = await run(tmp_path, heydecks, "recover")
        recovered, _ = await recover.communicate()

    assert (4, 4) == (process.returncode, recover.returncode)
    assert "The server ended before its answer" in stderr.decode()
    assert "`imagewright recover` looks up what became of it." in stderr.decode()
    assert "Traceback" not in stderr.decode()
    assert "is still unknown. HeyDecks has no way to look a call up. At risk: ~8 credits." in recovered.decode()


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (None, 0, "HeyDecks is done"),
        (Answer(ending="close"), 4, "Status unknown"),
        (Answer(400, {}), 1, "Status failed"),
    ],
)
async def test_a_call_that_is_handed_over_is_waited_for(
    tmp_path: Path, heydecks: Scripted, answer: Answer | None, code: int, told: str
) -> None:
    """The server tells its id before the end: the command goes on asking, and ends as the call does."""
    if answer:
        heydecks.answer(answer, path="/v1/images")
    else:
        draws(heydecks, "fox.png")
    heydecks.answer(Answer(200, picture()), path="/fox.png")
    heydecks.answer(Answer(200), path="/go-on")
    heydecks.hold_until(2)

    async with asyncio.timeout(60):
        process = await start(tmp_path, heydecks, IMAGEWRIGHT_HANDOVER_SECONDS="1")
        await hears(process, "goes on, and is waited for. `imagewright get` tells how it stands.")
        async with httpx2.AsyncClient() as http:
            await http.get(f"{heydecks.url}/go-on")
        _, stderr = await process.communicate()

    assert code == process.returncode
    assert told in stderr.decode()
    assert 1 == heydecks.paths.count("/v1/images")
    assert [picture()] * (code == 0) == [file.read_bytes() for file in tmp_path.glob("a-fox-*.png")]


async def test_the_same_request_id_is_paid_once(tmp_path: Path, heydecks: Scripted) -> None:
    """The second command gets the picture of the first; other arguments under that id are wrong use."""
    draws(heydecks, "fox.png")
    heydecks.answer(*[Answer(200, picture())] * 2, path="/fox.png")

    codes: list[int | None] = []
    for arguments in ((), (), ("--count", "2")):
        process = await start(tmp_path, heydecks, "--request-id", "one", *arguments)
        await process.communicate()
        codes.append(process.returncode)

    assert [0, 0, 2] == codes
    assert 1 == heydecks.paths.count("/v1/images")


async def test_get_tells_how_the_newest_stands_and_saves_it(tmp_path: Path, heydecks: Scripted) -> None:
    """Without an id, from a new server; the call is not made again."""
    draws(heydecks, "fox.png")
    heydecks.answer(*[Answer(200, picture())] * 2, path="/fox.png")
    await (await start(tmp_path, heydecks)).communicate()

    process = await run(tmp_path, heydecks, "get", "--out", "pictures", "--json")
    stdout, _ = await process.communicate()

    facts = json.loads(stdout)
    assert (0, "done") == (process.returncode, facts["status"])
    assert [picture()] == [(tmp_path / file).read_bytes() for file in facts["files"]]
    assert 1 == heydecks.paths.count("/v1/images")


@pytest.mark.parametrize(("arguments", "told"), [((), "Nothing was generated yet."), (("gen_1",), "no generation")])
async def test_get_of_what_is_not_there_is_wrong_use(
    tmp_path: Path, heydecks: Scripted, arguments: tuple[str, ...], told: str
) -> None:
    """One line on stderr, code 2."""
    process = await run(tmp_path, heydecks, "get", *arguments)
    stdout, stderr = await process.communicate()

    assert (2, b"", 1) == (process.returncode, stdout, len(stderr.splitlines()))
    assert told in stderr.decode()


@pytest.mark.parametrize(
    ("name", "said", "action", "content"),
    [
        ("publish", "y\n", "accept", {"publish": True}),
        ("draw", "Yes\n", "accept", {"draw": True}),
        ("draw", "\n", "decline", None),
        ("charged", "y\n", "accept", {"charged": True}),
        ("charged", "n\n", "accept", {"charged": False}),
        ("charged", "\n", "decline", None),
        ("charged", "", "decline", None),
        ("charged", "perhaps\n", "decline", None),
    ],
)
async def test_a_question_of_the_server_is_put_to_the_person(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str, action: str, content: dict[str, bool] | None
) -> None:
    """Any yes or no; "no, it was not charged" is an answer, and silence is none."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    schema = {"type": "object", "properties": {name: {"type": "boolean"}}}

    answer = await client._ask(None, ElicitRequestFormParams(message="So?", requested_schema=schema))  # pyright: ignore[reportPrivateUsage]  # a terminal cannot be had here

    assert (action, content) == (answer.action, answer.content)


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
    for_server_and_command = [Answer(200, b"<html>soon</html>")] * 2
    heydecks.answer(*for_server_and_command, path="/fox.png")

    process = await start(tmp_path, heydecks, "--out", "pictures")
    _, stderr = await process.communicate()

    assert 5 == process.returncode
    assert "What came is no picture." in stderr.decode()
    assert not (tmp_path / "pictures").exists()
