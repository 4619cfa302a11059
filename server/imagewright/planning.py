"""Finds the provider that is to draw, first and after one could not, and what its calls should cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from imagewright.budgets import Budget
from imagewright.catalogue import Catalogue
from imagewright.choosing import AUTO, Choice, choose, estimate, parts
from imagewright.doors import Doors
from imagewright.errors import (
    AccessError,
    BudgetError,
    BusyError,
    CreditsError,
    GenerationFailedError,
    ImagewrightError,
    KeyRefusedError,
    NotSentError,
    OriginError,
    PausedError,
    RateLimitError,
    RequestError,
    TooEarlyError,
)
from imagewright.holding import Draft
from imagewright.models import Ask, Money, Plan
from imagewright.providers import all_providers
from imagewright.settings import Settings

# Certainly free of charge, and no judgement on what was asked for: another provider may do better. A refused prompt is
# not offered around, and a call that was proven absent is repeated only by the caller.
_ELSEWHERE = (
    NotSentError,
    KeyRefusedError,
    AccessError,
    CreditsError,
    RateLimitError,
    GenerationFailedError,
    PausedError,
    TooEarlyError,
    BudgetError,
    BusyError,
)
_UNAVAILABLE = 503
_APPROXIMATE = Decimal("1.25")  # what is held for a price that the vendor calls approximate, for each unit of it


@dataclass(frozen=True, slots=True)
class Planner:
    """One for a server."""

    settings: Settings
    doors: Doors
    catalogue: Catalogue

    async def first(self, ask: Ask) -> Choice:
        """Return who is to draw.

        Raises:
            RequestError: Nobody, or not the named provider, can serve the request.
        """
        await self.catalogue.learn(ask.request, ask.provider)
        return self.choose(ask)

    def choose(self, ask: Ask) -> Choice:
        """Return who is to draw as far as can be told without asking anybody.

        Raises:
            RequestError: Nobody, or not the named provider, can serve the request.
        """
        return choose(ask.provider, ask.request, self.doors.providers(), self.doors.configured(), self.catalogue.live)

    def next(self, ask: Ask, tried: frozenset[str], errors: Sequence[ImagewrightError]) -> Choice | None:
        """Return who is to draw after those that were tried could not, with `errors`; None for nobody.

        Every one of the errors must be certainly free of charge and no judgement on what was asked for.

        That is for the caller to allow, by leaving the choice to `auto`. Nobody is taken who would need a question.
        """
        if ask.provider != AUTO or not all(map(_may_go_elsewhere, errors)):
            return None
        asked = {slug for slug in self.doors.configured() - tried if self._needs_question(slug, ask)}
        left = [one for one in self.doors.providers() if one.slug not in tried | asked]
        configured = self.doors.configured() - tried - asked
        if not configured:
            return None
        try:
            choice = choose(AUTO, ask.request, left, configured, self.catalogue.live)
        except RequestError:
            return None
        names = " and ".join(one.name for one in self.doors.providers() if one.slug in tried)
        why = f"auto went on to {choice.provider.name}, because {names} could not: {errors[0]}"
        return Choice(choice.provider, choice.request, choice.warnings, why)

    def drafts(self, choice: Choice, account: str = "") -> list[Draft]:
        """Return the calls that a choice comes to, at the account that `Door.account` names."""
        provider, margin = choice.provider, self._margin(choice)
        requests = [replace(choice.request, count=count) for count in parts(choice.request.count, provider.max_count)]
        prices = [estimate(provider, request, self.catalogue.live) for request in requests]
        return [
            Draft(
                provider.slug,
                request.model,
                request.count,
                price.amount if price else None,
                provider.unit,
                margin,
                account,
                request.size,
            )
            for request, price in zip(requests, prices, strict=True)
        ]

    def budget(self, choice: Choice) -> Budget | None:
        """Return what the user allows to be spent at a chosen provider, None for no limit."""
        return self.settings.budgets.get(choice.provider.slug)

    def budget_each(self, choice: Choice) -> Budget | None:
        """Return what the user allows one principal to spend there, None for no limit."""
        return self.settings.budgets_each.get(choice.provider.slug)

    def cost(self, choice: Choice) -> Money | None:
        """Return what a choice should cost, None where no source says."""
        return estimate(choice.provider, choice.request, self.catalogue.live)

    def question(self, choice: Choice) -> str | None:
        """Return what the user wants to be asked before this is spent, None for nothing."""
        provider, limit = choice.provider, self.settings.confirm_above.get(choice.provider.slug)
        cost = self.cost(choice)
        if limit is None or (cost and cost.amount <= limit):
            return None
        count = choice.request.count
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        costs = (
            f"about {cost.amount:f} {cost.unit}" if cost else f"an amount in {provider.unit} that it does not publish"
        )
        return f"Draw {pictures} with {provider.name} for {costs}?"

    def _needs_question(self, slug: str, ask: Ask) -> bool:
        provider = all_providers()[slug]
        return self.question(Choice(provider, ask.request, (), "")) is not None

    def _margin(self, choice: Choice) -> Decimal:
        rows = self.catalogue.live.get(choice.provider.slug) or choice.provider.models
        model = choice.request.model
        approximate = any(row.price_note for row in rows if model in {row.model_id, row.alias})
        return _APPROXIMATE if approximate else Decimal(1)


def plan_of(choice: Choice) -> Plan:
    """Return a choice as the journal keeps it."""
    return Plan(choice.provider.slug, choice.request, choice.warnings, choice.why)


def choice_of(plan: Plan) -> Choice:
    """Return the choice that the journal kept."""
    return Choice(all_providers()[plan.provider], plan.request, plan.warnings, plan.why)


def _may_go_elsewhere(error: ImagewrightError) -> bool:
    if error.charged != "no":
        return False
    unavailable = isinstance(error, OriginError) and error.origin.status == _UNAVAILABLE
    return isinstance(error, _ELSEWHERE) or unavailable
