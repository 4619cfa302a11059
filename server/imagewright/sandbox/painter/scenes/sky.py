"""Skies: gradients, sun and moon, clouds, stars, and what falls from them."""

import math

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.scenes.scene import Scene
from imagewright.sandbox.painter.svgpath import Point

_BOW = ("f2574f", "f79a3e", "f8dc57", "5cc46c", "4aa5e6", "7a63d1")


def paint_sky(scene: Scene, horizon: float, *, sun: float | None = None) -> Point:
    """Cover the canvas with sky down to and below the horizon; returns where the sun or moon stands."""
    canvas, air, rng = scene.canvas, scene.air, scene.rng
    unit, weather = canvas.unit, scene.brief.weather
    depth = max(0.05, horizon / canvas.height)
    top, upper, lower, bottom = air.stops
    canvas.fill([(0, top), (depth * 0.45, upper), (depth * 0.8, lower), (depth, bottom), (1, bottom)])
    heights = {"dawn": 0.84, "day": 0.3, "sunset": 0.86, "dusk": 0.95, "night": 0.26}
    across = sun if sun is not None else rng.choice((0.22, 0.3, 0.7, 0.78)) + rng.uniform(-0.04, 0.04)
    place = (canvas.width * across, horizon * heights[air.time])
    if air.time in {"night", "dusk"}:
        paint_stars(scene, horizon, 150 if air.time == "night" else 40)
    if "aurora" in weather:
        _aurora(scene, horizon)
    if not weather & {"rain", "storm"} and air.time != "dusk":
        _sun(scene, place, unit * (0.055 if air.time == "day" else 0.065))
    if air.time in {"dawn", "sunset", "dusk"}:
        with canvas.soft() as soft:
            soft.glow((place[0], horizon), (canvas.width * 0.75, horizon * 0.55), air.stops[3], 0.55, falloff=1.6)
    _adorn(scene, horizon)
    return place


def _adorn(scene: Scene, horizon: float) -> None:
    """Clouds, and what the prompt's weather adds to the sky."""
    canvas, air, rng, weather = scene.canvas, scene.air, scene.rng, scene.brief.weather
    if "fireworks" in weather:
        _fireworks(scene, horizon)
    if "rainbow" in weather:
        _rainbow(canvas, horizon)
    if air.time == "night":
        paint_streaks(scene, horizon, 2, mix(air.stops[2], WHITE, 0.1))
    elif weather & {"rain", "storm"} or ("fog" in weather and air.time == "day"):
        paint_clouds(scene, horizon * 0.5, 7, shade(air.stops[2], 0.9), scale=1.5)
    elif air.time == "day":
        paint_clouds(scene, horizon * 0.62, rng.randint(2, 4), WHITE)
    else:
        paint_streaks(scene, horizon, rng.randint(4, 7), mix(air.stops[3], WHITE, 0.1))
    if "storm" in weather:
        _lightning(scene, horizon)


def _sun(scene: Scene, place: Point, radius: float) -> None:
    canvas, air = scene.canvas, scene.air
    with canvas.soft() as soft:
        soft.glow(place, (radius * 7, radius * 7), air.sun, 0.34 if air.time == "night" else 0.6, falloff=2.4)
        soft.glow(place, (radius * 2.6, radius * 2.6), air.sun, 0.6, falloff=1.6)
    canvas.disc(place, radius, air.sun)
    if air.time == "night":
        for dx, dy, size in ((-0.3, -0.2, 0.22), (0.25, 0.3, 0.28), (0.34, -0.34, 0.13), (-0.2, 0.44, 0.12)):
            canvas.disc(
                (place[0] + dx * radius, place[1] + dy * radius), radius * size, shade(air.sun, 0.9), opacity=0.75
            )


def paint_stars(scene: Scene, depth: float, count: int) -> None:
    """Scatter stars over the upper part of the picture."""
    canvas, rng = scene.canvas, scene.rng
    count = round(count * canvas.width * depth / (canvas.unit * canvas.unit * 0.7))
    dots = [
        (
            rng.random() * canvas.width,
            rng.random() ** 1.3 * depth,
            canvas.unit * 0.0011 * rng.choice((1, 1, 1.3, 2)),
            rng.choice((0.3, 0.5, 0.8, 1.0)),
        )
        for _ in range(min(500, count))
    ]
    canvas.dots(dots, (255, 253, 240))


