"""Letters: a line of text on the picture, and the small sandbox mark in its corner."""

from functools import lru_cache

from PIL import ImageDraw, ImageFont

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour
from imagewright.sandbox.painter.svgpath import Point

MARK = "sandbox"
_SMALLEST_MARK = 7


def write(canvas: Canvas, text: str, centre: Point, size: float, colour: Colour, *, width: float) -> None:
    """One line of text around a point, at most `size` pixels high; letters the font lacks are left out."""
    shown = "".join(letter for letter in text if letter.isprintable() and ord(letter) < 0x250)  # noqa: PLR2004  the end of Latin Extended-B
    if not shown.strip():
        return
    font = _font(max(6, round(size)))
    length = font.getlength(shown)
    if length > width:
        font = _font(max(6, round(size * width / length)))
    ImageDraw.Draw(canvas.image).text(centre, shown, fill=colour, font=font, anchor="mm")


def paint_title(canvas: Canvas, text: str) -> None:
    """The words a prompt asks to be read on the picture, on a quiet band."""
    height = canvas.unit * 0.15
    top = canvas.height * 0.09
    canvas.box((canvas.width * 0.07, top, canvas.width * 0.86, height), (12, 16, 30), radius=height * 0.22, opacity=0.5)
    write(canvas, text, (canvas.width / 2, top + height * 0.5), height * 0.6, WHITE, width=canvas.width * 0.78)


def mark(canvas: Canvas) -> None:
    """The word "sandbox", small, in the lower right corner."""
    size = max(_SMALLEST_MARK, round(canvas.unit / 56))
    font = _font(size)
    x, y = canvas.width - size * 0.9, canvas.height - size * 0.8
    layer = ImageDraw.Draw(canvas.image, "RGBA")
    left, top, right, bottom = layer.textbbox((x, y), MARK, font=font, anchor="rs")
    layer.rounded_rectangle(
        (left - size * 0.5, top - size * 0.35, right + size * 0.5, bottom + size * 0.35),
        radius=size * 0.6,
        fill=(10, 12, 20, 84),
    )
    layer.text((x, y), MARK, font=font, anchor="rs", fill=(255, 255, 255, 225))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
