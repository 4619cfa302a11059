"""Draw a motif on the canvas: turned, recoloured, lit."""

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import BLACK, WHITE, Colour, from_hls, hls, hue_distance, is_grey, mix
from imagewright.sandbox.painter.motifs import Motif, Shape
from imagewright.sandbox.painter.raster import from_rows, mapped, resized
from imagewright.sandbox.painter.svgpath import Point, Ring

_LARGE_PIXELS = 420  # from this size on, two samples a pixel edge are enough
_SAME_FAMILY_DEGREES = 50
_NEAR_DEGREES = 45
_SKIN_EMOJI: Colour = (255, 200, 61)  # the motifs' own yellow
_SKIN_SHADOW: Colour = (213, 150, 31)


@dataclass(frozen=True, slots=True)
class Light:
    """How a scene lights what stands in it."""

    ambient: Colour = WHITE
    share: float = 0.0  # of the ambient colour in everything
    shaded: bool = True  # a light upper left and a darker foot
    solid: bool = False  # rounded, as if modelled


@dataclass(frozen=True, slots=True)
class Pose:
    """Where and how a motif goes: the centre of its 32-unit grid and that grid's size in pixels."""

    centre: Point
    size: float
    rotation_degrees: float = 0.0
    flipped: bool = False
    tint: Colour | None = None
    skin: Colour | None = None
    opacity: float = 1.0


def stamp(canvas: Canvas, drawn: Motif, pose: Pose, light: Light | None = None) -> None:
    """Draw a motif."""
    layer = motif_layer(drawn, pose)
    if light is not None:
        layer = _lit(layer, light)
    canvas.layer(layer, pose.centre)


def motif_layer(drawn: Motif, pose: Pose) -> Image.Image:
    """The motif as an RGBA picture around its grid's centre."""
    samples = 2 if pose.size >= _LARGE_PIXELS else 3
    room = 1.42 if pose.rotation_degrees else 1.0
    side = max(1, math.ceil(pose.size * room))
    layer = Image.new("RGBA", (side * samples, side * samples), (0, 0, 0, 0))
    place = _Placing(pose, samples, side * samples / 2)
    for shape in drawn.shapes:
        colour = recoloured(shape.colour, drawn.main, pose.tint)
        if pose.skin is not None:
            colour = _skinned(colour, pose.skin)
        _draw_shape(layer, shape, place, (*colour, round(shape.alpha * pose.opacity)))
    # Averaged with premultiplied alpha, or edges would darken.
    return layer.convert("RGBa").reduce(samples).convert("RGBA")


class _Placing:
    """From a motif's coordinates to a layer's pixels."""

    def __init__(self, pose: Pose, samples: int, middle: float) -> None:
        turn = math.radians(pose.rotation_degrees)
        size = pose.size * samples
        self._across = (math.cos(turn) * size * (-1 if pose.flipped else 1), -math.sin(turn) * size)
        self._down = (math.sin(turn) * size * (-1 if pose.flipped else 1), math.cos(turn) * size)
        self._middle = middle

    def ring(self, ring: Ring) -> list[Point]:
        (a, b), (c, d), middle = self._across, self._down, self._middle
        return [((x - 0.5) * a + (y - 0.5) * b + middle, (x - 0.5) * c + (y - 0.5) * d + middle) for x, y in ring]


def _draw_shape(layer: Image.Image, shape: Shape, place: _Placing, colour: tuple[int, int, int, int]) -> None:
    rings = [place.ring(ring) for ring in shape.rings]
    opaque = 255
    if len(rings) == 1 and colour[3] == opaque:
        ImageDraw.Draw(layer).polygon(rings[0], fill=colour)
        return
    across = [x for ring in rings for x, _ in ring]
    down = [y for ring in rings for _, y in ring]
    left, top = math.floor(min(across)), math.floor(min(down))
    size = (math.ceil(max(across)) - left + 1, math.ceil(max(down)) - top + 1)
    mask = Image.new("1", size)
    for ring in rings:
        one = Image.new("1", size)
        ImageDraw.Draw(one).polygon([(x - left, y - top) for x, y in ring], fill=1)
        mask = ImageChops.logical_xor(mask, one)
    if colour[3] == opaque:
        layer.paste(colour, (left, top), mask)
    else:
        patch = Image.new("RGBA", size, (*colour[:3], 0))
        patch.paste(colour, (0, 0), mask)
        layer.alpha_composite(patch, (max(0, left), max(0, top)))


