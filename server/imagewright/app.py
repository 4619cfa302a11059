"""The composition root: settings make a studio, the studio and the tools make the MCP server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from mcp.server.mcpserver import MCPServer

from imagewright import __version__
from imagewright.addresses import origin
from imagewright.doors import SandboxDoor
from imagewright.errors import SettingsError
from imagewright.settings import Settings
from imagewright.studio import Studio
from imagewright_tools import TOOLS

if TYPE_CHECKING:
    from imagewright.sandbox.server import BackgroundSandbox

_INSTRUCTIONS = (
    "generate_image draws with whichever image provider the user has; list_models shows models, prices and balances. "
    "Pictures cost money: say the cost, and never repeat a call whose outcome is unknown."
)


def build_server(settings: Settings) -> MCPServer[Studio]:
    """Return the MCP server; nothing is opened or started before it runs, and no sandbox before a call needs it."""

    @asynccontextmanager
    async def lifespan(_: MCPServer[Studio]) -> AsyncGenerator[Studio]:
        sandbox = _Sandbox(settings)
        studio = Studio(settings, sandbox.open)
        try:
            yield studio
        finally:
            with anyio.CancelScope(shield=True):
                await studio.aclose()
                await sandbox.aclose()

    return MCPServer(
        "imagewright",
        title="imagewright",
        version=__version__,
        instructions=_INSTRUCTIONS,
        tools=list(TOOLS),
        lifespan=lifespan,
        log_level="WARNING",
    )


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
