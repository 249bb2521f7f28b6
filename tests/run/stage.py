"""The machine as text in, lines out: results are written as short lines, events and commands come back as such.

clip: intended          the ledger's answer to a claim
clip: sent T1           the provider's answer to a create, with its task id
clip: refused throttled 5
looked clip=running     the answer to a look
at 12                   time alone moves
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kling_pipe import events
from kling_pipe.events import Event
from kling_pipe.providers.provider import ErrandNotes
from kling_pipe.report.progress import Progress
from kling_pipe.run.commands import (
    Ask,
    Asked,
    CalledBack,
    Claimed,
    ClaimJob,
    Command,
    ErrandAnswered,
    ErrandDue,
    Fetch,
    FetchedAll,
    FetchTroubled,
    HandedOver,
    HandOver,
    HandOverDue,
    Look,
    Looked,
    LookedOne,
    LookOne,
    NotHanded,
    Result,
    Send,
    Sent,
    Turn,
)
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import Claim, ClaimAnswer, JobRow, JobState
from kling_pipe.values.job import Artifact, Job, Output, Phase, TaskState
from kling_pipe.values.money import Cost, Scope
from kling_pipe.values.transfer import Fetched
from tests.run.paper_plan import facts_of, plan_of, tails_of

errand_cost = Cost(Decimal("0.01"))
phases = {"queued": Phase.QUEUED, "running": Phase.RUNNING, "succeeded": Phase.SUCCEEDED, "failed": Phase.FAILED}


class Stage:
    """One machine and what it said since it was last listened to."""

    def __init__(self, *plan: str, at: float = 0.0, **limits: Any) -> None:
        recalls = limits.pop("recalls", False)
        accounts = {"kling": AccountLimits(limits.pop("places", {}), limits.pop("poll", 2.0), recalls=recalls)}
        has_external_id = limits.pop("has_external_id", True)
        plan_values = plan_of(*plan, made=limits.pop("made", None), has_external_id=has_external_id)
        self.machine = Machine(plan_values, tails_of(plan_values), Limits(accounts=accounts, **limits), lambda: 1.0)
        self.progress = Progress()
        self.now = at
        self.jobs: dict[str, tuple[int, Job]] = {}
        self.tasks: dict[str, str] = {}
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.lines: list[str] = []
        self._hear(self.machine.start(at))

    def play(self, *script: str) -> list[str]:
        """Performs the script; what the machine said since the last `play` ended, beginning with the start."""
        for line in script:
            self._perform(line)
        heard, self.lines = self.lines, []
        return heard

    def job(self, name: str) -> Job:
        return self.jobs[name][1]

    def _perform(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "at":
            self.now = float(rest)
            self._hear(self.machine.handle(None, self.now))
        elif word == "stop":
            self._hear(self.machine.stop(self.now))
        elif word == "looked":
            self._hear(self.machine.handle(self._looked(rest), self.now))
        else:
            verb, *words = rest.split()
            result = self._verbs[verb](self, word.rstrip(":"), words)
            self._hear(self.machine.handle(result, self.now))

    # results

    def _row(self, name: str, state: JobState, attempt: int, ended: float = 0.0) -> JobRow:
        job = replace(self.job(name), attempt=attempt)
        task = "" if state is JobState.INTENDED else f"T-{name}"
        return JobRow(
            external_id=job.external_id, recipe=job.recipe, takes=job.takes, attempt=attempt, state=state, task_id=task,
            run="earlier", member=job.member, storyboard=job.storyboard, kind=job.kind, model=job.model,
            standard=job.route.standard, endpoint=job.route.endpoint, status="", estimate=job.estimate, cost=None,
            exact=False, intended=0.0, submitted=0.0, ended=ended, code="", message="",
        )  # fmt: skip

    def _claim(self, name: str, answer: ClaimAnswer, **values: Any) -> Result:
        return Claimed(self.jobs[name][0], Claim(answer, **values))

    def _made(self, name: str, words: list[str]) -> Result:
        job = self.job(name)
        takes = [int(word) for word in words] or list(job.takes)
        made = tuple(
            Artifact(job.keys[job.takes.index(take)], f"digest-{name}-{take}", facts_of[job.product], take)
            for take in takes
        )
        return self._claim(name, ClaimAnswer.MADE, artifacts=made)

    def _resume(self, name: str, words: list[str]) -> Result:
        attempt = int(words[1]) if len(words) > 1 and words[1].isdigit() else 1
        maker = words[words.index("as") + 1] if "as" in words else name
        row = self._row(maker, JobState(words[0]), attempt, ended=1.0 if "made" in words else 0.0)
        row = replace(row, profile=words[words.index("of") + 1] if "of" in words else "kling")
        row = replace(
            row,
            deferred="deferred" in words,
            errand=words[words.index("errand") + 1] if "errand" in words else "",
            told=({"found": "it"},) if "told" in words else (),
            errands_cost=errand_cost if "told" in words else Cost(),
            outputs=self.task(name, "succeeded").outputs if "with-files" in words else (),
        )
        if "by" in words:
            row = replace(row, standard=words[words.index("by") + 1])
        self.tasks[row.external_id] = maker
        reason = "too much" if "over-budget" in words else ""
        return self._claim(name, ClaimAnswer.RESUME, row=row, attempt=attempt, reason=reason)

    def task(self, name: str, phase: str = "running", **values: Any) -> TaskState:
        """What the provider says of a job's task."""
        job = self.job(name)
        phase, _, created = phase.partition("/")
        files = int(values.pop("files", len(job.takes)))
        outputs = tuple(Output(f"https://media/{name}/{index}", job.makes, index) for index in range(files))
        succeeded = phase == "succeeded"
        return TaskState(
            task_id=values.pop("task_id", f"T-{name}"), external_id=job.external_id, phase=phases[phase],
            outputs=outputs if succeeded else (), cost=job.estimate if succeeded else None, status=phase,
            created=float(created or 0), **values,
        )  # fmt: skip

    def _sent(self, name: str, words: list[str]) -> Result:
        task = self.task(name, words[1] if len(words) > 1 else "queued", task_id=words[0])
        return Sent(self.jobs[name][0], replace(task, status="submitted"))

    def _looked(self, rest: str) -> Result:
        if rest.startswith("refused"):
            return Looked("kling", (), (), refusal_of(rest.split()[1:]))
        pairs = [word.partition("=")[::2] for word in rest.split()]
        states = tuple(self.task(name, phase) for name, phase in pairs if phase != "?")
        unmentioned = tuple(self.job(name).external_id for name, phase in pairs if phase == "?")
        return Looked("kling", states, unmentioned)

    def _looked_one(self, name: str, words: list[str]) -> Result:
        return LookedOne(self.jobs[name][0], self.task(name, words[0]))

    def _failed(self, name: str, words: list[str]) -> Result:
        failure = words[0] if words else ""
        return LookedOne(self.jobs[name][0], self.task(name, "failed", failure=failure, message="no luck"))

    def _fetched(self, name: str, words: list[str]) -> Result:
        takes = self.job(name).takes
        return FetchedAll(
            self.jobs[name][0], self._files(name, takes[: int(words[0]) if words else len(takes)]), 3600.0
        )

    def _files(self, name: str, takes: Sequence[int]) -> tuple[Fetched, ...]:
        job = self.job(name)
        return tuple(
            Fetched(Output("", job.makes, index), f"digest-{name}-{take}", facts_of[job.product])
            for index, take in enumerate(job.takes)
            if take in takes
        )

    _verbs: dict[str, Callable[[Stage, str, list[str]], Result]] = {  # noqa: RUF012  # a table
        "free": lambda self, name, _: self._claim(name, ClaimAnswer.FREE),
        "intended": lambda self, name, words: self._claim(
            name, ClaimAnswer.INTENDED, attempt=int(words[0]) if words else 1
        ),
        "resume": _resume,
        "made": _made,
        "held": lambda self, name, _: self._claim(name, ClaimAnswer.HELD, row=self._row(name, JobState.SUBMITTED, 1)),
        "uncertain": lambda self, name, words: self._claim(
            name, ClaimAnswer.UNCERTAIN, row=replace(self._row(name, JobState.UNCERTAIN, 1), message=" ".join(words))
        ),
        "over-budget": lambda self, name, words: self._claim(
            name, ClaimAnswer.OVER_BUDGET, reason="too much", scope=Scope(words[0] if words else "run")
        ),
        "sent": _sent,
        "refused": lambda self, name, words: Sent(self.jobs[name][0], refusal_of(words)),
        "late": lambda self, name, _: Sent(self.jobs[name][0], Refusal(AnswerClass.TRANSIENT, "timeout", "it goes on")),
        "unsent": lambda self, name, words: Sent(
            self.jobs[name][0], replace(refusal_of(["transient"]), unsent=True), " ".join(words)
        ),
        "puts": lambda self, name, _: HandOverDue(self.jobs[name][0]),
        "put": lambda self, name, _: HandedOver(self.jobs[name][0]),
        "due": lambda self, name, words: ErrandDue(self.jobs[name][0], words[0]),
        "told": lambda self, name, words: ErrandAnswered(
            self.jobs[name][0], words[0], ErrandNotes({"found": "it"}, errand_cost)
        ),
        "errand-refused": lambda self, name, words: Sent(
            self.jobs[name][0], refusal_of([word for word in words[1:] if word != "charged"], words), words[0]
        ),
        "called-back": lambda self, name, words: CalledBack("kling", self.task(name, words[0]), "signed" in words),
        "not-handed": lambda self, name, _: NotHanded(self.jobs[name][0], "needs-url", "has no URL", "name one"),
        "asked": lambda self, name, words: Asked(
            self.jobs[name][0], self.task(name, words[1] if len(words) > 1 else "running", task_id=words[0])
        ),
        "absent": lambda self, name, _: Asked(self.jobs[name][0], None),
        "ask-refused": lambda self, name, words: Asked(self.jobs[name][0], refusal_of(words)),
        "looked": _looked_one,
        "failed": _failed,
        "unknown": lambda self, name, words: LookedOne(self.jobs[name][0], None, refusal_of(words) if words else None),
        "fetched": _fetched,
        "short": lambda self, name, words: FetchTroubled(
            self.jobs[name][0], "a file is gone", gone=True, files=self._files(name, [int(word) for word in words])
        ),
        "trouble": lambda self, name, words: FetchTroubled(
            self.jobs[name][0], "the download broke", gone="gone" in words
        ),
    }

    # what is heard

    def _hear(self, turn: Turn) -> None:
        self.events += turn.events
        for event in turn.events:
            self.progress.take(event)
        assert self.progress.spent == self.machine.spent, "what a live view adds up is what the run will say"
        self.commands += turn.commands
        self.lines += [told(event) for event in turn.events]
        self.lines += [self._asked_for(command) for command in turn.commands]

    def _asked_for(self, command: Command) -> str:
        match command:
            case ClaimJob():
                name = self._meet(command.flight, command.job)
                return f"→ intend {name}" if command.intend else f"→ claim {name}"
            case Send():
                errand = f" {command.errand} for" if command.errand else ""
                told = f" with {len(command.told)} told" if command.told else ""
                handed = " handed over" if command.handed else ""
                return f"→ send{errand} {self._meet(command.flight, command.job)}{told}{handed}"
            case HandOver():
                return f"→ hand over for {self._name(command.flight)}"
            case Ask():
                return f"→ ask {self._name(command.flight)}"
            case Look():
                return "→ look " + " ".join(self.tasks[task.external_id] for task in command.tasks)
            case LookOne():
                return f"→ look at {self._name(command.flight)} alone"
            case Fetch():
                return f"→ fetch {self._name(command.flight)}"

    def _meet(self, flight: int, job: Job) -> str:
        takes = self.machine.members[job.member].planned.step.takes
        name = job.member if takes == 1 else f"{job.member}/{','.join(map(str, job.takes))}"
        self.jobs[name] = (flight, job)
        self.tasks[job.external_id] = name
        return name

    def _name(self, flight: int) -> str:
        return next(name for name, (number, _) in self.jobs.items() if number == flight)


