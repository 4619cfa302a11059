"""From a prompt to a picture: read it, choose a composition, paint, finish, mark."""

import hashlib
from random import Random

from PIL import Image, ImageOps

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.finish import finish, grain
from imagewright.sandbox.painter.lettering import mark, paint_title
from imagewright.sandbox.painter.raster import SMOOTHER, Size, resized
from imagewright.sandbox.painter.scenes.abstract import paint_abstract
from imagewright.sandbox.painter.scenes.actors import play
from imagewright.sandbox.painter.scenes.city import paint_city
from imagewright.sandbox.painter.scenes.emblem import paint_logo, paint_pattern
from imagewright.sandbox.painter.scenes.interior import paint_interior
from imagewright.sandbox.painter.scenes.landscape import paint_landscape
from imagewright.sandbox.painter.scenes.portrait import paint_portrait
from imagewright.sandbox.painter.scenes.scene import Scene, air_for
from imagewright.sandbox.painter.scenes.sky import paint_weather
from imagewright.sandbox.painter.scenes.space import paint_space
from imagewright.sandbox.painter.scenes.table import paint_studio, paint_table
from imagewright.sandbox.painter.scenes.water import paint_sea, paint_underwater
from imagewright.sandbox.painter.scenes.woods import paint_front
from imagewright.sandbox.painter.words.brief import Brief, read
from imagewright.sandbox.painter.words.colours import palette

_LEAST_SIDE = 256  # painted at least this large, then reduced
_MOST_PIXELS = 2_400_000  # painted at most this large, then enlarged
_LONGEST_RATIO = 3.0  # longer formats are cut from this one
_INDOORS = frozenset(("office", "living", "library", "cafe", "gallery"))


def compose(prompt: str, width: int, height: int, variant: int) -> Image.Image:
    """Paint a prompt."""
    digest = hashlib.sha256(f"{prompt}\0{width}x{height}\0{variant}".encode("utf-8", "surrogatepass")).digest()
    rng = Random(digest)  # noqa: S311  a picture's own chance, not a secret
    brief = read(prompt)
    canvas = Canvas(*_painted_size(width, height))
    tones = palette(brief.colours, brief.words, rng)
    dusky = "dusk" if brief.style == "neon" or brief.says("neon", "lights") else ""
    scene = Scene(canvas, brief, rng, tones, variant, air_for(brief, tones, rng, dusky))
    _paint(scene)
    canvas.image = finish(canvas.image, brief.style, rng)
    if brief.format in {"", "abstract"} and brief.style in {"", "flat"} and not (brief.places or brief.subjects):
        canvas.image = grain(canvas.image, 0.03)
    if brief.lettering and brief.format != "logo":
        paint_title(canvas, brief.lettering)
    if canvas.image.size != (width, height):
        canvas.image = (
            ImageOps.fit(canvas.image, (width, height), Image.Resampling.LANCZOS)
            if _cut(width, height)
            else resized(canvas.image, (width, height), SMOOTHER)
        )
        canvas.width, canvas.height, canvas.unit = width, height, min(width, height)
    mark(canvas)
    return canvas.image


def _cut(width: int, height: int) -> bool:
    return max(width, height) > _LONGEST_RATIO * min(width, height)


def _painted_size(width: int, height: int) -> Size:
    across, down = float(width), float(height)
    across, down = min(across, down * _LONGEST_RATIO), min(down, across * _LONGEST_RATIO)
    scale = max(1.0, _LEAST_SIDE / min(across, down))
    scale = min(scale, (_MOST_PIXELS / (across * down)) ** 0.5) if across * down > _MOST_PIXELS else scale
    return max(8, round(across * scale)), max(8, round(down * scale))


def _paint(scene: Scene) -> None:
    brief = scene.brief
    if brief.format == "logo":
        paint_logo(scene)
    elif brief.format == "pattern":
        paint_pattern(scene)
    elif brief.format == "portrait" and _portrays_a_person(brief):
        paint_portrait(scene)
    elif brief.format == "abstract" or not (
        brief.places or brief.subjects or brief.format or brief.time or brief.weather
    ):
        paint_abstract(scene)
    else:
        _paint_place(scene)


def _portrays_a_person(brief: Brief) -> bool:
    return all(
        subject.motif.startswith(("person-", "man-", "woman-")) or subject.relation == "wears"
        for subject in brief.subjects[:1]
    )


def _paint_place(scene: Scene) -> None:
    brief = scene.brief
    places = set(brief.places)
    outdoors = False
    if brief.format == "table" or places == {"table"}:
        stage = paint_table(scene)
    elif (
        brief.format in {"studio", "portrait"} or places == {"studio"} or (brief.style == "sketch" and brief.placeless)
    ):
        stage = paint_studio(scene)
    elif places & {"space", "moon"}:
        stage = paint_space(scene)
    elif "underwater" in places:
        stage = paint_underwater(scene)
    elif places & _INDOORS and brief.places[0] in _INDOORS:
        stage = paint_interior(scene)
    elif places & {"city", "street"}:
        stage, outdoors = paint_city(scene), True
    elif "beach" in places or ("sea" in places and not places & {"mountain", "forest", "desert"}):
        stage, outdoors = paint_sea(scene), True
    else:
        stage, outdoors = paint_landscape(scene), True
    play(scene, stage)
    if outdoors:
        if not places & {"city", "street", "sea", "beach"}:
            paint_front(scene)
        paint_weather(scene)
