"""Picture files: PNG, JPEG or WebP, each saying inside that the sandbox made it."""

import io
from typing import Literal
from xml.sax.saxutils import escape

from PIL import Image
from PIL.PngImagePlugin import PngInfo

Format = Literal["png", "jpeg", "webp"]

SOFTWARE = "imagewright sandbox"
# https://cv.iptc.org/newscodes/digitalsourcetype, 2026-06: made purely by an algorithm, from no sampled training data.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
_LONGEST_NOTE = 2_000
_IMAGE_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131  # EXIF 2.32, table 4


def encoded(image: Image.Image, form: Format, prompt: str) -> bytes:
    """The picture as a file's bytes, the same for the same picture."""
    # Lone surrogates have no UTF-8 form.
    note = "".join(filter(str.isprintable, prompt[:_LONGEST_NOTE].encode("utf-8", "ignore").decode()))
    stream = io.BytesIO()
    if form == "png":
        facts = PngInfo()
        facts.add_text("Software", SOFTWARE)
        facts.add_itxt("Description", note)
        facts.add_itxt("XML:com.adobe.xmp", _xmp(note))
        image.save(stream, "PNG", compress_level=3, pnginfo=facts)
        return stream.getvalue()
    exif = Image.Exif()
    exif[_IMAGE_DESCRIPTION] = note.encode("ascii", "replace").decode()
    exif[_SOFTWARE] = SOFTWARE
    if form == "jpeg":
        image.save(stream, "JPEG", quality=88, exif=exif, xmp=_xmp(note).encode())
    else:
        image.save(stream, "WEBP", quality=84, method=2, exif=exif, xmp=_xmp(note).encode())
    return stream.getvalue()


def _xmp(note: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmp:CreatorTool="{SOFTWARE}" Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(note)}</rdf:li></rdf:Alt></dc:description>'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )
