"""The wire breaks in every way it can: each way has its name, says what it means for money, and sends once."""

import asyncio

import pytest

from imagewright.errors import NotSentError
from imagewright.http import Wire
from imagewright.models import Endpoint, ImageRequest
from imagewright.providers import all_providers
from tests.agent import Agent, Era
from tests.bodies import DONE
from tests.scripted import Answer, Ending, Scripted

SLUGS = list(all_providers())


@pytest.fixture
def era() -> Era:
    """One era: the wire to a provider is below the protocol."""
    return "legacy"


DO_NOT = "Do not repeat the call before checking the provider's dashboard: it may have been charged."


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_refused_connection_sent_nothing(agent: Agent, slug: str) -> None:
    """Nobody listens: nothing left, nothing was charged, and the variable to look at is named."""
    agent.environ[f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"] = "http://127.0.0.1:1"

    result = await agent.draw(slug)

    assert ("not_sent", "no") == (result.error["code"], result.error["charged"])
    assert f"IMAGEWRIGHT_{slug.upper()}_BASE_URL" in result.text
    assert "Nothing was sent or charged." in result.text


@pytest.mark.parametrize("slug", SLUGS)
async def test_silence_after_sending_leaves_the_outcome_open(agent: Agent, slug: str) -> None:
    """The connection closes without a word: perhaps charged, and sent once only."""
    agent.scripts[slug].answer(Answer(ending="close"))

    result = await agent.draw(slug)

    assert ("outcome_unknown", "maybe") == (result.error["code"], result.error["charged"])
    assert DO_NOT in result.text
    assert 1 == len(agent.scripts[slug].seen)


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_cut_success_was_probably_paid(agent: Agent, slug: str) -> None:
    """200, and half the body: unreadable, not unknown, and sent once only."""
    agent.scripts[slug].answer(Answer(200, DONE[slug](), ending="cut"))

    result = await agent.draw(slug)

    assert ("unreadable_answer", "maybe", 200) == tuple(result.error[name] for name in ("code", "charged", "status"))
    assert DO_NOT in result.text
    assert 1 == len(agent.scripts[slug].seen)


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_cut_refusal_is_still_a_refusal(agent: Agent, slug: str) -> None:
    """402, and half the body: the status is enough."""
    agent.scripts[slug].answer(Answer(402, b'{"error": {"code": "insuff', ending="cut"))

    result = await agent.draw(slug)

    assert ("insufficient_credits", "no") == (result.error["code"], result.error["charged"])


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>OK</html>",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b'{"images": 7, "data": 7, "formats": 7}',
        b"\xff",
        b"[" * 10**5,
    ],
    ids=["empty", "html", "null", "list", "number", "object", "wrong types", "binary", "deep"],
)
async def test_a_success_that_says_nothing_was_probably_paid(agent: Agent, slug: str, body: bytes) -> None:
    """200 by status, no picture by content: the text says where to look and not to repeat."""
    agent.scripts[slug].answer(Answer(200, body, {"X-Request-Id": "req_1"}))

    result = await agent.draw(slug)

    assert ("unreadable_answer", "maybe", "req_1") == tuple(
        result.error[name] for name in ("code", "charged", "request_id")
    )
    assert "dashboard" in result.text
    assert "do not repeat the call" in result.text
    assert 1 == agent.sent


@pytest.mark.parametrize("slug", SLUGS)
async def test_an_answer_of_more_than_two_mebibytes_is_not_read_to_its_end(agent: Agent, slug: str) -> None:
    """A hostile megabyte fills neither the memory nor the model."""
    agent.scripts[slug].answer(Answer(200, b'{"images": [], "junk": "' + b"x" * 3 * 2**20 + b'"}'))

    result = await agent.draw(slug)

    assert ("unreadable_answer", "maybe") == (result.error["code"], result.error["charged"])
    assert len(result.everything) < 2000


@pytest.mark.parametrize("status", [200, 402])
async def test_nothing_compressed_is_asked_for_or_taken(agent: Agent, heydecks: Scripted, status: int) -> None:
    """A bomb of gzip stays shut: a success is unreadable, a refusal stands by its status, and no garbage is quoted."""
    heydecks.answer(Answer(status, b"\x1f\x8b\x08garbage", {"Content-Encoding": "gzip"}))

    result = await agent.draw("heydecks")

    assert "identity" == heydecks.only.headers["accept-encoding"]
    assert {200: "unreadable_answer", 402: "insufficient_credits"}[status] == result.error["code"]
    assert "garbage" not in result.everything


