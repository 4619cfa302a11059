"""POST /v1/upload: a picture to edit, combine, process or refer to, kept under a link."""

from typing import Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta import drawing, results
from imagewright.sandbox.depicta.errors import invalid
from imagewright.sandbox.vendor import Reply, json_reply

MOST_BYTES: Final = 50 * 1024 * 1024  # depicta.ai/docs/reference/error-codes
_FIELD: Final = "image"  # the client 1.3.0


def upload(call: Call) -> Reply:
    """Keep a picture. The client reads `upload_url`; other fields and how long the link works are nowhere said."""
    file = call.files.get(_FIELD)
    if file is None:
        raise invalid(call, {_FIELD: "is required, as a file of a multipart form"})
    image = drawing.decode(call, file.data, _FIELD)
    content_type = f"image/{(image.format or 'png').lower()}"
    picture = call.pictures.keep(file.data, content_type, image.width, image.height)
    with call.world.transaction() as tx:
        name = tx.uuid("depicta.upload")
    return json_reply({"upload_url": results.serve(call, picture, f"uploads/{name}")})
