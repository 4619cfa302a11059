"""The sea from its shore, on it and under it."""

import math

from imagewright.sandbox.painter.colour import WHITE, mix, rgb, shade
from imagewright.sandbox.painter.scenes.land import Line, hill_line, paint_water
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.sky import paint_sky
from imagewright.sandbox.painter.stamp import Light
from imagewright.sandbox.painter.words.kinds import FLIERS, FLOATERS, SWIMMERS

_WEEDS = ("1f9e78", "22715a", "2f8f5b", "e0607e", "f08a5d", "b05fc4")


def paint_sea(scene: Scene) -> Stage:
    """Open water under the sky, with an island or a beach where the prompt says so."""
    canvas, rng, brief = scene.canvas, scene.rng, scene.brief
    beach = "beach" in brief.places
    horizon = canvas.height * ((0.5 if beach else 0.56) + 0.5 * scene.framing.lift)
    sun = paint_sky(scene, horizon, sun=0.5 + scene.framing.side * rng.uniform(0.16, 0.26))
    if beach or scene.chance(0.6):
        _headland(scene, horizon, side=1 if sun[0] < canvas.width / 2 else -1)
    paint_water(scene, horizon, sun=sun, mirror=False)
    if not beach:
        _swell(scene, horizon)
        standing = [subject.motif for subject in brief.subjects if subject.motif not in FLOATERS | SWIMMERS | FLIERS]
        if standing:
            return _islet(scene, standing)
        return Stage(
            ground=canvas.height * 0.8,
            back=canvas.height * 0.69,
            air=canvas.height * 0.3,
            height=canvas.unit * 0.44 * scene.framing.size,
            light=scene.air.light,
            medium="afloat",
            centre=scene.framing.centre,
            shadow=shade(scene.air.stops[0], 0.35),
        )
    _beach(scene)
    return Stage(
        ground=canvas.height * 0.9,
        back=canvas.height * 0.84,
        air=canvas.height * 0.28,
        height=canvas.unit * 0.42,
        light=scene.air.light,
        shadow=rgb("5a3f2a"),
        water=canvas.height * 0.68,
    )


def _headland(scene: Scene, horizon: float, *, side: int) -> None:
    canvas, rng, air = scene.canvas, scene.rng, scene.air
    for distance, reach, height in ((0.66, 0.6, 0.09), (0.42, 0.36, 0.06)):
        colour = air.far(rgb("3f6b74"), distance)
        edge = 0 if side < 0 else canvas.width
        points: Line = []
        for at in range(24):
            share = at / 23
            fall = (1 - share) ** 0.7 * (0.75 + 0.25 * math.sin(at * 1.1 + distance * 9 + rng.uniform(-0.2, 0.2)))
            points.append((edge - side * canvas.width * reach * share, horizon - canvas.height * height * fall))
        canvas.polygon(
            [*points, (points[-1][0], horizon + 2), (edge, horizon + 2)], colour, foot=mix(colour, air.haze, 0.4)
        )


def _swell(scene: Scene, horizon: float) -> None:
    canvas, rng = scene.canvas, scene.rng
    deep = mix(scene.air.stops[0], rgb("0f4a78"), 0.5)
    for at in range(3):
        y = horizon + (canvas.height - horizon) * (0.36 + 0.24 * at)
        line = hill_line(rng, canvas, y, canvas.unit * (0.006 + 0.006 * at), waves=4)
        band = [*line, *[(x, y1 + canvas.unit * 0.05) for x, y1 in reversed(line)]]
        canvas.polygon(band, mix(deep, scene.air.stops[2], 0.3), opacity=0.3, foot=deep)
        canvas.line(line, canvas.unit * 0.002, WHITE, opacity=0.28)


