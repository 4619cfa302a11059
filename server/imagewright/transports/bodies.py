"""Request bodies: taken whole before anything is done with them, of a bounded size and in a bounded time."""

from dataclasses import dataclass
from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagewright.gallery.routes import refusal

MOST_BYTES: Final = 4 * 1024 * 1024
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Bodies:
    """In front of the application."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or answer why not."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said[:20]) > MOST_BYTES:  # Python reads no numbers of thousands of digits
            await _too_large()(scope, receive, send)
            return
        body = bytearray()
        try:
            with anyio.fail_after(_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] != "http.request":
                        return  # the client has gone
                    body += message.get("body", b"")
                    if len(body) > MOST_BYTES:
                        await _too_large()(scope, receive, send)
                        return
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            words = f"The body did not come within {_SECONDS:g} seconds."
            await refusal(408, words)(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self.app(scope, replay, send)


def _too_large() -> Response:
    # The connection stays open for a moment: closed with unread bytes in it, it would lose this answer.
    return refusal(413, f"A request body may have {MOST_BYTES // 1024**2} MiB.")
