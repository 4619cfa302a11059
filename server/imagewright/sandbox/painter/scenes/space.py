"""Space: stars, clouds of gas, planets; or standing on one of them."""

import math

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade, turn
from imagewright.sandbox.painter.scenes.land import hill_line
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.sky import paint_stars
from imagewright.sandbox.painter.stamp import Light

_PLANETS = (
    ("e8895b", "7a2f4d"),
    ("6fb7e8", "27408f"),
    ("f2c879", "a4553b"),
    ("9fd8c4", "235a73"),
    ("c79df0", "4a2a86"),
)


def paint_space(scene: Scene) -> Stage:
    """Deep space, with ground to stand on where the prompt lands."""
    canvas, rng, brief = scene.canvas, scene.rng, scene.brief
    landed = "moon" in brief.places
    first, second = (
        (scene.palette.main, scene.palette.second)
        if scene.palette.asked
        else (rgb(rng.choice(("6a3fc4", "2f5fd0", "b0368c"))), rgb(rng.choice(("1fa6c9", "d0527f", "e0793f"))))
    )
    canvas.fill(
        [
            (0, mix(rgb("05060f"), first, 0.06)),
            (0.5, mix(rgb("0b0e26"), first, 0.16)),
            (1, mix(rgb("120a26"), second, 0.14)),
        ],
        angle=rng.choice((50, 70, 110, 130)),
    )
    slope, middle = rng.uniform(-0.6, 0.6), rng.uniform(0.35, 0.65)
    with canvas.soft() as soft:
        for at in range(16):
            x = canvas.width * (at / 15)
            y = canvas.height * (middle + slope * (at / 15 - 0.5)) + rng.gauss(0, 0.08) * canvas.unit
            soft.glow(
                (x, y),
                (canvas.unit * rng.uniform(0.18, 0.36), canvas.unit * rng.uniform(0.1, 0.24)),
                rng.choice((first, second, turn(first, 20))),
                rng.uniform(0.25, 0.5),
                falloff=1.7,
            )
        soft.glow(
            (canvas.width * rng.uniform(0.3, 0.7), canvas.height * middle),
            (canvas.unit * 0.3, canvas.unit * 0.14),
            mix(second, WHITE, 0.5),
            0.4,
        )
    paint_stars(scene, canvas.height, 230)
    for _ in range(9):
        x, y, size = canvas.width * rng.random(), canvas.height * rng.random(), canvas.unit * rng.uniform(0.008, 0.016)
        canvas.glow((x, y), (size * 2.4, size * 2.4), mix(first, WHITE, 0.6), 0.6)
        canvas.polygons(
            [
                [(x - size, y), (x, y - size * 0.1), (x + size, y), (x, y + size * 0.1)],
                [(x, y - size), (x + size * 0.1, y), (x, y + size), (x - size * 0.1, y)],
            ],
            WHITE,
            opacity=0.9,
        )
    side = scene.framing.side
    colours = (
        (mix(first, WHITE, 0.3), shade(second, 0.45))
        if scene.palette.asked
        else tuple(rgb(code) for code in rng.choice(_PLANETS))
    )
    _planet(
        scene,
        (canvas.width * (0.5 + side * 0.32), canvas.height * 0.24),
        canvas.unit * rng.uniform(0.13, 0.18),
        colours[0],
        colours[1],
        ringed=rng.choice((True, True, False)),
    )
    _planet(
        scene,
        (canvas.width * (0.5 - side * 0.36), canvas.height * rng.uniform(0.16, 0.4)),
        canvas.unit * 0.04,
        rgb("d9d3ea"),
        rgb("5a5480"),
        ringed=False,
    )
    light = Light(mix(first, (30, 30, 70), 0.3), 0.14)
    if landed:
        return _surface(scene, light)
    if not brief.subjects:
        _planet(
            scene,
            (canvas.width * (0.5 - side * 0.1), canvas.height * 1.28),
            canvas.unit * 0.62,
            colours[1],
            shade(colours[1], 0.3),
            ringed=False,
        )
    return Stage(
        ground=canvas.height * 0.8,
        back=canvas.height * 0.7,
        air=canvas.height * 0.55,
        height=canvas.unit * 0.46 * scene.framing.size,
        centre=scene.framing.centre,
        light=light,
        medium="weightless",
    )