def _islet(scene: Scene, standing: list[str]) -> Stage:
    """A rock for what cannot swim."""
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    x, y = canvas.width * rng.choice((0.4, 0.6)), canvas.height * 0.8
    half = unit * (0.3 + 0.1 * len(standing))
    rock = scene.air.far(rgb("6b5a55"), 0.06)
    top = [
        (
            x + half * (at / 9 * 2 - 1),
            y - unit * 0.1 * max(0.0, 1 - abs(at / 9 * 2 - 1) ** 3) - rng.uniform(0, 0.014) * unit,
        )
        for at in range(10)
    ]
    canvas.glow((x, y + unit * 0.03), (half * 1.25, unit * 0.06), shade(scene.air.stops[0], 0.4), 0.6, falloff=1.2)
    canvas.polygon(
        [*top, (x + half * 1.06, y + unit * 0.03), (x - half * 1.06, y + unit * 0.03)], rock, foot=shade(rock, 0.55)
    )
    canvas.polygon(
        [*top[1:-1], *[(px, py + unit * 0.016) for px, py in reversed(top[1:-1])]], scene.air.far(rgb("6fa05a"), 0.05)
    )
    for at in range(3):
        canvas.line(
            [
                (x - half * (1.05 - 0.1 * at), y + unit * (0.026 + 0.01 * at)),
                (x + half * (1.08 - 0.12 * at), y + unit * (0.028 + 0.01 * at)),
            ],
            unit * 0.004,
            WHITE,
            opacity=0.6 - 0.15 * at,
        )
    return Stage(
        ground=y - unit * 0.075,
        back=y - unit * 0.08,
        air=canvas.height * 0.28,
        height=unit * 0.5,
        light=scene.air.light,
        centre=x / canvas.width,
        spread=min(0.8, half * 1.5 / canvas.width),
        water=canvas.height * 0.9,
    )


def _beach(scene: Scene) -> None:
    canvas, rng, air = scene.canvas, scene.rng, scene.air
    slope = [
        (x, y - canvas.height * 0.05 * (x / canvas.width - 0.5))
        for x, y in hill_line(rng, canvas, canvas.height * 0.78, canvas.height * 0.016)
    ]
    sand = air.far(rgb("f0d9a8"), 0.05)
    for drop, colour, opacity in ((-0.028, WHITE, 0.35), (-0.014, WHITE, 0.75)):
        canvas.polygon(
            [(x, y + canvas.height * drop + canvas.unit * 0.006 * math.sin(x / canvas.unit * 26)) for x, y in slope]
            + [(canvas.width, canvas.height), (0, canvas.height)],
            mix(colour, air.light.ambient, air.light.share),
            opacity=opacity,
        )
    canvas.land(slope, shade(sand, 0.86), foot=sand)
    canvas.land([(x, y + canvas.height * 0.022) for x, y in slope], sand, foot=shade(sand, 0.92))
    grains = [
        (rng.random() * canvas.width, canvas.height * rng.uniform(0.84, 1), canvas.unit * 0.0016, 0.5)
        for _ in range(110)
    ]
    canvas.dots(grains, shade(sand, 0.8))


