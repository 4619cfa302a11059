"""A gallery with everything in it, and one with nothing."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.galleries import Gallery, served, served_with_everything


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Generator[Gallery]:
    """A gallery of everything that `DRAWN` names, drawn in the sandbox by a real client; no test changes it."""
    with served_with_everything(tmp_path_factory.mktemp("drawn")) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Generator[Gallery]:
    """A gallery of the test's own, with nothing in it."""
    with served(tmp_path / "home") as running:
        yield running
