"""Draws an order: painted from its words, and for edits and combinations over the pictures that came with it."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from imagewright.sandbox import pictures
from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import links
from imagewright.sandbox.depicta.errors import invalid
from imagewright.sandbox.depicta.models import AREAS
from imagewright.sandbox.depicta.orders import Order
from imagewright.sandbox.pictures import Format, Picture, pixels

if TYPE_CHECKING:
    from PIL.Image import Image

_DEFAULT_RATIO: Final = "1:1"  # nowhere said
_STAND_IN_SIDE: Final = 768
_SHORTEST_SIDE, _LONGEST_SIDE = 16, 4096  # what the painter draws
_READ: Final = ("PNG", "JPEG", "WEBP", "GIF")


def wording(order: Order) -> str:
    """What is painted: the prompt, and for graphics and diagrams what kind of picture they are."""
    if order.subject == "graphic":
        return f"{order.prompt}, flat icon"
    if order.subject == "diagram":
        return f"{order.prompt}, {order.diagram_type or 'flowchart'} diagram"
    return order.prompt


def draw(call: Call, order: Order, prompt: str, variant: int, formats: Sequence[Format]) -> Mapping[Format, Picture]:
    """Draw an order in several formats.

    Raises:
        Refused: A picture to work on cannot be had.
    """
    sources = [open_picture(call, url, name) for url, name in zip(order.inputs, _names(order), strict=False)]
    sources += [decode(call, data, "image" if order.verb == "edit" else "images") for data in order.uploaded]
    if not sources:
        width, height = shape(order.ratio or _DEFAULT_RATIO, order.size)
        return call.pictures.draw_formats(prompt, width=width, height=height, variant=variant, formats=formats)
    width, height = _size(order, sources)
    painter = pictures.load_painter()
    painted = painter.paint(prompt, width=width, height=height, variant=variant)
    image = _over(painted, sources)
    return {
        form: call.pictures.keep(painter.encode(image, form, prompt=prompt), f"image/{form}", width, height)
        for form in formats
    }


def shape(ratio: str, size: str) -> tuple[int, int]:
    """Width and height of exactly a ratio and about a size's area; 4K is wide rather than larger than what is drawn."""
    across, down = (int(part) for part in ratio.split(":"))
    most = _LONGEST_SIDE * _LONGEST_SIDE * min(across, down) // max(across, down)
    return pixels(ratio, min(AREAS[size], most))


def open_picture(call: Call, url: str, name: str) -> "Image":
    """The picture behind a URL; `name` is its field.

    One of another host is never fetched: a picture painted from the URL's own words stands in for it.

    Raises:
        Refused: It is ours and not there, or not a picture.
    """
    if links.is_ours(call, url):
        data = links.picture(call, url)
        if data is None:
            raise invalid(call, {name: "cannot be fetched"})
        return decode(call, data, name)
    words = " ".join(re.findall(r"[A-Za-z]{3,}", url.rpartition("/")[2])) or url
    return pictures.load_painter().paint(words, width=_STAND_IN_SIDE, height=_STAND_IN_SIDE)


def decode(call: Call, data: bytes, name: str) -> "Image":
    """The picture in a file. Raises Refused where it is none, or too large to work on."""
    from io import BytesIO  # noqa: PLC0415  # beside Pillow, which only pictures need

    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # heavy, and most requests draw nothing

    try:
        image = Image.open(BytesIO(data), formats=_READ)
        image.load()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise invalid(call, {name: "is not a PNG, JPEG, WebP or GIF picture"}) from None
    return image


def _names(order: Order) -> list[str]:
    if order.verb == "edit":
        return ["input_image_url"]
    return [f"input_image_urls[{index}]" for index in range(len(order.inputs))]


def _size(order: Order, sources: "Sequence[Image]") -> tuple[int, int]:
    """An edit keeps the shape of its picture where no ratio is asked for."""
    if order.ratio is not None or order.verb == "combine":
        return shape(order.ratio or _DEFAULT_RATIO, order.size)
    width, height = sources[0].size
    scale = min((AREAS[order.size] / (width * height)) ** 0.5, _LONGEST_SIDE / max(width, height))
    return max(_SHORTEST_SIDE, round(width * scale)), max(_SHORTEST_SIDE, round(height * scale))


def _over(painted: "Image", sources: "Sequence[Image]") -> "Image":
    """The sources side by side, with what was painted shining through: both must be seen."""
    from PIL import Image, ImageOps  # noqa: PLC0415  # heavy, and most requests draw nothing

    together = Image.new("RGB", painted.size)
    edges = [round(painted.width * index / len(sources)) for index in range(len(sources) + 1)]
    for source, (left, right) in zip(sources, pairwise(edges), strict=True):
        part = ImageOps.fit(source.convert("RGB"), (max(1, right - left), painted.height))
        together.paste(part, (left, 0))
    return Image.blend(together, painted, 0.45)
