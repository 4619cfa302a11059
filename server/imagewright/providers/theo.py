"""Theo: styles and up to four hosted pictures a call, paid in cents."""

from imagewright.answers import (
    JsonObject,
    address,
    amount,
    body_of,
    child,
    ident,
    members,
    objects,
    text,
    unreadable,
    whole,
)
from imagewright.errors import (
    AccessError,
    ContentRefusedError,
    CreditsError,
    InvalidRequestError,
    KeyRefusedError,
    NotFoundError,
    ProviderFailureError,
    RateLimitError,
)
from imagewright.models import ImageRequest, Look, Model, Money, Order, Picture, Reading, Reply, Tally
from imagewright.provider import Provider, Recovery
from imagewright.text import identifier, model_name

_NAME = "Theo"


def write(request: ImageRequest) -> Order:
    """Return the order for a request of 1 to 4 images; the body never has more than the four documented fields."""
    body: dict[str, object] = {"prompt": request.prompt, "count": request.count}
    if request.style:
        body["style"] = request.style
    if request.aspect_ratio:
        body["aspect_ratio"] = request.aspect_ratio
    # The vendor's own client gives up after 30 s, which makes an unknown of many a success.
    return Order("/api/v1/images", body, request.count, deadline_seconds=90)


def read(reply: Reply) -> Reading:
    """Return the pictures; one whose URL is null is still being made and cannot be asked for later."""
    body = body_of(reply, _NAME)
    # docs.hitheo.ai says images[]; hitheo.ai/llms/api.txt (2026-05-24) says artifacts[].
    if not isinstance(body.get("images"), list) and not isinstance(body.get("artifacts"), list):
        raise unreadable(reply, _NAME, "it holds no list of images")
    entries = members(body.get("images")) or members(body.get("artifacts"))
    pictures = tuple(_picture(one) for one in objects(entries) if address(one, "url"))
    pending = len(entries) - len(pictures)
    cents = amount(child(body, "usage"), "cost_cents")
    return Reading(
        pictures,
        model=next((picture.model for picture in pictures if picture.model), None),
        cost=None if cents is None else Money(cents, "cents"),
        provider_generation_id=ident(body, "id"),
        request_id=identifier(reply.headers.get("x-request-id")),
        created_at=text(body, "created"),
        warnings=(_pending(pending),) if pending else (),
    )


def _picture(one: JsonObject) -> Picture:
    return Picture(
        url=address(one, "url"),
        engine=model_name(one.get("engine")),
        model=model_name(one.get("model")),
        prompt_used=text(one, "prompt", 2000),
    )


def _pending(count: int) -> str:
    noun = "picture was" if count == 1 else "pictures were"
    return f"{count} {noun} returned by Theo without a URL; Theo documents no way to fetch it later."


def read_models(reply: Reply) -> tuple[Model, ...]:
    """Return the rows of mode `image`; the others write text.

    Raises:
        UnreadableAnswerError: There is none.
    """
    rows = [one for one in objects(body_of(reply, _NAME).get("models")) if one.get("mode") == "image"]
    if not rows:
        raise unreadable(reply, _NAME, "it lists no model for images")
    return tuple(
        Model(model_id, text(row, "description", 80) or text(row, "label", 80) or "images", price_note=_PRICE_NOTE)
        for row in rows
        if (model_id := model_name(row.get("model_id")))
    )


_PRICE_NOTE = "not published"


def read_usage(reply: Reply) -> Tally:
    """Return what this period's calls cost; which period that is without dates, no page says.

    Raises:
        UnreadableAnswerError: The answer holds no cost.
    """
    totals = child(body_of(reply, _NAME), "totals")  # the type of the vendor's own client 0.2.1
    cents = amount(totals, "cost_cents")
    if cents is None:
        raise unreadable(reply, _NAME, "it holds no cost")
    return Tally(cents, "cents", whole(totals, "requests"))


PROVIDER = Provider(
    slug="theo",
    name=_NAME,
    # Not the apex host: it answers 307, and many clients drop the key on the way (docs.hitheo.ai, 401 errors).
    base_url="https://www.hitheo.ai",
    key_env="THEO_API_KEY",
    key_prefix="theo_sk_",
    sandbox_key="theo_sk_sandbox_imagewright",
    rank=20,
    unit="cents",
    source="https://docs.hitheo.ai/api-reference/images/generate",
    as_of="2026-05-24",
    write=write,
    read=read,
    refusals={
        "missing_prompt": InvalidRequestError,
        "validation_error": InvalidRequestError,
        "invalid_api_key": KeyRefusedError,
        "key_expired": KeyRefusedError,
        "insufficient_credits": CreditsError,
        "missing_scope": AccessError,
        "not_found": NotFoundError,
        "guardrail_violation": ContentRefusedError,
        "rate_limit_exceeded": RateLimitError,
        "mode_rate_limit_exceeded": RateLimitError,
        "token_limit_exceeded": RateLimitError,
        "server_error": ProviderFailureError,
    },
    # The page gives examples, no closed list; 3:4 is from the vendor's own MCP server (2026-04-24).
    ratios=("1:1", "16:9", "9:16", "4:3", "3:4"),
    ratios_open=True,
    models=(Model("theo-1-create", "styled illustrations and photos", price_note=_PRICE_NOTE, as_of="2026-04-24"),),
    takes_model=False,
    takes_style=True,
    max_count=4,
    max_parallel=4,
    returns="urls",
    url_life="not stated (one page says presigned)",
    hosts=frozenset({"www.hitheo.ai", "hitheo.ai"}),
    catalogue=Look("/api/v1/models", read_models),
    # Text and other keys count as well, and images have no list: a hint for a person, no proof.
    recovery=Recovery(tally=Look("/api/v1/usage", read_usage)),
    # docs.hitheo.ai/sdk-reference/error-handling advises it; whether images honour it, no page says.
    idempotency_header="Idempotency-Key",
)
