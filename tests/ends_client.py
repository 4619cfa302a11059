"""A client of the server in `ends_server.py`, with its own hands on the pipes, and ears for what the server tells."""

import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

SERVER = Path(__file__).with_name("ends_server.py")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
}
MORE_THAN_A_PIPE_HOLDS = 1_000_000
# Not reached: it turns a server that hangs into a failure.
GUARD_SECONDS = 60


class Running:
    """A server process, as its client sees it."""

    def __init__(self, process: Process, stdout: int) -> None:
        assert process.stdin
        assert process.stderr
        self.process = process
        self.events: list[str] = []
        self.answers: dict[Any, dict[str, Any]] = {}
        self._stdin = process.stdin
        self._stdout = stdout
        self._stderr = BufferedByteReceiveStream(process.stderr)
        self._read = bytearray()

    async def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        await self._stdin.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def call(self, number: int | str, tool: str, **arguments: Any) -> None:
        """Call a tool in the stateless era."""
        params = {"name": tool, "arguments": arguments, "_meta": META}
        await self.say({"id": number, "method": "tools/call", "params": params})

    async def event(self) -> str:
        """Return the next thing that the server says of itself."""
        self.events.append((await self._stderr.receive_until(b"\n", 10_000)).decode())
        return self.events[-1]

    async def until(self, event: str) -> None:
        """Read what the server says of itself until it is this."""
        while await self.event() != event:
            pass

    async def answer(self) -> dict[str, Any] | None:
        """Read the next message; None at the end."""
        while b"\n" not in self._read:
            await anyio.wait_readable(self._stdout)
            if not (data := os.read(self._stdout, 65_536)):
                return None
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        self.answers[answer.get("id")] = answer
        return answer

    async def rest(self) -> None:
        """Read all messages that are left."""
        while await self.answer():
            pass

    def lies_in_the_pipe(self, text: str) -> bool:
        """Say whether the text can be read now, without waiting."""
        with suppress(BlockingIOError):
            while data := os.read(self._stdout, 65_536):
                self._read += data
        return text.encode() in self._read

    def text(self, number: int | str) -> str:
        """Return what the tool of this call said."""
        return str(self.answers[number]["result"]["content"][0]["text"])

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(signal.Signals(number))

    def release(self) -> None:
        """Let what waits in the server go on."""
        self.signal(signal.SIGUSR1)

    async def close_stdin(self) -> None:
        """End the conversation as a client does."""
        await self._stdin.aclose()

    def close_stdout(self) -> None:
        """Leave what the server writes without a reader."""
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, self._stdout)
        os.close(null)

    async def end(self) -> int:
        """Read all that it still says of itself, and return its exit code."""
        with suppress(anyio.EndOfStream, anyio.IncompleteRead):
            while True:
                await self.event()
        return await self.process.wait()


@asynccontextmanager
async def running(*arguments: str) -> AsyncGenerator[Running]:
    """Start the server; its lifespan has begun."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    stdout, far_end = os.pipe()
    os.set_blocking(stdout, False)
    with anyio.fail_after(GUARD_SECONDS), ExitStack() as ends:
        ends.callback(os.close, stdout)
        process = await anyio.open_process(
            [sys.executable, str(SERVER), *arguments], stdin=PIPE, stdout=far_end, stderr=PIPE, env=environment
        )
        os.close(far_end)
        async with process:
            try:
                server = Running(process, stdout)
                await server.until("lifespan begins")
                yield server
            finally:
                if process.returncode is None:
                    process.kill()
