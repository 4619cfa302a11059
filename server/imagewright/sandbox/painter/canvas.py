"""A small drawing surface on Pillow: anti-aliased shapes, gradients and glows in picture coordinates."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import pairwise

from PIL import Image, ImageDraw

from imagewright.sandbox.painter.colour import BLACK, Colour, mix
from imagewright.sandbox.painter.raster import NEAREST, SMOOTHER, Size, mapped, resized
from imagewright.sandbox.painter.svgpath import Point

Stops = Sequence[tuple[float, Colour]]
Box = tuple[float, float, float, float]  # left, top, width, height

_SOFT_REDUCTION = 4
_GLOW_PIXELS = 128
_LARGE_PIXELS = 320 * 320  # above it, two samples a pixel edge are enough
_STRAIGHT_CELLS = 64
_ANGLED_CELLS = 32

Place = Callable[[float, float], Point]
Mark = Callable[[ImageDraw.ImageDraw, Place, float, int], None]  # draws with an ink of 0 to 255, at a scale


class Canvas:
    """An RGB picture being drawn. `unit` is its shorter side: the measure of most sizes."""

    def __init__(self, width: int, height: int, *, ground: Colour = BLACK) -> None:
        self.width = width
        self.height = height
        self.unit = min(width, height)
        self.image = Image.new("RGB", (width, height), ground)
        self._scale = 1.0

    @contextmanager
    def soft(self) -> Generator["Canvas"]:
        """Draw smooth things at a quarter of the size, then enlarge: a sixteenth of the work, no visible loss."""
        small = Canvas(self.width, self.height)
        small.image = self.image.reduce(_SOFT_REDUCTION)
        small._scale = small.image.width / self.width
        yield small
        self.image.paste(resized(small.image, self.image.size))

    def gradient(self, box: Box, stops: Stops, *, angle: float = 90, opacity: float = 1.0) -> None:
        """Fill a rectangle along a direction in degrees: 0 is rightwards, 90 downwards."""
        left, top, width, height = (round(value * self._scale) for value in box)
        if width <= 0 or height <= 0:
            return
        blend = _blend(stops, angle, (width, height))
        if opacity < 1:
            self.image.paste(blend, (left, top), Image.new("L", (width, height), round(255 * opacity)))
        else:
            self.image.paste(blend, (left, top))

    def fill(self, stops: Stops, *, angle: float = 90) -> None:
        """Cover everything with a gradient."""
        scale = 1 / self._scale
        self.gradient((0, 0, self.image.width * scale, self.image.height * scale), stops, angle=angle)

    def glow(self, centre: Point, radii: Point, colour: Colour, strength: float, *, falloff: float = 2.0) -> None:
        """A soft ellipse, strongest in the middle: light, mist and shadow."""
        scale = self._scale
        x0, y0 = (centre[0] - radii[0]) * scale, (centre[1] - radii[1]) * scale
        x1, y1 = (centre[0] + radii[0]) * scale, (centre[1] + radii[1]) * scale
        left, top = max(0, math.floor(x0)), max(0, math.floor(y0))
        right, bottom = min(self.image.width, math.ceil(x1)), min(self.image.height, math.ceil(y1))
        if right <= left or bottom <= top:
            return
        to_mask_x, to_mask_y = _GLOW_PIXELS / (x1 - x0), _GLOW_PIXELS / (y1 - y0)
        part = (
            max(0.0, (left - x0) * to_mask_x),
            max(0.0, (top - y0) * to_mask_y),
            min(float(_GLOW_PIXELS), (right - x0) * to_mask_x),
            min(float(_GLOW_PIXELS), (bottom - y0) * to_mask_y),
        )
        if part[2] - part[0] < 1 or part[3] - part[1] < 1:
            return
        mask = _glow_mask(falloff, round(strength, 2))
        mask = resized(mask, (right - left, bottom - top), box=part)
        self.image.paste(colour, (left, top, right, bottom), mask)

    def shadow(self, centre: Point, radius: float, *, strength: float = 0.45, colour: Colour = (16, 20, 36)) -> None:
        """The flat shadow of something standing on the ground."""
        self.glow(centre, (radius, radius * 0.2), colour, strength, falloff=1.2)

    def polygon(
        self, points: Sequence[Point], colour: Colour, *, opacity: float = 1.0, foot: Colour | None = None
    ) -> None:
        """A filled outline. With a `foot` colour, it turns to that towards its lower edge."""
        self.polygons([points], colour, opacity=opacity, foot=foot)

    def polygons(
        self,
        outlines: Sequence[Sequence[Point]],
        colour: Colour,
        *,
        opacity: float = 1.0,
        foot: Colour | None = None,
    ) -> None:
        """Several outlines as one shape: where they overlap, the opacity does not add up."""
        across = [x for outline in outlines for x, _ in outline]
        down = [y for outline in outlines for _, y in outline]

        def mark(draw: ImageDraw.ImageDraw, place: Place, _: float, ink: int) -> None:
            for outline in outlines:
                draw.polygon([place(x, y) for x, y in outline], fill=ink)

        self._shape((min(across), min(down), max(across), max(down)), mark, colour, opacity, foot)

    def land(self, ridge: Sequence[Point], colour: Colour, *, foot: Colour | None = None) -> None:
        """Everything below a line that runs from left to right."""
        down = [y for _, y in ridge]
        lowest, highest = min(float(self.height), max(down)), max(0.0, min(down))
        depth = max(1.0, self.height - highest)
        seam = mix(colour, foot, min(1.0, (lowest - highest) / depth)) if foot else None
        band = [(x, min(y, lowest)) for x, y in ridge]
        band += [(ridge[-1][0], lowest + 2), (ridge[0][0], lowest + 2)]
        self.polygon(band, colour, foot=seam)
        # Below the line's lowest point there is no edge to smooth.
        box = (0.0, lowest, float(self.width), self.height - lowest + 1)
        self.gradient(box, [(0, seam or colour), (1, foot or colour)])

    def ellipse(
        self, centre: Point, radii: Point, colour: Colour, *, opacity: float = 1.0, foot: Colour | None = None
    ) -> None:
        """A filled ellipse."""
        box = (centre[0] - radii[0], centre[1] - radii[1], centre[0] + radii[0], centre[1] + radii[1])

        def mark(draw: ImageDraw.ImageDraw, place: Place, _: float, ink: int) -> None:
            draw.ellipse((*place(box[0], box[1]), *place(box[2], box[3])), fill=ink)

        self._shape(box, mark, colour, opacity, foot)

    def disc(self, centre: Point, radius: float, colour: Colour, *, opacity: float = 1.0) -> None:
        """A filled circle."""
        self.ellipse(centre, (radius, radius), colour, opacity=opacity)

    def sphere(self, centre: Point, radius: float, light: Colour, dark: Colour) -> None:
        """A ball lit from the upper left."""
        side = max(2, round(2 * radius * self._scale))
        ball = resized(_sphere(light, dark), (side, side))
        size = (min(side, 4000), min(side, 4000))
        mask = Image.new("L", (size[0] * 2, size[1] * 2))
        ImageDraw.Draw(mask).ellipse((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), fill=255)
        corner = (round((centre[0] - radius) * self._scale), round((centre[1] - radius) * self._scale))
        self.image.paste(ball, corner, mask.reduce(2))

    def ring(self, centre: Point, radius: float, thickness: float, colour: Colour, *, opacity: float = 1.0) -> None:
        """A circle's outline, centred on the radius."""
        outer = radius + thickness / 2
        box = (centre[0] - outer, centre[1] - outer, centre[0] + outer, centre[1] + outer)

        def mark(draw: ImageDraw.ImageDraw, place: Place, scale: float, ink: int) -> None:
            corners = (*place(box[0], box[1]), *place(box[2], box[3]))
            draw.ellipse(corners, outline=ink, width=max(1, round(thickness * scale)))

        self._shape(box, mark, colour, opacity, None)

    def box(
        self, box: Box, colour: Colour, *, radius: float = 0.0, opacity: float = 1.0, foot: Colour | None = None
    ) -> None:
        """A rectangle, its corners rounded by a radius."""
        left, top, width, height = box
        if not radius and opacity >= 1 and foot is None:
            edges = (left, top, left + width, top + height)
            x0, y0, x1, y1 = (round(edge * self._scale) for edge in edges)
            if x1 > x0 and y1 > y0:
                self.image.paste(colour, (x0, y0, x1, y1))
            return

        def mark(draw: ImageDraw.ImageDraw, place: Place, scale: float, ink: int) -> None:
            corners = (*place(left, top), *place(left + width, top + height))
            draw.rounded_rectangle(corners, radius=radius * scale, fill=ink)

        self._shape((left, top, left + width, top + height), mark, colour, opacity, foot)

    def line(self, points: Sequence[Point], thickness: float, colour: Colour, *, opacity: float = 1.0) -> None:
        """A stroke with round ends and joints."""
        half = thickness / 2
        across, down = [x for x, _ in points], [y for _, y in points]

        def mark(draw: ImageDraw.ImageDraw, place: Place, scale: float, ink: int) -> None:
            placed = [place(x, y) for x, y in points]
            draw.line(placed, fill=ink, width=max(1, round(thickness * scale)), joint="curve")
            for x, y in (placed[0], placed[-1]):
                draw.ellipse((x - half * scale, y - half * scale, x + half * scale, y + half * scale), fill=ink)

        bounds = (min(across) - half, min(down) - half, max(across) + half, max(down) + half)
        self._shape(bounds, mark, colour, opacity, None)

    def dots(self, dots: Sequence[tuple[float, float, float, float]], colour: Colour) -> None:
        """Many small discs, each x, y, radius, opacity."""
        for x, y, radius, opacity in dots:
            stamp = _dot(max(2, round(radius * self._scale * 4)), round(opacity * 10))
            corner = (round(x * self._scale - stamp.width / 2), round(y * self._scale - stamp.height / 2))
            self.image.paste(colour, (*corner, corner[0] + stamp.width, corner[1] + stamp.height), stamp)

    def layer(self, layer: Image.Image, centre: Point) -> None:
        """Put an RGBA picture over this one."""
        corner = (round(centre[0] - layer.width / 2), round(centre[1] - layer.height / 2))
        self.image.paste(layer, corner, layer)

    def _shape(
        self, bounds: tuple[float, float, float, float], mark: Mark, colour: Colour, opacity: float, foot: Colour | None
    ) -> None:
        scale = self._scale
        left, top = max(0, math.floor(bounds[0] * scale)), max(0, math.floor(bounds[1] * scale))
        right = min(self.image.width, math.ceil(bounds[2] * scale) + 1)
        bottom = min(self.image.height, math.ceil(bounds[3] * scale) + 1)
        width, height = right - left, bottom - top
        if width <= 0 or height <= 0:
            return
        samples = 2 if width * height > _LARGE_PIXELS else 3
        grow = samples * scale
        mask = Image.new("L", (width * samples, height * samples))
        mark(
            ImageDraw.Draw(mask),
            lambda x, y: (x * grow - left * samples, y * grow - top * samples),
            grow,
            round(255 * min(1.0, max(0.0, opacity))),
        )
        mask = mask.reduce(samples)
        if foot is None:
            self.image.paste(colour, (left, top, right, bottom), mask)
        else:
            self.image.paste(_blend(((0, colour), (1, foot)), 90, (width, height)), (left, top), mask)


