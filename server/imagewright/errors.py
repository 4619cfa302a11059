"""Everything that can go wrong, by cause.

ImagewrightError
├── SettingsError                 an environment variable holds something unusable
├── RequestError                  what was asked cannot be done; nothing was sent
│   ├── LimitError                ... by this provider: it names the limit
│   ├── NotConfiguredError        ... for want of a key: it names the variable
│   ├── RequestIdError            ... its request_id belongs to another request
│   ├── BudgetError               ... it would pass the user's budget
│   ├── ConfirmationError         ... it takes a yes of the user, and nobody gave one
│   └── BusyError                 ... now: too much is under way; says when to come back
│       └── RateError             ... so soon: its caller asks more often than the user lets it
├── InternalError                 a fault of imagewright's own
├── NotSentAfterAllError          a call that was planned and not sent: its caller left, or the server ended
├── SettledError                  the user settled that it was charged; its picture is lost
├── ProviderError                 the provider answered no
│   ├── KeyRefusedError           the key is missing, wrong, expired or revoked
│   ├── AccessError               the key is good, but its plan, scope or account does not allow this
│   ├── CreditsError              not enough money
│   ├── InvalidRequestError       the provider does not accept the request as written
│   ├── NotFoundError             it knows no such address, model or thing
│   ├── ModelError                it does not know, or does not allow, this model
│   ├── ContentRefusedError       its moderation refused the prompt or a reference image
│   ├── RateLimitError            too many requests; says when to come back
│   ├── ConflictError             409, which none of the four documents for images
│   ├── GenerationFailedError     it tried and failed, and documents that this costs nothing
│   ├── TooEarlyError             it did not take the request yet
│   ├── PausedError               it failed again and again: imagewright leaves it alone for a while
│   ├── NotMadeError              no answer came, and a look at the provider proved that nothing was made
│   └── ProviderFailureError      it failed in a way that leaves open whether it charged
└── WireError                     no answer that can be read
    ├── NotSentError              the request never reached the provider
    ├── RedirectError             it pointed to a place that must not get the key
    ├── OutcomeUnknownError       sent, then silence
    ├── UnreadableAnswerError     the answer says success but cannot be read
    └── DownloadError             a picture could not be fetched

`charged` says what the failure means for the user's money: "no", "maybe" or "yes".
A message is one or two sentences: what happened, then what to do.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

Charged = Literal["no", "maybe", "yes"]

# One sentence in one place: the only safe advice after a paid call whose outcome nobody knows.
DO_NOT_REPEAT = "Do not repeat the call before checking the provider's dashboard: it may have been charged."


class ImagewrightError(Exception):
    """Base of all errors meant to be read by the caller; `code` is stable, the message is for people and models."""

    code: ClassVar[str] = "error"
    charged: Charged = "no"
    generation_id: str | None = None  # where to ask again, if the journal knows of it


class SettingsError(ImagewrightError):
    """An environment variable holds a value that cannot be used."""

    code = "settings"


class RequestError(ImagewrightError):
    """The request cannot be served as asked; nothing was sent."""

    code = "invalid_request"


class LimitError(RequestError):
    """The named provider cannot do what was asked."""

    code = "provider_limit"


class NotConfiguredError(RequestError):
    """The provider needs a key that is not set."""

    code = "not_configured"


class RequestIdError(RequestError):
    """The request_id was given to a request with other arguments."""

    code = "request_id_taken"


class BudgetError(RequestError):
    """The request would pass a budget that the user set."""

    code = "over_budget"


class ConfirmationError(RequestError):
    """The request costs more than the user lets pass unasked, or publishes, and nobody said yes."""

    code = "not_confirmed"


class BusyError(RequestError):
    """There is no room for the request now; nothing was sent, and it may be made again after a while."""

    code = "busy"

    def __init__(self, message: str, retry_after_seconds: float) -> None:
        """Keep the message for the reader and the seconds for the program."""
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class RateError(BusyError):
    """Its caller has placed as many orders lately as the user lets it."""

    code = "over_rate"


class InternalError(ImagewrightError):
    """imagewright itself failed in a way that nobody foresaw."""

    code = "internal_error"
    charged: Charged = "maybe"


class NotSentAfterAllError(ImagewrightError):
    """The call was planned and never sent."""

    code = "not_sent_after_all"


class SettledError(ImagewrightError):
    """A person settled that the call was charged; no picture came of it."""

    code = "settled_as_charged"
    charged: Charged = "yes"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a failure came from: ids and codes as the provider wrote them, already checked or cleaned."""

    provider: str
    status: int | None = None
    provider_code: str | None = None
    request_id: str | None = None
    job_id: str | None = None
    retry_after_seconds: float | None = None
    provider_text: str = field(default="", repr=False)


