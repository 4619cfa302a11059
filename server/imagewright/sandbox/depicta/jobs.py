"""Jobs: every generation is one, so that a lost answer is found again. GET /v1/jobs and GET /v1/jobs/{job_id}."""

from datetime import datetime
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.accounts import ABANDONED_AFTER
from imagewright.sandbox.depicta.errors import missing
from imagewright.sandbox.depicta.fields import Fields
from imagewright.sandbox.depicta.results import shown
from imagewright.sandbox.vendor import Reply, json_reply, timestamp
from imagewright.sandbox.world import Json, Transaction

JOBS: Final = "depicta.job"
_PAGE: Final = 20  # depicta.ai/docs/api/operations/listjobs
_MOST: Final = 2**31 - 1
_RUNNING: Final = frozenset({"pending", "processing"})
# depicta.ai/docs/api/operations/getjob. The list shows the same fields; its text speaks of more.
_SHOWN: Final = ("job_id", "status", "created_at", "started_at", "completed_at", "scenes_completed", "scenes_total")


def create(call: Call, *, scenes: int | None = None) -> str:
    """Write down a new job that waits; return its id. `scenes` is how many a story has."""
    with call.world.transaction() as tx:
        job_id = tx.uuid("depicta.job")
        job: Json = {
            "job_id": job_id,
            "owner": call.account.fingerprint,
            "status": "pending",
            "created_at": tx.now().isoformat(),
        }
        if scenes is not None:
            job |= {"scenes_completed": 0, "scenes_total": scenes}
        tx.put(JOBS, job_id, job, owner=call.account.fingerprint)
    return job_id


def start(call: Call, job_id: str) -> None:
    """The job is worked on."""
    with call.world.transaction() as tx:
        _change(tx, job_id, status="processing", started_at=tx.now().isoformat())


def advance(tx: Transaction, job_id: str, scenes_completed: int) -> None:
    """So many scenes of a story are there."""
    _change(tx, job_id, scenes_completed=scenes_completed)


def running(tx: Transaction, job_id: str) -> bool:
    """Whether a job is neither done nor failed."""
    job = tx.get(JOBS, job_id)
    return job is not None and job["status"] in _RUNNING


def complete(tx: Transaction, job_id: str, result: Json) -> None:
    """The job is done. Call it in the transaction that takes the money."""
    _change(tx, job_id, status="completed", completed_at=tx.now().isoformat(), result=result)


def fail(tx: Transaction, job_id: str, code: str, message: str) -> None:
    """The job failed."""
    error = {"code": code, "message": message}  # not an HTTP error's field names: depicta.ai/docs/api/operations/getjob
    _change(tx, job_id, status="failed", completed_at=tx.now().isoformat(), error=error)


def list_jobs(call: Call) -> Reply:
    """GET /v1/jobs, newest first."""
    fields = Fields({name: _number(value) for name, value in call.query.items()})
    limit = fields.whole("limit", 1, _MOST)
    offset = fields.whole("offset", 0, _MOST) or 0
    fields.no_others(call)
    fields.finish(call)
    limit = _PAGE if limit is None else limit
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        found = tx.find(JOBS, owner=owner, newest_first=True, limit=limit, offset=offset)
        total = tx.count(JOBS, owner=owner)
        now = tx.now()
    rows = [_view(call, job, now) for job in found]
    generations = None if not rows and call.switch("empty_jobs") == "null" else rows
    return json_reply({"generations": generations, "limit": limit, "offset": offset, "total": total})


def get_job(call: Call) -> Reply:
    """GET /v1/jobs/{job_id}, and a story's own path to the same."""
    with call.world.transaction() as tx:
        job = tx.get(JOBS, call.parameters["job_id"])
        now = tx.now()
    if job is None or job["owner"] != call.account.fingerprint:
        raise missing("job")
    return json_reply(_view(call, job, now))


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) <= len(str(_MOST)) else text


def _change(tx: Transaction, job_id: str, **changes: Any) -> None:
    job = tx.get(JOBS, job_id)
    if job is not None:  # a reset may have come between
        tx.put(JOBS, job_id, job | changes)


def _view(call: Call, job: Json, now: datetime) -> Json:
    created = datetime.fromisoformat(job["created_at"])
    if job["status"] in _RUNNING and now - created > ABANDONED_AFTER:
        # Its process died.
        ended = (created + ABANDONED_AFTER).isoformat()
        job = job | {
            "status": "failed",
            "completed_at": ended,
            "error": {"code": "internal", "message": "It was lost."},
        }
    view: Json = {name: job[name] for name in _SHOWN if name in job}
    for name in ("created_at", "started_at", "completed_at"):
        if name in view:
            view[name] = timestamp(datetime.fromisoformat(view[name]))
    if "result" in job:
        view["result"] = shown(call, job["result"], later=True)
    if "error" in job:
        view["error"] = job["error"]
    return view
