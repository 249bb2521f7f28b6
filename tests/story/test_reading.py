"""Storyboards read into checked values."""

from __future__ import annotations

import json
import os
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kling_pipe.errors import Severity, TextFailure
from kling_pipe.story.kinds import kinds
from kling_pipe.story.project import Profile, Project
from kling_pipe.story.reading import Reading, read_storyboard
from kling_pipe.story.storyboard import (
    Budget,
    Delivery,
    InputFile,
    InputUrl,
    NamedInput,
    Step,
    StepOutput,
    Storyboard,
    Wire,
)
from kling_pipe.values.digest import bytes_digest
from kling_pipe.values.media import MediaType
from kling_pipe.values.money import Cap
from kling_pipe.values.span import Span

path = "boards/launch.yaml"
root = os.path.abspath("boards")
project = Project(root=root)


def read(text: str, project: Project = project) -> Reading:
    return read_storyboard(path, text, project)


def step(text: str, name: str = "a") -> Step:
    return read("storyboard: 1\nsteps:\n" + text).value().steps[name]


def codes(text: str, project: Project = project) -> list[str]:
    return [f"{problem.span and problem.span.line} {problem.code}" for problem in read(text, project).problems]


def at(line: int, column: int, length: int) -> Span:
    return Span(path, line, column, length)


def test_a_whole_storyboard() -> None:
    text = """\
storyboard: 1
vars: {product: shoe, seconds: 5}
inputs:
  dance: {path: refs/dance.mp4}
  lake: https://media.example.org/lake.png
defaults:
  image-to-video: {model: kling-v3, mode: pro, duration: "${{ vars.seconds }}"}
budget: {run: 18 USD, take: 40 units}
steps:
  hero: {kind: text-to-image, prompt: "A ${{ vars.product }}", takes: 3, pick: 2}
  push:
    kind: image-to-video
    image: steps.hero.takes[3]
    image_tail: inputs.lake
    prompt: push in
    mode: null
    sound: on
    after: hero
    timeout: 10m
  dancer: {kind: motion-control, image: ./refs/me.png, video: inputs.dance, character_orientation: video}
deliver:
  out/./push.mp4: steps.push
"""
    hero = Step(
        id="hero", kind="text-to-image", model="", span=at(10, 3, 4), parameters={"prompt": "A shoe"}, takes=3, pick=2
    )
    lake = InputUrl("lake", "https://media.example.org/lake.png")
    dance = InputFile("dance", os.path.join(root, "refs/dance.mp4"))
    push = Step(
        id="push",
        kind="image-to-video",
        model="kling-v3",
        span=at(11, 3, 4),
        parameters={"prompt": "push in", "duration": 5, "sound": True},
        wires=(
            Wire("image", MediaType.IMAGE, StepOutput("hero", take=3), at(13, 12, 19)),
            Wire("image_tail", MediaType.IMAGE, lake, at(14, 17, 11)),
        ),
        after=("hero",),
        timeout=600.0,
    )
    me = InputFile("./refs/me.png", os.path.join(root, "refs/me.png"))
    dancer = Step(
        id="dancer",
        kind="motion-control",
        model="",
        span=at(20, 3, 6),
        parameters={"character_orientation": "video"},
        wires=(
            Wire("image", MediaType.IMAGE, me, at(20, 41, 13)),
            Wire("video", MediaType.VIDEO, dance, at(20, 63, 12)),
        ),
    )
    assert read(text).value() == Storyboard(
        path=path,
        name="launch",
        provider="kling",
        steps={"hero": hero, "push": push, "dancer": dancer},
        deliveries=(Delivery("out/push.mp4", StepOutput("push"), at(22, 3, 14)),),
        budget=Budget(
            run=Cap(Decimal(18), "USD", at(8, 15, 6)), take=Cap(Decimal(40), "units", at(8, 29, 8))
        ),
        span=at(1, 1, 1),
        texts={path: bytes_digest(text.encode())},
        inputs={"dance": NamedInput(dance, at(4, 17, 14)), "lake": NamedInput(lake, at(5, 9, 34))},
    )  # fmt: skip


def test_lists_and_masks_become_wires_and_tuples() -> None:
    found = step(
        "  h: {kind: text-to-image, prompt: x}\n"
        "  a:\n    kind: image-to-video\n    image: steps.h\n    prompt: x\n    elements: [321922438904313999, '5']\n"
        "    dynamic_masks:\n      - {mask: ./m.png, trajectories: [{x: 1, y: 2.0}, {x: 3.5, y: 4}]}\n"
    )
    assert found.parameters == {
        "prompt": "x",
        "elements": ("321922438904313999", "5"),
        "dynamic_masks": ({"trajectories": ({"x": 1, "y": 2}, {"x": 3.5, "y": 4})},),
    }
    assert [(wire.field, wire.name) for wire in found.wires] == [
        ("image", "image"), ("dynamic_masks[0].mask", "dynamic_masks.mask"),
    ]  # fmt: skip


