"""`show`: a storyboard's outline, and what all its members are once everything is put in its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kling_pipe.api.loading import load, reader_of
from kling_pipe.api.options import Options
from kling_pipe.api.workspace import open_workspace
from kling_pipe.errors import Problem, TextFailure
from kling_pipe.plan.outline import Outline, outline
from kling_pipe.plan.resolved import Resolved, resolve
from kling_pipe.story.addresses import members_named
from kling_pipe.story.reading import read_storyboard


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown, `whole` an outline or all values, with the warnings on the way and the texts these point into."""

    whole: Outline | Resolved
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]


def show(path: str, options: Options) -> Shown:
    """The outline of a storyboard; raises TextFailure when its text has errors. Models and media are not looked at."""
    workspace = open_workspace(path, options.environment)
    reading = read_storyboard(path, workspace.text, workspace.project, reader_of(workspace.project))
    problems = (*workspace.problems, *reading.problems)
    texts = {**workspace.texts, **reading.texts}
    if reading.storyboard is None or reading.document is None:
        raise TextFailure(problems, texts)
    storyboard = replace(reading.storyboard, path=os.path.abspath(path))
    return Shown(outline(storyboard, reading.document), problems, texts)


def show_resolved(path: str, options: Options) -> Shown:
    """Every value of every member; raises TextFailure when anything is wrong with one of them."""
    loaded = load(path, options)
    if loaded.has_errors or loaded.storyboard is None or loaded.examination is None:
        raise TextFailure(loaded.problems, loaded.workspace.texts)
    only = members_named(loaded.storyboard, options.only)
    return Shown(resolve(loaded.storyboard, loaded.examination, only), loaded.problems, loaded.workspace.texts)
