"""What a generation looks like to a client: as data, and as text for clients that show a model nothing else."""

import json
from itertools import accumulate
from typing import Literal

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, ContentBlock, TextContent
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from imagewright.choosing import MAX_COUNT
from imagewright.models import Generation, KeptFile, Money, Picture, Variant
from imagewright.studio import Studio
from imagewright.text import clean, listing
from imagewright_tools._previews import previews


class AmountOut(BaseModel):
    """Money in the provider's own unit."""

    amount: str
    unit: str
    estimated: bool | None = None


class FileOut(BaseModel):
    """One format of a picture."""

    url: str
    sha256: str | None = None
    bytes: int | None = None
    expires_at: str | None = None
    path: str | None = None
    local_url: str | None = None
    resource: str | None = None


class ImageOut(BaseModel):
    """One picture."""

    url: str | None = None
    media_id: str | None = None
    expires_at: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    engine: str | None = None
    model: str | None = None
    prompt_used: str | None = None
    path: str | None = None  # of the kept file, on this machine
    local_url: str | None = None  # of the same, where the server is elsewhere
    resource: str | None = None  # its name for resources/read and attach_to_post
    content_type: str | None = None
    c2pa: bool | None = None
    kept: Literal["waiting", "failed", "gone"] | None = None  # where there is no kept file
    formats: dict[str, FileOut] | None = None


class FailureOut(BaseModel):
    """A part that brought no picture."""

    code: str
    message: str
    images: int
    charged: str
    job_id: str | None = None
    request_id: str | None = None


class GenerationOut(BaseModel):
    """What `generate_image` and `get_generation` answer."""

    generation_id: str
    status: Literal["done", "partial", "planned", "running", "unknown", "failed"]
    provider: str
    model: str | None = None
    why: str
    images: list[ImageOut]
    urls: list[str]
    media_ids: list[str]
    calls: int
    cost: AmountOut | None = None
    balance: AmountOut | None = None
    warnings: list[str]
    failures: list[FailureOut] | None = None
    # Its own ids, dates and words are answered but not announced: every conversation pays for a schema.
    created_at: SkipJsonSchema[str | None] = None
    provider_ids: SkipJsonSchema[list[str] | None] = None
    job_ids: SkipJsonSchema[list[str] | None] = None
    request_ids: SkipJsonSchema[list[str] | None] = None
    next_step: str
    provider_text_untrusted: SkipJsonSchema[str | None] = None
    sandbox: SkipJsonSchema[str | None] = None
    replayed: SkipJsonSchema[bool | None] = None


_RESULT_BYTES = 880_000  # clients refuse a megabyte; the rest is for the frame around it
_TEXT_CHARACTERS = 3000  # under 2,000 tokens, even of signed URLs and hashes
_TAIL_CHARACTERS = 1200


async def answer(ctx: Context[Studio], made: Generation) -> CallToolResult:
    """Return a generation as the result of a tool: the text first, since some clients pass on nothing else."""
    structured, text = structure(made).model_dump(exclude_none=True), _text(made)
    room = _RESULT_BYTES - len(json.dumps(structured)) - 2 * len(text)
    content: list[ContentBlock] = [TextContent(text=text), *await previews(ctx, made, room)]
    return CallToolResult(content=content, structured_content=structured)


def structure(made: Generation) -> GenerationOut:
    """Return a generation as data."""
    return GenerationOut(
        generation_id=made.generation_id,
        status=made.status,
        provider=made.provider,
        model=made.model,
        why=made.why,
        images=[_image(number, picture, made) for number, picture in enumerate(made.pictures, 1)],
        urls=_urls(made),
        media_ids=_media_ids(made),
        calls=made.calls,
        cost=_amount(made.cost),
        balance=_amount(made.balance),
        warnings=list(made.warnings),
        failures=[FailureOut(**{name: getattr(one, name) for name in FailureOut.model_fields}) for one in made.failures]
        or None,
        created_at=made.created_at,
        provider_ids=list(made.provider_ids) or None,
        job_ids=list(made.job_ids) or None,
        request_ids=list(made.request_ids) or None,
        next_step=made.next_step,
        provider_text_untrusted=clean(made.provider_text) or None,
        sandbox=made.sandbox_notice,
        replayed=made.replayed or None,
    )


