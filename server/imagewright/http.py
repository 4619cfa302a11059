"""The only HTTP client: one paid POST sent once, free GETs, and downloads that go nowhere private."""

import json
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import anyio
import httpx2

from imagewright import __version__
from imagewright.addresses import flaw, is_public, origin
from imagewright.errors import (
    DO_NOT_REPEAT,
    DownloadError,
    NotSentError,
    Origin,
    OutcomeUnknownError,
    RedirectError,
    UnreadableAnswerError,
    WireError,
)
from imagewright.models import Endpoint, Order, Provider, Reply
from imagewright.text import identifier, quote

_REFUSALS = 300  # this status and above: not done
_REDIRECTS = frozenset({307, 308})  # the two that say: send the same again, elsewhere
_ANSWER_BYTES = 2 * 1024 * 1024
_PICTURE_BYTES = 64 * 1024 * 1024
_HIDDEN = "***"
_CONNECT_SECONDS = 5.0
_LOOK_SECONDS = 8.0
_DOWNLOAD_SECONDS = 120.0
_DOWNLOAD_REDIRECTS = 3
_HEADERS = {
    "Accept": "application/json",
    # A 194 KB gzip body can be 200 MB of text: nothing compressed is asked for or taken.
    "Accept-Encoding": "identity",
    "User-Agent": f"imagewright/{__version__}",
}


class Wire:
    """Sends orders and looks things up. Connections are made on first use; `aclose` ends them."""

    def __init__(self) -> None:
        """Do nothing yet: an idle server opens nothing."""
        self._client: httpx2.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    async def send(self, provider: Provider, endpoint: Endpoint, order: Order) -> Reply:
        """Send a paid order once and return the answer, whatever its status.

        It is never repeated here: only a 307 or 308 to the same vendor, which has not run, is followed, once.

        Raises:
            NotSentError: No byte left; nothing can have been charged.
            OutcomeUnknownError: It left, and no complete answer came.
            UnreadableAnswerError: The answer says success and breaks off.
            RedirectError: It points outside the vendor.
        """
        url = endpoint.base_url + order.path
        content = json.dumps(order.body, ensure_ascii=False).encode()
        reply = await self._paid(provider, endpoint, url, content, order.deadline_seconds)
        if reply.status in _REDIRECTS:
            target = _joined(url, reply)
            if not _same_vendor(provider, endpoint, target):
                raise _redirected(provider, reply, f"to {quote(_host(target) or 'nowhere', 80)}, not its own host")
            reply = await self._paid(provider, endpoint, target, content, order.deadline_seconds)
            if reply.status in _REDIRECTS:
                raise _redirected(provider, reply, "more than once")
        return reply

    async def look(self, provider: Provider, endpoint: Endpoint, path: str) -> Reply:
        """Send a free GET, if need be once more to where the same vendor redirects, and return the answer.

        Raises:
            WireError: No answer in time.
        """
        url = endpoint.base_url + path
        try:
            with anyio.fail_after(_LOOK_SECONDS):
                reply = await self._get(endpoint, url)
                target = _joined(url, reply)
                if reply.status in _REDIRECTS and _same_vendor(provider, endpoint, target):
                    reply = await self._get(endpoint, target)
                return reply
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise WireError(
                f"{provider.name} did not answer ({type(error).__name__}). Try again later.", Origin(provider.slug)
            ) from None

    async def download(self, url: str, trusted_origins: frozenset[str]) -> bytes:
        """Fetch a picture of at most 64 MiB from a public https host, or from an origin that the user configured.

        Raises:
            DownloadError: The address leads somewhere private, does not answer, or sends too much.
        """
        try:
            with anyio.fail_after(_DOWNLOAD_SECONDS):
                for _ in range(_DOWNLOAD_REDIRECTS + 1):
                    found = await self._fetch(url, trusted_origins)
                    if isinstance(found, bytes):
                        return found
                    url = _joined(url, found)
                raise _no_download(url, "it redirects too often")
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            raise _no_download(url, f"it did not answer ({type(error).__name__})") from None

    async def _paid(
        self, provider: Provider, endpoint: Endpoint, url: str, content: bytes, deadline_seconds: float
    ) -> Reply:
        left, response_headers, status = False, dict[str, str](), 0

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            # This event, not the exception's class, tells whether anything left: measured over twenty faults.
            nonlocal left
            left = left or event.endswith(".send_request_headers.started")

        headers = {**_auth(endpoint), "Content-Type": "application/json", "Connection": "close"}
        try:
            # Overall: a peer that drips a byte at a time would hold a read timeout for ever.
            with anyio.fail_after(deadline_seconds):
                request = self._http().stream(
                    "POST", url, content=content, headers=headers, extensions={"trace": trace}
                )
                async with request as response:
                    status, response_headers = response.status_code, _headers(response, endpoint)
                    return await _reply(response, endpoint)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            if status >= _REFUSALS:
                # A refusal whose words broke off is still a refusal.
                return Reply(status, response_headers, b"", datetime.now(UTC))
            raise _lost(provider, error, left=left, status=status, headers=response_headers) from None

    async def _get(self, endpoint: Endpoint, url: str) -> Reply:
        async with self._http().stream("GET", url, headers=_auth(endpoint)) as response:
            return await _reply(response, endpoint)

    async def _fetch(self, url: str, trusted_origins: frozenset[str]) -> bytes | Reply:
        if reason := flaw(url, trusted_origins):
            raise _no_download(url, reason)
        parts = urlsplit(url)
        extensions: dict[str, str] = {}
        headers = {"Accept": "image/*", "Accept-Encoding": "identity"}
        target = url
        if origin(url) not in trusted_origins:
            # Connect to the very address that was judged, under the name's own certificate: no second look-up
            # can lead elsewhere.
            address = await _public_address(parts.hostname or "", parts.port or 443, url)
            host = f"[{address}]" if ":" in address else address
            target = parts._replace(netloc=f"{host}:{parts.port or 443}").geturl()
            headers["Host"] = parts.netloc
            extensions["sni_hostname"] = parts.hostname or ""
        async with self._http().stream("GET", target, headers=headers, extensions=extensions) as response:
            if response.is_redirect:
                return Reply(response.status_code, _headers(response), b"", datetime.now(UTC))
            if not response.is_success:
                raise _no_download(url, f"it answered {response.status_code}")
            return await _read(response, _PICTURE_BYTES, _no_download(url, "it sends more than 64 MiB"))

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                headers=_HEADERS,
                # No kept connections: on an idle server's edge four in ten paid requests die unsent on a stale one.
                limits=httpx2.Limits(max_keepalive_connections=0),
                timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


