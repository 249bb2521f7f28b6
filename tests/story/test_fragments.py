"""Fragments: steps of another file in the place of a step that uses it, with the values and places they then have."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.errors import Severity, UsageFailure
from kling_pipe.story.reading import Reading, read_storyboard
from kling_pipe.story.storyboard import InputFile, StepOutput, Wire
from kling_pipe.values.media import MediaType
from kling_pipe.values.span import Span
from tests.chances import examples
from tests.projects import project_of

root = os.path.abspath("boards")
project = project_of(root)
story = "boards/films/story.yaml"
intro = "boards/brand/intro.yaml"


def read(text: str, files: Mapping[str, str]) -> Reading:
    def read_file(path: str) -> str:
        if path not in files:
            raise UsageFailure("file-missing", f"there is no file at `{path}`")
        return files[path]

    return read_storyboard(story, "storyboard: 1\n" + text, project, read_file)


def said(reading: Reading) -> list[str]:
    return [f"{problem.span} {problem.code}: {problem.message}" for problem in reading.problems]


whole = """\
fragment: 1
description: a card that comes alive
parameters:
  title: {type: text}
  seconds: {type: number, default: 5}
  hero: {type: image}
  end: {type: image, default: null}
inputs: {logo: logo.png}
steps:
  card:
    kind: image-to-image
    image: with.hero
    references: [inputs.logo, with.hero]
    prompt: A card that says "${{ with.title | upper }}", ${{ with.title }}
  alive:
    kind: image-to-video
    image: steps.card
    image_tail: with.end
    after: [card]
    duration: ${{ with.seconds }}
    prompt: ${{ with.title }}
output: steps.alive
"""


def test_a_fragment_stands_in_the_place_of_the_step_that_uses_it() -> None:
    text = """\
vars: {product: shoe}
steps:
  hero: {kind: text-to-image, prompt: a shoe}
  intro:
    use: ../brand/intro.yaml
    with: {title: "The ${{ vars.product }}", hero: steps.hero}
    takes: 2
    description: the opening
    after: hero
  outro: {kind: extend-video, video: steps.intro}
"""
    reading = read(text, {intro: whole})
    assert said(reading) == []
    board = reading.value()
    assert list(board.members) == ["hero", "intro_card", "intro", "outro"]
    _, card, alive, outro = board.members.values()
    assert card.parameters == {"prompt": 'A card that says "THE SHOE", The shoe'}
    logo = InputFile("intro_logo", f"{root}/brand/logo.png")
    assert [(wire.field, wire.reference) for wire in card.wires] == [
        ("image", StepOutput("hero")), ("references[0]", logo), ("references[1]", StepOutput("hero")),
    ]  # fmt: skip
    assert alive.parameters == {"prompt": "The shoe", "duration": 5}
    assert (alive.takes, alive.description) == (2, "the opening")
    assert alive.after == ("intro_card", "hero")
    assert alive.wires == (Wire("image", MediaType.IMAGE, StepOutput("intro_card"), Span(intro, 17, 12, 10)),)
    assert outro.wires[0].reference == StepOutput("intro")
    assert board.inputs["intro_logo"].reference == logo
    assert list(board.texts) == [story, intro]


def test_each_value_has_the_place_where_it_was_written() -> None:
    text = """\
steps:
  hero: {kind: text-to-image, prompt: a shoe}
  intro: {use: ../brand/intro.yaml, with: {title: Aurora, hero: steps.hero}, takes: 2}
"""
    board = read(text, {intro: whole}).value()
    card, alive = board.members["intro_card"], board.members["intro"]
    assert (card.span, alive.span) == (Span(intro, 10, 3, 4), Span(intro, 15, 3, 5))
    assert card.span_of("image") == Span(story, 4, 65, 10)
    assert alive.span_of("prompt") == Span(story, 4, 51, 6)
    assert alive.span_of("duration") == Span(intro, 5, 36, 1)
    assert alive.span_of("takes") == Span(story, 4, 85, 1)
    assert alive.span_of("after[0]") == Span(intro, 19, 13, 4)


def test_two_uses_are_two_sets_of_steps() -> None:
    text = """\
steps:
  one: {use: ../brand/intro.yaml, with: {title: "a: \\"b\\" 'c'", hero: ./one.png, end: steps.two_card}}
  two: {use: ../brand/intro.yaml, with: {title: two, hero: "https://media.example.org/two.png", seconds: 10}}
