"""A call that is repeated gets what the first one brings, and is paid once; what was delivered can be ordered again."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from imagewright.errors import RequestIdError
from imagewright.journal import Journal
from imagewright.models import Ask, EntryStatus, ReferenceImage
from imagewright.text import quote
from tests.entries import ASK, OWNER, PLAN, at, begun, draft, ended, opened

NAMED = replace(ASK, request_id="mine")


async def begin_again(journal: Journal, asked: Ask) -> tuple[str, bool]:
    """Begin once more, as gen_2; return which generation it is, and whether it is a new order."""
    entry, is_new = await journal.begin("gen_2", asked, PLAN, [draft()], None, OWNER)
    return entry.generation_id, is_new


async def ids(journal: Journal) -> list[str]:
    """Every generation there is, newest first."""
    return [entry.generation_id for entry in await journal.newest(99)]


@pytest.mark.parametrize(
    ("status", "delivered"),
    [("running", False), ("unknown", False), ("done", False), ("partial", False), ("failed", False)],
)
async def test_an_equal_call_is_a_repetition(journal: Journal, status: EntryStatus, delivered: bool) -> None:
    """Of one at work, of one whose outcome nobody knows, and of one whose outcome its caller never got."""
    await begun(journal, "gen_1")
    await ended(journal, "gen_1", status, delivered=delivered)

    entry = await journal.find(ASK)

    assert entry is not None
    assert ("gen_1", status, delivered) == (entry.generation_id, entry.status, entry.delivered)
    assert ("gen_1", False) == await begin_again(journal, ASK)
    assert ["gen_1"] == await ids(journal)


@pytest.mark.parametrize(
    ("status", "delivered"),
    [("done", True), ("partial", True), ("failed", True), ("refused", False), ("refused", True)],
)
async def test_an_equal_call_is_a_new_order(journal: Journal, status: EntryStatus, delivered: bool) -> None:
    """After the outcome was delivered, and after one that cost nothing."""
    await begun(journal, "gen_1")
    await ended(journal, "gen_1", status, delivered=delivered)

    assert await journal.find(ASK) is None
    assert ("gen_2", True) == await begin_again(journal, ASK)
    assert ["gen_2", "gen_1"] == await ids(journal)


@pytest.mark.parametrize("later", ["2026-04-10T12:00:00+00:00", "2026-04-10T12:00:01+00:00"], ids=["at once", "later"])
async def test_the_newest_of_several_equal_ones_is_found(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    """Also where both were begun in the same millisecond."""
    at(monkeypatch, "2026-04-10T12:00:00+00:00")
    await begun(journal, "gen_b", replace(ASK, request_id="first"))
    at(monkeypatch, later)
    await begun(journal, "gen_a", replace(ASK, request_id="second"))

    entry = await journal.find(ASK)

    assert entry is not None
    assert "gen_a" == entry.generation_id


OTHERS: Mapping[str, Ask] = {
    "prompt": replace(ASK, request=replace(ASK.request, prompt="a Fox")),
    "model": replace(ASK, request=replace(ASK.request, model="theo-1-create")),
    "aspect_ratio": replace(ASK, request=replace(ASK.request, aspect_ratio="16:9")),
    "count": replace(ASK, request=replace(ASK.request, count=2)),
    "style": replace(ASK, request=replace(ASK.request, style="watercolor")),
    "size": replace(ASK, request=replace(ASK.request, size="2K")),
    "strictness": replace(ASK, request=replace(ASK.request, strictness="liberal")),
    "reference": replace(ASK, request=replace(ASK.request, reference_images=(ReferenceImage("https://a.b/c", "x"),))),
    "provider": replace(ASK, provider="auto"),
    "principal": replace(ASK, principal="somebody"),
    "sandbox": replace(ASK, sandbox=True),
}


@pytest.mark.parametrize("other", list(OTHERS.values()), ids=list(OTHERS))
async def test_another_call_is_a_new_order(journal: Journal, other: Ask) -> None:
    """By every argument there is, by whose it is, and by whether the sandbox draws."""
    await begun(journal, "gen_1")

    assert await journal.find(other) is None
    assert ("gen_2", True) == await begin_again(journal, other)


@pytest.mark.parametrize(
    ("status", "delivered"),
    [("running", False), ("unknown", True), ("done", False), ("done", True), ("partial", True), ("failed", True)],
)
async def test_a_request_id_replays_for_ever(journal: Journal, status: EntryStatus, delivered: bool) -> None:
    """Also what was delivered: the caller says that it is the same call."""
    await begun(journal, "gen_1", NAMED)
    await ended(journal, "gen_1", status, delivered=delivered)

    entry = await journal.find(NAMED)

    assert entry is not None
    assert ("gen_1", status) == (entry.generation_id, entry.status)
    assert ("gen_1", False) == await begin_again(journal, NAMED)


@pytest.mark.parametrize("status", ["running", "unknown", "done", "failed"])
async def test_a_request_id_of_another_call_is_refused(journal: Journal, status: EntryStatus) -> None:
    """By name, with the generation that has it; and nothing is noted."""
    await begun(journal, "gen_1", NAMED)
    await ended(journal, "gen_1", status, delivered=True)
    other = replace(OTHERS["count"], request_id="mine")

    said: list[str] = []
    for refused in (journal.find(other), begin_again(journal, other)):
        with pytest.raises(RequestIdError) as caught:
            await refused
        said.append(str(caught.value))

    expected = (
        f"request_id {quote('mine', 9)} belongs to a call with other arguments (gen_1). Nothing was sent. Repeat that "
        "call as it was, or choose another request_id."
    )
    assert [expected] * 2 == said
    assert ["gen_1"] == await ids(journal)


@pytest.mark.parametrize("other", [NAMED, replace(OTHERS["count"], request_id="mine")], ids=["same", "other"])
async def test_a_generation_that_cost_nothing_frees_its_request_id(journal: Journal, other: Ask) -> None:
    """For the same call as for another; from then on it is the new one's."""
    await begun(journal, "gen_1", NAMED)
    await ended(journal, "gen_1", "refused")

    assert await journal.find(other) is None
    assert ("gen_2", True) == await begin_again(journal, other)
    entry = await journal.find(other)
    assert entry is not None
    assert "gen_2" == entry.generation_id


