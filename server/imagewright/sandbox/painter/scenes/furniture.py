"""What rooms are furnished with."""

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade, turn
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.scenes.scene import Scene
from imagewright.sandbox.painter.stamp import Light, Pose, stamp
from imagewright.sandbox.painter.svgpath import Point


def paint_desk(scene: Scene, edge: float) -> None:
    """A wooden desk across the foot of the picture."""
    canvas, unit = scene.canvas, scene.canvas.unit
    depth = canvas.height - edge
    canvas.gradient((0, edge, canvas.width, depth), [(0, rgb("d0a474")), (0.14, rgb("bd8c5a")), (1, rgb("8f643b"))])
    canvas.box((0, edge, canvas.width, max(1.0, unit * 0.006)), rgb("e8c79c"))
    for at in range(6):
        y = edge + depth * (0.14 + 0.15 * at)
        canvas.line(
            [
                (0, y),
                (canvas.width * 0.35, y + unit * 0.005),
                (canvas.width * 0.7, y - unit * 0.004),
                (canvas.width, y),
            ],
            unit * 0.0016,
            rgb("7a5029"),
            opacity=0.3,
        )


def paint_screen(scene: Scene, foot: Point, width: float, accent: Colour) -> None:
    """A monitor with charts on it, a keyboard and a mouse."""
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    x, y = foot[0] - width / 2, foot[1]
    height = width * 0.58
    top = y - height - unit * 0.075
    canvas.shadow((foot[0], y + unit * 0.014), width * 0.36)
    canvas.box((foot[0] - width * 0.05, top + height, width * 0.1, unit * 0.078), rgb("a9afb6"))
    canvas.box(
        (foot[0] - width * 0.17, y - unit * 0.008, width * 0.34, unit * 0.017), rgb("c5cad0"), radius=unit * 0.006
    )
    canvas.box((x, top, width, height), rgb("20252b"), radius=unit * 0.014)
    left, head, wide, tall = x + unit * 0.011, top + unit * 0.011, width - unit * 0.022, height - unit * 0.022
    canvas.gradient(
        (left, head, wide, tall),
        [(0, mix(accent, rgb("0f1b2a"), 0.5)), (1, mix(accent, rgb("0a1320"), 0.78))],
        angle=50,
    )
    canvas.box(
        (left + wide * 0.05, head + tall * 0.1, wide * 0.22, tall * 0.8), WHITE, radius=unit * 0.006, opacity=0.1
    )
    for at in range(6):
        canvas.box(
            (left + wide * 0.08, head + tall * (0.18 + 0.11 * at), wide * rng.uniform(0.08, 0.15), tall * 0.035),
            WHITE,
            radius=unit * 0.003,
            opacity=0.5,
        )
    tones = (rgb("7fd1c7"), rgb("f5c26b"), rgb("f08a6c"))
    level = 0.2
    line: list[Point] = []
    for at in range(7):
        level = min(0.62, max(0.16, level + rng.uniform(-0.06, 0.13)))
        canvas.box(
            (left + wide * (0.34 + 0.085 * at), head + tall * (0.88 - level * 0.8), wide * 0.05, tall * level * 0.8),
            tones[at % 3],
            radius=unit * 0.003,
        )
        line.append((left + wide * (0.365 + 0.085 * at), head + tall * (0.5 - level * 0.5)))
    canvas.line(line, unit * 0.005, WHITE, opacity=0.85)
    _keyboard(scene, (foot[0], y + unit * 0.075), width * 0.58)


