"""`python -m imagewright` is the command `imagewright`."""

import sys

from imagewright.cli import main

if __name__ == "__main__":
    sys.exit(main())
