"""Cities: a skyline over water, and a street for what drives on it."""

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.scenes.land import Line, paint_water
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.sky import paint_sky
from imagewright.sandbox.painter.svgpath import Point

_NEAREST = 2  # of the three rows
_NEON = ("ff3fa4", "35e0ff", "a566ff", "ffd23f", "3fffb0")


def paint_city(scene: Scene) -> Stage:
    """Towers in three depths; below them water that mirrors them, or a street if something stands in it."""
    canvas, brief = scene.canvas, scene.brief
    street = bool(brief.subjects) or "street" in brief.places
    base = canvas.height * ((0.7 if street else 0.66) + scene.framing.lift * 0.6)
    sun = paint_sky(scene, base, sun=0.5 + scene.framing.side * scene.rng.uniform(0.2, 0.3))
    lit = scene.air.dark or brief.style == "neon"
    for depth in range(3):
        _towers(scene, base, depth, lit=lit)
        if depth < _NEAREST:  # haze lies between the rows
            canvas.glow(
                (canvas.width / 2, base), (canvas.width * 0.9, canvas.height * 0.2), scene.air.haze, 0.5, falloff=1.3
            )
    if street:
        return _street(scene, base, lit=lit)
    paint_water(scene, base, sun=sun, mirror=True)
    quay = mix(scene.air.stops[0], (20, 24, 36), 0.6)
    canvas.box((0, base - canvas.unit * 0.006, canvas.width, canvas.unit * 0.012), quay)
    return Stage(
        ground=canvas.height * 0.9,
        back=canvas.height * 0.8,
        air=canvas.height * 0.26,
        height=canvas.unit * 0.3,
        light=scene.air.light,
        medium="afloat",
    )


def _towers(scene: Scene, base: float, depth: int, *, lit: bool) -> None:
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    distance = (0.56, 0.3, 0.08)[depth]
    colour = scene.air.far(mix(rgb("3c4f74"), scene.palette.deep, 0.35 if scene.palette.asked else 0.0), distance)
    reach = canvas.height * (0.52, 0.42, 0.3)[depth] * (0.7 if "fireworks" in scene.brief.weather else 1.0)
    x = -unit * rng.uniform(0, 0.06)
    windows: dict[Colour, list[Line]] = {}
    while x < canvas.width:
        width = unit * rng.uniform(0.065, 0.13) * (0.85 + 0.2 * depth)
        height = reach * rng.choice((0.45, 0.6, 0.7, 0.85, 1.0)) * rng.uniform(0.85, 1.08)
        _tower(scene, (x, base), width, height, colour)
        if depth:
            for panes, place in _panes(scene, (x, base), width, height, depth, lit=lit):
                windows.setdefault(panes, []).append(place)
        x += width + unit * rng.uniform(0.0, 0.02)
    for shine, places in windows.items():
        canvas.polygons(places, shine, opacity=0.95 if lit else 0.6)
    if scene.brief.style == "neon" and depth:
        _signs(scene, base, reach)


def _tower(scene: Scene, foot: Point, width: float, height: float, colour: Colour) -> None:
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    x, base = foot
    top = base - height
    fade = mix(colour, scene.air.haze, 0.35)
    roof = rng.randrange(5)
    outline: Line = [(x, base + 2), (x, top), (x + width, top), (x + width, base + 2)]
    if roof == 0:
        outline[1:3] = [(x, top + width * 0.35), (x + width, top)]
    elif roof == 1:
        step = width * 0.2
        outline[1:3] = [
            (x, top + step * 1.4),
            (x + step, top + step * 1.4),
            (x + step, top),
            (x + width - step, top),
            (x + width - step, top + step * 1.4),
            (x + width, top + step * 1.4),
        ]
    elif roof == 2:  # noqa: PLR2004  a roof with a mast
        outline[1:3] = [
            (x, top),
            (x + width * 0.46, top - width * 0.25),
            (x + width * 0.48, top - unit * 0.09),
            (x + width * 0.52, top - unit * 0.09),
            (x + width * 0.54, top - width * 0.25),
            (x + width, top),
        ]
    canvas.polygon(outline, colour, foot=fade)
    shaded = max(outline, key=lambda point: (point[0], -point[1]))[1]
    canvas.polygon(
        [(x + width * 0.68, base), (x + width * 0.68, shaded + width * 0.02), (x + width, shaded), (x + width, base)],
        shade(colour, 0.82),
        opacity=0.5,
    )


