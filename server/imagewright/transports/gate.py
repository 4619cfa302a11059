"""Who is let in: requests that name this server, come from no foreign web page, and bring a token."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from imagewright.gallery.routes import refusal
from imagewright.transports.front import Names
from imagewright.transports.issuer_keys import KeysUnavailableError
from imagewright.transports.oauth import ENDPOINTS, BadTokenError, ScopeError, Verifier, metadata_path

OPEN_PATH: Final = "/health"
_METADATA_PATHS: Final = frozenset(metadata_path(endpoint) for endpoint in ENDPOINTS)
_READING: Final = frozenset({"GET", "HEAD"})
_WRONG: Final = "The token is not the one of this server."
_NOT_SANDBOXED: Final = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
_COOKIE_SECONDS: Final = 30 * 24 * 3600
# The paths of the gallery. Cookies go by themselves, whoever makes a browser send them: they open nothing else.
_FOR_BROWSERS: Final = ("/images/", "/previews/")
_FOR_BROWSERS_EXACTLY: Final = frozenset({"/", "/gallery.json", "/spend.json"})


@dataclass(frozen=True, slots=True)
class Gate:
    """In front of the application; with `token` None nobody needs one.

    Who comes with the server's own token is its owner. Who comes with a token of the authorization server is the `user`
    of the scope.
    """

    app: ASGIApp
    names: Names
    token: str | None
    verifier: Verifier | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        app = self.app
        if scope["type"] == "http":
            app = self._foreign(scope) or await self._unknown(scope) or app
        await app(scope, receive, send)

    def _foreign(self, scope: Scope) -> Response | None:
        """Refuse a page of another site: its name leads here (DNS rebinding), or its script reaches over."""
        hosts = _values(scope, b"host")
        if len(hosts) != 1 or hosts[0].lower() not in self.names.hosts:
            return refusal(421, "This server does not go by that name. --public-host adds one.")
        origins = _values(scope, b"origin")
        if len(origins) > 1 or any(one.lower() not in self.names.origins for one in origins):
            return refusal(403, "Web pages of other origins may not use this server.")
        return None

    async def _unknown(self, scope: Scope) -> Response | None:
        token = self.token
        if token is None or self._is_open(scope["path"]):
            return None
        said = _values(scope, b"authorization")
        if said:
            scheme, _, shown = said[0].partition(" ")
            if len(said) > 1 or scheme.lower() != "bearer":
                return self._challenge(scope, _WRONG, "invalid_token")
            if _same(shown.strip(), token):
                return None
            return await self._unverified(scope, shown.strip())
        if scope["method"] in _READING and _is_for_browsers(scope["path"]):
            return self._exchange(scope, token) or self._recognised(scope, token)
        return self._challenge(scope, "This server needs its token: Authorization: Bearer TOKEN.")

    async def _unverified(self, scope: Scope, token: str) -> Response | None:
        """Refuse a token that is not for this server; of one that is, note whose it is."""
        if self.verifier is None:
            return self._challenge(scope, _WRONG, "invalid_token")
        try:
            scope["user"] = await self.verifier.user(token)
        except BadTokenError as error:
            return self._challenge(scope, str(error), "invalid_token")
        except ScopeError as error:
            return self._challenge(scope, str(error), "insufficient_scope", 403)
        except KeysUnavailableError:
            words = "The keys of the authorization server cannot be had. Try again in a minute."
            return refusal(503, words, {"Retry-After": "60"})
        return None

    def _is_open(self, path: str) -> bool:
        return path == OPEN_PATH or (self.verifier is not None and path in _METADATA_PATHS)

    def _challenge(self, scope: Scope, words: str, error: str = "", status: int = 401) -> Response:
        parts = ['Bearer realm="imagewright"']
        if error:
            parts.append(f'error="{error}"')
        if self.verifier:
            parts.append(f'resource_metadata="{self.verifier.metadata_url(scope["path"])}"')
            if scopes := self.verifier.oauth.scopes:
                parts.append(f'scope="{" ".join(scopes)}"')
        return refusal(status, words, {"WWW-Authenticate": ", ".join(parts)})

    def _exchange(self, scope: Scope, token: str) -> Response | None:
        """Take the token out of a browser's address, if it is there, and give it a cookie that does not tell it."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        shown = [value for name, value in query if name == "token"]
        if not shown or scope["path"] != "/":
            return None
        if not _same(shown[0], token):
            return self._challenge(scope, "The token in this address is not the one of this server.", "invalid_token")
        flags = "HttpOnly; SameSite=Strict" + ("; Secure" if self.names.secure else "")
        cookie = f"{self._cookie_name}={_mark(token)}; Path=/; Max-Age={_COOKIE_SECONDS}; {flags}"
        return refusal(303, "The gallery is at /.", {"Location": "/", "Set-Cookie": cookie})

    def _recognised(self, scope: Scope, token: str) -> Response | None:
        for line in _values(scope, b"cookie"):
            said = cookie_parser(line).get(self._cookie_name)
            if said is not None and _same(said, _mark(token)):
                return None
        if scope["path"] == "/" and "cross-site" in _values(scope, b"sec-fetch-site"):
            # After a link on another site a browser keeps a strict cookie back, until a page of ours asks again.
            return refusal(200, "The gallery opens in a moment.", {"Refresh": "0; url=/", **_NOT_SANDBOXED})
        return self._challenge(scope, "Open the gallery once with its token: this address, followed by ?token=TOKEN.")

    @property
    def _cookie_name(self) -> str:
        # Browsers give the cookies of a host to all of its ports.
        return f"imagewright-{self.names.port}"


def _mark(token: str) -> str:
    return hmac.new(token.encode(), b"imagewright gallery", hashlib.sha256).hexdigest()


def _is_for_browsers(path: str) -> bool:
    return path in _FOR_BROWSERS_EXACTLY or path.startswith(_FOR_BROWSERS)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key == name]


def _same(said: str, known: str) -> bool:
    return hmac.compare_digest(said.encode("utf-8", errors="replace"), known.encode())
