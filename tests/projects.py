"""Projects with the built-in profiles under their own, as the verbs hand them to the reader of storyboards."""

from __future__ import annotations

from collections.abc import Mapping

from kling_pipe.api.profiles import builtin_profiles
from kling_pipe.errors import Problem
from kling_pipe.story import project_reading
from kling_pipe.story.project import Project, with_builtin_profiles
from kling_pipe.values.money import Cap
from kling_pipe.values.profile import Profile


def project_of(
    root: str,
    profiles: Mapping[str, Profile] | None = None,
    allowed_folders: tuple[str, ...] = (),
    budget: Cap | None = None,
) -> Project:
    """A project whose profiles lie over the built-in ones."""
    own = Project(root=root, profiles=profiles or {}, allowed_folders=allowed_folders, budget=budget)
    return with_builtin_profiles(own, builtin_profiles)


def read_project(path: str, text: str) -> tuple[Project, tuple[Problem, ...]]:
    """A project file's text, read over the built-in profiles."""
    return project_reading.read_project(path, text, builtin_profiles)
