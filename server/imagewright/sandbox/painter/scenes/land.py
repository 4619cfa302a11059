"""The lie of the land: mountain ranges, hills, dunes, water."""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random

from PIL import Image

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour, mix, shade
from imagewright.sandbox.painter.raster import resized
from imagewright.sandbox.painter.scenes.scene import Scene
from imagewright.sandbox.painter.svgpath import Point

Line = list[Point]

_NEAREST = 2  # of the three ranges: low, and without snow


def hill_line(rng: Random, canvas: Canvas, y: float, swing: float, waves: int = 3) -> Line:
    """A soft ridge across the canvas, `swing` pixels up and down."""
    parts = [(rng.uniform(0.35, 0.8) * (at + 1), rng.uniform(0, 6.28), 1 / (at + 1)) for at in range(waves)]
    stretch = max(1.0, canvas.width / canvas.height)
    steps = 56
    return [
        (
            canvas.width * step / steps,
            y
            - swing
            * sum(math.sin(6.28 * speed * stretch * step / steps + phase) * weight for speed, phase, weight in parts)
            / 1.4,
        )
        for step in range(steps + 1)
    ]


def height_at(line: Line, x: float) -> float:
    """The y of a line at an x."""
    for (x0, y0), (x1, y1) in pairwise(line):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / max(1e-6, x1 - x0)
    return line[-1][1]


def paint_mountains(scene: Scene, horizon: float, *, height: float, snow: bool, colour: Colour) -> None:
    """Three ranges, the far ones paler."""
    for layer, (distance, share) in enumerate(((0.72, 1.0), (0.48, 0.74), (0.26, 0.46))):
        body = scene.air.far(colour, distance)
        peaks = _peaks(scene, height * share, layer)
        for x, peak, half in peaks:
            _peak(scene, (x, horizon), peak, half, body, snow=snow and layer < _NEAREST)
        if layer < _NEAREST:  # mist lies between the ranges
            canvas = scene.canvas
            canvas.glow(
                (canvas.width / 2, horizon),
                (canvas.width * 0.9, height * share * 0.5),
                scene.air.haze,
                0.6,
                falloff=1.2,
            )


def _peaks(scene: Scene, height: float, layer: int) -> list[tuple[float, float, float]]:
    rng, width = scene.rng, scene.canvas.width
    count = max(3, round(width / height * (1.15 + layer * 0.5)))
    chosen = rng.randrange(count)
    peaks = [
        (
            width * (at + 0.5 + rng.uniform(-0.3, 0.3)) / count,
            height * (rng.uniform(0.5, 0.78) if at != chosen else 1.0),
            height * rng.uniform(0.75, 1.05),
        )
        for at in range(count)
    ]
    return sorted(peaks, key=lambda peak: -peak[1])


def _peak(scene: Scene, foot: Point, height: float, half: float, body: Colour, *, snow: bool) -> None:
    """One mountain: a lit side, a shaded side, snow down to a ragged line."""
    canvas, rng, air = scene.canvas, scene.rng, scene.air
    x, y = foot
    top = (x, y - height)
    left, right = _slope(rng, top, (x - half, y + 2)), _slope(rng, top, (x + half, y + 2))
    base = mix(body, air.haze, 0.55)
    canvas.polygon([*reversed(left), *right], body, foot=base)
    spine = _slope(rng, top, (x + half * rng.uniform(-0.2, 0.12), y + 2), wobble=0.07)
    shadow = mix(shade(body, 0.74), air.stops[0], 0.22)
    canvas.polygon([*right, *reversed(spine)], shadow, opacity=0.75, foot=base)
    if snow:
        white = mix(WHITE, air.stops[3], 0.28 if air.time != "night" else 0.5)
        white = mix(white, air.light.ambient, air.light.share)
        depth = rng.uniform(0.32, 0.46)
        canvas.polygon(_cap(rng, left, spine, depth), white, opacity=0.95)
        canvas.polygon(_cap(rng, right, spine, depth * 0.92), mix(white, shadow, 0.42), opacity=0.95)


