"""Theo in the sandbox, as its documentation describes it (docs.hitheo.ai)."""

import io
import json
import re
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.sandbox.rig import KEYS, Rig

KEY = KEYS["theo"]


def draw(sandbox: Rig, key: str | None = KEY, **body: Any) -> httpx2.Response:
    return sandbox.send("POST", "/theo/api/v1/images", key, json={"prompt": "a red fox", **body})


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_an_answer_has_the_documented_fields(sandbox: Rig) -> None:
    """/api-reference/images/generate, sample and all; the prompt comes back longer than it was sent."""
    sandbox.freeze("2026-04-10T12:00:00Z")

    body = draw(sandbox, style="photorealistic", aspect_ratio="1:1", count=2).json()

    assert re.fullmatch("img_[a-z0-9]{12}", body["id"])
    assert (body["created"], body["usage"]) == ("2026-04-10T12:00:00Z", {"cost_cents": 0.08})
    assert [set(image) for image in body["images"]] == [{"url", "engine", "model", "prompt"}] * 2
    assert body["images"][0]["prompt"] == "a red fox Style: photorealistic. Aspect ratio: 1:1."
    assert (body["images"][1]["engine"], body["images"][1]["model"]) == ("theo-vision", "theo-1-create")


def test_a_plain_prompt_is_echoed_as_it_is(sandbox: Rig) -> None:
    """What is echoed without style and ratio is nowhere said."""
    assert draw(sandbox).json()["images"][0]["prompt"] == "a red fox"


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9"])
def test_a_picture_is_a_png_of_exactly_its_ratio(sandbox: Rig, ratio: str) -> None:
    """The page gives examples of ratios and no list."""
    url = draw(sandbox, aspect_ratio=ratio).json()["images"][0]["url"]

    picture = Image.open(io.BytesIO(httpx2.get(url).content))

    across, down = map(int, ratio.split(":"))
    assert (picture.format, picture.width * down) == ("PNG", picture.height * across)


def test_a_cost_is_a_fraction_of_a_cent_and_leaves_the_balance(sandbox: Rig) -> None:
    """`cost_cents` of the sample is a float, for the whole request; 1 credit is 1 cent."""
    draw(sandbox, count=3)

    assert sandbox.ledger() == [("theo", Decimal("-0.12"))]
    assert sandbox.control("GET", "/accounts/theo")["accounts"][0]["balance"] == "499.88"


@pytest.mark.parametrize("body", [{"prompt": None}, {"prompt": ""}])
def test_a_missing_prompt_is_missing_prompt(sandbox: Rig, body: dict[str, Any]) -> None:
    """400 of the images page, with its message."""
    response = draw(sandbox, **body)

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["message"]) == (400, "missing_prompt", "prompt is required")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": 7},
        {"style": 1},
        {"aspect_ratio": 1},
        {"aspect_ratio": "wide"},
        {"aspect_ratio": "9:1"},
        {"count": 0},
        {"count": 5},
        {"count": 1.5},
        {"count": "2"},
        {"count": True},
        {"engine": "theo-vision"},
        {"n": 2},
    ],
)
def test_what_the_page_does_not_allow_is_a_validation_error_and_free(sandbox: Rig, body: dict[str, Any]) -> None:
    """No page says what becomes of it; the overview's code for a bad request."""
    response = draw(sandbox, **body)

    assert code(response) == (400, "validation_error")
    assert sandbox.ledger() == []


def test_a_count_out_of_range_can_be_clamped(sandbox: Rig) -> None:
    """The other reading of the page's 1 to 4."""
    sandbox.switch("theo", count_out_of_range="clamp")

    assert len(draw(sandbox, count=9).json()["images"]) == 4


def test_only_the_ratios_of_the_vendors_tool_can_be_taken(sandbox: Rig) -> None:
    """The vendor's MCP tool offers five (/mcp/tools)."""
    sandbox.switch("theo", aspect_ratio="listed")

    assert (draw(sandbox, aspect_ratio="21:9").status_code, draw(sandbox, aspect_ratio="3:4").status_code) == (400, 200)


@pytest.mark.parametrize(("form", "expected"), [("null", "null, null"), ("object", "{}, {}"), ("absent", "-, -")])
def test_a_url_can_be_no_string(sandbox: Rig, form: str, expected: str) -> None:
    """The schema box shows {}, the page's source says string or null, the vendor's tool prints (pending)."""
    sandbox.switch("theo", url=form)

    images = draw(sandbox, count=2).json()["images"]

    assert ", ".join(json.dumps(image["url"]) if "url" in image else "-" for image in images) == expected


def test_the_list_can_be_called_artifacts(sandbox: Rig) -> None:
    """hitheo.ai/llms/api.txt calls it so; there is a URL in it whatever images[].url is."""
    sandbox.switch("theo", list_key="artifacts", url="null")

    body = draw(sandbox).json()

    assert "images" not in body
    assert httpx2.get(body["artifacts"][0]["url"]).status_code == 200


def test_both_lists_can_come_with_the_url_in_only_one(sandbox: Rig) -> None:
    """A null url beside an artifact that has it."""
    sandbox.switch("theo", list_key="both", url="null")

    body = draw(sandbox).json()

    assert (body["images"][0]["url"], body["artifacts"][0]["url"][:4]) == (None, "http")


def test_the_model_can_be_missing(sandbox: Rig) -> None:
    """The vendor's own client has no such field."""
    sandbox.switch("theo", model_field="absent")

    assert "model" not in draw(sandbox).json()["images"][0]


