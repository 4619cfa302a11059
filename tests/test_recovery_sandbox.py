"""What the sandbox shows of calls whose answers were lost, read over HTTP by the providers' own readers."""

from collections.abc import Generator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx2
import pytest

from imagewright.models import Look, Reply, T, Tally
from imagewright.sandbox.server import BackgroundSandbox
from tests.lookups import NOON, job_of, tally_of, traces_of
from tests.sandbox import depicta_client, posteverywhere_client
from tests.sandbox.rig import KEYS, Rig, flat_sandbox

EVERY_KEY = {**KEYS, "posteverywhere": posteverywhere_client.KEY, "depicta": depicta_client.KEY}


@pytest.fixture(scope="module")
def running() -> Generator[BackgroundSandbox]:
    """A sandbox without a home, whose pictures are flat."""
    with flat_sandbox(None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: BackgroundSandbox) -> Generator[Rig]:
    """The running sandbox, with nothing in it."""
    with Rig(running.url) as rig:
        rig.control("POST", "/reset")
        yield rig


def seen(sandbox: Rig, slug: str, look: Look[T]) -> T:
    """What the sandbox shows to a look."""
    response = sandbox.send("GET", f"/{slug}{look.path}", EVERY_KEY[slug])
    return look.read(Reply(response.status_code, dict(response.headers), response.content, NOON))


def lose(sandbox: Rig, slug: str, path: str, **body: Any) -> None:
    """Draw something whose answer never comes."""
    sandbox.fault("drop_after_charge", provider=slug)
    with pytest.raises(httpx2.RemoteProtocolError):
        sandbox.send("POST", f"/{slug}{path}", EVERY_KEY[slug], json={"prompt": "a red fox", **body})


def test_a_lost_answer_of_depicta_is_among_its_jobs(sandbox: Rig) -> None:
    """Newest first, with the picture and its cost; the one before is below it."""
    sandbox.freeze("2026-04-10T11:59:00Z")
    depicta_client.draw(sandbox, prompt="before")
    sandbox.freeze("2026-04-10T12:00:00Z")
    lose(sandbox, "depicta", "/v1/generate/image", model="flux")

    page = seen(sandbox, "depicta", traces_of("depicta"))

    newest, older = page.traces
    assert (2, "done", NOON) == (page.total, newest.state, newest.created_at)
    assert older.created_at is not None
    assert older.created_at < NOON
    assert newest.reading is not None
    assert sandbox.ledger()[-1] == ("depicta", -newest.reading.cost.amount if newest.reading.cost else None)
    assert httpx2.get(newest.reading.pictures[0].url or "").status_code == 200


@pytest.mark.parametrize("answer", ["full", "formats", "image_url", "guide"])
@pytest.mark.parametrize("links", ["stored", "fresh"])
def test_a_job_of_depicta_is_read_by_its_id(sandbox: Rig, answer: str, links: str) -> None:
    """In each of the four forms of the result, with links of either kind."""
    sandbox.switch("depicta", answer=answer, job_links=links)
    job_id = depicta_client.draw(sandbox).headers["X-Depicta-Job-Id"]
    found = seen(sandbox, "depicta", job_of(job_id))

    assert (job_id, "done") == (found.trace_id, found.state)
    assert found.reading is not None
    assert (1, job_id, "EUR") == (
        len(found.reading.pictures),
        found.reading.job_id,
        found.reading.cost and found.reading.cost.unit,
    )


def test_a_refused_generation_of_depicta_is_a_failed_job(sandbox: Rig) -> None:
    """With a reason, and no charge."""
    depicta_client.draw(sandbox, prompt="forbidden-by-moderation")

    (trace,) = seen(sandbox, "depicta", traces_of("depicta")).traces

    assert ("failed", None) == (trace.state, trace.reading)
    assert (trace.failure or "").startswith("content_rejected")
    assert sandbox.ledger() == []


@pytest.mark.parametrize("empty_jobs", ["array", "null"])
def test_a_request_that_never_came_is_no_job(sandbox: Rig, empty_jobs: str) -> None:
    """In either form of an empty list."""
    sandbox.switch("depicta", empty_jobs=empty_jobs)
    sandbox.fault("drop_before", provider="depicta")
    with pytest.raises(httpx2.TransportError):
        depicta_client.draw(sandbox)

    page = seen(sandbox, "depicta", traces_of("depicta"))

    assert ((), 0) == (page.traces, page.total)


