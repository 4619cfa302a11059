"""The gallery over real HTTP: the page and its policy, and whom it turns away."""

import base64
import hashlib
import re
from pathlib import Path

import httpx2
import pytest

from imagewright.gallery.page import page_html
from tests.galleries import Gallery, get, served

NOWHERE = "0" * 64
ROUTES = ("", "gallery.json", "spend.json", f"images/{NOWHERE}", f"previews/{NOWHERE}", "images/x", "nothing")


def test_the_page_may_run_itself_and_nothing_else(own: Gallery) -> None:
    """The policy names the one script and the one style by their hashes, and allows no other source but its own."""
    answer = get(own)
    hashes = {
        tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, text in re.findall(r"<(script|style)>(.*?)</", answer.text, re.DOTALL)
    }

    assert (
        f"default-src 'none'; script-src 'sha256-{hashes['script']}'; style-src 'sha256-{hashes['style']}'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ) == answer.headers["Content-Security-Policy"]
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])


def test_the_page_is_one_small_file_that_parses_no_strings() -> None:
    """Under 60 KB, one script and one style, nothing from elsewhere, no inline handler or style, no HTML from text."""
    html = page_html()
    markup = html.partition("<script>")[0]
    addresses = set(re.findall(r"\s(?:href|src)=\"(data:|#|.{1,20})", markup))

    assert 60_000 > len(html.encode())
    assert ["style", "script"] == re.findall(r"<(script|style)\b", html)
    assert {"data:", "#"} == addresses
    assert [] == re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function|DOMParser", html)
    assert [] == re.findall(r"<[a-z][^>]*\s(?:on[a-z]+|style)=", markup)


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_is_strict(own: Gallery, path: str) -> None:
    """Whatever is asked for: nothing is sniffed, framed, embedded elsewhere or told where it came from."""
    headers = get(own, path).headers

    assert ("nosniff", "no-referrer", "same-origin", "same-origin") == tuple(
        headers[name]
        for name in (
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Cross-Origin-Resource-Policy",
            "Cross-Origin-Opener-Policy",
        )
    )
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_the_gallery_is_for_reading_only(own: Gallery, path: str, method: str) -> None:
    """Every method but GET and HEAD is refused, and the answer names those."""
    answer = httpx2.request(method, own.url + path)

    assert answer.status_code == (404 if path == "nothing" else 405)
    assert path == "nothing" or answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["", "gallery.json", "spend.json", "images/x"])
def test_head_tells_the_same_without_the_body(drawn: Gallery, path: str) -> None:
    """Status and headers are those of GET."""
    head, whole = httpx2.head(drawn.url + path), get(drawn, path)

    assert (whole.status_code, b"") == (head.status_code, head.content)
    assert {**dict(whole.headers), "date": ""} == {**dict(head.headers), "date": ""}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "", "[::1]:{port}"]
)
def test_a_foreign_host_is_turned_away(drawn: Gallery, host: str) -> None:
    """A web page that has its own name lead to this machine gets nothing, the secret path or not."""
    port = drawn.origin.rpartition(":")[2]
    answer = get(drawn, "gallery.json", Host=host.format(port=port))

    assert (421, "This address is served to this machine only.\n") == (answer.status_code, answer.text)


def test_localhost_is_this_machine(drawn: Gallery) -> None:
    """People type it."""
    assert 200 == get(drawn, Host="localhost:" + drawn.origin.rpartition(":")[2]).status_code


@pytest.mark.parametrize(
    "path",
    ["/", "/gallery.json", "/x/", "/x/gallery.json", "/{half}/", "/{token}", "/{token}x/", "//{token}/", "/%00/"],
)
def test_without_the_secret_path_there_is_nothing(drawn: Gallery, path: str) -> None:
    """Neither page nor data, nor a redirect that would tell the path."""
    answer = httpx2.get(drawn.origin + path.format(token=drawn.token, half=drawn.token[:20]))

    assert 404 == answer.status_code
    assert drawn.token not in answer.text + str(answer.headers)
    assert "imagewright gallery" in answer.text


def test_two_galleries_have_two_paths(tmp_path: Path) -> None:
    """The path is new each time, and long."""
    with served(tmp_path) as one, served(tmp_path) as other:
        assert one.token != other.token
        assert 43 == len(one.token)
