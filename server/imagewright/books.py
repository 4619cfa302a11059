"""What a user asks of the journal on the command line: what was drawn, what it cost, and what is not settled yet."""

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from imagewright.budgets import Budget
from imagewright.errors import RequestError
from imagewright.journal import Journal
from imagewright.models import Entry, Spent
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.settings import Settings
from imagewright.statements import at_risk, facts, facts_in_full, in_full, lines, marked, table
from imagewright.text import quote

if TYPE_CHECKING:
    from imagewright.studio import Studio

DONE, STILL_UNKNOWN = 0, 4


def today() -> date:
    """Return the day by our clock in UTC, as the journal and the budgets count days."""
    return datetime.now(UTC).date()


async def history(home: Path, limit: int, as_json: bool) -> int:
    """Print the newest generations, newest first, and return the exit code."""
    async with aclosing(Journal(home)) as journal:
        entries = await journal.newest(limit) if journal.exists else []
    if as_json:
        _print_json({"generations": [facts(entry) for entry in entries]})
    else:
        print("\n".join(lines(entries)) if entries else "Nothing was generated yet.")
    return DONE


async def tell(home: Path, generation_id: str, as_json: bool) -> int:
    """Print all that is known of one generation, and return the exit code.

    Raises:
        RequestError: There is no such generation.
    """
    async with aclosing(Journal(home)) as journal:
        entry = await journal.entry(generation_id) if journal.exists else None
        if entry is None:
            raise RequestError(
                f"There is no generation {quote(generation_id, 60)}. `imagewright history` lists the newest."
            )
        remains = await journal.remains(generation_id)
    if as_json:
        _print_json(facts_in_full(entry, remains))
    else:
        print(in_full(entry, remains))
    return DONE


async def spend(settings: Settings, days: int, as_json: bool) -> int:
    """Print what was spent in the last days, with sums and what is left of the budgets, and return the exit code."""
    now = today()
    since = now - timedelta(days=days - 1)
    budgets = settings.budgets
    async with aclosing(Journal(settings.home)) as journal:
        # The period of a budget may have begun before the days that are asked for.
        first_day = min([since, *(budget.first_day(now) for budget in budgets.values())])
        found = await journal.spend(first_day) if journal.exists else []
    rows = [row for row in found if row.day >= since.isoformat()]
    totals = _totals(row for row in rows if not row.sandbox)
    left = [_left(settings, all_providers()[slug], budget, found, now) for slug, budget in budgets.items()]
    if as_json:
        report = {"since": since.isoformat(), "rows": [_row(row) for row in rows]}
        report |= {"totals": [_row(one) for one in totals], "budgets": [one.facts for one in left]}
        _print_json(report)
    else:
        print("\n".join(_spending(since, rows, totals, left)))
    return DONE


async def settle(opening: "AbstractAsyncContextManager[Studio]", generation_id: str, charged: bool) -> int:
    """Settle the unknown calls of a generation by what a person found out, print how it stands, return the exit code.

    Raises:
        RequestError: There is no such generation, or nothing about it is unknown.
    """
    async with opening as studio:
        await studio.generations.settle(generation_id, charged=charged, principal=None)
        entry = await studio.journal.entry(generation_id)
    print("\n".join(lines([entry] if entry else [])))
    return DONE


async def recover(opening: "AbstractAsyncContextManager[Studio]", as_json: bool) -> int:
    """Look up whatever is unknown or was left unfinished, print how each stands, and return the exit code."""
    async with opening as studio:
        looked_up = [made.generation_id for made in await studio.generations.recover()]
        entries = [entry for one in looked_up if (entry := await studio.journal.entry(one))]
        open_ones = await studio.journal.open_entries() if studio.journal.exists else []
        elsewhere = [entry for entry in open_ones if entry.ask.sandbox != studio.sandboxed]
    unknown = [entry for entry in entries if entry.status == "unknown"]
    if as_json:
        _print_json({"generations": [facts(entry) for entry in entries]})
    else:
        print("\n".join(lines(entries)) if entries else "Nothing is unknown or unfinished.")
        for entry in unknown:
            print(f"\n{entry.generation_id} is still unknown. {_advice(entry)}")
    if elsewhere:
        kind = "of the sandbox" if elsewhere[0].ask.sandbox else "of real providers"
        remedy = "IMAGEWRIGHT_SANDBOX=1" if elsewhere[0].ask.sandbox else "their keys and without IMAGEWRIGHT_SANDBOX"
        print(f"imagewright: {len(elsewhere)} more, {kind}: recover with {remedy} to look.", file=sys.stderr)
    return STILL_UNKNOWN if unknown else DONE


