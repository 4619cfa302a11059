"""How a generation stands, in the shape of every answer, also where no picture is there yet or ever will be."""

from collections.abc import Sequence
from dataclasses import replace

from imagewright.errors import ImagewrightError, OriginError, error_from
from imagewright.models import Copy, Entry, Failure, Generation, Money, Status
from imagewright.planning import choice_of

_DRAWN = "It is being drawn and paid for."
_WAITS = "Others have their turn at the provider first; then it is drawn and paid for."
_LOOKED_UP = "Its answer was lost, and the provider is being asked what became of it."
_POLL = (
    "Call get_generation with this generation_id and wait_seconds 30 until it is done; "
    "do not call generate_image again for it."
)


def outcome_of_entry(entry: Entry) -> Generation | ImagewrightError | None:
    """Return what the journal keeps as the outcome of a generation; None while there is none."""
    if entry.status == "running":
        return None
    return entry.result or (error_from(entry.error) if entry.error else None)


def still_running(entry: Entry, notice: str | None, *, looking: bool = False, waits: bool = False) -> Generation:
    """Return a generation that is still under way: `looking` says that only looks at the provider are, `waits` that
    nothing was sent yet."""
    return _standing(entry, "running", f"{_LOOKED_UP if looking else _WAITS if waits else _DRAWN} {_POLL}", notice)


def without_pictures(entry: Entry, error: ImagewrightError, notice: str | None) -> Generation:
    """Return a generation that brought no picture, with the reason."""
    unknown = error.charged == "maybe"
    origin = error.origin if isinstance(error, OriginError) else None
    failure = Failure(
        code=error.code,
        message=str(error),
        images=entry.ask.request.count,
        charged=error.charged,
        job_id=origin.job_id if origin else None,
        request_id=origin.request_id if origin else None,
    )
    next_step = (
        "Do not generate it again: look again later, or have the user settle it."
        if unknown
        else "Nothing more can come of it. See the failure before you call generate_image again."
    )
    return replace(_standing(entry, "unknown" if unknown else "failed", next_step, notice), failures=(failure,))


def about_copies(made: Generation, copies: Sequence[Copy], url_life: str) -> tuple[list[str], str]:
    """Return warnings about pictures that are not kept, and what to do about those whose URLs die."""
    positions = {number for number, picture in enumerate(made.pictures, 1) if picture.url}
    kept = {one.position for one in copies if one.file}
    waiting = {one.position for one in copies if one.state == "waiting"} - kept
    lost = {one.position: one.problem or "" for one in reversed(copies) if one.position not in kept | waiting}
    warnings = [f"Picture {position} is not kept here: {why}".rstrip(": ") for position, why in sorted(lost.items())]
    warnings += [
        f"Picture {one.position} is kept, but not as {one.format}: {one.problem}"
        for one in copies
        if one.position in kept and one.state in {"failed", "gone"}
    ]
    if positions <= kept:
        return warnings, ""
    tried = next((one.problem for one in copies if one.position in waiting and one.problem), None)
    why = f" So far: {tried.removesuffix(' Open its URL yourself.').rstrip('.')}." if tried else ""
    coming = (
        f"{len(waiting)} of {len(positions)} pictures still being fetched: see get_generation.{why}" if waiting else ""
    )
    dies = "" if url_life == "permanent" else f"Save what is not kept: URL life is {url_life}."
    return warnings, " ".join(part for part in (coming, dies) if part)


def _standing(entry: Entry, status: Status, next_step: str, notice: str | None) -> Generation:
    choice = choice_of(entry.plan)
    prices = [call.price for call in entry.calls if call.provider == choice.provider.slug and call.state != "refused"]
    known = [price for price in prices if price is not None]
    cost = Money(sum(known[1:], known[0]), choice.provider.unit, estimated=True) if known else None
    return Generation(
        generation_id=entry.generation_id,
        status=status,
        provider=choice.provider.slug,
        provider_name=choice.provider.name,
        model=choice.request.model,
        requested=entry.ask.request.count,
        calls=len(prices),
        why=choice.why,
        cost=cost,
        warnings=choice.warnings,
        next_step=next_step,
        sandbox_notice=notice,
    )
