"""Who draws: `auto` takes the first that can serve the whole request and says why; nothing is dropped in silence."""

from typing import Any

import pytest

from imagewright.providers import all_providers
from tests.agent import Agent, Result
from tests.bodies import DONE, refusal
from tests.scripted import Answer, Scripted

REFERENCE = {"url": "https://example.com/brand.png", "description": "Brand palette"}


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({}, "heydecks"),
        ({"aspect_ratio": "2:3"}, "heydecks"),
        ({"aspect_ratio": "4:5"}, "posteverywhere"),
        ({"size": "2K"}, "depicta"),
        ({"strictness": "normal"}, "depicta"),
        ({"reference_images": [REFERENCE]}, "depicta"),
        ({"model": "flux-schnell"}, "posteverywhere"),
        ({"model": "flux"}, "depicta"),
        ({"model": "theo-1-create"}, "theo"),
        ({"prompt": "x" * 2001}, "theo"),
        ({"prompt": "x" * 2000, "style": "oil"}, "theo"),
        ({"prompt": "x" * 2000}, "heydecks"),
        ({"count": 24}, "heydecks"),
    ],
)
async def test_auto_takes_the_first_that_can(agent: Agent, arguments: dict[str, Any], slug: str) -> None:
    """In the order of rank, the first whose limits hold the whole request."""
    result = await agent.draw(**arguments, dry_run=True)

    assert slug == result.structured["provider"]
    assert result.structured["why"].startswith(f"auto took {all_providers()[slug].name}, the first provider in order")


async def test_auto_says_whom_it_passed_over_and_why(agent: Agent) -> None:
    """Each of the passed over with its limit, in the text as well."""
    result = await agent.draw(size="2K", dry_run=True)

    assert (
        "auto took Depicta, the first provider in order that can serve all of this. HeyDecks has no choice of size. "
        "Theo has no choice of size. PostEverywhere has no choice of size." == result.structured["why"]
    )
    assert result.structured["why"] in result.text


async def test_the_order_is_the_users(agent: Agent) -> None:
    """IMAGEWRIGHT_PROVIDERS puts its own first; who is not in it comes after."""
    agent.environ["IMAGEWRIGHT_PROVIDERS"] = "depicta, Theo"

    preferred = await agent.draw(dry_run=True)
    second = await agent.draw(prompt="x", aspect_ratio="9:16", model="theo-1-create", dry_run=True)
    behind = await agent.draw(model="ideogram-v2", dry_run=True)

    assert ["depicta", "theo", "posteverywhere"] == [one.structured["provider"] for one in (preferred, second, behind)]


async def test_auto_passes_over_who_has_no_key(agent: Agent) -> None:
    """Configured is what counts, not rank."""
    agent.configure("depicta")

    result = await agent.draw(dry_run=True)

    assert "depicta" == result.structured["provider"]


async def test_auto_goes_on_where_nothing_was_charged_and_says_so(
    agent: Agent, heydecks: Scripted, theo: Scripted
) -> None:
    """An empty purse at the first: the second draws, and the text tells why."""
    heydecks.answer(Answer(402, refusal("heydecks", "insufficient_credits")))
    theo.answer(Answer(200, DONE["theo"]()))

    result = await agent.draw("auto")

    why = "auto went on to Theo, because HeyDecks could not: The HeyDecks account has too little credit."
    assert ("done", "theo") == (result.structured["status"], result.structured["provider"])
    assert result.structured["why"].startswith(why)
    assert why in result.text
    assert (1, 1) == (len(heydecks.seen), len(theo.seen))


@pytest.mark.parametrize(
    ("status", "code"), [(422, "invalid_input"), (451, "content_rejected"), (500, "internal_error"), (409, "conflict")]
)
async def test_auto_does_not_go_on_with_what_may_be_paid_or_is_refused(
    agent: Agent, heydecks: Scripted, status: int, code: str
) -> None:
    """A second provider could be a second charge, and a refused request is not offered around."""
    heydecks.answer(Answer(status, refusal("heydecks", code)))

    result = await agent.draw("auto")

    assert ("heydecks", 1) == (result.error["provider"], agent.sent)


async def test_a_named_provider_is_never_replaced(agent: Agent, heydecks: Scripted) -> None:
    """Who names one wants that one: its refusal is the answer."""
    heydecks.answer(Answer(402, refusal("heydecks", "insufficient_credits")))

    result = await agent.draw("heydecks")

    assert ("insufficient_credits", 1) == (result.error["code"], agent.sent)


