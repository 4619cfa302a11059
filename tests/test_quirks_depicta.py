"""Depicta as its pages describe it; https://depicta.ai/docs/api/operations/generateimage wins over all others."""

import pytest

from imagewright.models import ImageRequest
from imagewright.providers import all_providers
from tests.agent import KEYS, Agent
from tests.bodies import JOB, UUID, depicta_done
from tests.scripted import Answer, Scripted

REFERENCE = {"url": "https://example.com/brand.png", "description": "Brand palette"}


async def test_every_documented_field_is_sent_under_its_documented_name(agent: Agent, depicta: Scripted) -> None:
    """All six fields, with size as image_size, and nothing else."""
    # https://depicta.ai/docs/api/operations/generateimage
    depicta.answer(Answer(200, depicta_done()))

    await agent.draw(
        "depicta",
        model="flux",
        aspect_ratio="16:9",
        size="2K",
        reference_images=[REFERENCE],
        strictness="liberal",
    )

    assert {
        "prompt": "a fox",
        "model": "flux",
        "aspect_ratio": "16:9",
        "image_size": "2K",
        "reference_images": [REFERENCE],
        "strictness": "liberal",
    } == depicta.only.json
    assert ("POST", "/v1/generate/image") == (depicta.only.method, depicta.only.path)
    assert f"Bearer {KEYS['depicta']}" == depicta.only.headers["authorization"]


async def test_the_model_is_always_sent_and_nothing_else_unasked(agent: Agent, depicta: Scripted) -> None:
    """model is required; strictness left out means the account's default."""
    # https://depicta.ai/docs/api/operations/generateimage: required model; guides say optional
    depicta.answer(Answer(200, depicta_done()))

    result = await agent.draw("depicta")

    assert {"prompt": "a fox", "model": "gemini-2.5-flash-image"} == depicta.only.json
    assert "No model was named: Depicta draws with gemini-2.5-flash-image." in result.structured["warnings"]


async def test_formats_come_before_image_url(agent: Agent, depicta: Scripted) -> None:
    """The picture is the PNG of formats; image_url may differ, and each other format keeps hash, size and expiry."""
    # https://depicta.ai/docs/api/operations/generateimage; PyPI depicta 1.3.0
    body = depicta_done()
    depicta.answer(Answer(200, body))

    result = await agent.draw("depicta")

    image = result.structured["images"][0]
    png = body["formats"]["png"]
    assert [png["url"]] == result.structured["urls"]
    assert {"jpeg", "webp"} == set(image["formats"])
    assert {
        "url": body["formats"]["webp"]["url"],
        "sha256": png["hash"],
        "bytes": 307200,
        "expires_at": "2026-04-06T16:00:00Z",
    } == image["formats"]["webp"]
    assert (png["hash"], png["expires_at"]) == (image["sha256"], image["expires_at"])
    assert "other.png" not in result.everything


async def test_image_url_serves_where_formats_are_missing(agent: Agent, depicta: Scripted) -> None:
    """Every field of the answer is optional: image_url and image_hash are the second choice."""
    # https://depicta.ai/docs/api/operations/generateimage: formats are omitted when not available
    body = depicta_done()
    del body["formats"]
    depicta.answer(Answer(200, body))

    result = await agent.draw("depicta")

    assert ["https://images.depicta.ai/other.png?sig=abc"] == result.structured["urls"]
    assert body["image_hash"] == result.structured["images"][0]["sha256"]


async def test_an_answer_as_short_as_the_guide_shows_it_is_enough(agent: Agent, depicta: Scripted) -> None:
    """The guide's sample has no model, no image_url, and little in two of the three formats."""
    # https://depicta.ai/docs/getting-started/api
    formats = {
        "png": {"url": "https://images.depicta.ai/1.png", "format": "png"},
        "jpeg": {"url": "https://images.depicta.ai/1.jpeg", "format": "jpeg"},
        "webp": {"format": "webp"},
    }
    depicta.answer(Answer(200, {"id": UUID, "formats": formats, "cost_eur": "0.045000", "balance_eur": "9.955000"}))

    result = await agent.draw("depicta")

    assert ["https://images.depicta.ai/1.png"] == result.structured["urls"]
    assert {"jpeg": {"url": "https://images.depicta.ai/1.jpeg"}} == result.structured["images"][0]["formats"]


async def test_an_answer_that_tells_a_cost_and_holds_no_picture_was_charged(agent: Agent, depicta: Scripted) -> None:
    """The cost is certain, so charged is "yes"; the text names the sum, the id and the job to ask for."""
    # https://depicta.ai/docs/api/operations/generateimage: every field of the answer is optional
    depicta.answer(Answer(200, {"id": UUID, "cost_eur": "0.045000"}, {"X-Depicta-Job-Id": JOB}))

    result = await agent.draw("depicta")

    assert ("unreadable_answer", "yes", JOB) == tuple(result.error[name] for name in ("code", "charged", "job_id"))
    assert "Depicta charged 0.045000 EUR and returned no usable picture." in result.text
    assert UUID in result.text
    assert JOB in result.text


async def test_an_answer_that_tells_nothing_names_its_job(agent: Agent, depicta: Scripted) -> None:
    """Neither picture nor cost: probably charged; job and request stand in the text and the facts name the slug."""
    # https://depicta.ai/docs/api/operations/generateimage: X-Depicta-Job-Id
    depicta.answer(Answer(200, {"id": UUID}, {"X-Depicta-Job-Id": JOB, "X-Request-Id": "req-7"}))

    result = await agent.draw("depicta")

    assert ("unreadable_answer", "maybe", "depicta", JOB, "req-7") == tuple(
        result.error[name] for name in ("code", "charged", "provider", "job_id", "request_id")
    )
    assert f"it holds no picture (job {JOB}, request req-7)." in result.text
    assert "do not repeat the call" in result.text


