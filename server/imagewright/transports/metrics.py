"""Numbers of one HTTP server for Prometheus: what it did since its start, and what is open right now."""

import logging
from collections.abc import Callable, Collection
from math import nan
from typing import Final

import anyio
import anyio.to_thread
import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagewright import __version__
from imagewright.errors import SettingsError
from imagewright.gallery.routes import refusal
from imagewright.models import LOCAL
from imagewright.principals import principal
from imagewright.providers import all_providers
from imagewright.steps import DONE, Ended
from imagewright.studio import Studio
from imagewright.watching import OTHER

PATH: Final = "/metrics"

_JOURNAL_SECONDS: Final = 1.0  # a scraper gives up after ten
_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300)
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# What a status means here. Of the rest, such as 404, the client has nothing to fear and the owner little to learn.
_REASONS: Final = {
    400: "malformed",
    403: "origin",
    408: "too_slow",
    413: "too_large",
    421: "host",
    429: "rate_limited",
    503: "busy",
}
_NO_TOKEN: Final = "no_token"  # noqa: S105  # the reason of a refusal
_WRONG_TOKEN: Final = "wrong_token"  # noqa: S105  # the same
_NOT_ALLOWED: Final = "not_allowed"  # with this token

_log = logging.getLogger("imagewright")


class Metrics:
    """One for a server, with a registry of its own. Labels have values from closed sets only."""

    def __init__(self, studio: Studio, tools: Collection[str]) -> None:
        """Begin at nought, and listen to the steps of the studio."""
        # When a series began is a second one for each, which nothing here reads.
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # of the few without types
        self._studio = studio
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, processor time and open files, where the system tells
        build = Info("imagewright_build", "The version that runs.", registry=registry)
        build.info({"version": __version__})
        self._tool_calls = Counter(
            "imagewright_tool_calls", "Tool calls by status or error code.", ["tool", "outcome"], registry=registry
        )
        self._tool_seconds = Histogram(
            "imagewright_tool_call_seconds",
            "Seconds to a tool's answer.",
            ["tool"],
            registry=registry,
            buckets=_SECONDS,
        )
        self._provider_calls = Counter(
            "imagewright_provider_calls",
            "Calls to providers, each time one is sent, by error code; free ones look something up.",
            ["provider", "kind", "outcome"],
            registry=registry,
        )
        self._provider_seconds = Histogram(
            "imagewright_provider_call_seconds",
            "Seconds to a provider's answer.",
            ["provider", "kind"],
            registry=registry,
            buckets=_SECONDS,
        )
        sandbox = "sandbox_" if studio.sandboxed else ""
        self._cost = Counter(
            f"imagewright_{sandbox}cost",
            "What calls cost, as far as providers tell." if not sandbox else "What calls would have cost.",
            ["provider", "unit"],
            registry=registry,
        )
        self._downloads = Counter(
            "imagewright_downloads", "Pictures fetched, by error code.", ["outcome"], registry=registry
        )
        self._refused = Counter("imagewright_http_refused", "HTTP requests refused.", ["reason"], registry=registry)
        self._generations = Gauge(
            "imagewright_generations", "Open generations of all servers of this user.", ["state"], registry=registry
        )
        self._copies = Gauge("imagewright_copies_waiting", "Pictures that are to be fetched.", registry=registry)
        self._lanes = {
            name: Gauge(f"imagewright_lane_{name}", told, ["provider"], registry=registry)
            for name, told in (
                ("width", "Paid calls that may run at once."),
                ("running", "Paid calls that run."),
                ("waiting", "Paid calls that wait."),
                ("paused_seconds", "Seconds until the next paid call is let through."),
            )
        }
        self._begin_at_nought(tools)
        studio.steps.listen(self.hear)

    def watch(self, name: str, told: str, read: Callable[[], int]) -> None:
        """Show a number that is read at each scrape, in another thread."""
        Gauge(f"imagewright_{name}", told, registry=self._registry).set_function(read)

    def hear(self, ended: Ended) -> None:
        """Count a step."""
        facts = ended.facts
        provider, kind = facts.get("provider", ""), facts.get("kind", "free")
        if ended.name == "tool.call":
            tool = facts.get("tool", OTHER)
            self._tool_calls.labels(tool, ended.outcome).inc()
            self._tool_seconds.labels(tool).observe(ended.seconds)
            return  # its cost is that of its calls
        if ended.name == "download":
            self._downloads.labels(ended.outcome).inc()
        if ended.name == "provider.call":
            self._provider_calls.labels(provider, kind, ended.outcome).inc()
            self._provider_seconds.labels(provider, kind).observe(ended.seconds)
        if (cost := facts.get("cost")) and cost.amount > 0:
            self._cost.labels(provider, cost.unit).inc(float(cost.amount))

    def around(self, app: ASGIApp) -> ASGIApp:
        """Return the application, with the requests counted that it refuses."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            async def count_and_send(message: Message) -> None:
                if message["type"] == "http.response.start" and (reason := _reason(message)):
                    self._refused.labels(reason).inc()
                await send(message)

            await app(scope, receive, count_and_send if scope["type"] == "http" else send)

        return counted

    async def answer(self, _: Request) -> Response:
        """Answer a scrape, in the text form of Prometheus."""
        if principal() != LOCAL:
            challenge = {"WWW-Authenticate": 'Bearer realm="imagewright", error="insufficient_scope"'}
            return refusal(403, "The numbers of a server are for its owner: they take its own token.", challenge)
        await self._read_journal()
        for lane in self._studio.lanes():
            for name, gauge in self._lanes.items():
                gauge.labels(lane.provider).set(getattr(lane, name))
        text = await anyio.to_thread.run_sync(prometheus_client.generate_latest, self._registry)
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4, headers=_HEADERS)

    async def _read_journal(self) -> None:
        running = unknown = copies = nan  # for what cannot be told
        with anyio.move_on_after(_JOURNAL_SECONDS):
            try:
                journal = self._studio.journal
                found = await journal.standing(sandbox=self._studio.sandboxed) if journal.exists else None
                running, unknown, copies = (found.running, found.unknown, found.copies_waiting) if found else (0, 0, 0)
            except SettingsError as error:
                _log.warning("The numbers of the journal cannot be shown: %s", error)
        self._generations.labels("running").set(running)
        self._generations.labels("unknown").set(unknown)
        self._copies.set(copies)

    def _begin_at_nought(self, tools: Collection[str]) -> None:
        """Show what has not happened yet: a rate sees the first only if there was a nought before it."""
        for tool in tools:
            self._tool_calls.labels(tool, DONE)
        for slug, provider in all_providers().items():
            self._provider_calls.labels(slug, "paid", DONE)
            self._cost.labels(slug, provider.unit)
        self._downloads.labels(DONE)
        for reason in (_NO_TOKEN, _WRONG_TOKEN, _NOT_ALLOWED, *_REASONS.values()):
            self._refused.labels(reason)


def _reason(start: Message) -> str | None:
    """Return why a request was refused, by the head of its answer; None if it was not."""
    challenges = [value for name, value in start["headers"] if name.lower() == b"www-authenticate"]
    for challenge in challenges:  # RFC 6750, 3.1
        if b"invalid_token" in challenge:
            return _WRONG_TOKEN
        return _NOT_ALLOWED if b"insufficient_scope" in challenge else _NO_TOKEN
    return _REASONS.get(start["status"])
