"""Posts in PostEverywhere's sandbox: list, look, change, delete."""

import pytest

from tests.sandbox.posteverywhere_client import UNKNOWN_ID, Client
from tests.sandbox.rig import Rig


@pytest.fixture
def client(sandbox: Rig) -> Client:
    """A client in a world that stands still at nine in the morning of 2026-06-12."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    return Client(sandbox)


# List: /api/list-posts, filters of 2026-06.


def test_posts_are_listed_newest_first_in_pages(client: Client) -> None:
    """limit and offset; total and has_more since 2026-06."""
    made = [client.draft(content=str(number)) for number in range(5)]

    data = client.get("/posts", limit=2, offset=1)

    assert [one["id"] for one in data["posts"]] == [made[3], made[2]]
    assert data["pagination"] == {"limit": 2, "offset": 1, "total": 5, "has_more": True}


@pytest.fixture
def names(client: Client) -> dict[str, str]:
    """A draft, a scheduled post, one that is published now, and a minute later one for later; seen a second after."""
    found = {
        client.draft(content="nothing yet"): "draft",
        client.scheduled(content="Launch day"): "soon",
        client.post("/posts", content="now", account_ids=[2281, 2285])["id"]: "now",
    }
    client.sandbox.advance(60)
    found[client.scheduled(content="then", account_ids=[2286], scheduled_for="2026-06-12T11:00:00Z")] = "later"
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "draft"}, {"draft"}),
        ({"status": "scheduled,published"}, {"soon", "now", "later"}),
        ({"platform": "x"}, {"soon", "now"}),
        ({"platform": "linkedin,threads"}, {"now", "later"}),
        ({"account_id": 2285}, {"now"}),
        ({"campaign_id": 5}, set[str]()),
        ({"search": "LAUNCH"}, {"soon"}),
        ({"scheduled_after": "2026-06-12T09:30:00Z"}, {"soon", "later"}),
        ({"scheduled_before": "2026-06-12T10:30:00Z"}, {"soon"}),
        ({"created_after": "2026-06-12T09:00:30Z"}, {"later"}),
        ({"created_before": "2026-06-12T09:00:30Z", "status": "scheduled"}, {"soon"}),
        ({"updated_after": "2026-06-12T09:00:01Z"}, {"now", "later"}),
        ({"published_after": "2026-06-12T09:00:05Z"}, {"now"}),
        ({"published_before": "2026-06-12T09:00:04Z"}, set[str]()),
    ],
)
def test_posts_are_filtered(client: Client, names: dict[str, str], query: dict[str, str], found: set[str]) -> None:
    """Every filter of GET /posts."""
    posts = client.get("/posts", **query)["posts"]

    assert {names[one["id"]] for one in posts} == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["later", "now", "soon", "draft"]),
        ({"order": "asc", "offset": "3"}, ["later"]),
        ({"sort": "scheduled_for", "order": "asc"}, ["soon", "later", "now", "draft"]),
        ({"sort": "scheduled_for"}, ["later", "soon", "now", "draft"]),
        ({"sort": "updated_at", "limit": "2"}, ["later", "now"]),
        ({"sort": "published_at", "limit": "1"}, ["now"]),
    ],
)
def test_posts_are_sorted(client: Client, names: dict[str, str], query: dict[str, str], found: list[str]) -> None:
    """created_at, newest first, where nothing else is asked; posts without the time that sorts come last."""
    posts = client.get("/posts", **query)["posts"]

    assert [names[one["id"]] for one in posts] == found


@pytest.mark.parametrize("query", [{"status": "done"}, {"platform": "myspace"}, {"sort": "size"}, {"limit": "101"}])
def test_an_unknown_filter_is_refused(client: Client, query: dict[str, str]) -> None:
    """The values that no page knows."""
    assert client.refusal("GET", "/posts", params=query) == (400, "validation_error")


# Update: /api/update-post.


def test_an_update_replaces_the_whole_media_set(client: Client) -> None:
    """media_ids is the new set, in its order; what is omitted stays."""
    first, second, third = (client.image(model="flux-schnell") for _ in range(3))
    post_id = client.scheduled(media_ids=[first, second])

    changed = client.patch(f"/posts/{post_id}", media_ids=[third, first])

    assert (changed["media_ids"], changed["content"]) == ([third, first], "Launch day")
    assert [one["media_id"] for one in changed["media"]] == [third, first]


def test_an_empty_media_set_clears_or_is_refused(client: Client) -> None:
    """Not documented; posteverywhere-python would send it."""
    post_id = client.draft(media_ids=[client.image()])
    client.switch(empty_media_ids="refused")
    refusal = client.refusal("PATCH", f"/posts/{post_id}", json={"media_ids": []})
    client.switch(empty_media_ids="clears")

    assert refusal == (400, "validation_error")
    assert client.patch(f"/posts/{post_id}", media_ids=[])["media_ids"] == []


def test_platform_content_merges_or_replaces(client: Client) -> None:
    """posteverywhere/mcp 1.7.0: settings merge into the post."""
    post_id = client.draft(platform_content={"pinterest": {"content": "pin", "settings": {"boardId": "9001"}}})
    change = {"platform_content": {"pinterest": {"settings": {"link": "https://example.com"}}}}

    merged = client.patch(f"/posts/{post_id}", **change)["platform_content"]
    client.switch(platform_content_update="replaces")

    assert merged == {"pinterest": {"content": "pin", "settings": {"boardId": "9001", "link": "https://example.com"}}}
    assert client.patch(f"/posts/{post_id}", **change)["platform_content"] == change["platform_content"]


def test_time_and_accounts_can_be_changed(client: Client) -> None:
    """account_ids replaces the set; a kept account keeps its destination."""
    post_id = client.scheduled(account_ids=[2281, 2285])
    before = {one["account_id"]: one["id"] for one in client.get(f"/posts/{post_id}")["destinations"]}

    changed = client.patch(f"/posts/{post_id}", account_ids=[2285, 2286], scheduled_for="2026-06-13T10:00:00Z")

    after = {one["account_id"]: one["id"] for one in changed["destinations"]}
    assert (list(after), after[2285]) == ([2285, 2286], before[2285])
    assert [one["scheduled_for"] for one in changed["destinations"]] == ["2026-06-13T10:00:00.000Z"] * 2


def test_a_change_to_a_time_in_the_past_can_publish_at_once(client: Client) -> None:
    """The skill text's reading, for an update."""
    post_id = client.scheduled()
    client.switch(past_schedule_time="publishes")

    changed = client.patch(f"/posts/{post_id}", scheduled_for="2020-01-01T00:00:00Z")

    assert changed["status"] == "publishing"


