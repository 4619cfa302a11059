"""Whose a call is: the subject of the access token that came with it, or the owner of the server."""

from mcp.server.auth.middleware.auth_context import get_access_token

from imagewright.models import LOCAL


def principal() -> str:
    """Return the principal of the call that is being answered, as the transport names it."""
    token = get_access_token()
    return (token and token.subject) or LOCAL
