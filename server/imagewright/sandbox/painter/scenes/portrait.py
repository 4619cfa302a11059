"""A person from the chest up, in flat shapes lit from one side."""

from dataclasses import dataclass

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.scenes.scene import Scene, Stage
from imagewright.sandbox.painter.svgpath import Point, flatten
from imagewright.sandbox.painter.words.colours import COLOURS
from imagewright.sandbox.painter.words.lists import word_set

_SKINS = ("f6d2b4", "e8b48c", "c98d62", "9a6440", "6f452e")
_HAIRS = ("2a201d", "4b2f22", "7a4a2b", "b5763a", "d9ab5c", "1d1b22")
_GARMENT_WORDS = word_set(
    """
    dress shirt jacket coat sweater hoodie suit blouse scarf t-shirt top
    """
)
_LONG = (
    "M31 40C29 20 40 11 50 11C60 11 71 20 69 40C71 54 74 66 71 80C66 86 34 86 29 80C26 66 29 54 31 40Z",
    "M32 42C28 24 38 10 51 11C64 11 72 24 68 42C68 56 66 62 68 68C60 72 40 72 32 68C34 62 32 56 32 42Z",
    "M30 44C24 24 36 9 50 10C66 9 76 26 70 44C78 52 76 66 70 70C62 74 38 74 30 70C24 66 22 52 30 44Z",
)
_FRINGE = (
    "M33.4 44C32 26 40 17 50 17C60 17 68 26 66.6 44C64 36 62 31 55 27C50 33 40 34 36.5 36C34.6 38 34 41 33.4 44Z",
    "M33.4 43C32 26 41 16 50 16C59 16 68 26 66.6 43C65 37 64 34 60 31C52 32 42 31 39 30C36 33 35 38 33.4 43Z",
    (
        "M33.4 44C31 25 41 16 51 16C61 16 69 25 66.6 44C66 38 64 34 62 32C56 33 48 30 45 25C42 31 37 34 35.4 36C34.4 "
        "38 34 41 33.4 44Z"
    ),
)
_SHORT = (
    (
        "M33 42C29 24 38 12 51 12C64 12 71 24 67 42C66 38 65.6 35 64 32C57 31 51 29 47 25C44 29 39 31 36 33C34.6 36 "
        "34 39 33 42Z"
    ),
    "M33 41C30 22 40 13 50 13C62 12 70 22 67 41C66 36 65 33 62.6 29C54 31 42 30 37.6 29C35 33 34 37 33 41Z",
    (
        "M33 40C30 28 34 22 38 20C40 13 50 12 55 14C64 13 69 24 67 40C66 36 65 34 64 32C60 28 56 27 50 27C44 27 40 28 "
        "36 32C35 34 34 37 33 40Z"
    ),
)
_FACE = "M34 40C34 26 40 19.6 50 19.6C60 19.6 66 26 66 40C66 52 60.6 63.4 50 63.4C39.4 63.4 34 52 34 40Z"
_HALF = "M50 19.6C60 19.6 66 26 66 40C66 52 60.6 63.4 50 63.4C53 58 54.4 54 54 50.4L52 49C53.6 44 51 38 51 34Z"
_NECK = "M43 54H57V68C57 75 43 75 43 68Z"
_NECK_SHADE = "M43 58C46 64 54 66.6 57 59V66C53 70 46.4 68 43 63Z"
_TORSO = "M16 104C16 82 26 74 41 71.4C46 77 54 77 59 71.4C74 74 84 82 84 104Z"
_COLLARS = (
    "M41 71.4L50 86L59 71.4L62.4 72.2L51 95H49L37.6 72.2Z",
    "M39 71.8C44 81.6 56 81.6 61 71.8L63 72.6C58 86 42 86 37 72.6Z",
    "M40 71.6L50 82L60 71.6L66 78L57 88L50 82L43 88L34 78Z",
)
_BEARD = (
    "M34.4 42C35 52 37 66 50 66.6C63 66 65 52 65.6 42C64 48 62.6 50.6 59 51.4C54 49.4 46 49.4 41 51.4C37.4 50.6 36 48 "
    "34.4 42Z"
)


