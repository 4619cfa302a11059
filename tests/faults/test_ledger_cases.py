"""What the random runs found once, each in its smallest form."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal

import anyio
import pytest

from imagewright.app import compose, note_delivery
from imagewright.errors import DownloadError, NotSentAfterAllError, Origin, OutcomeUnknownError
from imagewright.journal import Journal
from imagewright.line import Line
from imagewright.models import Generation, ImageRequest, Look, Money, Picture, Reading, TracePage
from imagewright.settings import load
from imagewright.studio import Studio
from imagewright.transfer import Transfer
from tests.faults.bank import Bank
from tests.faults.customer import Customer
from tests.faults.fault import RIGHT, Fault

FOX, TWO_FOXES = ImageRequest("a fox"), ImageRequest("a fox", count=2)
ONE_PIXEL = b"GIF89a" + bytes(32)


async def test_a_server_that_is_cancelled_still_brings_to_an_end_what_is_paid_for(
    bank: Bank, customer: Customer
) -> None:
    """Whoever runs it may cancel it from outside: it drains all the same, and ends."""
    pause, up = bank.pause("heydecks", "charged"), anyio.Event()
    calls: list[asyncio.Task[Generation]] = []

    async def live() -> None:
        async with _working(customer) as studio:
            calls.append(asyncio.create_task(studio.generate(FOX, "heydecks")))
            await pause.reached.wait()
            up.set()
            await anyio.sleep_forever()

    async def live_and_be_cancelled() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(live)
            await up.wait()
            group.cancel_scope.cancel()

    living = asyncio.create_task(live_and_be_cancelled())
    await up.wait()
    await asyncio.sleep(0)
    pause.go.set()
    ended, _ = await asyncio.wait({living}, timeout=20)

    async with _working(customer) as studio:
        (entry,) = await studio.generations.recent(principal=None)
    assert ended
    assert ("done", 1) == (entry.status, bank.ledger.sent("heydecks"))
    assert entry.generation_id == (await calls[0]).generation_id


async def test_a_caller_that_outlives_its_server_begins_nothing(bank: Bank, customer: Customer) -> None:
    """It is told that nothing was sent, and nothing is noted that would wait for a server that is no more."""
    async with _working(customer) as studio:
        pass

    with pytest.raises(NotSentAfterAllError, match="nothing was sent"):
        await studio.generate(FOX, "heydecks")

    assert ([], 0) == (await studio.generations.recent(principal=None), len(bank.ledger.arrivals))


async def test_a_caller_that_outlives_its_server_takes_nothing_over(bank: Bank, customer: Customer) -> None:
    """What another server left is for the next one: here it is only told how it stands."""
    bank.arm("heydecks", Fault(ending="silent"))
    async with _working(customer) as studio:
        with pytest.raises(OutcomeUnknownError):
            await studio.generate(FOX, "heydecks")
        (entry,) = await studio.generations.recent(principal=None)
        await studio.journal.adopt(entry.generation_id, None, "a server that died")

    told = await studio.generations.look_up(entry.generation_id, principal=None)

    async with _working(customer) as later:
        (left,) = await later.generations.recent(principal=None)
    assert ("running", "running", "a server that died") == (told.status, left.status, left.owner)


async def test_that_a_call_runs_is_not_its_delivery(bank: Bank, customer: Customer) -> None:
    """It may have ended just as that went out: the picture itself was not told, and a repetition must get it."""
    async with _working(customer) as studio:
        made = await studio.generate(FOX, "heydecks")

        await note_delivery(studio, {"structuredContent": {"generation_id": made.generation_id, "status": "running"}})
        before = (await studio.generations.recent(principal=None))[0].delivered
        again = await studio.generate(FOX, "heydecks")
        await note_delivery(studio, {"structuredContent": {"generation_id": made.generation_id, "status": "done"}})
        after = (await studio.generations.recent(principal=None))[0].delivered

    assert (False, made.generation_id, True, 1) == (
        before,
        again.generation_id,
        after,
        bank.ledger.sent("heydecks"),
    )


async def test_a_person_settles_only_what_is_still_unknown(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another server has just found one of two lost calls: its picture and its cost stay."""
    usual = Journal.adopt
    found = Reading((Picture(url=f"{bank.origin}/pictures/found.png"),), cost=Money(Decimal(32), "credits"))

    async def adopt(journal: Journal, generation_id: str, owner: str | None, heir: str) -> bool:
        await journal.settle(generation_id, 0, "done", reading=found)
        return await usual(journal, generation_id, owner, heir)

    bank.always("heydecks", Fault(ending="silent"))
    async with _working(customer) as studio:
        with pytest.raises(OutcomeUnknownError) as lost:
            await studio.generate(ImageRequest("a fox", count=7), "heydecks")
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "adopt", adopt)
            made = await studio.generations.settle(lost.value.generation_id or "", charged=False, principal=None)
        (entry,) = await studio.generations.recent(principal=None)

    assert ["done", "refused"] == [call.state for call in entry.calls]
    assert ("partial", Decimal(32)) == (made.status, made.cost and made.cost.amount)


