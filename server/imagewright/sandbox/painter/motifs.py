"""The motif library: flat vector pictures of things, read one at a time from a zip file."""

import io
import json
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from imagewright.sandbox.painter.colour import Colour, is_grey, rgb
from imagewright.sandbox.painter.svgpath import Point, Ring, flatten

_UNITS = 32  # the icons' own grid
_CHORD = 0.22  # of that grid: smooth up to about 700 px


@dataclass(frozen=True, slots=True)
class Shape:
    """One filled outline; rings after the first are holes or islands. Coordinates run 0 to 1."""

    colour: Colour
    alpha: int
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class Motif:
    """A drawable thing."""

    name: str
    shapes: tuple[Shape, ...]
    left: float
    top: float
    right: float
    bottom: float
    main: Colour  # the colour that covers most, a true hue before greys

    @property
    def width(self) -> float:
        """Of the ink, as a share of the grid."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Of the ink, as a share of the grid."""
        return self.bottom - self.top


@lru_cache(maxsize=256)
def motif(name: str) -> Motif:
    """The motif of that name.

    Raises KeyError if there is none.
    """
    return as_motif(name, tuple(_shapes(_archive().read(name).decode())))


def as_motif(name: str, shapes: tuple[Shape, ...], main: Colour | None = None) -> Motif:
    """A motif from its shapes, in drawing order."""
    points = [point for part in shapes for ring in part.rings for point in ring]
    across, down = [x for x, _ in points], [y for _, y in points]
    return Motif(name, shapes, min(across), min(down), max(across), max(down), main or _main_colour(shapes))


def shape(colour: Colour, alpha: int, path: str) -> Shape:
    """A filled SVG path on the icons' grid of 32 units."""
    rings = flatten(path, step=_CHORD)
    return Shape(colour, alpha, tuple(tuple((x / _UNITS, y / _UNITS) for x, y in ring) for ring in rings))


@cache
def names(language: str = "en") -> dict[str, str]:
    """What things are called in a language ("en", "de", "fr", "es"): lower-case name to motif name."""
    tables: dict[str, dict[str, str]] = json.loads(_archive().read("names.json"))
    return tables[language]


@cache
def _archive() -> zipfile.ZipFile:
    data = resources.files("imagewright.sandbox.painter").joinpath("data", "motifs.zip")
    return zipfile.ZipFile(io.BytesIO(data.read_bytes()))  # reads take the archive's own lock


def _shapes(text: str) -> list[Shape]:
    parts = (line.partition(" ") for line in text.splitlines())
    return [shape(rgb(fill), int(fill[6:8], 16), path) for fill, _, path in parts]


def _main_colour(shapes: tuple[Shape, ...]) -> Colour:
    areas: dict[Colour, float] = defaultdict(float)
    for part in shapes:
        grey_discount = 0.25 if is_grey(part.colour) else 1.0
        areas[part.colour] += grey_discount * max((_area(ring) for ring in part.rings), default=0.0)
    return max(areas, key=lambda colour: areas[colour])


def _area(ring: tuple[Point, ...]) -> float:
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True))) / 2
