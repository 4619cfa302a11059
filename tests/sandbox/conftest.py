"""A sandbox for each test: started once a module, forgotten between two tests."""

from collections.abc import Generator

import pytest

from imagewright.sandbox import pictures
from imagewright.sandbox.server import BackgroundSandbox
from tests.sandbox.rig import FlatPainter, Rig


@pytest.fixture(scope="module")
def running() -> Generator[BackgroundSandbox]:
    """A sandbox without a home, whose pictures are flat."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "load_painter", FlatPainter)
        sandbox = BackgroundSandbox.start(None)
        yield sandbox
        sandbox.stop()


@pytest.fixture
def sandbox(running: BackgroundSandbox) -> Generator[Rig]:
    """The running sandbox, with nothing in it."""
    with Rig(running.url) as rig:
        rig.control("POST", "/reset")
        yield rig
