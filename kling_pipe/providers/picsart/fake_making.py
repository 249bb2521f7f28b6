"""What a checked payload comes to: the files it makes, what they cost and how long they take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kling_pipe.providers.picsart.fake_fields import Field, Rebuff, wrong
from kling_pipe.providers.picsart.fake_media import Desk
from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.simulator.tasks import TaskOrder

Params = Mapping[str, Any]

# Section 2: the client may ask for a copy in Picsart Drive; the command-line tool always does.
options = Field(
    "options",
    "object",
    children=(
        Field(
            "drive",
            "object",
            children=(
                Field("name"),
                Field("attributes", "anything"),
                Field("folder", "object", children=(Field("path"),)),
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Making:
    """One generation. `model` is the id of section 6, which the payload itself never holds."""

    model: str
    product: str
    credits: Decimal
    seconds: float
    outputs: tuple[MediaOrder, ...]
    details: Mapping[str, str] = field(default_factory=dict)

    def order(self, account: str, workflow: str, params: Params) -> TaskOrder:
        """The order to the world. There is no id of the client's: whoever sends twice pays twice (section 2)."""
        drive = params.get("options", {}).get("drive")
        saved = {"drive": f"{drive.get('folder', {}).get('path', '')}/{drive.get('name', '')}"} if drive else {}
        return TaskOrder(
            account=account,
            service="picsart",
            product=self.product,
            endpoint=f"/workflows/{workflow}/submit",
            model=self.model,
            units=self.credits,
            currency="credits",  # one balance for everything
            seconds=self.seconds,
            outputs=self.outputs,
            slots=len(self.outputs) if self.product == "image" else 1,
            details={**self.details, **saved},
        )


Price = Callable[[Params], Decimal]
Make = Callable[[Params, Desk], Awaitable[Making]]


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow: what its payloads cost, and what they make."""

    price: Price
    make: Make


def model_of(params: Params, models: Mapping[str, str]) -> str:
    """The id of section 6 that a payload's `model_name` stands for in its workflow."""
    name = params.get("model_name")
    if name is None:
        raise wrong("model_name is required")
    if not isinstance(name, str) or name not in models:
        raise wrong(f"model_name must be one of: {', '.join(models)}")
    return models[name]


def barred(names: tuple[str, ...], values: Mapping[str, object], reason: str) -> None:
    """Refuses parameters that cannot stand here."""
    for name in names:
        if name in values:
            raise Rebuff(400, f"{name} cannot be used {reason}")
