"""The files that the gallery hands out over HTTP, and those that it does not."""

import io

import pytest
from PIL import Image

from imagewright.library import Files
from tests.galleries import Gallery, get


async def keep(gallery: Gallery, data: bytes, extension: str) -> str:
    """Put a file into the library and return its sha256."""
    return await Files(gallery.home).keep(data, extension)


def encoded(kind: str) -> bytes:
    """A picture of 900 x 600 pixels."""
    file = io.BytesIO()
    Image.new("RGB", (900, 600), "#336699").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
async def test_a_picture_is_what_its_first_bytes_say(own: Gallery, kind: str) -> None:
    """Its content type is told by the bytes, whatever the file is called; it never changes, so it is kept for good."""
    data = encoded(kind)
    sha256 = await keep(own, data, "png")
    answer = get(own, f"images/{sha256}")

    assert (200, f"image/{kind.lower()}", data) == (answer.status_code, answer.headers["Content-Type"], answer.content)
    assert "private, max-age=31536000, immutable" == answer.headers["Cache-Control"]
    assert f'"{sha256}"' == answer.headers["ETag"]
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize(("kind", "end"), [("TIFF", "tiff"), ("BMP", "bmp")])
async def test_a_picture_that_browsers_do_not_draw_is_to_be_saved(own: Gallery, kind: str, end: str) -> None:
    """As an attachment, under its hash; its preview can be shown all the same."""
    sha256 = await keep(own, encoded(kind), end)
    answer = get(own, f"images/{sha256}")

    assert f'attachment; filename="{sha256}.{end}"' == answer.headers["Content-Disposition"]
    assert "image/jpeg" == get(own, f"previews/{sha256}").headers["Content-Type"]


@pytest.mark.parametrize("data", [b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF8x"])
async def test_what_is_no_picture_is_not_handed_out(own: Gallery, data: bytes) -> None:
    """Even where it lies in the library under the right hash."""
    sha256 = await keep(own, data, "png")

    assert [404, 404] == [get(own, f"{where}/{sha256}").status_code for where in ("images", "previews")]


async def test_a_picture_that_was_changed_is_not_handed_out(own: Gallery) -> None:
    """The bytes must be those that the name promises."""
    sha256 = await keep(own, encoded("PNG"), "png")
    (file,) = own.home.rglob(f"{sha256}*")
    file.write_bytes(encoded("JPEG"))

    assert [404, 404] == [get(own, f"{where}/{sha256}").status_code for where in ("images", "previews")]


@pytest.mark.parametrize("where", ["images", "previews"])
async def test_what_a_browser_has_is_not_sent_again(own: Gallery, where: str) -> None:
    """The mark of the first answer brings an empty one, and another mark the whole."""
    path = f"{where}/{await keep(own, encoded('PNG'), 'png')}"
    mark = get(own, path).headers["ETag"]
    again = get(own, path, **{"If-None-Match": f'"other", W/{mark}'})

    assert (304, b"", mark) == (again.status_code, again.content, again.headers["ETag"])
    assert 200 == get(own, path, **{"If-None-Match": '"other"'}).status_code


@pytest.mark.parametrize("name", ["0" * 63, "0" * 65, "A" * 64, "x", "..%5c..%5cjournal.sqlite3"])
@pytest.mark.parametrize("where", ["images", "previews"])
def test_a_name_that_is_no_hash_is_refused_unseen(drawn: Gallery, where: str, name: str) -> None:
    """What is not 64 lower-case hexadecimal digits never gets as far as the disk."""
    answer = get(drawn, f"{where}/{name}")

    assert (400, True) == (answer.status_code, "64 digits" in answer.text)


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fjournal.sqlite3",
        "%2e%2e/%2e%2e/journal.sqlite3",
        "..%5c..%5cjournal.sqlite3",
        "%2e%2e%2fjournal.sqlite3",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "0" * 63,
        "0" * 65,
        "A" * 64,
        "0" * 63 + "%0a",
        "%00",
        "",
    ],
)
@pytest.mark.parametrize("where", ["images", "previews"])
def test_no_name_leads_out_of_the_library(drawn: Gallery, where: str, name: str) -> None:
    """Only 64 lower-case hexadecimal digits name a picture."""
    answer = get(drawn, f"{where}/{name}")

    assert answer.status_code in {400, 404}
    assert len(answer.content) < 200
