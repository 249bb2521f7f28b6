"""A storyboard read and examined: what `validate`, `plan` and `run` have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kling_pipe.api.adapters import adapter_of, route_of
from kling_pipe.api.catalogues import ProfileCatalogues
from kling_pipe.api.inputs import InputLook, leads_outside, nearest_file, outside_hint
from kling_pipe.api.locking import LockFile, idle_picks, with_lock
from kling_pipe.api.moving import Move
from kling_pipe.api.options import Options
from kling_pipe.api.profiles import broken_providers
from kling_pipe.api.workspace import Workspace, open_workspace, read_text
from kling_pipe.errors import Problem, Severity, TextFailure, UsageFailure
from kling_pipe.plan.catalogue import Catalogue, Settled
from kling_pipe.plan.examination import Examination, examine_roads
from kling_pipe.plan.remainder import needed_by, remainder, told_within
from kling_pipe.plan.roads import Choices, Road, no_choices
from kling_pipe.providers.plugins import BrokenProvider
from kling_pipe.providers.provider import Provider
from kling_pipe.providers.table import table
from kling_pipe.story.addresses import members_named
from kling_pipe.story.document import collector_off
from kling_pipe.story.project import Profile, Project
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.sources import FileReader
from kling_pipe.story.spelling import nearest
from kling_pipe.story.storyboard import Step, Storyboard
from kling_pipe.values.job import Realm, Route
from kling_pipe.values.lock import Lock


@dataclass(frozen=True, slots=True)
class Loaded:
    """`storyboard` and `examination` are None when the text is too broken to go on."""

    workspace: Workspace
    storyboard: Storyboard | None
    examination: Examination | None
    catalogues: Catalogues
    look: InputLook
    lock: Lock
    lock_file: LockFile
    problems: tuple[Problem, ...]
    read_problems: tuple[Problem, ...] = ()  # of these, what was found before anything was examined
    choices: Choices = no_choices
    wanted: frozenset[str] | None = None  # the members of `--only` and what they need; None: all

    def profile_of(self, step: Step) -> Profile:
        """The profile that a step without errors is made on."""
        assert self.examination is not None
        profile = self.workspace.project.profile(self.examination.roads[step.address].profile)
        assert profile is not None
        return profile

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


class Catalogues:
    """The catalogues of a workspace's profiles, each loaded when it is first needed."""

    def __init__(self, workspace: Workspace, default: tuple[str, ...], override: tuple[str, ...]) -> None:
        self._workspace = workspace
        self._default = override or default
        self._override = override
        self._of_profiles = ProfileCatalogues(workspace.project)
        self._roads: dict[tuple[str, ...], tuple[Road, ...]] = {}
        self._adapters: dict[str, Provider] = {}

    def roads_of(self, step: Step) -> tuple[Road, ...]:
        """The roads of a step in order of preference; raises UsageFailure for a name that nobody configured."""
        names = self._override or step.provider or self._default
        roads = self._roads.get(names)
        if roads is None:
            roads = self._roads[names] = tuple(self._road(self._profile(name, step)) for name in names)
        return roads

    def every_road(self) -> tuple[Road, ...]:
        """The built-in road of each provider there is."""
        return tuple(self._road(profile) for profile, _ in self._of_profiles.of_types())

    def every_name(self) -> tuple[str, ...]:
        """The profiles of every road: the storyboard's own, those that are built in, and those of the project."""
        types = [profile.type for profile, _ in self._of_profiles.of_types()]
        own = (name for name, profile in self._workspace.project.profiles.items() if profile.type in types)
        return tuple(dict.fromkeys((*self._default, *types, *own)))

    def road_of(self, name: str) -> Road:
        """The road of a profile; raises UsageFailure for a name that nobody configured."""
        return self._road(self._profile(name))

    def others_for(self, step: Step, local: Sequence[str]) -> tuple[str, ...]:
        """The providers beside those of a step that make it as it is, and have a way for what is only here."""
        tried = {road.provider for road in self.roads_of(step)}
        return tuple(
            road.profile for road in self.every_road() if road.provider not in tried and road.has_way(step, local)
        )

    def _profile(self, name: str, step: Step | None = None) -> Profile:
        profile = self._workspace.project.profile(name)
        if profile is None or profile.type not in table:
            raise unknown_profile(name, profile, self._workspace, step)
        return profile

    def _road(self, profile: Profile) -> Road:
        def travels(step: Step, settled: Settled, local: Sequence[str]) -> bool:
            wired = tuple(wire.field for wire in step.wires)
            local = () if profile.uploads is not None else local
            try:
                with table.guarded(profile.type):
                    adapter = self.adapter_of(profile)
                    found = route_of(adapter, settled.kind, settled.model, settled.parameters, local, None, wired)
            except BrokenProvider:
                return False  # it is told of
            return isinstance(found, Route)

        catalogue, allow = self.of_profile(profile), profile.allow_unknown_models
        return Road(profile.name, profile.type, catalogue, allow, travels, profile.models)

    def adapter_of(self, profile: Profile) -> Provider:
        """The adapter that says whether requests have a way, one for all steps."""
        adapter = self._adapters.get(profile.name)
        if adapter is None:
            adapter = self._adapters[profile.name] = adapter_of(profile, self._workspace.project)
        return adapter

    def wrong_own(self) -> tuple[Problem, ...]:
        """What the project says of its own about models and prices that means nothing to its providers."""
        return self._of_profiles.wrong_own()

    def of_profile(self, profile: Profile) -> Catalogue:
        return self._of_profiles.of(profile)


