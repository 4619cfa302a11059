"""Prints how fast the server answers `tools/list` after its process starts, how much memory it takes by then, and how
many bytes it says, beside a bare server of the same SDK with three empty tools, in alternating runs.

    python bench/startup.py [RUNS]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BARE = Path(__file__).with_name("bare_server.py")
SERVERS = {"imagewright": [sys.executable, "-m", "imagewright"], "bare SDK server": [sys.executable, str(BARE)]}
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds from its start to the answer, peak resident memory in MiB at the end."""

    seconds: float
    peak_mib: float


def main() -> None:
    """Alternate the servers, so that both see the same machine, and print the medians."""
    runs = int(sys.argv[1]) if sys.argv[1:] else 15
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "IMAGEWRIGHT_HOME": home, "IMAGEWRIGHT_SANDBOX": "1"}
        results: dict[str, list[Run]] = {name: [] for name in SERVERS}
        for number in range(runs + 1):
            for name, command in SERVERS.items():
                run = _start_and_list(command, environment)
                if number:  # the first of each fills the disk's cache
                    results[name].append(run)
        listed, result = _talk(environment)
    ours, bare = (
        (statistics.median(run.seconds for run in of), statistics.median(run.peak_mib for run in of))
        for of in results.values()
    )
    print(f"{'median of ' + str(runs) + ' runs':34}{'imagewright':>14}{'bare SDK':>12}{'ratio':>8}")
    print(f"{'start to tools/list, ms':34}{ours[0] * 1000:14.0f}{bare[0] * 1000:12.0f}{ours[0] / bare[0]:8.2f}")
    print(f"{'peak memory, MiB':34}{ours[1]:14.1f}{bare[1]:12.1f}{ours[1] / bare[1]:8.2f}")
    print(f"{'bytes of the tools/list answer':34}{_size(listed):14}")
    print(f"{'bytes of a result (one picture)':34}{_size(result):14}")


def _start_and_list(command: list[str], environment: dict[str, str]) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        _handshake(process)
        _ask(process, 2, "tools/list", {})
        seconds = time.perf_counter() - started
    finally:
        peak = _finish(process)
    return Run(seconds, peak)


def _talk(environment: dict[str, str]) -> tuple[Any, Any]:
    process = subprocess.Popen(SERVERS["imagewright"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    try:
        _handshake(process)
        listed = _ask(process, 2, "tools/list", {})
        asked = {"name": "generate_image", "arguments": {"prompt": "a red fox in a snowy forest at dawn"}}
        return listed, _ask(process, 3, "tools/call", asked)
    finally:
        _finish(process)


def _handshake(process: subprocess.Popen[bytes]) -> None:
    _ask(process, 1, "initialize", HELLO)
    _say(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})


def _ask(process: subprocess.Popen[bytes], number: int, method: str, params: dict[str, Any]) -> Any:
    _say(process, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    assert process.stdout  # noqa: S101  # opened as a pipe
    while line := process.stdout.readline():
        answer = json.loads(line)
        if answer.get("id") == number:
            return answer["result"]
    raise SystemExit(f"The server ended before it answered {method}.")


def _say(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert process.stdin  # noqa: S101  # opened as a pipe
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def _finish(process: subprocess.Popen[bytes]) -> float:
    """Close stdin, wait for the end and return the peak memory in MiB; nan where the platform does not tell."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    if not hasattr(os, "wait4"):
        process.wait()
        return float("nan")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _size(result: Any) -> int:
    return len(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())


if __name__ == "__main__":
    main()
