"""Whole figures: bodies for the motifs that are only a head, dressed ones, and a few things the library lacks."""

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

from imagewright.sandbox.painter.colour import WHITE, Colour, is_grey, mix, rgb, shade
from imagewright.sandbox.painter.motifs import Motif, Shape, as_motif, motif, shape


@dataclass(frozen=True, slots=True)
class _Body:
    parts: tuple[str, ...]
    head: tuple[float, float, float] = (0.6, 6.4, 0.2)  # scale, left, top
    belly: str = ""
    main: str = ""


_BODIES = {
    "fox": _Body(("brush", "seated"), belly="ffdea7"),
    "wolf": _Body(("brush", "seated"), belly="d3d3d3"),
    "bear": _Body(("seated",), belly="c98f73"),
    "polar-bear": _Body(("seated",), belly="ffffff", main="dfe2e8"),
    "panda": _Body(("seated",), belly="f4f4f4", main="433b6b"),
    "koala": _Body(("seated",), belly="d3d3d3"),
    "lion": _Body(("thin", "seated"), belly="ffdea7", main="ffb02e"),
    "raccoon": _Body(("brush", "seated"), belly="d3d3d3"),
    "hamster": _Body(("seated",), belly="ffe3c2"),
    "frog": _Body(("seated",), belly="fcd53f"),
    "tiger-face": _Body(("thin", "seated"), belly="f4f0fa"),
    "cat-face": _Body(("thin", "seated"), belly="ffdf8f"),
    "dog-face": _Body(("thin", "seated"), belly="ffdea7"),
    "monkey-face": _Body(("thin", "seated"), belly="d9a27e"),
    "rabbit-face": _Body(("seated",), belly="ffffff", main="dfe2e8"),
    "mouse-face": _Body(("thin", "seated"), belly="e6e6e6"),
    "cow-face": _Body(("seated",), belly="f4f4f4", main="d3d3d3"),
    "pig-face": _Body(("seated",), belly="ffc3d4"),
    "robot": _Body(("robot",), (0.52, 7.7, 0.0)),
    "astronaut": _Body(("astronaut",), (0.62, 6.1, -0.4)),
    "alien": _Body(("alien",), (0.56, 7.0, 0.2)),
}
# For clothes, a face is better than a profile.
FACE_OF = {
    "cat": "cat-face",
    "dog": "dog-face",
    "tiger": "tiger-face",
    "monkey": "monkey-face",
    "rabbit": "rabbit-face",
    "mouse": "mouse-face",
    "cow": "cow-face",
    "pig": "pig-face",
    "poodle": "dog-face",
    "black-cat": "cat-face",
    "leopard": "tiger-face",
}
# Where eyes are, as a share of the head's grid from its top; the middle is always at half.
_EYES = {
    "fox": 0.55,
    "raccoon": 0.57,
    "cat-face": 0.57,
    "hamster": 0.57,
    "lion": 0.42,
    "robot": 0.42,
    "frog": 0.2,
    "panda": 0.46,
    "owl": 0.27,
    "astronaut": 0.36,
    "penguin": 0.27,
    "alien": 0.46,
    "rabbit-face": 0.6,
    "mouse-face": 0.56,
    "monkey-face": 0.45,
    "cow-face": 0.5,
    "pig-face": 0.45,
    "ghost": 0.42,
}
# Each piece of clothing: its size against the head, and its middle's distance from the eye line in heads.
_WORN = {
    "sunglasses": (0.78, 0.02),
    "glasses": (0.78, 0.02),
    "goggles": (0.78, 0.02),
    "top-hat": (0.72, -0.58),
    "crown": (0.56, -0.5),
    "womans-hat": (0.9, -0.5),
    "billed-cap": (0.75, -0.42),
    "graduation-cap": (0.85, -0.46),
    "headphone": (1.3, -0.12),
    "scarf": (0.72, 0.5),
    "necktie": (0.45, 0.66),
    "ribbon": (0.36, 0.48),
    "rescue-workers-helmet": (0.8, -0.42),
    "military-helmet": (0.85, -0.4),
    "diving-mask": (0.75, 0.05),
    "backpack": (0.5, 0.8),
}
_THINGS = frozenset(("lighthouse", "windmill", "hot-air-balloon", "worn-scarf", "hot-beverage"))
_STRIPPED = {"sailboat": ("00a6ed", "0074ba")}  # its own bit of sea: the scene has one


