"""Depicta's stories in the sandbox: a job at once, its pictures one after another, paid when they are there."""

import threading
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import pictures
from tests.sandbox.depicta_client import KEY, draw, error, get, opened, post
from tests.sandbox.rig import FlatPainter, Rig

BOARD: dict[str, Any] = {
    "model": "gemini-2.5-flash-image",
    "prompt": "a quiet afternoon in an old library",
    "style": "watercolour",
    "aspect_ratio": "4:3",
    "characters": [
        {"name": "Aria", "appearance": "a girl with a red scarf"},
        {"name": "Bo", "appearance": "a small robot", "reference_url": "https://example.com/bo.png"},
    ],
    "locations": [{"name": "library", "description": "an old library"}],
    "scenes": [{"prompt": "Aria enters"}, {"prompt": "Bo finds a book"}],
}
_LOOKS = 2000  # each is an answered request, so this is long; a story takes a few dozen


def submit(sandbox: Rig, key: str = KEY, **changes: Any) -> httpx2.Response:
    return post(sandbox, "/v1/generate/story", {**BOARD, **changes}, key)


def ended(sandbox: Rig, job_id: str, key: str = KEY) -> dict[str, Any]:
    """The job of a story once it is over."""
    for _ in range(_LOOKS):
        job: dict[str, Any] = get(sandbox, f"/v1/jobs/{job_id}", key).json()
        if job["status"] in {"completed", "failed"}:
            return job
    raise AssertionError(f"The story {job_id} does not end.")


def told(sandbox: Rig, key: str = KEY, **changes: Any) -> dict[str, Any]:
    return ended(sandbox, submit(sandbox, key, **changes).json()["job_id"], key)


def test_a_story_answers_at_once_with_its_job(sandbox: Rig) -> None:
    """202 with the job and a relative URL to ask at."""
    response = submit(sandbox)

    job_id = response.headers["X-Depicta-Job-Id"]
    ended(sandbox, job_id)
    assert (response.status_code, response.json()) == (
        202,
        {"job_id": job_id, "status": "pending", "poll_url": f"/v1/generate/story/{job_id}"},
    )


def test_both_paths_to_a_story_say_the_same(sandbox: Rig) -> None:
    """The page of each operation shows the same body."""
    job = told(sandbox)

    assert get(sandbox, f"/v1/generate/story/{job['job_id']}").json() == job


def test_a_finished_story_has_scenes_characters_and_locations(sandbox: Rig) -> None:
    """And no single picture; a reference that came with the request has no expiry."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    job = told(sandbox)

    result = job["result"]
    assert (job["scenes_completed"], job["scenes_total"]) == (2, 2)
    assert [(scene["scene"], scene["title"]) for scene in result["scenes"]] == [
        (1, "Aria Enters"),
        (2, "Bo Finds A Book"),
    ]
    assert [(one["name"], one["expires_at"]) for one in result["characters"]] == [
        ("Aria", "2026-06-12T10:00:00Z"),
        ("Bo", None),
    ]
    assert result["characters"][1]["reference_url"] == "https://example.com/bo.png"
    assert result["locations"][0]["name"] == "library"
    assert ("image_url" in result, result["title"]) == (False, "A Quiet Afternoon In An Old")


def test_a_scene_is_a_picture_in_three_formats(sandbox: Rig) -> None:
    """Of the story's ratio; its expiry is that of its links."""
    scene = told(sandbox)["result"]["scenes"][0]

    picture = opened(httpx2.get(scene["formats"]["webp"]["url"]))
    assert (picture.format, picture.width * 3) == ("WEBP", picture.height * 4)
    assert scene["image_url"] == scene["formats"]["png"]["url"]
    assert scene["expires_at"] == scene["formats"]["png"]["expires_at"]


