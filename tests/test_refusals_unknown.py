"""A provider's no that no page documents: an unknown code, another envelope, no JSON at all; and when to come back."""

from typing import Any

import pytest

from imagewright.providers import all_providers
from tests.agent import Agent, Era
from tests.bodies import refusal
from tests.lookups import traces_of
from tests.scripted import Answer


@pytest.fixture
def era() -> Era:
    """One era: what a provider answers is judged below the protocol."""
    return "2026-07-28"


@pytest.mark.parametrize("slug", list(all_providers()))
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "rejected_request"),
        (401, "key_refused"),
        (402, "insufficient_credits"),
        (403, "access_denied"),
        (404, "not_found"),
        (409, "conflict"),
        (413, "rejected_request"),
        (415, "rejected_request"),
        (422, "rejected_request"),
        (429, "rate_limited"),
        (451, "content_refused"),
        # Nothing below says that no picture was made: reliability comes first.
        (301, "provider_failure"),
        (303, "provider_failure"),
        (408, "provider_failure"),
        (418, "provider_failure"),
        (500, "provider_failure"),
        (502, "provider_failure"),
        (503, "provider_failure"),
        (504, "provider_failure"),
        (522, "provider_failure"),
    ],
)
async def test_an_unknown_code_falls_back_to_the_status(agent: Agent, slug: str, status: int, kind: str) -> None:
    """The vendor's code is kept, and the default for what nobody documents is never "safe to repeat"."""
    agent.scripts[slug].answer(*[Answer(status, refusal(slug, "brand_new_code"))] * (3 if status == 429 else 1))

    result = await agent.draw(slug)

    assert (kind, "brand_new_code") == (result.error["code"], result.error["provider_code"])
    assert ("maybe" if kind in {"conflict", "provider_failure"} else "no") == result.error["charged"]


@pytest.mark.parametrize("slug", list(all_providers()))
async def test_the_code_counts_before_the_status_of_a_refusal(agent: Agent, slug: str) -> None:
    """An empty purse behind a 400 is an empty purse."""
    agent.scripts[slug].answer(Answer(400, refusal(slug, "insufficient_credits")))

    result = await agent.draw(slug)

    assert ("insufficient_credits", "no") == (result.error["code"], result.error["charged"])


@pytest.mark.parametrize("status", [408, 500, 504])
@pytest.mark.parametrize("slug", list(all_providers()))
async def test_a_server_error_is_never_free_for_the_code_that_it_carries(agent: Agent, slug: str, status: int) -> None:
    """A server that failed may write what it likes: nobody knows what it did before, so nothing is sent again."""
    agent.scripts[slug].answer(
        Answer(status, refusal(slug, "rate_limit_exceeded" if slug == "theo" else "rate_limited"))
    )

    result = await agent.draw(slug)

    assert ("provider_failure", "maybe") == (result.error["code"], result.error["charged"])
    assert 1 == len(agent.scripts[slug].seen)


HTML = b"<html><head><style>b{color:red}</style></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (HTML, "502 Bad Gateway nginx"),
        (b"upstream connect error", "upstream connect error"),
        (b"", None),
        (b"\xff\xfe\x00", None),
        (b"null", "null"),
        (b'["error"]', '["error"]'),
        (b'{"error": true, "message": 7}', None),
        (b'{"error": {"code": {}, "message": []}}', None),
        (b'{"error": "Something went wrong."}', "Something went wrong."),
        (b"[" * 100_000, None),
        (b'{"error": {"code": "x y", "message": "m", "details": 1e9999999999999999999}}', None),
    ],
    ids=["html", "text", "empty", "binary", "null", "list", "types", "objects", "sentence", "deep", "exponent"],
)
@pytest.mark.parametrize("slug", list(all_providers()))
async def test_an_answer_in_no_envelope_is_still_an_error_by_its_status(
    agent: Agent, slug: str, body: bytes, said: str | None
) -> None:
    """Gateways answer in HTML, in text, or not at all: no code, their words quoted, and possibly a charge."""
    agent.scripts[slug].answer(Answer(502, body, {"Content-Type": "text/html"}))

    result = await agent.draw(slug)

    assert ("provider_failure", "maybe") == (result.error["code"], result.error["charged"])
    assert "provider_code" not in result.error
    if said:
        assert said in result.error["provider_text_untrusted"]
        assert f"said “{said}" in result.text


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Fri, 10 Apr 2026 12:00:30 GMT", "Date": "Fri, 10 Apr 2026 12:00:00 GMT"}, 30.0),
        ({"Retry-After": "Fri, 10 Apr 2026 11:00:00 GMT", "Date": "Fri, 10 Apr 2026 12:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, 1.0),
        ({"Retry-After": "-5"}, 1.0),
        ({"Retry-After": "Fri, 10 Apr 99999999999 12:00:00 GMT"}, 1.0),
        ({}, 1.0),
    ],
)
async def test_when_to_come_back_is_read_in_every_form(agent: Agent, headers: dict[str, str], seconds: float) -> None:
    """Seconds, a date held against the sender's own clock, nonsense, or nothing."""
    agent.scripts["depicta"].answer(*[Answer(429, refusal("depicta", "rate_limited"), headers)] * 3)

    result = await agent.draw("depicta")

    assert seconds == result.error["retry_after_seconds"]


