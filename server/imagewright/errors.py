"""Everything that can go wrong, by cause.

ImagewrightError
├── SettingsError                 an environment variable holds something unusable
├── RequestError                  what was asked cannot be done; nothing was sent
│   ├── LimitError                ... by this provider: it names the limit
│   └── NotConfiguredError        ... for want of a key: it names the variable
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

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Charged = Literal["no", "maybe", "yes"]

# One sentence in one place: the only safe advice after a paid call whose outcome nobody knows.
DO_NOT_REPEAT = "Do not repeat the call before checking the provider's dashboard: it may have been charged."


class ImagewrightError(Exception):
    """Base of all errors meant to be read by the caller; `code` is stable, the message is for people and models."""

    code: ClassVar[str] = "error"
    charged: Charged = "no"


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
