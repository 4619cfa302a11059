"""Theo's limits: requests, tokens and images in a sliding minute, and the headers that say where a key stands."""

import math
from typing import Final

from imagewright.sandbox import limits
from imagewright.sandbox.call import Call
from imagewright.sandbox.limits import Reading, Window
from imagewright.sandbox.theo.facts import TIERS
from imagewright.sandbox.vendor import Refused

_MINUTE: Final = 60


def count(call: Call) -> None:
    """Count a request and its tokens, so that its answer says what is left. Raises Refused where it is too much."""
    tier, bucket = TIERS[call.account.facts["tier"]], f"theo:{call.account.fingerprint}"
    tokens = max(1, len(call.body) // 4)  # the usual rule of thumb; the documentation names none
    with call.world.transaction() as tx:
        (requests,) = limits.take(tx, f"{bucket}:requests", (Window(tier.requests, _MINUTE),))
        (spent,) = limits.take(tx, f"{bucket}:tokens", (Window(tier.tokens, _MINUTE),), tokens)
    _show(call, "Requests", requests)
    _show(call, "Tokens", spent)
    if requests.refused:
        raise _too_many("rate_limit_exceeded", "requests", requests)
    if spent.refused:
        raise _too_many("token_limit_exceeded", "tokens", spent)


def count_images(call: Call) -> None:
    """Count a request for images, however many it asks for. Raises Refused where it is too much."""
    windows = (Window(TIERS[call.account.facts["tier"]].images, _MINUTE),)
    with call.world.transaction() as tx:
        (images,) = limits.take(tx, f"theo:{call.account.fingerprint}:images", windows)
    if images.refused:
        raise _too_many(call.switch("image_limit"), "images", images)


def _too_many(code: str, what: str, reading: Reading) -> Refused:
    message = f"Too many {what}: the limit is {reading.window.limit} a minute."
    return Refused(429, code, message, headers={"Retry-After": str(reading.retry_after)})


def _show(call: Call, what: str, reading: Reading) -> None:
    """The rate headers (docs.hitheo.ai/security/rate-limiting); a reset has its unit, `58s`."""
    call.reply_headers[f"X-Ratelimit-Limit-{what}"] = str(reading.window.limit)
    call.reply_headers[f"X-Ratelimit-Remaining-{what}"] = str(reading.remaining)
    call.reply_headers[f"X-Ratelimit-Reset-{what}"] = f"{math.ceil(reading.reset_seconds)}s"
