"""What kling-pipe says of a draft before anything is sent, and what it would send: the text goes through the reader,
the catalogue, the media and the plan, as `validate` and `plan` do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kling_pipe.errors import Problem, Severity
from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.plan.examination import examine, part_facts
from kling_pipe.plan.graph import Graph
from kling_pipe.plan.jobs import flown_together, job_of, materials_of
from kling_pipe.plan.knowledge import Knowledge, KnownInput, Seat
from kling_pipe.plan.plan import Planned
from kling_pipe.plan.planning import make_plan
from kling_pipe.providers.provider import Provider
from kling_pipe.story.kinds import kinds
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.step_rules import check_step
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference, Storyboard
from kling_pipe.values.answer import Refusal
from kling_pipe.values.credential import CredentialKind
from kling_pipe.values.digest import digest_of
from kling_pipe.values.job import Artifact, Job, Material, Realm, Route
from kling_pipe.values.media import MediaFacts, MediaType
from kling_pipe.values.money import Cost
from tests.agreement.drafts import Draft, File, Made, member, sources, step_of, storyboard
from tests.agreement.road import Road
from tests.projects import project_of

elsewhere: Mapping[str, MediaFacts] = {  # files of other people's, by address
    "https://media.example.org/wide.png": MediaFacts(MediaType.IMAGE, "png", 1000, 1600, 900),
    "https://media.example.org/hd.mp4": MediaFacts(MediaType.VIDEO, "mp4", 1000, 1920, 1080, 5.0, 24.0, has_sound=True),
    "https://media.example.org/talk.mp3": MediaFacts(MediaType.AUDIO, "mp3", 1000, seconds=8.0, has_sound=True),
}
_project = project_of("/project")
_no_ids: Mapping[str, Sequence[object]] = {}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is wrong with a draft by kling-pipe, and the job of its first takes when nothing is. `estimate` is for that
    job, None where it is not exact; `expects` what should come out of it; `by_plan` says that `validate` finds nothing
    wrong, but no road leads there."""

    errors: tuple[Problem, ...]
    job: Job | None = None
    estimate: Cost | None = None
    by_plan: bool = False
    expects: MediaFacts | None = None
    warned: tuple[str, ...] = ()  # what is said of a step that may go all the same


