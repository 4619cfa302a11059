"""HeyDecks in the sandbox, as its documentation describes it (heydecks.com/docs/api)."""

import io
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.sandbox.rig import KEYS, Rig

KEY = KEYS["heydecks"]


def draw(sandbox: Rig, key: str | None = KEY, **body: Any) -> httpx2.Response:
    return sandbox.send("POST", "/heydecks/v1/images", key, json={"prompt": "a red fox", **body})


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_request_brings_as_many_urls_as_asked_and_nothing_else(sandbox: Rig) -> None:
    """The 200 body is `images[].url` alone (/images)."""
    response = draw(sandbox, n=3)

    assert (response.status_code, list(response.json())) == (200, ["images"])
    assert [list(image) for image in response.json()["images"]] == [["url"]] * 3


@pytest.mark.parametrize("ratio", ["1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "21:9"])
def test_a_picture_is_a_png_of_exactly_its_ratio(sandbox: Rig, ratio: str) -> None:
    """The eight ratios of /images, downloaded without a key."""
    url = draw(sandbox, aspect_ratio=ratio).json()["images"][0]["url"]

    picture = Image.open(io.BytesIO(httpx2.get(url).content))

    across, down = map(int, ratio.split(":"))
    assert (picture.format, picture.width * down) == ("PNG", picture.height * across)


def test_a_picture_without_a_ratio_is_wide(sandbox: Rig) -> None:
    """The default is 16:9 (/images)."""
    url = draw(sandbox).json()["images"][0]["url"]

    picture = Image.open(io.BytesIO(httpx2.get(url).content))

    assert picture.width * 9 == picture.height * 16


def test_a_url_is_permanent(sandbox: Rig) -> None:
    """Images are kept for ever (/images, notes)."""
    url = draw(sandbox).json()["images"][0]["url"]
    sandbox.advance(10 * 365 * 86_400)

    response = httpx2.get(url)

    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")


def test_an_image_costs_eight_credits(sandbox: Rig) -> None:
    """The price of /images."""
    draw(sandbox, n=2)

    assert sandbox.ledger() == [("heydecks", Decimal(-16))]


def test_the_newer_price_can_be_switched_on(sandbox: Rig) -> None:
    """The vendor's public agent skill of 2026-06 says 80."""
    sandbox.switch("heydecks", credits_per_image="80")

    draw(sandbox)

    assert sandbox.ledger() == [("heydecks", Decimal(-80))]


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": None},
        {"prompt": "  "},
        {"prompt": 7},
        {"prompt": "x" * 2001},
        {"aspect_ratio": "5:4"},
        {"aspect_ratio": None},
        {"n": 0},
        {"n": 7},
        {"n": 1.5},
        {"n": "2"},
        {"n": True},
        {"seed": 1},
    ],
)
def test_what_the_page_does_not_allow_is_invalid_input_and_free(sandbox: Rig, body: dict[str, Any]) -> None:
    """422 for a missing or invalid prompt, aspect_ratio or n, and for a field that the page does not know."""
    response = draw(sandbox, **body)

    assert code(response) == (422, "invalid_input")
    assert sandbox.ledger() == []


def test_unknown_fields_can_be_ignored(sandbox: Rig) -> None:
    """No source says what becomes of them."""
    sandbox.switch("heydecks", unknown_fields="ignore")

    response = draw(sandbox, seed=1)

    assert response.status_code == 200


def test_a_prompt_of_exactly_2000_characters_is_drawn(sandbox: Rig) -> None:
    """The limit of /images is in characters, not in bytes."""
    response = draw(sandbox, prompt="é" * 2000)

    assert response.status_code == 200


@pytest.mark.parametrize("content", [b"{", b"[]", b"", b'{"prompt": NaN}', b"\xff"])
def test_a_body_that_is_no_json_object_is_invalid_input(sandbox: Rig, content: bytes) -> None:
    """No code of its own is listed (/errors)."""
    response = sandbox.send("POST", "/heydecks/v1/images", KEY, content=content)

    assert code(response) == (422, "invalid_input")


@pytest.mark.parametrize(
    "key", [None, "hd_live_short", "hd_test_sandbox0_x", "pe_live_1", "hd_live_sandbox0_", "hd_live_abc12345_revoked"]
)
def test_a_missing_malformed_or_revoked_key_is_401(sandbox: Rig, key: str | None) -> None:
    """/authentication and /errors, with the example's message."""
    response = draw(sandbox, key)

    assert response.status_code == 401
    assert response.json() == {"error": {"code": "invalid_key", "message": "Invalid or revoked API key"}}


