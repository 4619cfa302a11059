"""What most tests need: the real client in both eras of the protocol, and four providers that follow a script."""

from collections.abc import AsyncGenerator, Mapping
from typing import cast

import pytest

from imagewright.providers import all_providers
from tests.agent import Agent, Era, Result
from tests.scripted import Scripted, scripted

__all__ = ["Agent", "Era", "Result"]


@pytest.fixture(params=["2026-07-28", "legacy"])
def era(request: pytest.FixtureRequest) -> Era:
    """Each era of the protocol."""
    return cast("Era", request.param)


@pytest.fixture
async def scripts() -> AsyncGenerator[Mapping[str, Scripted]]:
    """A scripted server for each provider; a request that no script foresaw fails the test."""
    async with scripted() as one, scripted() as two, scripted() as three, scripted() as four:
        running = dict(zip(all_providers(), (one, two, three, four), strict=True))
        yield running
    assert {slug: server.unscripted for slug, server in running.items() if server.unscripted} == {}


@pytest.fixture
def agent(era: Era, scripts: Mapping[str, Scripted]) -> Agent:
    """An agent in one era, with all four providers configured until the test says otherwise."""
    agent = Agent(era, scripts)
    agent.configure(*all_providers())
    return agent


@pytest.fixture
def heydecks(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of HeyDecks."""
    return scripts["heydecks"]


@pytest.fixture
def theo(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of Theo."""
    return scripts["theo"]


@pytest.fixture
def posteverywhere(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of PostEverywhere."""
    return scripts["posteverywhere"]


@pytest.fixture
def depicta(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of Depicta."""
    return scripts["depicta"]
