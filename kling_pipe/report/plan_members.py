"""The members of a plan as lines: one by one, or those of a step together where there are more than a few."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kling_pipe.plan.former import whole_reason
from kling_pipe.plan.plan import Planned, Price, Standing, bought_standings
from kling_pipe.report.amounts import duration, listing, plural
from kling_pipe.report.tables import printable, shortened, table
from kling_pipe.values.money import Cost

_verbs = {
    Standing.CURRENT: "keep",
    Standing.MISSING: "make",
    Standing.PENDING: "make",
    Standing.RUNNING: "wait",
    Standing.STALE: "stale",
    Standing.RETRY: "again",
    Standing.UNCERTAIN: "settle",
}
_nouns = {"image": "picture", "video": "clip", "audio": "sound"}
_one_by_one = 3  # members of a step; more are told together
_current_shown = 20  # lines of what has nothing to do; more are counted only
_reasons_shown = 3
_widest = 100
_pins = re.compile(r"\[[^\[\]]*\](?=`)")  # of an address in backticks


@dataclass(frozen=True, slots=True)
class Group:
    """Members that share a line: one alone, or several of a step for which the same is done."""

    name: str
    members: tuple[Planned, ...]

    @property
    def verb(self) -> str:
        return _verbs[self.members[0].standing]

    @property
    def is_current(self) -> bool:
        return self.members[0].standing is Standing.CURRENT


def render_members(members: Sequence[Planned], *, full: bool) -> str:
    """What is to be done first, then what is current; `full` tells every member on its own."""
    groups = list(_groups(members, full=full))
    shown = [group for group in groups if not group.is_current]
    current = [group for group in groups if group.is_current]
    few = current if full or len(current) <= _current_shown else []
    lines = table(("", "", "", "", ""), [_row(group) for group in (*shown, *few)], indent="  ").splitlines()[1:]
    text, indent = "", " " * (4 + max((len(group.verb) for group in (*shown, *few)), default=0))
    for group, line in zip((*shown, *few), lines, strict=True):
        text += line + "\n" + "".join(f"{indent}{below}\n" for below in _below(group))
    hidden = sum(len(group.members) for group in current) if len(few) < len(current) else 0
    return text + (f"  keep  {hidden} steps that are current\n" if hidden else "")


def about(cost: Cost, *, exact: bool) -> str:
    """`about 0.42 USD` for an estimate."""
    return f"{'' if exact else 'about '}{cost}"


def _groups(members: Sequence[Planned], *, full: bool) -> Iterator[Group]:
    """In the order of each step's first member."""
    steps: dict[str, list[Planned]] = {}
    for member in members:
        steps.setdefault(member.step.id, []).append(member)
    if full or all(len(several) <= _one_by_one for several in steps.values()):
        yield from (Group(member.address, (member,)) for member in members)
        return
    for step, several in steps.items():
        if len(several) <= _one_by_one:
            yield from (Group(member.address, (member,)) for member in several)
            continue
        done_to: dict[str, list[Planned]] = {}
        for member in several:
            done_to.setdefault(_verbs[member.standing], []).append(member)
        for some in done_to.values():
            name = f"{step} ×{len(some)}" if len(some) > 1 else some[0].address
            yield Group(name, tuple(some))


def _row(group: Group) -> tuple[str, ...]:
    if group.is_current:
        return (group.verb, group.name, _making(group.members), "", "")
    prices = [member.price for member in group.members if member.price and member.standing in bought_standings]
    seconds = {duration(member.expected_seconds) for member in group.members}
    longest = duration(max(member.expected_seconds for member in group.members))
    each = " each" if len(group.members) > 1 else ""
    return (
        group.verb,
        group.name,
        _making(group.members),
        _sum_of(prices),
        f"{'~' if len(seconds) == 1 else 'to '}{longest}{each}",
    )


def _sum_of(prices: Sequence[Price]) -> str:
    if not prices:
        return ""
    return about(Cost.total(price.cost for price in prices), exact=all(price.exact for price in prices))


def _making(members: Sequence[Planned]) -> str:
    counts = [_count(member) for member in members]
    noun = _nouns.get(str(members[0].makes), str(members[0].makes))
    models = listing(tuple(dict.fromkeys(member.model for member in members)), _reasons_shown)
    return f"{plural(sum(counts), noun) if all(counts) else f'{noun}s'} by {models}"


def _count(member: Planned) -> int:
    """How many files; 0 where the model decides."""
    takes = member.bought_takes if member.standing in bought_standings else ()
    return (len(takes) or member.step.takes) * member.pictures


def _below(group: Group) -> Iterator[str]:
    """The lines under a group's own: why, which way it travels, and which members they are."""
    lone = len(group.members) == 1
    if not group.is_current:
        routes = listing(tuple(dict.fromkeys(str(member.route) for member in group.members)), _reasons_shown)
        yield f"{shortened(printable(_why(group)), _widest)}; by {routes}"
    elif any(member.accepted for member in group.members):
        yield shortened(printable(_why(group)), _widest)
    if not lone:
        addresses = tuple(member.address for member in group.members)
        yield shortened(printable(listing(addresses, 2)), _widest)


def _why(group: Group) -> str:
    """The reasons, the most frequent first, with how many members they are true of."""
    if len(group.members) == 1:
        return whole_reason(group.members[0])
    reasons = Counter(_pins.sub("", whole_reason(member)) for member in group.members if member.reason)
    if len(reasons) == 1:
        return next(iter(reasons))
    told = tuple(f"{reason} ({count})" for reason, count in reasons.most_common())
    return listing(told, _reasons_shown)
