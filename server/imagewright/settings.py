"""The environment, read once into frozen settings; a wrong value is one clear line that names the variable."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from imagewright.addresses import is_private_name, origin
from imagewright.budgets import Budget, amount, budget
from imagewright.errors import SettingsError
from imagewright.models import Endpoint, T
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.rates import Rate, rate
from imagewright.text import listing

PreviewMode = Literal["auto", "on", "off"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

HANDOVER_SECONDS = 45.0  # a quarter of a minute before most desktop clients give a call up

LIBRARY_BYTES = 5 * 1000**3
PREVIEW_BYTES = 350_000
MAX_CALLS, MAX_CALLS_EACH = 200, 100

_LONGEST_KEY = 512
_MOST_PREVIEW_KB = 600  # with the text it stays below what clients take in a result
_SIZE = re.compile(r"(\d{1,7}) ?([MGT])B", re.IGNORECASE)
_FORMAT = re.compile(r"[a-z0-9]{2,8}")
_LONGEST_HANDOVER_SECONDS = 3600
_MOST_CALLS = 10_000
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{16,512}=*")  # RFC 6750, and long enough not to be guessed
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class OAuth:
    """Whose access tokens the HTTP server takes beside its own, and which of them."""

    issuer: str  # as the tokens name it
    audience: str | None = None  # None: the addresses of this server
    jwks_url: str | None = None  # None: the issuer's metadata tell it
    scopes: tuple[str, ...] = ()  # a token needs all of them


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user set. `keys` never shows in a repr."""

    keys: Mapping[str, str] = field(repr=False)  # by provider slug
    base_urls: Mapping[str, str]  # by provider slug, without a slash at the end
    order: tuple[str, ...]  # slugs, as `auto` prefers them
    chosen_home: Path | None
    sandbox: bool  # every call goes to the built-in sandbox, and no key is sent anywhere
    publish: bool = False  # posts may be published without asking each time
    budgets: Mapping[str, Budget] = field(default_factory=dict[str, Budget])  # by provider slug
    confirm_above: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])  # by slug, in its own unit
    handover_seconds: float = HANDOVER_SECONDS  # how long a call is waited for before its id is handed out
    keep_only: str | None = None  # the file format that is kept of each picture; None for all that are offered
    library_bytes: int = LIBRARY_BYTES  # what the kept pictures may take
    preview: PreviewMode = "auto"  # whether results carry small pictures: "auto" where the client is known to show them
    preview_bytes: int = PREVIEW_BYTES  # of base64, for all pictures of a result together
    token: str | None = field(default=None, repr=False)  # what clients show the HTTP server; None for one that is kept
    oauth: OAuth | None = None
    log_format: LogFormat | None = None  # of the log on stderr; None: as the transport has it
    log_level: LogLevel | None = None  # from which on it is shown; None: as the transport has it
    budgets_each: Mapping[str, Budget] = field(default_factory=dict[str, Budget])  # by slug: for each principal
    max_calls: int = MAX_CALLS  # generations that are drawn at once
    max_calls_each: int = MAX_CALLS_EACH  # the same, for each principal
    rate_each: Rate | None = None  # new orders of each principal; None for what `Admission` lets in by itself

    @property
    def trusted_origins(self) -> frozenset[str]:
        """Origins of base URLs that the user set; only these may be plain http and private."""
        return frozenset(origin(url) for url in self.base_urls.values())

    @property
    def home(self) -> Path:
        """The data folder: the one that the user set, otherwise the platform's own."""
        if self.chosen_home:
            return self.chosen_home
        import platformdirs  # noqa: PLC0415  # 21 ms that the way to the first answer does not need

        return platformdirs.user_data_path("imagewright", appauthor=False)

    def remarks(self) -> list[str]:
        """Return what was set without effect, each with the remedy."""
        providers = all_providers()
        return [
            f"IMAGEWRIGHT_{slug.upper()}_BASE_URL is set, but {providers[slug].key_env} is not: {providers[slug].name} "
            f"is not used. Set its key as well."
            for slug in self.base_urls
            if slug not in self.keys and not self.sandbox
        ]

    def endpoint(self, provider: Provider) -> Endpoint | None:
        """Return where the provider is called, or None if its key is not set."""
        key = self.keys.get(provider.slug)
        return Endpoint(self.base_urls.get(provider.slug, provider.base_url), key) if key else None


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingsError: A value cannot be used; the message names the variable and says what it takes.
    """
    environ = os.environ if environ is None else environ
    providers = all_providers()
    keys = {slug: key for slug, one in providers.items() if (key := _key(environ, one, providers))}
    base_urls = {slug: url for slug in providers if (url := _base_url(environ, slug))}
    return Settings(
        keys,
        base_urls,
        _order(environ, providers),
        _home(environ),
        _sandbox(environ, keys),
        _publish(environ),
        _amounts(environ, providers, "IMAGEWRIGHT_{}_BUDGET", budget, "an amount a day or a month, such as 5.00/day"),
        _amounts(environ, providers, "IMAGEWRIGHT_CONFIRM_ABOVE_{}", amount, "an amount, such as 2.50"),
        _handover(environ),
        _keep_only(environ),
        _library_bytes(environ),
        _preview(environ),
        _preview_bytes(environ),
        _token(environ),
        _oauth(environ),
        _one_of(environ, "IMAGEWRIGHT_LOG", LogFormat),
        _one_of(environ, "IMAGEWRIGHT_LOG_LEVEL", LogLevel),
        _amounts(
            environ, providers, "IMAGEWRIGHT_{}_BUDGET_EACH", budget, "an amount a day or a month, such as 5.00/day"
        ),
        _calls(environ, "IMAGEWRIGHT_MAX_CALLS", MAX_CALLS),
        _calls(environ, "IMAGEWRIGHT_MAX_CALLS_EACH", MAX_CALLS_EACH),
        _rate_each(environ),
    )


def _value(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    # A client's settings form leaves a field empty or its own placeholder unexpanded: both mean not set.
    return "" if value.startswith("${") and value.endswith("}") else value


def _key(environ: Mapping[str, str], provider: Provider, providers: Mapping[str, Provider]) -> str:
    key = _value(environ, provider.key_env)
    if not key or key.startswith(provider.key_prefix):
        if any(not "!" <= char <= "~" for char in key) or len(key) > _LONGEST_KEY:
            raise SettingsError(f"{provider.key_env} holds white space or a character outside ASCII. Copy it again.")
        return key
    owner = next((one for one in providers.values() if key.startswith(one.key_prefix)), None)
    hint = f", this is one of {owner.name}" if owner else ""
    raise SettingsError(f"{provider.key_env} is no {provider.name} key: those begin with {provider.key_prefix}{hint}.")


def _base_url(environ: Mapping[str, str], slug: str) -> str:
    name = f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"
    url = _value(environ, name).rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url if origin(url) else "")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{name} must be a URL such as https://example.com, before /v1/... or /api/v1/....")
    if parts.query or parts.fragment or "@" in parts.netloc or any(not "!" <= char <= "~" for char in url):
        raise SettingsError(f"{name} must be ASCII without user name, query, fragment or white space.")
    if parts.scheme == "http" and not is_private_name(parts.hostname):
        raise SettingsError(f"{name} must be https: over http to a public host the key could be read on the way.")
    return url


def _order(environ: Mapping[str, str], providers: Mapping[str, Provider]) -> tuple[str, ...]:
    names = [name.strip().lower() for name in _value(environ, "IMAGEWRIGHT_PROVIDERS").split(",") if name.strip()]
    if unknown := [name for name in names if name not in providers]:
        raise SettingsError(f"IMAGEWRIGHT_PROVIDERS knows no {unknown[0]!r}: it takes {listing(list(providers))}.")
    return tuple(dict.fromkeys(names)) or tuple(providers)


def _home(environ: Mapping[str, str]) -> Path | None:
    chosen = _value(environ, "IMAGEWRIGHT_HOME")
    if not chosen:
        return None
    try:
        home = Path(chosen).expanduser()
    except RuntimeError:
        raise SettingsError("IMAGEWRIGHT_HOME begins with ~ and a user that this machine does not know.") from None
    if home.exists() and not home.is_dir():
        raise SettingsError("IMAGEWRIGHT_HOME must be a folder; a file is there.")
    return home.absolute()


def _sandbox(environ: Mapping[str, str], keys: Mapping[str, str]) -> bool:
    value = _value(environ, "IMAGEWRIGHT_SANDBOX").lower()
    if value and value not in _YES | _NO:
        raise SettingsError("IMAGEWRIGHT_SANDBOX takes 1 (always), 0 (never), or nothing (when no key is set).")
    return value in _YES or (not keys and value not in _NO)


def _publish(environ: Mapping[str, str]) -> bool:
    value = _value(environ, "IMAGEWRIGHT_PUBLISH").lower()
    if value not in {"", "allow"}:
        raise SettingsError("IMAGEWRIGHT_PUBLISH takes allow (publish without asking), or nothing.")
    return value == "allow"


def _amounts(
    environ: Mapping[str, str],
    providers: Mapping[str, Provider],
    pattern: str,
    read: Callable[[str], T | None],
    takes: str,
) -> dict[str, T]:
    found: dict[str, T] = {}
    for slug, provider in providers.items():
        name = pattern.format(slug.upper())
        if value := _value(environ, name):
            said = read(value)
            if said is None:
                raise SettingsError(f"{name} takes {takes}, in {provider.name}'s unit ({provider.unit}).")
            found[slug] = said
    return found


def _handover(environ: Mapping[str, str]) -> float:
    value = _value(environ, "IMAGEWRIGHT_HANDOVER_SECONDS")
    if not value:
        return HANDOVER_SECONDS
    if not value.isdecimal() or not 1 <= int(value) <= _LONGEST_HANDOVER_SECONDS:
        raise SettingsError(
            f"IMAGEWRIGHT_HANDOVER_SECONDS takes 1 to {_LONGEST_HANDOVER_SECONDS} whole seconds: a little less than "
            f"what your client waits for a tool."
        )
    return float(value)


def _keep_only(environ: Mapping[str, str]) -> str | None:
    value = _value(environ, "IMAGEWRIGHT_KEEP").lower()
    if value and not _FORMAT.fullmatch(value):
        raise SettingsError("IMAGEWRIGHT_KEEP takes all (every format of a picture), or one such as webp.")
    return None if value in {"", "all"} else value


def _library_bytes(environ: Mapping[str, str]) -> int:
    value = _value(environ, "IMAGEWRIGHT_LIBRARY_MAX")
    size = _SIZE.fullmatch(value)
    if value and not size:
        raise SettingsError("IMAGEWRIGHT_LIBRARY_MAX takes a size such as 500 MB or 5 GB.")
    return int(size[1]) * 1000 ** (" MGT".index(size[2].upper()) + 1) if size else LIBRARY_BYTES


def _preview(environ: Mapping[str, str]) -> PreviewMode:
    value = _value(environ, "IMAGEWRIGHT_PREVIEW").lower()
    if value in _NO:
        return "off"
    if value in _YES:
        return "on"
    if value not in {"", "auto"}:
        raise SettingsError("IMAGEWRIGHT_PREVIEW takes auto (where the client is known to show pictures), on or off.")
    return "auto"


def _preview_bytes(environ: Mapping[str, str]) -> int:
    value = _value(environ, "IMAGEWRIGHT_PREVIEW_KB")
    if value and not (value.isdecimal() and 1 <= int(value) <= _MOST_PREVIEW_KB):
        raise SettingsError(f"IMAGEWRIGHT_PREVIEW_KB takes 1 to {_MOST_PREVIEW_KB}: kilobytes of base64 a result.")
    return int(value) * 1000 if value else PREVIEW_BYTES


def _one_of(environ: Mapping[str, str], name: str, words: Any) -> Any:
    """Return one of the words of a `Literal`; None where nothing is set."""
    value = _value(environ, name).lower()
    if value and value not in get_args(words):
        raise SettingsError(f"{name} takes {', '.join(get_args(words))}, or nothing.")
    return value or None


def _token(environ: Mapping[str, str]) -> str | None:
    value = _value(environ, "IMAGEWRIGHT_TOKEN")
    if value and not is_token(value):
        raise SettingsError(
            "IMAGEWRIGHT_TOKEN takes at least 16 letters, digits and characters of -._~+/ that nobody can guess. Leave "
            "it out, and a token is made and kept for you."
        )
    return value or None


def _oauth(environ: Mapping[str, str]) -> OAuth | None:
    names = (
        "IMAGEWRIGHT_OAUTH_ISSUER",
        "IMAGEWRIGHT_OAUTH_AUDIENCE",
        "IMAGEWRIGHT_OAUTH_JWKS_URL",
        "IMAGEWRIGHT_OAUTH_SCOPES",
    )
    said = {name: value for name in names if (value := _value(environ, name))}
    issuer, audience, jwks_url, scopes = (said.get(name) for name in names)
    if not issuer:
        if said:
            raise SettingsError(f"{next(iter(said))} needs {names[0]}.")
        return None
    for name, url in ((names[0], issuer), (names[2], jwks_url or issuer)):
        parts = urlsplit(url if origin(url) else "")
        is_near = parts.scheme == "http" and is_private_name(parts.hostname or "")
        if not (parts.hostname and (parts.scheme == "https" or is_near)):
            raise SettingsError(f"{name} must be an https URL: over http keys could be forged.")
    return OAuth(issuer, audience, jwks_url, tuple((scopes or "").replace(",", " ").split()))


def _calls(environ: Mapping[str, str], name: str, default: int) -> int:
    value = _value(environ, name)
    if value and not (value.isdecimal() and 1 <= int(value) <= _MOST_CALLS):
        raise SettingsError(f"{name} takes 1 to {_MOST_CALLS}: generations that are drawn at once.")
    return int(value) if value else default


def _rate_each(environ: Mapping[str, str]) -> Rate | None:
    value = _value(environ, "IMAGEWRIGHT_RATE_EACH")
    said = rate(value) if value else None
    if value and said is None:
        raise SettingsError("IMAGEWRIGHT_RATE_EACH takes a whole number a minute or an hour, such as 120/minute.")
    return said


def is_token(text: str) -> bool:
    """Return whether a text can be a token: one that an HTTP header carries, and that nobody guesses."""
    return _TOKEN.fullmatch(text) is not None
