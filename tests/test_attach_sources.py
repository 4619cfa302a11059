"""What goes over the wire for a picture: from URLs, copies and generations, and never with the key elsewhere."""

import re

import pytest

from tests.agent import KEYS, Era
from tests.bodies import DONE
from tests.desk import (
    ACCOUNTS,
    BY_URL,
    FIRST,
    INSTAGRAM,
    POST,
    SECOND,
    THIRD,
    UPLOAD,
    Desk,
    accounts,
    assert_no_secret_in,
    by_url,
    form_part,
    picture,
    post,
    said,
)
from tests.scripted import Answer


@pytest.fixture
def era() -> Era:
    """One era: what goes to a provider is below the protocol."""
    return "2026-07-28"


async def test_bytes_go_in_three_steps(desk: Desk) -> None:
    """Declare, a form by POST with the field's name, complete; the key stays with the vendor."""
    data = picture(size=(640, 480))
    desk.takes_uploads(
        FIRST, method="POST", content_type="multipart/form-data", field_name="upload_me", headers={"X-Not": "for POST"}
    )
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(desk.keeps(data))

    declared = desk.orders(UPLOAD)[0].json
    assert re.fullmatch(r"[0-9a-f]{16}\.png", declared.pop("filename"))
    assert {"content_type": "image/png", "size": len(data), "width": 640, "height": 480} == declared
    upload = desk.elsewhere.only
    assert ("POST", f"/put/{FIRST}?sig=abc") == (upload.method, upload.path)
    assert "authorization" not in upload.headers
    part = form_part(upload)
    assert "upload_me" == part.get_param("name", header="content-disposition")
    assert data == part.get_payload(decode=True)
    assert "image/png" == part.get_content_type()
    assert {} == desk.orders(f"/api/v1/media/{FIRST}/complete")[0].json
    assert "uploaded" == result.structured["attached"][0]["how"]
    assert_no_secret_in(result)


async def test_bytes_go_raw_where_the_vendor_says_put(desk: Desk) -> None:
    """With the headers that it named, each once, and without what frames the request or carries our key."""
    data = picture("JPEG")
    asked = {
        "content-type": "application/x-theirs",
        "x-amz-acl": "private",
        "Host": "evil.example",
        "Content-Length": "1",
    }
    desk.takes_uploads(FIRST, method="PUT", headers=asked)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(desk.keeps(data))

    upload = desk.elsewhere.only
    assert ("PUT", data) == (upload.method, upload.body)
    assert ("application/x-theirs", "private") == (upload.headers["content-type"], upload.headers["x-amz-acl"])
    assert desk.elsewhere.url.removeprefix("http://") == upload.headers["host"]
    assert "authorization" not in upload.headers
    assert not result.is_error


async def test_a_url_is_handed_on_with_a_file_name(desk: Desk) -> None:
    """One call, two documented fields; the place that has the picture never sees the key."""
    url = desk.serves("/a.png", picture())
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(url)

    handed = desk.orders(BY_URL)[0].json
    assert {"url", "filename"} == set(handed)
    assert url == handed["url"]
    assert re.fullmatch(r"[0-9a-f]{16}\.png", handed["filename"])
    assert "authorization" not in desk.elsewhere.only.headers
    assert "imported by its URL" == result.structured["attached"][0]["how"]


async def test_pictures_keep_the_order_in_which_they_were_named(desk: Desk) -> None:
    """Mixed kinds; which of them is ready first does not matter."""
    url = desk.serves("/a.png", picture("PNG"))
    desk.vendor.answer(by_url(SECOND), path=BY_URL)
    desk.has_media(FIRST, THIRD)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(THIRD, SECOND, FIRST))

    result = await desk.attach(THIRD, url, FIRST)

    assert [THIRD, SECOND, FIRST] == desk.changes[0]["media_ids"]
    assert [THIRD, url, FIRST] == [one["image"] for one in result.structured["attached"]]


async def test_a_generation_brings_all_of_its_pictures_or_one(desk: Desk) -> None:
    """What one server process generated another attaches, by id."""
    made = DONE["heydecks"](3)
    for number, image in enumerate(made["images"]):
        image["url"] = f"{desk.elsewhere.url}/{number}.png"
        served = Answer(200, picture(size=(400 + number, 400)), {"Content-Type": "image/png"})
        desk.elsewhere.answer(*[served] * 2, path=f"/{number}.png")
    desk.elsewhere.answer(Answer(200, made))
    generation_id = (await desk.agent.draw("heydecks", count=3)).structured["generation_id"]
    desk.vendor.answer(by_url(FIRST), by_url(SECOND), by_url(THIRD), path=BY_URL)
    desk.makes_posts(*[said({"post_id": POST, "status": "draft"}, 201)] * 2)
    desk.has_post(post(FIRST, SECOND, THIRD), post(SECOND))
    desk.has_media(FIRST, SECOND, THIRD)

    all_of_them = await desk.attach(generation_id)
    one = await desk.attach(f"{generation_id}/2")

    labels = [shown["image"] for shown in all_of_them.structured["attached"]]
    assert [f"{generation_id}/{number}" for number in (1, 2, 3)] == labels
    by_number = {shown["image"]: shown["media_id"] for shown in all_of_them.structured["attached"]}
    assert [by_number[f"{generation_id}/2"]] == desk.changes[1]["media_ids"]
    assert "imported before" == one.structured["attached"][0]["how"]


async def test_a_generation_of_the_post_provider_itself_is_not_imported(desk: Desk) -> None:
    """It is in the library already: its media_id is used."""
    desk.vendor.answer(Answer(201, DONE["posteverywhere"](FIRST)), path="/api/v1/ai/generate-image")
    generation_id = (await desk.agent.draw("posteverywhere")).structured["generation_id"]
    desk.has_media(FIRST)
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(FIRST))

    result = await desk.attach(generation_id)

    assert [FIRST] == desk.changes[0]["media_ids"]
    assert "already in the library" == result.structured["attached"][0]["how"]
    assert desk.orders(UPLOAD) == desk.orders(BY_URL) == []


async def test_every_request_to_the_vendor_carries_its_key_and_json(desk: Desk) -> None:
    """And the key is in that header only."""
    desk.has_media(FIRST)
    desk.vendor.answer(accounts(INSTAGRAM), path=ACCOUNTS)
    desk.has_post(*[post()] * 2, *[post(FIRST)] * 2)

    await desk.attach(FIRST, post_id=POST, accounts=["instagram"])

    key = KEYS["posteverywhere"]
    assert {f"Bearer {key}"} == {one.headers["authorization"] for one in desk.vendor.seen}
    assert not any(key in one.path or key.encode() in one.body for one in desk.vendor.seen)
    assert ["application/json"] == [one.headers["content-type"] for one in desk.vendor.seen if one.method == "PATCH"]
