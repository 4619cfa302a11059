"""Pictures are fetched once, in the background, until they are here or their URLs are dead, whoever began it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imagewright import keeping, transfer
from imagewright.album import Album
from imagewright.journal import Journal
from imagewright.keeping import Keeper
from tests.agent import Agent, Era, Result
from tests.desk import picture
from tests.kept import call, depicta_draws, drawn, draws, fetched, noisy, on_disk, serves, settled, sha256_of
from tests.scripted import Answer, Scripted

SLOW = Answer(200, picture(), ending="drip")
BUSY = Answer(503, b"")
PAUSES_SECONDS: tuple[float, ...] = vars(keeping)["_PAUSES_SECONDS"]
LEASE: timedelta = vars(keeping)["_LEASE"]


@pytest.fixture
def era() -> Era:
    """One era: pictures travel below the protocol."""
    return "2026-07-28"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits before the first look at what is due, and an answer waits for its pictures however slow we are."""

    async def skip(_: float) -> None:
        return

    monkeypatch.setattr(keeping, "sleep", skip)
    monkeypatch.setattr(keeping, "MOMENT_SECONDS", 60.0)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer does not wait for what hangs."""
    monkeypatch.setattr(keeping, "MOMENT_SECONDS", 0.0)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed download is tried again at once."""
    monkeypatch.setattr(keeping, "_PAUSES_SECONDS", (0.0,) * len(PAUSES_SECONDS))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the clock by which copies are due."""
    ahead = timedelta()

    def move(seconds: float) -> None:
        nonlocal ahead
        ahead += timedelta(seconds=seconds)

    monkeypatch.setattr(keeping, "now", lambda: datetime.now(UTC) + ahead)
    return move


async def test_each_file_is_fetched_once(agent: Agent, depicta: Scripted) -> None:
    """One request for each format, without a key, and none for looking at the generation later."""
    depicta_draws(depicta, {"png": picture(), "webp": picture("WEBP")})
    async with agent.connect() as client:
        made = await settled(client, await drawn(client, "depicta"), until=has_both)
        await call(client, "get_generation", generation_id=made.structured["generation_id"])
    async with agent.connect() as client:
        await call(client, "get_generation", generation_id=made.structured["generation_id"])

    assert ["/kept/png?sig=abc", "/kept/webp?sig=abc"] == sorted(fetched(depicta))
    assert not any("authorization" in one.headers for one in depicta.seen if "/kept/" in one.path)


def has_both(found: Result) -> bool:
    """Whether both formats of the picture are here."""
    (image,) = found.structured["images"]
    return all("path" in one for one in (image, *image["formats"].values()))


@pytest.mark.usefixtures("no_pauses")
async def test_a_failed_download_is_tried_again(agent: Agent, heydecks: Scripted) -> None:
    """Whether the host refused, broke off, or sent something else: the next try brings the picture."""
    (url,) = draws(heydecks, BUSY)
    path = url.removeprefix(heydecks.url)
    serves(heydecks, path, Answer(200, picture(), ending="cut"), b"<html>One moment</html>", picture())
    async with agent.connect() as client:
        made = await settled(client, await drawn(client))

    assert made.structured["images"][0].get("sha256") == sha256_of(picture())
    assert 4 == len(fetched(heydecks))
    assert "not kept" not in made.text


@pytest.mark.usefixtures("no_pauses")
async def test_tries_come_to_an_end(agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that never answers is given up after many tries, and the answer says why."""
    monkeypatch.setattr("imagewright.keeping._TRIES", 7)
    draws(heydecks, BUSY)  # and 404 after it
    async with agent.connect() as client:
        made = await settled(client, await drawn(client))

    assert 1 + 7 == len(fetched(heydecks))
    assert "failed" == made.structured["images"][0]["kept"]
    assert "Picture 1 is not kept here: The picture at 127.0.0.1 was not fetched: it answered 404." in made.text


async def test_a_url_that_dies_before_the_next_try_is_given_up(
    agent: Agent, depicta: Scripted, later: Callable[[float], None]
) -> None:
    """Tries go on for as long as the URL lives by the vendor's clock, and no longer."""
    dies = datetime.now(UTC) + timedelta(seconds=PAUSES_SECONDS[0] + 5)
    depicta_draws(depicta, {"png": BUSY}, expires_at=dies.isoformat())
    async with agent.connect() as client:
        made = await drawn(client, "depicta")
        waiting = made.structured["images"][0]["kept"]
    later(PAUSES_SECONDS[0] + 4)
    async with agent.connect() as client:
        found = await settled(client, made)

    assert ("waiting", "failed") == (waiting, found.structured["images"][0]["kept"])
    assert 2 == len(fetched(depicta))


async def test_a_url_without_an_end_is_tried_for_an_hour_at_least() -> None:
    """The pauses reach past the life of the shortest-lived URLs that providers give."""
    assert sum(PAUSES_SECONDS) >= 3600
    assert list(PAUSES_SECONDS) == sorted(PAUSES_SECONDS)


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_ends_hands_its_copies_on(agent: Agent, heydecks: Scripted) -> None:
    """What was under way is fetched by the next server, by itself and at once."""
    (url,) = draws(heydecks, SLOW)
    async with agent.connect() as client:
        made = await drawn(client)
        await heydecks.dripping.wait()
    serves(heydecks, url.removeprefix(heydecks.url), picture())
    async with agent.connect() as client:
        found = await settled(client, made)

    assert "waiting" == made.structured["images"][0]["kept"]
    assert sha256_of(picture()) == found.structured["images"][0]["sha256"]
    assert 2 == len(fetched(heydecks))


