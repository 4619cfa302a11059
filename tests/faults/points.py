"""System calls as places to die: which a server makes after a call was handed to it, and how it is killed at one."""

import asyncio
import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_CALL = re.compile(r"(\d+)\s+(\w+)\(")


@dataclass(frozen=True, slots=True)
class Point:
    """The n-th time that a thread enters a system call, counted from when the request is about to be sent.

    `thread` counts the threads that exist by then, the main one is 0; None is any thread, new ones included.
    """

    thread: int | None
    name: str
    n: int

    def __str__(self) -> str:
        """Return it as a table shows it."""
        return f"{self.name} {self.n} in {'any thread' if self.thread is None else f'thread {self.thread}'}"


def why_not() -> str:
    """Return why no process can be traced here, or nothing."""
    return "" if shutil.which("strace") else "strace is not installed"


@asynccontextmanager
async def recorded(pid: int, file: Path) -> AsyncGenerator[None]:
    """Write down every system call of a process, its new threads included, while the block runs."""
    async with _strace("-f", "-o", str(file), "-p", str(pid)):
        yield


@asynccontextmanager
async def deadly(pid: int, point: Point) -> AsyncGenerator[None]:
    """Kill a process when it enters a system call for the n-th time; the call itself is not carried out."""
    who = ("-f", "-p", str(pid)) if point.thread is None else ("-p", str(threads_of(pid)[point.thread]))
    inject = f"inject={point.name}:signal=KILL:when={point.n}"
    async with _strace("-o", "/dev/null", "-e", f"trace={point.name}", "-e", inject, *who):
        yield


def points_in(file: Path, threads: list[int]) -> list[Point]:
    """Return every point of a record, in the order in which they came.

    `threads` are those that existed when it began. One that came later cannot be traced alone: its points are those
    that it is the first of all threads to reach.
    """
    counts: Counter[tuple[int, str]] = Counter()
    most: Counter[str] = Counter()
    found: list[Point] = []
    for thread, name in _CALL.findall(file.read_text(errors="replace")):
        key = (int(thread), name)
        counts[key] += 1
        if int(thread) in threads:
            found.append(Point(threads.index(int(thread)), name, counts[key]))
        elif counts[key] > most[name]:
            found.append(Point(None, name, counts[key]))
        most[name] = max(most[name], counts[key])
    return found


def threads_of(pid: int) -> list[int]:
    """Return the threads of a process, the main one first, the others as they came."""
    found = sorted(int(one.name) for one in Path(f"/proc/{pid}/task").iterdir())
    return [pid, *(one for one in found if one != pid)]


@asynccontextmanager
async def _strace(*arguments: str) -> AsyncGenerator[None]:
    tracer = await asyncio.create_subprocess_exec("strace", *arguments, stderr=asyncio.subprocess.PIPE)
    assert tracer.stderr
    first = (await tracer.stderr.readline()).decode()
    if "attached" not in first:
        msg = f"strace cannot attach here: {first.strip()}"
        raise OSError(msg)
    draining = asyncio.create_task(tracer.stderr.read())
    try:
        yield
    finally:
        # It lets go of the process then; of one that was killed it has let go already. Not `terminate`: that would take
        # the exit code of one that has just ended away from whoever waits for it.
        with suppress(ProcessLookupError):
            os.kill(tracer.pid, signal.SIGTERM)
        await draining
        await tracer.wait()
