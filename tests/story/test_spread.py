"""Which members a step has, and which members its wires mean."""

from __future__ import annotations

import os
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kling_pipe.story.axes import file_safe, label_of
from kling_pipe.story.reading import read_storyboard
from kling_pipe.story.storyboard import InputFile, StepOutput, Storyboard
from tests.chances import examples
from tests.projects import project_of

root = os.path.abspath("boards")
axes = "variants: {locale: [en, de], ratio: [9:16, 16:9]}"


def read(text: str) -> Storyboard:
    return read_storyboard("boards/story.yaml", "storyboard: 1\n" + dedent(text), project_of(root)).value()


def lines(storyboard: Storyboard) -> list[str]:
    """Each member with its prompt and what it is wired to."""
    return [
        " ".join([address, "-", str(step.parameters.get("prompt", "")), *map(_wire, step.wires), *_after(step.after)])
        for address, step in storyboard.members.items()
    ]


def _wire(wire: object) -> str:
    reference = wire.reference  # type: ignore[attr-defined]
    if isinstance(reference, StepOutput):
        return f"< {reference.member}{'.' + reference.part if reference.part else ''}"
    assert isinstance(reference, InputFile)
    return f"< {os.path.relpath(reference.path, root)}"


def _after(addresses: tuple[str, ...]) -> list[str]:
    return [f"after {address}" for address in addresses]


