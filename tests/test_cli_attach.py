"""`imagewright attach` as a person or a script uses it: real processes, the sandbox, a folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

UNKNOWN = "f47ac10b-58cc-4372-a567-0e02b2c3d479"


def imagewright(home: Path, *arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the command without any key, in a folder of its own; there is no terminal to ask at."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    return subprocess.run(
        [sys.executable, "-m", "imagewright", *arguments],
        env={**bare, "IMAGEWRIGHT_HOME": str(home), **environ},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def facts_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Return what a command with --json printed, which must have ended well."""
    assert 0 == done.returncode, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def drawn(home: Path, provider: str) -> str:
    """Draw a picture and return its generation_id."""
    generation_id: str = facts_of(imagewright(home, "generate", "a fox", "--provider", provider, "--json"))[
        "generation_id"
    ]
    return generation_id


def test_what_was_generated_is_attached_to_a_draft(tmp_path: Path) -> None:
    """One command draws, the next one attaches by generation_id; the answer names post, status and pictures."""
    done = imagewright(tmp_path, "attach", drawn(tmp_path, "depicta"), "--content", "Launch day")

    assert 0 == done.returncode, done.stderr
    assert done.stdout.startswith("post_id ")
    assert ": draft, at PostEverywhere." in done.stdout
    assert "media_ids on it: " in done.stdout
    assert "sandbox" in done.stdout
    assert "1 of 1 pictures are in the library" in done.stderr


def test_a_post_is_scheduled_at_a_local_time(tmp_path: Path) -> None:
    """Accounts by name, a local time with its zone, and the result as JSON."""
    facts = facts_of(
        imagewright(
            tmp_path, "attach", drawn(tmp_path, "theo"), "--content", "Launch day",
            "--account", "x", "--account", "linkedin", "--json",
            "--scheduled-for", "2099-07-01T09:00", "--timezone", "Europe/Berlin",
        )
    )  # fmt: skip

    assert ("scheduled", "2099-07-01T07:00:00.000Z", "Europe/Berlin") == (
        facts["status"], facts["scheduled_for"], facts["timezone"],
    )  # fmt: skip
    assert [2281, 2285] == [one["account_id"] for one in facts["outcomes"]]


def test_a_post_is_made_changed_and_replaced(tmp_path: Path) -> None:
    """A second command adds a picture to the post of the first, a third one puts another in their place."""
    first = facts_of(imagewright(tmp_path, "attach", drawn(tmp_path, "heydecks"), "--json"))
    to_it = ("--post-id", first["post_id"], "--json")
    added = facts_of(imagewright(tmp_path, "attach", drawn(tmp_path, "posteverywhere"), *to_it))
    replaced = facts_of(imagewright(tmp_path, "attach", added["media_ids"][1], "--replace", *to_it))

    assert first["media_ids"] == added["media_ids"][:1]
    assert added["media_ids"][1:] == replaced["media_ids"]
    assert {first["post_id"]} == {added["post_id"], replaced["post_id"]}


def test_publishing_now_needs_somebody_to_ask(tmp_path: Path) -> None:
    """Without a terminal nothing is published, and the refusal names the variable that allows it."""
    done = imagewright(tmp_path, "attach", UNKNOWN, "--account", "x", "--publish-now")

    assert (1, "") == (done.returncode, done.stdout)
    assert "IMAGEWRIGHT_PUBLISH=allow" in done.stderr


def test_publishing_now_is_allowed_by_a_setting(tmp_path: Path) -> None:
    """With IMAGEWRIGHT_PUBLISH=allow the post goes out at once."""
    facts = facts_of(
        imagewright(
            tmp_path, "attach", drawn(tmp_path, "posteverywhere"), "--account", "x", "--content", "Hi",
            "--publish-now", "--json", IMAGEWRIGHT_PUBLISH="allow",
        )
    )  # fmt: skip

    assert "publishing" == facts["status"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((UNKNOWN,), f"Picture {UNKNOWN}: PostEverywhere has no such picture in its library."),
        (("./fox.png",), "Local files are not read"),
        ((UNKNOWN, "--post-id", UNKNOWN), f"PostEverywhere has no post {UNKNOWN}."),
        ((UNKNOWN, "--account", "facebook"), "means more than one account"),
        ((UNKNOWN, "--account", "x", "--scheduled-for", "2020-01-01T09:00:00Z"), "in the past"),
        ((UNKNOWN, "--scheduled-for", "2099-01-31T09:00:00Z", "--publish-now"), "not allowed with"),
        ((), "IMAGE"),
    ],
)
def test_what_cannot_be_attached_says_why(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """What was asked for wrongly ends in code 2, with the reason on stderr and nothing on stdout."""
    done = imagewright(tmp_path, "attach", *arguments)

    assert (2, "") == (done.returncode, done.stdout)
    assert said in done.stderr


def test_an_error_is_an_object_for_scripts(tmp_path: Path) -> None:
    """With --json the error is on stdout, with its code and what it cost."""
    done = imagewright(tmp_path, "attach", UNKNOWN, "--json")

    error = json.loads(done.stdout)["error"]
    assert 2 == done.returncode
    assert ("invalid_request", "no") == (error["code"], error["charged"])


def test_an_unreachable_provider_ends_in_code_one(tmp_path: Path) -> None:
    """Nobody answers: nothing was done, and it is no fault of the command."""
    key = "pe_live_" + "5a" * 16
    nowhere = "http://127.0.0.1:9"
    done = imagewright(
        tmp_path, "attach", UNKNOWN, POSTEVERYWHERE_API_KEY=key, IMAGEWRIGHT_POSTEVERYWHERE_BASE_URL=nowhere
    )

    assert (1, "") == (done.returncode, done.stdout)
    assert "PostEverywhere did not answer" in done.stderr


def test_without_a_key_for_posts_the_variable_is_named(tmp_path: Path) -> None:
    """With another provider's key alone there is no sandbox and nobody to post at."""
    done = imagewright(tmp_path, "attach", UNKNOWN, HEYDECKS_API_KEY="hd_live_x")

    assert (2, "") == (done.returncode, done.stdout)
    assert "POSTEVERYWHERE_API_KEY" in done.stderr


def test_help_tells_what_attach_takes(tmp_path: Path) -> None:
    """--help names the pictures, the post, the time, and that nothing is published by itself."""
    told = imagewright(tmp_path, "attach", "--help").stdout

    assert all(word in told for word in ("IMAGE", "--post-id", "--scheduled-for", "--publish-now", "--replace"))
    assert "Nothing is published unless you say when" in told
