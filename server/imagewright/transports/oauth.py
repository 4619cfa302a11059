"""Access tokens of an OAuth authorization server: whether one is for this server, and whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    MissingRequiredClaimError,
    PyJWTError,
)
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from imagewright.settings import OAuth
from imagewright.transports.issuer_keys import IssuerKeys

# Those with a public key only: with a secret one, whoever knows the public key could sign.
_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_REQUIRED: Final = ("iss", "aud", "exp", "sub")
_CLOCKS_DIFFER_SECONDS: Final = 30
_LONGEST_SUBJECT: Final = 255  # OpenID Connect Core, 2
_LONGEST_TOKEN: Final = 8192
_UNREADABLE: Final = (ValueError, TypeError, ArithmeticError, RecursionError)  # of json and numbers that are none
ENDPOINTS: Final = ("", "/mcp", "/sse")  # each is a resource of its own to clients: they name the one that they know


class BadTokenError(Exception):
    """A token is no good; the text says why, and nothing of the token."""


class ScopeError(Exception):
    """A token is good, but not for this."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Judges the tokens of one issuer for one server."""

    oauth: OAuth
    base_url: str
    keys: IssuerKeys

    async def user(self, token: str) -> AuthenticatedUser:
        """Return whose token this is; its subject is the name of the principal.

        Raises:
            BadTokenError: It is not one for this server, or no longer.
            ScopeError: It lacks a scope.
            KeysUnavailableError: Nobody can tell now.
        """
        claims = await self._claims(token)
        scopes = _scopes(claims)
        if missing := [one for one in self.oauth.scopes if one not in scopes]:
            raise ScopeError(f"The access token lacks the scope {missing[0]}.")
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        if not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise BadTokenError("The access token names nobody in a form that can be used.")
        client_id = claims.get("client_id") or claims.get("azp") or ""
        return AuthenticatedUser(
            AccessToken(
                token="",  # what verified it has no further use for it
                client_id=str(client_id),
                scopes=scopes,
                subject=f"{subject}@{issuer}",  # unique only with its issuer
                claims={"iss": issuer},
            )
        )

    def metadata(self, endpoint: str) -> Mapping[str, object]:
        """Return what tells clients where to get a token for an endpoint (RFC 9728)."""
        scopes = {"scopes_supported": list(self.oauth.scopes)} if self.oauth.scopes else {}
        return {
            "resource": f"{self.base_url}{endpoint}",
            "resource_name": "imagewright",
            "authorization_servers": [self.oauth.issuer],
            "bearer_methods_supported": ["header"],
            **scopes,
        }

    def metadata_url(self, path: str) -> str:
        """Return where the metadata are for the endpoint that a path belongs to."""
        return f"{self.base_url}{metadata_path(path if path in ENDPOINTS else '')}"

    async def _claims(self, token: str) -> Mapping[str, Any]:
        if len(token) > _LONGEST_TOKEN:
            raise BadTokenError("The access token is too long.")
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key_id = header.get("alg"), header.get("kid")
            if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
                raise BadTokenError("The access token is not signed in a way that this server takes.")
            key = await self.keys.key(key_id, algorithm)
            if key is None:
                raise BadTokenError("The access token is signed with a key that its issuer does not have.")
            return cast(
                "Mapping[str, Any]",
                jwt.decode(
                    token,
                    key,
                    algorithms=[algorithm],
                    audience=self._audiences,
                    issuer=self.oauth.issuer,
                    leeway=_CLOCKS_DIFFER_SECONDS,
                    options={"require": list(_REQUIRED)},
                ),
            )
        except (PyJWTError, *_UNREADABLE) as error:
            raise BadTokenError(_told(error)) from None

    @property
    def _audiences(self) -> Sequence[str]:
        if self.oauth.audience:
            return [self.oauth.audience]
        return [f"{self.base_url}{endpoint}" for endpoint in (*ENDPOINTS, "/")]


def metadata_path(endpoint: str) -> str:
    """Return the path under which the metadata of an endpoint are served."""
    return f"/.well-known/oauth-protected-resource{endpoint}"


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    said: object = claims.get("scope", claims.get("scp", ""))  # the second is what some issuers write
    if isinstance(said, list):
        return [one for one in cast("list[object]", said) if isinstance(one, str)]
    return said.split() if isinstance(said, str) else []


def _told(error: Exception) -> str:
    if isinstance(error, ExpiredSignatureError):
        return "The access token has expired: get a new one."
    if isinstance(error, ImmatureSignatureError):
        return "The access token is not valid yet: compare the clocks."
    if isinstance(error, InvalidAudienceError):
        return "The access token is for another server."
    if isinstance(error, InvalidIssuerError):
        return "The access token is from another issuer."
    if isinstance(error, MissingRequiredClaimError):
        return "The access token lacks a claim: it needs iss, aud, exp and sub."
    return "The access token is not valid."