class House:
    """kling-pipe, and the steps that were made before: their texts and what came out, by their ids."""

    def __init__(
        self,
        road: Road,
        earlier: Mapping[str, Mapping[str, Any]],
        made: Mapping[str, Artifact],
        ids: Mapping[str, Sequence[object]] = _no_ids,
    ) -> None:
        """`ids` are the service's own of what can be named, by the key that takes them."""
        self.road = road
        self.earlier = earlier
        self.ids = ids
        self.made = made
        self._by_key = {artifact.key: artifact for artifact in made.values()}
        self._settled = {
            name: settled for name, lines in earlier.items() if (settled := _settled(road.catalogue, lines))
        }

    @property
    def catalogue(self) -> Catalogue:
        return self.road.catalogue

    @property
    def provider(self) -> Provider:
        return self.road.provider

    def opinion(self, draft: Draft) -> Opinion:
        """All errors, or the job."""
        return self.opinion_of_text(storyboard(draft, self.earlier), sources(draft))

    def opinion_of_text(self, text: str, files: Mapping[str, Any], name: str = member) -> Opinion:
        """The same of any text whose inputs are `f0`, `f1`, … in the order of `files`."""
        reading = read_storyboard("/project/story.yaml", text, _project)
        board = reading.storyboard
        if board is None:
            return Opinion(_errors(reading.problems))
        known = _known(board, list(files.values()))
        found = examine(board, lambda _step: self.catalogue, lambda reference: known[reference].facts)
        if errors := _errors((*reading.problems, *found.problems)):
            return Opinion(errors)
        planning = make_plan(board, Graph.of(board), found, self._knowledge(known))
        if errors := _errors(planning.problems):
            return Opinion(errors, by_plan=True)
        warned = tuple(problem.message for problem in (*reading.problems, *found.problems))
        return replace(_job(planning.plan.members[name]), warned=warned)

    def objections(self, draft: Draft) -> tuple[Problem, ...]:
        """What rules and catalogue say against a draft; quicker than its text, and without the reader's own checks."""
        step = step_of(draft)
        settled = self.catalogue.settle(step)
        facts = {path: self.facts(source) for path, source in sources(draft).items()}
        said = [*self.catalogue.check(step, settled), *check_step(step)]
        if settled is not None:
            said += self.catalogue.check_sources(step, settled, self._makers(draft))
        for path, found in facts.items():
            said += self.catalogue.check_material(step, settled, path, found, facts) if settled else ()
        return _errors(said)

    def around(self, draft: Draft) -> Job | None:
        """The job of a draft whatever is wrong with it; None when there is no road for it."""
        step = step_of(draft)
        settled = self.catalogue.settle(step)
        wired = sources(draft)
        facts = {path: self.facts(source) for path, source in wired.items()}
        model = settled.model if settled else draft.model
        parameters = settled.parameters if settled else step.parameters
        local = [path for path, one in wired.items() if (one.part if isinstance(one, Made) else not one.by_url)]
        local = [] if self.provider.uploads else local
        route = self.provider.route(draft.kind, model, parameters, local, CredentialKind.API_KEY, tuple(wired))
        if isinstance(route, Refusal):
            return None
        materials = tuple(Material(path, _digest(path, found), found) for path, found in facts.items())
        most = settled.takes_at_once if settled else 1
        kind, takes = kinds[draft.kind], tuple(range(1, min(draft.takes, most) + 1))
        return Job(
            member, "case", draft.kind, model, Realm.SIMULATED, self.road.name, self.road.name, kind.product,
            kind.makes, parameters, materials, {}, digest_of("agreement", [str(draft)]), takes, tuple(map(str, takes)),
            Cost(), 60.0, route,
        )  # fmt: skip

    def facts(self, source: Any) -> MediaFacts:
        """What a file or an earlier step's output is."""
        return source.facts if isinstance(source, File) else part_facts(self.made[source.step].facts, source.part)

    def _makers(self, draft: Draft) -> dict[str, Settled]:
        return {path: self._settled[one.step] for path, one in sources(draft).items() if isinstance(one, Made)}

    def _knowledge(self, known: Mapping[Reference, KnownInput]) -> Knowledge:
        name, uploads = self.road.name, self.provider.uploads
        seat = Seat(name, name, self.catalogue, self._route, self.provider.forms, uploads)

        def artifacts(keys: Sequence[str]) -> Mapping[str, Artifact]:
            return {key: self._by_key[key] for key in keys if key in self._by_key}

        return Knowledge(
            realm=Realm.SIMULATED, seat_of=lambda _step: seat, inputs=known, artifacts=artifacts,
            lost=lambda _keys: {}, jobs=lambda _recipes: {}, typical={},
        )  # fmt: skip

    def _route(
        self, kind: str, model: str, parameters: Mapping[str, object], local: Sequence[str], wired: Sequence[str]
    ) -> Route | Refusal:
        return self.provider.route(kind, model, parameters, local, CredentialKind.API_KEY, wired)


def _settled(catalogue: Catalogue, lines: Mapping[str, Any]) -> Settled | None:
    """An earlier step as the catalogue sees it; its files stand in it as what they are."""
    kind, model = str(lines["kind"]), str(lines.get("model", ""))
    values = {key: value for key, value in lines.items() if key not in ("kind", "model")}
    for wire in kinds[kind].wires:
        if wire.name in values and not wire.ids:
            value = values[wire.name]
            files = [File(elsewhere[url]) for url in (value if isinstance(value, list) else [value])]
            values[wire.name] = files if isinstance(value, list) else files[0]
    return catalogue.settle(step_of(Draft(kind, model, values)))


def _known(board: Storyboard, files: Sequence[Any]) -> dict[Reference, KnownInput]:
    known: dict[Reference, KnownInput] = {}
    for step in board.members.values():
        for wire in step.wires:
            if isinstance(wire.reference, InputUrl):
                url = wire.reference.url
                known[wire.reference] = KnownInput(_digest(url, elsewhere[url]), elsewhere[url], url=url)
            elif isinstance(wire.reference, InputFile):
                file = files[int(wire.reference.name[1:])]
                where = "https://media.example.org/f" if file.by_url else ""
                known[wire.reference] = KnownInput(_digest(wire.field, file.facts), file.facts, url=where)
    return known


def _digest(path: str, facts: MediaFacts) -> str:
    return digest_of("agreement", [path, facts.to_json()])


def _errors(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def _job(planned: Planned) -> Opinion:
    takes = next(flown_together(tuple(range(1, planned.step.takes + 1)), planned.takes_at_once))
    job = job_of(planned, "case", planned.recipe, materials_of(planned), takes)
    exact = planned.price is not None and planned.price.exact
    estimate = job.estimate if exact else None
    return Opinion((), replace(job, estimate=planned.take_cost * len(takes)), estimate, expects=planned.expects)
