"""Watches a page of the browser: what goes wrong in it without anybody seeing, and what it reaches for."""

from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Error, Page, Request

_LOCAL = ("data:", "about:")


@dataclass  # without slots: Playwright keeps its wrappers on whoever listens
class Watch:
    """What was seen: `errors` on the console (a refusal of the policy is one) and in scripts; every request."""

    errors: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])

    def on(self, page: Page) -> None:
        """Watch this page from now on."""
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)

    def elsewhere(self, origin: str) -> list[str]:
        """The requests that left an origin."""
        return [one for one in self.requests if not one.startswith((f"{origin}/", *_LOCAL))]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _failed(self, error: Error) -> None:
        self.errors.append(str(error))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
