"""Where each provider is called and as whom, and which can be called at all: the settings, or the sandbox."""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from imagewright.errors import ImagewrightError, NotConfiguredError
from imagewright.models import Endpoint
from imagewright.provider import Provider
from imagewright.providers import all_providers
from imagewright.settings import Settings
from imagewright.text import listing


@dataclass(frozen=True, slots=True)
class SandboxDoor:
    """Where a running sandbox is called, and the origins of the picture URLs that it hands out."""

    url: str
    origins: frozenset[str]


@dataclass(frozen=True, slots=True)
class Door:
    """Where a provider is called, and the origins that may be private because the user, or the sandbox, set them."""

    endpoint: Endpoint
    trusted_origins: frozenset[str]
    is_sandbox: bool = False

    @property
    def account(self) -> str:
        """A mark of the key and address, from which neither can be told; the sandbox's address changes every time."""
        where = "sandbox" if self.is_sandbox else self.endpoint.base_url
        return hashlib.sha256(f"{where}\n{self.endpoint.key}".encode()).hexdigest()[:16]


class Doors:
    """One for a server. Nothing is opened before the first call that needs it."""

    def __init__(self, settings: Settings, open_sandbox: Callable[[], Awaitable[SandboxDoor]]) -> None:
        """Keep what is needed."""
        self._settings = settings
        self._open_sandbox = open_sandbox

    @property
    def sandboxed(self) -> bool:
        """Whether calls go to the built-in sandbox."""
        return self._settings.sandbox

    def providers(self) -> list[Provider]:
        """Return every provider in the order in which the user prefers them."""
        known = all_providers()
        return [known[slug] for slug in dict.fromkeys((*self._settings.order, *known))]

    def configured(self) -> frozenset[str]:
        """Return the slugs of the providers that can be called."""
        return frozenset(all_providers() if self._settings.sandbox else self._settings.keys)

    async def open(self, provider: Provider) -> Door:
        """Return the way to a provider; in the sandbox this starts it, the first time.

        Raises:
            NotConfiguredError: Its key is not set.
        """
        if self._settings.sandbox:
            sandbox = await self._open_sandbox()
            return Door(
                Endpoint(f"{sandbox.url}/{provider.slug}", provider.sandbox_key), sandbox.origins, is_sandbox=True
            )
        endpoint = self._settings.endpoint(provider)
        if endpoint is None:
            raise NotConfiguredError(
                f"{provider.name} is not configured. Set {provider.key_env} and start the server again."
            )
        return Door(endpoint, self._settings.trusted_origins)

    async def trusted(self, slug: str) -> frozenset[str]:
        """Return the origins at which a provider's pictures may be, though they are not public."""
        with suppress(ImagewrightError):  # one that has no key any more is trusted with no private address
            return (await self.open(all_providers()[slug])).trusted_origins
        return frozenset()

    def notice(self, provider: Provider) -> str | None:
        """Return what a result must say where the sandbox stands in for the provider."""
        if not self._settings.sandbox:
            return None
        remedies = [] if provider.slug in self._settings.keys else [f"set {provider.key_env}"]
        remedies += ["unset IMAGEWRIGHT_SANDBOX"] if self._settings.keys else []
        return (
            f"This is imagewright's built-in sandbox, not {provider.name}: no money is spent, and its URLs work "
            f"while imagewright runs. For the real one, {listing(remedies)} and start the server again."
        )
