"""A process that runs a sandbox of a home until its stdin ends; the tests start it and kill it."""

import json
import sys
from pathlib import Path

from imagewright.sandbox import pictures
from imagewright.sandbox.server import BackgroundSandbox
from tests.sandbox.rig import FlatPainter


def main() -> None:
    """Say where on stdout, in one line of JSON."""
    pictures.load_painter = FlatPainter
    sandbox = BackgroundSandbox.start(Path(sys.argv[1]))
    sys.stdout.write(json.dumps({"url": sandbox.url, "public_url": sandbox.public_url}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    sandbox.stop()


if __name__ == "__main__":
    main()
