"""Copies of pictures, kept by the hash of their content, so that they outlive their URLs."""

import hashlib
import os
import tempfile
from pathlib import Path

import anyio.to_thread

from imagewright.errors import SettingsError


class Library:
    """Files under a data folder, named by the sha256 of their bytes; several processes may write at once."""

    def __init__(self, home: Path) -> None:
        """Remember where; nothing is made before the first picture."""
        self._folder = home / "pictures"

    async def keep(self, data: bytes) -> str:
        """Keep a picture and return its sha256 in hexadecimal.

        Raises:
            SettingsError: The folder cannot be written.
        """
        try:
            return await anyio.to_thread.run_sync(self._keep, data)
        except OSError as error:
            raise SettingsError(
                f"{self._folder} cannot be used ({error}). Set IMAGEWRIGHT_HOME to a folder that can be written."
            ) from error

    async def read(self, sha256: str) -> bytes | None:
        """Return the picture of that hash, or None if it is not here or not what it was."""
        return await anyio.to_thread.run_sync(self._read, sha256)

    def _keep(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        if self._read(sha256) is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(part).replace(path)
        return sha256

    def _read(self, sha256: str) -> bytes | None:
        path = self._path(sha256)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
