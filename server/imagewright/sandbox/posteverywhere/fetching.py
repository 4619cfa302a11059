"""Fetches what upload-from-url points at, and refuses what the real service would refuse to fetch."""

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

_REDIRECTS = 5
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body and what its server called it."""

    content: bytes
    content_type: str


class FetchRefusedError(Exception):
    """The URL was not fetched, or what came back was not taken. The message says why, in words for the caller."""


def fetch(url: str, *, limit_bytes: int, own_origins: frozenset[str], private_hosts: bool) -> Fetched:
    """Fetch `url`, following redirects, reading at most `limit_bytes`.

    Hosts that resolve to a private, loopback or link-local address are refused at every hop, save for `own_origins`
    (`http://127.0.0.1:4123`), where the sandbox's own pictures live; `private_hosts` lets every host through. A name
    is looked up once more by the client: this rule shows callers a refusal, it does not guard a network.

    Raises:
        FetchRefusedError: A host or scheme is not allowed, the server answers no 200, or the body is too long.
    """
    import httpx2  # noqa: PLC0415  # only an import by URL needs a client

    for _ in range(_REDIRECTS + 1):
        parts = _split(url)
        own = f"{parts.scheme}://{parts.netloc}" in own_origins
        if not own and not private_hosts:
            _refuse_private(parts)
        try:
            # A proxy of this machine must not stand between the sandbox and itself.
            with (
                httpx2.Client(timeout=_TIMEOUT_SECONDS, trust_env=not own) as client,
                client.stream("GET", url, headers={"Accept": "*/*"}) as answer,
            ):
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["location"])
                    continue
                if not answer.is_success:
                    raise FetchRefusedError(f"Could not fetch the URL: its server answered {answer.status_code}.")
                content = bytearray()
                for chunk in answer.iter_bytes():
                    content += chunk
                    if len(content) > limit_bytes:
                        raise FetchRefusedError(f"File too large. The limit is {limit_bytes // 1024**2} MB by URL.")
                return Fetched(bytes(content), answer.headers.get("content-type", "").partition(";")[0].strip())
        except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
            raise FetchRefusedError("Could not fetch the URL: its server did not answer.") from failure
    raise FetchRefusedError(f"Could not fetch the URL: more than {_REDIRECTS} redirects.")


def deliver(
    url: str, content: bytes, headers: Mapping[str, str], *, private_hosts: bool
) -> tuple[int | None, float, str | None]:
    """POST a webhook; return the receiver's status, how many seconds it took, and what went wrong if it did."""
    import httpx2  # noqa: PLC0415  # the same

    started = time.perf_counter()
    try:
        parts = _split(url)
        if not private_hosts:
            _refuse_private(parts)
        status = httpx2.post(url, content=content, headers=dict(headers), timeout=_TIMEOUT_SECONDS).status_code
    except FetchRefusedError as refused:
        return None, 0.0, str(refused)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return None, time.perf_counter() - started, "The receiver did not answer."
    return status, time.perf_counter() - started, None


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where the port is no number
    except ValueError as failure:
        raise FetchRefusedError("url must be a valid http or https URL.") from failure
    # The docs say HTTPS; the n8n node of 2026-09 accepts http or https.
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise FetchRefusedError("url must be a valid http or https URL.")
    return parts


def _refuse_private(parts: SplitResult) -> None:
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as failure:
        raise FetchRefusedError(f"Could not resolve host {host}.") from failure
    if not all(ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]).is_global for *_, sockaddr in found):
        raise FetchRefusedError("URL host is not allowed: it resolves to a private or internal address.")
