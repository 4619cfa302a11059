"""The last pass over a picture: photo look, watercolour, oil, pixels, pencil, neon."""

import math
from collections.abc import Callable
from functools import cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from imagewright.sandbox.painter.raster import NEAREST, SMOOTHER, Size, grain_tile, mapped, noise, resized, tiled

Pass = Callable[[Image.Image, Random], Image.Image]

_PAPER = (252, 249, 242)
_PIXELS_ACROSS = 112


def finish(image: Image.Image, style: str, rng: Random) -> Image.Image:
    """The picture in a style; styles that need no pass come back as they are."""
    passes: dict[str, Pass] = {
        "photo": _photo,
        "watercolour": _watercolour,
        "oil": _oil,
        "pixel": _pixel,
        "sketch": _sketch,
        "neon": _neon,
    }
    return passes[style](image, rng) if style in passes else image


def grain(image: Image.Image, strength: float) -> Image.Image:
    """Film grain; it also hides the bands of a gradient."""
    tile = tiled(grain_tile(strength), image.size)
    return ImageChops.add(image, Image.merge("RGB", (tile, tile, tile)), 1, -128)


def _photo(image: Image.Image, _: Random) -> Image.Image:
    width, height = image.size
    small = image.reduce(4).filter(ImageFilter.BoxBlur(max(1, min(width, height) // 700)))
    soft = resized(small, image.size)
    image = Image.composite(soft, image, _focus(image.size))
    bloom = resized(small.reduce(2).filter(ImageFilter.BoxBlur(max(2, width // 250))), image.size)
    image = Image.blend(image, ImageChops.screen(image, bloom), 0.16)
    image = ImageChops.multiply(image, _vignette(image.size))
    return grain(image, 0.06)


@cache
def _focus_small() -> Image.Image:
    around = resized(Image.radial_gradient("L"), (128, 128))
    return mapped(around, lambda value: 255 * min(1.0, max(0.0, (value / 255 - 0.42) / 0.4)))


def _focus(size: Size) -> Image.Image:
    return resized(_focus_small(), size)


@cache
def _vignette_small() -> Image.Image:
    around = resized(Image.radial_gradient("L"), (128, 128))
    red = mapped(around, lambda value: 255 * (1 - 0.42 * max(0.0, value / 255 - 0.36) ** 1.5))
    blue = mapped(around, lambda value: 250 * (1 - 0.46 * max(0.0, value / 255 - 0.36) ** 1.5))
    return Image.merge("RGB", (red, red, blue))


def _vignette(size: Size) -> Image.Image:
    return resized(_vignette_small(), size)


def _watercolour(image: Image.Image, rng: Random) -> Image.Image:
    size = image.size
    half = image.reduce(2)
    half = _wobbled(half, rng).filter(ImageFilter.MedianFilter(3))
    edges = half.convert("L").reduce(2).filter(ImageFilter.FIND_EDGES).filter(ImageFilter.BoxBlur(1))
    edges = resized(mapped(edges, lambda value: min(120, value * 1.5)), half.size)
    half = Image.composite(mapped(half, lambda value: value * 0.6), half, edges)
    # Washes: where pigment is thin the paper shows; where it pooled, it is stronger.
    wash = ImageChops.add(noise(half.size, 7, rng), noise(half.size, 64, rng), 2.0)
    half.paste(_PAPER, (0, 0), mapped(wash, lambda value: 118 * (value / 255) ** 1.5))
    half = ImageEnhance.Color(half).enhance(1.18)
    half = Image.composite(half, Image.new("RGB", half.size, _PAPER), _torn_edge(half.size, rng))
    return grain(resized(half, size), 0.07)


def _wobbled(image: Image.Image, rng: Random) -> Image.Image:
    cells = 12
    width, height = image.width / cells, image.height / cells
    inner = range(1, cells)
    shift = {
        (i, j): (
            (i + (rng.uniform(-0.1, 0.1) if i in inner else 0)) * width,
            (j + (rng.uniform(-0.1, 0.1) if j in inner else 0)) * height,
        )
        for i in range(cells + 1)
        for j in range(cells + 1)
    }
    mesh = [
        (
            (round(i * width), round(j * height), round((i + 1) * width), round((j + 1) * height)),
            (*shift[i, j], *shift[i, j + 1], *shift[i + 1, j + 1], *shift[i + 1, j]),
        )
        for i in range(cells)
        for j in range(cells)
    ]
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _torn_edge(size: Size, rng: Random) -> Image.Image:
    small = (max(8, size[0] // 2), max(8, size[1] // 2))
    margin = round(min(small) * 0.05)
    edge = Image.new("L", small)
    ImageDraw.Draw(edge).rectangle((margin, margin, small[0] - margin, small[1] - margin), fill=255)
    edge = edge.filter(ImageFilter.BoxBlur(max(1, margin * 0.8)))
    edge = ImageChops.add(edge, mapped(noise(small, 22, rng), lambda value: value * 0.62), 1, -80)
    edge = mapped(edge, lambda value: (value - 112) * 5)
    return resized(edge, size)


def _oil(image: Image.Image, rng: Random) -> Image.Image:
    """Strokes that follow a slow field of directions: broad ones first, finer ones over them."""
    half = image.reduce(2)
    canvas = half.filter(ImageFilter.BoxBlur(4))
    draw = ImageDraw.Draw(canvas)
    colours, field = half.filter(ImageFilter.BoxBlur(1)).tobytes(), noise((64, 64), 5, rng).tobytes()
    width, height = half.size
    unit = min(half.size)
    area = width * height / unit / unit
    for count, length, thickness in ((1100, 0.045, 0.015), (3600, 0.022, 0.006)):
        thick, shares = max(1, round(unit * thickness)), rng.random
        for _ in range(round(count * area)):
            x, y = int(shares() * width), int(shares() * height)
            angle = field[y * 64 // height * 64 + x * 64 // width] / 60
            dx, dy = math.cos(angle) * unit * length / 2, math.sin(angle) * unit * length / 2
            at, lift = (y * width + x) * 3, int(shares() * 24) - 12
            draw.line(
                (x - dx, y - dy, x + dx, y + dy),
                (colours[at] + lift, colours[at + 1] + lift, colours[at + 2] + lift),
                thick,
            )
    # Thick paint: light along one side of every stroke.
    relief = canvas.convert("L").filter(ImageFilter.EMBOSS)
    canvas = Image.blend(canvas, ImageChops.overlay(canvas, Image.merge("RGB", (relief,) * 3)), 0.3)
    return resized(ImageEnhance.Color(canvas).enhance(1.2), image.size, SMOOTHER)


def _pixel(image: Image.Image, _: Random) -> Image.Image:
    step = max(2, min(image.size) // _PIXELS_ACROSS)
    small = resized(image, (max(8, image.width // step), max(8, image.height // step)), Image.Resampling.BOX)
    small = small.quantize(28, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return resized(small, image.size, NEAREST)


def _sketch(image: Image.Image, rng: Random) -> Image.Image:
    grey = image.convert("L")
    blurred = resized(
        ImageChops.invert(grey).reduce(4).filter(ImageFilter.BoxBlur(max(2, min(image.size) // 300))), grey.size
    )
    # A colour dodge: flat areas turn to paper, edges stay as lines.
    lines = mapped(ImageChops.add(grey, blurred), lambda value: 255 * (value / 255) ** 5.5)
    tone = mapped(grey, lambda value: 150 + value * 0.55)
    hatch = _hatching(image.size)
    shaded = ImageChops.lighter(tone, hatch)
    drawn = ImageChops.multiply(lines, shaded)
    drawn = ImageChops.add(drawn, mapped(noise(grey.size, 90, rng), lambda value: value * 0.05), 1, -6)
    paper = tiled(grain_tile(0.08), grey.size)
    drawn = ImageChops.add(drawn, paper, 1, -128)
    warm = (mapped(drawn, lambda value: 38 + value * 0.845), mapped(drawn, lambda value: 38 + value * 0.825))
    return Image.merge("RGB", (*warm, mapped(drawn, lambda value: 38 + value * 0.785)))


def _hatching(size: Size) -> Image.Image:
    tile = Image.new("L", (48, 48), 255)
    draw = ImageDraw.Draw(tile)
    for at in range(-48, 96, 6):
        draw.line((at, 48, at + 48, 0), fill=150, width=2)
    return tiled(tile, size).filter(ImageFilter.BoxBlur(0.6))


def _neon(image: Image.Image, _: Random) -> Image.Image:
    dark = mapped(image, lambda value: 255 * (value / 255) ** 1.25)
    glow = resized(ImageEnhance.Color(dark.reduce(8).filter(ImageFilter.BoxBlur(3))).enhance(1.8), image.size)
    return ImageEnhance.Color(ImageChops.screen(dark, mapped(glow, lambda value: value * 0.55))).enhance(1.35)
