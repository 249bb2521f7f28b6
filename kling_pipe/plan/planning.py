"""Storyboard → Plan: which members are current, which will be bought, in which order, for how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.plan.changes import changed_parts
from kling_pipe.plan.crossroads import Draft, Stand, holding, locked_on
from kling_pipe.plan.examination import Examination, part_facts
from kling_pipe.plan.former import is_accepted, kept, with_former
from kling_pipe.plan.graph import Graph
from kling_pipe.plan.knowledge import Knowledge, Seat
from kling_pipe.plan.obstacles import assumed_id, no_way, not_its_own, of_makers
from kling_pipe.plan.plan import (
    Plan,
    Planned,
    Source,
    Standing,
    bought_standings,
    files_of,
    selected,
    source_of,
)
from kling_pipe.plan.recipe import Recipe
from kling_pipe.plan.roads import Choices, no_choices, told_on, with_able
from kling_pipe.plan.sharing import shared
from kling_pipe.plan.standing import fetchable, pending_reason, stand, stand_below_lost
from kling_pipe.story.kinds import kinds
from kling_pipe.story.storyboard import Delivery, InputFile, InputUrl, Step, StepOutput, Storyboard, Wire
from kling_pipe.values.claim import JobState
from kling_pipe.values.job import Artifact, Material, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType, named_by_id
from kling_pipe.values.money import Cost

places_guess = {"image": 9, "video": 5}  # for the expected time, where nothing is configured


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan, what was found wrong while making it, and where it takes another road than was examined."""

    plan: Plan
    problems: tuple[Problem, ...]
    choices: Choices = no_choices


def make_plan(
    storyboard: Storyboard, graph: Graph, examination: Examination, knowledge: Knowledge, only: Sequence[str] = ()
) -> Planning:
    """Plans every member, or those of `only` and what they need."""
    wanted = graph.with_all_above(only) if only else None
    planner = _Planner(storyboard, graph, examination, knowledge)
    for level in _levels(graph, wanted):
        planner.plan_level(level)
    return Planning(planner.finish(wanted), tuple(planner.problems), planner.choices)


