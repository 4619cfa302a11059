"""The sandbox's painter: a real picture for any prompt, drawn by rules, the same every time. No model is involved."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["encode", "paint"]

_LEAST, _MOST = 16, 4096


def paint(prompt: str, *, width: int, height: int, variant: int = 0) -> "Image":
    """Draw a prompt as an RGB picture of a size in pixels.

    The same prompt, size and variant give the same pixels (with the same Pillow); another variant is another
    composition. Thread-safe. Raises ValueError for a side under 16 or over 4096 pixels.
    """
    if not (_LEAST <= width <= _MOST and _LEAST <= height <= _MOST):
        raise ValueError(f"A picture's sides are {_LEAST} to {_MOST} pixels, not {width} x {height}.")
    from imagewright.sandbox.painter.composing import compose  # noqa: PLC0415  Pillow loads with the first picture

    return compose(prompt, width, height, variant)


def encode(image: "Image", format: Literal["png", "jpeg", "webp"], *, prompt: str) -> bytes:  # noqa: A002  the caller's word
    """The picture as a file that names its prompt and its maker; the same picture gives the same bytes."""
    from imagewright.sandbox.painter.encoding import encoded  # noqa: PLC0415  the same

    return encoded(image, format, prompt)
