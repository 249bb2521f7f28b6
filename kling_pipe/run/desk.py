"""The machine's desk: members, flights, accounts and timers, and the plain moves on them. It decides nothing yet.

The layers above it, each knowing only those below: `troubles`, `fetching`, `looking`, `sending`, `claiming`, `machine`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Mapping

from kling_pipe.events import (
    Event,
    JobDeferred,
    JobFailed,
    MemberBlocked,
    MemberCurrent,
    MemberReady,
    MemberRefused,
    Notice,
    StillRunning,
)
from kling_pipe.plan.jobs import flown_together, job_of, recipe_of
from kling_pipe.plan.plan import Plan, Source, Standing
from kling_pipe.run.account import Account
from kling_pipe.run.commands import ClaimJob, Command
from kling_pipe.run.flight import (
    AccountLimits,
    Flight,
    Limits,
    MemberRun,
    TurnedAway,
    default_timeout,
    held_interval,
    least_timeout,
    output_days,
)
from kling_pipe.run.pools import Pool
from kling_pipe.run.retry import remedy_of
from kling_pipe.run.states import State, after, ends
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.job import Artifact, Material, TaskRef
from kling_pipe.values.money import Cost
from kling_pipe.values.transfer import Origin

# Refusals that would meet the same request at any time; the others pass, or somebody can make them pass.
_about_the_job = frozenset({AnswerClass.INVALID, AnswerClass.MODERATED, AnswerClass.NOT_FOUND})
# Those that say nothing of the job: the pack is used up, the endpoint or model is not permitted.
_about_the_road = frozenset({AnswerClass.PRODUCT, AnswerClass.FORBIDDEN})
no_members: Mapping[str, State] = {}


class Desk:
    """Members, flights, accounts and timers of one run, and the plain moves on them."""

    def __init__(
        self,
        plan: Plan,
        tails: Mapping[str, float],
        limits: Limits,
        chance: Callable[[], float],
        ended: Mapping[str, State] = no_members,
    ) -> None:
        """`ended` are members of which this run knows already that they are not made."""
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
        self._shortest: dict[tuple[str, str, str], float] = dict(limits.shortest_seen)
        self._stopping = False
        self._open = len(self._members) - len(ended)
        for address, state in ended.items():
            self._members[address].state = state
        self._outstanding = 0
        self._events: list[Event] = []
        self._commands: list[Command] = []
        self._now = 0.0
        self._began = 0.0
        self.stopped_by: Refusal | None = None  # a refusal after which no request can work
        self.spent = Cost()
        self.all_exact = True
        self.over_budget = False
        self.turned_away: dict[str, TurnedAway] = {}  # by member

    @property
    def members(self) -> Mapping[str, MemberRun]:
        return self._members

    def _become_ready(self, address: str) -> None:
        member = self._members[address]
        planned = member.planned
        for source in planned.sources:
            if source.member and self._chosen(source) is None:
                text = f"`{source.member}` made no {source.wanted}, which `{source.wire.field}` is wired to"
                self._events.append(Notice(self._now, address, text))
                self._emit_member(address, MemberBlocked(self._now, address, source.member))
                self._open -= 1
                self._block_below(address)
                return
        if planned.standing is Standing.CURRENT:
            self._emit_member(address, MemberCurrent(self._now, address, planned.keys[0] if planned.keys else "",
                              self._picked(member).digest, planned.step.pick))  # fmt: skip
            self._end_member(address)
            return
        origins = tuple(self._origin(source) for source in planned.sources)
        materials = tuple(origin.material for origin in origins)
        recipe = recipe_of(planned, materials)
        self._emit_member(address, MemberReady(self._now, address, recipe.key(planned.step.pick)))
        missing = tuple(take for take in range(1, planned.step.takes + 1) if take not in member.artifacts)
        self._fly(address, recipe.digest, materials, origins, missing, recipe.explanation())

    def _origin(self, source: Source) -> Origin:
        if not source.member:
            assert source.facts is not None
            material = Material(source.wire.field, source.digest, source.facts, source.select)
            return Origin(material, path=source.path, url=source.url)
        artifact = self._chosen(source)
        assert artifact is not None
        material = Material(source.wire.field, artifact.digest, artifact.facts, source.select)
        maker = self._members[source.member].planned
        task = TaskRef(artifact.external_id, artifact.task_id, maker.route) if artifact.task_id else None
        return Origin(
            material, url=artifact.url, url_expires=artifact.url_expires, id=artifact.output_id, task=task,
            index=artifact.index, profile=maker.profile,
        )  # fmt: skip

    def _chosen(self, source: Source) -> Artifact | None:
        """The file a wire means, of those its take has."""
        return source.chosen(self._members[source.member].artifacts[source.take])

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
        for together in flown_together(takes, self._members[address].planned.takes_at_once):
            self._launch(address, recipe, materials, origins, together, explanation)

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
        job = job_of(member.planned, self._plan.storyboard.name, recipe, materials, takes)
        self._numbers += 1
        flight = Flight(self._numbers, job, origins, explanation, attempts_here=attempts_here)
        self._flights[flight.number] = flight
        member.flights.add(flight.number)
        self._claim(flight, intend=False)
        return flight

    def _claim(self, flight: Flight, *, intend: bool) -> None:
        self._outstanding += 1
        self._commands.append(ClaimJob(flight.number, flight.job, intend, self._limits.caps, flight.explanation))

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
        if self._limits.only_fetches:
            self._leave_alone(flight)
            return
        if flight.claimed and flight.over_budget:
            self._leave_unsent(flight)
            return
        account = self._account(flight)
        refusal = account.stopped(flight.job)
        if refusal is not None:
            self._fail_by(flight, refusal)
            return
        account.queue(flight, self._tails.get(flight.job.member, 0.0))

    def _leave_alone(self, flight: Flight) -> None:
        """A run that only fetches sends nothing, also no intention whose request never left."""
        if flight.claimed:
            self._end(flight, StillRunning, task_id="", reason="it was never sent, and this run buys nothing")
        else:
            self._end(flight, MemberRefused, reason="this run buys nothing")

    def _leave_unsent(self, flight: Flight) -> None:
        """An earlier run meant to send it, and the provider has no such task. The intention stays for the next run."""
        self.over_budget = True
        self._end(flight, MemberRefused, reason=flight.over_budget)

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

    def _patience_for(self, flight: Flight) -> float:
        """A step's own `timeout` runs as fast as all else; the default never goes below what this machine may need."""
        if flight.job.timeout:
            return flight.job.timeout * self._limits.pace
        return max(default_timeout * self._limits.pace, least_timeout)

    def _has_row(self, flight: Flight) -> bool:
        return self._by_external.get(flight.job.external_id) == flight.number

    def _flight_of(self, external_id: str) -> Flight | None:
        return self._flights.get(self._by_external.get(external_id, 0))

    def _has_expired(self, flight: Flight) -> bool:
        return bool(flight.created) and self._now - flight.created > output_days

    def _fail_by(self, flight: Flight, refusal: Refusal) -> None:
        """Fails a job nothing was created for."""
        if flight.in_doubt or (flight.told and refusal.answer not in _about_the_job):
            self._leave_for_later(flight, str(refusal))
            return
        code = str(refusal.answer)
        if refusal.answer in _about_the_road or refusal.lacks_money:
            waiting = [self._flights[number].job for number in flight.sharers if number in self._flights]
            for job in (flight.job, *waiting):
                self.turned_away[job.member] = TurnedAway(job, refusal)
        self._fail(flight, code, str(refusal), remedy_of(refusal), flight.errands_cost)

    def _leave_for_later(self, flight: Flight, reason: str) -> None:
        """Keeps an intention for the next run: of a job whose answer was lost, since it may exist all the same, and of
        one whose errands were paid for, since it is not at fault. To call either failed would let somebody pay anew."""
        self._end_errand(flight, reason)
        self._end(flight, StillRunning, task_id=flight.task_id, reason=reason)

    def _end_errand(self, flight: Flight, reason: str) -> None:
        """What was answered or never left is in doubt no more: without this the next run would take it for unheard."""
        if flight.errand:
            flight.errand = ""
            self._emit(flight, JobDeferred, reason=reason)

    def _fail(self, flight: Flight, code: str, message: str, hint: str, cost: Cost) -> None:
        self.spent = self.spent + cost - flight.errands_cost  # those were counted when they were answered
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
        """A step's `retries` covers failures at the provider, not refusals of the request itself. A task that expired
        was paid for, and to pay for it again is nothing that the plan told."""
        final = {"expired", *map(str, AnswerClass)} - {str(AnswerClass.MODERATED)}
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
