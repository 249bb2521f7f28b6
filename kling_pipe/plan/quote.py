"""A storyboard on several roads beside each other: what each makes of it, for how much, and what is lost on the way.

It is reckoned as if nothing were made yet, and as if every step went the one road; nothing is asked or bought.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Settled
from kling_pipe.plan.examination import Look, Wired, makers_of, materials_of, upstream_first
from kling_pipe.plan.knowledge import Seat
from kling_pipe.plan.obstacles import assumed_id, is_only_here, no_way
from kling_pipe.plan.plan import Price
from kling_pipe.plan.planning import places_guess
from kling_pipe.plan.roads import Road
from kling_pipe.story.storyboard import InputFile, Step, StepOutput, Storyboard, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.digest import digest_of
from kling_pipe.values.job import Route
from kling_pipe.values.media import MediaFacts, named_by_id
from kling_pipe.values.money import Cost

# Codes of routes that somebody can open: a credential of another form, a place that files can be fetched from.
openable = frozenset({"needs-url", "needs-api-key"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A road with what its adapter knows: `seat` for the way of requests, `name_of` the service's own id of a model by
    kind, model, parameters and wired fields; `lacking` is what it needs and nobody has set."""

    road: Road
    seat: Seat
    name_of: Callable[[str, str, Mapping[str, object], Sequence[str]], str]
    lacking: tuple[Problem, ...] = ()
    price: Callable[[Step, Settled, Mapping[str, MediaFacts]], Price] | None = None  # in place of the catalogue's

    def priced(self, step: Step, settled: Settled, materials: Mapping[str, MediaFacts]) -> Price:
        """What a take costs."""
        if self.price is not None:
            return self.price(step, settled, materials)
        return self.road.catalogue.price(settled, materials)


@dataclass(frozen=True, slots=True)
class StepQuote:
    """All members of a step on one road. `refused` are the errors, by which it is not made there and costs nothing in
    the sum; `notes` tell of what is not sent, or otherwise than written."""

    step: str
    kind: str
    members: int = 0
    takes: int = 0
    cost: Cost = Cost()
    exact: bool = True
    models: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # the service's own
    refused: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    reasons: tuple[str, ...] = ()  # why its price is an estimate
    sources: tuple[str, ...] = ()
    days: tuple[str, ...] = ()  # of the prices
    defaults: Mapping[str, object] = field(default_factory=dict)  # what the road takes for what is not written

    @property
    def is_made(self) -> bool:
        return not self.refused


@dataclass(frozen=True, slots=True)
class RoadQuote:
    """A whole storyboard on one road; `seconds` is the expected time of what it makes."""

    profile: str
    provider: str
    steps: Mapping[str, StepQuote]
    seconds: float
    lacking: tuple[Problem, ...] = ()

    @property
    def made(self) -> tuple[StepQuote, ...]:
        return tuple(step for step in self.steps.values() if step.is_made)

    @property
    def is_whole(self) -> bool:
        """Whether it makes every step."""
        return len(self.made) == len(self.steps)

    @property
    def cost(self) -> Cost:
        return Cost.total(step.cost for step in self.made)

    @property
    def exact(self) -> bool:
        return all(step.exact for step in self.made)

    @property
    def days(self) -> tuple[str, ...]:
        """The first and the last day of its prices."""
        days = sorted({day for step in self.made for day in step.days if day})
        return tuple(dict.fromkeys((days[0], days[-1]))) if days else ()

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for step in self.made for source in step.sources if source))


@dataclass(frozen=True, slots=True)
class Quote:
    """The roads in the order in which they were asked for."""

    storyboard: Storyboard
    roads: tuple[RoadQuote, ...]

    @property
    def cheapest(self) -> RoadQuote | None:
        """The one that makes everything for the least, of equals one that lacks nothing and whose price is exact; None
        where none makes everything."""
        whole = [road for road in self.roads if road.is_whole]
        return min(whole, key=lambda road: (road.cost.usd, bool(road.lacking), not road.exact), default=None)

    def otherwise(self, road: RoadQuote) -> Mapping[str, Mapping[str, tuple[object, object]]]:
        """By step what a road takes for what is not written, where the first road that makes the step takes another
        value: its own and that one."""
        found: dict[str, Mapping[str, tuple[object, object]]] = {}
        for step in road.made:
            first = next(other.steps[step.step] for other in self.roads if other.steps[step.step].is_made)
            differing = {
                name: (value, first.defaults[name])
                for name, value in step.defaults.items()
                if first.defaults.get(name, value) != value
            }
            if differing:
                found[step.step] = differing
        return found

    @property
    def together(self) -> tuple[str, ...]:
        """Profiles that as a list make everything, where none does alone; empty where all together do not."""
        missing = {name for road in self.roads for name in road.steps}
        found: list[str] = []
        while missing:
            best = max(self.roads, key=lambda road: len({step.step for step in road.made} & missing), default=None)
            made = {step.step for step in best.made} & missing if best is not None else set()
            if best is None or not made:
                return ()
            found.append(best.profile)
            missing -= made
        return tuple(found)


def quote(storyboard: Storyboard, candidates: Sequence[Candidate], look: Look) -> Quote:
    """The storyboard on each road; its steps in the order of the text."""
    order = upstream_first(storyboard)
    return Quote(storyboard, tuple(_on_road(storyboard, order, one, look) for one in candidates))


