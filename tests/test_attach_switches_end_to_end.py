"""Where the documents of PostEverywhere leave a reading open, attaching works under each of them."""

import httpx2
import pytest

from tests.agent import Era
from tests.stage import LATER, Stage


@pytest.fixture
def era() -> Era:
    """One era: what PostEverywhere answers is the same in both."""
    return "2026-07-28"


READINGS = [
    ("media_list_key", "items"),
    ("media_list_key", "both"),
    ("media_url", "hidden"),
    ("media_status_field", "status"),
    ("media_status_field", "media_status"),
    ("media_fields", "mcp"),
    ("account_identifier", "id"),
    ("account_identifier", "account_id"),
    ("account_identifier", "id_string"),
    ("image_upload", "put"),
    ("complete_status", "201"),
    ("check_declared", "on"),
    ("url_import_status", "200"),
    ("url_refused_status", "422"),
    ("generate_response", "older"),
    ("platform_content_update", "replaces"),
    ("empty_media_ids", "refused"),
    ("schedule_status", "201"),
    ("missing_account_ids", "all"),
    ("retryable", "always"),
    ("unknown_fields", "reject"),
]
each_reading = pytest.mark.parametrize(("switch", "value"), READINGS, ids=[f"{one}-{two}" for one, two in READINGS])


@each_reading
async def test_every_way_onto_a_post_works_under_each_reading(stage: Stage, switch: str, value: str) -> None:
    """By URL, by bytes and by media_id, onto a draft that is scheduled then: the same under every reading."""
    by_url = (await stage.drawn("heydecks"))["generation_id"]
    expired = (await stage.drawn("depicta"))["generation_id"]
    stage.library.switch(**{switch: value})
    there = (await stage.drawn("posteverywhere"))["media_ids"][0]
    stage.rig.advance(3601)
    draft = await stage.attached(by_url, accounts=["linkedin"], content="Launch day")
    facts = await stage.attached(
        expired, there, post_id=draft["post_id"], scheduled_for=LATER, platform_content={"linkedin": {"content": "Hi"}}
    )

    post = stage.post(draft["post_id"])
    assert ["imported by its URL", "uploaded", "already in the library"] == [
        one["how"] for one in (*draft["attached"], *facts["attached"])
    ]
    assert [*draft["media_ids"], *(one["media_id"] for one in facts["attached"])] == post["media_ids"]
    assert ("scheduled", [2285], {"linkedin": {"content": "Hi"}}) == (
        post["status"], post["account_ids"], post["platform_content"],
    )  # fmt: skip
    assert post["media_ids"] == facts["media_ids"]


@pytest.mark.parametrize("status", ["400", "404", "409"])
async def test_a_picture_that_is_still_processing_is_waited_for(
    stage: Stage, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that PostEverywhere has drawn and not finished is attached as soon as it is ready."""
    waited: list[float] = []

    async def pass_time(seconds: float) -> None:
        waited.append(seconds)
        stage.rig.advance(seconds)

    stage.rig.freeze()
    stage.library.switch(generated_media="processing", complete_without_file=status)
    generation = await stage.drawn("posteverywhere")
    monkeypatch.setattr("imagewright.importing.sleep", pass_time)
    facts = await stage.attached(generation["generation_id"])

    assert waited
    assert generation["media_ids"] == facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]


async def test_an_answer_without_urls_hides_nothing_that_is_needed(stage: Stage) -> None:
    """With no URL of any file in the answers, a picture of the library goes on by its id alone."""
    stage.library.switch(media_url="hidden")
    media_id = stage.uploaded()
    facts = await stage.attached(media_id)

    assert [media_id] == stage.post(facts["post_id"])["media_ids"]
    assert "http" not in stage.rig.send("GET", f"/posteverywhere/api/v1/media/{media_id}", stage.library.key).text
    assert [media_id] == facts["media_ids"]


async def test_a_url_that_the_provider_cannot_fetch_is_uploaded(stage: Stage) -> None:
    """When its import by URL fails, the bytes go up instead."""
    stage.rig.fault(
        "status", provider="posteverywhere", method="POST", path="*/media/upload-from-url", status=400,
        code="validation_error", message="Could not fetch the URL.",
    )  # fmt: skip
    generation = await stage.drawn("heydecks")
    facts = await stage.attached(generation["generation_id"])

    assert ["uploaded"] == [one["how"] for one in facts["attached"]]
    assert facts["media_ids"] == stage.post(facts["post_id"])["media_ids"]


@pytest.mark.parametrize("kind", ["drop_after_charge", "cut_body"])
async def test_a_post_whose_answer_was_lost_is_found_and_not_made_twice(stage: Stage, kind: str) -> None:
    """The post was made and no answer came: it is looked up, and the result says so."""
    media_id = stage.uploaded()
    stage.rig.fault(kind, provider="posteverywhere", method="POST", path="*/posts")
    facts = await stage.attached(media_id, content="Launch day")

    assert 1 == stage.posts == len(stage.sent("POST", "/posts"))
    assert [media_id] == stage.post(facts["post_id"])["media_ids"]
    assert any("made once" in warning for warning in facts["warnings"])


async def test_a_post_that_was_not_made_is_not_made_up(stage: Stage) -> None:
    """No answer, and no such post: the error says that none was found, and nothing was sent twice."""
    media_id = stage.uploaded()
    stage.rig.fault("drop_before", provider="posteverywhere", method="POST", path="*/posts")
    result = await stage.attach(media_id, content="Launch day")

    assert result.is_error
    assert "No such post is among its newest" in result.text
    assert (0, 1) == (stage.posts, len(stage.sent("POST", "/posts")))


@pytest.mark.parametrize("kind", ["drop_after_charge", "cut_body"])
async def test_a_change_whose_answer_was_lost_is_verified(stage: Stage, kind: str) -> None:
    """The picture is on the post although no answer came: the call ends well."""
    there, added = stage.uploads(2)
    post_id = stage.library.draft(media_ids=[there])
    stage.rig.fault(kind, provider="posteverywhere", method="PATCH", path="*/posts/*")
    facts = await stage.attached(added, post_id=post_id)

    assert [there, added] == stage.post(post_id)["media_ids"] == facts["media_ids"]
    assert 1 == len(stage.sent("PATCH", post_id))


async def test_the_pictures_that_the_provider_serves_are_those_that_were_drawn(stage: Stage) -> None:
    """Byte for byte: what a provider drew is what PostEverywhere shows after an import by URL."""
    generation = await stage.drawn("heydecks")
    facts = await stage.attached(generation["generation_id"])
    url = stage.library.get(f"/media/{facts['media_ids'][0]}")["url"]

    assert httpx2.get(generation["urls"][0]).content == httpx2.get(url).content
