"""`pick`, `takes` and `accept`: which of what was made goes on. None of them spends anything."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from shlex import quote

from kling_pipe.api.loading import Loaded, load
from kling_pipe.api.locking import Made
from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened, prepare
from kling_pipe.edge.clock import RealClock
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.media_sheet import Cell, write_sheet
from kling_pipe.edge.store import Store
from kling_pipe.errors import UsageFailure
from kling_pipe.plan.former import is_usable
from kling_pipe.plan.plan import Plan, Planned, Standing
from kling_pipe.story.addresses import members_named
from kling_pipe.values.job import Artifact
from kling_pipe.values.lock import Accepted, Lock, LockedTake


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for which members, and the plans before and after it."""

    addresses: tuple[str, ...]
    before: Plan
    after: Plan
    passed_over: Mapping[str, str]  # members that were named too and stay as they are, with the reason


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take of a member: `state` is `current`, `before` (made by another recipe), `file gone` or `not made`; `path`
    is its file in the store."""

    address: str
    take: int
    picked: bool
    state: str
    path: str = ""
    made: LockedTake | None = None


def pick(path: str, word: str, take: int, options: Options) -> Choice:
    """Picks a take of every member that the word names; raises UsageFailure when it cannot be picked."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        loaded, before = _planned(loaded, options, ledger, store)
        addresses = _named(before, word)
        for address in addresses:
            _refuse_pick(before.members[address], take)

        def chosen(lock: Lock) -> Lock:
            picks = {address: replace(lock.member(address), pick=take) for address in addresses}
            return replace(lock, members={**lock.members, **picks})

        loaded.lock_file.change(chosen)
        return Choice(addresses, before, _planned(load(path, options), options, ledger, store)[1], {})


def accept(path: str, word: str, options: Options) -> Choice:
    """Keeps what is stale among the members that the word names; raises UsageFailure when nothing of it is."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        loaded, before = _planned(loaded, options, ledger, store)
        refused = {address: _why_not_accepted(before.members[address], before) for address in _named(before, word)}
        addresses = tuple(address for address, failure in refused.items() if failure is None)
        passed = {address: failure for address, failure in refused.items() if failure is not None}
        if not addresses:
            raise next(iter(passed.values()))
        date = datetime.fromtimestamp(RealClock().now(), UTC).date().isoformat()
        kept = _kept(before, addresses, ledger)

        def accepted(lock: Lock) -> Lock:
            lock = kept.into(lock)
            words = {
                address: replace(lock.member(address), accepted=Accepted(date, before.members[address].recipe))
                for address in addresses
            }
            return replace(lock, members={**lock.members, **words})

        loaded.lock_file.change(accepted)
        after = _planned(load(path, options), options, ledger, store)[1]
        return Choice(addresses, before, after, {address: failure.message for address, failure in passed.items()})


def forget_acceptance(path: str, word: str, options: Options) -> Choice:
    """Takes the word of `accept` back; raises UsageFailure where none was given."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        loaded, before = _planned(loaded, options, ledger, store)
        named = _named(before, word)
        addresses = tuple(address for address in named if loaded.lock.member(address).accepted)
        if not addresses:
            raise UsageFailure("nothing-to-undo", f"`{word}` was not accepted", hint="there is nothing to take back")

        def stale(lock: Lock) -> Lock:
            words = {address: replace(lock.member(address), accepted=None) for address in addresses}
            return replace(lock, members={**lock.members, **words})

        loaded.lock_file.change(stale)
        return Choice(addresses, before, _planned(load(path, options), options, ledger, store)[1], {})


