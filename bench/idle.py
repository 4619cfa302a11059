"""Prints what a server does under thousands of connections that send nothing, or half a header, and stay: how fast it
answers others meanwhile, what memory it takes, and what became of the connections.

    python -m bench.idle [CONNECTIONS]

A generation is drawn all the while by a client of its own; its provider is a sandbox that takes as long as the crowd.
"""

import asyncio
import contextlib
import json
import math
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2

from bench.serving import Serving, headers, message
from bench.slow_sandbox import before_slow_sandbox

CONNECTIONS = 10_000
PICTURE_SECONDS = 20.0
BATCH = 250  # connections that are opened at once
SPARE_FILES = 200  # of this program, beside the connections
HALF = b"GET /health HTTP/1.1\r\nHost: 127"


@dataclass(slots=True)
class Tally:
    """What happened."""

    fates: Counter[str] = field(default_factory=Counter[str])  # of the crowd
    opening: float = 0.0  # seconds
    health: list[float] = field(default_factory=list[float])  # seconds of each answer
    drawn: anyio.Event = field(default_factory=anyio.Event)  # or not
    rss: list[float] = field(default_factory=list[float])  # MiB


def main() -> None:
    """Measure both crowds, and print the table."""
    wanted = int(sys.argv[1]) if sys.argv[1:] else CONNECTIONS
    count = min(wanted, files() - SPARE_FILES)
    if count < wanted:
        print(f"This system gives a process {files()} files: {count} connections.")
    silent = anyio.run(measure, count, b"")
    slow = anyio.run(measure, count, HALF)
    print(f"{f'{count} connections':36}{'silent':>16}{'half a header':>16}")
    for name in sorted(silent.fates | slow.fates):
        print(f"{name:36}{silent.fates[name]:16}{slow.fates[name]:16}")
    print(f"{'connections a second':36}{count / silent.opening:16.0f}{count / slow.opening:16.0f}")
    print(f"{'/health answered':36}{len(silent.health):16}{len(slow.health):16}")
    print(f"{'/health, p50 and p99, ms':36}{_spread(silent.health):>16}{_spread(slow.health):>16}")
    for name, pick in (("memory before, MiB", _first), ("memory at most, MiB", max)):
        print(f"{name:36}{pick(silent.rss):16.0f}{pick(slow.rss):16.0f}")


def files() -> int:
    """Return how many files this process may have, after asking for all that it can get."""
    try:
        import resource  # noqa: PLC0415  # Windows has none, and no such limit
    except ImportError:
        return sys.maxsize
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard > 0 else sys.maxsize


async def measure(count: int, begun: bytes) -> Tally:
    """Open the crowd while somebody draws and somebody asks, and return what happened."""
    tally = Tally()
    with before_slow_sandbox(PICTURE_SECONDS) as server:
        host = server.url.removeprefix("http://")
        asking = [sys.executable, "-m", "bench.pulse", host]
        async with anyio.create_task_group() as group, await anyio.open_process(asking, stderr=None) as pulse:
            group.start_soon(_draw, server, tally)
            group.start_soon(_weigh, server, tally)
            await anyio.sleep(1)
            opening = time.monotonic()
            crowd = await _open(host, count, begun, tally)
            tally.opening = time.monotonic() - opening
            await anyio.sleep(0.5)
            tally.fates.update(_fate(reader) for reader, _ in crowd)
            assert pulse.stdin  # noqa: S101  # opened as pipes
            assert pulse.stdout  # noqa: S101  # the same
            await pulse.stdin.aclose()
            told: dict[str, Any] = json.loads(b"".join([part async for part in pulse.stdout]))
            tally.health = told["took"]
            tally.fates.update(f"/health: {what}" for what in told["failed"])
            for _, writer in crowd:
                writer.close()
            await tally.drawn.wait()
            group.cancel_scope.cancel()
    return tally


async def _draw(server: Serving, tally: Tally) -> None:
    params = {"name": "generate_image", "arguments": {"prompt": "minimalist logo"}}
    async with httpx2.AsyncClient(timeout=60) as http:
        try:
            answer = await http.post(
                f"{server.url}/mcp", headers=headers("tools/call", "generate_image"), json=message("tools/call", params)
            )
            drawn = '"status":"done"' in answer.text
        except httpx2.HTTPError:
            drawn = False
    tally.fates["the drawing client: " + ("got its picture" if drawn else "was cut")] += 1
    tally.drawn.set()


async def _weigh(server: Serving, tally: Tally) -> None:
    while True:
        tally.rss.append(server.rss_mib())
        await anyio.sleep(0.2)


async def _open(host: str, count: int, begun: bytes, tally: Tally) -> list[tuple[Any, Any]]:
    crowd: list[tuple[Any, Any]] = []

    async def join() -> None:
        try:
            reader, writer = await asyncio.open_connection(*host.split(":"))
        except OSError:
            tally.fates["not let in"] += 1
            return
        with contextlib.suppress(OSError):
            writer.write(begun)
        crowd.append((reader, writer))

    while count > 0:
        async with anyio.create_task_group() as group:
            for _ in range(min(BATCH, count)):
                group.start_soon(join)
        count -= BATCH
    return crowd


def _fate(reader: asyncio.StreamReader) -> str:
    """Return what became of a connection, as far as it is known by now."""
    if reader.at_eof() or reader.exception():
        return "closed without a word"
    return "kept"


def _first(values: list[float]) -> float:
    return values[0]


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return " ".join(f"{1000 * ordered[math.ceil(share * len(ordered)) - 1]:.0f}" for share in (0.5, 0.99))


if __name__ == "__main__":
    main()
