"""`run --frozen`: the deliverables as the lock says, out of the store; nothing is sent, and no ledger is asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kling_pipe.api.delivering import Delivering, source_digest
from kling_pipe.api.loading import Loaded, load
from kling_pipe.api.moving import Move, moves_of
from kling_pipe.api.options import Options
from kling_pipe.api.planning import Adapters, known_inputs
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.files import place
from kling_pipe.edge.store import Store
from kling_pipe.errors import Problem, Refused, Severity, StateFailure, TextFailure
from kling_pipe.plan.graph import Graph
from kling_pipe.plan.knowledge import Knowledge, KnownInput
from kling_pipe.plan.plan import Former, Plan, Planned, Standing
from kling_pipe.plan.planning import make_plan, wired_inputs
from kling_pipe.plan.roads import Choices, no_choices
from kling_pipe.story.addresses import members_named
from kling_pipe.story.storyboard import Delivery, InputUrl, Reference, Step
from kling_pipe.values.job import Artifact
from kling_pipe.values.lock import Lock
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class FrozenDelivery:
    """A deliverable that stands as the lock says; `changed` False when it stood so before."""

    path: str
    digest: str
    bytes: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a frozen run wrote, and of how many members."""

    members: int
    deliveries: tuple[FrozenDelivery, ...]


def frozen(path: str, options: Options) -> Frozen:
    """Writes the deliverables; raises Refused with all that is missing, before anything is written."""
    loaded = load(path, options)
    if loaded.has_errors:
        raise TextFailure(loaded.problems, loaded.workspace.texts)
    store = Store(loaded.workspace.home)
    _refuse([*_lacking_inputs(loaded, store)], Cost())
    plan, inputs, found = _plan(loaded, options, store)
    moves: tuple[Move, ...] = ()
    while (more := moves_of(plan, loaded.lock, moves)) or found != no_choices:
        moves = (*moves, *more)
        loaded = load(path, options, moves, loaded.choices.with_more(found))
        plan, inputs, found = _plan(loaded, options, store)
    look = _Look(loaded.lock, plan, inputs, store, loaded.workspace.home)
    _refuse([*look.lacking_members(), *look.lacking_deliveries()], look.cost)
    folder = os.path.dirname(plan.storyboard.path)
    done = []
    for delivery, _ in plan.deliveries:
        digest = look.contents[delivery.path]
        target = os.path.join(folder, delivery.path)
        changed = place(store, digest, target)
        done.append(FrozenDelivery(delivery.path, digest, os.path.getsize(target), changed))
    return Frozen(len(plan.members), tuple(done))


def _plan(loaded: Loaded, options: Options, store: Store) -> tuple[Plan, Mapping[Reference, KnownInput], Choices]:
    """The plan as the lock alone knows it; whether the store has the files is looked at later, one by one."""
    storyboard, examination, lock = loaded.storyboard, loaded.examination, loaded.lock
    assert storyboard is not None
    assert examination is not None
    inputs, wrong = known_inputs(loaded, storyboard, store, lambda url: lock.inputs[url].digest)
    if wrong:
        raise TextFailure([*loaded.problems, *wrong], loaded.workspace.texts)
    by_key = lock.by_key
    adapters = Adapters(loaded, options)
    knowledge = Knowledge(
        realm=lock.realm,
        seat_of=adapters.seat_of,
        roads_of=adapters.seats_of,
        choices=loaded.choices,
        inputs=inputs,
        artifacts=lambda keys: {key: by_key[key] for key in keys if key in by_key},
        lost=lambda _: {},
        jobs=lambda _: {},
        typical={},
        now=RealClock().now(),
        former=_formers(lock),
        accepted=frozenset(address for address, pinned in lock.members.items() if pinned.accepted),
    )
    only = members_named(storyboard, options.only)
    planning = make_plan(storyboard, Graph.of(storyboard), examination, knowledge, only)
    return planning.plan, inputs, planning.choices


def _formers(lock: Lock) -> Callable[[Step], Former | None]:
    def former(step: Step) -> Former | None:
        pinned = lock.member(step.address)
        accepted = pinned.accepted
        if not pinned.made:
            return None
        return Former(pinned.artifacts, accepted.date, accepted.recipe) if accepted else Former(pinned.artifacts)

    return former


def _lacking_inputs(loaded: Loaded, store: Store) -> Iterator[Problem]:
    """Inputs at an address of which the lock does not say what it held, or the store has it no more."""
    assert loaded.storyboard is not None
    for reference in wired_inputs(loaded.storyboard):
        if not isinstance(reference, InputUrl):
            continue
        known = loaded.lock.inputs.get(reference.url)
        if known is None:
            message = f"the lock does not say what `{reference.url}` held"
            yield Problem("not-in-lock", message, None, "`kling-pipe run` fetches it, for nothing")
        elif not store.is_whole(known.digest):
            message = f"the stored file of `{reference.url}` is {_state(store, known.digest)}: `{known.digest[:12]}`"
            yield Problem("object-missing", message, None, "`kling-pipe run` fetches it again, for nothing")


