"""Sends OpenTelemetry spans where the environment says, if it says so; the SDK itself is an extra."""

import atexit
import logging
import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from imagewright import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_SWITCHES: Final = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
_LAST_SPANS_SECONDS: Final = 1.0
_REMEDY: Final = 'pip install "imagewright[otel]"'

_log = logging.getLogger("imagewright")


@contextmanager
def tracing() -> Generator[None]:
    """Send spans while the block runs, if the environment says where to; the last ones within a second of its end.

    Variables are OpenTelemetry's own, read by its SDK: endpoint, headers, sampler, service name, limits. Where a
    program around us has set the SDK up already, nothing is done. Only spans are sent: numbers are at /metrics, and
    the log is on stderr.
    """
    provider = _provider() if any(os.environ.get(name) for name in _SWITCHES) else None
    try:
        yield
    finally:
        if provider:
            _shut_down(provider)


def _provider() -> "TracerProvider | None":
    names = [name.strip() for name in (os.environ.get("OTEL_TRACES_EXPORTER") or "otlp").split(",")]
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or names == ["none"]:
        return None
    from opentelemetry import trace  # noqa: PLC0415  # only where it is switched on

    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return None
    try:
        # 100 ms and more that only those pay who switch it on.
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415  # see above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # see above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # see above

        exporters = [_exporter(name) for name in names]
    except ImportError:
        _log.warning("OpenTelemetry is switched on, but its SDK is not installed, so no spans are sent: %s", _REMEDY)
        return None
    except Exception as error:  # noqa: BLE001  # an exporter's own: no span is worth the server
        _log.warning("OpenTelemetry could not be set up, so no spans are sent: %s", error)
        return None
    ours = Resource({"service.name": "imagewright", "service.version": __version__})
    provider = TracerProvider(resource=Resource.create().merge(ours).merge(OTELResourceDetector().detect()))
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider


def _exporter(name: str) -> "SpanExporter":
    """Return the exporter that the specification of OTEL_TRACES_EXPORTER means by a name.

    Raises:
        ImportError: It is not installed.
        ValueError: There is none of that name.
    """
    options: dict[str, Any] = {}
    if name == "console":
        options["out"] = sys.stderr  # stdout is the protocol's
    elif name == "otlp":
        protocol = next((said for one in _PROTOCOLS if (said := os.environ.get(one))), "http/protobuf").strip()
        name = _OTLP.get(protocol, protocol)
    found = entry_points(group="opentelemetry_traces_exporter", name=name)
    if not found:
        if name == _OTLP["http/protobuf"]:
            raise ImportError
        raise ValueError(f"no exporter {name!r} is installed")
    exporter: SpanExporter = found[name].load()(**options)
    return exporter


def _shut_down(provider: "TracerProvider") -> None:
    """Send what is left, but let no collector that is silent hold the end of the process."""
    atexit.unregister(provider.shutdown)  # it would wait for half a minute
    last = threading.Thread(target=provider.shutdown, name="imagewright last spans", daemon=True)
    last.start()
    last.join(_LAST_SPANS_SECONDS)