def takes(path: str, word: str, options: Options) -> tuple[TakeRow, ...]:
    """Every take of the members that the word names: those that were made, and those that are asked for."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        loaded, plan = _planned(loaded, options, ledger, store)
        addresses = _named(plan, word)
        lock = _kept(plan, addresses, ledger).into(loaded.lock)
        return tuple(row for address in addresses for row in _rows(plan.members[address], lock, store))


def sheet(rows: Sequence[TakeRow], target: str) -> int:
    """Writes a contact sheet of the takes that are there and returns how many it shows; raises UsageFailure when there
    is none."""
    cells = [
        Cell(f"{row.address}  take {row.take}", row.path, row.made.artifact.facts, is_marked=row.picked)
        for row in rows
        if row.made is not None and row.path
    ]
    if not cells:
        raise UsageFailure("no-such-take", "no take is made yet, so there is nothing to show", hint="run it first")
    write_sheet(cells, target)
    return len(cells)


def another(path: str, word: str, options: Options) -> dict[str, int]:
    """How many takes each member that the word names is to have for one more; raises UsageFailure where one that was
    asked for before is not made yet, or the recipe is not the one it was made by."""
    with opened(path, options, only_reads=True) as (loaded, ledger, store):
        _, plan = _planned(loaded, options, ledger, store)
        addresses = _named(plan, word)
        for address in addresses:
            _refuse_another(plan.members[address], " ".join([quote(path), *_simulate(options)]), word)
        return {address: plan.members[address].step.takes + 1 for address in addresses}


def _planned(loaded: Loaded, options: Options, ledger: Ledger, store: Store) -> tuple[Loaded, Plan]:
    """The plan of the whole storyboard, also where something could not be bought, and what it was made from."""
    prepared = prepare(loaded, replace(options, only_fetches=True), ledger, store)
    return prepared.loaded, prepared.plan


def _named(plan: Plan, word: str) -> tuple[str, ...]:
    return members_named(plan.storyboard, [word])


def _made(member: Planned) -> dict[int, Artifact]:
    """The takes that can be picked: those of the recipe of now, or else those from before."""
    former = member.former.artifacts if member.former is not None else {}
    return dict(sorted({**(former if not member.artifacts else {}), **member.remains, **member.artifacts}.items()))


def _refuse_pick(member: Planned, take: int) -> None:
    own = member.step.spans.get("pick")
    if own is not None:
        message = f"`{member.address}` has its pick in the storyboard, which goes first: {member.step.pick}"
        raise UsageFailure("picked-in-text", message, span=own, hint=f"write `pick: {take}` there, or remove the line")
    made = _made(member)
    if take in made:
        return
    which = f"made are {_listed(made)}" if made else "none is made yet"
    hint = "`kling-pipe another` buys one more take" if made else "run it first"
    raise UsageFailure("no-such-take", f"`{member.address}` has no take {take}: {which}", hint=hint)


def _why_not_accepted(member: Planned, plan: Plan) -> UsageFailure | None:
    """The refusal; None where it can be accepted."""
    name = f"`{member.address}`"
    if member.standing is Standing.CURRENT:
        kept = f"{name} is kept as it was made before already" if member.accepted else f"{name} is current"
        return UsageFailure("nothing-to-accept", f"{kept}, so there is nothing to accept")
    if member.standing in (Standing.RUNNING, Standing.UNCERTAIN):
        message = f"{name} is under way already: {member.reason}"
        return UsageFailure("nothing-to-accept", message, hint="run again")
    if member.former is None or not is_usable(member, member.former):
        about = f"take {member.step.pick} of it" if member.former is not None else "it"
        return UsageFailure("nothing-to-accept", f"{name} cannot stay as it was: {about} was not made before")
    if not member.recipe:
        above = next((f"`{name}`" for name in member.above if plan.members[name].standing is not Standing.CURRENT), "")
        message = f"{name} is made of {above}, which is not current"
        return UsageFailure("accept-above", message, hint=f"accept {above} first")
    return None


def _simulate(options: Options) -> list[str]:
    """What is typed for the simulator, so that a hint never leads from it to real money."""
    return ["--simulate"] if options.simulate else []


def _refuse_another(member: Planned, typed: str, word: str) -> None:
    name = f"`{member.address}`"
    hint = f"`kling-pipe run {typed} --only {quote(word)}` makes what is missing first"
    if member.accepted:
        message = f"{name} is kept as it was made before, and another take would be of the new recipe"
        undo = f"kling-pipe accept {typed} {quote(member.address)} --undo"
        raise UsageFailure("accepted", message, hint=f"`{undo}` takes that word back")
    if member.standing is not Standing.CURRENT:
        raise UsageFailure("not-current", f"{name} is {member.standing}: {member.reason}", hint=hint)


def _kept(plan: Plan, addresses: Sequence[str], ledger: Ledger) -> Made:
    """What a run would write into the lock of these members."""
    artifacts = {address: _made(plan.members[address]) for address in addresses}
    ids = sorted({made.external_id for found in artifacts.values() for made in found.values()})
    return Made(plan, artifacts, ledger.jobs_by_id(ids), {}, {}, is_whole=False)


def _rows(member: Planned, lock: Lock, store: Store) -> Iterator[TakeRow]:
    made = lock.member(member.address).made
    now = {artifact.key for artifact in member.artifacts.values()}
    for take in sorted({*range(1, member.step.takes + 1), *made}):
        locked = made.get(take)
        picked = take == member.step.pick
        if locked is None:
            yield TakeRow(member.address, take, picked, "not made")
            continue
        path = store.path(locked.artifact.digest)
        state = "current" if locked.artifact.key in {*now, *member.keys} else "before"
        if not os.path.exists(path):
            yield TakeRow(member.address, take, picked, "file gone", "", locked)
        else:
            yield TakeRow(member.address, take, picked, state, path, locked)


def _listed(takes: Mapping[int, object]) -> str:
    return ", ".join(map(str, takes))
