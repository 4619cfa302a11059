"""What the sandbox's tests share: a running sandbox with its control endpoint, and a painter that takes no time."""

import io
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import pictures
from imagewright.sandbox.server import BackgroundSandbox

KEYS: Mapping[str, str] = {
    "heydecks": "hd_live_sandbox0_imagewright",
    "theo": "theo_sk_sandbox_imagewright",
}


class FlatPainter:
    """Draws one colour: these tests are about money and manners, not about art."""

    def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Image.Image:
        return Image.new("RGB", (width, height), (len(prompt) % 256, 40 * variant, 90))

    def encode(self, image: Image.Image, format: str, *, prompt: str) -> bytes:  # noqa: A002  # the painter's own word
        file = io.BytesIO()
        image.save(file, format, comment=prompt)
        return file.getvalue()


class Rig:
    """A sandbox over HTTP, as a client and as a test see it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx2.Client(base_url=url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx2.Response:
        """Any request, with a bearer key where one is given."""
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return self._client.request(method, path, headers=headers, **more)

    def control(self, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """A request to the control endpoint that must succeed."""
        response = self._client.request(method, f"/_sandbox{path}", json=body or None)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def fault(self, kind: str, **parameters: Any) -> None:
        self.control("POST", "/faults", kind=kind, **parameters)

    def switch(self, provider: str, **settings: str) -> None:
        self.control("PUT", "/switches", **{provider: settings})

    def freeze(self, moment: str = "2026-06-12T09:00:00Z") -> None:
        self.control("POST", "/clock", freeze=moment)

    def advance(self, seconds: float) -> None:
        self.control("POST", "/clock", advance_seconds=seconds)

    def account(self, provider: str, **changes: Any) -> dict[str, Any]:
        """Change every account of a provider and return the first."""
        found = self.control("PUT", f"/accounts/{provider}", **changes)["accounts"]
        return found[0] if found else {}

    def ledger(self) -> list[tuple[str, Decimal]]:
        """Provider and amount of every charge (below zero) and refund."""
        return [(row["provider"], Decimal(row["amount"])) for row in self.control("GET", "/ledger")["ledger"]]

    def requests(self, provider: str | None = None) -> list[dict[str, Any]]:
        """What arrived."""
        found: list[dict[str, Any]] = self.control("GET", "/requests")["requests"]
        return [request for request in found if provider in (None, request["provider"])]


@contextmanager
def flat_sandbox(home: Path | None) -> Generator[BackgroundSandbox]:
    """Run a sandbox whose pictures are flat while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "load_painter", FlatPainter)
        sandbox = BackgroundSandbox.start(home)
        yield sandbox
        sandbox.stop()
