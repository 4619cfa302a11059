"""Rooms: an office, a living room, a library, a cafe, a gallery."""

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade, turn
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.scenes.furniture import (
    paint_desk,
    paint_lamp,
    paint_pendants,
    paint_picture,
    paint_plant,
    paint_screen,
    paint_shelf,
    paint_sofa,
)
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.windows import paint_shafts, paint_window
from imagewright.sandbox.painter.stamp import Light, Pose, stamp


def paint_interior(scene: Scene) -> Stage:
    """A wall, a floor, daylight from a window, and what the room is for."""
    places = scene.brief.places
    if "office" in places:
        return _office(scene)
    canvas = scene.canvas
    floor = canvas.height * (0.7 if canvas.height <= canvas.width * 1.2 else 0.74)
    wall = _wall(scene)
    _shell(scene, floor, wall)
    light = Light(rgb("ffe0b8"), 0.06 if not scene.air.dark else 0.14)
    unit, width = canvas.unit, canvas.width
    seat: tuple[float, float] | None = None
    if "library" in places:
        _library(scene, floor, wall)
    elif "cafe" in places:
        _cafe(scene, floor)
    elif "gallery" in places:
        _gallery(scene, floor)
    else:
        seat = _living(scene, floor, wall)
    return Stage(
        ground=canvas.height * 0.93,
        back=canvas.height * 0.87,
        air=canvas.height * 0.34,
        height=unit * 0.48 * (0.5 + 0.5 * scene.framing.size),
        light=light,
        seat=seat,
        centre=0.5 if width < unit * 1.3 else 0.56,
        shadow=rgb("2a1a12"),
        spread=0.8,
    )


def _wall(scene: Scene) -> Colour:
    if scene.palette.asked:
        return mix(scene.palette.main, rgb("f4efe8"), 0.45)
    return mix(
        scene.rng.choice((rgb("e8e0d6"), rgb("dfe5e3"), rgb("ecdcd0"), rgb("d8dfe8"))), scene.palette.ground, 0.4
    )


def _shell(scene: Scene, floor: float, wall: Colour) -> None:
    canvas, rng = scene.canvas, scene.rng
    night = scene.air.dark
    if night:
        wall = shade(mix(wall, rgb("7a5a6a"), 0.3), 0.72)
    canvas.gradient((0, 0, canvas.width, floor + 2), [(0, mix(wall, WHITE, 0.18)), (1, shade(wall, 0.9))], angle=65)
    wood = rgb(rng.choice(("b98a5c", "a8794e", "c69c70", "8f6844")))
    canvas.gradient((0, floor, canvas.width, canvas.height - floor), [(0, shade(wood, 0.8)), (1, wood)])
    boards = [
        [
            (canvas.width * (0.5 + (at - 9) * 0.07), floor),
            (canvas.width * (0.5 + (at - 9) * 0.07) + 2, floor),
            (canvas.width * (0.5 + (at - 9) * 0.13) + 3, canvas.height),
            (canvas.width * (0.5 + (at - 9) * 0.13), canvas.height),
        ]
        for at in range(19)
    ]
    canvas.polygons(boards, shade(wood, 0.6), opacity=0.45)
    canvas.box((0, floor - canvas.unit * 0.026, canvas.width, canvas.unit * 0.026), mix(wall, WHITE, 0.6))
    canvas.box((0, floor - canvas.unit * 0.002, canvas.width, canvas.unit * 0.004), shade(wood, 0.5))


