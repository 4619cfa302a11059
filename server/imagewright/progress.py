"""How a use case tells how far it is."""

from typing import Protocol


class Report(Protocol):
    """Takes progress: how much of how much is done, and a short message for people."""

    async def __call__(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Report; `progress` grows with every call."""


async def no_report(progress: float, total: float | None = None, message: str | None = None) -> None:
    """Take progress and do nothing with it."""
