"""Webhooks: subscriptions, and the signed test delivery. No other event is delivered: their bodies stand nowhere."""

import hmac
import json
import re

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fetching, fields, times
from imagewright.sandbox.posteverywhere.envelope import invalid, missing, succeed
from imagewright.sandbox.vendor import Reply
from imagewright.sandbox.world import Json, Transaction

_WEBHOOK = "posteverywhere.webhook"
_NAME_LIMIT, _DESCRIPTION_LIMIT = 100, 500
_CREATED = ("url", "events", "name", "description")
# posteverywhere/n8n-nodes-posteverywhere, 2026-09; the MCP server of 2026-06 has no approval events.
_EVENTS = frozenset(
    {
        *(f"post.{name}" for name in ("scheduled", "publishing", "published", "failed", "partially_failed", "updated")),
        *(f"post.{name}" for name in ("deleted", "approval_requested", "approved", "changes_requested")),
        *(f"account.{name}" for name in ("connected", "disconnected", "reconnect_needed")),
        *(f"media.{name}" for name in ("uploaded", "deleted")),
    }
)
_PUBLIC = re.compile(r"https://[^/\s@]+\.[^/\s@]+(/\S*)?")


def list_webhooks(call: Call) -> Reply:
    """GET /webhooks. The secret is never listed."""
    with call.world.transaction() as tx:
        found = tx.find(_WEBHOOK, owner=call.account.fingerprint)
    return succeed(call, {"webhooks": [_view(one) for one in found]})


def create_webhook(call: Call) -> Reply:
    """POST /webhooks. The answer is the only one with the secret."""
    body = call.json_object(_CREATED)
    changes = _changes(call, body)
    if "url" not in changes or "events" not in changes:
        raise invalid("url and events are required.")
    with call.world.transaction() as tx:
        webhook_id, now = tx.uuid(_WEBHOOK), times.stamp(tx.now())
        webhook: Json = {
            "id": webhook_id,
            "url": "",
            "events": [],
            "name": None,
            "description": None,
            "is_active": True,
            "consecutive_failures": 0,
            "auto_disabled_at": None,
            "last_delivery_at": None,
            "last_success_at": None,
            "last_failure_at": None,
            "created_at": now,
            "updated_at": now,
            "secret": f"whsec_{tx.token('posteverywhere.webhook_secret', 32)}",
            **changes,
        }
        _save(tx, call, webhook)
    warning = "The secret is shown only once. Store it now."
    return succeed(call, {**_view(webhook), "secret": webhook["secret"], "secret_warning": warning}, 201)


def get_webhook(call: Call) -> Reply:
    """GET /webhooks/{webhook_id}."""
    with call.world.transaction() as tx:
        webhook = _asked(tx, call)
    return succeed(call, _view(webhook))


def update_webhook(call: Call) -> Reply:
    """PATCH /webhooks/{webhook_id}; `is_active: true` forgets the failures."""
    body = call.json_object((*_CREATED, "is_active"))
    changes = _changes(call, body)
    if "is_active" in body:
        changes["is_active"] = fields.flag(body, "is_active")
        if changes["is_active"]:
            changes |= {"consecutive_failures": 0, "auto_disabled_at": None}
    if not changes:
        raise invalid("Send at least one field to update.")
    with call.world.transaction() as tx:
        webhook = {**_asked(tx, call), **changes, "updated_at": times.stamp(tx.now())}
        _save(tx, call, webhook)
    return succeed(call, _view(webhook))


def delete_webhook(call: Call) -> Reply:
    """DELETE /webhooks/{webhook_id}."""
    with call.world.transaction() as tx:
        webhook = _asked(tx, call)
        tx.remove(_WEBHOOK, f"{call.account.fingerprint}:{webhook['id']}")
    return succeed(call, {"id": webhook["id"], "deleted": True})


def test_webhook(call: Call) -> Reply:
    """POST /webhooks/{webhook_id}/test: sends a signed event for real, under the rule of imports by URL."""
    call.json_object((), optional=True)
    with call.world.transaction() as tx:
        webhook, now = _asked(tx, call), tx.now()
    event = {"event": webhook["events"][0], "data": {"test": True, "webhook_id": webhook["id"]}}
    content = json.dumps(event).encode()
    signature = hmac.new(webhook["secret"].encode(), content, "sha256").hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-PostEverywhere-Signature": f"sha256={signature}",
        "X-PostEverywhere-Timestamp": str(int(now.timestamp())),
    }
    private = call.switch("private_hosts") == "allowed"
    status, seconds, error = fetching.deliver(webhook["url"], content, headers, private_hosts=private)
    ok = status is not None and 200 <= status < 300  # noqa: PLR2004  # what HTTP calls success
    moment = times.stamp(now)
    outcome: Json = {"last_success_at" if ok else "last_failure_at": moment, "last_delivery_at": moment}
    outcome["consecutive_failures"] = 0 if ok else webhook["consecutive_failures"] + 1
    with call.world.transaction() as tx:
        _save(tx, call, {**_asked(tx, call), **outcome})
    message = "Test event delivered." if ok else "Test event could not be delivered."
    data = {"ok": ok, "status": status, "duration_ms": round(seconds * 1000), "error": error, "message": message}
    return succeed(call, data)


def _changes(call: Call, body: fields.Body) -> Json:
    changes: Json = {}
    if (url := fields.text(body, "url")) is not None:
        if not _PUBLIC.fullmatch(url) and call.switch("private_hosts") == "refused":
            raise invalid("url must be a public HTTPS URL.")
        changes["url"] = url
    if (events := fields.strings(body, "events")) is not None:
        if not events or set(events) - _EVENTS:
            raise invalid(f"events must be among: {', '.join(sorted(_EVENTS))}")
        changes["events"] = events
    for name, longest in (("name", _NAME_LIMIT), ("description", _DESCRIPTION_LIMIT)):
        if name in body:
            changes[name] = fields.text(body, name, longest=longest)
    return changes


def _asked(tx: Transaction, call: Call) -> Json:
    found = tx.get(_WEBHOOK, f"{call.account.fingerprint}:{call.parameters['webhook_id']}")
    if found is None:
        raise missing("Webhook")
    return found


def _save(tx: Transaction, call: Call, webhook: Json) -> None:
    tx.put(_WEBHOOK, f"{call.account.fingerprint}:{webhook['id']}", webhook, owner=call.account.fingerprint)


def _view(webhook: Json) -> Json:
    return {name: value for name, value in webhook.items() if name != "secret"}