def test_a_plan_without_api_access_is_refused_on_every_call(sandbox: Rig) -> None:
    """403 api_not_on_plan below Pro (/docs/api)."""
    by_key = draw(sandbox, "hd_live_abc12345_noplan")
    draw(sandbox)
    sandbox.account("heydecks", plan="solo")
    by_control = draw(sandbox)

    assert (code(by_key), code(by_control)) == ((403, "api_not_on_plan"),) * 2


def test_too_few_credits_are_402_with_both_numbers(sandbox: Rig) -> None:
    """The example's message of /errors; nothing is drawn, not even the one image that the credits would buy."""
    response = draw(sandbox, "hd_live_abc12345_low", n=2)

    assert response.status_code == 402
    assert response.json()["error"] == {
        "code": "insufficient_credits",
        "message": "Insufficient credits: need 16, have 10 remaining.",
    }
    assert sandbox.ledger() == []


def test_the_agent_plan_has_no_hard_stop(sandbox: Rig) -> None:
    """/docs/credits: overage instead of 402."""
    sandbox.account("heydecks", plan="agent", balance="0")

    response = draw(sandbox)

    assert response.status_code == 200
    assert sandbox.control("GET", "/accounts/heydecks")["accounts"][0]["balance"] == "-8"


def test_a_new_month_brings_the_plans_credits_and_keeps_no_old_ones(sandbox: Rig) -> None:
    """/docs/credits: a monthly allowance without rollover."""
    sandbox.freeze("2026-06-30T23:59:59Z")
    sandbox.account("heydecks", plan="pro", balance="499")
    draw(sandbox)
    sandbox.advance(1)

    draw(sandbox)

    assert sandbox.control("GET", "/accounts/heydecks")["accounts"][0]["balance"] == "492"


def test_images_that_fail_are_refunded(sandbox: Rig) -> None:
    """Fewer images come, and only they are paid (/images)."""
    sandbox.fault("partial", keep=1)

    response = draw(sandbox, n=3)

    assert (response.status_code, len(response.json()["images"])) == (200, 1)
    assert sandbox.ledger() == [("heydecks", Decimal(-24)), ("heydecks", Decimal(16))]


@pytest.mark.parametrize(("partial", "keep"), [("fewer", 0), ("error", 2)])
def test_a_request_that_fails_is_502_and_free(sandbox: Rig, partial: str, keep: int) -> None:
    """502 generation_failed charges nothing (/images)."""
    sandbox.switch("heydecks", partial=partial)
    sandbox.fault("partial", keep=keep)

    response = draw(sandbox, n=3)

    assert code(response) == (502, "generation_failed")
    assert sum(amount for _, amount in sandbox.ledger()) == 0


@pytest.mark.parametrize(
    ("reading", "expected"),
    [("generation_failed", (502, "generation_failed")), ("invalid_input", (422, "invalid_input"))],
)
def test_a_forbidden_prompt_is_refused_and_free(sandbox: Rig, reading: str, expected: tuple[int, str]) -> None:
    """No page names a code for moderation: both readings can be had."""
    sandbox.switch("heydecks", moderation=reading)

    response = draw(sandbox, prompt="something forbidden-by-moderation")

    assert code(response) == expected
    assert sum(amount for _, amount in sandbox.ledger()) == 0


def test_more_requests_than_the_plan_allows_a_second_are_429_until_a_second_later(sandbox: Rig) -> None:
    """/images: retry after 1 second. No header says so."""
    sandbox.switch("heydecks", requests_per_second="1")
    sandbox.freeze()
    draw(sandbox)
    refused = draw(sandbox)
    sandbox.advance(1)

    accepted = draw(sandbox)

    assert (code(refused), accepted.status_code) == ((429, "rate_limit"), 200)
    assert "retry-after" not in refused.headers


def test_a_429_can_carry_retry_after(sandbox: Rig) -> None:
    """Whether it does is nowhere said."""
    sandbox.switch("heydecks", requests_per_second="1", retry_after="present")
    sandbox.freeze()
    draw(sandbox)

    refused = draw(sandbox)

    assert refused.headers["retry-after"] == "1"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/images", 405), ("GET", "/v1/nothing", 404)])
def test_what_is_not_there_is_said_in_the_vendors_envelope(sandbox: Rig, method: str, path: str, status: int) -> None:
    """not_found of /errors."""
    response = sandbox.send(method, f"/heydecks{path}", KEY)

    assert code(response) == (status, "not_found")


def test_a_body_beyond_a_megabyte_is_refused(sandbox: Rig) -> None:
    """In the vendor's envelope."""
    response = draw(sandbox, prompt="x" * 1024 * 1024)

    assert code(response) == (413, "invalid_input")
