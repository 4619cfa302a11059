# ruff: noqa: E501  # texts are shown as they are sent
"""What generate_image answers for each provider, whole: a change of the result shows in the same diff as its cause."""

import json
from typing import Any

from inline_snapshot import snapshot

from tests.agent import Agent
from tests.bodies import DONE, JOB
from tests.scripted import Answer


async def drawn(agent: Agent, slug: str) -> dict[str, Any]:
    """A whole answer of this provider, without what differs from call to call."""
    agent.scripts[slug].answer(Answer(200, DONE[slug](), {"X-Depicta-Job-Id": JOB, "X-Request-Id": "req_1"}))
    result = await agent.draw(slug)
    generation_id = result.structured["generation_id"]
    dumped = result.raw.model_dump(mode="json", by_alias=True, exclude_none=True)
    told = {name: dumped[name] for name in ("content", "structuredContent", "isError")}
    whole: dict[str, Any] = json.loads(json.dumps(told).replace(generation_id, "gen_0"))
    return whole


async def test_a_result_of_heydecks(agent: Agent) -> None:
    """One picture, its URL, and a cost of our own reckoning."""
    assert snapshot(
        {
            "content": [
                {
                    "type": "text",
                    "text": """\
1 of 1 picture by HeyDecks. Cost 8 credits (estimated). generation_id gen_0. HeyDecks was named.
URL: https://pub-0.r2.dev/ws/1/ai/1.png
Note: No aspect_ratio was named: HeyDecks draws 16:9.
Give the user the URLs, or use attach_to_post with the generation_id. 1 of 1 pictures still being fetched: see get_generation. So far: The picture at pub-0.r2.dev was not fetched: it did not answer (gaierror).\
""",
                }
            ],
            "structuredContent": {
                "generation_id": "gen_0",
                "status": "done",
                "provider": "heydecks",
                "why": "HeyDecks was named.",
                "images": [{"url": "https://pub-0.r2.dev/ws/1/ai/1.png", "kept": "waiting"}],
                "urls": ["https://pub-0.r2.dev/ws/1/ai/1.png"],
                "media_ids": [],
                "calls": 1,
                "cost": {"amount": "8", "unit": "credits", "estimated": True},
                "warnings": ["No aspect_ratio was named: HeyDecks draws 16:9."],
                "next_step": "Give the user the URLs, or use attach_to_post with the generation_id. 1 of 1 pictures still being fetched: see get_generation. So far: The picture at pub-0.r2.dev was not fetched: it did not answer (gaierror).",
            },
            "isError": False,
        }
    ) == await drawn(agent, "heydecks")


async def test_a_result_of_theo(agent: Agent) -> None:
    """One picture with engine, model and the prompt as used."""
    assert snapshot(
        {
            "content": [
                {
                    "type": "text",
                    "text": """\
1 of 1 picture by Theo, theo-1-create. Cost 0.08 cents. generation_id gen_0. Theo was named.
URL: https://artifacts.hitheo.ai/img/abc123-1.png
Give the user the URLs, or use attach_to_post with the generation_id. 1 of 1 pictures still being fetched: see get_generation. So far: The picture at artifacts.hitheo.ai was not fetched: it did not answer (gaierror). Save what is not kept: URL life is not stated (one page says presigned).\
""",
                }
            ],
            "structuredContent": {
                "generation_id": "gen_0",
                "status": "done",
                "provider": "theo",
                "model": "theo-1-create",
                "why": "Theo was named.",
                "images": [
                    {
                        "url": "https://artifacts.hitheo.ai/img/abc123-1.png",
                        "engine": "theo-vision",
                        "prompt_used": "a fox Style: photorealistic. Aspect ratio: 1:1.",
                        "kept": "waiting",
                    }
                ],
                "urls": ["https://artifacts.hitheo.ai/img/abc123-1.png"],
                "media_ids": [],
                "calls": 1,
                "cost": {"amount": "0.08", "unit": "cents"},
                "warnings": [],
                "created_at": "2026-04-10T12:00:00Z",
                "provider_ids": ["img_abc123"],
                "request_ids": ["req_1"],
                "next_step": "Give the user the URLs, or use attach_to_post with the generation_id. 1 of 1 pictures still being fetched: see get_generation. So far: The picture at artifacts.hitheo.ai was not fetched: it did not answer (gaierror). Save what is not kept: URL life is not stated (one page says presigned).",
            },
            "isError": False,
        }
    ) == await drawn(agent, "theo")


async def test_a_result_of_posteverywhere(agent: Agent) -> None:
    """One media_id, its pixels, cost and balance."""
    assert snapshot(
        {
            "content": [
                {
                    "type": "text",
                    "text": """\
1 of 1 picture by PostEverywhere, nano-banana-pro. Cost 15 credits. Balance 485 credits. generation_id gen_0. PostEverywhere was named.
media_ids: a1b2c3d4-e5f6-7890-abcd-ef1234567890
Note: No model was named: PostEverywhere draws with nano-banana-pro.
Note: No aspect_ratio was named: PostEverywhere draws 1:1.
There is no URL to open: put it onto a post with attach_to_post and the generation_id.\
""",
                }
            ],
            "structuredContent": {
                "generation_id": "gen_0",
                "status": "done",
                "provider": "posteverywhere",
                "model": "nano-banana-pro",
                "why": "PostEverywhere was named.",
                "images": [{"media_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890", "width": 1920, "height": 1080}],
                "urls": [],
                "media_ids": ["a1b2c3d4-e5f6-7890-abcd-ef1234567890"],
                "calls": 1,
                "cost": {"amount": "15", "unit": "credits"},
                "balance": {"amount": "485", "unit": "credits"},
                "warnings": [
                    "No model was named: PostEverywhere draws with nano-banana-pro.",
                    "No aspect_ratio was named: PostEverywhere draws 1:1.",
                ],
                "created_at": "2026-04-10T12:00:00.000Z",
                "request_ids": ["a1b2c3d4"],
                "next_step": "There is no URL to open: put it onto a post with attach_to_post and the generation_id.",
                "provider_text_untrusted": 'Image generated. Attach it to a post by passing "media_ids": ["a1b2c3d4-e5f6-7890-abcd-ef1234567890"] to POST.',
            },
            "isError": False,
        }
    ) == await drawn(agent, "posteverywhere")


