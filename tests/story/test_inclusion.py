"""Storyboards of several files: what is merged, which places it keeps, and what paths in it start from."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kling_pipe.errors import UsageFailure
from kling_pipe.story.reading import Reading, read_storyboard
from kling_pipe.story.storyboard import Delivery, InputFile, StepOutput, Storyboard
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.files import data_folder
from kling_pipe.values.span import Span
from tests.projects import project_of

root = os.path.abspath("boards")
project = project_of(root)


def read(story: str, files: Mapping[str, str]) -> Reading:
    def read_file(path: str) -> str:
        if path not in files:
            raise UsageFailure("file-missing", f"there is no file at `{path}`")
        return files[path]

    return read_storyboard("boards/films/story.yaml", "storyboard: 1\n" + story, project, read_file)


def codes(reading: Reading) -> list[str]:
    return [f"{problem.span} {problem.code}" for problem in reading.problems]


cast = """\
storyboard: 1
vars: {mira: "${{ vars.age }} botanist"}
inputs: {logo: logo.png, dance: {path: ./dance.mp4}}
defaults:
  text-to-image: {aspect_ratio: 1:1, model: kling-v2-1}
steps:
  mira: {kind: text-to-image, prompt: "${{ vars.mira }}"}
  walk: {kind: image-to-video, image: ./walk.png, prompt: she walks}
deliver:
  out/mira.png: steps.mira
  out/logo.png: ./logo.png
"""


def test_a_storyboard_of_two_files_reads_as_one() -> None:
    story = """\
include: ../brand/cast.yaml
vars: {age: old}
defaults:
  text-to-image: {model: kling-v3}
steps:
  push: {kind: image-to-video, image: steps.mira, image_tail: inputs.logo, prompt: closer}
deliver:
  out/push.mp4: steps.push
"""
    reading = read(story, {"boards/brand/cast.yaml": cast})
    board = reading.value()
    assert list(board.members) == ["mira", "walk", "push"]
    mira, walk, push = board.members.values()
    assert (mira.model, mira.parameters) == ("kling-v3", {"aspect_ratio": "1:1", "prompt": "old botanist"})
    assert mira.span == Span("boards/brand/cast.yaml", 7, 3, 4)
    assert mira.span_of("prompt") == Span("boards/brand/cast.yaml", 7, 39, 18)
    assert mira.span_of("model") == Span("boards/films/story.yaml", 5, 26, 8)
    assert mira.span_of("aspect_ratio") == Span("boards/brand/cast.yaml", 5, 33, 3)
    assert [wire.reference for wire in push.wires] == [
        StepOutput("mira"), InputFile("logo", f"{root}/brand/logo.png")
    ]  # fmt: skip
    assert walk.wires[0].reference == InputFile("./walk.png", f"{root}/brand/walk.png")
    assert board.inputs["dance"].reference == InputFile("dance", f"{root}/brand/dance.mp4")
    assert board.deliveries == (
        Delivery("out/mira.png", StepOutput("mira"), Span("boards/brand/cast.yaml", 10, 3, 12)),
        Delivery("out/logo.png", InputFile("./logo.png", f"{root}/brand/logo.png"), board.deliveries[1].span),
        Delivery("out/push.mp4", StepOutput("push"), Span("boards/films/story.yaml", 9, 3, 12)),
    )
    assert board.texts == {path: bytes_digest(text.encode()) for path, text in reading.texts.items()}
    assert list(board.texts) == ["boards/films/story.yaml", "boards/brand/cast.yaml"]
    assert reading.problems == ()  # `dance` is not used, and may serve another storyboard


def test_a_file_is_merged_once_whoever_includes_it() -> None:
    files = {
        "boards/films/a.yaml": "include: c.yaml\nvars: {a: '${{ vars.c }}'}",
        "boards/films/b.yaml": "include: [./c.yaml, ../films/c.yaml]\nvars: {b: '${{ vars.c }}'}",
        "boards/films/c.yaml": "vars: {c: lake}\ndefaults: {text-to-image: {aspect_ratio: 1:1}}",
    }
    story = "include: [a.yaml, b.yaml]\nsteps: {hero: {kind: text-to-image, prompt: '${{ vars.a }} ${{ vars.b }}'}}"
    board = read(story, files).value()
    assert board.members["hero"].parameters == {"aspect_ratio": "1:1", "prompt": "lake lake"}
    assert len(board.texts) == 4


def test_defaults_of_the_nearest_file_win() -> None:
    files = {
        "boards/films/near.yaml": "include: far.yaml\ndefaults: {text-to-image: {aspect_ratio: 1:1, model: kling-v3}}",
        "boards/films/far.yaml": "defaults: {text-to-image: {aspect_ratio: 16:9, negative_prompt: rain}}",
    }
    story = "include: near.yaml\ndefaults: {text-to-image: {model: null}}\nsteps: {a: {kind: text-to-image, prompt: b}}"
    step = read(story, files).value().members["a"]
    assert (step.model, step.parameters) == (
        "", {"aspect_ratio": "1:1", "negative_prompt": "rain", "prompt": "b"}
    )  # fmt: skip


def test_equal_defaults_of_two_files_agree() -> None:
    text = "defaults: {text-to-image: {aspect_ratio: 1:1}}"
    story = "include: [a.yaml, b.yaml]\nsteps: {a: {kind: text-to-image, prompt: b}}"
    reading = read(story, {"boards/films/a.yaml": text, "boards/films/b.yaml": text})
    assert reading.value().members["a"].parameters == {"aspect_ratio": "1:1", "prompt": "b"}


def test_anchors_and_merge_keys_work_in_an_included_file_and_keep_their_places() -> None:
    text = """\
