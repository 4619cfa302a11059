"""Generated images in PostEverywhere's sandbox (developers.posteverywhere.ai/api/generate-image, 2026-04)."""

import io
from decimal import Decimal

import httpx2
import pytest
from PIL import Image

from tests.sandbox.posteverywhere_client import Client, marked
from tests.sandbox.rig import Rig


def test_an_image_has_the_documented_fields_and_no_url(sandbox: Rig) -> None:
    """The 201 sample, field for field: an id to post with, nothing to download."""
    sandbox.freeze("2026-04-10T12:00:00Z")
    asked = {"prompt": "a red fox", "aspect_ratio": "16:9", "model": "nano-banana-pro"}

    response = Client(sandbox).send("POST", "/ai/generate-image", json=asked)

    data = response.json()["data"]
    media_id = data["media_id"]
    assert response.status_code == 201
    assert data == {
        "media_id": media_id,
        "media_ids": [media_id],
        "type": "image",
        "width": 1920,
        "height": 1080,
        "aspect_ratio": "16:9",
        "ai": {"model": "nano-banana-pro", "prompt": "a red fox"},
        "credits_used": 15,
        "credits_remaining": 21_985,
        "created_at": "2026-04-10T12:00:00.000Z",
        "next_step": f'Image generated. Attach it to a post by passing "media_ids": ["{media_id}"] to POST /v1/posts.',
    }


def test_the_older_body_has_model_and_message(sandbox: Rig) -> None:
    """The page before 2026-04-12, and the types of posteverywhere/mcp."""
    client = Client(sandbox)
    client.switch(generate_response="older")

    data = client.post("/ai/generate-image", prompt="a red fox", model="flux-schnell")

    assert list(data) == ["media_id", "model", "aspect_ratio", "credits_used", "credits_remaining", "message"]


@pytest.mark.parametrize(
    ("model", "credits"), [("nano-banana-pro", 15), ("ideogram-v2", 8), ("gemini-3-pro", 5), ("flux-schnell", 1)]
)
def test_each_model_takes_its_own_credits(sandbox: Rig, model: str, credits: int) -> None:  # noqa: A002  # the unit's name
    """The table of models."""
    Client(sandbox).image(model=model)

    assert sandbox.ledger() == [("posteverywhere", Decimal(-credits))]


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4"])
def test_a_picture_is_exactly_its_ratio(sandbox: Rig, ratio: str) -> None:
    """The seven ratios; the file is what the library says it is."""
    client = Client(sandbox)

    media = client.get(f"/media/{client.image(aspect_ratio=ratio)}")

    across, down = map(int, ratio.split(":"))
    picture = Image.open(io.BytesIO(httpx2.get(media["url"]).content))
    assert picture.size == (media["width"], media["height"])
    assert picture.width * down == picture.height * across


def test_model_and_ratio_have_documented_defaults(sandbox: Rig) -> None:
    """Neither is required: nano-banana-pro, 1:1."""
    data = Client(sandbox).post("/ai/generate-image", prompt="a red fox")

    assert (data["ai"]["model"], data["aspect_ratio"]) == ("nano-banana-pro", "1:1")


@pytest.mark.parametrize(("reading", "expected"), [("gemini-3-pro", 201), ("required", 400)])
def test_the_default_model_can_be_read_otherwise(sandbox: Rig, reading: str, expected: int) -> None:
    """posteverywhere/mcp since 1.3.0 sends gemini-3-pro; the oldest page requires a model."""
    client = Client(sandbox)
    client.switch(default_model=reading)

    assert client.send("POST", "/ai/generate-image", json={"prompt": "a red fox"}).status_code == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": "x" * 2001},
        {"prompt": 7},
        {"aspect_ratio": "2:3"},
        {"model": "dall-e"},
        {"n": 2},
        {"seed": 1},
    ],
)
def test_what_the_page_does_not_know_is_refused_without_charge(sandbox: Rig, wrong: dict[str, object]) -> None:
    """The 400: invalid prompt, ratio or model; and fields that are on no page."""
    refusal = Client(sandbox).refusal("POST", "/ai/generate-image", json={"prompt": "a red fox", **wrong})

    assert (refusal, sandbox.ledger()) == ((400, "validation_error"), [])


