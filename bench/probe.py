"""Prints as JSON how many seconds each of the cheap calls took at an MCP server, one after the other on one connection.

    python -m bench.probe HOST:PORT SECONDS

A process of its own, and no more than a socket: what it measures is the server, not the program that makes the load.
"""

import http.client
import json
import sys
import time

from bench.serving import headers, message

CHEAP = ("tools/list", "list_models", "get_generation")
BETWEEN_SECONDS = 0.1
GUARD_SECONDS = 60


def main() -> None:
    """Ask until the time is over."""
    connection = http.client.HTTPConnection(sys.argv[1], timeout=GUARD_SECONDS)
    end = time.monotonic() + float(sys.argv[2])
    took: dict[str, list[float]] = {name: [] for name in CHEAP}
    failed: list[str] = []
    while time.monotonic() < end:
        for name in CHEAP:
            began = time.perf_counter()
            answer = ask(connection, name)
            took[name].append(time.perf_counter() - began)
            if '"isError":false' not in answer and '"tools":' not in answer:
                failed.append(f"{name}: {answer[:200]}")
            time.sleep(BETWEEN_SECONDS)
    print(json.dumps({"took": took, "failed": failed}))


def ask(connection: http.client.HTTPConnection, name: str) -> str:
    """Return the answer, as it came."""
    if "/" in name:
        told, body = headers(name), message(name)
    else:
        told, body = headers("tools/call", name), message("tools/call", {"name": name, "arguments": {}})
    connection.request("POST", "/mcp", json.dumps(body), told)
    return connection.getresponse().read().decode()


if __name__ == "__main__":
    main()