def _keyboard(scene: Scene, middle: Point, width: float) -> None:
    canvas, unit = scene.canvas, scene.canvas.unit
    x, y = middle[0] - width / 2, middle[1]
    canvas.shadow((middle[0], y + unit * 0.04), width * 0.52, strength=0.3)
    canvas.polygon(
        [(x, y), (x + width, y), (x + width * 1.05, y + unit * 0.044), (x - width * 0.05, y + unit * 0.044)],
        rgb("eceff2"),
    )
    keys: list[list[Point]] = []
    for row in range(3):
        lean = width * 0.014 * (row + 0.6)
        for column in range(14):
            left = x - lean + (width + lean * 2) * (column + 0.12) / 14
            top = y + unit * (0.007 + 0.0115 * row)
            keys.append(
                [
                    (left, top),
                    (left + width * 0.055, top),
                    (left + width * 0.055, top + unit * 0.008),
                    (left, top + unit * 0.008),
                ]
            )
    canvas.polygons(keys, rgb("c3c9d0"))
    canvas.ellipse(
        (x + width * 1.22, y + unit * 0.026), (unit * 0.021, unit * 0.014), rgb("f6f7f9"), foot=rgb("cfd4da")
    )


def paint_shelf(
    scene: Scene, corner: Point, width: float, accent: Colour, *, tall: float = 0.0, full: bool = False
) -> None:
    """A board with books on it."""
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    x, y = corner
    covers = (
        accent,
        rgb("c9623f"),
        rgb("e3b04b"),
        rgb("4b5d67"),
        rgb("7a9e7e"),
        rgb("efe6d8"),
        rgb("8a3b4a"),
        turn(accent, 30),
    )
    height = tall or unit * 0.11
    at = x + unit * 0.012
    end = x + width * (1.0 if full else 0.66)
    while at < end - unit * 0.026:
        thick = unit * rng.uniform(0.013, 0.027)
        if scene.chance(0.07):
            at += thick * 2
            continue
        reach = height * rng.uniform(0.7, 1.0)
        cover = mix(rng.choice(covers), rgb("4a3428"), 0.28 if full else 0.0)
        canvas.box((at, y - reach, thick, reach), cover)
        canvas.box((at + thick * 0.18, y - reach * 0.84, thick * 0.64, reach * 0.06), mix(cover, WHITE, 0.5))
        at += thick + unit * 0.0015
    canvas.box((x, y, width, unit * 0.014), rgb("a9825a") if not full else rgb("6b452b"))
    canvas.box((x, y + unit * 0.014, width, unit * 0.006), rgb("5a3a22"), opacity=0.35)
    if not full:
        stamp(canvas, figure("potted-plant"), Pose((x + width * 0.85, y - unit * 0.062), unit * 0.13), Light())


def paint_picture(scene: Scene, corner: Point, height: float, accent: Colour) -> None:
    """A framed print: a sun over hills, or discs."""
    canvas, rng = scene.canvas, scene.rng
    x, y = corner
    width = height * 0.78
    canvas.box((x + height * 0.02, y + height * 0.03, width, height), rgb("2a2420"), opacity=0.2)
    canvas.box((x, y, width, height), rgb("3a3f47"), radius=height * 0.012)
    canvas.box((x + height * 0.04, y + height * 0.04, width - height * 0.08, height * 0.92), rgb("f8f5ef"))
    inside = (x + height * 0.1, y + height * 0.12, width - height * 0.2, height * 0.76)
    canvas.gradient(inside, [(0, mix(accent, WHITE, 0.7)), (1, mix(turn(accent, 24), WHITE, 0.5))])
    middle = inside[0] + inside[2] / 2
    canvas.disc(
        (middle + inside[2] * rng.uniform(-0.2, 0.2), inside[1] + inside[3] * 0.36), inside[2] * 0.24, turn(accent, -28)
    )
    foot = inside[1] + inside[3]
    canvas.polygon(
        [
            (inside[0], foot),
            (inside[0], foot - inside[3] * 0.24),
            (middle - inside[2] * 0.1, foot - inside[3] * 0.46),
            (inside[0] + inside[2], foot - inside[3] * 0.14),
            (inside[0] + inside[2], foot),
        ],
        accent,
    )
    canvas.polygon(
        [
            (inside[0], foot),
            (middle, foot - inside[3] * 0.12),
            (inside[0] + inside[2], foot - inside[3] * 0.3),
            (inside[0] + inside[2], foot),
        ],
        shade(accent, 0.6),
    )


