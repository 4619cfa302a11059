"""The sandbox in the foreground, as `imagewright sandbox` runs it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from imagewright.sandbox import server

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "server")}


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
def test_the_foreground_says_where_it_is_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    """One line to stderr, nothing to stdout, exit code 0."""
    program = (
        "import sys, pathlib; from imagewright.sandbox.server import run;"
        "run('127.0.0.1', 0, pathlib.Path(sys.argv[1]), 5)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )
    assert process.stderr
    line = process.stderr.readline()
    url = line.split()[2]

    health = httpx2.get(f"{url}/_sandbox/health").json()
    process.send_signal(signal.SIGINT)
    rest = process.communicate()

    assert (line.startswith("imagewright sandbox: http://127.0.0.1:"), health["public_url"], health["seed"]) == (
        True,
        url,
        5,
    )
    assert (rest, process.returncode) == (("", ""), 0)


def test_a_taken_port_is_an_error_that_names_it(tmp_path: Path) -> None:
    """The command line says it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)):
            server.run("127.0.0.1", port, tmp_path, 1)
