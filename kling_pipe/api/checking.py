"""`validate`: everything that can be found wrong without spending or asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kling_pipe.api.loading import load
from kling_pipe.api.options import Options
from kling_pipe.errors import Problem
from kling_pipe.story.storyboard import Storyboard


@dataclass(frozen=True, slots=True)
class Checked:
    """`texts` by path, for showing the lines that problems point at."""

    storyboard: Storyboard | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]
    steps: int


def check(path: str, options: Options) -> Checked:
    """Reads and checks a storyboard; raises Failure only when there is nothing to check."""
    loaded = load(path, options)
    steps = len(loaded.storyboard.steps) if loaded.storyboard else 0
    return Checked(loaded.storyboard, loaded.problems, loaded.workspace.texts, steps)
