"""Connecting: the device login of the command line, and new social accounts through a page or with credentials.

Everything here is read off the vendor's public clients (posteverywhere/cli 0.3.1, posteverywhere/mcp 1.7.0). Opening
the page that an answer names stands for the user's yes; with `?answer=no` for a no.
"""

from datetime import timedelta
from typing import Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import connections, fields, times
from imagewright.sandbox.posteverywhere.envelope import invalid, missing, succeed
from imagewright.sandbox.posteverywhere.facts import PLATFORMS
from imagewright.sandbox.posteverywhere.records import Account
from imagewright.sandbox.vendor import Reply
from imagewright.sandbox.world import Json, Transaction

_DEVICE: Final = "posteverywhere.device"
_SESSION: Final = "posteverywhere.connect_session"
_DEVICE_SECONDS = 900  # the command line gives up after 15 minutes
_SESSION_SECONDS = 600  # "short-lived authorization URL (10 min)", posteverywhere/mcp 1.7.0
_INTERVAL_SECONDS = 2  # the least that the command line waits
_HEX = "0123456789abcdef"
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"

# What each network without a page wants, and which of it names the account.
_CREDENTIALS = {
    "bluesky": (("handle", "app_password"), "handle"),
    "telegram": (("bot_token", "channel"), "channel"),
    "discord": (("webhook_url",), None),
}


def start_login(call: Call) -> Reply:
    """POST /auth/device. Needs no key."""
    body = call.json_object(("client_name",))
    fields.text(body, "client_name", longest=200)
    with call.world.transaction() as tx:
        device_code = tx.token(_DEVICE, 40)
        letters = tx.token("posteverywhere.user_code", 8, _LETTERS)
        user_code = f"{letters[:4]}-{letters[4:]}"
        expires = times.stamp(tx.now() + timedelta(seconds=_DEVICE_SECONDS))
        device: Json = {
            "device_code": device_code,
            "user_code": user_code,
            "expires": expires,
            "answer": None,
            "polled": None,
        }
        tx.put(_DEVICE, device_code, device, owner=user_code)
    page = f"{call.base_url}/device"
    data = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "interval": _INTERVAL_SECONDS,
    }
    return succeed(call, data)


def answer_login(call: Call) -> Reply:
    """GET /device?user_code=...: the page where the user says yes."""
    user_code = call.query.get("user_code", "").upper()
    answer = call.query.get("answer", "yes")
    with call.world.transaction() as tx:
        found = tx.find(_DEVICE, owner=user_code) if user_code else []
        if found:
            tx.put(_DEVICE, found[0]["device_code"], {**found[0], "answer": answer})
    return _page("This device is logged in." if found and answer == "yes" else "Nothing was logged in.")


def poll_login(call: Call) -> Reply:
    """POST /auth/device/token. Needs no key; hands one over, once."""
    device_code = fields.text(call.json_object(("device_code",)), "device_code", required=True) or ""
    with call.world.transaction() as tx:
        device = tx.get(_DEVICE, device_code)
        data = _login(tx, device_code, device)
    return succeed(call, data)


def _login(tx: Transaction, device_code: str, device: Json | None) -> Json:
    now = times.stamp(tx.now())
    if device is None or now >= device["expires"]:
        return {"status": "expired"}
    if device["answer"] is None:
        early = device["polled"] is not None and now < device["polled"]
        # A little less than the interval, so that nobody's clock is called impatient.
        next_poll = tx.now() + timedelta(seconds=_INTERVAL_SECONDS / 2)
        tx.put(_DEVICE, device_code, {**device, "polled": times.stamp(next_poll)})
        return {"status": "slow_down" if early else "pending"}
    tx.remove(_DEVICE, device_code)
    if device["answer"] != "yes":
        return {"status": "denied"}
    return {
        "status": "authorized",
        # Never one of the marked keys of workspace.MARKS.
        "api_key": "pe_live_5a" + tx.token("posteverywhere.api_key", 30, _HEX),
        "user": {"email": "sandbox@example.com"},
        "organization_id": tx.uuid("posteverywhere.organization"),
    }


def start_connect(call: Call) -> Reply:
    """POST /auth/social-connect/start: connect a new account, or reconnect one, on the network's own page."""
    body = call.json_object(("platform", "mode", "account_id"))
    platform = fields.word(body, "platform", tuple(PLATFORMS))
    if platform is None:
        raise invalid("platform is required.")
    fields.word(body, "mode", ("connect", "reconnect"))
    return _start(call, platform, fields.whole(body, "account_id"))


