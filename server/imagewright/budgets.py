"""What the user allows to be spent: an amount a day or a month, in the provider's own unit."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, cast

Period = Literal["day", "month"]

_BUDGET = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*/\s*(day|month)")
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `amount` in each `period`; days and months are those of UTC, the same on every machine."""

    amount: Decimal
    period: Period

    def first_day(self, today: date) -> date:
        """Return the day on which the period that holds `today` began."""
        return today if self.period == "day" else today.replace(day=1)


def budget(text: str) -> Budget | None:
    """Return the budget that a text such as "5.00/day" or "200/month" names, or None if it names none."""
    found = _BUDGET.fullmatch(text.strip().lower())
    return Budget(Decimal(found[1]), cast("Period", found[2])) if found else None


def amount(text: str) -> Decimal | None:
    """Return the amount that a text such as "2.50" names, or None if it names none."""
    return Decimal(text.strip()) if _AMOUNT.fullmatch(text.strip()) else None
