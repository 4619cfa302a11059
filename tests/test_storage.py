"""One file, many processes: what was written stays, what failed leaves nothing, and nobody is locked out."""

import asyncio
import os
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import closing, suppress
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint
from filelock import FileLock

from imagewright import storage as module
from imagewright.errors import SettingsError
from imagewright.storage import Storage
from tests.storage_worker import MIGRATIONS, ROWS_EACH, insert

LATER = (*MIGRATIONS, "ALTER TABLE rows ADD COLUMN note TEXT; CREATE TABLE later (name TEXT) STRICT;")
WORKER = Path(__file__).with_name("storage_worker.py")

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes, and does not move an open file")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be, in a folder that is not there yet."""
    return tmp_path / "home" / "journal.sqlite3"


@pytest.fixture
async def storage(path: Path) -> AsyncGenerator[Storage]:
    """A storage, closed in the end."""
    storage = Storage(path, MIGRATIONS)
    yield storage
    await storage.aclose()


def lock_of(path: Path) -> FileLock:
    """The lock under which every process writes, as another process would take it."""
    return FileLock(f"{path}.lock")


def adding(name: str, number: int = 0) -> Callable[[sqlite3.Connection], None]:
    """The work of adding a row."""
    return lambda db: insert(db, name, number)


def names(db: sqlite3.Connection) -> list[str]:
    """Whose rows are there."""
    return [name for (name,) in db.execute("SELECT name FROM rows ORDER BY name, number")]


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    """What another connection finds in a file."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def made(path: Path, migrations: tuple[str, ...], then: str = "") -> None:
    """A file as an imagewright of another day left it."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        for script in migrations:
            db.executescript(script)
        db.executescript(f"PRAGMA user_version = {len(migrations)}; {then}")


def threads() -> list[threading.Thread]:
    """Those that serve a file now."""
    return [thread for thread in threading.enumerate() if thread.name == "storage"]


async def started(do: str, path: Path, name: str) -> Process:
    """A process that says it is ready and waits for a word."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(WORKER), do, str(path), name, stdin=PIPE, stdout=PIPE, env=os.environ | _paths()
    )
    assert process.stdout
    assert b"ready" == (await process.stdout.readline()).strip()
    return process


def _paths() -> dict[str, str]:
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


async def test_nothing_is_opened_before_the_first_use(path: Path) -> None:
    """No file, no folder, no thread."""
    await Storage(path, MIGRATIONS).aclose()

    assert not path.parent.exists()
    assert [] == threads()


async def test_the_connection_is_durable(storage: Storage) -> None:
    """Rollback journal, every sync there is, and time to wait for others."""

    def pragmas(db: sqlite3.Connection) -> dict[str, object]:
        asked = ("journal_mode", "synchronous", "fullfsync", "foreign_keys", "trusted_schema", "busy_timeout")
        return {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked}

    found = await storage.write(pragmas)

    assert {
        "journal_mode": "delete",
        "synchronous": 3,
        "fullfsync": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 30_000,
    } == found


async def test_what_was_written_is_there_for_others(storage: Storage, path: Path) -> None:
    """When `write` returns, not later; and it returns what the work returns."""

    def work(db: sqlite3.Connection) -> str:
        insert(db, "one", 1)
        return "returned"

    result = await storage.write(work)

    assert "returned" == result
    assert [("one", 1)] == asked(path, "SELECT * FROM rows")


async def test_writes_that_wait_share_a_commit(storage: Storage, path: Path) -> None:
    """A hundred that queue up behind another process are two groups of at most 64."""
    statements: list[str] = []
    await storage.read(lambda db: db.set_trace_callback(statements.append))
    statements.clear()
    async with asyncio.TaskGroup() as tasks:
        with lock_of(path):
            for number in range(100):
                tasks.create_task(storage.write(adding("one", number)))
            await checkpoint()

    assert ["BEGIN IMMEDIATE", "COMMIT"] * 2 == [one for one in statements if one in {"BEGIN IMMEDIATE", "COMMIT"}]
    assert [(100,)] == asked(path, "SELECT count(*) FROM rows")


async def test_writes_that_come_during_the_wait_for_the_lock_join(
    storage: Storage, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longer it takes, the more is done by one commit."""
    waiting = threading.Event()
    statements: list[str] = []
    await storage.read(lambda db: db.set_trace_callback(statements.append))
    statements.clear()
    async with asyncio.TaskGroup() as tasks:
        with lock_of(path):
            real = FileLock.acquire

            def acquire(self: FileLock, *, poll_interval: float) -> object:
                waiting.set()
                return real(self, poll_interval=poll_interval)

            monkeypatch.setattr(FileLock, "acquire", acquire)
            tasks.create_task(storage.write(adding("one", 1)))
            await asyncio.to_thread(waiting.wait, 20)
            tasks.create_task(storage.write(adding("one", 2)))
            await checkpoint()

    assert waiting.is_set()
    assert 1 == statements.count("COMMIT")


