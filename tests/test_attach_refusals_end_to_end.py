"""What cannot be attached is refused with what to do instead, and nothing has changed then."""

from typing import Any

import pytest

from tests.sandbox.posteverywhere_client import UNKNOWN_ID
from tests.stage import Stage


@pytest.fixture
def draft(stage: Stage) -> str:
    """Return a draft with two pictures."""
    return stage.library.draft(media_ids=stage.uploads(2))


async def refused(stage: Stage, draft: str, *images: str, **arguments: Any) -> str:
    """Attach to the draft, which must fail and change nothing, and return what was said."""
    before, posts, imports = stage.post(draft), stage.posts, stage.imports
    asked: dict[str, Any] = {"post_id": draft, **arguments}
    result = await stage.attach(*images, **asked)

    assert result.is_error, result.text
    assert before == stage.post(draft)
    assert (posts, imports) == (stage.posts, stage.imports)
    assert "no" == result.error["charged"]
    return result.text


async def test_no_picture_is_refused(stage: Stage, draft: str) -> None:
    """An empty list says what to name."""
    assert "images is empty. Name at least one" in await refused(stage, draft)


async def test_an_unknown_media_id_is_refused_by_name(stage: Stage, draft: str) -> None:
    """The answer says which of the pictures it is, and that no post was changed."""
    said = await refused(stage, draft, stage.uploaded(), UNKNOWN_ID)

    assert f"Picture {UNKNOWN_ID}: PostEverywhere has no such picture in its library." in said
    assert "No post was changed." in said


async def test_a_deleted_picture_is_refused(stage: Stage, draft: str) -> None:
    """A picture that PostEverywhere drew and the user deleted there is gone, also by its generation_id."""
    generation = await stage.drawn("posteverywhere")
    (media_id,) = generation["media_ids"]
    stage.library.delete(f"/media/{media_id}")

    assert f"Picture {media_id}: PostEverywhere has no such picture" in await refused(stage, draft, media_id)
    said = await refused(stage, draft, generation["generation_id"])
    assert f"Picture {generation['generation_id']}/1: PostEverywhere has no such picture" in said


async def test_a_file_that_failed_to_process_is_refused(stage: Stage, draft: str) -> None:
    """An import in the background that failed has no picture to attach."""
    media_id = stage.library.post("/media/upload-from-url", url="http://127.0.0.1:9/none.mp4")["media_id"]
    stage.rig.advance(60)

    assert "PostEverywhere could not process it. Name another picture." in await refused(stage, draft, media_id)


async def test_an_upload_that_was_never_finished_is_refused(
    stage: Stage, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was declared and not sent stays unready: after a minute the answer says so, with its id."""
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    declared = stage.library.post("/media/upload", filename="a.png", content_type="image/png", size=9)
    monkeypatch.setattr("imagewright.importing.sleep", wait)
    said = await refused(stage, draft, declared["media_id"])

    assert f"is still processing it. Call again later with the media_id {declared['media_id']}" in said
    assert 60 == sum(waited)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("gen_0123456789abcdef0123456789abcdef", "There is no generation"),
        ("/etc/passwd", "Local files are not read"),
        ("~/fox.png", "Local files are not read"),
        ("file:///etc/passwd", "it is not https"),
        ("data:image/png;base64,AAAA", "is no picture"),
        ("http://example.com/fox.png", "it is not https"),
        ("https://user:secret@example.com/fox.png", "it carries a user name or password"),
        ("http://127.0.0.1:9/fox.png", "it is not https"),
        ("https://127.0.0.1/fox.png", "its host is not public"),
        ("https://localhost/fox.png", "its host is not public"),
        ("https://10.0.0.1/fox.png", "its host is not public"),
        ("https://[::1]/fox.png", "its host is not public"),
        ("https://169.254.169.254/latest/meta-data", "its host is not public"),
        ("https://metadata.google.internal/computeMetadata/v1/", "its host is not public"),
        ("imagewright://image/" + "0" * 64, "There is no kept copy of it"),
        ("", "is no picture"),
    ],
)
async def test_what_is_no_picture_is_refused(stage: Stage, draft: str, image: str, said: str) -> None:
    """A local path, a private address, an unknown id: each is refused in words that say why."""
    assert said in await refused(stage, draft, image)


async def test_a_place_that_a_generation_does_not_have_is_refused(stage: Stage, draft: str) -> None:
    """The answer says which places there are."""
    generation_id = (await stage.drawn("heydecks", count=2))["generation_id"]

    assert f"{generation_id} has pictures 1 to 2, not 3." in await refused(stage, draft, f"{generation_id}/3")
    assert f"{generation_id} has pictures 1 to 2, not 0." in await refused(stage, draft, f"{generation_id}/0")


async def test_a_page_where_a_picture_should_be_is_refused(stage: Stage, draft: str) -> None:
    """What a URL brings is looked at: a page is no picture, whatever the URL says."""
    assert "It cannot be attached: it is no picture" in await refused(
        stage, draft, f"{stage.rig.url}/_sandbox/health?fox.png"
    )


async def test_a_dead_url_is_refused(stage: Stage, draft: str) -> None:
    """A URL of nobody's picture that answers 404 is named, with the reason."""
    said = await refused(stage, draft, f"{stage.rig.url}/heydecks/files/none.png")

    assert "it answered 404" in said
    assert "there is no kept copy" in said


@pytest.mark.parametrize("post_id", ["../accounts", "a/../../me", "x?status=draft", "drafts#1", "no such post"])
async def test_a_post_id_cannot_lead_elsewhere(stage: Stage, post_id: str) -> None:
    """An id with a path or a query in it is refused before anything is sent."""
    media_id = stage.uploaded()
    sent = len(stage.rig.requests())
    result = await stage.attach(media_id, post_id=post_id)

    assert result.is_error
    assert "post_id" in result.text
    assert sent == len(stage.rig.requests())


async def test_replace_without_a_post_is_refused(stage: Stage) -> None:
    """There is nothing to replace on a new post."""
    result = await stage.attach(stage.uploaded(), mode="replace")

    assert result.is_error
    assert "mode replace is for a post that is there" in result.text
    assert 0 == stage.posts


async def test_platform_content_that_the_provider_refuses_changes_nothing(stage: Stage, draft: str) -> None:
    """A platform that there is not is refused in the provider's words."""
    said = await refused(stage, draft, stage.uploads(3)[2], platform_content={"twitter": {"content": "Hi"}})

    assert "Unknown platform" in said


async def test_a_key_that_may_only_read_is_refused_in_words(stage: Stage) -> None:
    """A key without the write scope attaches nothing, and the answer says what to check."""
    generation = await stage.drawn("heydecks")
    stage.environ["POSTEVERYWHERE_API_KEY"] = "pe_live_0405" + "0" * 28
    result = await stage.attach(generation["generation_id"])

    assert result.is_error
    assert ("access_denied", "no") == (result.error["code"], result.error["charged"])


async def test_without_a_post_provider_the_key_to_set_is_named(stage: Stage) -> None:
    """With other keys only, the refusal names the variable."""
    del stage.environ["POSTEVERYWHERE_API_KEY"]
    result = await stage.attach("gen_0123456789abcdef")

    assert result.is_error
    assert "Set POSTEVERYWHERE_API_KEY and start the server again" in result.text
