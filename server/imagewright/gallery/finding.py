"""Finds generations for a page of the gallery: newest first, from a place on, by words and by provider."""

import sqlite3
from dataclasses import dataclass

from imagewright.journal import Journal
from imagewright.models import Entry
from imagewright.providers import all_providers
from imagewright.queries import entry_in

# A search reads the prompts themselves. What it looks through at once is bounded, so that it takes the same moment
# however long the journal has grown; the page asks on from where it stopped.
_LOOKED_THROUGH = 20_000

_ROWS = """
    SELECT generation_id, json_extract(plan, '$.provider'), json_extract(ask, '$.request.prompt'),
        json_extract(plan, '$.request.model'), json_extract(result, '$.model')
    FROM generations WHERE (at, rowid) < (?, ?) AND ? IN (principal, '') ORDER BY at DESC, rowid DESC LIMIT ?
"""
_AFTER_ALL = ("~", 0)  # sorts behind every time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: all words in any case, in prompt, model, provider or id; "" for any provider."""

    before: str = ""  # a generation_id: only what is older
    words: str = ""
    provider: str = ""
    principal: str = ""  # whose; "" for everybody's
    limit: int = 24


@dataclass(frozen=True, slots=True)
class Found:
    """A page of generations; `next` leads to what is older, None at the end. It may be empty and yet lead on."""

    entries: tuple[Entry, ...] = ()
    next: str | None = None


async def find(journal: Journal, wanted: Wanted) -> Found:
    """Return a page of the generations that are wanted.

    Raises:
        LookupError: `before` is no generation.
        SettingsError: The journal cannot be used.
    """
    if not journal.exists:
        if wanted.before:
            raise LookupError(wanted.before)
        return Found()
    return await journal.read(lambda db: _find(db, wanted))


def _find(db: sqlite3.Connection, wanted: Wanted) -> Found:
    place: tuple[str, int] | None = _AFTER_ALL
    if wanted.before:
        query = "SELECT at, rowid FROM generations WHERE generation_id = ? AND ? IN (principal, '')"
        place = db.execute(query, (wanted.before, wanted.principal)).fetchone()
    if place is None:
        raise LookupError(wanted.before)
    words = wanted.words.casefold().split()
    names = {slug: provider.name for slug, provider in all_providers().items()}
    ids: list[str] = []
    last: str | None = None
    rows = db.execute(_ROWS, (*place, wanted.principal, _LOOKED_THROUGH + 1))
    for number, (generation_id, provider, *told) in enumerate(rows):
        if len(ids) == wanted.limit or number == _LOOKED_THROUGH:
            return Found(tuple(entry_in(db, one) for one in ids), last)
        last = generation_id
        text = " ".join([generation_id, provider, names.get(provider, ""), *filter(None, told)]).casefold()
        if wanted.provider in {"", provider} and all(word in text for word in words):
            ids.append(generation_id)
    return Found(tuple(entry_in(db, one) for one in ids))