def paint_clouds(scene: Scene, depth: float, count: int, colour: Colour, *, scale: float = 1.0) -> None:
    """Heaped clouds with flat feet, fading downwards; larger near the top."""
    canvas, rng, air = scene.canvas, scene.rng, scene.air
    lanes = [lane + rng.uniform(-0.3, 0.3) for lane in range(count)]
    for lane in lanes:
        y = depth * rng.uniform(0.25, 1.0)
        size = canvas.unit * rng.uniform(0.09, 0.16) * (1.25 - 0.6 * y / max(1.0, depth)) * scale
        x = canvas.width * (lane + 0.5) / count
        rounds = _heap(scene, (x, y), size)
        foot = mix(air.stops[1], colour, 0.5)
        canvas.polygons(rounds, mix(air.stops[1], colour, 0.72), opacity=0.85, foot=foot)
        canvas.polygons(
            [[(px - size * 0.1, min(y - size * 0.06, py + size * 0.1)) for px, py in one] for one in rounds[:-1]],
            colour,
            opacity=0.9,
            foot=mix(foot, colour, 0.45),
        )


def _heap(scene: Scene, foot: Point, size: float) -> list[list[Point]]:
    """Overlapping rounds over one flat foot."""
    rng = scene.rng
    bumps = rng.randint(4, 6)
    half = size * rng.uniform(1.1, 1.6)
    rounds: list[list[Point]] = []
    for bump in range(bumps):
        share = (bump + 0.5) / bumps
        radius = size * (0.3 + 0.42 * math.sin(math.pi * share) * rng.uniform(0.7, 1.15))
        x = foot[0] + (share * 2 - 1) * half
        turns = (math.tau * step / 28 for step in range(28))
        rounds.append(
            [
                (x + radius * 1.15 * math.cos(turn), min(foot[1], foot[1] - radius * 0.5 + radius * math.sin(turn)))
                for turn in turns
            ]
        )
    reach = half + size * 0.12
    rounds.append(
        [
            (foot[0] - reach, foot[1]),
            (foot[0] - reach * 0.8, foot[1] - size * 0.3),
            (foot[0] + reach * 0.8, foot[1] - size * 0.3),
            (foot[0] + reach, foot[1]),
        ]
    )
    return rounds


def paint_streaks(scene: Scene, horizon: float, count: int, colour: Colour) -> None:
    """Thin evening clouds."""
    canvas, rng = scene.canvas, scene.rng
    with canvas.soft() as soft:
        for _ in range(count):
            y = horizon * rng.uniform(0.2, 0.85)
            length = canvas.width * rng.uniform(0.16, 0.36)
            x = canvas.width * rng.random()
            for part in range(3):
                shift = length * 0.35 * (part - 1)
                soft.glow(
                    (x + shift, y + canvas.unit * rng.uniform(-0.008, 0.008)),
                    (length * 0.6, canvas.unit * rng.uniform(0.008, 0.02)),
                    colour,
                    0.4,
                    falloff=1.2,
                )


def _aurora(scene: Scene, horizon: float) -> None:
    canvas, rng = scene.canvas, scene.rng
    with canvas.soft() as soft:
        for band, code in enumerate(("3ef0a0", "4fd8d0", "8a6ff0")):
            phase = rng.uniform(0, 6)
            for step in range(26):
                share = step / 25
                x = canvas.width * (share * 1.1 - 0.05)
                y = horizon * (0.34 + 0.14 * band + 0.12 * math.sin(share * 5 + phase))
                soft.glow((x, y), (canvas.width * 0.05, horizon * rng.uniform(0.26, 0.46)), rgb(code), 0.5, falloff=1.5)


