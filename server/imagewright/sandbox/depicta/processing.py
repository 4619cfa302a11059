"""POST /v1/process/<operation>: crop, resize, convert and the rest, on a picture given by its URL."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox.accounts import EmptyPurseError
from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import drawing, links, results
from imagewright.sandbox.depicta.errors import insufficient, invalid, missing
from imagewright.sandbox.depicta.fields import Fields
from imagewright.sandbox.vendor import Reply, json_reply

_CHARGED_EUR: Final = Decimal("0.001")  # ours: see the switch `processing`
_SIDE: Final = 16_384
_COLOURS: Final = 20
_GRAVITIES: Final = (
    "center", "north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest",
)  # fmt: skip  # nowhere listed


def process(call: Call) -> Reply:
    """Work on a picture. Operations, fields, ranges and defaults: the client 1.3.0; no page of the docs lists them."""
    operation = call.parameters["operation"]
    read = _READERS.get(operation)
    if read is None:
        raise missing("processing operation")
    fields = Fields(call.json_object(None))
    url = _url(call, fields, "input_image_url")
    overlay_url = _url(call, fields, "overlay_image_url") if operation == "overlay" else ""
    parameters = read(fields)
    fields.no_others(call)
    fields.finish(call)
    image = drawing.open_picture(call, url, "input_image_url")
    if overlay_url:
        parameters["over"] = drawing.open_picture(call, overlay_url, "overlay_image_url")

    from imagewright.sandbox.depicta import pixels  # noqa: PLC0415  # Pillow is heavy, and most requests need none

    try:
        done = pixels.work(operation, image, parameters)
    except pixels.BadParameterError as error:
        raise invalid(call, {error.field: error.reason}) from None
    _pay(call, operation)
    picture = call.pictures.keep(done.data, done.content_type, done.width, done.height)
    with call.world.transaction() as tx:
        name = tx.uuid("depicta.processed")
    link = results.serve(call, picture, f"processed/{name}")
    return json_reply(
        {
            "image_url": link,
            "content_type": done.content_type,
            "operation": operation,
            "expires_at": results.expiry(link),
        }
    )


def _url(call: Call, fields: Fields, name: str) -> str:
    url = fields.text(name, required=True)
    links.check(call, fields, name, url, plain_http=True)  # the client sends http:// URLs on as well
    return url or ""


def _pay(call: Call, operation: str) -> None:
    if call.switch("processing") == "free":
        return
    try:
        call.charge(_CHARGED_EUR, f"process {operation}")
    except EmptyPurseError as error:
        raise insufficient(error.available, f"process {operation} costs EUR {_CHARGED_EUR}.") from None


def _crop(fields: Fields) -> dict[str, Any]:
    return {
        "x": fields.whole("x", 0, _SIDE, required=True),
        "y": fields.whole("y", 0, _SIDE, required=True),
        "width": fields.whole("width", 1, _SIDE, required=True),
        "height": fields.whole("height", 1, _SIDE, required=True),
    }


def _resize(fields: Fields) -> dict[str, Any]:
    width, height = fields.whole("width", 1, _SIDE), fields.whole("height", 1, _SIDE)
    if width is None and height is None:
        fields.wrong("width", "or height is required")
    return {"width": width, "height": height}


def _convert(fields: Fields) -> dict[str, Any]:
    return {"form": fields.text("format", required=True, choices=("png", "jpg", "webp"))}


def _optimize(fields: Fields) -> dict[str, Any]:
    return {"colours": fields.whole("colors", 2, 256), "min_psnr": fields.number("min_psnr", 1, 100)}


def _vectorize(fields: Fields) -> dict[str, Any]:
    colours = fields.colours("colors", 1, _COLOURS)
    fields.flag("clip")
    return {"colours": colours, "background": fields.colour("background_color")}


def _blur(fields: Fields) -> dict[str, Any]:
    return {"radius": fields.number("radius", 0, 500, required=True)}


def _sharpen(fields: Fields) -> dict[str, Any]:
    return {"amount": fields.number("amount", 0, 10), "threshold": fields.number("threshold", 0, 255)}


def _denoise(fields: Fields) -> dict[str, Any]:
    return {"strength": fields.whole("strength", 1, 40)}


def _adjust(fields: Fields) -> dict[str, Any]:
    # Their unit is nowhere said: factors here, 1 changes nothing.
    return {name: fields.number(name, 0, 10) for name in ("brightness", "contrast", "saturation")}


def _flip(fields: Fields) -> dict[str, Any]:
    return {"direction": fields.text("direction", required=True, choices=("horizontal", "vertical"))}


def _alpha_to_color(fields: Fields) -> dict[str, Any]:
    return {"colour": fields.colour("color", default="#FFFFFF")}


def _color_to_alpha(fields: Fields) -> dict[str, Any]:
    return {"colour": fields.colour("color", required=True), "tolerance": fields.number("tolerance", 0, 255)}


def _rotate(fields: Fields) -> dict[str, Any]:
    return {
        "angle": fields.number("angle", -360, 360, required=True),
        "expand": fields.flag("expand"),
        "fill": fields.colour("fill_color", default="#FFFFFF"),
    }


def _trim(fields: Fields) -> dict[str, Any]:
    return {"tolerance": fields.number("tolerance", 0, 255)}


def _pad(fields: Fields) -> dict[str, Any]:
    return {
        "width": fields.whole("width", 1, _SIDE, required=True),
        "height": fields.whole("height", 1, _SIDE, required=True),
        "colour": fields.colour("color", default="#FFFFFF"),
        "gravity": fields.text("gravity", choices=_GRAVITIES) or "center",
    }


def _metadata_strip(fields: Fields) -> dict[str, Any]:
    return {"keep_icc": bool(fields.flag("keep_icc"))}


def _overlay(fields: Fields) -> dict[str, Any]:
    return {
        "x": fields.whole("x", -_SIDE, _SIDE, required=True),
        "y": fields.whole("y", -_SIDE, _SIDE, required=True),
        "opacity": fields.number("opacity", 0, 1),
    }


def _no_fields(_: Fields) -> dict[str, Any]:
    return {}


_READERS: Final[Mapping[str, Callable[[Fields], dict[str, Any]]]] = {
    "crop": _crop,
    "resize": _resize,
    "convert": _convert,
    "optimize": _optimize,
    "vectorize": _vectorize,
    "remove-background": _no_fields,
    "blur": _blur,
    "sharpen": _sharpen,
    "denoise": _denoise,
    "adjust": _adjust,
    "grayscale": _no_fields,
    "invert": _no_fields,
    "auto-orient": _no_fields,
    "flip": _flip,
    "alpha-to-color": _alpha_to_color,
    "color-to-alpha": _color_to_alpha,
    "rotate": _rotate,
    "trim": _trim,
    "pad": _pad,
    "metadata-strip": _metadata_strip,
    "overlay": _overlay,
}
