"""What is asked of the journal: what is ours, what went on meanwhile, what was spent, what was drawn."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from imagewright.album import Album
from imagewright.journal import Journal
from imagewright.models import LOCAL, CallState, Copy, EntryStatus, Generation, KeptFile, Picture, Spent, Variant
from imagewright.queries import Meanwhile
from tests.entries import ASK, URL, ask, at, begun, draft, ended, made, reading

NOON = datetime(2026, 4, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clock that stands at noon of 10 April until it is set."""
    at(monkeypatch, NOON)
    return monkeypatch


async def test_what_is_ours_is_told_from_what_is_not(journal: Journal) -> None:
    """Traces of calls at that provider, whatever became of them, and imported pictures."""
    await begun(journal, "gen_1", ASK, draft(), draft(), replace(draft(), provider="depicta"))
    await journal.heard("gen_1", 0, 200, "job-1")
    await journal.settle("gen_1", 1, "done", reading=reading(), trace_id="job-2")
    await journal.settle("gen_1", 2, "done", reading=reading(), trace_id="job-3")
    await journal.note_import("library", "sha", "media-1")

    asked = ["job-1", "job-2", "job-3", "media-1", "theirs", 'it\'s "theirs"']

    assert {"job-1", "job-2", "media-1"} == await journal.owned("theo", iter(asked))
    assert {"job-3", "media-1"} == await journal.owned("depicta", asked)
    assert set() == await journal.owned("theo", [])


@pytest.mark.parametrize(
    ("state", "cost", "trace_id", "expected"),
    [
        ("reserved", None, None, Meanwhile(0, Decimal(0), Decimal(0))),
        ("sending", None, None, Meanwhile(1, None, Decimal(0))),
        ("sending", None, "job-1", Meanwhile(0, None, Decimal(0))),
        ("unknown", None, None, Meanwhile(1, None, Decimal(0))),
        ("unknown", None, "job-1", Meanwhile(0, None, Decimal(0))),
        ("done", "2.5", None, Meanwhile(0, Decimal("2.5"), Decimal("2.5"))),
        ("done", None, None, Meanwhile(0, None, Decimal(0))),
        ("lost", None, None, Meanwhile(0, None, Decimal(0))),
        ("refused", None, None, Meanwhile(0, Decimal(0), Decimal(0))),
    ],
)
async def test_what_went_on_meanwhile_is_told(
    journal: Journal, state: CallState, cost: str | None, trace_id: str | None, expected: Meanwhile
) -> None:
    """A rival is a call that may have left the trace in question; what was spent is told if all of it is known."""
    await begun(journal, "gen_1", ASK, draft("4"))
    if state != "reserved":
        await journal.sending("gen_1", 0, None)
    if trace_id:
        await journal.heard("gen_1", 0, 200, trace_id)
    if state not in {"reserved", "sending"}:
        await journal.settle("gen_1", 0, state, reading=reading(cost) if state == "done" else None)

    meanwhile = await journal.meanwhile("theo", "gen_2", NOON - MINUTE, NOON + MINUTE, sandbox=False)

    assert expected == meanwhile


async def test_what_other_calls_cost_is_added_up(journal: Journal) -> None:
    """Of every generation but the one in question."""
    for number, cost in enumerate(["1.5", "2", "4"]):
        await begun(journal, f"gen_{number}", ask(f"number {number}"))
        await journal.sending(f"gen_{number}", 0, None)
        await journal.settle(f"gen_{number}", 0, "done", reading=reading(cost))

    meanwhile = await journal.meanwhile("theo", "gen_1", NOON, NOON, sandbox=False)

    assert Meanwhile(0, Decimal("5.5"), Decimal("5.5")) == meanwhile