def paint_underwater(scene: Scene) -> Stage:
    """Light from above, a reef below."""
    canvas, rng = scene.canvas, scene.rng
    top, middle, deep = rgb("8fe6ee"), rgb("2aa5cf"), rgb("062f5e")
    if scene.palette.asked:
        top, middle, deep = (
            mix(colour, tint, 0.6)
            for colour, tint in zip(
                (top, middle, deep), (scene.palette.accent, scene.palette.main, scene.palette.deep), strict=True
            )
        )
    if scene.brief.says("deep", "dark") or scene.brief.time == "night":
        top, middle, deep = mix(top, middle, 0.6), shade(middle, 0.6), shade(deep, 0.5)
    canvas.fill([(0, top), (0.3, middle), (1, deep)])
    source = canvas.width * rng.uniform(0.25, 0.75)
    with canvas.soft() as soft:
        for at in range(7):
            x = source + canvas.width * (at - 3) * 0.09
            spread = (at - 3) * canvas.width * 0.11
            width = canvas.unit * rng.uniform(0.03, 0.09)
            soft.polygon(
                [
                    (x, -4),
                    (x + width, -4),
                    (x + width * 2.6 + spread, canvas.height * 0.92),
                    (x + spread, canvas.height * 0.92),
                ],
                WHITE,
                opacity=0.085,
            )
        soft.glow((source, 0), (canvas.width * 0.5, canvas.height * 0.4), WHITE, 0.5, falloff=1.8)
    for distance, drop in ((0.55, 0.82), (0.25, 0.9)):
        colour = mix(rgb("26486a"), mix(middle, deep, 0.6), distance)
        canvas.land(hill_line(rng, canvas, canvas.height * drop, canvas.height * 0.04), colour, foot=shade(colour, 0.8))
        _weeds(scene, canvas.height * (drop + 0.05), mix(middle, deep, 0.55), distance)
    sand = mix(rgb("d9c391"), deep, 0.35)
    canvas.land(hill_line(rng, canvas, canvas.height * 0.95, canvas.height * 0.018), sand, foot=shade(sand, 0.8))
    _school(scene, mix(middle, deep, 0.5))
    for _ in range(round(34 * canvas.width / canvas.unit)):
        radius = canvas.unit * rng.uniform(0.003, 0.012)
        place = (rng.random() * canvas.width, rng.random() * canvas.height * 0.9)
        canvas.ring(place, radius, canvas.unit * 0.002, WHITE, opacity=0.5)
        canvas.disc((place[0] - radius * 0.3, place[1] - radius * 0.3), radius * 0.25, WHITE, opacity=0.6)
    return Stage(
        ground=canvas.height * 0.92,
        back=canvas.height * 0.86,
        air=canvas.height * 0.44,
        height=canvas.unit * 0.46 * scene.framing.size,
        light=Light(middle, 0.12),
        medium="water",
    )


def _weeds(scene: Scene, foot: float, water: tuple[int, int, int], distance: float) -> None:
    canvas, rng = scene.canvas, scene.rng
    for _ in range(round(9 * canvas.width / canvas.unit)):
        x, height, phase = (
            rng.random() * canvas.width,
            canvas.unit * rng.uniform(0.1, 0.26) * (1.2 - distance),
            rng.uniform(0, 6),
        )
        colour = mix(rgb(rng.choice(_WEEDS)), water, distance)
        for stem in range(rng.randint(1, 3)):
            root = x + stem * canvas.unit * 0.022
            reach = height * (1 - 0.2 * stem)
            left: Line = []
            right: Line = []
            for at in range(10):
                share = at / 9
                sway = canvas.unit * 0.018 * math.sin(share * 5 + phase + stem)
                half = canvas.unit * 0.009 * (1 - share * 0.8)
                left.append((root + sway - half, foot - reach * share))
                right.append((root + sway + half, foot - reach * share))
            canvas.polygon([*left, *reversed(right)], colour, foot=shade(colour, 0.6))


def _school(scene: Scene, colour: tuple[int, int, int]) -> None:
    canvas, rng = scene.canvas, scene.rng
    x0, y0 = canvas.width * rng.choice((0.2, 0.78)), canvas.height * rng.uniform(0.2, 0.4)
    fish: list[Line] = []
    for _ in range(11):
        x, y, s = (
            x0 + rng.gauss(0, 0.07) * canvas.unit,
            y0 + rng.gauss(0, 0.04) * canvas.unit,
            canvas.unit * rng.uniform(0.012, 0.02),
        )
        fish.append(
            [
                (x - s, y),
                (x - s * 0.3, y - s * 0.4),
                (x + s * 0.5, y - s * 0.1),
                (x + s, y - s * 0.4),
                (x + s, y + s * 0.4),
                (x + s * 0.5, y + s * 0.1),
                (x - s * 0.3, y + s * 0.4),
            ]
        )
    canvas.polygons(fish, colour, opacity=0.6)
