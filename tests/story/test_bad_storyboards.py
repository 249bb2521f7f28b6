"""Every bad storyboard in `bad/` gives exactly the text beside it; `KLING_PIPE_GOLDEN=write` rewrites those texts."""

from __future__ import annotations

import os

import pytest

from kling_pipe.errors import UsageFailure
from kling_pipe.report.problems import render_problems
from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of

folder = os.path.join(os.path.dirname(__file__), "bad")
cases = sorted(name.removesuffix(".yaml") for name in os.listdir(folder) if name.endswith(".yaml"))


@pytest.mark.parametrize("case", cases)
def test_bad_storyboard_says(case: str) -> None:
    with open(os.path.join(folder, f"{case}.yaml"), encoding="utf-8", newline="") as file:
        text = file.read()
    path = f"boards/{case}.yaml"
    reading = read_storyboard(path, text, project_of(os.path.abspath("boards")), _text_of)
    said = render_problems(reading.problems, reading.texts)
    golden = os.path.join(folder, f"{case}.golden")
    if os.environ.get("KLING_PIPE_GOLDEN") == "write":
        with open(golden, "w", encoding="utf-8") as file:
            file.write(said)
    with open(golden, encoding="utf-8") as file:
        assert said == file.read()
    assert said


def _text_of(path: str) -> str:
    """A file that a bad storyboard names; they lie in `brand/`."""
    try:
        with open(os.path.join(folder, os.path.relpath(path, "boards")), encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError as error:
        raise UsageFailure("file-missing", f"there is no file at `{path}`") from error


def test_every_golden_text_has_its_storyboard() -> None:
    goldens = sorted(name.removesuffix(".golden") for name in os.listdir(folder) if name.endswith(".golden"))
    assert goldens == cases