def _fireworks(scene: Scene, horizon: float) -> None:
    canvas, rng = scene.canvas, scene.rng
    for burst in range(4):
        centre = (canvas.width * (0.16 + 0.22 * burst + rng.uniform(-0.05, 0.05)), horizon * rng.uniform(0.14, 0.36))
        reach = canvas.unit * rng.uniform(0.12, 0.2)
        colour = rgb(rng.choice(("ffd166", "ff6b8b", "7fd8ff", "b79cff", "9ff0b0")))
        canvas.glow(centre, (reach * 1.5, reach * 1.5), colour, 0.4)
        rays = 20
        for ray in range(rays):
            angle = 2 * math.pi * ray / rays
            dots = [
                (
                    centre[0] + math.cos(angle) * reach * at / 7,
                    centre[1] + math.sin(angle) * reach * at / 7 + reach * 0.004 * at * at,
                    canvas.unit * 0.0011 * (8 - at * 0.6),
                    0.35 + at * 0.08,
                )
                for at in range(2, 8)
            ]
            canvas.dots(dots, mix(colour, WHITE, 0.3))


def _rainbow(canvas: Canvas, horizon: float) -> None:
    radius = min(canvas.width * 0.46, horizon * 0.95)
    for at, code in enumerate(_BOW):
        canvas.ring(
            (canvas.width * 0.5, horizon * 1.05),
            radius - at * canvas.unit * 0.014,
            canvas.unit * 0.0145,
            rgb(code),
            opacity=0.5,
        )


def _lightning(scene: Scene, horizon: float) -> None:
    canvas, rng = scene.canvas, scene.rng
    x, y = canvas.width * rng.uniform(0.25, 0.75), horizon * 0.2
    points = [(x, y)]
    while y < horizon:
        x, y = x + canvas.unit * rng.uniform(-0.05, 0.05), y + canvas.unit * rng.uniform(0.04, 0.08)
        points.append((x, min(y, horizon)))
    canvas.glow((points[0][0], horizon * 0.4), (canvas.unit * 0.4, horizon * 0.6), (220, 225, 255), 0.5)
    canvas.line(points, canvas.unit * 0.007, (250, 250, 255))


def paint_weather(scene: Scene) -> None:
    """What falls in front of everything: snow, rain, leaves, petals, mist."""
    canvas, rng, weather = scene.canvas, scene.rng, scene.brief.weather
    unit = canvas.unit
    spots = round(90 * canvas.width * canvas.height / unit / unit)
    if "snow" in weather and not scene.brief.says("clear"):
        flakes = [
            (
                rng.random() * canvas.width,
                rng.random() * canvas.height,
                unit * rng.choice((0.002, 0.003, 0.0045)),
                rng.choice((0.5, 0.7, 0.9)),
            )
            for _ in range(spots)
        ]
        canvas.dots(flakes, WHITE)
    if weather & {"rain", "storm"}:
        lines: list[list[Point]] = []
        for _ in range(spots * 2):
            x, y, length = rng.random() * canvas.width, rng.random() * canvas.height, unit * rng.uniform(0.02, 0.05)
            lines.append(
                [
                    (x, y),
                    (x + unit * 0.0018, y),
                    (x - length * 0.22 + unit * 0.0018, y + length),
                    (x - length * 0.22, y + length),
                ]
            )
        canvas.polygons(lines, (225, 235, 245), opacity=0.45)
    if weather & {"autumn", "blossom"}:
        codes = ("d9622b", "e8a33a", "b8442c") if "autumn" in weather else ("ffd3e2", "ffb7d0", "fff0f5")
        for code in codes:
            leaves: list[list[Point]] = []
            for _ in range(spots // 5):
                x, y, size, turn = (
                    rng.random() * canvas.width,
                    rng.random() * canvas.height,
                    unit * rng.uniform(0.005, 0.011),
                    rng.uniform(0, 3.1),
                )
                leaves.append(
                    [
                        (
                            x + size * math.cos(a + turn) * (1.0 if a % 3.1 < 1 else 0.5),
                            y + size * math.sin(a + turn) * 0.7,
                        )
                        for a in (0, 1.05, 2.1, 3.14, 4.2, 5.2)
                    ]
                )
            canvas.polygons(leaves, rgb(code), opacity=0.9)
    if "fog" in weather:
        with canvas.soft() as soft:
            for at in range(7):
                y = canvas.height * (0.42 + 0.08 * at)
                soft.glow(
                    (canvas.width * rng.random(), y),
                    (canvas.width * 0.7, unit * 0.07),
                    mix(scene.air.haze, WHITE, 0.35),
                    0.6,
                    falloff=1.3,
                )