class OriginError(ImagewrightError):
    """An error that comes from a call to a provider, with its `origin`."""

    answer: bytes = b""  # as it came, where it says success and cannot be read: for people, never shown to a model

    def __init__(self, message: str, origin: Origin, charged: Charged | None = None) -> None:
        """Keep the message for the reader and the origin for the program."""
        super().__init__(message)
        self.origin = origin
        if charged is not None:
            self.charged = charged


class ProviderError(OriginError):
    """The provider answered with a refusal or a failure."""

    code = "provider_error"


class KeyRefusedError(ProviderError):
    """The provider does not accept the key."""

    code = "key_refused"


class AccessError(ProviderError):
    """The key is valid but may not do this: plan, scope, unverified or suspended account."""

    code = "access_denied"


class CreditsError(ProviderError):
    """The account has too little money."""

    code = "insufficient_credits"


class InvalidRequestError(ProviderError):
    """The provider found the request invalid."""

    code = "rejected_request"


class NotFoundError(ProviderError):
    """The provider knows no such address, model or thing."""

    code = "not_found"


class ModelError(ProviderError):
    """The provider does not know or does not allow the model."""

    code = "model_unavailable"


class ContentRefusedError(ProviderError):
    """The provider's moderation refused the content."""

    code = "content_refused"


class RateLimitError(ProviderError):
    """Too many requests."""

    code = "rate_limited"


class ConflictError(ProviderError):
    """The provider reports a conflict; no provider documents what this means for an image."""

    code = "conflict"
    charged: Charged = "maybe"


class GenerationFailedError(ProviderError):
    """The provider could not make the picture and documents that it did not charge."""

    code = "generation_failed"


class TooEarlyError(ProviderError):
    """The provider did not take the request yet; it has not run."""

    code = "too_early"


class PausedError(ProviderError):
    """The provider failed again and again, so it is left alone for a while; nothing was sent."""

    code = "provider_paused"


class NotMadeError(ProviderError):
    """The answer was lost, and a look at the provider proved that nothing was made or charged."""

    code = "not_made"


class ProviderFailureError(ProviderError):
    """The provider failed; whether it charged is not known."""

    code = "provider_failure"
    charged: Charged = "maybe"


class WireError(OriginError):
    """There is no readable answer."""

    code = "wire_error"


class NotSentError(WireError):
    """The connection failed before any byte of the request left."""

    code = "not_sent"
    passing: bool = True  # whether it may work a moment later; not so where a certificate or an address is wrong


class RedirectError(WireError):
    """The provider redirected to a host that must not receive the key."""

    code = "redirect_refused"


class OutcomeUnknownError(WireError):
    """The request left, and no answer came."""

    code = "outcome_unknown"
    charged: Charged = "maybe"


class UnreadableAnswerError(WireError):
    """The provider reported success in an answer that cannot be read."""

    code = "unreadable_answer"
    charged: Charged = "maybe"


class DownloadError(WireError):
    """A picture could not be fetched; it was paid for already."""

    code = "download_failed"
    charged: Charged = "yes"
    for_good: bool = False  # the address itself is at fault: trying again changes nothing


def settled(name: str, *, charged: bool) -> ImagewrightError:
    """Return what a call ended in after a person settled it."""
    if charged:
        return SettledError(
            f"The user settled that {name} charged for it; its picture is lost. Call again to order it anew; that "
            f"costs again."
        )
    return NotSentAfterAllError(f"The user settled that {name} did not charge for it; no picture came. Call again.")


def facts_of(error: ImagewrightError) -> dict[str, Any]:
    """Return what an error says, for programs and for the journal; what is not known is left out."""
    facts: dict[str, Any] = {"code": error.code, "message": str(error), "charged": error.charged}
    facts["generation_id"] = error.generation_id
    if isinstance(error, OriginError):
        facts |= asdict(error.origin)
    if isinstance(error, BusyError):
        facts["retry_after_seconds"] = error.retry_after_seconds
    return {name: value for name, value in facts.items() if value not in {None, ""}}


def error_from(facts: Mapping[str, Any]) -> ImagewrightError:
    """Return the error that `facts_of` described."""
    kind = _kinds(ImagewrightError).get(facts["code"], ProviderFailureError)
    message: str = facts["message"]
    if issubclass(kind, OriginError):
        names = Origin.__dataclass_fields__
        error: ImagewrightError = kind(message, Origin(**{name: facts[name] for name in names if name in facts}))
    elif issubclass(kind, BusyError):
        error = kind(message, facts["retry_after_seconds"])
    else:
        error = kind(message)
    error.charged = facts["charged"]
    error.generation_id = facts.get("generation_id")
    return error


def _kinds(base: type[ImagewrightError]) -> dict[str, type[ImagewrightError]]:
    found = {base.code: base}
    for kind in base.__subclasses__():
        found |= _kinds(kind)
    return found
