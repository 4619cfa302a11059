"""HeyDecks as the sandbox plays it: images, drawn at once and kept for ever."""

import re
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox import accounts, limits
from imagewright.sandbox.accounts import EmptyPurseError, Opening
from imagewright.sandbox.call import Call
from imagewright.sandbox.limits import Window
from imagewright.sandbox.pictures import pixels
from imagewright.sandbox.vendor import (
    UNKNOWN_FIELDS,
    Code,
    Refused,
    Reply,
    Route,
    Switch,
    Trouble,
    Vendor,
    json_reply,
)

# heydecks.com/docs/api/authentication: hd_live_<prefix>_<secret>, the prefix has 8 characters; the secret's length is
# nowhere said.
_KEY: Final = re.compile(r"hd_live_[A-Za-z0-9]{8}_[A-Za-z0-9_-]+")
_RATIOS: Final = ("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "21:9")  # heydecks.com/docs/api/images
_MAX_PROMPT: Final = 2000  # the same page
_MAX_COUNT: Final = 6  # the same page
# heydecks.com/docs/credits: credits a month, no rollover. REST is for Pro and higher.
_ALLOWANCES: Final = {"free": 25, "solo": 150, "pro": 500, "team": 1500, "agent": 10_000, "enterprise": 100_000}
_PLANS_WITHOUT_API: Final = frozenset({"free", "solo"})
_FORBIDDEN: Final = "forbidden-by-moderation"

_SWITCHES: Final = (
    UNKNOWN_FIELDS,
    Switch(
        "credits_per_image",
        "8",
        ("80",),
        "The price of an image: 8 on the images page, 80 in the public agent skill of 2026-06.",
    ),
    Switch(
        "partial",
        "fewer",
        ("error",),
        "Some images of a request failed: a 200 with fewer images, or a 502 without any. Refunded either way.",
    ),
    Switch(
        "moderation",
        "generation_failed",
        ("invalid_input",),
        f"With which code a prompt with `{_FORBIDDEN}` is refused. Never charged.",
    ),
    Switch("requests_per_second", "10", ("1", "2", "5"), "How many images requests a second a plan allows."),
    Switch("retry_after", "absent", ("present",), "Whether a 429 carries Retry-After; the page only says 1 second."),
)


def _opening(key: str) -> Opening:
    """How an account starts: on the largest plan, or as a word in the secret of its key says."""
    secret = key[len("hd_live_12345678_") :]
    plan = "free" if "noplan" in secret else "enterprise"
    balance = Decimal(_ALLOWANCES[plan])
    if "empty" in secret:
        balance = Decimal(0)
    elif "low" in secret:
        balance = Decimal(10)
    return Opening(balance, "credits", {"plan": plan, "revoked": "revoked" in secret, "month": None})


def _admit(call: Call) -> None:
    """The plan gate, on every call (heydecks.com/docs/api), and the new month's credits."""
    plan = call.account.facts["plan"]
    if plan in _PLANS_WITHOUT_API:
        raise Refused(403, "api_not_on_plan", "Your plan does not include API access. It takes Pro or higher.")
    with call.world.transaction() as tx:
        month = f"{tx.now():%Y-%m}"
        account = accounts.reread(tx, call.account)
        if account.facts["month"] not in (None, month):
            allowance = Decimal(_ALLOWANCES.get(plan, 0))
            account = accounts.set_balance(tx, account, allowance, f"the credits of {month}")
        if account.facts["month"] != month:
            account = accounts.set_facts(tx, account, month=month)
    call.account = account


def _create_images(call: Call) -> Reply:
    """Draw, one image a picture of its own; those that fail are paid back."""
    _limit(call)
    prompt, ratio, count = _read(call.json_object(("prompt", "aspect_ratio", "n")))
    price = Decimal(call.switch("credits_per_image"))
    overdraft = call.account.facts["plan"] == "agent"  # heydecks.com/docs/credits: no hard stop there
    try:
        with call.charged(price * count, f"{count} images", overdraft=overdraft):
            urls = _draw_all(call, prompt, ratio, count)
    except EmptyPurseError as error:
        message = f"Insufficient credits: need {error.needed:f}, have {error.available:f} remaining."
        raise Refused(402, "insufficient_credits", message) from None
    if len(urls) < count:
        call.refund(price * (count - len(urls)), f"{count - len(urls)} images failed")
    return json_reply({"images": [{"url": url} for url in urls]})


def _draw_all(call: Call, prompt: str, ratio: str, count: int) -> list[str]:
    if _FORBIDDEN in prompt and call.switch("moderation") == "invalid_input":
        raise _invalid("The prompt cannot be drawn.")
    drawn = count if call.keep is None else min(call.keep, count)
    if _FORBIDDEN in prompt or not drawn or (drawn < count and call.switch("partial") == "error"):
        raise Refused(502, "generation_failed", "The image service could not generate the image.")
    return [_draw(call, prompt, ratio, place) for place in range(drawn)]


def _draw(call: Call, prompt: str, ratio: str, place: int) -> str:
    width, height = pixels(ratio)
    picture = call.pictures.draw(prompt, width=width, height=height, variant=place)
    with call.world.transaction() as tx:
        name = tx.token("heydecks.image", 12)
    path = f"ws/{call.account.fingerprint}/ai/{name}.png"
    call.host(picture, path)
    return call.link(path)


def _read(body: dict[str, Any]) -> tuple[str, str, int]:
    prompt, ratio, count = body.get("prompt"), body.get("aspect_ratio", "16:9"), body.get("n", 1)
    if not isinstance(prompt, str) or not prompt.strip():
        raise _invalid("prompt is required.")
    if len(prompt) > _MAX_PROMPT:
        raise _invalid(f"prompt has at most {_MAX_PROMPT} characters, not {len(prompt)}.")
    if ratio not in _RATIOS:
        raise _invalid(f"aspect_ratio is one of {', '.join(_RATIOS)}.")
    # The page types `n` as a number: 2.0 is one, 2.5 images are not.
    if isinstance(count, bool) or not isinstance(count, int | float) or count not in range(1, _MAX_COUNT + 1):
        raise _invalid(f"n is a whole number from 1 to {_MAX_COUNT}.")
    return prompt, ratio, int(count)


def _invalid(message: str) -> Refused:
    return Refused(422, "invalid_input", message)


def _limit(call: Call) -> None:
    """Count the request. Only generation is limited, reads are not (heydecks.com/docs/api/errors)."""
    windows = (Window(int(call.switch("requests_per_second")), 1),)
    with call.world.transaction() as tx:
        readings = limits.take(tx, f"heydecks:{call.account.fingerprint}", windows)
    if readings[0].refused:
        headers = {"Retry-After": "1"} if call.switch("retry_after") == "present" else {}
        raise Refused(429, "rate_limit", "Too many requests. Retry after 1 second.", headers=headers)


def _envelope(_: Call, refused: Refused) -> dict[str, Any]:
    return {"error": {"code": refused.code, "message": refused.message}}  # heydecks.com/docs/api/errors


# heydecks.com/docs/api/errors. No code is listed for a wrong method, a body that is no JSON or one that is too large.
_TROUBLES: Final = {
    Trouble.NO_ROUTE: Code(404, "not_found"),
    Trouble.WRONG_METHOD: Code(405, "not_found"),
    Trouble.BAD_KEY: Code(401, "invalid_key", "Invalid or revoked API key"),
    Trouble.BAD_JSON: Code(422, "invalid_input"),
    Trouble.BAD_FIELD: Code(422, "invalid_input"),
    Trouble.TOO_LARGE: Code(413, "invalid_input"),
    Trouble.CRASH: Code(500, "internal_error"),
    Trouble.NO_FILE: Code(404, "not_found"),
    Trouble.LINK_EXPIRED: Code(403, "not_found"),
}

VENDOR: Final = Vendor(
    slug="heydecks",
    routes=(Route("POST", "/v1/images", _create_images, paid=True),),
    key_form=_KEY,
    opening=_opening,
    envelope=_envelope,
    troubles=_TROUBLES,
    codes={402: "insufficient_credits", 403: "api_not_on_plan", 429: "rate_limit", 502: "generation_failed"},
    switches=_SWITCHES,
    admit=_admit,
    fact_values={"plan": tuple(_ALLOWANCES)},
)
