"""A storyboard of which some steps cannot be made on the roads that were named: what goes there all the same, and which
roads make the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.examination import Examination, upstream_first
from kling_pipe.plan.roads import Road
from kling_pipe.story.storyboard import Step, Storyboard

Wanted = Collection[str] | None  # members; None: all


def needed_by(storyboard: Storyboard, addresses: Iterable[str]) -> frozenset[str]:
    """The members and everything they need."""
    found: set[str] = set()
    pending = list(addresses)
    while pending:
        address = pending.pop()
        if address not in found:
            found.add(address)
            pending += storyboard.members[address].above
    return frozenset(found)


def told_within(examination: Examination, wanted: Wanted) -> tuple[Problem, ...]:
    """What was found, where only some members are wanted: what is wrong with the others hinders nobody."""
    if wanted is None:
        return examination.problems
    within = {problem for address in wanted for problem in examination.told.get(address, ())}
    of_steps = {problem for told in examination.told.values() for problem in told}
    return tuple(
        problem if problem in within or problem not in of_steps else _softened(problem)
        for problem in examination.problems
    )


def remainder(
    storyboard: Storyboard, examination: Examination, roads_of: Callable[[Step], Sequence[Road]], wanted: Wanted = None
) -> Problem | None:
    """What is said at the end of a refusal: which steps go all the same, and by which list of roads everything goes.
    Nothing where no list makes everything: then the storyboard is wrong and not the road."""
    members = [step for step in storyboard.members.values() if wanted is None or step.address in wanted]
    refused = examination.refused & {step.address for step in members}
    lists = {tuple(road.profile for road in roads_of(step)) for step in members}
    more = _covering(sorted(refused), examination.able)
    if not refused or not more or len(lists) != 1:
        return None
    (named,) = lists
    steps = dict.fromkeys(step.id for step in members)
    if len(steps) < 2:
        return None  # what makes it is told with what is wrong
    lost = _barred(storyboard, refused)
    barred = {step.id for step in members if step.address in lost}
    going = [name for name in steps if name not in barred]
    hint = f"`--provider {','.join((*named, *more))}` makes everything"
    if going:
        ends = _ends(members, set(going))
        hint = f"`{' '.join(f'--only {name}' for name in ends)}` makes what goes there, {hint}"
    roads = " and ".join(f"`{name}`" for name in named)
    verb = "makes" if len(named) == 1 else "make"
    message = f"{roads} {verb} {len(going) or 'none'} of the {len(steps)} steps"
    return Problem("only-some-steps", message, None, hint, Severity.NOTE)


def _softened(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.WARNING) if problem.severity is Severity.ERROR else problem


def _barred(storyboard: Storyboard, refused: Collection[str]) -> set[str]:
    """The members that are refused, and all that need one of them."""
    barred = set(refused)
    for step in upstream_first(storyboard):
        if not barred.isdisjoint(step.above):
            barred.add(step.address)
    return barred


def _covering(refused: Sequence[str], able: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The fewest roads, or nearly so, by which every refused member is made; empty where there are none."""
    missing, found = set(refused), list[str]()
    names = list(dict.fromkeys(name for address in refused for name in able.get(address, ())))
    while missing:
        made = {name: {address for address in missing if name in able.get(address, ())} for name in names}
        best = max(names, key=lambda name: len(made[name]), default=None)
        if best is None or not made[best]:
            return ()
        found.append(best)
        missing -= made[best]
    return tuple(found)


def _ends(members: Sequence[Step], going: Collection[str]) -> list[str]:
    """Of the steps that go, those that no other of them needs."""
    ids = {step.address: step.id for step in members}
    needed = {ids[above] for step in members if step.id in going for above in step.above if ids[above] != step.id}
    return [name for name in dict.fromkeys(step.id for step in members) if name in going and name not in needed]
