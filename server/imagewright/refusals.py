"""Turns a provider's "no" into a typed error: its code first, the status second, and always what to do next."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from imagewright.allowances import allowance
from imagewright.answers import as_object, child, ident, parse, text
from imagewright.errors import (
    DO_NOT_REPEAT,
    AccessError,
    ConflictError,
    ContentRefusedError,
    CreditsError,
    GenerationFailedError,
    InvalidRequestError,
    KeyRefusedError,
    ModelError,
    NotFoundError,
    Origin,
    OriginError,
    ProviderError,
    ProviderFailureError,
    RateLimitError,
    TooEarlyError,
)
from imagewright.models import Reply
from imagewright.provider import Provider
from imagewright.text import clean, identifier, quote

_BY_STATUS: Mapping[int, type[ProviderError]] = {
    400: InvalidRequestError,
    401: KeyRefusedError,
    402: CreditsError,
    403: AccessError,
    404: NotFoundError,
    405: NotFoundError,
    409: ConflictError,
    413: InvalidRequestError,
    414: InvalidRequestError,
    415: InvalidRequestError,
    422: InvalidRequestError,
    425: TooEarlyError,
    429: RateLimitError,
    451: ContentRefusedError,
}

_ADVICE: Mapping[type[ProviderError], str] = {
    KeyRefusedError: "{name} does not accept the key in {key_env}. Set a valid one there and start the server again.",
    AccessError: "{name} does not let this key do that. Check its plan, its scopes and the account at {name}.",
    CreditsError: "The {name} account has too little credit. Top it up, or use a cheaper model or another provider.",
    InvalidRequestError: "{name} rejected the request. Change what it names and call again.",
    NotFoundError: "{name} knows no such address or model. Check the model with list_models, and {base_url_env}.",
    ModelError: "{name} does not offer this model for this request. Pick another with list_models.",
    ContentRefusedError: "{name}'s moderation refused the content. Rewrite the prompt; the same one will fail again.",
    RateLimitError: "{name} has had too many requests. Call again in {wait} s.",
    TooEarlyError: "{name} did not take the request yet. Call again in a moment.",
    ConflictError: "{name} reports a conflict, which it does not document for pictures. " + DO_NOT_REPEAT,
    GenerationFailedError: "{name} could not make the picture. Call again, or use another provider.",
    ProviderFailureError: "{name} answered with status {status}, which leaves open what happened. " + DO_NOT_REPEAT,
}
_COSTS_NOTHING = "Nothing was charged."
_DONE = range(200, 300)

P = TypeVar("P", bound=ProviderError)
_UNAVAILABLE = 503
_BAD_GATEWAY = 502
# 408 is no refusal: it is written "not received" and meant "took too long" by gateways.
_TURNED_AWAY = frozenset(range(400, 500)) - {408}


def refuse_unless_done(provider: Provider, reply: Reply) -> None:
    """Pass a reply with a status of success; for any other raise what it stands for.

    Raises:
        ProviderError: What the reply, in whichever envelope of the four vendors, stands for.
    """
    if reply.status not in _DONE:
        raise _refusal(provider, reply)


def _refusal(provider: Provider, reply: Reply) -> ProviderError:
    code, said, request_id = _envelope(reply)
    kind = _kind(provider, reply.status, code)
    charged = None
    if kind is ProviderFailureError and reply.status == _UNAVAILABLE and code and "retry-after" in reply.headers:
        charged = "no"  # its own words and a time to come back: it turned the request away before working on it
    told = allowance(reply).told_seconds
    wait = provider.retry_after_seconds if told is None else told
    origin = Origin(
        provider=provider.slug,
        status=reply.status,
        provider_code=code,
        request_id=request_id,
        job_id=identifier(reply.headers.get(provider.job_header or "")),
        retry_after_seconds=wait if kind is RateLimitError or charged == "no" else None,
        provider_text=said,
    )
    if charged == "no":
        message = f"{provider.name} is not available for the moment. Call again in {_number(wait)} s."
    else:
        message = _ADVICE[kind].format(
            name=provider.name,
            key_env=provider.key_env,
            base_url_env=f"IMAGEWRIGHT_{provider.slug.upper()}_BASE_URL",
            wait=_number(wait),
            status=reply.status,
        )
    return _detailed(provider, kind(message, origin, "no" if charged else None))


def _kind(provider: Provider, status: int, code: str | None) -> type[ProviderError]:
    """Return what a status and the vendor's code stand for together.

    A code tells more where the status says that the request was turned away. A server that failed may write what it
    likes: only the one failure that is documented to be free counts as that.
    """
    by_code = provider.refusals.get(code or "")
    if status in _TURNED_AWAY:
        return by_code or _BY_STATUS.get(status, ProviderFailureError)
    if status == _BAD_GATEWAY and by_code is GenerationFailedError:
        return GenerationFailedError
    return ProviderFailureError


def in_doubt(provider: Provider, error: OriginError) -> ProviderFailureError:
    """Return a refusal anew, without its word that nothing was charged: a look at the provider did not bear it out."""
    origin = replace(error.origin, retry_after_seconds=None)
    message = _ADVICE[ProviderFailureError].format(name=provider.name, status=origin.status)
    return _detailed(provider, ProviderFailureError(message, origin))


def _detailed(provider: Provider, error: P) -> P:
    error.args = (" ".join((str(error), *_details(provider, error, error.origin))),)
    return error


def _details(provider: Provider, error: ProviderError, origin: Origin) -> list[str]:
    parts = [_COSTS_NOTHING] if error.charged == "no" else []
    if origin.provider_text:
        parts.append(f"{provider.name} said {quote(origin.provider_text)}.")
    ids = {"code": origin.provider_code, "request": origin.request_id, "job": origin.job_id}
    shown = [f"{label} {value}" for label, value in ids.items() if value]
    if shown:
        parts.append(f"({', '.join(shown)})")
    return parts


def _envelope(reply: Reply) -> tuple[str | None, str, str | None]:
    """Return code, message and request id, from `{"error": {code, message}}`, from Depicta's flat
    `{"error": code, "message"}` and its jobs' `{code, message}`, or from a body that is no JSON at all."""
    header_id = identifier(reply.headers.get("x-request-id"))
    body = as_object(parse(reply.body))
    if body is None:
        return None, _plain(reply), header_id
    inner = as_object(body.get("error")) or body
    flat = ident(body, "error")
    code = ident(inner, "code") or flat
    request_id = (
        ident(inner, "request_id")
        or ident(body, "request_id")
        or ident(child(body, "meta"), "request_id", "requestId")
        or header_id
    )
    said = text(inner, "message") or text(body, "message") or text(body, "error") or ""
    details = inner.get("details") or body.get("details")
    return code, clean(f"{said} {json.dumps(details, default=str)}" if details else said), request_id


def _plain(reply: Reply) -> str:
    # A gateway's page: its tags are noise, its words may help.
    return clean(re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", reply.body[:8192].decode("utf-8", "replace")), 160)


def _number(seconds: float) -> str:
    # Never less than what was asked for.
    return str(math.ceil(seconds))
