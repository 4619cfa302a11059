"""Prints what happens when 200 clients draw pictures of five seconds at once, for minutes, beside a bare server of the
same SDK whose tool sleeps for five seconds: how many were drawn, what else was answered, how fast the cheap tools are
meanwhile, and what memory does.

    python -m bench.load [SECONDS [CLIENTS]]

The servers run one after the other: `imagewright serve --transport http`, whose four providers are a sandbox in a
process of its own that takes five seconds for a picture, and then the bare one. A client draws, follows a generation
that was handed over to its end, waits as long as a picture takes when it is told that the server is busy, and draws
again.
"""

import itertools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2

from bench.bare_http import SECONDS as PICTURE_SECONDS
from bench.probe import CHEAP
from bench.serving import Serving, headers, message, serving
from bench.slow_sandbox import KEYS, before_slow_sandbox

CLIENTS = 200
RUN_SECONDS = 120.0
GUARD_SECONDS = 90.0
# The sandbox paints a logo in 30 ms of a processor, a landscape in 130: painting is not what is measured.
PROMPT = "minimalist logo for company number {}"


@dataclass(slots=True)
class Tally:
    """What happened at one server."""

    outcomes: Counter[str] = field(default_factory=Counter[str])  # of clients that drew: "done", or what else
    drawing: list[float] = field(default_factory=list[float])  # seconds of each picture
    cheap: dict[str, list[float]] = field(default_factory=dict[str, list[float]])  # by what was asked: seconds of each
    rss: list[float] = field(default_factory=list[float])  # MiB, each second
    cpu: float = 0.0  # processor time of the server, a share of one processor
    failures: int = 0  # stacks in its log


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls tools at one server."""

    http: httpx2.AsyncClient
    url: str

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of a request; an error of the protocol or of HTTP is one of code `rpc` or `http`."""
        name = str((params or {}).get("name", ""))
        answer = await self.http.post(
            f"{self.url}/mcp", headers=headers(method, name), json=message(method, params), timeout=GUARD_SECONDS
        )
        if answer.status_code != 200:  # noqa: PLR2004  # OK
            return _error(f"http {answer.status_code}")
        text = answer.text
        if answer.headers["content-type"].startswith("text/event-stream"):
            text = [line for line in text.splitlines() if line.startswith("data: ")][-1].removeprefix("data: ")
        said: dict[str, Any] = json.loads(text)
        result: dict[str, Any] = said.get("result") or _error(f"rpc {said.get('error', {}).get('code')}")
        return result

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return the result of a tool."""
        return await self.ask("tools/call", {"name": tool, "arguments": arguments})


def main() -> None:
    """Measure one server after the other, and print the table."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else RUN_SECONDS
    clients = int(sys.argv[2]) if sys.argv[2:] else CLIENTS
    with before_slow_sandbox(PICTURE_SECONDS) as server:
        mine = anyio.run(measure, server, seconds, clients, _draw)
    with bare() as server:
        theirs = anyio.run(measure, server, seconds, clients, _sleep)
    show(mine, theirs, seconds, clients)


@contextmanager
def bare() -> Generator[Serving]:
    """Run the bare server."""
    with serving(["-m", "bench.bare_http"], r"bare: (http://\S+)") as server:
        yield server


async def measure(
    server: Serving, seconds: float, clients: int, draw: Callable[[Caller, int, int], Awaitable[str]]
) -> Tally:
    """Keep the clients drawing for so long, and return what happened."""
    tally = Tally()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(limits=limits) as http:
        await Caller(http, server.url).ask("tools/list")
        cpu, began = server.cpu_seconds(), time.monotonic()
        async with anyio.create_task_group() as group:
            for number in range(clients):
                # Spread over the first picture: in step, what is measured is how fast one program can make requests.
                late = PICTURE_SECONDS * number / clients
                group.start_soon(_keep_drawing, Caller(http, server.url), number, late, tally, draw)
            group.start_soon(_weigh, server, tally)
            command = [sys.executable, "-m", "bench.probe", server.url.removeprefix("http://"), str(seconds)]
            probed: dict[str, Any] = json.loads((await anyio.run_process(command)).stdout)
            tally.cpu = (server.cpu_seconds() - cpu) / (time.monotonic() - began)
            tally.failures = server.failures()
            tally.cheap = probed["took"]
            tally.outcomes.update(probed["failed"])
            group.cancel_scope.cancel()
    return tally


