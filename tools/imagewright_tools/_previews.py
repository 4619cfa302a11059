"""Small pictures beside the text of a result, for clients that show them to their users."""

import base64
from typing import Any

import anyio
from mcp.server.apps import client_supports_apps
from mcp.server.mcpserver import Context
from mcp.types import ImageContent

from imagewright.models import Generation, KeptFile
from imagewright.studio import Studio

EDGE = 1024  # pixels: more than a model looks at
POSITION_META_KEY = "imagewright/position"  # which picture a preview is of: some may have none
_SMALLEST_BYTES = 2000  # of a JPEG that shows anything
_SECONDS = 3.0  # what an answer waits for them; those that are done by then go out
_AT_ONCE = 2  # each holds a decoded picture in memory

# By what they call themselves. Others are frameworks, which hand base64 to a model as text, and terminals.
_SHOWING = ("claude-ai", "claude desktop", "visual studio code", "cursor", "goose", "chatgpt", "inspector", "mcpjam")


async def previews(ctx: Context[Studio], made: Generation, most_bytes: int) -> list[ImageContent]:
    """Return a JPEG of each kept picture, all of them together as small as the user allows; none where nobody looks.

    `most_bytes` is what the result has room for, in base64.
    """
    studio = ctx.request_context.lifespan_context
    files = _first_files(made)
    if not files or not _wants(ctx, studio):
        return []
    room = min(studio.preview_bytes, most_bytes) // len(files) // 4 * 3  # base64 makes four of three
    if room < _SMALLEST_BYTES:
        return []
    found: dict[int, ImageContent] = {}  # by the place of the picture, from 1
    limit = anyio.CapacityLimiter(_AT_ONCE)

    async def draw(position: int, file: KeptFile) -> None:
        async with limit:
            if jpeg := await studio.preview(file.sha256, EDGE, room):
                data, meta = base64.b64encode(jpeg).decode(), {POSITION_META_KEY: position}
                found[position] = ImageContent(data=data, mime_type="image/jpeg", _meta=meta)

    with anyio.move_on_after(_SECONDS):
        async with anyio.create_task_group() as group:
            for position, file in files.items():
                group.start_soon(draw, position, file)
    return [found[position] for position in sorted(found)]


def _first_files(made: Generation) -> dict[int, KeptFile]:
    """Return one kept file of each picture that has any, by the place of the picture."""
    return {one.position: one.file for one in reversed(made.copies) if one.file}


def _wants(ctx: Context[Studio], studio: Studio) -> bool:
    if studio.previews != "auto":
        return studio.previews == "on"
    return client_supports_apps(ctx) or any(name in _client_name(ctx) for name in _SHOWING)


def _client_name(ctx: Context[Any]) -> str:
    params = ctx.session.client_params
    return params.client_info.name.lower() if params else ""
