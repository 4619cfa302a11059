"""Requests as bytes, for what no client library would send, and their answers taken apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.http.hosted import Hosted, bearer

JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
MODERN = JSON | {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "server/discover"}


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


def request(
    server: Hosted,
    method: str = "GET",
    path: str = "/mcp",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    framed: bool = True,
) -> bytes:
    """Return a request that names the server and shows its token, unless `headers` say otherwise ("" for none)."""
    told = {"Host": f"127.0.0.1:{server.names.port}", "Connection": "close", **bearer(), **(headers or {})}
    if body and framed:
        told["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    """Return a body that does not tell its length."""
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def heard(answer: bytes) -> Heard:
    """Take an answer apart."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Heard(int(first.split()[1]), headers, body.decode())


async def ask(server: Hosted, *arguments: object, **options: object) -> Heard:
    """Send what `request` returns on a connection of its own, and return the answer."""
    return heard(await server.say(request(server, *arguments, **options)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # as `request` takes them