def test_a_wrong_ratio_gets_the_sample_of_the_page(sandbox: Rig) -> None:
    """The 400 sample: message and code, without `retryable`."""
    response = Client(sandbox).send("POST", "/ai/generate-image", json={"prompt": "a", "aspect_ratio": "2:3"})

    assert response.json()["error"] == {
        "message": "Invalid aspect ratio. Must be one of: 1:1, 16:9, 9:16, 4:3, 3:4, 4:5, 5:4",
        "code": "validation_error",
    }


def test_too_few_credits_get_the_sample_of_the_page(sandbox: Rig) -> None:
    """The 402 sample, for a key that starts with 3 credits."""
    response = Client(sandbox, marked("0003")).send("POST", "/ai/generate-image", json={"prompt": "a red fox"})

    assert response.status_code == 402
    assert response.json()["error"] == {
        "message": "Not enough credits. This model costs 15 credits but you have 3 available.",
        "code": "insufficient_credits",
        "details": {"credits_required": 15, "credits_available": 3, "model": "nano-banana-pro"},
    }


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refused_prompt_costs_nothing(sandbox: Rig, status: int) -> None:
    """The moderation word; what the service answers is documented nowhere."""
    client = Client(sandbox)
    client.switch(refusal_status=str(status))

    response = client.send("POST", "/ai/generate-image", json={"prompt": "forbidden-by-moderation"})

    assert (response.status_code, sandbox.ledger()) == (status, [])


def test_a_failed_image_is_refunded(sandbox: Rig) -> None:
    """A `partial` fault that keeps nothing: charged, then given back."""
    sandbox.fault("partial", keep=0)

    refusal = Client(sandbox).refusal("POST", "/ai/generate-image", json={"prompt": "a red fox"})

    assert refusal == (500, "internal_error")
    assert sandbox.ledger() == [("posteverywhere", Decimal(-15)), ("posteverywhere", Decimal(15))]


def test_a_failed_image_can_cost_its_credits(sandbox: Rig) -> None:
    """The other reading of what no page says."""
    client = Client(sandbox)
    client.switch(failed_generation="charged")

    client.refusal("POST", "/ai/generate-image", json={"prompt": "forbidden-by-moderation"})

    assert sandbox.ledger() == [("posteverywhere", Decimal(-15))]


def test_a_generated_image_may_need_a_moment(sandbox: Rig) -> None:
    """Only `next_step` implies that it can be attached at once."""
    sandbox.freeze()
    client = Client(sandbox)
    client.switch(generated_media="processing")
    media_id = client.image()

    before = client.get(f"/media/{media_id}")["status"]
    sandbox.advance(5)

    assert (before, client.get(f"/media/{media_id}")["status"]) == ("processing", "ready")


def test_captions_cost_a_credit_each(sandbox: Rig) -> None:
    """POST /ai/generate-caption (2026-06): as many as asked, within the platform's limit."""
    data = Client(sandbox).post("/ai/generate-caption", topic="summer sale", platform="x", count=3)

    assert (len(data["captions"]), data["credits_used"]) == (3, 3)
    assert sandbox.ledger() == [("posteverywhere", Decimal(-3))]
    assert all(len(caption) <= 280 for caption in data["captions"])


def test_a_tone_of_the_vendors_own_skill_can_be_taken(sandbox: Rig) -> None:
    """posteverywhere/cli 0.3.1 shows a playful tone; no list of tones has it."""
    client = Client(sandbox)
    refusal = client.refusal("POST", "/ai/generate-caption", json={"topic": "sale", "tone": "playful"})
    client.switch(caption_tones="playful_too")

    assert refusal == (400, "validation_error")
    assert client.post("/ai/generate-caption", topic="sale", tone="playful")["tone"] == "playful"
