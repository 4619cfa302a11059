"""Speaks to the vendors' APIs: what has something done is sent once, what only looks is free."""

import json
import logging
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

import anyio
import httpx2

from imagewright import __version__
from imagewright.addresses import host_of, joined, origin
from imagewright.errors import (
    DO_NOT_REPEAT,
    NotSentError,
    Origin,
    OutcomeUnknownError,
    RedirectError,
    UnreadableAnswerError,
    WireError,
)
from imagewright.models import Endpoint, Order, Reply
from imagewright.provider import Provider
from imagewright.steps import Steps
from imagewright.text import identifier, quote

_REFUSALS = 300  # this status and above: not done
_REDIRECTS = frozenset({307, 308})  # the two that say: send the same again, elsewhere
_ANSWER_BYTES = 2 * 1024 * 1024
_HIDDEN = "***"
_CONNECT_SECONDS = 5.0
_LOOK_SECONDS = 8.0
_HEADERS = {
    "Accept": "application/json",
    # A 194 KB gzip body can be 200 MB of text: nothing compressed is asked for or taken.
    "Accept-Encoding": "identity",
    "User-Agent": f"imagewright/{__version__}",
}


class Heard(Protocol):
    """Takes the head of an answer: its status, and the id of the job that it names, if any."""

    async def __call__(self, status: int, job_id: str | None) -> None:
        """Take it; the body is read afterwards."""


async def no_ear(status: int, job_id: str | None) -> None:
    """Take the head of an answer and do nothing with it."""


class Heed(Protocol):
    """Takes each whole answer of a provider, `is_order` for one to an order: what its headers say is for all calls."""

    def __call__(self, provider: Provider, reply: Reply, is_order: bool) -> None:
        """Take it."""


def no_heed(provider: Provider, reply: Reply, is_order: bool) -> None:
    """Take an answer and do nothing with it."""


class Caller:
    """Holds one HTTP client, made on first use: an idle server opens nothing. `aclose` ends its connections."""

    def __init__(self, steps: Steps | None = None) -> None:
        """Do nothing yet; what is called and fetched is told to `steps`."""
        self.steps = steps or Steps()
        self._client: httpx2.AsyncClient | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()
            self._client = None

    def _http(self) -> httpx2.AsyncClient:
        self._client = self._client or _new_client()
        return self._client


class Wire(Caller):
    """Sends orders and looks things up; of free look-ups only as many at once as a provider bears."""

    def __init__(self, steps: Steps | None = None, heed: Heed = no_heed) -> None:
        """Keep what hears every answer; for `steps` see `Caller`."""
        super().__init__(steps)
        self._heed = heed
        self._looking: dict[str, anyio.CapacityLimiter] = {}

    async def send(
        self, provider: Provider, endpoint: Endpoint, order: Order, heard: Heard = no_ear, key: str = ""
    ) -> Reply:
        """Send a paid order once and return the answer, whatever its status.

        It is never repeated here: only a 307 or 308 to the same vendor, which has not run, is followed, once. `heard`
        gets the head of the answer before its body is read; `key` goes along where the vendor takes an idempotency key.

        Raises:
            NotSentError: No byte left; nothing can have been charged.
            OutcomeUnknownError: It left, and no complete answer came.
            UnreadableAnswerError: The answer says success and breaks off.
            RedirectError: It points outside the vendor.
        """
        url = endpoint.base_url + order.path
        reply = await self._once(provider, endpoint, url, order, heard, key)
        if reply.status in _REDIRECTS:
            location = reply.headers.get("location", "")
            target = joined(url, location) if location else ""
            if not _same_vendor(provider, endpoint, target):
                raise _redirected(provider, reply, f"to {quote(host_of(target) or 'nowhere', 80)}, not its own host")
            reply = await self._once(provider, endpoint, target, order, heard, key)
            if reply.status in _REDIRECTS:
                raise _redirected(provider, reply, "more than once")
        self._heed(provider, reply, is_order=True)
        return reply

    async def look(self, provider: Provider, endpoint: Endpoint, path: str) -> Reply:
        """Send a free GET, if need be once more to where the same vendor redirects, and return the answer.

        Raises:
            WireError: No answer in time.
        """
        url = endpoint.base_url + path
        limit = self._looking.setdefault(provider.slug, anyio.CapacityLimiter(provider.max_looks))
        try:
            with anyio.fail_after(_LOOK_SECONDS):
                async with limit:
                    reply = await self._get(endpoint, url)
                    target = joined(url, reply.headers.get("location", ""))
                    if reply.status in _REDIRECTS and _same_vendor(provider, endpoint, target):
                        reply = await self._get(endpoint, target)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise WireError(
                f"{provider.name} did not answer ({type(error).__name__}). Try again later.", Origin(provider.slug)
            ) from None
        self._heed(provider, reply, is_order=False)
        return reply

    async def _once(
        self, provider: Provider, endpoint: Endpoint, url: str, order: Order, heard: Heard, key: str
    ) -> Reply:
        left, response_headers, status, body = False, dict[str, str](), 0, bytearray()

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            # This event, not the exception's class, tells whether anything left: measured over twenty faults.
            nonlocal left
            left = left or event.endswith(".send_request_headers.started")

        headers = {**_auth(endpoint), "Content-Type": "application/json", "Connection": "close"}
        if key and provider.idempotency_header:
            headers[provider.idempotency_header] = key
        content = json.dumps(order.body, ensure_ascii=False).encode()
        try:
            # Overall: a peer that drips a byte at a time would hold a read timeout for ever.
            with anyio.fail_after(order.deadline_seconds):
                request = self._http().stream(
                    order.method, url, content=content, headers=headers, extensions={"trace": trace}
                )
                async with request as response:
                    status, response_headers = response.status_code, _headers(response, endpoint)
                    if status not in _REDIRECTS:
                        await heard(status, identifier(response_headers.get(provider.job_header or "")))
                    return await _reply(response, endpoint, body)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            if status >= _REFUSALS:
                # A refusal whose words broke off is still a refusal.
                return Reply(status, response_headers, b"", datetime.now(UTC))
            lost = _lost(provider, error, left=left, status=status, headers=response_headers)
            lost.answer = _hidden(bytes(body), endpoint)
            raise lost from None

    async def _get(self, endpoint: Endpoint, url: str) -> Reply:
        async with self._http().stream("GET", url, headers=_auth(endpoint)) as response:
            return await _reply(response, endpoint, bytearray())


