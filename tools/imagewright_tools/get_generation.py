"""The tool `get_generation`: how a generation stands, and the finished one once it is there."""

from typing import Annotated

from mcp.server.mcpserver import AcceptedElicitation, Context, Elicit, ElicitationResult, Resolve
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from imagewright.models import Entry
from imagewright.principals import principal
from imagewright.studio import Studio
from imagewright.text import clean, quote
from imagewright_tools._edge import asking_failed, can_ask, given, tool
from imagewright_tools._generation import answer

_LONGEST_WAIT_SECONDS = 45


class Settlement(BaseModel):
    """What a person answers when asked what a lost call cost."""

    charged: bool = Field(description="The provider charged for it")


class Unasked(Settlement):
    """There was nothing to ask, or nobody who could be asked."""


class RecentOut(BaseModel):
    """A generation in a list."""

    generation_id: str
    at: str
    status: str
    provider: str
    prompt: str
    images: int


async def ask_what_it_cost(ctx: Context[Studio], generation_id: str) -> Settlement | Elicit[Settlement]:
    """Return a question where no look can tell what became of a generation and the client can ask."""
    generations = ctx.request_context.lifespan_context.generations
    if asking_failed():
        generations.leave_open(generation_id)
    if not generation_id or not can_ask(ctx):
        return Unasked(charged=False)
    question = await generations.settling_question(generation_id, principal=principal())
    return Elicit(question, Settlement) if question else Unasked(charged=False)


async def get_generation(
    ctx: Context[Studio],
    settlement: Annotated[ElicitationResult[Settlement], Resolve(ask_what_it_cost)],
    generation_id: Annotated[str, Field(description="Without it: the newest, briefly")] = "",
    wait_seconds: Annotated[int, Field(ge=0, le=_LONGEST_WAIT_SECONDS, description="Wait so long for its end")] = 0,
) -> CallToolResult:
    """Tell how a generation stands and, once done, its pictures. Free; asks the provider again where an outcome is
    unknown."""
    generations = ctx.request_context.lifespan_context.generations
    named = given(generation_id)
    if named is None:
        return _listed(await generations.recent(principal=principal()))
    if not isinstance(settlement, AcceptedElicitation):
        generations.leave_open(named)
    elif not isinstance(settlement.data, Unasked):
        settled = await generations.settle(named, charged=settlement.data.charged, principal=principal())
        return await answer(ctx, settled)
    made = await generations.look_up(
        named, principal=principal(), wait_seconds=wait_seconds, report=ctx.report_progress
    )
    return await answer(ctx, made)


TOOL = tool(
    get_generation,
    title="Look a generation up",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)


def _listed(entries: list[Entry]) -> CallToolResult:
    recent = [
        RecentOut(
            generation_id=entry.generation_id,
            at=entry.at.isoformat(timespec="seconds"),
            status=entry.status,
            provider=entry.plan.provider,
            prompt=clean(entry.ask.request.prompt, 60),
            images=len(entry.result.pictures) if entry.result else 0,
        )
        for entry in entries
    ]
    lines = [
        f"{one.generation_id}: {one.status}, {one.images} by {one.provider}, {one.at}, {quote(one.prompt, 60)}"
        for one in recent
    ]
    text = "\n".join(lines) or "Nothing was generated yet."
    structured = {"generations": [one.model_dump() for one in recent]}
    return CallToolResult(content=[TextContent(text=text)], structured_content=structured)