class _Planner:
    def __init__(self, storyboard: Storyboard, graph: Graph, examination: Examination, knowledge: Knowledge) -> None:
        self._storyboard = storyboard
        self._graph = graph
        self._examination = examination
        self._knowledge = knowledge
        self.members: dict[str, Planned] = {}
        self._lost: dict[tuple[str, int], Artifact] = {}  # by member and take
        self._below_lost: set[str] = set()  # members whose keys are known by a file that is to be fetched again
        self._obstacles: dict[str, list[Problem]] = {}  # why a member cannot be bought, should it have to be
        self._unroutable: dict[tuple[str, str], list[Problem]] = {}  # the same, by its profile
        self._held: dict[str, str] = {}
        self._unfit: dict[str, dict[str, Problem]] = {}
        self.problems: list[Problem] = []
        self._remarked: set[tuple[str, str, str]] = set()  # remarks of routes, and of which kinds and models

    @property
    def choices(self) -> Choices:
        """What was found of roads beyond what was known."""
        return Choices(self._held, self._unfit)

    def plan_level(self, addresses: Sequence[str]) -> None:
        """Plans members that do not wait for each other, with one look into the ledger for all of them."""
        steps = [self._storyboard.members[address] for address in addresses]
        ways = [self._drafts(step) for step in steps]
        drafts = [draft.planned for several in ways for draft in several]
        known = [draft for draft in drafts if draft.recipe]
        keys = [key for draft in known for key in draft.keys]
        artifacts = self._knowledge.artifacts(keys)
        lost = self._knowledge.lost([key for key in keys if key not in artifacts])
        incomplete = [draft.recipe for draft in known if any(key not in artifacts for key in draft.keys)]
        jobs = self._knowledge.jobs(incomplete)
        for step, several in zip(steps, ways, strict=True):
            stands = []
            for way in several:
                draft = way.planned
                rows = jobs.get(draft.recipe, ())
                recorded = fetchable(draft, lost, rows)
                is_below = draft.address in self._below_lost
                if is_below:
                    recorded |= {key: artifacts[key] for key in draft.keys if key in artifacts}
                member = stand_below_lost(draft, recorded, rows) if is_below else stand(draft, artifacts, lost, rows)
                stands.append(Stand(way, self._with_former(member), rows, recorded))
            taken = stands[0] if len(stands) == 1 else self._taken(step, stands)
            self.members[step.address] = member = _with_others(taken, stands)
            for take, key in enumerate(taken.draft.planned.keys, start=1):
                if key in taken.recorded:
                    self._lost[step.address, take] = taken.recorded[key]
            if member.is_surely_bought:
                self.problems += self._obstacles_of(step, stands, taken)
                self._remark(member)

    def _taken(self, step: Step, stands: Sequence[Stand]) -> Stand:
        """The road that a member of several takes: one that it is on already; else the one that was examined, unless
        its request cannot travel there and can on another."""
        address, profile = step.address, self._examination.roads[step.address].profile
        held = holding(stands) or locked_on(stands, self._knowledge.locked, self._knowledge.choices)
        if held is not None:
            if held.profile != profile:
                self._held[address] = held.profile
            return held
        examined = next(stand for stand in stands if stand.profile == profile)
        hindered = self._ways_barred(step, examined)
        choices = self._knowledge.choices
        if not hindered or not examined.member.is_surely_bought or profile in choices.unfit.get(address, ()):
            return examined
        for other in stands:
            if choices.is_open(address, other.profile, other.draft.settled) and not self._ways_barred(step, other):
                self._unfit[address] = {profile: hindered[0]}
                return other
        return examined

    def _ways_barred(self, step: Step, stand: Stand) -> list[Problem]:
        """Why a step cannot be made on a road, by its catalogue or by the way of its request."""
        seat = next(seat for seat in self._knowledge.roads_of(step) if seat.profile == stand.profile)
        found = [one for one in seat.catalogue.check(step, stand.draft.settled) if one.severity is Severity.ERROR]
        return found + self._unroutable.get((step.address, stand.profile), [])

    def _obstacles_of(self, step: Step, stands: Sequence[Stand], taken: Stand) -> list[Problem]:
        """Why a member cannot be bought, should it have to be; where it has several roads and none serves, of each."""
        found = self._unroutable.get((step.address, taken.profile), [])
        seats = self._knowledge.roads_of(step)
        if found and len(seats) > 1:
            barred = {stand.profile: self._ways_barred(step, stand) for stand in stands}
            told = ((seat.profile, barred.get(seat.profile, seat.catalogue.check(step, None))) for seat in seats)
            found = [one for profile, problems in told for one in told_on(profile, problems)]
        if found and found[0].code not in of_makers:
            local = self._local(self._knowledge.seat_of(step), taken.draft.planned.sources)
            found = [*with_able(found, self._knowledge.others_for(step, local))]
        return self._obstacles.get(step.address, []) + found

    def _with_former(self, member: Planned) -> Planned:
        """Tells where a member was made before in another form, and what changed since."""
        if member.standing is Standing.CURRENT and member.address not in self._knowledge.accepted:
            return member
        former = self._knowledge.former(member.step)
        if former is not None and is_accepted(member, former):
            return kept(member, former)
        if member.standing is Standing.CURRENT:
            return member
        explanation = self._knowledge.explanations.get(member.address, "")
        parts = changed_parts(member, explanation) if member.standing is Standing.MISSING else ()
        before = self._knowledge.made_on(member.step) if member.standing in bought_standings else ""
        if before not in ("", member.provider):
            member = replace(member, made_on=before)
        member = self._with_begun(member)
        return with_former(member, former, parts)

    def _with_begun(self, member: Planned) -> Planned:
        """Tells of one that is bought which other provider has a task for it: it goes on there, and is paid for too."""
        if member.standing not in bought_standings:
            return member
        there = {
            name: state for name, state in self._knowledge.begun.get(member.address, ()) if name != member.provider
        }
        name = next(reversed(there), "")
        return replace(member, begun_on=name, in_doubt=there[name] is JobState.UNCERTAIN) if name else member

    def _drafts(self, step: Step) -> list[Draft]:
        """A member on each of its roads that has a model for it."""
        settled, seats = self._examination.settled[step.address], self._knowledge.roads_of(step)
        sources = tuple(self._source(step, wire) for wire in step.wires)
        if len(seats) < 2:
            return [Draft(settled, self._draft(step, self._knowledge.seat_of(step), settled, sources))]
        profile = self._examination.roads[step.address].profile
        found = [(seat, settled if seat.profile == profile else seat.settle(step)) for seat in seats]
        return [Draft(one, self._draft(step, seat, one, sources)) for seat, one in found if one is not None]

    def _draft(self, step: Step, seat: Seat, settled: Settled, sources: tuple[Source, ...]) -> Planned:
        route = self._route(step, seat, settled, sources)
        facts = {source.wire.field: source.facts for source in sources if source.facts is not None}
        price = seat.catalogue.price(settled, facts)
        pending = any(not source.digest for source in sources)
        recipe, keys = ("", ()) if pending else _recipe(self._knowledge.realm, seat, settled, step, sources)
        return Planned(
            address=step.address,
            step=step,
            kind=settled.kind,
            model=settled.model,
            product=settled.product,
            makes=settled.makes,
            provider=seat.provider,
            profile=seat.profile,
            realm=self._knowledge.realm,
            parameters=settled.parameters,
            sources=sources,
            route=route,
            standing=Standing.PENDING,
            reason=pending_reason(sources),
            recipe=recipe,
            keys=keys,
            price=price,
            take_cost=price.cost,
            takes_at_once=settled.takes_at_once,
            expected_seconds=self._seconds(seat.catalogue, settled),
            expects=self._examination.expects.get(step.address),
            pictures=_pictures(settled),
            above=self._graph.above(step.address),
        )

    def _route(self, step: Step, seat: Seat, settled: Settled, sources: Sequence[Source]) -> Route:
        """The way a request takes; where there is none, the way that one took while every address was alive."""
        wired = tuple(wire.field for wire in step.wires)
        route = seat.route(settled.kind, settled.model, settled.parameters, self._local(seat, sources), wired)
        if isinstance(route, Route):
            for problem in not_its_own(seat, settled.kind, route, sources, self.members):
                self._bar(step, seat, problem)
            return route
        self._bar(step, seat, no_way(step, route, may_simulate=True))
        route = seat.route(settled.kind, settled.model, settled.parameters, (), wired)
        return route if isinstance(route, Route) else Route("", "")

    def _seconds(self, catalogue: Catalogue, settled: Settled) -> float:
        typical = self._knowledge.typical.get((catalogue.provider, settled.kind, settled.model))
        return typical if typical is not None else catalogue.expected_seconds(settled) * self._knowledge.pace

    def _source(self, step: Step, wire: Wire) -> Source:
        reference = wire.reference
        if isinstance(reference, StepOutput):
            above = self.members[reference.member]
            take = reference.take or above.step.pick
            made = above.artifacts.get(take)
            if made is None and (reference.member, take) in self._lost:
                made = self._lost[reference.member, take]
                self._below_lost.add(step.address)
            cuts = above.makes is MediaType.VIDEO
            source = Source(
                wire=wire,
                member=reference.member,
                take=take,
                image=reference.image,
                select=reference.part if cuts else "",
                part="" if cuts or MediaType(reference.part or above.makes) is above.makes else reference.part,
            )
            return self._filled(step, source, made, above.expects)
        known = self._knowledge.inputs[reference]
        return Source(wire=wire, digest=known.digest, facts=known.facts, url=known.url, path=known.path)

    def _filled(self, step: Step, source: Source, made: Artifact | None, expects: MediaFacts | None) -> Source:
        """The source with what is known of its file, or else with what is expected of it."""
        file = source.chosen(made) if made is not None else None
        if made is not None and file is None and source.take in self.members[source.member].artifacts:
            message = f"`{source.member}` made no {source.wanted}"
            self._hinder(step, Problem("no-such-image", message, source.wire.span, f"it made {files_of(made)}"))
        if file is None:
            return replace(source, facts=part_facts(expects, source.select or source.part) if expects else None)
        lives = file.url_expires > self._knowledge.now
        return replace(
            source,
            digest=file.digest,
            facts=part_facts(file.facts, source.select),
            url=file.url if lives else "",
            output_id=file.output_id if lives else "",
        )

    def _local(self, seat: Seat, sources: Sequence[Source]) -> tuple[str, ...]:
        """Fields without any URL: local files, cut frames, results whose URL died and those that come as bytes only,
        when there is no uploader."""
        if seat.uploads:
            return ()
        return tuple(
            source.wire.field
            for source in sources
            if source.wire.takes not in named_by_id
            and (source.select or (not source.url and not self._will_have_url(source)))
        )

    def _will_have_url(self, source: Source) -> bool:
        return bool(source.member) and not source.digest and self.members[source.member].route.has_urls

    def _remark(self, member: Planned) -> None:
        """What its route is to be told of, once for all members it is true of."""
        said = (member.route.remark, member.kind, member.model)
        if member.route.remark and said not in self._remarked:
            self._remarked.add(said)
            self.problems.append(assumed_id(member.step, member.kind, member.model, member.route.remark))

    def _hinder(self, step: Step, problem: Problem) -> None:
        """What hinders only a purchase stands in nobody's way where what was paid for is fetched."""
        self._obstacles.setdefault(step.address, []).append(problem)

    def _bar(self, step: Step, seat: Seat, problem: Problem) -> None:
        """What hinders only a purchase on one road."""
        self._unroutable.setdefault((step.address, seat.profile), []).append(problem)

    def finish(self, wanted: frozenset[str] | None) -> Plan:
        """The plan as a whole: order, critical path, expected time, total."""
        order = [address for address in self._graph.order if address in self.members]
        members = shared({address: self.members[address] for address in order})
        seconds = {address: _seconds_to_wait(member) for address, member in members.items()}
        path = self._graph.critical_path(seconds)
        bought = [member for member in members.values() if member.standing in bought_standings]
        deliveries = tuple(
            (delivery, delivery.reference.member if isinstance(delivery.reference, StepOutput) else "")
            for delivery in self._storyboard.deliveries
            if wanted is None or not isinstance(delivery.reference, StepOutput) or delivery.reference.member in wanted
        )
        self.problems += [problem for delivery, _ in deliveries if (problem := self._not_made(delivery)) is not None]
        return Plan(
            storyboard=self._storyboard,
            realm=self._knowledge.realm,
            members=members,
            deliveries=deliveries,
            critical_path=path.members,
            seconds=max(path.seconds, self._busiest_pool(bought)),
            estimate=Cost.total(member.price.cost for member in bought if member.price),
            exact=all(member.price.exact for member in bought if member.price),
        )

    def _not_made(self, delivery: Delivery) -> Problem | None:
        """A warning of a deliverable that a current step cannot fill."""
        reference = delivery.reference
        if not isinstance(reference, StepOutput):
            return None
        member = self.members[reference.member]
        made = member.artifacts.get(reference.take or member.step.pick)
        if made is None or selected(reference, made) is not None:
            return None
        message = f"`{delivery.path}` is not written: `{source_of(delivery, reference.member)}` was not made"
        return Problem(
            "no-such-image", message, delivery.span, f"`{reference.member}` made {files_of(made)}", Severity.WARNING
        )

    def _busiest_pool(self, bought: Sequence[Planned]) -> float:
        totals: dict[tuple[str, str], float] = {}
        for member in bought:
            takes = len(member.missing_takes)
            pool = (member.profile, member.product)
            totals[pool] = totals.get(pool, 0.0) + takes * member.expected_seconds
        busiest = 0.0
        for (_, product), total in totals.items():
            busiest = max(busiest, total / places_guess.get(product, 5))
        return busiest