"""
    reading = read(text, {intro: whole})
    assert said(reading) == []
    members = reading.value().members
    assert list(members) == ["one_card", "one", "two_card", "two"]
    assert members["one_card"].parameters["prompt"] == 'A card that says "A: "B" \'C\'", a: "b" \'c\''
    assert members["one_card"].wires[0].reference == InputFile("./one.png", f"{root}/films/one.png")
    assert [wire.reference for wire in members["one"].wires] == [StepOutput("one_card"), StepOutput("two_card")]
    assert members["two"].parameters["duration"] == 10


def test_a_fragment_may_use_fragments() -> None:
    card = """\
fragment: 1
parameters: {words: {type: text}, small: {type: switch, default: no}}
steps:
  back: {kind: text-to-image, prompt: a plain wall}
  front: {kind: image-to-image, image: steps.back, prompt: "${{ with.words }} on ${{ with.small }}"}
output: steps.front
"""
    outer = """\
fragment: 1
parameters: {title: {type: text}, clip: {type: video}}
steps:
  start: {use: parts/card.yaml, with: {words: "Here is ${{ with.title }}", small: true}}
  walk: {kind: image-to-video, image: steps.start, image_tail: with.clip.last_frame, prompt: "${{ with.title }}"}
output: walk
"""
    text = """\
vars: {name: Mira}
steps:
  clip: {kind: text-to-video, prompt: a walk}
  intro: {use: ../brand/intro.yaml, with: {title: "${{ vars.name }}", clip: steps.clip}}
"""
    reading = read(text, {intro: outer, "boards/brand/parts/card.yaml": card})
    assert said(reading) == []
    members = reading.value().members
    assert {name: step.parameters["prompt"] for name, step in members.items()} == {
        "clip": "a walk", "intro_start_back": "a plain wall", "intro_start": "Here is Mira on true", "intro": "Mira",
    }  # fmt: skip
    assert members["intro"].wires[1].reference == StepOutput("clip", part="last_frame")


def test_lists_are_indexed_joined_and_wired_whole() -> None:
    fragment = """\
fragment: 1
parameters: {lines: {type: list}, people: {type: list}, look: {type: element}}
steps:
  only:
    kind: multi-image-to-video
    references: ${{ with.people }}
    prompt: ${{ with.lines[1] | trim }}; ${{ with.lines | join(" & ") }}
  also:
    kind: omni-video
    elements: [with.look]
    prompt: <<<element_1>>> walks
output: only
"""
    text = """\
steps:
  intro: {use: ../brand/intro.yaml, with: {lines: [a, " b "], people: [./a.png, ../b.png], look: 321922438904313}}
"""
    reading = read(text, {intro: fragment})
    assert said(reading) == []
    only = reading.value().members["intro"]
    assert only.parameters["prompt"] == "b; a &  b "
    assert [wire.reference for wire in only.wires] == [
        InputFile("./a.png", f"{root}/films/a.png"), InputFile("../b.png", f"{root}/b.png")
    ]  # fmt: skip
    assert only.wires[1].span == Span(story, 3, 81, 8)
    assert reading.value().members["intro_also"].parameters["elements"] == ("321922438904313",)


def test_an_included_file_uses_a_fragment_from_its_own_folder() -> None:
    files = {
        "boards/brand/cast.yaml": "steps: {intro: {use: ./intro.yaml, with: {title: x, hero: ./h.png}}}",
        intro: whole,
    }
    reading = read("include: ../brand/cast.yaml\nsteps: {out: {kind: extend-video, video: steps.intro}}", files)
    assert said(reading) == []
    members = reading.value().members
    assert members["intro_card"].wires[0].reference == InputFile("./h.png", f"{root}/brand/h.png")
    assert list(reading.texts) == [story, "boards/brand/cast.yaml", intro]


def test_a_fragment_with_anchors_is_filled_in_at_each_alias() -> None:
    fragment = """\
fragment: 1
parameters: {title: {type: text}}
x-look: &look {aspect_ratio: 1:1, prompt: &words "${{ with.title }}, frosty"}
steps:
  a: {<<: *look, kind: text-to-image}
  b: {kind: text-to-image, prompt: *words}
output: steps.b
"""
    board = read("steps: {i: {use: ../brand/intro.yaml, with: {title: T}}}", {intro: fragment}).value()
    assert {name: step.parameters for name, step in board.members.items()} == {
        "i_a": {"aspect_ratio": "1:1", "prompt": "T, frosty"}, "i": {"prompt": "T, frosty"},
    }  # fmt: skip


@pytest.mark.slow
def test_fragments_that_multiply_without_end_are_told() -> None:
    files = {}
    for number in range(20):
        uses = "".join(f"  s{index}: {{use: {number + 1}.yaml}}\n" for index in range(10))
        end = "  end: {kind: speech}\noutput: steps.end\n"
        files[f"boards/films/{number}.yaml"] = f"fragment: 1\nsteps:\n{uses}{end}"
    files["boards/films/20.yaml"] = "fragment: 1\nsteps: {a: {kind: text-to-image, prompt: b}}"
    assert said(read("steps: {a: {use: 0.yaml}}", files)) == [
        f"{story}:2:9 too-large: fragments bring more than 10,000 steps"
    ]


def test_a_wrong_use_hinders_no_other_problem_and_brings_none() -> None:
    text = """\