def _lost(
    provider: Provider, error: Exception, *, left: bool, status: int, headers: Mapping[str, str]
) -> NotSentError | OutcomeUnknownError | UnreadableAnswerError:
    request_id, job_id = identifier(headers.get("x-request-id")), identifier(headers.get(provider.job_header or ""))
    came_from = Origin(provider.slug, status or None, request_id=request_id, job_id=job_id)
    cause = "the deadline passed" if isinstance(error, TimeoutError) else type(error).__name__
    if not left:
        return NotSentError(
            f"{provider.name} could not be reached ({cause}). Nothing was sent or charged. "
            f"Check the network and IMAGEWRIGHT_{provider.slug.upper()}_BASE_URL, then call again.",
            came_from,
        )
    job = f" Its job there is {job_id}." if job_id else ""
    if status:
        return UnreadableAnswerError(
            f"{provider.name} answered {status}, but the answer broke off ({cause}).{job} {DO_NOT_REPEAT}", came_from
        )
    return OutcomeUnknownError(
        f"The request reached {provider.name}, but no complete answer came ({cause}).{job} {DO_NOT_REPEAT}", came_from
    )


async def _reply(response: httpx2.Response, endpoint: Endpoint) -> Reply:
    too_much = httpx2.DecodingError("the answer is over 2 MiB", request=response.request)
    # Compressed all the same: not unpacked, so not readable.
    plain = response.headers.get("content-encoding", "identity") == "identity"
    body = await _read(response, _ANSWER_BYTES, too_much) if plain else b""
    # Vendors quote the key that they refuse: it ends here, before anything can show it.
    body = body.replace(endpoint.key.encode(), _HIDDEN.encode())
    return Reply(response.status_code, _headers(response, endpoint), body, datetime.now(UTC))


async def _read(response: httpx2.Response, limit: int, too_much: Exception) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise too_much
    return bytes(body)


async def _public_address(host: str, port: int, url: str) -> str:
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    # All of them: a name that answers with one public and one private address is an attack.
    if not addresses or not all(is_public(address) for address in addresses):
        raise _no_download(url, "its host is not public")
    return addresses[0]


def _joined(url: str, reply: Reply) -> str:
    try:
        return urljoin(url, reply.headers.get("location", ""))
    except ValueError:
        return ""


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _same_vendor(provider: Provider, endpoint: Endpoint, target: str) -> bool:
    own = origin(target).startswith("https:") and _host(target) in provider.hosts
    return origin(target) == origin(endpoint.base_url) or own


def _redirected(provider: Provider, reply: Reply, where: str) -> RedirectError:
    return RedirectError(
        f"{provider.name} redirects {where}; the key was not sent there. Nothing was charged. "
        f"Check IMAGEWRIGHT_{provider.slug.upper()}_BASE_URL.",
        Origin(provider.slug, reply.status),
    )


def _auth(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.key}"}


def _headers(response: httpx2.Response, endpoint: Endpoint | None = None) -> dict[str, str]:
    key = endpoint.key if endpoint else _HIDDEN
    return {name.lower(): value.replace(key, _HIDDEN) for name, value in response.headers.items()}


def _no_download(url: str, reason: str) -> DownloadError:
    host = _host(url) if url.isprintable() else None
    return DownloadError(
        f"The picture at {host or 'an unreadable address'} was not fetched: {reason}. Open its URL yourself.",
        Origin(provider=host or "unknown"),
    )
