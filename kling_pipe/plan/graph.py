"""The members of a storyboard and what each waits for; networkx stays inside this file.

It is loaded by the first graph: its 75 ms are a quarter of a `validate`, which draws none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kling_pipe.story.storyboard import Storyboard


@dataclass(frozen=True, slots=True)
class Chain:
    """A path through the graph, first member first, and its length in seconds."""

    members: tuple[str, ...]
    seconds: float


class Graph:
    """A directed graph of member addresses without cycles; an edge leads from what is needed to what needs it."""

    def __init__(self, members: Sequence[str], edges: Iterable[tuple[str, str]]) -> None:
        import networkx

        self._graph = networkx.DiGraph()
        self._graph.add_nodes_from(members)
        self._graph.add_edges_from(edges)
        self.order: tuple[str, ...] = tuple(networkx.lexicographical_topological_sort(self._graph, self._rank(members)))

    @staticmethod
    def of(storyboard: Storyboard) -> Graph:
        """All members; wired members and `after` become edges. The storyboard is known to have no cycle."""
        edges = [(above, step.address) for step in storyboard.members.values() for above in step.above]
        return Graph(list(storyboard.members), edges)

    def above(self, member: str) -> tuple[str, ...]:
        """The members a member waits for, in the order they were named."""
        return tuple(self._graph.predecessors(member))

    def below(self, member: str) -> tuple[str, ...]:
        """The members that wait for a member."""
        return tuple(self._graph.successors(member))

    def with_all_above(self, members: Iterable[str]) -> frozenset[str]:
        """The members and everything they need."""
        import networkx

        wanted = set(members)
        for member in tuple(wanted):
            wanted |= networkx.ancestors(self._graph, member)
        return frozenset(wanted)

    def remaining(self, seconds: Mapping[str, float]) -> dict[str, float]:
        """For each member the longest expected chain from its start to the end of everything below it."""
        tails: dict[str, float] = {}
        for member in reversed(self.order):
            longest = max((tails[below] for below in self._graph.successors(member)), default=0.0)
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
            candidates = tuple(self._graph.successors(best))
        return Chain(tuple(chain), tails[chain[0]] if chain else 0.0)

    @staticmethod
    def _rank(members: Sequence[str]) -> object:
        places = {member: place for place, member in enumerate(members)}
        return places.__getitem__
