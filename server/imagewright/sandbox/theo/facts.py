"""What is known of Theo: its keys, tiers, models, and what no source says, as switches."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox.accounts import Opening
from imagewright.sandbox.call import Call
from imagewright.sandbox.vendor import UNKNOWN_FIELDS, Code, Refused, Switch, Trouble

USES: Final = "theo.use"  # the kind of the documents that the usage sums
API_VERSION: Final = "2026-03-28"  # docs.hitheo.ai/changelog: the dated version, in a response header
DOWN_RETRY_SECONDS: Final = "30"  # docs.hitheo.ai/api-reference/health/check
FORBIDDEN: Final = "forbidden-by-moderation"
MAX_COUNT: Final = 4  # docs.hitheo.ai/api-reference/images/generate
# The sample of that page: 0.08 cents for two images. A price is nowhere stated.
CENTS_PER_IMAGE: Final = Decimal("0.04")
# docs.hitheo.ai/mcp/tools: the ratios that the vendor's own MCP tool offers. The endpoint's page gives only examples.
LISTED_RATIOS: Final = ("1:1", "16:9", "9:16", "4:3", "3:4")

# docs.hitheo.ai/api-reference/authentication and /troubleshooting/401-errors: nothing but the prefix is agreed on.
KEY: Final = re.compile(r"theo_sk_[A-Za-z0-9_-]+")
_SCOPES: Final = ("completions", "skills", "tools", "connectors", "billing")
IMAGE_SCOPE: Final = "completions"  # which scope images need is nowhere said; they are completions elsewhere


@dataclass(frozen=True, slots=True)
class Tier:
    """Requests, tokens and images a minute, in sliding windows (docs.hitheo.ai/security/rate-limiting)."""

    requests: int
    tokens: int
    images: int


TIERS: Final = {
    "free": Tier(60, 100_000, 20),
    "starter": Tier(300, 500_000, 100),
    "pro": Tier(1_000, 2_000_000, 333),
    "enterprise": Tier(5_000, 10_000_000, 1_666),
}

# docs.hitheo.ai/api-reference/models/list: mode, id, label, engine; the descriptions are ours.
MODELS: Final = (
    ("fast", "theo-1-flash", "Theo Flash", "theo-core", "Short answers, quickly."),
    ("think", "theo-1-reason", "Theo Reason", "theo-core", "Long thought in several steps."),
    ("code", "theo-1-code", "Theo Code", "theo-core", "Programs."),
    ("image", "theo-1-create", "Theo Create", "theo-vision", "Pictures."),
    ("research", "theo-1-research", "Theo Research", "theo-search", "Research on the web, with its sources."),
)

SWITCHES: Final = (
    UNKNOWN_FIELDS,
    Switch(
        "url", "string", ("null", "object", "absent"), "What images[].url is: the schema box says {}, the text null."
    ),
    Switch(
        "list_key",
        "images",
        ("artifacts", "both"),
        "The key of the list: the vendor's notes for agents say artifacts. Under it the URL is always a string.",
    ),
    Switch("model_field", "present", ("absent",), "Whether images[].model is there: the vendor's own client lacks it."),
    Switch(
        "links", "permanent", ("presigned",), "Whether a picture's URL lasts: the playground's page says presigned."
    ),
    Switch("count_out_of_range", "validation_error", ("clamp",), "What becomes of a count that is not 1 to 4."),
    Switch("aspect_ratio", "any", ("listed",), "Whether only the five ratios of the vendor's MCP tool are taken."),
    Switch(
        "partial",
        "fewer",
        ("null_url", "error"),
        "Some images failed: fewer images, a null url for each that failed, or a 500. What failed is not charged.",
    ),
    Switch(
        "image_limit",
        "rate_limit_exceeded",
        ("mode_rate_limit_exceeded",),
        "With which code the image limit answers 429; the other one is listed for modes.",
    ),
    Switch("idempotency", "ignored", ("honoured",), "Whether a repeated Idempotency-Key gets the first answer again."),
    Switch("request_id", "present", ("null",), "Whether error.request_id is filled; the documentation allows null."),
    Switch("service", "healthy", ("degraded", "down"), "What the health check says; while down, images answer 503."),
    Switch(
        "apex", "other_host", ("same_host",), "Where the apex host sends a client; another host costs many the key."
    ),
)

# Only the codes of docs.hitheo.ai/api-reference/overview and the pages below it. No code is listed for a wrong method.
TROUBLES: Final = {
    Trouble.NO_ROUTE: Code(404, "not_found"),
    Trouble.WRONG_METHOD: Code(405, "not_found"),
    Trouble.BAD_KEY: Code(401, "invalid_api_key", "Invalid API key"),
    Trouble.BAD_JSON: Code(400, "validation_error"),
    Trouble.BAD_FIELD: Code(400, "validation_error"),
    Trouble.TOO_LARGE: Code(413, "validation_error"),
    Trouble.CRASH: Code(500, "server_error"),
    Trouble.NO_FILE: Code(404, "not_found"),
    Trouble.LINK_EXPIRED: Code(403, "not_found"),
}

# The first four are in the documentation and its client's tests; for the others no type is given anywhere.
_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    403: "authentication_error",
}
_SERVER_FAULT: Final = 500


def opening(key: str) -> Opening:
    """How an account starts, by the words in its key: `empty`, `low`, `revoked`, `expired`, `noscope`, `freetier`."""
    secret = key.removeprefix("theo_sk_")
    # docs.hitheo.ai/dashboard/billing-credits: 1 credit is 1 cent; hitheo.ai/llms/pricing.txt: USD 5 to begin with.
    balance = Decimal(500)
    if "empty" in secret:
        balance = Decimal(0)
    elif "low" in secret:
        balance = CENTS_PER_IMAGE
    return Opening(
        balance,
        "cents",
        {
            "tier": "free" if "freetier" in secret else "pro",
            "scopes": ["billing"] if "noscope" in secret else list(_SCOPES),
            "revoked": "revoked" in secret,
            "expired": "expired" in secret,
        },
    )


def envelope(call: Call, refused: Refused) -> dict[str, Any]:
    """The error body (docs.hitheo.ai/api-reference/overview)."""
    known = "server_error" if refused.status >= _SERVER_FAULT else "invalid_request_error"
    return {
        "error": {
            "message": refused.message,
            "type": _TYPES.get(refused.status, known),
            "code": refused.code,
            "request_id": call.request_id if call.switch("request_id") == "present" else None,
        }
    }
