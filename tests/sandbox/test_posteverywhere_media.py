"""The media library of PostEverywhere's sandbox (/api/list-media, /api/get-media, /api/delete-media)."""

from tests.sandbox.posteverywhere_client import PDF, UNKNOWN_ID, Client, uploaded
from tests.sandbox.rig import Rig


def test_the_library_lists_newest_first_in_pages(sandbox: Rig) -> None:
    """`media`, and a pagination that knows the total (2026-06)."""
    client = Client(sandbox)
    made = [client.image() for _ in range(3)]

    data = client.get("/media", limit=2)

    assert [one["media_id"] for one in data["media"]] == made[:0:-1]
    assert data["pagination"] == {"limit": 2, "offset": 0, "total": 3, "has_more": True}


def test_the_library_can_be_that_of_the_pages_of_2026_04(sandbox: Rig) -> None:
    """`items` and `media_ids`, one name for the state, no URL."""
    client = Client(sandbox)
    media_id = client.image()
    client.switch(media_list_key="items", media_url="hidden", media_status_field="status")

    data = client.get("/media")

    assert ("media" in data, data["media_ids"]) == (False, [media_id])
    assert not {"url", "media_status"} & data["items"][0].keys()


def test_the_library_can_be_that_of_the_mcp_server(sandbox: Rig) -> None:
    """The types of posteverywhere/mcp, 2026-08."""
    client = Client(sandbox)
    client.image(aspect_ratio="16:9")
    client.switch(media_fields="mcp")

    item = client.get("/media")["media"][0]

    assert (item["mime_type"], item["dimensions"]) == ("image/png", {"width": 1920, "height": 1080})
    assert item["orientation"] == "landscape"


def test_the_library_is_filtered_by_type(sandbox: Rig) -> None:
    """image, video or document."""
    client = Client(sandbox)
    client.image()
    document = uploaded(client, PDF, "application/pdf", filename="deck.pdf")["media_id"]

    found = client.get("/media", type="document")["media"]

    assert [one["media_id"] for one in found] == [document]


def test_a_file_that_is_not_there_is_not_found(sandbox: Rig) -> None:
    """The 404 of /api/delete-media."""
    client = Client(sandbox)

    found = {client.refusal(method, f"/media/{UNKNOWN_ID}") for method in ("GET", "DELETE")}

    assert found == {(404, "not_found")}


def test_a_file_of_a_scheduled_post_is_kept(sandbox: Rig) -> None:
    """The 409 of /api/delete-media, with the posts that hold it."""
    sandbox.freeze()
    client = Client(sandbox)
    media_id = client.image()
    post_id = client.scheduled(media_ids=[media_id])

    response = client.send("DELETE", f"/media/{media_id}")

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "media_in_use"
    assert response.json()["error"]["details"] == {"post_ids": [post_id]}


def test_force_takes_a_file_out_of_its_posts(sandbox: Rig) -> None:
    """posteverywhere-python 2026-09."""
    sandbox.freeze()
    client = Client(sandbox)
    media_id = client.image()
    post_id = client.scheduled(media_ids=[media_id])

    deleted = client.delete(f"/media/{media_id}", force="true")

    assert deleted == {"media_id": media_id, "id": media_id, "deleted": True}
    assert client.get(f"/posts/{post_id}")["media_ids"] == []
    assert client.refusal("GET", f"/media/{media_id}") == (404, "not_found")
