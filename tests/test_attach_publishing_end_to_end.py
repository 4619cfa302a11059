"""When a post goes out, and to whom: never by accident, never at a wrong time, never to a wrong account."""

from typing import Any

import pytest

from tests.sandbox.posteverywhere_client import UNKNOWN_ID
from tests.stage import LATER, Action, Person, Stage

RECONNECT = "2292 (facebook “My Old Page”) cannot post now (its state is expired): connect it again at the provider."


async def test_a_person_who_agrees_publishes(stage: Stage) -> None:
    """The client asks, the person says yes, and the post is on its way to the account that the question named."""
    person = Person()
    media_id = stage.uploaded()
    result = await stage.attach(media_id, person=person, publish_now=True, accounts=["threads"], content="Launch day")

    facts = result.structured
    assert ["Publish now to threads: “Launch day” with 1 image(s)?"] == person.questions
    assert "publishing" == facts["status"] == stage.post(facts["post_id"])["status"]
    assert [(2286, "threads", "publishing")] == [
        (one["account_id"], one["platform"], one["status"]) for one in facts["outcomes"]
    ]
    assert [media_id] == facts["media_ids"]


@pytest.mark.parametrize(
    ("action", "publish"), [("accept", False), ("decline", True), ("cancel", True)], ids=["no", "decline", "cancel"]
)
async def test_a_person_who_does_not_agree_publishes_nothing(stage: Stage, action: Action, publish: bool) -> None:
    """Any answer but yes leaves everything as it was, and the refusal names the draft as the way on."""
    person = Person(action, publish)
    generation = await stage.drawn("heydecks")
    result = await stage.attach(generation["generation_id"], person=person, publish_now=True, accounts=["x"])

    assert (True, 1) == (result.is_error, len(person.questions))
    assert (0, 0) == (stage.posts, stage.imports)
    assert "without publish_now to make a draft" in result.text
    assert "no" == result.error["charged"]


async def test_without_a_person_to_ask_nothing_is_published(stage: Stage) -> None:
    """A client that cannot ask gets a refusal that names the variable, and nothing was sent."""
    media_id = stage.uploaded()
    result = await stage.attach(media_id, publish_now=True, accounts=["x"])

    assert result.is_error
    assert "IMAGEWRIGHT_PUBLISH=allow" in result.text
    assert 0 == stage.posts


async def test_the_user_may_allow_publishing_once_for_all(stage: Stage) -> None:
    """With IMAGEWRIGHT_PUBLISH=allow nobody is asked, and the post goes out."""
    stage.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    person = Person("decline")
    result = await stage.attach(stage.uploaded(), person=person, publish_now=True, accounts=["x"], content="Hi")

    assert [] == person.questions
    assert ("publishing", 1) == (result.structured["status"], stage.posts)


@pytest.mark.parametrize("when", [{}, {"scheduled_for": LATER, "accounts": ["x"]}], ids=["draft", "scheduled"])
async def test_nobody_is_asked_about_what_does_not_go_out_now(stage: Stage, when: dict[str, Any]) -> None:
    """A draft and a scheduled post need no yes."""
    person = Person("decline")
    result = await stage.attach(stage.uploaded(), person=person, **when)

    assert (False, []) == (result.is_error, person.questions)


async def test_a_draft_is_published_with_its_new_picture(stage: Stage) -> None:
    """An existing draft gets the picture first and goes out then, to its own accounts."""
    there, added = stage.uploads(2)
    post_id = stage.library.draft(media_ids=[there], account_ids=[2281])
    result = await stage.attach(added, person=Person(), post_id=post_id, publish_now=True)

    post = stage.post(post_id)
    assert ("publishing", [there, added]) == (post["status"], post["media_ids"])
    assert ("publishing", [there, added]) == (result.structured["status"], result.structured["media_ids"])


async def test_a_draft_is_scheduled_with_its_new_picture(stage: Stage) -> None:
    """An existing draft gets a picture, accounts and a time in one call."""
    post_id = stage.library.draft(media_ids=stage.uploads(1))
    facts = await stage.attached(stage.uploads(2)[1], post_id=post_id, accounts=["x"], scheduled_for=LATER)

    post = stage.post(post_id)
    assert ("scheduled", "2099-01-31T09:00:00.000Z", [2281]) == (
        post["status"], post["scheduled_for"], post["account_ids"],
    )  # fmt: skip
    assert 2 == len(post["media_ids"]) == len(facts["media_ids"])


