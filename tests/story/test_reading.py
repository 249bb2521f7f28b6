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
from tests.projects import project_of

path = "boards/launch.yaml"
root = os.path.abspath("boards")
project = project_of(root)


def read(text: str, project: Project = project) -> Reading:
    return read_storyboard(path, text, project)


def step(text: str, name: str = "a") -> Step:
    return read("storyboard: 1\nsteps:\n" + text).value().members[name]


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
        address="hero",
        kind="text-to-image",
        model="",
        span=at(10, 3, 4),
        parameters={"prompt": "A shoe"},
        takes=3,
        pick=2,
    )
    lake = InputUrl("lake", "https://media.example.org/lake.png")
    dance = InputFile("dance", os.path.join(root, "refs/dance.mp4"))
    push = Step(
        address="push",
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
        address="dancer",
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
        provider=("kling",),
        members={"hero": hero, "push": push, "dancer": dancer},
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


elements_and_voices = """\
  mira: {kind: element, name: Mira, description: a botanist, images: [./a.png, ./b.png], voice: steps.narrator}
  otto: {kind: element, name: Otto, description: a cook, video: ./c.mp4, voice: 930801338081615883, tags: [character]}
  narrator: {kind: voice, name: narrator, audio: ./n.wav}
"""


def test_wired_and_written_ids_keep_their_places() -> None:
    found = step(
        elements_and_voices
        + "  a: {kind: omni-video, prompt: '<<<element_3>>>', elements: [steps.mira, 321922438904313999, steps.otto]}\n"
    )
    assert found.parameters == {"prompt": "<<<element_3>>>", "elements": ("", "321922438904313999", "")}
    assert [(wire.field, wire.reference) for wire in found.wires] == [
        ("elements[0]", StepOutput("mira")), ("elements[2]", StepOutput("otto")),
    ]  # fmt: skip


def test_the_name_of_a_step_is_no_part_of_what_it_is_wired_to() -> None:
    text = "  a: {kind: image-to-video, image: ./a.png, prompt: x, sound: on, voices: [steps.narrator]}\n"
    assert step(elements_and_voices + text).parameters["voices"] == ("",)
    renamed = (elements_and_voices + text).replace("narrator,", "speaker,").replace("narrator:", "other:")
    assert step(renamed.replace("steps.narrator", "steps.other")).parameters["voices"] == ("",)


def test_a_voice_is_a_wire_or_an_id() -> None:
    mira, otto = step(elements_and_voices, "mira"), step(elements_and_voices, "otto")
    assert mira.parameters == {"name": "Mira", "description": "a botanist"}
    assert [wire.field for wire in mira.wires] == ["images[0]", "images[1]", "voice"]
    assert otto.parameters == {
        "name": "Otto", "description": "a cook", "voice": "930801338081615883", "tags": ("character",),
    }  # fmt: skip
    assert [wire.field for wire in otto.wires] == ["video"]


def test_the_description_of_an_element_is_a_parameter_and_may_be_a_default() -> None:
    reading = read(
        "storyboard: 1\ndefaults:\n  element: {description: a botanist}\n  text-to-image: {description: x}\nsteps:\n"
        "  a: {kind: element, name: Mira, video: ./a.mp4}\n"
        "  b: {kind: text-to-image, prompt: x, description: the opening}\n"
    )
    assert [str(problem.span) for problem in reading.problems] == [f"{path}:4:19"]
    text = "  a: {kind: element, name: Mira, description: a botanist, video: ./a.mp4}\n"
    assert (step(text).description, step(text).parameters["description"]) == ("", "a botanist")


@pytest.mark.parametrize(
    ("wire", "output"),
    [
        ("steps.series", StepOutput("series", image=1)),
        ("steps.series.images[4]", StepOutput("series", image=4)),
        ("steps.series.takes[2].images[2]", StepOutput("series", take=2, image=2)),
        ("steps.any.images[9]", StepOutput("any", image=9)),
        ("steps.sides.images[9]", StepOutput("sides", image=9)),
        ("steps.parts.images[4]", StepOutput("parts", image=4)),
        ("steps.hero", StepOutput("hero")),
        ("steps.dub.video", None),
        ("steps.clip.audio", None),
    ],
)
def test_one_of_several_pictures(wire: str, output: StepOutput | None) -> None:
    steps = (
        "  hero: {kind: text-to-image, prompt: x}\n"
        "  clip: {kind: text-to-video, prompt: x}\n"
        "  dub: {kind: video-to-audio, video: steps.clip}\n"
        "  series: {kind: image-series, prompt: x, takes: 2}\n"
        "  any: {kind: image-series, prompt: x, series_amount: auto}\n"
        "  sides: {kind: multi-angle, image: steps.hero}\n"
        "  parts: {kind: segment, image: steps.hero}\n"
        f'  a: {{kind: multi-angle, image: "{wire}"}}\n'
    )
    if output is None:
        assert codes("storyboard: 1\nsteps:\n" + steps) == ["10 wrong-media"]
    else:
        assert [found.reference for found in step(steps).wires] == [output]


@pytest.mark.parametrize(("amount", "said"), [("5", ["6 no-such-image"]), ("6", []), ("'${{ vars.count }}'", [])])
def test_the_amount_of_a_series_may_be_a_default_or_an_expression(amount: str, said: list[str]) -> None:
    text = (
        f"storyboard: 1\nvars: {{count: 6}}\ndefaults: {{image-series: {{series_amount: {amount}}}}}\nsteps:\n"
        '  s: {kind: image-series, prompt: x}\n  a: {kind: multi-angle, image: "steps.s.images[6]"}\n'
    )
    assert codes(text) == said


def test_sound_is_taken_from_clips_and_clips_from_dubbing() -> None:
    text = (
        "  clip: {kind: text-to-video, prompt: x}\n"
        "  dub: {kind: video-to-audio, video: steps.clip}\n"
        "  a: {kind: lip-sync, video: steps.dub.video, audio: steps.clip.audio}\n"
        "  b: {kind: avatar, image: steps.clip.first_frame, audio: steps.dub.audio}\n"
    )
    assert [wire.reference for wire in step(text).wires] == [
        StepOutput("dub", part="video"), StepOutput("clip", part="audio"),
    ]  # fmt: skip
    assert [wire.reference for wire in step(text, "b").wires] == [
        StepOutput("clip", part="first_frame"),
        StepOutput("dub"),
    ]


def test_sound_and_one_of_several_pictures_are_delivered() -> None:
    reading = read(
        "storyboard: 1\nsteps:\n"
        "  line: {kind: speech, text: x, voice: oversea_male1}\n"
        "  clip: {kind: text-to-video, prompt: x}\n"
        "  dub: {kind: video-to-audio, video: steps.clip}\n"
        "  days: {kind: image-series, prompt: x}\n"
        "deliver:\n"
        "  a.mp3: steps.line\n  b.wav: steps.dub\n  c.m4a: steps.clip.audio\n  d.mp4: steps.dub.video\n"
        "  e.png: steps.days\n  f.jpg: steps.days.images[2]\n"
    )
    assert [delivery.reference for delivery in reading.value().deliveries] == [
        StepOutput("line"), StepOutput("dub"), StepOutput("clip", part="audio"), StepOutput("dub", part="video"),
        StepOutput("days", image=1), StepOutput("days", image=2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "{kind: text-to-image, prompt: signs such as <<<x>>> and <1>}",
        "{kind: image-to-image, image: ./a.png, references: [./b.png], prompt: <<<image_1>>> <<<image_2>>>}",
        "{kind: omni-video, references: [./a.png], image: ./b.png, image_tail: ./c.png, prompt: <<<image_3>>>}",
        "{kind: omni-video, video: ./a.mp4, prompt: <<<video_1>>>}",
        "{kind: image-to-video, image: ./a.png, prompt: <<<image_1>>> <<<voice_2>>>, sound: on, voices: ['1', '2']}",
        "{kind: edit-elements, edit_mode: addition, video: ./a, references: [./b], prompt: <<<image_1>>><<<video_1>>>}",
        "{kind: expand-image, image: ./a.png, up_expansion_ratio: 1, left_expansion_ratio: 0.5}",
        "{kind: lip-sync, video: ./a.mp4, audio: ./a.mp3, sound_start_time: 1.1, sound_end_time: 3.1}",
        "{kind: text-to-audio, prompt: rain, duration: 3.3}",
        "{kind: speech, text: x, voice: ai_shatang-2, speed: 1.1}",
        "{kind: effects, effect: not_known_here, images: [./a.png, ./b.png]}",
    ],
)
def test_what_is_right_is_taken(text: str) -> None:
    assert codes(f"storyboard: 1\nsteps:\n  a: {text}\n") == []


def test_places_of_keys_are_found_when_asked_for() -> None:
    reading = read(
        "storyboard: 1\ndefaults:\n  text-to-video: {mode: pro}\nsteps:\n"
        "  a: {kind: text-to-video, shots: [{prompt: one, duration: 3}, {prompt: two, duration: 2}]}\n"
    )
    found = reading.value().members["a"]
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
    allowed = project_of(root, allowed_folders=(os.path.abspath("shared"),))
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
    with_studio = project_of(root, profiles={"studio": Profile("studio", "kling")}, budget=cap)
    text = "storyboard: 1\nprovider: studio\nsteps:\n  a: {kind: text-to-image, prompt: x, provider: kling}\n"
    storyboard = read(text, with_studio).value()
    assert (storyboard.provider, storyboard.members["a"].provider, storyboard.budget.run) == (
        ("studio",),
        ("kling",),
        cap,
    )
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
    "images", "audio", "voice", "text", "speed", "edit_mode", "selections", "series_amount", "up_expansion_ratio",
    "sound_end_time", "refer_type", "name", "description", "tags", "effect",
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


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("'sign: <<<element_2>>>'", (5, 20, 15)),
        ("|\n      a sign\n      <<<element_2>>>", (5, 13, 1)),
        ("${{ vars.words }}", (5, 13, 17)),
        ("<<<element_2>>> and <<<element_2>>>", (5, 13, 15)),
    ],
)
def test_a_mention_of_nothing_is_told_once_and_where_it_stands(prompt: str, place: tuple[int, int, int]) -> None:
    reading = read(
        "storyboard: 1\nvars: {words: <<<element_2>>>}\nsteps:\n"
        f"  a:\n    prompt: {prompt}\n    kind: text-to-image\n    elements: [1]\n"
    )
    assert [(problem.code, problem.span) for problem in reading.problems] == [("unknown-mention", at(*place))]


def test_reading_does_not_depend_on_the_order_of_steps() -> None:
    first = "  a: {kind: text-to-image, prompt: x}\n"
    second = "  b: {kind: image-to-video, image: steps.a, prompt: x}\n"
    assert codes("storyboard: 1\nsteps:\n" + second + first) == []


def test_a_long_circle_is_told_in_short() -> None:
    steps = "".join(f"  s{i}: {{kind: text-to-image, prompt: x, after: s{(i + 1) % 100}}}\n" for i in range(100))
    path = "`s0` → `s1` → `s2` → `s3` → `s4` → `s5` → 90 more → `s96` → `s97` → `s98` → `s99` → `s0`"
    said = [problem.message for problem in read("storyboard: 1\nsteps:\n" + steps).problems]
    assert said == [f"steps wait for each other: {path}"]