def _office(scene: Scene) -> Stage:
    canvas, unit = scene.canvas, scene.canvas.unit
    accent = scene.palette.main
    wall = mix(_wall(scene), WHITE, 0.25)
    edge = canvas.height * (0.74 + scene.framing.lift * 0.5)
    _shell(scene, edge, wall)
    flip = scene.framing.side < 0
    wide = canvas.width > canvas.height * 1.15
    window = (canvas.width * (0.4 if flip else 0.06), canvas.height * 0.09, canvas.width * 0.54, canvas.height * 0.48)
    paint_window(scene, window, panes=4 if wide else 3, city=True)
    side = canvas.width * (0.07 if flip else 0.68)
    paint_picture(scene, (side + unit * 0.04, canvas.height * 0.12), unit * 0.19, accent)
    paint_shelf(scene, (side, canvas.height * 0.5), canvas.width * 0.25, accent)
    paint_desk(scene, edge)
    paint_shafts(scene, window, 4)
    middle = canvas.width * (0.46 if flip else 0.54)
    paint_screen(scene, (middle, edge), unit * (0.5 if wide else 0.46) * (0.5 + 0.5 * scene.framing.size), accent)
    light = Light(rgb("ffe9c8"), 0.05)
    own = any(subject.motif in {"laptop", "desktop-computer"} for subject in scene.brief.subjects)
    places = [canvas.width * 0.14, canvas.width * 0.86]
    if flip:
        places.reverse()
    paint_plant(scene, (places[0], edge + unit * 0.07), unit * 0.32)
    if not scene.brief.subjects or own:
        canvas.shadow((places[1], edge + unit * 0.08), unit * 0.09)
        stamp(
            canvas,
            figure("hot-beverage"),
            Pose((places[1], edge + unit * 0.025), unit * 0.13, tint=accent if scene.palette.asked else None),
            light,
        )
    return Stage(
        ground=edge + (canvas.height - edge) * 0.55,
        back=edge + unit * 0.04,
        air=canvas.height * 0.3,
        height=unit * 0.34,
        light=light,
        centre=0.82 if not flip else 0.2,
        spread=0.34,
        shadow=rgb("3a2212"),
    )


def _living(scene: Scene, floor: float, wall: Colour) -> tuple[float, float]:
    canvas, unit = scene.canvas, scene.canvas.unit
    flip = scene.framing.side < 0

    def at(share: float) -> float:
        return 1 - share if flip else share

    width = canvas.width
    window = (width * at(0.76) - unit * 0.17, canvas.height * 0.12, unit * 0.38, floor - canvas.height * 0.34)
    paint_window(scene, window, panes=2)
    for dx in (-0.25, 0.19):
        curtain = mix(scene.palette.accent, WHITE, 0.35)
        canvas.box(
            (window[0] + unit * 0.19 + dx * unit, window[1] - unit * 0.04, unit * 0.07, window[3] + unit * 0.1),
            curtain,
            radius=unit * 0.01,
            foot=shade(curtain, 0.86),
        )
    canvas.ellipse(
        (width * 0.5, canvas.height * 0.9), (unit * 0.5, canvas.height * 0.07), mix(scene.palette.second, WHITE, 0.35)
    )
    canvas.ellipse(
        (width * 0.5, canvas.height * 0.9), (unit * 0.44, canvas.height * 0.058), mix(scene.palette.second, WHITE, 0.5)
    )
    paint_picture(scene, (width * at(0.34) - unit * 0.1, canvas.height * 0.14), unit * 0.22, scene.palette.main)
    paint_sofa(scene, (width * at(0.34), floor + unit * 0.06), unit * 0.56, turn(shade(scene.palette.main, 0.95), 8))
    paint_lamp(scene, (width * at(0.06), floor + unit * 0.05), unit * 0.5)
    paint_plant(scene, (width * at(0.95), floor + unit * 0.1), unit * 0.34)
    paint_shafts(scene, window, 2)
    if scene.brief.says("fireplace", "fire"):
        stamp(canvas, figure("fire"), Pose((width * at(0.7), floor), unit * 0.2))
    canvas.glow(
        (width * 0.5, canvas.height * 0.4), (width * 0.6, canvas.height * 0.5), mix(wall, rgb("fff0d0"), 0.6), 0.16
    )
    return width * at(0.34) + unit * 0.1 * (1 if flip else -1), floor + unit * 0.06 - unit * 0.56 * 0.2


