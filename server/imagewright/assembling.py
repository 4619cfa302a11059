"""Puts the answers of the calls of one generation together, true to what was delivered and what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from imagewright.addresses import flaw
from imagewright.choosing import Choice
from imagewright.errors import (
    Charged,
    GenerationFailedError,
    ImagewrightError,
    Origin,
    OriginError,
    OutcomeUnknownError,
    UnreadableAnswerError,
    error_from,
)
from imagewright.models import Call, Entry, EntryStatus, Failure, Generation, Money, Picture, Reading, Variant
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.text import clean, identifier, listing, quote

_SEVERITY = {"no": 0, "maybe": 1, "yes": 2}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call brought: a reading, or the error that it ended in. `count` is what it was asked for."""

    count: int
    reading: Reading | None = None
    error: ImagewrightError | None = None

    @property
    def unknown(self) -> bool:
        """Whether nobody knows what became of it."""
        return self.error is not None and self.error.charged == "maybe"


def outcome_of(call: Call) -> Outcome:
    """Return what the journal knows of a call that has ended."""
    if call.state == "done" and call.reading:
        return Outcome(call.count, call.reading)
    if call.error:
        return Outcome(call.count, error=error_from(call.error))
    name = all_providers()[call.provider].name
    came_from = Origin(call.provider, job_id=call.trace_id)
    return Outcome(call.count, error=OutcomeUnknownError(f"What became of a call to {name} is not known.", came_from))


def status_of(outcomes: Sequence[Outcome], made: Generation | None) -> EntryStatus:
    """Return how a generation of these outcomes, which `made` was put together from, stands in the journal."""
    if any(one.unknown for one in outcomes):
        return "unknown"
    if made:
        return "done" if made.status == "done" else "partial"
    costs = [one.reading.cost for one in outcomes if one.reading]
    charged = any(cost is None or cost.amount for cost in costs)
    return "failed" if charged or any(one.error and one.error.charged == "yes" for one in outcomes) else "refused"


def risk(entry: Entry) -> str:
    """Return what may have been paid for the unknown calls of a generation, and how that is settled."""
    unknown = [call for call in entry.calls if call.state == "unknown"]
    price = _total([Money(call.price, call.unit) if call.price is not None else None for call in unknown])
    amount = f"about {price.amount:f} {price.unit}" if price else "an amount that is not published"
    named = entry.generation_id
    return (
        f"At risk: {amount}. Do not generate it again: get_generation with {named} looks again, and a person who has "
        f"looked at the provider's dashboard settles it with `imagewright settle {named} charged` or `not-charged`."
    )


def assemble(
    generation_id: str,
    choice: Choice,
    outcomes: Sequence[Outcome],
    trusted_origins: frozenset[str],
    sandbox_notice: str | None,
) -> Generation:
    """Return the generation that the outcomes make up.

    Raises:
        ImagewrightError: No call brought a picture; the gravest error, with what it means for the money.
    """
    provider = choice.provider
    readings = [outcome.reading for outcome in outcomes if outcome.reading]
    warnings = [*choice.warnings]
    pictures: list[Picture] = []
    failures: list[Failure] = []
    for outcome in outcomes:
        usable, flaws = _usable(outcome.reading, provider, choice.request.prompt, trusted_origins)
        pictures += usable
        warnings += flaws
        if len(usable) < outcome.count:
            failures.append(_failure(outcome, len(usable), provider))
    if not pictures:
        raise _nothing(provider, outcomes, warnings)
    untold = sum(1 for one in readings if one.cost is None)
    if 0 < untold < len(readings):
        warnings.append(f"{untold} of {len(readings)} calls told no cost: the true cost is higher than what is shown.")
    return Generation(
        generation_id=generation_id,
        status="partial" if failures else "done",
        provider=provider.slug,
        provider_name=provider.name,
        model=next((one.model for one in readings if one.model), choice.request.model),
        requested=choice.request.count,
        calls=len(outcomes),
        why=choice.why,
        pictures=tuple(pictures),
        cost=_total([one.cost for one in readings]),
        balance=_latest([one.balance for one in readings]),
        warnings=tuple(dict.fromkeys(warnings)),
        failures=tuple(failures),
        job_ids=tuple(one.job_id for one in readings if one.job_id),
        provider_ids=tuple(one.provider_generation_id for one in readings if one.provider_generation_id),
        request_ids=tuple(one.request_id for one in readings if one.request_id),
        created_at=next((one.created_at for one in readings if one.created_at), None),
        provider_text=next((one.provider_text for one in readings if one.provider_text), None),
        next_step=_next_step(pictures, partial=bool(failures)),
        sandbox_notice=sandbox_notice,
    )