class OurError(Exception):
    """An error of the caller's own."""


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (OurError("no"), OurError),
        (KeyError("no"), KeyError),
        (StopIteration(), RuntimeError),  # a coroutine cannot raise it
        (sqlite3.IntegrityError("no"), SettingsError),
        (OSError("no"), SettingsError),
    ],
)
async def test_a_work_that_raises_undoes_itself_only(
    storage: Storage, path: Path, raised: Exception, seen: type[Exception]
) -> None:
    """What it wrote is gone, its caller is told, and those of its group are kept."""
    statements: list[str] = []
    await storage.read(lambda db: db.set_trace_callback(statements.append))
    statements.clear()

    def failing(db: sqlite3.Connection) -> None:
        insert(db, "bad", 1)
        raise raised

    with lock_of(path):
        writes = [asyncio.create_task(storage.write(work)) for work in (adding("first"), failing, adding("last"))]
        await checkpoint()
    ended = await asyncio.gather(*writes, return_exceptions=True)

    assert [type(None), seen, type(None)] == [type(one) for one in ended]
    assert [("first",), ("last",)] == asked(path, "SELECT name FROM rows")
    assert 1 == statements.count("COMMIT")


async def test_a_commit_that_fails_fails_for_all(path: Path) -> None:
    """Each is told, nothing is left, and the next write finds the file in order."""
    deferred = "CREATE TABLE children (parent TEXT REFERENCES parents (name) DEFERRABLE INITIALLY DEFERRED) STRICT;"
    storage = Storage(path, (*MIGRATIONS, "CREATE TABLE parents (name TEXT PRIMARY KEY) STRICT;" + deferred))
    await storage.read(names)
    with lock_of(path):
        works: list[Callable[[sqlite3.Connection], object]] = [
            adding("first"),
            lambda db: db.execute("INSERT INTO children VALUES ('of nobody')") and None,
            adding("last"),
        ]
        writes = [asyncio.create_task(storage.write(work)) for work in works]
        await checkpoint()
    ended = await asyncio.gather(*writes, return_exceptions=True)
    left = await storage.read(names)
    await storage.write(adding("next"))

    assert [SettingsError] * 3 == [type(one) for one in ended]
    assert all(str(one).startswith(f"{path} cannot be used (FOREIGN KEY constraint failed).") for one in ended), ended
    assert [] == left
    assert ["next"] == await storage.read(names)
    await storage.aclose()


async def test_a_full_disk_fails_for_all_and_leaves_the_file_whole(storage: Storage, path: Path) -> None:
    """SQLite gives up the whole transaction then: nobody of the group may think that theirs was written."""
    await storage.write(adding("before"))
    await storage.read(lambda db: db.execute("PRAGMA max_page_count = 20").fetchone())
    large = "x" * 1_000_000
    with lock_of(path):
        writes = [asyncio.create_task(storage.write(adding(name))) for name in ("first", large, "last")]
        await checkpoint()
    ended = await asyncio.gather(*writes, return_exceptions=True)

    assert [SettingsError] * 3 == [type(one) for one in ended]
    assert all("database or disk is full" in str(one) for one in ended), ended
    assert ["before"] == await storage.read(names)
    assert [("ok",)] == asked(path, "PRAGMA integrity_check")


async def test_a_work_that_hides_a_full_disk_is_found_out(storage: Storage, path: Path) -> None:
    """It returned in peace, but its transaction is gone: its caller is told so."""
    await storage.read(lambda db: db.execute("PRAGMA max_page_count = 20").fetchone())

    def hiding(db: sqlite3.Connection) -> None:
        insert(db, "small", 1)
        with suppress(sqlite3.Error):
            insert(db, "x" * 1_000_000, 1)

    with pytest.raises(SettingsError):
        await storage.write(hiding)

    assert [] == asked(path, "SELECT name FROM rows")


async def test_a_read_cannot_write(storage: Storage, path: Path) -> None:
    """It holds no lock, so it must not."""
    with pytest.raises(SettingsError, match="readonly"):
        await storage.read(adding("one"))

    await storage.write(adding("two"))
    assert [("two",)] == asked(path, "SELECT name FROM rows")


