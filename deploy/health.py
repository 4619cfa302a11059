"""Tells whether the server on this machine answers: exit code 0, or 1 and why. For container engines.

    python health.py [PORT]

Standard library only, and no proxy: it asks by the name under which the server knows itself.
"""

import http.client
import sys

PORT = 8000
TIMEOUT_SECONDS = 4


def main() -> int:
    """Ask for its health."""
    port = int(sys.argv[1]) if sys.argv[1:] else PORT
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        connection.close()
    if status != http.client.OK:
        sys.stderr.write(f"status {status}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
