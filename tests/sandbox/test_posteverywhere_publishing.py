"""What becomes of posts in PostEverywhere's sandbox: schedule, results, retries, many at once, analytics."""

import pytest

from tests.sandbox.posteverywhere_client import Client
from tests.sandbox.rig import Rig

BROKEN = 2292  # the account whose token has expired


@pytest.fixture
def client(sandbox: Rig) -> Client:
    """A client in a world that stands still at nine in the morning of 2026-06-12."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    return Client(sandbox)


def failed(client: Client, content: str = "Launch day") -> str:
    """A post that was published on X and failed on Facebook."""
    post_id: str = client.post("/posts", content=content, account_ids=[2281, BROKEN])["id"]
    client.sandbox.advance(5)
    return post_id


def reconnect(client: Client) -> None:
    """Mend the broken account."""
    link = client.post(f"/accounts/{BROKEN}/reconnect")["authorize_url"]
    client.sandbox.send("GET", link.partition(client.sandbox.url)[2])


# /posts/{id}/schedule: posteverywhere/mcp 1.4.0.


def test_a_draft_is_scheduled_with_the_accounts_it_has(client: Client) -> None:
    """scheduled_for, and the destinations it will go to."""
    post_id = client.draft(account_ids=[2281])

    data = client.post(f"/posts/{post_id}/schedule", scheduled_for="2026-06-12T10:00:00Z")

    assert (data["status"], data["publish_now"]) == ("scheduled", False)
    assert data["destinations"] == [{"account_id": 2281, "platform": "x", "status": "queued"}]


def test_a_draft_is_published_now_on_other_accounts(client: Client) -> None:
    """publish_now, account_ids override."""
    post_id = client.draft(account_ids=[2281])

    data = client.post(f"/posts/{post_id}/schedule", publish_now=True, account_ids=[2285])
    client.sandbox.advance(5)

    assert (data["status"], data["publish_now"]) == ("publishing", True)
    assert [one["account_id"] for one in client.get(f"/posts/{post_id}/results")["results"]] == [2285]


def test_scheduling_can_answer_201(client: Client) -> None:
    """Its status stands on no page seen."""
    client.switch(schedule_status="201")

    response = client.send("POST", f"/posts/{client.draft(account_ids=[2281])}/schedule", json={"publish_now": True})

    assert response.status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {"publish_now": True, "scheduled_for": "2026-06-12T10:00:00Z"}, {"publish_now": True}]
)
def test_a_draft_needs_one_time_and_an_account(client: Client, body: dict[str, object]) -> None:
    """Neither, both, and a draft without accounts."""
    refusal = client.refusal("POST", f"/posts/{client.draft()}/schedule", json=body)

    assert refusal == (400, "validation_error")


def test_only_drafts_are_scheduled(client: Client) -> None:
    """posteverywhere-python README: 409."""
    path = f"/posts/{client.scheduled()}/schedule"

    assert client.refusal("POST", path, json={"publish_now": True}) == (409, "conflict")


# Results and retries: /api/get-post-results, /api/retry-failed-post.


def test_a_post_that_fails_in_part_says_where_and_why(client: Client) -> None:
    """The two results of the sample, and the aggregate of 2026-06."""
    data = client.get(f"/posts/{failed(client)}/results")

    good, bad = data["results"]
    assert data["post_status"] == "partially_failed"
    assert (good["status"], good["attempts"], good["error"]) == ("published", 1, None)
    assert (bad["status"], bad["attempts"], bad["platform_post_url"]) == ("failed", 3, None)
    assert bad["error"] == "Token expired. Please reconnect your Facebook account."


def test_a_post_that_fails_everywhere_has_failed(client: Client) -> None:
    """The aggregate when no destination was published."""
    post_id = client.post("/posts", content="a", account_ids=[BROKEN])["id"]
    client.sandbox.advance(5)

    assert client.get("/posts", status="failed")["posts"][0]["id"] == post_id


def test_a_retry_queues_what_failed_and_nothing_else(client: Client) -> None:
    """Asynchronous: queued with the attempts it had, tried once more five seconds later."""
    post_id = failed(client)

    data = client.post(f"/posts/{post_id}/retry")
    client.sandbox.advance(5)

    (again,) = data["destinations"]
    assert (data["retried_count"], again["account_id"], again["status"], again["attempts"]) == (1, BROKEN, "queued", 3)
    assert [one["attempts"] for one in client.get(f"/posts/{post_id}/results")["results"]] == [1, 4]


def test_a_retry_after_reconnecting_publishes(client: Client) -> None:
    """What the error message tells the user to do."""
    post_id = failed(client)
    reconnect(client)
    client.post(f"/posts/{post_id}/retry", account_ids=[BROKEN])
    client.sandbox.advance(5)

    assert client.get(f"/posts/{post_id}")["status"] == "published"


def test_the_sixth_retry_of_a_content_is_broken_off(client: Client) -> None:
    """posteverywhere/sdk README: 422 after five, not retryable."""
    post_id = failed(client)
    for _ in range(5):
        client.post(f"/posts/{post_id}/retry")
        client.sandbox.advance(5)

    response = client.send("POST", f"/posts/{post_id}/retry")

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "permanent_failure_circuit_breaker"
    assert response.json()["error"]["retryable"] is False


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"platform": "facebook"}, 2),
        ({"platform": "x"}, 0),
        ({"account_id": BROKEN}, 2),
        ({"max_attempts": 3}, 0),
        ({"max_attempts": 4}, 2),
        ({"failed_after": "2026-06-12T09:00:06Z"}, 1),
        ({"failed_before": "2026-06-12T09:00:06Z"}, 1),
        ({"post_ids": ["f47ac10b-58cc-4372-a567-0e02b2c3d479"]}, 0),
    ],
)
def test_many_failures_are_retried_by_a_filter(client: Client, filters: dict[str, object], count: int) -> None:
    """/bulk-operations: POST /posts/retry-failed; the two failed at 09:00:05 and 09:00:10."""
    failed(client, "first")
    failed(client, "second")

    data = client.post("/posts/retry-failed", **filters)

    assert (data["retried_count"], len(data["destinations"])) == (count, count)


@pytest.mark.parametrize("filters", [{}, {"max_attempts": 11}, {"post_ids": []}, {"platform": "myspace"}])
def test_everything_is_never_retried_at_once(client: Client, filters: dict[str, object]) -> None:
    """At least one filter, each within its limits."""
    assert client.refusal("POST", "/posts/retry-failed", json=filters) == (400, "validation_error")


def test_a_failed_post_can_be_mended_where_that_is_switched_on(client: Client) -> None:
    """The fix-failed-posts skill updates and retries; other sources refuse."""
    path = f"/posts/{failed(client)}"
    refusal = client.refusal("PATCH", path, json={"content": "Shorter"})
    client.switch(update_failed_posts="taken")

    assert refusal == (409, "conflict")
    assert client.patch(path, content="Shorter")["status"] == "partially_failed"


# Many at once: /bulk-operations.


@pytest.mark.parametrize(
    ("accounts", "status", "succeeded"), [([2281, 2281], 201, 2), ([2281, 1], 207, 1), ([1, 1], 422, 0)]
)
def test_a_bulk_answers_for_each_post(client: Client, accounts: list[int], status: int, succeeded: int) -> None:
    """201, 207, 422; error stays null (posteverywhere-python)."""
    posts = [{"content": "a", "account_ids": [account]} for account in accounts]

    response = client.send("POST", "/posts/bulk", json={"posts": posts})

    body = response.json()
    assert (response.status_code, body["error"]) == (status, None)
    assert body["data"]["summary"] == {"total": 2, "succeeded": succeeded, "failed": 2 - succeeded}
    assert [one["ok"] for one in body["data"]["results"]] == [account != 1 for account in accounts]


def test_a_bulk_has_a_limit(client: Client) -> None:
    """50 posts: bulk_limit_exceeded."""
    refusal = client.refusal("POST", "/posts/bulk", json={"posts": [{"content": "a", "draft": True}] * 51})

    assert refusal == (400, "bulk_limit_exceeded")


def test_rows_are_scheduled_in_their_own_time_zone(client: Client) -> None:
    """/api/bulk-schedule-posts: local date and time, platform+account."""
    row = {"date": "2026-06-13", "time": "09:30", "content": "Good morning", "platforms": "x+2281,linkedin"}
    body = {"timezone": "Europe/Berlin", "posts": [row], "accountMapping": {"linkedin": 2285}}

    dry = client.post("/posts/bulk-schedule", **body, dryRun=True)
    post = client.post("/posts/bulk-schedule", **body)["results"][0]["post"]

    assert dry["summary"]["total"] == len(client.get("/posts")["posts"])
    assert (post["scheduled_for"], post["account_ids"]) == ("2026-06-13T07:30:00.000Z", [2281, 2285])


def test_a_row_names_its_file(client: Client) -> None:
    """`media` is the name of a file of the library."""
    client.image()
    row = {"date": "2026-06-13", "time": "09:30", "content": "a", "platforms": "x+2281", "media": "ai-generated.png"}

    result = client.post("/posts/bulk-schedule", timezone="UTC", posts=[row])["results"][0]

    assert result["post"]["media_ids"] == [client.get("/media")["media"][0]["media_id"]]


@pytest.mark.parametrize("change", [{"date": "13.6."}, {"platforms": "x"}, {"media": "nothing.png"}, {"link": "a"}])
def test_a_wrong_row_is_refused(client: Client, change: dict[str, str]) -> None:
    """Date, account, file, and a column that no page knows."""
    row = {"date": "2026-06-13", "time": "09:30", "content": "a", "platforms": "x+2281", **change}

    refusal = client.refusal("POST", "/posts/bulk-schedule", json={"timezone": "UTC", "posts": [row]})

    assert refusal == (400, "validation_error")


# GET /analytics/summary: posteverywhere/mcp 1.3.0.


def test_a_summary_counts_posts_and_credits(client: Client) -> None:
    """By status and platform, within the period."""
    client.image(model="flux-schnell")
    failed(client)

    data = client.get("/analytics/summary", period="today")

    assert (data["posts"]["partially_failed"], data["ai_credits"]["used_this_period"]) == (1, 1)
    assert data["by_platform"] == [
        {"platform": "x", "published": 1, "failed": 0},
        {"platform": "facebook", "published": 0, "failed": 1},
    ]


def test_a_custom_period_needs_its_ends(client: Client) -> None:
    """from and to."""
    assert client.refusal("GET", "/analytics/summary", params={"period": "custom"}) == (400, "validation_error")
