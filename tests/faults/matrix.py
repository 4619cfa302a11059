"""The decision table as data: what a paid request meets, and what must come of it at each provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.faults.fault import HTML, Fault

ALL = ("heydecks", "theo", "posteverywhere", "depicta")
SEEING = ("posteverywhere", "depicta")  # where a look finds what became of a lost call

# "unknown" is what it says where nobody can look; elsewhere the picture is found, or it is proven that there is none.
Outcome = Literal["done", "partial", "no", "unknown"]

# Their own words by status, where each documents one; otherwise the nearest that it knows.
CODES: Mapping[int, Mapping[str, str]] = {
    status: dict(zip(ALL, codes, strict=True))
    for status, codes in {
        400: ("invalid_input", "validation_error", "validation_error", "validation_error"),
        401: ("invalid_key", "invalid_api_key", "unauthorized", "authentication_error"),
        402: ("insufficient_credits", "insufficient_credits", "insufficient_credits", "credit_insufficient"),
        403: ("api_not_on_plan", "missing_scope", "forbidden", "account_suspended"),
        404: ("not_found", "not_found", "not_found", "not_found"),
        422: ("invalid_input", "guardrail_violation", "validation_error", "model_not_capable"),
        429: ("rate_limit", "rate_limit_exceeded", "rate_limit_exceeded", "rate_limited"),
        500: ("internal_error", "server_error", "internal_error", "internal_error"),
        502: ("generation_failed", "generation_failed", "generation_failed", "generation_failed"),
        503: ("internal_error", "server_error", "service_unavailable", "internal_error"),
    }.items()
}


@dataclass(frozen=True, slots=True)
class Case:
    """One row, or a variant of it. `own` puts the vendor's own code into the faults that have a status and no page.

    After `faults` every further request meets `always`, where there is one, and else goes well.
    """

    row: int
    name: str
    faults: tuple[Fault, ...]
    outcome: Outcome
    sends: int = 1
    charges: int = 0
    always: Fault | None = None
    at: tuple[str, ...] = ALL
    own: bool = False
    arguments: Mapping[str, object] = field(default_factory=dict[str, object])
    past_deadline: bool = False  # the clock must pass the deadline of the call before it ends
    waits: int = 0  # how often it is waited before it is sent again

    def armed(self, slug: str) -> list[Fault]:
        """Return the faults as this vendor words them."""
        return [self._worded(one, slug) for one in self.faults]

    def for_ever(self, slug: str) -> Fault | None:
        """Return what all further requests meet, as this vendor words it."""
        return self._worded(self.always, slug) if self.always else None

    def expected(self, slug: str) -> str:
        """Return what the answer must mean for the money at this provider."""
        if self.outcome != "unknown":
            return self.outcome
        if slug not in SEEING:
            return "maybe"
        return "done" if self.charges else "no"

    def _worded(self, fault: Fault, slug: str) -> Fault:
        if not self.own or fault.status is None or fault.page is not None:
            return fault
        return replace(fault, code=CODES[fault.status][slug])


def _both(row: int, name: str, fault: Fault, *, own: bool = False, past_deadline: bool = False) -> list[Case]:
    """Return the case twice: no answer tells whether it was charged, and both must come out right."""
    charged, free = (replace(fault, charged=True),), (replace(fault, charged=False),)
    return [
        Case(row, f"{name}, charged", charged, "unknown", charges=1, own=own, past_deadline=past_deadline),
        Case(row, f"{name}, not charged", free, "unknown", own=own, past_deadline=past_deadline),
    ]


def _refused(row: int, *statuses: int) -> list[Case]:
    """Return a case for each status in the words of a proxy, and one in the vendor's own where it has a code."""
    cases = [Case(row, f"{one} by a proxy", (Fault(one, page=HTML),), "no") for one in statuses]
    cases += [Case(row, f"{one} in its own words", (Fault(one),), "no", own=True) for one in statuses if one in CODES]
    return cases


_AFTER = {"Retry-After": "7"}
_MUCH_LATER = {"Retry-After": "3600"}
_CONTENT = Fault(403, code="content_rejected")
_HELD_BACK = Fault(503, headers=_AFTER)