def _new_client() -> httpx2.AsyncClient:
    """Return a client that keeps no connection, follows no redirect and takes nothing from the environment."""
    for library in ("httpx2", "httpcore2"):
        # They log whole URLs, some of which are signed, and the headers of answers.
        logging.getLogger(library).setLevel(logging.WARNING)
    return httpx2.AsyncClient(
        headers=_HEADERS,
        verify=_trusted(),
        # No kept connections: on an idle server's edge four in ten paid requests die unsent on a stale one.
        limits=httpx2.Limits(max_keepalive_connections=0),
        timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Return whose certificates are taken: read once, since that takes tens of milliseconds of everybody's."""
    return httpx2.create_ssl_context(trust_env=False)


async def read_bounded(
    response: httpx2.Response, limit: int, too_much: Exception, body: bytearray | None = None
) -> bytes:
    """Return the body as it came over the wire; past `limit` bytes raise `too_much`. `body` has what came so far."""
    body = bytearray() if body is None else body
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise too_much
    return bytes(body)


def _lost(
    provider: Provider, error: Exception, *, left: bool, status: int, headers: Mapping[str, str]
) -> NotSentError | OutcomeUnknownError | UnreadableAnswerError:
    request_id, job_id = identifier(headers.get("x-request-id")), identifier(headers.get(provider.job_header or ""))
    came_from = Origin(provider.slug, status or None, request_id=request_id, job_id=job_id)
    cause = "the deadline passed" if isinstance(error, TimeoutError) else type(error).__name__
    if not left:
        not_sent = NotSentError(
            f"{provider.name} could not be reached ({cause}). Nothing was sent or charged. "
            f"Check the network and IMAGEWRIGHT_{provider.slug.upper()}_BASE_URL, then call again.",
            came_from,
        )
        # A certificate or an address that is wrong stays so.
        not_sent.passing = not isinstance(error, httpx2.InvalidURL) and "CERTIFICATE" not in str(error)
        return not_sent
    job = f" Its job there is {job_id}." if job_id else ""
    if status:
        return UnreadableAnswerError(
            f"{provider.name} answered {status}, but the answer broke off ({cause}).{job} {DO_NOT_REPEAT}", came_from
        )
    return OutcomeUnknownError(
        f"The request reached {provider.name}, but no complete answer came ({cause}).{job} {DO_NOT_REPEAT}", came_from
    )


async def _reply(response: httpx2.Response, endpoint: Endpoint, came: bytearray) -> Reply:
    too_much = httpx2.DecodingError("the answer is over 2 MiB", request=response.request)
    # Compressed all the same: not unpacked, so not readable.
    plain = response.headers.get("content-encoding", "identity") == "identity"
    body = await read_bounded(response, _ANSWER_BYTES, too_much, came) if plain else b""
    return Reply(response.status_code, _headers(response, endpoint), _hidden(body, endpoint), datetime.now(UTC))


def _hidden(body: bytes, endpoint: Endpoint) -> bytes:
    # Vendors quote the key that they refuse: it ends here, before anything can show it.
    key = endpoint.key.encode()
    body = body.replace(key, _HIDDEN.encode())
    # A body that broke off may end within it.
    begun = next((length for length in range(len(key) - 1, 3, -1) if body.endswith(key[:length])), 0)
    return body[: len(body) - begun]


def _same_vendor(provider: Provider, endpoint: Endpoint, target: str) -> bool:
    own = origin(target).startswith("https:") and host_of(target) in provider.hosts
    return origin(target) == origin(endpoint.base_url) or own


def _redirected(provider: Provider, reply: Reply, where: str) -> RedirectError:
    return RedirectError(
        f"{provider.name} redirects {where}; the key was not sent there. Nothing was charged. "
        f"Check IMAGEWRIGHT_{provider.slug.upper()}_BASE_URL.",
        Origin(provider.slug, reply.status),
    )


def _auth(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.key}"}


def _headers(response: httpx2.Response, endpoint: Endpoint) -> dict[str, str]:
    return {name.lower(): value.replace(endpoint.key, _HIDDEN) for name, value in response.headers.items()}
