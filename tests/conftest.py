"""What most tests need: the real client in both eras of the protocol, and four providers that follow a script."""

import functools
import socket
from collections.abc import AsyncGenerator, Generator, Mapping
from pathlib import Path
from typing import Any, cast

import httpcore2
import pytest

from imagewright.journal import Journal
from imagewright.providers import all_providers
from imagewright.sandbox.server import BackgroundSandbox
from tests.agent import Agent, Era, Result
from tests.desk import Desk, at_desk
from tests.entries import at, opened
from tests.pauses import pass_pauses
from tests.scripted import Scripted, scripted
from tests.stage import Stage, staged

__all__ = ["Agent", "Era", "Result"]

# Every client of a test would read the certificates of the system anew, which takes longer than most tests.
httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)


@pytest.fixture(autouse=True)
def no_outside_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine has a name: a test that reaches for another host finds none."""
    real = socket.getaddrinfo

    def local_only(host: str | bytes | None, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name in {None, "", "127.0.0.1", "localhost", "::1"}:
            return real(host, *rest, **options)
        raise socket.gaierror(socket.EAI_NONAME, "a test has no outside network")

    monkeypatch.setattr(socket, "getaddrinfo", local_only)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pause of a lane is over as soon as a call waits for it; the seconds are noted."""
    return pass_pauses(monkeypatch)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """No wait before a resend or another look is waited for; the seconds are noted."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("imagewright.sending.sleep", note)
    monkeypatch.setattr("imagewright.looking.sleep", note)
    return waited


@pytest.fixture(params=["2026-07-28", "legacy"])
def era(request: pytest.FixtureRequest) -> Era:
    """Each era of the protocol."""
    return cast("Era", request.param)


@pytest.fixture
async def scripts() -> AsyncGenerator[Mapping[str, Scripted]]:
    """A scripted server for each provider; a request that no script foresaw fails the test."""
    async with scripted() as one, scripted() as two, scripted() as three, scripted() as four:
        running = dict(zip(all_providers(), (one, two, three, four), strict=True))
        yield running
    assert {slug: server.unscripted for slug, server in running.items() if server.unscripted} == {}


@pytest.fixture
def agent(era: Era, scripts: Mapping[str, Scripted], tmp_path: Path) -> Agent:
    """An agent in one era, with all four providers configured until the test says otherwise."""
    agent = Agent(era, scripts, {"IMAGEWRIGHT_HOME": str(tmp_path / "home")})
    agent.configure(*all_providers())
    return agent


@pytest.fixture
def heydecks(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of HeyDecks."""
    return scripts["heydecks"]


@pytest.fixture
def theo(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of Theo."""
    return scripts["theo"]


@pytest.fixture
def posteverywhere(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of PostEverywhere."""
    return scripts["posteverywhere"]


@pytest.fixture
def depicta(scripts: Mapping[str, Scripted]) -> Scripted:
    """The script of Depicta."""
    return scripts["depicta"]


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Generator[BackgroundSandbox]:
    """A running sandbox for the tests of one file."""
    sandbox = BackgroundSandbox.start(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.fixture
def stage(era: Era, playing: BackgroundSandbox, tmp_path: Path) -> Generator[Stage]:
    """An agent in one era with all four providers, which a sandbox with nothing in it plays over HTTP."""
    with staged(era, playing.url, str(tmp_path / "home")) as ready:
        yield ready


@pytest.fixture
def desk(era: Era, scripts: Mapping[str, Scripted], tmp_path: Path) -> Desk:
    """An agent that attaches pictures at a PostEverywhere that follows a script."""
    return at_desk(era, scripts, tmp_path / "home")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[Journal]:
    """A journal with nothing in it."""
    async with opened(tmp_path) as journal:
        yield journal


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days do not end in the middle of a test."""
    at(monkeypatch, "2026-04-10T12:00:00+00:00")
