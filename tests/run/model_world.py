"""A world in one thread and virtual time: a service with faults, runs that may die at any instant, one real ledger."""

from __future__ import annotations

import heapq
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count

from kling_pipe.edge.ledger import Ledger
from kling_pipe.events import RunEnded
from kling_pipe.run.commands import (
    Ask,
    Asked,
    Claimed,
    ClaimJob,
    Command,
    Fetch,
    FetchedAll,
    FetchTroubled,
    Look,
    Looked,
    LookedOne,
    LookOne,
    Result,
    Send,
    Sent,
    Turn,
)
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.digest import digest_of
from kling_pipe.values.job import Artifact, Job, Output, Phase, Realm, TaskState
from kling_pipe.values.money import Caps, no_caps
from kling_pipe.values.transfer import Fetched
from tests.run.paper_plan import facts_of, plan_of, tails_of

places = {"image": 4, "video": 2}
most_steps = 20_000
about_creates = (AnswerClass.INVALID, AnswerClass.MODERATED)  # nothing to say to a question about a task
transient = Refusal(AnswerClass.TRANSIENT, "reset", "the connection broke")


@dataclass
class Task:
    """A task at the service. Tasks of steps whose name begins with `bad` fail, and are not billed."""

    job: Job
    id: str
    created: float
    ends: float
    run: str = ""  # that asked for it first

    @property
    def fails(self) -> bool:
        return self.job.member.startswith("bad")

    def state(self, now: float) -> TaskState:
        end = Phase.FAILED if self.fails else Phase.SUCCEEDED
        phase = Phase.RUNNING if now < self.ends else end
        outputs = tuple(
            Output(f"{self.job.external_id} {take}", self.job.makes, index) for index, take in enumerate(self.job.takes)
        )
        done = phase is Phase.SUCCEEDED
        return TaskState(
            self.id, self.job.external_id, phase, outputs=outputs if done else (), status=str(phase),
            cost=self.job.estimate if done else None, created=self.created, updated=min(now, self.ends),
        )  # fmt: skip


class Service:
    """The provider; `faults` names what may go wrong, each time with the same chance."""

    def __init__(self, chance: random.Random, faults: frozenset[str]) -> None:
        self._chance = chance
        self._faults = faults
        self.tasks: dict[str, Task] = {}
        self.stopped_by: AnswerClass | None = (
            None  # what it says to requests, half of the time, when something is wrong
        )

    def fault(self, name: str) -> bool:
        return name in self._faults and self._chance.random() < 0.15

    def refusal(self, *, creates: bool = False) -> Refusal | None:
        stops = self.stopped_by is not None and (creates or self.stopped_by not in about_creates)
        if self.stopped_by is not None and stops and self._chance.random() < 0.5:
            return Refusal(self.stopped_by, "1000", "not any more")
        if self.fault("throttled"):
            return Refusal(AnswerClass.THROTTLED, "1302", "too fast", retry_after=self._chance.choice((None, 2.0)))
        return transient if self.fault("unreachable") else None

    def create(self, job: Job, now: float, run: str) -> TaskState | Refusal:
        refusal = self.refusal(creates=True)
        if refusal is not None:
            return refusal
        if job.external_id in self.tasks:
            return Refusal(AnswerClass.EXISTS, "1203", "the id is taken")
        busy = sum(
            task.job.slots for task in self.tasks.values() if task.ends > now and task.job.product == job.product
        )
        if busy and busy + job.slots > places[job.product]:
            return Refusal(AnswerClass.OVER_QUOTA, "1303", "too many tasks")
        task = Task(job, f"T{len(self.tasks) + 1}", now, now + self._chance.uniform(1.0, 30.0), run)
        self.tasks[job.external_id] = task
        return transient if self.fault("lost-after") else task.state(now)

    def find(self, external_id: str, now: float) -> TaskState | Refusal | None:
        refusal = self.refusal()
        if refusal is not None:
            return refusal
        task = self.tasks.get(external_id)
        if task is None or self.fault("shown-late"):
            return None
        return task.state(now)

    def told(self, external_ids: Sequence[str], now: float) -> tuple[list[TaskState], list[str]]:
        states, unmentioned = [], []
        for external_id in external_ids:
            if external_id not in self.tasks or self.fault("unmentioned"):
                unmentioned.append(external_id)
            else:
                states.append(self.tasks[external_id].state(now))
        return states, unmentioned

    @property
    def billed(self) -> Counter[tuple[str, int]]:
        """How often each take of each recipe was paid for."""
        return Counter(
            (task.job.recipe, take) for task in self.tasks.values() if not task.fails for take in task.job.takes
        )


