"""The members of a storyboard and what each waits for.

Written out here, because a library of graphs takes longer to load than all else that a `plan` does.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.story.storyboard import StepOutput, Storyboard, Wire


@dataclass(frozen=True, slots=True)
class Chain:
    """A path through the graph, first member first, and its length in seconds."""

    members: tuple[str, ...]
    seconds: float


class Graph:
    """A directed graph of member addresses without cycles; an edge leads from what is needed to what needs it."""

    def __init__(self, members: Sequence[str], edges: Iterable[tuple[str, str]]) -> None:
        # Dictionaries without values, so that neighbours stay in the order they were named and none comes twice.
        self._above: dict[str, dict[str, None]] = {member: {} for member in members}
        self._below: dict[str, dict[str, None]] = {member: {} for member in members}
        for above, below in edges:
            self._above[below][above] = self._below[above][below] = None
        self.order: tuple[str, ...] = self._sorted(members)

    @staticmethod
    def of(storyboard: Storyboard) -> Graph:
        """All members; wired members and `after` become edges. The storyboard is known to have no cycle."""
        edges = [
            (above, step.address)
            for step in storyboard.members.values()
            for above in (*_wired_members(step.wires), *step.after)
        ]
        return Graph(list(storyboard.members), edges)

    def above(self, member: str) -> tuple[str, ...]:
        """The members a member waits for, in the order they were named."""
        return tuple(self._above[member])

    def below(self, member: str) -> tuple[str, ...]:
        """The members that wait for a member."""
        return tuple(self._below[member])

    def with_all_above(self, members: Iterable[str]) -> frozenset[str]:
        """The members and everything they need."""
        wanted: set[str] = set()
        waiting = list(members)
        while waiting:
            member = waiting.pop()
            if member not in wanted:
                wanted.add(member)
                waiting += self._above[member]
        return frozenset(wanted)

    def remaining(self, seconds: Mapping[str, float]) -> dict[str, float]:
        """For each member the longest expected chain from its start to the end of everything below it."""
        tails: dict[str, float] = {}
        for member in reversed(self.order):
            longest = max((tails[below] for below in self._below[member]), default=0.0)
            tails[member] = seconds.get(member, 0.0) + longest
        return tails

    def critical_path(self, seconds: Mapping[str, float]) -> Chain:
        """The longest chain; members without time of their own are left out at its ends."""
        tails = self.remaining(seconds)
        chain: list[str] = []
        candidates: Iterable[str] = self.order
        while True:
            best = max(candidates, key=lambda member: tails[member], default=None)
            if best is None or tails[best] <= 0:
                break
            chain.append(best)
            candidates = tuple(self._below[best])
        return Chain(tuple(chain), tails[chain[0]] if chain else 0.0)

    def _sorted(self, members: Sequence[str]) -> tuple[str, ...]:
        """Each member after all that it needs, and else as early as it was written."""
        places = {member: place for place, member in enumerate(members)}
        lacking = {member: len(above) for member, above in self._above.items()}
        ready = [place for member, place in places.items() if not lacking[member]]
        order: list[str] = []
        while ready:
            member = members[heapq.heappop(ready)]
            order.append(member)
            for below in self._below[member]:
                lacking[below] -= 1
                if not lacking[below]:
                    heapq.heappush(ready, places[below])
        if len(order) < len(places):
            raise ValueError("members wait for each other in a circle")
        return tuple(order)


def _wired_members(wires: Iterable[Wire]) -> list[str]:
    return [wire.reference.member for wire in wires if isinstance(wire.reference, StepOutput)]
