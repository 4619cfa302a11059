"""The values that pass between the floors: frozen, without behaviour."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Generic, Literal, TypeVar

from imagewright.errors import Charged

T = TypeVar("T")


Strictness = Literal["normal", "liberal"]
Status = Literal["done", "partial", "planned", "running", "unknown", "failed"]

# Of one paid call. "reserved": its cost is held in the budget, nothing was sent. "sending": it may have left.
# "refused": it certainly cost nothing. "unknown": nobody can tell yet. "lost": charged without a picture, as a person
# settled.
CallState = Literal["reserved", "sending", "done", "refused", "unknown", "lost"]

# Of a generation in the journal: "unknown" has a call of that state, "failed" cost something and brought no picture,
# "refused" cost nothing.
EntryStatus = Literal["running", "done", "partial", "unknown", "failed", "refused"]


# Of a file that is to be kept. "failed": given up, `problem` says why.
CopyState = Literal["waiting", "kept", "failed", "gone"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the provider's own unit: "credits", "cents" or "EUR"."""

    amount: Decimal
    unit: str
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceImage:
    """A public https picture for the model to look at, and what it shows."""

    url: str
    description: str


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What the caller wants, in the same words for every provider; None means the provider's default."""

    prompt: str
    model: str | None = None
    aspect_ratio: str | None = None
    count: int = 1
    style: str | None = None
    size: str | None = None
    reference_images: tuple[ReferenceImage, ...] = ()
    strictness: Strictness | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One HTTP request that has something done: `path` follows the base URL, `count` is how many pictures it brings."""

    path: str
    body: Mapping[str, object]
    count: int
    deadline_seconds: float
    method: Literal["POST", "PATCH"] = "POST"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and as whom a provider is called. `key` never shows in a repr."""

    base_url: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, read whole; header names are in lower case. `received_at` is the local time in UTC."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    """One file format of a picture. `sha256` is what the provider claims; `size_bytes` likewise."""

    format: str
    url: str
    sha256: str | None = None
    size_bytes: int | None = None
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as the provider reports it; width and height are pixels, times ISO 8601."""

    url: str | None = None
    media_id: str | None = None
    expires_at: str | None = None
    sha256: str | None = None
    width: int | None = None
    height: int | None = None
    engine: str | None = None
    model: str | None = None
    prompt_used: str | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A picture file in the library; width and height are pixels, None where the format cannot be read here."""

    sha256: str
    size_bytes: int
    content_type: str
    width: int | None
    height: int | None
    has_c2pa: bool
    path: Path | None = None  # filled in when an answer is made, for a client on this machine
    url: str | None = None  # the same, for a client elsewhere


@dataclass(frozen=True, slots=True)
class Copy:
    """One file of a generation's picture, as the library has it or is to have it.

    `position` counts the pictures of the generation from 1; `format` is the provider's word for it, "image" where it
    has none; `claimed` is the sha256 that the provider named. "gone": it was kept, and made room for newer ones.
    """

    position: int
    format: str
    url: str
    state: CopyState = "waiting"
    claimed: str | None = None
    expires_at: str | None = None
    file: KeptFile | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer said. `provider_text` is the provider's own advice: untrusted, to be quoted at most."""

    pictures: tuple[Picture, ...]
    model: str | None = None
    cost: Money | None = None
    balance: Money | None = None
    provider_generation_id: str | None = None
    job_id: str | None = None
    request_id: str | None = None
    created_at: str | None = None
    provider_text: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """What a paid call left at its vendor: a job, or a picture in a library. `created_at` is the vendor's clock, UTC.

    `reading` is there once it is done; `failure` says in the vendor's words why it failed: untrusted, cleaned.
    """

    trace_id: str
    state: Literal["running", "done", "failed"]
    created_at: datetime | None = None
    reading: Reading | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class TracePage:
    """A part of a vendor's list of traces, newest first; `total` is how many there are, None if it is not told."""

    traces: tuple[Trace, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """A vendor's count of what an account spent, in its own unit, and of its calls where that is told."""

    spent: Decimal
    unit: str
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the catalogue. `price` is for one image; `None` anywhere means that no source says.

    `alias` is a second name that the provider takes; `as_of` the date of a static fact, None for a live one.
    """

    model_id: str
    best_for: str
    price: Decimal | None = None
    price_note: str | None = None
    sizes: tuple[str, ...] = ()
    seconds: int | None = None
    alias: str | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """A free GET that a provider offers: where, and how to read its answer."""

    path: str
    read: Callable[[Reply], T]


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a generation that brought no picture, beside the parts that did."""

    code: str
    message: str
    images: int
    charged: Charged
    job_id: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """What a call brought: the same shape whichever provider drew it, and for a dry run what it would bring."""

    generation_id: str
    status: Status
    provider: str
    provider_name: str
    model: str | None
    requested: int
    calls: int
    why: str
    pictures: tuple[Picture, ...] = ()
    cost: Money | None = None
    balance: Money | None = None
    warnings: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    created_at: str | None = None
    provider_ids: tuple[str, ...] = ()
    job_ids: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ()
    provider_text: str | None = None
    next_step: str = ""
    sandbox_notice: str | None = None  # set where the built-in sandbox drew the pictures
    replayed: bool = False  # the answer to an earlier call, handed out again: nothing was sent
    copies: tuple[Copy, ...] = ()  # what the library has of the pictures, filled in when an answer is made


LOCAL: Final = "local"
"""The principal of everybody who need not say who they are: on stdio, and with the token of the server's owner."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller asked for, in its own words: by this a repeated call is known."""

    request: ImageRequest
    provider: str
    request_id: str | None = None
    principal: str = LOCAL
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How the asking is put to a provider: the adapted request, what was adapted, and why this provider."""

    provider: str
    request: ImageRequest
    warnings: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Call:
    """One paid call of a generation as the journal knows it; times are ours, in UTC.

    `price` is what it should cost, None where no source says; `cost` what it did cost, None until that is told.
    `error` is what `facts_of` tells of the error it ended in; `account` marks the key and address it was sent with.
    """

    number: int
    provider: str
    model: str | None
    count: int
    state: CallState
    price: Decimal | None
    unit: str
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    trace_id: str | None = None
    tally: Tally | None = None
    reading: Reading | None = None
    error: Mapping[str, object] | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One generation as the journal knows it. `owner` is the server that is at work on it, None for nobody."""

    generation_id: str
    at: datetime
    status: EntryStatus
    ask: Ask
    plan: Plan
    calls: tuple[Call, ...]
    owner: str | None = None
    delivered: bool = False
    result: Generation | None = None
    error: Mapping[str, object] | None = None
    checked: str | None = None  # what the last look at the provider showed, where a call is unknown


@dataclass(frozen=True, slots=True)
class Spent:
    """A row of the spending table: what calls of one day, provider and model were estimated to cost and did cost.

    `held` is kept back for calls whose outcome is not known; `estimated` and `paid` are sums over all calls that ran.
    """

    day: str
    provider: str
    model: str | None
    unit: str
    calls: int
    pictures: int
    estimated: Decimal
    paid: Decimal
    held: Decimal
    sandbox: bool
