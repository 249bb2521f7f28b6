"""Inputs: local files and URLs, probed for checks and hashed for keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from kling_pipe.edge.media import Unreadable, probe
from kling_pipe.edge.store import Store, file_digest
from kling_pipe.errors import Problem
from kling_pipe.plan.knowledge import KnownInput
from kling_pipe.story.project import Project
from kling_pipe.story.storyboard import InputFile, InputUrl, Reference
from kling_pipe.values.media import MediaFacts
from kling_pipe.values.span import Span


class InputLook:
    """Probes local inputs, each once; a URL is not looked at before it was fetched.

    What is wrong with a file that several steps are wired to is said once, at its place under `inputs`.
    """

    def __init__(self, project: Project, places: Mapping[Reference, Span]) -> None:
        self._places = places
        self._project = project
        self._root = project.root
        self._found: dict[Reference, MediaFacts | Problem | None] = {}

    def __call__(self, reference: Reference) -> MediaFacts | Problem | None:
        if reference not in self._found:
            found = self._look(reference) if isinstance(reference, InputFile) else None
            self._found[reference] = self.placed(reference, found) if isinstance(found, Problem) else found
        return self._found[reference]

    def placed(self, reference: Reference, problem: Problem) -> Problem:
        """The problem where the input is named; a path that is written at a wire has no other place."""
        return replace(problem, span=self._places.get(reference))

    def _look(self, reference: InputFile) -> MediaFacts | Problem:
        written = self._written(reference)
        if leads_outside(reference.path, self._project):
            return Problem("outside-project", f"`{written}` leads out of the project folder", hint=outside_hint)
        try:
            return probe(reference.path)
        except Unreadable as error:
            return Problem(error.code, f"`{written}`: {error.message}", hint=error.hint)
        except FileNotFoundError:
            return Problem("file-missing", f"there is no file at `{written}`", hint=nearest_file(reference.path))
        except IsADirectoryError:
            return Problem("file-missing", f"`{written}` is a folder, a file was expected")
        except OSError as error:
            return Problem("file-unreadable", f"`{written}` cannot be read: {error.strerror}")

    def _written(self, reference: InputFile) -> str:
        """The path as a user knows it: as written, or from the project's folder when the wire only names the input."""
        if reference.name.startswith("."):
            return reference.name
        return os.path.relpath(reference.path, self._root)


outside_hint = "move the file into the project, or name its folder in `allowed_folders` of `kling-pipe.yaml`"


def leads_outside(path: str, project: Project) -> bool:
    """Whether a file lies outside the folders of a project, links followed."""
    real = os.path.realpath(path)
    roots = (os.path.realpath(folder) for folder in (project.root, *project.allowed_folders))
    return not any(os.path.commonpath((root, real)) == root for root in roots)


def hash_inputs(
    references: Iterable[InputFile | InputUrl], look: InputLook, store: Store, fetch: Callable[[str], str]
) -> dict[Reference, KnownInput | Problem]:
    """Digest and facts of every input; `fetch` brings a URL's bytes into the store and returns their digest."""
    found: dict[Reference, KnownInput | Problem] = {}
    for reference in references:
        if isinstance(reference, InputFile):
            facts = look(reference)
            if isinstance(facts, MediaFacts):
                found[reference] = KnownInput(file_digest(reference.path), facts, path=reference.path)
            elif facts is not None:
                found[reference] = facts
        else:
            known = _hash_url(reference, store, fetch)
            found[reference] = look.placed(reference, known) if isinstance(known, Problem) else known
    return found


def _hash_url(reference: InputUrl, store: Store, fetch: Callable[[str], str]) -> KnownInput | Problem:
    try:
        digest = fetch(reference.url)
        path = store.path(digest)
        return KnownInput(digest, probe(path), path=path, url=reference.url)
    except Unreadable as error:
        return Problem(error.code, f"`{reference.url}`: {error.message}", hint=error.hint)
    except OSError as error:
        return Problem("input-unreachable", f"`{reference.url}` cannot be fetched: {error}")


def nearest_file(path: str) -> str:
    """A hint at the file that was probably meant; empty when none is near."""
    import difflib

    try:
        names = os.listdir(os.path.dirname(path))
    except OSError:
        return ""
    close = difflib.get_close_matches(os.path.basename(path), names, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