async def test_money_is_the_decimal_text_it_came_as(agent: Agent, depicta: Scripted) -> None:
    """Six places stay six places, and what is left after parallel calls is the lowest balance."""
    # https://depicta.ai/docs/concepts/credits
    first, second = depicta_done(), {**depicta_done(), "balance_eur": "9.910000"}
    depicta.answer(Answer(200, second), Answer(200, first))

    result = await agent.draw("depicta", count=2)

    assert {"amount": "0.090000", "unit": "EUR"} == result.structured["cost"]
    assert {"amount": "9.910000", "unit": "EUR"} == result.structured["balance"]


async def test_the_job_id_of_the_header_comes_back(agent: Agent, depicta: Scripted) -> None:
    """It is what a picture can be found by later, and header names have no case."""
    # https://depicta.ai/docs/api/operations/generateimage: X-Depicta-Job-Id
    depicta.answer(Answer(200, depicta_done(), {"x-DEPICTA-job-ID": JOB}))

    result = await agent.draw("depicta")

    assert [JOB] == result.structured["job_ids"]


async def test_a_lost_answer_keeps_its_job_id(agent: Agent, depicta: Scripted) -> None:
    """The headers came, the body did not: the error names the job, and nothing is sent again."""
    # https://depicta.ai/docs/api/operations/generateimage: recovery by job
    depicta.answer(Answer(200, depicta_done(), {"X-Depicta-Job-Id": JOB}, ending="cut"))

    result = await agent.draw("depicta")

    assert ("unreadable_answer", "maybe", JOB) == tuple(result.error[name] for name in ("code", "charged", "job_id"))
    assert JOB in result.text
    assert 1 == len(depicta.seen)


def test_it_is_given_360_seconds() -> None:
    """The vendor's own client waits as long; with less, paid pictures would be lost."""
    # PyPI depicta 1.3.0, 2026-10
    order = all_providers()["depicta"].write(ImageRequest("a fox"))

    assert 360 == order.deadline_seconds


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        # https://depicta.ai/docs/reference/error-codes
        (401, "auth_invalid", "key_refused"),
        (402, "credit_insufficient", "insufficient_credits"),
        (403, "content_rejected", "content_refused"),
        (400, "bad_request", "rejected_request"),
        (500, "internal_error", "provider_failure"),
        # PyPI depicta 1.3.0, 2026-10
        (401, "authentication_error", "key_refused"),
        (402, "insufficient_credits", "insufficient_credits"),
        (451, "content_rejected", "content_refused"),
        (400, "validation_error", "rejected_request"),
        (500, "internal", "provider_failure"),
        # https://depicta.ai/docs/api/operations/generatestory
        (422, "model_not_capable", "model_unavailable"),
    ],
)
async def test_each_spelling_of_an_error_is_understood(
    agent: Agent, depicta: Scripted, status: int, code: str, kind: str
) -> None:
    """Three sources spell the codes in three ways; the envelope is flat."""
    depicta.answer(Answer(status, {"error": code, "message": "No.", "request_id": "req_0123456789abcdef"}))

    result = await agent.draw("depicta")

    assert (kind, code) == (result.error["code"], result.error["provider_code"])
    assert "req_0123456789abcdef" == result.error["request_id"]


async def test_details_by_field_reach_the_reader(agent: Agent, depicta: Scripted) -> None:
    """A validation error says which field; the error of a purse carries a balance and breaks nothing."""
    # PyPI depicta 1.3.0, its fixtures
    details = {"image_size": "is not supported yet"}
    depicta.answer(Answer(400, {"error": "validation_error", "message": "Invalid fields.", "details": details}))
    depicta.answer(Answer(402, {"error": "insufficient_credits", "message": "Low.", "balance_eur": "0.010000"}))

    invalid = await agent.draw("depicta")
    purse = await agent.draw("depicta")

    assert '"image_size": "is not supported yet"' in invalid.text
    assert "insufficient_credits" == purse.error["code"]


async def test_a_failed_call_keeps_its_job_id(agent: Agent, depicta: Scripted) -> None:
    """Where an error carries the header, the job is named with it."""
    # https://depicta.ai/docs/api/operations/generateimage; whether errors carry it is not documented
    depicta.answer(Answer(503, {"error": "unavailable", "message": "Later."}, {"X-Depicta-Job-Id": JOB}))

    result = await agent.draw("depicta")

    assert (JOB, "provider_failure") == (result.error["job_id"], result.error["code"])


async def test_no_more_than_eight_calls_run_at_once(agent: Agent, depicta: Scripted) -> None:
    """Ten at once are allowed; two stay free for looking jobs up. Twelve pictures all come."""
    # https://depicta.ai/docs/reference/error-codes: more than 10 concurrent requests are 429
    depicta.answer(*[Answer(200, depicta_done())] * 12)
    depicta.hold_until(8)

    result = await agent.draw("depicta", count=12)

    assert (8, 12) == (depicta.most_at_once, len(result.structured["images"]))


async def test_sizes_beyond_the_guide_are_passed_on_with_a_warning(agent: Agent, depicta: Scripted) -> None:
    """The schema has no closed list of sizes: the named provider decides."""
    # https://depicta.ai/docs/creating-images/generate
    depicta.answer(Answer(200, depicta_done()))

    result = await agent.draw("depicta", size="8K", model="flux")

    assert "8K" == depicta.only.json["image_size"]
    assert "Depicta does not document size 8K; it was asked for all the same." in result.structured["warnings"]
