"""The pictures themselves: files named by the hash of their content, which outlive their URLs."""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from imagewright.album import MADE_ROOM, Album
from imagewright.credentials import has_credentials, is_whole
from imagewright.errors import SettingsError
from imagewright.image_files import EXTENSIONS, extension_of, inspect
from imagewright.locks import Locks
from imagewright.models import Copy, KeptFile


class Files:
    """Files under a data folder, named by the sha256 of their bytes; several processes may write at once."""

    def __init__(self, home: Path) -> None:
        """Remember where; nothing is made before the first picture."""
        self._folder = home / "pictures"

    async def keep(self, data: bytes, extension: str) -> str:
        """Keep the bytes as they are, and return their sha256 in hexadecimal.

        Raises:
            SettingsError: The folder cannot be written; nothing half-written is left.
        """
        try:
            return await anyio.to_thread.run_sync(self._keep, data, extension)
        except OSError as error:
            raise SettingsError(
                f"{self._folder} cannot be written ({error.strerror or error}). Make room there, or set "
                f"IMAGEWRIGHT_HOME to another folder."
            ) from error

    async def sweep(self) -> None:
        """Remove what writers that were killed left behind; only while nobody else writes."""
        await anyio.to_thread.run_sync(self._sweep)

    async def read(self, sha256: str) -> bytes | None:
        """Return the bytes of that hash, or None if they are not here or not what they were."""
        return await anyio.to_thread.run_sync(self._read, sha256)

    async def remove(self, sha256: str) -> bool:
        """Remove a file, and return whether it is gone: on Windows one that somebody reads just now stays."""
        if path := await self.path(sha256):
            try:
                await anyio.to_thread.run_sync(path.unlink)
            except OSError:
                return False
        return True

    async def path(self, sha256: str) -> Path | None:
        """Return where a file is, or None if it is not here."""
        return await anyio.to_thread.run_sync(self._path, sha256)

    def _path(self, sha256: str) -> Path | None:
        stem = self._folder / sha256[:2] / sha256
        return next((path for end in EXTENSIONS if (path := stem.with_suffix(f".{end}")).is_file()), None)

    def _read(self, sha256: str) -> bytes | None:
        path = self._path(sha256)
        try:
            data = path.read_bytes() if path else None
        except OSError:
            return None
        return data if data is not None and hashlib.sha256(data).hexdigest() == sha256 else None

    def _keep(self, data: bytes, extension: str) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        if self._read(sha256) is None:
            folder = self._folder / sha256[:2]
            folder.mkdir(parents=True, exist_ok=True)
            _put(data, self._folder, folder / f"{sha256}.{extension}")
        return sha256

    def _sweep(self) -> None:
        for part in self._folder.glob(f"{_PART}*"):
            with suppress(OSError):
                part.unlink()


_PART = ".part-"


def _put(data: bytes, beside: Path, path: Path) -> None:
    """Write a file so that it is there whole or not at all, whatever fails meanwhile; `beside` is on the same disk."""
    handle, name = tempfile.mkstemp(dir=beside, prefix=_PART)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    with suppress(OSError):  # Windows opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class Library:
    """Keeps pictures and what is known of them, up to a number of bytes in all: the oldest make room for new ones."""

    files: Files
    album: Album
    locks: Locks
    most_bytes: int
    base_url: str | None = None  # where clients fetch its pictures; None where they see the files

    async def read_of(self, principal: str, sha256: str) -> bytes | None:
        """Return the bytes of that hash, or None if no picture that the principal had drawn is here under it."""
        return await self.read(sha256) if await self.album.belongs(sha256, principal) else None

    async def keep(self, data: bytes, claimed: str | None = None) -> KeptFile:
        """Keep a picture as it came; one that is here already is the same.

        Raises:
            ValueError: It is no picture, a broken one, or not what was `claimed` by its sha256.
            SettingsError: The folder cannot be written.
        """
        if claimed and hashlib.sha256(data).hexdigest() != claimed.lower():
            raise ValueError("it is not the file that the provider named: its sha256 differs")
        facts = await anyio.to_thread.run_sync(_facts, data)
        # Nobody makes room between a file and its note: one without the other would never be found, or never go.
        async with self.locks.hold("library"):
            await self.files.sweep()
            await self.files.keep(data, extension_of(facts.content_type))
            await self.album.note_file(facts, datetime.now(UTC))
            old = await self.album.too_many(self.most_bytes, datetime.now(UTC))
            if gone := [sha256 for sha256 in old if await self.files.remove(sha256)]:
                await self.album.gone(gone)
        return facts

    async def read(self, sha256: str) -> bytes | None:
        """Return the picture of that hash, or None if it is not here or not what it was."""
        return await self.files.read(sha256)

    async def copies(self, generation_id: str) -> tuple[Copy, ...]:
        """Return the copies of a generation's pictures with where they are; a file that somebody removed is gone."""
        return tuple([await self._found(one) for one in await self.album.copies(generation_id)])

    async def _found(self, copy: Copy) -> Copy:
        if copy.file is None:
            # Another server can make room at its cost between the keeping of a file and the note that a copy has it.
            return replace(copy, state="gone", problem=MADE_ROOM) if copy.state == "kept" else copy
        path = await self.files.path(copy.file.sha256)
        if path is None:
            return replace(copy, state="gone", file=None, problem="its file was removed.")
        if self.base_url:
            return replace(copy, file=replace(copy.file, url=f"{self.base_url}/images/{copy.file.sha256}"))
        return replace(copy, file=replace(copy.file, path=path))


def _facts(data: bytes) -> KeptFile:
    file = inspect(data)
    if not is_whole(data, file.content_type):
        raise ValueError("it breaks off before its end")
    return KeptFile(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        content_type=file.content_type,
        width=file.width,
        height=file.height,
        has_c2pa=has_credentials(data, file.content_type),
    )
