"""A collector of OpenTelemetry on loopback: takes spans over HTTP as the real one does, or takes them and is silent."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(slots=True)
class Collector:
    """`url` is what OTEL_EXPORTER_OTLP_ENDPOINT takes; `bodies` are what came, as it came."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list[bytes])

    @property
    def requests(self) -> list[ExportTraceServiceRequest]:
        """What came, read."""
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    @property
    def names(self) -> list[str]:
        """The names of the spans that came."""
        scopes = [scope for one in self.requests for spans in one.resource_spans for scope in spans.scope_spans]
        return [span.name for scope in scopes for span in scope.spans]

    @property
    def services(self) -> set[str]:
        """The names of the services that sent them."""
        resources = [spans.resource for one in self.requests for spans in one.resource_spans]
        return {
            one.value.string_value for resource in resources for one in resource.attributes if one.key == "service.name"
        }


@contextmanager
def collecting(*, silent: bool = False) -> Generator[Collector]:
    """Collect while the block runs; a silent collector takes a request and never answers."""
    collector, over = Collector(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            if silent:
                over.wait()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()
