"""The access token of the HTTP server: the one that the user set, or one that is made once and kept for its owner."""

import os
import secrets
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio.to_thread

from imagewright.errors import SettingsError
from imagewright.locks import Locks
from imagewright.settings import is_token

_NAME: Final = "http-token"
_BYTES: Final = 32
_LONGEST: Final = 1024  # bytes: what else the file may hold is no token


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `value` never shows in a repr."""

    value: str = field(repr=False)
    path: Path | None  # where it is kept; None if it is the user's own
    is_new: bool = False


async def token_of(home: Path, chosen: str | None) -> Token:
    """Return the token of the server: `chosen`, otherwise the one that is kept in the data folder, otherwise a new one.

    Raises:
        SettingsError: What is kept cannot be used, or nothing can be kept; the message says what to do.
    """
    if chosen:
        return Token(chosen, None)
    path = home / _NAME
    async with Locks(home / "locks").hold(_NAME):  # two servers that start at once share one
        return await anyio.to_thread.run_sync(_kept_or_new, path)


def _kept_or_new(path: Path) -> Token:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_LONGEST).decode("ascii", errors="replace").strip()
    except FileNotFoundError:
        return Token(_keep_new(path), path, is_new=True)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}). Remove it, and a new token is made.") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise SettingsError(
            f"{path} can be read by other users, who may know the token by now. Remove it, and a new one is made."
        )
    if not is_token(text):
        raise SettingsError(f"{path} holds no token. Remove it, and a new one is made.")
    return Token(text, path)


def _keep_new(path: Path) -> str:
    token = secrets.token_urlsafe(_BYTES)
    try:
        # mkstemp's files are their owner's alone, on Windows as far as those of the user's profile are. Nobody ever
        # finds half of a token.
        handle, name = tempfile.mkstemp(prefix=f".{_NAME}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(token + "\n")
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise SettingsError(
            f"The token cannot be kept in {path} ({error.strerror}). Make room there, or set IMAGEWRIGHT_TOKEN."
        ) from None
    return token
