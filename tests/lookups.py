"""What the tests of look-ups share: each provider's looks, and bodies as the pages of the vendors show them."""

import json
from datetime import UTC, datetime
from typing import Any

from imagewright.models import Look, Reply, Tally, Trace, TracePage
from imagewright.provider import Recovery
from imagewright.providers import all_providers
from tests.bodies import JOB, UUID, depicta_done

NOON = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)


def recovery(slug: str) -> Recovery:
    """What a provider lets us look up."""
    found = all_providers()[slug].recovery
    assert found is not None
    return found


def traces_of(slug: str, offset: int = 0) -> Look[TracePage]:
    """The look at its list."""
    traces = recovery(slug).traces
    assert traces is not None
    return traces(offset)


def job_of(job_id: str) -> Look[Trace]:
    """The look at one of Depicta's jobs."""
    trace = recovery("depicta").trace
    assert trace is not None
    return trace(job_id)


def tally_of(slug: str) -> Look[Tally]:
    """The look at its counter."""
    found = recovery(slug).tally
    assert found is not None
    return found


def reply(body: Any) -> Reply:
    """An answer of 200 with this body."""
    return Reply(200, {}, body if isinstance(body, bytes) else json.dumps(body).encode(), NOON)


def jobs(body: Any) -> tuple[Trace, ...]:
    """The jobs in an answer of Depicta."""
    return traces_of("depicta").read(reply(body)).traces


def files(data: Any) -> tuple[Trace, ...]:
    """The pictures in an answer of PostEverywhere."""
    return traces_of("posteverywhere").read(reply({"data": data, "error": None})).traces


def job(**changes: Any) -> dict[str, Any]:
    """A completed job; a field set to ... is left out. https://depicta.ai/docs/api/operations/getjob"""
    whole = {
        "job_id": JOB,
        "status": "completed",
        "created_at": "2026-04-10T12:00:00Z",
        "started_at": "2026-04-10T12:00:01Z",
        "completed_at": "2026-04-10T12:00:09Z",
        "result": depicta_done(),
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}


def file(**changes: Any) -> dict[str, Any]:
    """A ready picture, likewise. https://developers.posteverywhere.ai/api/list-media"""
    whole = {
        "media_id": UUID,
        "status": "ready",
        "type": "image",
        "width": 1920,
        "height": 1080,
        "created_at": "2026-04-10T12:00:00.000Z",
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not ...}
