"""Turns a picture into an SVG of a few flat colours: one path a colour, made of runs of pixels."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from PIL import Image, ImageColor

from imagewright.sandbox.painter.raster import resized

_MOST_PIXELS: Final = 160  # along the longer side: enough to be recognised, small enough to be read


def as_svg(image: Image.Image, colours: Sequence[str], background: str | None) -> str:
    """The picture in `colours` (each #RRGGBB). What is nearest to the background, or else to white, stays empty."""
    width, height = image.size
    scale = min(1, _MOST_PIXELS / max(width, height))
    small = resized(image.convert("RGB"), (max(1, round(width * scale)), max(1, round(height * scale))))
    palette = Image.new("P", (1, 1))
    palette.putpalette(
        [part for colour in (*colours, background or "#FFFFFF") for part in ImageColor.getrgb(colour)[:3]]
    )
    places = small.quantize(palette=palette, dither=Image.Dither.NONE).tobytes()
    paths = [""] * (len(colours) + 1)
    for row in range(small.height):
        column = 0
        for place, run in groupby(places[row * small.width : (row + 1) * small.width]):
            length = len(list(run))
            paths[min(place, len(colours))] += f"M{column} {row}h{length}v1h-{length}z"
            column += length
    ground = f'<rect width="{small.width}" height="{small.height}" fill="{background}"/>' if background else ""
    shapes = "".join(
        f'<path fill="{colour}" d="{path}"/>' for colour, path in zip(colours, paths, strict=False) if path
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {small.width} {small.height}" shape-rendering="crispEdges">{ground}{shapes}</svg>'
    )
