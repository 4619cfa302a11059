"""How each of the four vendors prices, answers and remembers a paid request; a picture of its own in one shape."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

from tests.faults.ledger import Charge, Ledger

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vendor stands: its books, and the address under which its pictures are."""

    ledger: Ledger
    origin: str

    def url(self, picture_id: str) -> str:
        """Return where a picture is."""
        return f"{self.origin}/pictures/{picture_id}.png"


@dataclass(frozen=True, slots=True)
class Vendor:
    """`looks` are free requests by path; a path that ends with a slash takes an id behind it."""

    slug: str
    paid_path: str
    unit: str
    status: int  # of a success
    price: Callable[[Json], Decimal]  # of one picture
    count: Callable[[Json], int]
    done: Callable[[Place, Charge], Json]
    looks: Mapping[str, Callable[[Place, str, Mapping[str, str]], Json | None]]
    headers: Callable[[Charge], Mapping[str, str]] = lambda _: {}

    def take(
        self,
        place: Place,
        body: Json,
        key: str | None = None,
        *,
        pictures: int | None = None,
        late_seconds: float = 0,
    ) -> Charge:
        """Draw, and write the charge down. `pictures` fewer than ordered are drawn and paid if it is not None."""
        drawn = self.count(body) if pictures is None else pictures
        charge = self._entry(place, body, key)
        charge = replace(
            charge,
            amount=self.price(body) * drawn,
            picture_ids=tuple(place.ledger.draw() for _ in range(drawn)),
            done_at=charge.at + timedelta(seconds=late_seconds),
        )
        place.ledger.entries.append(charge)
        return charge

    def fail(self, place: Place, body: Json) -> None:
        """Write down a job that failed and cost nothing."""
        place.ledger.entries.append(replace(self._entry(place, body, None), failed=True))

    def look(self, place: Place, path: str, query: str) -> Json | None:
        """Answer a free request; None where there is no such thing."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        folder, _, tail = path.rpartition("/")
        answer = self.looks.get(path) or self.looks.get(f"{folder}/")
        return answer(place, tail, asked) if answer else None

    def _entry(self, place: Place, body: Json, key: str | None) -> Charge:
        now = place.ledger.clock()
        return Charge(
            charge_id=place.ledger.new_id(),
            provider=self.slug,
            amount=Decimal(0),
            unit=self.unit,
            picture_ids=(),
            prompt=str(body.get("prompt", "")),
            model=body.get("model"),
            idempotency_key=key,
            at=now,
            done_at=now,
        )


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def _heydecks_done(place: Place, charge: Charge) -> Json:
    return {"images": [{"url": place.url(one)} for one in charge.picture_ids]}


def _theo_done(place: Place, charge: Charge) -> Json:
    shared = {"engine": "theo-vision", "model": "theo-1-create", "prompt": charge.prompt}
    return {
        "id": f"img_{charge.charge_id[:8]}",
        "created": _stamp(charge.at),
        "images": [{"url": place.url(one), **shared} for one in charge.picture_ids],
        "usage": {"cost_cents": float(charge.amount)},
    }


def _theo_usage(place: Place, _: str, asked: Mapping[str, str]) -> Json:
    del asked
    requests = len(place.ledger.shown("theo"))
    return {"totals": {"requests": requests, "cost_cents": float(place.ledger.spent("theo"))}}


def _theo_models(*_: object) -> Json:
    row = {"mode": "image", "model_id": "theo-1-create", "label": "Theo Create", "engine": "theo-vision"}
    return {"models": [row]}


_PE_PRICES = {"nano-banana-pro": 15, "ideogram-v2": 8, "gemini-3-pro": 5, "flux-schnell": 1}
_PE_LIMIT = 1_000_000


def _posteverywhere_done(place: Place, charge: Charge) -> Json:
    (media_id,) = charge.picture_ids
    data = {
        "media_id": media_id,
        "media_ids": [media_id],
        "type": "image",
        "width": 8,
        "height": 8,
        "aspect_ratio": "1:1",
        "ai": {"model": charge.model, "prompt": charge.prompt},
        "credits_used": int(charge.amount),
        "credits_remaining": _PE_LIMIT - int(place.ledger.spent(charge.provider)),
        "created_at": _stamp(charge.at),
        "next_step": "Attach it to a post.",
    }
    return _enveloped(data)


def _enveloped(data: Json) -> Json:
    return {"data": data, "error": None, "meta": {"request_id": "req_1"}}


def _posteverywhere_me(place: Place, *_: object) -> Json:
    used = int(place.ledger.spent("posteverywhere"))
    return _enveloped({"quota": {"ai_credits": {"used": used, "limit": _PE_LIMIT, "bonus": 0}}})


def _media_item(place: Place, charge: Charge) -> Json:
    (media_id,) = charge.picture_ids
    return {
        "media_id": media_id,
        "id": media_id,
        "status": "ready",
        "media_status": "ready",
        "type": "image",
        "filename": f"{media_id}.png",
        "content_type": "image/png",
        "size": len(place.ledger.pictures[media_id]),
        "width": 8,
        "height": 8,
        "duration": None,
        "created_at": _stamp(charge.done_at),
        "url": place.url(media_id),
    }


def _posteverywhere_media(place: Place, _: str, asked: Mapping[str, str]) -> Json:
    found = [_media_item(place, one) for one in reversed(place.ledger.shown("posteverywhere"))]
    limit, offset = int(asked.get("limit", 20)), int(asked.get("offset", 0))
    page = found[offset : offset + limit]
    more = offset + limit < len(found)
    pagination = {"limit": limit, "offset": offset, "total": len(found), "has_more": more}
    return _enveloped({"media": page, "media_ids": [one["media_id"] for one in page], "pagination": pagination})


def _posteverywhere_one(place: Place, media_id: str, _: Mapping[str, str]) -> Json | None:
    charges = place.ledger.shown("posteverywhere")
    found = next((one for one in charges if media_id in one.picture_ids), None)
    return None if found is None else _enveloped(_media_item(place, found))


def _depicta_done(place: Place, charge: Charge) -> Json:
    (picture_id,) = charge.picture_ids
    data, url = place.ledger.pictures[picture_id], place.url(picture_id)
    sha256 = hashlib.sha256(data).hexdigest()
    png = {
        "url": url,
        "format": "png",
        "hash": sha256,
        "size_bytes": len(data),
        "expires_at": _stamp(charge.at + timedelta(hours=1)),
    }
    return {
        "id": picture_id,
        "ai_generated": True,
        "model": charge.model,
        "formats": {"png": png},
        "image_url": url,
        "image_hash": sha256,
        "cost_eur": f"{charge.amount:.6f}",
        "balance_eur": f"{1000 - place.ledger.spent(charge.provider):.6f}",
    }


def _depicta_job(place: Place, charge: Charge) -> Json:
    job: Json = {"job_id": charge.charge_id, "created_at": _stamp(charge.at), "started_at": _stamp(charge.at)}
    if charge.failed:
        error = {"code": "internal", "message": "It failed."}
        return {**job, "status": "failed", "completed_at": _stamp(charge.at), "error": error}
    if not place.ledger.is_done(charge):
        return {**job, "status": "processing"}
    result = _depicta_done(place, charge)
    return {**job, "status": "completed", "completed_at": _stamp(charge.done_at), "result": result}


def _depicta_jobs(place: Place, _: str, asked: Mapping[str, str]) -> Json:
    found = [one for one in reversed(place.ledger.entries) if one.provider == "depicta"]
    limit, offset = int(asked.get("limit", 20)), int(asked.get("offset", 0))
    rows = [_depicta_job(place, one) for one in found[offset : offset + limit]]
    return {"generations": rows, "limit": limit, "offset": offset, "total": len(found)}


def _depicta_one(place: Place, job_id: str, _: Mapping[str, str]) -> Json | None:
    found = next((one for one in place.ledger.entries if one.charge_id == job_id), None)
    return None if found is None else _depicta_job(place, found)


def _depicta_profile(place: Place, *_: object) -> Json:
    return {"user": {"balance_eur": f"{1000 - place.ledger.spent('depicta'):.6f}", "held_eur": "0.000000"}}


def _depicta_models(*_: object) -> Json:
    row = {"id": "gemini-2.5-flash-image", "name": "Flash", "can_generate": True, "approximate_cost_eur": "0.048"}
    return {"models": [row]}


VENDORS: Mapping[str, Vendor] = {
    "heydecks": Vendor(
        slug="heydecks",
        paid_path="/v1/images",
        unit="credits",
        status=200,
        price=lambda _: Decimal(8),
        count=lambda body: int(body.get("n", 1)),
        done=_heydecks_done,
        looks={},
    ),
    "theo": Vendor(
        slug="theo",
        paid_path="/api/v1/images",
        unit="cents",
        status=200,
        price=lambda _: Decimal(4),
        count=lambda body: int(body.get("count", 1)),
        done=_theo_done,
        looks={"/api/v1/usage": _theo_usage, "/api/v1/models": _theo_models},
        headers=lambda charge: {"X-Request-Id": f"req_{charge.charge_id[:8]}"},
    ),
    "posteverywhere": Vendor(
        slug="posteverywhere",
        paid_path="/api/v1/ai/generate-image",
        unit="credits",
        status=201,
        price=lambda body: Decimal(_PE_PRICES[body.get("model", "nano-banana-pro")]),
        count=lambda _: 1,
        done=_posteverywhere_done,
        looks={
            "/api/v1/me": _posteverywhere_me,
            "/api/v1/media": _posteverywhere_media,
            "/api/v1/media/": _posteverywhere_one,
        },
    ),
    "depicta": Vendor(
        slug="depicta",
        paid_path="/v1/generate/image",
        unit="EUR",
        status=200,
        price=lambda _: Decimal("0.048"),
        count=lambda _: 1,
        done=_depicta_done,
        looks={
            "/v1/jobs": _depicta_jobs,
            "/v1/jobs/": _depicta_one,
            "/v1/models": _depicta_models,
            "/v1/account/profile": _depicta_profile,
        },
        headers=lambda charge: {"X-Depicta-Job-Id": charge.charge_id},
    ),
}
