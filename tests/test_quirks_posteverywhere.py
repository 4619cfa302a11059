"""PostEverywhere as its pages describe it; https://developers.posteverywhere.ai/api/generate-image wins."""

from typing import Any

import pytest

from tests.agent import KEYS, Agent
from tests.bodies import UUID, posteverywhere_done
from tests.scripted import Answer, Scripted


async def test_every_documented_field_is_sent_under_its_documented_name(agent: Agent, posteverywhere: Scripted) -> None:
    """The body has prompt, aspect_ratio and model, and nothing else."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(201, posteverywhere_done()))

    await agent.draw("posteverywhere", prompt="an office", aspect_ratio="4:5", model="flux-schnell")

    seen = posteverywhere.only
    assert {"prompt": "an office", "aspect_ratio": "4:5", "model": "flux-schnell"} == seen.json
    assert ("POST", "/api/v1/ai/generate-image") == (seen.method, seen.path)
    assert f"Bearer {KEYS['posteverywhere']}" == seen.headers["authorization"]


async def test_model_and_ratio_are_always_sent_and_said(agent: Agent, posteverywhere: Scripted) -> None:
    """Sources disagree on the default model, so the documented one is named on the wire and in the warnings."""
    # https://developers.posteverywhere.ai/api/generate-image; its MCP server 1.3.0 sends another one
    posteverywhere.answer(Answer(201, posteverywhere_done()))

    result = await agent.draw("posteverywhere")

    assert {"prompt": "a fox", "aspect_ratio": "1:1", "model": "nano-banana-pro"} == posteverywhere.only.json
    assert [
        "No model was named: PostEverywhere draws with nano-banana-pro.",
        "No aspect_ratio was named: PostEverywhere draws 1:1.",
    ] == result.structured["warnings"]


async def test_a_picture_without_a_url_comes_back_as_media_ids(agent: Agent, posteverywhere: Scripted) -> None:
    """The answer carries no url: the id stands in the text and in the structure, and the next step is a post."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(201, posteverywhere_done()))

    result = await agent.draw("posteverywhere")

    assert ([], [UUID]) == (result.structured["urls"], result.structured["media_ids"])
    assert {"media_id": UUID, "width": 1920, "height": 1080} == result.structured["images"][0]
    assert f"media_ids: {UUID}" in result.text
    assert result.structured["next_step"].startswith("There is no URL to open: put it onto a post")


async def test_cost_balance_and_request_id_come_back(agent: Agent, posteverywhere: Scripted) -> None:
    """Credits as Decimal text, and the id that support will ask for."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(201, posteverywhere_done()))

    result = await agent.draw("posteverywhere")

    assert {"amount": "15", "unit": "credits"} == result.structured["cost"]
    assert {"amount": "485", "unit": "credits"} == result.structured["balance"]
    assert ["a1b2c3d4"] == result.structured["request_ids"]
    assert "nano-banana-pro" == result.structured["model"]


async def test_their_next_step_is_data_and_ours_is_fixed(agent: Agent, posteverywhere: Scripted) -> None:
    """The vendor's advice arrives under a name that says whose words they are."""
    # https://developers.posteverywhere.ai/api/generate-image: next_step
    posteverywhere.answer(Answer(201, posteverywhere_done()))

    result = await agent.draw("posteverywhere")

    assert result.structured["provider_text_untrusted"].startswith("Image generated. Attach it")
    assert "Image generated." not in result.structured["next_step"]
    assert "Image generated." not in result.text


async def test_the_older_answer_is_read_as_well(agent: Agent, posteverywhere: Scripted) -> None:
    """Before April 2026: model beside media_id, message for next_step, no size, no error key; its model counts."""
    # https://developers.posteverywhere.ai/api/generate-image, earlier snapshot; posteverywhere.ai/developers/ai
    data = {
        "media_id": UUID,
        "model": "gemini-3-pro",
        "aspect_ratio": "1:1",
        "credits_used": 5,
        "credits_remaining": 95,
        "message": "Image generated successfully. Attach it to a post using media_ids.",
    }
    posteverywhere.answer(Answer(201, {"data": data, "meta": {"request_id": "req_abc123"}}))

    result = await agent.draw("posteverywhere", model="flux-schnell")

    assert "gemini-3-pro" == result.structured["model"]
    assert [{"media_id": UUID}] == result.structured["images"]
    assert {"amount": "5", "unit": "credits"} == result.structured["cost"]
    assert result.structured["provider_text_untrusted"].startswith("Image generated successfully.")


@pytest.mark.parametrize(
    ("meta", "headers", "request_id"),
    [
        ({"request_id": "a1b2c3d4"}, {}, "a1b2c3d4"),
        ({"requestId": "req_01HXYZ"}, {}, "req_01HXYZ"),
        ({}, {"X-Request-Id": "from-header"}, "from-header"),
    ],
)
async def test_the_request_id_is_found_under_each_name(
    agent: Agent, posteverywhere: Scripted, meta: dict[str, str], headers: dict[str, str], request_id: str
) -> None:
    """Two pages write requestId, one client reads a header; for errors and for pictures alike."""
    # https://developers.posteverywhere.ai/authentication , /pagination
    refused = {"data": None, "error": {"code": "unauthorized", "message": "Invalid or expired API key"}, "meta": meta}
    posteverywhere.answer(Answer(201, {**posteverywhere_done(), "meta": meta}, headers), Answer(401, refused, headers))

    drawn = await agent.draw("posteverywhere")
    error = await agent.draw("posteverywhere")

    assert [request_id] == drawn.structured["request_ids"]
    assert request_id == error.error["request_id"]


