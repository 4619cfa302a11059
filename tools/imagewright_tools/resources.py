"""The resources: kept pictures by their hash, the facts of generations by their id, and the page that shows both."""

import base64
import json
import re
from typing import Any

from mcp.server.apps import Apps
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from imagewright.errors import ImagewrightError, RequestError
from imagewright.gallery.page import page_html
from imagewright.image_files import kind_of
from imagewright.principals import principal
from imagewright.studio import Studio
from imagewright_tools._edge import PAGE
from imagewright_tools._generation import structure

_IMAGE = "imagewright://image/"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIGNATURE_CHARACTERS = 64  # of base64: what tells the kind of a picture
_FOR_EVER_MS = 365 * 24 * 3600 * 1000  # the name of a picture is the hash of its bytes


async def image(sha256: str, ctx: Context[Studio]) -> bytes:
    """A kept picture, as its provider delivered it"""
    library = ctx.request_context.lifespan_context.library
    data = await library.read_of(principal(), sha256) if _SHA256.fullmatch(sha256) else None
    if data is None:
        raise ResourceNotFoundError(
            "This picture is not kept here (any more). Use the URL that get_generation tells for its generation."
        )
    return data


async def generation(generation_id: str, ctx: Context[Studio]) -> str:
    """What was asked for, what it cost, and where its pictures are"""
    try:
        entry, made = await ctx.request_context.lifespan_context.generations.stored(
            generation_id, principal=principal()
        )
    except RequestError as error:
        raise ResourceNotFoundError(str(error)) from None
    except ImagewrightError as error:
        raise ResourceError(str(error)) from None
    asked = {"at": entry.at.isoformat(timespec="seconds"), "prompt": entry.ask.request.prompt}
    return json.dumps(asked | structure(made).model_dump(exclude_none=True), ensure_ascii=False)


def page() -> Apps:
    """Return the page that clients with MCP Apps draw beside a result."""
    apps = Apps()
    apps.add_html_resource(PAGE, page_html(), title="Pictures", description="What was drawn, and what to do with it")
    return apps


def register(mcp: MCPServer[Studio]) -> None:
    """Add the resources to a server."""
    add = mcp.resource(_IMAGE + "{sha256}", title="Kept picture", mime_type="application/octet-stream")
    add(image)
    add = mcp.resource("imagewright://generation/{generation_id}", title="Generation", mime_type="application/json")
    add(generation)
    mcp.middleware.append(_label)


async def _label(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
    """Say of a picture what kind it is and that it never changes; a template can say neither for one of many."""
    result = await call_next(ctx)
    uri = str((ctx.params or {}).get("uri", ""))
    if ctx.method == "resources/read" and uri.startswith(_IMAGE) and isinstance(result, dict):
        for content in result["contents"]:
            head = base64.b64decode(content["blob"][:_SIGNATURE_CHARACTERS])
            content["mimeType"] = kind_of(head) or content["mimeType"]
        result |= {"ttlMs": _FOR_EVER_MS} if "ttlMs" in result else {}
    return result
