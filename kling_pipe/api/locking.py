"""The lock beside a storyboard: what it changes about the steps, and how what was made gets into it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kling_pipe.api.moving import Move, moved
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.lockfile import lock_path, lock_text, turn, write_lock
from kling_pipe.edge.store import Store
from kling_pipe.errors import Problem, Severity, UsageFailure
from kling_pipe.plan.plan import Former, Plan, Planned
from kling_pipe.plan.recipe import key_of
from kling_pipe.story.lock_reading import read_lock, way_out
from kling_pipe.story.storyboard import Step, Storyboard
from kling_pipe.values.claim import JobRow, open_states
from kling_pipe.values.job import Artifact, Realm
from kling_pipe.values.lock import Lock, LockedDelivery, LockedInput, LockedMember, LockedTake
from kling_pipe.values.money import Cost

Change = Callable[[Lock], Lock]


@dataclass(frozen=True, slots=True)
class LockFile:
    """Where the lock of a storyboard lies, and whose it is; `home` is the state folder, and `moves` what the file says
    at other addresses."""

    path: str
    home: str
    realm: Realm
    moves: Sequence[Move] = ()

    @staticmethod
    def of(storyboard: str, home: str, realm: Realm, moves: Sequence[Move] = ()) -> LockFile:
        return LockFile(lock_path(storyboard, realm), home, realm, moves)

    def text(self) -> str:
        """The text as it is; empty where there is none. Raises UsageFailure when it cannot be read."""
        try:
            with open(self.path, encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            message = f"the lock file `{self.path}` is not UTF-8 text"
            raise UsageFailure("lock-damaged", message, hint=way_out) from error
        except OSError as error:
            message = f"the lock file `{self.path}` cannot be read: {error.strerror}"
            hint = "move away what stands there, or check its permissions"
            raise UsageFailure("file-unreadable", message, hint=hint) from error

    def read(self) -> Lock:
        """The lock; raises TextFailure when it is damaged."""
        return moved(read_lock(self.path, self.text(), self.realm), self.moves)

    def change(self, change: Change) -> str:
        """Changes the lock as it is by now, so that what another process wrote meanwhile stays; returns the text."""
        with turn(self.home, os.path.abspath(self.path)):
            before = self.read()
            after = change(before)
            if after == before == Lock(self.realm):
                return self.text()  # there is nothing to say, and no file to say it in
            text = lock_text(after)
            write_lock(self.path, text)
        return text


def with_lock(storyboard: Storyboard, lock: Lock, asked: Mapping[str, int]) -> Storyboard:
    """The storyboard with the lock's picks, where it says none itself, and with the takes that were asked for. A take
    that was picked stays one of them where fewer are asked for than were; one that was never made is not bought for
    being picked."""
    changed = {}
    for address in {*lock.members, *asked} & storyboard.members.keys():
        step, pinned = storyboard.members[address], lock.member(address)
        takes = max(step.takes, pinned.takes, asked.get(address, 0))
        is_there = 0 < pinned.pick <= takes or pinned.pick in pinned.made
        pick = pinned.pick if is_there and "pick" not in step.spans else step.pick
        takes = max(takes, pick)
        if (pick, takes) != (step.pick, step.takes):
            changed[address] = replace(step, pick=pick, takes=takes)
    return replace(storyboard, members={**storyboard.members, **changed}) if changed else storyboard


def idle_picks(storyboard: Storyboard, lock: Lock) -> Iterator[Problem]:
    """A warning for each pick of the lock that nothing follows from, since that take was neither asked for nor made."""
    for address, pinned in lock.members.items():
        step = storyboard.members.get(address)
        if step is not None and pinned.pick > max(step.takes, pinned.takes) and pinned.pick not in pinned.made:
            message = (
                f"the lock picks take {pinned.pick} of `{address}`, which was never made: take {step.pick} goes on"
            )
            hint = "`kling-pipe pick` chooses one of the takes that there are"
            yield Problem("no-such-take", message, step.span, hint, Severity.WARNING)


def unrecorded(ledger: Ledger, store: Store, lock: Lock) -> dict[str, Artifact]:
    """What the lock knows to be made and a ledger that lost its records does not, by key, as far as the store has it
    whole. What a task on record still makes is left to that task."""
    known = lock.by_key
    unknown = sorted(known.keys() - ledger.artifacts(tuple(known)).keys())
    if not unknown:
        return {}
    jobs = ledger.jobs_by_id(sorted({known[key].external_id for key in unknown}))
    going = {external_id for external_id, job in jobs.items() if job.state in open_states}
    return {key: known[key] for key in unknown if known[key].external_id not in going and is_whole(store, known[key])}


class Formers:
    """What members were made as last: as the lock says, or else the ledger."""

    def __init__(self, lock: Lock, ledger: Ledger, store: Store, storyboard: str) -> None:
        self._lock = lock
        self._ledger = ledger
        self._store = store
        self._storyboard = storyboard
        self._recipes: dict[str, tuple[str, str]] | None = None

    def __call__(self, step: Step) -> Former | None:
        """What a step at its axis values was made as, as far as the store holds it; None where it never was."""
        pinned = self._lock.member(step.address)
        made = pinned.artifacts or self._on_record(step)
        held = {take: artifact for take, artifact in made.items() if holds_all(self._store, artifact)}
        if not held:
            return None
        accepted, provider = pinned.accepted, self.provider_of(step)
        return Former(held, accepted.date, accepted.recipe, provider) if accepted else Former(held, provider=provider)

    def provider_of(self, step: Step) -> str:
        """The type of the provider that made it last, whether the store still has the files or not."""
        made = list(self._lock.member(step.address).made.values())
        return made[-1].provider if made else self._recipe_of(step)[1]

    def _recipe_of(self, step: Step) -> tuple[str, str]:
        """The recipe of its last making and the provider's type, as the ledger knows them."""
        if self._recipes is None:
            self._recipes = self._ledger.recipes(self._storyboard, self._lock.realm)
        return self._recipes.get(step.address, ("", ""))

    def _on_record(self, step: Step) -> dict[int, Artifact]:
        recipe, _ = self._recipe_of(step)
        if not recipe:
            return {}
        keys = [key_of(recipe, take) for take in range(1, step.takes + 1)]
        return {artifact.take: artifact for artifact in self._ledger.artifacts(keys).values()}


