"""The library's verbs as the commands call them, each loaded when it is called; tests hand in their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kling_pipe.api.accounts import Account
    from kling_pipe.api.binding import PaperPlan
    from kling_pipe.api.checking import Checked
    from kling_pipe.api.choosing import Choice, TakeRow
    from kling_pipe.api.diff import DiffReport
    from kling_pipe.api.doctor import DoctorLine
    from kling_pipe.api.freezing import Frozen
    from kling_pipe.api.library import Library
    from kling_pipe.api.options import Options
    from kling_pipe.api.picturing import Pictured
    from kling_pipe.api.planning import PlanResult
    from kling_pipe.api.quoting import QuoteResult
    from kling_pipe.api.running import StopSwitch, World
    from kling_pipe.api.settling import Decision
    from kling_pipe.api.showing import Shown
    from kling_pipe.api.spending import Spending
    from kling_pipe.api.status import StatusReport
    from kling_pipe.api.verifying import Verified
    from kling_pipe.api.why import WhyReport
    from kling_pipe.api.workspace import Workspace
    from kling_pipe.errors import Problem
    from kling_pipe.events import Event, RunEnded
    from kling_pipe.values.claim import JobRow
    from kling_pipe.values.reconciliation import Reconciliation


class Verbs:
    """One method a verb, with the verb's own arguments."""

    def open_workspace(self, path: str, environment: Mapping[str, str]) -> Workspace:
        from kling_pipe.api.workspace import open_workspace

        return open_workspace(path, environment)

    def check(self, path: str, options: Options) -> Checked:
        from kling_pipe.api.checking import check

        return check(path, options)

    def show(self, path: str, options: Options) -> Shown:
        from kling_pipe.api.showing import show

        return show(path, options)

    def show_resolved(self, path: str, options: Options) -> Shown:
        from kling_pipe.api.showing import show_resolved

        return show_resolved(path, options)

    def plan(self, path: str, options: Options) -> PlanResult:
        from kling_pipe.api.planning import plan

        return plan(path, options)

    def quote(self, path: str, options: Options, *, every: bool) -> QuoteResult:
        from kling_pipe.api.quoting import quoted

        return quoted(path, options, every=every)

    async def quote_by_services(self, path: str, options: Options, *, every: bool) -> QuoteResult:
        from kling_pipe.api.asking import quoted_by_services

        return await quoted_by_services(path, options, every=every)

    def picture(self, path: str, options: Options, *, with_thumbnails: bool) -> Pictured:
        from kling_pipe.api.picturing import picture

        return picture(path, options, with_thumbnails=with_thumbnails)

    def plan_on_paper(self, path: str, options: Options, output: str) -> PlanResult:
        from kling_pipe.api.binding import plan_on_paper

        return plan_on_paper(path, options, output)

    def read_paper(self, path: str) -> PaperPlan | None:
        """The plan in a file, or None where it is a storyboard."""
        from kling_pipe.api.binding import read_paper

        return read_paper(path)

    def stop_switch(self) -> StopSwitch:
        from kling_pipe.api.running import StopSwitch

        return StopSwitch()

    async def run(
        self,
        path: str,
        options: Options,
        listen: Callable[[Event], None],
        stop: StopSwitch,
        world: World | None = None,
    ) -> RunEnded:
        from kling_pipe.api.running import run

        return await run(path, options, listen, stop, world)

    def simulated_world(self, home: str, speed: float) -> AbstractContextManager[World]:
        """The world that `run --simulate` swaps in."""
        from kling_pipe.commands.simulation import simulated_world

        return simulated_world(home, speed)

    def status(self, path: str, options: Options) -> StatusReport:
        from kling_pipe.api.status import status

        return status(path, options)

    def why(self, path: str, address: str, options: Options) -> WhyReport:
        from kling_pipe.api.why import why

        return why(path, address, options)

    def diff(self, path: str, revisions: str, options: Options) -> DiffReport:
        from kling_pipe.api.diff import diff

        return diff(path, revisions, options)

    def frozen(self, path: str, options: Options) -> Frozen:
        from kling_pipe.api.freezing import frozen

        return frozen(path, options)

    def verify(self, path: str, options: Options) -> Verified:
        from kling_pipe.api.verifying import verify

        return verify(path, options)

    def pick(self, path: str, word: str, take: int, options: Options) -> Choice:
        from kling_pipe.api.choosing import pick

        return pick(path, word, take, options)

    def takes(self, path: str, word: str, options: Options) -> tuple[TakeRow, ...]:
        from kling_pipe.api.choosing import takes

        return takes(path, word, options)

    def sheet(self, rows: Sequence[TakeRow], target: str) -> int:
        from kling_pipe.api.choosing import sheet

        return sheet(rows, target)

    def another(self, path: str, word: str, options: Options) -> dict[str, int]:
        from kling_pipe.api.choosing import another

        return another(path, word, options)

    def accept(self, path: str, word: str, options: Options) -> Choice:
        from kling_pipe.api.choosing import accept

        return accept(path, word, options)

    def forget_acceptance(self, path: str, word: str, options: Options) -> Choice:
        from kling_pipe.api.choosing import forget_acceptance

        return forget_acceptance(path, word, options)

    def settle(
        self, path: str, step: str, decision: Decision, options: Options, task_id: str, job_id: str
    ) -> tuple[JobRow, ...]:
        from kling_pipe.api.settling import settle

        return settle(path, step, decision, options, task_id, job_id)

    def state_folder(self, folder: str, options: Options) -> str:
        """The state folder of the project a folder belongs to."""
        from kling_pipe.api.workspace import home_of, open_project

        return home_of(open_project(folder)[0], options.environment)

    async def account(self, folder: str, options: Options, world: World | None) -> Account:
        from kling_pipe.api.accounts import account

        return await account(folder, options, world)

    async def library(self, folder: str, options: Options, world: World | None) -> Library:
        from kling_pipe.api.library import library

        return await library(folder, options, world)

    def spending(self, folder: str, options: Options, since: float) -> Spending:
        from kling_pipe.api.spending import spending

        return spending(folder, options, since)

    async def reconcile(
        self,
        paths: Sequence[str],
        options: Options,
        listen: Callable[[Event], None],
        stop: StopSwitch,
        world: World | None,
        *,
        since: float,
        only_looks: bool,
    ) -> Reconciliation:
        from kling_pipe.api.reconciling import reconcile

        return await reconcile(paths, options, listen, stop, world, since=since, only_looks=only_looks)

    def models(self, options: Options, kind: str, provider: str) -> tuple[Any, ...]:
        from kling_pipe.api.models import models

        return models(options, kind=kind, provider=provider)

    def service_codes(self) -> tuple[tuple[str, str], ...]:
        """The codes that services say themselves."""
        from kling_pipe.api.codes import service_codes

        return service_codes()

    def broken_providers(self) -> tuple[Problem, ...]:
        """The plug-ins that were looked for and cannot be used."""
        from kling_pipe.api.profiles import broken_providers

        return broken_providers()

    def explain(self, options: Options, name: str, provider: str) -> Any:
        from kling_pipe.api.models import explain

        return explain(options, name, provider)

    async def doctor(self, folder: str, options: Options) -> tuple[DoctorLine, ...]:
        from kling_pipe.api.doctor import doctor

        return await doctor(folder, options)