def _panes(
    scene: Scene, foot: Point, width: float, height: float, depth: int, *, lit: bool
) -> list[tuple[Colour, Line]]:
    rng, unit = scene.rng, scene.canvas.unit
    warm = [rgb("ffd98a"), rgb("ffe8b8"), rgb("f7b25c")]
    if scene.brief.style == "neon":
        warm = [rgb(code) for code in _NEON[:3]] + warm[:1]
    cool = [mix(scene.air.stops[3], WHITE, 0.35)]
    across, row = max(2, round(width / (unit * 0.026))), unit * (0.03 if depth == 1 else 0.036)
    style = rng.randrange(3)
    panes: list[tuple[Colour, Line]] = []
    y = foot[1] - height + row * 1.4
    share = (0.42 if style else 0.6) if lit else 0.75
    while y < foot[1] - row * 0.6:
        for at in range(across):
            if rng.random() > share:
                continue
            left = foot[0] + width * (at + 0.22) / across
            wide = width / across * (0.56, 0.56, 0.86)[style]
            tall = row * (0.42 if style != 1 else 0.6)
            panes.append(
                (
                    rng.choice(warm if lit else cool),
                    [(left, y), (left + wide, y), (left + wide, y + tall), (left, y + tall)],
                )
            )
        y += row
    return panes


def _signs(scene: Scene, base: float, reach: float) -> None:
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    for _ in range(round(6 * canvas.width / unit)):
        colour = rgb(rng.choice(_NEON))
        x, y = canvas.width * rng.random(), base - reach * rng.uniform(0.1, 0.7)
        tall = scene.chance(0.6)
        width, height = (
            (unit * 0.02, unit * rng.uniform(0.07, 0.14)) if tall else (unit * rng.uniform(0.06, 0.1), unit * 0.022)
        )
        canvas.glow((x + width / 2, y + height / 2), (width + unit * 0.06, height + unit * 0.04), colour, 0.65)
        canvas.box((x, y, width, height), mix(colour, WHITE, 0.25), radius=unit * 0.006)
        for at in range(3):
            mark = (
                (x + width * 0.28, y + height * (0.14 + 0.28 * at), width * 0.44, height * 0.16)
                if tall
                else (x + width * (0.12 + 0.28 * at), y + height * 0.3, width * 0.2, height * 0.4)
            )
            canvas.box(mark, shade(colour, 0.35))


def _street(scene: Scene, base: float, *, lit: bool) -> Stage:
    canvas, unit, air = scene.canvas, scene.canvas.unit, scene.air
    depth = canvas.height - base
    asphalt, walk = air.far(rgb("4b5160"), 0.06), air.far(rgb("a9a6a4"), 0.1)
    canvas.gradient((0, base, canvas.width, depth), [(0, mix(walk, air.haze, 0.3)), (1, walk)])
    kerb = base + depth * 0.26
    canvas.box((0, kerb - unit * 0.008, canvas.width, unit * 0.01), mix(walk, WHITE, 0.4))
    canvas.gradient(
        (0, kerb, canvas.width, canvas.height - kerb), [(0, shade(asphalt, 1.12)), (1, shade(asphalt, 0.86))]
    )
    middle = kerb + (canvas.height - kerb) * 0.45
    dash = unit * 0.17
    for at in range(round(canvas.width / dash) + 1):
        canvas.polygon(
            [
                (at * dash, middle),
                (at * dash + dash * 0.5, middle),
                (at * dash + dash * 0.46, middle + unit * 0.012),
                (at * dash - dash * 0.04, middle + unit * 0.012),
            ],
            rgb("f3ead2"),
            opacity=0.75,
        )
    _lamps(scene, base + depth * 0.2, lit=lit)
    if lit or scene.brief.weather & {"rain", "storm"}:
        with canvas.soft() as soft:
            for _ in range(12):
                tone = rgb(scene.rng.choice(_NEON)) if scene.brief.style == "neon" else rgb("ffd08a")
                soft.glow(
                    (canvas.width * scene.rng.random(), kerb + (canvas.height - kerb) * 0.4),
                    (unit * 0.035, depth * 0.5),
                    tone,
                    0.4,
                    falloff=1.4,
                )
    people = any(subject.motif.startswith(("person", "man", "woman")) for subject in scene.brief.subjects)
    foot = kerb - unit * 0.002 if people else middle + unit * 0.05
    return Stage(
        ground=foot,
        back=kerb + unit * 0.03,
        air=canvas.height * 0.26,
        height=unit * (0.36 if not people else 0.34),
        light=air.light,
    )


def _lamps(scene: Scene, foot: float, *, lit: bool) -> None:
    canvas, unit = scene.canvas, scene.canvas.unit
    pole = mix(scene.air.stops[0], (24, 26, 36), 0.7)
    count = max(2, round(canvas.width / unit * 2))
    for at in range(count):
        x, top = canvas.width * (at + 0.5) / count, foot - unit * 0.27
        canvas.box((x - unit * 0.004, top, unit * 0.008, unit * 0.27), pole, radius=unit * 0.003)
        canvas.line([(x, top), (x + unit * 0.045, top - unit * 0.008)], unit * 0.007, pole)
        canvas.ellipse(
            (x + unit * 0.05, top - unit * 0.003),
            (unit * 0.02, unit * 0.008),
            rgb("ffe6a8") if lit else mix(pole, WHITE, 0.3),
        )
        if lit:
            canvas.glow((x + unit * 0.05, top), (unit * 0.11, unit * 0.11), rgb("ffd98a"), 0.6)
