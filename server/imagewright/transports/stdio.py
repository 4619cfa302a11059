"""The stdio transport: our own runner, kinder than the SDK's to real clients and never deaf to a call it accepted."""

import json
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import suppress
from typing import Any, cast

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    PROTOCOL_VERSION_META_KEY,
    SERVER_INFO_META_KEY,
    DiscoverResult,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from mcp.types.version import LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

Incoming = SessionMessage | Exception


async def serve(mcp: MCPServer[Any]) -> None:
    """Serve over stdin and stdout until stdin ends and every accepted call is answered.

    It differs from the SDK's own loop in three ways. A `server/discover` before anything else is answered without
    settling the era of the protocol, so that clients which probe first and then shake hands are served
    (github/copilot-cli #4525). A line that is no message is answered, not passed over. And the end of stdin lets calls
    in flight finish, because what they draw is being paid for; a client in a hurry ends the process instead.
    """
    # The SDK keeps its `Server` private; nothing public runs it over streams of one's own (mcp 2.3).
    server: Server[Any] = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
    async with stdio_server() as (wire_in, wire_out):
        await _Runner(server, wire_out.send).run(wire_in)
        await wire_out.aclose()
        await wire_in.aclose()


class _Runner:
    """Stands between the wire and the SDK, and knows which calls are not answered yet."""

    def __init__(self, server: Server[Any], send: Callable[[SessionMessage], Awaitable[None]]) -> None:
        self._server = server
        self._send = send
        self._open_calls: set[str | int] = set()
        self._all_answered = anyio.Event()
        self._ended = False
        self._era_settled = False

    async def run(self, wire_in: AsyncIterable[Incoming]) -> None:
        to_sdk, sdk_in = anyio.create_memory_object_stream[Incoming](0)
        sdk_out, from_sdk = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as group:
            group.start_soon(self._inbound, wire_in, to_sdk)
            group.start_soon(self._outbound, from_sdk)
            await self._server.run(sdk_in, sdk_out, self._server.create_initialization_options())
            group.cancel_scope.cancel()

    async def _inbound(self, wire_in: AsyncIterable[Incoming], to_sdk: MemoryObjectSendStream[Incoming]) -> None:
        async with to_sdk:
            async for message in wire_in:
                if isinstance(message, Exception):
                    await self._answer(_rejection(message))
                    continue
                content = message.message
                if isinstance(content, JSONRPCRequest) and self._is_probe(content):
                    found = _discovery(self._server)
                    await self._answer(JSONRPCResponse(jsonrpc="2.0", id=content.id, result=found))
                    continue
                self._note(content)
                await to_sdk.send(message)
            self._ended = True
            if self._open_calls:
                await self._all_answered.wait()

    async def _outbound(self, from_sdk: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with from_sdk:
            async for message in from_sdk:
                await self._send(message)
                if isinstance(message.message, JSONRPCResponse | JSONRPCError):
                    self._close(message.message.id)

    async def _answer(self, message: JSONRPCResponse | JSONRPCError) -> None:
        await self._send(SessionMessage(message))

    def _is_probe(self, request: JSONRPCRequest) -> bool:
        if self._era_settled or request.method != "server/discover":
            return False
        meta = cast("dict[str, object]", (request.params or {}).get("_meta") or {})
        return meta.get(PROTOCOL_VERSION_META_KEY) in MODERN_PROTOCOL_VERSIONS

    def _note(self, message: object) -> None:
        if isinstance(message, JSONRPCRequest):
            self._era_settled = True
            self._open_calls.add(message.id)
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            # Nobody waits for it any more, and not every era answers it.
            self._close((message.params or {}).get("requestId"))

    def _close(self, request_id: str | int | None) -> None:
        self._open_calls.discard(request_id if request_id is not None else "")
        if self._ended and not self._open_calls:
            self._all_answered.set()


def _rejection(error: Exception) -> JSONRPCError:
    """Return the answer to a line that is no message: with its id, where one can be read, since somebody waits."""
    request_id = _readable_id(error) if isinstance(error, ValidationError) else None
    if request_id is None:
        message = "Parse error: this line is no JSON-RPC message"
        return JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=PARSE_ERROR, message=message))
    message = "Invalid request: no JSON-RPC 2.0 request, or half a character such as \\ud800 in a text"
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData(code=INVALID_REQUEST, message=message))


def _readable_id(error: ValidationError) -> str | int | None:
    for one in error.errors(include_url=False):
        said: object = one["input"]
        # RecursionError: a line of a hundred thousand brackets.
        with suppress(ValueError, RecursionError):
            # Python reads what the protocol does not allow: half of a pair of UTF-16 characters, which models do write.
            said = json.loads(said) if isinstance(said, str) else said
            request_id = cast("dict[str, object]", said).get("id") if isinstance(said, dict) else None
            if isinstance(request_id, str | int) and not isinstance(request_id, bool):
                str(request_id).encode()  # ValueError: an id with half a character cannot be said back
                return request_id
    return None


def _discovery(server: Server[Any]) -> dict[str, Any]:
    result = DiscoverResult(
        supported_versions=list(MODERN_PROTOCOL_VERSIONS),
        instructions=server.instructions,
        capabilities=server.get_capabilities(protocol_version=LATEST_MODERN_VERSION),
    )
    dumped = result.model_dump(by_alias=True, mode="json", exclude_none=True)
    return {**dumped, "resultType": "complete", "_meta": {SERVER_INFO_META_KEY: server.server_info_stamp}}
