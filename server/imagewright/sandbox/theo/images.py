"""POST /api/v1/images (docs.hitheo.ai/api-reference/images/generate)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from imagewright.sandbox.accounts import EmptyPurseError
from imagewright.sandbox.call import Call
from imagewright.sandbox.pictures import pixels
from imagewright.sandbox.theo import rates
from imagewright.sandbox.theo.facts import (
    CENTS_PER_IMAGE,
    DOWN_RETRY_SECONDS,
    FORBIDDEN,
    IMAGE_SCOPE,
    LISTED_RATIOS,
    MAX_COUNT,
    USES,
)
from imagewright.sandbox.vendor import Refused, Reply, json_reply, timestamp

_PRESIGNED_SECONDS: Final = 3600  # no page says how long
_RATIO: Final = re.compile(r"([1-9]\d?):([1-9]\d?)")
_STEEPEST: Final = 4  # no page says which ratios an engine draws
_ANSWERS: Final = "theo.answer"


def create(call: Call) -> Reply:
    """Draw `count` images of a prompt; those that fail are paid back."""
    if call.switch("service") == "down":
        retry = {"Retry-After": DOWN_RETRY_SECONDS}
        raise Refused(503, "server_error", "Image generation is unavailable.", headers=retry)
    if IMAGE_SCOPE not in call.account.facts["scopes"]:
        raise Refused(403, "missing_scope", f"This API key lacks the scope {IMAGE_SCOPE}.")
    earlier = _earlier_answer(call)
    if earlier is not None:
        return json_reply(earlier)
    rates.count_images(call)
    order = _read(call)
    if FORBIDDEN in order.prompt:
        # docs.hitheo.ai/guides/guardrails: the only documented refusal of a prompt. It comes before any work.
        raise Refused(422, "guardrail_violation", "The prompt violates a guardrail policy.")
    drawn = order.count if call.keep is None else min(call.keep, order.count)
    try:
        with call.charged(CENTS_PER_IMAGE * order.count, f"{order.count} images"):
            if drawn < order.count and call.switch("partial") == "error":
                raise Refused(500, "server_error", "The engine failed.")
            answer = _draw(call, order, drawn)
    except EmptyPurseError:
        raise Refused(402, "insufficient_credits", "The balance is used up. Top it up in the dashboard.") from None
    if drawn < order.count:
        call.refund(CENTS_PER_IMAGE * (order.count - drawn), f"{order.count - drawn} images failed")
    _remember(call, answer)
    return json_reply(answer)


@dataclass(frozen=True, slots=True)
class _Order:
    prompt: str
    style: str | None
    ratio: str | None
    count: int

    @property
    def full_prompt(self) -> str:
        """The prompt as it is drawn and echoed: the sample's form, without what was not given."""
        style = f" Style: {self.style}." if self.style else ""
        ratio = f" Aspect ratio: {self.ratio}." if self.ratio else ""
        return self.prompt + style + ratio


def _draw(call: Call, order: _Order, drawn: int) -> dict[str, Any]:
    width, height = pixels(order.ratio or "1:1")
    pictures = [
        call.pictures.draw(f"{order.prompt} {order.style or ''}".strip(), width=width, height=height, variant=place)
        for place in range(drawn)
    ]
    with call.world.transaction() as tx:
        name, now = tx.token("theo.image", 12), tx.now()
    urls: list[str | None] = []
    lifetime = _PRESIGNED_SECONDS if call.switch("links") == "presigned" else None
    for place, picture in enumerate(pictures, 1):
        path = f"img/{name}-{place}.png"
        call.host(picture, path, signed=lifetime is not None)
        urls.append(call.link(path, lifetime))
    if call.switch("partial") == "null_url":
        urls += [None] * (order.count - drawn)
    return {
        "id": f"img_{name}",
        "created": timestamp(now),
        **_lists(call, urls, order.full_prompt),
        # A float, of cents, for the whole request: the sample's 0.08.
        "usage": {"cost_cents": float(CENTS_PER_IMAGE * drawn)},
    }


def _lists(call: Call, urls: Sequence[str | None], prompt: str) -> dict[str, Any]:
    key, form = call.switch("list_key"), call.switch("url")
    more = {"engine": "theo-vision", "model": "theo-1-create", "prompt": prompt}
    if call.switch("model_field") == "absent":
        del more["model"]
    images: list[dict[str, Any]] = []
    for url in urls:
        shown: dict[str, Any] = {"string": {"url": url}, "null": {"url": None}, "object": {"url": {}}}
        images.append({**shown.get(form, {}), **more})
    lists = {"images": images, "artifacts": [{"url": url, **more} for url in urls]}
    return lists if key == "both" else {key: lists[key]}


def _read(call: Call) -> _Order:
    body = call.json_object(("prompt", "style", "aspect_ratio", "count"))
    prompt, style, ratio, count = (body.get(name) for name in ("prompt", "style", "aspect_ratio", "count"))
    if prompt is None or (isinstance(prompt, str) and not prompt.strip()):
        raise Refused(400, "missing_prompt", "prompt is required")
    for name, value in (("prompt", prompt), ("style", style), ("aspect_ratio", ratio)):
        if value is not None and not isinstance(value, str):
            raise _invalid(f"{name} is a string.")
    if ratio is not None:
        _check_ratio(call, ratio)
    return _Order(prompt, style, ratio, 1 if count is None else _count(call, count))


def _check_ratio(call: Call, ratio: str) -> None:
    if call.switch("aspect_ratio") == "listed":
        if ratio not in LISTED_RATIOS:
            raise _invalid(f"aspect_ratio is one of {', '.join(LISTED_RATIOS)}.")
        return
    found = _RATIO.fullmatch(ratio)
    if found is None:
        raise _invalid("aspect_ratio has the form 16:9.")
    across, down = int(found[1]), int(found[2])
    if max(across, down) > _STEEPEST * min(across, down):
        raise _invalid(f"aspect_ratio is from 1:{_STEEPEST} to {_STEEPEST}:1.")


def _count(call: Call, count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int):
        raise _invalid("count is an integer.")
    if not 1 <= count <= MAX_COUNT and call.switch("count_out_of_range") == "validation_error":
        raise _invalid(f"count is from 1 to {MAX_COUNT}.")
    return min(max(count, 1), MAX_COUNT)


def _invalid(message: str) -> Refused:
    return Refused(400, "validation_error", message)


def _earlier_answer(call: Call) -> dict[str, Any] | None:
    key = call.headers.get("idempotency-key")
    if key is None or call.switch("idempotency") == "ignored":
        return None
    with call.world.transaction() as tx:
        return tx.get(_ANSWERS, f"{call.account.fingerprint}:{key}")


def _remember(call: Call, answer: dict[str, Any]) -> None:
    key = call.headers.get("idempotency-key")
    use = {"at": timestamp(call.world.now()), "cost_cents": answer["usage"]["cost_cents"]}
    with call.world.transaction() as tx:
        tx.put(USES, answer["id"], use, owner=call.account.fingerprint)
        if key is not None:
            tx.put(_ANSWERS, f"{call.account.fingerprint}:{key}", answer)
