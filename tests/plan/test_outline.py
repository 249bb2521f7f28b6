"""What the outline of a storyboard says of its files, axes and deliverables."""

from __future__ import annotations

from kling_pipe.plan.outline import Outline, Role, outline
from kling_pipe.story.reading import read_storyboard
from tests.projects import project_of


def outlined(text: str, **files: str) -> Outline:
    reading = read_storyboard(
        "/project/story.yaml", "storyboard: 1\n" + text, project_of("/project"),
        lambda path: files[path.removeprefix("/project/").removesuffix(".yaml")],
    )  # fmt: skip
    assert reading.document is not None
    return outline(reading.value(), reading.document)


def test_axes_have_the_order_of_the_storyboard_though_no_step_has_all() -> None:
    found = outlined("""\
variants: {locale: [en, de], ratio: [9:16, 1:1]}
steps:
  still: {kind: text-to-image, prompt: "${{ variant.ratio }} ${{ each.shot }}", each: {shot: [a, b]}}
  line: {kind: speech, text: "${{ variant.locale }} ${{ each.shot }}", voice: oversea_male1}
  card: {kind: text-to-image, prompt: "${{ variant.ratio }} ${{ variant.locale }}"}
deliver:
  out/${{ each.shot }}-${{ variant.ratio }}.png: steps.still
  out/card.png: "steps.card[locale=de,ratio=1:1]"
""")
    assert list(found.axes.items()) == [("locale", ("en", "de")), ("ratio", ("9:16", "1:1")), ("shot", ("a", "b"))]
    assert [(step.id, step.members, step.axes) for step in found.steps] == [
        ("still", 4, ("ratio", "shot")), ("line", 4, ("locale", "shot")), ("card", 4, ("locale", "ratio")),
    ]  # fmt: skip
    assert found.members == 12
    assert [(len(one.paths), one.target) for one in found.deliveries] == [
        (4, "steps.still"), (1, "steps.card[locale=de,ratio=1:1]"),
    ]  # fmt: skip


def test_files_are_told_by_what_they_are() -> None:
    found = outlined(
        "include: cast.yaml\nsteps: {b: {use: intro.yaml}}",
        cast="steps: {a: {use: intro.yaml}}",
        intro="fragment: 1\nsteps: {c: {kind: text-to-image, prompt: d}}",
    )
    assert found.files == {
        "/project/story.yaml": Role.STORYBOARD, "/project/cast.yaml": Role.INCLUDED,
        "/project/intro.yaml": Role.FRAGMENT,
    }  # fmt: skip
    assert [step.id for step in found.steps] == ["a", "b"]