def load(path: str, options: Options, moves: Sequence[Move] = (), choices: Choices = no_choices) -> Loaded:
    """Reads and examines; problems of all files at once. Raises UsageFailure when there is nothing to read."""
    with collector_off():
        return _load(path, options, moves, choices)


def _load(path: str, options: Options, moves: Sequence[Move], choices: Choices) -> Loaded:
    loaded = read(path, options, moves)
    return examined(loaded, choices) if loaded.storyboard is not None else loaded


def read(path: str, options: Options, moves: Sequence[Move] = ()) -> Loaded:
    """The texts alone: nothing is examined, whatever road it may take."""
    workspace = open_workspace(path, options.environment)
    reading = read_storyboard(path, workspace.text, workspace.project, reader_of(workspace.project))
    workspace = replace(workspace, texts={**workspace.texts, **reading.texts})
    storyboard = reading.storyboard
    catalogues = Catalogues(workspace, storyboard.provider if storyboard else (), options.profiles)
    named = storyboard.inputs.values() if storyboard else ()
    look = InputLook(workspace.project, {entry.reference: entry.span for entry in named})
    problems = [*workspace.problems, *reading.problems]
    lock_file = LockFile.of(path, workspace.home, Realm.SIMULATED if options.simulate else Realm.REAL, moves)
    lock, wanted = Lock(lock_file.realm), None
    try:
        lock = lock_file.read()
    except TextFailure as failure:
        problems.extend(failure.problems)
        workspace = replace(workspace, texts={**workspace.texts, **failure.texts})
    if storyboard is not None:
        storyboard = with_lock(replace(storyboard, path=os.path.abspath(path)), lock, options.asked)
        problems.extend(idle_picks(storyboard, lock))
        only = members_named(storyboard, options.only)  # raises for a name that nothing has
        wanted = needed_by(storyboard, only) if only else None
        problems.extend(catalogues.wrong_own())
    told = _in_order((*problems, *broken_providers()))
    return Loaded(workspace, storyboard, None, catalogues, look, lock, lock_file, told, tuple(problems), wanted=wanted)


def examined(loaded: Loaded, choices: Choices) -> Loaded:
    """The same texts, examined with what is known of roads."""
    catalogues = loaded.catalogues
    assert loaded.storyboard is not None
    examination = examine_roads(loaded.storyboard, catalogues.roads_of, loaded.look, choices, catalogues.every_road)
    found = told_within(examination, loaded.wanted)
    problems = _in_order((*loaded.read_problems, *found, *broken_providers()))
    if not loaded.has_errors:
        rest = remainder(loaded.storyboard, examination, catalogues.roads_of, loaded.wanted)
        problems = (*problems, *filter(None, [rest]))
    return replace(loaded, examination=examination, problems=problems, choices=choices)


def reader_of(project: Project) -> FileReader:
    """Reads the files that a storyboard names, from the disk and within the project."""

    def read_file(path: str) -> str:
        if leads_outside(path, project):
            raise UsageFailure("outside-project", f"`{path}` leads out of the project folder", hint=outside_hint)
        if not os.path.exists(path):
            raise UsageFailure("file-missing", f"there is no file at `{path}`", hint=nearest_file(path))
        return read_text(path, "file")

    return read_file


def unknown_profile(name: str, profile: Profile | None, workspace: Workspace, step: Step | None) -> UsageFailure:
    """Says which profiles there are."""
    known = [known for known, found in workspace.project.profiles.items() if found.type in table]
    if profile is not None:
        message = f"profile `{name}` is of type `{profile.type}`, which this version does not speak"
    else:
        message = f"there is no profile `{name}`"
    close = nearest(name, known)
    hint = f"did you mean `{close}`?" if close else f"there are {', '.join(f'`{found}`' for found in known)}"
    return UsageFailure("unknown-profile", message, span=step.spans.get("provider") if step else None, hint=hint)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """By place, each once: one fact may be found by several rules."""

    def place(problem: Problem) -> tuple[str, int, int, str]:
        span = problem.span
        return (span.path, span.line, span.column, problem.code) if span else ("", 0, 0, problem.code)

    return tuple(dict.fromkeys(sorted(problems, key=place)))
