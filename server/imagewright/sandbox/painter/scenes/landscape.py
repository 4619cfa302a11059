"""Open country: forests, mountains, fields, deserts, snow, lakes, the sky itself."""

from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.scenes.land import (
    Line,
    height_at,
    hill_line,
    paint_ground,
    paint_mountains,
    paint_water,
)
from imagewright.sandbox.painter.scenes.plants import (
    Tree,
    paint_broadleaf,
    paint_flowers,
    paint_grass,
    paint_pines,
    tree_row,
)
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.scenes.sky import paint_clouds, paint_sky
from imagewright.sandbox.painter.scenes.woods import LEAVES, needle, paint_far_forest, paint_forest, season, white_of
from imagewright.sandbox.painter.stamp import Pose, stamp
from imagewright.sandbox.painter.words.kinds import FLIERS, FLOATERS, SWIMMERS

_FLOWERY = ("flowers", "flower", "meadow", "garden", "poppy", "poppies", "wildflowers", "daisies", "spring", "tulips")
_GREAT = frozenset(("mount-fuji", "volcano"))  # these are the mountains
_GRASS = ("79b765", "4f9f55", "2f7d48")
_AUTUMN = ("d9a04a", "c07a34", "94552a")
_DUNES = ("f0cb8e", "e0a965", "c68449")
_SNOW = ("e3ecf7", "eef4fb", "fafcff")


def paint_landscape(scene: Scene) -> Stage:
    """Sky, then what stands far off, then the ground, then the frame in front."""
    canvas, brief, rng = scene.canvas, scene.brief, scene.rng
    places = set(brief.places)
    if places == {"sky"}:
        return _sky_only(scene)
    tall = canvas.height > canvas.width * 1.2
    horizon = canvas.height * (0.64 if tall else 0.58 + rng.uniform(-0.02, 0.03))
    horizon += canvas.height * scene.framing.lift
    sun = paint_sky(scene, horizon, sun=0.5 + scene.framing.side * rng.uniform(0.18, 0.3))
    snow = "snow" in brief.weather
    lake = "lake" in places
    great = any(subject.motif in _GREAT for subject in brief.subjects)
    if places & {"mountain", "lake", "snowfield"} and not great:
        paint_mountains(
            scene,
            horizon + canvas.height * 0.02,
            height=min(canvas.height * 0.4, canvas.width * 0.5),
            snow="desert" not in places and not brief.says("canyon"),
            colour=_rock(scene),
        )
    if "desert" in places and "mountain" not in places:
        _mesas(scene, horizon)
    if "forest" in places:
        paint_far_forest(scene, horizon, snow=snow)
    if lake:
        return _lake(scene, horizon, sun=sun)
    lines = [
        hill_line(rng, canvas, horizon + canvas.height * drop, canvas.height * swing) for drop, swing in _bands(scene)
    ]
    colours = [_ground(scene, at) for at in range(3)]
    paint_ground(scene, lines[:1], colours[:1])
    _middle_distance(scene, lines[0], snow=snow)
    paint_ground(scene, lines[1:2], colours[1:2])
    if "forest" in places:
        paint_forest(scene, lines, snow=snow)
    paint_ground(scene, lines[2:], colours[2:])
    _foreground(scene, lines[2], colours[2], snow=snow)
    foot = height_at(lines[2], canvas.width / 2) + canvas.height * 0.1
    foot = min(foot, canvas.height * (0.96 if scene.framing.size > 1 else 0.93))
    return Stage(
        ground=foot,
        back=foot - canvas.height * 0.07,
        air=canvas.height * 0.32,
        height=canvas.unit * (0.62 if great else 0.46 * scene.framing.size),
        light=scene.air.light,
        shadow=shade(colours[2], 0.35),
        spread=0.66 if "forest" in places else 0.84,
        centre=scene.framing.centre,
    )


def _bands(scene: Scene) -> tuple[tuple[float, float], ...]:
    if "desert" in scene.brief.places:
        return (0.015, 0.03), (0.1, 0.045), (0.22, 0.05)
    if scene.brief.says("hills", "rolling", "hill"):
        return (0.0, 0.05), (0.1, 0.05), (0.22, 0.035)
    return (0.02, 0.018), (0.1, 0.022), (0.2, 0.016)


