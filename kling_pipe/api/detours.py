"""What a run does where a road refuses members for good: the next road of their lists makes them.

1. Only what was refused before anything was made, and whatever was asked: a pack or an account's money that is used up,
   an endpoint or a model that is not permitted. Never what is uncertain, moderated or invalid, and never a member of
   which something is made or under way on the road.
2. The plan is made anew with that road closed, from the same texts: what cannot be made on the next road is told before
   anything is sent there, and what is made, paid for or in doubt stays where it is.
3. Every job on the next road is claimed in the same ledger under the same caps. What was agreed to holds for the whole
   run, whichever road its parts take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.api.loading import Loaded, examined
from kling_pipe.api.planning import Prepared
from kling_pipe.errors import TextFailure
from kling_pipe.events import RoadChanged
from kling_pipe.plan.roads import Choices, Closed
from kling_pipe.run.flight import TurnedAway
from kling_pipe.run.machine import Machine
from kling_pipe.run.states import State
from kling_pipe.values.answer import AnswerClass, Refusal
from kling_pipe.values.money import Cost

Prepare = Callable[[Loaded], Prepared]


@dataclass(frozen=True, slots=True)
class Detour:
    """The plan on other roads, what is told of it, and the members that this run does not make for other reasons."""

    prepared: Prepared
    events: tuple[RoadChanged, ...]
    ended: Mapping[str, State]


@dataclass(frozen=True, slots=True)
class NoDetour:
    """Why members that were refused go no other road; empty where they have none."""

    reason: str = ""


def detour(
    prepared: Prepared, machine: Machine, now: float, prepare: Prepare, is_able: Callable[[str], bool]
) -> Detour | NoDetour:
    """The way on for members that their road refused; `prepare` plans what was examined anew, `is_able` says whether a
    profile has its credentials."""
    turned = {address: one for address, one in machine.turned_away.items() if _is_refused(machine, address)}
    loaded = prepared.loaded
    listed = {address for address in turned if len(loaded.catalogues.roads_of(prepared.plan.members[address].step)) > 1}
    closed = set(loaded.choices.closed)
    lacking: dict[str, None] = {}
    more = {_closed_by(turned[address]) for address in listed}
    while not more <= closed:
        closed |= more
        try:
            again = prepare(_examined(loaded, closed))
        except TextFailure as failure:
            return NoDetour(f"no other road makes what is left: {failure.message}")
        changed = [one for one in prepared.plan.members if one in listed and _goes_elsewhere(one, prepared, again)]
        if not changed:
            break
        unable = [one for one in changed if not is_able(again.plan.members[one].profile)]
        if not unable:
            ended = _ended(machine, changed)
            return Detour(again, tuple(_events(prepared, again, tuple(turned.values()), ended, now)), ended)
        lacking |= {again.plan.members[one].profile: None for one in unable}
        more = {Closed(again.plan.members[one].profile, again.plan.members[one].product) for one in unable}
    if lacking:
        return NoDetour(f"the next road cannot be used now: {', '.join(f'`{name}`' for name in lacking)}")
    return NoDetour()


def _is_refused(machine: Machine, address: str) -> bool:
    return machine.members[address].state is State.FAILED


def _closed_by(turned: TurnedAway) -> Closed:
    job = turned.job
    if turned.refusal.lacks_money:
        return Closed(job.profile, "")
    if turned.refusal.answer is AnswerClass.PRODUCT:
        return Closed(job.profile, job.product)
    return Closed(job.profile, job.product, job.kind, job.model)


def _examined(loaded: Loaded, closed: Iterable[Closed]) -> Loaded:
    choices = loaded.choices
    found = examined(loaded, Choices(choices.held, choices.unfit, tuple(closed)))
    if found.has_errors:
        raise TextFailure(found.problems, found.workspace.texts)
    return found


def _goes_elsewhere(address: str, before: Prepared, again: Prepared) -> bool:
    """Whether a member takes another road that has not refused it yet."""
    loaded, profile = again.loaded, again.plan.members[address].profile
    assert loaded.examination is not None
    is_open = loaded.choices.is_open(address, profile, loaded.examination.settled[address])
    return is_open and profile != before.plan.members[address].profile


def _events(
    before: Prepared, again: Prepared, turned: Sequence[TurnedAway], ended: Mapping[str, State], now: float
) -> Iterator[RoadChanged]:
    """Of every member that goes another road: those that were refused, and those that would have been."""
    examination = before.loaded.examination
    assert examination is not None
    refusals: dict[Closed, Refusal] = {}  # thousands of members were refused for a handful of reasons
    for one in turned:
        refusals.setdefault(_closed_by(one), one.refusal)
    for address, member in again.plan.members.items():
        profile = before.plan.members[address].profile
        if address in ended or not _goes_elsewhere(address, before, again):
            continue
        settled = examination.settled[address]
        refusal = next((said for closed, said in refusals.items() if closed.holds_for(profile, settled)), None)
        if refusal is not None:
            code, cost = str(refusal.answer), member.price.cost if member.price is not None else Cost()
            yield RoadChanged(
                now, address, profile=profile, to=member.profile, code=code, message=str(refusal), estimate=cost
            )


def _ended(machine: Machine, changed: Iterable[str]) -> dict[str, State]:
    """The members that are not made in this run whatever becomes of the others: they failed, are in doubt, were too
    dear or go on at the provider, or they wait for such a one."""
    ended: dict[str, State] = {}
    again = set(changed)
    for address, member in machine.members.items():
        above = member.planned.above
        if address in again or member.state not in _lost:
            continue
        waits_in_vain = again.isdisjoint(above) or any(one in ended for one in above)
        if member.state is not State.BLOCKED or waits_in_vain:
            ended[address] = member.state
        else:
            again.add(address)
    return ended


_lost = frozenset({State.FAILED, State.UNCERTAIN, State.REFUSED, State.RUNNING, State.BLOCKED})
