"""Colour arithmetic on plain RGB triples (0 to 255)."""

import colorsys
from functools import cache

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

_GREY_BELOW = 0.18  # saturation under which a hue means nothing
_NEAR_BLACK = 0.1
_NEAR_WHITE = 0.93


@cache
def rgb(hexadecimal: str) -> Colour:
    """Read "1d2a44" as a colour."""
    return int(hexadecimal[0:2], 16), int(hexadecimal[2:4], 16), int(hexadecimal[4:6], 16)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend `share` (0 to 1) of the other colour into one."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def shade(colour: Colour, light: float = 1.0, vivid: float = 1.0) -> Colour:
    """Multiply lightness and saturation."""
    hue, lightness, saturation = hls(colour)
    return from_hls(hue, lightness * light, saturation * vivid)


def turn(colour: Colour, degrees: float) -> Colour:
    """Move the hue round the wheel."""
    hue, lightness, saturation = hls(colour)
    return from_hls(hue + degrees / 360, lightness, saturation)


def with_lightness(colour: Colour, lightness: float) -> Colour:
    """The same hue at another lightness (0 to 1)."""
    hue, _, saturation = hls(colour)
    return from_hls(hue, lightness, saturation)


def hls(colour: Colour) -> tuple[float, float, float]:
    """Hue, lightness and saturation, each 0 to 1."""
    return colorsys.rgb_to_hls(colour[0] / 255, colour[1] / 255, colour[2] / 255)


def from_hls(hue: float, lightness: float, saturation: float) -> Colour:
    """The colour of a hue (any turn), lightness and saturation (clamped to 0..1)."""
    red, green, blue = colorsys.hls_to_rgb(hue % 1, min(1.0, max(0.0, lightness)), min(1.0, max(0.0, saturation)))
    return round(red * 255), round(green * 255), round(blue * 255)


def lightness(colour: Colour) -> float:
    """Lightness, 0 to 1."""
    return hls(colour)[1]


def is_grey(colour: Colour) -> bool:
    """Whether a colour has no hue worth speaking of."""
    _, light, saturation = hls(colour)
    return saturation < _GREY_BELOW or light < _NEAR_BLACK or light > _NEAR_WHITE


def hue_distance(one: Colour, other: Colour) -> float:
    """Degrees between two hues, 0 to 180."""
    return abs(((hls(one)[0] - hls(other)[0]) * 360 + 180) % 360 - 180)
