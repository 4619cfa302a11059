"""Trees, grass and flowers, drawn many at a time."""

import math

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.scenes.land import Line, height_at
from imagewright.sandbox.painter.scenes.scene import Scene

Tree = tuple[float, float, float]  # x, y of the foot, height


def paint_pines(canvas: Canvas, trees: list[Tree], colour: Colour, *, snow: Colour | None = None) -> None:
    """A row of conifers in one colour, the shaded half darker, with snow on their tiers if asked."""
    if not trees:
        return
    trunks = [
        [(x - h * 0.02, y), (x - h * 0.02, y - h * 0.2), (x + h * 0.02, y - h * 0.2), (x + h * 0.02, y)]
        for x, y, h in trees
    ]
    canvas.polygons(trunks, mix(colour, (46, 28, 20), 0.55))
    for x, y, h in trees:
        tiers = [_tier(x, y, h, tier) for tier in range(4)]
        canvas.polygons(tiers, colour, foot=shade(colour, 0.82))
        canvas.polygons([_right_half(x, tier) for tier in tiers], shade(colour, 0.72), opacity=0.5)
        if snow is not None:
            canvas.polygons([_snow(tier) for tier in tiers], snow, opacity=0.94)


def _tier(x: float, y: float, height: float, tier: int) -> Line:
    foot = y - height * (0.1 + 0.2 * tier)
    half = height * (0.23 - 0.047 * tier)
    top = foot - height * 0.31
    return [
        (x - half, foot),
        (x, top),
        (x + half, foot),
        (x + half * 0.5, foot - height * 0.018),
        (x, foot + height * 0.012),
        (x - half * 0.5, foot - height * 0.018),
    ]


def _right_half(x: float, tier: Line) -> Line:
    return [tier[1], tier[2], tier[3], (x + (tier[2][0] - x) * 0.14, tier[4][1])]


def _snow(tier: Line) -> Line:
    (xl, y), (x, top), (xr, _) = tier[:3]
    reach = y - top
    half = xr - x
    edge = 0.56
    return [
        (x, top),
        (x + half * edge, top + reach * edge),
        (x + half * 0.28, top + reach * 0.5),
        (x + half * 0.06, top + reach * 0.66),
        (x - half * 0.22, top + reach * 0.48),
        (x + (xl - x) * edge, top + reach * edge),
    ]


def paint_broadleaf(canvas: Canvas, trees: list[Tree], colour: Colour, scene: Scene) -> None:
    """Round-crowned trees; each crown a cluster with light from the upper left."""
    rng = scene.rng
    for x, y, h in trees:
        trunk = mix(colour, (70, 42, 28), 0.75)
        canvas.polygon(
            [(x - h * 0.035, y), (x - h * 0.02, y - h * 0.5), (x + h * 0.02, y - h * 0.5), (x + h * 0.04, y)], trunk
        )
        canvas.polygon(
            [(x, y - h * 0.3), (x + h * 0.13, y - h * 0.5), (x + h * 0.15, y - h * 0.48), (x + h * 0.01, y - h * 0.24)],
            trunk,
        )
        lobes = [(x + h * dx, y - h * dy, h * r * rng.uniform(0.92, 1.08)) for dx, dy, r in _LOBES]
        canvas.polygons([_blob(*lobe) for lobe in lobes], shade(colour, 0.82), foot=shade(colour, 0.62))
        canvas.polygons(
            [_blob(px - r * 0.12, py - r * 0.14, r * 0.84) for px, py, r in lobes], colour, foot=shade(colour, 0.8)
        )
        canvas.polygons(
            [_blob(px - r * 0.3, py - r * 0.32, r * 0.46) for px, py, r in lobes[2:]],
            mix(colour, (255, 244, 170), 0.22),
        )


_LOBES = (
    (-0.2, 0.5, 0.17),
    (0.2, 0.52, 0.17),
    (0.0, 0.56, 0.2),
    (-0.13, 0.7, 0.18),
    (0.14, 0.71, 0.17),
    (0.0, 0.83, 0.16),
)