@pytest.mark.parametrize("status", [200, 201])
async def test_any_status_of_success_will_do(agent: Agent, posteverywhere: Scripted, status: int) -> None:
    """201 is documented; what else is 2xx is no failure."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(status, posteverywhere_done()))

    result = await agent.draw("posteverywhere")

    assert "done" == result.structured["status"]


async def test_media_ids_alone_are_enough(agent: Agent, posteverywhere: Scripted) -> None:
    """media_ids is the same id in a list of one."""
    # https://developers.posteverywhere.ai/api/generate-image
    body: dict[str, Any] = posteverywhere_done()
    del body["data"]["media_id"]
    posteverywhere.answer(Answer(201, body))

    result = await agent.draw("posteverywhere")

    assert [UUID] == result.structured["media_ids"]


async def test_the_prompt_as_used_is_told_where_it_is_another_one(agent: Agent, posteverywhere: Scripted) -> None:
    """The prompt that was sent, style and all, is no news; a rewritten one is."""
    # https://developers.posteverywhere.ai/api/generate-image: ai.prompt
    same, rewritten = posteverywhere_done(), posteverywhere_done()
    same["data"]["ai"]["prompt"] = "a fox\n  at dawn Style: oil."
    rewritten["data"]["ai"]["prompt"] = "a red fox at dawn"
    posteverywhere.answer(Answer(201, same), Answer(201, rewritten))

    results = [await agent.draw("posteverywhere", prompt="a fox\n  at dawn", style="oil") for _ in range(2)]

    assert [None, "a red fox at dawn"] == [one.structured["images"][0].get("prompt_used") for one in results]


async def test_an_answer_without_a_media_id_was_probably_charged(agent: Agent, posteverywhere: Scripted) -> None:
    """201, nothing to attach and no cost: the text says where to look and not to repeat; the facts name the slug."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(201, {"data": {}, "error": None, "meta": {"request_id": "a1b2"}}))

    result = await agent.draw("posteverywhere")

    assert ("unreadable_answer", "maybe") == (result.error["code"], result.error["charged"])
    assert ("posteverywhere", "a1b2") == (result.error["provider"], result.error["request_id"])
    assert "it holds no media_id (request a1b2)." in result.text
    assert "do not repeat the call" in result.text


async def test_an_answer_without_a_media_id_that_tells_a_cost_was_charged(
    agent: Agent, posteverywhere: Scripted
) -> None:
    """201, nothing to attach and credits used: the sum is certain, and the request can be asked for."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(Answer(201, {"data": {"credits_used": 15}, "error": None, "meta": {"request_id": "a1b2"}}))

    result = await agent.draw("posteverywhere")

    assert ("unreadable_answer", "yes", "a1b2") == tuple(
        result.error[name] for name in ("code", "charged", "request_id")
    )
    assert "PostEverywhere charged 15 credits and returned no usable picture. Its id there is “a1b2”." in result.text


async def test_a_free_look_that_cannot_be_read_is_no_charge_and_names_the_slug(
    agent: Agent, posteverywhere: Scripted
) -> None:
    """Of a post that is only looked at: nothing was paid for, and programs get the provider's slug."""
    posteverywhere.answer(Answer(200, b"<html>OK</html>"))

    result = await agent.call("attach_to_post", images=[UUID], post_id=UUID)

    assert ("unreadable_answer", "no", "posteverywhere") == tuple(
        result.error[name] for name in ("code", "charged", "provider")
    )
    assert "did not answer a free look-up as documented (status 200)." in result.text
    assert "may have been charged" not in result.text


async def test_an_empty_purse_says_need_and_have(agent: Agent, posteverywhere: Scripted) -> None:
    """402 carries the sums in details; they reach the reader as the vendor's words."""
    # https://developers.posteverywhere.ai/api/generate-image
    error = {
        "message": "Not enough credits. This model costs 15 credits but you have 3 available.",
        "code": "insufficient_credits",
        "details": {"credits_required": 15, "credits_available": 3, "model": "nano-banana-pro"},
    }
    posteverywhere.answer(Answer(402, {"data": None, "error": error, "meta": {"request_id": "i9j0k1l2"}}))

    result = await agent.draw("posteverywhere")

    assert ("insufficient_credits", "i9j0k1l2") == (result.error["code"], result.error["request_id"])
    assert "costs 15 credits but you have 3" in result.text
    assert '"credits_available": 3' in result.text


async def test_a_429_is_timed_by_the_clock_of_its_sender(
    agent: Agent, posteverywhere: Scripted, waits: list[float]
) -> None:
    """Without Retry-After the reset is a unix time, held against the Date header and not our clock."""
    # https://developers.posteverywhere.ai/rate-limits
    headers = {"Date": "Fri, 10 Apr 2026 12:00:00 GMT", "X-RateLimit-Reset": "1775822432", "X-RateLimit-Limit": "60"}
    error = {"code": "rate_limited", "message": "Rate limit exceeded. Retry after 32 seconds.", "retryAfter": 32}
    posteverywhere.answer(*[Answer(429, {"error": error}, headers)] * 3)

    result = await agent.draw("posteverywhere")

    assert [True, True] == [32 <= wait < 33 for wait in waits]
    assert 32.0 == result.error["retry_after_seconds"]


async def test_three_pictures_are_three_calls(agent: Agent, posteverywhere: Scripted) -> None:
    """There is no batch: one call draws one picture."""
    # https://developers.posteverywhere.ai/api/generate-image
    posteverywhere.answer(*(Answer(201, posteverywhere_done(f"media-{number}")) for number in range(3)))
    posteverywhere.hold_until(3)

    result = await agent.draw("posteverywhere", count=3)

    assert ["media-0", "media-1", "media-2"] == sorted(result.structured["media_ids"])
    assert {"amount": "45", "unit": "credits"} == result.structured["cost"]