@pytest.mark.parametrize(
    "other", [replace(OTHERS["principal"], request_id="mine"), replace(OTHERS["sandbox"], request_id="mine")]
)
async def test_a_request_id_belongs_to_one_user_and_one_world(journal: Journal, other: Ask) -> None:
    """Somebody else's, and the sandbox's, is another one."""
    await begun(journal, "gen_1", NAMED)

    assert await journal.find(other) is None
    assert ("gen_2", True) == await begin_again(journal, other)


async def test_a_new_request_id_is_a_new_order(journal: Journal) -> None:
    """Whoever gives one says by it what is the same, also beside an equal call at work."""
    await begun(journal, "gen_1")

    assert ("gen_2", True) == await begin_again(journal, NAMED)


async def test_a_call_without_its_request_id_is_known_by_its_arguments(journal: Journal) -> None:
    """A client that forgets the id in its repetition pays once all the same."""
    await begun(journal, "gen_1", NAMED)

    assert ("gen_1", False) == await begin_again(journal, ASK)


@pytest.mark.parametrize("asked", [ASK, NAMED], ids=["by arguments", "by request_id"])
async def test_of_many_at_once_one_is_the_new_order(tmp_path: Path, asked: Ask) -> None:
    """Twenty servers begin the same at the same moment: one sends, and all have the same generation."""
    async with AsyncExitStack() as stack:
        journals = [await stack.enter_async_context(opened(tmp_path)) for _ in range(20)]

        begins = [one.begin(f"gen_{n}", asked, PLAN, [draft()], None, str(n)) for n, one in enumerate(journals)]
        entries = await asyncio.gather(*begins)

    winners = [entry for entry, is_new in entries if is_new]
    assert 1 == len(winners)
    assert {winners[0]} == {entry for entry, _ in entries}
