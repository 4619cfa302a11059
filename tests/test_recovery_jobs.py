"""What Depicta shows of its jobs, in every documented shape."""

from decimal import Decimal
from typing import Any

import pytest

from imagewright.errors import UnreadableAnswerError
from imagewright.models import Money
from imagewright.providers import all_providers
from tests.bodies import JOB, UUID, depicta_done
from tests.lookups import NOON, job, job_of, jobs, reply, traces_of


def test_a_completed_job_reads_like_the_answer_that_was_lost() -> None:
    """Picture, variants, model and cost by the same code; the balance of that day is left out."""
    lost = all_providers()["depicta"].read(reply(depicta_done()))

    (trace,) = jobs({"generations": [job()], "limit": 20, "offset": 0, "total": 1})

    assert (JOB, "done", NOON, None) == (trace.trace_id, trace.state, trace.created_at, trace.failure)
    assert trace.reading is not None
    assert (lost.pictures, lost.model, lost.cost) == (trace.reading.pictures, trace.reading.model, trace.reading.cost)
    assert (JOB, None, Money(Decimal("0.045000"), "EUR")) == (
        trace.reading.job_id,
        trace.reading.balance,
        trace.reading.cost,
    )


@pytest.mark.parametrize(
    ("body", "count", "total"),
    [
        ({"generations": [job()], "total": 137}, 1, 137),
        ({"generations": None, "limit": 20, "offset": 0, "total": 0}, 0, 0),
        ({"generations": [], "total": 0}, 0, 0),
        ({"generations": [job()]}, 1, None),
        ({"generations": [job()], "total": "1"}, 1, None),
        ({"generations": [job(), job()], "total": 1}, 2, None),
        ([job(), job(job_id=..., id=UUID)], 2, None),
        ([], 0, None),
    ],
)
def test_jobs_are_listed_in_every_shape(body: Any, count: int, total: int | None) -> None:
    """The schema's list or null, client 0.9.0's bare list; a total that cannot be is not told."""
    page = traces_of("depicta").read(reply(body))

    assert (count, total) == (len(page.traces), page.total)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"null",
        {},
        {"jobs": []},
        {"generations": {}},
        {"generations": "none"},
        {"generations": [job(), "junk"]},
        {"generations": [job(job_id=...)]},
        {"generations": [job(job_id="../1")]},
        [None],
    ],
)
def test_a_list_of_jobs_that_hides_one_is_unreadable(body: Any) -> None:
    """What is passed over might be what was paid for."""
    with pytest.raises(UnreadableAnswerError, match="no list of jobs"):
        traces_of("depicta").read(reply(body))


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", "running"),
        ("processing", "running"),
        ("completed", "done"),
        ("failed", "failed"),
        ("queued", "running"),
        (None, "running"),
        (7, "running"),
        (..., "running"),
    ],
)
def test_a_job_is_over_only_where_it_says_so(status: Any, state: str) -> None:
    """A word that no page has is taken for work in progress, and brings no picture."""
    (trace,) = jobs([job(status=status)])

    assert (state, state == "done") == (trace.state, trace.reading is not None)


@pytest.mark.parametrize("result", [..., None, {}, "done", {"formats": {}}, {"image_url": 7}])
def test_a_completed_job_without_a_readable_result_stays_in_the_list(result: Any) -> None:
    """It is there, and nothing can be taken from it."""
    (trace,) = jobs([job(result=result)])

    assert (JOB, "done", None) == (trace.trace_id, trace.state, trace.reading)


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        ({"code": "content_rejected", "message": "No."}, "content_rejected: No."),
        ({"message": "No\x1b[31m."}, "No[31m."),
        ({"code": "internal"}, "internal"),
        ({}, None),
        ("internal", None),
        (..., None),
    ],
)
def test_a_failed_job_says_why_in_clean_words(error: Any, failure: str | None) -> None:
    """Code and message, without control characters."""
    (trace,) = jobs([job(status="failed", result=..., error=error)])

    assert ("failed", failure) == (trace.state, trace.failure)


@pytest.mark.parametrize("body", [job(job_id=UUID), job(job_id=...), {}, [job()], b"<html>"])
def test_a_job_that_is_not_the_one_asked_for_is_unreadable(body: Any) -> None:
    """Another's picture is not ours."""
    with pytest.raises(UnreadableAnswerError):
        job_of(JOB).read(reply(body))


def test_a_job_is_read_by_its_id_in_either_case() -> None:
    """A UUID may come in capitals."""
    assert job_of(JOB.upper()).read(reply(job())).state == "done"


@pytest.mark.parametrize("job_id", ["", "../account/profile", "a/b", "a?b", "a b", "%2e%2e", "ä", "a" * 129, ".."])
def test_what_is_no_id_enters_no_path(job_id: str) -> None:
    """The checks of every other id hold here as well."""
    with pytest.raises(ValueError, match="is no job id"):
        job_of(job_id)