def connect_link(call: Call) -> Reply:
    """POST /accounts/connect-link (posteverywhere/mcp 1.7.0; its answer stands nowhere)."""
    platform = fields.word(call.json_object(("platform",)), "platform", tuple(PLATFORMS))
    if platform is None:
        raise invalid("platform is required.")
    return _start(call, platform, None)


def reconnect_link(call: Call) -> Reply:
    """POST /accounts/{account_id}/reconnect (posteverywhere/mcp 1.7.0; its answer stands nowhere)."""
    call.json_object((), optional=True)
    asked = call.parameters["account_id"]
    with call.world.transaction() as tx:
        accounts = connections.connected(tx, call.account.fingerprint)
    account = next((one for account_id, one in accounts.items() if str(account_id) == asked), None)
    if account is None:
        raise missing("Account")
    return _start(call, account["platform"], account["account_id"])


def _start(call: Call, platform: str, account_id: int | None) -> Reply:
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        if account_id is not None and account_id not in connections.connected(tx, owner):
            raise missing("Account")
        session_id = tx.uuid(_SESSION)
        session: Json = {
            "owner": owner,
            "platform": platform,
            "account_id": account_id,
            "status": "pending",
            "account": None,
            "expires": times.stamp(tx.now() + timedelta(seconds=_SESSION_SECONDS)),
        }
        tx.put(_SESSION, session_id, session, owner=owner)
    url = f"{call.base_url}/connect/{session_id}"
    return succeed(call, {"session_id": session_id, "authorize_url": url, "interval": _INTERVAL_SECONDS})


def answer_connect(call: Call) -> Reply:
    """GET /connect/{session_id}: the page where the owner of a social account says yes."""
    session_id = call.parameters["session_id"]
    with call.world.transaction() as tx:
        session = tx.get(_SESSION, session_id)
        is_open = session is not None and session["status"] == "pending" and times.stamp(tx.now()) < session["expires"]
        if session is not None and is_open:
            if call.query.get("answer", "yes") == "yes":
                account = _connected(tx, session)
                session |= {"status": "completed", "account": _view(account)}
            else:
                session["status"] = "cancelled"
            tx.put(_SESSION, session_id, session)
    if session is None or not is_open:
        return _page("This link is of no use any more.")
    return _page(f"Connecting is {session['status']}.")


def _connected(tx: Transaction, session: Json) -> Account:
    owner, moment = session["owner"], times.stamp(tx.now())
    account = connections.connected(tx, owner).get(session["account_id"] or 0)
    if account is None:
        return connections.add(tx, owner, session["platform"], "@mynewbrand", connected_at=moment)
    account = Account({**account, "needs_reconnection": False, "is_active": True})
    connections.save(tx, owner, account)
    return account


def poll_connect(call: Call) -> Reply:
    """GET /auth/social-connect/poll/{session_id}."""
    with call.world.transaction() as tx:
        session = tx.get(_SESSION, call.parameters["session_id"])
        if session is None or session["owner"] != call.account.fingerprint:
            raise missing("Session")
        is_late = session["status"] == "pending" and times.stamp(tx.now()) >= session["expires"]
    status = "expired" if is_late else session["status"]
    return succeed(call, {"status": status} | ({"account": session["account"]} if session["account"] else {}))


def connect_credential(call: Call) -> Reply:
    """POST /auth/social-connect/{platform}, and POST /accounts/connect-credential with the platform in the body."""
    platform = call.parameters.get("platform")
    known = ("platform", "bot_token", "channel", "webhook_url", "handle", "app_password")
    if platform is None:
        body = call.json_object(known)
        platform = fields.word(body, "platform", tuple(_CREDENTIALS))
    elif platform in _CREDENTIALS:
        body = call.json_object(_CREDENTIALS[platform][0])
    else:
        raise missing("Platform")
    if platform is None:
        raise invalid("platform is required.")
    wanted, naming = _CREDENTIALS[platform]
    given = {name: fields.text(body, name, required=True) for name in wanted}
    owner = call.account.fingerprint
    name = (given[naming] if naming else None) or "#general"
    with call.world.transaction() as tx:
        moment = times.stamp(tx.now())
        there = next(
            (
                one
                for one in connections.connected(tx, owner).values()
                if (one["platform"], one["account_name"]) == (platform, name)
            ),
            None,
        )
        account = there or connections.add(tx, owner, platform, name, connected_at=moment)
    return succeed(call, {"account": _view(account)}, 200 if there else 201)


def _view(account: Account) -> Json:
    account_id = account["account_id"]
    return {
        "id": account_id,
        "account_id": account_id,
        "platform": account["platform"],
        "account_name": account["account_name"],
    }


def _page(message: str) -> Reply:
    html = f"<!doctype html><title>Sandbox</title><p>{message} You can close this page."
    return Reply(200, html.encode(), "text/html; charset=utf-8")
