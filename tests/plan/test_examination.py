"""What is wrong with a storyboard beyond its text, found with the real catalogue."""

from __future__ import annotations

from kling_pipe.errors import Problem
from kling_pipe.plan.catalogue import load_catalogue
from kling_pipe.plan.examination import examine
from kling_pipe.providers.table import table
from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of


def test_the_sound_of_a_clip_that_will_be_silent_cannot_be_delivered() -> None:
    board = "steps:\n  clip: {kind: text-to-video, model: kling-v2-6, prompt: rain%s}\n"
    delivered = "deliver: {a.m4a: steps.clip.audio, b.png: steps.clip.last_frame}\n"
    assert [problem.code for problem in found_in(board % ", mode: pro, sound: true" + delivered)] == []
    (problem,) = found_in(board % "" + delivered)
    assert (problem.code, problem.message, problem.hint) == (
        "no-sound", "`a.m4a` takes the sound of `clip`, which is silent", "give `clip` a sound: `sound: true`",
    )  # fmt: skip
    assert problem.span is not None
    assert problem.span.line == 4


def found_in(text: str) -> tuple[Problem, ...]:
    board = read_storyboard("/project/story.yaml", "storyboard: 1\n" + text, project_of("/project")).value()
    catalogue = load_catalogue("kling", table["kling"].read)
    return examine(board, lambda _step: catalogue, lambda _reference: None).problems
