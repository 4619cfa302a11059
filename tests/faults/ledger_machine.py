"""Random runs: clients ask, repeat, cancel and give up, servers end and die, and at vendors everything goes wrong."""

from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.agent import Era
from tests.faults.fault import RIGHT, Fault, Moment
from tests.faults.matrix import ALL, CASES, SEEING
from tests.faults.world import World

BUDGETS = {"heydecks": "24", "theo": "10", "posteverywhere": "40", "depicta": "0.2"}
PROVIDER = st.sampled_from([*ALL, *ALL, "auto"])
SLUG = st.sampled_from(ALL)
SERVER = st.integers(0, 1)
NUMBER = st.integers(0, 7)  # of something, counted from the newest
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
AGAIN = {slug: [fault for fault in FAULTS[slug] if fault.status in {425, 429, 502, 503}] for slug in ALL}
LOST = [
    RIGHT,
    Fault(ending="silent"),
    Fault(ending="silent", charged=False),
    Fault(ending="silent", late_seconds=50),
    Fault(ending="half"),
]
MOMENT: st.SearchStrategy[Moment] = st.sampled_from(["arrived", "charged", "head", "half", "answered"])


class LedgerMachine(RuleBasedStateMachine):
    """What can happen, one rule each; `World` holds the ledger against the journal after each."""

    counts: ClassVar[Counter[str]] = Counter()
    era: ClassVar[Era] = "2026-07-28"

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        super().__init__()
        self._world = World(self.era, self.counts)

    def teardown(self) -> None:
        """Let everything come to its end."""
        self._world.end()

    @initialize(slugs=st.sets(SLUG, max_size=2))
    def set_budgets(self, slugs: set[str]) -> None:
        """Give some providers a small budget."""
        self._world.budgets |= {slug: Decimal(BUDGETS[slug]) for slug in sorted(slugs)}

    @rule(askings=st.lists(ASKING, min_size=1, max_size=4), server=SERVER)
    def ask(self, askings: list[dict[str, Any]], server: int) -> None:
        """Some clients ask for pictures at once."""

        async def work() -> None:
            for asked in askings:
                await self._world.ask(server, asked)

        self._world.step(work())

    @rule(asking=ASKING, times=st.integers(1, 4), moment=MOMENT)
    def ask_for_what_is_held(self, asking: dict[str, Any], times: int, moment: Moment) -> None:
        """The same is asked once or more at once, of both servers in turn, and the vendor stops in the middle of it."""
        slug: str = asking["provider"] if asking["provider"] in ALL else ALL[0]
        self.hold(slug, moment)

        async def work() -> None:
            for number in range(times):
                await self._world.ask(number % 2, asking)

        self._world.step(work())

    @rule(number=NUMBER, server=SERVER)
    def repeat(self, number: int, server: int) -> None:
        """Ask again for what was asked before."""
        if asked := self._world.asked:
            self._world.step(self._world.ask(server, asked[-1 - number % len(asked)]))

    @rule(number=NUMBER, wait_seconds=st.sampled_from([0, 10, 45]), server=SERVER)
    def look_up(self, number: int, wait_seconds: int, server: int) -> None:
        """A client asks how a generation stands."""
        if orders := self._world.orders:
            self._world.step(self._world.look_up(server, orders[-1 - number % len(orders)], wait_seconds))

    @rule(slug=SLUG, data=st.data())
    def arm(self, slug: str, data: st.DataObject) -> None:
        """The next requests at a vendor meet any of what the decision table knows."""
        faults = data.draw(st.lists(st.sampled_from(FAULTS[slug]), min_size=1, max_size=3))
        self._world.counts["faults armed"] += len(faults)
        self._world.diary.append(f"{slug} armed with {faults}")
        self._world.bank.arm(slug, *faults)

    @rule(slug=SLUG, data=st.data(), times=st.integers(2, 12))
    def arm_for_long(self, slug: str, data: st.DataObject, times: int) -> None:
        """Many requests at a vendor meet the same, which may be a reason to send them again."""
        fault = data.draw(st.sampled_from(AGAIN[slug]))
        self._world.counts["faults armed"] += times
        self._world.diary.append(f"{slug} armed {times} times with {fault}")
        self._world.bank.arm(slug, *[fault] * times)

    @rule(slug=st.sampled_from(SEEING), faults=st.lists(st.sampled_from(LOST), min_size=1, max_size=4), server=SERVER)
    def lose_some_of_many(self, slug: str, faults: list[Fault], server: int) -> None:
        """Calls that a vendor cannot tell apart come at once: some answers are lost, and some of these were charged."""
        self._world.diary.append(f"{slug} armed with {faults}")
        self._world.bank.arm(slug, *faults, RIGHT)

        async def work() -> None:
            for number in range(len(faults) + 1):
                asked = {"provider": slug, "prompt": f"a fox {number}", "count": 1, "request_id": ""}
                await self._world.ask(server if number % 2 else 0, asked)

        self._world.step(work())

    @rule(slug=SLUG, late_seconds=st.sampled_from([5, 50, 110]), seconds=st.sampled_from([0, 20, 70]))
    def arm_a_late_one(self, slug: str, late_seconds: float, seconds: float) -> None:
        """The next one at a vendor takes a while, answers nothing, and shows later still."""
        self._world.diary.append(f"{slug} armed to take {seconds} s, and show after {late_seconds}")
        self._world.bank.arm(slug, Fault(ending="silent", wait_seconds=seconds, late_seconds=late_seconds), RIGHT)

    @rule(slug=SLUG, moment=MOMENT)
    def hold(self, slug: str, moment: Moment) -> None:
        """A vendor stops in the middle of the next request."""
        self._world.diary.append(f"{slug} held when {moment}")
        self._world.bank.hold(slug, moment)

    @rule()
    def let_go(self) -> None:
        """All vendors go on."""

        async def work() -> None:
            self._world.diary.append("let go")
            self._world.bank.let_go()

        self._world.step(work())

    @rule(slug=SLUG)
    def shut(self, slug: str) -> None:
        """A vendor takes no connections."""
        self._world.diary.append(f"{slug} shut")
        self._world.bank.shut(slug)

    @rule()
    def open_all(self) -> None:
        """All vendors take connections again."""
        self._world.diary.append("opened")
        self._world.step(self._world.bank.open_all())

    @rule(seconds=st.sampled_from([1, 10, 46, 130, 400]))
    def time_passes(self, seconds: int) -> None:
        """Time passes."""

        async def work() -> None:
            self._world.diary.append(f"{seconds} s pass")
            self._world.clock.move(seconds)

        self._world.step(work())

    @rule(number=NUMBER, racing=st.booleans())
    def cancel(self, number: int, racing: bool) -> None:
        """A client gives a call up; `racing`: just as the vendors go on."""

        async def work() -> None:
            going = [one for one in self._world.attempts if not one.task.done()]
            if going:
                self._world.counts["cancelled"] += 1
                self._world.diary.append(f"call {number % len(going)} of {len(going)} cancelled, {racing=}")
                going[number % len(going)].task.cancel()
            if racing:
                self._world.racing = True
                self._world.bank.let_go()

        self._world.step(work())

    @rule(server=SERVER)
    def kill_server(self, server: int) -> None:
        """A server dies where it stands; the vendors bring to an end what it sent."""
        if server < len(self._world.lives):
            life = self._world.lives.pop(server)
            self._world.counts["killed"] += 1
            self._world.diary.append(f"server {life.number} killed")
            self._world.racing = True
            self._world.step(life.kill())

    @rule(server=SERVER)
    def end_server(self, server: int) -> None:
        """A server is told to end, and brings to an end what is being paid for."""
        if server < len(self._world.lives):
            life = self._world.lives.pop(server)
            self._world.counts["ended"] += 1
            self._world.diary.append(f"server {life.number} ended")
            self._world.racing = True
            self._world.bank.let_go()
            self._world.step(self._world.patiently(life.end()))

    @rule(number=NUMBER)
    def settle(self, number: int) -> None:
        """A person looks at the dashboard, and settles an unknown generation by the truth."""
        if unknown := [one for one in self._world.orders if one.status == "unknown"]:
            self._world.step(self._world.settle(unknown[number % len(unknown)]))
