"""What the ledger says of a job: made, free, ours to go on with, held by another run, uncertain, too dear."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import replace

from kling_pipe.events import (
    AnswerLost,
    JobDeferred,
    JobIntended,
    JobUncertain,
    MemberCurrent,
    MemberRefused,
    StillRunning,
)
from kling_pipe.plan.recipe import key_of
from kling_pipe.run.commands import Claimed, HandedOver
from kling_pipe.run.flight import Flight
from kling_pipe.run.pools import Pool
from kling_pipe.run.sending import Sending
from kling_pipe.run.states import State, after, ends
from kling_pipe.values.claim import ClaimAnswer, JobRow, JobState, open_states
from kling_pipe.values.job import Artifact, Phase, TaskState
from kling_pipe.values.money import Scope


class Claiming(Sending):
    """What the ledger says of a job: made, free, ours to go on with, held by another run, uncertain, too dear."""

    def _claimed(self, result: Claimed) -> None:
        flight = self._flights.get(result.flight)
        if flight is None:
            return
        claim = result.claim
        flight.over_budget = claim.reason
        if claim.answer is not ClaimAnswer.INTENDED:
            self._leave_place(flight)
        match claim.answer:
            case ClaimAnswer.MADE:
                self._take_made(flight, claim.artifacts)
            case ClaimAnswer.FREE:
                self._queue(flight)
            case ClaimAnswer.INTENDED:
                self._intended(flight, claim.attempt)
            case ClaimAnswer.RESUME:
                assert claim.row is not None
                self._resume_or_share(flight, claim.row)
            case ClaimAnswer.HELD:
                self._held(flight)
            case ClaimAnswer.UNCERTAIN:
                told = claim.row.message if claim.row is not None else ""
                reason = told or "a job for it is uncertain since an earlier run"
                self._adopt_number(flight, claim.attempt)
                self._end(flight, JobUncertain, reason=reason)
            case ClaimAnswer.ELSEWHERE:
                assert claim.row is not None
                self._end(flight, StillRunning, task_id="", reason=_elsewhere(claim.row))
            case ClaimAnswer.OVER_BUDGET:
                self._over_budget(flight, claim.reason, claim.scope)

    def _held(self, flight: Flight) -> None:
        """Waits for another run no longer than for a task: its process may live and do nothing."""
        if flight.held_since is None:
            flight.held_since = self._now
        if self._limits.only_fetches or self._now >= flight.held_since + self._patience_for(flight):
            self._end(flight, StillRunning, task_id="", reason="another run still makes it")
            return
        self._wait_for(flight, "another run makes it")
        self._later(flight, self._held_pause, "claim")

    def _take_made(self, flight: Flight, artifacts: tuple[Artifact, ...]) -> None:
        member = self._members[flight.job.member]
        for artifact in artifacts:
            member.artifacts[artifact.take] = artifact
        missing = tuple(take for take in flight.job.takes if take not in member.artifacts)
        job = flight.job
        self._drop(flight)
        if missing:
            self._launch(job.member, job.recipe, job.materials, flight.origins, missing, flight.explanation)
        else:
            made = artifacts[0]
            current = MemberCurrent(self._now, job.member, made.key, made.digest, made.take)
            flight.state = after(flight.state, current)
            self._events.append(current)
            self._member_may_be_done(job.member)

    def _resume_or_share(self, flight: Flight, row: JobRow) -> None:
        """One flight: a job that another step of this run makes is waited for, not asked for twice."""
        maker = self._flight_of(row.external_id)
        if maker is None and row.external_id in self._settled:
            self._claim(flight, intend=False)  # it ended here while this answer was under way
            return
        if maker is None or maker is flight:
            self._resume(flight, row)
            return
        self._wait_for(flight, f"`{maker.job.member}` makes it")
        maker.sharers.append(flight.number)

    def _wait_for(self, flight: Flight, reason: str) -> None:
        """Says once that a job waits; how often it is looked at is nobody's news."""
        if flight.state is not State.DEFERRED:
            self._emit(flight, JobDeferred, reason=reason, until=0.0)

    def _resume(self, flight: Flight, row: JobRow) -> None:
        """Goes on with what an earlier run left: asks for it when it may never have left, else looks at its task."""
        if row.profile not in self._limits.accounts:
            begun = f"its task {row.task_id} is" if row.task_id else "it was begun"
            reason = (
                f"{begun} on the account of profile `{row.profile}`, which this run does not use: name that profile"
            )
            self._end(flight, StillRunning, task_id="", reason=reason)
            return
        rest = tuple(take for take in flight.job.takes if take not in row.takes)
        job = flight.job
        takes = row.takes
        flight.job = replace(
            job,
            takes=takes,
            attempt=row.attempt,
            keys=tuple(key_of(job.recipe, take) for take in takes),
            profile=row.profile,
            route=replace(job.route, standard=row.standard, endpoint=row.endpoint),
            estimate=row.estimate,
        )
        self._by_external[flight.job.external_id] = flight.number
        flight.claimed = True
        flight.told, flight.errands_cost = row.told, row.errands_cost
        flight.was_made = row.ended > 0
        self._take_place(flight)
        if row.state is JobState.INTENDED and row.deferred and not flight.job.route.has_external_id:
            self._leave_place(flight)
            self._wait_for(flight, "it was not sent yet")
            self._queue(flight)
        elif row.state is JobState.INTENDED:
            self._emit(flight, AnswerLost if flight.state is State.DEFERRED else JobIntended, **(
                {"reason": "an earlier run did not hear the answer"} if flight.state is State.DEFERRED
                else self._intention(flight)))  # fmt: skip
            self._resume_intended(flight, row)
        else:
            # A call that was answered with what it made may not be asked about: its files are fetched.
            phase = Phase.SUCCEEDED if row.outputs else Phase.RUNNING
            task = TaskState(
                row.task_id, row.external_id, phase, outputs=row.outputs, cost=row.cost, created=row.submitted
            )
            self._submitted(flight, task, adopted=True)
        if rest:
            self._launch(job.member, job.recipe, job.materials, flight.origins, rest, flight.explanation)

    def _resume_intended(self, flight: Flight, row: JobRow) -> None:
        """An intention whose end nobody wrote down: asked for where the service can tell, else uncertain."""
        if row.errand:
            self._end(flight, JobUncertain, reason=f"an earlier run did not hear the answer to `{row.errand}`")
        elif flight.job.route.has_external_id:
            flight.in_doubt = flight.looked_for = True
            self._ask(flight)
        elif self._is_kept_here(flight, row):
            self._ask(flight)
        else:
            self._end(flight, JobUncertain, reason="an earlier run did not hear the answer")

    def _is_kept_here(self, flight: Flight, row: JobRow) -> bool:
        """Whether what became of it is kept here. What left by another transport is not, though it may have left."""
        planned = self._members[flight.job.member].planned
        same = (planned.profile, planned.route.standard) == (row.profile, row.standard)
        return same and self._account(flight).limits.recalls

    def _intended(self, flight: Flight, attempt: int) -> None:
        self._adopt_number(flight, attempt)
        self._settled.discard(flight.job.external_id)  # an id that was never used up serves again
        flight.claimed = True
        self._emit(flight, JobIntended, **self._intention(flight))
        self._send(flight)

    def _send_again(self, flight: Flight) -> None:
        """A job that waited goes now. Where no query could tell of it, that it leaves is on disk before it does."""
        if not flight.job.route.has_external_id and flight.state is State.DEFERRED:
            self._emit(flight, JobIntended, **self._intention(flight))
        self._send(flight)

    def _handed_over(self, result: HandedOver) -> None:
        flight = self._flights.get(result.flight)
        if flight is not None and not self._stopping:
            flight.handed = True
            self._send_again(flight)

    def _adopt_number(self, flight: Flight, attempt: int) -> None:
        flight.job = replace(flight.job, attempt=attempt)
        self._by_external[flight.job.external_id] = flight.number

    def _intention(self, flight: Flight) -> dict[str, object]:
        job = flight.job
        return {
            "recipe": job.recipe, "takes": job.takes, "attempt": job.attempt, "kind": job.kind, "model": job.model,
            "route": str(job.route), "estimate": job.estimate, "expected_seconds": job.expected_seconds,
        }  # fmt: skip

    def _over_budget(self, flight: Flight, reason: str, scope: Scope) -> None:
        """Waits while money is reserved that may come back; else the member is refused and nothing is spent on it."""
        if any(other.claimed and other.state not in ends for other in self._flights_of(scope, flight)):
            self._wait_for(flight, "the budget is reserved by running jobs")
            self._later(flight, self._held_pause, "claim-intend")
            return
        self.over_budget = True
        self._end(flight, MemberRefused, reason=reason)

    def _flights_of(self, scope: Scope, flight: Flight) -> Iterable[Flight]:
        """The flights that a cap of this scope holds together with one."""
        if scope is Scope.RUN:
            return self._flights.values()
        return [self._flights[number] for number in self._members[flight.job.member].flights]

    def _fill(self) -> None:
        """Starts queued jobs, longest remaining chain first, while there are places."""
        for account in self._accounts.values():
            if not self._stopping and not account.is_cooling(self._now):
                for product, queue in account.queues.items():
                    self._fill_pool(account.pool(product), queue)

    def _fill_pool(self, pool: Pool, queue: list[tuple[float, int]]) -> None:
        while queue:
            flight = self._flights.get(queue[0][1])
            if flight is not None and flight.state not in ends:
                if not pool.has_room(flight.job.slots) or not self._has_room_overall(flight.job.slots):
                    return
                self._take_place(flight)
                if flight.claimed:
                    self._send_again(flight)
                else:
                    self._claim(flight, intend=True)
            heapq.heappop(queue)

    def _claim_again(self, flight: Flight) -> None:
        self._claim(flight, intend=False)


def _elsewhere(row: JobRow) -> str:
    """The next plan finds it there, and the step stays on that road."""
    if row.state is JobState.UNCERTAIN:
        return f"a job for it on `{row.profile}` is uncertain: nothing was sent on another road"
    words = "makes it" if row.state in open_states else "has made it"
    return f"another run {words} on `{row.profile}`: run again to go on with that"
