"""What PostEverywhere and Theo show of calls whose answers were lost, in every documented shape; and times."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from imagewright.errors import UnreadableAnswerError
from imagewright.models import Picture, Reading, Tally, Trace
from imagewright.providers import all_providers
from tests.bodies import JOB, UUID
from tests.lookups import NOON, file, files, job, job_of, jobs, reply, tally_of, traces_of


def test_what_each_vendor_lets_us_look_up_is_what_it_documents() -> None:
    """Jobs at Depicta, library and credits at PostEverywhere, usage at Theo, nothing at HeyDecks."""
    documented = {
        slug: (found.traces is not None, found.trace is not None, found.tally is not None, found.tally_proves)
        for slug, provider in all_providers().items()
        if (found := provider.recovery)
    }

    assert {
        "theo": (False, False, True, False),
        "posteverywhere": (True, False, True, True),
        "depicta": (True, True, False, False),
    } == documented
    assert {"theo": "Idempotency-Key"} == {
        slug: one.idempotency_header for slug, one in all_providers().items() if one.idempotency_header
    }


def test_the_paths_are_the_documented_ones() -> None:
    """With limit and offset under the names of the pages."""
    assert traces_of("depicta", 40).path == "/v1/jobs?limit=20&offset=40"
    assert job_of(JOB).path == f"/v1/jobs/{JOB}"
    assert traces_of("posteverywhere", 100).path == "/api/v1/media?type=image&limit=100&offset=100"
    assert (tally_of("posteverywhere").path, tally_of("theo").path) == ("/api/v1/me", "/api/v1/usage")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-04-10T12:00:00Z", NOON),
        ("2026-04-10T12:00:00.250Z", NOON.replace(microsecond=250_000)),
        ("2026-04-10T12:00:00.123456789Z", NOON.replace(microsecond=123_456)),
        ("2026-04-10T14:00:00+02:00", NOON),
        ("2026-04-10T06:30:00-05:30", NOON),
        ("2026-04-10T12:00:00", None),
        ("2026-04-10", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (1775822400, None),
        (None, None),
        (..., None),
    ],
)
def test_a_time_is_read_only_where_it_is_certain(written: Any, read: datetime | None) -> None:
    """With Z, milliseconds or an offset, into UTC; a time of nowhere, or of no time at all, is none."""
    (job_trace,), (media_trace,) = jobs([job(created_at=written)]), files({"media": [file(created_at=written)]})

    assert (read, read) == (job_trace.created_at, media_trace.created_at)
    assert read is None or (job_trace.created_at is not None and job_trace.created_at.tzinfo is UTC)


# PostEverywhere: the library and the credits.


def test_a_picture_of_the_library_is_read_without_model_and_cost() -> None:
    """The library tells neither; it may tell a URL."""
    (hidden,), (shown,) = files({"items": [file()]}), files({"media": [file(url="https://imagedelivery.net/1/public")]})

    reading = Reading((Picture(media_id=UUID, width=1920, height=1080),), created_at="2026-04-10T12:00:00.000Z")
    assert Trace(UUID, "done", NOON, reading) == hidden
    assert shown.reading is not None
    assert "https://imagedelivery.net/1/public" == shown.reading.pictures[0].url


@pytest.mark.parametrize(
    ("data", "count"),
    [
        ({"media": [file()]}, 1),
        ({"items": [file()], "media_ids": [UUID]}, 1),
        ({"items": [file()], "media": [file()], "media_ids": [UUID]}, 1),
        ({"media": []}, 0),
        # posteverywhere/mcp, 2026-08
        ({"media": [file(media_id=..., id=UUID, url=None, dimensions={"width": 1920, "height": 1080}, width=...)]}, 1),
        # posteverywhere/sdk, 2026-04
        ({"media": [file(media_id=..., id=UUID, status=..., upload_status="ready", media_type="image")]}, 1),
        ({"media": [file(id=UUID, media_ids=[UUID], media_status="ready")]}, 1),
    ],
)
def test_pictures_are_listed_in_every_shape(data: Any, count: int) -> None:
    """`media` or `items`, `media_id` or `id`, three names of the status, width and height or dimensions."""
    traces = files(data)

    assert [(UUID, "done")] * count == [(trace.trace_id, trace.state) for trace in traces]
    assert [1920] * count == [picture.width for trace in traces if trace.reading for picture in trace.reading.pictures]


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "ready"}, "done"),
        ({"status": "processing"}, "running"),
        ({"status": "uploading"}, "running"),
        ({"status": "failed"}, "failed"),
        ({"status": "strange"}, "running"),
        ({"status": ..., "media_status": "processing"}, "running"),
        ({"status": ..., "upload_status": "failed"}, "failed"),
        ({"status": ...}, "done"),
    ],
)
def test_a_picture_is_done_when_it_is_ready(fields: dict[str, Any], state: str) -> None:
    """What is not ready is still being made, whatever it is called."""
    (trace,) = files({"media": [file(**fields)]})

    assert (state, state == "done") == (trace.state, trace.reading is not None)


def test_a_picture_that_failed_says_why() -> None:
    """In the vendor's words, cleaned."""
    (trace,) = files({"media": [file(status="failed", error_message="Too\u202e large")]})

    assert "Too large" == trace.failure