def test_a_story_is_paid_by_the_picture_when_it_is_done(sandbox: Rig) -> None:
    """Two scenes and the portraits of one character and one place."""
    result = told(sandbox)["result"]

    assert sandbox.ledger() == [("depicta", Decimal("-0.192"))]
    assert (result["cost_eur"], result["balance_eur"]) == ("0.192000", "999.808000")


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"model": None}, "model"),
        ({"scenes": []}, "scenes"),
        ({"scenes": [{"title": "no prompt"}]}, "scenes[0].prompt"),
        ({"scenes": [{"prompt": "a"}, {"prompt": "b", "aspect_ratio": "1:1"}]}, "scenes[1].aspect_ratio"),
        ({"characters": []}, "characters"),
        ({"characters": [{"name": "A", "appearance": "a"}] * 11}, "characters"),
        ({"characters": [{"name": "Aria"}]}, "characters[0].appearance"),
        ({"characters": [{"name": "A", "appearance": "a", "states": {"rain": "wet"}}]}, "characters[0].states"),
        ({"locations": [{"name": "library"}]}, "locations[0].description"),
    ],
)
def test_a_wrong_field_of_a_story_is_refused_by_its_path(sandbox: Rig, changes: dict[str, Any], wrong: str) -> None:
    """Overrides by scene or state are not supported yet (the client's tests)."""
    response = submit(sandbox, **changes)

    assert (error(response), list(response.json()["details"])) == ((400, "validation_error"), [wrong])


def test_characters_are_required_but_may_be_null(sandbox: Rig) -> None:
    """The operation page types them as array or null."""
    board = {name: value for name, value in BOARD.items() if name != "characters"}

    assert list(post(sandbox, "/v1/generate/story", board).json()["details"]) == ["characters"]
    assert told(sandbox, characters=None)["status"] == "completed"


def test_overrides_are_taken_where_the_operation_page_is_right(sandbox: Rig) -> None:
    """It describes both."""
    sandbox.switch("depicta", story_overrides="taken")

    job = told(sandbox, scenes=[{"prompt": "a", "aspect_ratio": "1:1"}])

    assert opened(httpx2.get(job["result"]["scenes"][0]["image_url"])).size == (1024, 1024)


def test_a_model_without_turns_tells_no_story(sandbox: Rig) -> None:
    """422 model_not_capable."""
    assert error(submit(sandbox, model="flux")) == (422, "model_not_capable")


@pytest.mark.parametrize(
    ("key", "changes", "code"),
    [
        (KEY, {"scenes": [{"prompt": "forbidden-by-moderation"}]}, "content_rejected"),
        ("dpct_empty000", {}, "insufficient_credits"),
    ],
)
def test_a_story_can_fail_after_it_was_accepted(sandbox: Rig, key: str, changes: dict[str, Any], code: str) -> None:
    """The two codes that the job page names; nothing is charged."""
    job = told(sandbox, key, **changes)

    assert (job["status"], job["error"]["code"], sandbox.ledger()) == ("failed", code, [])


def test_a_scene_is_drawn_with_those_whom_it_names(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A character keeps its looks in every scene, or a story would not hang together."""
    painter = _Listening()
    monkeypatch.setattr(pictures, "load_painter", lambda: painter)
    told(sandbox)

    assert painter.heard[2] == (
        "a girl with a red scarf, Aria enters, a quiet afternoon in an old library, watercolour"
    )


def test_a_partial_story_is_paid_for_what_there_is(sandbox: Rig) -> None:
    """A `partial` fault keeps so many scenes."""
    sandbox.fault("partial", keep=1)

    job = told(sandbox)

    assert (len(job["result"]["scenes"]), job["scenes_completed"], job["result"]["cost_eur"]) == (1, 1, "0.144000")


def test_a_story_whose_process_died_is_finished_by_whoever_asks(sandbox: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute without progress, by the world's clock; however many draw it, it is paid once."""
    stuck = _Stuck()
    monkeypatch.setattr(pictures, "load_painter", lambda: stuck)
    job_id = submit(sandbox).json()["job_id"]
    assert stuck.reached.wait(20)
    monkeypatch.setattr(pictures, "load_painter", FlatPainter)
    before = get(sandbox, f"/v1/jobs/{job_id}").json()["status"]
    sandbox.advance(61)

    job = ended(sandbox, job_id)
    stuck.go.set()

    assert (before, job["status"]) == ("processing", "completed")
    draw(sandbox)  # whatever the first had left to do, it is no charge
    assert [amount for _, amount in sandbox.ledger()] == [Decimal("-0.192"), Decimal("-0.048")]


class _Listening(FlatPainter):
    """A painter that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Image.Image:
        self.heard.append(prompt)
        return super().paint(prompt, width=width, height=height, variant=variant)


class _Stuck(FlatPainter):
    """A painter that waits before its first picture."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()

    def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Image.Image:
        self.reached.set()
        self.go.wait(20)
        return super().paint(prompt, width=width, height=height, variant=variant)
