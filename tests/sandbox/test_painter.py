"""The painter's promises, at its two functions."""

import colorsys
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Literal

import pytest
from PIL import Image, ImageChops, ImageStat

from imagewright.sandbox.painter import encode, motifs, paint
from imagewright.sandbox.painter.figures import figure
from imagewright.sandbox.painter.words.brief import read
from imagewright.sandbox.painter.words.things import synonyms

FOX = "a red fox in a snowy forest at dawn"
ODD = [
    "",
    " ",
    "🦊🌲",
    "紅色的狐狸",
    "\x00\ud800",
    "no no no",
    "a" * 10_000,
    "two " * 2_500,
    '"',
    "%s {} <script>",
    "in on over under",
]
SCENES = {
    "a birthday cake on a table": "table",
    "logo for a bakery": "logo",
    "an abstract blue gradient": "abstract",
    "portrait of a woman": "portrait",
    "seamless pattern of lemons": "pattern",
}


def test_the_same_prompt_gives_the_same_pixels() -> None:
    """Prompt, size and variant are all that a picture depends on."""
    first, second = (paint(FOX, width=320, height=240, variant=2) for _ in range(2))

    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    "prompt", [FOX, "a cup of coffee", "abstract blue waves", "minimalist logo", "modern office", "portrait of a man"]
)
def test_variants_differ_in_composition(prompt: str) -> None:
    """Neighbouring variants differ even when reduced to 12 x 12 patches, where noise has gone."""
    variants = [paint(prompt, width=256, height=256, variant=variant).reduce(21) for variant in range(4)]

    assert all(_difference(one, other) > 4 for one, other in pairwise(variants))


@pytest.mark.parametrize(
    ("width", "height"), [(16, 16), (16, 4096), (4096, 16), (640, 274), (274, 640), (333, 777), (1920, 1080)]
)
def test_a_picture_has_the_size_asked_for(width: int, height: int) -> None:
    """Any two sides between 16 and 4096 pixels."""
    image = paint(FOX, width=width, height=height)

    assert (width, height, "RGB") == (*image.size, image.mode)


@pytest.mark.parametrize(("width", "height"), [(15, 100), (100, 4097), (0, 0)])
def test_a_size_out_of_range_is_refused_with_the_range(width: int, height: int) -> None:
    """The message says what is allowed."""
    with pytest.raises(ValueError, match="16 to 4096"):
        paint(FOX, width=width, height=height)


@pytest.mark.parametrize("prompt", ODD)
def test_an_odd_prompt_still_gives_a_picture(prompt: str) -> None:
    """Whatever the characters and however many: a picture with something on it, in a file that can be written."""
    image = paint(prompt, width=128, height=96)

    assert max(high - low for low, high in _extremes(image)) > 40
    assert encode(image, "png", prompt=prompt)


@pytest.mark.parametrize(("word", "hue"), [("red", 0.0), ("green", 0.36), ("blue", 0.6), ("purple", 0.76)])
@pytest.mark.parametrize(
    "prompt", ["abstract {} gradient backdrop", "a city at dusk in {} tones", "a perfume bottle on a {} background"]
)
def test_a_colour_word_sets_the_palette(prompt: str, word: str, hue: float) -> None:
    """The mean colour leans to the hue that the prompt names."""
    mean = ImageStat.Stat(paint(prompt.format(word), width=256, height=256)).mean
    found = colorsys.rgb_to_hls(*(channel / 255 for channel in mean))[0]

    assert abs((found - hue + 0.5) % 1 - 0.5) < 0.12


def test_night_is_darker_than_day() -> None:
    """The time of day shows."""
    day, night = (paint(f"a mountain lake at {time}", width=256, height=256) for time in ("noon", "night"))

    assert _brightness(night) < _brightness(day) * 0.6


def test_a_subject_shows() -> None:
    """A fox puts orange into a snowy forest that has none without it."""
    with_fox, without = (
        _share_of_orange(paint(prompt, width=400, height=400)) for prompt in (FOX, "a snowy forest at noon")
    )

    assert with_fox > 0.03 > without


