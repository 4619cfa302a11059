"""The environment: a good value is taken, a wrong one is one clear line that names its variable and shows no key."""

from decimal import Decimal
from pathlib import Path

import pytest

from imagewright.budgets import Budget
from imagewright.errors import SettingsError
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.settings import OAuth, load
from tests.agent import KEYS, Agent
from tests.bodies import DONE
from tests.scripted import Answer

PROVIDERS = list(all_providers().values())
SLUGS = list(all_providers())


def complaint(**environ: str) -> str:
    """What is said about these variables, which must be one line."""
    with pytest.raises(SettingsError) as raised:
        load(environ)
    message = str(raised.value)
    assert "\n" not in message
    return message


def test_nothing_set_is_the_sandbox_and_the_order_of_rank() -> None:
    """No variable is needed."""
    settings = load({})

    assert settings.sandbox
    assert tuple(SLUGS) == settings.order
    assert [None] * 4 == [settings.endpoint(one) for one in PROVIDERS]
    assert ({}, {}, 45.0) == (settings.budgets, settings.confirm_above, settings.handover_seconds)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_key_configures_its_provider_and_ends_the_sandbox(slug: str) -> None:
    """Only that provider, at its own address, and no sandbox any more."""
    provider = all_providers()[slug]
    settings = load({provider.key_env: f"  {KEYS[slug]}\n"})

    endpoint = settings.endpoint(provider)

    assert endpoint
    assert (provider.base_url, KEYS[slug]) == (endpoint.base_url, endpoint.key)
    assert not settings.sandbox
    assert {slug} == set(settings.keys)


def test_an_issuer_of_access_tokens_is_read_with_what_they_must_say() -> None:
    """Its name stays as it is written: a slash at its end belongs to it."""
    one = load({"IMAGEWRIGHT_OAUTH_ISSUER": "https://login.example.com/"}).oauth
    other = load(
        {
            "IMAGEWRIGHT_OAUTH_ISSUER": "http://localhost:8080/realms/home",
            "IMAGEWRIGHT_OAUTH_AUDIENCE": "pictures",
            "IMAGEWRIGHT_OAUTH_JWKS_URL": "https://login.example.com/keys",
            "IMAGEWRIGHT_OAUTH_SCOPES": "images:draw, openid",
        }
    ).oauth

    assert OAuth("https://login.example.com/") == one
    assert (
        OAuth(
            "http://localhost:8080/realms/home", "pictures", "https://login.example.com/keys", ("images:draw", "openid")
        )
        == other
    )
    assert load({}).oauth is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ISSUER", "http://login.example.com", "IMAGEWRIGHT_OAUTH_ISSUER must be an https URL"),
        ("ISSUER", "login.example.com", "IMAGEWRIGHT_OAUTH_ISSUER must be an https URL"),
        ("ISSUER", "https://", "IMAGEWRIGHT_OAUTH_ISSUER must be an https URL"),
        ("JWKS_URL", "http://keys.example.com", "IMAGEWRIGHT_OAUTH_JWKS_URL must be an https URL"),
    ],
)
def test_an_issuer_over_plain_http_is_refused(name: str, value: str, message: str) -> None:
    """Whoever is on the way could hand out keys of his own."""
    given = {"IMAGEWRIGHT_OAUTH_ISSUER": "https://login.example.com", f"IMAGEWRIGHT_OAUTH_{name}": value}

    assert complaint(**given).startswith(message)


@pytest.mark.parametrize("name", ["AUDIENCE", "JWKS_URL", "SCOPES"])
def test_what_belongs_to_an_issuer_needs_one(name: str) -> None:
    """A misspelt name of the first must not leave the server without it."""
    message = complaint(**{f"IMAGEWRIGHT_OAUTH_{name}": "https://x.example"})

    assert f"IMAGEWRIGHT_OAUTH_{name} needs IMAGEWRIGHT_OAUTH_ISSUER." == message


@pytest.mark.parametrize("value", ["", "   ", "${HEYDECKS_API_KEY}"])
def test_an_empty_key_or_a_placeholder_left_as_it_was_is_no_key(value: str) -> None:
    """A client's form leaves such things behind."""
    assert {} == load({"HEYDECKS_API_KEY": value}).keys


