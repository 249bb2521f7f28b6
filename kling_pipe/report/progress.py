"""What a run looks like while it goes on: the fold of its events that every live view shows.

It knows no terminal and no clock; elapsed times are measured by the view, which brings its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from kling_pipe.events import (
    AnswerLost,
    ArtifactStored,
    Delivered,
    ErrandDone,
    Event,
    FetchStarted,
    JobDeferred,
    JobDone,
    JobFailed,
    JobIntended,
    JobSubmitted,
    JobUncertain,
    MemberBlocked,
    MemberCurrent,
    MemberReady,
    MemberRefused,
    RoadChanged,
    RunEnded,
    RunStarted,
    StillRunning,
    TaskProgress,
    Undelivered,
)
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.money import Cost


class Stage(StrEnum):
    """Where a member on the move stands."""

    READY = "ready"  # all inputs are known, the job waits for a place
    DEFERRED = "deferred"  # the provider has no room
    SENDING = "sending"  # the intention is on disk, the request is on its way
    LOOKING = "looking up"  # the answer was lost, the task is looked up by its external id
    RUNNING = "running"  # the provider has the task
    FETCHING = "fetching"  # the provider is done, the files are on their way


@dataclass(slots=True)
class Row:
    """One member on the move."""

    member: str
    stage: Stage
    since: float  # `at` of the event that began its job
    status: str = ""  # the provider's own word
    kind: str = ""
    model: str = ""
    expected: float = 0.0
    cost: Cost = Cost()
    note: str = ""
    paid: Cost = Cost()  # of the cost, what is spent already


@dataclass(frozen=True, slots=True)
class Delivery:
    """One deliverable as it was written in this run."""

    path: str
    changed: bool
    facts: MediaFacts | None


class Progress:
    """Folds events one by one; `rows` holds members on the move only, so it stays as small as the pools. Money is
    spent where the machine counts it: with each errand, and when a task has succeeded or failed."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.rows: dict[str, Row] = {}
        self.spent = Cost()
        self.exact = True
        self.done = 0
        self.current = 0
        self._failed: dict[str, list[JobFailed]] = {}  # by member
        self._blocked: dict[str, MemberBlocked] = {}
        self.detours: list[RoadChanged] = []
        self.refused: list[MemberRefused] = []
        self.waiting: list[StillRunning] = []
        self.uncertain: list[JobUncertain] = []
        self.deliveries: list[Delivery] = []
        self.undelivered: list[Undelivered] = []
        self._errands: dict[str, Cost] = {}  # what they cost in this run, by job; all of it is spent
        self._fetched: set[str] = set()  # jobs whose cost is counted
        self._facts: dict[str, MediaFacts] = {}  # by digest, to name the deliverables' sizes

    def take(self, event: Event) -> None:
        """Folds one event; one that moves no member changes nothing."""
        step = _steps.get(type(event))
        if step is not None:
            step(self, event)

    @property
    def total(self) -> int:
        """Members of the run, those current before it began included."""
        return self.started.members if self.started else 0

    @property
    def failures(self) -> list[JobFailed]:
        """What failed for good, without what another road has made or is making."""
        return sorted((event for events in self._failed.values() for event in events), key=lambda event: event.at)

    @property
    def blocked(self) -> list[MemberBlocked]:
        """What is not made because something above is not."""
        return list(self._blocked.values())

    @property
    def settled(self) -> int:
        """Members about which nothing more will be heard."""
        lost = len(self.failures) + len(self.blocked) + len(self.refused)
        return self.done + self.current + lost + len(self.waiting) + len(self.uncertain)

    @property
    def pending_cost(self) -> Cost:
        """What the jobs on the move are expected to add."""
        return Cost.total(row.cost - row.paid for row in list(self.rows.values()))

    def finish(self, member: str) -> None:
        self.rows.pop(member, None)

    def row(self, event: Event, stage: Stage) -> Row:
        """The member's row at a stage, begun now where there was none."""
        row = self.rows.setdefault(event.member, Row(event.member, stage, event.at))
        row.stage = stage
        row.note = ""
        return row

    def pay_errand(self, event: ErrandDone) -> None:
        self._errands[event.external_id] = self._errands.get(event.external_id, Cost()) + event.cost
        self.spent += event.cost
        if event.member in self.rows:
            self.rows[event.member].paid += event.cost

    def pay(self, event: FetchStarted) -> None:
        self._fetched.add(event.external_id)
        self.spent += event.spent
        if event.spent:
            self.exact = self.exact and event.exact

    def pay_failed(self, event: JobFailed) -> None:
        """What failed after it was made was counted then."""
        if event.external_id not in self._fetched and event.cost:
            self.spent += event.cost - self._errands.get(event.external_id, Cost())

    def fail(self, event: JobFailed) -> None:
        self._failed.setdefault(event.member, []).append(event)

    def block(self, event: MemberBlocked) -> None:
        self.finish(event.member)
        self._blocked[event.member] = event

    def unblock(self, member: str) -> None:
        self._blocked.pop(member, None)

    def turn(self, event: RoadChanged) -> None:
        """What a road refused is none of what is lost."""
        self._failed.pop(event.member, None)
        self.detours.append(event)

    def remember(self, event: ArtifactStored) -> None:
        if event.facts is not None:
            self._facts[event.digest] = event.facts

    def deliver(self, event: Delivered) -> None:
        self.deliveries.append(Delivery(event.path, event.changed, event.facts or self._facts.get(event.digest)))
        self.undelivered = [lack for lack in self.undelivered if lack.path != event.path]

    def lack(self, event: Undelivered) -> None:
        self.undelivered.append(event)


