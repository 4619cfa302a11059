"""A process beside others on one journal; `at_once` starts several, and they begin at the same moment."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from decimal import Decimal
from itertools import count
from pathlib import Path

from imagewright.budgets import Budget
from imagewright.errors import BudgetError
from imagewright.holding import Draft
from imagewright.journal import Journal
from imagewright.models import Ask, Generation, ImageRequest, Picture, Plan

BUDGET, EACH = Budget(Decimal(60), "month"), Budget(Decimal(25), "month")
ROWS_EACH = 5


async def at_once(do: str, home: Path, processes: int) -> list[int]:
    """Start so many of them, let all go at once, and return what each printed in the end."""
    paths = os.pathsep.join(path for path in sys.path if path)
    started: list[Process] = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, __file__, do, str(home), chr(ord("a") + number)),
            stdin=PIPE,
            stdout=PIPE,
            env=os.environ | {"PYTHONPATH": paths},
        )
        for number in range(processes)
    ]
    for one in started:
        assert one.stdout
        assert b"ready" == (await one.stdout.readline()).strip()
    ended = await asyncio.gather(*[one.communicate(b"go on\n") for one in started])
    assert [0] * processes == [one.returncode for one in started]
    return [int(out) for out, _ in ended]


async def reserve(journal: Journal, name: str) -> int:
    """Begin generations of one call that costs 1 until the budget lets none in; return how many it let in."""
    for number in count():
        request = ImageRequest(f"{name} {number}")
        draft = Draft("theo", "theo-1-create", 1, Decimal(1), "cents")
        plan = Plan("theo", request, (), "")
        try:
            await journal.begin(f"gen_{name}{number}", Ask(request, "theo"), plan, [draft], BUDGET, name)
        except BudgetError:
            return number
    raise AssertionError("a count has no end")


async def reserve_each(journal: Journal, name: str) -> int:
    """Do as `reserve` does for one of three principals, who have a budget each beside the one of all."""
    principal = "abc"[ord(name) % 3]
    for number in count():
        request = ImageRequest(f"{name} {number}")
        ask, plan = Ask(request, "theo", principal=principal), Plan("theo", request, (), "")
        draft = Draft("theo", "theo-1-create", 1, Decimal(1), "cents")
        try:
            await journal.begin(f"gen_{name}{number}", ask, plan, [draft], BUDGET, name, EACH)
        except BudgetError:
            return number
    raise AssertionError("a count has no end")


async def note(journal: Journal, name: str) -> int:
    """Draw and import, again and again; return how often."""
    for number in range(ROWS_EACH):
        generation_id, request = f"gen_{name}{number}", ImageRequest(f"{name} {number}")
        plan, draft = Plan("theo", request, (), ""), Draft("theo", None, 1, Decimal(1), "cents")
        picture = Picture(f"https://example.com/{name}/{number}.png")
        made = Generation(generation_id, "done", "theo", "Theo", None, 1, 1, "", (picture,))
        await journal.begin(generation_id, Ask(request, "theo"), plan, [draft], None, name)
        await journal.finish(generation_id, "done", made, None, None)
        await journal.note_import("library", f"{name}{number}", f"media-{name}{number}")
    return ROWS_EACH


async def work(do: str, home: str, name: str) -> int:
    """Wait for the word, then work."""
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    sys.stdin.readline()
    journal = Journal(Path(home))
    try:
        return await {"reserve": reserve, "reserve_each": reserve_each, "note": note}[do](journal, name)
    finally:
        await journal.aclose()


if __name__ == "__main__":
    print(asyncio.run(work(*sys.argv[1:])))  # noqa: T201  # its answer
