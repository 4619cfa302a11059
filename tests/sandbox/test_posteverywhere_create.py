"""New posts in PostEverywhere's sandbox (/api/create-post, /api/schemas/createpostresponse)."""

from typing import Any

import pytest

from tests.sandbox.posteverywhere_client import UNKNOWN_ID, Client
from tests.sandbox.rig import Rig


@pytest.fixture
def client(sandbox: Rig) -> Client:
    """A client in a world that stands still at nine in the morning of 2026-06-12."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    return Client(sandbox)


def statuses(client: Client, post_id: str) -> tuple[str, list[str]]:
    """A post's status and those of its destinations."""
    post = client.get(f"/posts/{post_id}")
    return post["status"], [one["status"] for one in post["destinations"]]


def test_a_post_without_a_time_is_published_in_five_seconds(client: Client) -> None:
    """publishing at first; /api/get-post-results shows published_at five seconds after the time."""
    created = client.post("/posts", content="Launch day", account_ids=[2281])
    client.sandbox.advance(5)

    post = client.get(f"/posts/{created['post_id']}")

    assert (created["status"], created["scheduled_for"], created["accounts_count"]) == ("publishing", None, 1)
    assert post["status"] == "published"
    assert post["destinations"][0]["published_at"] == "2026-06-12T09:00:05.000Z"
    assert post["destinations"][0]["platform_post_url"].startswith("https://x.com/")


def test_a_scheduled_post_waits_for_its_time(client: Client) -> None:
    """scheduled, publishing, published, by the world's clock."""
    post_id = client.scheduled()
    seen = [statuses(client, post_id)]
    for seconds in (3599, 1, 5):
        client.sandbox.advance(seconds)
        seen.append(statuses(client, post_id))

    assert seen == [
        ("scheduled", ["queued"]),
        ("scheduled", ["queued"]),
        ("publishing", ["publishing"]),
        ("published", ["published"]),
    ]


def test_what_was_sent_comes_back_with_its_meaning(client: Client) -> None:
    """The round-trip rule of 2026-04-12."""
    sent: dict[str, Any] = {
        "content": "Launch day",
        "account_ids": [2281, 2280],
        "timezone": "America/New_York",
        "media_ids": [client.image(aspect_ratio="4:5")],
        "platform_content": {"instagram": {"contentType": "Post", "settings": {"altText": "a red fox"}}},
    }

    created = client.post("/posts", scheduled_for="2026-06-12T14:00:00+02:00", **sent)

    for shown in (created, client.get(f"/posts/{created['id']}"), client.get("/posts")["posts"][0]):
        assert {name: shown[name] for name in sent} == sent
        assert shown["scheduled_for"] == "2026-06-12T12:00:00.000Z"
        assert shown["post_id"] == shown["id"]


def test_a_time_without_an_offset_is_utc(client: Client) -> None:
    """The n8n node's README; `timezone` never moves the time."""
    created = client.post(
        "/posts", content="a", account_ids=[2281], scheduled_at="2026-06-12T10:00:00", timezone="Asia/Tokyo"
    )

    assert created["scheduled_for"] == "2026-06-12T10:00:00.000Z"


def test_a_draft_needs_no_account_and_is_never_published(client: Client) -> None:
    """posteverywhere/mcp 1.4.0."""
    created = client.post("/posts", content="Later", draft=True)
    client.sandbox.advance(86_400)

    assert created["next_steps"] == {"publish": f"POST /v1/posts/{created['post_id']}/schedule"}
    assert statuses(client, created["post_id"]) == ("draft", [])


def test_the_queue_gives_each_post_the_next_free_slot(client: Client) -> None:
    """`use_queue` (n8n node, 2026-09); the slots are the sandbox's own."""
    times = [client.post("/posts", content="a", account_ids=[2281], use_queue=True)["scheduled_for"] for _ in range(3)]

    assert times == ["2026-06-12T13:00:00.000Z", "2026-06-12T17:00:00.000Z", "2026-06-13T09:00:00.000Z"]


@pytest.mark.parametrize("name", ["media", "media_id", "mediaId", "attachments", "url"])
def test_a_wrong_name_for_media_ids_gets_a_hint(client: Client, name: str) -> None:
    """/api/create-post and /api/update-post: invalid_field_name."""
    post_id = client.draft()

    for method, path in (("POST", "/posts"), ("PATCH", f"/posts/{post_id}")):
        response = client.send(method, path, json={"content": "a", "account_ids": [2281], name: "x"})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_field_name")
        assert 'Did you mean "media_ids"?' in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"content": None}, "validation_error"),
        ({"content": 5}, "validation_error"),
        ({"content": "x" * 63_207}, "content_too_long"),
        ({"account_ids": None}, "validation_error"),
        ({"account_ids": []}, "validation_error"),
        ({"account_ids": ["2281"]}, "validation_error"),
        ({"account_ids": [True]}, "validation_error"),
        ({"account_ids": [1]}, "validation_error"),
        ({"scheduled_for": "tomorrow"}, "validation_error"),
        ({"scheduled_for": "2026-06-12T09:00:00Z"}, "past_schedule_time"),
        ({"timezone": "Mars/Olympus"}, "invalid_timezone"),
        ({"media_ids": [UNKNOWN_ID]}, "validation_error"),
        ({"media_ids": "x"}, "validation_error"),
        ({"campaign_id": 77}, "validation_error"),
        ({"draft": "yes"}, "validation_error"),
        ({"publish_now": True}, "validation_error"),
        ({"first_comment": "hi"}, "validation_error"),
        ({"platform_content": {"twitter": {}}}, "validation_error"),
        ({"platform_content": {"x": {"text": "a"}}}, "validation_error"),
        ({"platform_content": {"instagram": {"contentType": "Carousel"}}}, "validation_error"),
        ({"platform_content": {"instagram": {"settings": {"altText": "x" * 101}}}}, "validation_error"),
        ({"platform_content": {"tiktok": {"settings": {"privacyLevel": "ALL"}}}}, "validation_error"),
    ],
)
def test_a_wrong_post_is_refused_and_not_kept(client: Client, wrong: dict[str, object], code: str) -> None:
    """The codes of /errors and of the clients' tests."""
    body = {"content": "Launch day", "account_ids": [2281], **wrong}

    refusal = client.refusal("POST", "/posts", json={name: value for name, value in body.items() if value is not None})

    assert (refusal, client.get("/posts")["posts"]) == ((400, code), [])


