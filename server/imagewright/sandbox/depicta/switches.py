"""What Depicta's documents leave open or say twice: the likeliest reading first, the others on request."""

from typing import Final

from imagewright.sandbox.vendor import EXPIRED_LINK, UNKNOWN_FIELDS, Switch

SWITCHES: Final[tuple[Switch, ...]] = (
    UNKNOWN_FIELDS,
    EXPIRED_LINK,
    # Errors.
    Switch(
        "errors",
        "client",
        ("error_page", "operations"),
        "How errors are spelled: as the vendor's own client 1.3.0 of 2026-10 knows them (451 content_rejected, "
        "validation_error), as the error-code page lists them (403 content_rejected, bad_request, credit_insufficient) "
        "or as the operation pages name them (451 content_rejected, insufficient_credits) and that page the rest.",
    ),
    Switch("validation_status", "400", ("422",), "Status of a body with wrong fields; the client's sample has none."),
    Switch(
        "unknown_model",
        "validation_error",
        ("not_found", "model_not_allowed"),
        "How a model that is not listed is refused.",
    ),
    Switch(
        "low_balance_refusal",
        "insufficient_credits",
        ("model_not_allowed",),
        "How a model or size that a balance under EUR 0.50 does not open is refused.",
    ),
    Switch(
        "job_header_on_errors", "absent", ("present",), "Whether the error of a generation names its job in a header."
    ),
    Switch("retry_after", "seconds", ("http_date",), "The form of the Retry-After header of a 429."),
    # Generations.
    Switch(
        "model_field",
        "required",
        ("optional",),
        "A request without a model: refused by the operation page; in the guides the service chooses one.",
    ),
    Switch(
        "answer",
        "full",
        ("formats", "image_url", "guide"),
        "Which fields carry the picture: both, only formats, only image_url, or what the getting-started page shows "
        "(no image_url, no model, jpeg and webp without hash, size and expiry).",
    ),
    Switch(
        "combined_answer",
        "single",
        ("list",),
        "Whether a combination answers like any image, or with image_urls and image_hashes in place of image_url.",
    ),
    Switch("generation_id", "own", ("job_id",), "Whether a result's id is one of its own or the job's."),
    Switch(
        "story_overrides",
        "refused",
        ("taken",),
        "Whether scenes[].aspect_ratio and characters[].states are taken: the client 1.3.0 shows them refused as not "
        "supported yet, the operation page describes both.",
    ),
    # Jobs, models, processing.
    Switch("job_links", "stored", ("fresh",), "Whether reading a job later signs its links anew."),
    Switch("empty_jobs", "array", ("null",), "What a list of no jobs is; the schema allows both."),
    Switch("models_list", "object", ("array",), "GET /v1/models as an object with models, or as the bare list."),
    Switch(
        "processing",
        "free",
        ("charged",),
        "Whether processing costs money: free on the API page, so much an operation on the credits page. The amount "
        "is nowhere said; the sandbox takes EUR 0.001.",
    ),
)
