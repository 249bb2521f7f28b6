"""What a caller may ask of the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kling_pipe.plan.bound import PaperPlan
from kling_pipe.values.money import Cap, Cost


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Where services call back: `url` as they reach this machine, `port` the one that is listened on here."""

    url: str
    port: int


@dataclass(frozen=True, slots=True)
class Options:
    """Options of `plan` and `run`. `environment` is the process's own, passed in so that nothing reads it inside."""

    simulate: bool = False
    only: tuple[str, ...] = ()  # step ids; what they need above is included
    asked: Mapping[str, int] = field(default_factory=dict)  # takes that members are to have, where that is more
    max_cost: Cap | None = None
    paper: PaperPlan | None = None  # the plan that is carried out; a run that is not as it says does not begin
    agreed: Cost | None = None  # what somebody said yes to; a run that has become dearer does not begin
    jobs: int = 0  # most tasks in flight over all pools; 0 means what the pools allow
    fail_fast: bool = False
    only_fetches: bool = False  # nothing is sent that may cost money: only what was paid for before is brought here
    provider: str = ""  # profile that replaces the storyboard's, or several with commas between them
    callbacks: Callbacks | None = None
    speed: float = 20.0  # how fast simulated time runs, for the times a simulated plan tells
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles that replace the storyboard's, in order of preference; empty where its own are meant."""
        return tuple(dict.fromkeys(name.strip() for name in self.provider.split(",") if name.strip()))
