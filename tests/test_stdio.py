"""The server as a client starts it: a process of its own, spoken to over stdin and stdout."""

import json
import os
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from imagewright import __version__

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
PLAN = {"name": "generate_image", "arguments": {"prompt": "a fox", "dry_run": True}}
DRAW = {"name": "generate_image", "arguments": {"prompt": "a fox", "provider": "heydecks"}}


def initialize(revision: str) -> dict[str, Any]:
    """Return the first message of a client of the handshake era."""
    client = {"name": "test", "version": "0"}
    return request(1, "initialize", {"protocolVersion": revision, "capabilities": {}, "clientInfo": client})


def request(number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON-RPC request."""
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


async def converse(
    home: Path, *messages: dict[str, Any] | bytes, **environ: str
) -> dict[int | str | None, dict[str, Any]]:
    """Start the server, send it the messages, close stdin at once, and return its answers by request id."""
    spoken = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
    environment = {**os.environ, "IMAGEWRIGHT_HOME": str(home), **environ}
    command = [sys.executable, "-m", "imagewright"]
    done = await anyio.run_process(command, input=b"\n".join([*spoken, b""]), env=environment, stderr=PIPE)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["id"]: answer for answer in answers if "id" in answer}


@pytest.fixture(params=["2026-07-28", "legacy"])
def mode(request: pytest.FixtureRequest) -> str:
    """Return each era of the protocol."""
    return str(request.param)


async def test_a_client_of_either_era_lists_the_tools_of_a_real_process(mode: str, tmp_path: Path) -> None:
    """The SDK's own client, in both eras, starts the server and sees its tools."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "imagewright"], env={**os.environ, "IMAGEWRIGHT_HOME": str(tmp_path)}
    )

    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools

        assert ["generate_image", "get_generation", "list_models", "attach_to_post"] == [tool.name for tool in tools]


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
async def test_every_revision_of_the_handshake_is_spoken(revision: str, tmp_path: Path) -> None:
    """A client gets the revision that it asks for."""
    answers = await converse(tmp_path, initialize(revision), INITIALIZED, request(2, "tools/list", {}))

    assert revision == answers[1]["result"]["protocolVersion"]
    assert __version__ == answers[1]["result"]["serverInfo"]["version"]
    assert 4 == len(answers[2]["result"]["tools"])


async def test_a_probe_before_the_handshake_does_not_settle_the_era(tmp_path: Path) -> None:
    """A client that sends server/discover and then initialize on the same pipe is served (github/copilot-cli #4525)."""
    probe = request(0, "server/discover", {"_meta": MODERN})
    answers = await converse(tmp_path, probe, initialize("2025-11-25"), INITIALIZED, request(2, "tools/call", PLAN))

    assert ["2026-07-28"] == answers[0]["result"]["supportedVersions"]
    assert "2025-11-25" == answers[1]["result"]["protocolVersion"]
    assert "planned" == answers[2]["result"]["structuredContent"]["status"]


async def test_a_probe_may_be_followed_by_the_modern_era(tmp_path: Path) -> None:
    """After server/discover a stateless call is answered in its own era."""
    probe = request(0, "server/discover", {"_meta": MODERN})
    answers = await converse(tmp_path, probe, request(2, "tools/call", {**PLAN, "_meta": MODERN}))

    assert "complete" == answers[2]["result"]["resultType"]


async def test_a_line_that_is_no_message_is_answered(tmp_path: Path) -> None:
    """Junk gets a parse error, and the conversation goes on."""
    answers = await converse(tmp_path, b"{junk", initialize("2025-11-25"), INITIALIZED, request(2, "tools/list", {}))

    assert -32700 == answers[None]["error"]["code"]
    assert "result" in answers[2]


