"""From a prompt at any provider to a post, through the real client and real HTTP: each call is a server of its own."""

import hashlib

import pytest

from imagewright.providers import all_providers
from tests.stage import LATER, Stage

PROVIDERS = list(all_providers())
each_provider = pytest.mark.parametrize("provider", PROVIDERS)


@each_provider
async def test_a_prompt_becomes_a_draft(stage: Stage, provider: str) -> None:
    """What a provider drew is on a new draft, in the library as a real picture, and nothing goes out."""
    generation = await stage.drawn(provider, aspect_ratio="16:9")
    facts = await stage.attached(generation["generation_id"], content="Launch day")

    post = stage.post(facts["post_id"])
    (media_id,) = post["media_ids"]
    media = stage.library.get(f"/media/{media_id}")
    assert ("draft", "Launch day", []) == (post["status"], post["content"], post["destinations"])
    assert ("draft", [media_id], "posteverywhere") == (facts["status"], facts["media_ids"], facts["provider"])
    assert 0.01 > abs(media["width"] / media["height"] - 16 / 9)


@each_provider
async def test_a_prompt_becomes_a_scheduled_post(stage: Stage, provider: str) -> None:
    """With a time and an account the post waits for its moment, in UTC whatever the offset."""
    generation = await stage.drawn(provider)
    facts = await stage.attached(
        generation["generation_id"], content="Launch day", accounts=["x"], scheduled_for="2099-01-31T09:00:00+01:00"
    )

    post = stage.post(facts["post_id"])
    assert ("scheduled", "2099-01-31T08:00:00.000Z") == (post["status"], post["scheduled_for"])
    assert ([2281], facts["media_ids"]) == (post["account_ids"], post["media_ids"])
    assert ("scheduled", "2099-01-31T08:00:00.000Z") == (facts["status"], facts["scheduled_for"])
    assert [(2281, "x", "queued")] == [(one["account_id"], one["platform"], one["status"]) for one in facts["outcomes"]]


@each_provider
async def test_a_prompt_joins_the_pictures_of_a_post(stage: Stage, provider: str) -> None:
    """A post with two pictures keeps them, in their order, and the new one is the third; nothing else changes."""
    there = stage.uploads(2)
    post_id = stage.library.scheduled(media_ids=there, scheduled_for=LATER, timezone="Europe/Berlin")
    before = stage.post(post_id)
    generation = await stage.drawn(provider)
    facts = await stage.attached(generation["generation_id"], post_id=post_id)

    after = stage.post(post_id)
    assert (there, post_id) == (after["media_ids"][:2], facts["post_id"])
    assert [facts["attached"][0]["media_id"]] == after["media_ids"][2:]
    assert after["media_ids"] == facts["media_ids"]
    kept = ("content", "account_ids", "scheduled_for", "timezone", "status", "platform_content", "created_at")
    assert {name: before[name] for name in kept} == {name: after[name] for name in kept}


@each_provider
async def test_a_prompt_takes_the_place_of_the_pictures_of_a_post(stage: Stage, provider: str) -> None:
    """With mode replace the post has the new picture only."""
    post_id = stage.library.draft(media_ids=stage.uploads(2))
    generation = await stage.drawn(provider)
    facts = await stage.attached(generation["generation_id"], post_id=post_id, mode="replace")

    assert [facts["attached"][0]["media_id"]] == stage.post(post_id)["media_ids"] == facts["media_ids"]


async def test_pictures_of_every_kind_go_on_in_the_order_they_were_named(stage: Stage) -> None:
    """A media_id, a generation, one picture of another, and a URL: mixed, and in order."""
    media_id = stage.uploaded()
    whole = (await stage.drawn("theo", prompt="a hare"))["generation_id"]
    many = await stage.drawn("heydecks", count=2)
    (url,) = (await stage.drawn("heydecks", prompt="a heron"))["urls"]
    second = f"{many['generation_id']}/2"
    facts = await stage.attached(media_id, second, url, whole)

    assert [media_id, second, url, f"{whole}/1"] == [one["image"] for one in facts["attached"]]
    assert [one["media_id"] for one in facts["attached"]] == stage.post(facts["post_id"])["media_ids"]
    assert 4 == len(set(facts["media_ids"]))
    second_alone = await stage.attached(many["urls"][1])
    assert [facts["attached"][1]["media_id"]] == second_alone["media_ids"]