@pytest.mark.parametrize(("asked", "told"), [("0.5", "1"), ("1.2", "2"), ("29.01", "30"), ("30", "30"), ("0", "0")])
async def test_a_wait_is_rounded_up(agent: Agent, asked: str, told: str) -> None:
    """Who comes back a moment too soon is refused again, for a 429 as for a 503."""
    shows_no_trace(agent, "depicta")
    for status, code, sends in ((429, "rate_limited", 3), (503, "service_unavailable", 2)):
        agent.scripts["depicta"].answer(*[Answer(status, refusal("depicta", code), {"Retry-After": asked})] * sends)

        result = await agent.draw("depicta")

        assert f"Call again in {told} s." in result.text
        assert float(asked) == result.error["retry_after_seconds"]


async def test_a_failure_that_nobody_documents_leaves_open_what_happened(agent: Agent) -> None:
    """It need not have failed: the text tells the status and claims no more."""
    agent.scripts["theo"].answer(Answer(522, b""))

    result = await agent.draw("theo")

    assert result.text.startswith("Error: Theo answered with status 522, which leaves open what happened. Do not")


@pytest.mark.parametrize("slug", list(all_providers()))
async def test_a_503_of_its_own_with_a_time_was_turned_away_unpaid(agent: Agent, slug: str) -> None:
    """Its own envelope and Retry-After: the request was not worked on. One of the two alone proves nothing."""
    later = {"Retry-After": "30"}
    shows_no_trace(agent, slug)
    agent.scripts[slug].answer(
        *[Answer(503, refusal(slug, "service_unavailable"), later)] * 2,
        Answer(503, refusal(slug, "service_unavailable")),
        Answer(503, HTML, later),
    )

    # An equal call of one whose outcome is unknown would not be sent: each has a prompt of its own.
    both, envelope_only, header_only = [await agent.draw(slug, prompt=animal) for animal in ("fox", "hare", "owl")]

    assert ("no", 30.0) == (both.error["charged"], both.error["retry_after_seconds"])
    assert "Call again in 30 s." in both.text
    assert ["maybe", "maybe"] == [envelope_only.error["charged"], header_only.error["charged"]]


@pytest.mark.parametrize("refused", [1, 2])
@pytest.mark.parametrize("slug", ["posteverywhere", "depicta"])
async def test_a_503_that_may_have_left_a_trace_may_have_been_paid(agent: Agent, slug: str, refused: int) -> None:
    """Its list does not answer, after the first refusal or the last: not sent again, and nothing says it was free."""
    agent.scripts[slug].answer(*[Answer(503, refusal(slug, "service_unavailable"), {"Retry-After": "30"})] * refused)
    shows_no_trace(agent, slug, refused - 1)

    result = await agent.draw(slug)

    assert ("provider_failure", "maybe") == (result.error["code"], result.error["charged"])
    assert "retry_after_seconds" not in result.error
    assert "Call again" not in result.text
    assert "Nothing was charged" not in result.text
    assert refused == len([one for one in agent.scripts[slug].seen if one.method == "POST"])


def shows_no_trace(agent: Agent, slug: str, times: int = 2) -> None:
    """Let a provider that keeps a list of its work show an empty one so many times."""
    empty: dict[str, dict[str, Any]] = {
        "depicta": {"generations": [], "total": 0},
        "posteverywhere": {"data": {"items": []}, "error": None},
    }
    if slug in empty:
        agent.scripts[slug].answer(*[Answer(200, empty[slug])] * times, path=traces_of(slug).path)