cases = {
    "a step that mentions no axis is made once": (
        f"""
        {axes}
        steps:
          hero: {{kind: text-to-image, prompt: a shoe}}
          clip: {{kind: image-to-video, image: steps.hero, prompt: go}}
        """,
        ["hero - a shoe", "clip - go < hero"],
    ),
    "a mention varies a step, and its wires pair equal values": (
        f"""
        {axes}
        steps:
          hero: {{kind: text-to-image, prompt: "${{{{ variant.ratio }}}}"}}
          clip: {{kind: image-to-video, image: steps.hero, prompt: "${{{{ variant.locale }}}}"}}
        """,
        [
            "hero[ratio=9:16] - 9:16",
            "hero[ratio=16:9] - 16:9",
            "clip[locale=en,ratio=9:16] - en < hero[ratio=9:16]",
            "clip[locale=en,ratio=16:9] - en < hero[ratio=16:9]",
            "clip[locale=de,ratio=9:16] - de < hero[ratio=9:16]",
            "clip[locale=de,ratio=16:9] - de < hero[ratio=16:9]",
        ],
    ),
    "defaults, variables of variables and an index mention too": (
        """
        variants: {locale: [en, de]}
        vars: {lines: {en: go, de: los}, line: "${{ vars.lines[variant.locale] }}", said: "say ${{ vars.line }}"}
        defaults: {text-to-image: {negative_prompt: "${{ variant.locale }}"}}
        steps:
          hero: {kind: text-to-image, prompt: a shoe}
          free: {kind: text-to-image, prompt: a shoe, negative_prompt: null}
          clip: {kind: text-to-video, prompt: "${{ vars.said }}"}
        """,
        [
            "hero[locale=en] - a shoe",
            "hero[locale=de] - a shoe",
            "free - a shoe",
            "clip[locale=en] - say go",
            "clip[locale=de] - say los",
        ],
    ),
    "vary adds an axis that nothing mentions": (
        """
        variants: {locale: [en, de]}
        steps:
          hero: {kind: text-to-image, prompt: a shoe, vary: locale}
        """,
        ["hero[locale=en] - a shoe", "hero[locale=de] - a shoe"],
    ),
    "each gives an axis to a step and to what follows from it": (
        """
        vars: {shots: [{id: door, see: a door}, {id: sea, see: the sea}]}
        steps:
          still: {kind: text-to-image, each: {shot: "${{ vars.shots }}"}, prompt: "${{ each.shot.see }}"}
          clip: {kind: image-to-video, image: steps.still, prompt: go}
          line: {kind: text-to-video, prompt: "${{ each.shot.id }}"}
        """,
        [
            "still[shot=door] - a door",
            "still[shot=sea] - the sea",
            "clip[shot=door] - go < still[shot=door]",
            "clip[shot=sea] - go < still[shot=sea]",
            "line[shot=door] - door",
            "line[shot=sea] - sea",
        ],
    ),
    "a pin fixes an axis and does not bring it": (
        f"""
        {axes}
        steps:
          hero: {{kind: text-to-image, prompt: "${{{{ variant.ratio }}}} ${{{{ variant.locale }}}}"}}
          clip: {{kind: image-to-video, image: "steps.hero[ratio=16:9]", prompt: go}}
          lone: {{kind: image-to-video, image: "steps.hero[locale=de,ratio=16:9]", prompt: go}}
        """,
        [
            *[f"hero[locale={a},ratio={b}] - {b} {a}" for a in ("en", "de") for b in ("9:16", "16:9")],
            "clip[locale=en] - go < hero[locale=en,ratio=16:9]",
            "clip[locale=de] - go < hero[locale=de,ratio=16:9]",
            "lone - go < hero[locale=de,ratio=16:9]",
        ],
    ),
    "gather takes all members along an axis, in its order": (
        """
        variants: {ratio: [9:16, 16:9]}
        steps:
          still: {kind: text-to-image, each: {n: [2, 1, 3]}, prompt: "${{ each.n }} ${{ variant.ratio }}"}
          board:
            kind: image-to-image
            model: kling-v3-omni
            gather: [n]
            references: [./logo.png, steps.still]
            prompt: all of them
        """,
        [
            *[f"still[ratio={ratio},n={n}] - {n} {ratio}" for ratio in ("9:16", "16:9") for n in (2, 1, 3)],
            *[
                f"board[ratio={ratio}] - all of them < logo.png"
                + "".join(f" < still[ratio={ratio},n={n}]" for n in (2, 1, 3))
                for ratio in ("9:16", "16:9")
            ],
        ],
    ),
    "combinations are left out and added": (
        """
        variants:
          locale: [en, de]
          ratio: [9:16, 16:9]
          exclude: [{locale: de, ratio: 16:9}]
          include: [{locale: fr, ratio: 1:1}]
        steps:
          a: {kind: text-to-image, prompt: "${{ variant.locale }} ${{ variant.ratio }}"}
          b: {kind: text-to-image, prompt: "${{ variant.ratio }}"}
        """,
        [
            *[f"a[locale={a},ratio={b}] - {a} {b}" for a, b in (("en", "9:16"), ("en", "16:9"), ("de", "9:16"))],
            "a[locale=fr,ratio=1:1] - fr 1:1",
            *[f"b[ratio={b}] - {b}" for b in ("9:16", "16:9", "1:1")],
        ],
    ),
    "what is wired to a member that is left out is left out with it": (
        """
        variants: {locale: [en, de, no]}
        steps:
          a: {kind: text-to-image, prompt: "${{ variant.locale }}", exclude: [{locale: de}]}
          b: {kind: image-to-video, image: steps.a, prompt: go}
          c: {kind: text-to-image, prompt: "${{ variant.locale }}", after: b}
        """,
        [
            "a[locale=en] - en",
            "a[locale=no] - no",
            "b[locale=en] - go < a[locale=en]",
            "b[locale=no] - go < a[locale=no]",
            "c[locale=en] - en after b[locale=en]",
            "c[locale=de] - de",
            "c[locale=no] - no after b[locale=no]",
        ],
    ),
    "inputs vary by their paths": (
        """
        variants: {locale: [en, de]}
        inputs: {logo: "refs/logo-${{ variant.locale }}.png", sea: refs/sea.png}
        steps:
          clip: {kind: image-to-video, image: inputs.logo, prompt: go}
          wave: {kind: image-to-video, image: inputs.sea, prompt: go}
        """,
        [
            "clip[locale=en] - go < refs/logo-en.png",
            "clip[locale=de] - go < refs/logo-de.png",
            "wave - go < refs/sea.png",
        ],
    ),
    "a wire may be an expression": (
        """
        variants: {locale: [en, de]}
        steps:
          hero_en: {kind: text-to-image, prompt: a shoe}
          hero_de: {kind: text-to-image, prompt: ein Schuh}
          clip: {kind: image-to-video, image: "steps.hero_${{ variant.locale }}", prompt: go}
        """,
        [
            "hero_en - a shoe",
            "hero_de - ein Schuh",
            "clip[locale=en] - go < hero_en",
            "clip[locale=de] - go < hero_de",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), cases.values(), ids=cases)
def test_members(text: str, expected: list[str]) -> None:
    assert lines(read(text)) == expected


def test_a_long_chain_that_is_written_from_its_end_brings_its_axes() -> None:
    chain = "".join(
        f"  s{number}: {{kind: image-to-image, image: steps.s{number - 1}, prompt: on}}\n"
        for number in range(600, 0, -1)
    )
    board = read(
        f'variants: {{n: [x]}}\nsteps:\n{chain}  s0: {{kind: text-to-image, prompt: "${{{{ variant.n }}}}"}}\n'
    )
    assert next(iter(board.members)) == "s600[n=x]"
    assert len(board.members) == 601


def test_steps_in_a_circle_keep_the_axes_they_mention() -> None:
    text = """storyboard: 1
variants: {n: [x, y]}
steps:
  a: {kind: image-to-image, image: steps.b, prompt: "${{ variant.n }}"}
  b: {kind: image-to-image, image: steps.a, prompt: on}
"""
    reading = read_storyboard("boards/story.yaml", text, project_of(root))
    assert {problem.code for problem in reading.problems} == {"cycle"}


def test_deliverables_name_their_axes_safely() -> None:
    board = read(
        """
        variants: {locale: [en, de], ratio: [9:16]}
        steps:
          a: {kind: text-to-image, prompt: "${{ variant.locale }} ${{ variant.ratio }}"}
          b: {kind: text-to-image, prompt: a shoe}
        deliver:
          out/${{ variant.locale }}/a-${{ variant.ratio }}.png: steps.a
          out/b-${{ variant.locale }}.png: steps.b
          out/one.png: "steps.a[locale=de,ratio=9:16]"
        """
    )
    assert [(one.path, one.reference.member) for one in board.deliveries if isinstance(one.reference, StepOutput)] == [
        ("out/en/a-9x16.png", "a[locale=en,ratio=9:16]"),
        ("out/de/a-9x16.png", "a[locale=de,ratio=9:16]"),
        ("out/b-en.png", "b"),
        ("out/b-de.png", "b"),
        ("out/one.png", "a[locale=de,ratio=9:16]"),
    ]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("9:16", "9:16"),
        ("New York", "New York"),
        (5, "5"),
        (2.5, "2.5"),
        (True, "true"),
        ({"id": "door", "see": "a door"}, "door"),
        ({"name": "sea"}, "sea"),
        ({"see": "a door"}, "7"),
        ("Hello, world! [again]", "hello-world-again"),
        ("x" * 60, "x" * 48),
        ("日本, 東京", "7"),
    ],
)
def test_values_have_readable_labels(value: object, label: str) -> None:
    assert label_of(value, 7) == label


