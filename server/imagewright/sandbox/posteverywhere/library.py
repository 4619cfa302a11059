"""The media library: how a file is shown, GET /media, one file, DELETE /media/{media_id}."""

from imagewright.sandbox.call import Call
from imagewright.sandbox.pictures import Picture
from imagewright.sandbox.posteverywhere import fields, store
from imagewright.sandbox.posteverywhere.envelope import invalid, missing, succeed
from imagewright.sandbox.posteverywhere.records import Media, Post, status_of
from imagewright.sandbox.vendor import Refused, Reply

_TYPES = ("image", "video", "document")


def host(call: Call, media_id: str, picture: Picture) -> None:
    """Serve a file of the library for ever, like imagedelivery.net in the samples."""
    call.host(picture, _path(media_id))


def address(call: Call, media: Media) -> str | None:
    """Return where the file can be downloaded, None before its bytes are there."""
    return call.link(_path(media["media_id"])) if media["picture_id"] else None


def _path(media_id: str) -> str:
    return f"imagedelivery/{media_id}/public"


def view(call: Call, media: Media, *, shown_url: bool) -> dict[str, object]:
    """Return a file as GET /media and GET /media/{media_id} show it."""
    url = address(call, media) if shown_url else None
    if call.switch("media_fields") == "mcp":
        return _mcp_view(media, url)
    shown: dict[str, object] = {
        "media_id": media["media_id"],
        "id": media["media_id"],
        "media_ids": [media["media_id"]],
        **status_fields(call, media),
        "type": media["type"],
        "filename": media["filename"],
        "content_type": media["content_type"],
        "size": media["size"],
        "width": media["width"],
        "height": media["height"],
        "duration": media["duration"],
        "created_at": media["created_at"],
    }
    if shown_url:
        shown["url"] = url
    if media["status"] == "failed":
        shown["error_message"] = media["error_message"]  # posteverywhere/mcp 1.7.0
    return shown


def status_fields(call: Call, media: Media) -> dict[str, object]:
    """Return the state of a file under the name, or names, that the switch says."""
    name = call.switch("media_status_field")
    names = ("status", "media_status") if name == "both" else (name,)
    return dict.fromkeys(names, media["status"])


def _mcp_view(media: Media, url: str | None) -> dict[str, object]:
    # The types of posteverywhere/mcp `src/client.ts`, 2026-08.
    width, height = media["width"], media["height"]
    known = width and height
    return {
        "id": media["media_id"],
        "type": media["type"],
        "mime_type": media["content_type"],
        "file_size": media["size"],
        "status": media["status"],
        "original_name": media["filename"],
        "url": url,
        "thumbnail_url": url if media["type"] == "image" else None,
        "dimensions": {"width": width, "height": height} if known else None,
        "aspect_ratio": round(width / height, 4) if width and height else None,
        "orientation": _orientation(width, height) if width and height else None,
        "created_at": media["created_at"],
    }


def _orientation(width: int, height: int) -> str:
    return "square" if width == height else "landscape" if width > height else "portrait"


def list_media(call: Call) -> Reply:
    """GET /media, newest first."""
    asked = fields.query(call, ("type", "limit", "offset"))
    kind = fields.word(asked, "type", _TYPES)
    limit, offset = fields.page(asked)
    with call.world.transaction() as tx:
        found = [one for one in store.files(tx, call.account.fingerprint) if kind in {None, one["type"]}]
    shown_url = call.switch("media_url") == "shown"
    page = [view(call, one, shown_url=shown_url) for one in found[offset : offset + limit]]
    key = call.switch("media_list_key")
    data: dict[str, object] = dict.fromkeys(("media", "items") if key == "both" else (key,), page)
    if key != "media":
        data["media_ids"] = [one["media_id"] for one in found[offset : offset + limit]]
    data["pagination"] = fields.pagination(limit, offset, len(found))
    return succeed(call, data)


def get_media(call: Call) -> Reply:
    """GET /media/{media_id}."""
    with call.world.transaction() as tx:
        media = store.file(tx, call.account.fingerprint, call.parameters["media_id"])
    if media is None:
        raise missing("Media")
    return succeed(call, view(call, media, shown_url=call.switch("media_url") == "shown"))


def delete_media(call: Call) -> Reply:
    """DELETE /media/{media_id}; `force=true` takes the file out of the posts that wait with it (2026-09)."""
    force = fields.query(call, ("force",)).get("force", "false")
    if force not in {"true", "false"}:
        raise invalid("force must be true or false.")
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        media = store.file(tx, owner, call.parameters["media_id"])
        if media is None:
            raise missing("Media")
        media_id = media["media_id"]
        holding = [post for post in store.posts(tx, owner) if media_id in post["media_ids"]]
        waiting = [post["post_id"] for post in holding if status_of(post) in {"scheduled", "publishing"}]
        if waiting and force == "false":
            raise Refused(
                409,
                "media_in_use",
                "Cannot delete media that is attached to scheduled posts.",
                details={"post_ids": waiting},
            )
        for post in holding:
            store.save_post(tx, owner, _without(post, media_id))
        store.remove_file(tx, owner, media_id)
    return succeed(call, {"media_id": media_id, "id": media_id, "deleted": True})


def _without(post: Post, media_id: str) -> Post:
    return {**post, "media_ids": [one for one in post["media_ids"] if one != media_id]}
