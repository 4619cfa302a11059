"""The commands of the README, for a machine that has Python 3.11 or newer and nothing else.

    python3 dev.py try "a red fox in a snowy forest"     draw a picture through the MCP server; no key is needed
    python3 dev.py check                                 everything that a change must pass
    python3 dev.py conformance                           the public MCP conformance suite, against the server over HTTP

Each makes its own virtual environment in `.venv` and installs what it needs. Standard library only.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "constraints.txt"
OLDEST = (3, 11)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    if arguments[:1] == ["try"]:
        install("")
        prompt = arguments[1:] or ["a red fox in a snowy forest at dawn"]
        return subprocess.run([program(VENV, "imagewright"), "generate", *prompt], check=False).returncode
    if arguments == ["check"]:
        install("dev")
        for step in (lint, types, layers, tests, wheel):
            started = time.monotonic()
            print(f"--- {step.__name__}", flush=True)
            step()
            print(f"    {step.__name__}: {time.monotonic() - started:.0f} s", flush=True)
        print("All is well.")
        return 0
    if arguments == ["conformance"]:
        install("dev")
        run(VENV, "python", str(ROOT / "scripts" / "conformance.py"))
        return 0
    print(__doc__)
    return 2


def install(extra: str) -> None:
    """Make the environment and install the checkout into it, unless that has been done for these very files."""
    stamp = VENV / f"installed{extra and '-'}{extra}"
    files = (ROOT / "pyproject.toml", LOCK)
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Setting up .venv, once ...", flush=True)
    # uv makes one without pip, and a first try may have been cut short: both are made anew.
    if not has_pip(VENV):
        venv.create(VENV, with_pip=True, clear=True)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    run(VENV, "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", str(LOCK), "-e", target)
    stamp.write_text(wanted)


def has_pip(environment: Path) -> bool:
    """Whether pip runs in an environment."""
    try:
        asked = subprocess.run(
            [program(environment, "python"), "-m", "pip", "--version"], capture_output=True, check=False
        )
    except OSError:
        return False
    return asked.returncode == 0


def lint() -> None:
    """Hold the code against ruff's rules and its form."""
    run(VENV, "ruff", "check", str(ROOT))
    run(VENV, "ruff", "format", "--check", str(ROOT))


def types() -> None:
    """Check the types, strictly and twice: the two checkers find different things."""
    run(VENV, "basedpyright")
    run(VENV, "mypy")


def layers() -> None:
    """Check who may import whom."""
    run(VENV, "lint-imports")


def tests() -> None:
    """Run the tests, on all cores."""
    run(VENV, "pytest", "-n", "auto", "--dist", "worksteal")


def wheel() -> None:
    """Install the built wheel as a user does, shake hands with its server and draw a picture with it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run(VENV, "pyproject-build", "--wheel", "--outdir", folder, str(ROOT))
        (built,) = place.glob("*.whl")
        fresh = place / "venv"
        venv.create(fresh, with_pip=True)
        # Without the lock: a user gets what the version bounds resolve to today.
        run(fresh, "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", str(built))
        tools = greet(fresh, place)
        if "generate_image" not in tools:
            sys.exit(f"The wheel's server lists {tools}.")
        drawn = run(fresh, "imagewright", "generate", "a red fox", "--out", folder, "--json", place=place)
        (picture,) = (Path(file) for file in json.loads(drawn)["files"])
        if not picture.read_bytes().startswith(PICTURES):
            sys.exit(f"The wheel's picture {picture.name} is no picture.")


def greet(environment: Path, place: Path) -> list[str]:
    """Shake hands as an old client does, by hand, and return the names of the tools."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "dev", "version": "0"}}
    messages = (
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    )
    spoken = "".join(json.dumps(message) + "\n" for message in messages)
    answers = run(environment, "imagewright", place=place, spoken=spoken)
    return [tool["name"] for tool in json.loads(answers.splitlines()[-1])["result"]["tools"]]


def run(environment: Path, name: str, *arguments: str, place: Path = ROOT, spoken: str | None = None) -> str:
    """Run a program of an environment. Outside the checkout it gets a home of its own, and its answer is returned."""
    outside = place != ROOT
    variables = dict(os.environ)
    if outside:
        variables |= {"IMAGEWRIGHT_HOME": str(place / "home"), "IMAGEWRIGHT_SANDBOX": "1"}
    done = subprocess.run(
        [program(environment, name), *arguments],
        cwd=place,
        env=variables,
        input=spoken,
        stdout=subprocess.PIPE if outside else None,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        sys.exit(f"{name} {' '.join(arguments[:3])} ended with {done.returncode}")
    return done.stdout or ""


def program(environment: Path, name: str) -> str:
    """Return the path of a program that an environment holds, on any platform."""
    return str(environment / ("Scripts" if os.name == "nt" else "bin") / name)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"imagewright needs Python 3.11 or newer, and this is {sys.version.split()[0]}.")
    sys.exit(main(sys.argv[1:]))
