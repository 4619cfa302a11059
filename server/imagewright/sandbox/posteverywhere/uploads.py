"""The three-step upload: declare a file, send its bytes to the upload target, complete it."""

import hmac
from datetime import timedelta

from imagewright.sandbox.call import Call
from imagewright.sandbox.posteverywhere import fields, filetypes, library, store, times
from imagewright.sandbox.posteverywhere.envelope import invalid, missing, succeed
from imagewright.sandbox.posteverywhere.facts import (
    IMAGE_TYPES,
    MB,
    UPLOAD_LIMIT,
    UPLOAD_SECONDS,
    UPLOAD_TYPES,
    UPLOAD_VIDEO_LIMIT,
    VIDEO_IMPORT_SECONDS,
)
from imagewright.sandbox.posteverywhere.records import Media
from imagewright.sandbox.vendor import Refused, Reply, json_reply
from imagewright.sandbox.world import Json

_TARGET = "posteverywhere.upload_target"
_KNOWN = ("filename", "content_type", "size", "width", "height", "duration", "platforms")
_FIELD = "file"  # `upload_method.field_name` of the sample
_FILENAME_LIMIT = 255
_LARGEST_PIXELS = 100_000  # no document says; only absurd numbers are refused


def declare(call: Call) -> Reply:
    """POST /media/upload (/api/upload-media and the schema UploadMediaResponse, 2026-04)."""
    body = call.json_object(_KNOWN)
    filename = fields.text(body, "filename", longest=_FILENAME_LIMIT, required=True) or ""
    if "." not in filename:
        raise invalid("filename must have an extension.")
    content_type = fields.word(body, "content_type", UPLOAD_TYPES)
    size = fields.whole(body, "size", least=1)
    if content_type is None or size is None:
        raise invalid("filename, content_type and size are required.")
    kind = filetypes.kind_of(content_type)
    most = UPLOAD_VIDEO_LIMIT if kind == "video" else UPLOAD_LIMIT
    if size > most:
        raise invalid(f"File too large. The limit is {most // MB} MB.")
    fields.strings(body, "platforms")
    width, height = (fields.whole(body, name, least=1, most=_LARGEST_PIXELS) for name in ("width", "height"))
    pixels, duration = (width, height), fields.number(body, "duration")
    method = _method(call, kind, content_type)
    with call.world.transaction() as tx:
        now = tx.now()
        media = store.new_file(
            tx,
            call.account.fingerprint,
            filename=filename,
            content_type=content_type,
            status="uploading",
            size=size,
            pixels=pixels,
            duration=duration,
        )
        token = tx.token("posteverywhere.upload_target", 24)
        target: Json = {
            "owner": call.account.fingerprint,
            "token": token,
            "method": method["method"],
            "expires": (now + timedelta(seconds=UPLOAD_SECONDS)).isoformat(),
            "most": most,
            "sent": None,
        }
        tx.put(_TARGET, media["media_id"], target)
    media_id = media["media_id"]
    data = {
        "media_id": media_id,
        "media_ids": [media_id],
        "upload_url": f"{call.base_url}/upload/{media_id}/{token}",
        "upload_method": method,
        "provider": "cloudflare_images" if kind == "image" else "r2",
        "expires_in": UPLOAD_SECONDS,
        "max_size": most,
        "next_step": f"Send the file to upload_url as upload_method says, then call POST /media/{media_id}/complete.",
    }
    return succeed(call, data, 201)


def _method(call: Call, kind: str, content_type: str) -> dict[str, object]:
    if kind == "image" and call.switch("image_upload") == "post":
        return {"method": "POST", "content_type": "multipart/form-data", "field_name": _FIELD}
    return {"method": "PUT", "content_type": content_type, "headers": {"Content-Type": content_type}}


