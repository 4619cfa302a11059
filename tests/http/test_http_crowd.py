"""Thousands of connections that stay and ask for nothing: who makes room, and for whom there always is some."""

import asyncio
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx2
import pytest

from imagewright.transports.connections import MOST
from imagewright.transports.crowd import Crowd
from tests.agent import Result
from tests.bodies import heydecks_done
from tests.http.hosted import bearer, client_of
from tests.http.processes import started
from tests.scripted import Answer, Scripted

MANY, FEWER = 10_000, 2_000
AT_ONCE = 100
GUARD_SECONDS = 60  # not reached: it turns a server that hangs into a failure
SPARE = 16  # sockets of a server that are no client's of the crowd: where it listens, and those to its providers
HALF = b"GET /health HTTP/1.1\r\nHost: 127"

linux = pytest.mark.skipif(sys.platform != "linux", reason="counts a process's sockets where Linux tells them")


@dataclass(eq=False, slots=True)
class Guest:
    """A member of a crowd that remembers who was asked to leave."""

    name: str
    crowd: Crowd
    gone: list[str] = field(default_factory=list[str])

    def abort(self) -> None:
        """Leave."""
        self.gone.append(self.name)
        self.crowd.leave(self)


def guests(crowd: Crowd, names: str) -> tuple[list[Guest], list[str]]:
    """Have one guest a letter join, and return them with the list of those who had to leave."""
    gone: list[str] = []
    joined = [Guest(name, crowd, gone) for name in names]
    for one in joined:
        crowd.join(one)
    return joined, gone


def test_the_one_that_has_been_idle_for_longest_makes_room() -> None:
    """Work makes it the youngest, once it is done."""
    crowd = Crowd(3)
    (first, *_), gone = guests(crowd, "abc")
    crowd.work(first)
    crowd.rest(first)
    crowd.rest(first)
    guests(crowd, "de")

    assert ["b", "c"] == gone


def test_whoever_works_stays() -> None:
    """Where all do, it is the newcomer who has to go, and one that leaves by itself leaves room."""
    crowd = Crowd(2)
    (first, second), gone = guests(crowd, "ab")
    crowd.work(first)
    crowd.work(second)
    _, turned_away = guests(crowd, "c")
    crowd.leave(first)
    _, let_in = guests(crowd, "d")

    assert ([], ["c"], []) == (gone, turned_away, let_in)


def test_whoever_has_left_does_not_come_back_by_resting() -> None:
    """An answer may come to its end after its connection has."""
    crowd = Crowd(1)
    (first,), gone = guests(crowd, "a")
    crowd.work(first)
    crowd.leave(first)
    crowd.rest(first)
    _, also_gone = guests(crowd, "b")

    assert ([], []) == (gone, also_gone)


@pytest.fixture
def many_files() -> Generator[None]:
    """As many open files as this test needs, if the system gives them."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < MANY + FEWER:
        pytest.skip(f"this system gives a process {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, MANY + FEWER), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@linux
@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize(("begun", "many"), [(b"", MANY), (HALF, FEWER)], ids=["silent", "half a header"])
async def test_a_crowd_of_thousands_keeps_nobody_out(
    environ: dict[str, str], heydecks: Scripted, begun: bytes, many: int
) -> None:
    """Who is surplus is closed without a word; others are answered all the while, and a call that runs is not cut."""
    heydecks.answer(Answer(200, heydecks_done()))
    heydecks.hold()
    statuses = Counter[int]()
    expected = (many - MOST) // AT_ONCE * AT_ONCE  # those who came at once are taken in in any order
    with anyio.fail_after(GUARD_SECONDS):
        async with started(environ) as server, client_of(server.url, "2026-07-28") as client:
            calling = asyncio.create_task(
                client.call_tool("generate_image", {"prompt": "a fox", "provider": "heydecks"})
            )
            await heydecks.arrived.wait()
            readers: list[asyncio.StreamReader] = []
            writers: list[asyncio.StreamWriter] = []
            for _ in range(many // AT_ONCE):
                for reader, writer in await asyncio.gather(*(joined(server.url, begun) for _ in range(AT_ONCE))):
                    readers.append(reader)
                    writers.append(writer)
                async with httpx2.AsyncClient(headers=bearer()) as other:
                    statuses[(await other.get(f"{server.url}/health")).status_code] += 1
            # Its last answer came after all of them were taken in.
            held = sockets(server.process.pid)
            surplus = [await ended(reader) for reader in readers[:expected]]
            heydecks.let_go()
            result = Result(await calling)
            for writer in writers:
                writer.close()

    assert [b""] * expected == surplus
    assert {200: many // AT_ONCE} == dict(statuses)
    assert held <= MOST + SPARE
    assert heydecks_done()["images"][0]["url"] in result.text


async def joined(url: str, begun: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection and send what it begins with."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, port)
    with suppress(ConnectionError):
        writer.write(begun)
    return reader, writer


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Wait until the server has closed a connection, and return what it said before."""
    with suppress(ConnectionError):
        return await reader.read()
    return b""


def sockets(pid: int) -> int:
    """Count the sockets that a process has open."""
    count = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            count += "socket:" in str(link.readlink())
    return count
