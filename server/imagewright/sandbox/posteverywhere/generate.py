"""POST /ai/generate-image: an image from a prompt, paid in credits, kept in the library."""

from collections.abc import Mapping
from decimal import Decimal

from imagewright.sandbox.accounts import Account, EmptyPurseError
from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, library, store
from imagewright.sandbox.posteverywhere.envelope import invalid, succeed
from imagewright.sandbox.posteverywhere.facts import MODELS, PROMPT_LIMIT, SIZES, VIDEO_IMPORT_SECONDS
from imagewright.sandbox.posteverywhere.records import Media
from imagewright.sandbox.vendor import Refused, Reply

REFUSED_WORD = "forbidden-by-moderation"  # the sandbox's own; no document says what the service refuses


def generate_image(call: Call) -> Reply:
    """POST /ai/generate-image (developers.posteverywhere.ai/api/generate-image, 2026-04)."""
    body = call.json_object(("prompt", "aspect_ratio", "model"))
    prompt = fields.text(body, "prompt", longest=PROMPT_LIMIT, required=True) or ""
    ratio = fields.word(body, "aspect_ratio", tuple(SIZES), "1:1") or ""
    model = _model(call, body)
    price = Decimal(MODELS[model])
    free = call.switch("failed_generation") == "free"
    if REFUSED_WORD in prompt and free:
        raise _refusal(call)
    account = pay(call, price, f"generate-image {model}", {"model": model})
    try:
        media = _draw(call, prompt, SIZES[ratio])
    except Exception:
        if free:
            call.refund(price, f"generate-image {model} failed")
        raise
    return succeed(call, _answer(call, media, prompt, model, ratio, int(account.balance)), 201)


def pay(call: Call, price: Decimal, reason: str, details: Mapping[str, object]) -> Account:
    """Take credits.

    Raises:
        Refused: There are too few; the body is the page's 402 sample.
    """
    try:
        return call.charge(price, reason)
    except EmptyPurseError as empty:
        needed, there = int(empty.needed), int(empty.available)
        noun = "This model" if "model" in details else "This request"
        raise Refused(
            402,
            "insufficient_credits",
            f"Not enough credits. {noun} costs {needed} credits but you have {there} available.",
            details={"credits_required": needed, "credits_available": there, **details},
        ) from empty


def _model(call: Call, body: fields.Body) -> str:
    default = call.switch("default_model")
    if default == "required" and body.get("model") is None:
        raise invalid(f"model is required. Must be one of: {', '.join(MODELS)}")
    return fields.word(body, "model", tuple(MODELS), default) or default


def _refusal(call: Call) -> Refused:
    # The page's 400 covers an invalid prompt; what a refused one answers is not documented.
    status = int(call.switch("refusal_status"))
    code = "internal_error" if status == 500 else "validation_error"  # noqa: PLR2004  # the switch's own words
    return Refused(status, code, "Invalid prompt. It was refused by the content policy of the model.")


def _draw(call: Call, prompt: str, size: tuple[int, int]) -> Media:
    if REFUSED_WORD in prompt:
        raise _refusal(call)
    if call.keep == 0:
        raise Refused(500, "internal_error", "Image generation failed. Please try again.")
    width, height = size
    picture = call.pictures.draw(prompt, width=width, height=height)
    later = call.switch("generated_media") == "processing"
    with call.world.transaction() as tx:
        media = store.new_file(
            tx,
            call.account.fingerprint,
            filename="ai-generated.png",
            content_type=picture.content_type,
            status="processing" if later else "ready",
            picture=picture,
            ready_after_seconds=VIDEO_IMPORT_SECONDS if later else None,
        )
    library.host(call, media["media_id"], picture)
    return media


def _answer(call: Call, media: Media, prompt: str, model: str, ratio: str, left: int) -> dict[str, object]:
    media_id = media["media_id"]
    cost: dict[str, object] = {"credits_used": MODELS[model], "credits_remaining": left}
    if call.switch("generate_response") == "older":  # the page before 2026-04-12, and the types of the MCP server
        return {
            "media_id": media_id,
            "model": model,
            "aspect_ratio": ratio,
            **cost,
            "message": "Image generated successfully. Attach it to a post using media_ids.",
        }
    return {
        "media_id": media_id,
        "media_ids": [media_id],
        "type": "image",
        "width": media["width"],
        "height": media["height"],
        "aspect_ratio": ratio,
        "ai": {"model": model, "prompt": prompt},
        **cost,
        "created_at": media["created_at"],
        "next_step": f'Image generated. Attach it to a post by passing "media_ids": ["{media_id}"] to POST /v1/posts.',
    }
