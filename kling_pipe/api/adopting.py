"""The tasks of one storyboard among those a provider shows: recognized by their ids, and taken on record.

A job's external id follows from its recipe, takes and attempt, so a task is recognized also when its record is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kling_pipe.api.listings import Listings, Shown
from kling_pipe.api.locking import holds_all
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.store import Store
from kling_pipe.events import FetchStarted, JobDone, JobFailed
from kling_pipe.plan.jobs import materials_of, possible_jobs, recipe_of
from kling_pipe.plan.plan import Plan, Planned
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Job, Phase, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.reconciliation import Adopted, Fate

attempts_looked_at = 5
_open = frozenset({JobState.SUBMITTED, JobState.FETCHING})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A member whose files can be had now; its recipe says which, so none is tried twice."""

    step: str
    recipe: str


class Adopting:
    """What is found for one ledger; `run` signs for what is written, `only_looks` writes nothing."""

    def __init__(self, ledger: Ledger, store: Store, shown: Listings, run: str, *, only_looks: bool) -> None:
        self._ledger = ledger
        self._store = store
        self._shown = shown
        self._run = run
        self._only_looks = only_looks
        self.known: dict[str, Job] = {}  # every job that the storyboards may have asked for, by external id
        self.found: dict[str, Adopted] = {}

    def look(self, plan: Plan, now: float) -> set[Wanted]:
        """Takes on record what a plan's members were made by and nobody knew; says whose files can be had."""
        members = [member for member in plan.members.values() if member.recipe]
        rows = self._ledger.jobs([member.recipe for member in members])
        return {
            Wanted(member.step.address, member.recipe)
            for member in members
            if self._can_be_had(member, plan.storyboard.name, rows.get(member.recipe, []), now)
        }

    def mend(self, rows: Sequence[JobRow], now: float) -> None:
        """Adopts for records that tell of no task what is shown under their ids, whatever storyboard they are of."""
        for row in rows:
            shown = self._shown.by_external.get(row.external_id)
            if shown is not None and row.may_be_adopted and row.external_id not in self.found:
                self._take(shown, row, None, "", now)

    def fates(self) -> tuple[Adopted, ...]:
        """Everything that was found, with what became of it by now."""
        rows = {row.external_id: row for row in self._ledger.all_jobs()}
        return tuple(_as_it_is(one, rows.get(one.external_id)) for one in self.found.values())

    def _can_be_had(self, member: Planned, storyboard: str, rows: Sequence[JobRow], now: float) -> bool:
        """Whether a task has files of the member's that are not here; every task that it may have is looked at."""
        recorded = {row.external_id: row for row in rows}
        attempts = max([attempts_looked_at, *(row.attempt + 1 for row in rows)])
        found = False
        for job in possible_jobs(member, storyboard, attempts):
            self.known[job.external_id] = job
            shown = self._shown.by_external.get(job.external_id)
            if shown is None:
                continue
            row = recorded.get(job.external_id)
            if job.external_id not in self.found and _is_news(row, shown):
                explanation = recipe_of(member, materials_of(member)).explanation()
                taken = self._take(shown, row, job, explanation, now)
                found |= taken and shown.state.phase is Phase.SUCCEEDED and not self._are_here(job.keys)
        return found or self._lost_can_be_had(member)

    def _take(self, shown: Shown, row: JobRow | None, job: Job | None, explanation: str, now: float) -> bool:
        """Takes a task on record, or what an earlier run left of it; False when only a look is wanted, or a living run
        has the job in its hands."""
        if row is not None and self._ledger.is_held(row):
            return False
        one = _found(shown, row, job)
        if not self._only_looks:
            job = replace(job, profile=shown.profile) if job is not None else None
            if not self._is_on_record(one, row, shown.state.created or now, job, explanation):
                return False
            errands = row.errands_cost if row is not None else Cost()
            fate = self._recorded(one, shown.state, job, errands, now)
            one = replace(one, fate=fate, message=shown.state.message)
        self.found[one.external_id] = one
        return not self._only_looks

    def _is_on_record(self, one: Adopted, row: JobRow | None, made: float, job: Job | None, explanation: str) -> bool:
        if row is not None and not row.may_be_adopted:
            return True
        return self._ledger.adopt(one.external_id, one.task_id, self._run, made, job=job, explanation=explanation)

    def _recorded(self, one: Adopted, task: TaskState, job: Job | None, errands: Cost, now: float) -> Fate:
        """Records how a task ended where nothing is left to fetch of it."""
        if task.phase is Phase.FAILED:
            code, message = task.failure or "failed-at-provider", task.message or "the provider gave no reason"
            cost = errands + (task.cost or Cost())
            self._ledger.record(self._run, [JobFailed(now, one.member, one.external_id, code, message, cost=cost)])
            return Fate.FAILED
        if task.phase is not Phase.SUCCEEDED:
            return Fate.BEING_MADE
        if job is None:
            return Fate.NOT_WANTED
        if not self._are_here(job.keys):
            return Fate.NOT_FETCHED
        cost, exact = (job.estimate, False) if task.cost is None else (errands + task.cost, True)
        seconds = max(0.0, task.updated - task.created) if task.created else 0.0
        fetching = FetchStarted(now, one.member, one.external_id, cost, exact)
        self._ledger.record(self._run, [fetching, JobDone(now, one.member, one.external_id, seconds, cost, exact)])
        return Fate.HERE

    def _are_here(self, keys: Sequence[str]) -> bool:
        recorded = self._ledger.artifacts(keys)
        return all(key in recorded and holds_all(self._store, recorded[key]) for key in keys)

    def _lost_can_be_had(self, member: Planned) -> bool:
        """Whether files of the member's are on record, gone from the store, and still at the provider."""
        for artifact in self._ledger.artifacts(member.keys).values():
            shown = self._shown.by_external.get(artifact.external_id)
            is_there = shown is not None and shown.state.phase is Phase.SUCCEEDED
            if is_there and not holds_all(self._store, artifact):
                return True
        return False


def _is_news(row: JobRow | None, shown: Shown) -> bool:
    """Whether there is something to do about a task: it is not on record, or has ended and nobody fetched its files."""
    if row is None or row.may_be_adopted:
        return True
    return row.state in _open and shown.state.phase is Phase.SUCCEEDED


def _found(shown: Shown, row: JobRow | None, job: Job | None) -> Adopted:
    asked = row or job
    assert asked is not None
    return Adopted(
        external_id=asked.external_id,
        task_id=shown.state.task_id,
        profile=shown.profile,
        storyboard=asked.storyboard,
        member=asked.member,
        takes=asked.takes,
        model=asked.model,
        cost=shown.state.cost,
        was=str(row.state) if row is not None else "no record",
        fate=Fate.TO_ADOPT,
    )


def _as_it_is(one: Adopted, row: JobRow | None) -> Adopted:
    if row is None or one.fate not in (Fate.NOT_FETCHED, Fate.BEING_MADE):
        return one
    if row.state is JobState.DONE:
        return replace(one, fate=Fate.FETCHED, cost=row.cost or one.cost)
    if row.state is JobState.FAILED:
        return replace(one, fate=Fate.FAILED, message=row.message)
    return replace(one, message=row.message or one.message)