def holds_all(store: Store, artifact: Artifact) -> bool:
    """Whether every file of a take is in the store."""
    return all(store.holds(file.digest, file.facts.bytes) for file in artifact.files)


def is_whole(store: Store, artifact: Artifact) -> bool:
    """Whether every file of a take is in the store, by its bytes."""
    return all(store.is_whole(file.digest) for file in artifact.files)


@dataclass(frozen=True, slots=True)
class Made:
    """What a run leaves behind: of each member the takes it has, what was delivered, and what inputs' addresses held.
    `is_whole` says that the whole storyboard was run, so that what it no longer names is dropped."""

    plan: Plan
    artifacts: Mapping[str, Mapping[int, Artifact]]
    jobs: Mapping[str, JobRow]  # by external id
    deliveries: Mapping[str, LockedDelivery]
    inputs: Mapping[str, LockedInput]
    is_whole: bool

    def into(self, lock: Lock) -> Lock:
        """The lock with what was made."""
        members = {address: self._member(address, lock.member(address)) for address in self.plan.members}
        members = {address: pinned for address, pinned in members.items() if pinned != LockedMember()}
        if self.is_whole:
            paths = {delivery.path for delivery, _ in self.plan.deliveries}
            kept = {path: made for path, made in lock.deliverables.items() if path in paths}
            return replace(lock, members=members, deliverables={**kept, **self.deliveries}, inputs=self.inputs)
        return replace(
            lock,
            members={**lock.members, **members},
            deliverables={**lock.deliverables, **self.deliveries},
            inputs={**lock.inputs, **self.inputs},
        )

    def _member(self, address: str, before: LockedMember) -> LockedMember:
        planned, artifacts = self.plan.members[address], self.artifacts.get(address, {})
        made = {take: self._take(planned, artifact, before.made.get(take)) for take, artifact in artifacts.items()}
        is_done = all(take in made for take in range(1, planned.step.takes + 1))
        recipe = self._recipe(planned, artifacts.values())
        kept = {
            take: locked
            for take, locked in before.made.items()
            if not is_done or locked.artifact.key == key_of(recipe, take)
        }
        is_as_before = all(made[take] is before.made.get(take) for take in made)
        accepted = before.accepted if is_as_before else None
        return replace(before, made=dict(sorted({**kept, **made}.items())), accepted=accepted)

    def _take(self, planned: Planned, artifact: Artifact, before: LockedTake | None) -> LockedTake:
        """What the lock says of the same bytes stays, so that it changes only where something was made."""
        if before is not None and _same(before.artifact, artifact):
            return before
        job = self.jobs.get(artifact.external_id)
        model = job.model if job is not None else planned.model
        cost = job.cost if job is not None else None
        return LockedTake(artifact, planned.provider, model, cost and _share(cost, job))

    def _recipe(self, planned: Planned, artifacts: Iterable[Artifact]) -> str:
        """The recipe they were made by; where its job is on record no more, the member's own."""
        found = (self.jobs[made.external_id].recipe for made in artifacts if made.external_id in self.jobs)
        return next(found, planned.recipe)


def _same(before: Artifact, artifact: Artifact) -> bool:
    return before.key == artifact.key and [file.digest for file in before.files] == [
        file.digest for file in artifact.files
    ]


def _share(cost: Cost, job: JobRow | None) -> Cost:
    """A take's part of what its job cost."""
    takes = len(job.takes) if job is not None else 1
    return Cost(_part(cost.usd, takes), tuple((pack, _part(amount, takes)) for pack, amount in cost.units))


def _part(amount: Decimal, parts: int) -> Decimal:
    return round(amount / parts, 6).normalize()


def keys_of(artifacts: Mapping[str, Mapping[int, Artifact]]) -> Sequence[str]:
    """The keys of everything that was made."""
    return tuple({artifact.key: None for takes in artifacts.values() for artifact in takes.values()})
