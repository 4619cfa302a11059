"""Keys, scopes, limits, errors and accounts of PostEverywhere's sandbox."""

import re

import pytest

from tests.sandbox.posteverywhere_client import KEY, Client, marked
from tests.sandbox.rig import Rig


def test_every_answer_is_wrapped(sandbox: Rig) -> None:
    """data, error, meta with a request id of eight hexadecimal characters and a time (PRIMARY samples)."""
    sandbox.freeze("2026-04-10T12:00:00Z")

    body = Client(sandbox).send("GET", "/me").json()

    assert (list(body), body["error"]) == (["data", "error", "meta"], None)
    assert re.fullmatch("[0-9a-f]{8}", body["meta"]["request_id"])
    assert body["meta"]["timestamp"] == "2026-04-10T12:00:00.000Z"


@pytest.mark.parametrize("key", [None, "pe_live_short", "pe_live_" + "5A" * 16, "sk_live_" + "5a" * 16, marked("0401")])
def test_a_wrong_key_is_unauthorized(sandbox: Rig, key: str | None) -> None:
    """/authentication: missing, malformed and revoked keys answer alike."""
    response = Client(sandbox, key).send("GET", "/me")

    assert (response.status_code, response.json()["error"]) == (
        401,
        {"message": "Invalid or expired API key", "code": "unauthorized", "retryable": False},
    )


def test_credits_are_read_from_me(sandbox: Rig) -> None:
    """/introspection: limit - used + bonus is what generate-image says remains."""
    client = Client(sandbox)
    remaining = client.post("/ai/generate-image", prompt="a red fox")["credits_remaining"]

    purse = client.get("/me")["quota"]["ai_credits"]

    assert purse == {"used": 15, "limit": 2000, "bonus": 20_000}
    assert purse["limit"] - purse["used"] + purse["bonus"] == remaining


def test_a_lapsed_subscription_answers_402_except_for_me(sandbox: Rig) -> None:
    """posteverywhere-python README: 402 = no active subscription; /me says entitled: false."""
    client = Client(sandbox, marked("0402"))

    assert client.send("GET", "/accounts").status_code == 402
    assert client.get("/me")["organization"]["entitled"] is False


def test_a_key_without_the_ai_scope_reads_and_writes(sandbox: Rig) -> None:
    """/scopes; the status is 403 in the Python client of 2026-09."""
    client = Client(sandbox, marked("0403"))

    refusal = client.refusal("POST", "/ai/generate-image", json={"prompt": "a red fox"})

    assert refusal == (403, "forbidden")
    assert client.draft()


def test_a_missing_scope_can_answer_401(sandbox: Rig) -> None:
    """The scopes page says 401."""
    client = Client(sandbox, marked("0405"))
    client.switch(missing_scope_status="401")

    assert client.refusal("POST", "/posts", json={"content": "a", "draft": True}) == (401, "unauthorized")
    assert client.get("/posts")["posts"] == []


def test_two_keys_are_two_workspaces(sandbox: Rig) -> None:
    """Nobody sees another workspace's files or posts."""
    mine, other = Client(sandbox), Client(sandbox, "pe_live_" + "6b" * 16)
    media_id, post_id = mine.image(), mine.draft()

    refusals = [other.refusal("GET", path) for path in (f"/media/{media_id}", f"/posts/{post_id}")]

    assert refusals == [(404, "not_found"), (404, "not_found")]


