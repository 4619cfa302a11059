"""A client before a server whose vendors are the bank, and what an answer means for the money."""

from dataclasses import dataclass, field
from typing import Any

from mcp import Client

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Era, Result
from tests.faults.ledger import Charge


@dataclass(frozen=True, slots=True)
class Customer:
    """Each connection is to a new server; they share nothing but the data folder."""

    era: Era
    environ: dict[str, str] = field(default_factory=dict[str, str])

    def connect(self) -> Client:
        """Return a client of a new server with these settings."""
        return Client(build_server(load(self.environ)), mode=self.era)

    async def draw(self, provider: str, **arguments: Any) -> Result:
        """Call `generate_image` at a new server, with a prompt if none is given."""
        async with self.connect() as client:
            return await draw(client, provider, **arguments)


async def draw(client: Client, provider: str, **arguments: Any) -> Result:
    """Call `generate_image`, with a prompt if none is given."""
    asked: dict[str, Any] = {"prompt": "a fox", "provider": provider, **arguments}
    return Result(await client.call_tool("generate_image", asked))


def meaning(result: Result) -> str:
    """Return the status of a success, or what an error says of the money: "no", "maybe" or "yes"."""
    return str(result.error.get("charged") if result.is_error else result.structured["status"])


def generation_of(result: Result) -> str | None:
    """Return the generation that an answer, good or bad, speaks of."""
    return (result.error if result.is_error else result.structured).get("generation_id")


def shows(result: Result, charge: Charge) -> bool:
    """Whether an answer names every picture that was paid with a charge."""
    said = " ".join([*result.structured.get("urls", []), *result.structured.get("media_ids", [])])
    return bool(charge.picture_ids) and all(one in said for one in charge.picture_ids)
