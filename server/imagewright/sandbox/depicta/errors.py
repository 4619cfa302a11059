"""Depicta's errors: flat bodies with a request id, in one of three spellings."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.vendor import Code, Refused, Trouble

# The codes of the vendor's client depicta 1.3.0 (PyPI, 2026-10, its tests) come first: everything here is written in
# them and translated on the way out. depicta.ai/docs/reference/error-codes has other names for some;
# what it does not list (model_not_allowed, model_not_capable) keeps its only name.
_ERROR_PAGE: Final[Mapping[str, str]] = {
    "validation_error": "bad_request",
    "authentication_error": "auth_invalid",
    "insufficient_credits": "credit_insufficient",
    "internal": "internal_error",
}
# depicta.ai/docs/api/operations names three codes of its own; where it names none, the page above is all there is.
_OPERATIONS: Final[Mapping[str, str]] = {
    "validation_error": "bad_request",
    "authentication_error": "auth_invalid",
    "internal": "internal_error",
}
_SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "client": {},
    "error_page": _ERROR_PAGE,
    "operations": _OPERATIONS,
}

TROUBLES: Final[Mapping[Trouble, Code]] = {
    Trouble.NO_ROUTE: Code(404, "not_found", "There is no such endpoint. Check the URL and the method."),
    Trouble.WRONG_METHOD: Code(404, "not_found", "There is no such endpoint. Check the URL and the method."),
    Trouble.BAD_KEY: Code(401, "authentication_error", "The API key is missing or not valid. Keys start with dpct_."),
    Trouble.BAD_JSON: Code(400, "validation_error"),
    Trouble.BAD_FIELD: Code(400, "validation_error"),
    Trouble.TOO_LARGE: Code(
        413, "payload_too_large", "The body is larger than this endpoint takes. Uploads have at most 50 MB."
    ),
    Trouble.CRASH: Code(500, "internal"),
    # How the host of the pictures refuses is nowhere said; the API's own code for what is not there stands in.
    Trouble.NO_FILE: Code(404, "not_found"),
    Trouble.LINK_EXPIRED: Code(403, "not_found"),
}


def envelope(call: Call, refused: Refused) -> dict[str, Any]:
    """The body of an error (the schema of every operation page; 402 adds the balance, as the client's tests show)."""
    body: dict[str, Any] = {
        "error": spelled(call, refused.code),
        "message": refused.message,
        "request_id": call.request_id,
    }
    if refused.code == "insufficient_credits" and refused.details:
        return {**body, **refused.details}
    return body if refused.details is None else {**body, "details": refused.details}


def spelled(call: Call, code: str) -> str:
    """A code of the client's, as the `errors` switch spells it."""
    return _SPELLINGS[call.switch("errors")].get(code, code)


def invalid(call: Call, details: Mapping[str, str]) -> Refused:
    """The body has wrong fields: `details` from each field's path to what is wrong with it."""
    status = int(call.switch("validation_status"))
    message = "The request contains invalid or missing fields: " + "; ".join(
        f"{path} {reason}" for path, reason in details.items()
    )
    return Refused(status, "validation_error", f"{message}.", details=dict(details))


def rejected(call: Call) -> Refused:
    """Moderation says no. 451 on the operation pages and in the client since 1.3.0, 403 on the error-code page."""
    status = 403 if call.switch("errors") == "error_page" else 451
    return Refused(status, "content_rejected", "The request violates the content policy. Change the prompt.")


def insufficient(balance: Decimal, message: str) -> Refused:
    """The balance does not cover the request."""
    return Refused(402, "insufficient_credits", message, details={"balance_eur": euros(balance)})


def too_many(call: Call, limit: int) -> Refused:
    """More requests at once than allowed (depicta.ai/docs/reference/error-codes)."""
    wait = "1"
    if call.switch("retry_after") == "http_date":
        wait = format_datetime(call.world.now() + timedelta(seconds=1), usegmt=True)
    message = f"Too many requests at once: at most {limit}. Wait for what is running."
    return Refused(429, "rate_limited", message, headers={"Retry-After": wait})


def missing(what: str) -> Refused:
    """There is no such thing, or it is somebody else's."""
    return Refused(404, "not_found", f"There is no such {what}.")


def euros(amount: Decimal) -> str:
    """Money as it is sent: a string with six places (depicta.ai/docs/getting-started/api)."""
    return f"{amount:.6f}"