def _blend(stops: Stops, angle: float, size: Size) -> Image.Image:
    """A gradient, computed at a few places and enlarged."""
    upright, level = 90, 0
    if angle in {upright, level}:
        length = size[1] if angle == upright else size[0]
        count = min(length, _STRAIGHT_CELLS)
        line = [_between(stops, (at + 0.5) / count) for at in range(count)]
        # Smooth along the line first; across it all pixels are equal.
        if angle == upright:
            return resized(resized(_pixels((1, count), line), (1, length)), size, NEAREST)
        return resized(resized(_pixels((count, 1), line), (length, 1)), size, NEAREST)
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    reach = abs(cos) + abs(sin)
    steps = [cell / (_ANGLED_CELLS - 1) - 0.5 for cell in range(_ANGLED_CELLS)]
    cells = [_between(stops, (x * cos + y * sin) / reach + 0.5) for y in steps for x in steps]
    return resized(_pixels((_ANGLED_CELLS, _ANGLED_CELLS), cells), size, SMOOTHER)


def _pixels(size: tuple[int, int], colours: list[Colour]) -> Image.Image:
    return Image.frombytes("RGB", size, bytes(channel for colour in colours for channel in colour))


def _between(stops: Stops, at: float) -> Colour:
    for (start, first), (end, second) in pairwise(stops):
        if at <= end:
            return mix(first, second, max(0.0, (at - start) / (end - start)) if end > start else 0.0)
    return stops[-1][1]