def _image(position: int, picture: Picture, made: Generation) -> ImageOut:
    # A URL that a provider named for two pictures is noted for one of them.
    copies = {one.url: one for one in made.copies if one.position == position or one.url == picture.url}
    own = copies.get(picture.url or "")
    shown = own if own and own.file else next((one for one in copies.values() if one.file), own)
    file = shown.file if shown else None
    told = next((one.size_bytes for one in picture.variants if one.url == picture.url), None)
    image = ImageOut(
        url=picture.url,
        media_id=picture.media_id,
        expires_at=picture.expires_at,
        sha256=picture.sha256,
        bytes=told,
        width=picture.width,
        height=picture.height,
        engine=picture.engine,
        model=picture.model if picture.model != made.model else None,
        prompt_used=picture.prompt_used,
        path=_path(file),
        local_url=file.url if file else None,
        resource=_resource(file),
        kept=shown.state if shown and shown.state != "kept" else None,
        formats={
            one.format: _format(one, copies[one.url].file if one.url in copies else None)
            for one in picture.variants
            if one.url != picture.url
        }
        or None,
    )
    if file:
        image.content_type, image.c2pa = file.content_type, file.has_c2pa
        if shown is own:  # another format has a hash and a size of its own
            image.sha256, image.bytes = file.sha256, file.size_bytes
        image.width, image.height = image.width or file.width, image.height or file.height
    return image


def _format(offered: Variant, file: KeptFile | None) -> FileOut:
    return FileOut(
        url=offered.url,
        sha256=offered.sha256,
        bytes=offered.size_bytes,
        expires_at=offered.expires_at,
        path=_path(file),
        local_url=file.url if file else None,
        resource=_resource(file),
    )


def _path(file: KeptFile | None) -> str | None:
    return str(file.path) if file and file.path else None


def _resource(file: KeptFile | None) -> str | None:
    return f"imagewright://image/{file.sha256}" if file else None


def _urls(made: Generation) -> list[str]:
    return [picture.url for picture in made.pictures if picture.url]


def _media_ids(made: Generation) -> list[str]:
    return [picture.media_id for picture in made.pictures if picture.media_id]


def _amount(money: Money | None) -> AmountOut | None:
    if money is None:
        return None
    return AmountOut(amount=f"{money.amount:f}", unit=money.unit, estimated=money.estimated or None)


def _text(made: Generation) -> str:
    """Return all that the next call needs, for clients that show a model nothing else."""
    drawn_by = made.provider_name + (f", {made.model}" if made.model else "")
    cost = f"{made.cost.amount:f} {made.cost.unit}" if made.cost else "not told"
    estimated = " (estimated)" if made.cost and made.cost.estimated else ""
    noun = "picture" if made.requested == 1 else "pictures"
    if made.status == "planned":
        calls = "1 call" if made.calls == 1 else f"{made.calls} calls"
        lines = [f"Dry run: {made.requested} {noun} by {drawn_by} in {calls}. Cost {cost}{estimated}. {made.why}"]
    elif made.status in {"running", "unknown", "failed"}:
        lines = [f"Status {made.status}: {made.requested} {noun} by {drawn_by}. generation_id {made.generation_id}."]
        lines += [f"Cost {cost}{estimated}."] if made.status == "running" else []
    else:
        brought = f"{len(made.pictures)} of {made.requested} {noun} by {drawn_by}"
        balance = f" Balance {made.balance.amount:f} {made.balance.unit}." if made.balance else ""
        lines = [f"{brought}. Cost {cost}{estimated}.{balance} generation_id {made.generation_id}. {made.why}"]
    tail = [f"media_ids: {listing(ids, limit=MAX_COUNT)}" for ids in [_media_ids(made)] if ids]
    tail += [f"job_ids: {listing(made.job_ids, limit=MAX_COUNT)}"] if made.job_ids else []
    tail += [f"Missing {one.images} (charged: {one.charged}): {one.message}" for one in made.failures]
    tail += [f"Note: {warning}" for warning in made.warnings]
    tail = _cut(tail, _TAIL_CHARACTERS, "notes")
    tail += ["This is the answer to an earlier call; nothing new was sent or charged."] if made.replayed else []
    tail += [made.sandbox_notice] if made.sandbox_notice else []
    tail.append(made.next_step)
    room = _TEXT_CHARACTERS - sum(map(len, (*lines, *tail)))
    images = [_image(number, picture, made) for number, picture in enumerate(made.pictures, 1)]
    shown = [_where(one) for one in images if one.url]
    return "\n".join([*lines, *_cut(shown, room, f"pictures: attach_to_post takes {made.generation_id}/N"), *tail])


def _where(image: ImageOut) -> str:
    kept = f"\nFile: {image.path}" if image.path else f"\nKept: {image.local_url}" if image.local_url else ""
    return f"URL: {image.url}{kept}"


def _cut(lines: list[str], room: int, of_what: str) -> list[str]:
    """Return as many lines as there is room for, and how many are left out; the structured content has them all."""
    ends = accumulate(len(line) + 1 for line in lines)
    fitting = sum(1 for end in ends if end <= room)
    left = len(lines) - fitting
    return [*lines[:fitting], *([f"... and {left} more {of_what}."] if left else [])]
