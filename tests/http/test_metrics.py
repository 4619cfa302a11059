"""The numbers for Prometheus: true after each call, for the owner's eyes, and cheap to ask for."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import anyio
import prometheus_client
import pytest
from prometheus_client.parser import text_string_to_metric_families

from imagewright import __version__
from imagewright.journal import Journal
from imagewright.transports import metrics
from imagewright.transports.bodies import MOST_BYTES
from tests.agent import KEYS
from tests.bodies import DONE, JOB, theo_done
from tests.http.hosted import TOKEN, Hosted, hosted
from tests.lookups import job
from tests.scripted import Answer, Scripted

DEPICTA_EUR = 0.045  # what its answer in tests.bodies tells


@dataclass(frozen=True, slots=True)
class Numbers:
    """One scrape; a number that is not there is None."""

    text: str

    def __call__(self, name: str, **labels: str) -> float | None:
        """Return a number."""
        for family in text_string_to_metric_families(self.text):
            for sample in family.samples:
                if sample.name == f"imagewright_{name}" and sample.labels == labels:
                    return float(sample.value)
        return None


async def scrape(server: Hosted) -> Numbers:
    """Ask for the numbers as Prometheus does."""
    async with server.http() as http:
        answer = await http.get("/metrics")
    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    return Numbers(answer.text)


async def draw(server: Hosted, provider: str, **arguments: str) -> None:
    """Have a picture drawn."""
    async with server.client("2026-07-28") as client:
        await client.call_tool("generate_image", {"prompt": "a fox", "provider": provider, **arguments})


async def test_a_picture_shows_with_its_cost(server: Hosted, scripts: Mapping[str, Scripted]) -> None:
    """Everything is there and nought before; afterwards the calls, their seconds, and the money."""
    scripts["depicta"].answer(Answer(200, DONE["depicta"]()))

    before = await scrape(server)
    await draw(server, "depicta")
    after = await scrape(server)

    tool, call = {"tool": "generate_image"}, {"provider": "depicta", "kind": "paid"}
    counted: list[tuple[str, dict[str, str], float]] = [
        ("tool_calls_total", tool | {"outcome": "done"}, 1),
        ("tool_call_seconds_count", tool, 1),
        ("provider_calls_total", call | {"outcome": "done"}, 1),
        ("provider_call_seconds_count", call, 1),
        ("cost_total", {"provider": "depicta", "unit": "EUR"}, DEPICTA_EUR),
        ("generations", {"state": "running"}, 0),
        ("generations", {"state": "unknown"}, 0),
        ("http_connections", {}, 1),
        ("build_info", {"version": __version__}, 1),
    ]
    assert [(name, number) for name, _, number in counted] == [(name, after(name, **of)) for name, of, _ in counted]
    counters = [(name, of) for name, of, _ in counted if name.endswith("_total")]
    assert [0, 0, 0] == [before(name, **of) for name, of in counters]


async def test_the_cost_of_a_picture_that_was_found_later_counts(
    server: Hosted, scripts: Mapping[str, Scripted]
) -> None:
    """Its answer was lost; a look at the provider's list brought it, and what it had cost."""
    head = {"x-depicta-job-id": JOB}
    scripts["depicta"].answer(Answer(200, DONE["depicta"](), head, ending="cut"))
    scripts["depicta"].answer(Answer(200, job()), path=f"/v1/jobs/{JOB}")

    await draw(server, "depicta")
    shown = await scrape(server)

    assert DEPICTA_EUR == shown("cost_total", provider="depicta", unit="EUR")
    assert 1 == shown("provider_calls_total", provider="depicta", kind="paid", outcome="unreadable_answer")
    assert 1 == shown("tool_calls_total", tool="generate_image", outcome="done")


async def test_what_is_open_shows_as_long_as_it_is(server: Hosted, scripts: Mapping[str, Scripted]) -> None:
    """A generation at work, one whose outcome nobody knows, a session and a stream."""
    scripts["theo"].hold()
    scripts["theo"].answer(Answer(200, DONE["theo"]()))
    scripts["heydecks"].answer(Answer(200, b"", ending="close"))

    async with server.client("2025-11-25"), server.client("2024-11-05 sse"):
        await draw(server, "heydecks")
        drawing = asyncio.create_task(draw(server, "theo"))
        await scripts["theo"].arrived.wait()
        shown = await scrape(server)
        scripts["theo"].let_go()
        await drawing

    assert (1, 1) == (shown("generations", state="running"), shown("generations", state="unknown"))
    assert (1, 1) == (shown("http_sessions"), shown("http_streams"))
    assert 1 == shown("provider_calls_total", provider="heydecks", kind="paid", outcome="outcome_unknown")
    assert 1 == shown("tool_calls_total", tool="generate_image", outcome="outcome_unknown")