@pytest.mark.parametrize("slug", SLUGS)
def test_a_key_of_another_vendor_is_named_as_one(slug: str) -> None:
    """The commonest slip: two keys swapped. Neither is shown."""
    provider = all_providers()[slug]
    other = next(one for one in PROVIDERS if one.slug != slug)

    message = complaint(**{provider.key_env: KEYS[other.slug]})

    expected = f"{provider.key_env} is no {provider.name} key: those begin with {provider.key_prefix}"
    assert f"{expected}, this is one of {other.name}." == message


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("tail", ["se cret", "se\tcret", "sécret", "se\u200bcret", "s" * 600, "se\x00cret"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(slug: str, tail: str) -> None:
    """White space, what is not ASCII, or a whole file pasted: said without a character of it."""
    provider = all_providers()[slug]

    message = complaint(**{provider.key_env: provider.key_prefix + tail})

    assert message.startswith(provider.key_env)
    assert tail not in message


@pytest.mark.parametrize("value", ['"hd_live_abc_secret"', "sk-something-secret", "Bearer hd_live_abc_secret"])
def test_a_key_of_nobody_says_how_ours_begin(value: str) -> None:
    """The prefix is the remedy, and no part of the value is shown."""
    message = complaint(HEYDECKS_API_KEY=value)

    assert "HEYDECKS_API_KEY is no HeyDecks key: those begin with hd_live_." == message


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/prefix",
        "https://example.com:8443",
        "http://127.0.0.1:8000",
        "http://localhost:8000/x",
        "http://192.168.1.5",
        "http://[::1]:8000",
        "HTTPS://EXAMPLE.COM",
    ],
)
def test_a_base_url_is_taken_without_its_last_slash(slug: str, url: str) -> None:
    """With a prefix, with a port; http where the host is private."""
    provider = all_providers()[slug]
    settings = load({provider.key_env: KEYS[slug], f"IMAGEWRIGHT_{slug.upper()}_BASE_URL": f"{url}/"})

    endpoint = settings.endpoint(provider)

    assert endpoint
    assert url == endpoint.base_url


