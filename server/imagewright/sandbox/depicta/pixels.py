"""The processing operations on pixels. Loads Pillow: import it where it is needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageChops, ImageColor, ImageEnhance, ImageFilter, ImageOps
from PIL.PngImagePlugin import PngInfo

from imagewright.sandbox.depicta.vectors import as_svg
from imagewright.sandbox.painter.raster import mapped, resized

_KEPT_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_BACKDROP_TOLERANCE: Final = 48
_TRIM_TOLERANCE: Final = 10
_XMP_IN_PNG: Final = "XML:com.adobe.xmp"
_TRANSPARENCY: Final = frozenset({"remove-background", "color-to-alpha"})


class BadParameterError(Exception):
    """A parameter does not go with this picture."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Worked:
    """What came out."""

    data: bytes
    content_type: str
    width: int
    height: int


def work(operation: str, image: Image.Image, parameters: Mapping[str, Any]) -> Worked:
    """Do an operation; `parameters` are the arguments of its function here. The format stays, where it can.

    Raises:
        BadParameterError: A parameter does not go with this picture.
    """
    if operation == "vectorize":
        svg = as_svg(image, parameters["colours"], parameters["background"])
        return Worked(svg.encode(), "image/svg+xml", image.width, image.height)
    form = image.format if image.format in _KEPT_FORMATS else "PNG"
    if operation == "convert":
        form = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[parameters["form"]]
    elif operation in _TRANSPARENCY and form == "JPEG":
        form = "PNG"
    notes: Mapping[Any, Any] = image.info
    if operation == "metadata-strip":
        notes = {"icc_profile": notes.get("icc_profile")} if parameters["keep_icc"] else {}
    operate: Callable[..., Image.Image] = _WORK.get(operation, _as_it_is)
    done = operate(image, **parameters)
    quality = 70 if operation == "optimize" else 90
    return Worked(_encoded(done, form, notes, quality), f"image/{form.lower()}", done.width, done.height)


def _encoded(image: Image.Image, form: str, notes: Mapping[Any, Any], quality: int) -> bytes:
    """The file, with its notes: processing keeps who made a picture (depicta.ai/docs/concepts/content-credentials)."""
    file = BytesIO()
    profile = notes.get("icc_profile")
    if form == "PNG":
        text = PngInfo()
        for name, value in notes.items():
            if isinstance(name, str) and isinstance(value, str):
                text.add_itxt(name, value)
        if "xmp" in notes and _XMP_IN_PNG not in notes:
            text.add_itxt(_XMP_IN_PNG, notes["xmp"].decode(errors="replace"))
        image.save(file, form, pnginfo=text, compress_level=3, icc_profile=profile)
        return file.getvalue()
    if form == "JPEG" and image.mode not in {"RGB", "L"}:
        image = _flat(image, "#FFFFFF")
    extras = {name: notes[name] for name in ("exif", "xmp") if notes.get(name)}
    image.save(file, form, quality=quality, icc_profile=profile, **extras)
    return file.getvalue()


def _as_it_is(image: Image.Image, **_: Any) -> Image.Image:
    return image


def _crop(image: Image.Image, x: int, y: int, width: int, height: int) -> Image.Image:
    if x + width > image.width or y + height > image.height:
        raise BadParameterError("width", f"and height leave the picture of {image.width} x {image.height}")
    return image.crop((x, y, x + width, y + height))


def _resize(image: Image.Image, width: int | None, height: int | None) -> Image.Image:
    if width is None:
        width = max(1, round(image.width * (height or 1) / image.height))
    if height is None:
        height = max(1, round(image.height * width / image.width))
    return resized(image, (width, height), Image.Resampling.LANCZOS)


def _optimize(image: Image.Image, colours: int | None, min_psnr: float | None) -> Image.Image:
    del min_psnr  # the sandbox's palettes are good enough for the default of 38
    if image.format != "PNG":
        return image
    return image.convert("RGBA").quantize(colours or 256, Image.Quantize.FASTOCTREE)


def _remove_background(image: Image.Image) -> Image.Image:
    """Without a model: what is coloured like the corners goes."""
    picture = image.convert("RGBA")
    corner = resized(picture.convert("RGB"), (8, 8), Image.Resampling.BOX).getpixel((0, 0))
    picture.putalpha(_unlike(picture, corner, _BACKDROP_TOLERANCE))
    return picture


def _blur(image: Image.Image, radius: float) -> Image.Image:
    return _full(image).filter(ImageFilter.GaussianBlur(radius))


