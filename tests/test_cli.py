"""The command line as a person or a script uses it: real processes, the sandbox, real files."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from imagewright import __version__


def imagewright(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in an empty environment of its own; as a command, it does not look for modules in its folder."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "imagewright", *arguments],
        env={**bare, "IMAGEWRIGHT_HOME": str(home), **environ},
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def is_square(file: Path) -> bool:
    """Whether a picture file is as wide as high."""
    with Image.open(file) as image:
        return image.width == image.height


def test_generate_saves_real_pictures(tmp_path: Path) -> None:
    """Two pictures of the ratio asked for lie in the folder, and each is named in the answer; progress is on stderr."""
    done = imagewright(
        tmp_path, "generate", "A red fox!", "--count", "2", "--aspect-ratio", "1:1", "--out", "here/pictures"
    )
    files = sorted((tmp_path / "here" / "pictures").iterdir())

    assert 0 == done.returncode, done.stderr
    assert 2 == len(files)
    assert all(file.name.startswith("a-red-fox-") and file.name in done.stdout for file in files)
    assert all(is_square(file) for file in files)
    assert "sandbox" in done.stdout
    assert "drawing" in done.stderr


def test_generate_speaks_json(tmp_path: Path) -> None:
    """With --json stdout is the result as an object, the files included."""
    done = imagewright(tmp_path, "generate", "a fox", "--provider", "depicta", "--json")
    facts = json.loads(done.stdout)

    assert ("depicta", "done") == (facts["provider"], facts["status"])
    assert [True] == [(tmp_path / file).exists() for file in facts["files"]]


def test_a_media_id_is_an_answer_without_a_file(tmp_path: Path) -> None:
    """PostEverywhere keeps the picture: the command prints its media_id and ends well."""
    done = imagewright(tmp_path, "generate", "a fox", "--provider", "posteverywhere", "--out", "pictures")

    assert 0 == done.returncode
    assert "media_ids: " in done.stdout
    assert not (tmp_path / "pictures").exists()


def test_a_dry_run_draws_nothing(tmp_path: Path) -> None:
    """--dry-run prints the plan, saves no file and starts no sandbox."""
    done = imagewright(tmp_path, "generate", "a fox", "--dry-run", "--count", "7", "--out", "pictures")

    assert 0 == done.returncode
    assert "Dry run: 7 pictures by HeyDecks in 2 calls. Cost 56 credits (estimated)." in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("generate", "a fox", "--provider", "bing"), 2, "There is no provider"),
        (("generate", ""), 2, "The prompt is empty"),
        (("generate", "a fox", "--count", "99"), 2, "count takes at most 24, not “99”."),
        (("generate", "a fox", "--provider", "heydecks", "--size", "2K"), 2, "HeyDecks has no choice of size."),
        (("models", "--provider", "bing"), 2, "There is no provider"),
        (("generate", "a fox", "--count", "many"), 2, "--count"),
        (("generate", "forbidden-by-moderation", "--provider", "theo"), 1, "moderation refused"),
        (("draw",), 2, "invalid choice"),
    ],
)
def test_what_cannot_be_done_says_why_and_ends_in_its_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Errors go to stderr, nothing to stdout, and the exit code tells a script what happened."""
    done = imagewright(tmp_path, *arguments)

    assert (code, "") == (done.returncode, done.stdout)
    assert said in done.stderr


def test_a_wrong_setting_ends_in_code_two(tmp_path: Path) -> None:
    """A wrong variable is one line on stderr for every command."""
    done = imagewright(tmp_path, "models", IMAGEWRIGHT_PROVIDERS="bing")

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert "IMAGEWRIGHT_PROVIDERS" in done.stderr


def test_a_provider_without_its_key_ends_in_code_two(tmp_path: Path) -> None:
    """What is missing is a setting: its variable is named."""
    done = imagewright(tmp_path, "generate", "a fox", "--provider", "depicta", HEYDECKS_API_KEY="hd_live_x")

    assert (2, "") == (done.returncode, done.stdout)
    assert "Set DEPICTA_API_KEY" in done.stderr


@pytest.mark.parametrize("folder", ["taken", "taken/pictures"])
def test_a_folder_that_takes_no_file_is_told_before_anything_is_sent(tmp_path: Path, folder: str) -> None:
    """A file is where the folder should be: one line, code 2, and no server was started to draw."""
    (tmp_path / "taken").touch()

    done = imagewright(tmp_path, "generate", "a fox", "--out", folder)

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert "Name another folder with --out. Nothing was sent." in done.stderr
    assert ["taken"] == [one.name for one in tmp_path.iterdir()]


@pytest.mark.parametrize("command", [("generate", "a fox", "--dry-run"), ("models",), ("attach", "x")])
def test_no_module_of_the_current_folder_is_imported(tmp_path: Path, command: tuple[str, ...]) -> None:
    """The server holds the keys: a stray anyio.py must not run in it."""
    (tmp_path / "anyio.py").write_text("import pathlib; pathlib.Path('it-ran').touch()", "utf-8")

    done = imagewright(tmp_path, *command)

    assert "Traceback" not in done.stderr
    assert not (tmp_path / "it-ran").exists()


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    """The port and what to do, and no stack."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = imagewright(tmp_path, "sandbox", "--port", str(port))

    assert (2, "", 1) == (done.returncode, done.stdout, len(done.stderr.splitlines()))
    assert f"could not start on port {port}" in done.stderr
    assert "Choose another port with --port N" in done.stderr


@pytest.mark.parametrize("port", ["65536", "-1", "many"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    """Out of range, or no number at all: what it takes, in one line under the usage."""
    done = imagewright(tmp_path, "sandbox", "--port", port)

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.splitlines()[-1].endswith(f"argument --port: a port is 0 to 65535, not {port}")
    assert "Traceback" not in done.stderr


def test_an_unreachable_provider_is_not_charged(tmp_path: Path) -> None:
    """A refused connection ends in code 1: nothing was sent."""
    done = imagewright(
        tmp_path, "generate", "a fox", HEYDECKS_API_KEY="hd_live_x", IMAGEWRIGHT_HEYDECKS_BASE_URL="http://127.0.0.1:9"
    )

    assert 1 == done.returncode
    assert "Nothing was sent or charged" in done.stderr


def test_models_lists_every_provider(tmp_path: Path) -> None:
    """The list names all four, as text and as JSON."""
    text = imagewright(tmp_path, "models")
    listed = imagewright(tmp_path, "models", "--json", "--provider", "posteverywhere")

    assert all(slug in text.stdout for slug in ("heydecks", "theo", "posteverywhere", "depicta"))
    assert {"posteverywhere"} == {row["provider"] for row in json.loads(listed.stdout)["models"]}


def test_the_version_is_told(tmp_path: Path) -> None:
    """--version prints name and version."""
    assert f"imagewright {__version__}\n" == imagewright(tmp_path, "--version").stdout


def test_help_tells_the_commands_and_the_exit_codes(tmp_path: Path) -> None:
    """--help names every command and what each exit code means."""
    told = imagewright(tmp_path, "--help").stdout

    assert all(
        word in told
        for word in ("serve", "generate", "models", "sandbox", "exit codes:", "4  a call may", "5  a picture was")
    )
