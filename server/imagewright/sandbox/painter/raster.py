"""Typed forms of the Pillow calls whose own signatures mention types we do not have."""

from collections.abc import Callable
from functools import cache
from random import Random

from PIL import Image

Size = tuple[int, int]
_TILE = 256

NEAREST = Image.Resampling.NEAREST
SMOOTH = Image.Resampling.BILINEAR
SMOOTHER = Image.Resampling.BICUBIC


def resized(
    image: Image.Image,
    size: Size,
    how: Image.Resampling = SMOOTH,
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    """The picture, or a box of it, at another size."""
    return image.resize(size, how, box)  # pyright: ignore[reportUnknownMemberType]  Pillow names numpy's array type


def mapped(image: Image.Image, curve: Callable[[float], float]) -> Image.Image:
    """Every channel through a curve from 0..255 to 0..255."""
    table = [min(255, max(0, round(curve(value)))) for value in range(256)] * len(image.getbands())
    return image.point(table)  # pyright: ignore[reportUnknownMemberType]  the same


def from_rows(size: Size, values: list[float]) -> Image.Image:
    """A grey picture from its values, row by row."""
    return Image.frombytes("L", size, bytes(min(255, max(0, round(value))) for value in values))


def noise(size: Size, cells: int, rng: Random) -> Image.Image:
    """Soft grey clouds, about `cells` of them across."""
    width, height = size
    columns = max(2, cells)
    rows = max(2, round(columns * height / width))
    return resized(Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows)), size, SMOOTHER)


@cache
def grain_tile(strength: float) -> Image.Image:
    """A square of film grain around middle grey."""
    tile = Image.frombytes("L", (_TILE, _TILE), Random(7).randbytes(_TILE * _TILE))  # noqa: S311  a texture
    return mapped(tile, lambda value: 128 + (value - 128) * strength)


def tiled(tile: Image.Image, size: Size) -> Image.Image:
    """A picture covered with a tile."""
    image = Image.new(tile.mode, size)
    for top in range(0, size[1], tile.height):
        for left in range(0, size[0], tile.width):
            image.paste(tile, (left, top))
    return image
