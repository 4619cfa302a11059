"""Import by URL: POST /media/upload-from-url fetches an image, or an MP4 in the background, for real."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from imagewright.sandbox.call import Call
from imagewright.sandbox.pictures import Picture
from imagewright.sandbox.posteverywhere import fetching, fields, filetypes, library, store
from imagewright.sandbox.posteverywhere.envelope import succeed
from imagewright.sandbox.posteverywhere.facts import (
    IMAGE_TYPES,
    URL_LIMIT,
    URL_VIDEO_LIMIT,
    VIDEO_IMPORT_SECONDS,
    VIDEO_TYPES,
)
from imagewright.sandbox.posteverywhere.records import Media
from imagewright.sandbox.posteverywhere.uploads import next_step
from imagewright.sandbox.vendor import Refused, Reply

_FILENAME_LIMIT = 255
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_EXTENSIONS = {"image/jpeg": "jpg"}


def import_url(call: Call) -> Reply:
    """POST /media/upload-from-url (/api/upload-media-from-url; posteverywhere/mcp 1.7.0 for videos)."""
    body = call.json_object(("url", "filename"))
    url = fields.text(body, "url", required=True) or ""
    filename = fields.text(body, "filename", longest=_FILENAME_LIMIT)
    is_video = _name(url).lower().endswith(".mp4")
    if is_video:
        _refuse_video(call)
    try:
        fetched = _fetch(call, url, URL_VIDEO_LIMIT if is_video else URL_LIMIT)
    except fetching.FetchRefusedError as refused:
        if is_video:  # an import in the background says later why it failed (posteverywhere/mcp 1.7.0)
            return _take_video(call, url, filename, None, str(refused))
        raise _refused(call, str(refused)) from refused
    content_type = filetypes.sniff(fetched.content)
    if is_video or content_type in VIDEO_TYPES:
        _refuse_video(call)
        if content_type not in VIDEO_TYPES:
            return _take_video(call, url, filename, None, "The URL is not an MP4 video.")
        return _take_video(call, url, filename, call.pictures.keep(fetched.content, content_type), None)
    size = filetypes.pixels(fetched.content) if content_type in filetypes.DECODED else None
    if content_type not in IMAGE_TYPES or (size is None and content_type in filetypes.DECODED):
        raise _unsupported(fetched.content_type or content_type or "an unknown type")
    picture = call.pictures.keep(fetched.content, content_type, *(size or (0, 0)))
    media = _keep(call, filename or _named(url, content_type), content_type, picture)
    return _answer(call, media, url)


def _take_video(call: Call, url: str, filename: str | None, picture: Picture | None, wrong: str | None) -> Reply:
    media = _keep(call, filename or _name(url) or "video.mp4", "video/mp4", picture, wrong)
    return _answer(call, media, url)


def _refuse_video(call: Call) -> None:
    if call.switch("video_from_url") == "refused":
        raise _unsupported("video/mp4")


def _fetch(call: Call, url: str, most: int) -> fetching.Fetched:
    own = {call.root()}
    # Every process of a home serves the same pictures on its own port, and the caller knows ours.
    called = call.headers.get("host", "")
    if called.rpartition(":")[0] in _LOOPBACK:
        own.add(f"http://{called}")
    return fetching.fetch(
        url,
        limit_bytes=most,
        own_origins=frozenset(own),
        private_hosts=call.switch("private_hosts") == "allowed",
    )


def _keep(call: Call, filename: str, content_type: str, picture: Picture | None, wrong: str | None = None) -> Media:
    """Put a file into the library: an image is ready at once, a video VIDEO_IMPORT_SECONDS later (or failed)."""
    is_image = content_type in IMAGE_TYPES
    with call.world.transaction() as tx:
        media = store.new_file(
            tx,
            call.account.fingerprint,
            filename=filename,
            content_type=content_type,
            status="ready" if is_image else "uploading",
            picture=picture,
            ready_after_seconds=None if is_image else VIDEO_IMPORT_SECONDS,
            error_message=wrong,
        )
    if picture is not None:
        library.host(call, media["media_id"], picture)
    return media


def _answer(call: Call, media: Media, url: str) -> Reply:
    data = {
        "media_id": media["media_id"],
        "media_ids": [media["media_id"]],
        "media_status": media["status"],
        "type": media["type"],
        "url": library.address(call, media),
        "filename": media["filename"],
        "size": media["size"],
        "content_type": media["content_type"],
        "source_url": url,
        "next_step": next_step(media),
    }
    return succeed(call, data, int(call.switch("url_import_status")))


def _refused(call: Call, message: str) -> Refused:
    # The error table of the page is in no copy seen: code and status are the likeliest.
    return Refused(int(call.switch("url_refused_status")), "validation_error", message)


def _unsupported(content_type: str) -> Refused:
    return Refused(
        415,
        "unsupported_media_type",
        f"The URL is {content_type}, not an image of a supported type. Supported: {', '.join(IMAGE_TYPES)}",
    )


def _named(url: str, content_type: str) -> str:
    name = _name(url) or "image"
    return name if "." in name else f"{name}.{_EXTENSIONS.get(content_type, content_type.partition('/')[2])}"


def _name(url: str) -> str:
    try:
        return PurePosixPath(unquote(urlsplit(url).path)).name[:_FILENAME_LIMIT]
    except ValueError:
        return ""