@lru_cache(maxsize=128)
def figure(name: str) -> Motif:
    """The motif as a whole figure. Raises KeyError for an unknown name."""
    if name in _THINGS:
        return as_motif(name, tuple(_read(line, rgb("ffffff"), "") for line in _drawings()[name]))
    if name == "unicorn":
        return _unicorn()
    drawn = motif(name)
    if name in _STRIPPED:
        return as_motif(name, tuple(part for part in drawn.shapes if part.colour not in map(rgb, _STRIPPED[name])))
    body = _BODIES.get(name)
    if body is None:
        return drawn
    main = rgb(body.main) if body.main else drawn.main
    under = tuple(_read(line, main, body.belly) for part in body.parts for line in _drawings()[part])
    scale, left, top = body.head
    return as_motif(name, under + tuple(_moved(part, scale, left / 32, top / 32) for part in drawn.shapes))


def _unicorn() -> Motif:
    """The library's is a head; a horse in white with a horn and a violet mane stands on its own legs."""
    horse = motif("horse")
    coat = tuple(
        replace(
            part,
            colour=mix(part.colour, WHITE, 0.86) if not is_grey(part.colour) else mix(part.colour, rgb("a56ff0"), 0.85),
        )
        for part in horse.shapes
    )
    horn = tuple(_read(line, WHITE, "") for line in _drawings()["unicorn"])
    return as_motif("unicorn", coat + horn, main=rgb("f3ecfb"))


@lru_cache(maxsize=64)
def dressed(name: str, worn: tuple[str, ...]) -> Motif | None:
    """The figure wearing things; None if it has no face to wear them on, or one of them is not worn."""
    face = FACE_OF.get(name, name)
    known_face = face in _BODIES or face in _EYES
    if not known_face or any(thing not in _WORN for thing in worn):
        return None
    scale, left, top = _BODIES[face].head if face in _BODIES else (1.0, 0.0, 0.0)
    shapes = figure(face).shapes
    for thing in worn:
        size, below = _WORN[thing]
        size *= scale
        middle = figure("worn-scarf" if thing == "scarf" else thing)
        eye_line = top / 32 + scale * _EYES.get(face, 0.5)
        x = left / 32 + scale / 2 - size * (middle.left + middle.right) / 2
        y = eye_line + below * scale - size * (middle.top + middle.bottom) / 2
        shapes += tuple(_moved(part, size, x, y) for part in middle.shapes)
    whole = as_motif(f"{face} dressed", shapes, main=figure(face).main)
    fit = min(1.0, 0.98 / whole.height, 0.98 / whole.width)
    left, top = 0.5 - fit * (whole.left + whole.right) / 2, 0.99 - fit * whole.bottom
    return as_motif(whole.name, tuple(_moved(part, fit, left, top) for part in shapes), main=whole.main)


@cache
def _drawings() -> dict[str, tuple[str, ...]]:
    """The sections of the data file, each with its lines."""
    text = resources.files("imagewright.sandbox.painter").joinpath("data", "figures.txt").read_text(encoding="utf-8")
    sections = (section.partition("]") for section in text.split("[")[1:])
    return {name: tuple(lines.strip().splitlines()) for name, _, lines in sections}


def _read(line: str, main: Colour, belly: str) -> Shape:
    role, _, path = line.partition(" ")
    roles = {
        "M": main,
        "D": shade(main, 0.8),
        "L": rgb(belly) if belly else mix(main, WHITE, 0.45),
        "P": mix(main, WHITE, 0.3),
    }
    if role in roles:
        return shape(roles[role], 255, path)
    return shape(rgb(role[1:]), int(role[7:9] or "ff", 16), path)


def _moved(part: Shape, scale: float, left: float, top: float) -> Shape:
    rings = tuple(tuple((x * scale + left, y * scale + top) for x, y in ring) for ring in part.rings)
    return Shape(part.colour, part.alpha, rings)
