"""The command `imagewright serve --transport http`: tells people where the server is and how its clients get in."""

import gc
import json
import socket
import sys
from functools import partial

from imagewright.app import compose, note_delivery
from imagewright.errors import SettingsError
from imagewright.logs import hide
from imagewright.settings import Settings
from imagewright.transports.front import Front, Names
from imagewright.transports.http import Served, serve
from imagewright.transports.token_file import Token, token_of


async def host(settings: Settings, front: Front) -> int:
    """Serve MCP, the pictures and the gallery over HTTP until a signal ends it, and return the exit code.

    Raises:
        SettingsError: It cannot be served there, or not safely; the message says what to do.
    """
    if settings.oauth and not front.auth:
        raise SettingsError("--no-auth and IMAGEWRIGHT_OAUTH_ISSUER exclude each other: leave one of them out.")
    listening = front.listen()
    try:
        names = front.names(listening)
        token = await token_of(settings.home, settings.token) if front.auth else None
        if token:
            hide(token.value)
        _say(f"imagewright: {_told(names, token)}")
        if settings.oauth:
            _say(f"imagewright: Access tokens of {settings.oauth.issuer} are taken as well.")
        return await _serve(settings, names, token, listening)
    finally:
        listening.close()


async def _serve(settings: Settings, names: Names, token: Token | None, listening: socket.socket) -> int:
    mcp, studio = compose(settings)
    gc.freeze()  # to look for garbage among all that was imported would keep every call waiting for a tenth of a second
    note = partial(note_delivery, studio)
    served = Served(mcp, studio, note, names, token.value if token else None, settings.oauth)
    return await serve(served, listening)


def _told(names: Names, token: Token | None) -> str:
    where = f"MCP is at {names.base_url}/mcp (for old clients /sse), your pictures are at {names.base_url}/"
    if token is None:
        return f"{where}. Whoever reaches it may use it: --no-auth was said. Ctrl-C ends it."
    if not token.is_new:
        kept = f"in {token.path}" if token.path else "that of IMAGEWRIGHT_TOKEN"
        return f"{where}. The token is {kept}. Ctrl-C ends it."
    entry = {"url": f"{names.base_url}/mcp", "headers": {"Authorization": f"Bearer {token.value}"}}
    return (
        f"{where}. Ctrl-C ends it.\n"
        f"A token was made; it is shown this once, and kept in {token.path}. A client's entry:\n"
        f"  {json.dumps({'mcpServers': {'imagewright': entry}})}\n"
        f"A browser's address, once:\n"
        f"  {names.base_url}/?token={token.value}"
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
