"""What a real process over HTTP says of itself: all on stderr, and its token only once."""

import json
from pathlib import Path

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import Implementation

from tests.http.hosted import bearer
from tests.http.processes import started


async def test_the_log_and_the_spans_are_on_stderr_without_the_token(tmp_path: Path) -> None:
    """The server made its token itself, and a client calls itself by it: a line that quotes it would give it away."""
    environ = {"IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1", "OTEL_TRACES_EXPORTER": "console"}
    async with started(environ, token="") as running:
        token = (tmp_path / "http-token").read_text(encoding="ascii").strip()
        async with httpx2.AsyncClient(headers=bearer(token), timeout=30) as http:
            transport = streamable_http_client(f"{running.url}/mcp", http_client=http)
            async with Client(transport, client_info=Implementation(name=token, version="1")) as client:
                await client.call_tool("generate_image", {"prompt": "canary-prompt", "dry_run": True})
        running.process.terminate()
        await running.end()
        assert running.process.stdout
        out = b"".join([part async for part in running.process.stdout])

    announced, _, said = running.stderr.partition(f"?token={token}")
    (line,) = [json.loads(one) for one in said.splitlines() if one.startswith('{"at"')]
    assert b"" == out
    assert token in announced
    assert token not in said
    assert "canary" not in running.stderr
    assert ("tool.call generate_image: planned", "*** 1") == (line["message"], line["client"])
    assert '"name": "tools/call generate_image"' in said
