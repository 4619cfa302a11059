"""What answers say of kept pictures: where they are, that they are on the way, or why they are not."""

import anyio
import pytest
from mcp.shared.exceptions import MCPError

from tests.agent import Agent
from tests.bodies import posteverywhere_done
from tests.desk import picture
from tests.kept import call, depicta_draws, drawn, draws, facts_of, fetched, on_disk, read, settled, sha256_of
from tests.scripted import Answer, Scripted

SLOW = Answer(200, picture(), ending="drip")


async def test_an_answer_says_where_the_picture_is(agent: Agent, heydecks: Scripted) -> None:
    """Path, resource, hash, size and kind stand in the data; the path also in the text, after the URL."""
    data = picture(size=(40, 30))
    (url,) = draws(heydecks, data)
    async with agent.connect() as client:
        made = await drawn(client)

    (image,) = made.structured["images"]
    path = f"{agent.environ['IMAGEWRIGHT_HOME']}/pictures/{sha256_of(data)[:2]}/{sha256_of(data)}.png"
    assert {
        "url": url,
        "path": path,
        "resource": f"imagewright://image/{sha256_of(data)}",
        "sha256": sha256_of(data),
        "bytes": len(data),
        "content_type": "image/png",
        "width": 40,
        "height": 30,
        "c2pa": False,
    } == image
    assert f"URL: {url}\nFile: {path}\n" in made.text


async def test_every_format_has_its_own_file(agent: Agent, depicta: Scripted) -> None:
    """All that a provider offers of a picture is kept, and each format names its own."""
    files = {"png": picture(), "jpeg": picture("JPEG"), "webp": picture("WEBP")}
    depicta_draws(depicta, files)
    async with agent.connect() as client:
        (image,) = (await drawn(client, "depicta")).structured["images"]

    found = {one["url"].partition("/kept/")[2]: one for one in (image, *image["formats"].values())}
    assert {f"{name}?sig=abc": f"imagewright://image/{sha256_of(data)}" for name, data in files.items()} == {
        name: one["resource"] for name, one in found.items()
    }
    assert 3 == len(on_disk(agent))


async def test_only_the_format_that_the_user_wants_is_kept(agent: Agent, depicta: Scripted) -> None:
    """IMAGEWRIGHT_KEEP names one format: the others are not fetched."""
    agent.environ["IMAGEWRIGHT_KEEP"] = "webp"
    files = {"png": picture(), "jpeg": picture("JPEG"), "webp": picture("WEBP")}
    depicta_draws(depicta, files)
    async with agent.connect() as client:
        made = await drawn(client, "depicta")

    assert [f"{sha256_of(files['webp'])}.webp"] == on_disk(agent)
    assert "not kept" not in made.everything
    image = made.structured["images"][0]
    assert f"imagewright://image/{sha256_of(files['webp'])}" == image["resource"]
    assert image.get("sha256") != sha256_of(files["webp"])  # that of its url, as the provider named it


async def test_a_format_that_is_not_offered_keeps_the_first(agent: Agent, heydecks: Scripted) -> None:
    """A picture without the wanted format is kept as it is, rather than not at all."""
    agent.environ["IMAGEWRIGHT_KEEP"] = "webp"
    draws(heydecks, picture())
    async with agent.connect() as client:
        await drawn(client)

    assert [f"{sha256_of(picture())}.png"] == on_disk(agent)


