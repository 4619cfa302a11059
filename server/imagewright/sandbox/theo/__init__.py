"""Theo as the sandbox plays it: images drawn at once, its models, its health, what was used."""

from typing import Final
from urllib.parse import urlencode

from imagewright.sandbox.call import Call
from imagewright.sandbox.theo import desk, images, rates
from imagewright.sandbox.theo.facts import API_VERSION, KEY, SWITCHES, TIERS, TROUBLES, envelope, opening
from imagewright.sandbox.vendor import Refused, Reply, Route, Vendor


def _arrive(call: Call) -> None:
    call.reply_headers["Theo-Api-Version"] = API_VERSION
    call.reply_headers["X-Request-Id"] = call.request_id


def _admit(call: Call) -> None:
    if call.account.facts["expired"]:
        raise Refused(401, "key_expired", "This API key was rotated and its grace period is over.")
    rates.count(call)


def _apex(call: Call) -> Reply:
    """The apex host: it answers 307 to another host, and many clients drop the key there (/troubleshooting/401-errors).

    On this machine 127.0.0.1 and localhost are two hosts of one server.
    """
    host = call.headers.get("host", "127.0.0.1")
    if call.switch("apex") == "other_host":
        name, _, port = host.partition(":")
        other = "localhost" if name == "127.0.0.1" else "127.0.0.1"
        host = f"{other}:{port}" if port else other
    query = f"?{urlencode(call.query)}" if call.query else ""
    return Reply(307, b"", "text/plain", {"Location": f"http://{host}/theo{call.path}{query}"})


VENDOR: Final = Vendor(
    slug="theo",
    routes=(
        Route("POST", "/api/v1/images", images.create, paid=True),
        Route("GET", "/api/v1/models", desk.models),
        Route("GET", "/api/v1/health", desk.health, open=True),
        Route("GET", "/api/v1/usage", desk.usage),
        Route("GET", "/api/v1/jobs/{job_id}", desk.job),
    ),
    key_form=KEY,
    opening=opening,
    envelope=envelope,
    troubles=TROUBLES,
    codes={402: "insufficient_credits", 403: "missing_scope", 422: "guardrail_violation", 429: "rate_limit_exceeded"},
    switches=SWITCHES,
    request_id=lambda tx: "req_" + tx.token("theo.request", 12),
    arrive=_arrive,
    admit=_admit,
    fact_values={"tier": tuple(TIERS)},
    side_doors={"theo-apex": _apex},
)
