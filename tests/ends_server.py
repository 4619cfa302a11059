"""A server of its own for the tests of the stdio transport: it says on stderr what happens to it, in order.

SIGUSR1 releases what waits in it. Arguments: `at-once` (a signal leaves open calls no time), `abrupt` (the end leaves
answers no time), `patient` (it leaves them a minute), `drains` (the end of the lifespan waits to be released),
`attentive` (it says when it has seen the end of stdin).
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio.lowlevel
from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

from imagewright.transports import stdio
from imagewright.transports.wire import Wire

RELEASED = asyncio.Event()


class Consent(BaseModel):
    """What the client is asked for."""

    agreed: bool


class TellingWire(Wire):
    """Says which writes failed, and that stdin ended."""

    async def readline(self) -> str:
        """Read the next line."""
        line = await super().readline()
        if not line and "attentive" in sys.argv:
            say("stdin ended")
        return line

    async def write(self, line: str) -> bool:
        """Write the line."""
        written = await super().write(line)
        if not written:
            say("a write failed")
        return written


def say(event: str) -> None:
    """Tell the test, past every buffer."""
    os.write(2, f"{event}\n".encode())


@asynccontextmanager
async def lifespan(_: MCPServer[None]) -> AsyncGenerator[None]:
    """Say when it begins and ends."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, RELEASED.set)
    say("lifespan begins")
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            if "drains" in sys.argv:
                say("lifespan drains")
                await RELEASED.wait()
            say("lifespan ends")


async def slow() -> str:
    """Wait to be released."""
    say("slow begins")
    try:
        await RELEASED.wait()
    except asyncio.CancelledError:
        say("slow is cancelled")
        raise
    say("slow returns")
    return "slow"


async def quick(text: str, size: int = 0) -> str:
    """Return the text, and so many characters more."""
    say(f"{text} returns")
    return text + " " * size


async def stray() -> str:
    """Print as a careless library does, and read what is the protocol's."""
    print("printed", flush=True)  # noqa: T201  # the offence under test
    os.write(1, b"written past Python\n")
    return f"read {os.read(0, 1)!r}"


async def ask(ctx: Context) -> str:
    """Ask the client."""
    say("ask begins")
    await ctx.elicit("Agreed?", Consent)
    return "answered"


async def written(result: Mapping[str, Any]) -> None:
    """Say whose answer went out."""
    text = result["content"][0]["text"].strip()
    if text == "cursed":
        raise OSError("the disk is full")
    say(f"{text} is written")
    # Longer than the server needs to end.
    for _ in range(100):
        await anyio.lowlevel.checkpoint()
    say(f"{text} is noted")


def main() -> int:
    """Serve."""
    if "at-once" in sys.argv:
        stdio._OPEN_CALLS_SECONDS = 0  # pyright: ignore[reportPrivateUsage, reportConstantRedefinition]  # no test waits
    if "abrupt" in sys.argv or "patient" in sys.argv:
        stdio._LAST_ANSWERS_SECONDS = 0 if "abrupt" in sys.argv else 60  # pyright: ignore[reportPrivateUsage, reportConstantRedefinition]  # the same
    stdio.Wire = TellingWire  # type: ignore[attr-defined]  # pyright: ignore[reportPrivateImportUsage]  # a listener in its place
    mcp = MCPServer("ends", lifespan=lifespan, log_level="WARNING")
    for tool in (slow, quick, stray, ask):
        mcp.add_tool(tool)
    code = anyio.run(stdio.serve, mcp, stdio.Hooks(written, lambda: say("hurry")))
    if "patient" in sys.argv:
        os._exit(code)  # what is not written by now is lost
    return code


if __name__ == "__main__":
    sys.exit(main())
