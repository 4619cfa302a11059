"""What a provider is: facts and pure functions, with one more field for each thing that only some can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from imagewright.errors import ProviderError
from imagewright.models import ImageRequest, Look, Model, Money, Order, Reading, Reply, Tally, Trace, TracePage
from imagewright.posts import Account, FileFacts, MediaItem, NewPost, PlatformRule, Post, PostChange, UploadTarget


@dataclass(frozen=True, slots=True)
class Posting:
    """How a vendor that publishes posts is spoken to: limits, orders to write and answers to read, all without I/O."""

    accounts: Look[tuple[Account, ...]]
    recent: Look[tuple[Post, ...]]  # newest first
    post: Callable[[str], Look[Post]]
    media: Callable[[str], Look[MediaItem]]
    import_url: Callable[[str, str], Order]  # a public URL and a file name
    declare: Callable[[FileFacts], Order]  # the first of three steps for bytes
    complete: Callable[[str], Order]  # the last one
    create: Callable[[NewPost], Order]
    change: Callable[[str, PostChange], Order]
    release: Callable[[str, datetime | None], Order]  # schedules a draft, or publishes it now
    read_media: Callable[[Reply], MediaItem]
    read_target: Callable[[Reply], UploadTarget]
    read_post: Callable[[Reply], Post]
    content_types: frozenset[str]  # what its library takes
    max_upload_bytes: int
    max_url_bytes: int
    open_statuses: frozenset[str]  # of posts that can still be changed
    rules: Mapping[str, PlatformRule]  # by platform


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a vendor lets us look up after the answer to a paid call was lost; all of it is free.

    `traces` takes an offset and lists what paid calls left, newest first; `trace` reads one by the id that came in the
    headers of the lost answer. `tally` is a counter that rises with each paid call, read before and after;
    `tally_proves` says that it is exact, otherwise it is a hint for the person who settles the call.
    `unseen_seconds` is the longest that the vendor may work on a call before `traces` shows anything of it.
    """

    traces: Callable[[int], Look[TracePage]] | None = None
    trace: Callable[[str], Look[Trace]] | None = None
    tally: Look[Tally] | None = None
    tally_proves: bool = False
    unseen_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Provider:
    """Facts about a vendor and two pure functions; neither does I/O, reads a clock, sleeps or retries.

    `write` turns a request that is within the limits into an order; `read` turns the answer into pictures and
    raises `UnreadableAnswerError` where it cannot. What a vendor cannot do is its field left at the default;
    what it can do beyond pictures (list its models, tell a balance) is one more field.
    """

    slug: str
    name: str
    base_url: str
    key_env: str
    key_prefix: str
    sandbox_key: str  # no secret: a key of the documented form, for the built-in sandbox only
    rank: int  # the order in which `auto` prefers providers, unless the user says otherwise
    unit: str
    source: str  # the page most facts are from
    as_of: str  # ISO date of the newest source
    write: Callable[[ImageRequest], Order]
    read: Callable[[Reply], Reading]
    refusals: Mapping[str, type[ProviderError]]  # the vendor's error codes

    ratios: tuple[str, ...]
    models: tuple[Model, ...]
    max_count: int  # images one call may ask for
    max_parallel: int  # paid calls at once that the vendor bears
    returns: Literal["urls", "media_ids"]
    url_life: str
    max_looks: int = 8  # free look-ups at once, beside the paid calls
    max_prompt: int | None = None  # characters
    ratios_open: bool = False  # the list is the documented examples, not a closed set
    sizes: tuple[str, ...] = ()
    sizes_open: bool = False
    default_ratio: str | None = None
    default_model: str | None = None
    models_open: bool = False  # its live catalogue may know more models than `models`
    refunds_missing: bool = False  # documents that a picture which it did not deliver costs nothing
    takes_model: bool = True
    takes_style: bool = False
    takes_strictness: bool = False
    max_references: int = 0
    hosts: frozenset[str] = frozenset()  # hosts of this vendor that a redirect may lead to, key and all
    job_header: str | None = None
    retry_after_seconds: float = 1.0  # what to wait where a 429 does not say
    catalogue: Look[tuple[Model, ...]] | None = None
    purse: Look[Money] | None = None
    posting: Posting | None = None
    recovery: Recovery | None = None
    idempotency_header: str | None = None  # sent with each paid call, and never relied on


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one provider offers: its models, live where it has a list, and how the user stands with it."""

    provider: Provider
    models: tuple[Model, ...]
    configured: bool
    balance: Money | None = None
    notes: tuple[str, ...] = ()
