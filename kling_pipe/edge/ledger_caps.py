"""Whether a cap has room for one more job: what runs have reserved and spent already, summed from the ledger's rows.

1. A job weighs its own figure once that is known, its estimate until then, and nothing once it failed for nothing.
2. It weighs on the run that sent it: one that was sent before a run began was paid for then, and is only waited for.
3. Runs of one storyboard and realm that live beside each other share their caps.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kling_pipe.edge.ledger_rows import charge_of
from kling_pipe.values.job import Job
from kling_pipe.values.money import Cap, Caps, Cost, Scope, blind

_charged = (
    " from jobs where run = :run"
    " and coalesce(coalesce(submitted, ended) < (select started from runs where run = :run), 0) = 0"
)
# Prices repeat, so a sum over thousands of jobs is a sum over a few rows.
_sums = f"select state, estimate, cost, count(*) as jobs{_charged} group by state, estimate, cost"
_sums_of_member = (
    f"select state, estimate, cost, count(*) as jobs{_charged} and member = :member group by state, estimate, cost"
)
_jobs_of_recipe = f"select state, estimate, cost, takes{_charged} and recipe = :recipe"


@dataclass(frozen=True, slots=True)
class Excess:
    """A cap that has no room, and why in words."""

    scope: Scope
    reason: str


def excess(database: sqlite3.Connection, job: Job, estimate: Cost, caps: Caps, owners: Sequence[str]) -> Excess | None:
    """The first cap that a job would pass; `owners` are the runs whose jobs weigh beside it."""
    for scope, several in ((Scope.RUN, caps.run), (Scope.STEP, caps.step), (Scope.TAKE, caps.take)):
        cap = blind(several, estimate)
        if cap is not None:
            return Excess(scope, f"it is billed in money, {estimate}, which a budget of {cap} does not hold")
    for scope, query in ((Scope.RUN, _sums), (Scope.STEP, _sums_of_member)):
        several = caps.run if scope is Scope.RUN else caps.step
        committed = _committed(database, query, job, owners) + estimate if several else Cost()
        for cap in several:
            if not cap.allows(committed):
                whose = "the budget" if scope is Scope.RUN else "the budget of a step"
                return Excess(scope, f"{committed} would be spent or reserved, {whose} is {cap}")
    for cap in caps.take:
        if any(share > Fraction(cap.amount) for share in _shares(database, job, estimate, cap, owners)):
            takes = "a take" if len(job.takes) == 1 else f"{len(job.takes)} takes"
            return Excess(
                Scope.TAKE, f"{takes} for {estimate}, and what was spent on it before; a take's budget is {cap}"
            )
    return None


def _committed(database: sqlite3.Connection, query: str, job: Job, owners: Sequence[str]) -> Cost:
    total = Cost()
    for owner in owners:
        for row in database.execute(query, _names(job, owner)):
            total = total + charge_of(row) * row["jobs"]
    return total


def _shares(
    database: sqlite3.Connection, job: Job, estimate: Cost, cap: Cap, owners: Sequence[str]
) -> Iterator[Fraction]:
    """What each take of a job comes to; each take of a task costs the same."""
    spent = dict.fromkeys(job.takes, Fraction(cap.measure(estimate)) / len(job.takes))
    for owner in owners:
        for row in database.execute(_jobs_of_recipe, _names(job, owner)):
            takes = json.loads(row["takes"])
            for take in spent.keys() & set(takes):
                spent[take] += Fraction(cap.measure(charge_of(row))) / len(takes)
    yield from spent.values()


def _names(job: Job, owner: str) -> Mapping[str, str]:
    return {"run": owner, "member": job.member, "recipe": job.recipe}
