"""What became of each member from one plan to another of the same storyboard: changed, stale below, added, removed.

Two members are the same when their recipes are, whatever they are called and wherever they stand. A recipe that is not
known yet, because something above is not made, is compared by its shadow: the recipes above in place of their bytes.
A member whose own parts are the same and whose recipe is not was made stale by something above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kling_pipe.plan.changes import Change, Group, Part, bare_parts, compared, placed
from kling_pipe.plan.likeness import alike, likeness
from kling_pipe.plan.plan import Plan, Planned, Source, bought_standings, source_of
from kling_pipe.plan.sharing import Shares
from kling_pipe.story.axes import Member
from kling_pipe.story.storyboard import StepOutput
from kling_pipe.values.money import Cost


class Fate(StrEnum):
    """What became of a member."""

    CHANGED = "changed"  # parts of its own recipe, or how many takes it has
    STALE = "stale"  # something above it changed, so what was made of it no longer counts
    ADDED = "added"
    RENAMED = "renamed"  # the same recipe at another address
    PICKED = "picked"  # the same recipe, another take is used
    REMOVED = "removed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One member, on both sides where it is on both. `cost` is what making it costs, given what is made."""

    fate: Fate
    old: Planned | None
    new: Planned | None
    parts: tuple[Part, ...] = ()  # what changed of its own
    by: tuple[str, ...] = ()  # members above that make it stale
    cost: Cost = Cost()
    exact: bool = True
    scratch_before: Cost = Cost()  # what it costs where nothing is made yet
    scratch: Cost = Cost()

    @property
    def address(self) -> str:
        member = self.new or self.old
        assert member is not None
        return member.address

    @property
    def renamed_from(self) -> str:
        """Its old address, where that is another."""
        is_other = self.old is not None and self.new is not None and self.old.address != self.new.address
        return self.old.address if is_other and self.old else ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two plans, member by member in the newer one's order, what was removed last."""

    old: Plan
    new: Plan
    comparisons: tuple[Comparison, ...]
    deliveries: tuple[tuple[str, str, str], ...]  # path, what was delivered there, and what is; empty for nothing

    def of(self, fate: Fate) -> tuple[Comparison, ...]:
        return tuple(one for one in self.comparisons if one.fate is fate)

    @property
    def cost(self) -> Cost:
        """What a run of the newer one pays, given what is made."""
        return self.new.estimate

    @property
    def scratch_before(self) -> Cost:
        return Cost.total(one.scratch_before for one in self.comparisons)

    @property
    def scratch(self) -> Cost:
        return Cost.total(one.scratch for one in self.comparisons)

    @property
    def is_exact(self) -> bool:
        """Whether all of the prices from scratch are."""
        sides = (member for plan in (self.old, self.new) for member in plan.members.values())
        return all(member.price is None or member.price.exact for member in sides)

    @property
    def has_other_prices(self) -> bool:
        """Whether what did not change costs something else on the newer side."""
        return any(
            one.old is not None and one.new is not None and one.old.take_cost != one.new.take_cost
            for one in self.comparisons
            if one.fate not in _paid_fates
        )

    @property
    def is_paid_for(self) -> bool:
        """Whether anything that is paid for changed."""
        return any(one.fate in _paid_fates for one in self.comparisons)


_paid_fates = frozenset({Fate.CHANGED, Fate.STALE, Fate.ADDED, Fate.REMOVED})
_harmless = frozenset({Fate.SAME, Fate.RENAMED})  # for what is made from it
_most_compared = 100  # steps on each side among which renamed and edited ones are looked for


def common_address(addresses: Sequence[str]) -> str:
    """What names members of one step together: the step, with the values that all of them have."""
    members = [Member.parse(address) for address in addresses]
    common = tuple(pin for pin in members[0].coordinates if all(pin in one.coordinates for one in members))
    return Member(members[0].step, common).address


def difference(old: Plan, new: Plan) -> Difference:
    """What became of each member."""
    shares = Shares(old.members), Shares(new.members)
    former = _pairs(old, new, *shares)
    found: dict[str, Comparison] = {}
    for address in new.members:  # what is above comes first
        before = old.members.get(former.get(address, ""))
        found[address] = _compared(before, new.members[address], former, found, shares)
    scratch_before, scratch = (one.from_scratch() for one in shares)
    kept = [
        replace(
            found[address], scratch=scratch[address], scratch_before=scratch_before.get(former.get(address, ""), Cost())
        )
        for address in new.storyboard.members
        if address in found
    ]
    left = set(old.members) - set(former.values())
    removed = [
        Comparison(Fate.REMOVED, old.members[address], None, scratch_before=scratch_before[address])
        for address in old.storyboard.members
        if address in left
    ]
    return Difference(old, new, (*kept, *removed), tuple(_deliveries(old, new, former)))


