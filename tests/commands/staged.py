"""Verbs that answer as a library would, without any: what a command makes of them is what is tested."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from kling_pipe.api.options import Options
from kling_pipe.commands.verbs import Verbs
from kling_pipe.errors import Problem
from kling_pipe.events import Event, RunEnded
from kling_pipe.plan.plan import Plan
from kling_pipe.story.project import Project
from kling_pipe.values.money import Cost


@dataclass
class StagedChecked:
    problems: tuple[Problem, ...] = ()
    steps: int = 2
    members: int = 2
    storyboard: object = None
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class StagedPlan:
    plan: Plan
    problems: tuple[Problem, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    lacking: None = None


@dataclass
class StagedWorkspace:
    home: str
    project: Project


@dataclass
class StagedMember:
    address: str
    standing: str
    kind: str = "text-to-image"
    model: str = "kling-v3"
    takes_done: int = 1
    takes: int = 1
    provider_status: str = ""
    task_id: str = ""
    external_id: str = ""
    age_seconds: float = 0.0
    cost: Cost = Cost()
    digest: str = ""
    message: str = ""


@dataclass
class StagedStatus:
    members: tuple[StagedMember, ...]
    spent: Cost = Cost()
    deliveries: tuple[tuple[str, str], ...] = ()
    doubted: tuple[Any, ...] = ()


@dataclass
class StagedFinding:
    name: str
    state: str
    text: str
    hint: str = ""
    exit_code: int = 1


class StagedSwitch:
    def __init__(self) -> None:
        self.stopped = 0

    def stop(self) -> None:
        self.stopped += 1


class StagedVerbs(Verbs):
    """Each verb returns what the test put on the stage; `asked` remembers the options."""

    def __init__(self, home: str = "", **stage: Any) -> None:
        self.home = home
        self.stage = stage
        self.asked: list[Options] = []
        self.ran = 0
        self.switch = StagedSwitch()

    def open_workspace(self, path: str, environment: Any) -> Any:
        above = self.stage.get("confirm_above")
        return StagedWorkspace(self.home, Project(root=self.home, budget=self.stage.get("budget"), confirm_above=above))

    def check(self, path: str, options: Options) -> Any:
        return self.stage["checked"]

    def plan(self, path: str, options: Options) -> Any:
        self.asked.append(options)
        return StagedPlan(self.stage["plan"])

    def plan_on_paper(self, path: str, options: Options, output: str) -> Any:
        self.asked.append(options)
        self.output = output
        return StagedPlan(self.stage["plan"])

    def read_paper(self, path: str) -> Any:
        return self.stage.get("paper")

    def stop_switch(self) -> Any:
        return self.switch

    async def run(
        self, path: str, options: Options, listen: Callable[[Event], None], stop: Any, world: Any = None
    ) -> RunEnded:
        self.asked.append(options)
        self.ran += 1
        events: tuple[Event, ...] = self.stage["events"]
        for event in events:
            listen(event)
        ending = events[-1]
        assert isinstance(ending, RunEnded)
        return ending

    def simulated_world(self, home: str, speed: float) -> Any:
        return nullcontext(object())

    def status(self, path: str, options: Options) -> Any:
        return self.stage["status"]

    def state_folder(self, folder: str, options: Options) -> str:
        return self.home

    def spending(self, folder: str, options: Options, since: float) -> Any:
        self.asked.append(options)
        self.since = since
        return self.stage["spending"]

    async def account(self, folder: str, options: Options, world: Any) -> Any:
        self.asked.append(options)
        return self.stage["account"]

    async def reconcile(
        self,
        paths: Any,
        options: Options,
        listen: Callable[[Event], None],
        stop: Any,
        world: Any,
        *,
        since: float,
        only_looks: bool,
    ) -> Any:
        self.asked.append(options)
        self.since = since
        return self.stage["reconciliation"]

    async def doctor(self, folder: str, options: Options) -> Any:
        return self.stage["findings"]
