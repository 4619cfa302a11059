"""A client of the plainest kind: a server process, and JSON-RPC lines over its pipes, in either era."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from mcp.types import CallToolResult

from tests.agent import Era, Result

Json = dict[str, Any]

_INFO = {"name": "rpc", "version": "0"}
_MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": _INFO,
}
_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(slots=True)
class Waiting:
    """One request under way. `answer` is None if the process ended before it answered."""

    request_id: int
    answer: "asyncio.Future[Json | None]"
    progress: asyncio.Event  # set by the first notification of progress

    async def result(self) -> Result | None:
        """Return the result of a tool, or None if the process ended before it."""
        answer = await self.answer
        return None if answer is None else Result(CallToolResult.model_validate(answer["result"]))


class Process:
    """A running server process."""

    def __init__(self, process: asyncio.subprocess.Process, era: Era) -> None:
        """Take over a process that was started."""
        self._process = process
        self._era = era
        self._ids = count(1)
        self._waiting: dict[int, Waiting] = {}
        self._reading = asyncio.create_task(self._read())
        self._hearing = asyncio.create_task(self._hear())
        self.said_on_stderr = ""

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def ask(self, method: str, params: Mapping[str, Any]) -> Waiting:
        """Send a request and return at once."""
        request_id = next(self._ids)
        meta = {"progressToken": request_id, **(_MODERN if self._era != "legacy" else {})}
        self._say({"id": request_id, "method": method, "params": {**params, "_meta": meta}})
        waiting = Waiting(request_id, asyncio.get_running_loop().create_future(), asyncio.Event())
        self._waiting[request_id] = waiting
        return waiting

    def call(self, tool: str, **arguments: Any) -> Waiting:
        """Call a tool and return at once."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def draw(self, provider: str, **arguments: Any) -> Waiting:
        """Call `generate_image`, with a prompt if none is given, and return at once."""
        return self.call("generate_image", **{"prompt": "a fox", "provider": provider, **arguments})

    def cancel(self, waiting: Waiting) -> None:
        """Give a request up."""
        self._say({"method": "notifications/cancelled", "params": {"requestId": waiting.request_id}})

    async def greet(self) -> None:
        """Wait until the process is up and the era of the protocol is settled."""
        if self._era == "legacy":
            hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": _INFO}
            await self.ask("initialize", hello).answer
            self._say({"method": "notifications/initialized"})
        await self.ask("tools/list", {}).answer

    def end_stdin(self) -> None:
        """Say that nothing more will come."""
        if self._process.stdin:
            self._process.stdin.close()

    def signal(self, number: int) -> None:
        """Send a signal; the process may have ended already."""
        # Not `send_signal`: that would take the exit code of one that has just ended away from whoever waits for it.
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, number)

    async def ended(self) -> int:
        """Wait for the end, with all that it said read; return the exit code."""
        await asyncio.gather(self._reading, self._hearing)
        return await self._process.wait()

    def _say(self, message: Json) -> None:
        assert self._process.stdin
        with suppress(ConnectionError):
            self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def _read(self) -> None:
        assert self._process.stdout
        while (line := await self._process.stdout.readline()).endswith(b"\n"):
            message: Json = json.loads(line)
            if message.get("method") == "notifications/progress":
                self._waiting[message["params"]["progressToken"]].progress.set()
            elif waiting := self._waiting.pop(message.get("id", 0), None):
                waiting.answer.set_result(message)
        # A line without its end was cut by the end of the process: it is no answer.
        for waiting in self._waiting.values():
            waiting.answer.set_result(None)
            waiting.progress.set()

    async def _hear(self) -> None:
        assert self._process.stderr
        async for line in self._process.stderr:
            self.said_on_stderr += line.decode()


@asynccontextmanager
async def server(environ: Mapping[str, str], era: Era = "2026-07-28") -> AsyncGenerator[Process]:
    """Start a server process with these settings, and kill it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "tests.faults.quick"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        limit=_LONGEST_LINE,
    )
    running = Process(process, era)
    try:
        await running.greet()
        yield running
    finally:
        running.signal(signal.SIGKILL)
        await running.ended()
