"""Instants as PostEverywhere writes and reads them: ISO 8601, UTC, milliseconds."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from imagewright.sandbox.vendor import timestamp


def stamp(instant: datetime) -> str:
    """Return `instant` the way every sample of the API shows it, for example 2026-04-10T12:00:00.000Z."""
    return timestamp(instant, milliseconds=True)


def read(text: str) -> datetime | None:
    """Return the instant in `text`, or None where it holds none. Without an offset it is UTC (n8n node, 2026-09)."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_timezone(name: str) -> bool:
    """Tell whether `name` is an IANA time zone; where the system knows none (Windows), whether it looks like one."""
    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "/" in name and not available_timezones()
    return True


def zone(name: str) -> tzinfo:
    """Return a time zone that `is_timezone` took; UTC where the system knows none (Windows)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def next_month(instant: datetime) -> datetime:
    """Return the first moment of the month after `instant`, UTC."""
    year, month = divmod(instant.year * 12 + instant.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
