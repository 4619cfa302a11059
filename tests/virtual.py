"""An event loop whose time is made up: where everybody waits, the next moment has come at once."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec

P = ParamSpec("P")


class _Selector(selectors.SelectSelector):
    """Lets the time pass that it should wait."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits, and nothing will ever happen: a wake-up was lost"
        self.passed += max(0.0, timeout)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop for tests without input or output."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._made_up = _Selector()
        super().__init__(self._made_up)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._made_up.passed


def in_made_up_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an asynchronous test in such a loop."""

    @wraps(test)
    def run(*args: P.args, **options: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(test(*args, **options))

    return run
