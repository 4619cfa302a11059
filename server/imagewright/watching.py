"""Watches the tools of a server: each call is a step, and each step that matters is a line in the log."""

import logging
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from pydantic import ValidationError

from imagewright.models import Money
from imagewright.principals import principal
from imagewright.steps import DONE, Ended, Facts, Steps
from imagewright.text import clean, identifier

OTHER: Final = "other"
"""What a tool is called that there is not."""

_NOT_UNDERSTOOD: Final = "protocol_error"
_ASKED: Final = "asked"  # the answer is a question to the user; the client calls again with what was said
_STATUSES: Final = frozenset({"done", "partial", "planned", "running", "unknown", "failed"})
_CLIENT_CHARACTERS: Final = 80

_log = logging.getLogger("imagewright")


def watch(steps: Steps, tools: Mapping[str, bool], error_key: str) -> ServerMiddleware[Any]:
    """Return a middleware of the MCP server that tells of each call of a tool.

    `tools` are those that there are, with whether they only read; results have the facts of an error in their `_meta`
    under `error_key`.
    """

    async def watched(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
        if ctx.method != "tools/call":
            return await call_next(ctx)
        with steps.step_of_current_span("tool.call", **_asked(ctx, tools)) as step:
            try:
                result = await call_next(ctx)
            except (MCPError, ValidationError):
                step.set(outcome=_NOT_UNDERSTOOD)
                raise
            if isinstance(result, dict):
                step.set(**_answered(result, error_key))
            if tools.get(step.facts.get("tool", "")):
                step.facts.pop("cost", None)  # that of an earlier call
            return result

    return watched


def log(ended: Ended) -> None:
    """Write a line for a step: what was called, by whom, what came of it and what it cost."""
    facts = ended.facts
    what = facts.get("tool") or facts.get("provider") or facts.get("address", "")
    level = logging.DEBUG if ended.name == "download" or facts.get("kind") == "free" else logging.INFO
    fields: dict[str, object] = {name: value for name, value in facts.items() if isinstance(value, str | int)}
    if cost := facts.get("cost"):
        fields |= {"cost": f"{cost.amount:f}", "unit": cost.unit}
    fields |= {"outcome": ended.outcome, "seconds": round(ended.seconds, 3)}
    _log.log(level, "%s %s: %s", ended.name, what, ended.outcome, extra={"fields": fields})


def _asked(ctx: ServerRequestContext[Any], tools: Mapping[str, bool]) -> Facts:
    said = (ctx.params or {}).get("name")
    facts: Facts = {
        "tool": said if isinstance(said, str) and said in tools else OTHER,
        "principal": clean(principal(), _CLIENT_CHARACTERS),
        "protocol_version": ctx.protocol_version,
    }
    if params := ctx.session.client_params:
        facts["client"] = clean(f"{params.client_info.name} {params.client_info.version}", _CLIENT_CHARACTERS)
    return facts


def _answered(result: Mapping[str, Any], error_key: str) -> Facts:
    structured: dict[str, Any] = result.get("structuredContent") or {}
    meta: dict[str, Any] = result.get("_meta") or {}
    error: dict[str, Any] = meta.get(error_key) or {}
    if error:
        facts: Facts = {"outcome": str(error.get("code"))}
    elif result.get("isError"):  # by the SDK, before our own edge: there is no such tool
        facts = {"outcome": _NOT_UNDERSTOOD}
    elif result.get("resultType") == "input_required":
        facts = {"outcome": _ASKED}
    else:
        status = structured.get("status")
        facts = {"outcome": status if status in _STATUSES else DONE}
    if generation_id := identifier(structured.get("generation_id") or error.get("generation_id")):
        facts["generation_id"] = generation_id
    if provider := identifier(structured.get("provider") or error.get("provider")):
        facts["provider"] = provider
    cost = cast("dict[str, Any] | None", structured.get("cost"))
    if cost and facts["outcome"] != "planned" and not structured.get("replayed"):
        facts["cost"] = Money(Decimal(cost["amount"]), cost["unit"])
    return facts
