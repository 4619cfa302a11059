"""What a user asks of the journal on the command line: what was drawn, what it cost, and what is not settled yet."""

import json
import re
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
from imagewright.journal import Journal
from imagewright.models import Call, Entry, Spent
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.settings import Settings
from imagewright.text import clean

if TYPE_CHECKING:
    from imagewright.studio import Studio

DONE, STILL_UNKNOWN = 0, 4

_PROMPT_CHARACTERS = 48
_NUMBER = re.compile(r"\d+(\.\d+)?")
_PAID = frozenset({"done", "lost"})
_AT_RISK = frozenset({"reserved", "sending", "unknown"})


def today() -> date:
    """Return the day by our clock in UTC, as the journal and the budgets count days."""
    return datetime.now(UTC).date()


async def history(home: Path, limit: int, as_json: bool) -> int:
    """Print the newest generations, newest first, and return the exit code."""
    async with aclosing(Journal(home)) as journal:
        entries = await journal.newest(limit) if journal.exists else []
    if as_json:
        _print_json({"generations": [_facts(entry) for entry in entries]})
    else:
        print("\n".join(_lines(entries)) if entries else "Nothing was generated yet.")
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
        await studio.generations.settle(generation_id, charged=charged)
        entry = await studio.journal.entry(generation_id)
    print("\n".join(_lines([entry] if entry else [])))
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
        _print_json({"generations": [_facts(entry) for entry in entries]})
    else:
        print("\n".join(_lines(entries)) if entries else "Nothing is unknown or unfinished.")
        for entry in unknown:
            print(f"\n{entry.generation_id} is still unknown. {_advice(entry)}")
    if elsewhere:
        kind = "of the sandbox" if elsewhere[0].ask.sandbox else "of real providers"
        remedy = "IMAGEWRIGHT_SANDBOX=1" if elsewhere[0].ask.sandbox else "their keys and without IMAGEWRIGHT_SANDBOX"
        print(f"imagewright: {len(elsewhere)} more, {kind}: recover with {remedy} to look.", file=sys.stderr)
    return STILL_UNKNOWN if unknown else DONE


@dataclass(frozen=True, slots=True)
class _Amount:
    """A sum of money; `value` is None where no source says, and not `whole` where some parts have no known price."""

    value: Decimal | None
    unit: str
    estimated: bool
    whole: bool

    def __str__(self) -> str:
        if self.value is None:
            return f"? {self.unit}"
        return f"{'' if self.whole else 'over '}{'~' if self.estimated else ''}{self.value:f} {self.unit}"

    @property
    def facts(self) -> dict[str, object]:
        value = f"{self.value:f}" if self.value is not None else None
        return {"amount": value, "unit": self.unit, "estimated": self.estimated, "complete": self.whole}


def _amount(calls: Sequence[Call]) -> _Amount | None:
    if not calls:
        return None
    told = [call.reading.cost if call.reading else None for call in calls]
    values = [cost.amount if cost else call.price for cost, call in zip(told, calls, strict=True)]
    known = [value for value in values if value is not None]
    value = sum(known, Decimal(0)) if known else None
    estimated = any(cost is None or cost.estimated for cost in told)
    return _Amount(value, calls[0].unit, estimated, len(known) == len(calls))


def _paid(entry: Entry) -> _Amount | None:
    return _amount([call for call in entry.calls if call.state in _PAID])


def _at_risk(entry: Entry) -> _Amount | None:
    return _amount([call for call in entry.calls if call.state in _AT_RISK])


def _facts(entry: Entry) -> dict[str, object]:
    """Return a generation as data."""
    paid, at_risk = _paid(entry), _at_risk(entry)
    return {
        "generation_id": entry.generation_id,
        "at": entry.at.isoformat(timespec="seconds"),
        "status": entry.status,
        "delivered": entry.delivered,
        "provider": entry.plan.provider,
        "model": _model(entry),
        "images": _images(entry),
        "requested": entry.ask.request.count,
        "cost": paid.facts if paid else None,
        "at_risk": at_risk.facts if at_risk else None,
        "prompt": clean(entry.ask.request.prompt),
        "request_id": entry.ask.request_id,
        "sandbox": entry.ask.sandbox,
        "checked": entry.checked,
    }


def _lines(entries: Iterable[Entry]) -> list[str]:
    """Return a table of generations, one line for each."""
    heads = ["generation_id", "UTC", "status", "provider", "model", "pictures", "cost", "prompt"]
    return _table(heads, [_cells(entry) for entry in entries])


def _cells(entry: Entry) -> list[str]:
    paid, at_risk = _paid(entry), _at_risk(entry)
    money = [str(paid)] if paid else []
    money += [f"at risk: {at_risk}"] if at_risk else []
    return [
        entry.generation_id,
        f"{entry.at:%Y-%m-%d %H:%M}",
        entry.status,
        _marked(entry.plan.provider, sandbox=entry.ask.sandbox),
        clean(_model(entry), 40) or "-",
        f"{_images(entry)}/{entry.ask.request.count}",
        ", ".join(money) or "-",
        clean(entry.ask.request.prompt, _PROMPT_CHARACTERS),
    ]


def _model(entry: Entry) -> str | None:
    return (entry.result.model if entry.result else None) or entry.plan.request.model


def _images(entry: Entry) -> int:
    return len(entry.result.pictures) if entry.result else 0


def _advice(entry: Entry) -> str:
    found = f"{entry.checked} " if entry.checked else ""
    named = entry.generation_id
    return (
        f"{found}At risk: {_at_risk(entry) or 'nothing'}. See the provider's dashboard, then run `imagewright settle "
        f"{named} charged` or `imagewright settle {named} not-charged`; or look again later with `imagewright recover`."
    )


def _spending(since: date, rows: Sequence[Spent], totals: Sequence[Spent], left: Sequence["_Left"]) -> list[str]:
    """Return the spending table: by day, provider and model; what real providers add up to; and the budgets."""
    heads = ["calls", "pictures", "estimated", "paid", "held", "unit"]
    days = [[row.day, _marked(row.provider, sandbox=row.sandbox), row.model or "-", *_sums_of(row)] for row in rows]
    sums = [[one.provider, *_sums_of(one)] for one in totals]
    lines = _table(["day (UTC)", "provider", "model", *heads], days) if rows else [f"Nothing was spent since {since}."]
    if rows:
        lines += ["", *_table([f"since {since}", *heads], sums)] if sums else ["", "All of it in the sandbox."]
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
        name = _marked(self.provider, sandbox=self.sandbox)
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


def _marked(provider: str, *, sandbox: bool) -> str:
    return f"{provider} (sandbox)" if sandbox else provider


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of plain text in columns; a column that holds numbers only is set to the right."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    numbers = [all(_NUMBER.fullmatch(cell) for cell in column[1:]) for column in columns]

    def line(cells: Sequence[str]) -> str:
        places = zip(cells, widths, numbers, strict=True)
        return "  ".join(f"{cell:>{wide}}" if right else f"{cell:<{wide}}" for cell, wide, right in places).rstrip()

    return [line(cells) for cells in (heads, *rows)]


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