def _started(progress: Progress, event: RunStarted) -> None:
    progress.started = event
    progress.current = event.current


def _ready(progress: Progress, event: MemberReady) -> None:
    progress.unblock(event.member)
    progress.row(event, Stage.READY)


def _current(progress: Progress, event: MemberCurrent) -> None:
    # A member found current on the way was counted among those to be made or checked; those before it began were not.
    progress.unblock(event.member)
    if progress.rows.pop(event.member, None) is not None:
        progress.done += 1


def _deferred(progress: Progress, event: JobDeferred) -> None:
    progress.row(event, Stage.DEFERRED).note = event.reason


def _intended(progress: Progress, event: JobIntended) -> None:
    row = progress.row(event, Stage.SENDING)
    row.since = event.at
    row.kind, row.model, row.status, row.paid = event.kind, event.model, "", Cost()
    row.expected, row.cost = event.expected_seconds, event.estimate


def _submitted(progress: Progress, event: JobSubmitted) -> None:
    row = progress.row(event, Stage.RUNNING)
    row.note = "found at the provider" if event.adopted else ""


def _progress(progress: Progress, event: TaskProgress) -> None:
    progress.row(event, Stage.RUNNING).status = event.status


def _lost(progress: Progress, event: AnswerLost) -> None:
    progress.row(event, Stage.LOOKING).note = event.reason


def _fetching(progress: Progress, event: FetchStarted) -> None:
    row = progress.row(event, Stage.FETCHING)
    row.cost = row.paid = event.cost or row.cost
    progress.pay(event)


def _done(progress: Progress, event: JobDone) -> None:
    progress.finish(event.member)
    progress.done += 1


def _failed(progress: Progress, event: JobFailed) -> None:
    progress.finish(event.member)
    progress.fail(event)
    progress.pay_failed(event)


def _listed(name: str) -> Callable[[Progress, Event], None]:
    def step(progress: Progress, event: Event) -> None:
        progress.finish(event.member)
        getattr(progress, name).append(event)

    return step


def _ended(progress: Progress, event: RunEnded) -> None:
    progress.ended = event
    progress.spent, progress.exact = event.spent, event.exact


_steps: dict[type[Event], Callable[..., None]] = {  # each takes the kind of event it stands beside
    RunStarted: _started,
    MemberReady: _ready,
    MemberCurrent: _current,
    JobDeferred: _deferred,
    JobIntended: _intended,
    JobSubmitted: _submitted,
    TaskProgress: _progress,
    AnswerLost: _lost,
    ErrandDone: Progress.pay_errand,
    FetchStarted: _fetching,
    ArtifactStored: Progress.remember,
    JobDone: _done,
    JobFailed: _failed,
    JobUncertain: _listed("uncertain"),
    StillRunning: _listed("waiting"),
    MemberBlocked: Progress.block,
    MemberRefused: _listed("refused"),
    RoadChanged: Progress.turn,
    Delivered: Progress.deliver,
    Undelivered: Progress.lack,
    RunEnded: _ended,
}
