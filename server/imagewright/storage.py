"""One SQLite file that several processes of a user share, served by a thread of its own."""

import asyncio
import queue
import sqlite3
import threading
import traceback
import weakref
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from imagewright.errors import SettingsError

if TYPE_CHECKING:
    from filelock import FileLock

T = TypeVar("T")

_LOCK_WAIT_SECONDS = 30.0
_LOCK_POLL_SECONDS = 0.002  # filelock's own 50 ms is many times as long as a commit
_GROUP_LIMIT = 64  # so that no caller waits for more than this many others


class Storage:
    """One SQLite file that several processes of a user share: durable, migrated, and never locked out.

    A `work` is called in another thread with the connection, inside a transaction that it neither begins nor ends, and
    returns values, not cursors. What it raises is raised to its caller; `sqlite3.Error` and `OSError` as SettingsError.
    A caller that is cancelled only stops waiting: its work is done or not, as if its process had ended.

    The journal mode is DELETE with synchronous=EXTRA, not WAL: before SQLite 3.51.3 a checkpoint that races with a
    writer of another process can lose pages in WAL mode (sqlite.org/wal.html#walresetbug), several servers
    on one file are that very pattern, and one mode for every version is simpler than two.
    """

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        """Remember where; nothing is opened and no thread started before the first use.

        Each migration is one or more statements separated by ";", with no ";" inside a statement; `user_version`
        counts those that were applied.
        """
        self._path = path
        self._migrations = migrations
        self._thread: _Thread | None = None

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` reads from one consistent snapshot; it cannot write.

        Raises:
            SettingsError: The file cannot be used; the message says why and what to do. Here as in `write`.
        """
        return await self._ask(work, writes=False)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` returns once all it wrote is on the disk; if it raises, nothing it wrote is kept.

        Works that wait at the same time share one commit, and fail together only if that commit fails.
        """
        return await self._ask(work, writes=True)

    async def aclose(self) -> None:
        """Finish what was asked for, close the file and end the thread; a later use opens it again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.calls.put(None)
            await anyio.to_thread.run_sync(thread.join, abandon_on_cancel=True)

    async def _ask(self, work: Callable[[sqlite3.Connection], T], *, writes: bool) -> T:
        results: list[T] = []
        call = _Call(lambda db: results.append(work(db)), writes, asyncio.get_running_loop().create_future())
        if self._thread is None:
            thread = _Thread(_File(self._path, self._migrations))
            thread.start()
            weakref.finalize(self, thread.calls.put, None)  # a Storage that is dropped leaves no thread behind
            self._thread = thread
        self._thread.calls.put(call)
        await call.answered
        if call.error is not None:
            raise call.error
        return results[0]


@dataclass(slots=True, eq=False)
class _Call:
    work: Callable[[sqlite3.Connection], object]
    writes: bool
    answered: asyncio.Future[None]
    error: BaseException | None = None

    def attempt(self, db: sqlite3.Connection) -> None:
        db.execute("SAVEPOINT call")
        try:
            self.work(db)
        except BaseException as error:
            self.error = error
            traceback.clear_frames(error.__traceback__)  # a query left open there would lock others out
            if not db.in_transaction:  # SQLite gave up the whole of it, as on a full disk
                raise sqlite3.OperationalError(f"another change undid this one: {error}") from error
            db.execute("ROLLBACK TO call")
        db.execute("RELEASE call")

    def answer(self) -> None:
        with suppress(RuntimeError):  # its event loop was closed: nobody waits
            self.answered.get_loop().call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.answered.done():  # else its caller was cancelled
            self.answered.set_result(None)


class _Thread(threading.Thread):
    """Serves the calls in its queue, in groups, until it finds a None there."""

    def __init__(self, file: "_File") -> None:
        super().__init__(name="storage", daemon=True)
        self.calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._file = file
        self._reads: deque[_Call] = deque()
        self._writes: deque[_Call] = deque()
        self._ending = False

    def run(self) -> None:
        while self._reads or self._writes or not self._ending:
            self._collect(wait=not (self._reads or self._writes))
            self._serve(self._reads, writes=False)
            self._serve(self._writes, writes=True)
        self._file.close()

    def _collect(self, *, wait: bool) -> None:
        with suppress(queue.Empty):
            while not self._ending:
                call = self.calls.get(block=wait)
                wait = False
                if call is None:
                    self._ending = True
                else:
                    (self._writes if call.writes else self._reads).append(call)

    def _serve(self, waiting: deque[_Call], *, writes: bool) -> None:
        if not waiting:
            return
        failure: BaseException | None = None
        group: list[_Call] = []
        try:
            with self._file.transaction(writes=writes) as db:
                if writes:  # those too that came while we waited for the lock; a read may not join an older snapshot
                    self._collect(wait=False)
                group = _taken(waiting)
                for call in group:
                    call.attempt(db)
        except BaseException as error:  # noqa: BLE001  # the thread lives on
            failure = error
        for call in group or _taken(waiting):
            call.error = call.error or failure
            if call.error is not None:
                call.error = self._file.explained(call.error)
            call.answer()


