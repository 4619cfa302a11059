"""A prompt as plain English words, whatever the language it came in."""

import re
import unicodedata
from dataclasses import dataclass

from imagewright.sandbox.painter.words.languages import ENGLISH, FUNCTION_WORDS

_LONGEST_PROMPT = 4_000  # characters that are read; a picture shows a few things at most
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|[,.;:!?]")
_QUOTED = re.compile(r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u00bb]{1,60})[\"\u201c\u201d\u00bb]")
_NEGATION = frozenset({"no", "without", "not", "minus", "ohne", "kein", "keine", "sans", "sin"})
_NEGATED_WORDS = 2
_HINTS_NEEDED = 1


@dataclass(frozen=True, slots=True)
class Tokens:
    """A prompt's words in lower case, its language, and what it puts in quotation marks."""

    words: tuple[str, ...]
    language: str
    denied: frozenset[str]
    quoted: tuple[str, ...]


def tokenize(prompt: str) -> Tokens:
    """Split a prompt; known foreign words become English ones, denied words ("no people") are taken out."""
    text = unicodedata.normalize("NFKC", prompt[:_LONGEST_PROMPT])
    quoted = tuple(part.strip() for part in _QUOTED.findall(text) if part.strip())
    text = _QUOTED.sub(" ", text).casefold().replace("\u2019", "'")
    raw = [word for found in _WORD.findall(text) for word in _pieces(found)]
    language = _language(raw)
    words = [ENGLISH[language].get(word, word) if language != "en" else word for word in raw]
    words = [piece for word in words for piece in word.split()]
    kept, denied = _split_denied(words)
    return Tokens(tuple(kept), language, frozenset(denied), quoted)


def singulars(word: str) -> tuple[str, ...]:
    """The word, then what it may be the plural of."""
    guesses = [word]
    if word.endswith("ies"):
        guesses.append(word[:-3] + "y")
    if word.endswith("ves"):
        guesses += [word[:-3] + "f", word[:-3] + "fe"]
    if word.endswith("es"):
        guesses.append(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        guesses.append(word[:-1])
    return tuple(guesses)


def _pieces(word: str) -> list[str]:
    return [piece for piece in word.removesuffix("'s").split("-") if piece]


def _language(words: list[str]) -> str:
    scores = {language: sum(word in hints for word in words) for language, hints in FUNCTION_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    english = sum(word in {"the", "of", "and", "with", "over", "a", "an", "at", "on"} for word in words)
    return best if scores[best] >= _HINTS_NEEDED and scores[best] > english else "en"


def _split_denied(words: list[str]) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    denied: list[str] = []
    left = 0
    for word in words:
        if word in _NEGATION:
            left = _NEGATED_WORDS
        elif not word[0].isalnum():
            left = 0
            kept.append(word)
        elif left and word not in {"and", "or", "any"}:
            denied.append(word)
            left -= 1
        elif not left:
            kept.append(word)
    return kept, denied
