"""One contract for every provider: the same call, the same result, through a real client and the sandbox over HTTP."""

import hashlib
import io
from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.sandbox.server import BackgroundSandbox
from tests.agent import Agent, Era

PROVIDERS = list(all_providers().values())


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[BackgroundSandbox]:
    """Return a running sandbox for the tests of this file."""
    running = BackgroundSandbox.start(tmp_path_factory.mktemp("sandbox"))
    yield running
    running.stop()


@pytest.fixture(params=PROVIDERS, ids=lambda provider: str(provider.slug))
def provider(request: pytest.FixtureRequest) -> Provider:
    """Return every provider in turn."""
    one: Provider = request.param
    return one


@pytest.fixture
def agent(era: Era, sandbox: BackgroundSandbox, request: pytest.FixtureRequest, tmp_path: Path) -> Agent:
    """Return an agent, in each era, with accounts of its own at all four, whose base URLs lead to the sandbox."""
    digest = hashlib.sha256(request.node.name.encode()).hexdigest()
    forms = {
        "heydecks": f"hd_live_{digest[:8]}_{digest[8:40]}",
        "theo": f"theo_sk_{digest[:32]}",
        "posteverywhere": f"pe_live_{digest[:32]}",
        "depicta": f"dpct_{digest[:43]}",
    }
    keys = {one.key_env: forms[one.slug] for one in PROVIDERS}
    bases = {f"IMAGEWRIGHT_{one.slug.upper()}_BASE_URL": f"{sandbox.url}/{one.slug}" for one in PROVIDERS}
    return Agent(era, {}, {**keys, **bases, "IMAGEWRIGHT_HOME": str(tmp_path)})


async def drawn(agent: Agent, provider: str = "auto", **arguments: Any) -> dict[str, Any]:
    """Draw, and return the structured result, which must be no error."""
    result = await agent.draw(provider, **arguments)
    assert not result.is_error, result.text
    return result.structured


async def fetched(url: str) -> httpx2.Response:
    """Fetch a URL as anybody could."""
    async with httpx2.AsyncClient() as http:
        return await http.get(url)


async def test_a_picture_comes_back_in_the_same_shape(agent: Agent, provider: Provider) -> None:
    """Whoever draws, the result names provider, status, cost in its unit, and one thing to use for each picture."""
    facts = await drawn(agent, provider.slug)

    assert ("done", provider.slug, 1) == (facts["status"], facts["provider"], len(facts["images"]))
    assert provider.unit == facts["cost"]["unit"]
    assert Decimal(facts["cost"]["amount"]) > 0
    assert len(facts[provider.returns]) == 1
    assert "sandbox" not in facts


async def test_text_alone_is_enough_for_the_next_call(agent: Agent, provider: Provider) -> None:
    """Every URL and media_id stands in the text, the only block there is."""
    result = await agent.draw(provider.slug)
    facts = result.structured

    assert ["text"] == [block.type for block in result.raw.content]
    assert all(handle in result.text for handle in (*facts["urls"], *facts["media_ids"], facts["generation_id"]))


async def test_the_picture_is_a_real_file_of_the_ratio_asked_for(agent: Agent, provider: Provider) -> None:
    """A URL leads to a picture of the ratio asked for; where there is none, the answer tells its measures."""
    facts = await drawn(agent, provider.slug, aspect_ratio="16:9")
    image = facts["images"][0]
    width, height = image.get("width"), image.get("height")
    if facts["urls"]:
        with Image.open(io.BytesIO((await fetched(facts["urls"][0])).content)) as picture:
            width, height = picture.size

    assert width / height == pytest.approx(16 / 9, rel=0.03)


async def test_more_pictures_than_one_call_allows_are_split(agent: Agent, provider: Provider) -> None:
    """One more than the limit takes two calls, and all the pictures come back with the cost of all."""
    one = await drawn(agent, provider.slug)
    many = await drawn(agent, provider.slug, count=provider.max_count + 1)

    assert (2, "done") == (many["calls"], many["status"])
    assert provider.max_count + 1 == len(set(many[provider.returns]))
    assert Decimal(one["cost"]["amount"]) * (provider.max_count + 1) == Decimal(many["cost"]["amount"])


async def test_moderation_is_a_refusal_that_costs_nothing(agent: Agent, provider: Provider) -> None:
    """Content that a provider refuses is an error, with no charge."""
    result = await agent.draw(provider.slug, prompt="a fox, forbidden-by-moderation")

    assert result.is_error
    assert result.error["charged"] == "no"


async def test_a_dry_run_draws_nothing_and_names_the_price(agent: Agent, provider: Provider) -> None:
    """A dry run brings no picture, and its estimate, where a price is published, is what the call then costs."""
    planned = await drawn(agent, provider.slug, dry_run=True)
    cost = (await drawn(agent, provider.slug))["cost"]

    assert ("planned", [], []) == (planned["status"], planned["urls"], planned["media_ids"])
    assert Decimal(planned.get("cost", cost)["amount"]) == Decimal(cost["amount"])


async def test_every_model_in_the_list_can_be_asked_for(agent: Agent, provider: Provider) -> None:
    """The id of each row of list_models is taken by generate_image."""
    rows = (await agent.call("list_models", provider=provider.slug)).structured["models"]
    statuses = [(await drawn(agent, provider.slug, model=row["id"]))["status"] for row in rows]

    assert rows
    assert {"done"} == set(statuses)


async def test_without_a_key_the_sandbox_draws_and_says_so(era: Era, tmp_path: Path, provider: Provider) -> None:
    """With nothing set, every provider draws in the sandbox, free, and the result names the variable to set."""
    result = await Agent(era, {}, {"IMAGEWRIGHT_HOME": str(tmp_path)}).draw(provider.slug)

    assert provider.key_env in result.structured["sandbox"]
    assert provider.key_env in result.text


async def test_what_one_process_drew_the_next_one_serves(era: Era, tmp_path: Path) -> None:
    """A URL of the sandbox outlives the server that made it, while another server of that home has drawn."""
    agent = Agent(era, {}, {"IMAGEWRIGHT_HOME": str(tmp_path)})
    (url,) = (await drawn(agent))["urls"]
    async with agent.connect() as client:
        await client.call_tool("generate_image", {"prompt": "a hare"})
        answer = await fetched(url)

    assert (200, "image/png") == (answer.status_code, answer.headers["content-type"])


async def test_a_set_key_keeps_the_sandbox_out(era: Era, tmp_path: Path) -> None:
    """With any key set, a provider without one is refused by the name of its variable, never drawn by the sandbox."""
    agent = Agent(era, {}, {"IMAGEWRIGHT_HOME": str(tmp_path), "HEYDECKS_API_KEY": "hd_live_x"})
    result = await agent.draw("depicta")

    assert result.is_error
    assert "DEPICTA_API_KEY" in result.text
    assert not list(tmp_path.iterdir())