@pytest.mark.usefixtures("impatient")
async def test_another_server_leaves_alone_what_one_is_at_work_on(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers of one user fetch a picture once between them."""
    looks = counted(monkeypatch)
    draws(heydecks, SLOW)
    async with agent.connect() as one:
        made = await drawn(one)
        await heydecks.dripping.wait()
        before = len(looks)
        async with agent.connect() as other:
            await settled(other, made, lambda _: len(looks) > before)
            found = await call(other, "get_generation", generation_id=made.structured["generation_id"])

    assert 1 == len(fetched(heydecks))
    assert "waiting" == found.structured["images"][0]["kept"]


async def test_what_a_killed_server_left_is_fetched_when_its_lease_has_lapsed(
    agent: Agent, heydecks: Scripted, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is no more hands nothing back: others wait until it would have ended, then fetch."""
    looks = counted(monkeypatch)
    draws(heydecks, picture())
    with monkeypatch.context() as dead:
        dead.setattr(Keeper, "begin", nothing)  # noted, and killed before it fetched
        async with agent.connect() as client:
            made = await drawn(client)
    async with agent.connect() as client:
        await settled(client, made, lambda _: bool(looks))
        early = len(fetched(heydecks))
    later(LEASE.total_seconds() + 1)
    async with agent.connect() as client:
        found = await settled(client, made)

    assert (0, 1) == (early, len(fetched(heydecks)))
    assert sha256_of(picture()) == found.structured["images"][0]["sha256"]


async def test_the_lease_outlasts_a_download() -> None:
    """A server that is still at it keeps what it began; one that is no more leaves others most of an hour."""
    assert vars(transfer)["_SECONDS"] < LEASE.total_seconds() <= 600


async def test_a_long_queue_is_not_begun_twice(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies that wait for their turn longer than a lease are not taken for left behind by their own server."""
    start = datetime.now(UTC)
    moments = iter([start])
    monkeypatch.setattr(keeping, "now", lambda: next(moments, start + 2 * LEASE))
    draws(heydecks, *(noisy(number, 20) for number in range(6)))
    async with agent.connect() as client:
        made = await settled(client, await drawn(client, count=6))

    assert 6 == len(set(fetched(heydecks))) == len(fetched(heydecks))
    assert 6 == len(on_disk(agent))
    assert not any("kept" in image for image in made.structured["images"])


@pytest.mark.usefixtures("impatient")
async def test_only_two_pictures_are_fetched_at_once(agent: Agent, heydecks: Scripted) -> None:
    """Each may hold its limit in memory, so there are never more."""
    draws(heydecks, *(SLOW for _ in range(6)))
    async with agent.connect() as client:
        made = await drawn(client, count=6)
        await settled(client, made, until=lambda _: len(fetched(heydecks)) >= 2)

    assert 2 == len(fetched(heydecks))
    assert 6 == made.text.count("URL: ")


@pytest.mark.usefixtures("impatient")
async def test_the_sandbox_and_the_world_keep_apart(agent: Agent, heydecks: Scripted, tmp_path: Path) -> None:
    """A server in the sandbox does not fetch what was drawn outside, nor the other way round."""
    draws(heydecks, SLOW)
    async with agent.connect() as client:
        await drawn(client)
    journal = Journal(tmp_path / "home")
    album, now = Album(journal), datetime.now(UTC) + timedelta(hours=1)
    inside = await album.claim(now, now, 20, sandbox=True)
    outside = await album.claim(now, now, 20, sandbox=False)
    await journal.aclose()

    assert (0, 1) == (len(inside), len(outside))


@pytest.mark.usefixtures("impatient")
async def test_the_first_to_die_is_fetched_first(agent: Agent, depicta: Scripted, tmp_path: Path) -> None:
    """Where much was left behind, the URLs that die soonest come first, and those that do not die last."""
    for name, end in (
        ("png", "2098-01-01T00:00:00Z"),
        ("webp", "2097-01-01T00:00:00Z"),
        ("jpeg", "2099-01-01T00:00:00Z"),
    ):
        depicta_draws(depicta, {name: SLOW}, expires_at=end)
        async with agent.connect() as client:
            await drawn(client, "depicta")
    journal = Journal(tmp_path / "home")
    now = datetime.now(UTC) + timedelta(hours=1)
    found = await Album(journal).claim(now, now, 2, sandbox=False)
    await journal.aclose()

    assert ["webp", "png"] == [one.copy.format for one in found]


@pytest.mark.usefixtures("impatient")
async def test_a_claim_is_held_against_others(agent: Agent, heydecks: Scripted, tmp_path: Path) -> None:
    """Of two servers that look at the same moment one gets a copy, and after its lease has lapsed it is the other's."""
    draws(heydecks, SLOW)
    async with agent.connect() as client:
        await drawn(client)
    journals = Journal(tmp_path / "home"), Journal(tmp_path / "home")
    one, other = map(Album, journals)
    now = datetime.now(UTC) + timedelta(seconds=1)
    (mine,) = await one.claim(now, now + LEASE, 20, sandbox=False)
    early = await other.claim(now, now + LEASE, 20, sandbox=False)
    (theirs,) = await other.claim(now + LEASE, now + 2 * LEASE, 20, sandbox=False)
    renewed = [await one.renew(due, now + 3 * LEASE) for due in (mine, theirs, theirs)]
    for journal in journals:
        await journal.aclose()

    assert [] == early
    assert [False, True, False] == renewed


def nothing(*_: object) -> None:
    """Do nothing."""


def counted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Count the looks for what is due."""
    looks: list[bool] = []
    real: Callable[..., Awaitable[datetime | None]] = Album.next_due

    async def next_due(self: Album, *, sandbox: bool) -> datetime | None:
        found = await real(self, sandbox=sandbox)
        looks.append(sandbox)
        return found

    monkeypatch.setattr(Album, "next_due", next_due)
    return looks
