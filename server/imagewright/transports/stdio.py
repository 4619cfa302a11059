"""The stdio transport: our own runner, kinder than the SDK's to real clients and never deaf to a call it accepted."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server import Server
from mcp.server.mcpserver import MCPServer
from mcp.shared.message import SessionMessage
from mcp.types import (
    CONNECTION_CLOSED,
    INVALID_REQUEST,
    PARSE_ERROR,
    PROTOCOL_VERSION_META_KEY,
    SERVER_INFO_META_KEY,
    DiscoverResult,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)
from mcp.types.version import LATEST_MODERN_VERSION, MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from imagewright.transports.signals import ending_signals
from imagewright.transports.wire import Wire

_OPEN_CALLS_SECONDS = 10
"""How long a signal leaves the calls that are open to be answered."""
_LAST_ANSWERS_SECONDS = 1
"""How long the client has to take the answers that are left when everything else has ended."""

Incoming = SessionMessage | Exception

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the transport tells the server of its ends."""

    written: Callable[[Mapping[str, Any]], Awaitable[None]]
    """Awaited with the `result` object of a `tools/call` once its bytes are with the operating system.

    Not for a call that its client has cancelled, and not after the end of stdin or a signal: a client that has gone may
    have left its end of stdout open, which takes bytes that nobody reads.
    """
    hurry: Callable[[], None]
    """Called once, at the first SIGTERM or SIGINT."""


async def serve(mcp: MCPServer[Any], hooks: Hooks) -> int:
    """Serve over stdin and stdout, and return the exit code: 0, or 128 and the number of the signal that came.

    It differs from the SDK's own loop in four ways. A `server/discover` before anything else is answered without
    settling the era of the protocol, so that clients which probe first and then shake hands are served
    (github/copilot-cli #4525). A line that is no message is answered, not passed over. The server is told which answers
    went out. And its end, which is the end of stdin, a stdout that nobody reads, SIGTERM or SIGINT, lets calls in
    flight finish, because what they draw is being paid for: for ten seconds after a signal, else as long as it takes. A
    second signal ends the process at once.
    """
    # The SDK keeps its `Server` private; nothing public runs it over streams of one's own (mcp 2.3).
    server: Server[Any] = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # see above
    runner = _Runner(server, Wire(), hooks)
    with ending_signals(runner.hurry) as received:
        await runner.run()
    return 128 + received[0] if received else 0


