"""Logos and patterns."""

import math

from imagewright.sandbox.painter.colour import WHITE, Colour, hls, hue_distance, mix, rgb, shade, turn
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.lettering import write
from imagewright.sandbox.painter.motifs import motif
from imagewright.sandbox.painter.scenes.scene import Scene
from imagewright.sandbox.painter.stamp import Pose, stamp
from imagewright.sandbox.painter.svgpath import Point

_DARK = 0.25  # lightness


def paint_logo(scene: Scene) -> None:
    """One mark on a quiet ground, with the brand's name under it if the prompt gives one."""
    canvas, palette, unit = scene.canvas, scene.palette, scene.canvas.unit
    dark = scene.brief.says("dark", "black background", "night")
    main, second = (
        (palette.main, palette.second)
        if palette.asked
        else (palette.deep if not dark else palette.accent, palette.main)
    )
    if hls(main)[1] > 0.72 and not dark:  # noqa: PLR2004  lightness that white swallows
        main = shade(main, 0.6)
    if hue_distance(main, second) < 4 and palette.asked:  # noqa: PLR2004  degrees
        second = turn(mix(main, WHITE, 0.3), 24)
    ground = rgb("161a24") if dark else mix(mix(second, WHITE, 0.9), WHITE, 0.5)
    canvas.fill([(0, mix(ground, WHITE, 0.06 if dark else 0.7)), (1, ground)], angle=60)
    name = scene.brief.lettering
    centre = (canvas.width / 2, canvas.height * (0.43 if name else 0.5))
    if scene.brief.subjects:
        _badge(scene, centre, unit * (0.22 if name else 0.27), main, second, ground)
    else:
        marks = (_hexagon, _petals, _arcs, _chevrons, _knot, _drops)
        marks[scene.pick(len(marks))](scene, centre, unit * (0.22 if name else 0.25), main, second, ground)
    if name:
        write(
            canvas,
            name,
            (canvas.width / 2, canvas.height * 0.82),
            unit * 0.1,
            WHITE if dark else mix(main, rgb("151a26"), 0.5),
            width=canvas.width * 0.84,
        )


def _badge(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, ground: Colour) -> None:
    canvas = scene.canvas
    subject = scene.brief.subjects[0]
    name, x, y = subject.motif, *centre
    kind = scene.pick(4)
    if kind == 0:
        canvas.disc(centre, radius * 1.2, main)
        canvas.ring(centre, radius * 1.08, radius * 0.03, mix(second, WHITE, 0.5))
    elif kind == 1:
        canvas.box(
            (x - radius * 1.1, y - radius * 1.1, radius * 2.2, radius * 2.2),
            main,
            radius=radius * 0.5,
            foot=mix(main, second, 0.75),
        )
    elif kind == 2:  # noqa: PLR2004  the third badge: a shield
        points = [(x - radius, y - radius * 1.05), (x, y - radius * 1.25), (x + radius, y - radius * 1.05)]
        points += [
            (x + radius * math.cos(a), y + radius * 0.1 + radius * 1.3 * math.sin(a))
            for a in (at * math.pi / 16 for at in range(17))
        ]
        canvas.polygon(points, main, foot=mix(main, second, 0.6))
    else:
        canvas.polygon(_polygon(centre, radius * 1.28, 6, 30), main, foot=mix(main, second, 0.6))
        canvas.polygon(_polygon(centre, radius * 1.1, 6, 30), mix(main, WHITE, 0.12))
    size = radius * (1.5, 1.5, 1.35, 1.5)[kind]
    # The head alone reads better than a whole body at a logo's size; one pale tint keeps it a mark.
    drawn = motif(name) if name not in {"lighthouse", "windmill", "hot-air-balloon", "hot-beverage"} else figure(name)
    shift = size * ((drawn.left + drawn.right) / 2 - 0.5), size * ((drawn.top + drawn.bottom) / 2 - 0.5)
    clash = hue_distance(drawn.main, main) < 30 and abs(hls(drawn.main)[1] - hls(main)[1]) < 0.25  # noqa: PLR2004  too close to see
    if clash:
        canvas.disc(centre, radius * 0.92, mix(ground, WHITE, 0.5))
        size *= 0.8
    stamp(canvas, drawn, Pose((x - shift[0], y - shift[1]), size, tint=subject.tint))


def _polygon(centre: Point, radius: float, corners: int, degrees: float) -> list[Point]:
    angles = (math.radians(360 * corner / corners + degrees) for corner in range(corners))
    return [(centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)) for angle in angles]


def _hexagon(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, ground: Colour) -> None:
    canvas = scene.canvas
    corners = _polygon(centre, radius, 6, 30)
    for at in range(6):
        canvas.polygon(
            [centre, corners[at], corners[(at + 1) % 6]], mix(main, second, (0.0, 0.25, 0.6, 1.0, 0.75, 0.35)[at])
        )
    canvas.polygon(_polygon(centre, radius * 0.56, 6, 30), mix(ground, WHITE, 0.4))
    nodes = _polygon(centre, radius * 0.34, 3, -90)
    for node in nodes:
        canvas.line([centre, node], radius * 0.055, main)
        canvas.disc(node, radius * 0.1, main)
    canvas.disc(centre, radius * 0.11, second)


