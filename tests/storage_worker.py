"""A process beside others on one file: `write` makes rows in it, `stall` stops in the middle of a transaction."""

import asyncio
import sqlite3
import sys
from functools import partial
from pathlib import Path

from imagewright.storage import Storage

MIGRATIONS = (
    """
    CREATE TABLE rows (name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (name, number)) STRICT;
    CREATE TABLE more (name TEXT NOT NULL) STRICT
    """,
)
ROWS_EACH = 200


def insert(db: sqlite3.Connection, name: str, number: int) -> None:
    """Add a row."""
    db.execute("INSERT INTO rows VALUES (?, ?)", (name, number))


def ready() -> None:
    """Tell the test, and wait until it says go on."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


async def write(storage: Storage, name: str) -> None:
    """Wait for the word, then write row after row."""
    ready()
    for number in range(ROWS_EACH):
        await storage.write(partial(insert, name=name, number=number))
    await storage.aclose()


async def stall(storage: Storage, name: str) -> None:
    """Write enough to spill from the cache into the file, then stop without a commit."""

    def work(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA cache_size = 1")
        for number in range(20_000):
            insert(db, name, number)
        ready()

    await storage.write(work)


if __name__ == "__main__":
    _, do, path, name = sys.argv
    asyncio.run({"write": write, "stall": stall}[do](Storage(Path(path), MIGRATIONS), name))
