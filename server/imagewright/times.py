"""Reads the moment at which a post is to go out."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from imagewright.errors import RequestError
from imagewright.text import quote


def moment(text: str, timezone: str | None, now: datetime) -> datetime:
    """Return `text` as a moment in UTC: ISO 8601 with an offset, or a local time of the IANA zone `timezone`.

    Raises:
        RequestError: It is no such time, it has neither offset nor zone, it does not exist there, or it is past.
    """
    unreadable = f"scheduled_for takes ISO 8601 such as 2027-01-31T09:00:00+01:00, not {quote(text, 60)}."
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RequestError(unreadable) from None
    zone = None if timezone is None else zone_of(timezone)
    if read.tzinfo is None and zone is None:
        raise RequestError("scheduled_for needs an offset such as +01:00 or Z, or a timezone such as Europe/Berlin.")
    try:
        utc = (_local(read, zone) if zone and read.tzinfo is None else read).astimezone(UTC)
    except OverflowError:  # the first and the last day of the calendar
        raise RequestError(unreadable) from None
    if utc <= now:
        raise RequestError(f"scheduled_for is in the past: it is {now:%Y-%m-%dT%H:%M:%SZ} now. Name a later time.")
    return utc


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises:
        RequestError: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RequestError(f"timezone takes an IANA name such as Europe/Berlin, not {quote(name, 60)}.") from None


def _local(read: datetime, zone: ZoneInfo) -> datetime:
    local = read.replace(tzinfo=zone)
    # In the hour that a clock skips in spring, going to UTC and back changes the time on the clock.
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != read:
        raise RequestError(
            f"{read:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks skip it. Name another time."
        )
    return local
