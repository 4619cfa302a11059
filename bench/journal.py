"""Fills a journal with paid calls of two years and prints how long what people and calls wait for takes.

python bench/journal.py [CALLS]
"""

import asyncio
import hashlib
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from imagewright.budgets import Budget
from imagewright.holding import Draft
from imagewright.journal import Journal
from imagewright.models import LOCAL, Ask, Generation, ImageRequest, Money, Picture, Plan, Reading
from imagewright.rows import MIGRATIONS, dump, stamp

CALLS = 1_000_000
DAYS = 730
RUNS = 15
BATCH = 10_000
PROVIDERS = {"heydecks": "credits", "theo": "cents", "posteverywhere": "credits", "depicta": "EUR"}
MODELS = ("first-model", "second-model")
UNKNOWN_EVERY = 20_000  # calls: each such one waits for a person

Rows = tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...]]  # of generations, calls and links


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is waited for, and for how many milliseconds at most."""

    name: str
    goal_ms: int
    run: Callable[[int], Awaitable[object]]


def main() -> None:
    """Fill, measure, print."""
    calls = int(sys.argv[1]) if sys.argv[1:] else CALLS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        _fill(home / "journal.sqlite3", calls)
        seconds, size = time.perf_counter() - started, (home / "journal.sqlite3").stat().st_size
        print(f"{calls:,} calls of {DAYS} days: {size / 2**20:,.0f} MiB, filled in {seconds:.0f} s\n")
        asyncio.run(_measure(home, calls))


def _fill(path: Path, calls: int) -> None:
    """Write what as many real generations of one picture would have left, in the journal's own tables."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF")
        for script in MIGRATIONS:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("BEGIN")
        rows = list[Rows]()
        for row in _rows(calls):
            rows.append(row)
            if len(rows) == BATCH:
                _insert(db, rows)
        _insert(db, rows)
        db.execute("COMMIT")
    with path.open("r+b") as file:
        os.fsync(file.fileno())  # the first commit that is measured must not wait for all of it


def _insert(db: sqlite3.Connection, rows: list[Rows]) -> None:
    for table, part in zip(("generations", "calls", "links"), zip(*rows, strict=True), strict=False):
        marks = ", ".join("?" * len(part[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", part)  # noqa: S608  # our own words
    rows.clear()


def _rows(calls: int) -> Iterator[Rows]:
    now = datetime.now(UTC)
    templates = {(slug, model): _template(slug, model) for slug in PROVIDERS for model in MODELS}
    for number in range(calls):
        slug, model = list(PROVIDERS)[number % 4], MODELS[number // 4 % 2]
        ask, plan, result, reading = templates[slug, model]
        state = "unknown" if number % UNKNOWN_EVERY == 1 else "done"
        at = stamp(now - timedelta(days=DAYS) * (calls - number) / calls)
        generation_id, url, mark = f"gen_{number:032x}", _url(number), hashlib.sha256(b"%d" % number).hexdigest()
        own = [text.replace("NUMBER", str(number)).replace("URL", url) for text in (ask, plan, result, reading)]
        is_done = state == "done"
        yield (
            (
                *(generation_id, at, "local", 0, f"request-{number}", mark, own[0], own[1], state, None, at),
                *(own[2] if is_done else None, None, None),
            ),
            (
                *(generation_id, 0, at[:10], 0, slug, model, 1, state, "4", PROVIDERS[slug], 4_000_000, at, at, 200),
                *(f"job-{number}", None, own[3] if is_done else None, None, None),
            ),
            (url, generation_id),
        )


def _template(slug: str, model: str) -> tuple[str, str, str, str]:
    request = ImageRequest("NUMBER: " + "a lighthouse in a storm, seen from the sea " * 4, model, "16:9")
    picture = Picture("URL", sha256=hashlib.sha256(b"").hexdigest(), width=1360, height=765)
    cost = Money(Decimal(4), PROVIDERS[slug])
    result = Generation("gen_NUMBER", "done", slug, slug, model, 1, 1, "It was named.", (picture,), cost)
    reading = Reading((picture,), model, cost, job_id="job-NUMBER")
    return dump(Ask(request, slug)), dump(Plan(slug, request, (), "It was named.")), dump(result), dump(reading)


def _url(number: int) -> str:
    return f"https://example.com/pictures/{number}.png"


async def _measure(home: Path, calls: int) -> None:
    journal = Journal(home)
    cases = _cases(journal, calls)
    await journal.newest(1)  # opens it
    print(f"{'median and longest of ' + str(RUNS) + ', ms':34}{'median':>10}{'longest':>10}{'goal':>10}")
    for case in cases:
        seconds: list[float] = []
        for number in range(RUNS):
            started = time.perf_counter()
            await case.run(number)
            seconds.append(time.perf_counter() - started)
        median, longest = statistics.median(seconds) * 1000, max(seconds) * 1000
        late = "" if median <= case.goal_ms else "  TOO SLOW"
        print(f"{case.name:34}{median:10.1f}{longest:10.1f}{case.goal_ms:10}{late}")
    await journal.aclose()


def _cases(journal: Journal, calls: int) -> list[Case]:
    plan = Plan("theo", ImageRequest("a fox"), (), "")
    draft = Draft("theo", MODELS[0], 1, Decimal(4), "cents")
    budget = Budget(Decimal(10**9), "month")
    numbers = count()

    def ask(number: int) -> Ask:
        return Ask(ImageRequest(f"a fox {number}"), "theo")

    async def begin(_: int) -> None:
        number = next(numbers)
        await journal.begin(f"gen_new{number}", ask(number), plan, [draft], budget, "bench")

    async def spend(_: int) -> None:
        await journal.spend((datetime.now(UTC) - timedelta(days=29)).date())

    reading = Reading((Picture(_url(0)),), MODELS[0], Money(Decimal(4), "cents"))
    return [
        Case("history of 20", 50, lambda _: journal.newest(20)),
        Case("find a repetition", 50, lambda number: journal.find(ask(number))),
        Case("find by request_id", 50, lambda number: journal.find(replace(ask(number), request_id="none"))),
        Case("begin, with a budget of a month", 50, begin),
        Case("settle a call", 50, lambda number: journal.settle(f"gen_new{number}", 0, "done", reading=reading)),
        Case("spend of 30 days", 1000, spend),
        Case("hash of a URL", 50, lambda number: journal.hash_of(_url(calls - 2 - number), LOCAL)),
        Case(f"open entries ({calls // UNKNOWN_EVERY} and more)", 50, lambda _: journal.open_entries()),
    ]


if __name__ == "__main__":
    main()