def receive(call: Call) -> Reply:
    """POST or PUT to the upload target. What the storage itself answers is not documented."""
    media_id = call.parameters["media_id"]
    with call.world.transaction() as tx:
        target = tx.get(_TARGET, media_id)
        media = store.file(tx, target["owner"], media_id) if target else None
        now = tx.now()
    if target is None or media is None or not hmac.compare_digest(target["token"], call.parameters["token"]):
        raise missing("Upload")
    if now.isoformat() >= target["expires"]:
        raise Refused(403, "forbidden", "This upload URL has expired. Declare the file again.")
    if call.method != target["method"]:
        raise Refused(405, "method_not_allowed", f"Send this file with {target['method']}.")
    content = _sent(call)
    if not content:
        raise invalid("The file is empty.")
    if len(content) > target["most"]:
        raise Refused(413, "bad_request", f"File too large. The limit is {target['most'] // MB} MB.")
    found = filetypes.sniff(content) or "application/octet-stream"
    size = filetypes.pixels(content) if found in IMAGE_TYPES else None
    if media["type"] == "image" and (found not in IMAGE_TYPES or (size is None and found in filetypes.DECODED)):
        raise Refused(415, "unsupported_media_type", "The file is not an image that can be decoded.")
    picture = call.pictures.keep(content, found, *(size or (0, 0)))
    library.host(call, media_id, picture)
    sent: Json = {"picture_id": picture.sha256, "content_type": found, "size": len(content), "pixels": size}
    with call.world.transaction() as tx:
        tx.put(_TARGET, media_id, {**target, "sent": sent})
    return json_reply({"success": True})


def _sent(call: Call) -> bytes:
    if call.method == "PUT":
        return call.body
    upload = call.files.get(_FIELD)
    if upload is None:
        raise invalid(f'Send the file as the multipart field "{_FIELD}".')
    return upload.data


def complete(call: Call) -> Reply:
    """POST /media/{media_id}/complete (/api/complete-media-upload, 2026-04). No body is needed."""
    call.json_object((), optional=True)
    status_without_file = int(call.switch("complete_without_file"))
    strict = call.switch("check_declared") == "on"
    owner = call.account.fingerprint
    with call.world.transaction() as tx:
        media = store.file(tx, owner, call.parameters["media_id"])
        if media is None:
            raise missing("Media")
        target = tx.get(_TARGET, media["media_id"])
        if media["status"] == "uploading" and target is not None:
            if target["sent"] is None:
                code = {404: "not_found", 409: "conflict"}.get(status_without_file, "validation_error")
                raise Refused(status_without_file, code, "File not found in storage. Send it to upload_url first.")
            declared = {"content_type": media["content_type"], "size": media["size"]}
            if strict and any(target["sent"][name] != value for name, value in declared.items()):
                raise invalid("The file is not what was declared.", details={"declared": declared})
            media = _completed(media, target["sent"])
            if media["status"] == "processing":
                media["ready_at"] = times.stamp(tx.now() + timedelta(seconds=VIDEO_IMPORT_SECONDS))
            store.save_file(tx, owner, media)
            tx.remove(_TARGET, media["media_id"])
    data = {
        "media_id": media["media_id"],
        "media_ids": [media["media_id"]],
        "status": media["status"],
        "type": media["type"],
        "width": media["width"],
        "height": media["height"],
        "duration": media["duration"],
        "size": media["size"],
        "content_type": media["content_type"],
        "created_at": media["created_at"],
        "next_step": next_step(media),
    }
    return succeed(call, data, int(call.switch("complete_status")))


def _completed(media: Media, sent: Json) -> Media:
    width, height = sent["pixels"] or (media["width"], media["height"])
    found = filetypes.kind_of(sent["content_type"])
    verified = found == media["type"] and sent["content_type"] in UPLOAD_TYPES
    return {
        **media,
        # An image is ready at once, a video after its thumbnail, a document once it is verified.
        "status": "failed" if not verified else "processing" if media["type"] == "video" else "ready",
        "content_type": sent["content_type"] if verified else media["content_type"],
        "size": sent["size"],
        "width": width,
        "height": height,
        "picture_id": sent["picture_id"],
        "error_message": None if verified else f"The file is not a {media['content_type']} file.",
    }


def next_step(media: Media) -> str:
    """Return what the vendor tells a caller to do next with a file."""
    media_id = media["media_id"]
    if media["status"] == "ready":
        return f'Media is ready. Attach it to a post: "media_ids": ["{media_id}"] in POST /v1/posts.'
    if media["status"] == "failed":
        return "Media could not be processed. Upload another file."
    return f"Media is being processed. Poll GET /v1/media/{media_id} until it is ready, then attach it."
