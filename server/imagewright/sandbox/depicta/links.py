"""URLs in requests: which are taken, and the picture behind one. The sandbox itself never fetches from outside."""

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.fields import Fields

if TYPE_CHECKING:
    from imagewright.sandbox.pictures import Picture

_FILES: Final = "/files/"


def check(call: Call, fields: Fields, name: str, url: str | None, *, plain_http: bool = False) -> None:
    """Object to a URL that is not public HTTPS (the operation page's rule); our own pictures are taken as they are."""
    if url is None or is_ours(call, url):
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme != "https" and not (plain_http and parts.scheme == "http"):
        fields.wrong(name, "must be an HTTPS URL")
    elif not _is_public(host):
        fields.wrong(name, "must be publicly accessible")


def picture(call: Call, url: str) -> bytes | None:
    """The bytes of a picture that the sandbox serves, or None where it serves none there (any more)."""
    if not is_ours(call, url):
        return None
    path = urlsplit(url).path.removeprefix(urlsplit(call.root()).path).removeprefix("/")
    slug, _, rest = path.partition(_FILES)
    found: Picture | None = call.pictures.hosted(slug, rest)
    if found is None:
        return None
    try:
        return call.pictures.read(found)
    except OSError:
        return None


def is_ours(call: Call, url: str) -> bool:
    """Whether a URL leads to this sandbox, under whichever name of loopback it was called."""
    return _by_number(url).startswith(_by_number(f"{call.root()}/"))


def _by_number(url: str) -> str:
    return url.replace("//localhost", "//127.0.0.1", 1)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".localhost", ".local", ".internal"))