def _taken(waiting: deque[_Call]) -> list[_Call]:
    return [waiting.popleft() for _ in range(min(len(waiting), _GROUP_LIMIT))]


class _NewerFileError(Exception):
    pass


class _File:
    """The file as one thread sees it."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self._path = path
        self._migrations = tuple(migrations)
        self._db: sqlite3.Connection | None = None
        self._opened_as: tuple[int, int] | None = None

    def explained(self, error: BaseException) -> BaseException:
        if isinstance(error, _NewerFileError):
            message = f"{self._path} was written by a newer imagewright and is left as it is. Update this one."
        elif isinstance(error, sqlite3.Error | OSError):
            message = (
                f"{self._path} cannot be used ({error}). Set IMAGEWRIGHT_HOME to a folder that can be written; "
                f"if the file is broken, move it away."
            )
        else:
            return error
        explained = SettingsError(message)
        explained.__cause__ = error
        return explained

    def close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    @contextmanager
    def transaction(self, *, writes: bool) -> Generator[sqlite3.Connection]:
        with self._lock() if writes else nullcontext():
            try:
                db = self._opened()
                db.execute(f"PRAGMA query_only = {not writes}")
                db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                self._check_version(db)  # a newer imagewright may have migrated it since
                yield db
                db.execute("COMMIT")
            except BaseException:
                self.close()  # undoes what is not committed; the next use starts afresh
                raise

    def _lock(self) -> AbstractContextManager[object]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._file_lock.acquire(poll_interval=_LOCK_POLL_SECONDS)

    @cached_property
    def _file_lock(self) -> "FileLock":
        from filelock import FileLock  # noqa: PLC0415  # not on the way to the first answer

        return FileLock(f"{self._path}.lock", timeout=_LOCK_WAIT_SECONDS, mode=0o600)

    def _opened(self) -> sqlite3.Connection:
        if self._db is not None and self._opened_as != _identity(self._path):  # it was moved away or replaced
            self.close()
        if self._db is None:
            with self._lock():
                self._db = self._open()
                self._opened_as = _identity(self._path)
        return self._db

    def _open(self) -> sqlite3.Connection:
        with suppress(FileExistsError):  # never opened if it is there: closing it would drop SQLite's POSIX locks on it
            self._path.touch(mode=0o600, exist_ok=False)
        db = sqlite3.connect(self._path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None)
        try:
            self._check_version(db)
            _leave_wal(db)
            db.execute("PRAGMA synchronous = EXTRA")
            db.execute("PRAGMA fullfsync = ON")  # on macOS fsync alone does not reach the disk
            db.execute("PRAGMA trusted_schema = OFF")
            self._migrate(db)
            db.execute("PRAGMA foreign_keys = ON")  # after the migrations: they may rebuild a table
        except BaseException:
            db.close()
            raise
        return db

    def _check_version(self, db: sqlite3.Connection) -> int:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(self._migrations):
            raise _NewerFileError
        return int(version)

    def _migrate(self, db: sqlite3.Connection) -> None:
        if self._check_version(db) == len(self._migrations):
            return
        db.execute("BEGIN IMMEDIATE")
        version = self._check_version(db)
        if version:
            self._back_up(version)
        for number, script in enumerate(self._migrations[version:], version + 1):
            for statement in script.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")

    def _back_up(self, version: int) -> None:
        path = self._path.with_name(f"{self._path.name}.v{version}.bak")
        path.unlink(missing_ok=True)  # left by a migration that did not end
        path.touch(mode=0o600)
        # Not from the connection that migrates: one in a write transaction cannot be copied.
        with closing(sqlite3.connect(self._path)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)


def _leave_wal(db: sqlite3.Connection) -> None:
    try:
        db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise  # else another process has it open in WAL mode: it stays so until all have closed it


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