async def test_a_generation_is_gone_on_with_once_at_a_time(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its server still fetches what it brought, part of it is unknown: who looks it up does not begin again."""
    copying = _Copying(monkeypatch)
    bank.arm("depicta", RIGHT, Fault(ending="silent", late_seconds=3600))

    async with _working(customer) as studio:
        drawing = asyncio.create_task(studio.generate(TWO_FOXES, "depicta"))
        await copying.began.wait()
        (entry,) = await studio.generations.recent(principal=None)
        looked = await studio.generations.look_up(entry.generation_id, principal=None)
        copying.may_end.set()
        made = await drawing

    assert ("unknown", "partial", "partial") == (entry.status, looked.status, made.status)
    assert 2 == bank.ledger.sent("depicta")


async def test_a_picture_that_another_server_found_is_not_forgotten(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server still fetches the copies of the one that it knows; the journal knows of two, and keeps both."""
    copying = _Copying(monkeypatch)
    bank.arm("depicta", RIGHT, Fault(ending="silent", late_seconds=3600))

    async with _working(customer) as studio, _working(customer) as other:
        drawing = asyncio.create_task(studio.generate(TWO_FOXES, "depicta"))
        await copying.began.wait()
        bank.ledger.skipped += timedelta(hours=1)
        (entry,) = await other.generations.recent(principal=None)
        found = await other.generations.look_up(entry.generation_id, wait_seconds=45, principal=None)
        copying.may_end.set()
        made = await drawing
        (entry,) = await other.generations.recent(principal=None)

    assert (2, 1) == (len(found.pictures), len(made.pictures))
    assert entry.result
    assert found.pictures == entry.result.pictures


async def test_a_call_that_ends_during_a_look_keeps_its_picture(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture stands alone in the list, and the counter tells of a second one: neither is the lost call's."""
    answer = bank.pause("posteverywhere", "head")
    calls: list[asyncio.Task[Generation]] = []
    usual_list, usual_owned = Line.look_and_compare_clocks, Journal.owned

    async def listed(line: Line, look: Look[TracePage]) -> tuple[TracePage, timedelta]:
        page = await usual_list(line, look)
        bank.ledger.skipped += timedelta(minutes=1)  # the lost call's picture is done just now
        return page

    async def owned(journal: Journal, provider: str, trace_ids: Iterable[str]) -> frozenset[str]:
        found = await usual_owned(journal, provider, trace_ids)
        answer.go.set()
        await calls[0]
        return found

    monkeypatch.setattr(Line, "look_and_compare_clocks", listed)
    monkeypatch.setattr(Journal, "owned", owned)
    bank.arm("posteverywhere", RIGHT, Fault(ending="silent", late_seconds=50))

    async with _working(customer) as studio:
        calls.append(asyncio.create_task(studio.generate(FOX, "posteverywhere")))
        await answer.reached_by(calls[0])
        lost = await studio.generate(ImageRequest("an owl"), "posteverywhere")
        told = await calls[0]

    of_fox, of_owl = bank.ledger.charged("posteverywhere")
    assert [of_fox.picture_ids, of_owl.picture_ids] == [(one.pictures[0].media_id,) for one in (told, lost)]


class _Copying:
    """The first copy of a picture takes until `may_end`; it and all others fail."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()

        async def download(transfer: Transfer, url: str, trusted: frozenset[str]) -> bytes:
            del transfer, url, trusted
            if not self.began.is_set():
                self.began.set()
                await self.may_end.wait()
                return ONE_PIXEL
            raise DownloadError("There is no copy.", Origin("depicta"))

        patch.setattr(Transfer, "download", download)


@asynccontextmanager
async def _working(customer: Customer) -> AsyncGenerator[Studio]:
    """What a server works with, at work; it goes on with nothing by itself."""
    _, studio = compose(load(customer.environ))
    async with studio.running(resume=False):
        yield studio
