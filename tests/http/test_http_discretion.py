"""What clients that may be anywhere are not told of this machine."""

from pathlib import Path

import pytest
from mcp import MCPError

from imagewright.errors import SettingsError
from imagewright.journal import Journal
from tests.bodies import heydecks_done
from tests.http.hosted import Hosted, Kind
from tests.http.test_http_clients import PICTURES, draw
from tests.scripted import Answer, Scripted


async def test_an_error_of_the_data_folder_does_not_tell_where_it_is(
    kind: Kind, server: Hosted, heydecks: Scripted, tmp_path: Path
) -> None:
    """The variable that names it is what an owner needs, and all that a client learns."""
    home = tmp_path / "home"
    (home / "journal.sqlite3").mkdir(parents=True)
    heydecks.answer(Answer(200, heydecks_done()))
    async with server.client(kind) as client:
        refused = await draw(client, "heydecks")
        with pytest.raises(MCPError) as unread:
            await client.read_resource("imagewright://generation/gen_0")

    assert refused.is_error
    assert "IMAGEWRIGHT_HOME/journal.sqlite3 cannot be used" in refused.text
    assert str(home) not in refused.everything
    assert str(home) not in str(unread.value)
    assert [] == heydecks.seen


async def test_a_picture_that_cannot_be_noted_is_told_without_the_folder(
    server: Hosted, heydecks: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paid picture goes out, with a warning that names no path."""

    async def fail(*_: object) -> None:
        raise SettingsError(f"{tmp_path / 'home'} cannot be written.")

    monkeypatch.setattr(Journal, "finish", fail)
    heydecks.answer(Answer(200, heydecks_done()))
    async with server.client("2025-11-25") as client:
        made = await draw(client, "heydecks")

    assert PICTURES == made.structured["urls"]
    assert any("IMAGEWRIGHT_HOME cannot be written." in one for one in made.structured["warnings"])
    assert str(tmp_path) not in made.everything