def _blob(x: float, y: float, radius: float) -> Line:
    return [(x + radius * math.cos(step * 0.314), y + radius * 0.94 * math.sin(step * 0.314)) for step in range(20)]


def paint_birches(canvas: Canvas, trees: list[Tree], colour: Colour) -> None:
    """Bare trunks that leave the picture at the top."""
    trunks: list[Line] = []
    shades: list[Line] = []
    for x, y, h in trees:
        w = h * 0.028
        trunks.append([(x - w * 1.5, y), (x - w, y - h), (x + w, y - h), (x + w * 1.5, y)])
        shades.append([(x + w * 0.3, y), (x + w * 0.2, y - h), (x + w, y - h), (x + w * 1.5, y)])
        for side, at in ((-1, 0.52), (1, 0.66), (-1, 0.78)):
            trunks.append(
                [
                    (x, y - h * at),
                    (x + side * h * 0.16, y - h * (at + 0.13)),
                    (x + side * h * 0.165, y - h * (at + 0.125)),
                    (x, y - h * (at - 0.03)),
                ]
            )
    canvas.polygons(trunks, colour)
    canvas.polygons(shades, shade(colour, 0.7), opacity=0.6)


def tree_row(
    scene: Scene, line: Line, count: int, least: float, most: float, *, gap: tuple[float, float] = (2.0, 2.0)
) -> list[Tree]:
    """Places for trees along a line, leaving a gap (shares of the width) free; heights in pixels."""
    rng, width = scene.rng, scene.canvas.width
    trees: list[Tree] = []
    for at in range(count):
        x = width * (at + rng.uniform(0.1, 0.9)) / count
        if gap[0] < x / width < gap[1]:
            continue
        trees.append((x, height_at(line, x) + most * 0.05, rng.uniform(least, most)))
    return sorted(trees, key=lambda tree: tree[1])


def paint_grass(canvas: Canvas, scene: Scene, line: Line, colour: Colour, *, depth: float, count: int = 60) -> None:
    """Tufts of grass over a band below a line."""
    rng, unit = scene.rng, canvas.unit
    blades: list[Line] = []
    for _ in range(round(count * canvas.width / unit)):
        x = rng.random() * canvas.width
        share = rng.random()
        y = height_at(line, x) + depth * (0.05 + share)
        for _ in range(3):
            lean, size = rng.uniform(-0.5, 0.5), unit * rng.uniform(0.012, 0.024) * (0.5 + share)
            root = x + rng.uniform(-0.4, 0.4) * size
            blades.append([(root - size * 0.08, y), (root + lean * size, y - size), (root + size * 0.08, y)])
    canvas.polygons(blades, colour, opacity=0.75)


def paint_flowers(
    canvas: Canvas, scene: Scene, line: Line, colours: tuple[Colour, ...], *, depth: float, count: int = 70
) -> None:
    """Small flowers over a band below a line, larger towards the front."""
    rng, unit = scene.rng, canvas.unit
    spots: list[tuple[tuple[float, float], float, Colour]] = []
    for _ in range(round(count * canvas.width / unit)):
        share = rng.random() ** 0.8
        x = rng.random() * canvas.width
        spots.append(
            ((x, height_at(line, x) + depth * (0.06 + share)), unit * (0.003 + 0.007 * share), rng.choice(colours))
        )
    for colour in dict.fromkeys(colours):
        mine = [(place, size) for place, size, own in spots if own == colour]
        petals = [
            _blob(x + size * math.cos(1.257 * petal), y + size * 0.8 * math.sin(1.257 * petal), size * 0.62)
            for (x, y), size in mine
            for petal in range(5)
        ]
        if petals:
            canvas.polygons(petals, colour)
            canvas.dots([(x, y, size * 0.5, 1.0) for (x, y), size in mine], mix(rgb("ffc93c"), WHITE, 0.1))