@cache
def _glow_mask(falloff: float, strength: float) -> Image.Image:
    # Pillow's radial gradient reads about 180 at the middle of an edge, not 255: measured, so that no edge shows.
    distance = resized(Image.radial_gradient("L"), (_GLOW_PIXELS, _GLOW_PIXELS))
    edge = max(1, distance.crop((0, _GLOW_PIXELS // 2, 1, _GLOW_PIXELS // 2 + 1)).tobytes()[0] - 2)
    return mapped(distance, lambda value: 255 * strength * max(0.0, 1 - value / edge) ** falloff)


@lru_cache(maxsize=64)
def _sphere(light: Colour, dark: Colour) -> Image.Image:
    # The gradient's middle comes to the upper left, at 34, 32 of 96.
    distance = Image.radial_gradient("L").transform(
        (96, 96), Image.Transform.AFFINE, (2, 0, 60, 0, 2, 64), Image.Resampling.BILINEAR
    )
    share = mapped(distance, lambda value: 255 * min(1.0, (value / 165) ** 1.6))
    return Image.composite(Image.new("RGB", share.size, dark), Image.new("RGB", share.size, light), share)


@cache
def _dot(quarter_pixels: int, tenths: int) -> Image.Image:
    radius = quarter_pixels / 4
    size = math.ceil(radius) * 2 + 1
    mask = Image.new("L", (size * 4, size * 4))
    middle, reach = size * 2, radius * 4
    ImageDraw.Draw(mask).ellipse((middle - reach, middle - reach, middle + reach, middle + reach), fill=tenths * 25)
    return mask.reduce(4)
