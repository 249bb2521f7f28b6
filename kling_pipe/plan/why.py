"""Why a member stands as it does: by which recipe it was made last, what of it changed since, and what that costs.

Which old recipe counts: one that is the present recipe; else the one of the task that the lock pins for the member;
else the last one under its address; else, where a step was renamed, the last one of an address that the storyboard has
no more and that is alike enough.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from kling_pipe.plan.changes import Bytes, Group, Part, compared, parts_in, parts_of, top_name
from kling_pipe.plan.likeness import alike, likeness
from kling_pipe.plan.plan import Plan, Planned, bought_standings
from kling_pipe.plan.sharing import Shares
from kling_pipe.values.making import Giver, Making
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class Charge:
    """A member that a run would pay for, and what for its own part; `changed` names what of its own recipe changed."""

    member: Planned
    cost: Cost
    exact: bool
    changed: tuple[str, ...] = ()
    was_made: bool = False  # by another recipe, so that it goes stale
    by: tuple[str, ...] = ()  # the wired fields by which it depends on the member that is explained


@dataclass(frozen=True, slots=True)
class Why:
    """One member. `making` is the last that counts; `above` what has to be made first, `below` what goes stale."""

    member: Planned
    making: Making | None
    parts: tuple[Part, ...]
    own: Charge | None  # None where nothing of it is bought
    above: tuple[Charge, ...] = ()
    below: tuple[Charge, ...] = ()
    users: tuple[str, ...] = ()  # addresses of all that is made from it, at any distance
    made_as: str = ""  # its name when it was made, where that was another

    @property
    def changed(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_changed)

    @property
    def charges(self) -> tuple[Charge, ...]:
        """Everything that is bought where it and all below it are made, in the order of a run."""
        return (*self.above, *([self.own] if self.own else []), *self.below)


_most_left = 200  # addresses that are gone, the latest, among which a renamed step is looked for


class History:
    """The makings of a storyboard, found by recipe, by address, or by likeness where a step was renamed."""

    def __init__(
        self, storyboard: str, members: Iterable[str], makings: Sequence[Making], pinned: Mapping[str, str]
    ) -> None:
        """`pinned` are external ids of what members were made by, by address, where a lock tells them."""
        self._storyboard = storyboard
        own = [making for making in makings if making.storyboard == storyboard]
        self._by_recipe = {making.recipe: making for making in makings}
        self._by_address = {making.member: making for making in own}
        by_id = {making.external_id: making for making in makings}
        self._pinned = {address: by_id[one] for address, one in pinned.items() if one in by_id}
        living = set(members)
        left = [making for address, making in self._by_address.items() if address not in living]
        self._left = [(making, parts_in(making.explanation)) for making in left[-_most_left:]]
        self._givers: Mapping[str, Giver] = {}

    def with_givers(self, givers: Mapping[str, Giver]) -> History:
        """The same, knowing which members gave which files, by digest."""
        known = copy(self)
        known._givers = givers
        return known

    def making_of(self, member: Planned) -> Making | None:
        """The last making of a member, under whatever address."""
        address = member.address
        found = self._by_recipe.get(member.recipe) or self._pinned.get(address) or self._by_address.get(address)
        return found or self._renamed(member)

    def made_as(self, member: Planned, making: Making | None) -> str:
        """`hero`, `hero of launch` where another storyboard had it made; empty where it goes by the same name."""
        if making is None or (making.storyboard, making.member) == (self._storyboard, member.address):
            return ""
        return making.member if making.storyboard == self._storyboard else f"{making.member} of {making.storyboard}"

    def parts(self, member: Planned, making: Making | None) -> tuple[Part, ...]:
        """The parts of the member's recipe against those of the making."""
        before = parts_in(making.explanation) if making else ()
        return tuple(self._with_giver(part) for part in compared(parts_of(member), before))

    def _with_giver(self, part: Part) -> Part:
        """The part with where its old file came from, as far as that is known."""
        before = part.before
        giver = self._givers.get(before.digest) if isinstance(before, Bytes) else None
        if giver is None or not isinstance(before, Bytes):
            return part
        return replace(part, before=replace(before, member=giver.member, take=giver.take, image=giver.image))

    def _renamed(self, member: Planned) -> Making | None:
        now = parts_of(member)
        ranked = [(likeness(now, before), making.ended, making) for making, before in self._left]
        best = max(ranked, key=lambda one: one[:2], default=None)
        return best[2] if best is not None and best[0] >= alike else None


class Explainer:
    """Explains members of one plan, each in time that grows with what is above and below it only."""

    def __init__(self, plan: Plan, history: History) -> None:
        self._members = plan.members
        self._history = history
        self._place = {address: place for place, address in enumerate(plan.members)}
        self._shares = Shares(plan.members)
        self._users: dict[str, list[str]] = {}
        for member in plan.members.values():
            for source in member.sources:
                if source.member:
                    self._users.setdefault(source.member, []).append(member.address)

    def explain(self, address: str) -> Why:
        """Why one member stands as it does."""
        member = self._members[address]
        making = self._history.making_of(member)
        above = self._reached(address, self._above)
        users = self._reached(address, lambda one: self._users.get(one, ()))
        below = users if member.standing in bought_standings else ()
        costs = self._shares.costs((*above, address, *below))
        own = costs.get(address)
        return Why(
            member=member,
            making=making,
            parts=self._history.parts(member, making),
            own=self._charge(address, own) if own is not None else None,
            above=tuple(self._stale(one, costs[one], ()) for one in above if one in costs),
            below=tuple(self._stale(one, costs[one], {address, *users}) for one in below if one in costs),
            users=users,
            made_as=self._history.made_as(member, making),
        )

    def together(self, addresses: Iterable[str]) -> dict[str, Cost]:
        """What making these members and everything they need costs, by address."""
        wanted = {one for address in addresses for one in (address, *self._reached(address, self._above))}
        return self._shares.costs(sorted(wanted, key=self._place.__getitem__))

    def _above(self, address: str) -> Sequence[str]:
        return self._members[address].above

    def _charge(self, address: str, cost: Cost) -> Charge:
        member = self._members[address]
        return Charge(member, cost, member.price is None or member.price.exact)

    def _stale(self, address: str, cost: Cost, made: Collection[str]) -> Charge:
        member = self._members[address]
        fields = tuple(source.wire.field for source in member.sources if source.member in made)
        making = self._history.making_of(member)
        parts = self._history.parts(member, making)
        changed = tuple(dict.fromkeys(top_name(part) for part in parts if part.is_changed))
        return replace(self._charge(address, cost), changed=changed, was_made=making is not None, by=fields)

    def _reached(self, address: str, next_of: Callable[[str], Sequence[str]]) -> tuple[str, ...]:
        """Everything that is reached from a member, in the plan's order, without the member."""
        found, pending = {address}, [address]
        while pending:
            for one in next_of(pending.pop()):
                if one not in found and one in self._members:
                    found.add(one)
                    pending.append(one)
        return tuple(sorted(found - {address}, key=self._place.__getitem__))


def inputs_before(making: Making | None) -> tuple[str, ...]:
    """The digests of the files that the last making was made from."""
    parts = parts_in(making.explanation) if making else ()
    return tuple(part.value.digest for part in parts if part.group is Group.INPUT and isinstance(part.value, Bytes))
