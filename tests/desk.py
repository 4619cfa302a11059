"""PostEverywhere as a script plays it when pictures are attached, and pictures to attach."""

import email
import hashlib
import io
import random
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from imagewright.providers import all_providers
from tests.agent import KEYS, Agent, Era, Result
from tests.scripted import Answer, Scripted, Seen

POST = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
FIRST, SECOND, THIRD = (f"{digit * 8}-e5f6-7890-abcd-ef1234567890" for digit in "123")
RECENT = "/api/v1/posts?limit=20&sort=created_at&order=desc"
POSTS, UPLOAD, BY_URL = "/api/v1/posts", "/api/v1/media/upload", "/api/v1/media/upload-from-url"
ACCOUNTS = "/api/v1/accounts"
LATER, LONG_AGO = "2099-01-31T09:00:00.000Z", "2001-01-31T09:00:00.000Z"

INSTAGRAM, LINKEDIN, BROKEN, OTHER_X, ONE_X = (
    {"id": 2280, "account_id": 2280, "platform": "instagram", "account_name": "@mybrand"},
    {"id": 2285, "account_id": 2285, "platform": "linkedin", "account_name": "My Brand Inc."},
    {
        "id": 2290,
        "account_id": 2290,
        "platform": "facebook",
        "account_name": "My Page",
        "health": {"status": "expired", "can_post": False},
    },
    {"id": 2301, "account_id": 2301, "platform": "x", "account_name": "@mybrand_news"},
    {"id": 2300, "account_id": 2300, "platform": "x", "account_name": "@mybrand"},
)


def said(data: object, status: int = 200) -> Answer:
    """An answer in the vendor's envelope."""
    meta = {"request_id": "a1b2c3d4", "timestamp": "2026-04-10T12:00:00.000Z"}
    return Answer(status, {"data": data, "error": None, "meta": meta})


def refused(status: int, code: str, message: str = "Their words.", **headers: str) -> Answer:
    """A refusal in the vendor's envelope."""
    return Answer(status, {"data": None, "error": {"code": code, "message": message}, "meta": {}}, headers)


def media(media_id: str, state: str = "ready", **more: object) -> Answer:
    """What GET /media/{id} and /complete say."""
    facts = {"media_id": media_id, "media_ids": [media_id], "status": state, "type": "image"}
    return said({**facts, "width": 1920, "height": 1080, "size": 200_000, **more})


def by_url(media_id: str, **more: object) -> Answer:
    """What /media/upload-from-url says: another name for the state."""
    return said({"media_id": media_id, "media_ids": [media_id], "media_status": "ready", "type": "image", **more})


def target(url: str, media_id: str, **method: object) -> Answer:
    """What /media/upload says: where the bytes go, by POST in a form unless `method` says otherwise."""
    how = method or {"method": "POST", "content_type": "multipart/form-data", "field_name": "file"}
    return said({"media_id": media_id, "upload_url": url, "upload_method": how, "expires_in": 3600}, 201)


def post_of(*media_ids: str, status: str = "draft", **more: object) -> dict[str, Any]:
    """A post with these pictures."""
    facts: dict[str, Any] = {"post_id": POST, "id": POST, "status": status, "content": "A fox", "account_ids": []}
    facts |= {"scheduled_for": None, "timezone": "UTC", "media_ids": list(media_ids), "created_at": LATER}
    return facts | more


def post(*media_ids: str, status: str = "draft", **more: object) -> Answer:
    """What GET /posts/{id} says."""
    return said(post_of(*media_ids, status=status, **more))


def newest(*posts: Mapping[str, Any]) -> Answer:
    """What GET /posts says."""
    return said({"posts": list(posts), "pagination": {"limit": 20, "offset": 0}})


def accounts(*rows: Mapping[str, Any]) -> Answer:
    """What GET /accounts says."""
    return said({"accounts": list(rows)})


