"""What a vendor file hands over: its routes, its errors, its accounts, its switches, as one frozen value."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import compile_path

from imagewright.sandbox.accounts import Opening
from imagewright.sandbox.world import Transaction

if TYPE_CHECKING:
    from imagewright.sandbox.call import Call

_ONE_MEGABYTE: Final = 1024 * 1024


class Trouble(StrEnum):
    """What the core refuses by itself. Each vendor says with which status and code."""

    NO_ROUTE = "no_route"
    WRONG_METHOD = "wrong_method"
    BAD_KEY = "bad_key"  # missing, malformed or revoked
    BAD_JSON = "bad_json"  # not JSON, or not an object
    BAD_FIELD = "bad_field"  # a field that the documentation does not know
    TOO_LARGE = "too_large"
    CRASH = "crash"  # a defect of the sandbox, or a `status` fault without a code
    NO_FILE = "no_file"  # a picture URL that was never given out
    LINK_EXPIRED = "link_expired"  # or its signature is wrong


@dataclass(frozen=True, slots=True)
class Code:
    """How a vendor calls one of the troubles. Without a message the core's own words are sent."""

    status: int
    code: str
    message: str | None = None


class Refused(Exception):  # noqa: N818  # an answer, raised where it is found
    """The vendor says no: becomes its error envelope. `details` is JSON for the vendors that send some."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `after` runs in a thread once it is sent."""

    status: int
    body: bytes
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    after: Callable[[], None] | None = None


def json_reply(
    value: Any, status: int = 200, *, headers: Mapping[str, str] | None = None, after: Callable[[], None] | None = None
) -> Reply:
    """An answer in JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Reply(status, body, "application/json", headers or {}, after)


Handler = Callable[["Call"], Reply]


@dataclass(frozen=True)
class Route:
    """One method of one path and the function that answers it, in a worker thread of its own.

    `path` has Starlette's form (`/v1/jobs/{job_id}`). `paid` requests meet the faults that name no path. `open` ones
    need no key.
    """

    method: str
    path: str
    answer: Handler
    paid: bool = False
    open: bool = False
    max_body_bytes: int = _ONE_MEGABYTE

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None where it is another path."""
        found = self._pattern.match(path)
        return None if found is None else found.groupdict()

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return compile_path(self.path)[0]


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that no source says: the likeliest reading is the default, the others can be switched on.

    `about` says what is unknown, for the list that the control endpoint gives.
    """

    name: str
    default: str
    others: tuple[str, ...]
    about: str

    @property
    def values(self) -> tuple[str, ...]:
        """All readings, the default first."""
        return (self.default, *self.others)


UNKNOWN_FIELDS: Final = Switch(
    "unknown_fields",
    "reject",
    ("ignore",),
    "What becomes of a field of the body that the documentation does not know.",
)
EXPIRED_LINK: Final = Switch(
    "expired_link", "403", ("404", "410"), "With which status a picture URL past its time answers."
)


def timestamp(moment: datetime, *, milliseconds: bool = False) -> str:
    """A moment as `2026-04-10T12:00:00Z`, or with `.000` before the Z."""
    text = moment.isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return text.replace("+00:00", "Z")


def _request_id(tx: Transaction) -> str:
    return tx.token("request", 12)


def _nothing(_: "Call") -> None:
    pass


@dataclass(frozen=True)
class Vendor:
    """A provider as the sandbox plays it, mounted under `/<slug>`.

    key_form: a key of the documented form, matched as a whole.
    opening: from a key (its marker words decide) to how its account starts. It takes any text: the control endpoint
        asks it for the names of the facts.
    envelope: from a refusal to the JSON that this vendor sends for it.
    troubles: this vendor's status and code for each Trouble, all of them.
    codes: the codes of statuses that no trouble has; a `status` fault sends them.
    request_id: makes the id of a request, in the transaction that logs its arrival.
    arrive: runs for every request before its key is looked at, e.g. to set `call.reply_headers`.
    admit: runs after the key is accepted: plan, scopes, rate limits. Raises Refused.
    fact_values: which values the control endpoint may give to facts of an account that are one of a few words.
    side_doors: further mounts of the vendor, by name, each with the one function that answers whatever comes there.
    """

    slug: str
    routes: tuple[Route, ...]
    key_form: re.Pattern[str]
    opening: Callable[[str], Opening]
    envelope: Callable[["Call", Refused], Any]
    troubles: Mapping[Trouble, Code]
    codes: Mapping[int, str] = field(default_factory=dict[int, str])
    switches: tuple[Switch, ...] = (UNKNOWN_FIELDS,)
    request_id: Callable[[Transaction], str] = _request_id
    arrive: Callable[["Call"], None] = _nothing
    admit: Callable[["Call"], None] = _nothing
    fact_values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    side_doors: Mapping[str, Handler] = field(default_factory=dict[str, Handler])

    def __post_init__(self) -> None:
        """Raise ValueError where a trouble has no code."""
        missing = [trouble for trouble in Trouble if trouble not in self.troubles]
        if missing:
            raise ValueError(f"{self.slug} has no code for: {', '.join(missing)}.")

    def code_for(self, status: int) -> str:
        """The code that this vendor sends with a status, or that of a crash where it documents none."""
        same = [code.code for code in self.troubles.values() if code.status == status]
        return self.codes.get(status) or next(iter(same), self.troubles[Trouble.CRASH].code)