def test_older_jobs_are_on_the_next_page(sandbox: Rig) -> None:
    """The offset goes on where a page ended."""
    for _ in range(21):
        depicta_client.draw(sandbox)

    first, second = (seen(sandbox, "depicta", traces_of("depicta", offset)) for offset in (0, 20))

    assert (20, 1, 21, 21) == (len(first.traces), len(second.traces), first.total, second.total)
    assert 21 == len({trace.trace_id for trace in (*first.traces, *second.traces)})


@pytest.mark.parametrize("key", ["media", "items", "both"])
@pytest.mark.parametrize("fields", ["documented", "mcp"])
@pytest.mark.parametrize("url", ["shown", "hidden"])
def test_a_lost_answer_of_posteverywhere_is_in_its_library(sandbox: Rig, key: str, fields: str, url: str) -> None:
    """In every shape of the list, and the counter of credits rose by its price."""
    sandbox.switch("posteverywhere", media_list_key=key, media_fields=fields, media_url=url)
    sandbox.freeze("2026-04-10T12:00:00Z")
    before = seen(sandbox, "posteverywhere", tally_of("posteverywhere"))
    lose(sandbox, "posteverywhere", "/api/v1/ai/generate-image", model="ideogram-v2", aspect_ratio="16:9")

    page = seen(sandbox, "posteverywhere", traces_of("posteverywhere"))
    after = seen(sandbox, "posteverywhere", tally_of("posteverywhere"))

    (trace,) = page.traces
    assert (1, "done", NOON) == (page.total, trace.state, trace.created_at)
    assert trace.reading is not None
    (picture,) = trace.reading.pictures
    assert (trace.trace_id, 1920, 1080) == (picture.media_id, picture.width, picture.height)
    assert (url == "shown", None) == (picture.url is not None, trace.reading.cost)
    assert (Decimal(8), "credits") == (after.spent - before.spent, after.unit)


def test_credits_are_counted_past_the_allotment_of_the_month(sandbox: Rig) -> None:
    """The last of the month and the first that bought credits pay for raise the count alike."""
    client = posteverywhere_client.Client(sandbox)
    client.image(model="flux-schnell")
    sandbox.account("posteverywhere", balance="20007")
    counts: list[Decimal] = []
    for _ in range(3):
        client.image(model="gemini-3-pro")
        counts.append(seen(sandbox, "posteverywhere", tally_of("posteverywhere")).spent)

    assert [5, 5] == [later - earlier for earlier, later in pairwise(counts)]


def test_a_picture_of_posteverywhere_that_is_not_ready_is_running(sandbox: Rig) -> None:
    """And done some seconds later."""
    sandbox.switch("posteverywhere", generated_media="processing")
    sandbox.freeze("2026-04-10T12:00:00Z")
    posteverywhere_client.Client(sandbox).image()

    (early,) = seen(sandbox, "posteverywhere", traces_of("posteverywhere")).traces
    sandbox.advance(10)
    (late,) = seen(sandbox, "posteverywhere", traces_of("posteverywhere")).traces

    assert (("running", None), "done") == ((early.state, early.reading), late.state)


def test_newer_pictures_of_posteverywhere_come_first(sandbox: Rig) -> None:
    """And the offset passes over them."""
    client = posteverywhere_client.Client(sandbox)
    drawn = [client.image() for _ in range(3)]

    whole, rest = (seen(sandbox, "posteverywhere", traces_of("posteverywhere", offset)) for offset in (0, 2))

    assert (drawn[::-1], drawn[:1]) == (
        [trace.trace_id for trace in whole.traces],
        [trace.trace_id for trace in rest.traces],
    )
    assert (3, 3) == (whole.total, rest.total)


def test_a_lost_answer_of_theo_moves_its_usage(sandbox: Rig) -> None:
    """One request more, and what it cost."""
    before = seen(sandbox, "theo", tally_of("theo"))
    lose(sandbox, "theo", "/api/v1/images", count=2)

    after = seen(sandbox, "theo", tally_of("theo"))

    assert (Tally(Decimal(0), "cents", 0), Tally(Decimal("0.08"), "cents", 1)) == (
        Tally(before.spent.normalize(), before.unit, before.calls),
        after,
    )
