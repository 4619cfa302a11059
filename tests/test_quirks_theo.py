"""Theo as its pages describe it; https://docs.hitheo.ai/api-reference/images/generate wins over every other source."""

from dataclasses import replace

import pytest

from imagewright.errors import NotSentError, RedirectError
from imagewright.http import Wire
from imagewright.models import Endpoint, ImageRequest
from imagewright.providers import all_providers
from imagewright.settings import load
from tests.agent import KEYS, Agent
from tests.bodies import theo_done
from tests.scripted import Answer, Scripted


async def test_every_documented_field_is_sent_under_its_documented_name(agent: Agent, theo: Scripted) -> None:
    """The body has prompt, style, aspect_ratio and count, and nothing else."""
    # https://docs.hitheo.ai/api-reference/images/generate
    theo.answer(Answer(200, theo_done(2)))

    await agent.draw("theo", prompt="a logo", style="photorealistic", aspect_ratio="1:1", count=2)

    expected = {"prompt": "a logo", "style": "photorealistic", "aspect_ratio": "1:1", "count": 2}
    assert expected == theo.only.json
    assert ("POST", "/api/v1/images") == (theo.only.method, theo.only.path)
    assert f"Bearer {KEYS['theo']}" == theo.only.headers["authorization"]


async def test_without_a_ratio_the_engine_takes_its_own(agent: Agent, theo: Scripted) -> None:
    """The default is the engine's native ratio, so none is sent."""
    # https://docs.hitheo.ai/api-reference/images/generate
    theo.answer(Answer(200, theo_done()))

    await agent.draw("theo")

    assert {"prompt": "a fox", "count": 1} == theo.only.json


async def test_the_default_host_is_not_the_one_that_redirects() -> None:
    """The page shows the apex host; it answers 307, so the www host is called."""
    # https://docs.hitheo.ai/troubleshooting/401-errors
    provider = all_providers()["theo"]
    endpoint = load({"THEO_API_KEY": KEYS["theo"]}).endpoint(provider)

    assert endpoint
    assert "https://www.hitheo.ai" == endpoint.base_url
    assert {"hitheo.ai", "www.hitheo.ai"} == provider.hosts


async def test_a_307_of_the_same_vendor_gets_method_body_and_key_again(agent: Agent, theo: Scripted) -> None:
    """Clients that drop the key on the way get 401; ours does not drop it."""
    # https://docs.hitheo.ai/troubleshooting/401-errors
    theo.answer(Answer(307, b"", {"Location": "/www/api/v1/images"}), path="/api/v1/images")
    theo.answer(Answer(200, theo_done()), path="/www/api/v1/images")

    result = await agent.draw("theo")

    first, second = theo.seen
    assert not result.is_error
    assert ("POST", first.body) == (second.method, second.body)
    assert f"Bearer {KEYS['theo']}" == first.headers["authorization"] == second.headers["authorization"]


async def test_a_307_to_another_host_gets_nothing(agent: Agent, theo: Scripted, depicta: Scripted) -> None:
    """The key never leaves the vendor, and nothing was charged."""
    # https://docs.hitheo.ai/troubleshooting/401-errors
    theo.answer(Answer(307, b"", {"Location": f"{depicta.url}/api/v1/images"}))

    result = await agent.draw("theo")

    assert 0 == depicta.connections
    assert ("redirect_refused", "no") == (result.error["code"], result.error["charged"])
    assert "redirects to “127.0.0.1”" in result.text


@pytest.mark.parametrize("hosts", [frozenset({"localhost"}), frozenset[str]()])
async def test_a_307_to_a_named_host_is_followed_over_https_only_if_the_vendor_owns_it(
    hosts: frozenset[str], theo: Scripted, depicta: Scripted
) -> None:
    """With the host among the vendor's own a TLS greeting arrives there; without it, nobody calls."""
    # https://docs.hitheo.ai/troubleshooting/401-errors
    secure = depicta.url.replace("http://127.0.0.1", "https://localhost")
    theo.answer(Answer(307, b"", {"Location": f"{secure}/api/v1/images"}))
    provider = replace(all_providers()["theo"], hosts=hosts)

    with pytest.raises(NotSentError if hosts else RedirectError):
        await Wire().send(provider, Endpoint(theo.url, KEYS["theo"]), provider.write(ImageRequest("a fox")))

    assert bool(hosts) == bool(depicta.connections)
    assert [] == depicta.seen


async def test_a_second_307_is_not_followed(agent: Agent, theo: Scripted) -> None:
    """One hop is documented; a loop costs nothing and ends at once."""
    # https://docs.hitheo.ai/troubleshooting/401-errors
    loop = Answer(307, b"", {"Location": "/api/v1/images"})
    theo.answer(loop, loop)

    result = await agent.draw("theo")

    assert 2 == len(theo.seen)
    assert ("redirect_refused", "no") == (result.error["code"], result.error["charged"])


@pytest.mark.parametrize("nothing", [{"url": None}, {"url": {}}, {}], ids=["null", "object", "missing"])
async def test_a_picture_without_a_url_is_told_and_the_others_kept(
    agent: Agent, theo: Scripted, nothing: dict[str, object]
) -> None:
    """A null url has no documented way to be asked for later; the schema box even shows an object."""
    # https://docs.hitheo.ai/api-reference/images/generate: url is string or null, rendered as {}
    body = theo_done(2)
    body["images"][1] = nothing
    theo.answer(Answer(200, body))

    result = await agent.draw("theo", count=2)

    assert ("partial", 1) == (result.structured["status"], len(result.structured["urls"]))
    assert "1 picture was returned by Theo without a URL" in result.text
    assert "no way to fetch it later" in result.text
    assert [1] == [one["images"] for one in result.structured["failures"]]


