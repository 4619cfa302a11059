"""Servers as processes of their own, what they take, and what they are asked: for the measurements over HTTP."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "bench-token_bench-token"  # noqa: S105  # of servers that live as long as the measurement
_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "0"},
}
_STARTS_SECONDS = 30
_ENDS_SECONDS = 10
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Serving:
    """A process that serves at `url`, such as `http://127.0.0.1:8000`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path  # what it says on stderr

    def failures(self) -> int:
        """Return how many stacks are in its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").count("Traceback")

    def rss_mib(self) -> float:
        """Return its resident memory in MiB; nan where the platform does not tell."""
        pid = self.process.pid
        try:
            if sys.platform == "linux":
                return int(re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0]) / 1024
            told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)  # noqa: S607  # wherever ps is
            return int(told.stdout) / 1024
        except (OSError, ValueError, IndexError, subprocess.CalledProcessError):
            return float("nan")

    def cpu_seconds(self) -> float:
        """Return the processor time that it has taken; nan where the platform does not tell."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def serving(command: list[str], says: str, environ: Mapping[str, str] | None = None) -> Generator[Serving]:
    """Run a Python program until the block ends; `says` is the pattern of a line on stderr that has its URL."""
    bare = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("wb") as said,
            subprocess.Popen([sys.executable, *command], env={**bare, **(environ or {})}, stderr=said) as process,
        ):
            try:
                yield Serving(_url(process, log, says), process, log)
            finally:
                process.terminate()
                try:
                    process.wait(_ENDS_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()


def _url(process: subprocess.Popen[bytes], log: Path, says: str) -> str:
    deadline = time.monotonic() + _STARTS_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(says, log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        time.sleep(0.05)
    raise SystemExit(f"A server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def headers(method: str, name: str = "") -> dict[str, str]:
    """Return the headers of a request of 2026-07-28."""
    told = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": method,
    }
    return told | ({"Mcp-Name": name} if name else {})


def message(method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the body of a request of 2026-07-28, which needs no session."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**(params or {}), "_meta": _META}}
