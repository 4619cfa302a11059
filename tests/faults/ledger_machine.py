"""Random runs: clients that ask, repeat, cancel and give up, servers that end and die, vendors at which all goes wrong.

After each step, and when all has settled down, the ledger of the bank is held against the journal.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from imagewright.app import working
from imagewright.errors import RequestError
from imagewright.settings import load
from tests.agent import Era, Result
from tests.faults.audit import Order, call_of, charged_twice, complaints, orders_in, over, rows_in
from tests.faults.clock import Clock, Loop, quiet, ruling, threads_seen
from tests.faults.customer import generation_of, meaning
from tests.faults.fault import RIGHT, Fault, Moment
from tests.faults.lives import Life, adopt, watched
from tests.faults.matrix import ALL, CASES
from tests.faults.vault import Vault, marked

T = TypeVar("T")

BUDGETS = {"heydecks": "24", "theo": "10", "posteverywhere": "40", "depicta": "0.2"}
_ROUNDS = 60  # of settling down, each with more time than the one before
_LONGEST_ROUND_SECONDS = 120.0

PROVIDER = st.sampled_from([*ALL, *ALL, "auto"])
SLUG = st.sampled_from(ALL)
ASKING = st.fixed_dictionaries(
    {
        "provider": PROVIDER,
        "prompt": st.sampled_from(["a fox", "an owl"]),
        "count": st.sampled_from([1, 1, 1, 2]),
        "request_id": st.sampled_from(["", "", "", "order-1", "order-2"]),
    }
)
FAULTS: dict[str, list[Fault]] = {
    slug: list({repr(fault): fault for case in CASES if slug in case.at for fault in case.armed(slug)}.values())
    for slug in ALL
}
FEWER = [fault for fault in FAULTS["theo"] if fault.pictures is not None]
MOMENT: st.SearchStrategy[Moment] = st.sampled_from(["arrived", "charged", "head", "half", "answered"])
NUMBER = st.integers(0, 7)


@dataclass(slots=True)
class Attempt:
    """One tool call of a client that is under way."""

    life: Life
    task: asyncio.Task[Result]


class LedgerMachine(RuleBasedStateMachine):
    """Two data paths to one truth: the journal of the servers, and the ledger of the vendors."""

    counts: ClassVar[Counter[str]] = Counter()
    era: ClassVar[Era] = "2026-07-28"

    def __init__(self) -> None:
        """Open the bank, and an empty data folder."""
        super().__init__()
        self._folder = tempfile.mkdtemp(dir=_fastest_folder())
        self._journal = Path(self._folder) / "home" / "journal.sqlite3"
        self._clock = Clock()
        self._bank = Vault(self._clock)
        self._lives: list[Life] = []
        self._attempts: list[Attempt] = []
        self._seen: set[str] = set()  # generations that were there at the step before
        self._told: set[str] = set()  # generations that a client was told more of than that they run
        self._answered: set[str] = set()  # those of them whose end it was
        self._missed: set[str] = set()  # generations whose answer went out just as its client left
        self._racing = False  # whether that can have happened in this step
        self._asked: list[dict[str, Any]] = []
        self._budgets: dict[str, Decimal] = {}
        self._passed: list[str] = []
        self._diary: list[str] = []  # a run may come out otherwise when it is repeated: what happened in this one
        self._patches = ExitStack()
        self._patches.enter_context(ruling(self._clock))
        self._patches.enter_context(threads_seen())
        self._patches.enter_context(marked(self._bank))
        self._patches.enter_context(watched(self._watch_budgets))
        self._runner = asyncio.Runner(loop_factory=lambda: Loop(adopt))
        self._runner.run(self._bank.open_all())
        self.counts["runs"] += 1

    @initialize(slugs=st.sets(SLUG, max_size=2))
    def set_budgets(self, slugs: set[str]) -> None:
        """Give some providers a small budget."""
        self._budgets = {slug: Decimal(BUDGETS[slug]) for slug in sorted(slugs)}

    @rule(askings=st.lists(ASKING, min_size=1, max_size=4), server=st.integers(0, 1))
    def ask(self, askings: list[dict[str, Any]], server: int) -> None:
        """Some clients ask for pictures at once."""

        async def work() -> None:
            life = await self._life(server)
            for asked in askings:
                self._ask(life, asked)

        self._step(work())

    @rule(asking=ASKING, times=st.integers(2, 4))
    def ask_the_same(self, asking: dict[str, Any], times: int) -> None:
        """The same is asked several times at once, of both servers in turn."""

        async def work() -> None:
            for number in range(times):
                self._ask(await self._life(number % 2), asking)

        self._step(work())

    @rule(number=NUMBER)
    def repeat(self, number: int) -> None:
        """Ask again for what was asked before."""

        async def work() -> None:
            if self._asked:
                self._ask(await self._life(number % 2), self._asked[-1 - number % len(self._asked)])

        self._step(work())

    @rule(slug=SLUG, data=st.data())
    def arm(self, slug: str, data: st.DataObject) -> None:
        """The next requests at a vendor meet any of what the decision table knows."""
        faults = data.draw(st.lists(st.sampled_from(FAULTS[slug]), min_size=1, max_size=3))
        self.counts["faults armed"] += len(faults)
        self._diary.append(f"{slug} armed with {faults}")
        self._bank.arm(slug, *faults)

    @rule(slug=SLUG, late_seconds=st.sampled_from([5, 50, 110]), seconds=st.sampled_from([0, 20, 70]))
    def arm_a_late_one(self, slug: str, late_seconds: float, seconds: float) -> None:
        """The next one at a vendor takes a while, answers nothing, and shows later still."""
        self._diary.append(f"{slug} armed to take {seconds} s, and show after {late_seconds}")
        self._bank.arm(slug, Fault(ending="silent", wait_seconds=seconds, late_seconds=late_seconds), RIGHT)

    @rule(slug=SLUG, moment=MOMENT)
    def hold(self, slug: str, moment: Moment) -> None:
        """A vendor stops in the middle of the next request."""
        self._diary.append(f"{slug} held when {moment}")
        self._bank.hold(slug, moment)

    @rule()
    def let_go(self) -> None:
        """All vendors go on."""

        async def work() -> None:
            self._diary.append("let go")
            self._bank.let_go()

        self._step(work())

    @rule(slug=SLUG)
    def shut(self, slug: str) -> None:
        """A vendor takes no connections."""
        self._diary.append(f"{slug} shut")
        self._bank.shut(slug)

    @rule()
    def open_all(self) -> None:
        """All vendors take connections again."""
        self._diary.append("opened")
        self._step(self._bank.open_all())

    @rule(seconds=st.sampled_from([1, 10, 46, 130, 400]))
    def time_passes(self, seconds: int) -> None:
        """Time passes."""

        async def work() -> None:
            self._diary.append(f"{seconds} s pass")
            self._clock.move(seconds)

        self._step(work())

    @rule(number=NUMBER, racing=st.booleans())
    def cancel(self, number: int, racing: bool) -> None:
        """A client gives a call up; `racing`: just as the vendors go on."""

        async def work() -> None:
            going = [one for one in self._attempts if not one.task.done()]
            if going:
                self.counts["cancelled"] += 1
                self._diary.append(f"call {number % len(going)} of {len(going)} cancelled, {racing=}")
                going[number % len(going)].task.cancel()
            if racing:
                self._racing = True
                self._bank.let_go()

        self._step(work())

    @rule(number=NUMBER, wait_seconds=st.sampled_from([0, 10, 45]), server=st.integers(0, 1))
    def look_up(self, number: int, wait_seconds: int, server: int) -> None:
        """A client asks how a generation stands."""

        async def work() -> None:
            orders = orders_in(self._journal)
            if orders:
                life = await self._life(server)
                wanted = {
                    "generation_id": orders[-1 - number % len(orders)].generation_id,
                    "wait_seconds": wait_seconds,
                }
                self.counts["looked up"] += 1
                self._diary.append(f"server {life.number} asked for {wanted}")
                self._attempts.append(Attempt(life, life.call("get_generation", wanted)))

        self._step(work())

    @rule(server=st.integers(0, 1))
    def kill_server(self, server: int) -> None:
        """A server dies where it stands; the vendors bring to an end what it sent."""

        async def work() -> None:
            if server < len(self._lives):
                self.counts["killed"] += 1
                life = self._lives.pop(server)
                self._diary.append(f"server {life.number} killed")
                self._racing = True
                await life.kill()

        self._step(work())

    @rule(server=st.integers(0, 1))
    def end_server(self, server: int) -> None:
        """A server is told to end, and brings to an end what is being paid for."""

        async def work() -> None:
            if server < len(self._lives):
                self.counts["ended"] += 1
                life = self._lives.pop(server)
                self._diary.append(f"server {life.number} ended")
                self._racing = True
                self._bank.let_go()
                await self._patiently(life.end())

        self._step(work())

    @rule(number=NUMBER)
    def settle(self, number: int) -> None:
        """A person looks at the dashboard, and settles an unknown generation by the truth."""

        async def work() -> None:
            unknown = [one for one in orders_in(self._journal) if one.status == "unknown"]
            if unknown:
                await self._settle(unknown[number % len(unknown)])

        self._step(work())

    def teardown(self) -> None:
        """Let everything come to its end, hold all against all, and clear up."""
        try:
            self._runner.run(self._come_to_rest())
        finally:
            self._runner.run(self._clear_up())
            self._runner.close()
            self._patches.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, life: Life, asked: dict[str, Any]) -> None:
        self.counts["asked"] += 1
        self._diary.append(f"server {life.number} asked for {asked}")
        self._asked.append(asked)
        self._attempts.append(Attempt(life, life.call("generate_image", asked)))

    def _step(self, work: Coroutine[Any, Any, None]) -> None:
        async def whole() -> None:
            await work
            await quiet()

        self._runner.run(whole())
        self._check(at_rest=False)

    def _check(self, *, at_rest: bool) -> None:
        found = list(self._passed)
        for attempt in [one for one in self._attempts if one.task.done()]:
            self._attempts.remove(attempt)
            found += self._take_answer(attempt)
        rows, orders, ledger = rows_in(self._journal), orders_in(self._journal), self._bank.ledger
        delivered = {order.generation_id for order in orders if order.delivered} - self._told
        if self._racing:
            self._missed |= delivered
        found += [
            f"{one} is noted as delivered, but nobody was told"
            for one in orders
            if one.generation_id in delivered - self._missed
        ]
        found += complaints(ledger.charges, self._bank.meetings, rows, at_rest=at_rest)
        found += charged_twice(ledger.charges, orders)
        found += over(ledger.charges, rows, self._budgets)
        found += self._ordered_anew(orders)
        self._racing = False
        assert not found, "\n".join([*found, "It happened after:", *self._diary])

    def _take_answer(self, attempt: Attempt) -> list[str]:
        if attempt.task.cancelled():
            return []
        if error := attempt.task.exception():
            return [] if attempt.life.over else [f"a client met {error!r}"]
        result = attempt.task.result()
        means, generation_id = meaning(result), generation_of(result)
        self.counts[f"told {means}"] += 1
        self._diary.append(f"- server {attempt.life.number} told {means} of {generation_id}")
        if generation_id and means != "running":
            self._told.add(generation_id)
            self._answered |= {generation_id} if means not in {"unknown", "maybe"} else set()
        return [f"a client was told {result.text}"] if result.error.get("code") == "internal_error" else []

    def _ordered_anew(self, orders: list[Order]) -> list[str]:
        """Return each generation that was begun though an equal one had been paid for and never told."""
        charged = {call_of(charge)[0] for charge in self._bank.ledger.charges}
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
        for slug, most in self._budgets.items():
            (held,) = db.execute("SELECT coalesce(sum(held), 0) FROM calls WHERE provider = ?", (slug,)).fetchone()
            if held > most * 1_000_000:
                self._passed.append(f"at one commit {held} millionths were held at {slug} of {most}")

    async def _come_to_rest(self) -> None:
        self._bank.disarm()
        self._bank.let_go()
        await self._bank.open_all()
        await self._patiently(self._ended([one.task for one in self._attempts]))
        self._check(at_rest=False)
        for life in self._lives:
            await self._patiently(life.end())
        self._lives.clear()
        await self._begin_again()
        self._check(at_rest=True)
        await self._look_everything_up()
        self._check(at_rest=True)
        for order in orders_in(self._journal):
            if order.status == "unknown":
                await self._settle(order)
        self._check(at_rest=True)
        self._count()
        await self._repeat_what_was_charged()

    async def _begin_again(self) -> None:
        """Start a new server, and wait until it has brought to an end what the others left."""

        async def resumed() -> None:
            await self._life(0)
            while any(order.status == "running" for order in orders_in(self._journal)):
                await asyncio.sleep(1)

        await self._patiently(resumed())

    async def _look_everything_up(self) -> None:
        life = await self._life(0)
        for order in orders_in(self._journal):
            if order.status == "unknown":
                wanted = {"generation_id": order.generation_id, "wait_seconds": 45}
                looking = life.call("get_generation", wanted)
                self._attempts.append(Attempt(life, looking))
                await self._patiently(looking)

    async def _repeat_what_was_charged(self) -> None:
        """A request_id that was paid for is never paid for again."""
        before = len(self._bank.ledger.arrivals)
        charged = {call_of(charge)[0] for charge in self._bank.ledger.charges}
        paid = {order.request_id for order in orders_in(self._journal) if order.generation_id in charged}
        life = await self._life(0)
        for asked in self._asked:
            if asked["request_id"] and asked["request_id"] in paid:
                await self._patiently(life.call("generate_image", asked))
        assert before == len(self._bank.ledger.arrivals), "a paid request_id was sent again"

    async def _settle(self, order: Order) -> None:
        lost = {row.key for row in rows_in(self._journal) if row.state == "unknown"}
        charged = order.generation_id in {key[0] for key in map(call_of, self._bank.ledger.charges) if key in lost}
        self._diary.append(f"{order.generation_id} settled, {charged=}")
        self.counts[f"settled as {'charged' if charged else 'not charged'}"] += 1
        async with working(load(self._environ)) as studio:
            try:
                await studio.generations.settle(order.generation_id, charged=charged)
            except RequestError:
                return  # it is being looked up

    @property
    def _environ(self) -> dict[str, str]:
        budgets = {f"IMAGEWRIGHT_{slug.upper()}_BUDGET": f"{most}/month" for slug, most in self._budgets.items()}
        return {"IMAGEWRIGHT_HOME": str(self._journal.parent), **self._bank.environ(), **budgets}

    async def _life(self, number: int) -> Life:
        """Return a server that runs; it is started if it does not."""
        while len(self._lives) <= number:
            life = Life(self._environ, self.era)
            await life.begin()
            self._lives.append(life)
        return self._lives[number]

    async def _patiently(self, work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
        """Return what comes of it; time passes until it is there."""
        task, seconds = asyncio.ensure_future(work), 1.0
        for _ in range(_ROUNDS):
            await quiet()
            if task.done():
                return await task
            self._clock.move(seconds)
            seconds = min(seconds * 2, _LONGEST_ROUND_SECONDS)
        task.cancel()
        raise AssertionError(f"it never ends: {work}")

    async def _ended(self, tasks: list[asyncio.Task[Any]]) -> None:
        if tasks:
            await asyncio.wait(tasks)

    async def _clear_up(self) -> None:
        for life in self._lives:
            await life.kill()
        self._clock.move(_LONGEST_ROUND_SECONDS)  # until no vendor is in the middle of something
        await quiet()
        await self._bank.aclose()
        await quiet()

    def _count(self) -> None:
        ledger = self._bank.ledger
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
