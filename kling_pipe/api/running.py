"""`run`: joins the machine to the world, delivers, and says how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kling_pipe.api.binding import refuse_drift
from kling_pipe.api.callbacks import backstop
from kling_pipe.api.ceilings import caps_of, refuse_over_budget
from kling_pipe.api.delivering import Delivering, locked_deliveries
from kling_pipe.api.detours import NoDetour, detour
from kling_pipe.api.driving import Drive
from kling_pipe.api.loading import Loaded
from kling_pipe.api.locking import Made, holds_all, keys_of, unrecorded
from kling_pipe.api.options import Options
from kling_pipe.api.planning import Prepared, opened, prepare
from kling_pipe.api.remembering import remember
from kling_pipe.api.ways import Ways
from kling_pipe.api.wires import is_executable
from kling_pipe.api.worlds import World
from kling_pipe.edge.book import LedgerBook
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.presence import Presence
from kling_pipe.edge.store import Store
from kling_pipe.errors import CredentialFailure, ExitCode, Failure, Problem, StateFailure
from kling_pipe.events import Delivered, Event, Notice, RunEnded, RunStarted, Undelivered
from kling_pipe.plan.former import begun_words, stale_words
from kling_pipe.plan.plan import Planned, Standing
from kling_pipe.providers.provider import Credential
from kling_pipe.run.driver import StopSwitch
from kling_pipe.run.flight import AccountLimits, Limits
from kling_pipe.run.machine import Machine
from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass
from kling_pipe.values.job import Artifact
from kling_pipe.values.lock import Lock, LockedInput
from kling_pipe.values.money import Cost
from kling_pipe.values.profile import Profile

Listener = Callable[[Event], None]


async def run(path: str, options: Options, listen: Listener, stop: StopSwitch, world: World | None = None) -> RunEnded:
    """Makes what is missing; raises a Failure when it cannot begin or cannot go on.

    Everything that happens is told to `listen`; the last event is returned.
    """
    pace = 1.0 / world.speed if world else 1.0
    with opened(path, options) as (loaded, ledger, store):
        prepared = await asyncio.to_thread(prepare, loaded, options, ledger, store, pace)
        if options.paper is not None:
            refuse_drift(prepared, options, options.paper)
            options = replace(options, agreed=prepared.plan.estimate)  # the plan is the consent, for what is left of it
        if not options.only_fetches:
            refuse_over_budget(prepared.plan, options)
        _warn(prepared.problems, listen)
        if not options.only_fetches:
            members = prepared.plan.members.values()
            for words in (*stale_words(members), *begun_words(members)):
                listen(Notice(RealClock().now(), "", words))
        run_of = _Run(prepared, options, listen, ledger, store, world, pace)
        return await run_of.perform(stop)


def _warn(problems: Sequence[Problem], listen: Listener) -> None:
    """Warnings do not stop a run; they are told before it."""
    for problem in problems:
        place = f"{problem.span}: " if problem.span else ""
        listen(Notice(RealClock().now(), "", f"{place}{problem.severity}, {problem.code}: {problem.message}"))


class _Run:
    def __init__(
        self,
        prepared: Prepared,
        options: Options,
        listen: Listener,
        ledger: Ledger,
        store: Store,
        world: World | None,
        pace: float,
    ) -> None:
        self._prepared = prepared
        self._plan = prepared.plan
        self._options = options
        self._listen = listen
        self._ledger = ledger
        self._store = store
        self._world = world
        self._pace = pace
        self._clock = RealClock()
        self._workspace = prepared.loaded.workspace
        self._ways = Ways(self._workspace, world)
        self._spent = Cost()
        self._status_requests = 0
        self._delivered: set[str] = set()
        self._written: dict[str, Delivered] = {}  # what stands where, by path
        self._machine: Machine | None = None
        self._lock_text: str | None = None  # as this run has written it
        self._lacks = False  # a deliverable that nothing of what was made is
        self._first = prepared.plan  # as it was when the run began
        self._ended_before: Mapping[str, State] = {}  # members that are not made in this run, and why
        self._exact = True
        self.id = secrets.token_hex(8)

    async def perform(self, stop: StopSwitch) -> RunEnded:
        started = self._clock.now()
        self._lines()  # raises before anything is begun when a credential is missing
        presence = Presence(os.path.join(self._workspace.home, "runs"), self.id)
        book = LedgerBook(self._ledger, self.id, self._clock.now, self._holds)
        try:
            self._ledger.learn(list(unrecorded(self._ledger, self._store, self._prepared.loaded.lock).values()))
            self._ask_for_takes()
            self._ledger.begin_run(self.id, self._plan.storyboard.name, self._plan.realm, started)
            self._store.sweep()
            await self._tell(book, self._started(started))
            machine, damage = await self._make(book, stop)
            if damage is not None and not stop.stopped:
                text = f"{damage.message}; its task's files are fetched again, without paying"
                await self._tell(book, Notice(self._clock.now(), "", text))
                self._prepared = await asyncio.to_thread(self._prepare_again)
                self._plan = self._prepared.plan
                machine, damage = await self._make(book, stop)
            while damage is None and not stop.stopped and await self._go_round(book, machine):
                machine, damage = await self._make(book, stop)
            if damage is not None:
                raise damage
            await self._pin(book)
            ended = self._ended(machine, stop, started)
            await self._tell(book, ended)
            if ended.exit_code == ExitCode.DONE:
                remember(self._prepared, self._options, machine, self._store, self._lock_text)
            _raise_credential_refusal(machine)
            return ended
        finally:
            book.close()
            presence.leave()
            if self._lock_text is None:
                with contextlib.suppress(Failure):  # what ended the run is to be told of
                    self._lock(self._made(self._ledger))

    async def _make(self, book: LedgerBook, stop: StopSwitch) -> tuple[Machine, StateFailure | None]:
        """Makes what the plan misses and delivers; also tells of a stored file that was found damaged on the way."""
        profiles, credentials = self._lines()
        machine = self._machine = self._new_machine(profiles)
        if profiles:
            drive = Drive(
                self._ways, self._store, book, self._clock, self._listen, self._pace, self._options.callbacks
            )  # fmt: skip
            adapters = self._prepared.adapters
            self._status_requests += await drive.run(machine, profiles, credentials, adapters, stop)
        else:
            await self._tell(book, *machine.start(self._clock.now()).events)
        self._spent = self._spent + machine.spent
        self._exact = self._exact and machine.all_exact
        delivering = Delivering(self._store, self._workspace.home, self._prepared.inputs, self._clock.now)
        made = {address: member.artifacts for address, member in machine.members.items()}
        events = await asyncio.to_thread(delivering.deliver, self._plan, made)
        self._written |= {event.path: event for event in events if isinstance(event, Delivered)}
        await self._tell(book, *(event for event in events if not self._is_told(event)))
        self._lacks = delivering.lacks
        return machine, delivering.damage

    async def _go_round(self, book: LedgerBook, machine: Machine) -> bool:
        """Plans what a road refused for good on the next one of its list; False where there is nothing of that kind."""
        options = self._options
        if not machine.turned_away or options.only_fetches or options.paper is not None:
            return False  # a plan on paper is carried out on the roads that it tells
        way = await asyncio.to_thread(
            detour, self._prepared, machine, self._clock.now(), self._prepare, self._ways.leads_to
        )
        if isinstance(way, NoDetour):
            if way.reason:
                await self._tell(book, Notice(self._clock.now(), "", way.reason))
            return False
        if options.fail_fast and State.FAILED in way.ended.values():
            return False
        if options.agreed is None and options.max_cost is None and self._world is None:
            self._options = replace(options, agreed=self._first.estimate)  # `--yes` was said to what the plan told
        self._prepared, self._plan, self._ended_before = way.prepared, way.prepared.plan, way.ended
        await self._tell(book, *way.events)
        return True

    # the lock

    def _ask_for_takes(self) -> None:
        """Takes beyond the storyboard's are asked for in the lock before any is sent for, so that no run forgets one
        that was paid for."""
        asked = self._options.asked
        if not asked:
            return

        def ask(lock: Lock) -> Lock:
            more = {
                address: replace(lock.member(address), takes=max(takes, lock.member(address).takes))
                for address, takes in asked.items()
            }
            return replace(lock, members={**lock.members, **more})

        self._prepared.loaded.lock_file.change(ask)

    async def _pin(self, book: LedgerBook) -> None:
        """Writes into the lock what was made; where that cannot be, the run says so, and what was made is kept."""
        try:
            self._lock(await book.ask(self._made))
        except Failure as failure:
            self._lacks = True
            text = f"the lock file was not written: {failure.message}; what was made is kept, the next run writes it"
            await self._tell(book, Notice(self._clock.now(), "", text))

    def _lock(self, made: Made) -> None:
        self._lock_text = self._prepared.loaded.lock_file.change(made.into)

    def _made(self, ledger: Ledger) -> Made:
        """What there is at the end of the run, as the ledger tells it: the same as any later run would write."""
        members = self._machine.members if self._machine is not None else {}
        artifacts = {address: dict(member.artifacts) for address, member in members.items()}
        on_record = ledger.artifacts(keys_of(artifacts))
        artifacts = {
            address: {take: on_record.get(made.key, made) for take, made in takes.items()}
            for address, takes in artifacts.items()
        }
        ids = {made.external_id for takes in artifacts.values() for made in takes.values()}
        return Made(
            plan=self._plan,
            artifacts=artifacts,
            jobs=ledger.jobs_by_id(sorted(ids)),
            deliveries=locked_deliveries(self._plan, artifacts, self._prepared.inputs, self._written),
            inputs={
                known.url: LockedInput(known.digest, known.facts)
                for known in self._prepared.inputs.values()
                if known.url
            },
            is_whole=not self._options.only,
        )

    def _is_told(self, event: Event) -> bool:
        """Whether a deliverable was told of in this run already and is as it was then."""
        if not isinstance(event, Delivered | Undelivered):
            return False
        told = event.path if isinstance(event, Delivered) else f"{event.code}: {event.path}"
        is_told = told in self._delivered and not (isinstance(event, Delivered) and event.changed)
        self._delivered.add(told)
        return is_told

    def _prepare_again(self) -> Prepared:
        return self._prepare(self._prepared.loaded)

    def _prepare(self, loaded: Loaded) -> Prepared:
        return prepare(loaded, self._options, self._ledger, self._store, self._pace)

    @property
    def _needs(self) -> list[Planned]:
        return [member for member in self._plan.members.values() if member.standing is not Standing.CURRENT]

    def _lines(self) -> tuple[dict[str, Profile], dict[str, Credential]]:
        """The profiles that are needed and their credentials; raises CredentialFailure and UsageFailure."""
        return self._ways.checked(member.profile for member in self._needs)

    async def _tell(self, book: LedgerBook, *events: Event) -> None:
        await book.record(events)
        for event in events:
            self._listen(event)

    def _started(self, now: float) -> RunStarted:
        needs = len(self._needs)
        return RunStarted(
            now, "", self.id, self._plan.storyboard.name, str(self._plan.realm), len(self._plan.members),
            len(self._plan.members) - needs, self._plan.estimate, self._plan.seconds,
        )  # fmt: skip

    def _holds(self, artifact: Artifact) -> bool:
        return holds_all(self._store, artifact)

    # the machine and its world

    def _new_machine(self, profiles: Mapping[str, Profile]) -> Machine:
        seconds = {
            address: 0.0 if member.standing is Standing.CURRENT else member.expected_seconds
            for address, member in self._plan.members.items()
        }
        accounts = {
            name: AccountLimits(
                profile.limits,
                profile.poll_seconds * (backstop if self._options.callbacks else 1.0) * self._pace,
                self._prepared.adapters[name].status_requests_a_task,
                recalls=self._world is None and is_executable(profile),
            )
            for name, profile in profiles.items()
        }
        limits = Limits(
            accounts=accounts,
            jobs=self._options.jobs,
            caps=caps_of(self._plan, self._options),
            fail_fast=self._options.fail_fast,
            only_fetches=self._options.only_fetches,
            pace=self._pace,
            shortest_seen=self._prepared.shortest,
        )
        tails = self._prepared.graph.remaining(seconds)
        return Machine(self._plan, tails, limits, random.Random().random, self._ended_before)  # jitter

    # the end

    def _ended(self, machine: Machine, stop: StopSwitch, started: float) -> RunEnded:
        counts = dict.fromkeys(State, 0)
        current = 0
        for member in machine.members.values():
            counts[member.state] += 1
            current += self._first.members[member.planned.address].standing is Standing.CURRENT
        begun = sum(counts[state] for state in _begun)
        now = self._clock.now()
        return RunEnded(
            at=now,
            run=self.id,
            exit_code=int(_exit_code(machine, counts, stop, lacks=self._lacks)),
            done=counts[State.DONE] - min(current, counts[State.DONE]),
            current=current,
            failed=counts[State.FAILED] + counts[State.REFUSED],
            blocked=counts[State.BLOCKED],
            running=counts[State.RUNNING] + begun,
            waiting=sum(counts[state] for state in _unfinished) - begun,
            uncertain=counts[State.UNCERTAIN],
            spent=self._spent,
            exact=self._exact,
            seconds=now - started,
            status_requests=self._status_requests,
        )


_begun = (State.INTENDED, State.SUBMITTED, State.FETCHING)
_unfinished = (State.WAITING, State.READY, State.DEFERRED, State.INTENDED, State.SUBMITTED, State.FETCHING)


def _exit_code(machine: Machine, counts: Mapping[State, int], stop: StopSwitch, *, lacks: bool) -> ExitCode:
    if stop.stopped and any(counts[state] for state in _unfinished):
        return ExitCode.INTERRUPTED
    if counts[State.UNCERTAIN]:
        return ExitCode.UNCERTAIN
    if machine.stopped_by is not None and machine.stopped_by.answer in _auth:
        return ExitCode.CREDENTIALS
    if machine.over_budget and not counts[State.FAILED] and not counts[State.RUNNING]:
        return ExitCode.REFUSED
    done = counts[State.DONE] == sum(counts.values())
    return ExitCode.DONE if done and not lacks else ExitCode.FAILED


_auth = frozenset({AnswerClass.AUTH, AnswerClass.AUTH_STALE})


def _raise_credential_refusal(machine: Machine) -> None:
    refusal = machine.stopped_by
    if refusal is not None and refusal.answer in _auth:
        raise CredentialFailure(
            "credentials-refused",
            f"the provider refused the credentials: {refusal}",
            hint="check them with `kling-pipe doctor`; recorded tasks are picked up by the next run",
        )


__all__ = ["Listener", "StopSwitch", "World", "run"]
