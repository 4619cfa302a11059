"""Whether a server is alive is told by its lock: however it ends, the system frees it, and no question does."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imagewright.errors import SettingsError
from imagewright.owners import Owner

_SERVER = """
import asyncio, sys
from pathlib import Path
from imagewright.owners import Owner

async def serve(owner):
    print(await owner.token(), flush=True)
    if sys.stdin.readline().strip() == "release":
        owner.release()
        print("released", flush=True)
        sys.stdin.readline()

asyncio.run(serve(Owner(Path(sys.argv[1]))))
"""


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    """Where the locks will be, in a folder that is not there yet."""
    return tmp_path / "home" / "locks"


@pytest.fixture
def we(locks: Path) -> Owner:
    """Another server of the same user, which asks."""
    return Owner(locks)


@asynccontextmanager
async def another(locks: Path) -> AsyncGenerator[tuple[Process, str]]:
    """A server that is a process of its own, and its token."""
    paths = os.pathsep.join(path for path in sys.path if path)
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _SERVER, str(locks)), stdin=PIPE, stdout=PIPE, env=os.environ | {"PYTHONPATH": paths}
    )
    assert server.stdout
    try:
        yield server, (await server.stdout.readline()).decode().strip()
    finally:
        if server.returncode is None:
            server.kill()
        await server.communicate()


def files(locks: Path) -> list[str]:
    """The locks that are there."""
    return sorted(path.name for path in locks.iterdir())


async def test_nothing_is_made_before_the_first_work(we: Owner, locks: Path) -> None:
    """Neither by a new owner, nor by the question who is alive, nor by the end."""
    alive = await we.is_alive("0123456789abcdef")
    we.release()

    assert not alive
    assert not locks.exists()


async def test_a_living_server_is_alive_however_often_one_asks(we: Owner, locks: Path) -> None:
    """A question must not take its lock away."""
    async with another(locks) as (_, token):
        assert [True] * 3 == [await we.is_alive(token) for _ in range(3)]
        assert [f"owner-{token}.lock"] == files(locks)


async def test_a_server_that_was_killed_is_dead(we: Owner, locks: Path) -> None:
    """As by kill -9: it could do nothing about its lock; the file goes with the question."""
    async with another(locks) as (server, token):
        before = await we.is_alive(token)
        server.kill()
        await server.wait()
        left = files(locks)

        assert (True, False, False) == (before, await we.is_alive(token), await we.is_alive(token))
        assert ([f"owner-{token}.lock"], []) == (left, files(locks))


async def test_a_server_that_gave_its_lock_up_is_dead(we: Owner, locks: Path) -> None:
    """Though its process lives on."""
    async with another(locks) as (server, token):
        assert server.stdin
        assert server.stdout
        server.stdin.write(b"release\n")
        said = await server.stdout.readline()

        assert b"released" == said.strip()
        assert not await we.is_alive(token)
        assert [] == files(locks)
        assert server.returncode is None


async def test_a_server_is_alive_to_itself(we: Owner) -> None:
    """Until it gives its lock up; what it is from then on is another server."""
    first = await we.token()
    alive = await we.is_alive(first)
    we.release()
    second = await we.token()

    assert alive
    assert first != second
    assert (False, True) == (await we.is_alive(first), await we.is_alive(second))
    we.release()


async def test_two_servers_of_one_process_are_two(we: Owner, locks: Path) -> None:
    """As where a program builds more than one."""
    other = Owner(locks)
    token = await other.token()

    assert token != await we.token()
    assert await we.is_alive(token)
    other.release()
    assert not await we.is_alive(token)
    we.release()


async def test_first_works_at_once_are_of_one_server(we: Owner, locks: Path) -> None:
    """They neither get tokens of their own nor stand in each other's way."""
    tokens = await asyncio.gather(*[we.token() for _ in range(9)])

    assert [f"owner-{tokens[0]}.lock"] == files(locks)
    assert {tokens[0]} == set(tokens)
    we.release()


async def test_the_locks_of_servers_killed_long_ago_are_swept(we: Owner, locks: Path) -> None:
    """Not one that is held, not one of today, which may be about to be held, and nothing else that is there."""
    async with another(locks) as (_, living):
        for name in ("owner-killed.lock", "owner-fresh.lock", "post-1.lock"):
            (locks / name).touch()
        for name in ("owner-killed.lock", f"owner-{living}.lock", "post-1.lock"):
            os.utime(locks / name, (0, 0))

        token = await we.token()

        assert sorted(["owner-fresh.lock", f"owner-{living}.lock", f"owner-{token}.lock", "post-1.lock"]) == (
            files(locks)
        )
        assert await we.is_alive(living)
    we.release()


@pytest.mark.parametrize(("hours", "stays"), [(25, False), (23, True)])
async def test_a_lock_is_swept_after_a_day(we: Owner, locks: Path, hours: int, stays: bool) -> None:
    """As long as no server takes to start."""
    locks.mkdir(parents=True)
    left = locks / "owner-killed.lock"
    left.touch()
    touched = left.stat().st_mtime - hours * 3600
    os.utime(left, (touched, touched))

    await we.token()

    assert stays == left.exists()
    we.release()


async def test_nobody_is_not_alive(we: Owner) -> None:
    """What has no owner can be taken over."""
    await we.token()

    assert not await we.is_alive(None)
    we.release()


async def test_a_folder_that_cannot_be_used_is_a_clear_error(we: Owner, locks: Path) -> None:
    """With its remedy; once it can be used, so can the server."""
    locks.parent.mkdir()
    locks.write_bytes(b"")
    with pytest.raises(SettingsError, match=r"locks cannot be used \(.*\)\. Set IMAGEWRIGHT_HOME to a folder that can"):
        await we.token()

    locks.unlink()
    token = await we.token()
    assert [f"owner-{token}.lock"] == files(locks)
    we.release()
