"""The log on stderr: a line for each call, in text or JSON, which nobody can forge and which has no secret in it."""

import io
import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from mcp import Client
from mcp.types import Implementation

from imagewright.app import build_server
from imagewright.errors import SettingsError
from imagewright.logs import HIDDEN, Redaction, hide, logging_to_stderr, shown_as
from imagewright.settings import Settings, load
from tests.agent import KEYS, Agent
from tests.bodies import DONE
from tests.http.hosted import TOKEN
from tests.scripted import Answer, Scripted

FORMATS = ("text", "json")
log = logging.getLogger("imagewright")


def settings(**more: str) -> Settings:
    """Settings with a key of each provider, a token, and the log down to the last."""
    keys = {f"{slug.upper()}_API_KEY": key for slug, key in KEYS.items()}
    return load({**keys, "IMAGEWRIGHT_TOKEN": TOKEN, "IMAGEWRIGHT_LOG_LEVEL": "debug", **more})


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return what was written on stderr; nothing is ever written on stdout."""
    captured = capsys.readouterr()
    assert "" == captured.out
    return captured.err.splitlines()


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was written as JSON."""
    return [json.loads(line) for line in lines(capsys)]


def fail(words: str) -> None:
    """Raise an error with these words."""
    raise ValueError(words)


async def test_each_call_of_a_tool_and_of_a_provider_is_a_line(
    agent: Agent, depicta: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who called what, what came of it, at which provider, for how much and in how many seconds."""
    depicta.answer(Answer(200, DONE["depicta"]()))

    with logging_to_stderr(settings(IMAGEWRIGHT_LOG="json", IMAGEWRIGHT_LOG_LEVEL="info")):
        result = await agent.draw("depicta")

    called = [one for one in records(capsys) if one["level"] == "info"]
    provider, tool = called
    assert ["provider.call depicta: done", "tool.call generate_image: done"] == [one["message"] for one in called]
    common = {"generation_id": result.structured["generation_id"], "cost": "0.045000", "unit": "EUR"}
    common |= {"level": "info", "logger": "imagewright", "provider": "depicta", "outcome": "done"}
    assert common | {"kind": "paid", "status": 200, "call": 0} == {
        name: provider[name] for name in (*common, "kind", "status", "call")
    }
    assert common | {"tool": "generate_image", "principal": "local", "client": "mcp 0.1.0"} == {
        name: tool[name] for name in (*common, "tool", "principal", "client")
    }
    assert tool["protocol_version"] == {"2026-07-28": "2026-07-28", "legacy": "2025-11-25"}[agent.era]
    assert all(one["seconds"] >= 0 and one["at"].endswith("Z") for one in called)


async def test_a_failure_is_a_line_with_its_code(
    agent: Agent, theo: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the provider and of the tool; wrong arguments too."""
    theo.answer(Answer(402, {"error": {"code": "x", "message": "no"}}))

    with logging_to_stderr(settings(IMAGEWRIGHT_LOG="json", IMAGEWRIGHT_LOG_LEVEL="info")):
        await agent.draw("theo")
        await agent.draw("theo", wrong=1)

    told = [(one["message"], one.get("status")) for one in records(capsys)]
    assert [
        ("provider.call theo: insufficient_credits", 402),
        ("tool.call generate_image: insufficient_credits", None),
        ("tool.call generate_image: invalid_arguments", None),
    ] == told


async def test_what_was_paid_earlier_is_not_told_again(
    agent: Agent, theo: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    """The costs in the log add up to what was spent."""
    theo.answer(Answer(200, DONE["theo"]()))

    with logging_to_stderr(settings(IMAGEWRIGHT_LOG="json", IMAGEWRIGHT_LOG_LEVEL="info")):
        made = await agent.draw("theo", request_id="one")
        await agent.draw("theo", request_id="one")
        await agent.call("get_generation", generation_id=made.structured["generation_id"])
        await agent.draw("theo", dry_run=True)

    tools = [one for one in records(capsys) if one["message"].startswith("tool.call")]
    assert ["done", "done", "done", "planned"] == [one["outcome"] for one in tools]
    assert ["0.08", None, None, None] == [one.get("cost") for one in tools]


@pytest.mark.parametrize("form", FORMATS)
async def test_no_prompt_and_no_secret_is_in_the_log(
    agent: Agent, depicta: Scripted, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """At the most talkative level, with everything that goes wrong, and what providers say back."""
    depicta.answer(
        Answer(200, DONE["depicta"]()),
        Answer(400, {"error": {"code": KEYS["depicta"], "message": f"canary-words {KEYS['depicta']}"}}),
        Answer(200, DONE["depicta"](), ending="cut"),
    )

    with logging_to_stderr(settings(IMAGEWRIGHT_LOG=form)):
        for number in range(3):
            await agent.draw("depicta", prompt=f"canary-prompt {number}")
        await agent.draw("depicta", prompt="canary-prompt", model="canary model of two words", dry_run=True)
        await agent.draw("depicta", wrong="canary-argument")

    told = "\n".join(lines(capsys))
    assert "tool.call generate_image: rejected_request" in told
    assert [] == [one for one in (*KEYS.values(), TOKEN, "canary", "sig=abc") if one in told]


@pytest.mark.parametrize("form", FORMATS)
async def test_a_client_cannot_forge_a_line(agent: Agent, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """What it calls itself has new lines, colours, and letters that run backwards."""
    evil = 'x\n2026-01-01T00:00:00Z info imagewright all is well\x1b[31m\u202e"} {"at": 1}'
    with logging_to_stderr(settings(IMAGEWRIGHT_LOG=form)):
        server = build_server(load(agent.environ))
        async with Client(server, mode=agent.era, client_info=Implementation(name=evil, version="1\r2")) as client:
            await client.call_tool("list_models", {"provider": "heydecks"})

    told = lines(capsys)
    (line,) = [one for one in told if "list_models" in one]
    assert [] == [char for char in "\x1b\u202e" if char in "".join(told)]
    assert [] == [one for one in told if "all is well" in one and one is not line]
    if form == "json":
        assert "x 2026-01-01T00:00:00Z info imagewright all is well" in json.loads(line)["client"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_traceback_stays_and_tells_no_secret(capsys: pytest.CaptureFixture[str], form: str) -> None:
    """Its lines are set in, so that the words of an exception cannot pass for a line of the log."""
    try:
        fail(f"{KEYS['theo']}\n2026-01-01T00:00:00Z info imagewright all is well")
    except ValueError:
        with logging_to_stderr(settings(IMAGEWRIGHT_LOG=form)):
            log.exception("It failed with %s", KEYS["theo"])

    head, *rest = lines(capsys)
    told = [head, *(json.loads(head)["exception"].splitlines() if form == "json" else rest)]
    assert [] == [line for line in told if KEYS["theo"] in line]
    assert f"It failed with {HIDDEN}" in head
    assert any("in fail" in line for line in told)
    assert [] == [line for line in rest if not line.startswith("    ")]
    assert 1 == len([line for line in told if line.strip() == f"ValueError: {HIDDEN}"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"the key {KEYS['heydecks']} of ours", f"the key {HIDDEN} of ours"),
        ("the key hd_live_zzzz9999 of somebody", f"the key hd_live_{HIDDEN} of somebody"),
        ("keys begin with hd_live_...", "keys begin with hd_live_..."),
        ("{'authorization': 'Bearer abcdefgh.ijkl='}", f"{{'authorization': 'Bearer {HIDDEN}'}}"),
        ("GET https://images.example/1.png?sig=abc&e=1 failed", f"GET https://images.example/1.png?{HIDDEN} failed"),
        ("GET /?token=abc", f"GET /?{HIDDEN}"),
        ("https://user:word@proxy.example:8080/x", f"https://{HIDDEN}@proxy.example:8080/x"),
        ("type=x, input_value='a prompt, or so', input_type=str]", f"type=x, input_value={HIDDEN}, input_type=str]"),
        ("Is it done? Yes.", "Is it done? Yes."),
    ],
)
def test_secrets_and_what_looks_like_one_are_taken_out(text: str, shown: str) -> None:
    """Keys, tokens, what signs a URL, and what pydantic quotes."""
    assert shown == Redaction(KEYS.values())(text)


def test_a_secret_behind_invisible_letters_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    """They are dropped from the line, and would leave the secret in one piece."""
    key = KEYS["posteverywhere"]
    with logging_to_stderr(settings()):
        log.warning("it is %s", f"{key[:10]}\u200b{key[10:]}")

    assert key not in "".join(lines(capsys))


def test_a_token_that_is_known_later_is_taken_out_from_then_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The HTTP server makes or finds its own after the log has begun."""
    with logging_to_stderr(settings()):
        hide("made-by-the-server-itself")
        log.warning("it is %s", "made-by-the-server-itself")

    assert f"it is {HIDDEN}" in "".join(lines(capsys))


def test_what_libraries_say_below_a_warning_is_never_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """They log whole requests there."""
    with logging_to_stderr(settings()):
        logging.getLogger("mcp.server").info("canary")
        logging.getLogger("asyncio").debug("canary")
        logging.getLogger("mcp.server").warning("shown")

    (line,) = lines(capsys)
    assert line.endswith("warning mcp.server shown")


def test_an_exporter_without_a_collector_complains_once_in_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    """Each batch fails anew; it says so in one line, without a traceback."""
    exporter = logging.getLogger("opentelemetry.exporter.test")
    with logging_to_stderr(settings()):
        for number in range(3):
            try:
                fail("connection refused")
            except ValueError:
                exporter.exception("Batch %d failed", number)

    (line,) = lines(capsys)
    assert line.endswith("error opentelemetry.exporter.test Batch 0 failed")


def test_a_message_that_does_not_fit_its_arguments_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of ours costs no line."""
    with logging_to_stderr(settings()):
        # Not by way of the logger: pytest listens there as well, and takes such a slip for a failure.
        logging.getLogger().handlers[-1].handle(logging.LogRecord("imagewright", 30, "", 0, "%d of", ("x",), None))

    assert lines(capsys)[0].endswith("warning imagewright %d of")


@pytest.mark.parametrize(
    ("environ", "over_http", "terminal", "shown"),
    [
        ({}, False, False, ("text", logging.WARNING)),
        ({}, True, False, ("json", logging.INFO)),
        ({}, True, True, ("text", logging.INFO)),
        ({"IMAGEWRIGHT_LOG": "JSON", "IMAGEWRIGHT_LOG_LEVEL": "error"}, False, True, ("json", logging.ERROR)),
        ({"IMAGEWRIGHT_LOG": "text", "IMAGEWRIGHT_LOG_LEVEL": "debug"}, True, False, ("text", logging.DEBUG)),
    ],
)
def test_each_transport_has_its_own_default(
    environ: Mapping[str, str],
    over_http: bool,
    terminal: bool,
    shown: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """People read what comes over stdio or on a terminal, programs what a server on its own writes."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr("sys.stderr", Screen())

    assert shown == shown_as(load(environ), over_http=over_http)


@pytest.mark.parametrize(("name", "takes"), [("IMAGEWRIGHT_LOG", "text, json"), ("IMAGEWRIGHT_LOG_LEVEL", "warning")])
def test_a_word_that_the_log_does_not_know_is_refused(name: str, takes: str) -> None:
    """With the words that it takes."""
    with pytest.raises(SettingsError, match=rf"{name} takes .*{takes}"):
        load({name: "loud"})


def test_the_log_leaves_no_trace_behind() -> None:
    """A command that runs inside another program takes its handler and levels away again."""
    root = logging.getLogger()
    before = list(root.handlers), root.level, log.level
    with logging_to_stderr(settings()):
        during = list(root.handlers), root.level, log.level

    assert before == (list(root.handlers), root.level, log.level)
    assert before != during
