"""What a generation looks like to a client: as data, and as text for clients that show a model nothing else."""

from typing import Literal

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel
from pydantic.json_schema import SkipJsonSchema

from imagewright.choosing import MAX_COUNT
from imagewright.models import Generation, Money, Picture
from imagewright.text import clean, listing


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
    sandbox: str | None = None
    replayed: bool | None = None


def answer(made: Generation) -> CallToolResult:
    """Return a generation as the result of a tool."""
    structured = structure(made).model_dump(exclude_none=True)
    return CallToolResult(content=[TextContent(text=_text(made))], structured_content=structured)


def structure(made: Generation) -> GenerationOut:
    """Return a generation as data."""
    return GenerationOut(
        generation_id=made.generation_id,
        status=made.status,
        provider=made.provider,
        model=made.model,
        why=made.why,
        images=[_image(picture, made) for picture in made.pictures],
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


def _image(picture: Picture, made: Generation) -> ImageOut:
    return ImageOut(
        url=picture.url,
        media_id=picture.media_id,
        expires_at=picture.expires_at,
        sha256=picture.sha256,
        bytes=next((one.size_bytes for one in picture.variants if one.url == picture.url), None),
        width=picture.width,
        height=picture.height,
        engine=picture.engine,
        model=picture.model if picture.model != made.model else None,
        prompt_used=picture.prompt_used,
        formats={
            one.format: FileOut(url=one.url, sha256=one.sha256, bytes=one.size_bytes, expires_at=one.expires_at)
            for one in picture.variants
            if one.url != picture.url
        }
        or None,
    )


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
    lines += [f"URL: {url}" for url in _urls(made)]
    lines += [f"media_ids: {listing(ids, limit=MAX_COUNT)}" for ids in [_media_ids(made)] if ids]
    lines += [f"job_ids: {listing(made.job_ids, limit=MAX_COUNT)}"] if made.job_ids else []
    lines += [f"Missing {one.images} (charged: {one.charged}): {one.message}" for one in made.failures]
    lines += [f"Note: {warning}" for warning in made.warnings]
    lines += ["This is the answer to an earlier call; nothing new was sent or charged."] if made.replayed else []
    lines += [made.sandbox_notice] if made.sandbox_notice else []
    return "\n".join([*lines, made.next_step])