def test_a_published_post_cannot_be_changed(client: Client) -> None:
    """409; one that is being published neither."""
    post_id = client.post("/posts", content="a", account_ids=[2281])["id"]
    during = client.refusal("PATCH", f"/posts/{post_id}", json={"content": "b"})
    client.sandbox.advance(5)

    after = client.refusal("PATCH", f"/posts/{post_id}", json={"content": "b"})

    assert (during, after) == ((409, "conflict"), (409, "post_already_published"))


@pytest.mark.parametrize("body", [{}, {"draft": False}, {"media_ids": [UNKNOWN_ID]}])
def test_an_update_of_nothing_or_of_the_unknown_is_refused(client: Client, body: dict[str, object]) -> None:
    """At least one known field, and known files."""
    assert client.refusal("PATCH", f"/posts/{client.draft()}", json=body) == (400, "validation_error")


def test_a_post_that_is_not_there_is_not_found(client: Client) -> None:
    """The 404 of /api/delete-post, for every method."""
    paths = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/results"), ("POST", "/retry")]

    found = [client.refusal(method, f"/posts/{UNKNOWN_ID}{path}") for method, path in paths if method != "PATCH"]
    changed = client.refusal("PATCH", f"/posts/{UNKNOWN_ID}", json={"content": "a"})

    assert {*found, changed} == {(404, "not_found")}


# Delete: /api/delete-post.


def test_a_post_can_be_deleted(client: Client) -> None:
    """A published one too, since the clients of 2026-09."""
    post_id = client.post("/posts", content="a", account_ids=[2281])["id"]
    client.sandbox.advance(5)

    deleted = client.delete(f"/posts/{post_id}", delete_on_platforms="x")

    assert deleted == {"post_id": post_id, "id": post_id, "deleted": True}
    assert client.refusal("GET", f"/posts/{post_id}") == (404, "not_found")


def test_a_published_post_may_have_to_stay(client: Client) -> None:
    """The page of 2026-04: 409."""
    client.switch(delete_published="refused")
    post_id = client.post("/posts", content="a", account_ids=[2281])["id"]
    client.sandbox.advance(5)

    assert client.refusal("DELETE", f"/posts/{post_id}") == (409, "post_already_published")
