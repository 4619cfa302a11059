"""What the tests of Depicta in the sandbox share: its requests, its errors, its pictures."""

import io
from typing import Any

import httpx2
from PIL import Image

from tests.sandbox.rig import Rig

KEY = "dpct_sandboxsandboxsandboxsandboxsandboxsandboxx"
ROOT = "/depicta"


def draw(sandbox: Rig, key: str | None = KEY, path: str = "/v1/generate/image", **body: Any) -> httpx2.Response:
    """A generation; a field set to None is left out, unlike one that is null on purpose (see `post`)."""
    fields = {"prompt": "a red fox", "model": "gemini-2.5-flash-image", **body}
    return post(sandbox, path, {name: value for name, value in fields.items() if value is not None}, key)


def post(sandbox: Rig, path: str, body: Any, key: str | None = KEY) -> httpx2.Response:
    return sandbox.send("POST", ROOT + path, key, json=body)


def get(sandbox: Rig, path: str, key: str | None = KEY, **query: Any) -> httpx2.Response:
    return sandbox.send("GET", ROOT + path, key, params=query)


def upload(sandbox: Rig, data: bytes | None = None, key: str | None = KEY) -> str:
    """Upload a picture and return its URL."""
    files = {"image": ("picture.png", data or png(), "image/png")}
    url: str = sandbox.send("POST", ROOT + "/v1/upload", key, files=files).json()["upload_url"]
    return url


def error(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, response.json()["error"]


def opened(response: httpx2.Response) -> Image.Image:
    return Image.open(io.BytesIO(response.content))


def png(size: tuple[int, int] = (60, 40), colour: str = "#cc3311") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()
