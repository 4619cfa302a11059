"""Time for those who wait for a paused lane: it passes while they wait, and takes none."""

import anyio
import pytest

from imagewright import lanes


def pass_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let every pause of a lane be over as soon as somebody waits for it; return the seconds that were passed over."""
    passed: list[float] = []

    async def rest(seconds: float, _: anyio.Event) -> None:
        passed.append(seconds)

    monkeypatch.setattr(lanes, "rest", rest)
    monkeypatch.setattr(lanes, "now", lambda: anyio.current_time() + sum(passed))
    return passed
