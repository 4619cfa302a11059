"""Asks a server for its health until stdin ends, each time on a new connection; prints as JSON how many seconds each
answer took, and what else came.

    python -m bench.pulse HOST:PORT
"""

import http.client
import json
import sys
import threading
import time

BETWEEN_SECONDS = 0.02
GUARD_SECONDS = 10


def main() -> None:
    """Ask."""
    over = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        over.set()

    threading.Thread(target=listen, daemon=True).start()
    took: list[float] = []
    failed: list[str] = []
    while not over.wait(BETWEEN_SECONDS):
        began = time.perf_counter()
        connection = http.client.HTTPConnection(sys.argv[1], timeout=GUARD_SECONDS)
        try:
            connection.request("GET", "/health")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            failed.append(str(error) or type(error).__name__)
        else:
            if status == http.client.OK:
                took.append(time.perf_counter() - began)
            else:
                failed.append(f"status {status}")
        finally:
            connection.close()
    print(json.dumps({"took": took, "failed": failed}))


if __name__ == "__main__":
    main()
