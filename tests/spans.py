"""The spans of one test, taken where an OpenTelemetry SDK would send them away."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import set_tracer_provider


class _Exporter(InMemorySpanExporter):
    """A process has one provider, once and for all: what happens while no test looks is not kept."""

    is_on = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep the spans, if a test looks."""
        return super().export(spans) if self.is_on else SpanExportResult.SUCCESS


@cache
def _set_up() -> _Exporter:
    exporter, provider = _Exporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    set_tracer_provider(provider)
    return exporter


@dataclass(frozen=True, slots=True)
class Spans:
    """What has ended so far."""

    exporter: InMemorySpanExporter

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        """Every span, in the order of their ends."""
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        """Return the spans of this name."""
        return [span for span in self.all if span.name == name]

    def above(self, span: ReadableSpan) -> list[str]:
        """Return the names of what a span happened within, from the inside out."""
        by_id = {one.context.span_id: one for one in self.all if one.context}
        names: list[str] = []
        while span.parent and (found := by_id.get(span.parent.span_id)):
            names.append(found.name)
            span = found
        return names

    @property
    def everything(self) -> str:
        """All that would be sent away, as one text."""
        return "\n".join(span.to_json() for span in self.all)


@contextmanager
def recorded() -> Generator[Spans]:
    """Record the spans of this process while the block runs."""
    exporter = _set_up()
    exporter.clear()
    exporter.is_on = True
    try:
        yield Spans(exporter)
    finally:
        exporter.is_on = False
        exporter.clear()