def test_references_keep_their_order() -> None:
    found = step("  a: {kind: image-to-image, references: [./b.png, ./a.png], prompt: x}\n")
    assert [(wire.field, wire.reference) for wire in found.wires] == [
        ("references[0]", InputFile("./b.png", os.path.join(root, "b.png"))),
        ("references[1]", InputFile("./a.png", os.path.join(root, "a.png"))),
    ]


def test_places_of_keys_are_found_when_asked_for() -> None:
    reading = read(
        "storyboard: 1\ndefaults:\n  text-to-video: {mode: pro}\nsteps:\n"
        "  a: {kind: text-to-video, shots: [{prompt: one, duration: 3}, {prompt: two, duration: 2}]}\n"
    )
    found = reading.value().steps["a"]
    keys = ("shots", "shots[1].duration", "shots[9].duration", "mode", "kind", "cfg_scale")
    assert {key: (found.span_of(key).line, found.span_of(key).column) for key in keys} == {
        "shots": (5, 28), "shots[1].duration": (5, 88), "shots[9].duration": (5, 28), "mode": (3, 25),
        "kind": (5, 13), "cfg_scale": (5, 3),
    }  # fmt: skip
    assert sorted(found.spans) == ["kind", "mode", "shots"]
    assert found.parameters["duration"] == 5  # the shots say it


@pytest.mark.parametrize(
    ("word", "value"), [("on", True), ("yes", True), ("off", False), ("no", False), ("true", True)]
)
def test_switches_take_words(word: str, value: object) -> None:
    assert step(f"  a: {{kind: text-to-video, prompt: x, sound: {word}}}\n").parameters["sound"] is value


@pytest.mark.parametrize(("text", "seconds"), [("90", 90.0), ("90s", 90.0), ("1.5 m", 90.0), ("1h", 3600.0)])
def test_timeouts(text: str, seconds: float) -> None:
    assert step(f"  a: {{kind: text-to-video, prompt: x, timeout: {text}}}\n").timeout == seconds


def test_an_expression_sees_its_own_step_and_keeps_its_type() -> None:
    found = step(
        "  a: {kind: text-to-video, prompt: '${{ step.id }}', duration: '${{ 3 }}', extra: {x: ['${{ step.id }}']}}\n"
    )
    assert (found.parameters, found.extra) == ({"prompt": "a", "duration": 3}, {"x": ("a",)})


def test_merged_text_keeps_the_place_it_comes_from() -> None:
    reading = read(
        "storyboard: 1\nx-look: &look {mode: por}\nsteps:\n  a: {<<: *look, kind: text-to-video, prompt: x}\n"
    )
    assert [str(problem.span) for problem in reading.problems] == [f"{path}:2:22"]


def test_a_wrong_default_is_told_once() -> None:
    steps = "".join(f"  s{i}: {{kind: text-to-video, prompt: x}}\n" for i in range(50))
    assert codes(f"storyboard: 1\ndefaults: {{text-to-video: {{duration: 99}}}}\nsteps:\n{steps}") == ["2 out-of-range"]


def test_problems_of_all_parts_come_together_in_the_order_of_the_text() -> None:
    text = (
        "storyboard: 1\nname: 5\nsteps:\n  a: {kind: text-to-image, prompt: x, prompt: y}\n"
        "  b: {kind: image-to-video, image: steps.c, prompt: ''}\ndeliver: {a.mp4: steps.a}\n"
    )
    assert codes(text) == ["2 wrong-type", "4 duplicate-key", "5 unknown-step", "5 empty-text", "6 wrong-extension"]


def test_a_step_below_a_wrong_one_has_no_problem_of_its_own() -> None:
    text = (
        "storyboard: 1\ninputs: {up: ../../up.png}\nsteps:\n  a: {kind: painting}\n"
        "  b: {kind: image-to-video, image: steps.a, prompt: x}\n"
        "  c: {kind: image-to-video, image: inputs.up, prompt: x}\ndeliver: {a.mp4: steps.a}\n"
    )
    assert codes(text) == ["2 outside-project", "4 unknown-kind"]


def test_allowed_folders_let_inputs_come_from_outside() -> None:
    text = "storyboard: 1\nsteps:\n  a: {kind: image-to-video, image: ../shared/a.png, prompt: x}\n"
    allowed = Project(root=root, allowed_folders=(os.path.abspath("shared"),))
    assert codes(text) == ["3 outside-project"]
    assert codes(text, allowed) == []
    assert codes(text.replace("shared", "shared-not"), allowed) == ["3 outside-project"]


