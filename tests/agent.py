"""An MCP client before our server, and what a tool answered, taken apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from mcp import Client
from mcp.types import CallToolResult, TextContent

from imagewright.app import build_server
from imagewright.providers import all_providers
from imagewright.settings import load
from tests.scripted import Scripted

KEYS = {
    "heydecks": "hd_live_abc12345_secretsecret",
    "theo": "theo_sk_secretsecret",
    "posteverywhere": "pe_live_0123456789abcdef0123456789abcdef",
    "depicta": "dpct_secretsecretsecretsecretsecretsecretsecret",
}

Era = Literal["2026-07-28", "legacy"]


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool answered, taken apart; `structured` is empty where there is none."""

    raw: CallToolResult

    @property
    def is_error(self) -> bool:
        """Whether the tool reports an error."""
        return bool(self.raw.is_error)

    @property
    def text(self) -> str:
        """All that a client without structured content shows."""
        return "\n".join(block.text for block in self.raw.content if isinstance(block, TextContent))

    @property
    def structured(self) -> dict[str, Any]:
        """All that a client with structured content shows."""
        return cast("dict[str, Any]", self.raw.structured_content or {})

    @property
    def error(self) -> dict[str, Any]:
        """The facts of an error, for programs."""
        return cast("dict[str, Any]", (self.raw.meta or {}).get("imagewright/error", {}))

    @property
    def everything(self) -> str:
        """All that goes to the client, as one text."""
        return json.dumps(self.raw.model_dump(mode="json", by_alias=True), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Agent:
    """An MCP client before a server with the given providers configured, each answered by its own script."""

    era: Era
    scripts: Mapping[str, Scripted]
    environ: dict[str, str] = field(default_factory=dict[str, str])

    def configure(self, *slugs: str) -> None:
        """Set keys and base URLs of these providers, and of no others."""
        home = self.environ.get("IMAGEWRIGHT_HOME")
        self.environ.clear()
        self.environ.update({"IMAGEWRIGHT_HOME": home} if home else {})
        for slug in slugs:
            self.environ[all_providers()[slug].key_env] = KEYS[slug]
            self.environ[f"IMAGEWRIGHT_{slug.upper()}_BASE_URL"] = self.scripts[slug].url

    def connect(self) -> Client:
        """Return a client of a new server with these settings."""
        return Client(build_server(load(self.environ)), mode=self.era)

    async def call(self, tool: str, **arguments: object) -> Result:
        """Call a tool of a new server."""
        async with self.connect() as client:
            return Result(await client.call_tool(tool, arguments))

    async def draw(self, provider: str = "auto", /, **arguments: object) -> Result:
        """Call `generate_image` with a prompt, if none is given."""
        return await self.call("generate_image", **{"prompt": "a fox", "provider": provider, **arguments})

    @property
    def sent(self) -> int:
        """How many requests all providers have seen."""
        return sum(len(one.seen) for one in self.scripts.values())
