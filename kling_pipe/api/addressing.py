"""The addresses that can be typed of a storyboard; what is wrong in it is told by others."""

from __future__ import annotations

import os

from kling_pipe.api.profiles import builtin_profiles
from kling_pipe.errors import Failure, UsageFailure
from kling_pipe.story.project import Project, with_builtin_profiles
from kling_pipe.story.reading import read_storyboard


def addresses_in(path: str, text: str) -> list[str]:
    """Every member's address in the storyboard's order, without a look at project file, catalogue or media; none where
    the text is wrong."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        project = Project(root=folder, allowed_folders=(os.path.dirname(folder),))
        reading = read_storyboard(path, text, with_builtin_profiles(project, builtin_profiles), _text_of)
    except Failure:
        return []
    return list(reading.storyboard.members) if reading.storyboard else []


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFailure("file-unreadable", f"`{path}` cannot be read") from error
