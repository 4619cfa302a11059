"""The wrapping of every answer, and every refusal in PostEverywhere's own terms."""

from collections.abc import Mapping
from typing import Any

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import times
from imagewright.sandbox.vendor import Code, Refused, Reply, Trouble, json_reply

# developers.posteverywhere.ai/errors and /authentication; the codes of 403, 405 and 413 stand on no page seen.
TROUBLES: Mapping[Trouble, Code] = {
    Trouble.NO_ROUTE: Code(404, "not_found"),
    Trouble.WRONG_METHOD: Code(405, "method_not_allowed"),
    Trouble.BAD_KEY: Code(401, "unauthorized", "Invalid or expired API key"),
    Trouble.BAD_JSON: Code(400, "invalid_json"),
    Trouble.BAD_FIELD: Code(400, "validation_error"),
    Trouble.TOO_LARGE: Code(413, "bad_request"),
    Trouble.CRASH: Code(500, "internal_error"),
    Trouble.NO_FILE: Code(404, "not_found"),
    Trouble.LINK_EXPIRED: Code(403, "forbidden"),
}
_TRANSIENT = 500
_TOO_MANY = 429


def succeed(call: Call, data: object, status: int = 200) -> Reply:
    """Answer with `data`."""
    return json_reply({"data": data, "error": None, "meta": _meta(call)}, status)


def envelope(call: Call, refused: Refused) -> dict[str, Any]:
    """Return the body of a refusal."""
    error: dict[str, Any] = {"message": refused.message, "code": refused.code}
    if _says_retryable(call, refused):
        error["retryable"] = refused.status == _TOO_MANY or refused.status >= _TRANSIENT
    if refused.details is not None:
        error["details"] = refused.details
    wait = refused.headers.get("Retry-After")
    name = call.switch("retry_after_field")
    if wait is not None and name != "none":
        error[name] = int(wait)
    return {"data": None, "error": error, "meta": _meta(call)}


def invalid(message: str, *, details: object = None) -> Refused:
    """Refuse a request for its content."""
    return Refused(400, "validation_error", message, details=details)


def missing(noun: str) -> Refused:
    """Refuse for a thing that is not in this workspace. The words are those of /api/delete-post, /api/delete-media."""
    return Refused(404, "not_found", f"{noun} not found.")


def conflict(message: str) -> Refused:
    """Refuse for the state of a thing; the code of these rows stands on no page seen."""
    return Refused(409, "conflict", message)


def _says_retryable(call: Call, refused: Refused) -> bool:
    known = call.switch("retryable")
    if known != "by_page":
        return known == "always"
    # The errors page says every error has it; the samples of /api/generate-image have not.
    return not (call.path.endswith("/ai/generate-image") and refused.status in {400, 402})


def _meta(call: Call) -> dict[str, str]:
    return {"request_id": call.request_id, "timestamp": times.stamp(call.world.now())}
