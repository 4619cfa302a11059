"""The pictures: really painted, kept once, served by links that cannot be forged."""

import io
from collections.abc import Callable, Generator
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from imagewright.sandbox import pictures
from imagewright.sandbox.pictures import Pictures, pixels
from imagewright.sandbox.world import World
from tests.sandbox.rig import KEYS, FlatPainter, Rig


@pytest.fixture
def kept() -> Generator[Pictures]:
    """The pictures of a world without a home."""
    world = World()
    yield Pictures(world)
    world.close()


@pytest.fixture
def signed(sandbox: Rig) -> str:
    """A link that ends an hour after 09:00."""
    sandbox.freeze("2026-06-12T09:00:00Z")
    sandbox.switch("theo", links="presigned")
    answer = sandbox.send("POST", "/theo/api/v1/images", KEYS["theo"], json={"prompt": "a red fox"})
    url: str = answer.json()["images"][0]["url"]
    return url


def test_a_prompt_is_painted_once_and_encoded_in_each_format(kept: Pictures) -> None:
    """By the real painter: three files of one size, each what its type says."""
    drawn = kept.draw_formats("a red fox", width=320, height=180, formats=("png", "jpeg", "webp"))

    opened = {form: Image.open(io.BytesIO(kept.read(picture))) for form, picture in drawn.items()}
    assert {form: (image.format, image.size) for form, image in opened.items()} == {
        "png": ("PNG", (320, 180)),
        "jpeg": ("JPEG", (320, 180)),
        "webp": ("WEBP", (320, 180)),
    }
    assert [picture.content_type for picture in drawn.values()] == ["image/png", "image/jpeg", "image/webp"]


def test_the_same_prompt_is_the_same_picture_and_another_variant_is_not(kept: Pictures) -> None:
    """Deterministic by prompt, size and variant."""
    first, again, other = (kept.draw("a red fox", width=160, height=90, variant=variant) for variant in (0, 0, 1))

    assert first == again
    assert first.sha256 != other.sha256


def test_the_same_bytes_are_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their content, and without leavings."""
    monkeypatch.setattr(pictures, "load_painter", FlatPainter)
    world = World(tmp_path)
    kept, kept_in = Pictures(world), world.folder
    picture = kept.draw("one", width=8, height=8)
    kept.draw("two", width=8, height=8)

    files = [path.name for path in (kept_in / "pictures").rglob("*") if path.is_file()]

    assert files == [picture.sha256]


@pytest.mark.parametrize("ratio", ["1:1", "16:9", "9:16", "21:9", "2:3", "4:5"])
def test_a_size_has_exactly_its_ratio_and_about_a_megapixel(ratio: str) -> None:
    """No rounding of one side."""
    width, height = pixels(ratio)

    across, down = map(int, ratio.split(":"))
    assert width * down == height * across
    assert width * height == pytest.approx(1024 * 1024, rel=0.03)


def test_a_documented_size_is_met_exactly() -> None:
    """The only one that PostEverywhere's page shows."""
    assert pixels("16:9", 1920 * 1080) == (1920, 1080)


def test_a_signed_link_works_until_its_second(sandbox: Rig, signed: str) -> None:
    """By the world's clock; it says how long it may be cached."""
    sandbox.advance(3599)
    before = httpx2.get(signed)
    sandbox.advance(1)

    after = httpx2.get(signed)

    assert (before.status_code, before.headers["cache-control"], after.status_code) == (200, "private, max-age=1", 403)


FORGERIES: dict[str, Callable[[str], str]] = {
    "without anything": lambda url: url.partition("?")[0],
    "without a signature": lambda url: url.partition("&")[0],
    "with a later end": lambda url: url.replace("expires=", "expires=9"),
    "with an end that is no number": lambda url: url.replace("expires=", "expires=x"),
    "with another signature": lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    "with a signature that is no ASCII": lambda url: url + "é",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_link_cannot_be_forged(sandbox: Rig, signed: str, forge: Callable[[str], str]) -> None:
    """Without the signature of exactly this path and moment there is no picture."""
    genuine = httpx2.get(signed).status_code

    forged = httpx2.get(forge(signed)).status_code

    assert (genuine, forged, sandbox.requests("theo")[-1]["method"]) == (200, 403, "GET")


def test_a_signature_is_of_one_picture(sandbox: Rig, signed: str) -> None:
    """It opens no other."""
    answer = sandbox.send("POST", "/theo/api/v1/images", KEYS["theo"], json={"prompt": "a blue fox"})
    other: str = answer.json()["images"][0]["url"]

    mixed = other.partition("?")[0] + "?" + signed.partition("?")[2]

    assert (httpx2.get(other).status_code, httpx2.get(mixed).status_code) == (200, 403)


@pytest.mark.parametrize("path", ["/heydecks/files/nothing.png", "/heydecks/files/", "/heydecks/files/../v1/images"])
def test_a_file_that_was_never_given_out_is_not_there(sandbox: Rig, path: str) -> None:
    """In the vendor's envelope."""
    assert sandbox.send("GET", path).status_code in {404, 405}