async def test_a_scheduled_post_cannot_be_published_at_once(stage: Stage) -> None:
    """PostEverywhere publishes drafts only: the refusal says what to do instead, and the post is as it was."""
    post_id = stage.library.scheduled(media_ids=stage.uploads(1), scheduled_for=LATER)
    before = stage.post(post_id)
    result = await stage.attach(stage.uploads(2)[1], person=Person(), post_id=post_id, publish_now=True)

    assert result.is_error
    assert "scheduled_for" in result.text
    assert before == stage.post(post_id)


async def test_a_scheduled_post_moves_to_another_time(stage: Stage) -> None:
    """A new time for a scheduled post is a change like any other."""
    post_id = stage.library.scheduled(scheduled_for=LATER)
    facts = await stage.attached(stage.uploaded(), post_id=post_id, scheduled_for="2099-02-01T00:00:00Z")

    assert "2099-02-01T00:00:00.000Z" == stage.post(post_id)["scheduled_for"] == facts["scheduled_for"]


async def test_a_local_time_is_sent_as_utc_with_its_zone(stage: Stage) -> None:
    """Nine in the morning in Berlin in summer is seven in UTC; the zone goes along for display."""
    facts = await stage.attached(
        stage.uploaded(), accounts=["x"], scheduled_for="2099-07-01T09:00", timezone="Europe/Berlin"
    )

    post = stage.post(facts["post_id"])
    assert ("2099-07-01T07:00:00.000Z", "Europe/Berlin") == (post["scheduled_for"], post["timezone"])
    assert ("2099-07-01T07:00:00.000Z", "Europe/Berlin") == (facts["scheduled_for"], facts["timezone"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scheduled_for": "2020-01-01T09:00:00Z"}, "in the past"),
        ({"scheduled_for": "2020-01-01T09:00", "timezone": "Europe/Berlin"}, "in the past"),
        ({"scheduled_for": "2099-01-01T09:00"}, "needs an offset"),
        ({"scheduled_for": "tomorrow"}, "ISO 8601"),
        ({"scheduled_for": LATER, "timezone": "Mars/Olympus"}, "IANA name"),
        ({"scheduled_for": "2027-03-28T02:30", "timezone": "Europe/Berlin"}, "does not exist"),
        ({"scheduled_for": LATER, "publish_now": True}, "exclude each other"),
        ({"scheduled_for": LATER, "accounts": []}, "needs accounts"),
    ],
)
async def test_a_time_that_makes_no_sense_is_refused_before_anything_is_imported(
    stage: Stage, arguments: dict[str, Any], said: str
) -> None:
    """The refusal says what is wrong; no picture was imported and no post made."""
    stage.environ["IMAGEWRIGHT_PUBLISH"] = "allow"
    generation = await stage.drawn("heydecks")
    asked: dict[str, Any] = {"accounts": ["x"], **arguments}
    result = await stage.attach(generation["generation_id"], **asked)

    assert result.is_error
    assert said in result.text
    assert (0, 0) == (stage.posts, stage.imports)


@pytest.mark.parametrize(
    ("names", "account_ids"),
    [
        (["2281"], [2281]),
        ([2281], [2281]),
        (["linkedin"], [2285]),
        (["Twitter"], [2281]),
        (["mybrand.bsky.social"], [2288]),
        (["@mybrand_news"], [2289]),
        (["my brand inc."], [2285]),
        (["threads", "2281", "THREADS"], [2286, 2281]),
    ],
)
async def test_accounts_are_found_by_id_platform_or_handle(
    stage: Stage, names: list[object], account_ids: list[int]
) -> None:
    """Each way of naming an account leads to its id, and one that is named twice counts once."""
    facts = await stage.attached(stage.uploaded(), accounts=names, content="Launch day", scheduled_for=LATER)

    assert account_ids == stage.post(facts["post_id"])["account_ids"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("facebook", "means more than one account: name one by its id. There are: 2282 (facebook “My Brand”) and"),
        ("@mybrand", "means more than one account: name one by its id. There are: 2280 (instagram “@mybrand”), 2281"),
        ("myspace", "means no account: name one by its id. There are: 2280 (instagram “@mybrand”), 2281"),
        ("9999", "means no account"),
    ],
)
async def test_a_name_that_leads_to_no_one_account_is_refused(stage: Stage, name: str, said: str) -> None:
    """An ambiguous or unknown name lists the accounts with their ids, and nothing was made."""
    result = await stage.attach(stage.uploaded(), accounts=[name])

    assert result.is_error
    assert said in result.text
    assert 0 == stage.posts


