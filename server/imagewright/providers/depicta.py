"""Depicta: models, sizes and reference pictures, one image a call, three formats whose URLs live an hour."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Literal

from imagewright.answers import (
    JsonObject,
    address,
    amount,
    as_object,
    body_of,
    child,
    ident,
    members,
    moment,
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
from imagewright.models import (
    ImageRequest,
    Look,
    Model,
    Money,
    Order,
    Picture,
    Reading,
    Reply,
    Trace,
    TracePage,
    Variant,
)
from imagewright.provider import Provider, Recovery
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
    reading = _reading(body_of(reply, _NAME), job_id)
    if reading is None:
        raise unreadable(reply, _NAME, "it holds no picture", job_id)
    return reading


def _reading(body: JsonObject, job_id: str | None) -> Reading | None:
    picture = _picture(body)
    cost, balance = amount(body, "cost_eur"), amount(body, "balance_eur")
    if picture.url is None and cost is None:
        return None
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


def read_jobs(reply: Reply) -> TracePage:
    """Return a page of jobs; `generations` is null where there is none, and client 0.9.0 knew a bare list.

    Raises:
        UnreadableAnswerError: The answer holds no list, or the list something that is no job.
    """
    parsed = parse(reply.body)
    body = as_object(parsed) or {}
    rows = body.get("generations", parsed)
    listed = members(rows)
    found = tuple(job for row in objects(rows) if (job := _job(row)))
    # A row that were passed over could be the one that was paid for.
    if not (isinstance(rows, list) or (rows is None and body)) or len(listed) != len(found):
        raise unreadable(reply, _NAME, "it holds no list of jobs")
    total = whole(body, "total")
    return TracePage(found, None if total is None or total < len(found) else total)


def _read_job(job_id: str, reply: Reply) -> Trace:
    job = _job(body_of(reply, _NAME))
    if job is None or job.trace_id.lower() != job_id.lower():
        raise unreadable(reply, _NAME, "it does not hold the job", job_id)
    return job


def _job(row: JsonObject) -> Trace | None:
    job_id = ident(row, "job_id", "id")
    if job_id is None:
        return None
    state = _STATES.get(ident(row, "status") or "", "running")
    result = _reading(child(row, "result"), job_id) if state == "done" else None
    # The balance is that of the day on which it was drawn.
    reading = replace(result, balance=None, created_at=text(row, "created_at", 40)) if result else None
    error = child(row, "error")
    said = ": ".join(part for part in (text(error, "code", 80), text(error, "message")) if part)
    return Trace(job_id, state, moment(row, "created_at"), reading, said if state == "failed" and said else None)


# depicta.ai/docs/api/operations/getjob; the other two are pending and processing.
_STATES: Mapping[str, Literal["running", "done", "failed"]] = {"completed": "done", "failed": "failed"}


def _job_look(job_id: str) -> Look[Trace]:
    if identifier(job_id) is None:
        raise ValueError(f"{job_id!r} is no job id.")
    return Look(f"/v1/jobs/{job_id}", partial(_read_job, job_id))


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
    max_looks=2,
    returns="urls",
    url_life="1 hour",
    hosts=frozenset({"api.depicta.ai"}),
    job_header=_JOB_HEADER,
    catalogue=Look("/v1/models", read_models),
    purse=Look("/v1/account/profile", read_balance),
    recovery=Recovery(
        # A job is listed as pending from the start: depicta.ai/docs/api/operations/listjobs
        traces=lambda offset: Look(f"/v1/jobs?limit=20&offset={offset}", read_jobs),
        trace=_job_look,
    ),
)
