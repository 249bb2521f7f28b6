"""What a drawing of a plan shows, whatever draws it: members with their states, wires between them, the longest way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.plan.plan import Plan, Planned, Standing, bought_standings
from kling_pipe.report.amounts import plural
from kling_pipe.report.tables import printable, shortened
from kling_pipe.values.job import Realm

# A sign beside the word, so that states are told apart without colours.
signs: Mapping[str, str] = {
    "current": "✓",
    "missing": "+",
    "pending": "…",
    "running": "▶",
    "retry": "↻",
    "uncertain": "?",
    "stale": "~",
}
words: Mapping[str, str] = {
    "current": "current",
    "missing": "to make",
    "pending": "waits",
    "running": "running",
    "retry": "to make again",
    "uncertain": "uncertain",
    "stale": "stale",
}
_longest_prompt = 160


@dataclass(frozen=True, slots=True)
class Node:
    """One member; `label` is what tells it from the other members of its step."""

    address: str
    step: str
    label: str
    kind: str
    model: str
    makes: str
    standing: str
    cost: str
    reason: str
    prompt: str
    deliveries: tuple[str, ...]
    on_longest_way: bool

    @property
    def state(self) -> str:
        """Sign, word, and what it costs."""
        return f"{signs.get(self.standing, '')} {words.get(self.standing, self.standing)}" + (
            f" · {self.cost}" if self.cost else ""
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """What one member gets from another: the fields it fills; none where only the order counts."""

    above: str
    below: str
    fields: tuple[str, ...]
    on_longest_way: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """A plan as a drawing needs it; nodes in topological order."""

    name: str
    headline: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    longest_way: tuple[str, ...]

    @property
    def steps(self) -> Mapping[str, tuple[Node, ...]]:
        """The members of each step, in the order of the storyboard's first ones."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(node.step, []).append(node)
        return {step: tuple(nodes) for step, nodes in found.items()}


def diagram_of(plan: Plan) -> Diagram:
    """What is drawn of a plan."""
    way = plan.critical_path
    delivered: dict[str, list[str]] = {}
    for delivery, address in plan.deliveries:
        delivered.setdefault(address, []).append(delivery.path)
    edges = tuple(
        Edge(above, member.address, fields, (above, member.address) in set(itertools.pairwise(way)))
        for member in plan.members.values()
        for above, fields in _wires(member).items()
        if above in plan.members
    )
    nodes = tuple(_node(member, tuple(delivered.get(member.address, ())), way) for member in plan.members.values())
    return Diagram(plan.storyboard.name, _headline(plan), nodes, edges, way)


def diagram_to_json(diagram: Diagram) -> dict[str, object]:
    """The drawing as data."""
    return {
        "name": diagram.name,
        "headline": diagram.headline,
        "members": [
            {
                "address": node.address,
                "step": node.step,
                "kind": node.kind,
                "model": node.model,
                "makes": node.makes,
                "standing": node.standing,
                "cost": node.cost,
                "deliveries": list(node.deliveries),
            }
            for node in diagram.nodes
        ],
        "edges": [{"from": edge.above, "to": edge.below, "fields": list(edge.fields)} for edge in diagram.edges],
        "critical_path": list(diagram.longest_way),
    }


def _node(member: Planned, deliveries: tuple[str, ...], way: tuple[str, ...]) -> Node:
    is_bought = member.standing in bought_standings and member.price is not None
    return Node(
        address=member.address,
        step=member.step.id,
        label=_label(member.address, member.step.id),
        kind=member.kind,
        model=member.model,
        makes=str(member.makes),
        standing=str(member.standing),
        cost=_cost(member) if is_bought else "",
        reason=shortened(printable(member.reason), _longest_prompt),
        prompt=shortened(printable(str(member.parameters.get("prompt") or "")), _longest_prompt),
        deliveries=deliveries,
        on_longest_way=member.address in way and len(way) > 1,
    )


def _label(address: str, step: str) -> str:
    """`de · 9:16` for `spot[locale=de,ratio=9:16]`."""
    pins = address.removeprefix(step).strip("[]")
    return " · ".join(pin.partition("=")[2] or pin for pin in re.split(r",(?=[A-Za-z_][\w-]*=)", pins) if pin)


def _cost(member: Planned) -> str:
    assert member.price is not None
    money = f"{member.price.cost.usd.normalize():f} USD" if member.price.cost.usd else str(member.price.cost)
    return f"{'' if member.price.exact else '~'}{money}"


def _wires(member: Planned) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = dict.fromkeys(member.above, ())
    for source in member.sources:
        if source.member:
            words_ = f"{source.wire.field} from {source.select or source.part}" if source.select or source.part else ""
            found[source.member] = (*found.get(source.member, ()), words_ or source.wire.field)
    return found


def _headline(plan: Plan) -> str:
    world = "simulated" if plan.realm is Realm.SIMULATED else "real money"
    bought = sum(len(plan.standing(standing)) for standing in bought_standings)
    current = len(plan.standing(Standing.CURRENT))
    steps = len({member.step.id for member in plan.members.values()})
    counts = [plural(steps, "step")]
    counts += [plural(len(plan.members), "member")] if len(plan.members) != steps else []
    counts += [f"{bought} to make"] if bought else []
    counts += [f"{current} current"] if current else []
    estimate = f"{'' if plan.exact else 'about '}{plan.estimate}" if plan.estimate else "nothing to pay"
    return f"{plan.storyboard.name} ({world}): {', '.join(counts)}; {estimate}"
