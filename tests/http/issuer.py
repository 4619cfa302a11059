"""An authorization server on loopback: its metadata, its keys, and the access tokens that it signs."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from tests.scripted import Answer, Scripted, scripted

AUDIENCE = "imagewright-test"
METADATA = "/.well-known/oauth-authorization-server"
OPENID = "/.well-known/openid-configuration"
KEYS_PATH = "/keys"
_MANY = 50


@cache
def private_key(algorithm: str, number: int = 0) -> Any:
    """Return a key for an algorithm, the same one each time; `number` tells several apart."""
    made = {
        "RS": lambda: rsa.generate_private_key(65537, 2048),
        "PS": lambda: private_key("RS256", number),
        "ES": lambda: ec.generate_private_key(ec.SECP256R1()),
        "Ed": ed25519.Ed25519PrivateKey.generate,
    }
    return made[algorithm[:2]]()


def public_jwk(algorithm: str, number: int = 0, **members: object) -> dict[str, Any]:
    """Return the public half as an issuer publishes it."""
    told = get_default_algorithms()[algorithm].to_jwk(private_key(algorithm, number).public_key(), as_dict=True)
    return {"kid": f"{algorithm}-{number}", "use": "sig", **told, **members}


@dataclass(slots=True)
class Issuer:
    """The running server."""

    server: Scripted
    algorithm: str = "RS256"

    @property
    def url(self) -> str:
        """Its name."""
        return self.server.url

    @property
    def environ(self) -> dict[str, str]:
        """What has a server take its tokens."""
        return {"IMAGEWRIGHT_OAUTH_ISSUER": self.url, "IMAGEWRIGHT_OAUTH_AUDIENCE": AUDIENCE}

    def publish(self, *keys: dict[str, Any]) -> None:
        """Tell metadata and keys from now on."""
        metadata = {"issuer": self.url, "jwks_uri": self.url + KEYS_PATH}
        self.server.answer(*[Answer(200, metadata)] * _MANY, path=METADATA)
        self.server.answer(*[Answer(200, {"keys": list(keys or [public_jwk(self.algorithm)])})] * _MANY, path=KEYS_PATH)

    def token(self, claims: Mapping[str, object] | None = None, *, key: int = 0) -> str:
        """Return a token of alice, or with other claims; one of None is left out."""
        told: dict[str, object] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "alice",
            "exp": int(time.time()) + 600,
            "client_id": "an-agent",
            **(claims or {}),
        }
        headers = {"kid": f"{self.algorithm}-{key}"}
        kept = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(kept, private_key(self.algorithm, key), self.algorithm, headers)


@asynccontextmanager
async def issuing(algorithm: str = "RS256") -> AsyncGenerator[Issuer]:
    """Run an authorization server while the block runs; it publishes nothing by itself."""
    async with scripted() as server:
        yield Issuer(server, algorithm)