class Crash(Exception):
    """The process of a run is gone."""


@dataclass
class Process:
    """One run; it dies after `lives` acts (a record or a command), if that is not None."""

    world: World
    run: str
    machine: Machine
    lives: int | None
    inbox: list[tuple[float, int, Result]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def act(self) -> None:
        """An instant at which the process may die."""
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Crash

    def due(self) -> float | None:
        moments = [moment for moment in (self.machine.wake_at,) if moment is not None]
        moments += [self.inbox[0][0]] if self.inbox else []
        return min(moments, default=None)

    def step(self, now: float) -> None:
        result = heapq.heappop(self.inbox)[2] if self.inbox and self.inbox[0][0] <= now else None
        self.carry(self.machine.handle(result, now), now)

    def carry(self, turn: Turn, now: float) -> None:
        if turn.events:
            self.act()
            self.world.ledger.record(self.run, turn.events)
        for command in turn.commands:
            self.act()
            result = self.performers[type(command)](self, command, now)
            patience = 0.0 if isinstance(command, ClaimJob) else self.world.chance.uniform(0.0, 3.0)
            heapq.heappush(self.inbox, (now + patience, next(self.numbers), result))

    def _claim(self, command: ClaimJob, now: float) -> Result:
        claim = self.world.ledger.claim(command.job, self.run, now, intend=command.intend, caps=command.caps)
        return Claimed(command.flight, claim)

    def _send(self, command: Send, now: float) -> Result:
        answer = self.world.service.create(command.job, now, self.run)
        self.world.check_bills(self.run)
        return Sent(command.flight, answer)

    def _ask(self, command: Ask, now: float) -> Result:
        return Asked(command.flight, self.world.service.find(command.external_id, now))

    def _look(self, command: Look, now: float) -> Result:
        service = self.world.service
        refusal = service.refusal()
        if refusal is not None:
            return Looked(command.profile, (), (), refusal)
        states, unmentioned = service.told([task.external_id for task in command.tasks], now)
        return Looked(command.profile, tuple(states), tuple(unmentioned))

    def _look_one(self, command: LookOne, now: float) -> Result:
        service = self.world.service
        refusal = service.refusal()
        if refusal is not None:
            return LookedOne(command.flight, None, refusal)
        states, _ = service.told([command.task.external_id], now)
        return LookedOne(command.flight, states[0] if states else None)

    def _fetch(self, command: Fetch, _now: float) -> Result:
        if self.world.service.fault("download"):
            return FetchTroubled(command.flight, "broken", gone=self.world.chance.random() < 0.5)
        return FetchedAll(command.flight, tuple(self.world.file(output) for output in command.outputs), 86400.0)

    performers: dict[type[Command], Callable[..., Result]] = field(
        default_factory=lambda: {
            ClaimJob: Process._claim, Send: Process._send, Ask: Process._ask, Look: Process._look,
            LookOne: Process._look_one, Fetch: Process._fetch,
        }
    )  # fmt: skip


class World:
    """A storyboard, a ledger, a service, and the runs that were started on them."""

    def __init__(
        self, folder: str, lines: Sequence[str], seed: int, faults: frozenset[str], caps: Caps = no_caps
    ) -> None:
        self.lines = lines
        self.caps = caps
        self.chance = random.Random(seed)
        self.service = Service(self.chance, faults)
        self.alive: set[str] = set()
        self._folder = folder
        self.ledger = self._open_ledger()
        self.now = 1000.0
        self._runs = 0

    def _open_ledger(self) -> Ledger:
        return Ledger(f"{self._folder}/ledger.db", lambda run: run in self.alive)

    def lose_ledger(self) -> None:
        """Everything in the state folder is gone, as on another machine."""
        self.ledger.close()
        for name in os.listdir(self._folder):
            os.unlink(os.path.join(self._folder, name))
        self.ledger = self._open_ledger()

    def file(self, output: Output) -> Fetched:
        """The bytes of a take depend on recipe and take alone."""
        external_id, take = output.url.split()
        job = self.service.tasks[external_id].job
        return Fetched(output, digest_of("file", [job.recipe, int(take)]), facts_of[job.product])

    def made(self) -> dict[str, Artifact]:
        """What the ledger holds of this storyboard, found step after step as `plan` does."""
        found: dict[str, Artifact] = {}
        while True:
            keys = [key for member in plan_of(*self.lines, made=found).members.values() for key in member.keys]
            known = self.ledger.artifacts(keys)
            if known.keys() == found.keys():
                return found
            found = known

    def start(self, lives: int | None = None, jobs: int = 0) -> Process:
        plan = plan_of(*self.lines, made=self.made())
        limits = Limits({"kling": AccountLimits()}, jobs=jobs, caps=self.caps)
        self._runs += 1
        run = f"run-{self._runs}"
        self.ledger.begin_run(run, "story", Realm.SIMULATED, self.now)
        self.alive.add(run)
        process = Process(self, run, Machine(plan, tails_of(plan), limits, self.chance.random), lives)
        with suppress(Crash):
            process.carry(process.machine.start(self.now), self.now)
            return process
        self.alive.discard(run)
        return replace(process, lives=0)

    def play(self, *processes: Process) -> None:
        """Lets processes go on beside each other until each has ended or died."""
        going = [process for process in processes if process.run in self.alive]
        for _ in range(most_steps):
            going = [process for process in going if process.run in self.alive]
            if not going:
                return
            dues = [(due, index) for index, process in enumerate(going) if (due := process.due()) is not None]
            ended = next((process for process in going if process.machine.finished), None)
            if ended is not None:
                self._end(ended)
                continue
            assert dues, "nobody waits for anything, and nobody has ended"
            due, index = min(dues)
            self.now = max(self.now, due)
            try:
                going[index].step(self.now)
            except Crash:
                self.alive.discard(going[index].run)
        raise AssertionError("it goes on for ever")

    def _end(self, process: Process) -> None:
        self.alive.discard(process.run)
        self.ledger.record(process.run, [RunEnded(self.now, run=process.run)])

    def check_bills(self, run: str) -> None:
        """What a run and those that live beside it have bought, as the service counts it: all of it together, of each
        step, and of each take."""
        bought = [task for task in self.service.tasks.values() if task.run in {run, *self.alive} and not task.fails]
        steps, takes = Counter[str](), Counter[tuple[str, int]]()
        for task in bought:
            steps[task.job.member] += task.job.estimate.usd
            for take in task.job.takes:
                takes[task.job.recipe, take] += task.job.estimate.usd / len(task.job.takes)
        assert all(cap.amount >= sum(steps.values()) for cap in self.caps.run), (steps, self.caps)
        assert all(cap.amount >= most for cap in self.caps.step for most in steps.values()), (steps, self.caps)
        assert all(cap.amount >= most for cap in self.caps.take for most in takes.values()), (takes, self.caps)

    def states(self, process: Process) -> dict[str, State]:
        return {address: member.state for address, member in process.machine.members.items()}