async def test_only_pictures_without_a_url_are_a_paid_loss(agent: Agent, theo: Scripted) -> None:
    """The cost and the id at Theo stand in the error: they are all that is left to ask with."""
    # https://docs.hitheo.ai/api-reference/images/generate
    theo.answer(Answer(200, {**theo_done(), "images": [{"url": None}]}))

    result = await agent.draw("theo")

    assert ("unreadable_answer", "yes") == (result.error["code"], result.error["charged"])
    assert "charged 0.08 cents" in result.text
    assert "img_abc123" in result.text


async def test_artifacts_stand_in_for_images(agent: Agent, theo: Scripted) -> None:
    """One page names the list artifacts; images wins where both have pictures."""
    # https://www.hitheo.ai/llms/api.txt, 2026-05-24
    body = theo_done(2)
    theo.answer(Answer(200, {"artifacts": body["images"], "usage": body["usage"]}))
    theo.answer(Answer(200, {"artifacts": body["images"], "images": [], "usage": body["usage"]}))
    theo.answer(Answer(200, {**body, "artifacts": [{"url": "https://artifacts.hitheo.ai/other.png"}]}))

    results = [await agent.draw("theo", count=2) for _ in range(3)]

    assert [[one["url"] for one in body["images"]]] * 3 == [result.structured["urls"] for result in results]


async def test_a_float_of_cents_is_an_exact_decimal(agent: Agent, theo: Scripted) -> None:
    """0.08 is neither rounded nor rescaled, and 0.1 and 0.2 are 0.3."""
    # https://docs.hitheo.ai/api-reference/images/generate: "cost_cents": 0.08
    theo.answer(Answer(200, theo_done()))
    for cents in (b"0.1", b"0.2"):
        theo.answer(Answer(200, b'{"images": [{"url": "https://a.hitheo.ai/1"}], "usage": {"cost_cents": %s}}' % cents))

    one = await agent.draw("theo")
    two = await agent.draw("theo", count=5)

    assert {"amount": "0.08", "unit": "cents"} == one.structured["cost"]
    assert {"amount": "0.3", "unit": "cents"} == two.structured["cost"]
    assert "Cost 0.3 cents." in two.text


async def test_a_missing_cost_and_model_are_said_to_be_unknown(agent: Agent, theo: Scripted) -> None:
    """The vendor's own types lack model; usage may be absent. Neither is invented."""
    # https://github.com/hitheoai/theoai packages/sdk 0.2.1
    theo.answer(Answer(200, {"images": [{"url": "https://artifacts.hitheo.ai/1.png", "engine": "theo-vision"}]}))

    result = await agent.draw("theo")

    assert {"cost", "model"}.isdisjoint(result.structured)
    assert "theo-vision" == result.structured["images"][0]["engine"]
    assert "Cost not told." in result.text


async def test_the_prompt_as_used_engine_and_model_come_back(agent: Agent, theo: Scripted) -> None:
    """Theo enriches prompts, and the engine that served may not be the usual one."""
    # https://docs.hitheo.ai/api-reference/images/generate
    theo.answer(Answer(200, theo_done(), {"X-Request-Id": "req_abc123"}))

    result = await agent.draw("theo", style="photorealistic", aspect_ratio="1:1")

    assert "a fox Style: photorealistic. Aspect ratio: 1:1." == result.structured["images"][0]["prompt_used"]
    assert "theo-vision" == result.structured["images"][0]["engine"]
    assert "theo-1-create" == result.structured["model"]
    assert ["req_abc123"] == result.structured["request_ids"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-Ratelimit-Reset-Requests": "58s"}, 58.0),
        ({"X-Ratelimit-Reset-Requests": "58s", "Retry-After": "12"}, 12.0),
        ({}, 1.0),
    ],
)
async def test_a_reset_of_58s_is_58_seconds(
    agent: Agent, theo: Scripted, waits: list[float], headers: dict[str, str], seconds: float
) -> None:
    """Retry-After wins; without it the reset header, whose values end in s, says when to come back."""
    # https://docs.hitheo.ai/security/rate-limiting
    limited = Answer(429, {"error": {"code": "rate_limit_exceeded", "message": "Too many requests"}}, headers)
    theo.answer(*[limited] * 3)

    result = await agent.draw("theo")

    assert [True, True] == [seconds <= wait < seconds + 1 for wait in waits]
    assert seconds == result.error["retry_after_seconds"]
    assert f"Call again in {seconds:.0f} s." in result.text


async def test_five_pictures_are_two_calls(agent: Agent, theo: Scripted) -> None:
    """count goes from 1 to 4: more is split."""
    # https://docs.hitheo.ai/api-reference/images/generate: count 1-4
    theo.answer(Answer(200, theo_done(3)), Answer(200, theo_done(2)))
    theo.hold_until(2)

    await agent.draw("theo", count=5)

    assert [2, 3] == sorted(one.json["count"] for one in theo.seen)


async def test_a_ratio_beyond_the_examples_is_passed_on_with_a_warning(agent: Agent, theo: Scripted) -> None:
    """The page lists examples, no closed set: the named provider decides."""
    # https://docs.hitheo.ai/api-reference/images/generate: "e.g."
    theo.answer(Answer(200, theo_done()))

    result = await agent.draw("theo", aspect_ratio="21:9")

    assert "21:9" == theo.only.json["aspect_ratio"]
    assert ["Theo does not document 21:9; it was asked for all the same."] == result.structured["warnings"]