async def test_what_calls_cost_that_were_under_way_before_is_told_apart(
    journal: Journal, clock: pytest.MonkeyPatch
) -> None:
    """It may have been charged before the span began."""
    await begun(journal, "gen_1", ASK)
    await journal.sending("gen_1", 0, None)
    at(clock, NOON + 2 * MINUTE)
    await journal.settle("gen_1", 0, "done", reading=reading("2"))

    meanwhile = await journal.meanwhile("theo", "gen_2", NOON + MINUTE, NOON + 3 * MINUTE, sandbox=False)

    assert Meanwhile(0, Decimal(2), Decimal(0)) == meanwhile


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        (-1, 2, True),
        (0, 0, True),
        (1, 1, True),
        (-2, 0, True),
        (1, 5, True),
        (-2, -1, False),
        (2, 5, False),
        (-24 * 60, 24 * 60, True),
        (24 * 60, 24 * 60 + 1, False),
    ],
)
async def test_what_did_not_overlap_is_not_meanwhile(
    journal: Journal, clock: pytest.MonkeyPatch, since: int, until: int, counts: bool
) -> None:
    """In minutes after the call in question was sent; it took one."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, None)
    at(clock, NOON + MINUTE)
    await journal.settle("gen_1", 0, "unknown")

    span = NOON + since * MINUTE, NOON + until * MINUTE

    assert counts == bool((await journal.meanwhile("theo", "gen_2", *span, sandbox=False)).rivals)
    assert 0 == (await journal.meanwhile("theo", "gen_2", *span, sandbox=True)).rivals
    assert 0 == (await journal.meanwhile("depicta", "gen_2", *span, sandbox=False)).rivals


async def test_a_call_that_never_ended_is_still_a_rival(journal: Journal) -> None:
    """Its server may be waiting for it yet."""
    await begun(journal, "gen_1")
    await journal.sending("gen_1", 0, None)
    span = NOON + 60 * MINUTE, NOON + 61 * MINUTE

    assert 1 == (await journal.meanwhile("theo", "gen_2", *span, sandbox=False)).rivals


async def test_spending_is_told_by_day_provider_and_model(journal: Journal, clock: pytest.MonkeyPatch) -> None:
    """Estimated, paid and held apart, refused calls in none of it, newest day first."""
    await begun(journal, "gen_1", ASK, draft("4", count=2), draft("4"), draft("4"), draft("9"))
    await journal.settle("gen_1", 0, "done", reading=reading("3.5"))
    await journal.settle("gen_1", 1, "unknown")
    await journal.settle("gen_1", 2, "lost")
    await journal.settle("gen_1", 3, "refused")
    await begun(journal, "gen_2", replace(ASK, sandbox=True), draft(None, model=None))
    at(clock, NOON + timedelta(days=1))
    await begun(journal, "gen_3", ask("another"))

    base = Spent("2026-04-10", "theo", "theo-1-create", "cents", 3, 4, Decimal(12), Decimal("7.5"), Decimal(4), False)
    play = Spent("2026-04-10", "theo", None, "cents", 1, 1, Decimal(0), Decimal(0), Decimal(0), True)
    late = replace(base, day="2026-04-11", calls=1, pictures=1, estimated=Decimal(1), paid=Decimal(0), held=Decimal(1))
    spent = await journal.spend(date(2026, 4, 10))
    assert {base, play, late} == set(spent)
    assert late == spent[0]
    assert [late] == await journal.spend(date(2026, 4, 11))
    assert [] == await journal.spend(date(2026, 4, 12))


async def test_the_newest_come_first(journal: Journal, clock: pytest.MonkeyPatch) -> None:
    """By time, and by the order of writing where the time is the same; so many, and of whom is asked for."""
    for number, principal in enumerate(["local", "local", "somebody", "local"]):
        at(clock, NOON + (number // 2) * MINUTE)
        await begun(journal, f"gen_{number}", replace(ask(f"number {number}"), principal=principal))

    assert ["gen_3", "gen_2", "gen_1"] == [one.generation_id for one in await journal.newest(3)]
    assert ["gen_3", "gen_1"] == [one.generation_id for one in await journal.newest(2, "local")]
    assert ["gen_2"] == [one.generation_id for one in await journal.newest(9, "somebody")]
    assert [] == await journal.newest(9, "nobody")


async def test_what_is_open_comes_oldest_first(journal: Journal, clock: pytest.MonkeyPatch) -> None:
    """At work or unknown, and nothing else."""
    every: tuple[EntryStatus, ...] = ("done", "unknown", "failed", "running", "partial", "refused")
    for number, status in enumerate(every):
        at(clock, NOON - number * MINUTE)
        await begun(journal, f"gen_{status}", ask(status))
        await ended(journal, f"gen_{status}", status)

    assert ["gen_running", "gen_unknown"] == [one.generation_id for one in await journal.open_entries()]


async def test_the_pictures_of_a_generation_are_found_by_its_id(journal: Journal) -> None:
    """None where there is no such generation, which is no error; none in it while it is at work."""
    await begun(journal, "gen_1")
    before = await journal.pictures("gen_1")
    await ended(journal, "gen_1", "done")

    assert ("theo", ()) == before
    assert ("theo", made("gen_1").pictures) == await journal.pictures("gen_1")
    assert await journal.pictures("gen_2") is None


def two_pictures() -> Generation:
    """A generation of two, one of them in two formats."""
    variants = Variant("png", "https://example.com/b.png"), Variant("webp", "https://example.com/b.webp")
    first, second = Picture(URL, sha256="one"), Picture("https://example.com/b.png", sha256="two", variants=variants)
    return made("gen_1", first, second, Picture(media_id="media-1"))


@pytest.mark.parametrize(
    ("url", "sha256"),
    [(URL, "one"), ("https://example.com/b.png", "two"), ("https://example.com/b.webp", "two"), (f"{URL}?", None)],
)
async def test_a_url_leads_to_the_hash_of_its_picture(journal: Journal, url: str, sha256: str | None) -> None:
    """Of the picture itself or of one of its formats."""
    await begun(journal, "gen_1")
    await journal.finish("gen_1", "done", two_pictures(), None, None)

    assert sha256 == await journal.hash_of(url, LOCAL)
    assert await journal.hash_of(url, "somebody else") is None


async def test_the_hash_of_a_kept_file_counts_for_every_format_of_its_picture(journal: Journal) -> None:
    """Whatever hash the provider named, or none: what is here can be attached under each of its URLs."""
    url, other = "https://example.com/b.png", "https://example.com/b.webp"
    await begun(journal, "gen_1")
    wanted = (Copy(2, "webp", other),)
    await journal.finish("gen_1", "done", two_pictures(), None, None, wanted, NOON)
    (due,) = await Album(journal).claim(NOON, NOON + MINUTE, 9, sandbox=False)
    await Album(journal).kept(due, KeptFile("kept", 7, "image/webp", 1, 1, False))

    assert ["kept", "kept", "one"] == [await journal.hash_of(one, LOCAL) for one in (url, other, URL)]


async def test_the_newest_id_of_an_import_counts(journal: Journal) -> None:
    """Per library and picture, one id."""
    await journal.note_import("one", "sha", "old")
    await journal.note_import("two", "sha", "other")
    await journal.note_import("one", "sha", "new")

    assert ["new", "other", None] == [await journal.imported(name, "sha") for name in ("one", "two", "three")]