async def test_when_none_that_is_configured_can_it_names_who_could(agent: Agent) -> None:
    """The reasons of those that cannot, and the variable of the one that could."""
    agent.configure("heydecks", "posteverywhere")

    result = await agent.draw(size="4K")

    assert ("invalid_request", "no") == (result.error["code"], result.error["charged"])
    assert (
        "Error: No configured provider can serve all of this. HeyDecks has no choice of size. "
        "PostEverywhere has no choice of size. Set DEPICTA_API_KEY for one that can." == result.text
    )
    assert 0 == agent.sent


async def test_when_nobody_at_all_can_it_says_to_change_the_request(agent: Agent) -> None:
    """A size of one with a model of another: no key would help."""
    result = await agent.draw(size="4K", model="ideogram-v2")

    assert result.text.endswith("Change the request, or split it into several.")


async def test_without_any_key_and_without_the_sandbox_it_names_every_variable(agent: Agent) -> None:
    """The remedy is a key, whichever."""
    agent.configure()
    agent.environ["IMAGEWRIGHT_SANDBOX"] = "0"

    result = await agent.draw()

    assert "not_configured" == result.error["code"]
    assert all(provider.key_env in result.text for provider in all_providers().values())


@pytest.mark.parametrize(
    ("slug", "arguments", "says"),
    [
        ("heydecks", {"aspect_ratio": "4:5"}, "HeyDecks draws 1:1, 3:4, 4:3, 9:16, 16:9, 2:3, 3:2 and 21:9, not 4:5."),
        ("posteverywhere", {"aspect_ratio": "21:9"}, "1:1, 16:9, 9:16, 4:3, 3:4, 4:5 and 5:4, not 21:9."),
        ("heydecks", {"prompt": "x" * 2001}, "takes prompts of at most 2000 characters, not 2001."),
        ("posteverywhere", {"prompt": "x" * 1990, "style": "oil"}, "at most 2000 characters, not 2002 with the style."),
        ("heydecks", {"size": "2K"}, "HeyDecks has no choice of size."),
        ("theo", {"strictness": "liberal"}, "Theo has no choice of strictness."),
        ("theo", {"reference_images": [REFERENCE]}, "Theo takes no reference images."),
        ("heydecks", {"model": "flux"}, "HeyDecks has no choice of model: it draws with heydecks."),
        ("theo", {"model": "flux"}, "Theo has no choice of model: it draws with theo-1-create."),
        (
            "posteverywhere",
            {"model": "flux"},
            "has no model “flux”: it offers nano-banana-pro, ideogram-v2, gemini-3-pro and flux-schnell.",
        ),
    ],
)
async def test_a_named_provider_refuses_with_its_limit(
    agent: Agent, slug: str, arguments: dict[str, Any], says: str
) -> None:
    """Nothing is sent, nothing is rounded, and the limit stands in the message."""
    result = await agent.draw(slug, **arguments)

    assert ("provider_limit", "no") == (result.error["code"], result.error["charged"])
    assert says in result.text
    assert 0 == agent.sent


async def test_a_named_provider_says_all_that_it_cannot(agent: Agent) -> None:
    """One round trip to learn three limits."""
    result = await agent.draw("heydecks", size="2K", strictness="normal", model="flux")

    assert all(limit in result.text for limit in ("size", "strictness", "model"))


async def test_a_named_provider_without_a_key_names_its_variable(agent: Agent) -> None:
    """What to set, and that a restart is needed."""
    agent.configure("heydecks")

    result = await agent.draw("depicta")

    assert "not_configured" == result.error["code"]
    assert "Error: Depicta is not configured. Set DEPICTA_API_KEY and start the server again." == result.text


async def test_an_unknown_provider_is_told_which_there_are(agent: Agent) -> None:
    """The list of what can be said instead."""
    result = await agent.draw("midjourney")

    assert "invalid_request" == result.error["code"]
    assert (
        "Error: There is no provider “midjourney”: it is one of auto, heydecks, theo, posteverywhere and depicta."
        == result.text
    )


async def test_the_model_of_a_provider_without_a_field_for_it_is_said_not_sent(agent: Agent, theo: Scripted) -> None:
    """Naming the model that a vendor draws with anyway is fine; the vendor has no field for it."""
    theo.answer(Answer(200, DONE["theo"]()))

    result = await agent.draw("theo", model="theo-1-create")

    assert {"prompt": "a fox", "count": 1} == theo.only.json
    assert ["Theo takes no model: it draws with its own, which is normally theo-1-create."] == result.structured[
        "warnings"
    ]


