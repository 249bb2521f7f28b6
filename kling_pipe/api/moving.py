"""What the lock says of a member goes with its recipe: to the new name of its step, or to where its axis value went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kling_pipe.plan.plan import Plan
from kling_pipe.plan.recipe import key_of
from kling_pipe.values.lock import Lock, LockedMember


@dataclass(frozen=True, slots=True)
class Move:
    """What the lock says of `source` is said of `address` from now on, which has the recipe that it was said of."""

    address: str
    source: str
    recipe: str
    leaves_files: bool  # whether the source is a member still, and was made as what it says before


def moves_of(plan: Plan, lock: Lock, before: Sequence[Move]) -> list[Move]:
    """What is to be moved beside what was moved before. A member that has what was said of it keeps it, and so does
    one whose recipe is not known yet."""
    if not any(_is_decided(pinned) for pinned in lock.members.values()):
        return []
    free = {address: pinned for address, pinned in lock.members.items() if _is_free(address, pinned, plan)}
    sources: dict[str, list[str]] = {}
    for address, pinned in free.items():
        for key in _keys(pinned):
            sources.setdefault(key, []).append(address)
    numbers = sorted({take for pinned in free.values() for take in pinned.made})
    moved, taken, found = {move.address for move in before}, set[str](), []
    for address, member in plan.members.items() if sources else ():
        if not member.recipe or address in moved or (address in lock.members and address not in free):
            continue
        keys = (member.recipe, *(key_of(member.recipe, take) for take in numbers))
        fitting = (source for key in keys for source in sources.get(key, ()) if source not in taken)
        source = next(fitting, None)
        if source is not None:
            taken.add(source)
            found.append(Move(address, source, member.recipe, leaves_files=source in plan.storyboard.members))
    return found


def moved(lock: Lock, moves: Sequence[Move]) -> Lock:
    """The lock with what has moved, as far as it is not so already."""
    members: dict[str, LockedMember] = dict(lock.members)
    told: dict[str, LockedMember] = {}
    for move in moves:
        pinned = lock.member(move.source)
        if _fits(pinned, move.recipe) and not _fits(lock.member(move.address), move.recipe):
            told[move.address] = pinned
            members.pop(move.source, None)
            if move.leaves_files:
                members[move.source] = replace(pinned, pick=0, takes=0, accepted=None)
    return replace(lock, members={**members, **told}) if told else lock


def _is_decided(pinned: LockedMember) -> bool:
    return bool(pinned.pick or pinned.takes or pinned.accepted)


def _is_free(address: str, pinned: LockedMember, plan: Plan) -> bool:
    """Whether the address is gone, or is that of another recipe now."""
    if address not in plan.storyboard.members:
        return True
    member = plan.members.get(address)
    return member is not None and bool(member.recipe and pinned.made) and not _fits(pinned, member.recipe)


def _fits(pinned: LockedMember, recipe: str) -> bool:
    """Whether it was made by the recipe, or stands in for it."""
    if pinned.accepted is not None and pinned.accepted.recipe == recipe:
        return True
    return any(made.artifact.key == key_of(recipe, take) for take, made in pinned.made.items())


def _keys(pinned: LockedMember) -> Mapping[str, None]:
    """All that tells the recipe it belongs to: the one it stands in for, and the keys of its takes."""
    accepted = {pinned.accepted.recipe: None} if pinned.accepted is not None else {}
    return {**accepted, **{made.artifact.key: None for made in pinned.made.values()}}
