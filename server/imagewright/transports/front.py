"""Where the HTTP server listens and under which names it is known: whom a request may name, and what is refused."""

import ipaddress
import os
import re
import socket
from dataclasses import dataclass
from typing import Final

from imagewright.errors import SettingsError

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PUBLIC_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d{1,5})?")
_BACKLOG: Final = 128  # connections that wait to be taken


@dataclass(frozen=True, slots=True)
class Front:
    """What the user said of the server's address. `public_host` is a name, or name and port, that clients use."""

    host: str = "127.0.0.1"
    port: int = 8000  # 0 for a free one
    public_host: str | None = None
    behind_tls: bool = False  # a proxy in front of the server speaks TLS with its clients
    auth: bool = True

    def listen(self) -> socket.socket:
        """Return a socket that listens there, if that is safe.

        Raises:
            SettingsError: It is not, or the address cannot be had; the message says what to do.
        """
        if self.public_host and not _PUBLIC_NAME.fullmatch(self.public_host.lower()):
            raise SettingsError("--public-host takes a name such as pictures.example.com, or a name and a port.")
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError) as error:
            raise SettingsError(f"--host {self.host} is no address of this machine ({error}).") from None
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            self._refuse_if_unsafe()
        # With its protocol named, asyncio switches Nagle's delay off for what it accepts.
        listening = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # elsewhere it would let two listen on one port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise SettingsError(
                f"The server could not listen on {self.host} port {self.port} ({error}). Choose another port with "
                f"--port N (0 is a free one), or another address with --host."
            ) from None
        return listening

    def names(self, listening: socket.socket) -> "Names":
        """Return under which names the server that listens there is known."""
        host, port = listening.getsockname()[:2]
        bound = f"[{host}]" if ":" in host else host
        # Nobody is called 0.0.0.0: browsers let web pages reach it.
        own = () if ipaddress.ip_address(host.partition("%")[0]).is_unspecified else (bound, self.host.lower())
        local = _with_port((*own, *_LOOPBACK_NAMES), port, "http")
        scheme = "https" if self.behind_tls else "http"
        public = frozenset[str]()
        if self.public_host:
            name, _, said = self.public_host.lower().partition(":")
            public = _with_port((name,), int(said) if said else _DEFAULT_PORTS[scheme], scheme)
        base = f"{scheme}://{self.public_host.lower()}" if self.public_host else f"http://{_first(own, port)}"
        origins = {f"http://{one}" for one in local} | {f"{scheme}://{one}" for one in public}
        return Names(base, local | public, frozenset(origins), secure=self.behind_tls, port=port)

    def _refuse_if_unsafe(self) -> None:
        remedy = "leave --host out to serve this machine only"
        if not self.auth:
            raise SettingsError(
                f"--no-auth would let everybody who reaches {self.host} spend your money: leave --no-auth out, or "
                f"{remedy}."
            )
        if not self.behind_tls or not self.public_host:
            raise SettingsError(
                f"On {self.host} the token and your pictures could be read on the way. Put a proxy that speaks TLS in "
                f"front, and say so with --behind-tls --public-host NAME (the name that clients use); or {remedy}."
            )


@dataclass(frozen=True, slots=True)
class Names:
    """Under which names a server is known, in lower case, as `Host` and `Origin` give them."""

    base_url: str  # for people and clients, without a slash at the end
    hosts: frozenset[str]
    origins: frozenset[str]
    secure: bool  # browsers reach it over TLS only
    port: int


def _first(own: tuple[str, ...], port: int) -> str:
    return f"{own[0] if own else _LOOPBACK_NAMES[0]}:{port}"


def _with_port(names: tuple[str, ...], port: int, scheme: str) -> frozenset[str]:
    """Return the values of a header that mean these names at this port; the default port may be left out."""
    bare = names if port == _DEFAULT_PORTS[scheme] else ()
    return frozenset({*bare, *(f"{name}:{port}" for name in names)})
