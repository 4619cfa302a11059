"""HeyDecks: hosted pictures for slides, up to six a call, paid in credits."""

from decimal import Decimal

from imagewright.answers import address, body_of, members, objects, unreadable
from imagewright.errors import (
    AccessError,
    CreditsError,
    GenerationFailedError,
    InvalidRequestError,
    KeyRefusedError,
    NotFoundError,
    ProviderFailureError,
    RateLimitError,
)
from imagewright.models import ImageRequest, Model, Money, Order, Picture, Reading, Reply
from imagewright.provider import Provider

_NAME = "HeyDecks"
# heydecks.com/docs/api/images. An agent skill of 2026-06 says 80: the same price in a credit of a tenth.
_CREDITS_PER_IMAGE = Decimal(8)


def write(request: ImageRequest) -> Order:
    """Return the order for a request of 1 to 6 images."""
    body: dict[str, object] = {"prompt": request.prompt, "n": request.count}
    if request.aspect_ratio:
        body["aspect_ratio"] = request.aspect_ratio
    # "A few seconds per image", no number and no server limit documented.
    return Order("/v1/images", body, request.count, deadline_seconds=60 + 20 * request.count)


def read(reply: Reply) -> Reading:
    """Return the pictures, possibly fewer than ordered: failed ones are refunded and absent."""
    body = body_of(reply, _NAME)
    if not isinstance(body.get("images"), list):
        raise unreadable(reply, _NAME, "it holds no list of images")
    entries = members(body.get("images"))
    pictures = tuple(Picture(url=url) for one in objects(entries) if (url := address(one, "url")))
    # The answer tells no cost: each entry costs the published price, even one that cannot be read.
    cost = Money(_CREDITS_PER_IMAGE * len(entries), "credits", estimated=True)
    return Reading(pictures, cost=cost)


PROVIDER = Provider(
    slug="heydecks",
    name=_NAME,
    base_url="https://heydecks.com",
    key_env="HEYDECKS_API_KEY",
    key_prefix="hd_live_",
    sandbox_key="hd_live_sandbox0_imagewright",
    rank=10,
    unit="credits",
    source="https://heydecks.com/docs/api/images",
    as_of="2026-06-24",
    write=write,
    read=read,
    refusals={
        "invalid_key": KeyRefusedError,
        "api_not_on_plan": AccessError,
        "insufficient_credits": CreditsError,
        "deck_limit": AccessError,  # 402 as well: the plan's number of decks, not its money
        "brand_limit": AccessError,
        "invalid_input": InvalidRequestError,
        "not_found": NotFoundError,
        "rate_limit": RateLimitError,
        "generation_failed": GenerationFailedError,
        "internal_error": ProviderFailureError,
    },
    ratios=("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "21:9"),
    default_ratio="16:9",
    models=(Model("heydecks", "slides and backdrops", price=_CREDITS_PER_IMAGE, as_of="2026-06-24"),),
    refunds_missing=True,
    takes_model=False,
    max_prompt=2000,
    max_count=6,
    max_parallel=4,
    returns="urls",
    url_life="permanent",
    hosts=frozenset({"heydecks.com", "www.heydecks.com"}),
    retry_after_seconds=1.0,  # heydecks.com/docs/api/images: retry after one second
)
