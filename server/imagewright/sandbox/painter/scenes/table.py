"""Still life on a table, and products on a studio's podium."""

import math

from imagewright.sandbox.painter.colour import WHITE, Colour, hls, mix, rgb, shade, turn
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.stamp import Light


def paint_table(scene: Scene) -> Stage:
    """Boards in front of a soft, warm room or a window."""
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    pale = scene.brief.style in {"watercolour", "flat"} or scene.brief.says(
        "bright", "white", "morning", "light", "minimal", "minimalist"
    )
    wall = mix(palette.main, rgb("fbf0df"), 0.66) if pale else mix(palette.main, rgb("4a382e"), 0.55)
    edge = canvas.height * ((0.6 if canvas.height <= canvas.width * 1.2 else 0.64) + scene.framing.lift * 0.6)
    canvas.gradient(
        (0, 0, canvas.width, edge + 2),
        [(0, shade(wall, 0.86)), (0.65, wall), (1, mix(wall, WHITE, 0.14))],
        angle=rng.choice((70, 110)),
    )
    side = 0.5 + 0.3 * scene.framing.side
    with canvas.soft() as soft:
        soft.glow(
            (canvas.width * side, canvas.height * 0.12),
            (canvas.unit * 0.8, canvas.unit * 0.62),
            rgb("fff1d4"),
            0.6 if not pale else 0.75,
            falloff=1.6,
        )
    if scene.pick(2) and not pale:
        _bokeh(scene, edge, pale=pale)
    else:
        _window_light(scene, edge)
    _boards(scene, edge, pale=pale)
    alone = sum(subject.count for subject in scene.brief.subjects) <= 1
    return Stage(
        ground=edge + (canvas.height - edge) * (0.56 if alone else 0.6),
        back=edge + (canvas.height - edge) * 0.3,
        air=canvas.height * 0.3,
        height=canvas.unit * (0.5 if alone else 0.44) * (0.4 + 0.6 * scene.framing.size),
        centre=(0.5 + scene.framing.centre) / 2,
        light=Light(rgb("ffdcae"), 0.05),
        medium="table",
        shadow=rgb("2a1408"),
        shadow_strength=0.55,
        spread=0.8,
    )


def _bokeh(scene: Scene, edge: float, *, pale: bool) -> None:
    canvas, rng = scene.canvas, scene.rng
    tints = (rgb("ffe3a8"), rgb("ffd0a0"), rgb("fff4e0"), mix(scene.palette.accent, WHITE, 0.4))
    for _ in range(round(13 * canvas.width / canvas.unit)):
        radius = canvas.unit * rng.uniform(0.022, 0.075)
        place = (canvas.width * rng.random(), edge * rng.uniform(0.05, 0.85))
        tint = rng.choice(tints)
        canvas.disc(place, radius, tint, opacity=0.2 if pale else 0.17)
        canvas.ring(place, radius * 0.96, radius * 0.06, tint, opacity=0.22)


def _window_light(scene: Scene, edge: float) -> None:
    canvas = scene.canvas
    lean = canvas.unit * 0.2 * scene.framing.side * -1
    left, width = canvas.width * (0.5 if scene.framing.side < 0 else 0.16), canvas.unit * 0.3
    with canvas.soft() as soft:
        for row in range(2):
            for column in range(2):
                x, y = left + column * width * 0.56 + lean * row * 0.4, edge * (0.14 + 0.36 * row)
                soft.polygon(
                    [
                        (x, y),
                        (x + width * 0.5, y),
                        (x + width * 0.5 + lean * 0.36, y + edge * 0.32),
                        (x + lean * 0.36, y + edge * 0.32),
                    ],
                    rgb("fff6df"),
                    opacity=0.5,
                )


def _boards(scene: Scene, edge: float, *, pale: bool) -> None:
    canvas, rng = scene.canvas, scene.rng
    depth = canvas.height - edge
    wood = rgb(rng.choice(("c99c68", "d8b384") if pale else ("9c6536", "84512c", "a8743f")))
    canvas.gradient((0, edge, canvas.width, depth), [(0, mix(wood, WHITE, 0.12)), (0.22, wood), (1, shade(wood, 0.66))])
    boards = 5
    grain: list[list[tuple[float, float]]] = []
    for board in range(boards):
        top = edge + depth * (board / boards) ** 1.35
        bottom = edge + depth * ((board + 1) / boards) ** 1.35
        canvas.gradient(
            (0, top, canvas.width, bottom - top),
            [(0, shade(wood, rng.uniform(0.8, 1.15))), (1, shade(wood, rng.uniform(0.8, 1.1)))],
            angle=0,
            opacity=0.25,
        )
        canvas.box((0, top, canvas.width, max(1.0, (bottom - top) * 0.03)), shade(wood, 0.4), opacity=0.65)
        for _ in range(7):
            y, x, length = (
                top + (bottom - top) * rng.uniform(0.15, 0.9),
                canvas.width * rng.uniform(-0.1, 1),
                canvas.width * rng.uniform(0.12, 0.4),
            )
            bend = canvas.unit * rng.uniform(-0.006, 0.006)
            thick = canvas.unit * 0.0014
            grain.append([(x, y), (x + length / 2, y + bend), (x + length, y), (x + length / 2, y + bend + thick * 2)])
    canvas.polygons(grain, shade(wood, 0.5), opacity=0.4)
    canvas.box((0, edge, canvas.width, max(1.0, canvas.unit * 0.004)), mix(wood, WHITE, 0.45))
    with canvas.soft() as soft:
        soft.glow(
            (canvas.width * 0.42, edge + depth * 0.2),
            (canvas.width * 0.55, depth * 0.6),
            rgb("ffe6bd"),
            0.38,
            falloff=1.5,
        )


