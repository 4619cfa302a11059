"""How the gallery's generations are found over HTTP: page by page, by words and by provider."""

import pytest

from imagewright.gallery import finding
from tests.entries import ask, at, begun, opened
from tests.galleries import Gallery, get, told


async def test_pages_follow_each_other(own: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty generations of one and the same moment come in three pages, each once, whatever is drawn meanwhile."""
    at(monkeypatch, "2026-04-10T12:00:00+00:00")
    async with opened(own.home) as journal:
        for number in range(60):
            await begun(journal, f"gen_{number}", ask(f"number {number}"))
        seen: list[str] = []
        sizes: list[int] = []
        place = ""
        while place is not None and len(sizes) < 9:
            facts = get(own, f"gallery.json?before={place}").json()
            seen += [one["prompt"] for one in facts["generations"]]
            sizes.append(len(facts["generations"]))
            place = facts["next"]
            await begun(journal, f"gen_more{len(sizes)}", ask(f"meanwhile {len(sizes)}"))

    assert [24, 24, 12] == sizes
    assert [f"number {number}" for number in reversed(range(60))] == seen


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=crane", 1),
        ("?q=CRANE%20paper", 1),
        ("?q=crane%20fox", 0),
        ("?q=%C3%BCber", 1),
        ("?q=heydecks", 3),
        ("?q=gemini-2.5", 2),
        ("?q=%25", 0),
        ("?q=_", 8),  # every generation_id holds one
        ("?q='%22%20onmouseover", 1),
        ("?q=&provider=theo", 2),
        ("?q=bowl&provider=theo", 1),
        ("?q=bowl&provider=depicta", 0),
    ],
)
def test_the_filter_finds_by_all_words(drawn: Gallery, query: str, found: int) -> None:
    """In prompt, model, provider and id, in any case, letter for letter."""
    assert found == len(told(drawn, query))


async def test_a_generation_is_found_by_its_id(drawn: Gallery) -> None:
    """An id that somebody pasted finds that one."""
    generation_id = told(drawn)[3]["generation_id"]

    assert [generation_id] == [one["generation_id"] for one in told(drawn, f"?q={generation_id}")]


async def test_a_search_goes_on_from_where_it_stopped(own: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked through at once is bounded: an answer may be empty, and leads on to what is older."""
    monkeypatch.setattr(finding, "_LOOKED_THROUGH", 10)
    async with opened(own.home) as journal:
        for number in range(25):
            await begun(journal, f"gen_{number}", ask("the needle" if number == 2 else f"hay {number}"))
    pages: list[list[str]] = []
    place = ""
    while place is not None and len(pages) < 9:
        facts = get(own, f"gallery.json?q=needle&before={place}").json()
        pages.append([one["generation_id"] for one in facts["generations"]])
        place = facts["next"]

    assert [[], [], ["gen_2"]] == pages


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gallery.json?before=gen_nobody", "does not have"),
        ("gallery.json?before=../../etc", "before takes"),
        ("gallery.json?before=%00", "before takes"),
        ("gallery.json?before=" + "g" * 65, "before takes"),
        ("gallery.json?provider=bing", "provider takes one of heydecks"),
        ("gallery.json?q=" + "x" * 501, "q takes at most 500"),
        ("gallery.json?limit=5", "takes before, q, provider only"),
        ("gallery.json?q=a&q=b", "given twice"),
        ("spend.json?days=0", "days takes 1 to 366"),
        ("spend.json?days=-1", "days takes 1 to 366"),
        ("spend.json?days=367", "days takes 1 to 366"),
        ("spend.json?days=%D9%A3", "days takes 1 to 366"),
        ("spend.json?days=" + "9" * 400, "days takes 1 to 366"),
        ("spend.json?days=1e1", "days takes 1 to 366"),
    ],
)
def test_a_bad_parameter_is_told_in_words(drawn: Gallery, path: str, said: str) -> None:
    """What the parameter takes, in one line."""
    answer = get(drawn, path)

    assert (400, 1) == (answer.status_code, answer.text.count("\n"))
    assert said in answer.text
