"""The token: made once, for its owner's eyes."""

import os
import stat
from pathlib import Path

import anyio
import pytest

from imagewright.errors import SettingsError
from imagewright.settings import load
from imagewright.transports.token_file import Token, token_of


async def test_a_token_is_made_once_and_kept(tmp_path: Path) -> None:
    """Long, new for each data folder, and the same for each start."""
    first, second = await token_of(tmp_path / "home", None), await token_of(tmp_path / "home", None)
    other = await token_of(tmp_path / "other", None)

    assert (True, False, True) == (first.is_new, second.is_new, other.is_new)
    assert first.value == second.value != other.value
    assert 43 == len(first.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_only_its_owner_reads_the_token(tmp_path: Path) -> None:
    """Whatever the process lets others read otherwise."""
    before = os.umask(0)
    try:
        token = await token_of(tmp_path, None)
    finally:
        os.umask(before)

    assert token.path is not None
    assert 0o600 == stat.S_IMODE(token.path.stat().st_mode)
    assert ["http-token", "locks"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_a_token_that_others_could_read_is_refused(tmp_path: Path) -> None:
    """They may know it by now."""
    token = await token_of(tmp_path, None)
    assert token.path is not None
    token.path.chmod(0o644)

    with pytest.raises(SettingsError, match=r"can be read by other users.*Remove it, and a new one is made"):
        await token_of(tmp_path, None)


@pytest.mark.parametrize("text", ["", "short", "x" * 600, "with spaces in it, and long enough", "\udc80" * 20])
async def test_a_file_that_holds_no_token_is_refused(tmp_path: Path, text: str) -> None:
    """An empty one would let everybody in."""
    path = tmp_path / "http-token"
    path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    path.chmod(0o600)

    with pytest.raises(SettingsError, match=r"holds no token\. Remove it"):
        await token_of(tmp_path, None)


async def test_servers_that_start_at_once_share_one(tmp_path: Path) -> None:
    """One makes it, the others read it."""
    tokens: list[Token] = []

    async def start() -> None:
        tokens.append(await token_of(tmp_path, None))

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(start)

    assert 1 == len({token.value for token in tokens})
    assert 1 == len([token for token in tokens if token.is_new])


async def test_a_token_of_the_users_own_is_not_kept(tmp_path: Path) -> None:
    """It is theirs to keep."""
    settings = load({"IMAGEWRIGHT_TOKEN": "0123456789abcdef"})

    assert Token("0123456789abcdef", None) == await token_of(tmp_path, settings.token)
    assert [] == list(tmp_path.iterdir())
    assert "0123456789abcdef" not in repr(settings) + repr(Token("0123456789abcdef", None))


@pytest.mark.parametrize("value", ["short", "with a space in it", "ümlauts-are-long-enough", "a" * 513])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(value: str) -> None:
    """Unseen, with what it takes."""
    with pytest.raises(SettingsError, match="IMAGEWRIGHT_TOKEN takes at least 16 letters") as caught:
        load({"IMAGEWRIGHT_TOKEN": value})

    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["", "${IMAGEWRIGHT_TOKEN}"])
def test_a_token_left_empty_is_not_set(value: str) -> None:
    """As everywhere in the settings."""
    assert load({"IMAGEWRIGHT_TOKEN": value}).token is None
