"""Tells which servers are alive: each holds a lock on a file of its own, which the system frees when it dies."""

import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from imagewright.errors import SettingsError

if TYPE_CHECKING:
    from filelock import BaseFileLock

_LEFT_SECONDS = 24 * 60 * 60  # a younger lock that nobody holds may be that of a server which is just starting


class Owner:
    """This server, as an owner of work in the journal; its lock is taken with the first work."""

    def __init__(self, locks: Path) -> None:
        """Remember where the locks are; nothing is made yet."""
        self._locks = locks
        self._lock: BaseFileLock | None = None
        self._token = secrets.token_hex(8)
        self._taking = anyio.Lock()

    async def token(self) -> str:
        """Return what this server is known by, and hold its lock from now on.

        Raises:
            SettingsError: The folder of the locks cannot be written.
        """
        async with self._taking:  # two first calls at once are one server
            if self._lock is None:
                lock = _lock(self._path(self._token))
                try:
                    await anyio.to_thread.run_sync(_hold, self._locks, lock)
                except OSError as error:
                    raise SettingsError(
                        f"{self._locks} cannot be used ({error}). Set IMAGEWRIGHT_HOME to a folder that can be written."
                    ) from error
                self._lock = lock
            return self._token

    def is_me(self, token: str | None) -> bool:
        """Whether a token is this server's."""
        return token == self._token

    async def is_alive(self, token: str | None) -> bool:
        """Whether the server of a token, which may be this one, is still running."""
        if token is None:
            return False
        return token == self._token or not await anyio.to_thread.run_sync(_is_free, self._path(token))

    def release(self) -> None:
        """Give the lock up: what this server left unfinished is anybody's."""
        if self._lock:
            self._lock.release()
            self._path(self._token).unlink(missing_ok=True)
            self._lock = None
            self._token = secrets.token_hex(8)

    def _path(self, token: str) -> Path:
        return self._locks / f"owner-{token}.lock"


def _lock(path: Path) -> "BaseFileLock":
    from filelock import FileLock  # noqa: PLC0415  # only paid calls need it

    # Not bound to a thread: it is taken in one and given up in another.
    return FileLock(path, timeout=0, thread_local=False)


def _hold(locks: Path, lock: "BaseFileLock") -> None:
    locks.mkdir(parents=True, exist_ok=True)
    lock.acquire()
    _sweep(locks)


def _sweep(locks: Path) -> None:
    """Remove the locks of servers that were killed long ago."""
    long_ago = time.time() - _LEFT_SECONDS
    for path in locks.glob("owner-*.lock"):
        with suppress(OSError):  # another server sweeps as well
            if path.stat().st_mtime < long_ago:
                _is_free(path)


def _is_free(path: Path) -> bool:
    """Whether nobody holds a lock; then its file goes as well."""
    from filelock import Timeout  # noqa: PLC0415  # see above

    if not path.exists():
        return True
    lock = _lock(path)
    try:
        lock.acquire()
    except Timeout:
        return False
    except OSError:
        return False  # not ours to judge
    lock.release()
    with suppress(OSError):
        path.unlink(missing_ok=True)
    return True