async def test_a_read_sees_one_state(storage: Storage, path: Path) -> None:
    """From its first look to its last, nobody can change what it sees."""

    def twice(db: sqlite3.Connection) -> tuple[list[str], str, list[str]]:
        first = names(db)
        with closing(sqlite3.connect(path, timeout=0)) as other:
            insert(other, "other", 1)
            try:
                other.commit()
            except sqlite3.OperationalError as error:
                return first, str(error), names(db)
        return first, "", names(db)

    await storage.write(adding("one"))

    assert (["one"], "database is locked", ["one"]) == await storage.read(twice)


async def test_a_work_that_raises_in_mid_query_locks_nobody_out(storage: Storage, path: Path) -> None:
    """The error is still at hand, and its traceback with it; the query is not."""
    await asyncio.gather(*[storage.write(adding("row", number)) for number in range(3)])

    def failing(db: sqlite3.Connection) -> None:
        found = db.execute("SELECT * FROM rows")
        raise OurError(found.fetchone())

    with pytest.raises(OurError) as caught:
        await storage.read(failing)

    with closing(sqlite3.connect(path, timeout=0)) as other:
        insert(other, "other", 1)
        other.commit()
    assert (("row", 0),) == caught.value.args


async def test_a_read_does_not_wait_for_the_file_lock(storage: Storage, path: Path) -> None:
    """Another process may hold it for as long as it likes."""
    await storage.write(adding("one"))

    with lock_of(path):
        found = await storage.read(names)

    assert ["one"] == found


async def test_a_read_waits_out_a_writer(storage: Storage, path: Path) -> None:
    """One that is writing its pages into the file, of a program that knows nothing of our lock."""
    looking = threading.Event()

    def trace(statement: str) -> None:
        if "user_version" in statement:
            looking.set()

    await storage.read(lambda db: db.set_trace_callback(trace))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        insert(other, "other", 1)
        read = asyncio.create_task(storage.read(names))
        await asyncio.to_thread(looking.wait, 20)
        other.execute("COMMIT")

    assert ["other"] == await read