class _Runner:
    """Stands between the wire and the SDK, and knows which calls are not answered yet."""

    def __init__(self, server: Server[Any], wire: Wire, hooks: Hooks) -> None:
        self._server = server
        self._wire = wire
        self._hooks = hooks
        # The method by the id of each. Text: the SDK takes 7 and "7" for one id where it correlates.
        self._open_calls: dict[str, str] = {}
        # What the server has asked the client and not been told yet.
        self._questions: set[str | int] = set()
        self._all_answered = anyio.Event()
        self._patience = anyio.CancelScope()
        self._ended = False
        self._era_settled = False

    def hurry(self) -> None:
        """Read no more, and give the calls that are open only so much longer."""
        self._patience.deadline = anyio.current_time() + _OPEN_CALLS_SECONDS
        self._wire.end()
        self._hooks.hurry()

    async def run(self) -> None:
        to_sdk, sdk_in = anyio.create_memory_object_stream[Incoming](0)
        sdk_out, from_sdk = anyio.create_memory_object_stream[SessionMessage](0)
        async with anyio.create_task_group() as group:
            group.start_soon(self._inbound, to_sdk)
            async with anyio.create_task_group() as answers:
                answers.start_soon(self._outbound, from_sdk, to_sdk, answers)
                # Returns after `_inbound` has closed `to_sdk` and the server's lifespan is over.
                await self._server.run(sdk_in, sdk_out, self._server.create_initialization_options())
                # What is left is written, but the server can note it no more.
                self._open_calls.clear()
                answers.cancel_scope.deadline = anyio.current_time() + _LAST_ANSWERS_SECONDS
            group.cancel_scope.cancel()

    async def _inbound(self, to_sdk: MemoryObjectSendStream[Incoming]) -> None:
        async with to_sdk:
            with self._patience:
                while line := await self._wire.readline():
                    await self._take(line, to_sdk)
                self._ended = True
                for question in tuple(self._questions):
                    await self._answer_for_the_client(question, to_sdk)
                if self._open_calls:
                    await self._all_answered.wait()

    async def _take(self, line: str, to_sdk: MemoryObjectSendStream[Incoming]) -> None:
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except (ValueError, RecursionError) as error:
            await self._send(_rejection(error))
            return
        if isinstance(message, JSONRPCRequest) and self._is_probe(message):
            found = _discovery(self._server)
            await self._send(JSONRPCResponse(jsonrpc="2.0", id=message.id, result=found))
            return
        self._note(message)
        await to_sdk.send(SessionMessage(message))

    async def _outbound(
        self,
        from_sdk: MemoryObjectReceiveStream[SessionMessage],
        to_sdk: MemoryObjectSendStream[Incoming],
        answers: TaskGroup,
    ) -> None:
        async with from_sdk:
            async for envelope in from_sdk:
                message = envelope.message
                if isinstance(message, JSONRPCRequest):
                    self._questions.add(message.id)
                    if self._ended:
                        answers.start_soon(self._answer_for_the_client, message.id, to_sdk)
                # After its end the client may read no more, though what it left open still takes bytes.
                heard = not self._ended
                heard = await self._send(message) and heard
                if isinstance(message, JSONRPCResponse) and heard and self._is_tool_call(message.id):
                    # The next answer does not wait for this to be noted.
                    answers.start_soon(self._tell_written, message)
                elif isinstance(message, JSONRPCResponse | JSONRPCError):
                    self._close(message.id)

    async def _send(self, message: JSONRPCMessage) -> bool:
        return await self._wire.write(message.model_dump_json(by_alias=True, exclude_unset=True) + "\n")

    async def _tell_written(self, response: JSONRPCResponse) -> None:
        try:
            await self._hooks.written(response.result)
        except Exception:
            # Other calls are in flight, and this one was answered.
            _logger.exception("the answer to call %r went out, but that could not be noted", response.id)
        finally:
            self._close(response.id)

    async def _answer_for_the_client(self, question: str | int, to_sdk: MemoryObjectSendStream[Incoming]) -> None:
        """Tell the server that no answer will come to what it asked: the call that asked would wait for ever."""
        self._questions.discard(question)
        gone = ErrorData(code=CONNECTION_CLOSED, message="The client has closed the connection")
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            await to_sdk.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=question, error=gone)))

    def _is_probe(self, request: JSONRPCRequest) -> bool:
        if self._era_settled or request.method != "server/discover":
            return False
        meta: object = (request.params or {}).get("_meta")
        if not isinstance(meta, dict):
            return False
        return cast("dict[str, object]", meta).get(PROTOCOL_VERSION_META_KEY) in MODERN_PROTOCOL_VERSIONS

    def _is_tool_call(self, request_id: str | int) -> bool:
        """Say whether it is an open `tools/call`; one that its client gave up is open no more."""
        return self._open_calls.get(str(request_id)) == "tools/call"

    def _note(self, message: JSONRPCMessage) -> None:
        if isinstance(message, JSONRPCRequest):
            self._era_settled = True
            # That one is answered only when the server ends.
            if message.method != "subscriptions/listen":
                self._open_calls[str(message.id)] = message.method
        elif isinstance(message, JSONRPCNotification):
            if message.method == "notifications/cancelled":
                # Nobody waits for it any more, and not every era answers it.
                self._close((message.params or {}).get("requestId"))
        elif message.id is not None:
            self._questions.discard(message.id)

    def _close(self, request_id: object) -> None:
        self._open_calls.pop(str(request_id), None)
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
