"""How the tests talk to PostEverywhere in the sandbox, and the files they send."""

import io
from typing import Any

import httpx2
from PIL import Image

from tests.sandbox.rig import Rig

KEY = "pe_live_" + "5a" * 16
UNKNOWN_ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"  # the samples' own; nothing here has it
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
PDF = b"%PDF-1.7\n"


def marked(mark: str) -> str:
    """A key with one of the sandbox's marks."""
    return f"pe_live_{mark}" + "0" * 28


class Client:
    """One key's requests: `data` of those that must succeed, status and code of those that must not."""

    def __init__(self, sandbox: Rig, key: str | None = KEY) -> None:
        self.sandbox = sandbox
        self.key = key

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.sandbox.send(method, f"/posteverywhere/api/v1{path}", self.key, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self._data(self.send("GET", path, params=query))

    def post(self, path: str, **body: Any) -> Any:
        return self._data(self.send("POST", path, json=body))

    def patch(self, path: str, **body: Any) -> Any:
        return self._data(self.send("PATCH", path, json=body))

    def delete(self, path: str, **query: Any) -> Any:
        return self._data(self.send("DELETE", path, params=query))

    def refusal(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """Status and code of a request that is refused."""
        response = self.send(method, path, **more)
        return response.status_code, response.json()["error"]["code"]

    def switch(self, **settings: str) -> None:
        self.sandbox.switch("posteverywhere", **settings)

    def image(self, **body: Any) -> str:
        """The media_id of a new picture."""
        media_id: str = self.post("/ai/generate-image", **{"prompt": "a red fox", **body})["media_id"]
        return media_id

    def picture_url(self) -> str:
        """A picture that the sandbox serves."""
        url: str = self.get(f"/media/{self.image()}")["url"]
        return url

    def draft(self, **body: Any) -> str:
        """The post_id of a new draft."""
        post_id: str = self.post("/posts", **{"content": "Launch day", "draft": True, **body})["post_id"]
        return post_id

    def scheduled(self, **body: Any) -> str:
        """The post_id of a new post that X gets at ten."""
        asked = {"content": "Launch day", "account_ids": [2281], "scheduled_for": "2026-06-12T10:00:00Z", **body}
        post_id: str = self.post("/posts", **asked)["post_id"]
        return post_id

    @staticmethod
    def _data(response: httpx2.Response) -> Any:
        assert response.is_success, response.text
        body = response.json()
        assert body["error"] is None
        return body["data"]


def picture(form: str = "png", size: tuple[int, int] = (40, 20)) -> bytes:
    """A small real picture."""
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, form)
    return file.getvalue()


def declare(client: Client, content: bytes, content_type: str = "image/png", **more: Any) -> dict[str, Any]:
    """Step 1."""
    asked = {"filename": "a.png", "content_type": content_type, "size": len(content), **more}
    declared: dict[str, Any] = client.post("/media/upload", **asked)
    return declared


def send(declared: dict[str, Any], content: bytes) -> httpx2.Response:
    """Step 2, as `upload_method` says, without a key."""
    method = declared["upload_method"]
    if method["method"] == "POST":
        return httpx2.post(declared["upload_url"], files={method["field_name"]: ("a.png", content)})
    return httpx2.put(declared["upload_url"], content=content, headers=method["headers"])


def uploaded(client: Client, content: bytes, content_type: str = "image/png", **more: Any) -> dict[str, Any]:
    """All three steps."""
    declared = declare(client, content, content_type, **more)
    assert send(declared, content).is_success
    completed: dict[str, Any] = client.post(f"/media/{declared['media_id']}/complete")
    return completed
