"""What a client that can only open pages is told where the user wants to be asked."""

import pytest
from mcp import Client
from mcp.types import ElicitationCapability, ElicitRequestParams, ElicitResult, UrlElicitationCapability

from imagewright.app import build_server
from imagewright.settings import load
from tests.agent import Era
from tests.faults.bank import Bank
from tests.faults.customer import Customer, draw, meaning


@pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
async def test_a_client_that_only_opens_pages_is_refused_like_one_that_cannot_ask(
    era: Era, bank: Bank, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It declares `url` alone, so a form would be an error of the protocol: it gets the text that says what to do."""

    def only_pages(**_: object) -> ElicitationCapability:
        return ElicitationCapability(url=UrlElicitationCapability())

    # The SDK's client declares both ways as soon as it can do one.
    monkeypatch.setattr("mcp.client.session.types.ElicitationCapability", only_pages)
    customer.environ["IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS"] = "1"
    questions: list[ElicitRequestParams] = []

    async def person(context: object, params: ElicitRequestParams) -> ElicitResult:
        del context
        questions.append(params)
        return ElicitResult(action="accept", content={"draw": True})

    server = build_server(load(customer.environ))
    async with Client(server, mode=era, elicitation_callback=person) as client:
        result = await draw(client, "heydecks")

    assert ("not_confirmed", "no") == (result.error.get("code"), meaning(result)), result.text
    assert ([], 0) == (questions, bank.ledger.sent("heydecks"))
    assert "raise IMAGEWRIGHT_CONFIRM_ABOVE_HEYDECKS" in result.text
