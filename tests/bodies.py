"""Answers as the four vendors document them, to start a test from; each names its page."""

from collections.abc import Callable, Mapping
from typing import Any

UUID = "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
JOB = "0f0e0d0c-0b0a-4908-8706-050403020100"


def heydecks_done(count: int = 1) -> dict[str, Any]:
    """https://heydecks.com/docs/api/images"""
    return {"images": [{"url": f"https://pub-0.r2.dev/ws/1/ai/{number}.png"} for number in range(1, count + 1)]}


def theo_done(count: int = 1) -> dict[str, Any]:
    """https://docs.hitheo.ai/api-reference/images/generate"""
    images = [
        {
            "url": f"https://artifacts.hitheo.ai/img/abc123-{number}.png",
            "engine": "theo-vision",
            "model": "theo-1-create",
            "prompt": "a fox Style: photorealistic. Aspect ratio: 1:1.",
        }
        for number in range(1, count + 1)
    ]
    return {"id": "img_abc123", "created": "2026-04-10T12:00:00Z", "images": images, "usage": {"cost_cents": 0.08}}


def posteverywhere_done(media_id: str = UUID) -> dict[str, Any]:
    """https://developers.posteverywhere.ai/api/generate-image, since 2026-04"""
    return {
        "data": {
            "media_id": media_id,
            "media_ids": [media_id],
            "type": "image",
            "width": 1920,
            "height": 1080,
            "aspect_ratio": "16:9",
            "ai": {"model": "nano-banana-pro", "prompt": "a fox"},
            "credits_used": 15,
            "credits_remaining": 485,
            "created_at": "2026-04-10T12:00:00.000Z",
            "next_step": f'Image generated. Attach it to a post by passing "media_ids": ["{media_id}"] to POST.',
        },
        "error": None,
        "meta": {"request_id": "a1b2c3d4", "timestamp": "2026-04-10T12:00:00.000Z"},
    }


def depicta_done() -> dict[str, Any]:
    """https://depicta.ai/docs/api/operations/generateimage"""
    formats = {
        name: {
            "url": f"https://images.depicta.ai/{UUID}.{name}?sig=abc",
            "format": name,
            "hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "size_bytes": 307200,
            "expires_at": "2026-04-06T16:00:00Z",
        }
        for name in ("jpeg", "png", "webp")
    }
    return {
        "id": UUID,
        "ai_generated": True,
        "model": "gemini-2.5-flash-image",
        "formats": formats,
        "image_url": "https://images.depicta.ai/other.png?sig=abc",
        "image_hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "cost_eur": "0.045000",
        "balance_eur": "9.955000",
    }


DONE: Mapping[str, Callable[..., dict[str, Any]]] = {
    "heydecks": heydecks_done,
    "theo": theo_done,
    "posteverywhere": posteverywhere_done,
    "depicta": depicta_done,
}


def refusal(slug: str, code: str | None, message: str = "Their words.") -> dict[str, Any]:
    """An error in the envelope of this vendor."""
    if slug == "depicta":
        return {"error": code, "message": message, "request_id": "req_1"}
    inner: dict[str, Any] = {"code": code, "message": message}
    if slug == "posteverywhere":
        return {"data": None, "error": inner, "meta": {"request_id": "req_1"}}
    return {"error": {**inner, "type": "some_error", "request_id": "req_1"} if slug == "theo" else inner}