async def test_a_slow_picture_does_not_hold_the_answer(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer goes out after a moment, and says that the copy is on the way and who tells when it is there."""
    monkeypatch.setattr("imagewright.keeping.MOMENT_SECONDS", 0.01)
    (url,) = draws(heydecks, SLOW)
    async with agent.connect() as client:
        with anyio.fail_after(10):
            made = await drawn(client)

    (image,) = made.structured["images"]
    assert {"url": url, "kept": "waiting"} == image
    assert "1 of 1 pictures still being fetched: see get_generation." in made.text
    assert [] == on_disk(agent)


async def test_the_moment_is_short() -> None:
    """An answer that is there is never kept back for longer than five seconds."""
    from imagewright import keeping  # noqa: PLC0415  # the value that users get

    assert 0 < keeping.MOMENT_SECONDS <= 5


async def test_get_generation_tells_when_the_copy_is_there(
    agent: Agent, heydecks: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was on the way when the answer went out is told by the next look."""
    monkeypatch.setattr("imagewright.keeping.MOMENT_SECONDS", 0.0)
    draws(heydecks, picture())
    async with agent.connect() as client:
        made = await drawn(client)
        found = await settled(client, made)

    assert sha256_of(picture()) == found.structured["images"][0]["sha256"]
    assert "File: " in found.text
    assert "kept" not in found.structured["images"][0]


async def test_a_picture_that_cannot_be_kept_is_reported(agent: Agent, depicta: Scripted) -> None:
    """Where the URL dies before the next try, the answer says which picture is missing, why, and to save it."""
    depicta_draws(depicta, {"png": Answer(503, b"")}, expires_at="2026-04-06T16:00:00Z")
    async with agent.connect() as client:
        made = await drawn(client, "depicta")

    assert "failed" == made.structured["images"][0]["kept"]
    (warning,) = [one for one in made.structured["warnings"] if "not kept" in one]
    assert warning.startswith("Picture 1 is not kept here: The picture at 127.0.0.1 was not fetched: it answered 503.")
    assert f"Note: {warning}" in made.text
    assert "Save what is not kept: URL life is 1 hour." in made.text
    assert "sig=abc" not in warning


async def test_nothing_is_a_link_block(agent: Agent, heydecks: Scripted) -> None:
    """Clients differ in what they do with links to resources: they are named as words and as data only."""
    draws(heydecks, picture())
    async with agent.connect() as client:
        made = await drawn(client)
        found = await settled(client, made)

    assert {"text"} == {block.type for result in (made, found) for block in result.raw.content}


async def test_a_kept_picture_is_read_as_a_resource(agent: Agent, heydecks: Scripted) -> None:
    """The bytes come as the provider sent them, with their kind, and a client may keep them for ever."""
    data = picture("WEBP", size=(64, 48))
    draws(heydecks, data)
    async with agent.connect() as client:
        made = await drawn(client)
        got, kind, whole = await read(client, made.structured["images"][0]["resource"])

    assert (data, "image/webp") == (got, kind)
    assert agent.era == "legacy" or whole["ttlMs"] >= 24 * 3600 * 1000


@pytest.mark.parametrize(
    "name",
    ["0" * 64, sha256_of(b""), "0" * 63, "..%2F..%2Fjournal.sqlite3", sha256_of(b"").upper(), "%00"],
)
async def test_a_picture_that_is_not_kept_is_no_resource(agent: Agent, heydecks: Scripted, name: str) -> None:
    """No name but the hash of a kept picture leads to a file, and the refusal says where to look instead."""
    draws(heydecks, picture())
    async with agent.connect() as client:
        await drawn(client)
        with pytest.raises(MCPError, match=r"not kept here|nknown resource|not found"):
            await client.read_resource(f"imagewright://image/{name}")


async def test_a_generation_is_read_as_a_resource(agent: Agent, depicta: Scripted) -> None:
    """What was asked for, when, what it cost, and where its pictures are."""
    depicta_draws(depicta, {"png": picture()})
    async with agent.connect() as client:
        made = await drawn(client, "depicta", prompt="a fuchs, größer")
        facts = await facts_of(client, made.structured["generation_id"])

    assert ("a fuchs, größer", "0.045000") == (facts["prompt"], facts["cost"]["amount"])
    assert made.structured["images"] == facts["images"]
    assert 1 == sum(one.method == "POST" for one in depicta.seen)


async def test_a_generation_that_is_not_there_is_no_resource(agent: Agent) -> None:
    """The refusal says which ids there are."""
    async with agent.connect() as client:
        with pytest.raises(MCPError, match="There is no generation “gen_none”"):
            await client.read_resource("imagewright://generation/gen_none")


async def test_the_resources_are_announced(agent: Agent) -> None:
    """A client finds both by their templates."""
    async with agent.connect() as client:
        templates = (await client.list_resource_templates()).resource_templates

    assert {"imagewright://image/{sha256}", "imagewright://generation/{generation_id}"} == {
        one.uri_template for one in templates
    }


async def test_a_dry_run_and_a_media_id_fetch_nothing(agent: Agent, posteverywhere: Scripted) -> None:
    """Where there is no URL there is nothing to keep, and nothing is said of it."""
    posteverywhere.answer(Answer(200, posteverywhere_done()))
    async with agent.connect() as client:
        planned = await call(client, "generate_image", prompt="a fox", dry_run=True)
        made = await drawn(client, "posteverywhere")

    assert [] == fetched(posteverywhere) == on_disk(agent)
    assert "kept" not in made.text + planned.text
