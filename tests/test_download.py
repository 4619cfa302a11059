"""Pictures are fetched from public https hosts or from where the user pointed: never from anywhere private."""

import asyncio
from collections.abc import Mapping

import pytest

from imagewright.addresses import origin
from imagewright.errors import DownloadError
from imagewright.transfer import Transfer, _public_address  # pyright: ignore[reportPrivateUsage]  # no public name is private
from tests.scripted import Answer, Scripted

PICTURE = b"\x89PNG\r\n\x1a\nnot much of one"


@pytest.fixture(autouse=True)
def pictures(scripts: Mapping[str, Scripted]) -> None:
    """All that the scripts hold is for those who fetch pictures."""
    for one in scripts.values():
        one.gives_pictures = True


async def fetch(url: str, *trusted: Scripted) -> bytes:
    """Download with the given servers trusted, as base URLs are that the user set."""
    transfer = Transfer()
    try:
        return await transfer.download(url, frozenset(origin(one.url) for one in trusted))
    finally:
        await transfer.aclose()


async def refusal(url: str, *trusted: Scripted) -> str:
    """Download in vain, and return what is said; the picture was paid for, whatever the reason."""
    with pytest.raises(DownloadError) as raised:
        await fetch(url, *trusted)
    assert "yes" == raised.value.charged
    return str(raised.value)


async def test_a_picture_of_a_trusted_origin_is_fetched_without_a_key(theo: Scripted) -> None:
    """A GET for a picture, uncompressed, with no Authorization."""
    theo.answer(Answer(200, PICTURE, {"Content-Type": "image/png"}))

    assert PICTURE == await fetch(f"{theo.url}/a.png", theo)

    assert ("GET", "/a.png") == (theo.only.method, theo.only.path)
    assert "authorization" not in theo.only.headers
    assert "identity" == theo.only.headers["accept-encoding"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_origin_that_nobody_trusts_is_not_even_called(theo: Scripted, host: str) -> None:
    """Private by address or by name: no connection."""
    url = theo.url.replace("127.0.0.1", host)

    plain = await refusal(f"{url}/a.png")
    secure = await refusal(f"{url.replace('http:', 'https:')}/a.png")

    assert "it is not https" in plain
    assert "its host is not public" in secure
    assert 0 == theo.connections


async def test_trust_ends_at_the_port(theo: Scripted, depicta: Scripted) -> None:
    """An origin is scheme, host and port."""
    await refusal(f"{depicta.url}/a.png", theo)

    assert 0 == depicta.connections


async def test_a_redirect_inside_a_trusted_origin_is_followed(theo: Scripted) -> None:
    """Relative or absolute."""
    theo.answer(Answer(302, b"", {"Location": "/b.png"}), Answer(307, b"", {"Location": f"{theo.url}/c.png"}))
    theo.answer(Answer(200, PICTURE))

    assert PICTURE == await fetch(f"{theo.url}/a.png", theo)
    assert ["/a.png", "/b.png", "/c.png"] == theo.paths


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "http://example.com/a.png",
        "file:///etc/passwd",
        "https://[",
        "https://me:pw@example.com/",
    ],
)
async def test_a_redirect_to_anywhere_else_is_judged_anew(theo: Scripted, location: str) -> None:
    """The first address was good; the second is not."""
    theo.answer(Answer(302, b"", {"Location": location}))

    said = await refusal(f"{theo.url}/a.png", theo)

    assert "was not fetched" in said
    assert 1 == len(theo.seen)


async def test_a_redirect_to_another_port_of_this_machine_reaches_nobody(theo: Scripted, depicta: Scripted) -> None:
    """A provider must not make us knock at our own doors."""
    theo.answer(Answer(302, b"", {"Location": f"{depicta.url}/a.png"}))

    await refusal(f"{theo.url}/a.png", theo)

    assert 0 == depicta.connections


@pytest.mark.parametrize("location", ["/again.png", ""])
async def test_redirects_without_end_end(theo: Scripted, location: str) -> None:
    """Three hops, no more."""
    theo.answer(*[Answer(302, b"", {"Location": location})] * 4)

    assert "it redirects too often" in await refusal(f"{theo.url}/a.png", theo)


async def test_a_name_that_leads_to_this_machine_is_no_public_one() -> None:
    """The address that a name resolves to is judged, not the name alone."""
    with pytest.raises(DownloadError, match="its host is not public"):
        await _public_address("localhost", 443, "https://localhost/a.png")


async def test_more_than_64_mebibytes_are_not_taken(theo: Scripted) -> None:
    """A picture has an end."""
    theo.answer(Answer(200, b"x" * (64 * 2**20 + 1)))

    assert "it sends more than 64 MiB" in await refusal(f"{theo.url}/a.png", theo)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(404, b"gone"), "it answered 404"),
        (Answer(403, b"expired"), "it answered 403"),
        (Answer(200, PICTURE, ending="cut"), "it did not answer (RemoteProtocolError)"),
        (Answer(ending="close"), "it did not answer (RemoteProtocolError)"),
    ],
)
async def test_what_is_no_whole_picture_is_an_error(theo: Scripted, answer: Answer, says: str) -> None:
    """Expired, gone, cut or silent; and the text says how to try by hand."""
    theo.answer(answer)

    said = await refusal(f"{theo.url}/a.png", theo)

    assert says in said
    assert said.endswith("Open its URL yourself.")


async def test_a_drip_ends_with_the_deadline(theo: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes for the whole picture; the clock of the event loop is moved, and nothing sleeps."""
    theo.answer(Answer(200, PICTURE, ending="drip"))
    loop = asyncio.get_running_loop()

    fetching = asyncio.create_task(refusal(f"{theo.url}/a.png", theo))
    await theo.dripping.wait()
    later = loop.time() + 120
    monkeypatch.setattr(loop, "time", lambda: later)

    assert "it did not answer (TimeoutError)" in await fetching


@pytest.mark.parametrize(
    "url", ["", "https://[", "https://nowhere.invalid/a.png", "https://exa mple.com/a", "x" * 5000]
)
async def test_what_is_no_url_or_leads_nowhere_is_an_error_of_ours(url: str) -> None:
    """No exception of a library gets out."""
    assert "was not fetched" in await refusal(url)