def _sharpen(image: Image.Image, amount: float | None, threshold: float | None) -> Image.Image:
    percent = round(100 * (1.5 if amount is None else amount))
    return _full(image).filter(ImageFilter.UnsharpMask(2, percent, round(3 if threshold is None else threshold)))


def _denoise(image: Image.Image, strength: int | None) -> Image.Image:
    return _full(image).filter(ImageFilter.GaussianBlur((strength or 10) / 10))


def _adjust(
    image: Image.Image, brightness: float | None, contrast: float | None, saturation: float | None
) -> Image.Image:
    picture = _full(image)
    for enhance, factor in (
        (ImageEnhance.Brightness, brightness),
        (ImageEnhance.Contrast, contrast),
        (ImageEnhance.Color, saturation),
    ):
        if factor is not None:
            picture = enhance(picture).enhance(factor)
    return picture


def _grayscale(image: Image.Image) -> Image.Image:
    return image.convert("LA" if "A" in image.getbands() else "L")


def _invert(image: Image.Image) -> Image.Image:
    picture = _full(image)
    inverted = ImageOps.invert(picture.convert("RGB"))
    if "A" in picture.getbands():
        inverted.putalpha(picture.getchannel("A"))
    return inverted


def _auto_orient(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image)


def _flip(image: Image.Image, direction: str) -> Image.Image:
    return ImageOps.mirror(image) if direction == "horizontal" else ImageOps.flip(image)


def _flat(image: Image.Image, colour: str) -> Image.Image:
    picture = image.convert("RGBA")
    ground = Image.new("RGBA", picture.size, colour)
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def _color_to_alpha(image: Image.Image, colour: str, tolerance: float | None) -> Image.Image:
    picture = image.convert("RGBA")
    mask = _unlike(picture, ImageColor.getrgb(colour), 0 if tolerance is None else tolerance)
    picture.putalpha(ImageChops.darker(mask, picture.getchannel("A")))
    return picture


def _rotate(image: Image.Image, angle: float, expand: bool | None, fill: str) -> Image.Image:
    # Clockwise or not is nowhere said; clockwise, as every editor turns.
    return _full(image).rotate(-angle, Image.Resampling.BICUBIC, expand=bool(expand), fillcolor=fill)


def _trim(image: Image.Image, tolerance: float | None) -> Image.Image:
    picture = image.convert("RGB")
    box = _unlike(picture, picture.getpixel((0, 0)), _TRIM_TOLERANCE if tolerance is None else tolerance).getbbox()
    return image if box is None else image.crop(box)


def _pad(image: Image.Image, width: int, height: int, colour: str, gravity: str) -> Image.Image:
    if width < image.width or height < image.height:
        raise BadParameterError("width", f"and height must hold the picture of {image.width} x {image.height}")
    left, top = (width - image.width) // 2, (height - image.height) // 2
    left = 0 if "west" in gravity else width - image.width if "east" in gravity else left
    top = 0 if "north" in gravity else height - image.height if "south" in gravity else top
    ground = Image.new("RGBA" if "A" in image.getbands() else "RGB", (width, height), colour)
    ground.paste(_full(image), (left, top))
    return ground


def _overlay(image: Image.Image, over: Image.Image, x: int, y: int, opacity: float | None) -> Image.Image:
    layer = over.convert("RGBA")
    if opacity is not None:
        layer.putalpha(mapped(layer.getchannel("A"), lambda value: value * opacity))
    whole = Image.new("RGBA", image.size)
    whole.paste(layer, (x, y))
    done = image.convert("RGBA")
    done.alpha_composite(whole)
    return done if "A" in image.getbands() else done.convert("RGB")


def _full(image: Image.Image) -> Image.Image:
    """In full colour: what the filters work on."""
    return image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")


def _unlike(image: Image.Image, colour: Any, tolerance: float) -> Image.Image:
    """A mask of what differs from a colour by more than `tolerance` in any channel."""
    ground = Image.new("RGB", image.size, colour)
    red, green, blue = ImageChops.difference(image.convert("RGB"), ground).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return mapped(most, lambda value: 255 if value > tolerance else 0)


_WORK: Final[Mapping[str, Callable[..., Image.Image]]] = {
    "crop": _crop,
    "resize": _resize,
    "optimize": _optimize,
    "remove-background": _remove_background,
    "blur": _blur,
    "sharpen": _sharpen,
    "denoise": _denoise,
    "adjust": _adjust,
    "grayscale": _grayscale,
    "invert": _invert,
    "auto-orient": _auto_orient,
    "flip": _flip,
    "alpha-to-color": _flat,
    "color-to-alpha": _color_to_alpha,
    "rotate": _rotate,
    "trim": _trim,
    "pad": _pad,
    "overlay": _overlay,
}
