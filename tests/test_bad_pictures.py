"""What a provider may send instead of a picture: nothing of it is kept, the answer says why, and memory is bounded."""

import pytest

from imagewright import keeping, library
from tests.agent import Agent, Era
from tests.desk import noise, picture
from tests.kept import (
    bomb,
    call,
    depicta_draws,
    drawn,
    draws,
    fetched,
    noisy,
    on_disk,
    read,
    serves,
    settled,
    sha256_of,
)
from tests.scripted import Answer, Scripted


@pytest.fixture(autouse=True)
def one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is given up at once, with its reason."""
    monkeypatch.setattr(keeping, "_TRIES", 0)


@pytest.fixture
def era() -> Era:
    """One era: pictures travel below the protocol."""
    return "2026-07-28"


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BAD: dict[str, tuple[bytes, str]] = {
    "html": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "it is no picture"),
    "svg": (SVG, "it is no picture"),
    "json": (b'{"error": "expired"}', "it is no picture"),
    "nothing": (b"", "it is no picture"),
    "program": (b"MZ" + bytes(500), "it is no picture"),
    "head": (picture()[:20], "it is broken"),
    "half": (noise("PNG", (40, 40))[:2000], "it breaks off before its end"),
    "half jpeg": (noise("JPEG", (80, 80))[:3000], "it breaks off before its end"),
    "pixels": (bomb(20_000, 20_000), "it has more than 100 million pixels"),
    "more pixels than we take": (bomb(12_000, 9_000), "it has more than 100 million pixels"),
    "wide": (bomb(2**31 - 1, 1), "it has more than 100 million pixels"),
    "no pixels": (bomb(0, 10), "it is broken"),
    "script in a name": (b"GIF89a<script>alert(1)</script>", "it is broken"),
}


@pytest.mark.parametrize(("data", "why"), BAD.values(), ids=BAD)
async def test_what_is_no_picture_is_not_kept(agent: Agent, heydecks: Scripted, data: bytes, why: str) -> None:
    """The other picture is kept, the answer names the bad one and why, and nothing of it is on the disk."""
    draws(heydecks, data, picture())
    async with agent.connect() as client:
        made = await drawn(client, count=2)

    (warning,) = [one for one in made.structured["warnings"] if "not kept" in one]
    assert f"Picture 1 is not kept here: {why}" == warning
    assert f"Note: {warning}" in made.text
    assert [f"{sha256_of(picture())}.png"] == on_disk(agent)
    assert "path" not in made.structured["images"][0]
    assert made.structured["images"][0]["url"] in made.text


async def test_a_picture_that_is_not_the_claimed_one_is_not_kept(agent: Agent, depicta: Scripted) -> None:
    """A hash that the provider named must be that of the bytes, for each format by itself."""
    depicta_draws(depicta, {"png": picture(), "webp": picture("WEBP")}, png=sha256_of(b"another"))
    async with agent.connect() as client:
        made = await drawn(client, "depicta")

    assert [f"{sha256_of(picture('WEBP'))}.webp"] == on_disk(agent)
    (image,) = made.structured["images"]
    files = {one["url"].partition("/kept/")[2]: one for one in image["formats"].values()}
    assert {"webp?sig=abc": True} == {name: "path" in one for name, one in files.items()}
    assert sha256_of(b"another") == image["sha256"]  # what the provider says of its url


async def test_a_wrong_hash_is_reported(agent: Agent, depicta: Scripted) -> None:
    """Where it was the only format, the answer says that the file is another one."""
    depicta_draws(depicta, {"png": picture()}, png=sha256_of(b"another"))
    async with agent.connect() as client:
        made = await drawn(client, "depicta")

    assert [] == on_disk(agent)
    assert "Picture 1 is not kept here: it is not the file that the provider named: its sha256 differs" in made.text


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/private.png",
        "https://127.0.0.1/private.png",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/private.png",
        "https://[::1]/private.png",
        "file:///etc/passwd",
        "//user@127.0.0.1/a.png",
        "https://metadata.google.internal/",
    ],
)
async def test_a_redirect_to_a_private_address_is_not_followed(agent: Agent, heydecks: Scripted, location: str) -> None:
    """A provider's picture leads nowhere inside, and the address is not tried again."""
    draws(heydecks, Answer(302, b"", {"Location": location}))
    async with agent.connect() as client:
        made = await drawn(client)

    assert "failed" == made.structured["images"][0]["kept"]
    assert "Picture 1 is not kept here: The picture at " in made.text
    assert [] == on_disk(agent)
    assert 1 == len(fetched(heydecks))


async def test_a_redirect_is_judged_anew_and_given_up_for_good(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many tries there would be: an address that is at fault stays so."""
    monkeypatch.setattr(keeping, "_PAUSES_SECONDS", (0.0,) * 7)
    monkeypatch.setattr(keeping, "_TRIES", 7)
    draws(heydecks, Answer(302, b"", {"Location": "http://169.254.169.254/"}))
    async with agent.connect() as client:
        made = await settled(client, await drawn(client))

    assert 1 == len(fetched(heydecks))
    assert "failed" == made.structured["images"][0]["kept"]


async def test_another_provider_of_the_user_may_be_redirected_to(
    agent: Agent, heydecks: Scripted, theo: Scripted
) -> None:
    """Hosts that the user configured may be private, since the user said so."""
    serves(theo, "/there.png", picture())
    draws(heydecks, Answer(302, b"", {"Location": f"{theo.url}/there.png"}))
    async with agent.connect() as client:
        await drawn(client)

    assert [f"{sha256_of(picture())}.png"] == on_disk(agent)


async def test_redirects_come_to_an_end(agent: Agent, heydecks: Scripted) -> None:
    """A circle is left after a few turns."""
    (url,) = draws(heydecks, Answer(302, b"", {"Location": "/round"}))
    serves(heydecks, "/round", *[Answer(302, b"", {"Location": "/round"})] * 9)
    async with agent.connect() as client:
        made = await drawn(client)

    assert "it redirects too often" in made.text
    assert 4 == len(fetched(heydecks))
    assert url in made.text


async def test_bad_pictures_do_not_reach_a_resource(agent: Agent, heydecks: Scripted) -> None:
    """Script in an SVG is nowhere to be read from, by whatever name."""
    draws(heydecks, SVG)
    async with agent.connect() as client:
        await drawn(client)
        with pytest.raises(Exception, match="not kept here"):
            await read(client, f"imagewright://image/{sha256_of(SVG)}")


async def test_a_picture_that_is_too_large_is_reported(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says so, and nothing of it is left."""
    monkeypatch.setattr("imagewright.transfer._PICTURE_BYTES", 100_000)
    draws(heydecks, noisy(1))
    async with agent.connect() as client:
        made = await drawn(client)
        again = await call(client, "get_generation", generation_id=made.structured["generation_id"])

    assert "it sends more than 64 MiB" in made.text
    assert "failed" == again.structured["images"][0]["kept"]
    assert [] == on_disk(agent)


async def test_a_picture_that_breaks_a_decoder_ends_nothing(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever one picture does to us, the other is kept and the server goes on."""

    def inspect(data: bytes) -> object:
        if data == picture():
            raise MemoryError
        return real(data)

    real = vars(library)["inspect"]
    monkeypatch.setattr(library, "inspect", inspect)
    draws(heydecks, picture(), noisy(1, 20))
    async with agent.connect() as client:
        made = await drawn(client, count=2)
        again = await call(client, "get_generation")

    assert ["failed", None] == [one.get("kept") for one in made.structured["images"]]
    assert not again.is_error