def _advice(entry: Entry) -> str:
    found = f"{entry.checked} " if entry.checked else ""
    named = entry.generation_id
    return (
        f"{found}At risk: {at_risk(entry) or 'nothing'}. See the provider's dashboard, then run `imagewright settle "
        f"{named} charged` or `imagewright settle {named} not-charged`; or look again later with `imagewright recover`."
    )


def _spending(since: date, rows: Sequence[Spent], totals: Sequence[Spent], left: Sequence["_Left"]) -> list[str]:
    """Return the spending table: by day, provider and model; what real providers add up to; and the budgets."""
    heads = ["calls", "pictures", "estimated", "paid", "held", "unit"]
    days = [[row.day, marked(row.provider, sandbox=row.sandbox), row.model or "-", *_sums_of(row)] for row in rows]
    sums = [[one.provider, *_sums_of(one)] for one in totals]
    lines = table(["day (UTC)", "provider", "model", *heads], days) if rows else [f"Nothing was spent since {since}."]
    if rows:
        lines += ["", *table([f"since {since}", *heads], sums)] if sums else ["", "All of it in the sandbox."]
    return [*lines, *([""] if left else []), *map(str, left)]


def _totals(rows: Iterable[Spent]) -> list[Spent]:
    """Return what the rows of each provider and unit add up to."""

    def key(row: Spent) -> tuple[str, str]:
        return row.provider, row.unit

    return [_total(list(group)) for _, group in groupby(sorted(rows, key=key), key)]


def _total(rows: Sequence[Spent]) -> Spent:
    return replace(
        rows[0],
        model=None,
        calls=sum(row.calls for row in rows),
        pictures=sum(row.pictures for row in rows),
        estimated=sum((row.estimated for row in rows), Decimal(0)),
        paid=sum((row.paid for row in rows), Decimal(0)),
        held=sum((row.held for row in rows), Decimal(0)),
    )


def _sums_of(row: Spent) -> list[str]:
    amounts = [f"{amount:f}" for amount in (row.estimated, row.paid, row.held)]
    return [str(row.calls), str(row.pictures), *amounts, row.unit]


def _row(row: Spent) -> dict[str, object]:
    facts = asdict(row)
    return {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in facts.items()}


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a provider's budget."""

    provider: str
    budget: Budget
    unit: str
    amount: Decimal
    sandbox: bool

    def __str__(self) -> str:
        name = marked(self.provider, sandbox=self.sandbox)
        of = f"{self.budget.amount:f} {self.unit} a {self.budget.period}"
        return f"Budget of {name}: {self.amount:f} of {of} left."

    @property
    def facts(self) -> dict[str, object]:
        return {
            "provider": self.provider,
            "amount": f"{self.budget.amount:f}",
            "period": self.budget.period,
            "left": f"{self.amount:f}",
            "unit": self.unit,
            "sandbox": self.sandbox,
        }


def _left(settings: Settings, provider: Provider, budget: Budget, rows: Iterable[Spent], now: date) -> _Left:
    """Reckon what is left of a budget as it is reckoned when a call is let in."""
    first_day = budget.first_day(now).isoformat()
    counted = [row for row in rows if (row.provider, row.sandbox) == (provider.slug, settings.sandbox)]
    weights = [row.paid + row.held for row in counted if row.day >= first_day]
    left = max(budget.amount - sum(weights, Decimal(0)), Decimal(0))
    return _Left(provider.slug, budget, provider.unit, left, settings.sandbox)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