@pytest.mark.parametrize(
    "url",
    [
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "https://[",
        "https://[::1",
        "https://example.com:99999",
        "https://example.com:x",
        "https://me:secret@example.com",
        "https://example.com?x=secret",
        "https://example.com#x",
        "https://exam ple.com",
        "http://b\u00fccher.example",
        "http://example.com",
        "http://8.8.8.8",
        "https://example.com\\@evil.example",
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused(url: str) -> None:
    """Each in one line that names the variable and repeats nothing of what may be secret."""
    message = complaint(IMAGEWRIGHT_THEO_BASE_URL=url)

    assert message.startswith("IMAGEWRIGHT_THEO_BASE_URL must ")
    assert "secret" not in message


def test_a_base_url_without_its_key_is_remarked_upon() -> None:
    """It has no effect, and the remark names both variables; with the key, or in the sandbox, there is none."""
    alone = {"IMAGEWRIGHT_THEO_BASE_URL": "http://127.0.0.1:8000", "HEYDECKS_API_KEY": KEYS["heydecks"]}

    assert [
        "IMAGEWRIGHT_THEO_BASE_URL is set, but THEO_API_KEY is not: Theo is not used. Set its key as well."
    ] == load(alone).remarks()
    assert [] == load({**alone, "THEO_API_KEY": KEYS["theo"]}).remarks()
    assert [] == load({**alone, "IMAGEWRIGHT_SANDBOX": "1"}).remarks()


def test_plain_http_to_a_public_host_says_why_not() -> None:
    """The key could be read on the way."""
    assert "the key could be read on the way" in complaint(IMAGEWRIGHT_THEO_BASE_URL="http://example.com")


@pytest.mark.parametrize(
    ("value", "order"),
    [
        ("depicta", ("depicta",)),
        (" Depicta , THEO ,", ("depicta", "theo")),
        ("theo,theo,depicta", ("theo", "depicta")),
        (",", tuple(SLUGS)),
        ("", tuple(SLUGS)),
    ],
)
def test_the_order_is_a_list_in_any_case(value: str, order: tuple[str, ...]) -> None:
    """Doubles and gaps do no harm."""
    assert order == load({"IMAGEWRIGHT_PROVIDERS": value}).order


def test_an_unknown_provider_in_the_order_is_told_which_there_are() -> None:
    """The list of what it takes."""
    assert (
        "IMAGEWRIGHT_PROVIDERS knows no 'midjourney': it takes heydecks, theo, posteverywhere and depicta."
        == complaint(IMAGEWRIGHT_PROVIDERS="theo,midjourney")
    )


def test_the_home_is_the_users_or_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that need not be there yet, relative to where the server starts; by default the platform's own."""
    monkeypatch.chdir(tmp_path)

    assert tmp_path / "data" == load({"IMAGEWRIGHT_HOME": "data"}).home
    assert tmp_path == load({"IMAGEWRIGHT_HOME": str(tmp_path)}).home
    assert "imagewright" == load({}).home.name
    assert load({"IMAGEWRIGHT_HOME": "~/data"}).home == Path.home() / "data"


def test_a_home_that_is_a_file_or_nobodys_is_refused(tmp_path: Path) -> None:
    """It must be a folder, of somebody this machine knows."""
    (tmp_path / "file").touch()

    assert complaint(IMAGEWRIGHT_HOME=str(tmp_path / "file")).startswith("IMAGEWRIGHT_HOME must be a folder")
    assert complaint(IMAGEWRIGHT_HOME="~nobody-of-this-name/x").startswith("IMAGEWRIGHT_HOME begins with ~")


@pytest.mark.parametrize(
    ("value", "with_key", "without"),
    [
        ("", False, True),
        ("1", True, True),
        ("TRUE", True, True),
        ("on", True, True),
        ("0", False, False),
        ("no", False, False),
    ],
)
def test_the_sandbox_is_for_want_of_a_key_or_by_wish(value: str, with_key: bool, without: bool) -> None:
    """Nothing: when no key is set; 1: always; 0: never."""
    environ = {"IMAGEWRIGHT_SANDBOX": value}

    assert with_key == load({**environ, "THEO_API_KEY": KEYS["theo"]}).sandbox
    assert without == load(environ).sandbox


def test_a_wish_for_the_sandbox_that_is_neither_is_refused() -> None:
    """What it takes, and what each means."""
    assert complaint(IMAGEWRIGHT_SANDBOX="maybe").startswith("IMAGEWRIGHT_SANDBOX takes 1 (always), 0 (never)")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_limit_is_of_one_provider_in_its_own_unit(slug: str) -> None:
    """A budget, and what may be spent unasked: each has a variable of its own, whether a key is set or not."""
    settings = load(
        {f"IMAGEWRIGHT_{slug.upper()}_BUDGET": "5.00/day", f"IMAGEWRIGHT_CONFIRM_ABOVE_{slug.upper()}": "0"}
    )

    assert {slug: Budget(Decimal(5), "day")} == settings.budgets
    assert {slug: Decimal(0)} == settings.confirm_above


@pytest.mark.parametrize("name", ["IMAGEWRIGHT_{}_BUDGET", "IMAGEWRIGHT_CONFIRM_ABOVE_{}"])
@pytest.mark.parametrize("provider", PROVIDERS, ids=SLUGS)
def test_a_limit_that_cannot_be_read_is_refused_and_not_dropped(provider: Provider, name: str) -> None:
    """A slip must not read as "no limit": the line names the variable, an example and the unit."""
    variable = name.format(provider.slug.upper())

    message = complaint(**{variable: "5 dollars"})

    assert message.startswith(f"{variable} takes an amount")
    assert "such as " in message
    assert message.endswith(f"in {provider.name}'s unit ({provider.unit}).")


@pytest.mark.parametrize(("value", "seconds"), [("1", 1), (" 30 ", 30), ("3600", 3600), ("", 45), ("${SECONDS}", 45)])
def test_a_call_is_waited_for_as_long_as_the_user_says(value: str, seconds: float) -> None:
    """Whole seconds; 45 where nothing is said."""
    assert seconds == load({"IMAGEWRIGHT_HANDOVER_SECONDS": value}).handover_seconds


@pytest.mark.parametrize("value", ["0", "-1", "3601", "4.5", "1e2", "45s", "never", "\u00b2", "9" * 30])
def test_a_wait_that_is_none_is_refused(value: str) -> None:
    """What it takes, and what it is for."""
    assert complaint(IMAGEWRIGHT_HANDOVER_SECONDS=value).startswith(
        "IMAGEWRIGHT_HANDOVER_SECONDS takes 1 to 3600 whole seconds: "
    )


def test_only_base_urls_that_the_user_set_are_trusted() -> None:
    """Nothing is trusted by default; a set one by its origin alone."""
    assert frozenset() == load({"THEO_API_KEY": KEYS["theo"]}).trusted_origins
    assert {"http://127.0.0.1:8000"} == load({"IMAGEWRIGHT_THEO_BASE_URL": "http://127.0.0.1:8000/x"}).trusted_origins


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the real environment is read."""
    monkeypatch.setenv("DEPICTA_API_KEY", KEYS["depicta"])

    assert KEYS["depicta"] == load().keys["depicta"]


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_prefix_goes_before_the_path(agent: Agent, slug: str) -> None:
    """The base URL is what stands before /v1/... or /api/v1/...: a proxy with a path works."""
    agent.environ[f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"] += f"/{slug}/"
    agent.scripts[slug].answer(Answer(200, DONE[slug]()))

    result = await agent.draw(slug)

    assert not result.is_error
    assert agent.scripts[slug].only.path.startswith((f"/{slug}/v1/", f"/{slug}/api/v1/"))
    assert all(one.path.startswith(f"/{slug}/api/v1/") for one in agent.scripts[slug].looked)
