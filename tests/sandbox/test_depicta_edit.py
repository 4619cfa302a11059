"""Depicta's uploads, edits, combinations and processing in the sandbox."""

import io
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.sandbox.depicta_client import KEY, ROOT, draw, error, opened, png, post, upload
from tests.sandbox.rig import Rig

OUTSIDE = "https://example.com/photos/old-harbour.png"


def process(sandbox: Rig, operation: str, url: str, **fields: Any) -> httpx2.Response:
    return post(sandbox, f"/v1/process/{operation}", {"input_image_url": url, **fields})


def worked(sandbox: Rig, operation: str, data: bytes, **fields: Any) -> Image.Image:
    """The picture that an operation makes of a file."""
    answer = process(sandbox, operation, upload(sandbox, data), **fields).json()
    return opened(httpx2.get(answer["image_url"]))


def halves() -> bytes:
    """Red on the left, white on the right, 60 x 40."""
    image = Image.new("RGB", (60, 40), "#ffffff")
    image.paste("#ff0000", (0, 0, 30, 40))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_an_upload_answers_with_the_url_of_the_same_bytes(sandbox: Rig) -> None:
    """`upload_url` is what the client reads."""
    data = png()

    download = httpx2.get(upload(sandbox, data))

    assert (download.content, download.headers["content-type"]) == (data, "image/png")


@pytest.mark.parametrize("files", [{}, {"file": ("a.png", png())}, {"image": ("a.txt", b"no picture")}])
def test_an_upload_is_a_picture_in_the_field_image(sandbox: Rig, files: dict[str, Any]) -> None:
    """The one field of the form."""
    response = sandbox.send("POST", f"{ROOT}/v1/upload", KEY, files=files)

    assert (error(response), list(response.json()["details"])) == ((400, "validation_error"), ["image"])


@pytest.mark.parametrize("subject", ["image", "graphic", "diagram"])
def test_an_edit_shows_the_picture_that_came_with_it(sandbox: Rig, subject: str) -> None:
    """The same answer as a generation, in the shape of the input; the input shines through."""
    plain = draw(sandbox, prompt="at night").json()
    edited = draw(
        sandbox, path=f"/v1/edit/{subject}", prompt="at night", input_image_url=upload(sandbox, png((300, 200)))
    )

    answer = edited.json()
    picture = opened(httpx2.get(answer["image_url"])).convert("RGB")
    assert (sorted(answer), answer["cost_eur"]) == (sorted(plain), "0.048000")
    assert picture.width * 200 == pytest.approx(picture.height * 300, rel=0.01)
    assert picture.getpixel((9, 9)) != opened(httpx2.get(plain["image_url"])).convert("RGB").getpixel((9, 9))


def test_an_edit_of_a_thin_strip_is_drawn(sandbox: Rig) -> None:
    """However odd its shape, within what the painter draws."""
    answer = draw(sandbox, path="/v1/edit/image", input_image_url=upload(sandbox, png((2000, 2)))).json()

    assert opened(httpx2.get(answer["image_url"])).size == (4096, 16)


def test_a_ratio_reshapes_an_edit(sandbox: Rig) -> None:
    """The optional fields are those of a generation."""
    url = upload(sandbox, png((300, 200)))

    answer = draw(sandbox, path="/v1/edit/image", input_image_url=url, aspect_ratio="1:1").json()

    assert opened(httpx2.get(answer["image_url"])).size == (1024, 1024)


def test_a_combination_shows_its_pictures_side_by_side(sandbox: Rig) -> None:
    """Two pictures of two colours are two halves."""
    urls = [upload(sandbox, png(colour="#ff0000")), upload(sandbox, png(colour="#0000ff"))]

    answer = draw(sandbox, path="/v1/combine/image", input_image_urls=urls).json()

    picture = opened(httpx2.get(answer["image_url"])).convert("RGB")
    (red, _, _), (_, _, blue) = _pixel(picture, 100, 500), _pixel(picture, 900, 500)
    assert (red > 140, blue > 140) == (True, True)


def test_a_combination_can_answer_with_lists(sandbox: Rig) -> None:
    """The schema hints at image_urls for combine; the guide says the same format as generate."""
    sandbox.switch("depicta", combined_answer="list")

    answer = draw(sandbox, path="/v1/combine/image", input_image_urls=[OUTSIDE, OUTSIDE]).json()

    assert (len(answer["image_urls"]), len(answer["image_hashes"])) == (1, 1)
    assert "image_url" not in answer