def _slope(rng: Random, top: Point, end: Point, wobble: float = 0.035) -> Line:
    steps = 7
    reach = abs(end[1] - top[1])
    points = [top]
    for step in range(1, steps):
        share = (step / steps) ** 0.92
        shift = rng.uniform(-wobble, wobble) * reach
        points.append((top[0] + (end[0] - top[0]) * share + shift, top[1] + (end[1] - top[1]) * (step / steps)))
    return [*points, end]


def _cap(rng: Random, side: Line, spine: Line, depth: float) -> Line:
    """From the top down one side, back up the spine, with teeth between."""
    cut = side[0][1] + (side[-1][1] - side[0][1]) * depth
    outer = [point for point in side if point[1] < cut] + [_crossing(side, cut)]
    inner = [point for point in spine if point[1] < cut] + [_crossing(spine, cut)]
    start, end = outer[-1], inner[-1]
    reach = side[-1][1] - side[0][1]
    teeth = [
        (start[0] + (end[0] - start[0]) * at / 6, cut + reach * (0.09 * (at % 2) - 0.05 + rng.uniform(-0.02, 0.03)))
        for at in range(1, 6)
    ]
    return [*outer, *teeth, *reversed(inner)]


def _crossing(line: Line, y: float) -> Point:
    for (x0, y0), (x1, y1) in pairwise(line):
        if y0 <= y <= y1:
            return x0 + (x1 - x0) * (y - y0) / max(1e-6, y1 - y0), y
    return line[-1]


def paint_water(scene: Scene, shore: float, *, sun: Point, mirror: bool) -> None:
    """Water from the shore line down: mirrored land or open sea, with light on it."""
    canvas, air, rng = scene.canvas, scene.air, scene.rng
    depth = canvas.height - shore
    deep = mix(air.stops[0], (16, 62, 104), 0.45 if air.time in {"day", "dawn"} else 0.3)
    if scene.palette.asked:
        deep = mix(deep, scene.palette.deep, 0.5)
    if mirror:
        top = max(0, round(shore - depth / 0.8))
        upper = canvas.image.crop((0, top, canvas.width, round(shore))).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        canvas.image.paste(resized(upper, (canvas.width, round((shore - top) * 0.8) + 1)), (0, round(shore)))
        canvas.gradient(
            (0, shore, canvas.width, depth + 1), [(0, mix(air.stops[3], deep, 0.4)), (1, deep)], opacity=0.42
        )
    else:
        near = mix(air.stops[3], deep, 0.35)
        canvas.gradient(
            (0, shore, canvas.width, depth + 1), [(0, near), (0.3, mix(near, deep, 0.55)), (1, shade(deep, 0.8))]
        )
    for light, count, opacity in ((mix(air.stops[3], WHITE, 0.4), 34, 0.24), (shade(deep, 0.7), 26, 0.2)):
        canvas.polygons(
            [_ripple(canvas, rng, shore, rng.random() * canvas.width, 0.05, 0.2) for _ in range(count)],
            light,
            opacity=opacity,
        )
    glitter = [_ripple(canvas, rng, shore, sun[0], 0.03, 0.11, spread=0.5) for _ in range(46)]
    canvas.polygons(glitter, mix(air.sun, WHITE, 0.25), opacity=0.6)


def _ripple(
    canvas: Canvas, rng: Random, shore: float, x: float, least: float, most: float, *, spread: float = 0.0
) -> Line:
    share = rng.random() ** 1.4
    y = shore + (canvas.height - shore) * (share * 0.96 + 0.015)
    half = canvas.unit * rng.uniform(least, most) * (0.35 + share) / 2
    x += rng.uniform(-1, 1) * canvas.unit * 0.12 * spread * (0.4 + share)
    thick = canvas.unit * 0.0018 * (0.6 + 1.8 * share)
    return [
        (x - half, y),
        (x - half * 0.4, y - thick),
        (x + half * 0.4, y - thick),
        (x + half, y),
        (x + half * 0.4, y + thick),
        (x - half * 0.4, y + thick),
    ]


def paint_ground(
    scene: Scene, lines: list[Line], colours: list[Colour], *, tint: Callable[[Colour], Colour] | None = None
) -> None:
    """Bands of land from far to near."""
    for line, colour in zip(lines, colours, strict=True):
        near = tint(colour) if tint else colour
        scene.canvas.land(line, mix(near, scene.air.stops[3], 0.14), foot=shade(near, 0.86))
