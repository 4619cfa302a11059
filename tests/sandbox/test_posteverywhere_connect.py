"""Logging in, connecting accounts, campaigns and webhooks in PostEverywhere's sandbox."""

import hmac
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.sandbox.posteverywhere_client import Client
from tests.sandbox.rig import Rig


@pytest.fixture
def client(sandbox: Rig) -> Client:
    """A client in a world that stands still."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    return Client(sandbox)


def visit(client: Client, url: str, **answer: str) -> str:
    """Open a page of the sandbox, as the user's browser would."""
    return client.sandbox.send("GET", url.partition(client.sandbox.url)[2], params=answer or None).text


# The device login of posteverywhere/cli.


def test_a_login_waits_for_the_user_and_brings_a_key_that_works(client: Client) -> None:
    """pending, then authorized; the code is of no use a second time."""
    stranger = Client(client.sandbox, None)
    started = stranger.post("/auth/device", client_name="CLI on laptop")
    asked = {"device_code": started["device_code"]}
    first = stranger.post("/auth/device/token", **asked)["status"]
    visit(client, started["verification_uri_complete"])
    granted = stranger.post("/auth/device/token", **asked)

    assert (first, granted["status"]) == ("pending", "authorized")
    assert Client(client.sandbox, granted["api_key"]).get("/me")["scopes"] == ["read", "write", "ai"]
    assert stranger.post("/auth/device/token", **asked)["status"] == "expired"


def test_a_login_can_be_denied_hurried_or_late(client: Client) -> None:
    """The three other words that the command line knows."""
    stranger = Client(client.sandbox, None)
    denied, hurried = (stranger.post("/auth/device", client_name="CLI") for _ in range(2))
    visit(client, denied["verification_uri"], user_code=denied["user_code"], answer="no")

    seen = [stranger.post("/auth/device/token", device_code=denied["device_code"])["status"]]
    for seconds in (0, 0, 900):
        client.sandbox.advance(seconds)
        seen.append(stranger.post("/auth/device/token", device_code=hurried["device_code"])["status"])

    assert seen == ["denied", "pending", "slow_down", "expired"]


# Accounts: posteverywhere/cli and posteverywhere/mcp 1.7.0.


def test_an_account_is_connected_on_its_page(client: Client) -> None:
    """start, the page, poll: pending, then completed with the account."""
    session = client.post("/auth/social-connect/start", platform="instagram")
    poll = f"/auth/social-connect/poll/{session['session_id']}"
    before = client.get(poll)
    visit(client, session["authorize_url"])

    account = client.get(poll)["account"]

    assert before == {"status": "pending"}
    assert client.get(f"/accounts/{account['id']}")["platform"] == "instagram"


def test_a_broken_account_is_mended_in_place(client: Client) -> None:
    """mode: reconnect."""
    session = client.post("/auth/social-connect/start", platform="facebook", mode="reconnect", account_id=2292)
    visit(client, session["authorize_url"])

    assert client.get("/accounts/2292")["health"] == {"status": "healthy", "can_post": True}


def test_connecting_can_be_cancelled_or_run_out(client: Client) -> None:
    """The page's no, and the ten minutes of the link."""
    cancelled, late = (client.post("/accounts/connect-link", platform="x") for _ in range(2))
    visit(client, cancelled["authorize_url"], answer="no")
    client.sandbox.advance(600)
    visit(client, late["authorize_url"])

    seen = [client.get(f"/auth/social-connect/poll/{one['session_id']}")["status"] for one in (cancelled, late)]

    assert (seen, len(client.get("/accounts")["accounts"])) == (["cancelled", "expired"], 13)


@pytest.mark.parametrize(
    ("platform", "credentials", "name"),
    [
        ("bluesky", {"handle": "me.bsky.social", "app_password": "secret"}, "me.bsky.social"),
        ("telegram", {"bot_token": "t", "channel": "@news"}, "@news"),
        ("discord", {"webhook_url": "https://discord.com/api/webhooks/1/x"}, "#general"),
    ],
)
def test_three_networks_connect_with_credentials(
    client: Client, platform: str, credentials: dict[str, str], name: str
) -> None:
    """Without a page; the same credentials again are the same account."""
    first = client.post(f"/auth/social-connect/{platform}", **credentials)["account"]

    again = client.post("/accounts/connect-credential", platform=platform, **credentials)["account"]

    assert (first["account_name"], again) == (name, first)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/auth/social-connect/start", {"platform": "myspace"}, (400, "validation_error")),
        ("/auth/social-connect/start", {"platform": "x", "account_id": 1}, (404, "not_found")),
        ("/auth/social-connect/bluesky", {"handle": "me"}, (400, "validation_error")),
        ("/auth/social-connect/myspace", {}, (404, "not_found")),
        ("/accounts/1/reconnect", {}, (404, "not_found")),
    ],
)
def test_what_cannot_be_connected_is_refused(
    client: Client, path: str, body: dict[str, object], expected: tuple[int, str]
) -> None:
    """Unknown networks and accounts, missing credentials."""
    assert client.refusal("POST", path, json=body) == expected


