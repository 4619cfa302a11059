"""What random runs happen to: vendors, servers in this process, clients before them, and one clock for all.

After each step, and when all has settled down, the ledger of the bank is held against the journal.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any, TypeVar

from imagewright.app import working
from imagewright.errors import RequestError
from imagewright.settings import load
from tests.agent import Era, Result
from tests.faults.audit import Order, call_of, charged_twice, complaints, orders_in, over, rows_in
from tests.faults.clock import Clock, Loop, quiet, ruling, threads_seen
from tests.faults.customer import generation_of, meaning
from tests.faults.lives import Life, adopt, watched
from tests.faults.vault import Vault, marked

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")

_ROUNDS = 60  # of settling down, each with more time than the one before
_LONGEST_ROUND_SECONDS = 120.0


@dataclass(slots=True)
class Attempt:
    """One tool call of a client that is under way."""

    life: Life
    task: asyncio.Task[Result]


class World:
    """One run's; `counts` is what all runs came to, `diary` what happened in this one: repeated, it may come out
    otherwise."""

    def __init__(self, era: Era, counts: Counter[str]) -> None:
        """Open the bank, and an empty data folder."""
        self.counts = counts
        self.diary: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.lives: list[Life] = []
        self.attempts: list[Attempt] = []
        self.budgets: dict[str, Decimal] = {}
        self.racing = False  # whether an answer may have gone out in this step just as its client left
        self.clock = Clock()
        self.bank = Vault(self.clock)
        self._era: Era = era
        self._folder = tempfile.mkdtemp(dir=_fastest_folder())
        self._journal = Path(self._folder) / "home" / "journal.sqlite3"
        self._seen: set[str] = set()  # generations that were there at the step before
        self._told: set[str] = set()  # generations that a client was told more of than that they run
        self._answered: set[str] = set()  # those of them whose end it was
        self._missed: set[str] = set()  # generations whose end went out just as its client left
        self._passed: list[str] = []
        self._patches = ExitStack()
        for patch in (ruling(self.clock), threads_seen(), marked(self.bank), watched(self._watch_budgets)):
            self._patches.enter_context(patch)
        self._runner = asyncio.Runner(loop_factory=lambda: Loop(adopt))
        self._runner.run(self.bank.open_all())
        counts["runs"] += 1

    @property
    def orders(self) -> list[Order]:
        """All generations that the journal knows, oldest first."""
        return orders_in(self._journal)

    def step(self, work: Awaitable[None]) -> None:
        """Do something, let all go on until everybody waits, and hold the ledger against the journal."""

        async def whole() -> None:
            await work
            await quiet()

        self._runner.run(whole())
        self._check(at_rest=False)

    def end(self) -> None:
        """Let everything come to its end, hold all against all, and clear up."""
        try:
            self._runner.run(self._come_to_rest())
        finally:
            self._runner.run(self._clear_up())
            self._runner.close()
            self._patches.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def ask(self, server: int, asked: dict[str, Any]) -> None:
        """Let a client of a server ask for pictures."""
        self.counts["asked"] += 1
        self.asked.append(asked)
        await self._call(server, "generate_image", asked)

    async def look_up(self, server: int, order: Order, wait_seconds: int) -> None:
        """Let a client of a server ask how a generation stands."""
        self.counts["looked up"] += 1
        await self._call(server, "get_generation", {"generation_id": order.generation_id, "wait_seconds": wait_seconds})

    async def settle(self, order: Order) -> None:
        """Let a person settle a generation by what the bank knows."""
        lost = {row.key for row in rows_in(self._journal) if row.state == "unknown"}
        charged = order.generation_id in {key[0] for key in map(call_of, self.bank.ledger.charges) if key in lost}
        self.diary.append(f"{order.generation_id} settled, {charged=}")
        self.counts[f"settled as {'charged' if charged else 'not charged'}"] += 1
        async with working(load(self._environ)) as studio:
            try:
                await studio.generations.settle(order.generation_id, charged=charged, principal=None)
            except RequestError:
                return  # it is being looked up

    async def patiently(self, work: Awaitable[T]) -> T:
        """Return what comes of it; time passes until it is there."""
        task, seconds = asyncio.ensure_future(work), 1.0
        for _ in range(_ROUNDS):
            await quiet()
            if task.done():
                return await task
            self.clock.move(seconds)
            seconds = min(seconds * 2, _LONGEST_ROUND_SECONDS)
        task.cancel()
        raise AssertionError("\n".join([f"it never ends: {work}", "It happened after:", *self.diary]))

    def _check(self, *, at_rest: bool) -> None:
        found = list(self._passed)
        for attempt in [one for one in self.attempts if one.task.done()]:
            self.attempts.remove(attempt)
            found += self._take_answer(attempt)
        rows, orders, ledger = rows_in(self._journal), orders_in(self._journal), self.bank.ledger
        delivered = {order.generation_id for order in orders if order.delivered} - self._told
        if self.racing:
            self._missed |= delivered
        found += [
            f"{one} is noted as delivered, but nobody was told"
            for one in orders
            if one.generation_id in delivered - self._missed
        ]
        found += complaints(ledger.charges, self.bank.meetings, rows, at_rest=at_rest)
        found += charged_twice(ledger.charges, orders)
        found += over(ledger.charges, rows, self.budgets)
        found += self._ordered_anew(orders)
        self.racing = False
        assert not found, "\n".join([*found, "It happened after:", *self.diary])

    def _take_answer(self, attempt: Attempt) -> list[str]:
        if attempt.task.cancelled():
            return []
        if error := attempt.task.exception():
            return [] if attempt.life.over else [f"a client met {error!r}"]
        result = attempt.task.result()
        means, generation_id = meaning(result), generation_of(result)
        self.counts[f"told {means}"] += 1
        self.diary.append(f"- server {attempt.life.number} told {means} of {generation_id}")
        if generation_id and means != "running":
            self._told.add(generation_id)
            self._answered |= {generation_id} if means not in {"unknown", "maybe"} else set()
        return [f"a client was told {result.text}"] if result.error.get("code") == "internal_error" else []

    def _ordered_anew(self, orders: list[Order]) -> list[str]:
        """Return each generation that was begun though an equal one had been paid for and never told."""
        charged = {call_of(charge)[0] for charge in self.bank.ledger.charges}
        open_ = {old.generation_id for old in orders if old.status in {"running", "unknown"}}
        closed = (self._answered | self._missed) - open_
        found = [
            f"{new} was begun beside {old}"
            for place, new in enumerate(orders)
            if new.generation_id not in self._seen and not new.request_id
            for old in orders[:place]
            if old.fingerprint == new.fingerprint and old.generation_id in (charged | open_) - closed
        ]
        self._seen |= {order.generation_id for order in orders}
        return found

    def _watch_budgets(self, db: Connection) -> None:
        for slug, most in self.budgets.items():
            (held,) = db.execute("SELECT coalesce(sum(held), 0) FROM calls WHERE provider = ?", (slug,)).fetchone()
            if held > most * 1_000_000:
                self._passed.append(f"at one commit {held} millionths were held at {slug} of {most}")

    async def _come_to_rest(self) -> None:
        self.bank.disarm()
        self.bank.let_go()
        await self.bank.open_all()
        await self.patiently(self._ended([one.task for one in self.attempts]))
        self._check(at_rest=False)
        for life in self.lives:
            await self.patiently(life.end())
        self.lives.clear()
        await self._begin_again()
        self._check(at_rest=True)
        await self._look_everything_up()
        self._check(at_rest=True)
        for order in orders_in(self._journal):
            if order.status == "unknown":
                await self.settle(order)
        self._check(at_rest=True)
        self._count()
        await self._repeat_what_was_charged()

    async def _begin_again(self) -> None:
        """Start a new server, and wait until it has brought to an end what the others left."""

        async def resumed() -> None:
            await self._life(0)
            # Another thread writes that file, and tells nobody.
            while any(order.status == "running" for order in orders_in(self._journal)):  # noqa: ASYNC110  # see above
                await asyncio.sleep(1)

        await self.patiently(resumed())

    async def _look_everything_up(self) -> None:
        for order in orders_in(self._journal):
            if order.status == "unknown":
                await self.look_up(0, order, 45)
                await self.patiently(self.attempts[-1].task)

    async def _repeat_what_was_charged(self) -> None:
        """A request_id that was paid for is never paid for again."""
        before = len(self.bank.ledger.arrivals)
        charged = {call_of(charge)[0] for charge in self.bank.ledger.charges}
        paid = {order.request_id for order in orders_in(self._journal) if order.generation_id in charged}
        for asked in self.asked:
            if asked["request_id"] and asked["request_id"] in paid:
                await self._call(0, "generate_image", asked)
                await self.patiently(self.attempts[-1].task)
        assert before == len(self.bank.ledger.arrivals), "a paid request_id was sent again"

    @property
    def _environ(self) -> dict[str, str]:
        budgets = {f"IMAGEWRIGHT_{slug.upper()}_BUDGET": f"{most}/month" for slug, most in self.budgets.items()}
        return {"IMAGEWRIGHT_HOME": str(self._journal.parent), **self.bank.environ(), **budgets}

    async def _call(self, server: int, tool: str, arguments: Mapping[str, Any]) -> None:
        life = await self._life(server)
        self.diary.append(f"server {life.number} was asked to {tool}: {arguments}")
        self.attempts.append(Attempt(life, life.call(tool, arguments)))

    async def _life(self, number: int) -> Life:
        """Return a server that runs; it is started if it does not."""
        while len(self.lives) <= number:
            life = Life(self._environ, self._era)
            await life.begin()
            self.lives.append(life)
        return self.lives[number]

    async def _ended(self, tasks: list[asyncio.Task[Any]]) -> None:
        if tasks:
            await asyncio.wait(tasks)

    async def _clear_up(self) -> None:
        for life in self.lives:
            await life.kill()
        self.clock.move(_LONGEST_ROUND_SECONDS)  # until no vendor is in the middle of something
        await quiet()
        await self.bank.aclose()
        await quiet()

    def _count(self) -> None:
        ledger = self.bank.ledger
        self.counts["paid requests"] += len(ledger.arrivals)
        self.counts["charges"] += len(ledger.charges)
        self.counts["looks"] += len(ledger.looks)
        for row in rows_in(self._journal):
            self.counts[f"calls {row.state}"] += 1
        for order in orders_in(self._journal):
            self.counts[f"generations {order.status}"] += 1


def _fastest_folder() -> str | None:
    """Return where files are in memory, if this system has such a place: every commit waits for its disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # the folder in it is made by mkdtemp
