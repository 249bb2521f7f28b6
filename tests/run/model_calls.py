"""The modelled world with calls that carry no id: `said…` steps are one such call, `sung…` need two before a task.

A user settles what a run leaves in doubt, knowing the service's bills.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.run.commands import (
    Ask,
    ClaimJob,
    Command,
    ErrandAnswered,
    ErrandDue,
    Fetch,
    Look,
    LookOne,
    Result,
    Send,
    Sent,
)
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Job, Phase, Realm, TaskState
from kling_pipe.values.money import Cost
from tests.run.model_world import Crash, Process, Service, Task, World, transient
from tests.run.paper_plan import plan_of, tails_of

errands = ("session", "faces")
most_runs = 40


class CallService(Service):
    """Answers calls at once; each is billed as often as it is carried out."""

    calls: Counter[str]  # by external id and errand; that of a call that is all there is has none

    def call(self, job: Job, errand: str, now: float) -> TaskState | ErrandNotes | Sent:
        """The answer to a call, or one that never came."""
        if self.fault("unsent"):
            return Sent(0, replace(transient, unsent=True), errand)
        refusal = self.refusal(creates=True)
        if refusal is not None:
            return Sent(0, refusal, errand)
        self.calls[f"{job.external_id} {errand}"] += 1
        if not errand:
            name = f"call-{len(self.tasks) + 1}"
            self.tasks[name] = Task(replace(job), name, now, now)
        if self.fault("lost-after"):
            return Sent(0, transient, errand)
        if errand:
            return ErrandNotes({errand: "told"}, Cost())
        state = self.tasks[name].state(now)
        outputs = tuple(replace(output, url=f"{name} {output.url.split()[1]}") for output in state.outputs)
        return replace(state, external_id="", phase=Phase.SUCCEEDED, outputs=outputs)


@dataclass
class CallProcess(Process):
    """A run that sends errands first where they are due."""

    def _send(self, command: Send, now: float) -> Result:
        service, job = self.world.service, command.job
        assert isinstance(service, CallService)
        due = errands[len(command.told)] if job.member.startswith("sung") and len(command.told) < len(errands) else ""
        if due != command.errand:
            assert not command.errand
            return ErrandDue(command.flight, due)
        if not due and not job.member.startswith("said"):
            return Sent(command.flight, service.create(job, now, self.run))
        answer = service.call(job, due, now)
        if isinstance(answer, ErrandNotes):
            return ErrandAnswered(command.flight, due, answer)
        return Sent(command.flight, answer) if isinstance(answer, TaskState) else replace(answer, flight=command.flight)

    def _ask(self, command: Ask, now: float) -> Result:
        assert command.route.has_external_id
        return Process._ask(self, command, now)

    performers: dict[type[Command], Callable[..., Result]] = field(
        default_factory=lambda: {
            ClaimJob: Process._claim, Send: CallProcess._send, Ask: CallProcess._ask, Look: Process._look,
            LookOne: Process._look_one, Fetch: Process._fetch,
        }
    )  # fmt: skip


class CallWorld(World):
    """`repeated` counts calls that were made and sent again by the user's word."""

    def __init__(self, folder: str, lines: tuple[str, ...], seed: int, faults: frozenset[str]) -> None:
        super().__init__(folder, lines, seed, faults, None)
        self.service: CallService = CallService(self.chance, faults)
        self.service.calls = Counter()
        self.repeated: Counter[str] = Counter()
        self.doubts = 0

    def start(self, lives: int | None = None, jobs: int = 0) -> Process:
        plan = plan_of(*self.lines, made=self.made())
        members = {
            address: replace(member, route=replace(member.route, has_external_id=not address.startswith("said")))
            for address, member in plan.members.items()
        }
        plan = replace(plan, members=members)
        limits = Limits({"kling": AccountLimits()}, jobs=jobs)
        self._runs += 1
        run = f"run-{self._runs}"
        self.ledger.begin_run(run, "story", Realm.SIMULATED, self.now)
        self.alive.add(run)
        process = CallProcess(self, run, Machine(plan, tails_of(plan), limits, self.chance.random), lives)
        with suppress(Crash):
            process.carry(process.machine.start(self.now), self.now)
            return process
        self.alive.discard(run)
        return replace(process, lives=0)

    def finish(self) -> Process:
        """Runs and settles until nothing is in doubt any more."""
        for _ in range(most_runs):
            process = self.start()
            self.play(process)
            doubts = [row for row in self.ledger.all_jobs() if row.state is JobState.UNCERTAIN]
            self.doubts += len(doubts)
            for row in doubts:
                self.settle(row)
            if not doubts:
                return process
        raise AssertionError("there is always another doubt")

    def _end(self, process: Process) -> None:
        """Answers that are under way when nothing else is left to do are heard, as the driver does."""
        try:
            while process.inbox:
                self.now = max(self.now, process.inbox[0][0])
                process.step(self.now)
        except Crash:
            self.alive.discard(process.run)
        else:
            super()._end(process)

    def settle(self, row: JobRow) -> None:
        """It is sent again, and paid for again if it was carried out."""
        if row.errand:
            self._repeat(f"{row.external_id} {row.errand}")
            self.ledger.resend_errand(row.external_id, "")
            return
        assert row.member.startswith("said"), f"`{row.member}` has an id to ask by"
        self._repeat(f"{row.external_id} ")
        self.ledger.settle(row.external_id, JobState.DROPPED, self.now)

    def _repeat(self, call: str) -> None:
        if self.service.calls[call] > self.repeated[call]:
            self.repeated[call] = self.service.calls[call]

    def unknowing(self) -> dict[str, int]:
        """Calls that were carried out more often than somebody knew: once, and once more after each repetition."""
        found = {}
        for call, count in self.service.calls.items():
            is_errand = not call.endswith(" ")
            known = self.repeated[call] + 1 if is_errand else 1
            if count > known:
                found[call] = count - known
        return found