def _usable(
    reading: Reading | None, provider: Provider, prompt: str, trusted_origins: frozenset[str]
) -> tuple[list[Picture], list[str]]:
    """Return the pictures that a caller can use, and what there is to say about the answer."""
    pictures: list[Picture] = []
    warnings: list[str] = []
    if reading:
        warnings += reading.warnings
        for picture in reading.pictures:
            vetted, flaws = _vet(picture, provider, trusted_origins)
            if vetted.prompt_used == clean(prompt, len(prompt) + 1):
                vetted = replace(vetted, prompt_used=None)  # the caller knows what it asked for
            pictures += [vetted] if vetted.url or vetted.media_id else []
            warnings += flaws
    return pictures, warnings


def _vet(picture: Picture, provider: Provider, trusted_origins: frozenset[str]) -> tuple[Picture, list[str]]:
    """Drop every address that must not be shown or fetched: a provider's answer is data from outside."""
    flaws: list[str] = []

    def good(url: str) -> bool:
        reason = flaw(url, trusted_origins)
        flaws.extend([f"{provider.name} returned an address that cannot be used: {reason}."] if reason else [])
        return not reason

    variants: tuple[Variant, ...] = tuple(variant for variant in picture.variants if good(variant.url))
    url = picture.url
    vetted = replace(picture, media_id=identifier(picture.media_id), variants=variants)
    if url and not any(url == variant.url for variant in variants) and not good(url):
        # The next format takes its place, with its own hash and expiry.
        first = variants[0] if variants else Variant("", "")
        vetted = replace(vetted, url=first.url or None, sha256=first.sha256, expires_at=first.expires_at)
    return vetted, flaws


def _failure(outcome: Outcome, brought: int, provider: Provider) -> Failure:
    error, reading = outcome.error, outcome.reading
    source = error.origin if isinstance(error, OriginError) else reading
    job_id, request_id = (source.job_id, source.request_id) if source else (None, None)
    if error:
        return Failure(error.code, str(error), outcome.count, error.charged, job_id, request_id)
    charged: Charged = "no" if provider.refunds_missing else "maybe"
    if not brought and reading and reading.cost and reading.cost.amount:
        charged = "yes"
    message = f"{provider.name} answered with {brought} of {outcome.count} pictures in one call."
    return Failure("fewer_pictures", message, outcome.count - brought, charged, job_id, request_id)


def _nothing(provider: Provider, outcomes: Sequence[Outcome], warnings: list[str]) -> ImagewrightError:
    readings = [outcome.reading for outcome in outcomes if outcome.reading]
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if readings:
        errors.append(_empty(provider, readings, warnings))
    gravest = max(errors, key=lambda error: _SEVERITY[error.charged])
    if len(outcomes) > 1:
        others = [error for error in errors if error is not gravest and error.charged != "no"]
        also = [f"Another call (charged: {error.charged}{_ids(error)}) brought none either." for error in others]
        gravest.args = (" ".join((f"None of {len(outcomes)} calls brought a picture. {gravest}", *also)),)
    return gravest


def _ids(error: ImagewrightError) -> str:
    ids = {"job": error.origin.job_id, "request": error.origin.request_id} if isinstance(error, OriginError) else {}
    return "".join(f", {kind} {found}" for kind, found in ids.items() if found)


def _empty(provider: Provider, readings: Sequence[Reading], warnings: list[str]) -> ImagewrightError:
    cost = _total([reading.cost for reading in readings])
    every_id = [(one.provider_generation_id, one.job_id, one.request_id) for one in readings]
    ids = [one for ids_of_one in every_id for one in ids_of_one if one]
    first = readings[0]
    came_from = Origin(provider.slug, job_id=first.job_id, request_id=first.request_id)
    told = " ".join(dict.fromkeys(warnings))
    if all(reading.cost is not None and not reading.cost.amount for reading in readings):
        return GenerationFailedError(
            f"{provider.name} drew no picture and charged nothing. Call again. {told}", came_from
        )
    price = f"{cost.amount:f} {cost.unit}" if cost else "an amount it does not tell"
    reference = f" Its id there is {listing([quote(one, 60) for one in ids])}." if ids else ""
    return UnreadableAnswerError(
        f"{provider.name} charged {price} and returned no usable picture.{reference} Ask {provider.name} before "
        f"calling again. {told}".rstrip(),
        came_from,
        "yes",
    )


def _total(costs: Sequence[Money | None]) -> Money | None:
    known = [cost for cost in costs if cost]
    if not known:
        return None
    amount = sum((cost.amount for cost in known), Decimal(0))
    return Money(amount, known[0].unit, estimated=any(cost.estimated for cost in known))


def _latest(balances: Sequence[Money | None]) -> Money | None:
    # Calls run side by side: the lowest balance is the one told last.
    return min((balance for balance in balances if balance), key=lambda balance: balance.amount, default=None)


def _next_step(pictures: Sequence[Picture], *, partial: bool) -> str:
    missing = " Some pictures are missing: see failures before you ask for the rest." if partial else ""
    if not any(picture.url for picture in pictures):
        return f"There is no URL to open: put it onto a post with attach_to_post and the generation_id.{missing}"
    return f"Give the user the URLs, or use attach_to_post with the generation_id.{missing}"
