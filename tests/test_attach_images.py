"""Pictures of every format and size: as they are where the library takes them, told where they are changed."""

import io

import pytest
from PIL import Image

from tests.agent import Era
from tests.desk import (
    BY_URL,
    FIRST,
    UPLOAD,
    Desk,
    by_url,
    noise,
    picture,
    see_through,
    takes_posts,
    the_change,
    uploaded,
)

MIB = 2**20


@pytest.fixture
def era() -> Era:
    """One era: pictures travel below the protocol."""
    return "2026-07-28"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_what_the_library_takes_is_not_touched(desk: Desk, form: str) -> None:
    """The very bytes, which may be signed (C2PA), and nothing to say about it."""
    data = picture(form)
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    assert (f"image/{form.lower()}", data) == uploaded(desk)
    assert the_change(result) is None


async def test_heic_is_taken_as_it_is(desk: Desk) -> None:
    """We cannot look into it, the library can: without width and height, which are optional."""
    data = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    assert ("image/heic", data) == uploaded(desk)
    declared = desk.orders(UPLOAD)[0].json
    assert {"filename", "content_type", "size"} == set(declared)
    assert the_change(result) is None


async def test_heic_that_is_too_large_is_refused_with_its_remedy(desk: Desk) -> None:
    """It cannot be made smaller here."""
    kept = desk.keeps(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 21 * MIB)

    result = await desk.attach(kept)

    assert "does not take it: it is HEIC" in result.text
    assert "convert it first. No post was changed." in result.text


@pytest.mark.parametrize(("form", "name"), [("AVIF", "image/avif"), ("BMP", "image/bmp"), ("TIFF", "image/tiff")])
async def test_a_format_that_the_library_does_not_take_is_converted(desk: Desk, form: str, name: str) -> None:
    """The same picture as JPEG, declared as what it is now; the result says so."""
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(picture(form, (640, 480))))

    kind, data = uploaded(desk)
    declared = desk.orders(UPLOAD)[0].json
    with Image.open(io.BytesIO(data)) as image:
        assert ("JPEG", (640, 480)) == (image.format, image.size)
        teal = image.convert("RGB").getpixel((320, 240))
    assert isinstance(teal, tuple)
    assert max(abs(one - other) for one, other in zip(teal, (0, 128, 128), strict=True)) < 12
    assert ("image/jpeg", "image/jpeg", len(data)) == (kind, declared["content_type"], declared["size"])
    assert declared["filename"].endswith(".jpg")
    assert f"converted from {name} to image/jpeg" == the_change(result)


@pytest.mark.parametrize("form", ["AVIF", "TIFF"])
async def test_what_can_be_seen_through_stays_so(desk: Desk, form: str) -> None:
    """PNG, not JPEG."""
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(see_through(form)))

    kind, data = uploaded(desk)
    assert "image/png" == kind
    with Image.open(io.BytesIO(data)) as image:
        alpha = image.getchannel("A")
    assert (0, 255) == (alpha.getpixel((10, 10)), alpha.getpixel((390, 390)))
    assert f"converted from image/{form.lower()} to image/png" == the_change(result)


@pytest.mark.parametrize("size", [(2700, 2700), (3200, 3100)], ids=["21 MB", "30 MB"])
async def test_a_picture_that_is_too_large_is_compressed(desk: Desk, size: tuple[int, int]) -> None:
    """As large in pixels as it was, where that fits."""
    data = noise("PNG", size, compress_level=0)
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    kind, made = uploaded(desk)
    assert len(data) > 20 * MIB >= len(made)
    with Image.open(io.BytesIO(made)) as image:
        assert size == image.size
    assert ("image/jpeg", "converted from image/png to image/jpeg") == (kind, the_change(result))


