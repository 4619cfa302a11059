"""What each revision of the protocol gets to see, over any transport."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from imagewright.transports.revisions import adapt

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

LINK = {"type": "resource_link", "name": "fox.png", "uri": "imagewright://image/0"}
CALLED = {"content": [{"type": "text", "text": "x"}, LINK], "structuredContent": {"a": 1}, "isError": False}
TOOL: dict[str, Any] = {
    "name": "t",
    "title": "T",
    "inputSchema": {},
    "outputSchema": {},
    "annotations": {},
    "icons": [],
}
LISTED: dict[str, Any] = {"tools": [TOOL]}
SHAKEN: dict[str, Any] = {"protocolVersion": "", "serverInfo": {"name": "n", "version": "1", "title": "N", "icons": []}}


async def adapted(version: str, method: str, result: Any) -> Any:
    """Return what a client of this revision gets."""

    class Asked:
        protocol_version = version

    async def answer(_: object) -> Any:
        return result

    asked = Asked()
    asked.method = method  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # a context in little
    return await adapt(cast("ServerRequestContext[Any]", asked), answer)


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
async def test_a_revision_with_structure_gets_results_as_they_are(version: str) -> None:
    """Links and data included."""
    assert CALLED == await adapted(version, "tools/call", CALLED)


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
async def test_a_revision_without_structure_gets_it_aside(version: str) -> None:
    """A link becomes text, and data goes where every revision lets it be."""
    assert {
        "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "fox.png: imagewright://image/0"}],
        "isError": False,
        "_meta": {"imagewright/result": {"a": 1}},
    } == await adapted(version, "tools/call", CALLED)


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2024-11-05", {"name", "inputSchema"}),
        ("2025-03-26", {"name", "inputSchema", "annotations"}),
        ("2025-06-18", {"name", "inputSchema", "annotations", "title", "outputSchema"}),
        ("2025-11-25", {"name", "inputSchema", "annotations", "title", "outputSchema", "icons"}),
    ],
)
async def test_a_tool_has_the_fields_of_the_revision(version: str, fields: set[str]) -> None:
    """As the schema of each has them."""
    assert fields == set((await adapted(version, "tools/list", LISTED))["tools"][0])


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("2024-11-05", {"name", "version"}),
        ("2025-06-18", {"name", "version", "title"}),
        ("2025-11-25", {"name", "version", "title", "icons"}),
    ],
)
async def test_the_handshake_is_in_the_revision_that_it_agrees_on(version: str, fields: set[str]) -> None:
    """Whichever the connection had before."""
    shaken = await adapted("2025-11-25", "initialize", {**SHAKEN, "protocolVersion": version})

    assert fields == set(shaken["serverInfo"])


async def test_what_is_no_result_is_left_alone() -> None:
    """A notification has none."""
    assert await adapted("2024-11-05", "notifications/initialized", None) is None
