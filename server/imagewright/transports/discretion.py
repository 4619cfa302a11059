"""Where this machine has its files is not told to clients that may be anywhere."""

from pathlib import Path
from typing import Any, Final, cast

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

_INSTEAD: Final = "IMAGEWRIGHT_HOME"


def discreet(home: Path) -> ServerMiddleware[Any]:
    """Return a middleware of the MCP server that takes the path of the data folder out of whatever goes out."""
    path = str(home)

    def clear(value: object) -> Any:
        if isinstance(value, str):
            return value.replace(path, _INSTEAD)
        if isinstance(value, dict):
            return {name: clear(one) for name, one in cast("dict[str, object]", value).items()}
        if isinstance(value, list):
            return [clear(one) for one in cast("list[object]", value)]
        return value

    async def answer(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
        try:
            cleared: HandlerResult = clear(await call_next(ctx))
        except MCPError as error:
            raise MCPError(error.code, clear(error.message), clear(error.data)) from error
        return cleared

    return answer
