"""`status`: how a storyboard stands between runs, from ledger, store and deliverables; nothing is sent."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from kling_pipe.api.delivering import chosen_file, is_converted
from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.ledger_records import RunRow
from kling_pipe.edge.store import Store, file_digest
from kling_pipe.plan.former import whole_reason
from kling_pipe.plan.plan import Plan, Planned
from kling_pipe.story.storyboard import StepOutput
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One member; `age_seconds` counts from the submission of its latest job, `cost` is what its jobs cost so far."""

    address: str
    kind: str
    model: str
    standing: str
    takes_done: int
    takes: int
    provider_status: str
    task_id: str
    external_id: str
    age_seconds: float
    cost: Cost
    digest: str
    message: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """A storyboard between runs; `deliveries` are (path, `current`, `stale` or `missing`), `doubted` the uncertain jobs
    of its steps on another road than they take, or from before they changed."""

    members: tuple[MemberStatus, ...]
    spent: Cost
    deliveries: tuple[tuple[str, str], ...]
    runs: tuple[RunRow, ...]
    doubted: tuple[JobRow, ...] = ()


def status(path: str, options: Options) -> StatusReport:
    """Reads how everything stands; raises TextFailure when the storyboard is wrong."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        plan = prepare(loaded, replace(options, only_fetches=True), ledger, store).plan
        jobs = ledger.jobs([member.recipe for member in plan.members.values() if member.recipe])
        realm = Realm.SIMULATED if options.simulate else Realm.REAL
        now = RealClock().now()
        name = plan.storyboard.name
        known = {job.external_id for several in jobs.values() for job in several}
        return StatusReport(
            members=tuple(
                _member(member, jobs.get(member.recipe, []) if member.recipe else [], now)
                for member in plan.members.values()
            ),
            spent=ledger.spent(realm, name),
            deliveries=tuple(_deliveries(plan, store)),
            runs=tuple(run for run in ledger.runs(20) if run.storyboard == name and run.realm == str(realm))[:5],
            doubted=tuple(
                job
                for job in ledger.all_jobs(realm)
                if job.state is JobState.UNCERTAIN
                and job.storyboard == name
                and job.member in plan.members
                and job.external_id not in known
            ),
        )


def _member(member: Planned, jobs: list[JobRow], now: float) -> MemberStatus:
    last = jobs[-1] if jobs else None
    picked = member.artifacts.get(member.step.pick)
    return MemberStatus(
        address=member.address,
        kind=member.kind,
        model=member.model,
        standing=str(member.standing),
        takes_done=len(member.artifacts),
        takes=member.step.takes,
        provider_status=last.status if last else "",
        task_id=last.task_id if last else "",
        external_id=last.external_id if last else "",
        age_seconds=now - last.submitted if last and last.submitted else 0.0,
        cost=Cost.total(job.cost for job in jobs if job.cost is not None),
        digest=picked.digest if picked else "",
        message=(last.message if last else "") or whole_reason(member),
    )


def _deliveries(plan: Plan, store: Store) -> list[tuple[str, str]]:
    folder = os.path.dirname(plan.storyboard.path)
    found = []
    for delivery, address in plan.deliveries:
        target = os.path.join(folder, delivery.path)
        reference = delivery.reference
        if not os.path.exists(target):
            state = "missing"
        elif not isinstance(reference, StepOutput):
            state = "current"
        else:
            member = plan.members[address]
            take = reference.take or member.step.pick
            made = member.artifacts.get(take) or member.remains.get(take)
            artifact = chosen_file(delivery, made) if made else None
            is_current = artifact is not None and (is_converted(delivery, artifact) or _is_same(target, artifact))
            state = "current" if is_current else "stale"
        found.append((delivery.path, state))
    return found


def _is_same(path: str, artifact: Artifact) -> bool:
    try:
        return os.stat(path).st_size == artifact.facts.bytes and file_digest(path) == artifact.digest
    except OSError:
        return False