async def test_each_refusal_is_counted_by_its_reason(server: Hosted) -> None:
    """Without a token, with a wrong one, by a foreign name, from a foreign page, with too much."""
    async with server.http() as http:
        for headers in ({"Authorization": "Bearer wrong"}, {"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            await http.get("/metrics", headers=headers)
        await http.post("/mcp", content=bytes(MOST_BYTES + 1))
        http.headers.pop("Authorization")
        bare = await http.get("/metrics")
    shown = await scrape(server)

    assert 401 == bare.status_code
    reasons = ("no_token", "wrong_token", "host", "origin", "too_large", "not_allowed", "busy")
    assert [1, 1, 1, 1, 1, 0, 0] == [shown("http_refused_total", reason=reason) for reason in reasons]


async def test_a_browser_cookie_opens_no_numbers(server: Hosted) -> None:
    """Cookies go by themselves, whoever makes a browser send them."""
    async with server.http() as http:
        http.headers.pop("Authorization")
        await http.get(f"/?token={TOKEN}")
        gallery, numbers = await http.get("/"), await http.get("/metrics")

    assert (200, 401) == (gallery.status_code, numbers.status_code)


async def test_a_tool_that_there_is_not_has_no_number_of_its_own(server: Hosted) -> None:
    """Whoever calls could make a million of them otherwise."""
    async with server.client("2026-07-28") as client:
        await client.call_tool("made_up", {})
    shown = await scrape(server)

    assert 1 == shown("tool_calls_total", tool="other", outcome="protocol_error")
    assert "made_up" not in shown.text


async def test_money_of_the_sandbox_is_no_money(sandboxed: Hosted) -> None:
    """It has a name of its own, so that no sum mixes the two."""
    await draw(sandboxed, "auto")
    shown = await scrape(sandboxed)

    assert 8 == shown("sandbox_cost_total", provider="heydecks", unit="credits")
    assert 1 == shown("downloads_total", outcome="done")
    assert "imagewright_cost_total" not in shown.text


async def test_two_servers_of_a_process_count_for_themselves(
    environ: dict[str, str], scripts: Mapping[str, Scripted], tmp_path: Path
) -> None:
    """What one does is not in the numbers of the other."""
    scripts["theo"].answer(Answer(200, DONE["theo"]()))
    async with hosted(environ) as one, hosted(environ | {"IMAGEWRIGHT_HOME": str(tmp_path / "other")}) as other:
        await draw(one, "theo")
        shown = [await scrape(server) for server in (one, other)]

    of = {"provider": "theo", "unit": "cents"}
    assert [0.08, 0] == [numbers("cost_total", **of) for numbers in shown]


async def test_a_journal_that_does_not_answer_costs_its_numbers_only(
    server: Hosted, scripts: Mapping[str, Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scrape goes on without them after a moment."""
    scripts["theo"].answer(Answer(200, DONE["theo"]()))
    await draw(server, "theo")

    async def stand_still(*_: object, **__: object) -> None:
        await anyio.sleep_forever()

    monkeypatch.setattr(Journal, "standing", stand_still)
    monkeypatch.setattr(metrics, "_JOURNAL_SECONDS", 0.01)
    shown = await scrape(server)

    assert isnan(shown("generations", state="running") or 0)
    assert isnan(shown("copies_waiting") or 0)
    assert 1 == shown("tool_calls_total", tool="generate_image", outcome="done")


async def test_the_text_is_made_in_another_thread(server: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop has calls to answer meanwhile."""
    threads: list[threading.Thread] = []
    real = prometheus_client.generate_latest

    def noted(registry: prometheus_client.CollectorRegistry) -> bytes:
        threads.append(threading.current_thread())
        return real(registry)

    monkeypatch.setattr(prometheus_client, "generate_latest", noted)
    await scrape(server)

    assert 1 == len(threads)
    assert threading.current_thread() not in threads


async def test_a_lane_shows_from_its_first_call_on(server: Hosted, scripts: Mapping[str, Scripted]) -> None:
    """Width, calls that run and wait, and the pause after a 429, by provider."""
    theo = scripts["theo"]
    theo.answer(Answer(200, theo_done()))
    theo.hold()
    before = await scrape(server)
    drawing = asyncio.create_task(draw(server, "theo"))
    await theo.arrived.wait()
    shown = await scrape(server)
    theo.let_go()
    await drawing
    after = await scrape(server)

    names = ("lane_width", "lane_running", "lane_waiting", "lane_paused_seconds")
    assert [None] * 4 == [before(name, provider="theo") for name in names]
    assert [4, 1, 0, 0] == [shown(name, provider="theo") for name in names]
    assert [4, 0, 0, 0] == [after(name, provider="theo") for name in names]


async def test_no_prompt_and_no_key_is_in_the_numbers(server: Hosted, scripts: Mapping[str, Scripted]) -> None:
    """Not even where a caller writes one into a field of a few words, or a provider says it back."""
    refused = {"error": {"code": KEYS["theo"], "message": f"canary-words {KEYS['theo']}"}}
    scripts["theo"].answer(Answer(400, refused))
    await draw(server, "theo", prompt="canary-prompt", model="canary-model", style="canary-style")
    await draw(server, "theo", prompt="canary-prompt")
    shown = await scrape(server)

    assert "canary" not in shown.text
    assert [] == [key for key in (*KEYS.values(), TOKEN) if key in shown.text]
    assert "imagewright_provider_calls_total{" in shown.text
