"""What a file really is: its type by its first bytes, its pixels by decoding it."""

import io

DECODED = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})  # what `pixels` can look into

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"mif1": "image/heif", b"msf1": "image/heif", b"heif": "image/heif",
    b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime",
}  # fmt: skip


def sniff(content: bytes) -> str | None:
    """Return the media type the bytes show, or None where they show none we know."""
    head = content[:16]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"RIFF"):
        return "image/webp" if head[8:12] == b"WEBP" else None
    return next((media_type for start, media_type in _STARTS if head.startswith(start)), None)


def kind_of(content_type: str) -> str:
    """Return the library's word for a media type: image, video or document."""
    family = content_type.partition("/")[0]
    return family if family in {"image", "video"} else "document"


def pixels(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a picture by decoding it whole; None where it cannot be decoded.

    Formats Pillow does not read (HEIC) answer None too.
    """
    from PIL import Image  # noqa: PLC0415  # loaded with the first picture, not with the server

    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