def test_a_url_is_permanent_unless_switched_to_presigned(sandbox: Rig) -> None:
    """The sources disagree: a permanent URL, or a presigned one."""
    permanent = draw(sandbox).json()["images"][0]["url"]
    sandbox.switch("theo", links="presigned")
    signed = draw(sandbox).json()["images"][0]["url"]
    before = httpx2.get(signed).status_code
    sandbox.advance(3600)

    after = [httpx2.get(url).status_code for url in (permanent, signed, signed.replace("signature=", "signature=0"))]

    assert (before, after) == (200, [200, 403, 403])


@pytest.mark.parametrize(
    ("partial", "urls", "cost"), [("fewer", ["http"], 0.04), ("null_url", ["http", None, None], 0.04)]
)
def test_images_that_fail_are_not_charged(sandbox: Rig, partial: str, urls: list[str | None], cost: float) -> None:
    """Partial results are nowhere described: fewer images, or a null url for each that failed."""
    sandbox.switch("theo", partial=partial)
    sandbox.fault("partial", keep=1)

    body = draw(sandbox, count=3).json()

    assert [image["url"] and image["url"][:4] for image in body["images"]] == urls
    assert body["usage"]["cost_cents"] == cost
    assert sum(amount for _, amount in sandbox.ledger()) == Decimal("-0.04")


def test_a_request_that_fails_is_a_server_error_and_free(sandbox: Rig) -> None:
    """500 server_error (/api-reference/overview)."""
    sandbox.switch("theo", partial="error")
    sandbox.fault("partial", keep=1)

    response = draw(sandbox, count=3)

    assert code(response) == (500, "server_error")
    assert sum(amount for _, amount in sandbox.ledger()) == 0


def test_the_health_check_needs_no_key(sandbox: Rig) -> None:
    """/api-reference/health/check."""
    body = sandbox.send("GET", "/theo/api/v1/health").json()

    assert (body["status"], body["version"]) == ("healthy", "2026-03-28")
    assert body["providers"] == {"theo-vision": {"status": "healthy"}}


def test_the_models_are_the_documented_five(sandbox: Rig) -> None:
    """/api-reference/models/list, without prices."""
    models = sandbox.send("GET", "/theo/api/v1/models", KEY).json()["models"]

    assert [model["mode"] for model in models] == ["fast", "think", "code", "image", "research"]
    assert {name: models[3][name] for name in ("model_id", "label", "engine")} == {
        "model_id": "theo-1-create",
        "label": "Theo Create",
        "engine": "theo-vision",
    }


def test_usage_sums_what_was_charged(sandbox: Rig) -> None:
    """The type of the vendor's own client; the page shows no body."""
    sandbox.freeze("2026-06-01T00:00:00Z")
    draw(sandbox, count=2)
    sandbox.advance(86_400)
    draw(sandbox, count=1)

    path = "/theo/api/v1/usage?from=2026-06-02T00:00:00Z"
    every, later = sandbox.send("GET", "/theo/api/v1/usage", KEY).json(), sandbox.send("GET", path, KEY).json()

    assert (every["totals"]["requests"], every["totals"]["cost_cents"]) == (2, 0.12)
    assert (later["totals"]["requests"], later["totals"]["cost_cents"]) == (1, 0.04)


def test_no_job_exists(sandbox: Rig) -> None:
    """Only videos and research have jobs (/api-reference/jobs/get)."""
    response = sandbox.send("GET", "/theo/api/v1/jobs/job_1", KEY)

    assert (code(response), response.json()["error"]["type"]) == ((404, "not_found"), "not_found_error")


def test_an_idempotency_key_does_nothing_unless_switched_on(sandbox: Rig) -> None:
    """Advised for one's own retries, but never promised for images."""

    def twice() -> list[str]:
        request = {"json": {"prompt": "a red fox"}, "headers": {"Idempotency-Key": "one"}}
        answers = [sandbox.send("POST", "/theo/api/v1/images", KEY, **request) for _ in range(2)]
        return [answer.json()["id"] for answer in answers]

    ignored = twice()
    sandbox.switch("theo", idempotency="honoured")

    honoured = twice()

    assert ignored[0] != ignored[1]
    assert honoured == [ignored[1], ignored[1]]


def test_the_apex_host_redirects_and_a_client_that_follows_loses_its_key(sandbox: Rig) -> None:
    """307 to another host; then 401 invalid_api_key, though the key was right (/troubleshooting/401-errors)."""
    response = sandbox.send(
        "POST", "/theo-apex/api/v1/images", KEY, json={"prompt": "a red fox"}, follow_redirects=True
    )

    assert [hop.status_code for hop in response.history] == [307]
    assert code(response) == (401, "invalid_api_key")
    assert [(request["mount"], request["auth_scheme"]) for request in sandbox.requests("theo")] == [
        ("theo-apex", "Bearer"),
        ("theo", None),
    ]


def test_a_redirect_to_the_same_host_keeps_the_key(sandbox: Rig) -> None:
    """For clients that cannot be led to another name of this machine."""
    sandbox.switch("theo", apex="same_host")

    response = sandbox.send(
        "POST", "/theo-apex/api/v1/images?x=1", KEY, json={"prompt": "a red fox"}, follow_redirects=True
    )

    assert (response.status_code, response.url.query) == (200, b"x=1")
