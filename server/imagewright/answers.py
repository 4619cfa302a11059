"""Reads a vendor's answer field by field: a wrong type counts as absent, and money never becomes a float."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from imagewright.errors import Origin, UnreadableAnswerError
from imagewright.models import Reply
from imagewright.text import clean, identifier

JsonObject = Mapping[str, Any]

_OLDEST_YEAR = 2000
_DIGITS = 40  # more than any sum of money or number of bytes


def body_of(reply: Reply, provider: str) -> JsonObject:
    """Return the JSON object in a reply, numbers with a point as Decimal.

    Raises:
        UnreadableAnswerError: The body is not a JSON object.
    """
    body = as_object(parse(reply.body))
    if body is None:
        raise unreadable(reply, provider, "its body is not a JSON object")
    return body


def parse(body: bytes) -> object:
    """Return the value of a JSON text, or None where it is not JSON."""
    try:
        parsed: object = json.loads(body, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: an exponent past what Decimal holds
        return None
    return parsed


def unreadable(
    reply: Reply, provider: str, why: str, job_id: str | None = None, request_id: str | None = None
) -> UnreadableAnswerError:
    """Return the error for an answer that says success and shows no picture."""
    request_id = request_id or identifier(reply.headers.get("x-request-id"))
    ids = [f"{kind} {one}" for kind, one in (("job", job_id), ("request", request_id)) if one]
    told = f" ({', '.join(ids)})" if ids else ""
    error = UnreadableAnswerError(
        f"{provider} answered {reply.status}, but {why}{told}. It has probably charged "
        f"for the call: look for the picture in {provider}'s dashboard and do not repeat the call before.",
        Origin(
            provider=provider,
            status=reply.status,
            request_id=request_id,
            job_id=job_id,
            provider_text=clean(reply.body.decode("utf-8", "replace")),
        ),
    )
    error.answer = reply.body
    return error


def as_object(value: object) -> JsonObject | None:
    """Return `value` if it is a JSON object, or None."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def members(value: object) -> list[object]:
    """Return the members of a JSON list; of anything else, none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a JSON list; other members are passed over."""
    return [found for one in members(value) if (found := as_object(one)) is not None]


def child(source: JsonObject, name: str) -> JsonObject:
    """Return an object field, or an empty one."""
    return as_object(source.get(name)) or {}


def text(source: JsonObject, name: str, limit: int = 300) -> str | None:
    """Return a text field, cleaned, or None."""
    value = source.get(name)
    return clean(value, limit) or None if isinstance(value, str) else None


def ident(source: JsonObject, *names: str) -> str | None:
    """Return the first of the fields that holds something that looks like an id."""
    return next((found for name in names if (found := identifier(source.get(name)))), None)


def address(source: JsonObject, name: str) -> str | None:
    """Return a URL field as text, unjudged; None for anything that is not a text."""
    value = source.get(name)
    return value if isinstance(value, str) and value else None


def moment(source: JsonObject, name: str) -> datetime | None:
    """Return a field that holds an ISO 8601 time with an offset or Z, in UTC; without either it could be anybody's."""
    value = source.get(name)
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        utc = None if read is None or read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: the first and the last day of the calendar
        return None
    # The year 1 and 1970 are how some languages write that there is no time.
    return utc if utc and utc.year >= _OLDEST_YEAR else None


def whole(source: JsonObject, name: str) -> int | None:
    """Return a whole-number field, or None."""
    value = None if isinstance(source.get(name), str) else amount(source, name)
    return int(value) if value is not None and value == value.to_integral_value() else None


def amount(source: JsonObject, name: str) -> Decimal | None:
    """Return a money field (number or decimal text) as Decimal, or None."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        parsed = Decimal(value)
    except InvalidOperation:
        return None
    # 1e999999999 is seven bytes on the wire and a gigabyte when written out.
    return parsed if parsed.is_finite() and len(parsed.as_tuple().digits) + abs(parsed.adjusted()) <= _DIGITS else None
