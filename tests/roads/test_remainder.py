"""What a refusal ends with: what goes on the roads that were named, and the list by which everything goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kling_pipe.api.checking import check
from kling_pipe.api.options import Options
from kling_pipe.errors import Problem, Severity
from tests.roads.barge import two_roads
from tests.roads.test_choosing_roads import board, boat, simulated

large = boat.replace("boat:", "large:").replace("}", ", resolution: 4k}")  # the barge alone makes it
night = "  night: {kind: image-to-image, model: kling-v3, image: steps.large, prompt: At night}\n"
dusk = "  dusk: {kind: image-to-image, model: kling-v3, image: steps.boat, prompt: At dusk}\n"


@pytest.fixture(autouse=True)
def _two_roads() -> Iterator[None]:
    with two_roads():
        yield


def said(path: str, options: Options = simulated) -> str:
    """The note, or nothing."""
    notes = [one for one in check(path, options).problems if one.code == "only-some-steps"]
    return " | ".join(f"{note.message}: {note.hint}" for note in notes)


def severities(problems: tuple[Problem, ...]) -> list[Severity]:
    return [problem.severity for problem in problems]


def test_what_goes_is_named_by_its_ends(tmp_path: Path) -> None:
    assert said(board(tmp_path, boat + large + night + dusk)) == (
        "`kling` makes 2 of the 4 steps: `--only dusk` makes what goes there, `--provider kling,barge` makes everything"
    )


def test_where_nothing_goes_the_list_alone_is_named(tmp_path: Path) -> None:
    assert said(board(tmp_path, large + night)) == (
        "`kling` makes none of the 2 steps: `--provider kling,barge` makes everything"
    )


@pytest.mark.parametrize(
    "steps",
    [
        large,  # of one step its own error names the roads
        boat + large + boat.replace("boat:", "wrong:").replace("}", ", resolution: 9k}"),  # no road makes everything
        boat.replace("}", ", provider: barge}") + large,  # there is no one list in whose place another could stand
        boat + dusk,
    ],
)
def test_nothing_is_said_where_no_list_would_do(steps: str, tmp_path: Path) -> None:
    assert said(board(tmp_path, steps)) == ""


def test_what_is_not_wanted_hinders_nobody(tmp_path: Path) -> None:
    path = board(tmp_path, boat + large + night + dusk)
    wanted = Options(simulate=True, only=("dusk",))
    assert (severities(check(path, wanted).problems), said(path, wanted)) == ([Severity.WARNING], "")
    needed = Options(simulate=True, only=("night", "dusk"))
    assert severities(check(path, needed).problems) == [Severity.ERROR, Severity.NOTE]


def test_a_mistake_of_the_text_hinders_whatever_is_wanted(tmp_path: Path) -> None:
    path = board(tmp_path, boat + "  other: {kind: text-to-image, model: kling-v3, promt: A ship}\n")
    found = check(path, Options(simulate=True, only=("boat",))).problems
    assert Severity.ERROR in severities(found)
