"""PostEverywhere as the sandbox plays it: a social scheduler whose images land in its media library."""

import re
from typing import Final

from imagewright.sandbox.posteverywhere import (
    accounts,
    analytics,
    bulk,
    campaigns,
    captions,
    connect,
    generate,
    imports,
    library,
    outcomes,
    posts,
    uploads,
    webhooks,
    workspace,
)
from imagewright.sandbox.posteverywhere.envelope import TROUBLES, envelope
from imagewright.sandbox.posteverywhere.facts import MB, UPLOAD_VIDEO_LIMIT
from imagewright.sandbox.posteverywhere.switches import SWITCHES
from imagewright.sandbox.vendor import Handler, Route, Vendor

_KEY: Final = re.compile(r"pe_live_[a-f0-9]{32}")  # posteverywhere.ai/developers/authentication
_V1: Final = "/api/v1"
_UPLOAD: Final = "/upload/{media_id}/{token}"
_UPLOAD_BODY: Final = UPLOAD_VIDEO_LIMIT + MB  # the file and the multipart around it


def _route(method: str, path: str, answer: Handler, *, paid: bool = False, is_open: bool = False) -> Route:
    return Route(method, _V1 + path, answer, paid=paid, open=is_open)


_ROUTES: Final = (
    _route("GET", "/me", workspace.me),
    _route("POST", "/ai/generate-image", generate.generate_image, paid=True),
    _route("POST", "/ai/generate-caption", captions.generate_caption, paid=True),
    _route("GET", "/accounts", accounts.list_accounts),
    _route("POST", "/accounts/connect-link", connect.connect_link),
    _route("POST", "/accounts/connect-credential", connect.connect_credential),
    _route("GET", "/accounts/{account_id}", accounts.get_account),
    _route("GET", "/accounts/{account_id}/health", accounts.get_health),
    _route("POST", "/accounts/{account_id}/reconnect", connect.reconnect_link),
    _route("GET", "/platform-rules", accounts.platform_rules),
    _route("POST", "/media/upload", uploads.declare),
    _route("POST", "/media/upload-from-url", imports.import_url),
    _route("POST", "/media/{media_id}/complete", uploads.complete),
    _route("GET", "/media", library.list_media),
    _route("GET", "/media/{media_id}", library.get_media),
    _route("DELETE", "/media/{media_id}", library.delete_media),
    Route("POST", _UPLOAD, uploads.receive, open=True, max_body_bytes=_UPLOAD_BODY),
    Route("PUT", _UPLOAD, uploads.receive, open=True, max_body_bytes=_UPLOAD_BODY),
    _route("POST", "/posts", posts.create_post),
    _route("GET", "/posts", posts.list_posts),
    _route("POST", "/posts/bulk", bulk.create_posts),
    _route("POST", "/posts/bulk-schedule", bulk.schedule_posts),
    _route("POST", "/posts/retry-failed", outcomes.retry_failed),
    _route("GET", "/posts/{post_id}", posts.get_post),
    _route("PATCH", "/posts/{post_id}", posts.update_post),
    _route("DELETE", "/posts/{post_id}", posts.delete_post),
    _route("POST", "/posts/{post_id}/schedule", outcomes.schedule_post),
    _route("GET", "/posts/{post_id}/results", outcomes.get_results),
    _route("POST", "/posts/{post_id}/retry", outcomes.retry_post),
    _route("GET", "/campaigns", campaigns.list_campaigns),
    _route("POST", "/campaigns", campaigns.create_campaign),
    _route("GET", "/campaigns/{campaign_id}", campaigns.get_campaign),
    _route("PATCH", "/campaigns/{campaign_id}", campaigns.update_campaign),
    _route("DELETE", "/campaigns/{campaign_id}", campaigns.delete_campaign),
    _route("GET", "/analytics/summary", analytics.get_summary),
    _route("GET", "/webhooks", webhooks.list_webhooks),
    _route("POST", "/webhooks", webhooks.create_webhook),
    _route("GET", "/webhooks/{webhook_id}", webhooks.get_webhook),
    _route("PATCH", "/webhooks/{webhook_id}", webhooks.update_webhook),
    _route("DELETE", "/webhooks/{webhook_id}", webhooks.delete_webhook),
    _route("POST", "/webhooks/{webhook_id}/test", webhooks.test_webhook),
    _route("POST", "/auth/device", connect.start_login, is_open=True),
    _route("POST", "/auth/device/token", connect.poll_login, is_open=True),
    Route("GET", "/device", connect.answer_login, open=True),
    _route("POST", "/auth/social-connect/start", connect.start_connect),
    _route("GET", "/auth/social-connect/poll/{session_id}", connect.poll_connect),
    _route("POST", "/auth/social-connect/{platform}", connect.connect_credential),
    Route("GET", "/connect/{session_id}", connect.answer_connect, open=True),
)

VENDOR: Final = Vendor(
    slug="posteverywhere",
    routes=_ROUTES,
    key_form=_KEY,
    opening=workspace.opening,
    envelope=envelope,
    troubles=TROUBLES,
    codes={
        402: "insufficient_credits",
        409: "conflict",
        415: "unsupported_media_type",
        429: "rate_limit_exceeded",
        503: "service_unavailable",
    },
    switches=SWITCHES,
    # Eight hexadecimal characters in the samples of 2026-04; other pages show other forms.
    request_id=lambda tx: tx.token("posteverywhere.request", 8, "0123456789abcdef"),
    arrive=workspace.arrive,
    admit=workspace.admit,
    fact_values={"subscription_status": ("active", "trialing", "past_due", "canceled")},
)
