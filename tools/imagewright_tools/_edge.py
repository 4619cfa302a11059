"""The edge to the model, once for all tools: arguments come in strictly but kindly, errors go out readable."""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast

from mcp import MCPError
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from imagewright.errors import DO_NOT_REPEAT, ImagewrightError, facts_of
from imagewright.text import clean, listing, quote

JsonSchema = dict[str, Any]

PAGE = "ui://imagewright/gallery.html"  # draws pictures in clients with MCP Apps

_log = logging.getLogger("imagewright")

# Where programs find code, charged, ids and waiting time of an error; the text says the same to models.
ERROR_META_KEY = "imagewright/error"

_ASKING_FAILED = ContextVar("asking_failed", default=False)


class EdgeTool(Tool):
    """A tool whose unknown arguments are refused, whose schemas are lean, and whose errors say what to do."""

    async def run(self, arguments: dict[str, Any], context: Context[Any, Any], convert_result: bool = False) -> Any:
        """Run the tool; our errors and wrong arguments become results that a model can read and act on."""
        # Clients send null for what they leave open: it means the default.
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            return await self._run_and_ask(given, context, convert_result)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                return _failed({"code": "invalid_arguments", "message": self._complaint(cause), "charged": "no"})
            if isinstance(cause, ImagewrightError):
                return _failed(_facts(cause))
            _log.exception("%s failed in a way that nobody foresaw", self.name)
            return _failed(self._crash(cause or error))

    async def _run_and_ask(self, given: dict[str, Any], context: Context[Any, Any], convert_result: bool) -> Any:
        """Run the tool; where the client fails to put its question, run it as for a client that cannot ask."""
        try:
            return await super().run(given, context, convert_result)
        except (MCPError, ToolError) as error:
            # The client answered the question with an error, or with what is no answer to it. Only asking raises
            # either: the tools send the client no other requests, and nothing of this one has run yet.
            if isinstance(error, ToolError) and not isinstance(error.__cause__, ToolError):
                raise
            # Not its words: they may repeat the question, and that has the prompt.
            code = error.error.code if isinstance(error, MCPError) else "no answer to it"
            _log.warning("%s: the client could not put a question to its user (%s)", self.name, code)
        failed = _ASKING_FAILED.set(True)
        try:
            return await super().run(given, context, convert_result)
        finally:
            _ASKING_FAILED.reset(failed)

    def _crash(self, cause: BaseException) -> dict[str, object]:
        free = self.annotations is not None and self.annotations.read_only_hint
        advice = "Call again." if free else DO_NOT_REPEAT
        message = f"imagewright itself failed ({type(cause).__name__}); its log on stderr tells more. {advice}"
        return {"code": "internal_error", "message": message, "charged": "no" if free else "maybe"}

    def _complaint(self, error: ValidationError) -> str:
        known = listing(list(self.parameters["properties"]), limit=20)
        complaints: list[str] = []
        for one in error.errors(include_url=False)[:5]:
            where = clean(".".join(str(step) for step in one["loc"]), 80)
            if one["type"] == "extra_forbidden":
                complaints.append(f"{self.name} takes no argument {where}; it takes {known}.")
            elif one["type"] == "missing":
                complaints.append(f"{where} is missing.")
            else:
                complaints.append(f"{where} takes {self._takes(one)}, not {quote(one['input'], 60)}.")
        return " ".join(complaints)

    def _takes(self, one: ErrorDetails) -> str:
        """Say in our words what an argument takes; pydantic's are for programmers."""
        context: dict[str, Any] = one.get("ctx", {})
        fields = self.parameters.get("$defs", {}).get(context.get("class_name"), {}).get("required", [])
        return {
            "string_type": "a text",
            "int_type": "a whole number",
            "int_parsing": "a whole number",
            "int_parsing_size": "a whole number",
            "int_from_float": "a whole number",
            "bool_type": "true or false",
            "bool_parsing": "true or false",
            "list_type": "a list",
            "dict_type": "an object",
            "model_type": f"an object with {listing(fields)}",
            "literal_error": f"one of {context.get('expected')}",
            "greater_than_equal": f"at least {context.get('ge')}",
            "less_than_equal": f"at most {context.get('le')}",
            "too_long": f"at most {context.get('max_length')} of them",
        }.get(one["type"], f"something else ({one['msg']})")


