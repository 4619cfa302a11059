"""Abstract compositions: for backdrops, and for prompts whose words name no thing."""

import math
from collections.abc import Callable

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, shade, turn, with_lightness
from imagewright.sandbox.painter.scenes.land import hill_line
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.table import ball
from imagewright.sandbox.painter.stamp import Light

Composition = Callable[[Scene], None]


def paint_abstract(scene: Scene) -> Stage:
    """One of six compositions; the next one for each further variant."""
    brief = scene.brief
    kinds: tuple[Composition, ...] = (_waves, _bauhaus, _sunrise, _ribbons, _orbs)
    if brief.says("gradient", "backdrop", "background", "slide", "banner", "blur", "blurred", "tech", "wallpaper"):
        kinds = (_waves, _aurora, _ribbons)
    elif brief.says("geometric", "bauhaus", "shapes"):
        kinds = (_bauhaus, _orbs, _bauhaus)
    elif brief.says("waves", "wave", "flow", "fluid"):
        kinds = (_waves, _ribbons)
    elif brief.says("bokeh"):
        kinds = (_aurora, _orbs)
    kinds[scene.pick(len(kinds))](scene)
    canvas = scene.canvas
    return Stage(
        ground=canvas.height * 0.78,
        back=canvas.height * 0.72,
        air=canvas.height * 0.48,
        height=canvas.unit * 0.44,
        light=Light(),
        medium="weightless",
    )


def _dark(scene: Scene) -> bool:
    return (
        scene.brief.says("dark", "deep", "night", "black", "navy", "midnight", "tech", "technology", "neon", "moody")
        or with_lightness(scene.palette.main, 0.3) == scene.palette.main
    )


def _ground(scene: Scene) -> tuple[Colour, Colour, Colour]:
    palette = scene.palette
    if _dark(scene) or (palette.asked and not scene.brief.says("light", "pastel", "soft", "pale", "white")):
        return shade(palette.deep, 0.75), mix(palette.deep, palette.main, 0.7), mix(palette.main, palette.second, 0.5)
    return (
        mix(palette.main, WHITE, 0.12),
        mix(palette.second, palette.main, 0.25),
        mix(palette.accent, palette.second, 0.3),
    )