def paint_plant(scene: Scene, foot: Point, height: float) -> None:
    """A potted plant."""
    scene.canvas.shadow(foot, height * 0.36)
    stamp(
        scene.canvas,
        figure("potted-plant"),
        Pose((foot[0], foot[1] - height * 0.45), height),
        Light(rgb("ffe9c8"), 0.04),
    )


def paint_sofa(scene: Scene, foot: Point, width: float, colour: Colour) -> None:
    """A two-seater with cushions, seen from the front."""
    canvas = scene.canvas
    x, y = foot[0] - width / 2, foot[1]
    height = width * 0.46
    canvas.shadow((foot[0], y), width * 0.56)
    for leg in (0.08, 0.88):
        canvas.box((x + width * leg, y - height * 0.16, width * 0.04, height * 0.16), rgb("5a3d28"))
    canvas.box(
        (x + width * 0.06, y - height, width * 0.88, height * 0.7),
        colour,
        radius=height * 0.16,
        foot=shade(colour, 0.84),
    )
    canvas.box(
        (x + width * 0.08, y - height * 0.52, width * 0.84, height * 0.4),
        shade(colour, 1.08),
        radius=height * 0.08,
        foot=shade(colour, 0.92),
    )
    canvas.box((foot[0] - width * 0.003, y - height * 0.94, width * 0.006, height * 0.78), shade(colour, 0.74))
    for arm in (0.0, 0.86):
        canvas.box(
            (x + width * arm, y - height * 0.66, width * 0.14, height * 0.56),
            shade(colour, 0.95),
            radius=height * 0.12,
            foot=shade(colour, 0.76),
        )
    for at, tone in ((0.17, scene.palette.accent), (0.67, mix(scene.palette.second, WHITE, 0.3))):
        canvas.box(
            (x + width * at, y - height * 0.74, width * 0.17, height * 0.3),
            tone,
            radius=height * 0.06,
            foot=shade(tone, 0.85),
        )


def paint_lamp(scene: Scene, foot: Point, height: float) -> None:
    """A standing lamp, lit in the evening."""
    canvas = scene.canvas
    x, y = foot
    canvas.ellipse((x, y), (height * 0.11, height * 0.025), rgb("3a3a42"))
    canvas.box((x - height * 0.01, y - height, height * 0.02, height), rgb("3a3a42"))
    canvas.glow((x, y - height * 0.95), (height * 0.7, height * 0.62), rgb("ffe2a6"), 0.65 if scene.air.dark else 0.35)
    canvas.polygon(
        [
            (x - height * 0.1, y - height * 1.08),
            (x + height * 0.1, y - height * 1.08),
            (x + height * 0.17, y - height * 0.84),
            (x - height * 0.17, y - height * 0.84),
        ],
        rgb("fff0cf"),
        foot=rgb("f2cf94"),
    )


def paint_pendants(scene: Scene, places: tuple[float, ...], drop: float) -> None:
    """Lamps hanging from the ceiling."""
    canvas, unit = scene.canvas, scene.canvas.unit
    for place in places:
        x = canvas.width * place
        canvas.box((x - unit * 0.002, 0, unit * 0.004, drop), rgb("2b2b33"))
        canvas.glow((x, drop + unit * 0.03), (unit * 0.2, unit * 0.2), rgb("ffdf9e"), 0.65)
        canvas.polygon(
            [
                (x - unit * 0.02, drop - unit * 0.03),
                (x + unit * 0.02, drop - unit * 0.03),
                (x + unit * 0.06, drop + unit * 0.02),
                (x - unit * 0.06, drop + unit * 0.02),
            ],
            rgb("2f3440"),
        )
        canvas.ellipse((x, drop + unit * 0.022), (unit * 0.05, unit * 0.012), rgb("fff3cf"))
