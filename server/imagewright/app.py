"""The composition root: settings make a studio, the studio and the tools make the MCP server."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.types import INVALID_PARAMS

from imagewright import __version__
from imagewright.addresses import origin
from imagewright.doors import SandboxDoor
from imagewright.errors import ImagewrightError, SettingsError
from imagewright.settings import Settings
from imagewright.studio import Studio
from imagewright.transports.revisions import RESULT_META_KEY, adapt
from imagewright.watching import log, watch
from imagewright_tools import TOOLS
from imagewright_tools._edge import ERROR_META_KEY
from imagewright_tools.resources import page, register

_FINAL = frozenset({"done", "partial", "failed"})

if TYPE_CHECKING:
    from imagewright.sandbox.server import BackgroundSandbox

_INSTRUCTIONS = (
    "generate_image draws with whichever image provider the user has; list_models shows models, prices and balances. "
    "Pictures cost money: say the cost, and never repeat a call whose outcome is unknown."
)


def build_server(settings: Settings) -> MCPServer[Studio]:
    """Return the MCP server; nothing is opened or started before it runs, and no sandbox before a call needs it.

    An answer counts as delivered once its tool has returned. A transport that can tell when the bytes are out uses
    `compose` and `note_delivery` instead.
    """
    mcp, studio = compose(settings)

    async def note(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
        result = await call_next(ctx)
        if ctx.method == "tools/call" and isinstance(result, dict):
            await note_delivery(studio, result)
        return result

    mcp.middleware.append(note)
    return mcp


def compose(settings: Settings) -> tuple[MCPServer[Studio], Studio]:
    """Return the MCP server and what it works with; see `build_server`."""
    sandbox = _Sandbox(settings)
    studio = Studio(settings, sandbox.open)
    mcp = MCPServer(
        "imagewright",
        title="imagewright",
        version=__version__,
        instructions=_INSTRUCTIONS,
        tools=list(TOOLS),
        extensions=[page()],
        lifespan=lambda _: _at_work(studio, sandbox),
        log_level="WARNING",
    )
    register(mcp)
    mcp.middleware.append(adapt)
    only_reads = {tool.name: bool(tool.annotations and tool.annotations.read_only_hint) for tool in TOOLS}
    mcp.middleware.append(watch(studio.steps, only_reads, ERROR_META_KEY))
    studio.steps.listen(log)
    mcp.middleware.append(_without_prompts)
    return mcp, studio


async def _without_prompts(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
    """Refuse any prompt as unknown; the SDK says that the server failed, and logs a stack each time (mcp 2.3)."""
    if ctx.method == "prompts/get":
        raise MCPError(INVALID_PARAMS, "Unknown prompt: this server has none.")
    return await call_next(ctx)


@asynccontextmanager
async def working(settings: Settings) -> AsyncGenerator[Studio]:
    """Work without a server, for a command that looks at what servers did; it begins nothing by itself."""
    sandbox = _Sandbox(settings)
    failure: ImagewrightError | None = None
    async with _at_work(Studio(settings, sandbox.open), sandbox, resume=False) as studio:
        try:
            yield studio
        except ImagewrightError as error:  # the group of tasks would wrap it
            failure = error
    if failure:
        raise failure


@asynccontextmanager
async def _at_work(studio: Studio, sandbox: "_Sandbox", *, resume: bool = True) -> AsyncGenerator[Studio]:
    try:
        async with studio.running(resume=resume):
            yield studio
    finally:
        with anyio.CancelScope(shield=True):
            await sandbox.aclose()


async def note_delivery(studio: Studio, result: Mapping[str, Any]) -> None:
    """Note that the result of a tool call went out: a paid picture in it is delivered, and a repeated call is a new
    order."""
    meta: dict[str, Any] = result.get("_meta") or {}
    structured: dict[str, Any] = result.get("structuredContent") or meta.get(RESULT_META_KEY) or {}
    error: dict[str, Any] = meta.get(ERROR_META_KEY) or {}
    generation_id: object = structured.get("generation_id") or error.get("generation_id")
    # What was said to run, or to be unknown, may have ended meanwhile: then its end has not gone out.
    is_final = structured.get("status") in _FINAL or error.get("charged") in {"no", "yes"}
    if isinstance(generation_id, str) and is_final:
        await studio.generations.delivered(generation_id)


class _Sandbox:
    """The built-in sandbox of this process: started by the first call that needs it, once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: BackgroundSandbox | None = None
        self._lock = anyio.Lock()

    async def open(self) -> SandboxDoor:
        async with self._lock:
            if self._running is None:
                self._running = await anyio.to_thread.run_sync(_start, self._settings.home)
            running = self._running
        return SandboxDoor(running.url, frozenset({origin(running.url), origin(running.public_url)}))

    async def aclose(self) -> None:
        if self._running:
            await anyio.to_thread.run_sync(self._running.stop)


def _start(home: Path) -> "BackgroundSandbox":
    # Only a call without keys needs these.
    import sqlite3  # noqa: PLC0415  # see above

    from imagewright.sandbox.server import BackgroundSandbox  # noqa: PLC0415  # see above

    try:
        return BackgroundSandbox.start(home)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"The built-in sandbox could not start in {home} ({error}). Set IMAGEWRIGHT_HOME to a folder that can be "
            f"written, or set a provider's key."
        ) from error
