"""The models: what they can do and cost, GET /v1/models and GET /v1/pricing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from imagewright.sandbox.call import Call
from imagewright.sandbox.depicta.errors import invalid
from imagewright.sandbox.vendor import Refused, Reply, json_reply

# No source tells the pixels of a size: 1K is about 1024 x 1024 here, and so on. Nor what a size costs.
AREAS: Final[Mapping[str, int]] = {"1K": 1024 * 1024, "2K": 2048 * 2048, "4K": 4096 * 4096}
_SIZE_FACTORS: Final[Mapping[str, Decimal]] = {"1K": Decimal(1), "2K": Decimal(2), "4K": Decimal(4)}


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the catalogue. `cost_eur` is of an image of size 1K."""

    model_id: str
    name: str
    alias: str
    cost_eur: Decimal
    sizes: tuple[str, ...]
    can_edit: bool
    supports_multiturn: bool
    economy: bool = False  # open to a balance under EUR 0.50; how the API shows it is nowhere said

    def price(self, size: str) -> Decimal:
        """What an image of a size costs, in EUR."""
        return self.cost_eur * _SIZE_FACTORS[size]

    def as_json(self) -> dict[str, Any]:
        """A row of GET /v1/models: the fields that the client 1.3.0 reads, supports_multiturn of the story page."""
        return {
            "id": self.model_id,
            "name": self.name,
            # The table of depicta.ai/docs/concepts/models has a column Alias; its field's name is nowhere said.
            "alias": self.alias,
            "can_generate": True,
            "can_edit": self.can_edit,
            "supports_multiturn": self.supports_multiturn,
            "image_sizes": list(self.sizes),
            "approximate_cost_eur": f"{self.cost_eur:.6f}",
        }


# The list itself is nowhere stored. Known are the id and price of the first (the client's reference, EUR 0.048), the
# alias of the second and an image for EUR 0.045 (getting-started page). The rest is ours, and its names say so.
MODELS: Final[tuple[Model, ...]] = (
    Model(
        "gemini-2.5-flash-image",
        "Gemini 2.5 Flash Image",
        "gemini-flash",
        Decimal("0.048"),
        ("1K", "2K"),
        can_edit=True,
        supports_multiturn=True,
    ),
    Model(
        "sandbox-flux",
        "Flux (sandbox)",
        "flux",
        Decimal("0.045"),
        ("1K", "2K"),
        can_edit=True,
        supports_multiturn=False,
    ),
    Model(
        "sandbox-economy",
        "Economy (sandbox)",
        "economy",
        Decimal("0.010"),
        ("1K", "2K"),
        can_edit=False,
        supports_multiturn=False,
        economy=True,
    ),
    Model(
        "sandbox-premium",
        "Premium (sandbox)",
        "premium",
        Decimal("0.120"),
        ("1K", "2K", "4K"),
        can_edit=True,
        supports_multiturn=True,
    ),
)
_BY_NAME: Final[Mapping[str, Model]] = {name: model for model in MODELS for name in (model.model_id, model.alias)}
# What the service chooses where no model is sent: the price of the getting-started page's answer is this one's.
CHOSEN: Final = "sandbox-flux"
CHOSEN_FOR_STORIES: Final = "gemini-2.5-flash-image"


def find(call: Call, name: str) -> Model:
    """The model of an id or alias that this account may use.

    Raises:
        Refused: There is none, or the account may not use it.
    """
    model = _BY_NAME.get(name)
    if model is None:
        raise _unknown(call, name)
    allowed = call.account.facts["allowed_models"]
    if allowed is not None and model.model_id not in allowed:
        raise Refused(403, "model_not_allowed", f"{model.model_id} is not in allowed_models of this account.")
    return model


def not_capable(model: Model, what: str) -> Refused:
    """The model does not do it (depicta.ai/docs/api/operations/generatestory names the code)."""
    return Refused(422, "model_not_capable", f"{model.model_id} does not support {what}. See GET /v1/models.")


def list_models(call: Call) -> Reply:
    """GET /v1/models."""
    rows = [model.as_json() for model in MODELS]
    return json_reply(rows if call.switch("models_list") == "array" else {"models": rows})


def pricing(_: Call) -> Reply:
    """GET /v1/pricing, open to all. No source shows its body: the approximate prices, under the names of the list."""
    rows = [
        {"id": model.model_id, "name": model.name, "approximate_cost_eur": f"{model.cost_eur:.6f}"} for model in MODELS
    ]
    return json_reply({"currency": "EUR", "models": rows})


def _unknown(call: Call, name: str) -> Refused:
    reading = call.switch("unknown_model")
    if reading == "not_found":
        return Refused(404, "not_found", f"There is no model {name}. See GET /v1/models.")
    if reading == "model_not_allowed":
        return Refused(403, "model_not_allowed", f"{name} is not in allowed_models of this account.")
    return invalid(call, {"model": "is not a model of GET /v1/models"})
