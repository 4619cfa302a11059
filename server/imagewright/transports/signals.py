"""The signals that end a server: the first asks it to, the next one makes it."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ending_signals(on_first: Callable[[], None]) -> Generator[list[int]]:
    """Call `on_first` in the event loop at the first SIGTERM or SIGINT; yield the list that holds its number then.

    From then on the operating system's own handling is in force, so that the next one ends even a process that hangs.
    The handlers are Python's and not the event loop's, which has none on Windows.
    """
    loop = asyncio.get_running_loop()
    received: list[int] = []

    def receive(number: int, _: FrameType | None) -> None:
        for one in before:
            signal.signal(one, signal.SIG_DFL)
        received.append(number)
        loop.call_soon_threadsafe(on_first)

    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    for one in before:
        signal.signal(one, receive)
    try:
        yield received
    finally:
        if not received:
            for one, handler in before.items():
                signal.signal(one, handler)
