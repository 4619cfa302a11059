"""Runs the server with the waits between looks, and before a resend, left out; for those that look they have passed."""

import ctypes
import sys
from datetime import UTC, datetime, timedelta

from imagewright import cli, looking, sending

_PR_SET_PTRACER = 0x59616D61  # prctl(2); where Yama is on, only an ancestor may trace otherwise


def main() -> int:
    """Run the command line."""
    skipped = timedelta(0)

    async def skip(seconds: float) -> None:
        nonlocal skipped
        skipped += timedelta(seconds=seconds)

    sending.sleep = skip
    looking.sleep = skip
    looking.now = lambda: datetime.now(UTC) + skipped
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, -1, 0, 0, 0)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