# Campaigns: posteverywhere/mcp 1.3.0.


def test_a_campaign_counts_its_posts_and_leaves_them(client: Client) -> None:
    """post_count; deleting the campaign keeps the posts, without it."""
    campaign = client.post("/campaigns", name="Q4 Launch", color="#3b82f6")
    post_id = client.draft(campaign_id=campaign["id"])
    counted = client.get(f"/campaigns/{campaign['id']}")["post_count"]
    found = client.get("/posts", campaign_id=campaign["id"])["posts"]
    client.delete(f"/campaigns/{campaign['id']}")

    assert (counted, [one["id"] for one in found]) == (1, [post_id])
    assert client.get(f"/posts/{post_id}")["campaign_id"] is None
    assert client.refusal("GET", f"/campaigns/{campaign['id']}") == (404, "not_found")


def test_campaigns_are_archived_and_listed(client: Client) -> None:
    """PATCH, and the filter by status; pages of 50."""
    first, second = (client.post("/campaigns", name=name) for name in ("one", "two"))
    client.patch(f"/campaigns/{first['id']}", status="archived", description="Done")

    data = client.get("/campaigns", status="active")

    assert [one["id"] for one in data["campaigns"]] == [second["id"]]
    assert data["pagination"]["limit"] == 50


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 101}, {"name": "a", "color": "blue"}])
def test_a_wrong_campaign_is_refused(client: Client, body: dict[str, object]) -> None:
    """A name of 1 to 100 characters, a hex color."""
    assert client.refusal("POST", "/campaigns", json=body) == (400, "validation_error")


# Webhooks: posteverywhere/mcp 1.3.0, n8n node of 2026-09.


@dataclass
class Receiver:
    """What a webhook's receiver got."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])


@pytest.fixture
def receiver() -> Generator[Receiver]:
    """A web server that writes down what is posted to it."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((dict(self.headers), content))
            self.send_response(200 if self.path == "/hook" else 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in http.server
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def test_a_test_delivery_is_signed_over_its_raw_body(client: Client, receiver: Receiver) -> None:
    """sha256= and the HMAC keyed with the secret; the time stands beside it (posteverywhere-python webhook.py)."""
    client.switch(private_hosts="allowed")
    hook = client.post("/webhooks", url=f"{receiver.url}/hook", events=["post.published"])

    outcome = client.post(f"/webhooks/{hook['id']}/test")

    headers, content = receiver.got[0]
    expected = hmac.new(hook["secret"].encode(), content, "sha256").hexdigest()
    assert (outcome["ok"], outcome["status"]) == (True, 200)
    assert headers["X-PostEverywhere-Signature"] == f"sha256={expected}"
    assert headers["X-PostEverywhere-Timestamp"] == "1781254800"


def test_failures_are_counted_until_it_is_activated_again(client: Client, receiver: Receiver) -> None:
    """consecutive_failures; `is_active: true` forgets them."""
    client.switch(private_hosts="allowed")
    path = f"/webhooks/{client.post('/webhooks', url=f'{receiver.url}/no', events=['post.failed'])['id']}"
    outcome = client.post(f"{path}/test")
    failures = client.get(path)["consecutive_failures"]

    assert (outcome["ok"], outcome["status"], failures) == (False, 500, 1)
    assert client.patch(path, is_active=True)["consecutive_failures"] == 0


def test_the_secret_is_shown_once(client: Client) -> None:
    """In the answer to the creation, and nowhere else."""
    hook = client.post("/webhooks", url="https://hooks.example.com/a", events=["post.published"], name="a")

    later = str([client.get("/webhooks"), client.get(f"/webhooks/{hook['id']}")])

    assert hook["secret"].startswith("whsec_")
    assert hook["secret"] not in later
    assert client.delete(f"/webhooks/{hook['id']}") == {"id": hook["id"], "deleted": True}


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://hooks.example.com/a", "events": ["post.published"]},
        {"url": "https://localhost/a", "events": ["post.published"]},
        {"url": "https://hooks.example.com/a", "events": []},
        {"url": "https://hooks.example.com/a", "events": ["post.liked"]},
        {"url": "https://hooks.example.com/a"},
    ],
)
def test_a_wrong_webhook_is_refused(client: Client, body: dict[str, object]) -> None:
    """A public HTTPS URL, at least one of the fifteen events."""
    assert client.refusal("POST", "/webhooks", json=body) == (400, "validation_error")
