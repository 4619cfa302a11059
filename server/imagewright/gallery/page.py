"""The gallery's page, and the policy that lets a browser run exactly what is written in it."""

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from imagewright import gallery

_INLINE = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """The page as a file, and the value of its Content-Security-Policy header."""

    html: str
    policy: str


@cache
def page() -> Page:
    """Return the page for a browser, where it fetches its data from beside it."""
    html = page_html()
    return Page(
        html,
        "default-src 'none'; "
        f"script-src {_hashes(html, 'script')}; style-src {_hashes(html, 'style')}; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )


@cache
def page_html() -> str:
    """Return the same page as an MCP App: inside a frame it talks with its host, whose policy it needs no more than."""
    return files(gallery).joinpath("page.html").read_text(encoding="utf-8")


def _hashes(html: str, tag: str) -> str:
    texts = [text for name, text in _INLINE.findall(html) if name == tag]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)
