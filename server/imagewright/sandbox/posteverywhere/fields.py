"""Reads fields of a request, each with the refusal that a wrong one gets."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import times
from imagewright.sandbox.posteverywhere.envelope import invalid
from imagewright.sandbox.vendor import Refused, Trouble

Body = Mapping[str, Any]
_PAGE = 20  # developers.posteverywhere.ai/pagination
_LARGEST_PAGE = 100


def text(body: Body, name: str, *, longest: int | None = None, required: bool = False) -> str | None:
    """Return a string field.

    Raises:
        Refused: It is no string, too long, or missing (or blank) where `required`.
    """
    value = body.get(name)
    if value is None and not required:
        return None
    if not isinstance(value, str) or (required and not value.strip()):
        raise invalid(f"{name} is required and must be a string." if required else f"{name} must be a string.")
    if longest is not None and len(value) > longest:
        raise invalid(f"{name} must be at most {longest} characters.")
    return value


def word(body: Body, name: str, known: tuple[str, ...], default: str | None = None) -> str | None:
    """Return a string field that is one of `known`."""
    value = body.get(name)
    if value is None:
        return default
    if value not in known:
        # The words of the 400 sample of /api/generate-image.
        raise invalid(f"Invalid {name.replace('_', ' ')}. Must be one of: {', '.join(known)}")
    return cast("str", value)


def flag(body: Body, name: str, *, default: bool = False) -> bool:
    """Return a boolean field."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise invalid(f"{name} must be true or false.")
    return value


def whole(body: Body, name: str, *, least: int = 0, most: int | None = None) -> int | None:
    """Return an integer field."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"{name} must be an integer.")
    if value < least or (most is not None and value > most):
        raise invalid(f"{name} must be {least} or more." if most is None else f"{name} must be {least} to {most}.")
    return value


def number(body: Body, name: str) -> float | None:
    """Return a number field that is not negative."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise invalid(f"{name} must be a number of 0 or more.")
    return float(value)


def integers(body: Body, name: str) -> list[int] | None:
    """Return a list of integers, without repetitions, in order."""
    value = objects(body, name)
    if value is None:
        return None
    if any(not isinstance(one, int) or isinstance(one, bool) for one in value):
        raise invalid(f"{name} must be an array of integers.")
    return list(dict.fromkeys(cast("list[int]", value)))


def strings(body: Body, name: str) -> list[str] | None:
    """Return a list of strings, without repetitions, in order."""
    value = objects(body, name)
    if value is None:
        return None
    if any(not isinstance(one, str) for one in value):
        raise invalid(f"{name} must be an array of strings.")
    return list(dict.fromkeys(cast("list[str]", value)))


def objects(body: Body, name: str) -> list[object] | None:
    """Return a list of anything."""
    value: object = body.get(name)
    if value is not None and not isinstance(value, list):
        raise invalid(f"{name} must be an array.")
    return cast("list[object] | None", value)


def instant(body: Body, name: str) -> datetime | None:
    """Return a field that holds an ISO 8601 time; without an offset it is UTC."""
    value = body.get(name)
    if value is None:
        return None
    found = times.read(value) if isinstance(value, str) else None
    if found is None:
        raise invalid(f"{name} must be an ISO 8601 datetime, for example 2026-07-01T09:00:00Z.")
    return found


def timezone(body: Body) -> str | None:
    """Return the field `timezone`. Raises Refused with its own code (n8n node's tests, 2026-09)."""
    name = text(body, "timezone")
    if name is not None and not times.is_timezone(name):
        raise Refused(400, "invalid_timezone", f"Invalid timezone: {name}. Use an IANA name such as Europe/Berlin.")
    return name


def query(call: Call, known: tuple[str, ...]) -> dict[str, Any]:
    """Return the query, its integers read; a parameter that is not `known` is refused like an unknown field."""
    strange = [name for name in call.query if name not in known]
    if strange and call.switch("unknown_fields") == "reject":
        call.trouble(Trouble.BAD_FIELD, f"Unknown parameter: {', '.join(strange)}. Known: {', '.join(known)}.")
    found: dict[str, Any] = {}
    for name, value in call.query.items():
        if name not in known or not value:
            continue
        is_number = name in {"limit", "offset", "account_id", "campaign_id"}
        if is_number and not (value.isascii() and value.isdigit() and len(value) < 16):  # noqa: PLR2004  # no id is longer
            raise invalid(f"{name} must be an integer.")
        found[name] = int(value) if is_number else value
    return found


def page(parameters: Body, default: int = _PAGE) -> tuple[int, int]:
    """Return limit and offset."""
    limit, offset = parameters.get("limit", default), parameters.get("offset", 0)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise invalid(f"limit must be 1 to {_LARGEST_PAGE}.")
    return limit, offset


def pagination(limit: int, offset: int, total: int) -> dict[str, object]:
    """Return the block that goes with a list; `total` and `has_more` are there since 2026-06."""
    return {"limit": limit, "offset": offset, "total": total, "has_more": offset + limit < total}