async def test_a_result_of_depicta(agent: Agent) -> None:
    """One picture in three formats with hash, size and expiry; cost, balance and job."""
    assert snapshot(
        {
            "content": [
                {
                    "type": "text",
                    "text": """\
1 of 1 picture by Depicta, gemini-2.5-flash-image. Cost 0.045000 EUR. Balance 9.955000 EUR. generation_id gen_0. Depicta was named.
URL: https://images.depicta.ai/a1b2c3d4-e5f6-7890-abcd-ef1234567890.png?sig=abc
job_ids: 0f0e0d0c-0b0a-4908-8706-050403020100
Note: No model was named: Depicta draws with gemini-2.5-flash-image.
Note: Picture 1 is not kept here: The picture at images.depicta.ai was not fetched: it did not answer (gaierror). Open its URL yourself.
Give the user the URLs, or use attach_to_post with the generation_id. Save what is not kept: URL life is 1 hour.\
""",
                }
            ],
            "structuredContent": {
                "generation_id": "gen_0",
                "status": "done",
                "provider": "depicta",
                "model": "gemini-2.5-flash-image",
                "why": "Depicta was named.",
                "images": [
                    {
                        "url": "https://images.depicta.ai/a1b2c3d4-e5f6-7890-abcd-ef1234567890.png?sig=abc",
                        "expires_at": "2026-04-06T16:00:00Z",
                        "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                        "bytes": 307200,
                        "kept": "failed",
                        "formats": {
                            "jpeg": {
                                "url": "https://images.depicta.ai/a1b2c3d4-e5f6-7890-abcd-ef1234567890.jpeg?sig=abc",
                                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                "bytes": 307200,
                                "expires_at": "2026-04-06T16:00:00Z",
                            },
                            "webp": {
                                "url": "https://images.depicta.ai/a1b2c3d4-e5f6-7890-abcd-ef1234567890.webp?sig=abc",
                                "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                "bytes": 307200,
                                "expires_at": "2026-04-06T16:00:00Z",
                            },
                        },
                    }
                ],
                "urls": ["https://images.depicta.ai/a1b2c3d4-e5f6-7890-abcd-ef1234567890.png?sig=abc"],
                "media_ids": [],
                "calls": 1,
                "cost": {"amount": "0.045000", "unit": "EUR"},
                "balance": {"amount": "9.955000", "unit": "EUR"},
                "warnings": [
                    "No model was named: Depicta draws with gemini-2.5-flash-image.",
                    "Picture 1 is not kept here: The picture at images.depicta.ai was not fetched: it did not answer (gaierror). Open its URL yourself.",
                ],
                "provider_ids": ["a1b2c3d4-e5f6-7890-abcd-ef1234567890"],
                "job_ids": ["0f0e0d0c-0b0a-4908-8706-050403020100"],
                "next_step": "Give the user the URLs, or use attach_to_post with the generation_id. Save what is not kept: URL life is 1 hour.",
            },
            "isError": False,
        }
    ) == await drawn(agent, "depicta")


async def test_an_outcome_that_is_unknown(agent: Agent) -> None:
    """What happened, what was looked at, the money at risk, and what to do instead of a second call; later as well."""
    agent.scripts["theo"].answer(Answer(ending="close"))
    error = await agent.draw("theo", count=2)
    generation_id = error.error["generation_id"]

    later = await agent.call("get_generation", generation_id=generation_id)

    assert snapshot(
        [
            "Error: The request reached Theo, but no complete answer came (RemoteProtocolError). Do not repeat the call before checking the provider's dashboard: it may have been charged. Theo has no list of what it drew, and its usage counter could not be read before the call. At risk: an amount that is not published. Do not generate it again: get_generation with gen_0 looks again, and a person who has looked at the provider's dashboard settles it with `imagewright settle gen_0 charged` or `not-charged`.",
            """\
Status unknown: 2 pictures by Theo. generation_id gen_0.
Missing 2 (charged: maybe): The request reached Theo, but no complete answer came (RemoteProtocolError). Do not repeat the call before checking the provider's dashboard: it may have been charged. Theo has no list of what it drew, and its usage counter could not be read before the call. At risk: an amount that is not published. Do not generate it again: get_generation with gen_0 looks again, and a person who has looked at the provider's dashboard settles it with `imagewright settle gen_0 charged` or `not-charged`.
Do not generate it again: look again later, or have the user settle it.\
""",
        ]
    ) == [one.replace(generation_id, "gen_0") for one in (error.text, later.text)]


async def test_an_equal_call_of_an_unknown_one(agent: Agent) -> None:
    """It sends nothing, and tells the same generation."""
    agent.scripts["theo"].answer(Answer(ending="close"))
    first = await agent.draw("theo")

    again = await agent.draw("theo")

    assert (first.error, first.text) == (again.error, again.text)
    assert 1 == agent.sent
