# ruff: noqa: E501  # texts are shown as they are sent
"""The tools as clients see them, whole: a change of a schema shows in the same diff as its cause."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from tests.agent import Agent


async def listed(agent: Agent) -> list[dict[str, Any]]:
    """The tools as they go over the wire."""
    async with agent.connect() as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


async def test_the_list_of_tools_is_under_six_thousand_bytes(agent: Agent) -> None:
    """Every model pays for it in every conversation."""
    assert len(json.dumps({"tools": await listed(agent)}, separators=(",", ":"), ensure_ascii=False).encode()) < 6000


async def test_generate_image_as_clients_see_it(agent: Agent) -> None:
    """Name, description, hints and both schemas."""
    assert (
        snapshot(
            {
                "name": "generate_image",
                "title": "Generate images",
                "description": 'Draw pictures from a prompt and return their URLs or media_ids, with cost. Each call costs money and can take minutes: status "running" means ask get_generation. Do not repeat one that failed with charged "maybe".',
                "inputSchema": {
                    "type": "object",
                    "$defs": {
                        "Reference": {
                            "additionalProperties": False,
                            "properties": {
                                "url": {"description": "Public https URL", "type": "string"},
                                "description": {"description": "What it shows", "type": "string"},
                            },
                            "required": ["url", "description"],
                            "type": "object",
                        }
                    },
                    "additionalProperties": False,
                    "properties": {
                        "prompt": {"description": "What to draw", "type": "string"},
                        "provider": {
                            "default": "auto",
                            "description": "auto takes the first that can",
                            "enum": ["auto", "heydecks", "theo", "posteverywhere", "depicta"],
                            "type": "string",
                        },
                        "model": {"default": "", "description": "Id from list_models", "type": "string"},
                        "aspect_ratio": {"default": "", "description": "Such as 16:9", "type": "string"},
                        "count": {
                            "default": 1,
                            "description": "Pictures; each costs",
                            "maximum": 24,
                            "minimum": 1,
                            "type": "integer",
                        },
                        "style": {
                            "default": "",
                            "description": "Such as watercolor or photorealistic",
                            "type": "string",
                        },
                        "size": {"default": "", "description": "Such as 1K, 2K; few providers", "type": "string"},
                        "reference_images": {
                            "default": [],
                            "description": "Pictures to go by; few providers",
                            "items": {"$ref": "#/$defs/Reference"},
                            "maxItems": 5,
                            "type": "array",
                        },
                        "strictness": {
                            "default": "default",
                            "description": "Moderation; few providers",
                            "enum": ["default", "normal", "liberal"],
                            "type": "string",
                        },
                        "request_id": {
                            "default": "",
                            "description": "Repeat a call with the same one: it is paid once",
                            "type": "string",
                        },
                        "dry_run": {
                            "default": False,
                            "description": "Only say provider, calls and cost; sends nothing",
                            "type": "boolean",
                        },
                    },
                    "required": ["prompt"],
                },
                "outputSchema": {
                    "properties": {
                        "generation_id": {"type": "string"},
                        "status": {
                            "enum": ["done", "partial", "planned", "running", "unknown", "failed"],
                            "type": "string",
                        },
                        "provider": {"type": "string"},
                        "model": {"type": "string"},
                        "why": {"type": "string"},
                        "images": {"items": {"type": "object"}, "type": "array"},
                        "urls": {"items": {"type": "string"}, "type": "array"},
                        "media_ids": {"items": {"type": "string"}, "type": "array"},
                        "calls": {"type": "integer"},
                        "cost": {"type": "object"},
                        "balance": {"type": "object"},
                        "warnings": {"items": {"type": "string"}, "type": "array"},
                        "failures": {"items": {"type": "object"}, "type": "array"},
                        "next_step": {"type": "string"},
                    },
                    "required": [
                        "generation_id",
                        "status",
                        "provider",
                        "why",
                        "images",
                        "urls",
                        "media_ids",
                        "calls",
                        "warnings",
                        "next_step",
                    ],
                    "type": "object",
                },
                "annotations": {
                    "readOnlyHint": False,
                    "destructiveHint": False,
                    "idempotentHint": False,
                    "openWorldHint": True,
                },
                "_meta": {"ui": {"resourceUri": "ui://imagewright/gallery.html"}},
            }
        )
        == (await listed(agent))[0]
    )


async def test_get_generation_as_clients_see_it(agent: Agent) -> None:
    """Name, description and hints; no schema of its answer, which is a generation or a list of them."""
    assert (
        snapshot(
            {
                "name": "get_generation",
                "title": "Look a generation up",
                "description": "Tell how a generation stands and, once done, its pictures. Free; asks the provider again where an outcome is unknown.",
                "inputSchema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "generation_id": {
                            "default": "",
                            "description": "Without it: the newest, briefly",
                            "type": "string",
                        },
                        "wait_seconds": {
                            "default": 0,
                            "description": "Wait so long for its end",
                            "maximum": 45,
                            "minimum": 0,
                            "type": "integer",
                        },
                    },
                },
                "annotations": {
                    "readOnlyHint": True,
                    "destructiveHint": False,
                    "idempotentHint": True,
                    "openWorldHint": True,
                },
            }
        )
        == (await listed(agent))[1]
    )


async def test_list_models_as_clients_see_it(agent: Agent) -> None:
    """Name, description, hints and both schemas."""
    assert (
        snapshot(
            {
                "name": "list_models",
                "title": "List models",
                "description": "List models with price per image, ratios, limits and balance, of one provider or of all. Free.",
                "inputSchema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "provider": {
                            "default": "auto",
                            "enum": ["auto", "heydecks", "theo", "posteverywhere", "depicta"],
                            "type": "string",
                        }
                    },
                },
                "outputSchema": {
                    "properties": {
                        "models": {"items": {"type": "object"}, "type": "array"},
                        "balances": {"additionalProperties": {"type": "string"}, "type": "object"},
                        "notes": {"items": {"type": "string"}, "type": "array"},
                    },
                    "required": ["models", "balances", "notes"],
                    "type": "object",
                },
                "annotations": {
                    "readOnlyHint": True,
                    "destructiveHint": False,
                    "idempotentHint": True,
                    "openWorldHint": True,
                },
            }
        )
        == (await listed(agent))[2]
    )


@pytest.mark.parametrize("tool", range(4))
async def test_schemas_are_plain_enough_for_every_client(agent: Agent, tool: int) -> None:
    """Objects at the top, no null types, no titles, closed arguments: what strict clients choke on is absent."""
    listing = (await listed(agent))[tool]

    for schema in [listing[name] for name in ("inputSchema", "outputSchema") if name in listing]:
        assert "object" == schema["type"]
        assert '"null"' not in json.dumps(schema)
        assert "anyOf" not in json.dumps(schema)
        assert '"title": "' not in json.dumps(schema)
    assert listing["inputSchema"]["additionalProperties"] is False
