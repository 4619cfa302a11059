"""A picture's life at the sandbox, over real HTTP: its URL dies, and the picture stays."""

import hashlib
from pathlib import Path

from mcp.types import BlobResourceContents

from tests.agent import Result
from tests.kept import read
from tests.stage import Stage

HOUR = 3601  # seconds: Depicta's URLs live for an hour


async def test_a_picture_outlives_its_url(stage: Stage) -> None:
    """An hour later Depicta serves it no more, and it is still read, told of and attached, in every format."""
    made = await stage.drawn("depicta")
    (image,) = made["images"]
    served = {
        one["resource"]: stage.rig.send("GET", one["url"].removeprefix(stage.rig.url)).content
        for one in (image, *image["formats"].values())
    }
    stage.rig.advance(HOUR)
    dead = stage.rig.send("GET", image["url"].removeprefix(stage.rig.url))
    async with stage.connect() as client:
        kept = {resource: (await read(client, resource))[0] for resource in served}
        told = Result(await client.call_tool("get_generation", {"generation_id": made["generation_id"]}))
    attached = await stage.attached(image["resource"])

    assert not dead.is_success
    assert 3 == len(served)
    assert served == kept
    assert image["path"] == told.structured["images"][0]["path"]
    assert served[image["resource"]] == Path(image["path"]).read_bytes()
    assert attached["media_ids"] == stage.post(attached["post_id"])["media_ids"]
    assert image["sha256"] == hashlib.sha256(served[image["resource"]]).hexdigest()


async def test_every_provider_with_urls_has_its_pictures_kept(stage: Stage) -> None:
    """Whoever gives URLs: each picture has a file here when the answer comes."""
    for provider, count in (("heydecks", 2), ("theo", 2), ("depicta", 1)):
        made = await stage.drawn(provider, count=count)

        assert [True] * count == [Path(one["path"]).is_file() for one in made["images"]]
        assert not any("not kept" in one for one in made["warnings"])


async def test_the_kind_of_every_format_is_told(stage: Stage) -> None:
    """Each format of Depicta's is read with its own MIME type."""
    made = await stage.drawn("depicta")
    (image,) = made["images"]
    async with stage.connect() as client:
        kinds: set[str | None] = set()
        for one in (image, *image["formats"].values()):
            (content,) = (await client.read_resource(one["resource"])).contents
            assert isinstance(content, BlobResourceContents)
            kinds.add(content.mime_type)

    assert {"image/png", "image/jpeg", "image/webp"} == kinds


async def test_what_is_on_a_draft_is_never_lost(stage: Stage) -> None:
    """A small library keeps the picture of a draft, and lets it go after the post went out."""
    stage.environ.update({"IMAGEWRIGHT_LIBRARY_MAX": "0 MB", "IMAGEWRIGHT_PUBLISH": "allow"})
    (first,) = (await stage.drawn("heydecks"))["images"]
    draft = await stage.attached(first["resource"], content="Hi")
    await stage.drawn("heydecks", prompt="a heron")
    on_draft = Path(first["path"]).is_file()
    await stage.attached(stage.uploaded(), post_id=draft["post_id"], publish_now=True, accounts=["x"])
    await stage.drawn("heydecks", prompt="an owl")

    assert (True, False) == (on_draft, Path(first["path"]).is_file())
