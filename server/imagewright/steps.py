"""Says that a step of the work happens: as an OpenTelemetry span, and to whoever listens at this server."""

import asyncio
import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypedDict, Unpack

from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, get_tracer

from imagewright import __version__
from imagewright.errors import ImagewrightError, InternalError, OriginError
from imagewright.models import Money
from imagewright.text import model_name

StepName = Literal["tool.call", "provider.call", "provider.found", "download"]

CANCELLED: Final = "cancelled"
"""The outcome of a step whose caller went away."""
DONE: Final = "done"
"""The outcome of a step that ended well and tells no other."""

_logger = logging.getLogger("imagewright")

# Without an SDK its spans cost a microsecond and go nowhere. One that is set up later is found all the same.
_tracer = get_tracer("imagewright", __version__)

# https://opentelemetry.io/docs/specs/semconv/ where it has a name for it (gen_ai: 1.37), otherwise a name of ours.
_SEMANTIC: Final = {
    "provider": "gen_ai.provider.name",
    "model": "gen_ai.request.model",
    "status": "http.response.status_code",
    "address": "server.address",
    "size_bytes": "http.response.body.size",
    "tool": "gen_ai.tool.name",
    "protocol_version": "mcp.protocol.version",
}
_KINDS: Final = {"provider.call": SpanKind.CLIENT, "download": SpanKind.CLIENT}


class Facts(TypedDict, total=False):
    """What may be told of a step. A prompt, a key, a URL or the words of a provider have no place here."""

    provider: str  # slug
    kind: Literal["paid", "free"]  # of a provider's call
    model: str  # told only if it looks like an id
    outcome: str  # "done", a status of ours, or the code of an error
    status: int  # of HTTP
    address: str  # host
    generation_id: str
    call: int  # its number within the generation
    size_bytes: int
    cost: Money
    tool: str
    principal: str
    client: str  # name and version, as it says: free text, for the log only
    protocol_version: str


class Step:
    """A step that is under way."""

    def __init__(self, facts: Facts) -> None:
        """Begin with what is known of it."""
        self.facts = facts

    def set(self, **facts: Unpack[Facts]) -> None:
        """Add what has become known."""
        self.facts.update(facts)


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that has ended; its facts have an outcome."""

    name: StepName
    facts: Facts
    outcome: str
    seconds: float


Listener = Callable[[Ended], None]


class Steps:
    """One for a server: whoever listens here hears of the steps of this server and of no other."""

    def __init__(self) -> None:
        """Begin without listeners."""
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener` with every step that has ended, in the event loop: it must be quick."""
        self._listeners.append(listener)

    @contextmanager
    def step(self, name: StepName, **facts: Unpack[Facts]) -> Generator[Step]:
        """Open a span for what happens in the block, and tell of it at its end, however it ends."""
        kind = _KINDS.get(name, SpanKind.INTERNAL)
        # No exception is recorded: its message may hold a provider's words.
        with (
            _tracer.start_as_current_span(
                name, kind=kind, record_exception=False, set_status_on_exception=False
            ) as span,
            self._told(name, Step(facts), span) as step,
        ):
            yield step

    @contextmanager
    def step_of_current_span(self, name: StepName, **facts: Unpack[Facts]) -> Generator[Step]:
        """The same for a block that somebody else has opened a span for: what is told is added to that one."""
        with self._told(name, Step(facts), get_current_span()) as step:
            yield step

    @contextmanager
    def _told(self, name: StepName, step: Step, span: Span) -> Generator[Step]:
        began = time.monotonic()
        try:
            yield step
        except BaseException as error:
            if isinstance(error, OriginError) and error.origin.status:
                step.facts.setdefault("status", error.origin.status)  # an answer that broke off had one
            span.set_attribute("error.type", step.facts.setdefault("outcome", _outcome_of(error)))
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            seconds = time.monotonic() - began
            self._tell(Ended(name, _tellable(step.facts), step.facts.get("outcome", DONE), seconds), span)

    def _tell(self, ended: Ended, span: Span) -> None:
        if span.is_recording():
            span.set_attributes(_attributes(ended))
        for listener in self._listeners:
            try:
                listener(ended)
            except Exception:
                # What is only told must not undo what was done, and perhaps paid for.
                _logger.exception("that %s ended could not be told", ended.name)


@contextmanager
def journal_span(operation: Literal["read", "write"], work: Callable[..., object]) -> Generator[None]:
    """Open a span for an access to the journal that belongs to a trace; others would be traces of one span each.

    `work` is what is done there, defined within the function that the span names.
    """
    if not get_current_span().is_recording():
        yield
        return
    function = getattr(work, "__qualname__", "").partition(".<locals>")[0]
    attributes = {"db.system.name": "sqlite", "db.operation.name": operation, "code.function.name": function}
    with _tracer.start_as_current_span(
        f"journal.{operation}", attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield
        except BaseException as error:
            span.set_attribute("error.type", _outcome_of(error))
            span.set_status(StatusCode.ERROR)
            raise


def _outcome_of(error: BaseException) -> str:
    if isinstance(error, ImagewrightError):
        return error.code
    return CANCELLED if isinstance(error, asyncio.CancelledError) else InternalError.code


def _tellable(facts: Facts) -> Facts:
    """Return the facts without a model that is no id: a caller may have written anything there."""
    told = facts.copy()
    if model_name(told.get("model")) is None:
        told.pop("model", None)
    return told


def _attributes(ended: Ended) -> dict[str, str | int | float]:
    """Return the facts as attributes, named as the conventions have it."""
    attributes: dict[str, str | int | float] = {"imagewright.outcome": ended.outcome}
    for name, value in ended.facts.items():
        if isinstance(value, Money):
            attributes |= {"imagewright.cost.amount": float(value.amount), "imagewright.cost.unit": value.unit}
        elif isinstance(value, str | int) and name != "client":
            attributes[_SEMANTIC.get(name, f"imagewright.{name}")] = value
    if ended.name == "provider.call" and ended.facts.get("kind") == "paid":
        attributes["gen_ai.operation.name"] = "generate_content"
    return attributes
