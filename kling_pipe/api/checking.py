"""`validate`: everything that can be found wrong without spending or asking anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kling_pipe.api.adapters import route_of
from kling_pipe.api.loading import Loaded, load
from kling_pipe.api.options import Options
from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.obstacles import is_only_here, simulated_hint
from kling_pipe.story.storyboard import StepOutput, Storyboard, Wire
from kling_pipe.values.answer import Refusal
from kling_pipe.values.job import Route
from kling_pipe.values.media import named_by_id


@dataclass(frozen=True, slots=True)
class Checked:
    """`texts` by path, for showing the lines that problems point at."""

    storyboard: Storyboard | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    steps: int
    members: int


def check(path: str, options: Options) -> Checked:
    """Reads and checks a storyboard; raises Failure only when there is nothing to check."""
    loaded = load(path, options)
    problems = loaded.problems
    if loaded.storyboard is not None and not loaded.has_errors and not options.simulate:
        problems = (*problems, *_unreachable(loaded, loaded.storyboard))
    members = loaded.storyboard.members.values() if loaded.storyboard else ()
    steps = len({step.id for step in members})
    return Checked(loaded.storyboard, problems, loaded.workspace.texts, steps, len(members))


def _unreachable(loaded: Loaded, storyboard: Storyboard) -> Iterator[Problem]:
    """Files that a run could not hand over. No errors: the simulator takes them, and so does what was bought before."""
    assert loaded.examination is not None
    for name, settled in loaded.examination.settled.items():
        step = storyboard.members[name]
        local = {
            wire.field: wire
            for wire in step.wires
            if is_only_here(wire, storyboard) or _comes_as_bytes(loaded, storyboard, wire)
        }
        profile = loaded.profile_of(step)
        if not local or profile.uploads is not None:
            continue
        fields = tuple(wire.field for wire in step.wires)
        adapter = loaded.catalogues.adapter_of(profile)
        found = route_of(adapter, settled.kind, settled.model, settled.parameters, tuple(local), None, fields)
        refused = isinstance(found, Refusal) and found.code == "needs-url"
        roads = loaded.catalogues.roads_of(step)
        if isinstance(found, Refusal) and refused and not any(road.has_way(step, tuple(local)) for road in roads[1:]):
            yield Problem("needs-uploader", found.message, local[found.field].span, simulated_hint, Severity.WARNING)


def _comes_as_bytes(loaded: Loaded, storyboard: Storyboard, wire: Wire) -> bool:
    """Whether a step makes what is wired by a call that answers with bytes and tells no address."""
    reference = wire.reference
    if not isinstance(reference, StepOutput) or wire.takes in named_by_id or loaded.examination is None:
        return False
    settled = loaded.examination.settled.get(reference.member)
    if settled is None:
        return False
    maker = storyboard.members[reference.member]
    adapter = loaded.catalogues.adapter_of(loaded.profile_of(maker))
    fields = tuple(wire.field for wire in maker.wires)
    route = route_of(adapter, settled.kind, settled.model, settled.parameters, (), None, fields)
    return isinstance(route, Route) and not route.has_urls
