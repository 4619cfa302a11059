"""Ledger and journal tell the same, whatever clients, servers and vendors do; see `ledger_machine`."""

import pytest

from tests.agent import Era
from tests.faults.ledger_campaign import campaign

RUNS, STEPS = 30, 40

# What random runs must have come across, or they would prove little.
MET = (
    "cancelled",
    "killed",
    "ended",
    "charges",
    "looks",
    "told running",
    "told done",
    "told maybe",
    "told no",
    "calls lost",
    "calls refused",
)


@pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
def test_every_charge_is_explained_and_none_is_made_twice(era: Era) -> None:
    """The same few runs each time; `python -m tests.faults.ledger_campaign` makes as many others as one likes."""
    counts = campaign(era, RUNS, STEPS)

    assert [] == [name for name in MET if not counts[name]], counts
