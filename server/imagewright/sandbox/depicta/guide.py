"""What Depicta tells about itself: health, its OpenAPI document, the skill's version, the content guidelines."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.errors import invalid
from imagewright.sandbox.vendor import Handler, Reply, Route, json_reply

_SKILL_VERSION: Final = "1.0.0"  # nowhere said
# The service's own guidelines are nowhere stored; these are the sandbox's, about what it can show.
_GUIDELINES: Final = (
    ("models", "Choosing a model", "Pick an economy model for drafts and a premium one for the final picture."),
    ("prompts", "Writing prompts", "Name the subject first, then the setting, the light and the style."),
    ("references", "Reference images", "Send at most five references and say what each of them shows."),
    ("ratios", "Aspect ratios", "Use 16:9 for banners, 9:16 for stories and 1:1 for avatars."),
    ("moderation", "Content moderation", "A refused prompt is not charged. Change the prompt and send it again."),
    ("diagrams", "Diagrams", "Say which type of diagram you want and name every box and arrow."),
    ("stories", "Stories", "Describe each character once and refer to it by the same name in every scene."),
)  # fmt: skip


def health(_: Call) -> Reply:
    """GET /health, open to all. No source shows its body."""
    return json_reply({"status": "ok"})


def skill_version(_: Call) -> Reply:
    """GET /v1/skill-version: the client 1.3.0 asks without a key and reads `version`."""
    return json_reply({"version": _SKILL_VERSION})


def search_guidelines(call: Call) -> Reply:
    """GET /v1/guidelines/search?q=: `content` and `relevance` in the docs, `title` and `slug` read by the client."""
    words = set(re.findall(r"\w+", call.query.get("q", "").lower()))
    if not words:
        raise invalid(call, {"q": "is required"})
    found: list[dict[str, Any]] = []
    for slug, title, content in _GUIDELINES:
        said = f"{slug} {title} {content}".lower()
        hits = sum(word in said for word in words)
        if hits:
            found.append({"slug": slug, "title": title, "content": content, "relevance": round(hits / len(words), 2)})
    return json_reply({"guidelines": sorted(found, key=lambda row: -row["relevance"])})


def openapi(routes: Callable[[], Sequence[Route]], form: str) -> Handler:
    """The function for GET /v1/openapi.json or .yaml, open to all: the paths that are served, without their schemas."""

    def answer(call: Call) -> Reply:
        document = json.dumps(_document(call, routes()), indent=2).encode()
        # Every JSON document is a YAML document.
        return Reply(200, document, "application/json" if form == "json" else "application/yaml")

    return answer


def _document(call: Call, routes: Sequence[Route]) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation: dict[str, Any] = {"responses": {"default": {"description": "See the documentation."}}}
        if route.open:
            operation["security"] = []
        names = re.findall(r"{(\w+)}", route.path)
        if names:
            operation["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
            ]
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Depicta Public API", "version": "1.0.0"},  # depicta.ai/docs/api
        "servers": [{"url": call.base_url}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }
