"""The things a prompt names: how many, in which colour, and how they relate."""

from dataclasses import dataclass, replace

from imagewright.sandbox.painter.colour import Colour
from imagewright.sandbox.painter.words.colours import colour_of
from imagewright.sandbox.painter.words.lists import word_set
from imagewright.sandbox.painter.words.things import motif_for
from imagewright.sandbox.painter.words.tokens import Tokens, singulars

_MOST_SUBJECTS = 5
_LONGEST_NAME = 3
_PLURAL = 3  # "robots" without a number
_COUNTS = {
    "two": 2,
    "2": 2,
    "pair": 2,
    "couple": 2,
    "three": 3,
    "3": 3,
    "trio": 3,
    "several": 4,
    "some": 3,
    "many": 6,
    "four": 4,
    "4": 4,
    "five": 5,
    "5": 5,
    "six": 6,
    "6": 6,
    "seven": 7,
    "7": 7,
    "group": 5,
    "flock": 6,
    "herd": 5,
    "eight": 7,
    "dozen": 7,
    "few": 3,
    "dozens": 7,
    "school": 6,
}
_RELATIONS = {
    "over": "over above flying flies soaring hovering floating jumping leaping jumps launching",
    "wears": "wearing wears wear dressed",
    "rides": "riding rides driving drives",
    "holds": (
        "holding holds carrying playing plays eating eats drinking drinks reading reads with using painting cooking"
    ),
    "in": "in inside into",
    "on": "on atop onto sitting sits perched standing",
    "under": "under beneath below underneath",
    "behind": "behind",
    "before": "front",
    "beside": "beside near and by next against",
}
_RELATION_OF = {word: name for name, words in _RELATIONS.items() for word in words.split()}
_DEVICES = frozenset(("laptop", "desktop-computer", "mobile-phone", "musical-keyboard", "guitar", "drum", "keyboard"))
_LOOK_AHEAD = 5  # words after the last subject
_STRENGTH = ("wears", "rides", "behind", "before", "under", "over", "in", "on", "holds", "beside")
_PEOPLE = {
    "woman": "woman",
    "girl": "woman",
    "lady": "woman",
    "man": "man",
    "boy": "man",
    "guy": "man",
    "person": "person",
    "child": "person",
    "people": "person",
    "couple": "person",
    "kid": "person",
    "kids": "person",
    "children": "person",
    "men": "man",
    "women": "woman",
    "friends": "person",
    "family": "person",
    "girls": "woman",
    "boys": "man",
    "tourist": "person",
    "traveler": "person",
    "traveller": "person",
    "businesswoman": "woman",
    "businessman": "man",
    "developer": "person",
    "someone": "person",
    "student": "person",
    "grandmother": "woman",
    "grandfather": "man",
    "mother": "woman",
    "father": "man",
    "teacher": "woman",
    "doctor": "person",
    "scientist": "person",
    "engineer": "person",
    "worker": "person",
    "farmer": "man",
    "barista": "woman",
    "chef": "man",
    "photographer": "person",
    "musician": "man",
    "silhouette": "person",
    "figure": "person",
    "gentleman": "man",
    "sailor": "man",
}
_ALWAYS_PLURAL = word_set(
    """
    books french-fries headphone sunglasses glasses bouquet grapes cherries blueberries stethoscope
    shopping-bags musical-notes bar-chart gear running-shoe hiking-boot jeans crossed-swords spaghetti
    steaming-bowl performing-arts pancakes clinking-glasses skis skier ballet-shoes chart-increasing bus
    balance-scale paw-prints
    """
)
_DOINGS = {
    "running": "running",
    "runs": "running",
    "jogging": "running",
    "surfing": "surfing",
    "swimming": "swimming",
    "cycling": "biking",
    "biking": "biking",
    "climbing": "climbing",
    "dancing": "dancing",
    "golfing": "golfing",
    "meditating": "in-lotus-position",
    "yoga": "in-lotus-position",
    "rowing": "rowing-boat",
    "juggling": "juggling",
    "kneeling": "kneeling",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One named thing. `relation` says how it stands to the subject at `target` (or to the scene, without one)."""

    motif: str
    count: int
    tint: Colour | None
    position: int
    length: int
    relation: str = ""
    target: int | None = None


def find_subjects(tokens: Tokens, taken: frozenset[int]) -> tuple[Subject, ...]:
    """The things named, in order, related to their neighbours. `taken` are places of words with another meaning."""
    subjects: list[Subject] = []
    at = 0
    while at < len(tokens.words) and len(subjects) < _MOST_SUBJECTS:
        subject = _subject_at(tokens, at, taken)
        if subject is None:
            at += 1
            continue
        at += subject.length
        doubled = subject.motif == "candle" and any(known.motif == "birthday-cake" for known in subjects)
        if not doubled and all(subject.motif != known.motif for known in subjects):
            subjects.append(subject)
    return _related(subjects, tokens.words)


def people(words: tuple[str, ...]) -> str:
    """ "man", "woman" or "person" when the prompt shows one, else ""."""
    return next((_PEOPLE[word] for word in words if word in _PEOPLE), "")


def _subject_at(tokens: Tokens, at: int, taken: frozenset[int]) -> Subject | None:
    words = tokens.words
    for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
        place = frozenset(range(at, at + length))
        part = words[at : at + length]
        if (place & taken if length == 1 else place <= taken) or not all(word[0].isalnum() for word in part):
            continue
        following = words[at + length] if at + length < len(words) and "logo" not in words else ""
        if length == 1 and part[0] in _PEOPLE:
            return _person(tokens, at)
        for last in singulars(part[-1]):
            name = motif_for((*part[:-1], last), following, tokens.language)
            if name is not None and last not in tokens.denied:
                plural = _is_plural(part[-1]) and name not in _ALWAYS_PLURAL
                return Subject(
                    name, _count(words, at, plural=plural), _tint(words, at, length, tokens.language), at, length
                )
    return None


def _is_plural(word: str) -> bool:
    return (word.endswith("s") and not word.endswith(("ss", "us", "is"))) or word in {
        "mice",
        "geese",
        "wolves",
        "cacti",
    }


def _person(tokens: Tokens, at: int) -> Subject:
    who = _PEOPLE[tokens.words[at]]
    doing = next((_DOINGS[word] for word in tokens.words if word in _DOINGS), "walking")
    plural = tokens.words[at] in {
        "people",
        "couple",
        "friends",
        "family",
        "kids",
        "children",
        "men",
        "women",
        "girls",
        "boys",
    }
    count = 2 if tokens.words[at] == "couple" else _count(tokens.words, at, plural=plural)
    return Subject(f"{who}-{doing}", count, None, at, 1)


def _count(words: tuple[str, ...], at: int, *, plural: bool) -> int:
    for back in range(1, 4):
        if at - back < 0 or not words[at - back][0].isalnum():
            break
        if words[at - back] in _COUNTS:
            return _COUNTS[words[at - back]]
        if words[at - back] in {"a", "an", "the", "one"}:
            break
    return _PLURAL if plural else 1


def _tint(words: tuple[str, ...], at: int, length: int, language: str) -> Colour | None:
    if language in {"fr", "es"} and at + length < len(words):  # "un chat noir"
        return colour_of(words, at + length)
    for back in (1, 2):
        if at - back >= 0:
            if words[at - back] in {"and", ","}:
                return None
            colour = colour_of(words[: at - back + 1], at - back)
            if colour is not None:
                return colour
    return None


def _related(subjects: list[Subject], words: tuple[str, ...]) -> tuple[Subject, ...]:
    """Give each subject its relation, read from the words between it and the next."""
    result = list(subjects)
    for index, subject in enumerate(subjects):
        last = index + 1 == len(subjects)
        start = subject.position + subject.length
        end = start + _LOOK_AHEAD if last else subjects[index + 1].position
        between = [_RELATION_OF[word] for word in words[start:end] if word in _RELATION_OF]
        relation = min(between, key=_STRENGTH.index, default="")
        if not last:
            result[index], result[index + 1] = _pair(index, result[index], result[index + 1], relation)
        elif relation == "over" and not result[index].relation:
            result[index] = replace(result[index], relation="over")
    return tuple(result)


def _pair(index: int, subject: Subject, following: Subject, relation: str) -> tuple[Subject, Subject]:
    """Two neighbours as one relation makes them: either may come to depend on the other."""
    handled = relation and (following.motif == "kite" or (relation == "on" and following.motif in _DEVICES))
    if relation == "beside" and subject.relation in {"wears", "holds"}:
        # "wearing a hat and sunglasses": both are worn.
        return subject, replace(following, relation=subject.relation, target=subject.target)
    if handled or relation in {"wears", "holds"}:
        owner = subject.target if subject.relation in {"wears", "holds"} else index
        name = "open-book" if following.motif in {"closed-book", "books"} else following.motif
        return subject, replace(following, motif=name, relation="holds" if handled else relation, target=owner)
    if relation == "under" and following.motif.startswith("umbrella"):
        return subject, replace(following, relation="shelters", target=index)
    if relation == "before":
        return subject, replace(following, relation="behind", target=index)
    if relation not in {"", "beside"} and not subject.relation:
        return replace(subject, relation=relation, target=index + 1), following
    return subject, following