def _petals(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, ground: Colour) -> None:
    petals = 6 if scene.chance(0.5) else 8
    for petal in range(petals):
        angle = 2 * math.pi * petal / petals
        middle = (centre[0] + math.cos(angle) * radius * 0.52, centre[1] + math.sin(angle) * radius * 0.52)
        points = [(radius * 0.5 * math.cos(t), radius * 0.24 * math.sin(t)) for t in (at * 0.2094 for at in range(30))]
        turned = [
            (
                middle[0] + u * math.cos(angle) - v * math.sin(angle),
                middle[1] + u * math.sin(angle) + v * math.cos(angle),
            )
            for u, v in points
        ]
        scene.canvas.polygon(turned, mix(main, second, abs(petal / petals * 2 - 1)), opacity=0.85)
    scene.canvas.disc(centre, radius * 0.15, mix(ground, WHITE, 0.6))


def _arcs(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, _: Colour) -> None:
    start = scene.rng.randrange(360)
    for ring in range(3):
        reach = radius * (1 - 0.29 * ring)
        angles = [math.radians(start + ring * 75 + step * 5) for step in range(54)]
        points = [(centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle)) for angle in angles]
        scene.canvas.line(points, radius * 0.17, mix(main, second, ring / 2))
    scene.canvas.disc(centre, radius * 0.15, main)


def _chevrons(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, _: Colour) -> None:
    x, y = centre
    for at in range(3):
        lift = radius * 0.46 * (1 - at)
        half = radius * (1.0 - 0.16 * at)
        top = y + lift - radius * 0.3
        shape = [
            (x - half, top + radius * 0.56),
            (x, top - radius * 0.2),
            (x + half, top + radius * 0.56),
            (x + half, top + radius * 0.86),
            (x, top + radius * 0.1),
            (x - half, top + radius * 0.86),
        ]
        scene.canvas.polygon(shape, mix(main, second, at / 2))


def _knot(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, _: Colour) -> None:
    for at in range(3):
        angle = math.radians(120 * at - 90)
        middle = (centre[0] + math.cos(angle) * radius * 0.42, centre[1] + math.sin(angle) * radius * 0.42)
        scene.canvas.ring(middle, radius * 0.52, radius * 0.16, mix(main, second, at / 2), opacity=0.88)


def _drops(scene: Scene, centre: Point, radius: float, main: Colour, second: Colour, _: Colour) -> None:
    x, y = centre
    for side, colour in ((-1, main), (1, second)):
        points = [(x + side * radius * 0.06, y - radius)]
        points += [
            (x + side * radius * (0.06 + 0.9 * math.sin(at * math.pi / 24)), y - radius + 2 * radius * at / 24)
            for at in range(1, 24)
        ]
        scene.canvas.polygon(
            [*points, (x + side * radius * 0.06, y + radius)],
            colour,
            foot=mix(colour, second if side < 0 else main, 0.4),
        )
    scene.canvas.disc((x, y + radius * 0.05), radius * 0.24, WHITE, opacity=0.92)


def paint_pattern(scene: Scene) -> None:
    """The named things, or shapes, repeated in a half-drop."""
    canvas, palette, rng = scene.canvas, scene.palette, scene.rng
    dark = palette.asked and hls(palette.main)[1] < _DARK
    ground = palette.main if dark else mix(palette.main, WHITE, 0.72) if palette.asked else palette.ground
    canvas.box((0, 0, canvas.width, canvas.height), ground)
    columns = max(3, round(canvas.width / canvas.unit * (4 + scene.pick(3))))
    cell = canvas.width / columns
    turned = rng.choice((0, 14, 24))
    names = [(subject.motif, subject.tint) for subject in scene.brief.subjects]
    extra = [mix(tone, ground, 0.25) for tone in palette.tones]
    for column in range(-1, columns + 1):
        for row in range(-1, round(canvas.height / cell) + 2):
            centre = ((column + 0.5) * cell, (row + 0.5 + 0.5 * (column % 2)) * cell)
            at = (column + 2 * row) % 4
            if names:
                name, tint = names[(column + row) % len(names)]
                drawn = motif(name) if name in {"fox", "panda", "bear", "koala"} else figure(name)
                stamp(
                    canvas,
                    drawn,
                    Pose(
                        centre,
                        cell * 0.62,
                        turned if (row + column) % 2 else -turned,
                        flipped=column % 2 == 1,
                        tint=tint,
                    ),
                )
                for dx, dy in ((0.5, 0.0), (0.46, 0.1), (0.54, 0.1)):
                    canvas.disc((centre[0] + cell * dx, centre[1] + cell * (dy - 0.25)), cell * 0.03, extra[at])
            else:
                _tile(scene, centre, cell, at, palette.tones)


def _tile(scene: Scene, centre: Point, cell: float, at: int, tones: tuple[Colour, Colour, Colour, Colour]) -> None:
    canvas = scene.canvas
    first, second = tones[at], tones[(at + 2) % 4]
    kind = scene.pick(3)
    if kind == 0:
        for ring in range(3):
            canvas.disc(centre, cell * (0.47 - 0.15 * ring), (first, second, first)[ring])
    elif kind == 1:
        canvas.polygon(_polygon(centre, cell * 0.5, 4, 0), first)
        canvas.polygon(_polygon(centre, cell * 0.3, 4, 0), second)
        canvas.disc(centre, cell * 0.09, tones[(at + 1) % 4])
    else:
        for petal in range(4):
            angle = math.pi / 2 * petal + math.pi / 4
            canvas.ellipse(
                (centre[0] + math.cos(angle) * cell * 0.2, centre[1] + math.sin(angle) * cell * 0.2),
                (cell * 0.2, cell * 0.2),
                first,
                opacity=0.9,
            )
        canvas.disc(centre, cell * 0.11, second)
