"""What the documents of PostEverywhere leave open or say twice: the likeliest reading first, the others on request."""

from imagewright.sandbox.vendor import UNKNOWN_FIELDS, Switch

SWITCHES: tuple[Switch, ...] = (
    UNKNOWN_FIELDS,
    # Pictures.
    Switch("generate_response", "2026-04", ("older",), "The body of a generated image: ai and next_step since 2026-04, "
           "model and message before."),
    Switch("default_model", "nano-banana-pro", ("gemini-3-pro", "required"), "The model where none is sent: the docs "
           "say the first, the MCP server sends the second, the oldest page wants one."),
    Switch("refusal_status", "400", ("422", "500"), "With which status a prompt that moderation refuses answers."),
    Switch("failed_generation", "free", ("charged",), "Whether a refused or failed image costs its credits."),
    Switch("generated_media", "ready", ("processing",), "Whether a generated image can be attached at once, or 5 "
           "seconds later."),
    # Errors.
    Switch("missing_scope_status", "403", ("401",), "Status for a key without the scope: the Python client says 403, "
           "the scopes page 401."),
    Switch("rate_limit_code", "rate_limit_exceeded", ("rate_limited",), "Code of a 429: clients of 2026, then the "
           "docs."),
    Switch("retry_after_field", "none", ("retryAfter", "retry_after"), "Whether the body of a 429 repeats the wait."),
    Switch("retryable", "by_page", ("always", "never"), "Whether errors carry retryable: the errors page says all do, "
           "the samples of generate-image do not."),
    Switch("caption_tones", "documented", ("playful_too",), "The skill of the command line 0.3.1 sends a playful tone, "
           "which no list of tones has."),
    # Accounts.
    Switch("account_identifier", "both", ("id", "account_id", "id_string"), "How an account is identified."),
    Switch("missing_account_ids", "refused", ("all",), "A post without account_ids: refused by the schema, sent to all "
           "by the Node SDK's README."),
    # Media.
    Switch("media_list_key", "media", ("items", "both"), "Where GET /media lists: clients of 2026-09 read media, the "
           "page of 2026-04 says items."),
    Switch("media_url", "shown", ("hidden",), "Whether GET /media shows a file's URL: the Python client of 2026-09 "
           "says so, the page of 2026-04 says never."),
    Switch("media_status_field", "both", ("status", "media_status"), "What a file's state is called."),
    Switch("media_fields", "documented", ("mcp",), "A file's other fields: as the pages name them, or as the MCP "
           "server's types do."),
    Switch("image_upload", "post", ("put",), "How an image's bytes go to upload_url: POST multipart, or PUT as the "
           "oldest page and the Node SDK have it."),
    Switch("complete_status", "200", ("201",), "Status of POST /media/{id}/complete: documented, then reported."),
    Switch("complete_without_file", "400", ("404", "409"), "Status of complete before the bytes are there."),
    Switch("check_declared", "off", ("on",), "Whether complete refuses bytes of another type or size than declared."),
    Switch("url_import_status", "201", ("200",), "Status of a taken URL import."),
    Switch("url_refused_status", "400", ("422",), "Status of a URL that cannot be fetched or is too large."),
    Switch("video_from_url", "taken", ("refused",), "MP4 by URL: taken since 2026-09, 415 before."),
    Switch("private_hosts", "refused", ("allowed",), "Whether an import by URL may reach private addresses other than "
           "the sandbox itself. Only for tests; the service refuses."),
    Switch("media_not_ready_status", "400", ("409", "422"), "Status of a post with a file that is not ready."),
    # Posts.
    Switch("past_schedule_time", "past_schedule_time", ("validation_error", "publishes"), "A time in the past: a code "
           "of its own since 2026-09, validation_error in bulk items before; a skill text says it publishes at once."),
    Switch("post_failed_status", "400", ("422",), "Status of post_creation_failed."),
    Switch("empty_media_ids", "clears", ("refused",), "What media_ids: [] does in an update."),
    Switch("platform_content_update", "merges", ("replaces",), "What platform_content does in an update."),
    Switch("update_failed_posts", "refused", ("taken",), "Whether a failed post can be updated: a skill text does it."),
    Switch("delete_published", "taken", ("refused",), "Whether a published post can be deleted: clients of 2026-09 do, "
           "the page of 2026-04 answers 409."),
    Switch("schedule_status", "200", ("201",), "Status of POST /posts/{id}/schedule."),
    Switch("first_comment", "taken", ("refused",), "Whether Instagram's settings.firstComment exists."),
)  # fmt: skip
