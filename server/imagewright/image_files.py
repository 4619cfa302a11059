"""Looks at the bytes of a picture: what it is, and how to make it into what a library takes."""

import io
import re
import struct
import warnings
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_MAX_PIXELS = 100_000_000  # past it a file of a few kilobytes can fill the memory
_MAX_DECODED_PIXELS = 50_000_000  # 200 MB in memory, and twice that for a moment
_JPEG, _PNG, _HEIC = "image/jpeg", "image/png", "image/heic"
_EDGE_STEPS = (1.0, 0.75, 0.5, 0.35, 0.25)
_JPEG_QUALITY = 90
# What Pillow's decoders raise for broken files, found by breaking some.
_BROKEN = (OSError, SyntaxError, ValueError, RuntimeError, EOFError, LookupError, TypeError, struct.error)
_TOO_MANY_PIXELS = "it has more than 100 million pixels"

# The first bytes of a file, not its name or what a server calls it, say what it is.
_SIGNATURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _PNG),
    (re.compile(rb"\xff\xd8\xff"), _JPEG),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"....ftyp(heic|heix|mif1|msf1)", re.DOTALL), _HEIC),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"BM.{12}[\x0c\x28\x6c\x7c]", re.DOTALL), "image/bmp"),
    (re.compile(rb"II\*\0|MM\0\*"), "image/tiff"),
)


EXTENSIONS = ("png", "jpg", "webp", "avif", "heic", "gif", "bmp", "tiff")  # all that `extension_of` returns


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A picture's bytes and what they are; `change` says in words what was done to them, if anything."""

    data: bytes
    content_type: str
    width: int | None  # pixels; unknown where Pillow cannot read the format
    height: int | None
    change: str | None = None

    @property
    def extension(self) -> str:
        """The usual end of a file name."""
        return extension_of(self.content_type)


def kind_of(data: bytes) -> str | None:
    """Return the content type that the first bytes tell, or None if they are no picture's."""
    return next((kind for pattern, kind in _SIGNATURES if pattern.match(data)), None)


def extension_of(content_type: str) -> str:
    """Return the usual end of the name of such a file."""
    return "jpg" if content_type == _JPEG else content_type.partition("/")[2]


def inspect(data: bytes) -> ImageFile:
    """Return what a picture is; only its head is decoded.

    Raises:
        ValueError: It is no picture, a broken one, or one of more than 100 million pixels.
    """
    kind = kind_of(data)
    if kind is None:
        raise ValueError("it is no picture")
    if kind == _HEIC:
        return ImageFile(data, kind, None, None)  # Pillow reads none; who takes HEIC takes it as it is
    with _open(data) as image:
        return ImageFile(data, kind, image.width, image.height)


def fit(file: ImageFile, content_types: AbstractSet[str], max_bytes: int) -> ImageFile:
    """Return the file as it is if it is of one of the types and small enough, otherwise made anew so that it is.

    Raises:
        ValueError: It cannot be decoded, or not be made small enough.
    """
    if file.content_type in content_types and len(file.data) <= max_bytes:
        return file
    if file.content_type == _HEIC:
        raise ValueError(f"it is HEIC, of {len(file.data)} bytes, which cannot be made anew here: convert it first")
    with _open(file.data) as image:
        picture = _decoded(image)
    kind = _PNG if picture.mode == "RGBA" else _JPEG
    for step in _EDGE_STEPS:
        made = _saved(picture if step == 1 else _resized(picture, step), kind)
        if len(made.data) <= max_bytes:
            return _described(made, file)
    raise ValueError(f"it cannot be made smaller than {max_bytes} bytes")


def decode(data: bytes, edge: int) -> "Image.Image":
    """Return a picture's pixels upright in RGB, on white where it can be seen through; about `edge` pixels will do.

    Raises:
        ValueError: It cannot be decoded, or has too many pixels.
    """
    from PIL import Image  # noqa: PLC0415  # see below

    with _open(data) as image:
        image.draft("RGB", (edge, edge))  # a JPEG is decoded at a fraction of its size, in a fraction of the time
        picture = _decoded(image)
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture)
    white.info = picture.info
    return white


def _open(data: bytes) -> "Image.Image":
    from PIL import Image  # noqa: PLC0415  # heavy, and most calls look at no picture

    # Pillow warns on stderr of large pictures and of odd ones: the limit below and the decoder judge, not the reader.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        image = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError:
        raise ValueError(_TOO_MANY_PIXELS) from None
    except _BROKEN as error:
        raise ValueError("it is broken") from error
    if image.width * image.height > _MAX_PIXELS:
        raise ValueError(_TOO_MANY_PIXELS)
    return image


def _decoded(image: "Image.Image") -> "Image.Image":
    """Return the pixels upright, in RGB, or in RGBA where some can be seen through."""
    from PIL import Image, ImageOps  # noqa: PLC0415  # see above

    if image.width * image.height > _MAX_DECODED_PIXELS:
        raise ValueError(f"it has more than {_MAX_DECODED_PIXELS // 1_000_000} million pixels, too many to convert")
    see_through = image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info
    profile = image.info.get("icc_profile") if image.mode in {"RGB", "RGBA"} else None
    try:
        upright = ImageOps.exif_transpose(image)
    except _BROKEN as error:
        raise ValueError("it is broken") from error
    if upright.mode.startswith("I;16"):
        # A plain conversion makes all of it white: the high bytes, the second of each two, are the picture.
        high = upright.convert("I").convert("I;16").tobytes()[1::2]
        upright = Image.frombytes("L", upright.size, high)
    picture = upright.convert("RGBA" if see_through else "RGB")
    picture.info = {"icc_profile": profile} if profile else {}
    return picture


def _resized(image: "Image.Image", step: float) -> "Image.Image":
    smaller = image.copy()
    smaller.thumbnail((max(1, round(image.width * step)), max(1, round(image.height * step))))
    return smaller


def _saved(image: "Image.Image", content_type: str) -> ImageFile:
    buffer = io.BytesIO()
    if content_type == _JPEG:
        image.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True, icc_profile=image.info.get("icc_profile"))
    else:
        image.save(buffer, "PNG", icc_profile=image.info.get("icc_profile"))
    return ImageFile(buffer.getvalue(), content_type, image.width, image.height)


def _described(made: ImageFile, before: ImageFile) -> ImageFile:
    changes: list[str] = []
    if made.content_type != before.content_type:
        changes.append(f"converted from {before.content_type} to {made.content_type}")
    if {made.width, made.height} != {before.width, before.height}:  # a turned picture is not a scaled one
        changes.append(f"scaled from {before.width}x{before.height} to {made.width}x{made.height}")
    return ImageFile(made.data, made.content_type, made.width, made.height, " and ".join(changes) or "compressed")