class _Look:
    """What the store lacks of a plan; `contents` gathers what each deliverable holds, `cost` what all that is lacking
    would cost."""

    def __init__(self, lock: Lock, plan: Plan, inputs: Mapping[Reference, KnownInput], store: Store, home: str) -> None:
        self._lock = lock
        self._plan = plan
        self._inputs = inputs
        self._store = store
        self._delivering = Delivering(store, home, inputs, RealClock().now)
        self._whole: dict[str, bool] = {}
        self.contents: dict[str, str] = {}
        self.cost = Cost()

    def lacking_members(self) -> Iterator[Problem]:
        """Takes that the lock does not have, or has by another recipe, and those whose files the store has no more."""
        for member in self._plan.members.values():
            if member.standing is not Standing.CURRENT:
                yield self._not_locked(member)
                continue
            for take, artifact in sorted(member.artifacts.items()):
                lost = [file for file in artifact.files if not self._is_whole(file.digest)]
                if lost:
                    yield self._lost(member, take, lost[0])

    def _not_locked(self, member: Planned) -> Problem:
        price = member.price.cost if member.price is not None else Cost()
        self.cost = self.cost + price
        if member.standing is Standing.STALE:
            hint = "`kling-pipe accept` keeps it as it was made, `kling-pipe run` makes it anew"
            message = f"`{member.address}` is stale: {member.reason}, and making it anew costs {price}"
            return Problem("not-as-locked", message, member.step.span, hint)
        if member.former is not None:
            message = f"`{member.address}` {member.reason}, which is not as the lock says; making it anew costs {price}"
            return Problem("not-as-locked", message, member.step.span, "see what is said of that one")
        message = f"`{member.address}` is not in the lock: {member.reason}, and making it costs {price}"
        return Problem("not-in-lock", message, member.step.span, "`kling-pipe run` makes it and writes the lock")

    def _lost(self, member: Planned, take: int, file: Artifact) -> Problem:
        self.cost = self.cost + member.take_cost
        state = _state(self._store, file.digest)
        name = f"`{member.address}`" if len(member.artifacts) == 1 else f"take {take} of `{member.address}`"
        message = (
            f"the stored file `{file.digest[:12]}` of {name} is {state}, and making it anew costs {member.take_cost}"
        )
        way = "" if state == "missing" else "move it away and "
        hint = (
            f"{way}copy it from another store, or `kling-pipe run`: it is fetched for nothing while the provider has it"
        )
        return Problem("object-missing" if state == "missing" else "object-damaged", message, member.step.span, hint)

    def lacking_deliveries(self) -> Iterator[Problem]:
        """Deliverables that the lock does not have as they would be; those whose files are lacking were told of."""
        for delivery, address in self._plan.deliveries:
            member = self._plan.members.get(address)
            made = member.artifacts if member is not None and member.standing is Standing.CURRENT else {}
            source = source_digest(self._plan, delivery, made, self._inputs)
            if address and (not source or not self._is_whole(source)):
                continue
            problem = self._delivery(delivery, source, made, member.step.pick if member is not None else 1)
            if problem is not None:
                yield problem

    def _delivery(self, delivery: Delivery, source: str, made: Mapping[int, Artifact], pick: int) -> Problem | None:
        pinned = self._lock.deliverables.get(delivery.path)
        if pinned is None or pinned.source != source:
            message = f"`{delivery.path}` is not in the lock as it would be written"
            return Problem(
                "not-in-lock", message, delivery.span, "`kling-pipe run` writes it and the lock, for nothing"
            )
        if self._is_whole(pinned.digest):
            self.contents[delivery.path] = pinned.digest
            return None
        try:
            digest = self._delivering.digest_of(delivery, made, pick)
        except StateFailure as failure:
            return Problem(failure.code, failure.message, delivery.span, failure.hint)
        if digest != pinned.digest:
            message = (
                f"`{delivery.path}` comes out with other bytes than the lock says: it was cut or converted elsewhere"
            )
            hint = "`kling-pipe run` writes it anew, for nothing; the store it was made in has the very same bytes"
            return Problem("not-as-locked", message, delivery.span, hint)
        self.contents[delivery.path] = digest
        return None

    def _is_whole(self, digest: str) -> bool:
        """By its bytes, each file read once."""
        if digest not in self._whole:
            self._whole[digest] = self._store.is_whole(digest)
        return self._whole[digest]


def _state(store: Store, digest: str) -> str:
    return "damaged" if os.path.exists(store.path(digest)) else "missing"


def _refuse(problems: list[Problem], cost: Cost) -> None:
    if not problems:
        return
    money = f"; making all of it anew would cost {cost}" if cost else ""
    message = f"{len(problems)} lacking in all{money}; nothing was sent and nothing was written"
    raise Refused.of([*problems, Problem("frozen", message, severity=Severity.NOTE)])
