"""Results as older revisions of the protocol know them: the SDK sends every client what the newest one knows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.types.version import is_version_at_least

RESULT_META_KEY: Final = "imagewright/result"
"""Where a result has its structured content for clients whose revision has none: `_meta` is known to all of them."""

_STRUCTURED: Final = "2025-06-18"  # structuredContent, outputSchema, resource_link, title, and _meta of things listed
_ANNOTATED: Final = "2025-03-26"  # annotations of tools
_ICONS: Final = "2025-11-25"  # icons, descriptions and websites

_LISTS: Final = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}


async def adapt(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
    """Leave out what the client's revision does not know, as a middleware of the MCP server."""
    result = await call_next(ctx)
    if not isinstance(result, dict):
        return result
    version = ctx.protocol_version
    if ctx.method == "initialize":
        version = str(result.get("protocolVersion", version))
        info = cast("dict[str, Any]", result.get("serverInfo") or {})
        return result | {"serverInfo": _without(info, _unknown(version))}
    if ctx.method in _LISTS:
        name, unknown = _LISTS[ctx.method], _unknown(version)
        if ctx.method == "tools/list" and not is_version_at_least(version, _ANNOTATED):
            unknown |= {"annotations"}
        return result | {name: [_without(one, unknown) for one in result.get(name, [])]}
    if ctx.method == "tools/call" and not is_version_at_least(version, _STRUCTURED):
        return _unstructured(result)
    return result


def _unstructured(result: Mapping[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = dict(result.get("_meta") or {})
    if structured := result.get("structuredContent"):
        meta[RESULT_META_KEY] = structured
    content: Sequence[Mapping[str, Any]] = result.get("content", [])
    adapted = {
        **_without(result, {"structuredContent"}),
        "content": [_text_for_link(one) if one.get("type") == "resource_link" else one for one in content],
    }
    return adapted | ({"_meta": meta} if meta else {})


def _text_for_link(link: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": f"{link.get('name')}: {link.get('uri')}"}


def _unknown(version: str) -> set[str]:
    unknown = set[str]()
    if not is_version_at_least(version, _ICONS):
        unknown |= {"icons", "websiteUrl", "execution"}
    if not is_version_at_least(version, _STRUCTURED):
        unknown |= {"title", "outputSchema", "_meta"}
    return unknown


def _without(facts: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