@pytest.mark.parametrize(
    ("pagination", "offset", "total"),
    [
        ({"limit": 100, "offset": 0, "total": 1, "has_more": False}, 0, 1),
        ({"limit": 100, "offset": 0, "total": 250, "has_more": True}, 0, 250),
        ({"limit": 100, "offset": 0, "total": 250}, 0, 250),
        # Before 2026-06 neither was there.
        ({"limit": 100, "offset": 0}, 0, None),
        (None, 0, None),
        ({"has_more": False}, 3, 4),
        ({"has_more": True}, 3, None),
        # One that counts the page, or contradicts itself, tells nothing.
        ({"total": 1, "has_more": True}, 0, None),
        ({"total": 9, "has_more": False}, 0, None),
        ({"total": 1}, 100, None),
        ({"total": "9"}, 0, None),
    ],
)
def test_how_many_pictures_there_are_is_told_or_not(pagination: Any, offset: int, total: int | None) -> None:
    """Only a total that fits the page proves that the list has come to its end."""
    page = traces_of("posteverywhere", offset).read(reply({"data": {"media": [file()], "pagination": pagination}}))

    assert total == page.total


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        [],
        {"data": None},
        {"data": {"media": {}}},
        {"data": {"media_ids": [UUID]}},
        {"data": [file()]},
        {"data": {"media": [file(), 7]}},
        {"data": {"media": [file(media_id=...)]}},
        {"data": {"items": [file(media_id="a/b")]}},
    ],
)
def test_a_library_that_hides_a_picture_is_unreadable(body: Any) -> None:
    """What is passed over might be what was paid for."""
    with pytest.raises(UnreadableAnswerError):
        traces_of("posteverywhere").read(reply(body))


@pytest.mark.parametrize(
    ("credits", "spent"),
    [
        ({"used": 138, "limit": 500, "bonus": 0}, 138),
        ({"used": 138, "limit": 500}, 138),
        ({"used": "138.5", "bonus": None}, Decimal("138.5")),
        ({"used": 500, "limit": 500, "bonus": 15}, 485),
    ],
)
def test_used_credits_are_counted_less_the_bought_ones_left(credits: Any, spent: Any) -> None:  # noqa: A002  # theirs
    """So that the count rises by the price whichever of the two pays for a call."""
    read = tally_of("posteverywhere").read(reply({"data": {"quota": {"ai_credits": credits}}}))

    assert Tally(Decimal(spent), "credits") == read


@pytest.mark.parametrize("body", [{"data": {}}, {"data": {"quota": {"ai_credits": {"limit": 5}}}}, [], b"<html>"])
def test_credits_that_are_not_told_are_unreadable(body: Any) -> None:
    """None is not zero."""
    with pytest.raises(UnreadableAnswerError):
        tally_of("posteverywhere").read(reply(body))


# Theo: usage.


@pytest.mark.parametrize(
    ("totals", "read"),
    [
        ({"requests": 12, "cost_cents": 0.96}, Tally(Decimal("0.96"), "cents", 12)),
        ({"requests": "12", "cost_cents": 0}, Tally(Decimal(0), "cents")),
        ({"cost_cents": "4"}, Tally(Decimal(4), "cents")),
    ],
)
def test_usage_is_cents_and_requests(totals: Any, read: Tally) -> None:
    """The type of the vendor's own client; a number of requests that is none is left out."""
    assert read == tally_of("theo").read(reply({"period": {}, "totals": totals}))


@pytest.mark.parametrize("body", [{}, {"totals": {"requests": 1}}, {"totals": {"cost_cents": True}}, [], b""])
def test_usage_without_a_cost_is_unreadable(body: Any) -> None:
    """No page shows the body: what is not there is not guessed."""
    with pytest.raises(UnreadableAnswerError):
        tally_of("theo").read(reply(body))
