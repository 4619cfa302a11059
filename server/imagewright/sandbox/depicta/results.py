"""What a generation answers: links to the formats of its picture, their hashes, what it cost and what is left."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from imagewright.sandbox.call import Call
from imagewright.sandbox.pictures import Format, Picture
from imagewright.sandbox.vendor import timestamp
from imagewright.sandbox.world import Json

FORMATS: Final[tuple[Format, ...]] = ("png", "jpeg", "webp")
LINK_SECONDS: Final = 3600  # "valid for 1 hour", every link of every page
_LINKS: Final = ("url", "image_url", "reference_url")


def publish(call: Call, pictures: Mapping[Format, Picture], folder: str) -> Json:
    """Serve a picture's formats under links of an hour; return the fields that a result and a scene share."""
    formats: Json = {}
    for form, picture in pictures.items():
        url = serve(call, picture, f"{folder}.{form}")
        formats[form] = {
            "url": url,
            "format": form,
            "hash": picture.sha256,
            "size_bytes": picture.size_bytes,
            "expires_at": expiry(url),
        }
    png = formats["png"]
    return {"image_url": png["url"], "image_hash": png["hash"], "formats": formats}


def serve(call: Call, picture: Picture, path: str) -> str:
    """Serve a picture; return its link of an hour."""
    call.host(picture, path, signed=True)
    return call.link(path, LINK_SECONDS)


def expiry(url: str) -> str:
    """When a link ends, read from the link itself so that the two always agree."""
    stamp = int(parse_qs(urlsplit(url).query)["expires"][0])
    return timestamp(datetime.fromtimestamp(stamp, UTC))


def shown(call: Call, result: Json, *, later: bool = False) -> Json:
    """A result as it is sent, in the fields that the `answer` switch says; `later` when a job is read."""
    if later and call.switch("job_links") == "fresh":
        result = _fresh(call, result)
    answer = call.switch("answer")
    if "formats" not in result or answer == "full":
        return result
    if answer == "image_url":
        return _without(result, "formats")
    if answer == "formats":
        return _without(result, "image_url")
    # The example of depicta.ai/docs/getting-started/api.
    formats = {
        form: variant if form == "png" else {"url": variant["url"], "format": form}
        for form, variant in result["formats"].items()
    }
    return _without(result, "image_url", "model") | {"formats": formats}


def _fresh(call: Call, value: Any) -> Any:
    """The same with every link of ours signed anew."""
    if isinstance(value, list):
        return [_fresh(call, one) for one in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    renewed: Json = {name: _fresh(call, one) for name, one in cast("Json", value).items()}
    for name in _LINKS:
        url = renewed.get(name)
        if isinstance(url, str) and url.startswith(f"{call.base_url}/files/"):
            path = urlsplit(url).path.partition("/files/")[2]
            renewed[name] = call.link(path, LINK_SECONDS)
            if "expires_at" in renewed:
                renewed["expires_at"] = expiry(renewed[name])
    return renewed


def _without(result: Json, *names: str) -> Json:
    return {name: value for name, value in result.items() if name not in names}
