"""The public keys of an OAuth authorization server: found by its metadata, kept, and fetched anew for a new key."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import anyio
import httpx2
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from imagewright.addresses import is_private_name, origin
from imagewright.http import Caller, read_bounded

_log = logging.getLogger("imagewright")

_FRESH_SECONDS: Final = 3600.0
_BETWEEN_FETCHES_SECONDS: Final = 30.0  # a crowd of made-up tokens must not become a crowd of requests
_FETCH_SECONDS: Final = 5.0
_MOST_BYTES: Final = 256 * 1024
_OK: Final = 200

Jwk = Mapping[str, Any]


class KeysUnavailableError(Exception):
    """The authorization server does not tell its keys, so that no token can be judged."""


class IssuerKeys(Caller):
    """The keys of one issuer. `clock` returns seconds that only ever grow."""

    def __init__(self, issuer: str, jwks_url: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Fetch nothing yet. Without a `jwks_url` the issuer's metadata tell it."""
        super().__init__()
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._clock = clock
        self._lock = anyio.Lock()
        self._keys: tuple[Jwk, ...] = ()
        self._fetched = self._tried = -float("inf")

    async def key(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """Return the key of that id, or the only one that there is; None if the issuer has no such key.

        Raises:
            KeysUnavailableError: The issuer was never heard, and is not heard now.
        """
        found = self._find(key_id)
        is_old = self._clock() - self._fetched > _FRESH_SECONDS
        if found is None or (is_old and not self._lock.locked()):  # one waits for an issuer that is silent, not all
            async with self._lock:
                await self._refresh()
            found = self._find(key_id)
        if found is None or found.get("alg", algorithm) != algorithm:
            return None
        try:
            return PyJWK(dict(found), algorithm)
        except PyJWTError:
            return None  # a key of another kind than the algorithm that the token names

    def _find(self, key_id: str | None) -> Jwk | None:
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((one for one in self._keys if one.get("kid") == key_id), None)

    async def _refresh(self) -> None:
        if self._clock() - self._tried < _BETWEEN_FETCHES_SECONDS:
            if not self._keys:
                raise KeysUnavailableError
            return
        self._tried = self._clock()
        try:
            with anyio.fail_after(_FETCH_SECONDS):
                found = await self._fetched_keys()
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            _log.warning("The keys of %s could not be fetched: %s", self._issuer, error or type(error).__name__)
            if not self._keys:
                raise KeysUnavailableError from None
            return  # those that are known go on
        self._keys, self._fetched = found, self._clock()

    async def _fetched_keys(self) -> tuple[Jwk, ...]:
        url = self._jwks_url or await self._told_url()
        keys: object = (await self._get(url)).get("keys")
        members = cast("list[object]", keys) if isinstance(keys, list) else []
        found = [cast("Jwk", one) for one in members if isinstance(one, dict)]
        # What is there to encrypt for the issuer signs nothing.
        usable = tuple(one for one in found if one.get("use", "sig") == "sig" and one.get("kty") != "oct")
        if not usable:
            raise ValueError(f"{origin(url)} tells no keys")
        return usable

    async def _told_url(self) -> str:
        """Return where the issuer says that its keys are: RFC 8414, otherwise OpenID Connect Discovery."""
        parts = urlsplit(self._issuer)
        path = parts.path.rstrip("/")
        inserted = parts._replace(path=f"/.well-known/oauth-authorization-server{path}").geturl()
        appended = parts._replace(path=f"{path}/.well-known/openid-configuration").geturl()
        for url in (inserted, appended):
            try:
                metadata = await self._get(url)
            except ValueError:
                continue
            told = metadata.get("jwks_uri")
            # One that calls itself otherwise could hand out the keys of somebody else (RFC 8414, 3.3).
            if metadata.get("issuer") == self._issuer and isinstance(told, str) and _is_safe(told):
                return told
        raise ValueError("its metadata name no keys; set IMAGEWRIGHT_OAUTH_JWKS_URL")

    async def _get(self, url: str) -> Mapping[str, object]:
        async with self._http().stream("GET", url) as response:
            if response.status_code != _OK:
                raise ValueError(f"{origin(url)} answered {response.status_code}")
            body = await read_bounded(response, _MOST_BYTES, ValueError(f"{origin(url)} sends too much"))
        parsed: object = json.loads(body)
        if not isinstance(parsed, dict):
            raise ValueError(f"{origin(url)} sends no JSON object")  # noqa: TRY004  # as whatever else is not readable
        return cast("dict[str, object]", parsed)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_private_name(parts.hostname or ""))
