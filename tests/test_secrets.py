"""Keys stay in their header: no result, error, log or repr ever shows one, whatever a provider says."""

import logging
from dataclasses import fields
from pathlib import Path

import pytest

from imagewright.errors import SettingsError
from imagewright.models import Endpoint
from imagewright.providers import all_providers
from imagewright.settings import load
from tests.agent import KEYS, Agent, Result
from tests.bodies import DONE
from tests.entries import opened
from tests.scripted import Answer, Ending

SLUGS = list(all_providers())


def assert_no_key_in(text: str) -> None:
    """Hold a text against every key."""
    assert [] == [slug for slug, key in KEYS.items() if key in text or key[-12:] in text]


@pytest.mark.parametrize("slug", SLUGS)
async def test_no_key_leaves_by_any_way_out(
    agent: Agent, slug: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Success, refusal, every break of the wire, wrong arguments: no answer, log, stream or file has it."""
    caplog.set_level(logging.DEBUG)
    endings: tuple[Ending, ...] = ("close", "cut")
    agent.scripts[slug].answer(
        Answer(200, DONE[slug]()),
        Answer(401, {"error": {"code": "x", "message": "no"}}),
        Answer(500, b"<html>"),
        Answer(307, b"", {"Location": "https://evil.example/"}),
        *[Answer(200, DONE[slug](), ending=ending) for ending in endings],
    )

    # An equal call of one whose outcome is unknown would not be sent: each has a prompt of its own.
    results = [await agent.draw(slug, prompt=f"fox {number}") for number in range(6)]
    kept = [one.error["generation_id"] for one in results if one.is_error]
    results += [await agent.call("get_generation", generation_id=one) for one in kept]
    results.append(await agent.draw(slug, wrong=1))
    agent.environ[f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"] = "http://127.0.0.1:1"
    results.append(await agent.draw(slug))
    for script in agent.scripts.values():
        said_back = Answer(500, {"error": {"code": "x", "message": KEYS[slug]}})
        script.answer(said_back, said_back)
        script.answer(said_back, path="/api/v1/me")
    results.append(await agent.call("list_models"))

    captured = capfd.readouterr()
    home = Path(agent.environ["IMAGEWRIGHT_HOME"])
    files = [one.read_bytes().decode("latin-1") for one in home.rglob("*") if one.is_file()]
    for text in (*[result.everything for result in results], caplog.text, captured.out, captured.err, *files):
        assert_no_key_in(text)
    assert "" == captured.out
    assert files
    assert 5 == len(kept)
    assert 6 == len([one for one in agent.scripts[slug].seen if one.method == "POST"])
    assert KEYS[slug] in agent.scripts[slug].seen[0].headers["authorization"]


@pytest.mark.parametrize("slug", SLUGS)
async def test_each_provider_gets_its_own_key_only(agent: Agent, slug: str) -> None:
    """The header has it, once; path, body and other headers do not; nobody else is called."""
    agent.scripts[slug].answer(Answer(200, DONE[slug]()))

    await agent.draw(slug)

    seen = agent.scripts[slug].only
    rest = {name: value for name, value in seen.headers.items() if name != "authorization"}
    assert f"Bearer {KEYS[slug]}" == seen.headers["authorization"]
    assert_no_key_in(f"{seen.path} {rest} {seen.body!r}")
    assert 1 == agent.sent


def test_no_repr_shows_a_key() -> None:
    """Settings and endpoints end up in tracebacks and logs."""
    settings = load({one.key_env: KEYS[one.slug] for one in all_providers().values()})

    assert_no_key_in(repr(settings))
    assert_no_key_in(str([settings.endpoint(one) for one in all_providers().values()]))
    assert "key" in {field.name for field in fields(Endpoint) if not field.repr}


def test_no_complaint_about_a_key_shows_it() -> None:
    """A key in the wrong variable, or with a space inside."""
    for provider in all_providers().values():
        for other in KEYS.values():
            for value in (other, f"{other} {other}", f'"{other}"'):
                try:
                    load({provider.key_env: value})
                except SettingsError as error:
                    assert_no_key_in(str(error))


async def test_a_key_that_a_provider_says_back_is_not_passed_on(agent: Agent) -> None:
    """Vendors quote the key they refuse: in the message, in an id, in the code, in an id of a picture."""
    key = KEYS["posteverywhere"]
    error = {"code": key, "message": f"Key {key} is revoked.", "details": {"key": key}}
    done = DONE["posteverywhere"]()
    done["data"]["ai"]["prompt"] = f"Bearer {key}"
    done["data"]["next_step"] = f"Use {key}."
    script = agent.scripts["posteverywhere"]
    script.answer(Answer(401, {"data": None, "error": error, "meta": {"request_id": key}}), Answer(201, done))
    script.answer(Answer(201, f"your key is {key}".encode()), Answer(502, f"<b>{key}</b>".encode()))
    script.answer(Answer(201, done, {"X-Request-Id": key}, ending="cut"), Answer(500, b"", {"X-Request-Id": key}))

    results: list[Result] = [await agent.draw("posteverywhere", prompt=f"fox {number}") for number in range(6)]

    for result in results:
        assert_no_key_in(result.everything)
    assert 6 == len(script.seen)


@pytest.mark.parametrize("length", [5, 12, -1])
@pytest.mark.parametrize("slug", SLUGS)
async def test_the_part_of_a_key_within_which_an_answer_breaks_off_is_not_kept(
    agent: Agent, slug: str, length: int
) -> None:
    """What came of the answer is kept for people, up to where the key begins; no file and no error has more of it."""
    key, home = KEYS[slug], Path(agent.environ["IMAGEWRIGHT_HOME"])
    came = f"Your key is {key[:length]}".encode()
    agent.scripts[slug].answer(Answer(200, came * 2, ending="cut"))

    result = await agent.draw(slug)
    async with opened(home) as journal:
        kept = (await journal.remains(result.error["generation_id"]))[0].answer

    files = [one.read_bytes().decode("latin-1") for one in home.rglob("*") if one.is_file()]
    assert ("maybe", b"Your key is ") == (result.error["charged"], kept)
    assert [] == [text for text in (result.everything, *files) if key[:5] in text]
