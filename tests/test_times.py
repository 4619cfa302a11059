"""The moment at which a post goes out: ISO 8601 with an offset or a zone, read into UTC, never guessed."""

from datetime import UTC, datetime

import pytest

from imagewright.errors import RequestError
from imagewright.times import moment, zone_of

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2027-01-31T09:00:00Z", None, "2027-01-31T09:00"),
        ("2027-01-31T09:00:00+01:00", None, "2027-01-31T08:00"),
        ("2027-01-31T09:00:00.500-08:00", None, "2027-01-31T17:00"),
        ("2027-01-31T09:00+05:45", None, "2027-01-31T03:15"),
        (" 2027-01-31 09:00:00+00:00 ", None, "2027-01-31T09:00"),
        ("20270131T090000Z", None, "2027-01-31T09:00"),
        ("2027-01-31T09:00:00", "Europe/Berlin", "2027-01-31T08:00"),
        ("2027-07-31T09:00:00", "Europe/Berlin", "2027-07-31T07:00"),
        ("2027-01-31T09:00", "Asia/Kathmandu", "2027-01-31T03:15"),
        ("2027-01-31", "America/New_York", "2027-01-31T05:00"),
        ("2027-01-31T09:00:00", "UTC", "2027-01-31T09:00"),
        ("2027-01-31T23:30:00-11:00", None, "2027-02-01T10:30"),
        # An offset says more than a zone, which is then for display only.
        ("2027-01-31T09:00:00+01:00", "Asia/Tokyo", "2027-01-31T08:00"),
        # The hour that comes twice in autumn: the first of the two.
        ("2027-10-31T02:30:00", "Europe/Berlin", "2027-10-31T00:30"),
        # Half an hour that Berlin skips on this night, and London does not.
        ("2027-03-28T02:30:00", "Europe/London", "2027-03-28T01:30"),
    ],
)
def test_a_moment_is_read_into_utc(text: str, zone: str | None, utc: str) -> None:
    """With an offset, or as a local time of a zone, summer time included."""
    read = moment(text, zone, NOW)

    assert (utc, UTC) == (f"{read:%Y-%m-%dT%H:%M}", read.tzinfo)


@pytest.mark.parametrize("text", ["2027-01-31T09:00:00", "2027-01-31", "2027-01-31 09:00"])
def test_a_local_time_needs_a_zone(text: str) -> None:
    """The machine's own zone is nobody's answer."""
    with pytest.raises(RequestError, match=r"needs an offset such as .* or a timezone"):
        moment(text, None, NOW)


@pytest.mark.parametrize(
    ("text", "zone"), [("2027-03-28T02:30:00", "Europe/Berlin"), ("2027-03-14T02:00:00", "America/New_York")]
)
def test_an_hour_that_the_clocks_skip_is_refused(text: str, zone: str) -> None:
    """In spring: neither of its neighbours was meant for sure."""
    with pytest.raises(RequestError, match=r"does not exist in .*: the clocks skip it"):
        moment(text, zone, NOW)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-11-21T08:00:00Z", None),
        ("2026-11-21T07:59:59Z", None),
        ("2026-11-21T09:00:00+01:00", None),
        ("2026-11-21T08:30:00", "Europe/Berlin"),
        ("0002-01-01T00:00:00Z", None),
    ],
)
def test_a_past_moment_is_refused(text: str, zone: str | None) -> None:
    """By the moment, not by what the clock on the wall shows; and now is past. The text says what time it is."""
    with pytest.raises(RequestError, match="is in the past: it is 2026-11-21T08:00:00Z now"):
        moment(text, zone, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "tomorrow at nine",
        "31.01.2027 09:00",
        "2027-13-01T00:00:00Z",
        "2027-02-30T00:00:00Z",
        "2027-01-31T25:00:00Z",
        "1801386000",
        "2027-01-31T09:00:00+99:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "x" * 10_000,
    ],
)
def test_what_is_no_moment_is_quoted_back(text: str) -> None:
    """Cut, in quotation marks, with an example; the first and the last day of the calendar are none either."""
    with pytest.raises(RequestError, match="takes ISO 8601 such as 2027-01-31T09:00:00") as raised:
        moment(text, None, NOW)

    assert len(str(raised.value)) < 200
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59", "0001-01-01T00:00:00"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_edges_of_the_calendar_are_errors_of_ours(text: str, zone: str) -> None:
    """Some of them have no UTC at all."""
    far = datetime.max.replace(tzinfo=UTC)

    with pytest.raises(RequestError):
        moment(text, zone, far)


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "", "CEST ", "../../etc/passwd", "/etc/localtime", "Europe", "a\x00b", "é", "x" * 5000, "."],
)
def test_what_is_no_zone_is_quoted_back(name: str) -> None:
    """A zone's name is a path somewhere: nothing outside is opened, and no exception of a library gets out."""
    with pytest.raises(RequestError, match="takes an IANA name such as Europe/Berlin") as raised:
        zone_of(name)

    assert len(str(raised.value)) < 200


def test_a_zone_that_is_wrong_is_refused_beside_an_offset_as_well() -> None:
    """It would be sent along."""
    with pytest.raises(RequestError, match="takes an IANA name"):
        moment("2027-01-31T09:00:00Z", "Mars/Olympus", NOW)
