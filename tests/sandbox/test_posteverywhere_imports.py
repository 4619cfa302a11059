"""Import by URL in PostEverywhere's sandbox (/api/upload-media-from-url, 2026-04; videos since 2026-09)."""

import threading
from collections.abc import Generator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from imagewright.sandbox.posteverywhere import fetching
from tests.sandbox.posteverywhere_client import MP4, Client, picture
from tests.sandbox.rig import Rig


class _Origin(BaseHTTPRequestHandler):
    """Somebody else's server."""

    def do_GET(self) -> None:
        there = {
            "/hero.webp": (200, "image/webp", picture("webp")),
            "/page.png": (200, "image/png", b"<!doctype html><title>Not a picture</title>"),
            "/cut.png": (200, "image/png", picture(size=(400, 400))[:200]),
            "/large.jpg": (200, "image/jpeg", b"\xff\xd8\xff" + bytes(26 * 1024 * 1024)),
            "/reel.mp4": (200, "video/mp4", MP4),
            "/fake.mp4": (200, "video/mp4", picture()),
            "/film": (200, "application/octet-stream", MP4),
            "/moved": (302, "text/html", b""),
            "/away": (302, "text/html", b""),
            "/round": (302, "text/html", b""),
        }
        status, content_type, content = there.get(self.path, (404, "text/html", b"gone"))
        self.send_response(status)
        if status == HTTPStatus.FOUND:
            elsewhere = (
                f"http://{self.headers['Host']}".replace("127.0.0.1", "localhost") if self.path == "/away" else ""
            )
            self.send_header("Location", self.path if self.path == "/round" else f"{elsewhere}/hero.webp")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except ConnectionError:
            self.close_connection = True  # a reader who has had enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in http.server
        pass


@pytest.fixture(scope="module")
def origin() -> Generator[str]:
    """A web server with pictures, and with what only looks like some."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Origin) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def importer(sandbox: Rig) -> Client:
    """A client of a sandbox that may reach the test's own server."""
    client = Client(sandbox)
    client.switch(private_hosts="allowed")
    return client


def test_a_picture_is_imported_by_url(importer: Client, origin: str) -> None:
    """Ready at once, and unlike the other answers with `url` and `media_status`."""
    data = importer.post("/media/upload-from-url", url=f"{origin}/hero.webp")

    assert (data["media_status"], data["filename"], data["content_type"]) == ("ready", "hero.webp", "image/webp")
    assert data["size"] == len(httpx2.get(data["url"]).content)
    assert data["source_url"] == f"{origin}/hero.webp"


def test_the_sandboxs_own_pictures_can_be_imported(sandbox: Rig) -> None:
    """They are on loopback, where the service would not look."""
    client = Client(sandbox)

    client.switch(url_import_status="200")
    response = client.send("POST", "/media/upload-from-url", json={"url": client.picture_url(), "filename": "fox.png"})

    media = client.get(f"/media/{response.json()['data']['media_id']}")
    assert response.status_code == 200
    assert (media["filename"], media["width"], media["height"]) == ("fox.png", 1080, 1080)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a.png",
        "http://localhost:9/a.png",
        "http://[::1]:9/a.png",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/a.png",
        "ftp://example.com/a.png",
        "file:///etc/hosts",
        "http://[broken",
        "nonsense",
    ],
)
def test_private_hosts_and_other_schemes_are_refused(sandbox: Rig, url: str) -> None:
    """Private, loopback and link-local hosts; the code is documented nowhere."""
    refusal = Client(sandbox).refusal("POST", "/media/upload-from-url", json={"url": url})

    assert refusal == (400, "validation_error")


def test_a_redirect_to_a_private_host_is_refused(origin: str) -> None:
    """The rule holds at every hop: only the first host here is taken for the sandbox's own."""
    with pytest.raises(fetching.FetchRefusedError, match="not allowed"):
        fetching.fetch(f"{origin}/away", limit_bytes=100, own_origins=frozenset({origin}), private_hosts=False)


def test_a_redirect_is_followed(importer: Client, origin: str) -> None:
    """Not documented; most fetchers do."""
    data = importer.post("/media/upload-from-url", url=f"{origin}/moved")

    assert (data["content_type"], data["filename"]) == ("image/webp", "moved.webp")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("page.png", (415, "unsupported_media_type")),
        ("cut.png", (415, "unsupported_media_type")),
        ("missing.png", (400, "validation_error")),
        ("round", (400, "validation_error")),
        ("large.jpg", (400, "validation_error")),
    ],
)
def test_what_is_no_picture_of_25_megabytes_is_refused(
    importer: Client, origin: str, path: str, expected: tuple[int, str]
) -> None:
    """HTML behind a picture's name, half a picture, a 404, redirects without end, 26 MB."""
    assert importer.refusal("POST", "/media/upload-from-url", json={"url": f"{origin}/{path}"}) == expected


def test_a_server_that_does_not_answer_is_a_refusal(importer: Client) -> None:
    """Nobody listens on the discard port."""
    refusal = importer.refusal("POST", "/media/upload-from-url", json={"url": "http://127.0.0.1:9/a.png"})

    assert refusal == (400, "validation_error")


def test_a_url_that_cannot_be_fetched_can_answer_422(importer: Client, origin: str) -> None:
    """Another reading of what no page says."""
    importer.switch(url_refused_status="422")

    refusal = importer.refusal("POST", "/media/upload-from-url", json={"url": f"{origin}/missing.png"})

    assert refusal == (422, "validation_error")


@pytest.mark.parametrize("path", ["reel.mp4", "film"])
def test_a_video_is_imported_in_the_background(importer: Client, origin: str, path: str) -> None:
    """Clients of 2026-09: uploading at first, ready when polled later."""
    importer.sandbox.freeze()
    data = importer.post("/media/upload-from-url", url=f"{origin}/{path}")
    importer.sandbox.advance(5)

    assert (data["media_status"], data["type"]) == ("uploading", "video")
    assert importer.get(f"/media/{data['media_id']}")["media_status"] == "ready"


@pytest.mark.parametrize("path", ["fake.mp4", "missing.mp4"])
def test_a_video_that_cannot_be_imported_fails_later(importer: Client, origin: str, path: str) -> None:
    """posteverywhere/mcp 1.7.0: `error_message` says why."""
    importer.sandbox.freeze()
    data = importer.post("/media/upload-from-url", url=f"{origin}/{path}")
    importer.sandbox.advance(5)

    media = importer.get(f"/media/{data['media_id']}")

    assert (data["media_status"], media["media_status"]) == ("uploading", "failed")
    assert media["error_message"]


def test_videos_by_url_can_be_refused(importer: Client, origin: str) -> None:
    """The page of 2026-04: 415."""
    importer.switch(video_from_url="refused")

    refusal = importer.refusal("POST", "/media/upload-from-url", json={"url": f"{origin}/reel.mp4"})

    assert refusal == (415, "unsupported_media_type")