def test_rate_headers_are_on_every_answer(sandbox: Rig) -> None:
    """/rate-limits: limit, remaining, reset in unix seconds; on refusals too."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    client = Client(sandbox)
    client.send("GET", "/me")

    headers = client.send("GET", "/posts/none").headers

    assert headers["X-RateLimit-Limit"] == "60"
    assert headers["X-RateLimit-Remaining"] == "58"
    assert headers["X-RateLimit-Reset"] == "1781254860"
    assert "X-RateLimit-Limit" in Client(sandbox, None).send("GET", "/me").headers


def test_a_full_minute_answers_429_and_says_when(sandbox: Rig) -> None:
    """The mark of 5 requests a minute: Retry-After counts down to the first of them."""
    sandbox.freeze()
    client = Client(sandbox, marked("0429"))
    for _ in range(5):
        client.get("/me")
    sandbox.advance(28)

    response = client.send("GET", "/me")

    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert (response.headers["Retry-After"], response.headers["X-RateLimit-Remaining"]) == ("32", "0")
    assert response.json()["error"]["retryable"] is True


def test_the_older_429_repeats_the_wait_in_its_body(sandbox: Rig) -> None:
    """The sample of /rate-limits: rate_limited, retryAfter."""
    sandbox.freeze()
    client = Client(sandbox, marked("0429"))
    client.switch(rate_limit_code="rate_limited", retry_after_field="retryAfter", retryable="never")
    for _ in range(5):
        client.get("/me")

    assert client.send("GET", "/me").json()["error"] == {
        "code": "rate_limited",
        "message": "Rate limit exceeded. Retry after 60 seconds.",
        "retryAfter": 60,
    }


def test_images_have_an_hourly_limit_of_their_own(sandbox: Rig) -> None:
    """60 an hour (posteverywhere/mcp README); here 2, set by the control endpoint."""
    client = Client(sandbox)
    client.get("/me")
    sandbox.account("posteverywhere", ai_requests_per_hour=2)
    client.image()
    client.image()

    refusal = client.refusal("POST", "/ai/generate-image", json={"prompt": "a red fox"})

    assert refusal == (429, "rate_limit_exceeded")
    assert client.get("/me")["quota"]["ai_credits"]["used"] == 30


def test_scheduled_posts_pass_by_the_limit_of_a_minute(sandbox: Rig) -> None:
    """posteverywhere/sdk README: only publishing now meets it; here the 60 posts come in two bulks."""
    sandbox.freeze()
    client = Client(sandbox)
    now = {"content": "now", "account_ids": [2281]}
    for _ in range(2):
        client.post("/posts/bulk", posts=[now] * 30)

    refused = client.refusal("POST", "/posts", json=now)

    assert refused == (429, "rate_limit_exceeded")
    assert client.scheduled()


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/nothing", None, (404, "not_found")),
        ("PUT", "/posts", None, (405, "method_not_allowed")),
        ("POST", "/posts", b"{", (400, "invalid_json")),
        ("POST", "/ai/generate-caption", b"[1]", (400, "invalid_json")),
        ("GET", "/posts?limit=0", None, (400, "validation_error")),
        ("GET", "/media?colour=red", None, (400, "validation_error")),
    ],
)
def test_what_is_no_request_is_refused_in_the_same_envelope(
    sandbox: Rig, method: str, path: str, body: bytes | None, expected: tuple[int, str]
) -> None:
    """/errors: message, code, retryable; data is null."""
    response = Client(sandbox).send(method, path, content=body)

    answer = response.json()
    assert (response.status_code, answer["error"]["code"]) == expected
    assert (answer["data"], answer["error"]["retryable"]) == (None, False)


@pytest.mark.parametrize(("switch", "expected"), [("always", False), ("never", None)])
def test_whether_errors_can_be_retried_is_disputed(sandbox: Rig, switch: str, expected: bool | None) -> None:
    """The errors page says that all carry it, the samples of generate-image do not."""
    client = Client(sandbox)
    client.switch(retryable=switch)

    error = client.send("POST", "/ai/generate-image", json={}).json()["error"]

    assert error.get("retryable") is expected


def test_accounts_have_both_identifiers(sandbox: Rig) -> None:
    """Clients of 2026-09 read id, the page of 2026-04 account_id; both are integers."""
    data = Client(sandbox).get("/accounts")

    first = data["accounts"][0]
    assert (first["id"], first["account_id"], data["account_ids"][0]) == (2280, 2280, 2280)
    assert first["health"] == {"status": "healthy", "can_post": True}


def test_the_oldest_pages_identify_accounts_by_text(sandbox: Rig) -> None:
    """posteverywhere.ai/developers/accounts: id is a string."""
    client = Client(sandbox)
    client.switch(account_identifier="id_string")

    assert client.get("/accounts/2280")["id"] == "2280"


def test_an_account_with_an_expired_token_says_so(sandbox: Rig) -> None:
    """/account-health (2026-06), on the one broken account that the sandbox connects."""
    health = Client(sandbox).get("/accounts/2292/health")

    assert (health["status"], health["can_post"], health["token"]["expired"]) == ("broken", False, True)
    assert health["reasons"] == ["needs_reconnection", "token_expired"]


def test_a_pinterest_account_lists_its_boards(sandbox: Rig) -> None:
    """posteverywhere/claude-plugin; a post needs one of them."""
    client = Client(sandbox)
    board = client.get("/accounts/2287")["boards"][0]["id"]
    body = {"content": "pin", "account_ids": [2287], "media_ids": [client.image()]}

    created = client.post("/posts", **body, platform_content={"pinterest": {"settings": {"boardId": board}}})

    assert created["status"] == "publishing"


def test_an_unknown_account_is_not_found(sandbox: Rig) -> None:
    """404 for another id."""
    assert Client(sandbox).refusal("GET", "/accounts/1") == (404, "not_found")


def test_platform_rules_are_keyed_by_platform(sandbox: Rig) -> None:
    """The sample of posteverywhere/cli 0.3.1."""
    rules = Client(sandbox).get("/platform-rules")["platforms"]

    assert rules["bluesky"]["characterLimit"] == 300
    assert rules["bluesky"]["features"] == ["threads", "quotes", "link_cards"]
    assert rules["facebook"]["media"]["image"]["maxBytes"] == 4 * 1024 * 1024


def test_no_key_is_written_down(sandbox: Rig) -> None:
    """The control endpoint shows what arrived, never the key."""
    Client(sandbox).image()

    shown = str([sandbox.control("GET", path) for path in ("/requests", "/ledger", "/accounts")])

    assert KEY not in shown
