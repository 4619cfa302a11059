"""Campaigns: named groups of posts."""

import re

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, store, times
from imagewright.sandbox.posteverywhere.envelope import invalid, missing, succeed
from imagewright.sandbox.vendor import Reply
from imagewright.sandbox.world import Json, Transaction

_CAMPAIGN = "posteverywhere.campaign"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_KNOWN = ("name", "description", "color", "status")
_STATUSES = ("active", "archived")
_PAGE = 50  # posteverywhere/mcp


def find(tx: Transaction, owner: str, campaign_id: int) -> Json | None:
    """Return a campaign of a workspace, or None."""
    return tx.get(_CAMPAIGN, f"{owner}:{campaign_id}")


def list_campaigns(call: Call) -> Reply:
    """GET /campaigns."""
    asked = fields.query(call, ("status", "limit", "offset"))
    status = fields.word(asked, "status", _STATUSES)
    limit, offset = fields.page(asked, _PAGE)
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        found = [
            _view(tx, owner, one)
            for one in tx.find(_CAMPAIGN, owner=owner, newest_first=True)
            if status in {None, one["status"]}
        ]
    page = fields.pagination(limit, offset, len(found))
    return succeed(call, {"campaigns": found[offset : offset + limit], "pagination": page})


def create_campaign(call: Call) -> Reply:
    """POST /campaigns."""
    changes = _changes(call, required=True)
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        campaign_id, now = tx.number("posteverywhere.campaign"), times.stamp(tx.now())
        empty: Json = {"description": None, "color": None, "status": "active"}
        campaign: Json = {"id": campaign_id, **empty, **changes, "created_at": now, "updated_at": now}
        tx.put(_CAMPAIGN, f"{owner}:{campaign_id}", campaign, owner=owner)
        shown = _view(tx, owner, campaign)
    return succeed(call, shown, 201)


def get_campaign(call: Call) -> Reply:
    """GET /campaigns/{campaign_id}."""
    with call.world.transaction() as tx:
        shown = _view(tx, call.account.fingerprint, _asked(call, tx))
    return succeed(call, shown)


def update_campaign(call: Call) -> Reply:
    """PATCH /campaigns/{campaign_id}."""
    changes = _changes(call, required=False)
    if not changes:
        raise invalid("Send at least one field to update.")
    with call.world.transaction() as tx:
        campaign = {**_asked(call, tx), **changes, "updated_at": times.stamp(tx.now())}
        tx.put(_CAMPAIGN, f"{call.account.fingerprint}:{campaign['id']}", campaign)
        shown = _view(tx, call.account.fingerprint, campaign)
    return succeed(call, shown)


def delete_campaign(call: Call) -> Reply:
    """DELETE /campaigns/{campaign_id}: its posts stay, without a campaign."""
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        campaign = _asked(call, tx)
        for post in store.posts(tx, owner):
            if post["campaign_id"] == campaign["id"]:
                store.save_post(tx, owner, {**post, "campaign_id": None})
        tx.remove(_CAMPAIGN, f"{owner}:{campaign['id']}")
    return succeed(call, {"id": campaign["id"], "deleted": True})


def _asked(call: Call, tx: Transaction) -> Json:
    asked = call.parameters["campaign_id"]
    found = tx.get(_CAMPAIGN, f"{call.account.fingerprint}:{asked}")
    if found is None:
        raise missing("Campaign")
    return found


def _changes(call: Call, *, required: bool) -> Json:
    body = call.json_object(_KNOWN)
    changes: Json = {}
    if required or "name" in body:
        changes["name"] = fields.text(body, "name", longest=100, required=True)
    if "description" in body:
        changes["description"] = fields.text(body, "description", longest=500)
    if (color := fields.text(body, "color")) is not None:
        if not _COLOR.fullmatch(color):
            raise invalid("color must be a hex color such as #3b82f6.")
        changes["color"] = color
    if (status := fields.word(body, "status", _STATUSES)) is not None:
        changes["status"] = status
    return changes


def _view(tx: Transaction, owner: str, campaign: Json) -> Json:
    count = sum(one["campaign_id"] == campaign["id"] for one in store.posts(tx, owner))
    return {**campaign, "post_count": count}
