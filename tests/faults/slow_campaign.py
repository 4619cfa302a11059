"""Lets a vendor take five minutes, and clients that give up after one wait for it; prints what each of them was told.

    python -m tests.faults.slow_campaign --seconds 300 --typescript FOLDER_WITH_THE_SDK

Nothing is faked: the hand-over, the time-outs and the minutes are real. The Python SDK is told to give up after 60 s,
60 s, the TypeScript SDK does so by itself. Exit code 1: a client timed out, was told something wrong, or was charged
twice.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable  # noqa: TC003  # as in the rest of the project
from dataclasses import dataclass
from pathlib import Path

from mcp import Client, MCPError, StdioServerParameters

from tests.agent import Era, Result
from tests.faults.bank import Bank, bank
from tests.faults.customer import generation_of, meaning
from tests.faults.fault import Fault

PATIENCE_SECONDS = 60
SERVER = ("-P", "-m", "imagewright")
NODE_CLIENT = Path(__file__).parents[2] / "bench" / "slow_client.mjs"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer, and how long it took."""

    status: str
    seconds: float


async def python_client(era: Era, prompt: str, environ: dict[str, str]) -> list[Told]:
    """Draw with the Python SDK over stdio; the last answer is a time-out if one came."""
    parameters = StdioServerParameters(command=sys.executable, args=list(SERVER), env=environ)
    told: list[Told] = []

    async def call(tool: str, **arguments: object) -> Result | None:
        began = time.monotonic()
        try:
            result = Result(await client.call_tool(tool, arguments, read_timeout_seconds=PATIENCE_SECONDS))
        except MCPError as error:
            told.append(Told(str(error), time.monotonic() - began))
            return None
        told.append(Told(meaning(result), time.monotonic() - began))
        return result

    async with Client(parameters, mode=era) as client:
        result = await call("generate_image", prompt=prompt, provider="depicta")
        while result and meaning(result) == "running":
            result = await call("get_generation", generation_id=generation_of(result), wait_seconds=45)
    return told


async def node_client(folder: str, prompt: str, environ: dict[str, str]) -> list[Told]:
    """Draw with the TypeScript SDK that is installed in a folder; the last answer is a time-out if one came."""
    process = await asyncio.create_subprocess_exec(
        *("node", str(NODE_CLIENT), prompt, sys.executable, *SERVER),
        cwd=folder,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, failed = await process.communicate()
    told = [Told(**json.loads(line)) for line in said.splitlines()]
    return told if process.returncode == 0 else [*told, Told(failed.decode()[-300:], 0)]


def table(name: str, told: list[Told], charges: int) -> str:
    """Return one row as text."""
    longest = max(one.seconds for one in told)
    total = sum(one.seconds for one in told)
    running = sum(one.status == "running" for one in told)
    return (
        f"{name:<28}{len(told):>7}{running:>9}{longest:>11.1f} s{total:>9.1f} s{charges:>9}  {told[-1].status[:40]}\n"
    )


def environ_of(vendors: Bank, home: str) -> dict[str, str]:
    """Return the whole environment of a server with the default hand-over."""
    return {**os.environ, **vendors.environ(), "IMAGEWRIGHT_HOME": home, "PYTHONPATH": os.pathsep.join(sys.path)}


async def campaign(seconds: float, typescript: str) -> bool:
    """Run all clients at once, print the table, and return whether all was well."""
    with tempfile.TemporaryDirectory() as folder:
        async with bank() as vendors:
            vendors.always("depicta", Fault(wait_seconds=seconds))
            names: dict[str, Awaitable[list[Told]]] = {}
            for era in ("2026-07-28", "legacy"):
                name = f"Python SDK, {era}"
                names[name] = python_client(era, name, environ_of(vendors, f"{folder}/{era}"))
            if typescript:
                names["TypeScript SDK"] = node_client(
                    typescript, "TypeScript SDK", environ_of(vendors, f"{folder}/node")
                )
            all_told = dict(zip(names, await asyncio.gather(*names.values()), strict=True))
            charges = [one.prompt for one in vendors.ledger.charges]
    sys.stdout.write(f"The vendor takes {seconds:.0f} s, a client gives up after {PATIENCE_SECONDS} s.\n")
    sys.stdout.write(f"{'client':<28}{'answers':>7}{'running':>9}{'longest':>13}{'in all':>11}{'charges':>9}  last\n")
    for name, told in all_told.items():
        sys.stdout.write(table(name, told, charges.count(name)))
    return all(
        told[-1].status == "done"
        and charges.count(name) == 1
        and all(one.seconds < PATIENCE_SECONDS and one.status in {"running", "done"} for one in told)
        for name, told in all_told.items()
    )


def main() -> int:
    """Run the campaign and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, metavar="N", help="that the vendor takes")
    parser.add_argument("--typescript", default="", metavar="FOLDER", help="with its SDK; default: not run")
    options = parser.parse_args()
    return 0 if asyncio.run(campaign(options.seconds, options.typescript)) else 1


if __name__ == "__main__":
    sys.exit(main())