def _base(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    first, second, third = _ground(scene)
    canvas.fill([(0, first), (0.55, second), (1, third)], angle=rng.choice((25, 45, 60, 120, 135, 155)))
    with canvas.soft() as soft:
        for at in range(5):
            place = (canvas.width * rng.uniform(-0.05, 1.05), canvas.height * rng.uniform(-0.05, 1.05))
            reach = (canvas.width * rng.uniform(0.3, 0.6), canvas.height * rng.uniform(0.35, 0.7))
            tone = (
                palette.main,
                palette.second,
                mix(palette.accent, WHITE, 0.25),
                palette.deep,
                turn(palette.main, 18),
            )[at]
            soft.glow(place, reach, tone, rng.uniform(0.45, 0.75), falloff=1.6)


def _waves(scene: Scene) -> None:
    _base(scene)
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    layers = 5
    start = rng.uniform(0.46, 0.56)
    for at in range(layers):
        share = at / (layers - 1)
        line = hill_line(
            rng,
            canvas,
            canvas.height * (start + (0.97 - start) * share),
            canvas.height * (0.075 - 0.03 * share),
            waves=2,
        )
        colour = mix(mix(palette.second, palette.main, min(1.0, share * 1.6)), shade(palette.deep, 0.7), share * 0.75)
        below = [*line, (canvas.width, canvas.height), (0, canvas.height)]
        canvas.polygon([(x, y - canvas.unit * 0.004) for x, y in below], mix(palette.accent, WHITE, 0.4), opacity=0.3)
        canvas.polygon(below, mix(colour, palette.accent, 0.12), opacity=0.72 + 0.25 * share, foot=shade(colour, 0.72))


def _aurora(scene: Scene) -> None:
    _base(scene)
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    with canvas.soft() as soft:
        for tone in (mix(palette.second, WHITE, 0.2), palette.accent, palette.main):
            phase, rise = rng.uniform(0, 6), rng.uniform(-0.5, 0.5)
            for step in range(12):
                share = step / 11
                y = canvas.height * (0.5 + rise * (share - 0.5) + 0.16 * math.sin(share * 4.6 + phase))
                soft.glow(
                    (canvas.width * share, y), (canvas.width * 0.17, canvas.height * 0.17), tone, 0.34, falloff=1.8
                )
    dots = [
        (
            rng.random() * canvas.width,
            rng.random() * canvas.height,
            canvas.unit * rng.choice((0.001, 0.0015, 0.0025)),
            rng.choice((0.2, 0.4, 0.7)),
        )
        for _ in range(70)
    ]
    canvas.dots(dots, mix(palette.accent, WHITE, 0.7))


def _ribbons(scene: Scene) -> None:
    _base(scene)
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    phase, rise = rng.uniform(0, 6), rng.uniform(0.14, 0.3) * rng.choice((-1, 1))
    strands = 26
    for strand in range(strands):
        share = strand / (strands - 1)
        points = [
            (
                canvas.width * (-0.02 + 1.04 * at / 40),
                canvas.height
                * (
                    0.52
                    + rise * (at / 40 - 0.5)
                    + (0.2 * math.sin(at / 40 * 5.4 + phase)) * (0.35 + share)
                    + (share - 0.5) * 0.34 * math.sin(at / 40 * 3.4 + phase * 0.7)
                ),
            )
            for at in range(41)
        ]
        colour = mix(mix(palette.main, palette.second, share), mix(palette.accent, WHITE, 0.45), 0.25 + 0.5 * share)
        canvas.line(points, canvas.unit * 0.0042, colour, opacity=0.45 + 0.5 * abs(share - 0.5))


def _bauhaus(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    columns = max(2, round(canvas.width / canvas.unit * 4))
    cell = canvas.width / columns
    rows = math.ceil(canvas.height / cell)
    tones = (*palette.tones, palette.ground)
    for row in range(rows):
        for column in range(columns):
            back, front = rng.sample(tones, 2)
            x, y = column * cell, row * cell
            canvas.box((x, y, cell + 1, cell + 1), back)
            kind = rng.randrange(7)
            corner = (x + cell * rng.choice((0, 1)), y + cell * rng.choice((0, 1)))
            inside = [
                (
                    min(max(corner[0] + cell * math.cos(at * 0.2618), x), x + cell),
                    min(max(corner[1] + cell * math.sin(at * 0.2618), y), y + cell),
                )
                for at in range(24)
            ]
            match kind:
                case 0 | 1 | 2:  # quarter discs are the theme
                    canvas.polygon([corner, *inside], front)
                case 3:
                    canvas.disc((x + cell / 2, y + cell / 2), cell * 0.34, front)
                case 4:
                    canvas.ring((x + cell / 2, y + cell / 2), cell * 0.32, cell * 0.13, front)
                case 5:
                    canvas.polygon([(x, y), (x + cell, y), (x, y + cell)], front)
                case _:
                    for bar in range(3):
                        canvas.box((x, y + cell * (0.12 + 0.3 * bar), cell + 1, cell * 0.15), front)


def _sunrise(scene: Scene) -> None:
    """Paper-cut hills under a large disc."""
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    canvas.fill(
        [
            (0, mix(palette.main, palette.ground, 0.3)),
            (0.6, mix(palette.accent, palette.ground, 0.35)),
            (1, palette.ground),
        ]
    )
    centre = (canvas.width * rng.choice((0.36, 0.5, 0.64)), canvas.height * 0.46)
    for at in range(4):
        canvas.disc(
            centre,
            canvas.unit * (0.42 - 0.08 * at),
            mix(palette.accent, WHITE, 0.1 + 0.16 * at),
            opacity=(0.4, 0.4, 0.4, 1.0)[at],
        )
    for at in range(5):
        share = at / 4
        colour = mix(mix(palette.second, palette.main, share), palette.deep, share * 0.85)
        line = hill_line(rng, canvas, canvas.height * (0.56 + 0.1 * at), canvas.height * 0.055, waves=3)
        canvas.polygon(
            [(x, y + canvas.unit * 0.014) for x, y in line] + [(canvas.width, canvas.height), (0, canvas.height)],
            shade(palette.deep, 0.5),
            opacity=0.0,
        )
        canvas.polygon(
            [(x, y - canvas.unit * 0.012) for x, y in line] + [(x, y) for x, y in reversed(line)],
            shade(palette.deep, 0.5),
            opacity=0.12,
        )
        canvas.land(line, colour, foot=shade(colour, 0.9))


def _orbs(scene: Scene) -> None:
    canvas, rng, palette = scene.canvas, scene.rng, scene.palette
    _base(scene)
    spots: list[tuple[float, float, float]] = []
    for _ in range(60):
        radius = canvas.unit * rng.choice((0.035, 0.06, 0.09, 0.14, 0.2))
        x, y = canvas.width * rng.uniform(0.06, 0.94), canvas.height * rng.uniform(0.08, 0.92)
        if all(math.dist((x, y), other[:2]) > (radius + other[2]) * 1.06 for other in spots):
            spots.append((x, y, radius))
    tones = (
        palette.main,
        palette.second,
        palette.accent,
        mix(palette.deep, palette.main, 0.4),
        mix(palette.accent, WHITE, 0.5),
    )
    for at, (x, y, radius) in enumerate(spots[:14]):
        canvas.glow((x + radius * 0.16, y + radius * 0.3), (radius * 1.25, radius * 1.2), shade(palette.deep, 0.5), 0.4)
        ball(scene, (x, y), radius, tones[at % 5])