@pytest.mark.parametrize("count", [1, 6])
def test_a_combination_has_two_to_five_pictures(sandbox: Rig, count: int) -> None:
    """depicta.ai/docs/creating-images/combine."""
    response = draw(sandbox, path="/v1/combine/image", input_image_urls=[OUTSIDE] * count)

    assert list(response.json()["details"]) == ["input_image_urls"]


def test_an_edit_takes_a_form_as_the_guide_shows(sandbox: Rig) -> None:
    """One file `image` beside the fields."""
    response = sandbox.send(
        "POST",
        f"{ROOT}/v1/edit/image",
        KEY,
        data={"prompt": "at night", "model": "flux"},
        files={"image": ("a.png", png())},
    )

    assert response.status_code == 200


@pytest.mark.parametrize(("count", "status"), [(1, 400), (2, 200), (5, 200), (6, 400)])
def test_a_combination_takes_a_form_as_the_guide_shows(sandbox: Rig, count: int, status: int) -> None:
    """Two to five files `images`."""
    response = sandbox.send(
        "POST",
        f"{ROOT}/v1/combine/image",
        KEY,
        data={"prompt": "together", "model": "flux"},
        files=[("images", (f"{index}.png", png())) for index in range(count)],
    )

    assert response.status_code == status


@pytest.mark.parametrize("url", [None, "http://example.com/a.png", "{root}/depicta/files/uploads/nothing"])
def test_an_edit_of_nothing_is_refused(sandbox: Rig, url: str | None) -> None:
    """Missing, not HTTPS, or never uploaded; nothing is charged."""
    url = url and url.format(root=sandbox.url)

    response = draw(sandbox, path="/v1/edit/image", input_image_url=url)

    assert list(response.json()["details"]) == ["input_image_url"]
    assert sandbox.ledger() == []


def test_processing_answers_with_the_fields_that_the_client_reads(sandbox: Rig) -> None:
    """And it is free."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    answer = process(sandbox, "grayscale", upload(sandbox)).json()

    url = answer.pop("image_url")
    assert answer == {
        "content_type": "image/png",
        "operation": "grayscale",
        "expires_at": "2026-06-12T10:00:00Z",
    }
    assert (opened(httpx2.get(url)).mode, sandbox.ledger()) == ("L", [])


def test_processing_can_cost_money(sandbox: Rig) -> None:
    """The credits page speaks of a flat price an operation."""
    sandbox.switch("depicta", processing="charged")

    process(sandbox, "invert", OUTSIDE)

    assert sandbox.ledger() == [("depicta", Decimal("-0.001"))]


@pytest.mark.parametrize(
    ("operation", "fields", "size"),
    [
        ("crop", {"x": 10, "y": 5, "width": 20, "height": 30}, (20, 30)),
        ("resize", {"width": 30}, (30, 20)),
        ("resize", {"height": 80}, (120, 80)),
        ("resize", {"width": 7, "height": 9}, (7, 9)),
        ("optimize", {"colors": 4}, (60, 40)),
        ("blur", {"radius": 2.5}, (60, 40)),
        ("sharpen", {"amount": 2, "threshold": 4}, (60, 40)),
        ("denoise", {}, (60, 40)),
        ("adjust", {"brightness": 1.5, "saturation": 0}, (60, 40)),
        ("auto-orient", {}, (60, 40)),
        ("rotate", {"angle": 90, "expand": True}, (40, 60)),
        ("rotate", {"angle": 30}, (60, 40)),
        ("trim", {}, (30, 40)),
        ("pad", {"width": 100, "height": 50, "gravity": "east"}, (100, 50)),
        ("metadata-strip", {}, (60, 40)),
        ("remove-background", {}, (60, 40)),
    ],
)
def test_an_operation_gives_a_picture_of_the_right_size(
    sandbox: Rig, operation: str, fields: dict[str, Any], size: tuple[int, int]
) -> None:
    """Every operation of the client, on a picture of 60 x 40."""
    assert worked(sandbox, operation, halves(), **fields).size == size


@pytest.mark.parametrize(
    ("operation", "fields", "pixel"),
    [
        ("invert", {}, (0, 255, 255)),
        ("flip", {"direction": "horizontal"}, (255, 255, 255)),
        ("flip", {"direction": "vertical"}, (255, 0, 0)),
        ("adjust", {"brightness": 0}, (0, 0, 0)),
        ("alpha-to-color", {"color": "#00FF00"}, (255, 0, 0)),
        ("color-to-alpha", {"color": "#FF0000"}, (255, 0, 0, 0)),
        ("remove-background", {}, (255, 0, 0, 0)),
        ("pad", {"width": 100, "height": 80}, (255, 255, 255)),
        ("rotate", {"angle": 90}, (255, 255, 255)),
    ],
)
def test_an_operation_does_what_it_says(
    sandbox: Rig, operation: str, fields: dict[str, Any], pixel: tuple[int, ...]
) -> None:
    """The pixel in the upper left corner, which was red."""
    assert worked(sandbox, operation, halves(), **fields).getpixel((1, 1)) == pixel


@pytest.mark.parametrize(("form", "kind"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")])
def test_a_conversion_changes_the_format(sandbox: Rig, form: str, kind: str) -> None:
    """`jpg`, not `jpeg`, is the client's word."""
    assert worked(sandbox, "convert", png(), format=form).format == kind