@pytest.mark.parametrize(
    ("ending", "code"), [("drip", "unreadable_answer"), ("drip_head", "outcome_unknown")], ids=["body", "head"]
)
@pytest.mark.parametrize("slug", SLUGS)
async def test_a_drip_ends_with_the_deadline(
    agent: Agent, slug: str, ending: Ending, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then would hold a read timeout for ever; the deadline is for the whole call."""
    script, loop = agent.scripts[slug], asyncio.get_running_loop()
    script.answer(Answer(200, DONE[slug](), {"X-Request-Id": "req_1"}, ending=ending))
    agent.environ["IMAGEWRIGHT_HANDOVER_SECONDS"] = "3600"  # later than any deadline
    deadline_seconds = all_providers()[slug].write(ImageRequest("a fox")).deadline_seconds

    async with asyncio.timeout(deadline_seconds + 60):
        calling = asyncio.create_task(agent.draw(slug))
        await script.dripping.wait()
        for _ in range(100):
            await asyncio.sleep(0)  # what was sent is read
        # Minutes pass at once: the clock of the event loop is moved, and nothing sleeps.
        later = loop.time() + deadline_seconds
        monkeypatch.setattr(loop, "time", lambda: later)
        result = await calling

    assert (code, "maybe", 1) == (result.error["code"], result.error["charged"], len(script.seen))
    assert "the deadline passed" in result.text
    assert DO_NOT in result.text


async def test_a_host_that_no_one_knows_sent_nothing() -> None:
    """A name that does not resolve is the same as nobody listening."""
    provider = all_providers()["theo"]

    with pytest.raises(NotSentError) as raised:
        # RFC 6761: .invalid never resolves.
        await Wire().send(provider, Endpoint("https://nowhere.invalid", "k"), provider.write(ImageRequest("a fox")))

    assert "no" == raised.value.charged


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/",
        "//evil.example/api",
        "http://169.254.169.254/latest",
        "https://[",
        "javascript:alert(1)",
        "https://hitheo.ai.evil.example/",
    ],
)
async def test_a_redirect_away_from_the_vendor_is_refused(agent: Agent, slug: str, status: int, location: str) -> None:
    """Wherever it points, whether it can be read or not: the key stays, and nothing was charged."""
    agent.scripts[slug].answer(Answer(status, b"", {"Location": location}))

    result = await agent.draw(slug)

    assert ("redirect_refused", "no", status) == tuple(result.error[name] for name in ("code", "charged", "status"))
    assert f"IMAGEWRIGHT_{slug.upper()}_BASE_URL" in result.text


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_other_redirects_are_not_followed(agent: Agent, theo: Scripted, status: int) -> None:
    """A 303 may mean "done, look there": following would lose the body or ask twice."""
    theo.answer(Answer(status, b"", {"Location": "/api/v1/images/1"}))

    result = await agent.draw("theo")

    assert ("provider_failure", "maybe", 1) == (result.error["code"], result.error["charged"], len(theo.seen))


async def test_every_request_gets_a_connection_of_its_own(agent: Agent, depicta: Scripted) -> None:
    """On a kept connection that the server has just dropped, a request dies unsent and looks sent: none is kept."""
    depicta.answer(Answer(200, [{"id": "flux"}]), Answer(200, {"user": {"balance_eur": "5"}}))
    depicta.answer(*[Answer(200, DONE["depicta"]())] * 2)
    arguments = {"prompt": "a fox", "provider": "depicta"}

    async with agent.connect() as client:
        await client.call_tool("list_models", {"provider": "depicta"})
        await client.call_tool("generate_image", arguments)
        await client.call_tool("generate_image", arguments)

    assert ["GET", "GET", "POST", "POST"] == [one.method for one in depicta.seen]
    assert 4 == depicta.connections
    assert ["close", "close"] == [one.headers["connection"] for one in depicta.seen if one.method == "POST"]