@dataclass(frozen=True, slots=True)
class _Frame:
    canvas: Canvas
    centre: float
    top: float
    size: float

    def fill(
        self, path: str, colour: Colour, *, opacity: float = 1.0, foot: Colour | None = None, mirrored: bool = False
    ) -> None:
        for ring in flatten(path, step=1.2):
            self.canvas.polygon(
                [self.at(100 - x if mirrored else x, y) for x, y in ring], colour, opacity=opacity, foot=foot
            )

    def at(self, x: float, y: float) -> Point:
        return self.centre + (x - 50) * self.size / 100, self.top + y * self.size / 100


def paint_portrait(scene: Scene) -> Stage | None:
    """A studio backdrop and one person."""
    canvas, rng, brief = scene.canvas, scene.rng, scene.brief
    palette = scene.palette
    asked = [colour for word, colour in _described(brief.words).items() if word == "backdrop"]
    back = asked[0] if asked else mix(rng.choice((palette.main, palette.second, palette.accent)), palette.ground, 0.35)
    canvas.fill([(0, mix(back, WHITE, 0.16)), (1, shade(back, 0.78))], angle=rng.choice((60, 120)))
    unit = canvas.unit
    middle = canvas.width * (0.5 if canvas.width < canvas.height * 1.4 else rng.choice((0.4, 0.6)))
    with canvas.soft() as soft:
        soft.glow(
            (middle - unit * 0.2, canvas.height * 0.34),
            (unit * 0.75, unit * 0.7),
            mix(back, WHITE, 0.6),
            0.7,
            falloff=1.6,
        )
    if scene.pick(2):
        canvas.disc((middle, canvas.height * 0.46), unit * 0.4, mix(back, WHITE, 0.28), opacity=0.7)
    size = min(canvas.height * 0.98, canvas.width * 1.05)
    _person(scene, _Frame(canvas, middle, canvas.height - size * 1.0, size), back)
    return None


def _described(words: tuple[str, ...]) -> dict[str, Colour]:
    """Which colour goes with hair, eyes, clothes or the backdrop."""
    found: dict[str, Colour] = {}
    for at, word in enumerate(words):
        colour = COLOURS.get(word) or {
            "blonde": rgb("e2b765"),
            "blond": rgb("e2b765"),
            "brunette": rgb("4b2f22"),
            "redhead": rgb("b8502a"),
            "ginger": rgb("b8502a"),
        }.get(word)
        if colour is None:
            continue
        after = words[at : at + 4]
        if word in {"blonde", "blond", "brunette", "redhead", "ginger"} or "hair" in after:
            found["hair"] = mix(colour, rgb("7a3b22"), 0.4) if word == "red" else colour
        elif "eyes" in after:
            found["eyes"] = colour
        elif _GARMENT_WORDS & set(after):
            found["clothes"] = colour
        else:
            found["backdrop"] = colour
    return found


def _person(scene: Scene, frame: _Frame, back: Colour) -> None:
    brief, rng = scene.brief, scene.rng
    colours = _described(brief.words)
    old = brief.says("old", "elderly", "grandmother", "grandfather", "senior", "aged", "wise")
    who = brief.person or rng.choice(("woman", "man"))
    woman = who == "woman" or (who == "person" and scene.chance(0.5))
    skin = rgb(rng.choice(_SKINS))
    hair = colours.get("hair") or (rgb("d5d7dc") if old else rgb(rng.choice(_HAIRS)))
    clothes = colours.get("clothes") or (scene.palette.deep if scene.palette.deep != back else scene.palette.main)
    dark = mix(shade(skin, 0.72), rgb("7a2f3a"), 0.14)
    style = scene.pick(3)
    long = woman and not brief.says("short")
    if long:
        frame.fill(_LONG[style], shade(hair, 0.78), foot=shade(hair, 0.6))
    frame.fill(_NECK, shade(skin, 0.92))
    frame.fill(_NECK_SHADE, dark, opacity=0.8)
    frame.fill(_TORSO, clothes, foot=shade(clothes, 0.72))
    frame.fill(
        _COLLARS[style],
        mix(
            clothes,
            WHITE,
            0.82
            if brief.says("suit", "business", "businessman", "businesswoman", "professional", "headshot", "ceo")
            else 0.3,
        ),
    )
    for mirrored in (False, True):
        frame.fill("M33 40C30 38 29 42 30.6 46C31.6 49 34 50 35 48Z", shade(skin, 0.9), mirrored=mirrored)
    frame.fill(_FACE, skin)
    frame.fill(_HALF, dark, opacity=0.3)
    if not woman and (brief.says("beard", "bearded", "wizard") or scene.chance(0.4)):
        frame.fill(_BEARD, shade(hair, 0.92), foot=shade(hair, 0.75))
    _features(frame, skin, dark, hair, colours.get("eyes") or rgb("3a2a24"), old=old, woman=woman)
    if brief.says("bald"):
        return
    frame.fill(_FRINGE[style] if long else _SHORT[style], hair, foot=shade(hair, 0.86))
    frame.fill("M38 24C42 18.6 50 17.4 55 18.6C49 19.6 43 22 39.4 27Z", mix(hair, WHITE, 0.3), opacity=0.45)
    _accessories(scene, frame)


