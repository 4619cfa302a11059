"""The edge to the model: wrong arguments get one readable line, harmless slips are taken, either half is enough."""

import asyncio
import json
from typing import Any, Literal

import pytest
from mcp import Client

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Agent
from tests.bodies import DONE
from tests.scripted import Answer, Scripted

REFERENCE = {"url": "https://example.com/brand.png", "description": "Brand palette"}
GENERATE_TAKES = (
    "it takes prompt, provider, model, aspect_ratio, count, style, size, reference_images, strictness, request_id and "
    "dry_run."
)


async def test_an_unknown_argument_is_refused_in_one_line(agent: Agent) -> None:
    """A misspelt argument must not be dropped: the line names it and all that there are."""
    generate = await agent.draw(aspectRatio="1:1")
    models = await agent.call("list_models", verbose=True)

    assert f"Error: generate_image takes no argument aspectRatio; {GENERATE_TAKES}" == generate.text
    assert "Error: list_models takes no argument verbose; it takes provider." == models.text
    assert ("invalid_arguments", "no") == (generate.error["code"], generate.error["charged"])
    assert 0 == agent.sent


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"prompt": None}, "prompt is missing."),
        ({"count": "many"}, "count takes a whole number, not “many”."),
        ({"count": 1.5}, "count takes a whole number, not “1.5”."),
        ({"count": [1]}, "count takes a whole number, not “[1]”."),
        ({"count": "9" * 5000}, "count takes a whole number, not “999"),
        ({"count": 99}, "count takes at most 24, not “99”."),
        ({"count": 0}, "count takes at least 1, not “0”."),
        ({"dry_run": "perhaps"}, "dry_run takes true or false, not “perhaps”."),
        ({"dry_run": [1]}, "dry_run takes true or false, not “[1]”."),
        ({"strictness": "lax"}, "strictness takes one of 'default', 'normal' or 'liberal', not “lax”."),
        ({"reference_images": "https://example.com/a.png"}, "takes a list, not “https://example.com/a.png”."),
        ({"reference_images": ["fox.png"]}, "reference_images.0 takes an object with url and description, not"),
        ({"reference_images": [{"url": "https://example.com/a.png"}]}, "reference_images.0.description is missing."),
        ({"reference_images": [{**REFERENCE, "weight": 1}]}, "weight"),
        ({"reference_images": [REFERENCE] * 6}, "reference_images takes at most 5 of them, not"),
        ({"prompt": ["a fox"]}, "prompt takes a text, not “['a fox']”."),
        ({"prompt": {"text": "a fox"}}, "prompt takes a text, not “{'text': 'a fox'}”."),
    ],
)
async def test_a_wrong_argument_is_told_in_one_line(agent: Agent, arguments: dict[str, Any], says: str) -> None:
    """The argument, what it should be, what it was; no stack of pydantic and no address of its manual."""
    result = await agent.draw(**arguments)

    assert ("invalid_arguments", "no") == (result.error["code"], result.error["charged"])
    assert says in result.text
    assert "\n" not in result.text
    assert "pydantic" not in result.text
    assert "Input should" not in result.text
    assert "something else" not in result.text
    assert len(result.text) < 300
    assert 0 == agent.sent


async def test_a_missing_prompt_is_told(agent: Agent) -> None:
    """Left out altogether, it reads like null."""
    result = await agent.call("generate_image")

    assert "Error: prompt is missing." == result.text


async def test_harmless_slips_are_taken(agent: Agent, depicta: Scripted) -> None:
    """A number for a text, text for a number, a JSON text for a list, null for a default, upper case, one for many."""
    depicta.answer(*[Answer(200, DONE["depicta"]())] * 4)
    slips: list[dict[str, Any]] = [
        {"prompt": 1984, "count": "1", "dry_run": "false", "style": None, "model": None, "reference_images": None},
        {"provider": " DEPICTA ", "reference_images": json.dumps([REFERENCE]), "strictness": "Liberal"},
        {"reference_images": REFERENCE, "strictness": "default", "aspect_ratio": "", "size": " 2K "},
        {"reference_images": json.dumps(REFERENCE), "model": "default", "count": 1.0},
    ]

    results = [await agent.draw("depicta", **slip) for slip in slips]

    assert [False] * 4 == [result.is_error for result in results]
    first, second, third, fourth = [one.json for one in depicta.seen]
    model = "gemini-2.5-flash-image"
    assert {"prompt": "1984", "model": model} == first
    assert {"prompt": "a fox", "model": model, "reference_images": [REFERENCE], "strictness": "liberal"} == second
    assert {"prompt": "a fox", "model": model, "reference_images": [REFERENCE], "image_size": "2K"} == third
    assert {"prompt": "a fox", "model": model, "reference_images": [REFERENCE]} == fourth