def _compared(
    old: Planned | None, new: Planned, former: Mapping[str, str], above: Mapping[str, Comparison],
    shares: tuple[Shares, Shares],
) -> Comparison:  # fmt: skip
    is_bought = new.standing in bought_standings and new.price is not None
    cost = new.price.cost if is_bought and new.price else Cost()
    exact = new.price is None or new.price.exact
    if old is None:
        return Comparison(Fate.ADDED, None, new, cost=cost, exact=exact)
    counts = _counts(old, new)
    if shares[0].shadow(old.address) == shares[1].shadow(new.address):
        return Comparison(_fate_of_same(old, new, counts), old, new, counts, cost=cost, exact=exact)
    own = tuple(placed(part, new) for part in _own_parts(old, new, former) if part.is_changed)
    by = tuple(source.member for source in new.sources if source.member and above[source.member].fate not in _harmless)
    fate = Fate.CHANGED if own or not by else Fate.STALE
    return Comparison(fate, old, new, (*own, *counts), tuple(dict.fromkeys(by)), cost, exact)


def _fate_of_same(old: Planned, new: Planned, counts: Sequence[Part]) -> Fate:
    names = {part.name for part in counts}
    if "takes" in names:
        return Fate.CHANGED
    if "pick" in names:
        return Fate.PICKED
    return Fate.SAME if old.address == new.address else Fate.RENAMED


def _counts(old: Planned, new: Planned) -> tuple[Part, ...]:
    """Takes and pick, which stand in no recipe, where they changed."""
    pairs = (("takes", new.step.takes, old.step.takes), ("pick", new.step.pick, old.step.pick))
    return tuple(
        Part(name, Group.HEAD, value, before, Change.CHANGED, new.step.spans.get(name))
        for name, value, before in pairs
        if value != before
    )


def _own_parts(old: Planned, new: Planned, former: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of both recipes; a field that is wired to the same place is the same, whatever is made there."""
    places_before = {source.wire.field: _place(source, {}) for source in old.sources if source.member}
    places = {source.wire.field: _place(source, former) for source in new.sources if source.member}
    parts = compared(bare_parts(new), bare_parts(old))
    return tuple(
        replace(part, change=Change.SAME)
        if part.group is Group.INPUT and part.name in places and places[part.name] == places_before.get(part.name)
        else replace(part, change=Change.CHANGED) if part.change is Change.AWAITED else part
        for part in parts
    )  # fmt: skip


def _place(source: Source, former: Mapping[str, str]) -> tuple[object, ...]:
    """What a field is wired to, its member by the old address; the picked take is told as the picked one."""
    reference = source.wire.reference
    take = reference.take if isinstance(reference, StepOutput) else 0
    return (former.get(source.member, source.member), take, source.image, source.select, source.part)


def _pairs(old: Plan, new: Plan, old_shares: Shares, new_shares: Shares) -> dict[str, str]:
    """The old address of each new member that there was before."""
    former = {address: address for address in new.members if address in old.members}
    gone = [address for address in old.members if address not in former]
    fresh = [address for address in new.members if address not in former]
    if not gone or not fresh:
        return former
    by_shadow: dict[str, list[str]] = {}
    for address in gone:
        by_shadow.setdefault(old_shares.shadow(address), []).append(address)
    for address in fresh:
        if candidates := by_shadow.get(new_shares.shadow(address)):
            former[address] = candidates.pop(0)
    taken = set(former.values())
    _pair_alike(
        old, new, [one for one in gone if one not in taken], [one for one in fresh if one not in former], former
    )
    return former


def _pair_alike(old: Plan, new: Plan, gone: Sequence[str], fresh: Sequence[str], former: dict[str, str]) -> None:
    """Steps that were renamed and edited at once: those that are most alike, and their members at equal values."""
    before, now = _by_step(gone), _by_step(fresh)
    ranked = sorted(
        (
            (likeness(bare_parts(new.members[now[one][0]]), bare_parts(old.members[before[other][0]])), one, other)
            for one in list(now)[:_most_compared]
            for other in list(before)[:_most_compared]
        ),
        key=lambda found: (-found[0], found[1], found[2]),
    )
    done: set[str] = set()
    for close, one, other in ranked:
        if close < alike:
            return
        if one not in done and other not in done:
            done |= {one, other}
            former.update(_members_at_equal_values(now[one], before[other]))


def _members_at_equal_values(now: Sequence[str], before: Sequence[str]) -> Iterable[tuple[str, str]]:
    at = {Member.parse(address).coordinates: address for address in before}
    for address in now:
        place = Member.parse(address).coordinates
        if place in at:
            yield address, at[place]
    if len(now) == len(before) == 1 and Member.parse(now[0]).coordinates not in at:
        yield now[0], before[0]


def _by_step(addresses: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for address in addresses:
        found.setdefault(address.partition("[")[0], []).append(address)
    return found


def _deliveries(old: Plan, new: Plan, former: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    before = {delivery.path: source_of(delivery, member) for delivery, member in old.deliveries}
    now = {delivery.path: (source_of(delivery, member), member) for delivery, member in new.deliveries}
    for path in dict.fromkeys((*now, *before)):
        source, member = now.get(path, ("", ""))
        was = before.get(path, "")
        old_name = former.get(member, member)
        if source != was and source.replace(member, old_name, 1) != was:
            yield path, was, source
