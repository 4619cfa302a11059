# ruff: noqa: E501  # lines are shown as a model reads them
"""The catalogue as a model reads it, whole: it changes in the same diff as a provider's file."""

from inline_snapshot import snapshot

from imagewright.providers import all_providers
from tests.agent import Agent
from tests.looks import answer_looks, rows


async def test_the_catalogue_without_any_key(agent: Agent) -> None:
    """Static facts with their date, nobody configured, nothing sent: it changes in the diff of a provider's file."""
    agent.configure()
    agent.environ["IMAGEWRIGHT_SANDBOX"] = "0"

    result = await agent.call("list_models")

    assert (
        snapshot("""\
heydecks: not configured; 6 a call; ratios 1:1 3:4 4:3 9:16 16:9 2:3 3:2 21:9; returns urls, permanent
- heydecks: slides and backdrops, 8 credits, as of 2026-06-24
theo: not configured; 4 a call; ratios 1:1 16:9 9:16 4:3 3:4; returns urls, not stated (one page says presigned)
- theo-1-create: styled illustrations and photos, (not published), as of 2026-04-24
posteverywhere: not configured; 1 a call; ratios 1:1 16:9 9:16 4:3 3:4 4:5 5:4; returns media_ids, no URL: a media_id in its library
- nano-banana-pro: best overall quality, 15 credits, 5 s, as of 2026-04-12
- ideogram-v2: text in images, 8 credits, 5 s, as of 2026-04-12
- gemini-3-pro: smart, contextual, 5 credits, 8 s, as of 2026-04-12
- flux-schnell: fast drafts, 1 credits, 2 s, as of 2026-04-12
depicta: not configured; 1 a call; ratios 1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9; takes reference images; returns urls, 1 hour
- gemini-2.5-flash-image: general pictures, reference images, 0.048 EUR (approximate), sizes 1K 2K 4K, as of 2026-10-01
- flux: general pictures, (see depicta.ai), sizes 1K 2K 4K, as of 2026-10-01\
""")
        == result.text
    )
    assert {False} == {row["configured"] for row in result.structured["models"]}
    assert 0 == agent.sent


async def test_all_rows_live_and_static(agent: Agent) -> None:
    """What a model reads when all four answer."""
    answer_looks(agent)

    result = await agent.call("list_models")

    assert (
        snapshot("""\
heydecks: configured; 6 a call; ratios 1:1 3:4 4:3 9:16 16:9 2:3 3:2 21:9; returns urls, permanent
- heydecks: slides and backdrops, 8 credits, as of 2026-06-24
theo: configured; 4 a call; ratios 1:1 16:9 9:16 4:3 3:4; returns urls, not stated (one page says presigned)
- theo-1-create: “Pictures of all kinds”, (not published), live
posteverywhere: configured; balance about 382 credits; 1 a call; ratios 1:1 16:9 9:16 4:3 3:4 4:5 5:4; returns media_ids, no URL: a media_id in its library
- nano-banana-pro: best overall quality, 15 credits, 5 s, as of 2026-04-12
- ideogram-v2: text in images, 8 credits, 5 s, as of 2026-04-12
- gemini-3-pro: smart, contextual, 5 credits, 8 s, as of 2026-04-12
- flux-schnell: fast drafts, 1 credits, 2 s, as of 2026-04-12
depicta: configured; balance 4.900000 EUR; 1 a call; ratios 1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9; takes reference images; returns urls, 1 hour
- one: “One”, 0.045 EUR (approximate), sizes 1K 2K, live
- two: “Two”, 0.12 EUR (approximate), sizes 1K 2K 4K, live\
""")
        == result.text
    )
    assert [] == result.structured["notes"]


async def test_every_row_tells_all_that_a_choice_needs(agent: Agent) -> None:
    """Provider, id, best for, price with unit, ratios, count, references, what comes back and for how long."""
    answer_looks(agent)

    result = await agent.call("list_models")

    assert snapshot(
        [
            {
                "provider": "heydecks",
                "id": "heydecks",
                "best_for": "slides and backdrops",
                "price": "8 credits",
                "ratios": "1:1 3:4 4:3 9:16 16:9 2:3 3:2 21:9",
                "max_count": 6,
                "references": False,
                "returns": "urls",
                "url_life": "permanent",
                "configured": True,
                "as_of": "2026-06-24",
            },
            {
                "provider": "theo",
                "id": "theo-1-create",
                "best_for": "Pictures of all kinds",
                "price": "(not published)",
                "ratios": "1:1 16:9 9:16 4:3 3:4",
                "max_count": 4,
                "references": False,
                "returns": "urls",
                "url_life": "not stated (one page says presigned)",
                "configured": True,
            },
            {
                "provider": "posteverywhere",
                "id": "nano-banana-pro",
                "best_for": "best overall quality",
                "price": "15 credits",
                "ratios": "1:1 16:9 9:16 4:3 3:4 4:5 5:4",
                "max_count": 1,
                "references": False,
                "seconds": 5,
                "returns": "media_ids",
                "url_life": "no URL: a media_id in its library",
                "configured": True,
                "as_of": "2026-04-12",
            },
            {
                "provider": "depicta",
                "id": "one",
                "best_for": "One",
                "price": "0.045 EUR (approximate)",
                "ratios": "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9",
                "sizes": "1K 2K",
                "max_count": 1,
                "references": True,
                "returns": "urls",
                "url_life": "1 hour",
                "configured": True,
            },
        ]
    ) == [rows(result, slug)[0] for slug in all_providers()]
