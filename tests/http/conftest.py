"""A server over HTTP before scripted providers, and one before the sandbox."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest

from imagewright.providers import all_providers
from imagewright.sandbox import pictures
from tests.agent import KEYS
from tests.http.hosted import KINDS, Hosted, Kind, hosted
from tests.sandbox.rig import FlatPainter
from tests.scripted import Scripted


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each generation of clients."""
    found: Kind = request.param
    return found


@pytest.fixture
async def sandboxed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Hosted]:
    """A server whose pictures the sandbox draws, flat, which takes a tenth of the time."""
    monkeypatch.setattr(pictures, "load_painter", FlatPainter)
    async with hosted({"IMAGEWRIGHT_HOME": str(tmp_path / "home"), "IMAGEWRIGHT_SANDBOX": "1"}) as running:
        yield running


@pytest.fixture
def environ(scripts: Mapping[str, Scripted], tmp_path: Path) -> dict[str, str]:
    """Settings for all four providers, each of which follows its script."""
    told = {"IMAGEWRIGHT_HOME": str(tmp_path / "home")}
    for slug, provider in all_providers().items():
        told |= {provider.key_env: KEYS[slug], f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": scripts[slug].url}
    return told


@pytest.fixture
async def server(environ: dict[str, str]) -> AsyncGenerator[Hosted]:
    """A server whose providers follow their scripts."""
    async with hosted(environ) as running:
        yield running