def tool(
    function: Callable[..., Any], *, title: str, annotations: ToolAnnotations, page: str | None = None
) -> EdgeTool:
    """Return the tool that a function and its docstring describe; the resource `page` draws its results."""
    description = " ".join((function.__doc__ or "").split())
    meta = {"ui": {"resourceUri": page}} if page else None
    # The SDK builds the class that it is called on, but promises its own.
    made = cast(
        "EdgeTool",
        EdgeTool.from_function(function, title=title, description=description, annotations=annotations, meta=meta),
    )
    arguments = made.fn_metadata.arg_model
    # The SDK's default drops a misspelt argument without a word; a number for a text is a harmless slip.
    arguments.model_config.update({"extra": "forbid", "coerce_numbers_to_str": True})
    arguments.model_rebuild(force=True)
    made.parameters = _lean(arguments.model_json_schema(by_alias=True))
    if made.fn_metadata.output_schema:
        made.fn_metadata.output_schema = _outline(_lean(made.fn_metadata.output_schema))
    return made


def can_ask(ctx: Context[Any, Any]) -> bool:
    """Return whether the client puts questions to its user: in forms, which a bare declaration means as well."""
    if asking_failed():
        return False
    elicitation = ctx.client_capabilities.elicitation if ctx.client_capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def asking_failed() -> bool:
    """Return whether this call had a question, and its client failed to put it."""
    return _ASKING_FAILED.get()


def word(default: str) -> BeforeValidator:
    """Return a validator that takes a word in any case; an empty one, or "default", means `default`."""

    def lowered(value: object) -> object:
        if not isinstance(value, str):
            return value
        said = value.strip().lower()
        return default if said in {"", "default"} else said

    return BeforeValidator(lowered)


def given(value: str) -> str | None:
    """Return a text that says something; an empty one, "default" and "auto" are what people call no choice."""
    stripped = value.strip()
    return None if stripped.lower() in {"", "default", "auto"} else stripped


def _facts(error: ImagewrightError) -> dict[str, object]:
    facts = facts_of(error)
    if "provider_text" in facts:
        facts["provider_text_untrusted"] = facts.pop("provider_text")
    return facts


def _failed(facts: dict[str, object]) -> CallToolResult:
    # Some frameworks drop isError: the text says it too. No structured content: the TypeScript SDK 1 holds that of an
    # error against the output schema as well, and fails.
    text = TextContent(text=f"Error: {facts['message']}")
    return CallToolResult(content=[text], is_error=True, _meta={ERROR_META_KEY: facts})


def _outline(schema: JsonSchema) -> JsonSchema:
    """Drop what is inside the objects of a result: models read results, not their schemas, and every client pays."""

    def outlined(part: Any) -> Any:
        if isinstance(part, dict):
            inner = cast("JsonSchema", part)
            return {"type": "object"} if "$ref" in inner else {key: outlined(value) for key, value in inner.items()}
        return part

    return {key: outlined(value) for key, value in schema.items() if key not in {"$defs", "description"}}


def _lean(schema: Any) -> Any:
    """Drop what pydantic adds and no model needs: titles, what a class says of itself, and `null` beside a type
    (absent says the same)."""
    if isinstance(schema, list):
        return [_lean(one) for one in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    lean: JsonSchema = {
        name: {key: _lean(value) for key, value in child.items()} if name in {"properties", "$defs"} else _lean(child)
        for name, child in cast("JsonSchema", schema).items()
        if not (name == "title" and isinstance(child, str))
        and not (name == "description" and "properties" in schema)
        and not (name == "default" and child is None)
    }
    types = [one for one in lean.get("anyOf", []) if one != {"type": "null"}]
    if types and len(types) < len(lean["anyOf"]) and not types[1:]:
        del lean["anyOf"]
        lean = {**types[0], **lean}
    return lean