def test_vectorize_gives_an_svg_of_the_colours(sandbox: Rig) -> None:
    """What is near a colour becomes it, the background is one rectangle."""
    url = upload(sandbox, halves())

    answer = process(sandbox, "vectorize", url, colors=["#ee0000"], background_color="#FFFFFF", clip=False).json()

    svg = httpx2.get(answer["image_url"])
    assert (answer["content_type"], svg.headers["content-type"]) == ("image/svg+xml", "image/svg+xml")
    assert svg.text.startswith("<svg ")
    assert ('<rect width="60" height="40" fill="#FFFFFF"/>' in svg.text, 'fill="#ee0000"' in svg.text) == (True, True)


def test_an_overlay_lies_where_it_is_told(sandbox: Rig) -> None:
    """At x and y, as strong as its opacity."""
    over = upload(sandbox, png((10, 10), "#0000ff"))

    picture = worked(sandbox, "overlay", halves(), overlay_image_url=over, x=40, y=10, opacity=0.5)

    assert picture.getpixel((45, 15)) == pytest.approx((127, 127, 255), abs=2)
    assert picture.getpixel((45, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("operation", "fields", "wrong"),
    [
        ("crop", {"x": 0, "y": 0, "width": 20}, "height"),
        ("crop", {"x": 50, "y": 0, "width": 20, "height": 20}, "width"),
        ("resize", {}, "width"),
        ("convert", {"format": "bmp"}, "format"),
        ("optimize", {"colors": 1}, "colors"),
        ("vectorize", {}, "colors"),
        ("vectorize", {"colors": ["red"]}, "colors[0]"),
        ("blur", {}, "radius"),
        ("denoise", {"strength": 41}, "strength"),
        ("flip", {"direction": "sideways"}, "direction"),
        ("color-to-alpha", {"color": "white"}, "color"),
        ("rotate", {"angle": 361}, "angle"),
        ("rotate", {"angle": 1, "expand": "yes"}, "expand"),
        ("pad", {"width": 10, "height": 10}, "width"),
        ("overlay", {"x": 0, "y": 0}, "overlay_image_url"),
        ("grayscale", {"gamma": 2}, "gamma"),
    ],
)
def test_a_wrong_field_of_an_operation_is_refused_by_its_name(
    sandbox: Rig, operation: str, fields: dict[str, Any], wrong: str
) -> None:
    """Ranges and required fields are those of the client 1.3.0."""
    response = process(sandbox, operation, upload(sandbox, halves()), **fields)

    assert (error(response), list(response.json()["details"])) == ((400, "validation_error"), [wrong])


def test_an_unknown_operation_is_not_there(sandbox: Rig) -> None:
    """404."""
    assert error(process(sandbox, "sepia", OUTSIDE)) == (404, "not_found")


def test_a_picture_from_outside_is_never_fetched(sandbox: Rig) -> None:
    """One that is painted from the URL's own words stands in for it."""
    picture = opened(httpx2.get(process(sandbox, "auto-orient", OUTSIDE).json()["image_url"]))

    assert picture.size == (768, 768)


@pytest.mark.parametrize(("operation", "fields"), [("blur", {"radius": 1}), ("convert", {"format": "jpg"})])
def test_processing_keeps_who_made_a_picture(sandbox: Rig, operation: str, fields: dict[str, Any]) -> None:
    """And metadata-strip does not (depicta.ai/docs/concepts/content-credentials)."""
    notes = PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>trainedAlgorithmicMedia</x:xmpmeta>")
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, "PNG", pnginfo=notes)

    kept = worked(sandbox, operation, file.getvalue(), **fields)
    stripped = worked(sandbox, "metadata-strip", file.getvalue())

    assert (b"trainedAlgorithmicMedia" in kept.info["xmp"], "xmp" in stripped.info) == (True, False)


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return int(found[0]), int(found[1]), int(found[2])
