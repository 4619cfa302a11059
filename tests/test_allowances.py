"""What headers say of when to come back, in every form that vendors and the drafts of the IETF give them."""

from datetime import UTC, datetime

import pytest

from imagewright.allowances import Allowance, Window, allowance
from imagewright.models import Reply

NOW = datetime(2026, 4, 10, 12, 0, 2, tzinfo=UTC)  # by our clock, which is two seconds ahead of theirs
THEIRS = {"date": "Fri, 10 Apr 2026 12:00:00 GMT"}
UNIX = 1_775_822_400  # theirs


def of(headers: dict[str, str]) -> Allowance:
    """What an answer with these headers says."""
    return allowance(Reply(200, THEIRS | headers, b"", NOW))


@pytest.mark.parametrize(
    ("headers", "windows"),
    [
        # https://developers.posteverywhere.ai/rate-limits: unix seconds
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(UNIX + 32)}, [(12, 32)]),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(UNIX - 5)}, [(0, 0)]),
        # https://docs.hitheo.ai/security/rate-limiting: seconds with an s
        ({"x-ratelimit-remaining-requests": "47", "x-ratelimit-reset-requests": "58s"}, [(47, 58)]),
        ({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": " 0.5s "}, [(1, 0.5)]),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "42s"}, []),  # pictures count as requests
        # draft-ietf-httpapi-ratelimit-headers, up to -06, -07, and since -08
        ({"ratelimit-limit": "100", "ratelimit-remaining": "5", "ratelimit-reset": "50"}, [(5, 50)]),
        ({"ratelimit": "limit=100, remaining=50, reset=5"}, [(50, 5)]),
        ({"ratelimit": '"default";r=50;t=30'}, [(50, 30)]),
        ({"ratelimit": '"burst";r=0;t=2, "daily" ; r=999 ; t=3600;pk=:dHJpYWwxMjEzMjM=:'}, [(0, 2), (999, 3600)]),
        ({"ratelimit": '"a;r=0;t=9, b";r=7'}, [(7, None)]),
        ({"ratelimit": "default;r=3;t=4"}, [(3, 4)]),
        # half of it
        ({"x-ratelimit-remaining": "0"}, [(0, None)]),
        ({"x-ratelimit-reset": str(UNIX + 9)}, [(None, 9)]),
        # nonsense
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "soon"}, []),
        ({"x-ratelimit-remaining": "60, 59", "x-ratelimit-reset": "1e9"}, []),
        ({"x-ratelimit-remaining-requests": "NaN", "x-ratelimit-reset-requests": "1m30s"}, []),
        ({"ratelimit-remaining": "\u0665", "ratelimit-reset": "inf"}, []),
        ({"ratelimit": '"default";r=-5;t=1e3'}, []),
        ({"ratelimit": '"' * 5_000 + ";r=" * 5_000}, []),
        ({"ratelimit": "9" * 100_000}, []),
        ({}, []),
    ],
)
def test_the_windows_that_headers_tell(headers: dict[str, str], windows: list[tuple[int | None, float | None]]) -> None:
    """What is left in each, and in how many seconds it begins anew; what cannot be read counts as absent."""
    assert tuple(Window(*window) for window in windows) == of(headers).windows


@pytest.mark.parametrize(
    ("headers", "told", "spent"),
    [
        ({}, None, None),
        ({"retry-after": "7"}, 7, None),
        ({"retry-after": "Fri, 10 Apr 2026 12:00:30 GMT"}, 30, None),
        ({"retry-after": "Fri, 10 Apr 2026 11:00:00 GMT"}, 0, None),
        ({"retry-after": "soon"}, None, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "50"}, 50, 50),
        ({"ratelimit-remaining": "1", "ratelimit-reset": "50"}, 50, 50),
        ({"ratelimit-remaining": "2", "ratelimit-reset": "50"}, 50, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "50", "retry-after": "3"}, 3, 50),
        ({"ratelimit-reset": "50"}, 50, None),
        ({"ratelimit-remaining": "0"}, None, None),
        ({"ratelimit": '"burst";r=0;t=2, "day";r=9;t=3600'}, 2, 2),
        ({"ratelimit": '"burst";r=1;t=2, "day";r=0;t=3600'}, 3600, 3600),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], told: float | None, spent: float | None) -> None:
    """After a refusal what is told; after any other answer until a window that is all but used up begins anew."""
    said = of(headers)

    assert (told, spent) == (said.told_seconds, said.spent_seconds())


def test_requests_in_flight_count_against_what_is_left() -> None:
    """The answer may have been written before they arrived."""
    said = of({"ratelimit-remaining": "3", "ratelimit-reset": "50"})

    assert [None, 50, 50] == [said.spent_seconds(in_flight) for in_flight in (2, 3, 4)]
