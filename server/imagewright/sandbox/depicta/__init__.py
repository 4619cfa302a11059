"""Depicta as the sandbox plays it: one picture a request in three formats, jobs, stories, edits and processing.

Written from depicta.ai/docs (stored copies of 2026-04 and later; the page of the operation generateImage wins) and from
what the vendor's own client, depicta 1.3.0 on PyPI (2026-10), sends and reads.
"""

from collections.abc import Sequence
from typing import Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import (
    accounts,
    errors,
    generating,
    guide,
    jobs,
    models,
    processing,
    stories,
    switches,
    uploads,
)
from imagewright.sandbox.limits import BusyError
from imagewright.sandbox.vendor import Handler, Reply, Route, Vendor
from imagewright.sandbox.world import Transaction

_AT_ONCE: Final = 10  # depicta.ai/docs/reference/error-codes; whether for a key or an account is nowhere said
_SUBJECTS: Final = ("image", "graphic", "diagram")
_FORM_OVERHEAD_BYTES: Final = 65_536


def _request_id(tx: Transaction) -> str:
    return "req_" + tx.token("depicta.request", 16, "0123456789abcdef")  # its form: the client's tests


def _counted(answer: Handler) -> Handler:
    """Answer while fewer than ten requests of the account are being answered."""

    def gated(call: Call) -> Reply:
        try:
            with call.slots.hold(f"depicta:{call.account.fingerprint}", _AT_ONCE):
                return answer(call)
        except BusyError:
            raise errors.too_many(call, _AT_ONCE) from None

    return gated


def _generation(verb: str, subject: str) -> Route:
    limit = uploads.MOST_BYTES + _FORM_OVERHEAD_BYTES if verb != "generate" else Route.max_body_bytes
    answer = _counted(generating.handler(verb, subject))
    return Route("POST", f"/v1/{verb}/{subject}", answer, paid=True, max_body_bytes=limit)


def _routes() -> Sequence[Route]:
    return ROUTES


ROUTES: Final[tuple[Route, ...]] = (
    # Without a key: depicta.ai/docs/api, and what the client asks for without one.
    Route("GET", "/health", guide.health, open=True),
    Route("GET", "/v1/openapi.json", guide.openapi(_routes, "json"), open=True),
    Route("GET", "/v1/openapi.yaml", guide.openapi(_routes, "yaml"), open=True),
    Route("GET", "/v1/pricing", models.pricing, open=True),
    Route("GET", "/v1/skill-version", guide.skill_version, open=True),
    # With a key.
    *(_generation(verb, subject) for verb in ("generate", "edit", "combine") for subject in _SUBJECTS),
    Route("POST", "/v1/generate/story", _counted(stories.create), paid=True),
    Route("GET", "/v1/generate/story/{job_id}", _counted(stories.get_job)),
    Route("GET", "/v1/jobs", _counted(jobs.list_jobs)),
    Route("GET", "/v1/jobs/{job_id}", _counted(stories.get_job)),
    Route("GET", "/v1/models", _counted(models.list_models)),
    Route("GET", "/v1/account/profile", _counted(accounts.profile)),
    Route("GET", "/v1/guidelines/search", _counted(guide.search_guidelines)),
    Route("POST", "/v1/upload", _counted(uploads.upload), max_body_bytes=uploads.MOST_BYTES + _FORM_OVERHEAD_BYTES),
    Route("POST", "/v1/process/{operation}", _counted(processing.process)),
)

VENDOR: Final = Vendor(
    slug="depicta",
    routes=ROUTES,
    key_form=accounts.KEY,
    opening=accounts.opening,
    envelope=errors.envelope,
    troubles=errors.TROUBLES,
    codes={402: "insufficient_credits", 403: "model_not_allowed", 429: "rate_limited", 451: "content_rejected"},
    switches=switches.SWITCHES,
    request_id=_request_id,
    admit=accounts.admit,
)
