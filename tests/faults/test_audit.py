"""The audit finds what does not fit between a journal and the ledger of the bank, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.faults.audit import Order, Row, charged_twice, complaints, over
from tests.faults.fault import RIGHT, Fault
from tests.faults.ledger import Charge
from tests.faults.vault import Meeting

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)
DONE = Row("gen_a", 0, "heydecks", "done", 8_000_000, Decimal(8), '{"pictures": ["p1"]}', recovered=False, sent=True)
CHARGE = Charge("c1", "heydecks", Decimal(8), "credits", ("p1",), "a fox", None, "gen_a-0@1", NOON, NOON)
MET = Meeting("heydecks", "gen_a", 0, 1, RIGHT)
BUSY, HELD_BACK = Fault(429, code="rate_limit"), Fault(503, code="x", headers={"Retry-After": "7"})


def test_what_fits_is_no_complaint() -> None:
    """A picture that was asked for, noted, sent once, charged once and told as it was."""
    assert [] == list(complaints([CHARGE], [MET], [DONE], at_rest=True))
    assert [] == list(over([CHARGE], [DONE], {"heydecks": Decimal(8)}))


@pytest.mark.parametrize(
    ("charges", "rows", "words"),
    [
        ([CHARGE], [], "in no journal"),
        ([CHARGE, CHARGE], [DONE], "charged 2 times"),
        ([CHARGE], [replace(DONE, state="refused", held=0, reading="")], "explained by none"),
        ([CHARGE], [replace(DONE, state="reserved", reading="")], "explained by none"),
        ([CHARGE], [replace(DONE, state="sending", reading="")], "explained by none"),
        ([], [replace(DONE, state="sending", reading="")], "nobody is"),
        ([], [DONE], "was not what was charged"),
        ([CHARGE], [replace(DONE, reading='{"pictures": ["p2"]}')], "was not what was charged"),
        ([CHARGE], [replace(DONE, cost=Decimal(7))], "is told as 7"),
        ([], [replace(DONE, state="refused", reading="")], "holds something"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_found(charges: list[Charge], rows: list[Row], words: str) -> None:
    """Each once, in words that say which."""
    found = list(complaints(charges, [], rows, at_rest=True))

    assert any(words in one for one in found), found


@pytest.mark.parametrize("state", ["unknown", "lost"])
def test_a_charge_without_a_picture_is_explained_by_a_call_that_says_so(state: str) -> None:
    """One call explains one charge."""
    row = replace(DONE, state=state, reading="")

    assert [] == list(complaints([CHARGE], [], [row], at_rest=True))


def test_lost_calls_of_one_generation_are_alike() -> None:
    """The picture of one may be found for the other, as long as there is a charge for each picture."""
    first = replace(DONE, recovered=True)
    other = replace(DONE, number=1, state="refused", held=0, cost=None, reading="")
    charge = replace(CHARGE, idempotency_key="gen_a-1@1")

    assert [] == list(complaints([charge], [], [first, other], at_rest=True))
    assert list(complaints([charge], [], [replace(first, recovered=False), other], at_rest=True))


@pytest.mark.parametrize(
    ("faults", "fits"),
    [
        ([BUSY, BUSY, RIGHT], True),
        ([BUSY, BUSY, BUSY, RIGHT], False),
        ([HELD_BACK, RIGHT], True),
        ([HELD_BACK, HELD_BACK, RIGHT], False),
        ([Fault(503), RIGHT], False),
        ([Fault(ending="silent"), RIGHT], False),
        ([RIGHT, RIGHT], False),
    ],
)
def test_a_call_is_sent_again_as_the_table_says(faults: list[Fault], fits: bool) -> None:
    """What it met last decides, and how often it was sent before."""
    meetings = [replace(MET, fault=fault) for fault in faults]

    assert fits == ([] == list(complaints([CHARGE], meetings, [DONE], at_rest=True)))


def test_resends_are_rationed() -> None:
    """Ten, and a fifth of the calls: at one vendor, by one server."""
    rows = [replace(DONE, generation_id=f"gen_{number}", state="unknown", reading="") for number in range(13)]
    meetings = [replace(MET, generation_id=row.generation_id, fault=fault) for row in rows for fault in (BUSY, RIGHT)]

    assert [] == list(complaints([], meetings[:24], rows, at_rest=True))
    assert ["13 resends"] == [one[:10] for one in complaints([], meetings, rows, at_rest=True)]


def test_what_was_sent_must_have_been_noted() -> None:
    """A call that was never sent has not left; one that waits to be sent again has."""
    never, again = (replace(DONE, state="reserved", reading="", sent=sent) for sent in (False, True))

    assert any("was not noted" in one for one in complaints([], [MET], [never], at_rest=False))
    assert [] == list(complaints([], [MET], [again], at_rest=False))


def test_a_request_id_is_charged_for_one_generation() -> None:
    """A second one is found, a repetition that cost nothing is not."""
    orders = [Order(f"gen_{name}", "order-1", "f", "done", delivered=True) for name in "ab"]
    second = replace(CHARGE, idempotency_key="gen_b-0@1")

    assert 1 == len(list(charged_twice([CHARGE, second], orders)))
    assert [] == list(charged_twice([CHARGE], orders))


@pytest.mark.parametrize(("held", "budget"), [(7_000_000, 8), (9_000_000, 8), (8_000_000, 7)])
def test_a_budget_holds_what_was_taken_and_no_more_than_it_is(held: int, budget: int) -> None:
    """Too little held, too much held, or too much taken."""
    assert 1 == len(list(over([CHARGE], [replace(DONE, held=held)], {"heydecks": Decimal(budget)})))