@dataclass(slots=True)
class _Sum:
    """What is known of a step's members so far."""

    kind: str
    members: int = 0
    takes: int = 0
    cost: Cost = Cost()
    exact: bool = True
    models: dict[str, None] = field(default_factory=dict)
    names: dict[str, None] = field(default_factory=dict)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    days: dict[str, None] = field(default_factory=dict)
    defaults: dict[str, object] = field(default_factory=dict)

    def tell(self, problems: Sequence[Problem]) -> None:
        """Members make the same mistakes; each is told once."""
        for problem in problems:
            self.problems.setdefault((problem.code, problem.message), problem)

    def pay(self, price: Price, takes: int) -> None:
        self.takes += takes
        self.cost += price.cost * takes
        if takes:
            self.exact = self.exact and price.exact
            self.reasons |= {price.reason: None} if price.reason else {}
            self.sources[price.source] = None
            self.days[price.as_of] = None

    def told(self, step: str) -> StepQuote:
        refused = tuple(one for one in self.problems.values() if one.severity is Severity.ERROR)
        notes = tuple(one for one in self.problems.values() if one.severity is not Severity.ERROR)
        return StepQuote(
            step, self.kind, self.members, self.takes, self.cost, self.exact, tuple(self.models), tuple(self.names),
            refused, notes, tuple(self.reasons), tuple(self.sources), tuple(self.days),
            dict(self.defaults),
        )  # fmt: skip


def _on_road(storyboard: Storyboard, order: Sequence[Step], candidate: Candidate, look: Look) -> RoadQuote:
    road = candidate.road
    sums = {step.id: _Sum(step.kind) for step in storyboard.members.values()}
    settled: dict[str, Settled] = {}
    expects: dict[str, MediaFacts] = {}
    shadows, taken, times = dict[str, str](), dict[str, int](), _Times(candidate.seat)
    lacking = {problem.code: problem for problem in candidate.lacking}
    without_url: set[str] = set()  # members whose files come as bytes only
    for step in order:
        materials, wrong = materials_of(step, expects, look) if step.wires else ({}, [])
        verdict = Wired(step, materials, makers_of(step, settled) if step.wires else {}).on(road)
        found, total = verdict.settled, sums[step.id]
        total.members += 1
        total.tell((*verdict.problems, *wrong))
        if found is None:
            continue
        settled[step.address] = found
        expects[step.address] = road.catalogue.expected_facts(found, materials)
        total.models[found.model] = None
        chosen = {**found.parameters, **({} if step.model else {"model": found.model})}
        for name in chosen.keys() - step.parameters.keys():
            total.defaults.setdefault(name, chosen[name])
        wired = tuple(wire.field for wire in step.wires)
        total.names[candidate.name_of(found.kind, found.model, found.parameters, wired)] = None
        route = _route(step, found, candidate, storyboard, without_url)
        if isinstance(route, Route):
            total.tell([assumed_id(step, found.kind, found.model, route.remark)] if route.remark else [])
            without_url |= set() if route.has_urls else {step.address}
        elif isinstance(route, Refusal) and verdict.is_able:
            problem = no_way(step, route, may_simulate=False)
            if problem.code in openable:
                lacking.setdefault(problem.code, problem)
            else:
                total.tell((problem,))
        shadow = shadows[step.address] = _shadow(step, found, storyboard, shadows)
        own = max(0, step.takes - taken.get(shadow, 0))
        taken[shadow] = max(step.takes, taken.get(shadow, 0))
        total.pay(candidate.priced(step, found, materials), own)
        if verdict.is_able:
            times.add(step, found, road.catalogue.expected_seconds(found), own)
    steps = {name: total.told(name) for name, total in sums.items()}
    return RoadQuote(road.profile, road.provider, steps, times.seconds, tuple(lacking.values()))


class _Times:
    """The longest chain of steps, or the busiest pool where that takes longer."""

    def __init__(self, seat: Seat) -> None:
        self._places = {**places_guess, **(seat.places or {})}
        self._ends: dict[str, float] = {}
        self._busy: dict[str, float] = {}

    def add(self, step: Step, settled: Settled, seconds: float, takes: int) -> None:
        begins = max((self._ends.get(above, 0.0) for above in step.above), default=0.0)
        self._ends[step.address] = begins + seconds
        self._busy[settled.product] = self._busy.get(settled.product, 0.0) + takes * seconds

    @property
    def seconds(self) -> float:
        busiest = max((total / self._places.get(product, 5) for product, total in self._busy.items()), default=0.0)
        return max(busiest, max(self._ends.values(), default=0.0))


def _route(
    step: Step, settled: Settled, candidate: Candidate, storyboard: Storyboard, without_url: Collection[str]
) -> Route | Refusal:
    """The way of its request, with all that can only travel as bytes."""

    def is_local(wire: Wire) -> bool:
        reference = wire.reference
        comes_as_bytes = isinstance(reference, StepOutput) and reference.member in without_url
        return is_only_here(wire, storyboard) or (comes_as_bytes and wire.takes not in named_by_id)

    wired = tuple(wire.field for wire in step.wires)
    local = tuple(wire.field for wire in step.wires if is_local(wire))
    return candidate.seat.route(
        settled.kind, settled.model, settled.parameters, () if candidate.seat.uploads else local, wired
    )


def _shadow(step: Step, settled: Settled, storyboard: Storyboard, shadows: Mapping[str, str]) -> str:
    """What is equal for two members exactly when one task serves both."""
    inputs = {wire.field: _named(wire, storyboard, shadows) for wire in step.wires}
    parts = [settled.kind, settled.model, settled.parameters, step.extra, inputs]
    return digest_of("kling-pipe.quoted", parts)


def _named(wire: Wire, storyboard: Storyboard, shadows: Mapping[str, str]) -> list[object]:
    reference = wire.reference
    if isinstance(reference, StepOutput):
        maker = storyboard.members[reference.member]
        take = reference.take or maker.pick
        return [shadows.get(reference.member, reference.member), take, reference.image, reference.part]
    return [reference.path if isinstance(reference, InputFile) else reference.url]
