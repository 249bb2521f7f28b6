"""The run as a machine: results in, events and commands out; no IO, no clock, no chance of its own.

It decides which job may start (places, critical path, cooling, budget), what follows from each answer (`retry`), when
to look at tasks (`polling`) and what became ready. It does not know how a request looks or where a file lies.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kling_pipe.events import (
    AnswerLost,
    ArtifactStored,
    Cooling,
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
    PoolChanged,
    StillRunning,
    TaskProgress,
)
from kling_pipe.plan.plan import Plan, Source, Standing
from kling_pipe.plan.recipe import Recipe, key_of
from kling_pipe.run.account import Account
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
    NotHanded,
    Result,
    Send,
    Sent,
    Turn,
)
from kling_pipe.run.flight import (
    AccountLimits,
    Flight,
    Limits,
    MemberRun,
    default_timeout,
    held_interval,
    most_fetches,
    most_looks_for_lost,
    output_days,
)
from kling_pipe.run.polling import first_look
from kling_pipe.run.pools import Pool
from kling_pipe.run.retry import (
    Consequence,
    on_create,
    on_read,
    patience,
    remedies,
)
from kling_pipe.run.states import State, after, ends
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.claim import ClaimAnswer, JobRow, JobState
from kling_pipe.values.job import Artifact, Job, Material, Phase, TaskState
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Origin


class Machine:
    """See the module. `handle` takes one result; `wake_at` says when `handle(None, …)` is due at the latest."""

    def __init__(self, plan: Plan, tails: Mapping[str, float], limits: Limits, chance: Callable[[], float]) -> None:
        self._plan = plan
        self._tails = tails
        self._limits = limits
        self._chance = chance
        self._members = {
            address: MemberRun(planned, len(planned.above), artifacts=dict(planned.artifacts))
            for address, planned in plan.members.items()
        }
        self._below: dict[str, list[str]] = {}
        for address, planned in plan.members.items():
            for above in planned.above:
                self._below.setdefault(above, []).append(address)
        self._flights: dict[int, Flight] = {}
        self._ended: dict[int, Flight] = {}  # ended with a request under way
        self._by_external: dict[str, int] = {}
        self._settled: set[str] = set()  # external ids of jobs that were done or failed here
        self._to_ready: deque[str] = deque()
        self._numbers = 0
        self._accounts: dict[str, Account] = {}
        self._timers: list[tuple[float, int, int, int, str]] = []
        self._shortest: dict[tuple[str, str], float] = dict(limits.shortest_seen)
        self._stopping = False
        self._open = len(self._members)
        self._outstanding = 0
        self._events: list[Event] = []
        self._commands: list[Command] = []
        self._now = 0.0
        self.stopped_by: Refusal | None = None  # a refusal after which no request can work
        self.spent = Cost()
        self.all_exact = True
        self.over_budget = False

    # the face

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do or to wait for in this run."""
        return self._open == 0 or (self._stopping and self._outstanding == 0)

    @property
    def members(self) -> Mapping[str, MemberRun]:
        return self._members

    @property
    def wake_at(self) -> float | None:
        """The next moment at which something is due by time alone."""
        moments = [self._timers[0][0]] if self._timers else []
        for account in self._accounts.values():
            look = account.next_look()
            if look is not None and not self._stopping:
                moments.append(look)
            if account.is_cooling(self._now) and account.waits:
                moments.append(account.cool_until)
        return min(moments, default=None)

    def start(self, now: float) -> Turn:
        """The first turn: everything that is current or ready."""
        self._now = now
        for address, member in self._members.items():
            if member.state is State.WAITING and member.waits_for == 0:
                self._to_ready.append(address)
        return self._end_turn()

    def stop(self, now: float) -> Turn:
        """No new submissions from here on; what is in flight is recorded already."""
        self._now = now
        self._stopping = True
        return self._end_turn()

    def handle(self, result: Result | None, now: float) -> Turn:
        """One result of a command, or None when time alone moved."""
        self._now = now
        if result is not None:
            if isinstance(result, Claimed | Sent | Asked | NotHanded):
                self._outstanding -= 1
            self._handlers[type(result)](self, result)
        self._fire_timers()
        return self._end_turn()

    # becoming ready

    def _become_ready(self, address: str) -> None:
        member = self._members[address]
        planned = member.planned
        if planned.standing is Standing.CURRENT:
            self._emit_member(address, MemberCurrent(self._now, address, planned.keys[0] if planned.keys else "",
                              self._picked(member).digest, planned.step.pick))  # fmt: skip
            self._end_member(address)
            return
        origins = tuple(self._origin(source) for source in planned.sources)
        materials = tuple(origin.material for origin in origins)
        recipe = Recipe.of(
            planned.kind, planned.realm, planned.provider, planned.model, planned.parameters, materials,
            planned.step.extra,
        )  # fmt: skip
        self._emit_member(address, MemberReady(self._now, address, recipe.key(planned.step.pick)))
        missing = tuple(take for take in range(1, planned.step.takes + 1) if take not in member.artifacts)
        self._fly(address, recipe.digest, materials, origins, missing, recipe.explanation())

    def _origin(self, source: Source) -> Origin:
        if not source.member:
            assert source.facts is not None
            material = Material(source.wire.field, source.digest, source.facts, source.select)
            return Origin(material, path=source.path, url=source.url)
        artifact = self._members[source.member].artifacts[source.take]
        material = Material(source.wire.field, artifact.digest, artifact.facts, source.select)
        return Origin(material, url=artifact.url, url_expires=artifact.url_expires)

    def _picked(self, member: MemberRun) -> Artifact:
        return member.artifacts[member.planned.step.pick]

    def _fly(
        self,
        address: str,
        recipe: str,
        materials: tuple[Material, ...],
        origins: tuple[Origin, ...],
        takes: tuple[int, ...],
        explanation: str,
    ) -> None:
        """Takes that one task can make together fly together."""
        at_once = max(1, self._members[address].planned.takes_at_once)
        for begin in range(0, len(takes), at_once):
            self._launch(address, recipe, materials, origins, takes[begin : begin + at_once], explanation)

    def _launch(
        self,
        address: str,
        recipe: str,
        materials: tuple[Material, ...],
        origins: tuple[Origin, ...],
        takes: tuple[int, ...],
        explanation: str,
        attempts_here: int = 1,
    ) -> Flight:
        member = self._members[address]
        planned = member.planned
        job = Job(
            member=address, storyboard=self._plan.storyboard.name, kind=planned.kind, model=planned.model,
            realm=planned.realm, provider=planned.provider, profile=planned.profile, product=planned.product,
            makes=planned.makes, parameters=planned.parameters, materials=materials, extra=planned.step.extra,
            recipe=recipe, takes=takes, keys=tuple(key_of(recipe, take) for take in takes),
            estimate=planned.take_cost * len(takes), expected_seconds=planned.expected_seconds, route=planned.route,
            timeout=planned.step.timeout,
        )  # fmt: skip
        self._numbers += 1
        flight = Flight(self._numbers, job, origins, explanation, attempts_here=attempts_here)
        self._flights[flight.number] = flight
        member.flights.add(flight.number)
        self._claim(flight, intend=False)
        return flight

    # claiming

    def _claim(self, flight: Flight, *, intend: bool) -> None:
        self._outstanding += 1
        self._commands.append(ClaimJob(flight.number, flight.job, intend, self._limits.cap, flight.explanation))

    def _claimed(self, result: Claimed) -> None:
        flight = self._flights.get(result.flight)
        if flight is None:
            return
        claim = result.claim
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
                reason = "a job for it is uncertain since an earlier run"
                self._adopt_number(flight, claim.attempt)
                self._end(flight, JobUncertain, reason=reason)
            case ClaimAnswer.OVER_BUDGET:
                self._over_budget(flight, claim.reason)

    def _held(self, flight: Flight) -> None:
        """Waits for another run no longer than for a task: its process may live and do nothing."""
        if flight.held_since is None:
            flight.held_since = self._now
        if self._now >= flight.held_since + self._patience_for(flight):
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
            reason = f"profile `{row.profile}` has sent it: use that profile again"
            self._end(flight, StillRunning, task_id=row.task_id, reason=reason)
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
        flight.was_made = row.ended > 0
        self._take_place(flight)
        if row.state is JobState.INTENDED:
            self._emit(flight, AnswerLost if flight.state is State.DEFERRED else JobIntended, **(
                {"reason": "an earlier run did not hear the answer"} if flight.state is State.DEFERRED
                else self._intention(flight)))  # fmt: skip
            flight.in_doubt = True
            if self._account(flight).limits.has_external_ids:
                self._ask(flight)
            else:
                self._end(flight, JobUncertain, reason="an earlier run did not hear the answer")
        else:
            task = TaskState(row.task_id, row.external_id, Phase.RUNNING, created=row.submitted)
            self._submitted(flight, task, adopted=True)
        if rest:
            self._launch(job.member, job.recipe, job.materials, flight.origins, rest, flight.explanation)

    def _intended(self, flight: Flight, attempt: int) -> None:
        self._adopt_number(flight, attempt)
        self._settled.discard(flight.job.external_id)  # an id that was never used up serves again
        flight.claimed = True
        self._emit(flight, JobIntended, **self._intention(flight))
        self._send(flight)

    def _adopt_number(self, flight: Flight, attempt: int) -> None:
        flight.job = replace(flight.job, attempt=attempt)
        self._by_external[flight.job.external_id] = flight.number

    def _intention(self, flight: Flight) -> dict[str, object]:
        job = flight.job
        return {
            "recipe": job.recipe, "takes": job.takes, "attempt": job.attempt, "kind": job.kind, "model": job.model,
            "route": str(job.route), "estimate": job.estimate, "expected_seconds": job.expected_seconds,
        }  # fmt: skip

    def _over_budget(self, flight: Flight, reason: str) -> None:
        """Waits while money is reserved that may come back; else the member is refused and nothing is spent on it."""
        if any(other.claimed and other.state not in ends for other in self._flights.values()):
            self._wait_for(flight, "the budget is reserved by running jobs")
            self._later(flight, self._held_pause, "claim-intend")
            return
        self.over_budget = True
        self._end(flight, MemberRefused, reason=reason)

    # places

    def _account(self, flight: Flight) -> Account:
        return self._account_of(flight.job.profile)

    def _account_of(self, profile: str) -> Account:
        account = self._accounts.get(profile)
        if account is None:
            limits = self._limits.accounts.get(profile, AccountLimits())
            account = self._accounts[profile] = Account(profile, limits, self._limits.pace, self._chance)
        return account

    def _pool(self, flight: Flight) -> Pool:
        return self._account(flight).pool(flight.job.product)

    @property
    def _held_pause(self) -> float:
        return max(0.1, held_interval * self._limits.pace)

    def _queue(self, flight: Flight) -> None:
        if self._stopping:
            return
        account = self._account(flight)
        refusal = account.stopped(flight.job.product)
        if refusal is not None:
            self._fail_by(flight, refusal)
            return
        account.queue(flight, self._tails.get(flight.job.member, 0.0))

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
                    self._send(flight)
                else:
                    self._claim(flight, intend=True)
            heapq.heappop(queue)

    def _has_room_overall(self, slots: int) -> bool:
        if not self._limits.jobs:
            return True
        taken = sum(pool.in_use for account in self._accounts.values() for pool in account.pools.values())
        return taken + slots <= self._limits.jobs or taken == 0

    def _take_place(self, flight: Flight) -> None:
        if not flight.has_place:
            flight.has_place = True
            self._pool(flight).take(flight.job.slots)

    def _leave_place(self, flight: Flight) -> None:
        if flight.has_place:
            flight.has_place = False
            self._pool(flight).give_back(flight.job.slots)

    # sending and asking

    def _send(self, flight: Flight) -> None:
        if self._stopping:
            return
        flight.sent_at = self._now
        self._outstanding += 1
        self._commands.append(Send(flight.number, flight.job, flight.origins))

    def _ask(self, flight: Flight) -> None:
        if self._stopping:
            return
        self._outstanding += 1
        self._commands.append(Ask(flight.number, flight.job.profile, flight.job.external_id, flight.job.route))

    def _sent(self, result: Sent) -> None:
        answer = result.answer
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, answer)
            return
        if isinstance(answer, TaskState):
            self._end_trouble(flight)
            self._submitted(flight, answer, adopted=False)
            return
        match on_create.get(answer.answer, Consequence.ASK):
            case Consequence.COOL:
                self._cool(self._account(flight), answer)
                self._defer(flight, answer)
            case Consequence.SHRINK:
                self._shrink(flight, answer)
            case Consequence.ASK:
                flight.said_exists = answer.answer is AnswerClass.EXISTS
                self._doubt(flight, answer)
            case Consequence.STOP_ALL:
                self._stop_all(flight, answer)
            case Consequence.STOP_SENDING:
                self._stop_sending(flight, answer)
            case Consequence.STOP_PRODUCT:
                self._stop_product(flight, answer)
            case _ if flight.in_doubt:
                flight.refused = answer
                self._ask(flight)
            case _:
                self._fail_by(flight, answer)

    def _answered_late(self, number: int, answer: TaskState | Refusal) -> None:
        """The flight ended while its request was under way; a task that came of it is recorded all the same."""
        flight = self._ended.pop(number, None)
        if flight is not None and isinstance(answer, TaskState):
            submitted = JobSubmitted(self._now, flight.job.member, flight.job.external_id, answer.task_id)
            self._events.append(submitted)

    def _doubt(self, flight: Flight, answer: Refusal) -> None:
        """No usable answer came to a create: ask by external id, or call it uncertain where that cannot be."""
        self._emit(flight, AnswerLost, reason=str(answer))
        flight.in_doubt = True
        if not self._account(flight).limits.has_external_ids:
            self._end(flight, JobUncertain, reason=str(answer))
        elif flight.said_exists:
            self._ask(flight)
        elif not self._gave_up(flight, answer):
            self._later(flight, self._account(flight).pause(flight.tries), "ask")

    def _asked(self, result: Asked) -> None:
        answer = result.answer
        flight = self._flights.get(result.flight)
        if flight is None:
            self._answered_late(result.flight, answer or _silence)
        elif isinstance(answer, TaskState):
            self._end_trouble(flight)
            self._submitted(flight, answer, adopted=True)
        elif answer is None:
            self._absent(flight)
        else:
            match on_read.get(answer.answer, Consequence.AGAIN):
                case Consequence.COOL:
                    self._cool(self._account(flight), answer)
                    if not self._gave_up(flight, answer):
                        self._later(flight, self._account(flight).cool_until - self._now, "ask")
                case Consequence.STOP_ALL:
                    self._stop_all(flight, answer)
                case Consequence.GONE:
                    self._absent(flight)
                case _:
                    if not self._gave_up(flight, answer):
                        self._later(flight, self._account(flight).pause(flight.tries), "ask")

    def _absent(self, flight: Flight) -> None:
        """The provider does not know the id: the same id goes again. If it said the id exists, it is asked again."""
        if flight.refused is not None:
            flight.in_doubt = False
            self._fail_by(flight, flight.refused)
            return
        if not flight.said_exists:
            self._leave_place(flight)
            self._queue(flight)
            return
        flight.unmentioned += 1
        if flight.unmentioned > most_looks_for_lost:
            self._end(flight, JobUncertain, reason="the provider says the id exists and does not show the task")
        else:
            self._later(flight, self._account(flight).pause(flight.unmentioned), "ask")

    def _submitted(self, flight: Flight, task: TaskState, *, adopted: bool) -> None:
        flight.task_id = task.task_id
        flight.unmentioned = 0
        self._pool(flight).refused_alone = 0
        flight.submitted_at = self._now if not adopted or not task.created else min(task.created, self._now)
        flight.created = task.created
        self._emit(flight, JobSubmitted, task_id=task.task_id, adopted=adopted)
        if task.phase in (Phase.SUCCEEDED, Phase.FAILED):
            self._learned(flight, task)
            return
        shortest = self._shortest.get((flight.job.kind, flight.job.model))
        earliest = self._now if adopted else first_look(self._now, self._account(flight).polling.interval, shortest)
        self._account(flight).polling.watch(flight.ref, earliest)
        self._later(flight, self._patience_for(flight), "timeout")

    def _patience_for(self, flight: Flight) -> float:
        return (flight.job.timeout or default_timeout) * self._limits.pace

    # looking

    def _look(self) -> None:
        for account in self._accounts.values():
            due = account.next_look()
            if due is None or self._stopping or self._now < due:
                continue
            tasks = account.polling.begin_look(self._now)
            if tasks:
                self._commands.append(Look(account.profile, tasks))
            else:
                account.polling.end_look()

    def _looked(self, result: Looked) -> None:
        account = self._account_of(result.profile)
        account.polling.end_look(result.requests if result.refusal is None else 0)
        if result.refusal is not None:
            self._look_trouble(account, result.refusal)
        else:
            account.look_worked()
        for task in result.states:
            flight = self._flight_of(task.external_id)
            if flight is not None and self._is_awaited(flight):
                flight.unmentioned = 0
                self._learned(flight, task)
        for external_id in result.unmentioned:
            flight = self._flight_of(external_id)
            if flight is not None and self._is_awaited(flight):
                account.polling.forget(external_id)
                self._look_one(flight)

    def _is_awaited(self, flight: Flight) -> bool:
        """Whether a look may tell something: also of a task that succeeded once and says now that it runs."""
        watched = self._account(flight).polling.watched
        return flight.state is State.SUBMITTED or flight.job.external_id in watched

    def _has_row(self, flight: Flight) -> bool:
        return self._by_external.get(flight.job.external_id) == flight.number

    def _flight_of(self, external_id: str) -> Flight | None:
        return self._flights.get(self._by_external.get(external_id, 0))

    def _look_trouble(self, account: Account, refusal: Refusal) -> None:
        match on_read.get(refusal.answer, Consequence.AGAIN):
            case Consequence.COOL:
                self._cool(account, refusal)
            case Consequence.STOP_ALL:
                self._stop_account(account, refusal)
            case _:
                account.look_failed(self._now)

    def _looked_one(self, result: LookedOne) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state not in (State.SUBMITTED, State.FETCHING):
            return
        if result.state is not None:
            flight.unmentioned = 0
            self._end_trouble(flight)
            self._learned(flight, result.state)
            return
        refusal = result.refusal
        consequence = Consequence.GONE if refusal is None else on_read.get(refusal.answer, Consequence.AGAIN)
        if consequence is Consequence.STOP_ALL and refusal is not None:
            self._stop_account(self._account(flight), refusal)
        elif consequence is Consequence.GONE:
            self._unknown_task(flight)
        else:
            if consequence is Consequence.COOL and refusal is not None:
                self._cool(self._account(flight), refusal)
            if refusal is None or not self._gave_up(flight, refusal):
                self._later(flight, self._account(flight).pause(max(1, flight.tries)), "look-one")

    def _unknown_task(self, flight: Flight) -> None:
        """The provider does not show a task it accepted: asked again for a while; then expired, or uncertain."""
        flight.unmentioned += 1
        if flight.unmentioned <= most_looks_for_lost:
            self._later(flight, self._account(flight).pause(flight.unmentioned), "look-one")
        elif flight.was_made or self._has_expired(flight):
            self._end(flight, JobFailed, code="expired", message="its files have expired at the provider",
                      hint="run again to make it anew")  # fmt: skip
        else:
            self._end(flight, JobUncertain, reason="the provider no longer shows the task it accepted")

    def _has_expired(self, flight: Flight) -> bool:
        return bool(flight.created) and self._now - flight.created > output_days

    def _learned(self, flight: Flight, task: TaskState) -> None:
        """What a look told about one task."""
        flight.last = task
        flight.created = task.created or flight.created
        if task.status and task.status != flight.status and flight.state is State.SUBMITTED:
            flight.status = task.status
            self._emit(flight, TaskProgress, status=task.status)
        match task.phase:
            case Phase.SUCCEEDED:
                self._account(flight).polling.forget(flight.job.external_id)
                self._succeeded(flight, task)
            case Phase.FAILED:
                self._account(flight).polling.forget(flight.job.external_id)
                self._leave_place(flight)
                code = task.failure or "failed-at-provider"
                hint = remedies.get(AnswerClass.MODERATED, "") if code == "moderated" else ""
                self._fail(flight, code, task.message or "the provider gave no reason", hint, task.cost or Cost())
            case _:
                if flight.job.external_id not in self._account(flight).polling.watched:
                    self._account(flight).polling.watch(flight.ref, self._now)

    def _succeeded(self, flight: Flight, task: TaskState) -> None:
        """The task's place is free at once; its files are fetched."""
        if flight.has_place:
            self._leave_place(flight)
            if self._pool(flight).grow():
                self._pool_changed(flight, "tasks end well")
        if flight.state is State.SUBMITTED:
            flight.cost = task.cost if task.cost is not None else flight.job.estimate
            flight.exact = task.cost is not None
            self._count(flight)
            self._emit(flight, FetchStarted, cost=flight.cost, exact=flight.exact)
        self._fetch(flight, task)

    def _count(self, flight: Flight) -> None:
        """A task that was made and paid for before costs nothing when only its files are fetched again."""
        if not flight.was_made:
            self.spent = self.spent + flight.cost
            self.all_exact = self.all_exact and flight.exact

    def _fetch(self, flight: Flight, task: TaskState) -> None:
        if self._stopping:
            return
        flight.fetches += 1
        expects = self._members[flight.job.member].planned.expects
        self._commands.append(Fetch(flight.number, flight.job.profile, task.outputs, flight.job.makes, expects))

    # files

    def _fetched(self, result: FetchedAll) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state is not State.FETCHING:
            return
        member = self._members[flight.job.member]
        task = flight.last
        assert task is not None
        if not result.files:
            self._fetch_troubled(FetchTroubled(flight.number, "the task succeeded and names no file", gone=True))
            return
        job = flight.job
        for take, key, fetched in zip(job.takes, job.keys, result.files, strict=False):
            expires = (task.updated or self._now) + result.url_lifetime
            artifact = Artifact(key, fetched.digest, fetched.facts, take, 0, flight.job.external_id, flight.task_id,
                                self._now, fetched.output.url, expires)  # fmt: skip
            member.artifacts.setdefault(take, artifact)
            self._events.append(
                ArtifactStored(
                    self._now, job.member, job.external_id, key, fetched.digest, take, 0, fetched.facts,
                    fetched.output.url, expires,
                )
            )  # fmt: skip
        seconds = self._duration(flight, task)
        short = [take for take in job.takes if take not in member.artifacts]
        if short:
            member.failed = State.FAILED
        self._end(flight, JobDone, seconds=seconds, cost=flight.cost, exact=flight.exact)
        if short:
            message = f"the provider made {len(result.files)} of {len(flight.job.takes)} pictures"
            self._events.append(JobFailed(self._now, flight.job.member, "", "short-delivery", message,
                                "run again to buy the missing takes"))  # fmt: skip

    def _duration(self, flight: Flight, task: TaskState) -> float:
        seconds = task.updated - task.created if task.updated > task.created > 0 else self._now - flight.submitted_at
        if seconds > 0:
            kind = (flight.job.kind, flight.job.model)
            self._shortest[kind] = min(seconds, self._shortest.get(kind, seconds))
        return max(0.0, seconds)

    def _fetch_troubled(self, result: FetchTroubled) -> None:
        flight = self._flights.get(result.flight)
        if flight is None or flight.state is not State.FETCHING:
            return
        if flight.fetches >= most_fetches and result.gone and self._has_expired(flight):
            self._end(flight, JobFailed, code="expired", message="its files have expired at the provider",
                      hint="run again to make it anew", cost=flight.cost)  # fmt: skip
            return
        if flight.fetches >= most_fetches:
            reason = f"its files could not be fetched: {result.message}"
            self._end(flight, StillRunning, task_id=flight.task_id, reason=reason)
            return
        self._later(flight, self._account(flight).pause(flight.fetches), "look-one")

    # trouble

    def _gave_up(self, flight: Flight, refusal: Refusal) -> bool:
        """Counts a trouble; after a long time of nothing else the job is left to the next run."""
        flight.tries += 1
        if flight.tries == 1:
            flight.trouble_since = self._now
        if self._now - flight.trouble_since < patience * self._limits.pace:
            return False
        reason = f"the provider could not be reached: {refusal}"
        self._end(flight, StillRunning, task_id=flight.task_id, reason=reason)
        return True

    def _end_trouble(self, flight: Flight) -> None:
        flight.tries = 0
        self._account(flight).answered()

    def _cool(self, account: Account, refusal: Refusal) -> None:
        pause = account.cool(refusal, self._now)
        if pause:
            self._events.append(Cooling(self._now, "", account.profile, pause, str(refusal)))

    def _defer(self, flight: Flight, refusal: Refusal) -> None:
        """Nothing was created: the intention stays and the same id goes again after the pause."""
        self._leave_place(flight)
        until = self._account(flight).cool_until
        self._emit(flight, JobDeferred, reason=str(refusal), until=until)
        if not self._gave_up(flight, refusal):
            self._later(flight, until - self._now, "queue")

    def _shrink(self, flight: Flight, refusal: Refusal) -> None:
        self._leave_place(flight)
        if self._pool(flight).shrink(flight.sent_at, self._now):
            self._pool_changed(flight, str(refusal))
        self._emit(flight, JobDeferred, reason=str(refusal))
        pool = self._pool(flight)
        pool.refused_alone = 0 if pool.in_use else pool.refused_alone + 1
        self._later(flight, self._account(flight).throttle_pause(max(1, pool.refused_alone), refusal), "queue")

    def _pool_changed(self, flight: Flight, reason: str) -> None:
        pool = self._pool(flight)
        self._events.append(PoolChanged(self._now, "", pool.name, pool.places, reason))

    def _stop_product(self, flight: Flight, refusal: Refusal) -> None:
        """One product's pack is used up or not permitted; the others go on."""
        account = self._account(flight)
        account.stopped_products[flight.job.product] = refusal
        self._fail_by(flight, refusal)
        self._fail_queued(account, flight.job.product, refusal)

    def _stop_sending(self, flight: Flight, refusal: Refusal) -> None:
        """The account takes nothing new; what it is making already is waited for and fetched."""
        account = self._account(flight)
        account.stopped_by = refusal
        self.stopped_by = self.stopped_by or refusal
        self._fail_by(flight, refusal)
        for product in tuple(account.queues):
            self._fail_queued(account, product, refusal)

    def _fail_queued(self, account: Account, product: str, refusal: Refusal) -> None:
        for _, number in account.queues.pop(product, []):
            queued = self._flights.get(number)
            if queued is not None and queued.state not in ends:
                self._fail_by(queued, refusal)

    def _stop_all(self, flight: Flight, refusal: Refusal) -> None:
        self._fail_by(flight, refusal)
        self._stop_account(self._account(flight), refusal)

    def _stop_account(self, account: Account, refusal: Refusal) -> None:
        """No further request can work. What the provider is making stays recorded for the next run."""
        account.stopped_by = account.stopped_by or refusal
        self.stopped_by = self.stopped_by or refusal
        for flight in tuple(self._flights.values()):
            if flight.state in ends or flight.job.profile != account.profile:
                continue
            if not flight.claimed:
                self._fail_by(flight, refusal)
            else:
                self._end(flight, StillRunning, task_id=flight.task_id, reason=str(refusal))

    # ends

    def _fail_by(self, flight: Flight, refusal: Refusal) -> None:
        """Fails a job nothing was created for. One whose earlier answer was lost may exist all the same: to call that
        failed would let the next attempt pay again, so its intention stays for the next run to ask about."""
        if flight.in_doubt:
            self._end(flight, StillRunning, task_id=flight.task_id, reason=str(refusal))
            return
        code = str(refusal.answer)
        self._fail(flight, code, str(refusal), remedies.get(refusal.answer, ""), Cost())

    def _fail(self, flight: Flight, code: str, message: str, hint: str, cost: Cost) -> None:
        self.spent = self.spent + cost
        self._end(flight, JobFailed, code=code, message=message, hint=hint, cost=cost)

    def _end(self, flight: Flight, kind: type[Event], /, **values: object) -> None:
        """A flight's last event, and what follows for its member."""
        if flight.state in ends:
            return
        address = flight.job.member
        member = self._members[address]
        self._emit(flight, kind, **values)
        self._leave_place(flight)
        if self._has_row(flight):
            self._account(flight).polling.forget(flight.job.external_id)
            if flight.state in (State.DONE, State.FAILED):
                self._settled.add(flight.job.external_id)
        state = flight.state
        self._drop(flight)
        if state is State.DONE:
            self._claim_sharers(flight)
            self._member_may_be_done(address)
        elif state is State.FAILED and self._tries_again(flight, member, str(values.get("code", ""))):
            job = flight.job
            self._launch(address, job.recipe, job.materials, flight.origins, job.takes, flight.explanation,
                         flight.attempts_here + 1)  # fmt: skip
            self._claim_sharers(flight)
        else:
            self._member_failed(address, state)
            self._end_sharers(flight, kind, {**values, "cost": Cost()} if kind is JobFailed else values)

    def _claim_sharers(self, flight: Flight) -> None:
        """The ledger knows now what the steps get that waited for this job."""
        for number in flight.sharers:
            if number in self._flights:
                self._claim(self._flights[number], intend=False)

    def _end_sharers(self, flight: Flight, kind: type[Event], values: Mapping[str, object]) -> None:
        """What became of a job became of every step that waited for it; nobody buys it another time."""
        for number in flight.sharers:
            if number in self._flights:
                self._end(self._flights[number], kind, **values)

    def _tries_again(self, flight: Flight, member: MemberRun, code: str) -> bool:
        """A step's `retries` covers failures at the provider, not refusals of the request itself."""
        final = {str(answer) for answer in AnswerClass} - {str(AnswerClass.MODERATED)}
        return code not in final and flight.attempts_here <= member.planned.step.retries and not self._stopping

    def _drop(self, flight: Flight) -> None:
        if self._flights.pop(flight.number, None) is not None and flight.claimed and not flight.task_id:
            self._ended[flight.number] = flight
        if self._has_row(flight):
            del self._by_external[flight.job.external_id]
        self._members[flight.job.member].flights.discard(flight.number)

    def _member_may_be_done(self, address: str) -> None:
        member = self._members[address]
        if member.flights or member.state in ends:
            return
        if member.failed is not None:
            self._end_member_badly(address, member.failed)
            return
        self._end_member(address)

    def _end_member(self, address: str) -> None:
        member = self._members[address]
        member.state = State.DONE
        self._open -= 1
        for below in self._below.get(address, ()):
            waiting = self._members[below]
            waiting.waits_for -= 1
            if waiting.waits_for == 0 and waiting.state is State.WAITING:
                self._to_ready.append(below)

    def _member_failed(self, address: str, state: State) -> None:
        member = self._members[address]
        member.failed = state
        if not member.flights:
            self._end_member_badly(address, state)

    def _end_member_badly(self, address: str, state: State) -> None:
        member = self._members[address]
        if member.state in ends:
            return
        member.state = state
        self._open -= 1
        self._block_below(address)
        if self._limits.fail_fast:
            self._stopping = True

    def _block_below(self, address: str) -> None:
        blocked = [address]
        while blocked:
            for below in self._below.get(blocked.pop(), ()):
                if self._members[below].state is State.WAITING:
                    self._emit_member(below, MemberBlocked(self._now, below, address))
                    self._open -= 1
                    blocked.append(below)

    # events, timers, turns

    def _emit(self, flight: Flight, kind: type[Event], /, **values: object) -> None:
        if kind is not MemberRefused:
            # A flight without a claim speaks for no row: the job of its recipe may be another run's, and paid.
            values["external_id"] = flight.job.external_id if self._has_row(flight) else ""
        event = kind(self._now, flight.job.member, **values)
        flight.state = after(flight.state, event)
        member = self._members[flight.job.member]
        if member.state not in ends:
            member.state = flight.state if flight.state not in ends else member.state
        self._events.append(event)

    def _emit_member(self, address: str, event: Event) -> None:
        member = self._members[address]
        member.state = after(member.state, event)
        self._events.append(event)

    def _later(self, flight: Flight, seconds: float, what: str) -> None:
        if what != "timeout":
            flight.timer += 1
        heapq.heappush(self._timers, (self._now + seconds, flight.number, flight.timer, len(self._timers), what))

    def _fire_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self._now:
            _, number, timer, _, what = heapq.heappop(self._timers)
            flight = self._flights.get(number)
            if flight is None or flight.state in ends:
                continue
            if what == "timeout":
                self._time_out(flight)
            elif timer == flight.timer and not self._stopping:
                self._timer_actions[what](self, flight)

    def _time_out(self, flight: Flight) -> None:
        if self._is_awaited(flight):
            self._end(flight, StillRunning, task_id=flight.task_id, reason="this run waited long enough")
        elif flight.state is State.FETCHING:
            self._later(flight, self._patience_for(flight), "timeout")  # its task may say once more that it runs

    def _look_one(self, flight: Flight) -> None:
        self._commands.append(LookOne(flight.number, flight.job.profile, flight.ref))

    def _end_turn(self) -> Turn:
        while self._to_ready and not self._stopping:
            self._become_ready(self._to_ready.popleft())
        self._fill()
        self._look()
        turn = Turn(tuple(self._events), tuple(self._commands))
        self._events = []
        self._commands = []
        return turn

    def _claim_again(self, flight: Flight) -> None:
        self._claim(flight, intend=False)

    _timer_actions: Mapping[str, Callable[[Machine, Flight], None]] = {
        "ask": _ask,
        "queue": _queue,
        "claim": _claim_again,
        "claim-intend": _queue,
        "look-one": _look_one,
    }

    def _not_handed(self, result: NotHanded) -> None:
        """The media could not be handed over, so nothing was sent. The intention is closed: nothing was created."""
        flight = self._flights.get(result.flight)
        if flight is not None:
            self._fail(flight, result.code, result.message, result.hint, Cost())

    _handlers: Mapping[type, Callable[[Machine, Any], None]] = {
        Claimed: _claimed,
        Sent: _sent,
        Asked: _asked,
        Looked: _looked,
        LookedOne: _looked_one,
        FetchedAll: _fetched,
        FetchTroubled: _fetch_troubled,
        NotHanded: _not_handed,
    }


_silence = Refusal(AnswerClass.TRANSIENT, "no-answer", "no answer")
