"""The rows of the decision table that need more than one answer: ends of a call, waits, budgets, other providers."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.bank import Bank
from tests.faults.conftest import Waits
from tests.faults.customer import Customer, draw, generation_of, meaning, shows
from tests.faults.fault import HTML, RIGHT, Fault
from tests.faults.matrix import ALL, CODES, SEEING
from tests.faults.rpc import server

EVERYWHERE = pytest.mark.parametrize("slug", ALL)
BOTH_ERAS = pytest.mark.parametrize("era", ["2026-07-28", "legacy"])


@pytest.mark.parametrize(
    ("slug", "budget"), [("heydecks", "15/day"), ("posteverywhere", "14/month"), ("depicta", "0.05/day")]
)
async def test_row_1_what_passes_the_budget_is_not_sent(slug: str, budget: str, bank: Bank, customer: Customer) -> None:
    """Two pictures cost more than what is left: nothing is sent, nothing is charged, and the variable is named."""
    customer.environ[f"IMAGEWRIGHT_{slug.upper()}_BUDGET"] = budget

    result = await customer.draw(slug, count=2)

    assert ("no", 0) == (meaning(result), bank.ledger.sent(slug)), result.text
    assert f"IMAGEWRIGHT_{slug.upper()}_BUDGET" in result.text


@EVERYWHERE
@BOTH_ERAS
async def test_row_7_a_cancelled_call_goes_on_and_is_had_by_asking_again(
    slug: str, bank: Bank, customer: Customer
) -> None:
    """The client gives up while the vendor draws; the same request again gets that picture, sent and charged once."""
    pause = bank.pause(slug, "charged")

    async with customer.connect() as client:
        drawing = asyncio.create_task(draw(client, slug))
        await pause.reached_by(drawing)
        drawing.cancel()
        await asyncio.gather(drawing, return_exceptions=True)
        pause.go.set()
        result = await draw(client, slug)

    (charge,) = bank.ledger.charged(slug)
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent(slug))


@EVERYWHERE
async def test_row_8_a_call_whose_server_died_is_looked_up_and_never_sent_again(
    slug: str, bank: Bank, customer: Customer
) -> None:
    """Killed while the vendor draws: found where one can look, otherwise unknown; sent and charged once."""
    pause = bank.pause(slug, "charged")

    async with server(customer.environ) as doomed:
        call = doomed.draw(slug)
        await pause.reached_by(call.answer)
        doomed.signal(signal.SIGKILL)
        await doomed.ended()
    pause.go.set()
    result = await customer.draw(slug)

    (charge,) = bank.ledger.charged(slug)
    assert ("done" if slug in SEEING else "maybe") == meaning(result), result.text
    assert (slug in SEEING, 1) == (shows(result, charge), bank.ledger.sent(slug))
    assert generation_of(result)


@EVERYWHERE
@pytest.mark.parametrize("status", [401, 402, 403])
async def test_rows_15_and_16_what_every_call_would_meet_is_not_asked_again(
    status: int, slug: str, bank: Bank, customer: Customer
) -> None:
    """A refused key and an empty purse stay so for a minute: the next call costs no request."""
    bank.always(slug, Fault(status, code=CODES[status][slug]))

    async with customer.connect() as client:
        await draw(client, slug)
        result = await draw(client, slug, prompt="another")

    assert ("no", 1) == (meaning(result), bank.ledger.sent(slug))


@pytest.mark.parametrize(
    ("slug", "headers", "least"),
    [
        ("heydecks", {}, 1),
        ("heydecks", {"Retry-After": "7"}, 7),
        ("theo", {"Retry-After": "7"}, 7),
        ("theo", {"X-Ratelimit-Reset-Requests": "9s"}, 9),
        ("posteverywhere", {"X-RateLimit-Reset": "{soon}"}, 25),
        ("depicta", {"Retry-After": "{date}"}, 25),
    ],
    ids=["documented", "seconds", "seconds at theo", "theo's own", "unix time", "date"],
)
async def test_row_20_the_wait_is_what_the_vendor_says(
    slug: str, headers: dict[str, str], least: float, bank: Bank, customer: Customer, waits: Waits
) -> None:
    """Never sooner than it was told, and not much later."""
    soon = datetime.now(UTC) + timedelta(seconds=30)
    told = {
        name: value.format(soon=int(soon.timestamp()), date=soon.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items()
    }
    bank.arm(slug, Fault(429, code=CODES[429][slug], headers=told))

    result = await customer.draw(slug)

    assert "done" == meaning(result)
    assert least <= waits.resends[0] <= least + 10


async def test_row_20_a_crowd_does_not_make_an_outage_worse(bank: Bank, customer: Customer) -> None:
    """Fifty callers, all turned away for ever: together they send again at most a fifth of what they sent."""
    bank.always("heydecks", Fault(429, code="rate_limit"))

    async with customer.connect() as client:
        results = await asyncio.gather(*(draw(client, "heydecks", prompt=f"fox {number}") for number in range(50)))

    assert {"no"} == {meaning(result) for result in results}
    assert bank.ledger.sent("heydecks") <= 60


@pytest.mark.parametrize(
    ("fault", "others", "outcome"),
    [
        (Fault(402, code="insufficient_credits"), 1, "done"),
        (Fault(401, code="invalid_key"), 1, "done"),
        (Fault(422, code="content_rejected"), 0, "no"),
        (Fault(451, page=HTML), 0, "no"),
        (Fault(ending="silent"), 0, "maybe"),
        (Fault(200, page=HTML), 0, "maybe"),
        (Fault(500, page=HTML), 0, "maybe"),
    ],
    ids=["no money", "key refused", "content", "content by law", "silence", "unreadable", "500"],
)
async def test_row_21_another_provider_is_asked_only_after_what_cost_nothing_and_is_not_about_the_content(
    fault: Fault, others: int, outcome: str, bank: Bank, customer: Customer
) -> None:
    """A second provider is a second charge, and a refused prompt is no better elsewhere."""
    bank.arm("heydecks", fault)

    result = await customer.draw("auto")

    assert (1, others) == (bank.ledger.sent("heydecks"), len(bank.ledger.arrivals) - 1)
    assert outcome == meaning(result)


async def test_row_25_depicta_is_looked_at_before_it_is_asked_again(bank: Bank, customer: Customer) -> None:
    """Turned away for the moment, in its own words: the list of jobs is read first, and shows none."""
    bank.arm("depicta", Fault(503, code="internal_error", headers={"Retry-After": "7"}), RIGHT)
    first, second = bank.pause("depicta", "arrived"), bank.pause("depicta", "arrived")

    drawing = asyncio.create_task(customer.draw("depicta"))
    await first.reached_by(drawing)
    before = len(bank.ledger.looks)
    first.go.set()
    await second.reached_by(drawing)
    looks = bank.ledger.looks[before:]
    second.go.set()

    assert "done" == meaning(await drawing)
    assert any(one.startswith("depicta /v1/jobs") for one in looks)


async def test_row_25_depicta_is_not_asked_again_if_the_look_finds_the_picture(bank: Bank, customer: Customer) -> None:
    """It said that it was not available, and drew all the same: the picture is had, and charged once."""
    bank.arm("depicta", Fault(503, code="internal_error", headers={"Retry-After": "7"}, charged=True))

    result = await customer.draw("depicta")

    (charge,) = bank.ledger.charged("depicta")
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent("depicta"))


@pytest.mark.parametrize("slug", ["heydecks", "theo", "depicta"])
async def test_row_28_a_picture_that_cannot_be_fetched_is_paid_and_told(
    slug: str, bank: Bank, customer: Customer
) -> None:
    """Its URL answers 404: the answer names it all the same, and nothing is sent again."""
    pause = bank.pause(slug, "head")

    drawing = asyncio.create_task(customer.draw(slug))
    await pause.reached_by(drawing)
    bank.ledger.pictures.clear()
    pause.go.set()
    result = await drawing

    (charge,) = bank.ledger.charged(slug)
    assert ("done", True, 1) == (meaning(result), shows(result, charge), bank.ledger.sent(slug))


@pytest.mark.parametrize("slug", SEEING)
async def test_two_that_could_be_ours_are_neither(slug: str, bank: Bank, customer: Customer) -> None:
    """Somebody else draws with the same key at the same moment: nobody can tell whose is whose, so it stays unknown."""
    bank.arm(slug, Fault(ending="silent", charged=False))
    pause = bank.pause(slug, "arrived")

    drawing = asyncio.create_task(customer.draw(slug))
    await pause.reached_by(drawing)
    bank.outsider(slug)
    bank.outsider(slug)
    pause.go.set()
    result = await drawing

    assert ("maybe", 1) == (meaning(result), bank.ledger.sent(slug)), result.text


async def test_a_job_id_in_the_head_finds_the_picture_among_strangers(bank: Bank, customer: Customer) -> None:
    """The body breaks off, and others draw with the same key meanwhile: the head of the answer told whose is whose."""
    bank.arm("depicta", Fault(ending="half"))
    pause = bank.pause("depicta", "head")

    drawing = asyncio.create_task(customer.draw("depicta"))
    await pause.reached_by(drawing)
    bank.outsider("depicta")
    bank.outsider("depicta")
    pause.go.set()
    result = await drawing

    assert shows(result, bank.ledger.charged("depicta")[0]), result.text


async def test_a_lost_call_is_found_among_old_ones(bank: Bank, customer: Customer) -> None:
    """Thirty earlier pictures, more than a page of the list, do not hide it, nor are they taken for it."""
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    bank.ledger.clock = lambda: hour_ago
    for _ in range(30):
        bank.outsider("depicta")
    bank.ledger.clock = lambda: datetime.now(UTC)
    bank.arm("depicta", Fault(ending="silent"))

    result = await customer.draw("depicta")

    assert shows(result, bank.ledger.charged("depicta")[-1]), result.text
