"""A task of the simulated world and its one bill row; where a task stands is a function of the time alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from kling_pipe.simulator.studio import MediaOrder
from kling_pipe.values.job import Phase


class Fate(StrEnum):
    """How a task will end; settled when it is made."""

    SUCCEEDS = "succeeds"
    MODERATED = "moderated"  # fails for what it shows
    FAILS = "fails"
    STUCK = "stuck"  # runs for ever and keeps its slots


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """What a service asks the world to make. `seconds` is how long such a task typically takes."""

    account: str
    service: str
    product: str  # pool and pack: image, video, audio
    endpoint: str  # the create path
    model: str
    units: Decimal
    seconds: float
    outputs: tuple[MediaOrder, ...]
    external_id: str = ""
    slots: int = 1
    details: Mapping[str, str] = field(default_factory=dict)  # words for the bill: resolution, duration, …
    watermark: bool = False
    at_once: bool = False  # a synchronous call: ended when it is answered, with no place taken and no late fault
    topic: str = ""  # what it is about beyond itself: a session that other calls go on with, a thing that it takes away
    callback_url: str = ""  # who wants to hear of every change
    currency: str = "units"  # what `units` are: a pack's units, or a money such as USD that a balance is kept in
    lifetime: float = 0.0  # simulated seconds that the addresses of its files live; 0 means the world's own
    unbilled: bool = False  # something kept rather than made: it costs nothing and is on no bill
    name: str = ""  # the id by which the service tells of it, where that is not the world's own

    @property
    def prompt(self) -> str:
        """What was asked for, by which a person recognizes a task in a service's console."""
        return str(getattr(self.outputs[0], "prompt", "")) if self.outputs else ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task that exists. Times are simulated seconds; `ends` is infinite for one that is stuck."""

    id: str
    number: int  # counts from 1 in the order of creation
    order: TaskOrder
    created: float
    starts: float
    ends: float
    fate: Fate
    files: tuple[str, ...]  # names of the results in the world's folder

    def phase(self, now: float) -> Phase:
        """Where the task stands at a moment."""
        if now < self.starts:
            return Phase.QUEUED
        if now < self.ends:
            return Phase.RUNNING
        return Phase.SUCCEEDED if self.fate is Fate.SUCCEEDS else Phase.FAILED

    def updated(self, now: float) -> float:
        """When the phase last changed."""
        return max(moment for moment in (self.created, self.starts, self.ends) if moment <= now)

    def charged(self, now: float) -> Decimal:
        """The units the task costs: nothing once it has failed (native page, D24 leaves that open)."""
        return Decimal(0) if self.phase(now) is Phase.FAILED else self.order.units

    def bill(self, now: float, stamp: float) -> dict[str, object]:
        """The task's row in the simulator's own ledger."""
        order = self.order
        return {
            "external_id": order.external_id,
            "task_id": order.name or self.id,
            "service": order.service,
            "account": order.account,
            "product": order.product,
            "endpoint": order.endpoint,
            "model": order.model,
            "prompt": order.prompt,
            "units": str(order.units),
            "currency": order.currency,
            "charged": str(self.charged(now)),
            "created": stamp,
        }