async def test_a_line_whose_id_can_be_read_is_answered_with_it(tmp_path: Path) -> None:
    """Somebody waits for each: a method of the wrong type, one message too little, half a character in a prompt."""
    half = {"name": "generate_image", "arguments": {"prompt": "a \ud83e fox", "dry_run": True}}
    lines: list[dict[str, Any] | bytes] = [
        b'{"id":77,"method":5}',
        b'{"id":"a b","jsonrpc":"2.0"}',
        request(78, "tools/call", half),
    ]

    answers = await converse(tmp_path, initialize("2025-11-25"), INITIALIZED, *lines, request(2, "tools/list", {}))

    assert [-32600] * 3 == [answers[one]["error"]["code"] for one in (77, "a b", 78)]
    assert "result" in answers[2]


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":true,"method":5}',
        b'{"id":1.5,"method":5}',
        b'{"id":null,"method":5}',
        b'{"id":"\\ud83e","method":5}',
        b'[{"id":4}]',
        b"7",
        b"[" * 100_000,
        b'{"id":9,"method":' + b"[" * 100_000,
        b'{"id":9,"method":' + b"9" * 5000,
        b'{"id":9,"method":"\xff',
    ],
    ids=["bool", "fraction", "null", "half a character", "batch", "number", "deep", "deep inside", "long", "no UTF-8"],
)
async def test_a_line_without_a_readable_id_ends_nothing(tmp_path: Path, line: bytes) -> None:
    """It is answered without an id, and the server lives on: other calls are being paid for."""
    answers = await converse(tmp_path, line, initialize("2025-11-25"), INITIALIZED, request(2, "tools/list", {}))

    assert -32700 == answers[None]["error"]["code"]
    assert "result" in answers[2]


async def test_the_end_of_stdin_leaves_a_call_in_flight_its_answer(tmp_path: Path) -> None:
    """A picture asked for just before stdin closes is drawn and returned: it is being paid for."""
    modern = await converse(tmp_path, request(3, "tools/call", {**DRAW, "_meta": MODERN}), IMAGEWRIGHT_SANDBOX="1")
    legacy = await converse(
        tmp_path, initialize("2025-11-25"), INITIALIZED, request(3, "tools/call", DRAW), IMAGEWRIGHT_SANDBOX="1"
    )

    assert "done" == modern[3]["result"]["structuredContent"]["status"]
    assert "done" == legacy[3]["result"]["structuredContent"]["status"]


async def test_the_end_of_stdin_does_not_wait_for_a_cancelled_call(tmp_path: Path) -> None:
    """A call that its client gave up does not keep the process alive."""
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}}
    with anyio.fail_after(30):
        answers = await converse(
            tmp_path, initialize("2025-11-25"), INITIALIZED, request(3, "tools/call", DRAW), cancel,
            IMAGEWRIGHT_SANDBOX="1",
        )  # fmt: skip

    assert "result" in answers[1]


async def test_stdout_carries_protocol_only(tmp_path: Path) -> None:
    """Every line on stdout is a JSON-RPC message, with the sandbox started and a picture drawn on the way."""
    spoken = [initialize("2025-11-25"), INITIALIZED, request(3, "tools/call", DRAW)]
    environment = {**os.environ, "IMAGEWRIGHT_HOME": str(tmp_path), "IMAGEWRIGHT_SANDBOX": "1"}
    done = await anyio.run_process(
        [sys.executable, "-m", "imagewright"],
        input="".join(json.dumps(message) + "\n" for message in spoken).encode(),
        env=environment,
        stderr=PIPE,
    )

    assert done.stdout
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in done.stdout.splitlines())
    assert b"" == done.stderr


async def test_a_wrong_setting_is_one_clear_line_at_start(tmp_path: Path) -> None:
    """The server does not start with a key of another provider; it says so on stderr and nothing on stdout."""
    environment = {**os.environ, "IMAGEWRIGHT_HOME": str(tmp_path), "HEYDECKS_API_KEY": "theo_sk_secret"}
    done = await anyio.run_process(
        [sys.executable, "-m", "imagewright"], env=environment, check=False, stderr=PIPE, input=b""
    )

    assert 2 == done.returncode
    assert b"" == done.stdout
    assert 1 == len(done.stderr.splitlines())
    assert b"HEYDECKS_API_KEY" in done.stderr
    assert b"secret" not in done.stderr


async def test_a_base_url_without_its_key_is_one_line_at_start(tmp_path: Path) -> None:
    """The server starts all the same; stdout stays the protocol's."""
    environment = {
        **os.environ,
        "IMAGEWRIGHT_HOME": str(tmp_path),
        "HEYDECKS_API_KEY": "hd_live_x",
        "IMAGEWRIGHT_THEO_BASE_URL": "http://127.0.0.1:8000",
    }
    done = await anyio.run_process([sys.executable, "-m", "imagewright"], env=environment, stderr=PIPE, input=b"")

    assert (b"", 1) == (done.stdout, len(done.stderr.splitlines()))
    assert done.stderr.startswith(b"imagewright: IMAGEWRIGHT_THEO_BASE_URL is set, but THEO_API_KEY is not")