@pytest.mark.parametrize("slug", list(all_providers()))
async def test_every_argument_is_sent_or_told(agent: Agent, slug: str) -> None:
    """For each provider and each argument: it reaches the body, is refused by name, or is told in a warning."""
    marks = {
        "prompt": "MARK-prompt",
        "model": "MARK-model",
        "aspect_ratio": "17:3",
        "style": "MARK-style",
        "size": "MARK-size",
        "reference_images": [{"url": "https://example.com/MARK-reference", "description": "MARK-reference"}],
        "strictness": "liberal",
    }
    for name, value in marks.items():
        script = agent.scripts[slug]
        script.seen.clear()
        script.answer(Answer(200, DONE[slug]()), path=path_of(slug))

        result = await agent.draw(slug, **{name: value})

        mark = str(value) if isinstance(value, str) else "MARK-reference"
        if result.is_error:
            assert (0, "provider_limit") == (len(script.seen), result.error["code"])
            assert name.split("_")[0] in result.text or mark in result.text
        else:
            assert mark in script.only.body.decode()


def path_of(slug: str) -> str:
    """Where this vendor takes orders."""
    return {
        "heydecks": "/v1/images",
        "theo": "/api/v1/images",
        "posteverywhere": "/api/v1/ai/generate-image",
        "depicta": "/v1/generate/image",
    }[slug]


async def test_a_model_that_only_a_live_list_knows_is_found(agent: Agent, depicta: Scripted, theo: Scripted) -> None:
    """`auto` asks the lists once before it says that nobody has the model, and keeps what it learnt."""
    depicta.answer(Answer(200, [{"id": "new-one", "name": "New"}]), path="/v1/models")
    depicta.answer(Answer(200, {"user": {"balance_eur": "5"}}), path="/v1/account/profile")
    depicta.answer(*[Answer(200, DONE["depicta"]())] * 2, path="/v1/generate/image")
    arguments = {"prompt": "a fox", "model": "new-one"}

    async with agent.connect() as client:
        await client.call_tool("generate_image", arguments)
        await client.call_tool("generate_image", arguments)

    assert ["new-one", "new-one"] == [one.json["model"] for one in depicta.seen if one.method == "POST"]
    assert 1 == depicta.paths.count("/v1/models")
    assert [] == theo.seen


async def test_a_model_that_only_a_list_not_asked_for_can_know_passes_with_a_warning(agent: Agent) -> None:
    """A dry run asks nobody: it plans with who may have the model, tells no price, and says what is not sure."""
    by_auto = await agent.draw(model="new-one", dry_run=True)
    named = await agent.draw("depicta", model="new-one", dry_run=True)

    warning = "Whether Depicta has “new-one” shows when it draws: its list was not asked."
    for result in (by_auto, named):
        assert ("planned", "depicta", "new-one") == tuple(
            result.structured[name] for name in ("status", "provider", "model")
        )
        assert [warning] == result.structured["warnings"]
        assert "cost" not in result.structured
    assert 0 == agent.sent


async def test_a_model_is_not_guessed_where_it_would_not_help(agent: Agent) -> None:
    """Not of a provider without a key, and not where another one is known to have the model."""
    agent.configure("heydecks", "posteverywhere")
    without_key = await agent.draw(model="new-one", dry_run=True)
    agent.configure("depicta", "posteverywhere")
    agent.environ["IMAGEWRIGHT_PROVIDERS"] = "depicta,posteverywhere"
    known_elsewhere = await agent.draw(model="ideogram-v2", dry_run=True)

    assert "invalid_request" == without_key.error["code"]
    assert without_key.text.endswith("Change the request, or split it into several.")
    assert "posteverywhere" == known_elsewhere.structured["provider"]
    assert "Depicta has no model “ideogram-v2”" in known_elsewhere.structured["why"]


LIVE = [
    {"id": "gemini-2.5-flash-image", "name": "Gemini", "image_sizes": ["1K", "8K"]},
    {"id": "free-size", "name": "Free", "approximate_cost_eur": "0.2"},
]


@pytest.mark.parametrize("provider", ["auto", "depicta"])
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            {"model": "gemini-2.5-flash-image", "size": "2K"},
            "Depicta draws sizes 1K and 8K with gemini-2.5-flash-image, not 2K.",
        ),
        ({"size": "2K"}, "Depicta draws sizes 1K and 8K, not 2K."),
        ({"model": "flux"}, "Depicta has no model “flux”: it offers gemini-2.5-flash-image and free-size."),
    ],
)
async def test_a_live_list_replaces_the_static_rows(
    agent: Agent, depicta: Scripted, provider: str, arguments: dict[str, str], says: str
) -> None:
    """Once the list is known, its models and their sizes are the limit, whoever is asked."""
    agent.configure("depicta")
    answer_depicta_looks(depicta)

    async with agent.connect() as client:
        await client.call_tool("list_models", {"provider": "depicta"})
        result = Result(
            await client.call_tool("generate_image", {"prompt": "a fox", "provider": provider, **arguments})
        )

    assert result.error["code"] in {"provider_limit", "invalid_request"}
    assert says in result.text
    assert ["GET", "GET"] == [one.method for one in depicta.seen]


