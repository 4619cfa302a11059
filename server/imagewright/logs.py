"""The log on stderr: text or JSON, a record a line that nothing in it can forge, and without what is secret."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Final, cast

from imagewright.providers import all_providers
from imagewright.settings import LogFormat, Settings
from imagewright.text import clean

HIDDEN: Final = "***"

_MESSAGE_CHARACTERS: Final = 2000
_LINE_CHARACTERS: Final = 500  # of a traceback
_TRACEBACK_LINES: Final = 200
_RAW: Final = 8  # how many times as much is looked at: most of a text may be what is not shown
_OURS: Final = "imagewright"
# What others log below a warning has requests in it, prompts included: it is never shown.
_QUIET: Final = logging.WARNING
# An exporter without a collector complains with every batch.
_SELDOM: Final = ("opentelemetry", "urllib3", "requests")
_SELDOM_SECONDS: Final = 600.0


def shown_as(settings: Settings, *, over_http: bool) -> tuple[LogFormat, int]:
    """Return how the log is shown and from which level on, with what depends on the transport decided.

    A person at a terminal reads text, and so does who opens the log of a desktop client; what a server on its own
    writes is read by programs.
    """
    for_people = not over_http or (sys.stderr is not None and sys.stderr.isatty())
    log_format = settings.log_format or ("text" if for_people else "json")
    level = settings.log_level or ("info" if over_http else "warning")
    return log_format, logging.getLevelNamesMapping()[level.upper()]


@contextmanager
def logging_to_stderr(settings: Settings, *, over_http: bool = False) -> Generator[None]:
    """Show the log on stderr while the block runs, ours from the level of the settings on."""
    log_format, level = shown_as(settings, over_http=over_http)
    secrets = [*settings.keys.values(), *([settings.token] if settings.token else [])]
    handler = _Stderr(log_format, secrets)
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = root.level, ours.level
    root.addHandler(handler)  # the SDK adds none where there is one
    root.setLevel(max(level, _QUIET))
    ours.setLevel(level)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        ours.setLevel(before[1])


def hide(secret: str) -> None:
    """Leave a secret, which has only now become known, out of what is shown from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Stderr):
            handler.redaction.add(secret)


class Redaction:
    """Takes out of a text what nobody may read: known secrets, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Begin with the secrets that are known, and the forms that keys of the providers have."""
        self._secrets = set(secrets)
        prefixes = "|".join(re.escape(one.key_prefix) for one in all_providers().values())
        self._forms = (
            (re.compile(rf"({prefixes})[\w-]{{4,}}"), rf"\1{HIDDEN}"),
            (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {HIDDEN}"),
            # Signed URLs, and the address with which a browser shows the token.
            (re.compile(r"(/[^\s\"'<>?#]*)\?[^\s\"'<>]+"), rf"\1?{HIDDEN}"),
            (re.compile(r"(\w+://)[^\s\"'<>/@]+@"), rf"\1{HIDDEN}@"),
            # pydantic quotes what it refuses, and that may be a prompt.
            (re.compile(r"input_value=.*?, input_type="), f"input_value={HIDDEN}, input_type="),
        )

    def add(self, secret: str) -> None:
        """Know one more."""
        self._secrets.add(secret)

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for form, instead in self._forms:
            text = form.sub(instead, text)
        return text


class _Stderr(logging.Handler):
    """Writes to what stderr is at the moment."""

    def __init__(self, log_format: LogFormat, secrets: Iterable[str]) -> None:
        super().__init__()
        self.redaction = Redaction(secrets)
        self.addFilter(_Seldom())
        self._line = self._json if log_format == "json" else self._text

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record. What cannot be written is lost: nobody is left to be told."""
        with suppress(Exception):
            sys.stderr.write(self._line(record) + "\n")
            sys.stderr.flush()

    def _json(self, record: logging.LogRecord) -> str:
        facts = self._facts(record)
        if lines := self._traceback(record):
            facts["exception"] = "\n".join(lines)
        # ASCII: a stderr of another encoding would replace letters by what JSON does not know.
        return json.dumps(facts)

    def _text(self, record: logging.LogRecord) -> str:
        facts = self._facts(record)
        head = " ".join(str(facts.pop(name)) for name in ("at", "level", "logger", "message"))
        told = "".join(f" {name}={_quoted(value)}" for name, value in facts.items())
        # Set in, so that no line of an exception can pass for one of the log.
        return "\n".join([head + told, *(f"    {line}" for line in self._traceback(record))])

    def _facts(self, record: logging.LogRecord) -> dict[str, object]:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        facts: dict[str, object] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._shown(_message(record), _MESSAGE_CHARACTERS),
        }
        fields = cast("dict[str, object]", getattr(record, "fields", {}))
        for name, value in fields.items():
            facts[name] = self._shown(value, _LINE_CHARACTERS) if isinstance(value, str) else value
        from opentelemetry.trace import get_current_span  # noqa: PLC0415  # commands that log nothing need it not

        context = get_current_span().get_span_context()
        if context.is_valid:
            facts |= {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
        return facts

    def _traceback(self, record: logging.LogRecord) -> list[str]:
        if not record.exc_info or record.exc_info[1] is None or record.name.startswith(_SELDOM):
            return []
        lines = "".join(traceback.format_exception(record.exc_info[1])).splitlines()
        if len(lines) > _TRACEBACK_LINES:  # the last lines say what it was
            lines = ["...", *lines[-_TRACEBACK_LINES:]]
        return [" " * _margin(line) + self._shown(line, _LINE_CHARACTERS) for line in lines]

    def _shown(self, text: str, limit: int) -> str:
        # Redacted first: cleaning may cut a secret in two. And afterwards: it may put one together.
        return self.redaction(clean(self.redaction(text[: limit * _RAW]), limit))


class _Seldom(logging.Filter):
    """Lets what repeats itself pass once in a while."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is shown."""
        if not record.name.startswith(_SELDOM):
            return True
        is_shown = record.created >= self._next
        if is_shown:
            self._next = record.created + _SELDOM_SECONDS
        return is_shown


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # the arguments do not fit
        return str(record.msg)


def _margin(line: str) -> int:
    return min(len(line) - len(line.lstrip(" ")), 40)


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text) if not text or any(char in ' "=' for char in text) else text