steps:
  intro: {use: ../brand/intr.yaml, with: {title: x}}
  outro: {kind: extend-video, video: steps.intro}
  other: {kind: text-to-image, promt: a}
"""
    assert said(read(text, {})) == [
        f"{story}:3:16 file-missing: there is no file at `boards/brand/intr.yaml`",
        f"{story}:5:3 missing-key: `prompt` is missing",
        f"{story}:5:32 unknown-key: `promt` is not a key here",
    ]


def test_axes_reach_a_fragment_through_its_parameters() -> None:
    """A step that takes nothing of an axis is made once and shared."""
    fragment = """\
fragment: 1
parameters: {title: {type: text}, hero: {type: image}}
inputs: {logo: "logo-${{ variant.ratio }}.png"}
steps:
  back: {kind: text-to-image, prompt: a plain wall}
  card: {kind: image-to-image, image: with.hero, references: [inputs.logo], prompt: "Say ${{ with.title | upper }}"}
  alive: {kind: image-to-video, image: steps.card, image_tail: steps.back, prompt: it moves}
output: steps.alive
"""
    text = """\
variants: {locale: [de, en], ratio: [9:16, 1:1]}
vars: {words: {de: los, en: go}}
steps:
  hero: {kind: text-to-image, prompt: a shoe}
  intro:
    use: ../brand/intro.yaml
    with: {title: "${{ vars.words[variant.locale] }} ${{ each.shot.name }}", hero: steps.hero}
    each: {shot: [{id: one, name: eins}, {id: two, name: zwei}]}
    exclude: [{locale: en, shot: two}]
deliver:
  out/${{ variant.locale }}-${{ variant.ratio }}-${{ each.shot.id }}.mp4: steps.intro
"""
    reading = read(text, {intro: fragment})
    assert said(reading) == []
    board = reading.value()
    members = list(board.members)
    assert [name for name in members if "[" not in name] == ["hero", "intro_back"]
    assert len([name for name in members if name.startswith("intro_card[")]) == 8
    assert len([name for name in members if name.startswith("intro[")]) == len(board.deliveries) == 6
    card = board.members["intro_card[locale=de,ratio=9:16,shot=two]"]
    assert card.parameters["prompt"] == "Say LOS ZWEI"
    assert card.wires[1].reference == InputFile("intro_logo[ratio=9:16]", f"{root}/brand/logo-9:16.png")
    assert board.members["intro[locale=en,ratio=1:1,shot=one]"].wires[0].reference == StepOutput(
        "intro_card[locale=en,ratio=1:1,shot=one]"
    )


plain = st.none() | st.booleans() | st.integers(-2, 9) | st.sampled_from(
    ["", "x", "steps.a", "steps.b.takes[9]", "inputs.i", "with.p", "with.p.last_frame", "${{ with.p }}", "${{ with }}",
     "${{ with.p.q | upper }} ${{ vars.v }}", "${{ vars.v", "./a.png", "../../../a.png", "f.yaml", "story.yaml",
     "text-to-image", "image-to-video", "image", "text"]
)  # fmt: skip
names = st.sampled_from(
    ["use", "with", "kind", "image", "prompt", "references", "after", "takes", "p", "a", "b", "type", "default", "vary"]
)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)


@pytest.mark.slow
@given(
    steps=st.dictionaries(names, anything, max_size=3),
    inner=st.dictionaries(names, anything, max_size=3),
    parameters=st.dictionaries(names, anything, max_size=2),
    given_values=st.dictionaries(names, anything, max_size=2),
    include=anything,
)
@examples(25)
def test_whatever_the_files_hold_is_read_or_told(
    steps: object, inner: object, parameters: object, given_values: object, include: object
) -> None:
    use = {"use": "f.yaml", "with": given_values}
    main = {"include": include, "vars": {"v": "w"}, "steps": {"u": use, **dict(steps)}}  # type: ignore[call-overload]
    fragment = {"fragment": 1, "parameters": parameters, "steps": inner, "output": "a"}
    files = {"boards/films/f.yaml": json.dumps(fragment), "boards/films/a.png": json.dumps(main)}
    text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in main.items())
    reading = read(text, files)
    assert (reading.storyboard is None) == any(problem.severity is Severity.ERROR for problem in reading.problems)
    assert {problem.span.path for problem in reading.problems if problem.span} <= set(reading.texts)
