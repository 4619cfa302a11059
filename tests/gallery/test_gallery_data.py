"""What the gallery tells over HTTP: how generations stand, and what was spent."""

import hashlib
import io

import pytest
from PIL import Image

from imagewright.models import Ask, CallState, EntryStatus, ImageRequest, Picture
from tests.entries import Clock, ask, at, begun, draft, ended, made, opened, reading
from tests.galleries import DRAWN, HOSTILE, Gallery, get, told


def test_what_was_drawn_is_told_newest_first(drawn: Gallery) -> None:
    """Prompt, provider, model, cost and pictures of each generation, as the journal and the library have them."""
    generations = told(drawn)
    fox = generations[-1]
    image = fox["images"][0]

    assert [prompt for prompt, _, _ in reversed(DRAWN)] == [one["prompt"] for one in generations]
    assert ("depicta", "Depicta", "done", True) == tuple(
        fox[name] for name in ("provider", "provider_name", "status", "sandbox")
    )
    assert {"amount": "0.048000", "unit": "EUR", "estimated": False} == fox["cost"]
    assert ("kept", False, 1) == (image["state"], image["has_c2pa"], image["position"])
    assert image["bytes"] == len(get(drawn, image["src"]).content)
    assert {"kept"} == {one["state"] for one in image["formats"]}
    assert [1, 2, 3] == [one["position"] for one in generations[-2]["images"]]


def test_every_picture_that_has_a_file_is_there_in_two_sizes(drawn: Gallery) -> None:
    """The file is the one that its hash names; the preview is a JPEG of at most 512 pixels."""
    images = [image for one in told(drawn) for image in one["images"] if image["src"]]
    for image in images:
        whole, small = get(drawn, image["src"]), get(drawn, image["preview"])
        shown = Image.open(io.BytesIO(small.content))

        assert image["sha256"] == hashlib.sha256(whole.content).hexdigest()
        assert image["content_type"] == whole.headers["Content-Type"]
        assert ("image/jpeg", "JPEG", 512) == (small.headers["Content-Type"], shown.format, max(shown.size))
    assert 10 == len(images)


def test_a_media_id_alone_is_told_as_such(drawn: Gallery) -> None:
    """A picture that its provider keeps has no file here."""
    (image,) = next(one for one in told(drawn) if one["provider"] == "posteverywhere")["images"]

    assert ("none", None, None, None) == tuple(image[name] for name in ("state", "src", "preview", "url"))
    assert image["media_id"]


def test_hostile_words_are_data(drawn: Gallery) -> None:
    """A prompt of tags and quotes is told letter for letter, in an answer that no browser takes for a page."""
    answer = get(drawn, "gallery.json")

    assert HOSTILE in [one["prompt"] for one in answer.json()["generations"]]
    assert ("application/json", "no-store") == (answer.headers["Content-Type"], answer.headers["Cache-Control"])
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("status", "state", "sums"),
    [
        ("running", "sending", (None, "1")),
        ("unknown", "unknown", (None, "1")),
        ("failed", "lost", ("1", None)),
        ("refused", "refused", (None, None)),
    ],
)
async def test_a_generation_without_pictures_is_told(
    own: Gallery, status: EntryStatus, state: CallState, sums: tuple[str | None, str | None]
) -> None:
    """How it stands, what it cost, and what is at risk while nobody knows."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1", Ask(ImageRequest("a fox", count=2), "theo"))
        if status == "running":
            await journal.sending("gen_1", 0, None)
        else:
            await ended(journal, "gen_1", status)
    (one,) = told(own)

    assert (status, 2, []) == (one["status"], one["requested"], one["images"])
    assert sums == tuple(part and part["amount"] for part in (one["cost"], one["at_risk"]))
    assert state in {"sending", "refused"} or one["error"] == "Silence."


async def test_what_several_calls_cost_is_told_as_one_sum(own: Gallery) -> None:
    """A cost that is known is taken as it is, the expected one elsewhere, and then the sum is an estimate."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1", ask("a fox"), draft("2"), draft("3"))
        await journal.settle("gen_1", 0, "done", reading=reading("2.5"))
        await journal.settle("gen_1", 1, "done", reading=reading())
        await journal.finish("gen_1", "done", made("gen_1"), None, None)
    (one,) = told(own)

    assert {"amount": "5.5", "unit": "cents", "estimated": True} == one["cost"]


def test_an_empty_home_stays_empty(own: Gallery) -> None:
    """Without a journal there is nothing to tell, and looking makes no file."""
    facts = get(own, "gallery.json").json()

    assert ([], None) == (facts["generations"], facts["next"])
    assert [] == get(own, "spend.json").json()["rows"]
    assert ["heydecks", "theo", "posteverywhere", "depicta"] == [one["slug"] for one in facts["providers"]]
    assert not own.home.exists()


def test_a_broken_journal_is_told_with_its_remedy(own: Gallery) -> None:
    """Where to look, and no path of this machine."""
    own.home.mkdir()
    (own.home / "journal.sqlite3").write_bytes(b"this is no database" * 100)
    answer = get(own, "gallery.json")

    assert 503 == answer.status_code
    assert "The log of imagewright tells why." in answer.text
    assert str(own.home) not in answer.text
    assert 200 == get(own).status_code


async def test_spending_is_told_by_day_and_unit(own: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days asked for and no older ones, what is held beside what was paid."""
    async with opened(own.home) as journal:
        for day, state in (("10", "done"), ("11", "unknown"), ("12", "done")):
            at(monkeypatch, f"2026-04-{day}T12:00:00+00:00")
            await begun(journal, f"gen_{day}", ask(day))
            await ended(journal, f"gen_{day}", "done" if state == "done" else "unknown")
    monkeypatch.setattr("imagewright.gallery.routes.datetime", Clock)
    facts = get(own, "spend.json?days=2").json()

    assert ("2026-04-11", "2026-04-12") == (facts["since"], facts["today"])
    assert [("2026-04-12", "theo", "Theo", "1", "0"), ("2026-04-11", "theo", "Theo", "0", "1")] == [
        tuple(row[name] for name in ("day", "provider", "provider_name", "paid", "held")) for row in facts["rows"]
    ]


async def test_the_gallery_reads_beside_a_server_that_writes(own: Gallery) -> None:
    """Each generation that is noted shows in the next answer, while the journal stays open elsewhere."""
    async with opened(own.home) as journal:
        seen: list[int] = []
        for number in range(5):
            await begun(journal, f"gen_{number}", ask(f"number {number}"))
            await ended(journal, f"gen_{number}", "done")
            seen.append(len(told(own)))

    assert [1, 2, 3, 4, 5] == seen


async def test_a_provider_of_another_version_is_told_by_its_slug(own: Gallery) -> None:
    """A journal may hold what a newer imagewright drew."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1")
        await ended(journal, "gen_1", "done")
        await journal.write(
            lambda db: db.execute("UPDATE generations SET plan = replace(plan, 'theo', 'tomorrow')").rowcount
        )

    assert [("tomorrow", "tomorrow")] == [(one["provider"], one["provider_name"]) for one in told(own)]


async def test_addresses_are_told_as_they_came(own: Gallery) -> None:
    """Which of them may become links is for the page to judge, where it is tested in a browser."""
    async with opened(own.home) as journal:
        await begun(journal, "gen_1")
        await journal.finish("gen_1", "done", made("gen_1", Picture("javascript:alert(1)")), None, None)
    (image,) = told(own)[0]["images"]

    assert ("javascript:alert(1)", None, "none") == (image["url"], image["src"], image["state"])