def test_an_address_with_a_password_is_told_quietly() -> None:
    reading = read(
        "storyboard: 1\nsteps:\n  a: {kind: image-to-video, image: 'https://me:MARKED@example.org/a.png', prompt: x}\n"
    )
    assert [(problem.code, problem.quiet, "MARKED" in str(problem)) for problem in reading.problems] == [
        ("secret-in-file", True, False)
    ]


def test_profiles_and_budget_of_the_project() -> None:
    cap = Cap(Decimal(5), "USD")
    with_studio = Project(root=root, profiles={"studio": Profile("studio", "kling")}, budget=cap)
    text = "storyboard: 1\nprovider: studio\nsteps:\n  a: {kind: text-to-image, prompt: x, provider: kling}\n"
    storyboard = read(text, with_studio).value()
    assert (storyboard.provider, storyboard.steps["a"].provider, storyboard.budget.run) == ("studio", "kling", cap)
    assert codes(text) == ["2 unknown-profile"]


def test_warnings_do_not_stop_a_storyboard() -> None:
    reading = read("storyboard: 1\ninputs: {a: ./a.png}\nsteps:\n  a: {kind: text-to-image, prompt: x}\n")
    assert reading.storyboard is not None
    assert [problem.severity for problem in reading.problems] == [Severity.WARNING]


def test_asking_a_wrong_reading_for_its_value_raises_all_problems() -> None:
    with pytest.raises(TextFailure) as caught:
        read("storyboard: 1\nsteps:\n  a: {kind: x}\n  b: {kind: y}\n").value()
    assert [problem.code for problem in caught.value.problems] == ["unknown-kind", "unknown-kind"]


words = st.sampled_from(
    ["steps.a", "steps.b.last_frame", "inputs.x", "./a.png", "https://a.org/b.png", "${{ vars.v }}", "${{ step.id }}",
     "on", "auto", "5", "", "a", "text-to-image", "9:16", "${{", "18 USD", "pro", "out/a.png", "steps.a[r=1]", "$${{ x"]
)  # fmt: skip
leaves = st.none() | st.booleans() | st.integers(-3, 20) | st.floats(allow_nan=False, allow_infinity=False) | words
inner_keys = st.sampled_from(["prompt", "mask", "type", "path", "duration", "trajectories"])
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | inner_keys, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
step_keys = st.sampled_from([
    "prompt", "image", "image_tail", "video", "references", "duration", "shots", "camera_control", "dynamic_masks",
    "elements", "voices", "takes", "pick", "after", "timeout", "extra", "sound", "mode", "model", "provider", "retries",
])  # fmt: skip
steps = st.builds(
    lambda kind, rest: {"kind": kind, **rest},
    st.sampled_from(list(kinds)) | anything,
    st.dictionaries(step_keys, anything, max_size=5),
)
boards = st.fixed_dictionaries(
    {
        "storyboard": st.just(1),
        "steps": st.dictionaries(st.sampled_from("abc"), steps | anything, max_size=3) | anything,
    },
    optional={
        "vars": st.dictionaries(st.sampled_from(["v", "w"]), anything, max_size=2) | anything,
        "inputs": st.dictionaries(st.sampled_from(["x", "y"]), anything, max_size=2) | anything,
        "defaults": st.dictionaries(st.sampled_from(list(kinds)), anything, max_size=2) | anything,
        "deliver": st.dictionaries(words, anything, max_size=3) | anything,
        "budget": anything,
        "name": anything,
        "provider": anything,
    },
)


@pytest.mark.slow
@given(boards)
@example({"storyboard": 1, "steps": {"b": {"kind": "text-to-video", "sound": []}}})
def test_any_storyboard_is_read_or_refused_with_sentences(board: dict[str, object]) -> None:
    reading = read(json.dumps(board, indent=1))
    assert (reading.storyboard is None) == any(problem.severity is Severity.ERROR for problem in reading.problems)
    for problem in reading.problems:
        assert problem.code
        assert problem.message
        assert not problem.message.endswith(".")
        assert problem.span is not None


def test_reading_does_not_depend_on_the_order_of_steps() -> None:
    first = "  a: {kind: text-to-image, prompt: x}\n"
    second = "  b: {kind: image-to-video, image: steps.a, prompt: x}\n"
    assert codes("storyboard: 1\nsteps:\n" + second + first) == []


def test_a_long_circle_is_told_in_short() -> None:
    steps = "".join(f"  s{i}: {{kind: text-to-image, prompt: x, after: s{(i + 1) % 100}}}\n" for i in range(100))
    path = "`s0` → `s1` → `s2` → `s3` → `s4` → `s5` → 90 more → `s96` → `s97` → `s98` → `s99` → `s0`"
    said = [problem.message for problem in read("storyboard: 1\nsteps:\n" + steps).problems]
    assert said == [f"steps wait for each other: {path}"]