def _features(frame: _Frame, skin: Colour, dark: Colour, hair: Colour, eyes: Colour, *, old: bool, woman: bool) -> None:
    line = frame.size * 0.009
    canvas = frame.canvas
    for mirrored in (False, True):
        frame.fill(
            "M38.4 37.2C40 34.8 43.4 34.6 46 36.2C43.4 35.8 40.6 36 38.4 37.2Z", shade(hair, 0.7), mirrored=mirrored
        )
        frame.fill(
            "M39 41.6C40.6 39.4 44.2 39.4 45.8 41.8C44 43.4 40.8 43.4 39 41.6Z",
            mix(WHITE, skin, 0.12),
            mirrored=mirrored,
        )
        x = 57.6 if mirrored else 42.4
        canvas.disc(frame.at(x, 41.5), frame.size * 0.0165, eyes)
        canvas.disc(frame.at(x, 41.5), frame.size * 0.008, rgb("15110f"))
        canvas.disc(frame.at(x - 0.6, 40.8), frame.size * 0.0042, WHITE)
        frame.fill(
            "M38.6 41.6C40.4 38.8 44.2 38.8 46 41.8C44 40.2 40.8 40.2 38.6 41.6Z", rgb("2a1d1a"), mirrored=mirrored
        )
        canvas.glow(
            frame.at(61.4 if mirrored else 38.6, 49), (frame.size * 0.045, frame.size * 0.034), rgb("e06a5a"), 0.3
        )
        if old:
            canvas.line(
                [frame.at(100 - x if mirrored else x, y) for x, y in ((40, 46), (42.4, 46.8), (45, 46))],
                line * 0.5,
                dark,
                opacity=0.5,
            )
    canvas.line([frame.at(50.4, 40.6), frame.at(51.8, 48), frame.at(49, 49.4)], line * 0.8, dark, opacity=0.8)
    lips = mix(rgb("c2484a"), skin, 0.15 if woman else 0.45)
    frame.fill("M44 54.6C46.6 53.4 48.6 53.2 50 53.9C51.4 53.2 53.4 53.4 56 54.6C53 58.6 47 58.6 44 54.6Z", lips)
    canvas.line([frame.at(44, 54.6), frame.at(50, 55.5), frame.at(56, 54.6)], line * 0.5, shade(lips, 0.6))


def _accessories(scene: Scene, frame: _Frame) -> None:
    canvas, brief = frame.canvas, scene.brief
    if brief.says("glasses", "sunglasses", "spectacles", "eyeglasses"):
        shaded = "sunglasses" in brief.words
        for x in (42.2, 57.8):
            if shaded:
                canvas.disc(frame.at(x, 41.8), frame.size * 0.058, rgb("1c1b24"))
                canvas.disc(frame.at(x - 1.6, 40.2), frame.size * 0.016, WHITE, opacity=0.4)
            canvas.ring(frame.at(x, 41.8), frame.size * 0.058, frame.size * 0.009, rgb("22222a"))
        canvas.line([frame.at(48, 41), frame.at(50, 40.2), frame.at(52, 41)], frame.size * 0.009, rgb("22222a"))
    if brief.says("hat", "fedora"):
        hat = rgb("4a3328")
        frame.fill("M20 28C30 21 70 21 80 28C76 34 24 34 20 28Z", shade(hat, 0.85))
        frame.fill("M33 26C32 8 42 3 50 7C58 3 68 8 67 26C58 29 42 29 33 26Z", hat, foot=shade(hat, 0.8))
        frame.fill("M33 21C42 24 58 24 67 21V26C58 29 42 29 33 26Z", rgb("1f1714"))
    if brief.says("crown", "queen", "king"):
        frame.fill("M34 20L31 5L41 12L50 2L59 12L69 5L66 20C58 23 42 23 34 20Z", rgb("f2c14e"), foot=rgb("c98d24"))