async def test_a_broken_account_is_named_before_a_post_waits_for_it(stage: Stage) -> None:
    """A draft for an account that cannot post is made, with a warning that says which and what to do."""
    facts = await stage.attached(stage.uploaded(), accounts=["2292", "x"])

    assert [f"Account {RECONNECT}"] == facts["warnings"]
    assert [2292, 2281] == stage.post(facts["post_id"])["account_ids"]


async def test_nothing_is_published_to_a_broken_account(stage: Stage) -> None:
    """Publishing now would fail there: it is refused, by name."""
    result = await stage.attach(stage.uploaded(), person=Person(), accounts=["2292"], publish_now=True)

    assert result.is_error
    assert RECONNECT in result.text
    assert 0 == stage.posts


async def test_what_a_platform_would_not_take_is_a_warning(stage: Stage) -> None:
    """Count, size and length are held against each platform; the draft is made all the same."""
    media_ids = stage.uploads(11)
    facts = await stage.attached(*media_ids, accounts=["instagram", "x", "tiktok"], content="a" * 281)

    assert "instagram: it takes at most 10 pictures a post, not 11." in facts["warnings"]
    assert "x: it takes at most 280 characters, not 281." in facts["warnings"]
    assert f"tiktok: picture {media_ids[0]} is 400x400, and it wants at least 720x1280." in facts["warnings"]
    assert ("draft", 11) == (facts["status"], len(facts["media_ids"]))


async def test_a_platform_s_own_text_counts_for_it(stage: Stage) -> None:
    """A long text with a short one for X does not trouble X, and a long one for X does."""
    short = await stage.attached(
        stage.uploaded(), accounts=["x"], content="a" * 281, platform_content={"x": {"content": "short"}}
    )
    long = await stage.attached(
        stage.uploaded(), accounts=["x"], content="short", platform_content={"x": {"content": "a" * 281}}
    )

    assert [] == short["warnings"]
    assert ["x: it takes at most 280 characters, not 281."] == long["warnings"]
    assert {"x": {"content": "short"}} == stage.post(short["post_id"])["platform_content"]


async def test_a_refusal_of_the_provider_is_passed_on(stage: Stage) -> None:
    """What the provider itself does not take (a picture for YouTube) is an error in its words; there is no post."""
    result = await stage.attach(stage.uploaded(), accounts=["youtube"], scheduled_for=LATER)

    assert result.is_error
    assert "exactly one video is required" in result.text
    assert ("no", 0) == (result.error["charged"], stage.posts)


async def test_a_published_post_is_refused_with_what_to_do_instead(stage: Stage) -> None:
    """Its pictures cannot change any more: the way on is a new post."""
    generation = await stage.drawn("heydecks")
    post = stage.library.post("/posts", content="Out", account_ids=[2281])
    stage.rig.advance(60)
    result = await stage.attach(generation["generation_id"], post_id=post["post_id"])

    assert result.is_error
    assert f"Post {post['post_id']} is published: its pictures cannot change any more." in result.text
    assert "Make a new post without post_id." in result.text
    assert 0 == stage.imports


async def test_an_unknown_post_is_refused(stage: Stage) -> None:
    """The refusal says how to make a new one, and nothing is imported."""
    generation = await stage.drawn("heydecks")
    result = await stage.attach(generation["generation_id"], post_id=UNKNOWN_ID)

    assert result.is_error
    assert f"PostEverywhere has no post {UNKNOWN_ID}. Leave post_id out to make a new one." in result.text
    assert (0, 0) == (stage.posts, stage.imports)