# Every way in which the answer to an order can leave open what became of it.
MADE: dict[str, Any] = {"data": {"post_id": POST, "status": "draft"}, "error": None}
BREAKS = {
    "closed": Answer(ending="close"),
    "cut": Answer(201, MADE, ending="cut"),
    "empty": Answer(201, b""),
    "no post": Answer(201, {"data": {}, "error": None}),
    "html": Answer(200, b"<html>OK</html>"),
    "500": refused(500, "internal_error"),
    "502": Answer(502, b"<html>Bad Gateway</html>"),
    "503": refused(503, "service_unavailable"),
    "504": Answer(504, b""),
    "303": Answer(303, b"", {"Location": "/elsewhere"}),
    "409": refused(409, "conflict"),
}
breaks = pytest.mark.parametrize("broken", list(BREAKS.values()), ids=list(BREAKS))


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent that attaches, the vendor's script, and `elsewhere`: a trusted server with pictures and for uploads."""

    agent: Agent
    vendor: Scripted
    elsewhere: Scripted

    async def attach(self, *images: str, **arguments: object) -> Result:
        """Call `attach_to_post` of a new server."""
        return await self.agent.call("attach_to_post", images=list(images), **arguments)

    def has_media(self, *media_ids: str) -> None:
        """Let the library have these pictures, ready."""
        for media_id in media_ids:
            self.vendor.answer(media(media_id), path=f"/api/v1/media/{media_id}")

    def has_post(self, *answers: Answer) -> None:
        """Answer GET and PATCH of the post in this order."""
        self.vendor.answer(*answers, path=f"{POSTS}/{POST}")

    def makes_posts(self, *answers: Answer) -> None:
        """Answer POST /posts."""
        self.vendor.answer(*answers, path=POSTS)

    def takes_uploads(self, media_id: str = FIRST, **method: object) -> None:
        """Answer one upload in its three steps."""
        self.vendor.answer(target(f"{self.elsewhere.url}/put/{media_id}?sig=abc", media_id, **method), path=UPLOAD)
        self.elsewhere.answer(Answer(200, {"success": True}), path=f"/put/{media_id}?sig=abc")
        self.vendor.answer(media(media_id), path=f"/api/v1/media/{media_id}/complete")

    def serves(self, path: str, data: bytes) -> str:
        """Serve a picture elsewhere, once, and return its URL."""
        self.elsewhere.answer(Answer(200, data, {"Content-Type": "image/png"}), path=path)
        return self.elsewhere.url + path

    def keeps(self, data: bytes) -> str:
        """Put a copy of a picture into our own library and return how it is named."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.home / "pictures" / sha256[:2] / f"{sha256}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return f"imagewright://image/{sha256}"

    @property
    def home(self) -> Path:
        """The data folder."""
        return Path(self.agent.environ["IMAGEWRIGHT_HOME"])

    @property
    def sent(self) -> list[str]:
        """Method and path of what the vendor saw, in order."""
        return [f"{one.method} {one.path}" for one in self.vendor.seen]

    def orders(self, path: str, method: str = "POST") -> list[Seen]:
        """The requests of this method to this path."""
        return [one for one in self.vendor.seen if (one.method, one.path) == (method, path)]

    @property
    def changes(self) -> list[Any]:
        """The bodies of PATCH, POST /posts and /schedule: what changed, or would have changed, a post."""
        return [
            one.json for one in self.vendor.seen if one.method == "PATCH" or one.path.endswith(("/posts", "/schedule"))
        ]


def at_desk(era: Era, scripts: Mapping[str, Scripted], home: Path) -> Desk:
    """Return a desk with PostEverywhere and one more provider, whose origin is trusted, configured."""
    agent = Agent(era, scripts, {"IMAGEWRIGHT_HOME": str(home)})
    agent.configure("posteverywhere", "heydecks")
    return Desk(agent, scripts["posteverywhere"], scripts["heydecks"])


def form_part(seen: Seen) -> Message:
    """The only part of a form that was sent."""
    form = email.message_from_bytes(f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode() + seen.body)
    (part,) = cast("list[Message]", form.get_payload())
    return part


def picture(form: str = "PNG", size: tuple[int, int] = (400, 400), mode: str = "RGB", **options: Any) -> bytes:
    """A picture of one colour in a format of Pillow's."""
    buffer = io.BytesIO()
    Image.new(mode, size, "teal" if mode in {"RGB", "P"} else 77).save(buffer, form, **options)
    return buffer.getvalue()


def see_through(form: str = "PNG", size: tuple[int, int] = (400, 400)) -> bytes:
    """A picture whose upper left quarter is not there."""
    image = Image.new("RGBA", size, (0, 128, 128, 255))
    image.paste((255, 0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def noise(form: str, size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    """A picture that does not get smaller by compression."""
    data = random.Random(7).randbytes(size[0] * size[1] * len(mode))  # noqa: S311  # a picture, not a secret
    buffer = io.BytesIO()
    Image.frombytes(mode, size, data).save(buffer, form, **options)
    return buffer.getvalue()


def assert_no_secret_in(result: Result) -> None:
    """Hold a result against every key and against the signature of upload addresses."""
    for secret in (*KEYS.values(), "sig=abc"):
        assert secret not in result.everything
        assert secret not in result.text
    assert {one.slug for one in all_providers().values()} == set(KEYS)


def takes_posts(desk: Desk, *media_ids: str) -> None:
    """Let a new draft have these pictures."""
    desk.makes_posts(said({"post_id": POST, "status": "draft"}, 201))
    desk.has_post(post(*media_ids))


def uploaded(desk: Desk) -> tuple[str, bytes]:
    """The content type and the bytes that the place for uploads got."""
    part = form_part(desk.elsewhere.seen[-1])
    return part.get_content_type(), cast("bytes", part.get_payload(decode=True))


def the_change(result: Result) -> str | None:
    """What the result says was done to the only picture; said as a warning and in the text as well."""
    (attached,) = result.structured["attached"]
    change: str | None = attached.get("change")
    noted = [warning for warning in result.structured["warnings"] if warning.endswith(f" was {change}.")]
    assert (1 if change else 0) == len(noted)
    assert change is None or f"Note: {noted[0]}" in result.text
    return change


def assert_says_no(desk: Desk, ours: str, result: Any, *, of_picture: bool = True) -> None:
    """Hold a refusal against what every one of them has."""
    assert (True, ours) == (result.is_error, result.error["code"])
    assert "No post was changed." in result.text or not of_picture
    assert "it may have been charged" not in result.text  # nothing here costs anything
    assert ("no", []) == (result.error["charged"], desk.changes)
    assert_no_secret_in(result)
