"""What is wrong with a storyboard beyond its text: what models cannot do, and what files cannot be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.plan.roads import Choices, Road, Verdict, chosen, no_choices, with_able
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, Step, StepOutput, Storyboard, Wire
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.span import Span

Look = Callable[[Reference], MediaFacts | Problem | None]


@dataclass(frozen=True, slots=True)
class Examination:
    """Settled steps, what each should make, every problem found, and by address the road that each step takes; of each
    step what is wrong with it, and of one that cannot be made on its roads the others that make it."""

    settled: Mapping[str, Settled]
    expects: Mapping[str, MediaFacts]
    problems: tuple[Problem, ...]
    roads: Mapping[str, Road] = field(default_factory=dict)
    told: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # profiles

    @property
    def refused(self) -> frozenset[str]:
        """The steps that cannot be made."""
        return frozenset(
            address
            for address, problems in self.told.items()
            if any(problem.severity is Severity.ERROR for problem in problems)
        )


def examine(
    storyboard: Storyboard,
    catalogue_of: Callable[[Step], Catalogue],
    look: Look,
    *,
    allow_unknown: Callable[[Step], bool] = lambda _step: False,
) -> Examination:
    """Checks every step against its model and its media, where each has one road."""

    def roads_of(step: Step) -> tuple[Road, ...]:
        catalogue = catalogue_of(step)
        return (Road(catalogue.provider, catalogue.provider, catalogue, allow_unknown(step)),)

    return examine_roads(storyboard, roads_of, look)


def examine_roads(
    storyboard: Storyboard,
    roads_of: Callable[[Step], Sequence[Road]],
    look: Look,
    choices: Choices = no_choices,
    every_road: Callable[[], Sequence[Road]] = tuple,
) -> Examination:
    """Checks every step against its model and its media. `look` tells the facts of an input (None: not known yet).

    `roads_of` has the roads of a step in order of preference; `every_road` those there are at all, of which a step that
    cannot be made is told the ones that make it. A step whose picture is not made yet is checked against what that
    picture is expected to be.
    """
    settled: dict[str, Settled] = {}
    expects: dict[str, MediaFacts] = {}
    problems: list[Problem] = []
    taken: dict[str, Road] = {}
    told_of: dict[str, tuple[Problem, ...]] = {}
    able: dict[str, tuple[str, ...]] = {}
    for step in upstream_first(storyboard):
        roads = roads_of(step)
        materials, wrong = materials_of(step, expects, look) if step.wires else ({}, [])
        wired = Wired(step, materials, makers_of(step, settled) if step.wires else {})
        verdict = wired.on(roads[0]) if len(roads) == 1 else chosen(step, roads, wired.on, choices)
        found, told = verdict.settled, verdict.problems
        if told and not verdict.is_able:
            able[step.address] = wired.able_of(every_road(), {road.provider for road in roads})
            told = with_able(told, able[step.address])
        told_of[step.address] = told if found is None else (*told, *wrong)
        problems.extend(told_of[step.address])
        if found is None:
            continue
        settled[step.address], taken[step.address] = found, verdict.road
        expects[step.address] = verdict.road.catalogue.expected_facts(found, materials)
    for delivery in storyboard.deliveries:
        problems.extend(_silent(delivery.path, delivery.reference, delivery.span, expects))
    return Examination(settled, expects, tuple(problems), taken, told_of, able)


@dataclass(frozen=True, slots=True)
class Wired:
    """A step with what is wired to it: the facts of its files by field, and the steps that make them."""

    step: Step
    materials: Mapping[str, MediaFacts]
    makers: Mapping[str, Settled]

    def on(self, road: Road) -> Verdict:
        """The step on a road."""
        step, catalogue = self.step, road.catalogue
        settled = road.settle(step)
        problems = catalogue.check(step, settled)
        if settled is None or not step.wires:
            return Verdict(road, settled, problems)
        found = [*problems, *catalogue.check_sources(step, settled, self.makers)]
        for wire in step.wires:
            if wire.field in self.materials:
                facts = self.materials[wire.field]
                found += catalogue.check_material(step, settled, wire.field, facts, self.materials)
        return Verdict(road, settled, tuple(found))

    def able_of(self, roads: Sequence[Road], tried: Collection[str]) -> tuple[str, ...]:
        """The roads that make the step, of those whose provider was not tried."""
        verdicts = [self.on(road) for road in roads if road.provider not in tried]
        return tuple(
            one.road.profile
            for one in verdicts
            if one.is_able and one.settled is not None and one.road.travels(self.step, one.settled, ())
        )


def part_facts(facts: MediaFacts, part: str) -> MediaFacts:
    """The facts of what a selector takes from a file: a frame or the sound of a clip, the clip of a sound."""
    if part in ("first_frame", "last_frame"):
        return MediaFacts(MediaType.IMAGE, "png", facts.width * facts.height, facts.width, facts.height)
    if part == "audio" and facts.type is MediaType.VIDEO:
        return MediaFacts(
            MediaType.AUDIO, "m4a", int(facts.seconds * _sound_bytes), seconds=facts.seconds, has_sound=True
        )
    if part == "video" and facts.type is not MediaType.VIDEO:
        return MediaFacts(MediaType.VIDEO, "mp4", 0, seconds=facts.seconds, has_sound=True)
    return facts


def makers_of(step: Step, settled: Mapping[str, Settled]) -> dict[str, Settled]:
    """The steps that are wired, by the field they are wired to."""
    wired = {wire.field: wire.reference.member for wire in step.wires if isinstance(wire.reference, StepOutput)}
    return {field: settled[name] for field, name in wired.items() if name in settled}


_sound_bytes = 16_000  # a second of AAC at 128 kbit/s, for a sound that is not cut out yet


def materials_of(
    step: Step, expects: Mapping[str, MediaFacts], look: Look
) -> tuple[dict[str, MediaFacts], list[Problem]]:
    materials: dict[str, MediaFacts] = {}
    problems = []
    for wire in step.wires:
        reference = wire.reference
        problems += _silent(wire.field, reference, wire.span, expects)
        if isinstance(reference, StepOutput):
            facts: MediaFacts | Problem | None = expects.get(reference.member)
            if isinstance(facts, MediaFacts):
                facts = part_facts(facts, reference.part)
        else:
            facts = look(reference)
        if isinstance(facts, Problem):
            problems.append(Problem(facts.code, facts.message, facts.span or wire.span, facts.hint))
        elif facts is not None and facts.type is not wire.takes:
            problems.append(_wrong_type(wire, facts))
        elif facts is not None:
            materials[wire.field] = facts
    return materials, problems


def _silent(taker: str, reference: Reference, span: Span, expects: Mapping[str, MediaFacts]) -> list[Problem]:
    """What is wrong where a field or a deliverable takes the sound of a clip that will have none."""
    if not isinstance(reference, StepOutput) or reference.part != "audio":
        return []
    facts = expects.get(reference.member)
    if facts is None or facts.type is not MediaType.VIDEO or facts.has_sound:
        return []
    message = f"`{taker}` takes the sound of `{reference.member}`, which is silent"
    return [Problem("no-sound", message, span, f"give `{reference.member}` a sound: `sound: true`")]


def _wrong_type(wire: Wire, facts: MediaFacts) -> Problem:
    name = wire.reference.name if isinstance(wire.reference, InputFile | InputUrl) else wire.field
    return Problem(
        "wrong-media",
        f"`{wire.field}` takes {_article(wire.takes)}, and `{name}` holds {_article(facts.type)} ({facts.format})",
        wire.span,
        "files are told by their bytes, not by their names",
    )


def _article(kind: MediaType) -> str:
    return {MediaType.IMAGE: "a picture", MediaType.VIDEO: "a clip", MediaType.AUDIO: "sound"}.get(kind, str(kind))


def upstream_first(storyboard: Storyboard) -> list[Step]:
    """Steps after everything they wait for; the storyboard is known to have no cycle."""
    order: list[Step] = []
    state: dict[str, bool] = {}  # False: being visited, True: done
    for root in storyboard.members:
        pending = [root]
        while pending:
            current = pending[-1]
            step = storyboard.members[current]
            if state.get(current):
                pending.pop()
                continue
            needed = [above for above in step.above if above in storyboard.members and above not in state]
            if current not in state and needed:
                state[current] = False
                pending.extend(needed)
                continue
            state[current] = True
            order.append(step)
            pending.pop()
    return order
