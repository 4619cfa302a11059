"""Text from outside made safe to show: it is data, never instructions and never our own voice."""

import re
import unicodedata
from collections.abc import Iterable

_LIMIT = 300
_SPACE = re.compile(r"\s+")
# Markdown images load an address just by being shown, and links hide it. No nesting or escape survives the loss of
# the joint between the two brackets.
_MARKDOWN_JOINT = "]("
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+@-]{0,99}")
# Cc and Cf hold control, ANSI, zero-width, bidi and tag characters; Co, Cs and Cn mean nothing to a reader.
_UNSHOWN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def clean(text: object, limit: int = _LIMIT) -> str:
    """Return `text` on one line without control, invisible or link-making characters, at most `limit` characters."""
    raw = text if isinstance(text, str) else "" if text is None else str(text)
    # Cut before the costly part: a provider may send a megabyte.
    shown = unicodedata.normalize("NFC", raw[: limit * 8])
    shown = "".join(" " if char.isspace() else char for char in shown if char.isspace() or _is_shown(char))
    shown = _SPACE.sub(" ", shown.replace(_MARKDOWN_JOINT, "] (")).strip()
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def quote(text: object, limit: int = _LIMIT) -> str:
    """Return `text` cleaned and inside quotation marks, so that a reader sees whose words these are."""
    inner = clean(text, limit).replace("“", '"').replace("”", '"')
    return f"“{inner}”"


def identifier(value: object) -> str | None:
    """Return `value` as an id if it looks like one (at most 128 of letters, digits and `._:-`), else None."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _IDENTIFIER.fullmatch(text) else None


def model_name(value: object) -> str | None:
    """Return `value` if it looks like the id of a model, which may hold slashes and must not hold a sentence."""
    return value if isinstance(value, str) and _MODEL_NAME.fullmatch(value) else None


def listing(words: Iterable[str], limit: int = 12) -> str:
    """Return words as `a, b and c`, with `and N more` past `limit`."""
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else "none"


def _is_shown(char: str) -> bool:
    variation_selector = "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
    return unicodedata.category(char) not in _UNSHOWN and not variation_selector
