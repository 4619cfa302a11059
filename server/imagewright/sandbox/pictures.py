"""The pictures: painted on demand, kept by their content, served by permanent or by signed, expiring links."""

import hmac
import math
import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal, Protocol

from imagewright.sandbox.vendor import EXPIRED_LINK, Refused, Reply, Route, Trouble
from imagewright.sandbox.world import World

if TYPE_CHECKING:
    from PIL.Image import Image

    from imagewright.sandbox.call import Call

FILES: Final = "sandbox.file"
Format = Literal["png", "jpeg", "webp"]
_ONE_YEAR_SECONDS: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture (or another uploaded file). Width and height are 0 where nobody looked."""

    sha256: str
    content_type: str
    size_bytes: int
    width: int = 0
    height: int = 0


class Painter(Protocol):
    """What draws: see imagewright.sandbox.painter."""

    def paint(self, prompt: str, *, width: int, height: int, variant: int = 0) -> "Image":
        """Draw a prompt; the same arguments draw the same picture."""
        ...

    def encode(self, image: "Image", format: Format, *, prompt: str) -> bytes:  # noqa: A002  # Pillow's own word
        """The file of a picture, carrying that it was made by a machine from this prompt."""
        ...


def load_painter() -> Painter:
    """The painter package. Loads Pillow, so only the first picture calls this."""
    from imagewright.sandbox import painter  # noqa: PLC0415  # heavy, and most requests draw nothing

    return painter


def pixels(aspect_ratio: str, area: int = 1024 * 1024) -> tuple[int, int]:
    """Width and height of exactly a ratio such as `16:9`, and of about so many pixels."""
    across, down = (int(part) for part in aspect_ratio.split(":"))
    scale = round(math.sqrt(area / (across * down)))
    return across * scale, down * scale


class Pictures:
    """The pictures of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = world.folder / "pictures"

    def draw(self, prompt: str, *, width: int, height: int, variant: int = 0) -> Picture:
        """Paint a prompt and keep it as PNG. Takes a good part of a second: never inside a transaction."""
        return self.draw_formats(prompt, width=width, height=height, variant=variant)["png"]

    def draw_formats(
        self,
        prompt: str,
        *,
        width: int,
        height: int,
        variant: int = 0,
        formats: Sequence[Format] = ("png",),
    ) -> dict[Format, Picture]:
        """Paint a prompt once and keep it in several formats."""
        painter = load_painter()
        image = painter.paint(prompt, width=width, height=height, variant=variant)
        return {
            form: self.keep(painter.encode(image, form, prompt=prompt), f"image/{form}", width, height)
            for form in formats
        }

    def keep(self, data: bytes, content_type: str, width: int = 0, height: int = 0) -> Picture:
        """Keep bytes by their content."""
        digest = sha256(data).hexdigest()
        path = self._folder / digest[:2] / digest
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Whoever else writes the same digest writes the same bytes; a reader must never see half of them.
            fresh = path.with_name(f"{digest}.{os.getpid()}-{threading.get_ident()}.part")
            fresh.write_bytes(data)
            try:
                fresh.replace(path)
            except PermissionError:  # Windows, while somebody reads the one that is there by now
                fresh.unlink()
        return Picture(digest, content_type, len(data), width, height)

    def read(self, picture: Picture) -> bytes:
        """The bytes of a kept picture. Raises OSError where somebody removed them."""
        return (self._folder / picture.sha256[:2] / picture.sha256).read_bytes()

    def clear(self) -> None:
        """Throw every picture away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def host(self, slug: str, path: str, picture: Picture, *, signed: bool = False) -> None:
        """Serve a picture under `/files/<path>` of a vendor; `signed` ones only to those with a link."""
        with self._world.transaction() as tx:
            tx.put(FILES, f"{slug}/{path}", {"picture": asdict(picture), "signed": signed})

    def hosted(self, slug: str, path: str) -> Picture | None:
        """The picture that a vendor serves under a path."""
        with self._world.transaction() as tx:
            found = tx.get(FILES, f"{slug}/{path}")
        return None if found is None else Picture(**found["picture"])

    def link(self, slug: str, path: str, lifetime_seconds: int | None = None) -> str:
        """The part of a picture's URL after the vendor's mount, signed where it has a lifetime."""
        if lifetime_seconds is None:
            return f"/files/{path}"
        with self._world.transaction() as tx:
            expires = int(tx.now().timestamp()) + lifetime_seconds
            secret = tx.secret("links")
        return f"/files/{path}?expires={expires}&signature={_signature(secret, slug, path, expires)}"


def _signature(secret: bytes, slug: str, path: str, expires: int) -> str:
    return hmac.new(secret, f"/{slug}/files/{path}?expires={expires}".encode(), "sha256").hexdigest()


def _serve(call: "Call") -> Reply:
    path = call.parameters["path"]
    with call.world.transaction() as tx:
        found = tx.get(FILES, f"{call.vendor.slug}/{path}")
        now = tx.now().timestamp()
        secret = tx.secret("links")
    if found is None:
        call.trouble(Trouble.NO_FILE)
    cache = f"public, max-age={_ONE_YEAR_SECONDS}, immutable"
    if found["signed"]:
        expires = call.query.get("expires", "")
        stamp = int(expires[:12]) if expires.isdecimal() else 0
        right = _signature(secret, call.vendor.slug, path, stamp)
        if not hmac.compare_digest(right.encode(), call.query.get("signature", "").encode()) or now >= stamp:
            _refuse_link(call)
        cache = f"private, max-age={int(stamp - now)}"
    picture = Picture(**found["picture"])
    try:
        data = call.pictures.read(picture)
    except OSError:
        call.trouble(Trouble.NO_FILE)
    return Reply(200, data, picture.content_type, {"Cache-Control": cache, "ETag": f'"{picture.sha256}"'})


def _refuse_link(call: "Call") -> None:
    try:
        call.trouble(Trouble.LINK_EXPIRED)
    except Refused as refused:
        if EXPIRED_LINK in call.vendor.switches:
            refused.status = int(call.switch(EXPIRED_LINK.name))
        raise


ROUTES: Final[tuple[Route, ...]] = tuple(
    Route(method, "/files/{path:path}", _serve, open=True) for method in ("GET", "HEAD")
)
