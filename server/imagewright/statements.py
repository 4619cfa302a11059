"""How generations are told to a person and to a program: as lines of a table, as data, and one of them in full."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from imagewright.models import Call, Entry
from imagewright.queries import Remains
from imagewright.text import clean, quote

_PROMPT_CHARACTERS = 48
_WHOLE_PROMPT_CHARACTERS = 4_000
_ANSWER_CHARACTERS = 2_000
_NUMBER = re.compile(r"\d+(\.\d+)?")
_PAID = frozenset({"done", "lost"})
_AT_RISK = frozenset({"reserved", "sending", "unknown"})


@dataclass(frozen=True, slots=True)
class Amount:
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
        """The same as data."""
        value = f"{self.value:f}" if self.value is not None else None
        return {"amount": value, "unit": self.unit, "estimated": self.estimated, "complete": self.whole}


def at_risk(entry: Entry) -> Amount | None:
    """Return what may have been charged for a generation without bringing a picture; None for nothing."""
    return _amount([call for call in entry.calls if call.state in _AT_RISK])


def facts(entry: Entry) -> dict[str, object]:
    """Return a generation as data."""
    paid, risk = _paid(entry), at_risk(entry)
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
        "at_risk": risk.facts if risk else None,
        "prompt": clean(entry.ask.request.prompt),
        "request_id": entry.ask.request_id,
        "sandbox": entry.ask.sandbox,
        "checked": entry.checked,
    }


def facts_in_full(entry: Entry, remains: Mapping[int, Remains]) -> dict[str, object]:
    """Return all that is known of a generation, each of its calls included, as data."""
    calls = [_call_facts(call, remains[call.number]) for call in entry.calls]
    prompt = clean(entry.ask.request.prompt, _WHOLE_PROMPT_CHARACTERS)
    return {**facts(entry), "prompt": prompt, "urls": _urls(entry), "media_ids": _media_ids(entry), "calls": calls}


def lines(entries: Iterable[Entry]) -> list[str]:
    """Return a table of generations, one line for each."""
    heads = ["generation_id", "UTC", "status", "provider", "model", "pictures", "cost", "prompt"]
    return table(heads, [_cells(entry) for entry in entries])


def in_full(entry: Entry, remains: Mapping[int, Remains]) -> str:
    """Return all that is known of a generation, each of its calls included, as plain text."""
    heads = ["call", "provider", "model", "pictures", "state", "cost", "sent (UTC)", "ended (UTC)", "job or media_id"]
    errors = [(call, clean(call.error["message"], 1_000)) for call in entry.calls if call.error]
    answers = [(call, remains[call.number].answer) for call in entry.calls if remains[call.number].answer]
    parts = [
        lines([entry]),
        [f"Prompt: {quote(entry.ask.request.prompt, _WHOLE_PROMPT_CHARACTERS)}"],
        table(heads, [_call_cells(call, remains[call.number]) for call in entry.calls]) if entry.calls else [],
        [f"Call {call.number}: {message}" for call, message in errors],
        [
            f"The answer to call {call.number} could not be read. In {call.provider}'s own words: {_quoted(answer)}"
            for call, answer in answers
        ],
        [f"Checked: {clean(entry.checked, 1_000)}"] if entry.checked else [],
        [f"URL: {url}" for url in _urls(entry)] + [f"media_id: {media_id}" for media_id in _media_ids(entry)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def marked(provider: str, *, sandbox: bool) -> str:
    """Return the name of a provider, and that the sandbox played it if so."""
    return f"{provider} (sandbox)" if sandbox else provider


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of plain text in columns; a column that holds numbers only is set to the right."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    numbers = [all(_NUMBER.fullmatch(cell) for cell in column[1:]) for column in columns]

    def line(cells: Sequence[str]) -> str:
        places = zip(cells, widths, numbers, strict=True)
        return "  ".join(f"{cell:>{wide}}" if right else f"{cell:<{wide}}" for cell, wide, right in places).rstrip()

    return [line(cells) for cells in (heads, *rows)]


def _cells(entry: Entry) -> list[str]:
    paid, risk = _paid(entry), at_risk(entry)
    money = [str(paid)] if paid else []
    money += [f"at risk: {risk}"] if risk else []
    return [
        entry.generation_id,
        f"{entry.at:%Y-%m-%d %H:%M}",
        entry.status,
        marked(entry.plan.provider, sandbox=entry.ask.sandbox),
        clean(_model(entry), 40) or "-",
        f"{_images(entry)}/{entry.ask.request.count}",
        ", ".join(money) or "-",
        clean(entry.ask.request.prompt, _PROMPT_CHARACTERS),
    ]


def _call_cells(call: Call, remains: Remains) -> list[str]:
    held = _held(call, remains)
    paid = _amount([call]) if call.state in _PAID else None
    return [
        str(call.number),
        call.provider,
        clean(call.model, 40) or "-",
        str(call.count),
        call.state,
        f"held {held or '?'} {call.unit}" if call.state in _AT_RISK else str(paid) if paid else "-",
        _moment(call.sent_at),
        _moment(call.ended_at),
        clean(call.trace_id, 128) or "-",
    ]


def _call_facts(call: Call, remains: Remains) -> dict[str, object]:
    paid = _amount([call]) if call.state in _PAID else None
    return {
        "number": call.number,
        "provider": call.provider,
        "model": call.model,
        "images": call.count,
        "state": call.state,
        "cost": paid.facts if paid else None,
        "held": _held(call, remains),
        "unit": call.unit,
        "sent_at": call.sent_at.isoformat() if call.sent_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "trace_id": call.trace_id,
        "error": {name: call.error.get(name) for name in ("code", "message", "charged")} if call.error else None,
        "answer_untrusted": _shown(remains.answer) or None,
    }


def _held(call: Call, remains: Remains) -> str | None:
    """Return what is kept back in the budget for a call whose outcome is not known; None where nobody knows."""
    is_known = remains.held > 0 or call.price is not None
    return f"{remains.held:f}" if call.state in _AT_RISK and is_known else None


def _amount(calls: Sequence[Call]) -> Amount | None:
    if not calls:
        return None
    told = [call.reading.cost if call.reading else None for call in calls]
    values = [cost.amount if cost else call.price for cost, call in zip(told, calls, strict=True)]
    known = [value for value in values if value is not None]
    value = sum(known, Decimal(0)) if known else None
    estimated = any(cost is None or cost.estimated for cost in told)
    return Amount(value, calls[0].unit, estimated, len(known) == len(calls))


def _paid(entry: Entry) -> Amount | None:
    return _amount([call for call in entry.calls if call.state in _PAID])


def _model(entry: Entry) -> str | None:
    return (entry.result.model if entry.result else None) or entry.plan.request.model


def _images(entry: Entry) -> int:
    return len(entry.result.pictures) if entry.result else 0


def _urls(entry: Entry) -> list[str]:
    return [one.url for one in entry.result.pictures if one.url] if entry.result else []


def _media_ids(entry: Entry) -> list[str]:
    return [one.media_id for one in entry.result.pictures if one.media_id] if entry.result else []


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"


def _shown(answer: bytes) -> str:
    return clean(answer.decode(errors="replace"), _ANSWER_CHARACTERS)


def _quoted(answer: bytes) -> str:
    return quote(answer.decode(errors="replace"), _ANSWER_CHARACTERS)
