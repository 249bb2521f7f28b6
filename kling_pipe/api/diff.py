"""`diff`: what changed between two git revisions of a storyboard, and what the later one costs; nothing is sent.

A revision's texts, and the inputs they name, are written into a temporary folder in the shape of the repository and
loaded as usual, against the same ledger and store. What is not in git, such as ignored media, is taken as it is today.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory

from kling_pipe.api.loading import Loaded, load
from kling_pipe.api.options import Options
from kling_pipe.api.planning import opened_state, prepare
from kling_pipe.api.workspace import full_environment, home_of, open_project, read_text
from kling_pipe.edge.ledger import Ledger
from kling_pipe.edge.lockfile import lock_path
from kling_pipe.edge.revisions import Repository
from kling_pipe.edge.store import Store
from kling_pipe.errors import Problem, Severity, TextFailure, UsageFailure
from kling_pipe.plan.changes import Bytes, Part
from kling_pipe.plan.difference import Comparison, Difference, difference
from kling_pipe.plan.plan import Plan
from kling_pipe.plan.planning import wired_inputs
from kling_pipe.story.project import Project, project_file_name
from kling_pipe.story.storyboard import InputFile, Storyboard
from kling_pipe.values.job import Realm
from kling_pipe.values.revision import Revision, working_tree

_texts = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Two plans of one storyboard; `store` holds what was made of either."""

    older: Revision
    newer: Revision
    difference: Difference
    store: Store
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


def diff(path: str, revisions: str, options: Options) -> DiffReport:
    """Compares two revisions, named as git names a range; `REV` alone is held against the working tree. Raises
    UsageFailure where git knows no such thing, TextFailure where the storyboard of a side is wrong."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise UsageFailure("file-missing", f"there is no folder `{folder}`")
    repository = Repository.around(folder)
    older, newer = _sides(repository, revisions)
    project = open_project(folder)[0]
    home = home_of(project, options.environment)
    environment = {**full_environment(project, options.environment), "KLING_PIPE_HOME": home}
    options = replace(options, only_fetches=True, environment=environment)
    with opened_state(home, only_reads=True) as (ledger, store), TemporaryDirectory(prefix="kling-pipe-diff-") as aside:
        place = os.path.realpath(aside)

        def side(revision: Revision, name: str) -> _Side:
            if revision is working_tree:
                return _present(path, options, ledger, store)
            past = _Past(repository, revision, path, project, os.path.join(place, name))
            return past.planned(options, ledger, store)

        now = side(newer, "newer")  # first, so that a name that was mistyped is told as such
        before = side(older, "older")
    found = difference(before.plan, now.plan)
    shown = replace(found, comparisons=tuple(_with_places(one, before, now) for one in found.comparisons))
    problems = tuple(dict.fromkeys((*before.problems, *now.problems)))
    return DiffReport(older, newer, shown, store, problems, {**before.texts, **now.texts})


@dataclass(frozen=True, slots=True)
class _Side:
    """A side's plan. `named` tells how a path of it is shown."""

    plan: Plan
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    named: Callable[[str], str]


def _sides(repository: Repository, words: str) -> tuple[Revision, Revision]:
    """`A`, `A..B`, `A..`, `..B`, and `A...B` from where the two parted; what is left out is HEAD."""
    parts = re.fullmatch(r"(.*?)(\.{2,3})(.*)", words)
    if parts is None:
        return repository.revision(words or "HEAD"), working_tree
    older, newer = (repository.revision(word or "HEAD") for word in (parts[1], parts[3]))
    return (repository.common_ancestor(older, newer) if parts[2] == "..." else older), newer


def _present(path: str, options: Options, ledger: Ledger, store: Store) -> _Side:
    loaded = load(path, options)
    if loaded.has_errors:
        raise TextFailure(loaded.problems, loaded.workspace.texts)
    prepared = prepare(loaded, options, ledger, store)
    return _Side(prepared.plan, prepared.problems, loaded.workspace.texts, lambda found: found)


