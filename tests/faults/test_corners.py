"""Corners of a paid call: odd refusals, parts that fare differently, another key, people who want to be asked."""

from decimal import Decimal

import pytest

from imagewright import looking
from tests.agent import Result
from tests.faults.bank import Bank
from tests.faults.customer import Customer, draw, generation_of, meaning, shows
from tests.faults.fault import Fault
from tests.faults.matrix import SEEING
from tests.faults.vendors import VENDORS, Place

AN_HOUR = 3600.0


@pytest.mark.parametrize("status", [408, 500, 504])
@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("heydecks", "rate_limit"),
        ("theo", "rate_limit_exceeded"),
        ("posteverywhere", "validation_error"),
        ("depicta", "rate_limited"),
    ],
)
async def test_a_failure_that_words_itself_as_a_refusal_is_not_taken_for_one(
    slug: str, code: str, status: int, bank: Bank, customer: Customer
) -> None:
    """The vendor drew and charged all the same: found where one can look, else unknown; never sent again or free."""
    bank.arm(slug, Fault(status, code=code, charged=True))

    result = await customer.draw(slug)

    (charge,) = bank.ledger.charged(slug)
    assert ("done" if slug in SEEING else "maybe") == meaning(result), result.text
    assert (slug in SEEING, 1) == (shows(result, charge), bank.ledger.sent(slug))


async def test_what_is_handed_over_is_still_sent_to_its_last_part(bank: Bank, customer: Customer) -> None:
    """Eight pictures, four at once: the caller is told that they run before the second four are sent."""
    customer.environ["IMAGEWRIGHT_HANDOVER_SECONDS"] = "1"
    pauses = [bank.pause("posteverywhere", "charged") for _ in range(4)]

    async with customer.connect() as client:
        handed_over = await draw(client, "posteverywhere", count=8)
        sent_by_then = bank.ledger.sent("posteverywhere")
        for pause in pauses:
            pause.go.set()
        asked = {"generation_id": generation_of(handed_over), "wait_seconds": 45}
        result = Result(await client.call_tool("get_generation", asked))

    assert ("running", 4) == (meaning(handed_over), sent_by_then), handed_over.text
    assert ("done", 8) == (meaning(result), bank.ledger.sent("posteverywhere")), result.text
    assert all(shows(result, charge) for charge in bank.ledger.charged("posteverywhere"))


_NO_MONEY = Fault(402, code="credit_insufficient")
_CONTENT = Fault(403, code="content_rejected")


@pytest.mark.parametrize("faults", [(_NO_MONEY, _CONTENT), (_CONTENT, _NO_MONEY)], ids=["money first", "content first"])
async def test_auto_offers_nothing_around_of_which_one_part_was_refused_for_its_content(
    faults: tuple[Fault, ...], bank: Bank, customer: Customer
) -> None:
    """The other part met an empty purse, which alone would let another provider draw."""
    customer.environ["IMAGEWRIGHT_PROVIDERS"] = "depicta,heydecks"
    bank.arm("depicta", *faults)

    result = await customer.draw("auto", count=2)

    assert ("no", 2, 2) == (meaning(result), bank.ledger.sent("depicta"), len(bank.ledger.arrivals)), result.text


async def test_a_call_that_is_sent_again_forgets_the_job_of_the_first_time(bank: Bank, customer: Customer) -> None:
    """The 429 named a job that failed; what the second time left is a job of its own, charged, and it is found."""
    VENDORS["depicta"].fail(Place(bank.ledger, bank.origin), {"prompt": "a fox"})
    failed_job = {"X-Depicta-Job-Id": bank.ledger.entries[0].charge_id, "Retry-After": "1"}
    bank.arm("depicta", Fault(429, code="rate_limited", headers=failed_job), Fault(ending="silent"))

    result = await customer.draw("depicta")

    (charge,) = bank.ledger.charged("depicta")
    assert ("done", True, 2) == (meaning(result), shows(result, charge), bank.ledger.sent("depicta")), result.text


async def test_a_new_order_after_a_look_is_asked_about_like_any_other(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing came of the lost call, so drawing anew costs anew: a client that cannot ask is refused."""
    await _lost_for_an_hour(Fault(ending="unread"), bank, customer, monkeypatch)
    customer.environ["IMAGEWRIGHT_CONFIRM_ABOVE_DEPICTA"] = "0.01"

    result = await customer.draw("depicta")

    assert ("not_confirmed", "no") == (result.error.get("code"), meaning(result)), result.text
    assert 1 == bank.ledger.sent("depicta")


async def test_without_a_limit_a_new_order_after_a_look_is_drawn(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counterpart of the test above: it is the limit that held it back."""
    await _lost_for_an_hour(Fault(ending="unread"), bank, customer, monkeypatch)

    result = await customer.draw("depicta")

    assert ("done", 2) == (meaning(result), bank.ledger.sent("depicta")), result.text


async def test_what_was_sent_with_another_key_is_not_called_absent(
    bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account of the new key shows no trace of it, which says nothing: it stays unknown and is not sent again."""
    await _lost_for_an_hour(Fault(ending="silent", late_seconds=100 * AN_HOUR), bank, customer, monkeypatch)
    bank.ledger.entries.clear()  # what another account would be shown
    customer.environ["DEPICTA_API_KEY"] = "dpct_another" + "0" * 36

    result = await customer.draw("depicta")

    assert ("maybe", 1) == (meaning(result), bank.ledger.sent("depicta")), result.text
    assert "with another key" in result.text


async def test_a_price_learnt_from_fewer_pictures_than_asked_is_that_of_a_picture(
    bank: Bank, customer: Customer
) -> None:
    """One of four came for 4 cents, so four more need 16: that does not fit into the 6 that are left."""
    customer.environ["IMAGEWRIGHT_THEO_BUDGET"] = "10/day"
    bank.arm("theo", Fault(pictures=1))

    first = await customer.draw("theo", count=4)
    second = await customer.draw("theo", count=4, prompt="another")
    third = await customer.draw("theo", count=1, prompt="a third")

    assert ["partial", "no", "done"] == [meaning(one) for one in (first, second, third)], second.text
    assert ("over_budget", Decimal(8)) == (second.error.get("code"), bank.ledger.spent("theo"))


async def _lost_for_an_hour(fault: Fault, bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a call be lost at Depicta and stay unknown; after that an hour has passed for whoever looks."""
    bank.arm("depicta", fault)
    with monkeypatch.context() as patch:
        patch.setattr(looking, "_PATIENCE_SECONDS", 0.0)
        assert "maybe" == meaning(await customer.draw("depicta"))
    await looking.sleep(AN_HOUR)
