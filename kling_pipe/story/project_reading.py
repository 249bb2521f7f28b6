"""`kling-pipe.yaml` → Project: profiles, prices, folders, budget; a credential in the text is refused and not shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from kling_pipe.errors import Problem, TextFailure
from kling_pipe.story.document import Document
from kling_pipe.story.exposure import exposed, guarded, within
from kling_pipe.story.nodes import Map
from kling_pipe.story.profile_reading import ProfileReader
from kling_pipe.story.project import Profile, Project
from kling_pipe.story.project_draft import ProjectDraft, maps_in, texts_in
from kling_pipe.story.project_prices import read_prices, units_in
from kling_pipe.story.schema import check
from kling_pipe.values.money import Cap

_secret_hint = "write `{env: NAME}` with the name of an environment variable, or `{file: PATH}`, and change the key"


def read_project(path: str, text: str, builtin: Mapping[str, Profile]) -> tuple[Project, tuple[Problem, ...]]:
    """Reads a project file's text; with errors among the problems the project holds what could be read. `builtin` are
    the profiles of the provider types, each under its type's name."""
    root_folder = os.path.dirname(os.path.abspath(path))
    empty = Project(root=root_folder, path=path)
    if not text.strip():
        return empty, ()
    try:
        document = Document.parse(text, path)
    except TextFailure as failure:
        return empty, tuple(guarded(problem, text) for problem in failure.problems)
    if document.root is None:
        return empty, ()
    if not isinstance(document.root, Map):
        problem = Problem("wrong-type", "a project file must be a mapping", document.root_span, "write `profiles:`")
        return empty, (guarded(problem, text),)
    draft = ProjectDraft(document, document.root, root_folder)
    project = _ProjectReader(draft, document.root, builtin).read(empty)
    problems = sorted(dict.fromkeys(draft.problems), key=lambda p: (p.span.line, p.span.column) if p.span else (0, 0))
    return project, tuple(guarded(problem, text) for problem in problems)


class _ProjectReader:
    def __init__(self, draft: ProjectDraft, root: Map, builtin: Mapping[str, Profile]) -> None:
        self.draft = draft
        self.root = root
        self.builtin = builtin

    def read(self, empty: Project) -> Project:
        draft, root = self.draft, self.root
        secrets = list(exposed(root))
        for path in secrets:
            message = "a credential stands in this file"
            draft.problems.append(Problem("secret-in-file", message, draft.span(path), _secret_hint, quiet=True))
        found = check("project", root, draft.places.at)
        # A sentence about a value would show it: credentials have been told of above.
        secret_spans = {draft.span(inner) for path in secrets for inner in within(root, path)}
        draft.problems += [problem for problem in found if problem.span not in secret_spans]
        profiles = ProfileReader(draft, self.builtin)
        return replace(
            empty,
            profiles={name: profiles.read(name, node) for name, node in maps_in(root.get("profiles"))},
            allowed_folders=tuple(draft.absolute(item) for item in texts_in(root.get("allowed_folders"))),
            budget=self._amount("budget", "bad-budget"),
            confirm_above=self._amount("confirm_above", "bad-amount"),
            units_usd=units_in(root.get("prices")),
            prices=read_prices(root.get("prices"), draft.places, draft.problems.append),
        )

    def _amount(self, key: str, code: str) -> Cap | None:
        value = self.root.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        try:
            return Cap.parse(str(value), self.draft.span((key,)))
        except ValueError as error:
            self.draft.error(code, str(error), (key,), "write an amount such as `18 USD` or `40 units`")
            return None
