"""The tool `list_models`: what each provider draws with, for how much, and whether it can be used now."""

from itertools import groupby
from typing import Annotated

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from imagewright.choosing import AUTO
from imagewright.models import Model
from imagewright.provider import Shelf
from imagewright.providers import all_providers
from imagewright.studio import Studio
from imagewright.text import quote
from imagewright_tools._edge import tool, word

_MOST_ROWS = 40  # of one provider: a model pays for every row that it reads


class ModelOut(BaseModel):
    """One model of one provider."""

    provider: str
    id: str
    best_for: str
    price: str
    ratios: str
    sizes: str | None = None
    max_count: int
    references: bool
    seconds: int | None = None
    returns: str
    url_life: str
    configured: bool
    as_of: str | None = None


class ModelsOut(BaseModel):
    """What `list_models` answers."""

    models: list[ModelOut]
    balances: dict[str, str]
    notes: list[str]


async def list_models(
    ctx: Context[Studio],
    provider: Annotated[
        str,
        word(AUTO),
        Field(json_schema_extra={"enum": [AUTO, *all_providers()]}),
    ] = AUTO,
) -> Annotated[CallToolResult, ModelsOut]:
    """List models with price per image, ratios, limits and balance, of one provider or of all. Free."""
    studio = ctx.request_context.lifespan_context
    shelves = await studio.list_models(provider)
    rows = [_row(shelf, model) for shelf in shelves for model in shelf.models[:_MOST_ROWS]]
    notes = [note for shelf in shelves for note in (*shelf.notes, *_left_out(shelf))]
    if studio.sandboxed:
        notes.append("All can be used: the built-in sandbox emulates them, free of charge.")
    balances = {
        shelf.provider.slug: f"{'about ' * balance.estimated}{balance.amount:f} {balance.unit}"
        for shelf in shelves
        if (balance := shelf.balance)
    }
    answer = ModelsOut(models=rows, balances=balances, notes=notes)
    return CallToolResult(
        content=[TextContent(text=_text(answer))], structured_content=answer.model_dump(exclude_none=True)
    )


TOOL = tool(
    list_models,
    title="List models",
    annotations=ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
    ),
)


def _left_out(shelf: Shelf) -> list[str]:
    more = len(shelf.models) - _MOST_ROWS
    return [f"{shelf.provider.name} has {more} more models: generate_image takes any by its id."] if more > 0 else []


def _row(shelf: Shelf, model: Model) -> ModelOut:
    provider = shelf.provider
    price = f"{model.price:f} {provider.unit}" if model.price is not None else ""
    return ModelOut(
        provider=provider.slug,
        id=model.model_id,
        best_for=model.best_for,
        price=" ".join(part for part in (price, f"({model.price_note})" if model.price_note else "") if part),
        ratios=" ".join(provider.ratios),
        sizes=" ".join(model.sizes or provider.sizes) or None,
        max_count=provider.max_count,
        references=provider.max_references > 0,
        seconds=model.seconds,
        returns=provider.returns,
        url_life=provider.url_life,
        configured=shelf.configured,
        as_of=model.as_of,
    )


def _text(answer: ModelsOut) -> str:
    """Return the rows under a line for each provider, which holds what its models share."""
    lines: list[str] = []
    for slug, rows in groupby(answer.models, key=lambda row: row.provider):
        of_provider = list(rows)
        lines += [_shared(slug, of_provider[0], answer.balances.get(slug)), *(_line(row) for row in of_provider)]
    return "\n".join(lines + [f"Note: {note}" for note in answer.notes])


def _shared(slug: str, row: ModelOut, balance: str | None) -> str:
    facts = (
        "configured" if row.configured else "not configured",
        f"balance {balance}" if balance else "",
        f"{row.max_count} a call",
        f"ratios {row.ratios}",
        "takes reference images" if row.references else "",
        f"returns {row.returns}, {row.url_life}",
    )
    return f"{slug}: {'; '.join(fact for fact in facts if fact)}"


def _line(row: ModelOut) -> str:
    facts = (
        row.best_for if row.as_of else quote(row.best_for, 80),  # live: the provider's words
        row.price,
        f"sizes {row.sizes}" if row.sizes else "",
        f"{row.seconds} s" if row.seconds else "",
        f"as of {row.as_of}" if row.as_of else "live",
    )
    return f"- {row.id}: {', '.join(fact for fact in facts if fact)}"