async def test_a_caller_that_is_cancelled_harms_nobody(storage: Storage, path: Path) -> None:
    """The others of its group are written, and so is what comes after; the event loop has nothing to complain of."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    await storage.read(names)
    with lock_of(path):
        writes = [asyncio.create_task(storage.write(adding(name))) for name in ("first", "gone", "last")]
        await checkpoint()
        writes[1].cancel()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await storage.write(adding("gone too"))
    ended = await asyncio.gather(*writes, return_exceptions=True)
    await storage.write(adding("next"))

    assert [None, asyncio.CancelledError, None] == [one and type(one) for one in ended]
    assert scope.cancelled_caught
    assert [] == complaints
    assert {"first", "last", "next"} <= set(await storage.read(names))


def test_a_loop_that_ended_harms_nobody(path: Path) -> None:
    """A write outlives its event loop; the next loop uses the same storage."""
    storage = Storage(path, MIGRATIONS)
    waiting: list[asyncio.Task[None]] = []

    async def leave() -> None:
        waiting.append(asyncio.create_task(storage.write(adding("left"))))
        await checkpoint()

    async def come_back() -> list[str]:
        await storage.write(adding("next"))
        found = await storage.read(names)
        await storage.aclose()
        return found

    asyncio.run(storage.read(names))
    with lock_of(path):
        asyncio.run(leave())

    assert waiting[0].cancelled()
    assert ["left", "next"] == asyncio.run(come_back())


async def test_closing_finishes_what_was_asked_for(storage: Storage, path: Path) -> None:
    """Then there is no thread; a later use starts another."""
    await storage.read(names)
    (thread,) = threads()
    with lock_of(path):
        write = asyncio.create_task(storage.write(adding("one")))
        read = asyncio.create_task(storage.read(lambda _: "read"))
        await checkpoint()
        closing_ = asyncio.create_task(storage.aclose())
        await checkpoint()
    await asyncio.gather(write, closing_)

    assert "read" == await read
    assert not thread.is_alive()
    assert ["one"] == await storage.read(names)


async def test_a_storage_that_is_dropped_leaves_no_thread(path: Path) -> None:
    """Nobody has to remember to close it."""
    storage = Storage(path, MIGRATIONS)
    await storage.read(names)
    (thread,) = threads()

    del storage

    thread.join(20)
    assert not thread.is_alive()


async def test_eight_processes_start_at_once(path: Path) -> None:
    """On an empty folder: each makes all its rows, none is locked out, and the file is whole."""
    workers = await asyncio.gather(*[started("write", path, name) for name in "abcdefgh"])

    ended = await asyncio.gather(*[worker.communicate(b"go\n") for worker in workers])

    assert [0] * 8 == [worker.returncode for worker in workers], ended
    assert [(name, ROWS_EACH) for name in "abcdefgh"] == asked(path, "SELECT name, count(*) FROM rows GROUP BY name")
    assert [("ok",)] == asked(path, "PRAGMA integrity_check")
    assert {path, path.with_name(f"{path.name}.lock")} == set(path.parent.iterdir())


async def test_a_writer_that_is_killed_leaves_a_whole_file_and_a_free_lock(storage: Storage, path: Path) -> None:
    """In the middle of a transaction that had reached the file already."""
    await storage.write(adding("before"))
    empty = path.stat().st_size
    worker = await started("stall", path, "killed")
    spilled = path.stat().st_size

    worker.kill()
    await worker.wait()

    assert spilled > empty, "nothing of the transaction was in the file"
    assert ["before"] == await storage.read(names)
    with lock_of(path).acquire(timeout=0):
        pass
    await storage.write(adding("next"))
    assert [("ok",)] == asked(path, "PRAGMA integrity_check")


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
async def test_a_newer_file_is_refused_and_left_alone(storage: Storage, path: Path, mode: str) -> None:
    """Byte for byte."""
    made(path, LATER, f"PRAGMA journal_mode = {mode}")
    before = path.read_bytes()

    for ask in (storage.read, storage.write):
        with pytest.raises(SettingsError, match=r"written by a newer imagewright.*Update this one"):
            await ask(names)

    assert before == path.read_bytes()
    assert not list(path.parent.glob("*.bak"))


async def test_a_file_that_a_newer_one_took_over_is_refused(storage: Storage, path: Path) -> None:
    """It was ours when we opened it; what we would write now may break what it means."""
    await storage.write(adding("ours"))
    newer = Storage(path, LATER)
    await newer.read(names)
    await newer.aclose()

    with pytest.raises(SettingsError, match="newer imagewright"):
        await storage.write(adding("too late"))
    with pytest.raises(SettingsError, match="newer imagewright"):
        await storage.read(names)

    assert [("ours",)] == asked(path, "SELECT name FROM rows")


async def test_an_older_file_is_backed_up_and_migrated(path: Path) -> None:
    """The backup is the file as it was; a leftover of an earlier attempt is replaced."""
    made(path, MIGRATIONS, "INSERT INTO rows VALUES ('old', 1)")
    backup = path.with_name(f"{path.name}.v1.bak")
    backup.write_bytes(b"half of a backup")
    storage = Storage(path, LATER)

    await storage.write(lambda db: db.execute("UPDATE rows SET note = 'new'") and None)
    await storage.aclose()

    assert [("old", 1, "new")] == asked(path, "SELECT * FROM rows")
    assert [("old", 1)] == asked(backup, "SELECT * FROM rows")
    assert [(2,), (1,)] == [*asked(path, "PRAGMA user_version"), *asked(backup, "PRAGMA user_version")]


async def test_a_new_file_needs_no_backup(path: Path) -> None:
    """There is nothing in it."""
    storage = Storage(path, LATER)
    await storage.read(names)
    await storage.aclose()

    assert {path, path.with_name(f"{path.name}.lock")} == set(path.parent.iterdir())


async def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    """All of it or nothing; an imagewright without it can go on."""
    made(path, MIGRATIONS, "INSERT INTO rows VALUES ('old', 1)")
    storage = Storage(path, (*LATER, "CREATE TABLE last (name TEXT) STRICT; CREATE TABLE rows (name TEXT)"))

    with pytest.raises(SettingsError, match="rows already exists"):
        await storage.read(names)

    await storage.aclose()
    assert [(1,)] == asked(path, "PRAGMA user_version")
    assert [("rows",), ("more",)] == asked(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")


async def test_a_migration_may_rebuild_a_table_that_others_refer_to(path: Path) -> None:
    """Dropping the old one deletes no rows that point at it."""
    children = "CREATE TABLE children (name TEXT REFERENCES parents ON DELETE CASCADE) STRICT;"
    before = (f"CREATE TABLE parents (name TEXT PRIMARY KEY) STRICT; {children}",)
    made(path, before, "INSERT INTO parents VALUES ('p'); INSERT INTO children VALUES ('p');")
    rebuild = """
        CREATE TABLE fresh (name TEXT PRIMARY KEY, note TEXT) STRICT; INSERT INTO fresh SELECT name, '' FROM parents;
        DROP TABLE parents; ALTER TABLE fresh RENAME TO parents"""
    storage = Storage(path, (*before, rebuild))

    found = await storage.read(lambda db: db.execute("SELECT * FROM children").fetchall())

    await storage.aclose()
    assert [("p",)] == found


async def test_a_file_in_wal_mode_is_converted(storage: Storage, path: Path) -> None:
    """As an earlier imagewright left it; its rows stay."""
    made(path, MIGRATIONS, "PRAGMA journal_mode = WAL; INSERT INTO rows VALUES ('old', 1)")

    await storage.write(adding("new"))

    assert ["new", "old"] == await storage.read(names)
    assert [("delete",)] == asked(path, "PRAGMA journal_mode")


async def test_a_file_that_is_open_in_wal_mode_is_used_as_it_is(storage: Storage, path: Path) -> None:
    """An earlier imagewright is running: both write, and the next start converts it."""
    made(path, MIGRATIONS)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        insert(other, "theirs", 1)
        await storage.write(adding("ours"))
        insert(other, "theirs", 2)
        shared = await storage.read(names)
        mode = await storage.read(lambda db: db.execute("PRAGMA journal_mode").fetchone())
    await storage.aclose()
    await storage.read(names)

    assert ["ours", "theirs", "theirs"] == shared
    assert ("wal",) == mode
    assert [("delete",)] == asked(path, "PRAGMA journal_mode")


@posix
async def test_a_file_that_was_moved_away_is_made_anew(storage: Storage, path: Path) -> None:
    """As our own message advises: a write into the moved file would be lost."""
    await storage.write(adding("old"))
    path.rename(path.with_name("away"))

    await storage.write(adding("new"))

    assert [("new",)] == asked(path, "SELECT name FROM rows")
    assert [("old",)] == asked(path.with_name("away"), "SELECT name FROM rows")


@posix
async def test_what_is_made_is_the_owners_alone(path: Path) -> None:
    """The folder, the file, its lock and its backup."""
    made(path, MIGRATIONS)
    path.rename(path.with_name("old"))
    path.parent.rename(path.parent.with_name("away"))
    storage = Storage(path, MIGRATIONS)
    await storage.read(names)
    await storage.aclose()
    storage = Storage(path, LATER)
    await storage.read(names)
    await storage.aclose()

    modes = {one.name: one.stat().st_mode & 0o777 for one in (path.parent, *path.parent.iterdir())}
    expected = {path.name: 0o600, f"{path.name}.lock": 0o600, f"{path.name}.v1.bak": 0o600}
    assert {"home": 0o700, **expected} == modes


@pytest.mark.parametrize("junk", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
async def test_a_broken_file_is_named_with_its_remedy(storage: Storage, path: Path, junk: bytes) -> None:
    """Path, reason, remedy; once it is moved away, all is well."""
    path.parent.mkdir()
    path.write_bytes(junk)

    with pytest.raises(SettingsError) as caught:
        await storage.write(adding("one"))

    assert str(caught.value).startswith(f"{path} cannot be used (")
    assert "Set IMAGEWRIGHT_HOME to a folder that can be written; if the file is broken, move it away." in str(
        caught.value
    )
    path.unlink()
    await storage.write(adding("one"))


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file is in the way; nobody hangs."""
    (tmp_path / "file").write_bytes(b"")
    storage = Storage(tmp_path / "file" / "home" / "journal.sqlite3", MIGRATIONS)

    ended = await asyncio.gather(storage.read(names), storage.write(adding("one")), return_exceptions=True)

    await storage.aclose()
    assert [SettingsError] * 2 == [type(one) for one in ended]
    assert all("IMAGEWRIGHT_HOME" in str(one) for one in ended)


@pytest.mark.parametrize("opened", [False, True])
async def test_a_lock_that_is_never_free_is_an_error(
    storage: Storage, path: Path, monkeypatch: pytest.MonkeyPatch, *, opened: bool
) -> None:
    """To open and to write both need it. After the wait that is allowed each is told, and the next one is served."""
    monkeypatch.setattr(module, "_LOCK_WAIT_SECONDS", 0.0)
    if opened:
        await storage.read(names)
    with lock_of(path):
        ended = await asyncio.gather(*[storage.write(adding(name)) for name in "ab"], return_exceptions=True)
    await storage.write(adding("next"))

    assert [SettingsError] * 2 == [type(one) for one in ended]
    assert all(str(path) in str(one) for one in ended)
    assert [("next",)] == asked(path, "SELECT name FROM rows")
