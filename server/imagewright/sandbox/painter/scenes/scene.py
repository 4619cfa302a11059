"""What every composition works with: the canvas, the brief, the palette, the light and a stage for the things named."""

from dataclasses import dataclass
from random import Random

from imagewright.sandbox.painter.canvas import Canvas
from imagewright.sandbox.painter.colour import WHITE, Colour, mix, rgb, shade
from imagewright.sandbox.painter.stamp import Light
from imagewright.sandbox.painter.words.brief import Brief
from imagewright.sandbox.painter.words.colours import Palette

_SKIES = {
    "dawn": ("4a5596 a07fb4 f0a394 ffdcae", "5b6fae b39ac8 f6b7a6 ffe3bd", "38618c 88a5c4 f3bfa2 ffe6b8"),
    "day": ("2f86d8 63adec a6d6f4 e2f4fb", "3d9be0 7cc3ee b6e2f2 eef7ee", "2a7bd0 5ea4e6 9dcdf2 f4efe2"),
    "sunset": ("3a2b64 98406f ee6f4c ffc566", "2f3470 8a4a86 f27a5e ffd08a", "51265e b8455f f58a45 ffd778"),
    "dusk": ("1c2452 4b427f 94608f de967f", "182b4f 41507f 8f6f93 e8a887", "231f4f 57407c a65d86 f0a07a"),
    "night": ("060b20 0f1b40 1d3162 37558a", "080a24 171a48 2b2e6b 4b4f8f", "04101f 0b2440 15405e 2d6680"),
}
_OVERCAST = "6f7f92 94a3b1 b7c2ca d6dcdf"
_SUNS = {"dawn": "ffe9c4", "day": "fff6d6", "sunset": "ffe1a0", "dusk": "ffd2a6", "night": "f3f1de"}
_AMBIENT = {
    "dawn": ("f0b0a0", 0.1),
    "day": ("ffffff", 0.0),
    "sunset": ("e8794f", 0.16),
    "dusk": ("4a3f86", 0.26),
    "night": ("16265a", 0.36),
}


@dataclass(frozen=True, slots=True)
class Air:
    """The sky and the light it gives: colours from the zenith to the horizon."""

    time: str
    stops: tuple[Colour, Colour, Colour, Colour]
    sun: Colour
    light: Light

    @property
    def dark(self) -> bool:
        """Whether lamps are lit."""
        return self.time in {"dusk", "night"}

    @property
    def haze(self) -> Colour:
        """What far things fade into."""
        return mix(self.stops[2], self.stops[3], 0.5)

    def far(self, colour: Colour, distance: float) -> Colour:
        """A colour of the land in this light, seen from a distance (0 to 1)."""
        ambient = mix(colour, self.light.ambient, min(0.7, self.light.share * 1.5))
        if self.time == "night":
            ambient = shade(ambient, 0.5)
        elif self.time == "dusk":
            ambient = shade(ambient, 0.72)
        return mix(ambient, self.haze, distance)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scene wants its things: feet on `ground`, smaller ones behind on `back`, fliers around `air`."""

    ground: float
    back: float
    air: float
    height: float
    light: Light
    centre: float = 0.5  # across, as a share of the width
    spread: float = 0.84
    water: float = 0.0  # where what floats goes, on a stage with land and water
    seat: tuple[float, float] | None = None  # of the sofa that the scene has painted
    medium: str = "ground"  # or "water", "afloat", "weightless", "table"
    shadow: Colour = (16, 20, 36)
    shadow_strength: float = 0.42


@dataclass(frozen=True, slots=True)
class Framing:
    """Where the eye is.

    `lift` is added to the horizon (a share of the height), `size` multiplies the subject's, `centre` is its place
    across (a share of the width), and `side` is where the light comes from.
    """

    lift: float
    size: float
    centre: float
    side: int


_FRAMINGS = (
    Framing(0.0, 1.0, 0.5, 1),
    Framing(-0.1, 1.3, 0.44, -1),
    Framing(0.05, 0.8, 0.62, 1),
    Framing(-0.04, 0.92, 0.36, -1),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture in the making."""

    canvas: Canvas
    brief: Brief
    rng: Random
    palette: Palette
    variant: int
    air: Air

    @property
    def framing(self) -> "Framing":
        """How this variant is framed."""
        return _FRAMINGS[self.pick(len(_FRAMINGS))]

    def chance(self, share: float) -> bool:
        """True in a share of the cases."""
        return self.rng.random() < share

    def pick(self, count: int) -> int:
        """One of `count` kinds: free in the first picture of a prompt, the next kind in each further variant."""
        return (sum(map(len, self.brief.words)) + self.variant) % count


def air_for(brief: Brief, palette: Palette, rng: Random, fallback: str = "") -> Air:
    """The sky for a prompt; colours it names outright tint it."""
    grey = brief.weather & {"rain", "storm", "fog"}
    time = brief.time or fallback or ("day" if grey else rng.choice(("day", "day", "sunset", "dawn")))
    codes = rng.choice(_SKIES[time])
    if brief.weather & {"rain", "storm", "fog"} and time == "day":
        codes = _OVERCAST
    stops = [rgb(code) for code in codes.split()]
    if palette.asked:
        if len(brief.colours) == 1:
            share = 0.62
            stops = [mix(stop, mix(palette.main, WHITE, at * 0.2), share) for at, stop in enumerate(stops)]
        else:
            tints = (
                palette.main,
                mix(palette.main, palette.second, 0.35),
                palette.second,
                mix(palette.second, WHITE, 0.35),
            )
            stops = [mix(stop, tint, 0.62) for stop, tint in zip(stops, tints, strict=True)]
    if brief.weather & {"storm"}:
        stops = [shade(stop, 0.62, 0.7) for stop in stops]
    ambient, share = _AMBIENT[time]
    colour = rgb(ambient)
    if palette.asked and share:
        colour = mix(colour, palette.main, 0.3)
    top, upper, lower, bottom = stops
    return Air(time, (top, upper, lower, bottom), rgb(_SUNS[time]), Light(colour, share))