@pytest.mark.parametrize(
    ("text", "safe"),
    [("9:16", "9x16"), ("a/b", "a-b"), ("..", "-"), ("a: b?", "a- b-"), ("de", "de"), ("Zürich", "Zürich")],
)
def test_axis_values_are_safe_in_file_names(text: str, safe: str) -> None:
    assert file_safe(text) == safe


names = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)


@pytest.mark.slow
@examples(25)
@given(st.dictionaries(st.sampled_from(("x", "y", "z")), names, min_size=1), st.data())
def test_members_are_the_product_of_what_is_mentioned_and_wired(
    values: dict[str, list[str]], data: st.DataObject
) -> None:
    """Every step has one member for each combination of its axes, and is wired to the one that agrees with it."""
    listed = (f"{axis}: [{', '.join(labels)}]" for axis, labels in values.items())
    text = f"variants: {{{', '.join(listed)}}}\nsteps:\n"
    wanted: dict[str, set[str]] = {}
    for number in range(data.draw(st.integers(1, 4))):
        own = data.draw(st.sets(st.sampled_from(sorted(values))))
        above = data.draw(st.sampled_from([None, *wanted]))
        said = " ".join(f"${{{{ variant.{axis} }}}}" for axis in sorted(own))
        kind = "text-to-image" if above is None else f"image-to-image, image: steps.{above}"
        text += f'  s{number}: {{kind: {kind}, prompt: "a {said}"}}\n'
        wanted[f"s{number}"] = own | (wanted[above] if above else set())
    board = read(text)
    for name, step_axes in wanted.items():
        count = 1
        for axis in step_axes:
            count *= len(values[axis])
        members = [step for step in board.members.values() if step.id == name]
        assert len(members) == count
        for step in members:
            here = set(step.address.partition("[")[2].rstrip("]").split(",")) - {""}
            for wire in step.wires:
                assert isinstance(wire.reference, StepOutput)
                assert set(wire.reference.member.partition("[")[2].rstrip("]").split(",")) - {""} <= here


@pytest.mark.slow
def test_ten_thousand_members_show_each_of_fifty_mistakes_at_its_place() -> None:
    """A mistake in an axis's value stands where that value is written, not at the step that looks it up."""
    shots = "".join(
        f'    - {{id: n{number}, seconds: {99 if number % 100 == 7 else 5}, ratio: "9:16"}}\n' for number in range(5000)
    )
    text = f"""storyboard: 1
vars:
  shots:
{shots}steps:
  stills:
    kind: text-to-image
    each: {{shot: "${{{{ vars.shots }}}}"}}
    prompt: a door, number ${{{{ each.shot.id }}}}
    aspect_ratio: ${{{{ each.shot.ratio }}}}
  moves: {{kind: image-to-video, image: steps.stills, prompt: it opens, duration: "${{{{ each.shot.seconds }}}}"}}
"""
    reading = read_storyboard("boards/story.yaml", text, project_of(root))
    assert [(one.code, one.span.line if one.span else 0) for one in reading.problems] == [
        ("out-of-range", 4 + number) for number in range(7, 5000, 100)
    ]


def test_a_mistake_of_a_step_is_told_once_for_all_its_members() -> None:
    text = "storyboard: 1\nvariants: {n: [1, 2, 3]}\nsteps:\n  a: {kind: text-to-image, promt: x, vary: n, takes: 0}\n"
    reading = read_storyboard("boards/story.yaml", text, project_of(root))
    assert [(one.code, one.span.column if one.span else 0) for one in reading.problems] == [
        ("missing-key", 3),
        ("unknown-key", 28),
        ("out-of-range", 54),
    ]