async def test_a_large_picture_that_can_be_seen_through_is_scaled(desk: Desk) -> None:
    """It stays a PNG that can be seen through, and its new size is told."""
    data = noise("PNG", (2400, 2300), "RGBA", compress_level=0)
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    kind, made = uploaded(desk)
    assert len(data) > 20 * MIB >= len(made)
    with Image.open(io.BytesIO(made)) as image:
        assert ("RGBA", (1800, 1725)) == (image.mode, image.size)
    assert ("image/png", "scaled from 2400x2300 to 1800x1725") == (kind, the_change(result))


async def test_a_turned_picture_stays_upright(desk: Desk) -> None:
    """A camera notes the turn beside the pixels; made anew it is turned, and that is no scaling."""
    image = Image.new("RGB", (60, 40), "red")
    image.paste((0, 0, 255), (0, 0, 30, 40))  # blue on the left, which the camera held up
    exif = image.getexif()
    exif[0x0112] = 6  # turn by a quarter, clockwise: what is on the left comes up
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    data = buffer.getvalue() + bytes(21 * MIB)  # what follows the end of a JPEG is no part of the picture
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    with Image.open(io.BytesIO(uploaded(desk)[1])) as made:
        upper, lower = made.getpixel((20, 5)), made.getpixel((20, 55))
        assert (40, 60) == made.size
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    assert (upper[2] > 200, lower[0] > 200) == (True, True)
    assert "compressed" == the_change(result)


async def test_sixteen_bits_become_eight_and_not_white(desk: Desk) -> None:
    """Scans and renderings: half grey stays half grey."""
    buffer = io.BytesIO()
    Image.new("I;16", (40, 40), 32768).save(buffer, "TIFF")
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    await desk.attach(desk.keeps(buffer.getvalue()))

    with Image.open(io.BytesIO(uploaded(desk)[1])) as made:
        grey = made.convert("L").getpixel((20, 20))
    assert isinstance(grey, int | float)
    assert 126 <= grey <= 130


async def test_too_many_pixels_to_convert(desk: Desk) -> None:
    """A few kilobytes that would fill half a gigabyte of memory; as PNG it would pass as it is."""
    kept = desk.keeps(picture("TIFF", (7200, 7000), "L", compression="tiff_lzw"))

    result = await desk.attach(kept)

    assert "it has more than 50 million pixels, too many to convert" in result.text
    assert [] == desk.sent


async def test_a_large_picture_of_a_format_that_is_taken_is_not_decoded(desk: Desk) -> None:
    """81 million pixels in a small PNG: the library's own business."""
    data = picture("PNG", (9000, 9000), "L")
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(desk.keeps(data))

    assert data == uploaded(desk)[1]
    assert the_change(result) is None


async def test_between_20_and_25_mib_the_url_is_the_way(desk: Desk) -> None:
    """The library takes more by URL than by bytes: as it is, without a change."""
    url = desk.serves("/a.png", noise("PNG", (2700, 2700), compress_level=0))
    desk.vendor.answer(by_url(FIRST), path=BY_URL)
    takes_posts(desk, FIRST)

    result = await desk.attach(url)

    assert ("imported by its URL", None) == (result.structured["attached"][0]["how"], the_change(result))


async def test_26_mb_go_by_bytes_and_smaller(desk: Desk) -> None:
    """Past what the vendor fetches, and past what it takes: its URL is not even tried."""
    data = noise("PNG", (3000, 2970), compress_level=0)
    assert len(data) > 25 * MIB
    url = desk.serves("/a.png", data)
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(url)

    assert [] == desk.orders(BY_URL)
    assert len(uploaded(desk)[1]) <= 20 * MIB
    assert "converted from image/png to image/jpeg" == the_change(result)


async def test_a_url_of_a_format_that_is_not_taken_is_not_tried(desk: Desk) -> None:
    """The vendor would refuse it: converted and uploaded at once."""
    url = desk.serves("/a.avif", picture("AVIF"))
    desk.takes_uploads(FIRST)
    takes_posts(desk, FIRST)

    result = await desk.attach(url)

    assert [] == desk.orders(BY_URL)
    assert "uploaded" == result.structured["attached"][0]["how"]