def _planet(
    scene: Scene, centre: tuple[float, float], radius: float, bright: Colour, dark: Colour, *, ringed: bool
) -> None:
    canvas, rng = scene.canvas, scene.rng
    canvas.glow(centre, (radius * 1.5, radius * 1.5), bright, 0.4, falloff=1.8)
    if ringed:
        _ring(scene, centre, radius, bright, back=True)
    canvas.sphere(centre, radius, mix(bright, WHITE, 0.2), mix(bright, dark, 0.7))
    for _ in range(5):
        y = rng.uniform(-0.8, 0.8)
        half = math.sqrt(1 - y * y)
        thick = rng.uniform(0.04, 0.13)
        band = [
            (centre[0] + radius * half * math.cos(a), centre[1] + radius * (y + thick * math.sin(a)))
            for a in (at * 0.314 for at in range(20))
        ]
        inside = [
            (
                x,
                min(
                    max(y1, centre[1] - math.sqrt(max(0.0, radius**2 - (x - centre[0]) ** 2))),
                    centre[1] + math.sqrt(max(0.0, radius**2 - (x - centre[0]) ** 2)),
                ),
            )
            for x, y1 in band
        ]
        canvas.polygon(inside, mix(bright, rng.choice((dark, WHITE)), 0.3), opacity=0.6)
    # The night side: the disc less a disc of light.
    for at, opacity in ((0.95, 0.4), (0.75, 0.4), (0.5, 0.4)):
        canvas.polygon(_crescent(centre, radius * 1.003, at), shade(dark, 0.5), opacity=opacity)
    if ringed:
        _ring(scene, centre, radius, bright, back=False)


def _crescent(centre: tuple[float, float], radius: float, width: float) -> list[tuple[float, float]]:
    """The dark part of a disc lit from the upper left; `width` is its share of the radius."""
    tilt, bulge = 0.7, 1 - width
    cos, sin = math.cos(tilt), math.sin(tilt)
    turns = [-math.pi / 2 + math.pi * at / 18 for at in range(19)]
    edge = [(math.cos(turn), math.sin(turn)) for turn in turns] + [
        (bulge * math.cos(turn), math.sin(turn)) for turn in reversed(turns)
    ]
    return [(centre[0] + radius * (x * cos - y * sin), centre[1] + radius * (x * sin + y * cos)) for x, y in edge]


def _ring(scene: Scene, centre: tuple[float, float], radius: float, colour: Colour, *, back: bool) -> None:
    tilt = -0.35
    start = math.pi if back else 0.0
    for reach, thickness, opacity in ((1.75, 0.1, 0.75), (1.5, 0.07, 0.5)):
        points: list[tuple[float, float]] = []
        for at in range(31):
            angle = start + math.pi * at / 30
            x, y = radius * reach * math.cos(angle), radius * reach * 0.24 * math.sin(angle)
            points.append(
                (
                    centre[0] + x * math.cos(tilt) - y * math.sin(tilt),
                    centre[1] + x * math.sin(tilt) + y * math.cos(tilt),
                )
            )
        scene.canvas.line(points, radius * thickness, mix(colour, WHITE, 0.4), opacity=opacity)


def _surface(scene: Scene, light: Light) -> Stage:
    canvas, rng = scene.canvas, scene.rng
    base = rgb("c4683c") if scene.brief.says("mars") else rgb("b9bcc8")
    for at in range(3):
        line = hill_line(rng, canvas, canvas.height * (0.7 + 0.07 * at), canvas.height * 0.02)
        colour = mix(base, rgb("0d1030"), 0.55 - 0.18 * at)
        canvas.land(line, colour, foot=shade(colour, 0.7))
    for _ in range(9):
        share = rng.random()
        x, y, half = (
            canvas.width * rng.random(),
            canvas.height * (0.84 + 0.14 * share),
            canvas.unit * rng.uniform(0.03, 0.07) * (0.5 + share),
        )
        canvas.ellipse((x, y), (half, half * 0.26), mix(base, (0, 0, 0), 0.5))
        canvas.ellipse((x, y + half * 0.07), (half * 0.92, half * 0.2), mix(base, (0, 0, 0), 0.3))
    return Stage(
        ground=canvas.height * 0.88,
        back=canvas.height * 0.82,
        air=canvas.height * 0.34,
        height=canvas.unit * 0.5 * (0.5 + 0.5 * scene.framing.size),
        centre=scene.framing.centre,
        light=light,
    )