@pytest.mark.parametrize(
    ("arguments", "cost", "warnings"),
    [
        # The static row of this model has a price, the live one has none: two lists are not mixed.
        ({"model": "gemini-2.5-flash-image", "size": "8K"}, None, []),
        ({"model": "free-size", "size": "1K"}, {"amount": "0.2", "unit": "EUR", "estimated": True}, []),
        (
            {"model": "free-size", "size": "8K"},
            None,
            [
                "Depicta does not document size 8K; it was asked for all the same.",
                "Depicta publishes its price for 1K only: 8K may cost more.",
            ],
        ),
    ],
)
async def test_size_and_price_are_those_of_the_live_row(
    agent: Agent, depicta: Scripted, arguments: dict[str, str], cost: object, warnings: list[str]
) -> None:
    """A size that the row lists is documented; one of a row without sizes is passed on with a warning."""
    agent.configure("depicta")
    answer_depicta_looks(depicta)

    async with agent.connect() as client:
        await client.call_tool("list_models", {"provider": "depicta"})
        dry_run = {"prompt": "a fox", "provider": "depicta", "dry_run": True}
        result = Result(await client.call_tool("generate_image", {**dry_run, **arguments}))

    assert (cost, warnings) == (result.structured.get("cost"), result.structured["warnings"])


@pytest.mark.parametrize(
    ("size", "cost", "warnings"),
    [
        ("", "0.096", []),
        ("1K", "0.096", []),
        ("2K", None, ["Depicta publishes its price for 1K only: 2K may cost more."]),
        ("4K", None, ["Depicta publishes its price for 1K only: 4K may cost more."]),
    ],
)
async def test_a_price_is_told_for_the_size_it_is_published_for(
    agent: Agent, size: str, cost: str | None, warnings: list[str]
) -> None:
    """A list price is no promise for a larger picture: what that costs is not told, and why is said."""
    model = "gemini-2.5-flash-image"

    result = await agent.draw("depicta", model=model, size=size, count=2, dry_run=True)

    assert (cost, warnings) == (result.structured.get("cost", {}).get("amount"), result.structured["warnings"])
    assert (f"Cost {cost} EUR" if cost else "Cost not told") in result.text
    assert all(warning in result.text for warning in warnings)


def answer_depicta_looks(depicta: Scripted) -> None:
    """Let Depicta tell its models and its balance."""
    depicta.answer(Answer(200, LIVE), path="/v1/models")
    depicta.answer(Answer(200, {"user": {"balance_eur": "5"}}), path="/v1/account/profile")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"prompt": ""}, "The prompt is empty."),
        ({"prompt": " \n\t "}, "The prompt is empty."),
        ({"aspect_ratio": "wide"}, "aspect_ratio takes a ratio such as 16:9, not “wide”."),
        ({"aspect_ratio": "0:1"}, "aspect_ratio takes a ratio"),
        ({"aspect_ratio": "16:9:1"}, "aspect_ratio takes a ratio"),
        ({"reference_images": [REFERENCE, {**REFERENCE, "description": " "}]}, "Reference image 2 needs a description"),
        ({"reference_images": [{**REFERENCE, "url": "http://example.com/a"}]}, "needs a public https URL; it is not"),
        ({"reference_images": [{**REFERENCE, "url": "https://127.0.0.1/a"}]}, "its host is not public"),
        ({"reference_images": [{**REFERENCE, "url": "https://me:pw@example.com/"}]}, "it carries a user name"),
        ({"reference_images": [{**REFERENCE, "url": "data:image/png;base64,AAAA"}]}, "it is not https"),
    ],
)
@pytest.mark.parametrize("provider", ["auto", "depicta"])
async def test_what_nobody_could_serve_is_refused_before_anything_is_sent(
    agent: Agent, provider: str, arguments: dict[str, Any], says: str
) -> None:
    """One line that names the value, whoever is asked."""
    result = await agent.draw(provider, **arguments)

    assert ("invalid_request", "no") == (result.error["code"], result.error["charged"])
    assert says in result.text
    assert 0 == agent.sent