def test_every_picture_is_marked_in_its_corner() -> None:
    """The lower right corner has light letters on a darker ground, on every kind of picture."""
    for prompt in (FOX, "minimalist logo, no text", "abstract white backdrop"):
        corner = paint(prompt, width=512, height=512).crop((420, 488, 512, 512)).convert("L")
        low, high = _extremes(corner)[0]

        assert high - low > 60


@pytest.mark.parametrize(("form", "name"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_a_file_is_what_it_says_and_names_its_maker(form: Literal["png", "jpeg", "webp"], name: str) -> None:
    """The bytes decode whole, repeat, and carry the digital source type and the prompt."""
    image = paint(FOX, width=200, height=120)

    file = encode(image, form, prompt=FOX)

    with Image.open(io.BytesIO(file)) as decoded:
        decoded.load()
        assert (name, (200, 120)) == (decoded.format, decoded.size)
        assert _difference(decoded.convert("RGB"), image) < 6
    assert file == encode(image, form, prompt=FOX)
    assert b"digitalsourcetype/algorithmicMedia" in file
    assert FOX.encode() in file


def test_threads_do_not_disturb_one_another() -> None:
    """Eight pictures painted at once are those painted one by one."""
    prompts = [FOX, "three robots reading books", "a whale under water, watercolour", "a city at night, photo"] * 2
    alone = [_painted(prompt) for prompt in prompts]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(_painted, prompts))

    assert alone == together


def test_importing_the_painter_does_not_load_pillow() -> None:
    """A server that paints nothing pays nothing."""
    program = "import sys, imagewright.sandbox.painter; sys.exit('PIL' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], check=False, env=_environment())

    assert done.returncode == 0


@pytest.mark.parametrize(("prompt", "kind"), SCENES.items())
def test_the_kind_of_picture_is_read(prompt: str, kind: str) -> None:
    """Words choose the composition."""
    assert kind == read(prompt).format


def test_counts_and_relations_are_read() -> None:
    """ "Three robots reading books": three of one, and each holds the other."""
    robot, book = read("three robots reading books").subjects

    assert (3, "robot", "holds", 0) == (robot.count, robot.motif, book.relation, book.target)


def test_other_languages_are_read() -> None:
    """German, French and Spanish name the same fox in the same forest at night."""
    briefs = [
        read(prompt)
        for prompt in (
            "ein roter Fuchs im Wald bei Nacht",
            "un renard dans la forêt, la nuit",
            "un zorro en el bosque, de noche",
        )
    ]

    assert [("fox", ("forest",), "night")] * 3 == [
        (brief.subjects[0].motif, brief.places, brief.time) for brief in briefs
    ]


def test_every_word_leads_to_a_thing_that_can_be_drawn() -> None:
    """No synonym and no name in any language points at a motif that is not there."""
    known = {name for language in ("en", "de", "fr", "es") for name in motifs.names(language).values()}

    assert all(figure(name).shapes for name in known | set(synonyms().values()))


def test_what_is_denied_is_left_out() -> None:
    """ "Without a cat" paints no cat."""
    assert ["dog"] == [subject.motif for subject in read("a dog without a cat").subjects]


def _painted(prompt: str) -> bytes:
    return paint(prompt, width=200, height=200).tobytes()


def _difference(one: Image.Image, other: Image.Image) -> float:
    means = ImageStat.Stat(ImageChops.difference(one, other)).mean
    return sum(means) / len(means)


def _brightness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L")).mean[0]


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    return [(min(channel.tobytes()), max(channel.tobytes())) for channel in image.split()]


def _share_of_orange(image: Image.Image) -> float:
    pixels = list(_pixels(image))
    return sum(red > 200 and 60 < green < 160 and blue < 90 for red, green, blue in pixels) / len(pixels)


def _pixels(image: Image.Image) -> Iterator[tuple[int, int, int]]:
    flat = iter(image.tobytes())
    return zip(flat, flat, flat, strict=True)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
