"""HeyDecks as its pages describe it: https://heydecks.com/docs/api/images wins over every other source."""

import pytest

from tests.bodies import heydecks_done
from tests.conftest import KEYS, Agent
from tests.scripted import Answer, Scripted


async def test_every_documented_field_is_sent_under_its_documented_name(agent: Agent, heydecks: Scripted) -> None:
    """The body has prompt, aspect_ratio and n, and nothing else."""
    heydecks.answer(Answer(200, heydecks_done(2)))

    await agent.draw("heydecks", prompt="a calm backdrop", aspect_ratio="21:9", count=2)

    assert heydecks.only.json == {"prompt": "a calm backdrop", "aspect_ratio": "21:9", "n": 2}
    assert (heydecks.only.method, heydecks.only.path) == ("POST", "/v1/images")
    assert heydecks.only.headers["authorization"] == f"Bearer {KEYS['heydecks']}"
    assert heydecks.only.headers["content-type"] == "application/json"
