"""The painter's brief: everything that a prompt says about the picture, as one value."""

import re
from dataclasses import dataclass

from imagewright.sandbox.painter.colour import Colour
from imagewright.sandbox.painter.words.colours import colour_of
from imagewright.sandbox.painter.words.kinds import usual_place
from imagewright.sandbox.painter.words.lists import word_set
from imagewright.sandbox.painter.words.places import FORMATS, PLACES, STYLES, TIMES, WEATHERS, found, places_of
from imagewright.sandbox.painter.words.subjects import Subject, find_subjects, people
from imagewright.sandbox.painter.words.things import CONCEPTS
from imagewright.sandbox.painter.words.tokens import tokenize

_BRANDED = re.compile(
    r"\b(?:called|named|brand|company|startup|titled)\s+['\"\u201c]?([A-Z][\w&]{1,14}(?:\s[A-Z][\w&]{1,10})?)"
)
_NATURAL = word_set(
    """
    green blue white golden yellow brown grey gray
    """
)
_MOST_COLOURS = 4
_TREES = frozenset(("evergreen-tree", "deciduous-tree"))
_LETTERED = word_set(
    """
    text says saying titled title reading words lettering headline caption sign slogan quote typography called
    named reads
    """
)


@dataclass(frozen=True, slots=True)
class Brief:
    """What to paint. `format` is the kind of picture ("" for a plain scene), `places` are in the prompt's order."""

    words: tuple[str, ...]
    format: str
    places: tuple[str, ...]
    subjects: tuple[Subject, ...]
    colours: tuple[Colour, ...]
    time: str
    weather: frozenset[str]
    style: str
    person: str
    placeless: bool  # the prompt names no place; `places` has the usual one
    lettering: str

    def says(self, *words: str) -> bool:
        """Whether any of these words is in the prompt."""
        return any(word in self.words for word in words)


def read(prompt: str) -> Brief:
    """Read a prompt. Never fails: what is not understood is left out."""
    tokens = tokenize(prompt)
    words = tokens.words
    formats, styles, times = found(FORMATS, words), found(STYLES, words), found(TIMES, words)
    spoken_for = {at for at in range(len(words)) if words[at] in {"product", "icon", "oil"}}
    subjects = find_subjects(tokens, places_of(STYLES, words) | places_of(WEATHERS, words) | spoken_for)
    # "palm trees" are palms, not a forest.
    palms = {at for subject in subjects if subject.motif == "palm-tree" for at in _span(subject)}
    found_places = found(PLACES, words, skip=palms)
    denied = tokens.denied
    places = tuple(
        sorted((place for place in found_places if place not in denied), key=lambda place: found_places[place])
    )
    tinted = {at for subject in subjects for at in range(subject.position - 2, subject.position) if subject.tint}
    free = set(range(len(words))) - tinted - {at for subject in subjects for at in _span(subject)}
    colours = (colour_of(words, at) for at in sorted(free) if not _natural(words, at))
    places = _settled_places(places, subjects)
    if not {"pattern", "logo"} & formats.keys() and all(subject.target is None for subject in subjects):
        subjects = tuple(subject for subject in subjects if not _redundant(subject, subjects, places, words))
    kind = _format(formats, places, subjects)
    return Brief(
        words=words,
        format=kind,
        places=places or _usual(kind, subjects),
        subjects=subjects,
        colours=tuple(dict.fromkeys(colour for colour in colours if colour is not None))[:_MOST_COLOURS],
        time=min(times, key=lambda time: (time == "day", times[time]), default=""),
        weather=frozenset(found(WEATHERS, words)),
        style=min(styles, key=lambda style: (style == "flat", style == "photo", styles[style]), default=""),
        person=people(words),
        placeless=not places,
        lettering=_lettering(prompt, words, tokens.quoted),
    )


def _span(subject: Subject) -> range:
    return range(subject.position, subject.position + subject.length)


def _settled_places(places: tuple[str, ...], subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """The places, after what the subjects say about them: a lighthouse stands by the sea, trees make a forest."""
    names = {subject.motif for subject in subjects}
    if "lighthouse" in names and not {"sea", "beach"} & set(places):
        return ("sea",)
    trees = any(subject.motif in _TREES and subject.count > 1 for subject in subjects)
    if trees and places and not {"beach", "city", "street", "sea"} & set(places):
        return tuple(dict.fromkeys((*places, "forest")))
    return places


def _redundant(
    subject: Subject, subjects: tuple[Subject, ...], places: tuple[str, ...], words: tuple[str, ...]
) -> bool:
    """Whether a subject is better left out: the place has it, or it stands for a mere idea beside real things."""
    if subject.motif in _TREES:
        return subject.count > 1 and bool(places)
    if subject.motif == "bouquet":
        return bool({"field", "forest", "mountain"} & set(places))
    if words[subject.position] not in CONCEPTS:
        return False
    return bool(places) or any(words[other.position] not in CONCEPTS for other in subjects)


def _natural(words: tuple[str, ...], at: int) -> bool:
    """Whether a colour word only says what a place is like anyway: "green hills", "blue sky"."""
    return (
        words[at] in _NATURAL
        and at + 1 < len(words)
        and (words[at + 1] in PLACES or words[at + 1] in {"clouds", "sun", "tree", "trees", "sand"})
    )


def _format(formats: dict[str, int], places: tuple[str, ...], subjects: tuple[Subject, ...]) -> str:
    for kind in ("logo", "pattern", "portrait", "table", "studio", "abstract"):
        if kind not in formats:
            continue
        if kind == "abstract" and places:
            continue  # "mountains as a background" are mountains
        if kind == "abstract" and subjects:
            return "studio"
        if (
            kind == "table"
            and set(places) & {"office", "cafe", "living"}
            and not any(usual_place(subject.motif) == "table" for subject in subjects)
        ):
            continue
        return kind
    return ""


def _usual(kind: str, subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """The usual place of the things named; a person goes where the other things are."""
    things = [subject for subject in subjects if not subject.motif.startswith(("person-", "man-", "woman-"))]
    shown = things or list(subjects)
    if kind or not shown:
        return ()
    # What something is in or on says more about the place than the thing itself.
    leading = [subject for subject in reversed(shown) if subject.relation not in {"wears", "holds", "over"}]
    usual = [usual_place(subject.motif) for subject in (*leading, *shown)]
    return (next((place for place in usual if place != "studio"), "studio"),)


def _lettering(prompt: str, words: tuple[str, ...], quoted: tuple[str, ...]) -> str:
    if quoted and (_LETTERED & set(words) or "logo" in words or "poster" in words):
        return quoted[0]
    branded = _BRANDED.search(prompt[:1000])
    return branded.group(1) if branded else ""
