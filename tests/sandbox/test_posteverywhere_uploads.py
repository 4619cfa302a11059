"""The three-step upload of PostEverywhere's sandbox (/api/upload-media, /api/complete-media-upload, 2026-04)."""

import httpx2
import pytest

from tests.sandbox.posteverywhere_client import MP4, PDF, Client, declare, picture, send, uploaded
from tests.sandbox.rig import Rig


def test_an_image_is_declared_for_a_multipart_post(sandbox: Rig) -> None:
    """The 201 sample of /api/upload-media."""
    declared = declare(Client(sandbox), picture())

    assert declared["upload_method"] == {
        "method": "POST",
        "content_type": "multipart/form-data",
        "field_name": "file",
    }
    assert (declared["provider"], declared["expires_in"]) == ("cloudflare_images", 3600)
    assert declared["max_size"] == 20_971_520
    assert declared["media_ids"] == [declared["media_id"]]


def test_an_image_is_ready_after_three_steps(sandbox: Rig) -> None:
    """Declare, send, complete; the pixels are the file's own."""
    client = Client(sandbox)

    completed = uploaded(client, picture(size=(40, 20)), filename="red.png")

    assert (completed["status"], completed["width"], completed["height"]) == ("ready", 40, 20)
    assert client.get(f"/media/{completed['media_id']}")["filename"] == "red.png"


@pytest.mark.parametrize("form", ["png", "jpeg", "gif", "webp"])
def test_what_was_uploaded_can_be_downloaded(sandbox: Rig, form: str) -> None:
    """Byte for byte, with its own type."""
    client, content = Client(sandbox), picture(form)
    media_id = uploaded(client, content, f"image/{form}")["media_id"]

    response = httpx2.get(client.get(f"/media/{media_id}")["url"])

    assert (response.content, response.headers["content-type"]) == (content, f"image/{form}")


def test_an_image_can_be_declared_for_a_put(sandbox: Rig) -> None:
    """The oldest page, and the Node SDK."""
    client = Client(sandbox)
    client.switch(image_upload="put", complete_status="201")

    assert uploaded(client, picture())["status"] == "ready"


def test_the_target_takes_only_the_declared_method(sandbox: Rig) -> None:
    """A third party reports that PUT does not work for images."""
    declared = declare(Client(sandbox), picture())

    assert httpx2.put(declared["upload_url"], content=picture()).status_code == 405


def test_the_target_ends_after_an_hour(sandbox: Rig) -> None:
    """`expires_in` by the world's clock."""
    sandbox.freeze()
    declared = declare(Client(sandbox), picture())
    sandbox.advance(3600)

    assert send(declared, picture()).status_code == 403


def test_a_target_needs_its_token(sandbox: Rig) -> None:
    """The URL is the only permission."""
    declared = declare(Client(sandbox), picture())

    assert httpx2.post(declared["upload_url"] + "x", files={"file": picture()}).status_code == 404


@pytest.mark.parametrize("files", [{"image": picture()}, {"file": b""}])
def test_the_target_wants_the_field_it_named(sandbox: Rig, files: dict[str, bytes]) -> None:
    """`field_name`, with something in it."""
    declared = declare(Client(sandbox), picture())

    assert httpx2.post(declared["upload_url"], files=files).status_code == 400


def test_the_target_takes_no_html_for_an_image(sandbox: Rig) -> None:
    """Bytes are looked at, names are not believed."""
    declared = declare(Client(sandbox), b"<html>")

    assert send(declared, b"<html>").status_code == 415


def test_completing_twice_is_completing_once(sandbox: Rig) -> None:
    """The second call finds it ready."""
    client = Client(sandbox)
    first = uploaded(client, picture())

    assert client.post(f"/media/{first['media_id']}/complete") == first


def test_completing_before_the_bytes_is_refused(sandbox: Rig) -> None:
    """No document says how; 400 by default."""
    client = Client(sandbox)
    path = f"/media/{declare(client, picture())['media_id']}/complete"

    first = client.refusal("POST", path)
    client.switch(complete_without_file="409")

    assert (first, client.refusal("POST", path)) == ((400, "validation_error"), (409, "conflict"))


def test_a_declared_type_may_be_checked(sandbox: Rig) -> None:
    """Not documented: off by default, a switch refuses a JPEG declared as PNG."""
    client, content = Client(sandbox), picture("jpeg")
    tolerant = uploaded(client, content, "image/png")
    client.switch(check_declared="on")
    declared = declare(client, content, "image/png")
    send(declared, content)

    assert tolerant["content_type"] == "image/jpeg"
    assert client.refusal("POST", f"/media/{declared['media_id']}/complete") == (400, "validation_error")


def test_a_heic_is_taken_though_nobody_here_can_look_into_it(sandbox: Rig) -> None:
    """One of the six image types; the declared pixels stand."""
    content = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"

    completed = uploaded(Client(sandbox), content, "image/heic", filename="a.heic", width=40, height=20)

    assert (completed["status"], completed["content_type"]) == ("ready", "image/heic")
    assert (completed["width"], completed["height"]) == (40, 20)


def test_a_video_is_put_and_takes_a_moment(sandbox: Rig) -> None:
    """/api/complete-media-upload: verified, then a thumbnail in the background, then ready."""
    sandbox.freeze()
    client = Client(sandbox)
    declared = declare(client, MP4, "video/mp4", filename="reel.mp4", duration=3.5)
    send(declared, MP4)
    completed = client.post(f"/media/{declared['media_id']}/complete")
    sandbox.advance(5)

    assert (declared["upload_method"]["method"], declared["provider"]) == ("PUT", "r2")
    assert (completed["status"], completed["duration"]) == ("processing", 3.5)
    assert client.get(f"/media/{declared['media_id']}")["status"] == "ready"


def test_a_video_that_is_none_fails(sandbox: Rig) -> None:
    """`failed` is one of the documented states; the reason is named as posteverywhere/mcp 1.7.0 reads it."""
    client = Client(sandbox)

    media_id = uploaded(client, PDF, "video/mp4", filename="reel.mp4")["media_id"]

    media = client.get(f"/media/{media_id}")
    assert (media["status"], media["error_message"]) == ("failed", "The file is not a video/mp4 file.")


def test_a_document_is_ready_at_once(sandbox: Rig) -> None:
    """PDF: verified, ready."""
    completed = uploaded(Client(sandbox), PDF, "application/pdf", filename="deck.pdf")

    assert (completed["status"], completed["type"]) == ("ready", "document")


@pytest.mark.parametrize(
    "wrong",
    [
        {"filename": None},
        {"filename": "noextension"},
        {"filename": "x" * 252 + ".png"},
        {"content_type": "image/avif"},
        {"size": 20 * 1024 * 1024 + 1},
        {"size": 0},
        {"content_type": "video/mp4", "size": 500 * 1024 * 1024 + 1},
        {"width": -1},
        {"file_size": 10},
    ],
)
def test_a_declaration_outside_the_limits_is_refused(sandbox: Rig, wrong: dict[str, object]) -> None:
    """20 MB an image, 500 MB a video, the eight types, names of at most 255; `file_size` is the SDK's mistake."""
    asked = {"filename": "a.png", "content_type": "image/png", "size": 10, **wrong}

    assert Client(sandbox).refusal("POST", "/media/upload", json=asked) == (400, "validation_error")