x-look: &look
  aspect_ratio: 1:1
  model: &model kling-v9
steps:
  a: {<<: *look, kind: text-to-image, prompt: a}
  b: {kind: text-to-image, prompt: b, model: *model}
x-all: [*look, *look]
"""
    board = read("include: a.yaml\n", {"boards/films/a.yaml": text}).value()
    assert {name: step.model for name, step in board.members.items()} == {"a": "kling-v9", "b": "kling-v9"}
    assert board.members["a"].span_of("aspect_ratio") == Span("boards/films/a.yaml", 2, 17, 3)
    assert board.members["b"].span_of("model") == Span("boards/films/a.yaml", 6, 46, 6)


def test_a_wire_that_a_variable_holds_starts_from_the_file_that_uses_it() -> None:
    text = "vars: {p: ./p.png}\nsteps: {a: {kind: image-to-video, image: '${{ vars.p }}', prompt: b}}"
    files = {"boards/brand/a.yaml": text}
    board = read("include: ../brand/a.yaml\n", files).value()
    assert board.members["a"].wires[0].reference == InputFile("./p.png", f"{root}/brand/p.png")


def test_a_file_outside_the_project_may_be_included_from_an_allowed_folder() -> None:
    shared = os.path.abspath("shared")

    def read_file(path: str) -> str:
        assert path == "shared/cast.yaml"
        return "steps: {a: {kind: expand-image, image: ./a.png, up_expansion_ratio: 1}}"

    text = "storyboard: 1\ninclude: ../shared/cast.yaml\n"
    allowed = project_of(root, allowed_folders=(shared,))
    board = read_storyboard("boards/story.yaml", text, allowed, read_file).value()
    assert board.members["a"].wires[0].reference == InputFile("./a.png", f"{shared}/a.png")
    refused = read_storyboard("boards/story.yaml", text, project, read_file)
    assert [problem.code for problem in refused.problems] == ["outside-project"]


def test_a_deliverable_cannot_overwrite_an_included_file() -> None:
    story = "include: a.mov\nsteps: {a: {kind: text-to-video, prompt: b}}\ndeliver: {a.mov: steps.a}"
    reading = read(story, {"boards/films/a.mov": "vars: {}"})
    assert [problem.message for problem in reading.problems] == ["`a.mov` would overwrite a file of the storyboard"]


def test_files_that_include_each_other_without_end_are_told_not_crashed_on() -> None:
    files = {f"boards/films/{number}.yaml": f"include: {number + 1}.yaml" for number in range(2000)}
    reading = read("include: 0.yaml\nsteps: {a: {kind: text-to-image, prompt: b}}", files)
    assert codes(reading) == ["boards/films/30.yaml:1:10 too-deep"]


def test_many_included_files_keep_their_places() -> None:
    count = 40
    files = {
        f"boards/films/{number}.yaml": f"x-note: b\nsteps: {{a{number}: {{kind: text-to-image, prompt: b}}}}"
        for number in range(1, count)
    }
    story = f"include: [{', '.join(f'{number}.yaml' for number in range(1, count))}]\n"
    board = read(story, files).value()
    assert [step.span for step in board.members.values()] == [
        Span(f"boards/films/{number}.yaml", 2, 9, len(f"a{number}")) for number in range(1, count)
    ]


sections = ("vars", "inputs", "defaults", "steps", "deliver")


@pytest.mark.parametrize("name", ["product-launch.yaml", "grand-tour.yaml", "dance-challenge.yaml"])
@pytest.mark.parametrize("moved", [*((section,) for section in sections), sections])
def test_moving_parts_into_another_file_changes_nothing(name: str, moved: tuple[str, ...]) -> None:
    """Neither what is made nor what is delivered; paths are the same from the same folder."""
    with open(os.path.join(data_folder("pipelines"), name), encoding="utf-8") as file:
        text = file.read().partition("storyboard: 1\n")[2]
    parts = re.split(r"^(?=[a-z]+:)", text, flags=re.MULTILINE)
    gone = [part for part in parts if part.partition(":")[0] in moved]
    kept = "".join(part for part in parts if part not in gone)
    whole = read(text, {}).value()
    split = read(f"include: part.yaml\n{kept}", {"boards/films/part.yaml": "".join(gone) or "vars: {}"}).value()
    assert meant(split) == meant(whole)


def meant(board: Storyboard) -> tuple[object, ...]:
    steps = [
        (replace(step, span=None, wires=()), [(wire.field, wire.takes, wire.reference) for wire in step.wires])  # type: ignore[arg-type]
        for step in board.members.values()
    ]
    deliveries = [(delivery.path, delivery.reference) for delivery in board.deliveries]
    return board.name, board.provider, steps, deliveries
