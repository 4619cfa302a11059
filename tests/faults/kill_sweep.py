"""Kills a server at its system calls, one after the other, asks again, and counts what became of the money.

    python -m tests.faults.kill_sweep --provider depicta --points 500

Each point is a run of its own: a bank, a data folder, a real server process that gets one `generate_image` and dies at
the point, and a second one that gets the same request and is left alone. Exit code 1: something was charged twice, or
is known to nobody.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tests.agent import Result
from tests.faults.bank import Bank, bank
from tests.faults.customer import generation_of, meaning, shows
from tests.faults.ledger import Charge
from tests.faults.points import Point, deadly, points_in, recorded, threads_of, why_not
from tests.faults.rpc import Process, server

# What the client has in the end. "answered": the first server's own answer came before it died. "recovered": the
# second has the first one's picture. "drawn anew": the second sent a request of its own. "unknown": it says that nobody
# knows. "refused": it says that nothing was charged.
Ending = Literal["answered", "recovered", "drawn anew", "unknown", "refused"]
ENDINGS: tuple[Ending, ...] = ("answered", "recovered", "drawn anew", "unknown", "refused")
_ROUNDS = 20  # of 45 s: longer than any look goes on


@dataclass(frozen=True, slots=True)
class Plan:
    """How the call comes: to a server that has drawn elsewhere before (`warm`) or not, with a request_id or not."""

    provider: str
    warm: bool
    request_id: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """What is asked, besides the prompt."""
        return {"request_id": self.request_id} if self.request_id else {}


@dataclass(frozen=True, slots=True)
class Run:
    """One point and what came of it; `charges_at_death` is what the bank had taken by then."""

    plan: Plan
    point: Point
    died: bool
    charges_at_death: int
    charges: int
    ending: Ending
    explained: bool


async def record(plan: Plan) -> list[Point]:
    """Return the system calls of one unharmed run, as points, in order."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls"
        async with bank() as vendors, server(_environ(vendors, folder)) as one:
            await _warm_up(one, plan)
            threads = threads_of(one.pid)
            async with recorded(one.pid, file):
                await one.draw(plan.provider, **plan.arguments).result()
                one.end_stdin()
                await one.ended()
        return points_in(file, threads)


async def run(plan: Plan, point: Point) -> Run:
    """Kill a server at a point, ask a second one for the same, and return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        async with bank() as vendors:
            environ = _environ(vendors, folder)
            async with server(environ) as doomed:
                await _warm_up(doomed, plan)
                async with deadly(doomed.pid, point):
                    call = doomed.draw(plan.provider, **plan.arguments)
                    first = await call.result()
                    doomed.end_stdin()
                    died = await doomed.ended() < 0
            async with server(environ) as second:
                at_death = len(vendors.ledger.charged(plan.provider))
                sent = vendors.ledger.sent(plan.provider)
                # Without a request_id, to ask again for what was answered would be a new order.
                repeated = plan.request_id or first is None
                last = await _settled(second, plan) if repeated else first
            assert last, second.said_on_stderr
            ending: Ending = "answered" if first else _ending(last, vendors.ledger.sent(plan.provider) - sent)
            charges = vendors.ledger.charged(plan.provider)
            explained = all(_explains(last, one) for one in charges)
            return Run(plan, point, died, at_death, len(charges), ending, explained)


async def sweep(provider: str, points: int, seed: int = 1, at_once: int = 2) -> list[Run]:
    """Run that many points that killed the server, spread evenly over all there are; half with a request_id."""
    candidates: list[tuple[Plan, Point]] = []
    for warm in (False, True):
        plan = Plan(provider, warm)
        candidates += [(plan, point) for point in await record(plan)]
    chosen = _spread(candidates, points)
    spare = random.Random(seed).sample(candidates, len(candidates))  # noqa: S311  # no secret
    limit = asyncio.Semaphore(at_once)

    async def one(number: int, plan: Plan, point: Point) -> Run:
        request_id = f"order-{number}" if number % 2 else ""
        async with limit:
            found = await run(replace(plan, request_id=request_id), point)
            while not found.died and spare:
                # Another run takes other turns: this one never got there, so a new point is drawn.
                plan, point = spare.pop()
                found = await run(replace(plan, request_id=request_id), point)
        return found

    return list(await asyncio.gather(*(one(number, *pair) for number, pair in enumerate(chosen))))


def table(provider: str, runs: Sequence[Run]) -> str:
    """Return the counts as text."""
    dead = [one for one in runs if one.died]
    endings = Counter((one.ending, one.charges_at_death) for one in dead)
    names = len({one.point.name for one in dead})
    early = sum(not one.charges_at_death for one in dead)
    twice = sum(one.charges > 1 for one in runs)
    lost = sum(not one.explained for one in runs)
    places = f"{len(dead)} kill points at {names} kinds of system call"
    lines = [f"{provider}: {places}, {early} before the charge, {len(dead) - early} after it"]
    lines += [
        f"  {ending:<12} {endings[ending, 0]:5} died before the charge {endings[ending, 1]:5} after"
        for ending in ENDINGS
    ]
    lines += [f"  charged twice {twice}, charges that nobody knows of {lost}"]
    lines += [f"  WRONG: {one}" for one in runs if one.charges > 1 or not one.explained]
    return "\n".join(lines) + "\n"


def _environ(vendors: Bank, folder: str) -> dict[str, str]:
    return {"IMAGEWRIGHT_HOME": f"{folder}/home", **vendors.environ()}


async def _warm_up(process: Process, plan: Plan) -> None:
    """Bring the server to where the call is handed to it."""
    if plan.warm:
        await process.draw("theo" if plan.provider != "theo" else "heydecks").result()


async def _settled(process: Process, plan: Plan) -> Result | None:
    """Ask the same again, and wait until it is no longer under way."""
    last = await process.draw(plan.provider, **plan.arguments).result()
    for _ in range(_ROUNDS):
        if not last or last.is_error or last.structured["status"] != "running":
            break
        last = await process.call("get_generation", generation_id=generation_of(last), wait_seconds=45).result()
    return last


def _ending(last: Result, sent: int) -> Ending:
    told = meaning(last)
    if told in {"maybe", "unknown"}:
        return "unknown"
    if told == "no":
        return "refused"
    return "drawn anew" if sent else "recovered"


def _explains(last: Result, charge: Charge) -> bool:
    """Whether an answer accounts for a charge: it shows its pictures, or says that nobody knows and where to ask."""
    unsure = meaning(last) in {"maybe", "unknown"} and generation_of(last) is not None
    return shows(last, charge) or unsure


def main() -> int:
    """Run the campaign and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", action="append", metavar="P", help="default: heydecks; may be repeated")
    parser.add_argument("--points", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    options = parser.parse_args()
    if reason := why_not():
        sys.stdout.write(f"{reason}\n")
        return 2
    wrong = 0
    for provider in options.provider or ["heydecks"]:
        runs = asyncio.run(sweep(provider, options.points, options.seed))
        sys.stdout.write(table(provider, runs))
        wrong += sum(one.charges > 1 or not one.explained for one in runs)
    return 1 if wrong else 0


def _spread(candidates: Sequence[tuple[Plan, Point]], wanted: int) -> list[tuple[Plan, Point]]:
    if wanted >= len(candidates):
        return list(candidates)
    step = len(candidates) / wanted
    return [candidates[int(number * step)] for number in range(wanted)]


if __name__ == "__main__":
    sys.exit(main())