def paint_studio(scene: Scene) -> Stage:
    """A seamless backdrop with a disc or an arch and a podium in one family of colours."""
    canvas, rng = scene.canvas, scene.rng
    base = _backdrop_colour(scene)
    floor = canvas.height * (0.7 if canvas.height <= canvas.width * 1.2 else 0.66)
    dark = hls(base)[1] < 0.3  # noqa: PLR2004  lightness
    canvas.gradient(
        (0, 0, canvas.width, floor + 2), [(0, mix(base, WHITE, 0.1)), (1, mix(base, WHITE, 0.3 if not dark else 0.12))]
    )
    canvas.gradient((0, floor, canvas.width, canvas.height - floor), [(0, shade(base, 0.97)), (1, shade(base, 0.84))])
    with canvas.soft() as soft:
        soft.glow(
            (canvas.width / 2, floor),
            (canvas.width * 0.7, canvas.unit * 0.09),
            mix(base, WHITE, 0.26),
            0.8,
            falloff=1.2,
        )
        soft.glow((canvas.width * 0.3, canvas.height * 0.1), (canvas.unit * 0.8, canvas.unit * 0.7), WHITE, 0.35)
    kind = scene.pick(3)
    middle, unit = canvas.width / 2, canvas.unit
    shape = mix(turn(base, rng.choice((-24, 24))), WHITE, 0.12)
    top = floor - unit * 0.06
    if kind == 0:
        canvas.ellipse(
            (middle, floor - unit * 0.3), (unit * 0.34, unit * 0.34), mix(shape, WHITE, 0.3), foot=shade(shape, 0.98)
        )
    elif kind == 1:
        canvas.box(
            (middle - unit * 0.3, floor - unit * 0.62, unit * 0.6, unit * 0.7),
            mix(shape, WHITE, 0.2),
            radius=unit * 0.299,
            foot=shade(shape, 0.95),
        )
        canvas.gradient((0, floor, canvas.width, unit * 0.09), [(0, shade(base, 0.97)), (1, shade(base, 0.95))])
    else:
        for at, (dx, radius) in enumerate(((-0.34, 0.13), (0.36, 0.2), (0.24, 0.08))):
            y = floor + unit * 0.03 * at - radius * unit * 0.8
            canvas.shadow(
                (middle + unit * dx, y + radius * unit * 0.96), radius * unit, strength=0.35, colour=shade(base, 0.4)
            )
            ball(scene, (middle + unit * dx, y), unit * radius, mix(shape, WHITE, 0.1 * at))
    if scene.brief.style == "sketch":
        canvas.box((0, 0, canvas.width, canvas.height), rgb("f6f3ee"))
        return Stage(
            ground=canvas.height * 0.78,
            back=canvas.height * 0.72,
            air=canvas.height * 0.35,
            height=unit * 0.6,
            light=Light(),
            medium="table",
        )
    wide = 1.0 + 0.28 * (sum(subject.count for subject in scene.brief.subjects) > 1)
    _podium(scene, (middle, top), unit * 0.27 * wide, unit * 0.11, mix(base, WHITE, 0.3))
    if not scene.brief.subjects:
        ball(scene, (middle, top - unit * 0.16), unit * 0.17, scene.palette.accent)
    return Stage(
        ground=top + unit * 0.022,
        back=top - unit * 0.004,
        air=canvas.height * 0.3,
        height=unit * 0.44,
        light=Light(base, 0.04),
        medium="table",
        shadow=shade(base, 0.3),
        shadow_strength=0.45,
        spread=min(0.8, 0.5 * wide * unit / canvas.width + 0.06),
    )


def _backdrop_colour(scene: Scene) -> Colour:
    palette, subjects = scene.palette, scene.brief.subjects
    if palette.asked:
        return palette.main
    if scene.brief.says("dark", "black", "moody", "dramatic"):
        return rgb("262a36")
    if subjects and subjects[0].tint:
        return mix(turn(subjects[0].tint, 180), rgb("e9e4dc"), 0.68)
    return mix(scene.rng.choice((palette.main, palette.second, palette.accent)), palette.ground, 0.5)


def ball(scene: Scene, centre: tuple[float, float], radius: float, colour: Colour) -> None:
    """A lit sphere."""
    canvas = scene.canvas
    canvas.sphere(centre, radius, mix(colour, WHITE, 0.35), shade(colour, 0.58))
    canvas.glow((centre[0] - radius * 0.36, centre[1] - radius * 0.4), (radius * 0.4, radius * 0.34), WHITE, 0.6)


def _podium(scene: Scene, top: tuple[float, float], half: float, height: float, colour: Colour) -> None:
    canvas = scene.canvas
    flat = half * 0.17
    x, y = top
    canvas.glow(
        (x + half * 0.12, y + height + flat * 0.7), (half * 1.45, flat * 2.2), shade(colour, 0.35), 0.5, falloff=1.2
    )
    lower = [
        (x + half * math.cos(at * math.pi / 20), y + height + flat * math.sin(at * math.pi / 20)) for at in range(21)
    ]
    canvas.polygon([(x + half, y), *lower, (x - half, y)], shade(colour, 0.9), foot=shade(colour, 0.78))
    shaded = [point for point in lower if point[0] > x + half * 0.25]
    canvas.polygon([(x + half, y), *shaded, (shaded[-1][0], y)], shade(colour, 0.62), opacity=0.25)
    canvas.ellipse(top, (half, flat), mix(colour, WHITE, 0.35), foot=mix(colour, WHITE, 0.1))
