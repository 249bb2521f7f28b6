"""Where a storyboard lives: its text, its project, its state folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from shlex import quote

from kling_pipe.api.profiles import broken_providers, builtin_profiles
from kling_pipe.edge.credentials import read_environment_file
from kling_pipe.errors import Problem, Severity, TextFailure, UsageFailure
from kling_pipe.story.project import Project, project_file_name, with_builtin_profiles
from kling_pipe.story.project_reading import read_project

state_folder_name = ".kling-pipe"
most_text_bytes = 16 << 20


@dataclass(frozen=True, slots=True)
class Workspace:
    """`home` is the state folder; `environment` the process's own over the project's `.env` file; `texts` what was
    read, by path."""

    storyboard_path: str
    text: str
    project: Project
    home: str
    environment: Mapping[str, str]
    texts: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def open_workspace(storyboard_path: str, environment: Mapping[str, str]) -> Workspace:
    """Reads storyboard and project file; raises UsageFailure when the storyboard cannot be read, TextFailure when
    the project file is wrong."""
    text = read_text(storyboard_path, "storyboard")
    if text.startswith('{\n  "plan":'):
        message = f"`{storyboard_path}` is a plan that was written down, a storyboard was expected"
        raise UsageFailure("is-a-plan", message, hint=f"`kling-pipe run {quote(storyboard_path)}` carries it out")
    folder = os.path.dirname(os.path.abspath(storyboard_path))
    project, project_text, problems = open_project(folder)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise TextFailure((*problems, *broken_providers()))
    texts = {storyboard_path: text}
    if project.path:
        texts[project.path] = project_text
    return Workspace(
        storyboard_path=storyboard_path,
        text=text,
        project=project,
        home=home_of(project, environment),
        environment=full_environment(project, environment),
        texts=texts,
        problems=tuple(problems),
    )


def open_project(folder: str) -> tuple[Project, str, tuple[Problem, ...]]:
    """The project of a folder: its file here or in any folder above; without one the folder itself."""
    path = find_project_file(folder)
    if not path:
        return with_builtin_profiles(Project(root=folder), builtin_profiles), "", ()
    text = read_text(path, "project file")
    shown = os.path.relpath(path)
    project, problems = read_project(shown if not shown.startswith("..") else path, text, builtin_profiles)
    project = replace(project, root=os.path.dirname(path))
    return with_builtin_profiles(project, builtin_profiles), text, tuple(problems)


def find_project_file(folder: str) -> str:
    """The nearest project file, or an empty text."""
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, project_file_name)
        if os.path.isfile(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent


def home_of(project: Project, environment: Mapping[str, str]) -> str:
    """The state folder: `KLING_PIPE_HOME`, or `.kling-pipe` at the project's root."""
    moved = environment.get("KLING_PIPE_HOME", "")
    return os.path.abspath(moved) if moved else os.path.join(project.root, state_folder_name)


def full_environment(project: Project, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The process's environment over what `.env` beside the project file says."""
    return {**read_environment_file(os.path.join(project.root, ".env")), **environment}


def read_text(path: str, what: str) -> str:
    """A text file; raises UsageFailure with the reason when it cannot be read as UTF-8."""
    try:
        if os.path.getsize(path) > most_text_bytes:
            raise UsageFailure("too-large", f"the {what} `{path}` is larger than {most_text_bytes >> 20} MB")
        with open(path, encoding="utf-8-sig", newline="") as file:
            return file.read()
    except FileNotFoundError as error:
        hint = "`kling-pipe init` writes a working one" if what == "storyboard" else ""
        raise UsageFailure("file-missing", f"there is no {what} at `{path}`", hint=hint) from error
    except IsADirectoryError as error:
        raise UsageFailure("file-missing", f"`{path}` is a folder, a {what} was expected") from error
    except UnicodeDecodeError as error:
        message = f"the {what} `{path}` is not UTF-8 text: byte {error.start} is not"
        raise UsageFailure("not-utf-8", message, hint="save it as UTF-8") from error
    except OSError as error:
        raise UsageFailure("file-unreadable", f"the {what} `{path}` cannot be read: {error.strerror}") from error