def _library(scene: Scene, floor: float, wall: Colour) -> None:
    canvas, unit = scene.canvas, scene.canvas.unit
    case = mix(rgb("7a4f30"), wall, 0.1)
    canvas.box((0, canvas.height * 0.05, canvas.width, floor - canvas.height * 0.05), shade(case, 0.62))
    rows = 4
    height = (floor - canvas.height * 0.05) / rows
    for row in range(rows):
        paint_shelf(
            scene,
            (0, canvas.height * 0.05 + height * (row + 1)),
            canvas.width,
            scene.palette.main,
            tall=height * 0.78,
            full=True,
        )
    for at in range(round(canvas.width / unit * 2) + 1):
        canvas.box(
            (at * unit * 0.5 - unit * 0.012, canvas.height * 0.05, unit * 0.024, floor - canvas.height * 0.05), case
        )
    canvas.box((0, canvas.height * 0.03, canvas.width, unit * 0.03), mix(case, WHITE, 0.1))
    if scene.framing.side < 0:
        paint_window(scene, (canvas.width * 0.36, canvas.height * 0.14, canvas.width * 0.28, floor * 0.62), panes=2)
    with canvas.soft() as soft:
        soft.glow(
            (canvas.width * 0.5, canvas.height * 0.45),
            (canvas.width * 0.6, canvas.height * 0.6),
            rgb("ffd99a"),
            0.34,
            falloff=1.5,
        )
    canvas.ellipse(
        (canvas.width * 0.5, canvas.height * 0.92),
        (unit * 0.5, canvas.height * 0.06),
        mix(scene.palette.second, rgb("8a3b3b"), 0.5),
    )
    canvas.ellipse(
        (canvas.width * 0.5, canvas.height * 0.92),
        (unit * 0.44, canvas.height * 0.05),
        mix(scene.palette.second, rgb("b85c50"), 0.5),
    )


def _cafe(scene: Scene, floor: float) -> None:
    canvas, unit, width = scene.canvas, scene.canvas.unit, scene.canvas.width
    window = (width * 0.07, canvas.height * 0.14, width * 0.5, floor - canvas.height * 0.3)
    paint_window(scene, window, panes=3, city=True)
    board = (width * 0.66, canvas.height * 0.14, width * 0.26, canvas.height * 0.24)
    canvas.box(
        (board[0] - unit * 0.012, board[1] - unit * 0.012, board[2] + unit * 0.024, board[3] + unit * 0.024),
        rgb("8a5f3c"),
    )
    canvas.box(board, rgb("2d3436"))
    for at in range(5):
        canvas.box(
            (
                board[0] + board[2] * 0.1,
                board[1] + board[3] * (0.14 + 0.16 * at),
                board[2] * scene.rng.uniform(0.35, 0.75),
                unit * 0.008,
            ),
            rgb("e9e4d8"),
            radius=unit * 0.004,
            opacity=0.8,
        )
    paint_shelf(scene, (width * 0.64, canvas.height * 0.56), width * 0.3, scene.palette.main)
    paint_pendants(scene, (0.2, 0.42, 0.64), canvas.height * 0.2)
    counter = floor - unit * 0.04
    canvas.box(
        (width * 0.6, counter, width * 0.4, canvas.height * 0.14),
        mix(scene.palette.deep, rgb("6b4a34"), 0.4),
        foot=mix(scene.palette.deep, rgb("3a281c"), 0.5),
    )
    canvas.box((width * 0.585, counter - unit * 0.022, width * 0.42, unit * 0.028), rgb("e7d2b4"))
    for at, name in enumerate(("hot-beverage", "croissant", "cupcake")):
        stamp(canvas, figure(name), Pose((width * (0.68 + 0.1 * at), counter - unit * 0.06), unit * 0.1), Light())
    paint_shafts(scene, window, 3)


def _gallery(scene: Scene, floor: float) -> None:
    canvas, unit, width = scene.canvas, scene.canvas.unit, scene.canvas.width
    count = max(2, round(width / unit * 2))
    for at in range(count):
        x = width * (at + 0.5) / count
        size = unit * (0.26 if at % 2 else 0.22)
        canvas.glow((x, floor * 0.46), (size * 1.1, floor * 0.5), rgb("fff3d6"), 0.5)
        paint_picture(scene, (x - size * 0.39, floor * 0.5 - size * 0.55), size, scene.palette.tones[at % 4])
        canvas.polygon(
            [
                (x - unit * 0.02, 0),
                (x + unit * 0.02, 0),
                (x + unit * 0.028, unit * 0.04),
                (x - unit * 0.028, unit * 0.04),
            ],
            rgb("3a3d46"),
        )
