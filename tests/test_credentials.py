"""Content credentials (C2PA): the bytes stay as they came, and a result says whether a picture carries any."""

from pathlib import Path

import pytest

from imagewright.credentials import has_credentials, is_whole
from imagewright.image_files import EXTENSIONS, kind_of
from tests.agent import Agent
from tests.desk import picture
from tests.kept import depicta_draws, drawn, on_disk, read, sha256_of
from tests.scripted import Scripted

DATA = Path(__file__).parent / "data"
SIGNED = {name: (DATA / f"c2pa.{name}").read_bytes() for name in ("png", "jpg", "webp", "avif", "gif")}
PLAIN = {
    name: picture(form)
    for name, form in {
        "png": "PNG",
        "jpg": "JPEG",
        "webp": "WEBP",
        "gif": "GIF",
        "avif": "AVIF",
        "bmp": "BMP",
        "tiff": "TIFF",
    }.items()
}


def kind(data: bytes) -> str:
    """The kind of a picture, which it must have."""
    found = kind_of(data)
    assert found
    return found


@pytest.mark.parametrize("name", SIGNED)
async def test_credentials_survive(agent: Agent, depicta: Scripted, name: str) -> None:
    """A signed picture is in the library bit for bit, is read bit for bit, and the result says that it is signed."""
    depicta_draws(depicta, {name: SIGNED[name]})
    async with agent.connect() as client:
        (image,) = (await drawn(client, "depicta")).structured["images"]
        data, _, _ = await read(client, image["resource"])

    assert SIGNED[name] == Path(image["path"]).read_bytes() == data
    assert [f"{sha256_of(SIGNED[name])}.{name}"] == on_disk(agent)
    assert image["c2pa"] is True


async def test_a_picture_without_credentials_is_told_from_one_with(agent: Agent, depicta: Scripted) -> None:
    """A plain picture is not said to be signed."""
    depicta_draws(depicta, {"png": PLAIN["png"]})
    async with agent.connect() as client:
        (image,) = (await drawn(client, "depicta")).structured["images"]

    assert image["c2pa"] is False


@pytest.mark.parametrize("data", SIGNED.values(), ids=SIGNED)
def test_a_manifest_is_found_where_the_format_keeps_it(data: bytes) -> None:
    """In every format that providers deliver."""
    assert has_credentials(data, kind(data))


@pytest.mark.parametrize("data", PLAIN.values(), ids=PLAIN)
def test_no_manifest_is_found_where_there_is_none(data: bytes) -> None:
    """Also where the word stands somewhere else in the file."""
    assert not has_credentials(data, kind(data))
    assert not has_credentials(data + b"c2pa caBX C2PA jumb", kind(data))


def test_another_box_of_the_same_kind_is_no_manifest() -> None:
    """JPEG keeps other things in such boxes too (JPEG 360, for one)."""
    segment = b"\xff\xeb\x00\x2eJP\x00\x01\x00\x00\x00\x01" + b"\x00\x00\x00\x24jumb\x00\x00\x00\x1cjumdother\0other"
    data = PLAIN["jpg"][:2] + segment.ljust(48, b"\0") + PLAIN["jpg"][2:]

    assert not has_credentials(data, "image/jpeg")


@pytest.mark.parametrize("data", [*SIGNED.values(), *PLAIN.values()])
def test_a_whole_picture_is_whole(data: bytes) -> None:
    """With and without credentials."""
    assert is_whole(data, kind(data))


CUT = {name: data for name, data in (SIGNED | PLAIN).items() if name not in {"bmp", "tiff"}}


@pytest.mark.parametrize("data", CUT.values(), ids=CUT)
def test_a_picture_that_breaks_off_is_not_whole(data: bytes) -> None:
    """Neither in the middle nor a byte before its end."""
    assert not is_whole(data[: len(data) // 2], kind(data))
    assert not is_whole(data[:-1], kind(data))


@pytest.mark.parametrize("data", [*SIGNED.values(), *PLAIN.values()])
def test_any_beginning_of_a_picture_can_be_looked_at(data: bytes) -> None:
    """However little of it came, no look fails or runs for ever."""
    for end in (*range(min(len(data), 300)), len(data) - 1):
        for content_type in ("image/png", "image/webp", "image/jpeg", "image/gif", "image/avif", "image/tiff"):
            assert has_credentials(data[:end], content_type) in {True, False}
            assert is_whole(data[:end], content_type) in {True, False}


def test_every_kind_is_covered() -> None:
    """A new kind of picture makes somebody think of its credentials: HEIC is kept like AVIF."""
    assert {*SIGNED, *PLAIN, "heic"} == set(EXTENSIONS)
