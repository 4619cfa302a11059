"""The command `imagewright gallery` as a person runs it: a real process, a real address, Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from imagewright.cli import main
from imagewright.gallery import serving

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]{43}/")


@contextmanager
def started(home: Path, *arguments: str) -> Generator["subprocess.Popen[str]"]:
    """Run the command with this data folder while the block runs."""
    command = [sys.executable, "-P", "-m", "imagewright", "gallery", "--no-open", *arguments]
    environ = {**os.environ, "IMAGEWRIGHT_HOME": str(home), "IMAGEWRIGHT_SANDBOX": "1"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: "subprocess.Popen[str]") -> str:
    """The first line that a command prints."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_the_command_prints_an_address_that_answers(tmp_path: Path) -> None:
    """One line on stdout, which a script can read: the page is there as soon as it is printed."""
    with started(tmp_path) as process:
        url = line_of(process)
        answer = httpx2.get(url)

        assert ADDRESS.fullmatch(url)
        assert (200, True) == (answer.status_code, "<title>Your pictures" in answer.text)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_in_silence(tmp_path: Path) -> None:
    """No stack, nothing more on stdout, and the path that nobody may know is not on stderr, which gets logged."""
    with started(tmp_path) as process:
        url = line_of(process)
        httpx2.get(url)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)

    assert (0, "") == (process.returncode, out)
    assert ["imagewright: the gallery is open to whoever knows this address (Ctrl-C ends it)."] == err.splitlines()
    assert url.split("/")[3] not in err


def test_it_takes_the_port_that_it_is_given(tmp_path: Path) -> None:
    """And says which one is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-P", "-m", "imagewright", "gallery", "--no-open", "--port", str(port)]
        done = subprocess.run(
            command,
            env={**os.environ, "IMAGEWRIGHT_HOME": str(tmp_path)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert f"could not start on port {port}" in done.stderr
    assert "--port N" in done.stderr


def test_looking_makes_no_files(tmp_path: Path) -> None:
    """The gallery reads: where nothing was drawn, it leaves nothing."""
    with started(tmp_path) as process:
        url = line_of(process)
        httpx2.get(f"{url}gallery.json")
        httpx2.get(f"{url}spend.json")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(("arguments", "opened"), [([], 1), (["--no-open"], 0)])
def test_the_browser_is_opened_unless_it_is_not_wanted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    opened: int,
) -> None:
    """With the very address that is printed."""
    seen: list[str] = []
    asked = threading.Event()

    def browse(url: str) -> bool:
        seen.append(url)
        asked.set()
        return True

    def run(gallery: serving.Serving) -> None:
        gallery.close()
        assert not opened or asked.wait(10)

    monkeypatch.setenv("IMAGEWRIGHT_HOME", str(tmp_path))
    monkeypatch.setattr(webbrowser, "open", browse)
    monkeypatch.setattr(serving.Serving, "run", run)

    assert 0 == main(["gallery", *arguments])
    printed = capsys.readouterr().out.splitlines()
    assert 1 == len(printed)
    assert printed * opened == seen