def recoloured(colour: Colour, main: Colour, tint: Colour | None) -> Colour:
    """A motif's colour when the whole is asked for in another: its main family turns, the rest stays."""
    if tint is None:
        return colour
    hue, light, saturation = hls(colour)
    _, main_light, main_saturation = hls(main)
    tint_hue, tint_light, tint_saturation = hls(tint)
    family = not is_grey(colour) and (is_grey(main) or hue_distance(colour, main) < _SAME_FAMILY_DEGREES)
    dark, pale = 0.16, 0.96
    if is_grey(main):
        family = dark < light < pale
    if not family:
        return colour
    if hue_distance(main, tint) < _NEAR_DEGREES and not is_grey(main) and not is_grey(tint):
        # A red fox stays a fox.
        return from_hls(hue + ((tint_hue - hue + 0.5) % 1 - 0.5) * 0.25, light * 0.97, saturation)
    reach = 0.75 if tint_light > main_light else 0.9
    new_light = tint_light + (light - main_light) * reach
    return from_hls(tint_hue, new_light, tint_saturation * (0.6 + 0.4 * saturation / max(0.2, main_saturation)))


def _skinned(colour: Colour, skin: Colour) -> Colour:
    if max(abs(a - b) for a, b in zip(colour, _SKIN_EMOJI, strict=True)) < 12:  # noqa: PLR2004  the same, but for rounding
        return skin
    if hue_distance(colour, _SKIN_SHADOW) < 8 and not is_grey(colour):  # noqa: PLR2004  degrees
        return mix(skin, BLACK, 0.2)
    return colour


def _lit(layer: Image.Image, light: Light) -> Image.Image:
    alpha = layer.getchannel("A")
    body = layer.convert("RGB")
    if light.share:
        body = Image.blend(body, Image.new("RGB", body.size, light.ambient), light.share)
    if light.shaded or light.solid:
        body.paste(mix(light.ambient, (20, 16, 40), 0.8), (0, 0), _foot_shade(body.size))
        body.paste(WHITE, (0, 0), _upper_light(body.size))
    if light.solid:
        body = _modelled(body, alpha)
    body.putalpha(alpha)
    return body


def _foot_shade(size: tuple[int, int]) -> Image.Image:
    return resized(from_rows((1, 64), [62 * max(0.0, row / 63 - 0.35) ** 1.3 for row in range(64)]), size)


def _upper_light(size: tuple[int, int]) -> Image.Image:
    around = resized(Image.radial_gradient("L"), (96, 96))
    around = mapped(around, lambda value: 52 * max(0.0, 1 - value / 170) ** 1.4)
    wide = Image.new("L", (96, 96))
    wide.paste(around, (-18, -26))
    return resized(wide, size)


def _modelled(body: Image.Image, alpha: Image.Image) -> Image.Image:
    """Rounded edges: the blurred outline, moved one way for light and the other for shade."""
    small = alpha.reduce(2)
    reach = max(2, small.width // 22)
    blurred = small.filter(ImageFilter.GaussianBlur(reach))
    towards, away = ImageChops.offset(blurred, -reach, -reach), ImageChops.offset(blurred, reach, reach)
    bright = resized(ImageChops.subtract(away, towards, scale=1.6), alpha.size)
    dark = resized(ImageChops.subtract(towards, away, scale=1.3), alpha.size)
    # "away" is the outline moved down right: what it leaves bare is the edge that faces the light.
    body.paste(WHITE, (0, 0), dark)
    body.paste(mix(BLACK, (40, 20, 60), 0.4), (0, 0), bright)
    return body
