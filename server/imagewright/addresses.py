"""Judges web addresses: which may be shown, fetched or handed on, and which lead where nobody asked us to go."""

import ipaddress
import re
from urllib.parse import urljoin, urlsplit

_LONGEST = 4096

# What a browser takes for the end of a host (a backslash, a percent sign) must not stand inside one.
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")

# Reached by name rather than by address, and never public: RFC 6761, RFC 8375, cloud metadata names.
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home", ".corp", ".home.arpa")

# Python 3.11 calls these global; each leads inside some network (multicast, metadata, 6to4, NAT64, documentation).
_ALSO_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "224.0.0.0/4",
        "192.0.0.192/32",
        "168.63.129.16/32",
        "192.88.99.0/24",
        "ff00::/8",
        "fec0::/10",
        "::/96",
        "2002::/16",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "5f00::/16",
        "3fff::/20",
    )
)


def origin(url: str) -> str:
    """Return `scheme://host:port` of a URL in lower case with the port made explicit, or "" where it is no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return ""
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def host_of(url: str) -> str | None:
    """Return the host of a URL in lower case, or None where there is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def joined(url: str, location: str) -> str:
    """Return the address that a redirect from `url` leads to, or "" where it is none."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def is_private_name(host: str) -> bool:
    """Whether a host name or address can only be meant for a private network or this machine."""
    return not _is_public_name(host.lower().strip("[]"))


def flaw(url: object, trusted_origins: frozenset[str] = frozenset()) -> str | None:  # noqa: PLR0911  # a list of flaws
    """Say what is wrong with a URL from outside, or None if it may be shown and fetched.

    Good means https, a public host, no user name or password, no white space. An origin in `trusted_origins` (as
    `origin` writes it: the base URLs that the user configured) may be plain http and private.
    Names are not looked up here: whoever connects must judge the address that it connects to with `is_public`.
    """
    if not isinstance(url, str) or not url:
        return "it is not a text"
    if len(url) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    if any(char.isspace() or not char.isprintable() for char in url):
        return "it holds white space or a character that cannot be shown"
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "it cannot be read as a URL"
    if "@" in parts.netloc:
        return "it carries a user name or password"
    if parts.scheme in {"http", "https"} and origin(url) in trusted_origins:
        return None
    if parts.scheme == "https" and _is_public_name(host):
        return None
    if not host.isascii():
        return "its host must be written in ASCII (xn--...)"
    return "it is not https" if parts.scheme != "https" else "its host is not public"


def is_public(address: str) -> bool:
    """Whether an IP address (text, as a resolver gives it) belongs to the public internet."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not any(parsed in network for network in _ALSO_PRIVATE)


def _is_public_name(host: str) -> bool:
    if ":" in host:
        return is_public(host)
    name = host.removesuffix(".")  # the root may be named: a resolver takes metadata.google.internal. as well
    if not _NAME.fullmatch(name) or name.endswith(_PRIVATE_SUFFIXES):
        return False
    labels = name.split(".")
    # 127.1, 2130706433, 0x7f.1 and 0177.0.0.1 are loopback to every resolver: a last label that is a number
    # makes the host an IPv4 address, and only the plain four-part form is taken.
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        return is_public(host)
    return len(labels) > 1