def _rock(scene: Scene) -> Colour:
    if scene.brief.says("canyon") or "desert" in scene.brief.places:
        return rgb("b5623c")
    return mix(rgb("56688c"), scene.air.stops[0], 0.25)


def _ground(scene: Scene, band: int) -> Colour:
    weather = scene.brief.weather
    if "desert" in scene.brief.places:
        code = _DUNES[band]
    elif "snow" in weather or "snowfield" in scene.brief.places:
        return mix(
            mix(rgb(_SNOW[band]), scene.air.stops[3], 0.14 - band * 0.03),
            scene.air.light.ambient,
            scene.air.light.share * 1.3,
        )
    elif scene.brief.says("wheat", "lavender", "tulips"):
        code = {"wheat": "e2b84f", "lavender": "9a7fd0", "tulips": "7db35f"}[
            next(word for word in scene.brief.words if word in {"wheat", "lavender", "tulips"})
        ]
    elif "autumn" in weather:
        code = _AUTUMN[band]
    else:
        code = _GRASS[band]
    colour = scene.air.far(rgb(code), 0.26 - 0.12 * band)
    return mix(colour, scene.palette.main, 0.2) if scene.palette.asked else colour


def _middle_distance(scene: Scene, line: Line, *, snow: bool) -> None:
    """A few small trees or houses far off, so that the land has a size."""
    canvas, brief, unit = scene.canvas, scene.brief, scene.canvas.unit
    places = set(brief.places)
    if "village" in places or brief.says("farm"):
        _village(scene, line)
    if places & {"desert", "snowfield", "forest"} or ("mountain" in places and snow):
        return
    rows = tree_row(scene, line, round(9 * canvas.width / unit), unit * 0.05, unit * 0.09)
    tint = scene.air.far(rgb(scene.rng.choice(LEAVES[season(scene)])), 0.3)
    if snow or "mountain" in places:
        paint_pines(canvas, rows, scene.air.far(rgb("2f5f4c"), 0.34), snow=white_of(scene) if snow else None)
    else:
        paint_broadleaf(canvas, [row for row in rows if scene.chance(0.6)], tint, scene)


def _mesas(scene: Scene, horizon: float) -> None:
    """Flat-topped rocks on the desert's horizon."""
    canvas, rng, unit = scene.canvas, scene.rng, scene.canvas.unit
    for distance in (0.6, 0.42):
        colour = scene.air.far(rgb("b5623c"), distance)
        for _ in range(2):
            x, half, top = (
                canvas.width * rng.random(),
                unit * rng.uniform(0.06, 0.16),
                horizon - unit * rng.uniform(0.05, 0.12),
            )
            outline = [
                (x - half * 1.25, horizon + unit * 0.05),
                (x - half * 0.95, top + unit * 0.03),
                (x - half * 0.85, top),
                (x + half * 0.8, top + unit * 0.004),
                (x + half, top + unit * 0.035),
                (x + half * 1.3, horizon + unit * 0.05),
            ]
            canvas.polygon(outline, colour, foot=mix(colour, scene.air.haze, 0.4))
            canvas.polygon(
                [outline[3], outline[4], outline[5], (x + half * 0.4, horizon + unit * 0.05)],
                shade(colour, 0.8),
                opacity=0.5,
            )


def _village(scene: Scene, line: Line) -> None:
    canvas, rng = scene.canvas, scene.rng
    names = (
        ("house", "house", "church", "house", "house-with-garden")
        if "village" in scene.brief.places
        else ("house", "windmill")
    )
    for at, name in enumerate(names):
        x = canvas.width * (0.2 + 0.6 * (at + rng.uniform(0.2, 0.8)) / len(names))
        size = canvas.unit * (0.16 if name != "church" else 0.2)
        stamp(canvas, figure(name), Pose((x, height_at(line, x) - size * 0.4), size), scene.air.light)


