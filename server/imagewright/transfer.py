"""Moves the bytes of pictures from and to addresses that others named: nowhere private, and nothing endless."""

import asyncio
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import anyio
import httpx2

from imagewright.addresses import flaw, host_of, is_public, joined, origin
from imagewright.errors import DownloadError, Origin, WireError
from imagewright.http import Caller, read_bounded
from imagewright.posts import FileFacts, UploadTarget

_PICTURE_BYTES = 64 * 1024 * 1024
_SECONDS = 120.0
_REDIRECTS = 3


class Transfer(Caller):
    """Fetches pictures, and puts them where a provider said. No key ever goes along."""

    async def download(self, url: str, trusted_origins: frozenset[str]) -> bytes:
        """Fetch a picture of at most 64 MiB from a public https host, or from an origin that the user configured.

        Raises:
            DownloadError: The address leads somewhere private, does not answer, or sends too much.
        """
        with self.steps.step("download", address=host_of(url) or "") as step:
            data = await self._download(url, trusted_origins)
            step.set(size_bytes=len(data))
            return data

    async def upload(self, target: UploadTarget, file: FileFacts, data: bytes, trusted_origins: frozenset[str]) -> None:
        """Send a file's bytes to where a provider said, in the way that it said.

        Raises:
            WireError: The address leads somewhere private, does not answer, or does not take them.
        """
        host = host_of(target.url) or "an unreadable address"
        try:
            with anyio.fail_after(_SECONDS):
                url, headers, extensions = await self._aimed(target.url, trusted_origins)
                if target.method == "POST":
                    form = {target.field_name: (file.filename, data, file.content_type)}
                    request = self._http().stream("POST", url, headers=headers, extensions=extensions, files=form)
                else:
                    asked = {name.title(): value for name, value in (target.headers or {}).items()}
                    given = {name: value for name, value in asked.items() if name not in _OURS}
                    headers = {"Content-Type": file.content_type, **given, **headers}
                    request = self._http().stream("PUT", url, headers=headers, extensions=extensions, content=data)
                async with request as response:
                    status = response.status_code
        except DownloadError:
            raise WireError(f"{host} did not get the picture: it is no public https address.", Origin(host)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError, ValueError) as error:
            # ValueError: a header that the provider asks for cannot be sent.
            raise WireError(
                f"{host} did not take the picture ({type(error).__name__}). Call again.", Origin(host)
            ) from None
        if status // 100 != _SUCCESS:
            raise WireError(f"{host} did not take the picture (status {status}). Call again.", Origin(host, status))

    async def _download(self, url: str, trusted_origins: frozenset[str]) -> bytes:
        try:
            with anyio.fail_after(_SECONDS):
                for _ in range(_REDIRECTS + 1):
                    found = await self._fetch(url, trusted_origins)
                    if isinstance(found, bytes):
                        return found
                    url = joined(url, found)
                raise _no_download(url, "it redirects too often")
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            raise _no_download(url, f"it did not answer ({type(error).__name__})") from None

    async def _fetch(self, url: str, trusted_origins: frozenset[str]) -> bytes | str:
        """Return the body, or the address that it redirects to."""
        target, headers, extensions = await self._aimed(url, trusted_origins)
        headers |= {"Accept": "image/*", "Accept-Encoding": "identity"}
        async with self._http().stream("GET", target, headers=headers, extensions=extensions) as response:
            if response.is_redirect:
                return str(response.headers.get("location", ""))
            if not response.is_success:
                raise _no_download(url, f"it answered {response.status_code}")
            return await read_bounded(response, _PICTURE_BYTES, _no_download(url, "it sends more than 64 MiB"))

    async def _aimed(self, url: str, trusted_origins: frozenset[str]) -> tuple[str, dict[str, str], dict[str, str]]:
        """Return where to connect, and with which headers and extensions, so that no second look-up leads elsewhere."""
        if reason := flaw(url, trusted_origins):
            error = _no_download(url, reason)
            error.for_good = True
            raise error
        if origin(url) in trusted_origins:
            return url, {}, {}
        # Connect to the very address that was judged, under the name's own certificate.
        parts = urlsplit(url)
        address = await _public_address(parts.hostname or "", parts.port or 443, url)
        host = f"[{address}]" if ":" in address else address
        aimed = parts._replace(netloc=f"{host}:{parts.port or 443}").geturl()
        return aimed, {"Host": parts.netloc}, {"sni_hostname": parts.hostname or ""}


_SUCCESS = 2
_OURS = frozenset({"Host", "Content-Length", "Transfer-Encoding", "Connection"})  # these frame the request


async def _public_address(host: str, port: int, url: str) -> str:
    addresses = await _addresses(host, port)
    # All of them: a name that answers with one public and one private address is an attack.
    if not addresses or not all(is_public(address) for address in addresses):
        raise _no_download(url, "its host is not public")
    return addresses[0]


async def _addresses(host: str, port: int) -> list[str]:
    """Look a name up in a thread that no end of the process waits for: name servers may be silent for long."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def tell(found: list[str] | OSError) -> None:
        if not answer.done():
            if isinstance(found, OSError):
                answer.set_exception(found)
            else:
                answer.set_result(found)

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found: list[str] | OSError = [str(entry[4][0]) for entry in entries]
        except OSError as error:
            found = error
        except UnicodeError:  # no name at all
            found = OSError("no name")
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell, found)

    threading.Thread(target=look_up, name="imagewright look-up", daemon=True).start()
    return await answer


def _no_download(url: str, reason: str) -> DownloadError:
    host = host_of(url) if url.isprintable() else None
    return DownloadError(
        f"The picture at {host or 'an unreadable address'} was not fetched: {reason}. Open its URL yourself.",
        Origin(provider=host or "unknown"),
    )
