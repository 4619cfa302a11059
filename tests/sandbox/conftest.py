"""A sandbox for each test: started once a module, forgotten between two tests."""

from collections.abc import Generator

import pytest

from imagewright.sandbox.server import BackgroundSandbox
from tests.sandbox.rig import Rig, flat_sandbox


@pytest.fixture(scope="module")
def running() -> Generator[BackgroundSandbox]:
    """A sandbox without a home, whose pictures are flat."""
    with flat_sandbox(None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: BackgroundSandbox) -> Generator[Rig]:
    """The running sandbox, with nothing in it."""
    with Rig(running.url) as rig:
        rig.control("POST", "/reset")
        yield rig
