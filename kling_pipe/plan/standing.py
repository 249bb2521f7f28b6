"""How a planned member stands: by what the store holds of it, what is lost and what its earlier jobs came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kling_pipe.plan.plan import Planned, Price, Source, Standing
from kling_pipe.values.claim import JobRow, JobState
from kling_pipe.values.job import Artifact, Route


def stand(
    draft: Planned, artifacts: Mapping[str, Artifact], lost: Mapping[str, Artifact], jobs: Sequence[JobRow]
) -> Planned:
    """How a member stands, and what its missing takes cost together."""
    if not draft.recipe:
        return replace(draft, price=_times(draft.price, draft.step.takes))
    have = {take: artifacts[key] for take, key in enumerate(draft.keys, start=1) if key in artifacts}
    missing = [take for take in range(1, draft.step.takes + 1) if take not in have]
    gone = _by_take(draft, fetchable(draft, lost, jobs), missing).keys()
    going = _takes_of(job for job in jobs if _goes_on(job, draft.route))
    coming = tuple(take for take in missing if take in gone | going)
    bought = set(missing) - set(coming)
    meant = bought & _takes_of(job for job in jobs if job.state is JobState.INTENDED)
    draft = replace(
        draft, artifacts=have, coming=coming, meant=tuple(sorted(meant)), remains=_by_take(draft, lost, missing),
        price=_times(draft.price, len(bought or missing)),
    )  # fmt: skip
    if not missing:
        return replace(draft, standing=Standing.CURRENT, reason="every take is in the store")
    if gone and not bought:
        reason = "its file is gone from the store and is fetched again, without paying, while the provider has it"
        return replace(draft, standing=Standing.RUNNING, reason=reason)
    if _is_uncertain(jobs, missing):
        return replace(draft, standing=Standing.UNCERTAIN, reason=_uncertain)
    if not bought:
        return replace(draft, standing=Standing.RUNNING, reason="a task of an earlier run is picked up")
    return _to_be_bought(draft, bought, jobs)


def stand_below_lost(draft: Planned, recorded: Mapping[str, Artifact], jobs: Sequence[JobRow]) -> Planned:
    """A member made from a file that is to be fetched again. Its key is settled when that file is there: if its bytes
    are the old ones, and so they are while the provider has them, what was made before is good and nothing is paid."""
    takes = range(1, draft.step.takes + 1)
    made = {take for take, key in enumerate(draft.keys, start=1) if key in recorded}
    draft = replace(draft, remains=_by_take(draft, recorded, made))
    going = _takes_of(job for job in jobs if _goes_on(job, draft.route))
    if draft.keys and made.union(going).issuperset(takes):
        reason = "it was made from a file that is fetched again"
        return replace(draft, standing=Standing.RUNNING, reason=reason, price=_times(draft.price, 0))
    if _is_uncertain(jobs, takes):
        return replace(draft, standing=Standing.UNCERTAIN, reason=_uncertain)
    sources = tuple(replace(source, digest="") if source.member else source for source in draft.sources)
    price = _times(draft.price, draft.step.takes)
    return replace(draft, recipe="", keys=(), sources=sources, reason=pending_reason(sources), price=price)


def fetchable(draft: Planned, lost: Mapping[str, Artifact], jobs: Sequence[JobRow]) -> dict[str, Artifact]:
    """Of a member's takes whose files are gone, those that can be fetched again as far as is known: not where their
    task was found to have expired, nobody knows what became of it, or no query by an id of ours could find it and the
    ledger has forgotten its answer."""
    hopeless = {job.external_id for job in jobs if job.state in _hopeless}
    told = {job.external_id for job in jobs if job.task_id or job.outputs}
    found = {key: lost[key] for key in draft.keys if key in lost and lost[key].external_id not in hopeless}
    return {key: made for key, made in found.items() if draft.route.has_external_id or made.external_id in told}


def pending_reason(sources: Sequence[Source]) -> str:
    above = sorted({f"`{source.member}`" for source in sources if source.member and not source.digest})
    return f"waits for {', '.join(above)}" if above else ""


_hopeless = frozenset({JobState.FAILED, JobState.DROPPED, JobState.UNCERTAIN, JobState.INTENDED})
_uncertain = "an earlier job is uncertain; settle it first"


def _to_be_bought(draft: Planned, bought: set[int], jobs: Sequence[JobRow]) -> Planned:
    surely = bought - set(draft.meant)
    if not surely:
        asks = "; it is asked for first, and sent if it is not there" if draft.route.has_external_id else ""
        return replace(draft, standing=Standing.MISSING, reason=f"an earlier run meant to send it{asks}")
    failed = [job for job in jobs if job.state is JobState.FAILED and set(job.takes) & surely]
    if failed:
        last = failed[-1]
        reason = _expired if last.code == "expired" else f"attempt {last.attempt} failed: {last.code}"
        return replace(draft, standing=Standing.RETRY, reason=reason, attempt=last.attempt + last.is_used_up)
    if surely & draft.remains.keys():
        return replace(draft, standing=Standing.MISSING, reason=_forgotten)
    all_of_them = len(bought) == draft.step.takes
    reason = "not made yet" if all_of_them else f"{len(bought)} of {draft.step.takes} takes are not made yet"
    return replace(draft, standing=Standing.MISSING, reason=reason)


_forgotten = (
    "its file is gone, and so is the record by which it could be fetched again, so it is made anew and paid for"
)
_expired = "its files have expired at the provider, so it is made anew and paid for again"


def _goes_on(job: JobRow, route: Route) -> bool:
    """Whether a job is gone on with and never sent: it has a task, or whether it has one nobody can ask."""
    if job.state is JobState.INTENDED:
        return bool(job.errand) or not (route.has_external_id or job.deferred)
    return job.state in (JobState.SUBMITTED, JobState.FETCHING)


def _is_uncertain(jobs: Sequence[JobRow], takes: Iterable[int]) -> bool:
    return any(job.state is JobState.UNCERTAIN and not set(takes).isdisjoint(job.takes) for job in jobs)


def _takes_of(jobs: Iterable[JobRow]) -> set[int]:
    return {take for job in jobs for take in job.takes}


def _by_take(draft: Planned, recorded: Mapping[str, Artifact], takes: Iterable[int]) -> dict[int, Artifact]:
    return {take: recorded[draft.keys[take - 1]] for take in takes if draft.keys[take - 1] in recorded}


def _times(price: Price | None, takes: int) -> Price | None:
    return None if price is None else replace(price, cost=price.cost * takes)