@pytest.mark.parametrize(
    ("account_id", "more", "words"),
    [
        (2281, {"content": "x" * 281}, "281 characters"),
        (2288, {"content": "x" * 301}, "301 characters"),
        (2280, {"content": "no picture"}, "an image or a video is required"),
        (2280, {"content": "#a " * 31}, "30 hashtags"),
        (2284, {"content": "no video"}, "exactly one video"),
        (2284, {"content": "no title"}, "settings.title"),
        (2287, {"content": "no board"}, "settings.boardId"),
    ],
)
def test_what_a_platform_does_not_take_is_named(
    client: Client, account_id: int, more: dict[str, object], words: str
) -> None:
    """post_creation_failed with validation_errors (/errors); the limits of the platform-limits skill."""
    response = client.send("POST", "/posts", json={"account_ids": [account_id], **more})

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "post_creation_failed")
    assert words in str(error["details"]["validation_errors"])


def test_a_text_of_ones_own_counts_instead_of_the_common_one(client: Client) -> None:
    """platform_content.x.content is what X gets."""
    body = {"content": "x" * 300, "account_ids": [2281], "platform_content": {"x": {"content": "short"}}}

    assert client.post("/posts", **body)["status"] == "publishing"


def test_too_many_pictures_for_a_carousel_are_refused(client: Client) -> None:
    """Ten images on Instagram (/media-requirements)."""
    media_ids = [client.image(model="flux-schnell") for _ in range(11)]
    body = {"content": "a", "account_ids": [2280]}

    refusal = client.refusal("POST", "/posts", json={**body, "media_ids": media_ids})

    assert refusal == (400, "post_creation_failed")
    assert client.post("/posts", **body, media_ids=media_ids[:10])["status"] == "publishing"


def test_a_file_that_is_not_ready_cannot_be_attached(client: Client) -> None:
    """media_not_ready, reported by a third party; its status is not."""
    asked = {"filename": "a.png", "content_type": "image/png", "size": 10}
    media_id = client.post("/media/upload", **asked)["media_id"]
    client.switch(media_not_ready_status="409")

    refusal = client.refusal("POST", "/posts", json={"content": "a", "draft": True, "media_ids": [media_id]})

    assert refusal == (409, "media_not_ready")


@pytest.mark.parametrize(
    ("switch", "expected"), [("validation_error", (400, "validation_error")), ("publishes", (201, "publishing"))]
)
def test_a_time_in_the_past_has_other_readings(client: Client, switch: str, expected: tuple[int, str]) -> None:
    """/bulk-operations says validation_error, a skill text that it publishes at once."""
    client.switch(past_schedule_time=switch)

    response = client.send(
        "POST", "/posts", json={"content": "a", "account_ids": [2281], "scheduled_for": "2020-01-01T00:00:00Z"}
    )

    body = response.json()
    said = body["data"]["status"] if body["data"] else body["error"]["code"]
    assert (response.status_code, said) == expected


def test_a_post_without_accounts_can_go_to_all(client: Client) -> None:
    """The README of posteverywhere/sdk."""
    client.switch(missing_account_ids="all")

    refusal = client.send("POST", "/posts", json={"content": "a"}).json()["error"]

    assert {one["platform"] for one in refusal["details"]["validation_errors"]} == {
        "instagram",
        "tiktok",
        "youtube",
        "pinterest",
    }


def test_fields_that_no_page_knows_can_be_ignored(client: Client) -> None:
    """The switch of all vendors; a wrong name for media_ids stays an error."""
    client.switch(unknown_fields="ignore")
    body = {"content": "a", "account_ids": [2281]}

    assert client.post("/posts", **body, publish_now=True)["status"] == "publishing"
    assert client.refusal("POST", "/posts", json={**body, "media": []}) == (400, "invalid_field_name")


@pytest.mark.parametrize(("switch", "status"), [("taken", 201), ("refused", 400)])
def test_instagrams_first_comment_is_disputed(client: Client, switch: str, status: int) -> None:
    """The Instagram guide has it, the schema page has not."""
    client.switch(first_comment=switch)
    content = {"instagram": {"settings": {"firstComment": "hi"}}}

    response = client.send("POST", "/posts", json={"content": "a", "draft": True, "platform_content": content})

    assert response.status_code == status


def test_a_post_that_no_platform_takes_can_answer_422(client: Client) -> None:
    """The status of post_creation_failed stands on no page seen."""
    client.switch(post_failed_status="422")

    refusal = client.refusal("POST", "/posts", json={"content": "x" * 281, "account_ids": [2281]})

    assert refusal == (422, "post_creation_failed")