@pytest.mark.parametrize("provider", ["", None, "AUTO", "default"])
async def test_no_provider_is_auto(agent: Agent, provider: object) -> None:
    """Clients fill what they leave open with null, with nothing, or with the word that they know."""
    agent.configure("heydecks")

    result = await agent.draw(provider=provider, dry_run=True)
    models = await agent.call("list_models", provider=provider)

    assert result.structured["why"].startswith("auto took HeyDecks")
    assert {"heydecks", "theo", "posteverywhere", "depicta"} == {row["provider"] for row in models.structured["models"]}


async def test_all_four_hints_are_stated_on_every_tool(agent: Agent) -> None:
    """A hint left out means its default, which calls a free look destructive."""
    async with agent.connect() as client:
        tools = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}

    hints = {
        name: (hint.read_only_hint, hint.destructive_hint, hint.idempotent_hint, hint.open_world_hint)
        for name, hint in tools.items()
        if hint
    }
    expected = {
        "generate_image": (False, False, False, True),
        "get_generation": (True, False, True, True),
        "list_models": (True, False, True, True),
        "attach_to_post": (False, True, False, True),
    }
    assert expected == hints


@pytest.mark.parametrize("slug", list(DONE))
async def test_text_alone_and_structure_alone_are_enough(agent: Agent, slug: str) -> None:
    """Some clients show a model the one, some the other: each has the ids, the URLs and the cost."""
    agent.scripts[slug].answer(Answer(200, DONE[slug]()))

    result = await agent.draw(slug)

    handles = [*result.structured["urls"], *result.structured["media_ids"], result.structured["generation_id"]]
    assert len(handles) >= 2
    assert all(handle in result.text for handle in handles)
    assert all(word in result.text for word in result.structured["next_step"].split(". "))
    if cost := result.structured.get("cost"):
        assert f"Cost {cost['amount']} {cost['unit']}" in result.text
    assert ["text"] == [block.type for block in result.raw.content]


@pytest.mark.parametrize("slug", list(DONE))
async def test_no_answer_holds_bytes_and_a_typical_one_is_short(agent: Agent, slug: str) -> None:
    """No base64 in either half, no link blocks, and under 1,500 bytes in all but the one with three formats."""
    agent.scripts[slug].answer(Answer(200, DONE[slug]()))

    result = await agent.draw(slug)

    assert "base64" not in result.everything
    assert "resource_link" not in result.everything
    assert len(result.raw.model_dump_json(by_alias=True, exclude_none=True).encode()) < (
        2400 if slug == "depicta" else 1500
    )


async def test_an_error_has_no_structured_content_and_says_error_in_its_text(agent: Agent, heydecks: Scripted) -> None:
    """The TypeScript SDK 1 holds the structure of an error against the output schema; some frameworks drop isError."""
    heydecks.answer(Answer(402, {"error": {"code": "insufficient_credits", "message": "No."}}))

    provider = await agent.draw("heydecks")
    limit = await agent.draw("heydecks", size="2K")
    arguments = await agent.draw("heydecks", sizes="2K")

    for result in (provider, limit, arguments):
        assert result.is_error
        assert result.raw.structured_content is None
        assert result.text.startswith("Error: ")
        assert result.text == f"Error: {result.error['message']}"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_server_says_how_to_spend(agent: Agent, mode: Literal["auto", "legacy"]) -> None:
    """The instructions are what a model reads before the first call: by discovery and by handshake."""
    async with Client(build_server(load(agent.environ)), mode=mode) as client:
        assert "never repeat a call whose outcome is unknown" in (client.instructions or "")


async def test_calls_of_one_client_run_side_by_side(agent: Agent, heydecks: Scripted) -> None:
    """Two calls over one connection do not wait for each other, and each has an id of its own."""
    heydecks.answer(*[Answer(200, DONE["heydecks"]())] * 2)
    heydecks.hold_until(2)
    calls = [{"prompt": prompt, "provider": "heydecks"} for prompt in ("a fox", "a hare")]

    async with agent.connect() as client, asyncio.timeout(20):
        both = await asyncio.gather(*[client.call_tool("generate_image", one) for one in calls])

    assert [False, False] == [one.is_error for one in both]
    assert both[0].structured_content != both[1].structured_content
