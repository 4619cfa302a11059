"""How the stdio server ends, and what does not end it: processes, pipes and signals are real."""

import json
import signal
import sys
from typing import Any

import pytest

from tests.ends_client import META, MORE_THAN_A_PIPE_HOLDS, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

ODD: dict[str, dict[str, Any]] = {
    "a list as id": {"method": "notifications/cancelled", "params": {"requestId": [{}]}},
    "no id": {"method": "notifications/cancelled"},
    "a list as meta": {"id": 7, "method": "server/discover", "params": {"_meta": [1]}},
    "an answer to no question": {"id": 7, "result": {}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_an_odd_message_ends_nothing(odd: dict[str, Any]) -> None:
    """The server lives on: other calls are being paid for."""
    initialize = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}}
    async with running() as server:
        await server.say(odd)
        await server.say({"id": 1, "method": "initialize", "params": initialize})
        await server.say({"method": "notifications/initialized"})
        await server.say({"id": 2, "method": "tools/call", "params": {"name": "quick", "arguments": {"text": "alive"}}})
        await server.close_stdin()
        await server.rest()

    assert "alive" == server.text(2)


async def test_the_end_of_stdin_lets_a_call_be_answered_before_the_lifespan_ends() -> None:
    """No signal came, so nothing hurries; but that the client read the answer is more than anybody knows."""
    async with running("attentive") as server:
        await server.call(1, "slow")
        await server.until("slow begins")
        await server.close_stdin()
        await server.until("stdin ended")
        server.release()
        await server.rest()
        code = await server.end()

    assert ("slow", 0) == (server.text(1), code)
    assert ["lifespan begins", "slow begins", "stdin ended", "slow returns", "lifespan ends"] == server.events


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_a_signal_ends_an_idle_server_though_stdin_stays_open(number: int, exit_code: int) -> None:
    """It hurries, its lifespan ends, and a thread that reads stdin does not keep it."""
    async with running() as server:
        server.signal(number)
        code = await server.end()

    assert (exit_code, ["lifespan begins", "hurry", "lifespan ends"]) == (code, server.events)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
async def test_a_signal_lets_a_call_in_flight_be_answered(number: int, exit_code: int) -> None:
    """What it draws is being paid for; what the client says after the signal is not heard any more."""
    async with running() as server:
        await server.call(1, "slow")
        await server.until("slow begins")
        server.signal(number)
        await server.until("hurry")
        await server.call(2, "quick", text="too late")
        server.release()
        await server.rest()
        code = await server.end()

    assert {1} == set(server.answers)
    assert ("slow", exit_code) == (server.text(1), code)
    assert ["lifespan begins", "slow begins", "hurry", "slow returns", "lifespan ends"] == server.events


async def test_a_call_that_takes_too_long_after_a_signal_is_cancelled() -> None:
    """Its client is told so before the server ends."""
    async with running("at-once") as server:
        await server.call(1, "slow")
        await server.until("slow begins")
        server.signal(signal.SIGTERM)
        await server.rest()
        code = await server.end()

    assert (-32000, 143) == (server.answers[1]["error"]["code"], code)
    assert ["lifespan begins", "slow begins", "hurry", "slow is cancelled", "lifespan ends"] == server.events


async def test_a_client_that_does_not_read_cannot_keep_a_server_that_was_told_to_end() -> None:
    """The thread that writes is blocked for good: it is left behind."""
    async with running("at-once", "abrupt") as server:
        await server.call(1, "quick", text="big", size=MORE_THAN_A_PIPE_HOLDS)
        await server.until("big returns")
        server.signal(signal.SIGTERM)
        code = await server.end()

    assert 143 == code
    assert ["lifespan begins", "big returns", "hurry", "lifespan ends"] == server.events


async def test_an_answer_left_when_the_lifespan_is_over_still_goes_out() -> None:
    """It is written as far as the client reads; the server, which can note nothing any more, is not told."""
    async with running("at-once", "patient") as server:
        await server.call(1, "quick", text="big", size=MORE_THAN_A_PIPE_HOLDS)
        await server.until("big returns")
        server.signal(signal.SIGTERM)
        await server.until("lifespan ends")
        await server.rest()
        code = await server.end()

    assert (len("big") + MORE_THAN_A_PIPE_HOLDS, 143) == (len(server.text(1)), code)
    assert "lifespan ends" == server.events[-1]


async def test_a_signal_after_the_end_of_stdin_hurries_the_lifespan() -> None:
    """Clients close stdin, wait two seconds and then send SIGTERM: by then the server drains its work."""
    async with running("drains") as server:
        await server.close_stdin()
        await server.until("lifespan drains")
        server.signal(signal.SIGTERM)
        await server.until("hurry")
        server.release()
        code = await server.end()

    assert (143, ["lifespan begins", "lifespan drains", "hurry", "lifespan ends"]) == (code, server.events)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_the_process_at_once(first: int, second: int) -> None:
    """The call is not waited for, and the lifespan does not end."""
    async with running() as server:
        await server.call(1, "slow")
        await server.until("slow begins")
        server.signal(first)
        await server.until("hurry")
        server.signal(second)
        code = await server.end()

    assert (-second, ["lifespan begins", "slow begins", "hurry"]) == (code, server.events)


async def test_the_end_of_stdin_does_not_wait_for_a_subscription() -> None:
    """A client that listens for changes listens until it goes."""
    async with running() as server:
        listen = {"notifications": {"toolsListChanged": True}, "_meta": META}
        await server.say({"id": 1, "method": "subscriptions/listen", "params": listen})
        await server.answer()
        await server.close_stdin()
        code = await server.end()

    assert (0, ["lifespan begins", "lifespan ends"]) == (code, server.events)


@pytest.mark.parametrize("closes_first", [True, False])
async def test_the_end_of_stdin_does_not_wait_for_the_client_to_answer_a_question(*, closes_first: bool) -> None:
    """The call that asked is told that nobody will, whether it asked before or after."""
    client = {"name": "test", "version": "0"}
    params: dict[str, Any] = {
        "protocolVersion": "2025-11-25",
        "capabilities": {"elicitation": {}},
        "clientInfo": client,
    }
    async with running() as server:
        await server.say({"id": 1, "method": "initialize", "params": params})
        await server.answer()
        await server.say({"method": "notifications/initialized"})
        await server.say({"id": 2, "method": "tools/call", "params": {"name": "ask", "arguments": {}}})
        if not closes_first:
            await server.until("ask begins")
            while (await server.answer() or {}).get("method") != "elicitation/create":
                pass
        await server.close_stdin()
        await server.rest()
        code = await server.end()

    assert 0 == code
    assert "answered" not in json.dumps(server.answers[2])
    assert "lifespan ends" == server.events[-1]


async def test_stray_output_and_input_miss_the_wire() -> None:
    """A tool that prints is heard on stderr, and one that reads stdin finds it empty."""
    async with running() as server:
        await server.call(1, "stray")
        await server.answer()
        await server.close_stdin()
        code = await server.end()

    assert ("read b''", 0) == (server.text(1), code)
    assert ["printed", "written past Python"] == server.events[1:3]
