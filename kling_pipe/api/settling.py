"""`settle`: the user's word on jobs whose payment nobody here can know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.ledger import Ledger
from kling_pipe.errors import UsageFailure
from kling_pipe.plan.plan import Plan
from kling_pipe.story.addresses import members_named
from kling_pipe.values.claim import JobRow, JobState


class Decision(StrEnum):
    """What became of an uncertain job."""

    RESUBMIT = "resubmit"  # it was not made, or may be paid again: the next run makes a new attempt
    ADOPT = "adopt"  # it is this task: the next run fetches it
    DROP = "drop"  # it is given up; it counts as failed


_states = {
    Decision.RESUBMIT: JobState.DROPPED,
    Decision.ADOPT: JobState.SUBMITTED,
    Decision.DROP: JobState.FAILED,
}
_messages = {
    Decision.RESUBMIT: "settled by hand: to be sent again",
    Decision.ADOPT: "settled by hand: adopted",
    Decision.DROP: "settled by hand: given up",
}


def settle(
    path: str, step: str, decision: Decision, options: Options, task_id: str = "", job_id: str = ""
) -> tuple[JobRow, ...]:
    """Settles the uncertain jobs of the members that an address names, or the one of `job_id`, and returns them; raises
    UsageFailure when there are none."""
    with opened(path, options) as (loaded, ledger, store):
        plan = prepare(loaded, replace(options, only_fetches=True), ledger, store).plan
        uncertain = _uncertain(ledger, plan, members_named(plan.storyboard, (step,)))
        if job_id:
            uncertain = tuple(job for job in uncertain if job.external_id == job_id)
        if not uncertain:
            which = f"no job `{job_id}` of" if job_id else "no job of"
            raise UsageFailure(
                "nothing-to-settle", f"{which} `{step}` is uncertain", hint="`kling-pipe status` shows how jobs stand"
            )
        roads = tuple(dict.fromkeys(job.profile for job in uncertain))
        if len(roads) > 1:  # whoever looked at one console knows nothing of the other
            raise UsageFailure(
                "several-jobs", f"`{step}` has uncertain jobs on {_listed(roads)}, and one word cannot settle them all",
                hint=f"name one with `--job`: {', '.join(_named(job) for job in uncertain)}",
            )  # fmt: skip
        if decision is Decision.ADOPT and len(uncertain) > 1:
            raise UsageFailure(
                "several-jobs", f"`{step}` has {len(uncertain)} uncertain jobs, and one task id cannot settle them all",
                hint=f"name one with `--job`: {', '.join(_named(job) for job in uncertain)}",
            )  # fmt: skip
        unsent = next((job for job in uncertain if job.errand), None)
        if decision is Decision.ADOPT and unsent is not None:
            raise UsageFailure(
                "nothing-to-adopt",
                f"`{step}` has no task yet: the answer to `{unsent.errand}` was not heard, which comes before it",
                hint=f"settle it with `--resubmit`: `{unsent.errand}` is sent again, and may be paid for again",
            )
        if decision is Decision.ADOPT:
            _refuse_taken(ledger, plan, uncertain[0], task_id)
        now = RealClock().now()
        for job in uncertain:
            message = _messages[decision]
            if decision is Decision.RESUBMIT and job.errand:
                ledger.resend_errand(job.external_id, message)
                continue
            ledger.settle(job.external_id, _states[decision], now, task_id=task_id, message=message)
        return uncertain


def _refuse_taken(ledger: Ledger, plan: Plan, job: JobRow, task_id: str) -> None:
    """One task is one job: adopted twice, it would stand for two things and leave one that was paid for unfetched."""
    for other in ledger.all_jobs(plan.realm):
        same = (other.task_id, other.profile) == (task_id, job.profile) and other.external_id != job.external_id
        if same and other.state not in (JobState.FAILED, JobState.DROPPED):
            raise UsageFailure(
                "task-taken", f"task `{task_id}` is on record as that of {_named(other)}",
                hint=f"look for the task of `{job.member}` at the provider, or settle it by `--resubmit` or `--drop`",
            )  # fmt: skip


def _uncertain(ledger: Ledger, plan: Plan, addresses: Sequence[str]) -> tuple[JobRow, ...]:
    """The uncertain jobs of what the members are now; without any, of what they were before or on another road."""
    recipes = [plan.members[address].recipe for address in addresses]
    jobs = {job.external_id: job for rows in ledger.jobs(recipes).values() for job in rows}
    now = tuple(job for job in jobs.values() if job.state is JobState.UNCERTAIN)
    return now or tuple(
        job
        for job in ledger.all_jobs(plan.realm)
        if job.state is JobState.UNCERTAIN and job.storyboard == plan.storyboard.name and job.member in addresses
    )


def _named(job: JobRow) -> str:
    many = "takes" if len(job.takes) > 1 else "take"
    road = f" on `{job.profile}`" if job.profile else ""
    return f"`{job.external_id}` ({job.member}, {many} {', '.join(map(str, job.takes))}{road})"


def _listed(roads: Sequence[str]) -> str:
    return " and ".join(f"`{road}`" for road in roads)
