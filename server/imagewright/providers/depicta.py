"""Depicta: models, sizes and reference pictures, one image a call, three formats whose URLs live an hour."""

from decimal import Decimal

from imagewright.answers import (
    JsonObject,
    address,
    amount,
    as_object,
    body_of,
    child,
    ident,
    members,
    objects,
    parse,
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
    ModelError,
    NotFoundError,
    ProviderFailureError,
    RateLimitError,
)
from imagewright.models import ImageRequest, Look, Model, Money, Order, Picture, Reading, Reply, Variant
from imagewright.provider import Provider
from imagewright.text import clean, identifier, model_name

_NAME = "Depicta"
_JOB_HEADER = "x-depicta-job-id"
_FORMATS = ("png", "jpeg", "webp")


def write(request: ImageRequest) -> Order:
    """Return the order for one image; nothing is sent for what was not asked, so the account's defaults hold."""
    body: dict[str, object] = {"prompt": request.prompt}
    optional = {
        "model": request.model,
        "aspect_ratio": request.aspect_ratio,
        "image_size": request.size,
        "strictness": request.strictness,
        "reference_images": [{"url": one.url, "description": one.description} for one in request.reference_images],
    }
    body.update((name, value) for name, value in optional.items() if value)
    # 360 s is what the vendor's own client waits (depicta 1.3.0, 2026-10); shorter would lose paid pictures.
    return Order("/v1/generate/image", body, 1, deadline_seconds=360)


def read(reply: Reply) -> Reading:
    """Return the picture: `formats` first, and `image_url` only where it is absent."""
    job_id = identifier(reply.headers.get(_JOB_HEADER))
    body = body_of(reply, _NAME)
    picture = _picture(body)
    cost, balance = amount(body, "cost_eur"), amount(body, "balance_eur")
    if picture.url is None and cost is None:
        raise unreadable(reply, _NAME, "it holds no picture", job_id)
    return Reading(
        (picture,) if picture.url else (),
        model=picture.model,
        cost=None if cost is None else Money(cost, "EUR"),
        balance=None if balance is None else Money(balance, "EUR"),
        provider_generation_id=ident(body, "id"),
        job_id=job_id,
    )


def _picture(body: JsonObject) -> Picture:
    formats = child(body, "formats")
    variants = tuple(
        variant for name in (*_FORMATS, *sorted(set(formats) - set(_FORMATS))) if (variant := _variant(formats, name))
    )
    model = model_name(body.get("model"))
    if variants:
        first = variants[0]
        return Picture(url=first.url, expires_at=first.expires_at, sha256=first.sha256, model=model, variants=variants)
    return Picture(url=address(body, "image_url"), sha256=ident(body, "image_hash"), model=model)


def _variant(formats: JsonObject, name: str) -> Variant | None:
    one = child(formats, name)
    url = address(one, "url")
    if url is None:
        return None
    return Variant(
        format=clean(name, 16),
        url=url,
        sha256=ident(one, "hash"),
        size_bytes=whole(one, "size_bytes"),
        expires_at=text(one, "expires_at", 40),
    )


def read_models(reply: Reply) -> tuple[Model, ...]:
    """Return the models that can generate; the list comes bare or under `models` (depicta 1.3.0 takes both).

    Raises:
        UnreadableAnswerError: The answer is neither.
    """
    parsed = parse(reply.body)
    rows = members(parsed) or members((as_object(parsed) or {}).get("models"))
    if not rows:
        raise unreadable(reply, _NAME, "it holds no list of models")
    return tuple(
        Model(
            model_id,
            text(row, "name", 60) or "images",
            price=amount(row, "approximate_cost_eur"),
            price_note="approximate" if amount(row, "approximate_cost_eur") is not None else None,
            sizes=tuple(size for one in members(row.get("image_sizes")) if (size := identifier(one))),
            alias=model_name(row.get("alias")),
        )
        for row in objects(rows)
        if row.get("can_generate", True) is not False and (model_id := model_name(row.get("id")))
    )


def read_balance(reply: Reply) -> Money:
    """Return what is left after the holds of running calls.

    Raises:
        UnreadableAnswerError: The answer holds no balance.
    """
    user = child(body_of(reply, _NAME), "user")
    balance = amount(user, "balance_eur")
    if balance is None:
        raise unreadable(reply, _NAME, "it holds no balance")
    return Money(balance - (amount(user, "held_eur") or Decimal(0)), "EUR")


PROVIDER = Provider(
    slug="depicta",
    name=_NAME,
    base_url="https://api.depicta.ai",
    key_env="DEPICTA_API_KEY",
    key_prefix="dpct_",
    sandbox_key="dpct_sandboxsandboxsandboxsandboxsandboxsandboxx",
    rank=40,
    unit="EUR",
    source="https://depicta.ai/docs/api/operations/generateimage/",
    as_of="2026-10-01",
    write=write,
    read=read,
    # Three spellings: the error-code page, the fixtures of the vendor's client 1.3.0, and the job pages.
    refusals={
        "bad_request": InvalidRequestError,
        "validation_error": InvalidRequestError,
        "not_found": NotFoundError,
        "payload_too_large": InvalidRequestError,
        "auth_invalid": KeyRefusedError,
        "authentication_error": KeyRefusedError,
        "credit_insufficient": CreditsError,
        "insufficient_credits": CreditsError,
        "auth_email_not_verified": AccessError,
        "account_suspended": AccessError,
        "model_not_allowed": ModelError,
        "model_not_capable": ModelError,
        "content_rejected": ContentRefusedError,
        "rate_limited": RateLimitError,
        "internal_error": ProviderFailureError,
        "internal": ProviderFailureError,
    },
    # The schema has no closed list; depicta.ai/docs/creating-images/generate names these.
    ratios=("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"),
    ratios_open=True,
    sizes=("1K", "2K", "4K"),
    sizes_open=True,
    models=(
        Model(
            "gemini-2.5-flash-image",
            "general pictures, reference images",
            price=Decimal("0.048"),
            price_note="approximate",
            as_of="2026-10-01",
        ),
        Model("flux", "general pictures", price_note="see depicta.ai", as_of="2026-10-01"),
    ),
    default_model="gemini-2.5-flash-image",
    models_open=True,
    takes_strictness=True,
    max_references=5,
    max_count=1,
    max_parallel=8,  # ten at once are allowed (error-code page); two stay free for looking jobs up
    returns="urls",
    url_life="1 hour",
    hosts=frozenset({"api.depicta.ai"}),
    job_header=_JOB_HEADER,
    catalogue=Look("/v1/models", read_models),
    purse=Look("/v1/account/profile", read_balance),
)
