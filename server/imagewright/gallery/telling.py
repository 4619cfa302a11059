"""What the gallery's page is told: generations with their pictures, and what was spent, as plain data."""

from collections.abc import Sequence
from decimal import Decimal

from imagewright.models import Call, Copy, Entry, Money, Picture, Spent, Variant
from imagewright.providers import all_providers

# What every browser of today draws by itself.
DRAWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"})
_NOT_SHRUNK = frozenset({"image/heic"})  # Pillow reads none

_PAID = frozenset({"done", "lost"})
_AT_RISK = frozenset({"reserved", "sending", "unknown"})

Facts = dict[str, object]


def generation_facts(entry: Entry, copies: Sequence[Copy]) -> Facts:
    """Return a generation as data; addresses of pictures are relative to the page."""
    result = entry.result
    request = entry.ask.request
    return {
        "generation_id": entry.generation_id,
        "at": entry.at.isoformat(timespec="seconds"),
        "status": entry.status,
        "provider": entry.plan.provider,
        "provider_name": name_of(entry.plan.provider),
        "model": (result and result.model) or entry.plan.request.model,
        "prompt": request.prompt,
        "cost": _sum([call for call in entry.calls if call.state in _PAID]),
        "at_risk": _sum([call for call in entry.calls if call.state in _AT_RISK]),
        "requested": request.count,
        "sandbox": entry.ask.sandbox,
        "warnings": list(result.warnings if result else entry.plan.warnings),
        "error": entry.error.get("message") if entry.error else None,
        "checked": entry.checked,
        "images": [
            _picture(position, picture, [one for one in copies if one.position == position])
            for position, picture in enumerate(result.pictures if result else (), 1)
        ],
    }


def spent_facts(row: Spent) -> Facts:
    """Return a row of the spending table as data."""
    return {
        "day": row.day,
        "provider": row.provider,
        "provider_name": name_of(row.provider),
        "model": row.model,
        "unit": row.unit,
        "calls": row.calls,
        "pictures": row.pictures,
        "estimated": f"{row.estimated:f}",
        "paid": f"{row.paid:f}",
        "held": f"{row.held:f}",
        "sandbox": row.sandbox,
    }


def name_of(slug: str) -> str:
    """Return the name of a provider; one that this version does not know keeps its slug."""
    provider = all_providers().get(slug)
    return provider.name if provider else slug


def _picture(position: int, picture: Picture, copies: Sequence[Copy]) -> Facts:
    first = sorted(copies, key=lambda one: one.url != picture.url)
    kept = next((one for one in first if one.file), None)
    shown = next((one for one in first if one.file and one.file.content_type in DRAWN), kept)
    told = shown or (first[0] if first else None)
    file = shown.file if shown else None
    variant = next((one for one in picture.variants if one.url == picture.url), None)
    return {
        "position": position,
        "url": picture.url,
        "media_id": picture.media_id,
        "expires_at": picture.expires_at,
        "width": picture.width or (file and file.width),
        "height": picture.height or (file and file.height),
        "prompt_used": picture.prompt_used,
        "sha256": file.sha256 if file else picture.sha256,
        "preview": f"previews/{file.sha256}" if file and file.content_type not in _NOT_SHRUNK else None,
        "src": f"images/{file.sha256}" if file and file.content_type in DRAWN else None,
        "bytes": file.size_bytes if file else variant and variant.size_bytes,
        "content_type": file.content_type if file else None,
        "has_c2pa": file.has_c2pa if file else None,
        "path": str(file.path) if file and file.path else None,
        "state": told.state if told else "none",
        "problem": told.problem if told else None,
        "formats": [_format(one, first) for one in _formats(picture, first)],
    }


def _formats(picture: Picture, copies: Sequence[Copy]) -> list[Variant]:
    """Return the formats of a picture, those that only the library knows included."""
    known = {one.url for one in picture.variants}
    return [*picture.variants, *(Variant(one.format, one.url, one.claimed) for one in copies if one.url not in known)]


def _format(variant: Variant, copies: Sequence[Copy]) -> Facts:
    copy = next((one for one in copies if one.url == variant.url), None)
    file = copy.file if copy else None
    return {
        "format": variant.format,
        "url": variant.url,
        "sha256": file.sha256 if file else variant.sha256,
        "src": f"images/{file.sha256}" if file else None,
        "bytes": file.size_bytes if file else variant.size_bytes,
        "state": copy.state if copy else "none",
    }


def _sum(calls: Sequence[Call]) -> Facts | None:
    """Return what calls cost, or should cost, together; None where nothing is known of it."""
    costs = [call.reading.cost if call.reading and call.reading.cost else _expected(call) for call in calls]
    known = [cost for cost in costs if cost]
    if not known:
        return None
    total = sum((cost.amount for cost in known), Decimal(0))
    estimated = any(cost is None or cost.estimated for cost in costs)
    return {"amount": f"{total:f}", "unit": known[0].unit, "estimated": estimated}


def _expected(call: Call) -> Money | None:
    return Money(call.price, call.unit, estimated=True) if call.price is not None else None
