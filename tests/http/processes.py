"""The command `imagewright serve --transport http` as a real process."""

import os
import re
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from tests.http.hosted import TOKEN

GUARD_SECONDS = 60  # not reached: it turns a server that hangs into a failure


@dataclass(slots=True)
class Running:
    """A server process, and what it has said so far."""

    process: Process
    said: list[str] = field(default_factory=list[str])
    url: str = ""

    async def end(self) -> int:
        """Wait for its end, and return its exit code."""
        assert self.process.stderr
        with suppress(anyio.EndOfStream):
            while True:
                self.said.append((await self.process.stderr.receive()).decode())
        return await self.process.wait()

    @property
    def stderr(self) -> str:
        """All that it said."""
        return "".join(self.said)


@asynccontextmanager
async def started(environ: Mapping[str, str], *arguments: str, token: str = TOKEN) -> AsyncGenerator[Running]:
    """Start the command on a free port while the block runs; with `token` "" it makes its own."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    command = [sys.executable, "-P", "-m", "imagewright", "serve", "--transport", "http", "--port", "0", *arguments]
    told = {**bare, "IMAGEWRIGHT_TOKEN": token, "PYTHONPATH": os.pathsep.join(sys.path), **environ}
    with anyio.fail_after(GUARD_SECONDS):
        async with await anyio.open_process(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=told) as process:
            try:
                assert process.stderr
                running = Running(process)
                lines = BufferedByteReceiveStream(process.stderr)
                while not (found := re.search(r"MCP is at (\S+)/mcp", running.stderr)):
                    running.said.append((await lines.receive_until(b"\n", 10_000)).decode() + "\n")
                running.said.append(lines.buffer.decode())
                running.url = found[1]
                yield running
            finally:
                if process.returncode is None:
                    process.kill()
