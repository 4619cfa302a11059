"""The spans of a call over HTTP: one tree from the client's call down to the journal, and no prompt or key in it."""

from collections.abc import Generator, Mapping

import anyio
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from imagewright.steps import Ended, Steps
from imagewright.studio import Studio
from tests.agent import KEYS, Agent
from tests.bodies import DONE
from tests.http.hosted import TOKEN, Hosted, Kind
from tests.scripted import Answer, Scripted
from tests.spans import Spans, recorded

CALL = "tools/call generate_image"


@pytest.fixture
def spans() -> Generator[Spans]:
    """What this test's server and clients record."""
    with recorded() as found:
        yield found


async def draw(server: Hosted, kind: Kind, **arguments: object) -> None:
    """Have a picture drawn."""
    async with server.client(kind) as client:
        await client.call_tool("generate_image", {"prompt": "canary-prompt", **arguments})


def told(span: ReadableSpan) -> dict[str, object]:
    """Return the attributes of a span."""
    return dict(span.attributes or {})


def paid(spans: Spans) -> list[ReadableSpan]:
    """Return the spans of the calls that cost money."""
    return [one for one in spans.named("provider.call") if told(one)["imagewright.kind"] == "paid"]


async def test_a_call_is_one_tree_down_to_the_journal(
    server: Hosted, scripts: Mapping[str, Scripted], spans: Spans, kind: Kind
) -> None:
    """The SDK's span of the message, in it the provider's call, in that the journal: across the tasks between."""
    scripts["depicta"].answer(Answer(200, DONE["depicta"]()))

    await draw(server, kind, provider="depicta")

    (call,), (tool,) = spans.named("provider.call"), spans.named(CALL)
    noted = [told(span)["code.function.name"] for span in spans.named("journal.write") if CALL in spans.above(span)]
    within = [span for span in spans.named("journal.write") if spans.above(span)[:2] == ["provider.call", CALL]]
    assert CALL == spans.above(call)[0]
    assert (SpanKind.SERVER, SpanKind.CLIENT) == (tool.kind, call.kind)
    assert {"Journal.begin", "Journal.finish"} < set(noted)
    assert 1 == len(within)  # the head of the answer
    assert 3 == len([span for span in spans.named("download") if CALL in spans.above(span)])


async def test_a_provider_call_tells_what_it_was_and_came_to(
    server: Hosted, scripts: Mapping[str, Scripted], spans: Spans
) -> None:
    """By the names of the semantic conventions, and ours for the rest; the tool's span has the sum of it."""
    scripts["depicta"].answer(Answer(200, DONE["depicta"]()))

    await draw(server, "2026-07-28", provider="depicta")

    call, tool = told(spans.named("provider.call")[0]), told(spans.named(CALL)[0])
    generation_id = call.pop("imagewright.generation_id")
    assert {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": "depicta",
        "gen_ai.request.model": "gemini-2.5-flash-image",
        "http.response.status_code": 200,
        "imagewright.call": 0,
        "imagewright.cost.amount": 0.045,
        "imagewright.cost.unit": "EUR",
        "imagewright.kind": "paid",
        "imagewright.outcome": "done",
        "server.address": "127.0.0.1",
    } == call
    assert (generation_id, "done") == (tool["imagewright.generation_id"], tool["imagewright.outcome"])


async def test_a_failure_is_marked_by_its_code_and_nothing_is_quoted(
    server: Hosted, scripts: Mapping[str, Scripted], spans: Spans
) -> None:
    """The words of a provider stay out, whatever they are."""
    scripts["theo"].answer(Answer(401, {"error": {"code": "x", "message": f"canary-words {KEYS['theo']}"}}))

    await draw(server, "2026-07-28", provider="theo")

    (call,) = paid(spans)
    assert (StatusCode.ERROR, None) == (call.status.status_code, call.status.description)
    assert ("key_refused", 401) == (told(call)["error.type"], told(call)["http.response.status_code"])
    assert () == tuple(call.events)


async def test_no_prompt_key_or_address_is_in_any_span(
    server: Hosted, scripts: Mapping[str, Scripted], spans: Spans, kind: Kind
) -> None:
    """Success, refusal, a lost answer, a prompt in the wrong field, a signed URL: of the server's and the client's."""
    scripts["depicta"].answer(
        Answer(200, DONE["depicta"]()),
        Answer(400, {"error": {"code": KEYS["depicta"], "message": "canary-words"}}),
        Answer(200, DONE["depicta"]()),
    )
    scripts["heydecks"].answer(Answer(200, DONE["heydecks"](), ending="cut"))
    for number, provider in enumerate(("depicta", "depicta", "heydecks")):
        await draw(server, kind, provider=provider, prompt=f"canary-prompt {number}")
    await draw(server, kind, provider="depicta", model="a canary-model, which is no id")
    await draw(server, kind, wrong="canary-argument")

    everything = spans.everything
    calls = paid(spans)
    outcomes = ["done", "rejected_request", "unreadable_answer", "done"]
    assert outcomes == [told(one)["imagewright.outcome"] for one in calls]
    assert [True, True, False, False] == ["gen_ai.request.model" in told(one) for one in calls]
    assert spans.named("download")
    assert [] == [one for one in (*KEYS.values(), TOKEN, "canary", "sig=abc") if one in everything]


async def test_the_journal_alone_makes_no_trace(server: Hosted, scripts: Mapping[str, Scripted], spans: Spans) -> None:
    """A scrape every few seconds would fill a collector with spans that belong to nothing."""
    scripts["theo"].answer(Answer(200, DONE["theo"]()))
    await draw(server, "2026-07-28", provider="theo")
    async with server.http() as http:
        await http.get("/metrics")
        await http.get("/gallery.json")

    of_the_journal = [one for one in spans.all if one.name.startswith("journal.")]
    assert of_the_journal
    assert [] == [one for one in of_the_journal if one.parent is None]


async def test_what_listens_and_fails_costs_no_picture(
    agent: Agent, theo: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is paid for, whoever wants to hear of it."""

    def fail(_: Ended) -> None:
        raise ValueError("canary")

    begin = Studio.__init__

    def begin_with_a_bad_listener(self: Studio, *arguments: object) -> None:
        begin(self, *arguments)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # passed on as they are
        self.steps.listen(fail)

    monkeypatch.setattr(Studio, "__init__", begin_with_a_bad_listener)
    theo.answer(Answer(200, DONE["theo"]()))

    result = await agent.draw("theo")

    assert "done" == result.structured["status"]


async def test_a_step_whose_caller_leaves_is_told_as_cancelled() -> None:
    """With its seconds, once."""
    steps, heard = Steps(), list[Ended]()
    steps.listen(heard.append)

    with anyio.CancelScope() as scope:
        with steps.step("provider.call", provider="theo"):
            scope.cancel()
            await anyio.sleep_forever()

    assert ["cancelled"] == [ended.outcome for ended in heard]
