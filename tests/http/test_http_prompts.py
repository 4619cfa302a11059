"""Prompts, of which the server has none."""

import pytest
from mcp import MCPError
from mcp.types import INVALID_PARAMS

from tests.http.hosted import Hosted, Kind


async def test_an_unknown_prompt_is_the_clients_mistake(
    server: Hosted, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    """It is refused as one, and a client that asks for many does not fill the log."""
    async with server.client(kind) as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt("cover art")
        listed = await client.list_prompts()

    assert (INVALID_PARAMS, []) == (refused.value.error.code, listed.prompts)
    assert not [record for record in caplog.records if record.exc_info]
