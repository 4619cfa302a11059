"""Makes small JPEGs of pictures, for whoever is to see what was drawn without the whole file."""

import io
from typing import TYPE_CHECKING

from imagewright.image_files import decode

if TYPE_CHECKING:
    from PIL import Image

_QUALITIES = (85, 70, 55, 40)
_SHRINK = 0.7
_SMALLEST_EDGE = 96


def preview(data: bytes, edge: int, max_bytes: int) -> bytes | None:
    """Return a JPEG of at most `edge` pixels a side and `max_bytes`; None of what cannot be decoded or made so small.

    It takes a moment of a processor: never call it in the event loop.
    """
    try:
        image = decode(data, edge)
    except ValueError:
        return None
    while edge >= _SMALLEST_EDGE:
        image.thumbnail((edge, edge))
        for quality in _QUALITIES:
            made = _jpeg(image, quality)
            if len(made) <= max_bytes:
                return made
        edge = round(max(image.size) * _SHRINK)
    return None


def _jpeg(image: "Image.Image", quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True, icc_profile=image.info.get("icc_profile"))
    return buffer.getvalue()
