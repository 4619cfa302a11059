"""Forests: far rows, the trees around a clearing, and those that frame the picture."""

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.scenes.land import Line
from imagewright.sandbox.painter.scenes.plants import paint_birches, paint_broadleaf, paint_pines, tree_row
from imagewright.sandbox.painter.scenes.scene import Scene

LEAVES = {
    "autumn": ("d97b2b", "c4552c", "e0a33a"),
    "blossom": ("f4b4c8", "f7c9d8", "eaa0bb"),
    "": ("4f9a4c", "3b8548", "6aac4f"),
}


def paint_front(scene: Scene) -> None:
    """What frames the picture, in front of the things named: near trees at both edges."""
    if "forest" not in scene.brief.places or "lake" in scene.brief.places:
        return
    canvas, rng = scene.canvas, scene.rng
    unit, snow = canvas.unit, "snow" in scene.brief.weather
    dark = needle(scene, 0.0)
    white = mix(white_of(scene), dark, 0.12) if snow else None
    if scene.brief.weather & {"autumn", "blossom"}:
        return
    edges = [(0.02, 0.86), (0.985, 0.94), (0.115, 0.58), (0.9, 0.54)]
    left, right = 0.4, 0.6
    if scene.framing.centre < left:
        edges = [(0.99, 1.05), (0.88, 0.8), (0.78, 0.5)]
    elif scene.framing.centre > right:
        edges = [(0.0, 1.0), (0.12, 0.84), (0.24, 0.56)]
    paint_pines(
        canvas,
        [
            (canvas.width * x + rng.uniform(-0.02, 0.02) * unit, canvas.height * 1.03, unit * h * rng.uniform(0.9, 1.1))
            for x, h in edges
        ],
        dark,
        snow=white,
    )


def paint_far_forest(scene: Scene, horizon: float, *, snow: bool) -> None:
    """Two rows of trees on the horizon."""
    canvas = scene.canvas
    line: Line = [(0, horizon + canvas.height * 0.03), (canvas.width, horizon + canvas.height * 0.03)]
    for distance, height, count in ((0.62, 0.3, 15), (0.42, 0.34, 11)):
        colour = needle(scene, distance)
        if scene.brief.weather & {"autumn", "blossom"} or _leafy(scene):
            tint = rgb(scene.rng.choice(LEAVES[season(scene)]))
            rows = tree_row(
                scene,
                line,
                round(count * canvas.width / canvas.unit * 0.8),
                canvas.unit * height * 0.75,
                canvas.unit * height,
            )
            paint_broadleaf(canvas, rows, scene.air.far(tint, distance), scene)
            continue
        rows = tree_row(
            scene,
            line,
            round(count * canvas.width / canvas.unit),
            canvas.unit * height * 0.65,
            canvas.unit * height * 1.1,
        )
        paint_pines(canvas, rows, colour, snow=mix(white_of(scene), colour, 0.45) if snow else None)
        canvas.glow(
            (canvas.width / 2, line[0][1]), (canvas.width * 0.8, canvas.unit * 0.1), scene.air.haze, 0.5, falloff=1.2
        )


def paint_forest(scene: Scene, lines: list[Line], *, snow: bool) -> None:
    """The trees around the clearing where the subject stands."""
    canvas, unit = scene.canvas, scene.canvas.unit
    gap = (scene.framing.centre - 0.17, scene.framing.centre + 0.17)
    if scene.brief.weather & {"autumn", "blossom"} or _leafy(scene):
        tint = scene.air.far(rgb(scene.rng.choice(LEAVES[season(scene)])), 0.08)
        paint_broadleaf(
            canvas,
            tree_row(scene, lines[1], round(7 * canvas.width / unit), unit * 0.34, unit * 0.48, gap=gap),
            tint,
            scene,
        )
        return
    if scene.brief.says("birch", "birches"):
        paint_birches(
            canvas, tree_row(scene, lines[1], 9, unit * 0.9, unit * 1.2, gap=gap), mix(WHITE, scene.air.haze, 0.3)
        )
        return
    colour = needle(scene, 0.2)
    rows = tree_row(scene, lines[1], round(9 * canvas.width / unit), unit * 0.3, unit * 0.52, gap=gap)
    paint_pines(canvas, rows, colour, snow=mix(white_of(scene), colour, 0.25) if snow else None)


def needle(scene: Scene, distance: float) -> Colour:
    """A conifer's colour."""
    base = rgb("1f4a3d") if scene.air.time in {"day", "dawn"} else rgb("1a3040")
    if scene.palette.asked:
        base = mix(base, scene.palette.deep, 0.4)
    return scene.air.far(shade(base, 0.8), distance)


def season(scene: Scene) -> str:
    """ "autumn", "blossom" or ""."""
    return next((name for name in ("autumn", "blossom") if name in scene.brief.weather), "")


def _leafy(scene: Scene) -> bool:
    return scene.brief.says("jungle", "rainforest", "grove", "orchard", "park", "garden", "oak", "leaves")


def white_of(scene: Scene) -> Colour:
    """Snow in this light."""
    return mix(mix(WHITE, scene.air.stops[3], 0.16), scene.air.light.ambient, scene.air.light.share * 1.2)
