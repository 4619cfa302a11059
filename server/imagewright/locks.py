"""Locks by name that hold against every other task and process of this user."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from imagewright.errors import RequestError, SettingsError

_SECONDS = 300.0  # what a slow upload may hold one for


@dataclass(frozen=True, slots=True)
class Locks:
    """Locks in a folder, which is made with the first."""

    folder: Path

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncGenerator[None]:
        """Hold a lock while the block runs.

        Raises:
            RequestError: Another held it for minutes.
            SettingsError: The folder cannot be written.
        """
        from filelock import AsyncFileLock, Timeout  # noqa: PLC0415  # many calls need none

        safe = name.replace(":", "-")  # an id may hold a colon, a file name on Windows may not
        lock = AsyncFileLock(self.folder / f"{safe}.lock", timeout=_SECONDS)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            await lock.acquire()
        except Timeout:
            raise RequestError("Another call is busy with the same. Call again in a moment.") from None
        except OSError as error:
            raise SettingsError(
                f"{self.folder} cannot be used ({error}). Set IMAGEWRIGHT_HOME to a folder that can be written."
            ) from error
        try:
            yield
        finally:
            with anyio.CancelScope(shield=True):
                await lock.release()
