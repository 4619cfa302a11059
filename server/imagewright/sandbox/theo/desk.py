"""What Theo answers besides images: its models, its health, what was used, and that there are no jobs."""

from decimal import Decimal

from imagewright.sandbox.call import Call
from imagewright.sandbox.theo.facts import API_VERSION, DOWN_RETRY_SECONDS, MODELS, USES
from imagewright.sandbox.vendor import Refused, Reply, json_reply, timestamp


def models(_: Call) -> Reply:
    """docs.hitheo.ai/api-reference/models/list."""
    names = ("mode", "model_id", "label", "engine", "description")
    return json_reply({"models": [dict(zip(names, model, strict=True)) for model in MODELS]})


def health(call: Call) -> Reply:
    """docs.hitheo.ai/api-reference/health/check; the only endpoint that needs no key."""
    status = call.switch("service")
    call.reply_headers["X-Cache"] = "MISS"
    body = {
        "status": status,
        "timestamp": timestamp(call.world.now()),
        "version": API_VERSION,
        "providers": {"theo-vision": {"status": status}},
    }
    if status == "down":
        return json_reply(body, 503, headers={"Retry-After": DOWN_RETRY_SECONDS})
    return json_reply(body)


def usage(call: Call) -> Reply:
    """What was used between two moments. The page shows no body; this is the type of the vendor's own client."""
    with call.world.transaction() as tx:
        uses = tx.find(USES, owner=call.account.fingerprint)
        now = tx.now()
    # Without dates: the month so far, our guess.
    start = call.query.get("from", f"{now:%Y-%m-01T00:00:00Z}")
    end = call.query.get("to", timestamp(now))
    counted = [use for use in uses if start <= use["at"] <= end]
    totals = {
        "requests": len(counted),
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_tokens": 0,
        "cost_cents": float(sum((Decimal(str(use["cost_cents"])) for use in counted), Decimal(0))),
    }
    return json_reply({"period": {"from": start, "to": end}, "totals": totals})


def job(call: Call) -> Reply:
    """docs.hitheo.ai/api-reference/jobs/get: only videos and research have jobs, so there is never one here."""
    raise Refused(404, "not_found", f"There is no job {call.parameters['job_id']}.")