async def test_a_kept_copy_is_attached_by_its_name(stage: Stage) -> None:
    """A picture of our own library goes on by the hash of its content, long after its URL has died."""
    generation = await stage.drawn("depicta")
    data = stage.rig.send("GET", generation["urls"][0].removeprefix(stage.rig.url)).content
    stage.rig.advance(3601)
    facts = await stage.attached(f"imagewright://image/{hashlib.sha256(data).hexdigest()}")
    again = await stage.attached(f"imagewright://generation/{generation['generation_id']}/1")

    assert facts["media_ids"] == again["media_ids"] == stage.post(facts["post_id"])["media_ids"]
    assert data == stage.rig.send(
        "GET", stage.library.get(f"/media/{facts['media_ids'][0]}")["url"].removeprefix(stage.rig.url)
    ).content  # fmt: skip


async def test_a_generation_brings_all_its_pictures(stage: Stage) -> None:
    """A generation_id alone stands for every picture, in order."""
    generation = await stage.drawn("heydecks", count=3)
    facts = await stage.attached(generation["generation_id"])
    one_by_one = [(await stage.attached(url))["media_ids"] for url in generation["urls"]]

    assert 3 == len(facts["media_ids"])
    assert [[media_id] for media_id in facts["media_ids"]] == one_by_one


@pytest.mark.parametrize("named", ["generation", "url"])
async def test_a_url_that_has_expired_is_attached_from_the_kept_copy(stage: Stage, named: str) -> None:
    """An hour later Depicta's signed URL is dead, and the picture goes on all the same, however it is named."""
    generation = await stage.drawn("depicta")
    stage.rig.advance(3601)
    (url,) = generation["urls"]
    facts = await stage.attached(url if named == "url" else generation["generation_id"])

    assert not stage.rig.send("GET", url.removeprefix(stage.rig.url)).is_success
    assert facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]
    assert ["uploaded"] == [one["how"] for one in facts["attached"]]


async def test_a_picture_is_imported_once(stage: Stage) -> None:
    """The second post takes the picture that the first one brought, by generation or by URL."""
    generation = await stage.drawn("heydecks")
    first = await stage.attached(generation["generation_id"])
    second = await stage.attached(generation["generation_id"])
    third = await stage.attached(generation["urls"][0])

    assert first["media_ids"] == second["media_ids"] == third["media_ids"]
    assert 1 == stage.imports
    assert ["imported before"] == [one["how"] for one in second["attached"]]
    assert 3 == stage.posts


async def test_a_picture_that_is_named_twice_is_imported_and_attached_once(stage: Stage) -> None:
    """The same picture under two names in one call is one picture, and the answer says so."""
    generation = await stage.drawn("heydecks")
    facts = await stage.attached(generation["generation_id"], generation["urls"][0])

    assert 1 == len(facts["media_ids"])
    assert 1 == stage.imports
    assert "1 of the pictures were named twice and are attached once." in facts["warnings"]


async def test_a_picture_that_was_imported_and_deleted_is_imported_again(stage: Stage) -> None:
    """A remembered media_id that is gone from the library does not stand in the way."""
    generation = await stage.drawn("heydecks")
    (gone,) = (await stage.attached(generation["generation_id"]))["media_ids"]
    stage.library.delete(f"/media/{gone}")
    facts = await stage.attached(generation["generation_id"])

    assert [gone] != facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]
    assert 2 == stage.imports


async def test_each_workspace_has_its_own_library(stage: Stage) -> None:
    """A picture is imported once for each key, and the imports of one key are not forgotten over another."""
    generation = await stage.drawn("heydecks")
    first = await stage.attached(generation["generation_id"])
    stage.environ["POSTEVERYWHERE_API_KEY"] = "pe_live_" + "6b" * 16
    other = await stage.attached(generation["generation_id"])
    stage.environ["POSTEVERYWHERE_API_KEY"] = stage.library.key or ""
    again = await stage.attached(generation["generation_id"])

    assert first["media_ids"] == again["media_ids"] != other["media_ids"]
    assert 2 == stage.imports


async def test_the_text_alone_tells_post_pictures_and_the_next_step(stage: Stage) -> None:
    """A client that shows only text sees the post_id, its status, every media_id and what to do next."""
    generation = await stage.drawn("theo")
    result = await stage.attach(generation["generation_id"])

    facts = result.structured
    assert all(one in result.text for one in (facts["post_id"], "draft", *facts["media_ids"], facts["next_step"]))
    assert "review the draft" in facts["next_step"]
