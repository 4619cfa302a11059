"""The tool `generate_image`: pictures from a prompt, at any provider."""

from typing import Annotated, Any, Literal

from mcp.server.mcpserver import AcceptedElicitation, Context, Elicit, ElicitationResult, Resolve
from mcp.types import CallToolResult, ToolAnnotations
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from imagewright.choosing import AUTO, MAX_COUNT, MAX_REFERENCES
from imagewright.errors import RequestError
from imagewright.models import ImageRequest, ReferenceImage
from imagewright.principals import principal
from imagewright.providers import all_providers
from imagewright.studio import Studio
from imagewright.text import quote
from imagewright_tools._edge import PAGE, can_ask, given, tool, word
from imagewright_tools._generation import GenerationOut, answer


class Reference(BaseModel):
    """A picture for the model to look at."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(description="Public https URL")
    description: str = Field(description="What it shows")


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


References = Annotated[
    list[Reference],
    BeforeValidator(_one_or_many),
    Field(max_length=MAX_REFERENCES, description="Pictures to go by; few providers"),
]
Strictness = Annotated[
    Literal["default", "normal", "liberal"], word("default"), Field(description="Moderation; few providers")
]


class Spending(BaseModel):
    """What a person answers when asked whether to spend so much."""

    draw: bool = Field(description="Draw it")


class Unasked(Spending):
    """There was nothing to ask, or nobody who could be asked: no yes to whatever it turns out to cost."""


async def ask_before_spending(
    ctx: Context[Studio],
    prompt: str,
    provider: str,
    model: str,
    aspect_ratio: str,
    count: int,
    style: str,
    size: str,
    reference_images: list[Reference],
    strictness: str,
    request_id: str,
    dry_run: bool,
) -> Spending | Elicit[Spending]:
    """Return a question where the user wants to be asked and the client can ask, otherwise no answer."""
    request = _request(prompt, model, aspect_ratio, count, style, size, reference_images, strictness)
    studio = ctx.request_context.lifespan_context
    question = None if dry_run else await studio.question(request, provider, request_id or None, principal=principal())
    if question is None or not can_ask(ctx):
        return Unasked(draw=False)
    return Elicit(f"{question} The prompt: {quote(prompt, 200)}", Spending)


async def generate_image(
    ctx: Context[Studio],
    spending: Annotated[ElicitationResult[Spending], Resolve(ask_before_spending)],
    prompt: Annotated[str, Field(description="What to draw")],
    provider: Annotated[
        str,
        word(AUTO),
        Field(description="auto takes the first that can", json_schema_extra={"enum": [AUTO, *all_providers()]}),
    ] = AUTO,
    model: Annotated[str, Field(description="Id from list_models")] = "",
    aspect_ratio: Annotated[str, Field(description="Such as 16:9")] = "",
    count: Annotated[int, Field(ge=1, le=MAX_COUNT, description="Pictures; each costs")] = 1,
    style: Annotated[str, Field(description="Such as watercolor or photorealistic")] = "",
    size: Annotated[str, Field(description="Such as 1K, 2K; few providers")] = "",
    reference_images: References = [],  # noqa: B006  # never mutated; a schema default must be the value itself
    strictness: Strictness = "default",
    request_id: Annotated[str, Field(description="Repeat a call with the same one: it is paid once")] = "",
    dry_run: Annotated[bool, Field(description="Only say provider, calls and cost; sends nothing")] = False,
) -> Annotated[CallToolResult, GenerationOut]:
    """Draw pictures from a prompt and return their URLs or media_ids, with cost. Each call costs money and can take
    minutes: status "running" means ask get_generation. Do not repeat one that failed with charged "maybe"."""
    studio = ctx.request_context.lifespan_context
    request = _request(prompt, model, aspect_ratio, count, style, size, reference_images, strictness)
    if len(request_id) > _LONGEST_REQUEST_ID:
        raise RequestError(f"request_id takes at most {_LONGEST_REQUEST_ID} characters, not {len(request_id)}.")
    if dry_run:
        return await answer(ctx, await studio.plan(request, provider))
    agreed = isinstance(spending, AcceptedElicitation) and spending.data.draw
    made = await studio.generate(
        request,
        provider,
        request_id=request_id or None,
        confirmed=agreed,
        principal=principal(),
        report=ctx.report_progress,
    )
    return await answer(ctx, made)


_LONGEST_REQUEST_ID = 128

TOOL = tool(
    generate_image,
    title="Generate images",
    page=PAGE,
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    ),
)


def _request(
    prompt: str,
    model: str,
    aspect_ratio: str,
    count: int,
    style: str,
    size: str,
    reference_images: list[Reference],
    strictness: str,
) -> ImageRequest:
    return ImageRequest(
        prompt=prompt,
        model=given(model),
        aspect_ratio=given(aspect_ratio),
        count=count,
        style=given(style),
        size=given(size),
        reference_images=tuple(ReferenceImage(one.url, one.description) for one in reference_images),
        strictness="liberal" if strictness == "liberal" else "normal" if strictness == "normal" else None,
    )
