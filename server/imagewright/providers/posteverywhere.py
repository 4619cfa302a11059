"""PostEverywhere: the picture lands in a social scheduler's media library and comes back as a media_id."""

from decimal import Decimal

from imagewright.answers import JsonObject, address, amount, body_of, child, ident, members, text, unreadable, whole
from imagewright.errors import (
    AccessError,
    CreditsError,
    InvalidRequestError,
    KeyRefusedError,
    NotFoundError,
    ProviderFailureError,
    RateLimitError,
)
from imagewright.models import ImageRequest, Look, Model, Money, Order, Picture, Reading, Reply
from imagewright.provider import Provider
from imagewright.providers._posteverywhere_posts import POSTING
from imagewright.providers._posteverywhere_recovery import RECOVERY
from imagewright.text import identifier, model_name

_NAME = "PostEverywhere"
_AS_OF = "2026-04-12"


def write(request: ImageRequest) -> Order:
    """Return the order for one image; model and ratio are always sent, since sources disagree on the defaults."""
    body = {"prompt": request.prompt, "aspect_ratio": request.aspect_ratio, "model": request.model}
    sent = {name: value for name, value in body.items() if value}
    # 120 s is what the vendor's own Python client waits.
    return Order("/api/v1/ai/generate-image", sent, 1, deadline_seconds=120)


def read(reply: Reply) -> Reading:
    """Return the picture of either response generation: since April 2026 `ai.model` and `next_step`, before it
    `model` and `message`. Neither carries a URL."""
    body = body_of(reply, _NAME)
    data, request_id = child(body, "data"), _request_id(body, reply)
    listed = [found for one in members(data.get("media_ids")) if (found := identifier(one))]
    media_id = ident(data, "media_id") or next(iter(listed), None)
    used, left = amount(data, "credits_used"), amount(data, "credits_remaining")
    if media_id is None and used is None:
        raise unreadable(reply, _NAME, "it holds no media_id", request_id=request_id)
    ai = child(data, "ai")
    model = model_name(ai.get("model")) or model_name(data.get("model"))
    picture = Picture(
        media_id=media_id,
        url=address(data, "url"),
        width=whole(data, "width"),
        height=whole(data, "height"),
        model=model,
        prompt_used=text(ai, "prompt", 2000),
    )
    return Reading(
        (picture,) if media_id else (),
        model=model,
        cost=None if used is None else Money(used, "credits"),
        balance=None if left is None else Money(left, "credits"),
        request_id=request_id,
        created_at=text(data, "created_at"),
        provider_text=text(data, "next_step") or text(data, "message"),
    )


def _request_id(body: JsonObject, reply: Reply) -> str | None:
    # Two documentation pages spell it requestId; every vendor client reads request_id.
    return ident(child(body, "meta"), "request_id", "requestId") or identifier(reply.headers.get("x-request-id"))


def read_balance(reply: Reply) -> Money:
    """Return the AI credits left this month, bought ones included.

    Raises:
        UnreadableAnswerError: The answer holds no quota.
    """
    quota = child(child(child(body_of(reply, _NAME), "data"), "quota"), "ai_credits")
    used, limit = amount(quota, "used"), amount(quota, "limit")
    if used is None or limit is None:
        raise unreadable(reply, _NAME, "it holds no credits")
    # That bonus credits come on top is how the page reads; it does not spell the sum out.
    return Money(limit - used + (amount(quota, "bonus") or Decimal(0)), "credits", estimated=True)


PROVIDER = Provider(
    slug="posteverywhere",
    name=_NAME,
    base_url="https://app.posteverywhere.ai",
    key_env="POSTEVERYWHERE_API_KEY",
    key_prefix="pe_live_",
    sandbox_key="pe_live_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    rank=30,
    unit="credits",
    source="https://developers.posteverywhere.ai/api/generate-image",
    as_of=_AS_OF,
    write=write,
    read=read,
    refusals={
        "validation_error": InvalidRequestError,
        "invalid_json": InvalidRequestError,
        "content_too_long": InvalidRequestError,
        "invalid_field_name": InvalidRequestError,
        "bad_request": InvalidRequestError,
        "post_creation_failed": InvalidRequestError,
        "past_schedule_time": InvalidRequestError,
        "invalid_timezone": InvalidRequestError,
        "media_not_ready": InvalidRequestError,
        "unsupported_media_type": InvalidRequestError,
        "permanent_failure_circuit_breaker": InvalidRequestError,
        "not_found": NotFoundError,
        "unauthorized": KeyRefusedError,
        "insufficient_credits": CreditsError,
        "forbidden": AccessError,
        "rate_limit_exceeded": RateLimitError,
        "rate_limited": RateLimitError,
        "internal_error": ProviderFailureError,
        "service_unavailable": ProviderFailureError,
    },
    ratios=("1:1", "16:9", "9:16", "4:3", "3:4", "4:5", "5:4"),
    default_ratio="1:1",
    models=(
        Model("nano-banana-pro", "best overall quality", Decimal(15), seconds=5, as_of=_AS_OF),
        Model("ideogram-v2", "text in images", Decimal(8), seconds=5, as_of=_AS_OF),
        Model("gemini-3-pro", "smart, contextual", Decimal(5), seconds=8, as_of=_AS_OF),
        Model("flux-schnell", "fast drafts", Decimal(1), seconds=2, as_of=_AS_OF),
    ),
    default_model="nano-banana-pro",
    max_prompt=2000,
    max_count=1,
    max_parallel=4,
    returns="media_ids",
    url_life="no URL: a media_id in its library",
    hosts=frozenset({"app.posteverywhere.ai"}),
    purse=Look("/api/v1/me", read_balance),
    posting=POSTING,
    recovery=RECOVERY,
)