async def _keep_drawing(
    caller: Caller, number: int, late: float, tally: Tally, draw: Callable[[Caller, int, int], Awaitable[str]]
) -> None:
    await anyio.sleep(late)
    for turn in itertools.count():
        began = time.monotonic()
        try:
            outcome = await draw(caller, number, turn)
        except httpx2.HTTPError as error:
            outcome = type(error).__name__
        tally.outcomes[outcome] += 1
        if outcome == "done":
            tally.drawing.append(time.monotonic() - began)
        else:
            await anyio.sleep(PICTURE_SECONDS)


async def _draw(caller: Caller, number: int, turn: int) -> str:
    provider = tuple(KEYS)[number % len(KEYS)]
    prompt = PROMPT.format(f"{number} of {turn}")
    told = _told(await caller.call("generate_image", prompt=prompt, provider=provider))
    while told["status"] == "running":
        told = _told(await caller.call("get_generation", generation_id=told["generation_id"], wait_seconds=45))
    codes = [str(one["code"]) for one in told.get("failures") or ()]
    return codes[0] if codes else str(told["status"])


async def _sleep(caller: Caller, number: int, turn: int) -> str:
    result = await caller.call("generate_image", prompt=PROMPT.format(f"{number} of {turn}"))
    return "isError" if result.get("isError") else "done"


async def _weigh(server: Serving, tally: Tally) -> None:
    while True:
        tally.rss.append(server.rss_mib())
        await anyio.sleep(1)


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """Return what a result says; the status of an error is its code."""
    error: dict[str, Any] = result.get("_meta", {}).get("imagewright/error", {})
    if result.get("isError"):
        return {"status": error.get("code", "isError")}
    structured: dict[str, Any] = result["structuredContent"]
    return structured


def _error(code: str) -> dict[str, Any]:
    return {"isError": True, "_meta": {"imagewright/error": {"code": code}}}


def show(mine: Tally, theirs: Tally, seconds: float, clients: int) -> None:
    """Print the table."""
    both = (mine, theirs)
    _row(f"{clients} clients, {seconds:g} s", "imagewright", "bare SDK")
    _row("pictures", *(str(one.outcomes["done"]) for one in both))
    _row("answered that it is busy", *(str(one.outcomes["busy"]) for one in both))
    _row("other errors", *(str(one.outcomes.total() - one.outcomes["done"] - one.outcomes["busy"]) for one in both))
    _row("a picture, p50 and p99, s", *(_spread(one.drawing, 1, ".1f") for one in both))
    for name in CHEAP:
        # Ours asks the providers each time for what they have and for the balances.
        _row(f"{name}, p50 and p99, ms", *(_spread(one.cheap[name], 1000, ".0f") for one in both))
    for share in (0.0, 0.25, 0.5, 1.0):
        _row(f"memory at {share:.0%}, MiB", *(f"{one.rss[round(share * (len(one.rss) - 1))]:.0f}" for one in both))
    _row("stacks in its log", *(str(one.failures) for one in both))
    _row("of one processor", *(f"{one.cpu:.0%}" for one in both))
    others = {code: count for code, count in mine.outcomes.items() if code not in {"done", "busy"}}
    if others:
        print(f"other errors of imagewright: {others}")


def _row(name: str, mine: str, theirs: str) -> None:
    print(f"{name:36}{mine:>16}{theirs:>16}")


def _spread(seconds: list[float], times: int, form: str) -> str:
    if not seconds:
        return "-"
    ordered = sorted(seconds)
    return " ".join(format(times * ordered[math.ceil(share * len(ordered)) - 1], form) for share in (0.5, 0.99))


if __name__ == "__main__":
    main()