def refusal_of(words: list[str], whole: Sequence[str] = ()) -> Refusal:
    """`throttled 5` is a refusal of that class with Retry-After 5; one that is `charged` costs what an errand does."""
    pause = float(words[1]) if len(words) > 1 else None
    cost = errand_cost if "charged" in whole else Cost()
    return Refusal(AnswerClass(words[0]), "1000", "said no", retry_after=pause, cost=cost)


def told(event: Event) -> str:
    """An event as a short line."""
    tail = _tails.get(type(event), lambda _event: "")(event)
    return " ".join(part for part in (event.member, event.name, tail) if part)


_tails: dict[type[Event], Callable[[Any], str]] = {
    events.JobIntended: lambda event: f"#{event.attempt}",
    events.JobSubmitted: lambda event: event.task_id + (" adopted" if event.adopted else ""),
    events.TaskProgress: lambda event: event.status,
    events.ArtifactStored: lambda event: f"take {event.take}",
    events.JobDone: lambda event: f"{event.cost}",
    events.FetchStarted: lambda event: f"{event.cost}",
    events.JobFailed: lambda event: event.code + (f" {event.cost}" if event.cost != Cost() else ""),
    events.JobUncertain: lambda event: f"({event.reason})",
    events.StillRunning: lambda event: f"({event.reason})",
    events.MemberBlocked: lambda event: f"by {event.by}",
    events.MemberRefused: lambda event: f"({event.reason})",
    events.JobDeferred: lambda event: f"({event.reason})",
    events.Cooling: lambda event: f"{event.profile} {event.seconds:g} s",
    events.PoolChanged: lambda event: f"{event.pool} {event.capacity}",
    events.AnswerLost: lambda event: f"({event.reason})",
    events.ErrandBegun: lambda event: event.errand,
    events.ErrandDone: lambda event: f"{event.errand} {event.told} {event.cost}",
}