@dataclass(frozen=True, slots=True)
class _Past:
    """A storyboard as it was in a revision, written into `aside` in the shape of the repository."""

    repository: Repository
    revision: Revision
    path: str  # of the storyboard today
    project: Project  # as it is today
    aside: str

    def planned(self, options: Options, ledger: Ledger, store: Store) -> _Side:
        """Its plan; raises UsageFailure where the storyboard is not in the revision, TextFailure where it is wrong."""
        inside = self.repository.inside(self.path)
        names = self.repository.names(self.revision)
        if inside not in names:
            raise self._is_not_there(inside)
        os.makedirs(self.aside)
        self.repository.check_out(self.revision, self._text_names(names), self.aside)
        self._link_credentials()
        self._take_from_today(self.repository.inside(lock_path(self.path, Realm.SIMULATED)))  # git ignores it
        try:
            loaded, notes = self._loaded(os.path.join(self.aside, inside), names, options)
            prepared = prepare(loaded, options, ledger, store)
        except TextFailure as failure:
            raise TextFailure(self._placed(failure.problems), self._texts_of(failure)) from None
        texts = {self.named(found): text for found, text in loaded.workspace.texts.items()}
        return _Side(prepared.plan, (*self._placed(prepared.problems), *notes), texts, self.named)

    def _loaded(self, there: str, names: Sequence[str], options: Options) -> tuple[Loaded, list[Problem]]:
        """The storyboard as it was, with the inputs that it names, and what is to be said of those."""
        loaded = load(there, options)
        notes: list[Problem] = []
        if loaded.storyboard is not None and (wanted := self._inputs(loaded.storyboard)):
            self.repository.check_out(self.revision, wanted & set(names), self.aside)
            notes = [self._taken_as_it_is(name) for name in sorted(wanted) if self._take_from_today(name)]
            loaded = load(there, options)
        if loaded.has_errors:
            raise TextFailure(loaded.problems, loaded.workspace.texts)
        return loaded, notes

    def named(self, path: str) -> str:
        """`3f2a1c9d0:film.yaml` for a path in the folder aside."""
        absolute = os.path.abspath(path)
        inside = os.path.relpath(absolute, self.aside)
        return path if inside.startswith("..") else f"{self.revision.short}:{inside}"

    def _text_names(self, names: Sequence[str]) -> list[str]:
        """The texts of the project and of the folders it allows, and project files above it."""
        folders = [one for one in (self.project.root, *self.project.allowed_folders) if self._is_inside(one)]
        below = tuple(f"{self.repository.inside(one)}/".removeprefix("./") for one in folders)
        return [
            name
            for name in names
            if name.endswith(_texts) and (name.startswith(below) or name.rpartition("/")[2] == project_file_name)
        ]

    def _is_inside(self, path: str) -> bool:
        return not os.path.relpath(os.path.realpath(path), self.repository.root).startswith("..")

    def _inputs(self, storyboard: Storyboard) -> set[str]:
        """The local inputs, from the root of the repository; without those that lie elsewhere."""
        paths = [one.path for one in wired_inputs(storyboard) if isinstance(one, InputFile)]
        inside = {os.path.relpath(os.path.normpath(path), self.aside).replace(os.sep, "/") for path in paths}
        return {name for name in inside if not name.startswith("..")}

    def _link_credentials(self) -> None:
        """Files of credentials are in no revision, and are never copied: what asks for one finds today's."""
        sources = (
            source
            for profile in self.project.profiles.values()
            for source in (profile.api_key, profile.access_key, profile.secret_key)
            if source is not None and os.path.isabs(source.file)
        )
        for file in dict.fromkeys(source.file for source in sources):
            target = os.path.join(self.aside, os.path.relpath(file, self.repository.root))
            if self._is_inside(file) and os.path.exists(file) and not os.path.lexists(target):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.symlink(file, target)

    def _take_from_today(self, name: str) -> bool:
        """Brings an input that is not in the revision here as it is today, where it is there today."""
        target, today = os.path.join(self.aside, name), os.path.join(self.repository.root, name)
        if os.path.exists(target) or not os.path.isfile(today):
            return False
        with contextlib.suppress(FileNotFoundError):  # a link that leads nowhere
            os.unlink(target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(today, target)
        return True

    def _taken_as_it_is(self, name: str) -> Problem:
        message = f"`{name}` is not in {self.revision}, so it counts as it is today"
        return Problem("input-not-in-revision", message, severity=Severity.NOTE)

    def _is_not_there(self, inside: str) -> UsageFailure:
        message = f"there is no `{inside}` in {self.revision}"
        hint = f"`git log --oneline --follow -- {inside}` lists the revisions that have it"
        return UsageFailure("not-in-revision", message, hint=hint)

    def _placed(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        return tuple(
            replace(
                problem,
                message=self._without_aside(problem.message),
                hint=self._without_aside(problem.hint),
                span=replace(problem.span, path=self.named(problem.span.path)) if problem.span else None,
            )
            for problem in problems
        )

    def _texts_of(self, failure: TextFailure) -> dict[str, str]:
        """The texts that its problems point into, which nobody can read any more where they are told."""
        texts = {self.named(found): text for found, text in failure.texts.items()}
        for path in {problem.span.path for problem in failure.problems if problem.span}:
            if self.named(path) not in texts and os.path.isfile(path):
                texts[self.named(path)] = read_text(path, "file")
        return texts

    def _without_aside(self, text: str) -> str:
        return text.replace(f"{self.aside}{os.sep}", f"{self.revision.short}:")


def _with_places(comparison: Comparison, before: _Side, now: _Side) -> Comparison:
    """The comparison with paths as they are shown: a folder aside is gone when somebody reads them."""
    return replace(comparison, parts=tuple(_with_place(part, before, now) for part in comparison.parts))


def _with_place(part: Part, before: _Side, now: _Side) -> Part:
    span = replace(part.span, path=now.named(part.span.path)) if part.span else None
    return replace(part, value=_in_words(part.value, now), before=_in_words(part.before, before), span=span)


def _in_words(value: object, side: _Side) -> object:
    if not isinstance(value, Bytes) or not os.path.isabs(value.place):
        return value
    return replace(value, place=os.path.relpath(value.place, os.path.dirname(side.plan.storyboard.path)))
