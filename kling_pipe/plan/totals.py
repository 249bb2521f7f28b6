"""What a plan comes to: as a whole, by step, by model, and for each deliverable if it alone were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kling_pipe.plan.jobs import flown_together
from kling_pipe.plan.plan import Plan, Planned, Standing
from kling_pipe.plan.sharing import Shares
from kling_pipe.values.money import Cost


@dataclass(frozen=True, slots=True)
class Sum:
    """What is paid for: tasks, the takes they make, and money; `stale` and `members` count those that a run pays for,
    and the ones that it makes anew."""

    members: int = 0
    stale: int = 0
    tasks: int = 0
    takes: int = 0
    cost: Cost = Cost()
    exact: bool = True

    def __add__(self, other: Sum) -> Sum:
        return Sum(
            self.members + other.members,
            self.stale + other.stale,
            self.tasks + other.tasks,
            self.takes + other.takes,
            self.cost + other.cost,
            self.exact and other.exact,
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """All of a plan's sums. Those of `deliveries`, in the plan's order, overlap: what two of them are made from counts
    in both, and once in the whole."""

    whole: Sum
    steps: Mapping[str, Sum]
    models: Mapping[str, Sum]
    deliveries: tuple[Sum, ...]

    @staticmethod
    def of(plan: Plan) -> Totals:
        shares = Shares(plan.members)
        own = {address: _sum(plan.members[address], takes) for address, takes in shares.takes(plan.members).items()}
        places = {address: place for place, address in enumerate(plan.members)}
        alone: dict[str, Sum] = {}
        for _, address in plan.deliveries:
            if address in plan.members and address not in alone:
                needed = sorted(_with_all_above(plan, address), key=places.__getitem__)
                sums = (_sum(plan.members[one], takes) for one, takes in shares.takes(needed).items())
                alone[address] = sum(sums, Sum())
        return Totals(
            whole=sum(own.values(), Sum()),
            steps=_by(plan, own, lambda member: member.step.id),
            models=_by(plan, own, lambda member: member.model),
            deliveries=tuple(alone.get(address, Sum()) for _, address in plan.deliveries),
        )


def _sum(member: Planned, takes: tuple[int, ...]) -> Sum:
    """What a member is charged for; takes that others are charged for are none of its own."""
    price = member.price
    return Sum(
        members=1,
        stale=int(member.standing is Standing.STALE),
        tasks=sum(not set(takes).isdisjoint(job) for job in flown_together(member.missing_takes, member.takes_at_once)),
        takes=len(takes),
        cost=member.take_cost * len(takes),
        exact=not takes or price is None or price.exact,
    )


def _by(plan: Plan, own: Mapping[str, Sum], name_of: Callable[[Planned], str]) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for address, one in own.items():
        name = name_of(plan.members[address])
        found[name] = found.get(name, Sum()) + one
    return found


def _with_all_above(plan: Plan, address: str) -> Iterable[str]:
    found, waiting = {address}, [address]
    while waiting:
        for above in plan.members[waiting.pop()].above:
            if above in plan.members and above not in found:
                found.add(above)
                waiting.append(above)
    return found
