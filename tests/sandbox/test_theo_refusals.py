"""How Theo refuses in the sandbox: keys, money, guardrails, limits and their headers (docs.hitheo.ai)."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.rig import KEYS, Rig

KEY = KEYS["theo"]


def draw(sandbox: Rig, key: str | None = KEY, **body: Any) -> httpx2.Response:
    return sandbox.send("POST", "/theo/api/v1/images", key, json={"prompt": "a red fox", **body})


def code(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_every_answer_carries_the_rate_headers_with_a_unit_at_their_resets(sandbox: Rig) -> None:
    """/security/rate-limiting: `58s`, not `58`."""
    sandbox.freeze()

    headers = sandbox.send("GET", "/theo/api/v1/models", "theo_sk_freetier").headers

    assert {name: value for name, value in headers.items() if name.startswith("x-ratelimit")} == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "60s",
        "x-ratelimit-limit-tokens": "100000",
        "x-ratelimit-remaining-tokens": "99999",
        "x-ratelimit-reset-tokens": "60s",
    }


def test_the_request_window_slides(sandbox: Rig) -> None:
    """A minute after the first of two requests only the second still counts, and this one."""
    sandbox.freeze()
    remaining: list[str] = []
    for wait in (0, 40, 20):
        sandbox.advance(wait)
        answer = sandbox.send("GET", "/theo/api/v1/models", "theo_sk_freetier")
        remaining.append(answer.headers["x-ratelimit-remaining-requests"])

    assert remaining == ["59", "58", "58"]


def test_every_answer_carries_a_request_id_and_the_version(sandbox: Rig) -> None:
    """X-Request-Id, the same as in an error's body, and Theo-Api-Version (/changelog)."""
    response = draw(sandbox, count=9)

    assert response.headers["x-request-id"] == response.json()["error"]["request_id"]
    assert response.headers["theo-api-version"] == "2026-03-28"


def test_a_request_id_in_an_error_can_be_null(sandbox: Rig) -> None:
    """/sdk-reference/error-handling allows it."""
    sandbox.switch("theo", request_id="null")

    assert draw(sandbox, count=9).json()["error"]["request_id"] is None


@pytest.mark.parametrize("key", [None, "theo_pk_1", "theo_sk_", "theo_sk_revoked"])
def test_a_missing_malformed_or_revoked_key_is_invalid_api_key(sandbox: Rig, key: str | None) -> None:
    """The overview's sample error."""
    error = draw(sandbox, key).json()["error"]

    assert (error["message"], error["type"], error["code"]) == (
        "Invalid API key",
        "authentication_error",
        "invalid_api_key",
    )


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("theo_sk_expired", (401, "key_expired")),
        ("theo_sk_empty", (402, "insufficient_credits")),
        ("theo_sk_noscope", (403, "missing_scope")),
    ],
)
def test_a_marked_key_is_refused_as_it_says(sandbox: Rig, key: str, expected: tuple[int, str]) -> None:
    """The codes of /api-reference/authentication, /dashboard/billing-credits and /troubleshooting/401-errors."""
    assert code(draw(sandbox, key)) == expected


def test_a_balance_for_one_image_does_not_buy_two(sandbox: Rig) -> None:
    """402 before any work."""
    assert code(draw(sandbox, "theo_sk_low", count=2)) == (402, "insufficient_credits")
    assert draw(sandbox, "theo_sk_low", count=1).status_code == 200


def test_a_forbidden_prompt_violates_a_guardrail_and_is_free(sandbox: Rig) -> None:
    """/guides/guardrails, the only refusal of a prompt that is documented."""
    response = draw(sandbox, prompt="forbidden-by-moderation")

    assert code(response) == (422, "guardrail_violation")
    assert sandbox.ledger() == []


@pytest.mark.parametrize("reading", ["rate_limit_exceeded", "mode_rate_limit_exceeded"])
def test_the_image_limit_of_the_free_tier_is_twenty_a_minute(sandbox: Rig, reading: str) -> None:
    """/security/rate-limiting: a sliding minute, Retry-After in seconds."""
    sandbox.switch("theo", image_limit=reading)
    sandbox.freeze()
    counted = {draw(sandbox, "theo_sk_freetier", count=0).status_code for _ in range(20)}
    sandbox.advance(48)
    refused = draw(sandbox, "theo_sk_freetier")
    sandbox.advance(12)

    accepted = draw(sandbox, "theo_sk_freetier")

    assert (counted, code(refused), refused.headers["retry-after"]) == ({400}, (429, reading), "12")
    assert accepted.status_code == 200


def test_the_request_limit_of_the_free_tier_is_sixty_a_minute(sandbox: Rig) -> None:
    """429 rate_limit_exceeded, and the window slides."""
    sandbox.freeze()
    for _ in range(60):
        sandbox.send("GET", "/theo/api/v1/models", "theo_sk_freetier")

    refused = sandbox.send("GET", "/theo/api/v1/models", "theo_sk_freetier")

    assert code(refused) == (429, "rate_limit_exceeded")
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"


def test_the_token_limit_is_token_limit_exceeded(sandbox: Rig) -> None:
    """Of the free tier, 100,000 a minute."""
    sandbox.freeze()

    responses = [draw(sandbox, "theo_sk_freetier", prompt="x" * 300_000) for _ in range(2)]

    assert code(responses[1]) == (429, "token_limit_exceeded")


def test_a_service_that_is_down_is_503_with_retry_after(sandbox: Rig) -> None:
    """/api-reference/health/check, for the check and for the images."""
    sandbox.switch("theo", service="down")

    check, images = sandbox.send("GET", "/theo/api/v1/health"), draw(sandbox)

    assert (check.status_code, check.json()["status"], check.headers["retry-after"]) == (503, "down", "30")
    assert (images.status_code, images.headers["retry-after"], sandbox.ledger()) == (503, "30", [])