CASES: list[Case] = [
    # 1: what is wrong with the request itself never leaves; see the test for budgets.
    Case(1, "no prompt", (), "no", sends=0, arguments={"prompt": ""}),
    # 4 and 6: the wire breaks. A break while writing and one while reading are the same to the peer.
    *_both(4, "reset before the body is read", Fault(ending="unread", reset=True))[1:],
    *_both(4, "closed before the body is read", Fault(ending="unread"))[1:],
    *_both(5, "no answer", Fault(ending="hang"), past_deadline=True),
    *_both(5, "an answer that never ends", Fault(ending="drip"), past_deadline=True),
    *_both(6, "closed without a word", Fault(ending="silent")),
    *_both(6, "reset without a word", Fault(ending="silent", reset=True)),
    *_both(6, "no HTTP", Fault(ending="raw", page="SSH-2.0-OpenSSH_9.2\r\n")),
    *_both(6, "a bad status line", Fault(ending="raw", page="HTTP/1.1 banana\r\n\r\n")),
    Case(6, "closed while it works", (Fault(ending="silent", late_seconds=100),), "unknown", charges=1),
    Case(6, "a job that failed", (Fault(ending="silent", charged=False, failed_job=True),), "unknown"),
    Case(9, "a picture", (), "done", charges=1),
    Case(9, "four pictures", (), "done", sends=4, charges=4, arguments={"count": 4}, at=SEEING),
    Case(9, "four pictures", (), "done", charges=1, arguments={"count": 4}, at=("heydecks", "theo")),
    Case(9, "a prompt of another script", (), "done", charges=1, arguments={"prompt": "\u304d\u3064\u306d \U0001f98a"}),
    Case(10, "fewer", (Fault(pictures=2),), "partial", charges=1, arguments={"count": 3}, at=("heydecks", "theo")),
    Case(10, "one refused", (Fault(400),), "partial", 2, 1, own=True, arguments={"count": 2}, at=SEEING),
    *_both(11, "cut", Fault(ending="half")),
    *_both(11, "cut by a reset", Fault(ending="half", reset=True)),
    *_both(11, "a page", Fault(200, page=HTML)),
    *_both(11, "nothing", Fault(200, page="")),
    *_both(11, "an empty object", Fault(200, page="{}")),
    *_both(11, "wrong types", Fault(200, page='{"images": 7, "data": [], "formats": "x", "artifacts": null}')),
    *_both(11, "broken JSON", Fault(200, page='{"images": [{"url": "https://pub')),
    *_both(11, "compressed", Fault(headers={"Content-Encoding": "gzip"})),
    *_both(11, "accepted", Fault(202, page="{}")),
    *_both(11, "no content", Fault(204, page="")),
    *(one for status in (301, 302, 303) for one in _both(12, f"{status}", Fault(status, headers={"Location": "/x"}))),
    *(
        Case(13, f"{status} to elsewhere", (Fault(status, headers={"Location": "https://elsewhere.example/"}),), "no")
        for status in (307, 308)
    ),
    Case(13, "307 to nowhere", (Fault(307),), "no"),
    *_refused(14, 400, 404, 405, 413, 414, 415, 422),
    *_refused(15, 401, 403),
    *_refused(16, 402),
    *_both(17, "408", Fault(408, page=HTML)),
    *_both(18, "409", Fault(409, page=HTML)),
    *_both(18, "409 in an envelope", Fault(409, code="conflict")),
    Case(19, "425 once", (Fault(425, page=HTML),), "done", sends=2, charges=1, waits=1),
    Case(19, "425 for ever", (), "no", sends=2, always=Fault(425, page=HTML), waits=1),
    Case(20, "429 once", (Fault(429),), "done", sends=2, charges=1, own=True, waits=1),
    Case(20, "429 twice", (Fault(429), Fault(429)), "done", sends=3, charges=1, own=True, waits=2),
    Case(20, "429 for ever", (), "no", sends=3, always=Fault(429), own=True, waits=2),
    Case(20, "429 by a proxy for ever", (), "no", sends=3, always=Fault(429, page=HTML), waits=2),
    Case(20, "429 and a time", (Fault(429, headers=_AFTER),), "done", sends=2, charges=1, own=True, waits=1),
    Case(20, "429 and a time too far", (Fault(429, headers=_MUCH_LATER),), "no", own=True),
    Case(21, "451", (Fault(451, code="content_rejected"),), "no"),
    Case(21, "451 by a proxy", (Fault(451, page=HTML),), "no"),
    Case(21, "403 for its content", (_CONTENT,), "no", at=("depicta",)),
    Case(21, "422 for its content", (Fault(422, code="guardrail_violation"),), "no", at=("theo",)),
    *_both(22, "500", Fault(500), own=True),
    *_both(22, "500 by a proxy", Fault(500, page=HTML)),
    *_both(22, "500 and a time", Fault(500, headers=_AFTER), own=True),
    Case(23, "502 once", (Fault(502),), "done", sends=2, charges=1, own=True, at=("heydecks",), waits=1),
    Case(23, "502 for ever", (), "no", sends=2, own=True, at=("heydecks",), always=Fault(502), waits=1),
    *(replace(one, at=ALL[1:]) for one in _both(24, "502 in HeyDecks' words", Fault(502, code="generation_failed"))),
    *_both(24, "502 by a proxy", Fault(502, page=HTML)),
    *_both(24, "502 and a time", Fault(502, page=HTML, headers=_AFTER)),
    Case(25, "503 and a time", (_HELD_BACK,), "done", sends=2, charges=1, own=True, waits=1),
    Case(25, "503 and a time, for ever", (), "no", sends=2, always=_HELD_BACK, own=True, waits=1),
    *_both(26, "503 alone", Fault(503), own=True),
    *_both(26, "503 and a time by a proxy", Fault(503, page=HTML, headers=_AFTER)),
    *(one for status in (504, 520, 522, 524) for one in _both(26, f"{status}", Fault(status, page=HTML))),
    *(one for status in (300, 304, 418, 499, 511, 599) for one in _both(27, f"{status}", Fault(status, page=""))),
    *_both(27, "999", Fault(ending="raw", page="HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n")),
]
