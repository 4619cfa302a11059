"""Tells whether a picture carries content credentials (C2PA), by where each format keeps them; it judges none."""

import re
from collections.abc import Iterator

_LABEL = b"c2pa"  # of the box that holds the manifests: C2PA 2.2, 11.1.4
_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # of the box in HEIC and AVIF: C2PA 2.2, A.5.1
_JPEG_SEGMENT = re.compile(rb"\xff\xeb..JP", re.DOTALL)  # APP11 with a JUMBF box: ISO 19566-5, D.2
_HEAD = 64  # bytes of a box before its label ends


def has_credentials(data: bytes, content_type: str) -> bool:
    """Whether a picture's bytes hold a C2PA manifest."""
    match content_type:
        case "image/png":
            return any(kind == b"caBX" for kind, _ in _png_chunks(data))
        case "image/webp":
            return any(kind == b"C2PA" for kind in _riff_chunks(data))
        case "image/jpeg":
            return any(_LABEL in data[one.start() : one.end() + _HEAD] for one in _JPEG_SEGMENT.finditer(data))
        case "image/gif":
            return b"\x21\xff\x0bC2PA_GIF" in data
        case "image/heic" | "image/avif":
            return any(kind == b"uuid" and data.startswith(_UUID, body) for kind, body, _ in _boxes(data))
        case _:
            return False


def is_whole(data: bytes, content_type: str) -> bool:
    """Whether the bytes reach to the end that their format marks; True where it marks none."""
    match content_type:
        case "image/png":
            return any(kind == b"IEND" and end <= len(data) for kind, end in _png_chunks(data))
        case "image/webp":
            return len(data) >= 8 + int.from_bytes(data[4:8], "little")
        case "image/jpeg":
            return b"\xff\xd9" in data[-64:]  # some writers pad
        case "image/gif":
            return b"\x3b" in data[-64:]
        case "image/heic" | "image/avif":
            return all(end <= len(data) for _, _, end in _boxes(data))
        case _:
            return True


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the kind of each chunk, and where it ends."""
    at = 8
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], end
        at = end


def _riff_chunks(data: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(data):
        yield data[at : at + 4]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each outermost box, where its body begins, and where it ends."""
    at = 0
    while at + 8 <= len(data):
        size, head = int.from_bytes(data[at : at + 4]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        end = at + size if size else len(data)
        if end < at + head:
            return
        yield data[at + 4 : at + 8], at + head, end
        at = end
