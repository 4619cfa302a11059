"""HeyDecks as its pages describe it; https://heydecks.com/docs/api/images wins over every other source."""

from tests.agent import KEYS, Agent
from tests.bodies import heydecks_done
from tests.scripted import Answer, Scripted


async def test_every_documented_field_is_sent_under_its_documented_name(agent: Agent, heydecks: Scripted) -> None:
    """The body has prompt, aspect_ratio and n, and nothing else."""
    # https://heydecks.com/docs/api/images
    heydecks.answer(Answer(200, heydecks_done(2)))

    await agent.draw("heydecks", prompt="a calm backdrop", aspect_ratio="21:9", count=2)

    assert heydecks.only.json == {"prompt": "a calm backdrop", "aspect_ratio": "21:9", "n": 2}
    assert ("POST", "/v1/images") == (heydecks.only.method, heydecks.only.path)
    assert f"Bearer {KEYS['heydecks']}" == heydecks.only.headers["authorization"]
    assert "application/json" == heydecks.only.headers["content-type"]


async def test_the_documented_default_ratio_is_sent_and_said(agent: Agent, heydecks: Scripted) -> None:
    """Without a ratio the picture is 16:9, and the result says so."""
    # https://heydecks.com/docs/api/images: default 16:9
    heydecks.answer(Answer(200, heydecks_done()))

    result = await agent.draw("heydecks")

    assert "16:9" == heydecks.only.json["aspect_ratio"]
    assert ["No aspect_ratio was named: HeyDecks draws 16:9."] == result.structured["warnings"]


async def test_the_style_joins_the_prompt_because_there_is_no_field_for_it(agent: Agent, heydecks: Scripted) -> None:
    """No undocumented field is sent; the changed prompt is a warning."""
    # https://heydecks.com/docs/api/images: three fields
    heydecks.answer(Answer(200, heydecks_done()))

    result = await agent.draw("heydecks", style="watercolor", aspect_ratio="1:1")

    assert {"prompt": "a fox Style: watercolor.", "aspect_ratio": "1:1", "n": 1} == heydecks.only.json
    assert ["HeyDecks has no style field: the style was added to the prompt."] == result.structured["warnings"]


async def test_fewer_pictures_than_asked_cost_what_came(agent: Agent, heydecks: Scripted) -> None:
    """Failed pictures are refunded: two of three cost 16 credits, and the missing one is told with its money."""
    # https://heydecks.com/docs/api/images: 8 credits an image, refunded for any image that fails
    heydecks.answer(Answer(200, heydecks_done(2)))

    result = await agent.draw("heydecks", count=3)

    assert "partial" == result.structured["status"]
    assert 2 == len(result.structured["urls"])
    assert {"amount": "16", "unit": "credits", "estimated": True} == result.structured["cost"]
    assert [(1, "no")] == [(one["images"], one["charged"]) for one in result.structured["failures"]]
    assert "Missing 1 (charged: no)" in result.text


async def test_no_picture_at_all_is_a_failure_that_cost_nothing(agent: Agent, heydecks: Scripted) -> None:
    """An empty list is 200 by status and a failed generation by meaning."""
    # https://heydecks.com/docs/api/images: credits come back for any image that fails
    heydecks.answer(Answer(200, {"images": []}))

    result = await agent.draw("heydecks", count=2)

    assert result.is_error
    assert ("generation_failed", "no") == (result.error["code"], result.error["charged"])


async def test_a_picture_that_cannot_be_read_was_paid_for_all_the_same(agent: Agent, heydecks: Scripted) -> None:
    """An entry without a usable url is a delivered picture: it counts into the cost."""
    # https://heydecks.com/docs/api/images: each image costs 8 credits
    heydecks.answer(Answer(200, {"images": [{"url": None}, {"href": "x"}]}))

    result = await agent.draw("heydecks", count=2)

    assert ("unreadable_answer", "yes") == (result.error["code"], result.error["charged"])
    assert "charged 16 credits" in result.text


async def test_its_urls_are_permanent(agent: Agent, heydecks: Scripted) -> None:
    """Nothing urges to save what does not expire."""
    # https://heydecks.com/docs/api/images: generated images are permanent
    heydecks.answer(Answer(200, heydecks_done()))

    result = await agent.draw("heydecks")

    assert "Give the user the URLs" in result.structured["next_step"]
    assert "Save" not in result.structured["next_step"]
    assert "expires_at" not in result.structured["images"][0]


async def test_too_many_requests_means_one_second(agent: Agent, heydecks: Scripted, waits: list[float]) -> None:
    """It documents no Retry-After header, but the time itself: what is sent again waits for it."""
    # https://heydecks.com/docs/api/images: retry after 1 second
    heydecks.answer(*[Answer(429, {"error": {"code": "rate_limit", "message": "Too many requests"}})] * 3)

    result = await agent.draw("heydecks")

    assert [True, True] == [1 <= wait < 2 for wait in waits]
    assert ("rate_limited", 1.0) == (result.error["code"], result.error["retry_after_seconds"])
    assert "Call again in 1 s." in result.text


async def test_seven_pictures_are_two_calls(agent: Agent, heydecks: Scripted) -> None:
    """n goes from 1 to 6: more is split as evenly as can be."""
    # https://heydecks.com/docs/api/images: n 1 to 6
    heydecks.answer(Answer(200, heydecks_done(4)), Answer(200, heydecks_done(3)))
    heydecks.hold_until(2)

    result = await agent.draw("heydecks", count=7)

    assert [3, 4] == sorted(one.json["n"] for one in heydecks.seen)
    assert 2 == result.structured["calls"]


async def test_a_402_is_told_apart_by_its_code(agent: Agent, heydecks: Scripted) -> None:
    """402 has three meanings; only one of them is an empty purse, and an unknown code is kept."""
    # https://heydecks.com/docs/api/errors: branch on error.code
    said = "Insufficient credits: need 10, have 3 remaining."
    heydecks.answer(Answer(402, {"error": {"code": "insufficient_credits", "message": said}}))
    heydecks.answer(Answer(402, {"error": {"code": "deck_limit", "message": "Deck limit reached"}}))

    purse = await agent.draw("heydecks")
    limit = await agent.draw("heydecks")

    assert ("insufficient_credits", "insufficient_credits") == (purse.error["code"], purse.error["provider_code"])
    assert said in purse.text
    assert ("access_denied", "deck_limit") == (limit.error["code"], limit.error["provider_code"])
