"""What providers answer to a free look at their models and balances, as their pages and clients describe it."""

from typing import Any

from tests.agent import Agent, Result
from tests.scripted import Answer

# PyPI depicta 1.3.0
PROFILE = {"user": {"email": "me@example.com", "balance_eur": "4.950000", "held_eur": "0.050000"}}
# https://developers.posteverywhere.ai/introspection
ME = {"data": {"quota": {"ai_credits": {"used": 138, "limit": 500, "bonus": 20}}}, "error": None}
# https://docs.hitheo.ai/api-reference/models/list
THEO_MODELS = {
    "models": [
        {"mode": "fast", "model_id": "theo-1-flash", "label": "Theo Flash", "engine": "theo-text"},
        {"mode": "image", "model_id": "theo-1-create", "label": "Theo Create", "description": "Pictures of all kinds"},
    ]
}
# PyPI depicta 1.3.0; the last two are what no list should hold
DEPICTA_MODELS: list[Any] = [
    {"id": "one", "name": "One", "can_generate": True, "image_sizes": ["1K", "2K"], "approximate_cost_eur": "0.045"},
    {"id": "two", "name": "Two", "approximate_cost_eur": 0.12, "can_edit": True},
    {"id": "editor", "name": "Editor", "can_generate": False},
    {"name": "without id"},
    "junk",
]


def answer_looks(agent: Agent) -> None:
    """Let every provider that has something to look up answer as documented."""
    agent.scripts["theo"].answer(Answer(200, THEO_MODELS), path="/api/v1/models")
    agent.scripts["posteverywhere"].answer(Answer(200, ME), path="/api/v1/me")
    agent.scripts["depicta"].answer(Answer(200, DEPICTA_MODELS), path="/v1/models")
    agent.scripts["depicta"].answer(Answer(200, PROFILE), path="/v1/account/profile")


def rows(result: Result, slug: str) -> list[dict[str, Any]]:
    """The rows of one provider."""
    return [row for row in result.structured["models"] if row["provider"] == slug]
