"""Spans are sent where the environment says, over either transport, and hold nothing up if nobody takes them."""

import json
import logging
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from typing import Any

import anyio
import pytest
from opentelemetry import trace

from imagewright.tracing import tracing
from tests.collector import collecting
from tests.test_stdio import INITIALIZED, initialize, request

DRY: dict[str, Any] = {"name": "generate_image", "arguments": {"prompt": "canary-prompt", "dry_run": True}}
DRAW: dict[str, Any] = {"name": "generate_image", "arguments": {"prompt": "canary-prompt"}}


@dataclass(frozen=True, slots=True)
class Ran:
    """A server over stdio that has ended; `seconds` is from the last answer to the end of its process."""

    out: str
    err: str
    code: int
    seconds: float


async def ran(home: Path, call: dict[str, Any], **environ: str) -> Ran:
    """Start a server, have a tool called, close stdin after the answer, and wait for the end."""
    messages = [initialize("2025-11-25"), INITIALIZED, request(2, "tools/call", call)]
    spoken = "".join(json.dumps(one) + "\n" for one in messages).encode()
    environment = {**os.environ, "IMAGEWRIGHT_HOME": str(home), "IMAGEWRIGHT_SANDBOX": "1", **environ}
    out, err = bytearray(), bytearray()
    command = [sys.executable, "-m", "imagewright"]
    with anyio.fail_after(60):
        async with await anyio.open_process(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment) as process:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            await process.stdin.send(spoken)
            while b'"id":2' not in out:
                out += await process.stdout.receive()
            await process.stdin.aclose()
            began = time.monotonic()
            async for part in process.stderr:
                err += part
            async for part in process.stdout:
                out += part
            code = await process.wait()
    return Ran(out.decode(), err.decode(), code, time.monotonic() - began)


async def test_spans_of_a_call_reach_the_collector(tmp_path: Path) -> None:
    """All of them, those of the last moment too, by HTTP without more settings than the address."""
    with collecting() as collector:
        done = await ran(tmp_path, DRAW, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)

    assert (0, "") == (done.code, done.err)
    assert {"tools/call generate_image", "provider.call", "journal.write"} < set(collector.names)
    assert {"imagewright"} == collector.services
    assert b"canary" not in b"".join(collector.bodies)


async def test_a_silent_collector_holds_no_end_up(tmp_path: Path) -> None:
    """Two of them take the spans and say nothing: the answer came all the same, and the end waits for a second."""
    with collecting(silent=True) as collector:
        twice = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_TRACES_EXPORTER": "otlp,otlp"}
        done = await ran(tmp_path, DRY, **twice, OTEL_SERVICE_NAME="mine")

    assert (0, {"mine"}) == (done.code, collector.services)
    assert 2 == len(done.out.splitlines())
    assert done.seconds < 8  # a second of ours, the rest is the machine's; the SDK alone waits for 30


async def test_a_missing_collector_is_one_line_in_the_log(tmp_path: Path) -> None:
    """However many spans there are, and whatever is tried again."""
    done = await ran(
        tmp_path,
        DRY,
        OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9",
        OTEL_BSP_SCHEDULE_DELAY="1",
        IMAGEWRIGHT_LOG="json",
    )

    assert 0 == done.code
    (line,) = done.err.splitlines()
    assert "warning" == json.loads(line)["level"]
    assert done.seconds < 8


@pytest.fixture
def untraced(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """A process that nobody has set a tracer provider up in; other tests of this one may have."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)

    def refuse(_: object) -> None:
        pytest.fail("a tracer provider was set up")

    monkeypatch.setattr(trace, "set_tracer_provider", refuse)
    caplog.set_level(logging.WARNING)
    return caplog


def test_without_the_extra_one_line_says_how_to_have_it(
    untraced: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server starts without spans."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with tracing():
        pass

    (line,) = untraced.messages
    assert 'pip install "imagewright[otel]"' in line


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, []),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, []),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, []),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, ["no exporter 'zipkin' is installed"]),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_TRACES_EXPORTER": "otlp"}, ["no exporter 'otlp_proto_grpc'"]),
    ],
)
def test_nothing_is_set_up_unless_it_can_be_and_is_wanted(
    environ: dict[str, str], said: list[str], untraced: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off by default, off when told so; an exporter that is not there is named."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with tracing():
        pass

    assert len(said) == len(untraced.messages)
    assert all(words in line for words, line in zip(said, untraced.messages, strict=True))


def test_what_a_program_around_us_has_set_up_is_left_alone(
    untraced: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its provider may send spans elsewhere, and is its own to end."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    monkeypatch.setattr(trace, "get_tracer_provider", trace.NoOpTracerProvider)
    with tracing():
        pass

    assert [] == untraced.messages
