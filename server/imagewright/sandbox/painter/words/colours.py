"""Colour words, and the few colours a picture is made of."""

from dataclasses import dataclass
from random import Random

from imagewright.sandbox.painter.colour import WHITE, Colour, hls, mix, rgb, shade, turn, with_lightness
from imagewright.sandbox.painter.words.lists import word_set

COLOURS = {
    word: rgb(code)
    for code, words in {
        "d8363c": "red",
        "b3193d": "crimson ruby",
        "e03a22": "scarlet vermilion",
        "7a1a2c": "maroon burgundy wine",
        "f08bb0": "pink",
        "d3227f": "magenta fuchsia",
        "ff7d5e": "coral",
        "fa8d78": "salmon",
        "ffc2a1": "peach",
        "f07f1f": "orange tangerine",
        "ffb01f": "amber",
        "e0a72b": "gold golden",
        "f6d03a": "yellow",
        "cc9c26": "mustard ochre",
        "f6eed6": "cream",
        "f7f3e3": "ivory",
        "ded0b4": "beige",
        "d9bd8b": "sand",
        "c49b6a": "tan",
        "7b4a2c": "brown",
        "532e1b": "chocolate",
        "b8693a": "copper terracotta",
        "97662f": "bronze",
        "a5441f": "rust rusty",
        "3e9a54": "green",
        "9bd13c": "lime",
        "76803a": "olive",
        "13906a": "emerald",
        "9be0c0": "mint",
        "9caf88": "sage",
        "1f9e78": "jade",
        "12807f": "teal",
        "30bdb4": "turquoise",
        "24bfd6": "cyan",
        "40c9d6": "aqua",
        "2b6cd9": "blue",
        "152652": "navy",
        "3f97e8": "azure",
        "1d4cb0": "cobalt sapphire",
        "3c3192": "indigo",
        "7442c8": "violet",
        "7b3ab3": "purple",
        "b9a4e3": "lavender",
        "c7aee0": "lilac",
        "6b2d5c": "plum",
        "17181d": "black",
        "2d3138": "charcoal",
        "8b9097": "grey gray",
        "bcc3cb": "silver",
        "f4f6fa": "white",
        "e85d83": "rose",
        "7cc0f0": "sky",
        "22532f": "forest",
    }.items()
    for word in words.split()
}
# Words that name a thing as often as a colour: a colour only beside another colour or before one of SURFACES.
AMBIGUOUS = word_set(
    """
    rose sky forest peach sand chocolate lime olive salmon coral tangerine wine plum lavender lilac mint sage
    orange gold golden silver copper bronze rust amber ruby emerald sapphire jade cream mustard
    """
)
SURFACES = word_set(
    """
    background backdrop gradient tones tone accents accent palette colour colours color colors coloured light
    glow wall sky and waves shapes theme sunset sunrise lights hues
    """
)
_MODIFIERS = {
    "deep": (0.6, 1.15),
    "dark": (0.5, 1.0),
    "darker": (0.45, 1.0),
    "light": (1.28, 0.8),
    "pale": (1.4, 0.6),
    "pastel": (1.36, 0.65),
    "bright": (1.12, 1.25),
    "vivid": (1.05, 1.35),
    "neon": (1.1, 1.6),
    "muted": (0.95, 0.5),
    "soft": (1.15, 0.7),
    "dusty": (0.95, 0.45),
    "royal": (0.8, 1.2),
    "electric": (1.05, 1.5),
    "midnight": (0.35, 1.1),
}
# Each: a light ground, then four that go with it and one another.
_HARMONIES = (
    "f4ece0 264653 2a9d8f e9c46a e76f51",
    "eef2f7 22325c 4464ad 8fb8ed f4a259",
    "f7ede6 5b2a4e a23e6b ec7f6c f8c390",
    "edf3ec 1f4037 3f7d58 a7c957 f2b950",
    "f1eefa 2e2459 6a4fb6 b79ced ff9e8a",
    "fbf3e4 7a2f22 c8553d f28f3b ffd5a0",
    "e9f4f5 0b3954 087e8b 7cc6c3 ff8a5b",
    "f6f0ea 3d405b 81b29a f2cc8f e07a5f",
    "f3f0ff 1d2d6b 3d6fe0 6fd0e8 ffb4a2",
    "fdf0f0 4a1942 893168 e0607e ffc09f",
)
_MOODS = {
    "calm": 6,
    "serene": 6,
    "peaceful": 6,
    "trust": 1,
    "professional": 1,
    "corporate": 1,
    "business": 1,
    "technology": 8,
    "tech": 8,
    "future": 8,
    "digital": 8,
    "innovation": 8,
    "love": 9,
    "romantic": 9,
    "passion": 2,
    "warm": 5,
    "cozy": 5,
    "cosy": 5,
    "autumn": 5,
    "energy": 5,
    "energetic": 5,
    "nature": 3,
    "organic": 3,
    "sustainability": 3,
    "eco": 3,
    "growth": 3,
    "fresh": 3,
    "spring": 3,
    "dream": 4,
    "dreamy": 4,
    "magic": 4,
    "mystical": 4,
    "luxury": 2,
    "elegant": 2,
    "joy": 0,
    "happy": 0,
    "playful": 7,
    "retro": 0,
    "vintage": 7,
    "freedom": 6,
    "hope": 8,
    "summer": 0,
    "sadness": 1,
    "sad": 1,
    "silence": 1,
    "time": 7,
    "memory": 7,
    "wisdom": 7,
}
_DARK_LIGHTNESS = 0.42


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture: a light ground, a deep tone and three between."""

    ground: Colour
    deep: Colour
    main: Colour
    second: Colour
    accent: Colour
    asked: bool  # the prompt named colours

    @property
    def tones(self) -> tuple[Colour, Colour, Colour, Colour]:
        """From dark to light."""
        return self.deep, self.main, self.second, self.accent


def colour_of(words: tuple[str, ...], at: int) -> Colour | None:
    """The colour that the word at a place names, with the modifiers before it."""
    word = words[at]
    if word not in COLOURS:
        return None
    following = words[at + 1] if at + 1 < len(words) else ""
    previous = words[at - 1] if at else ""
    paired = following in COLOURS or following in SURFACES or previous in COLOURS
    if word in AMBIGUOUS and not paired and not (previous == "and" and at > 1 and words[at - 2] in COLOURS):
        return None
    if word in {"forest", "sky", "rose", "sand"} and following in COLOURS:
        return None  # "forest green": the second word counts
    colour = COLOURS[word]
    if previous in _MODIFIERS:
        colour = shade(colour, *_MODIFIERS[previous])
    elif previous in {"forest", "midnight"}:
        colour = shade(colour, 0.55, 1.1)
    elif previous == "sky":
        colour = shade(colour, 1.35, 1.0)
    return colour


def palette(asked: tuple[Colour, ...], words: tuple[str, ...], rng: Random) -> Palette:
    """A palette from the colours asked for, or from the prompt's mood, or a free one."""
    if not asked:
        mood = next((_MOODS[word] for word in words if word in _MOODS), None)
        index = rng.randrange(len(_HARMONIES)) if mood is None else mood
        ground, deep, main, second, accent = (rgb(code) for code in _HARMONIES[index].split())
        return Palette(ground, deep, main, second, accent, asked=False)
    main = asked[0]
    light = hls(main)[1]
    if len(asked) == 1:
        spread = rng.choice((-1, 1)) * rng.uniform(14, 26)
        deep = with_lightness(turn(main, -spread * 0.5), max(0.09, light * 0.45))
        second = with_lightness(turn(main, spread), light + (1 - light) * 0.25)
        accent = with_lightness(turn(main, spread * 1.4), light + (1 - light) * 0.55)
        return Palette(mix(main, WHITE, 0.9), deep, main, second, accent, asked=True)
    second = asked[1]
    deep = min(asked, key=lambda colour: hls(colour)[1])
    if hls(deep)[1] > _DARK_LIGHTNESS:
        deep = shade(deep, 0.5)
    accent = asked[2] if len(asked) > 2 else mix(second, WHITE, 0.45)  # noqa: PLR2004  main and second are taken
    lightest = max(asked, key=lambda colour: hls(colour)[1])
    return Palette(mix(lightest, WHITE, 0.85), deep, main, second, accent, asked=True)