def _with_others(taken: Stand, stands: Sequence[Stand]) -> Planned:
    """The member on its road, which knows what it would be on those of other providers."""
    others = tuple(stand.member for stand in stands if stand.member.provider != taken.member.provider)
    return replace(taken.member, elsewhere=others) if others else taken.member


def _pictures(settled: Settled) -> int:
    """How many pictures one take has; 0 where the model decides."""
    kind = kinds[settled.kind]
    if kind.amount is None:
        return kind.pictures
    name, usual = kind.amount
    amount = settled.parameters.get(name, usual)
    return amount if isinstance(amount, int) else 0


def _seconds_to_wait(member: Planned) -> float:
    return 0.0 if member.standing is Standing.CURRENT else member.expected_seconds


def _levels(graph: Graph, wanted: frozenset[str] | None) -> list[list[str]]:
    depth: dict[str, int] = {}
    levels: list[list[str]] = []
    for address in graph.order:
        if wanted is not None and address not in wanted:
            continue
        depth[address] = 1 + max((depth[above] for above in graph.above(address)), default=-1)
        if depth[address] == len(levels):
            levels.append([])
        levels[depth[address]].append(address)
    return levels


def _recipe(
    realm: Realm, seat: Seat, settled: Settled, step: Step, sources: Sequence[Source]
) -> tuple[str, tuple[str, ...]]:
    materials = []
    for source in sources:
        assert source.facts is not None
        materials.append(Material(source.wire.field, source.digest, source.facts, source.select))
    recipe = Recipe.of(settled.kind, realm, seat.provider, settled.model, settled.parameters, materials, step.extra)
    return recipe.digest, tuple(recipe.key(take) for take in range(1, step.takes + 1))


def wired_inputs(storyboard: Storyboard) -> tuple[InputFile | InputUrl, ...]:
    """Every input that a step or a deliverable uses, once."""
    found: dict[InputFile | InputUrl, None] = {}
    for step in storyboard.members.values():
        for wire in step.wires:
            if not isinstance(wire.reference, StepOutput):
                found[wire.reference] = None
    for delivery in storyboard.deliveries:
        if not isinstance(delivery.reference, StepOutput):
            found[delivery.reference] = None
    return tuple(found)