def _foreground(scene: Scene, line: Line, colour: Colour, *, snow: bool) -> None:
    canvas, brief = scene.canvas, scene.brief
    depth = canvas.height - line[0][1]
    if snow or set(brief.places) & {"desert", "snowfield"}:
        with canvas.soft() as soft:
            for _ in range(5):
                x = canvas.width * scene.rng.random()
                soft.glow(
                    (x, line[0][1] + depth * scene.rng.uniform(0.2, 0.9)),
                    (canvas.width * 0.3, depth * 0.12),
                    shade(colour, 0.9),
                    0.4,
                    falloff=1.4,
                )
        return
    paint_grass(canvas, scene, line, shade(colour, 0.8), depth=depth)
    codes, count = ("fff6d8 ffd86b", 24) if scene.chance(0.5) else ("", 0)
    if brief.says("lavender"):
        codes, count = "8a63d2 a98be6", 160
    elif brief.says(*_FLOWERY) or "blossom" in brief.weather:
        codes, count = "ffffff ffd23f f0719c b39ae8", 70
    if codes:
        petals = tuple(scene.air.far(rgb(code), 0.0) for code in codes.split())
        paint_flowers(canvas, scene, line, petals, depth=depth, count=count)


def _lake(scene: Scene, horizon: float, *, sun: tuple[float, float]) -> Stage:
    canvas, unit, rng = scene.canvas, scene.canvas.unit, scene.rng
    snow = "snow" in scene.brief.weather
    shore = hill_line(rng, canvas, horizon + canvas.height * 0.01, canvas.height * 0.006)
    rows: list[Tree] = tree_row(scene, shore, round(26 * canvas.width / unit), unit * 0.05, unit * 0.13)
    colour = needle(scene, 0.22)
    if season(scene):
        paint_broadleaf(canvas, rows, scene.air.far(rgb(rng.choice(LEAVES[season(scene)])), 0.2), scene)
    else:
        paint_pines(canvas, rows, colour, snow=white_of(scene) if snow else None)
    paint_water(scene, horizon + canvas.height * 0.02, sun=sun, mirror=True)
    canvas.gradient(
        (0, horizon + canvas.height * 0.016, canvas.width, max(2, unit * 0.005)),
        [(0, mix(colour, scene.air.haze, 0.5)), (1, mix(colour, scene.air.haze, 0.7))],
    )
    if any(subject.motif not in FLOATERS | SWIMMERS | FLIERS for subject in scene.brief.subjects):
        return _bank(scene, snow=snow)
    return Stage(
        ground=canvas.height * 0.84,
        back=canvas.height * 0.74,
        air=canvas.height * 0.3,
        height=unit * 0.36 * scene.framing.size,
        light=scene.air.light,
        medium="afloat",
        centre=scene.framing.centre,
        shadow=shade(scene.air.stops[0], 0.4),
    )


def _bank(scene: Scene, *, snow: bool) -> Stage:
    """The near shore of a lake, for what stands on land."""
    canvas = scene.canvas
    line = hill_line(scene.rng, canvas, canvas.height * 0.86, canvas.height * 0.012)
    colour = _ground(scene, 2)
    canvas.land([(x, y - canvas.unit * 0.008) for x, y in line], shade(colour, 0.6), foot=colour)
    canvas.land(line, colour, foot=shade(colour, 0.8))
    _foreground(scene, line, colour, snow=snow)
    return Stage(
        ground=canvas.height * 0.94,
        back=canvas.height * 0.9,
        air=canvas.height * 0.3,
        height=canvas.unit * 0.44 * scene.framing.size,
        light=scene.air.light,
        shadow=shade(colour, 0.35),
        centre=scene.framing.centre,
        water=canvas.height * 0.76,
    )


def _sky_only(scene: Scene) -> Stage:
    canvas = scene.canvas
    side = scene.rng.choice((0.2, 0.8))
    paint_sky(scene, canvas.height * 0.9, sun=side)
    air = scene.air
    for depth, scale, share in ((0.8, 1.5, 0.25), (0.93, 2.0, 0.1), (1.06, 2.5, 0.0)):
        colour = mix(mix(WHITE, air.stops[3], 0.35), air.light.ambient, air.light.share)
        paint_clouds(scene, canvas.height * depth, 3, mix(colour, air.stops[2], share), scale=scale)
    return Stage(
        ground=canvas.height * 0.66,
        back=canvas.height * 0.56,
        air=canvas.height * 0.45,
        height=canvas.unit * 0.46,
        light=air.light,
        medium="weightless",
    )
